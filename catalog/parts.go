package catalog

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/multi"
)

const (
	// maxChunk is the most parts of a chunk.
	maxChunk = 4096
	// maxInline is the most parts that a manifest holds itself.
	maxInline = 64
)

// Part is a file of a table, or a folder of files that somebody else owns.
type Part struct {
	Path   string    // below the warehouse's folder, or absolute
	Values []*string `json:",omitempty"` // of the partition columns, as text; nil is NULL
	Folder bool      `json:",omitempty"`
	Rows   int64     `json:",omitempty"`
	Bytes  int64     `json:",omitempty"`
	Sum    uint32    `json:",omitempty"` // CRC-32C of the file; 0 = not known
	Cols   FileStats `json:",omitempty"`

	keys []multi.Value
}

// Parts are a table's parts, in the order of their partition values. They never change.
type Parts struct {
	Chunks []*Chunk `json:",omitempty"`

	dir string // where the chunks' files are
}

// Chunk is up to 4,096 parts that follow each other.
type Chunk struct {
	File  string                 `json:",omitempty"` // in _skep/t; "" = the manifest holds List
	N     int                    // parts
	Rows  int64                  `json:",omitempty"`
	Bytes int64                  `json:",omitempty"`
	Keys  []chunkKeys            `json:",omitempty"` // by partition column
	First Part                   // the first of them, without statistics
	Cols  map[string]ColumnStats `json:",omitempty"` // what is known of the columns in all of them; nil = nothing
	List  []Part                 `json:",omitempty"`

	mu     sync.Mutex
	loaded []Part
}

// chunkKeys are the values of a partition column in a chunk.
type chunkKeys struct {
	Min, Max *string `json:",omitempty"` // nil: only NULLs
	Nulls    bool    `json:",omitempty"`
}

// Len gives the number of parts.
func (p *Parts) Len() int {
	n := 0
	for _, c := range p.Chunks {
		n += c.N
	}
	return n
}

// Rows gives the number of rows, 0 where it is not known.
func (p *Parts) Rows() int64 {
	n := int64(0)
	for _, c := range p.Chunks {
		n += c.Rows
	}
	return n
}

// Bytes gives the size of all files.
func (p *Parts) Bytes() int64 {
	n := int64(0)
	for _, c := range p.Chunks {
		n += c.Bytes
	}
	return n
}

// parts gives the chunk's parts.
func (c *Chunk) parts(dir string, cols []Column) ([]Part, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded != nil {
		return c.loaded, nil
	}
	list := c.List
	if c.File != "" {
		list = nil
		if err := unseal(filepath.Join(dir, c.File), &list); err != nil {
			return nil, err
		}
	}
	for i := range list {
		if err := list[i].parse(cols); err != nil {
			return nil, err
		}
	}
	c.loaded = list
	return list, nil
}

func (p *Part) parse(cols []Column) error {
	if p.keys != nil || len(cols) == 0 {
		return nil
	}
	for i, c := range cols {
		var text *string
		if i < len(p.Values) {
			text = p.Values[i]
		}
		v, err := multi.ParseValue(c.Field, text)
		if err != nil {
			return err
		}
		p.keys = append(p.keys, v)
	}
	return nil
}

// All gives all parts of a table.
func (t *Table) All() ([]Part, error) {
	var out []Part
	for _, c := range t.Parts.Chunks {
		list, err := c.parts(t.Parts.dir, t.Partitions)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// In gives the parts that may have the values of one of within, in order; all of a table without partition columns.
func (t *Table) In(within []Part) ([]Part, error) {
	if len(t.Partitions) == 0 {
		return t.All()
	}
	within = slices.Clone(within)
	for i := range within {
		if err := within[i].parse(t.Partitions); err != nil {
			return nil, err
		}
	}
	var out []Part
	for _, c := range t.Parts.Chunks {
		ok, err := c.holds(t.Partitions, within)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		list, err := c.parts(t.Parts.dir, t.Partitions)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Swap gives the table's parts with some in the place of others; false: not all of those are there.
func (t *Table) Swap(gone, add []Part) (Parts, bool, error) {
	paths := map[string]bool{}
	for i := range gone {
		paths[gone[i].Path] = true
	}
	found := 0
	out, err := t.Edit(func(p *Part) bool {
		if paths[p.Path] {
			found++
		}
		return paths[p.Path]
	}, gone, add)
	return out, found == len(gone), err
}

// comparePart orders parts by their partition values, NULL first, then by path.
func comparePart(cols []Column, a, b *Part) int {
	for i, c := range cols {
		if d := multi.CompareValues(c.Type, a.keys[i], b.keys[i]); d != 0 {
			return d
		}
	}
	return strings.Compare(a.Path, b.Path)
}

// Edit gives the table's parts without those for which drop says so (nil: none), and with add. The parts to drop have the values of one of
// within, unless that is nil. Chunks that nothing falls into stay as they are.
func (t *Table) Edit(drop func(*Part) bool, within, add []Part) (Parts, error) {
	cols := t.Partitions
	for _, list := range [][]Part{within, add} {
		for i := range list {
			if err := list[i].parse(cols); err != nil {
				return Parts{}, err
			}
		}
	}
	add = slices.Clone(add)
	slices.SortFunc(add, func(a, b Part) int { return comparePart(cols, &a, &b) })
	out := Parts{dir: t.Parts.dir}
	for k, c := range t.Parts.Chunks {
		mine := add
		if k+1 < len(t.Parts.Chunks) { // what sorts before the next chunk's first part
			next := t.Parts.Chunks[k+1].First
			if err := next.parse(cols); err != nil {
				return Parts{}, err
			}
			n, _ := slices.BinarySearchFunc(add, &next, func(a Part, b *Part) int { return cmp.Or(comparePart(cols, &a, b), -1) })
			mine = add[:n]
		}
		add = add[len(mine):]
		touched := drop != nil
		if touched && within != nil && len(cols) > 0 {
			var err error
			if touched, err = c.holds(cols, within); err != nil {
				return Parts{}, err
			}
		}
		if len(mine) == 0 && !touched {
			out.Chunks = append(out.Chunks, c)
			continue
		}
		list, err := c.parts(t.Parts.dir, cols)
		if err != nil {
			return Parts{}, err
		}
		kept := make([]Part, 0, len(list)+len(mine))
		for _, p := range list {
			if drop == nil || !drop(&p) {
				kept = append(kept, p)
			}
		}
		if len(kept) == len(list) && len(mine) == 0 {
			out.Chunks = append(out.Chunks, c)
			continue
		}
		kept = append(kept, mine...)
		slices.SortFunc(kept, func(a, b Part) int { return comparePart(cols, &a, &b) })
		out.cut(cols, kept)
	}
	out.cut(cols, add)
	return out, nil
}

// holds tells whether the chunk may have a part with the values of one of some parts.
func (c *Chunk) holds(cols []Column, some []Part) (bool, error) {
	if len(c.Keys) != len(cols) {
		return true, nil
	}
	lo, hi, err := c.bounds(cols)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(some, func(p Part) bool {
		for i, col := range cols {
			v := p.keys[i]
			if v.Null && !c.Keys[i].Nulls || !v.Null && (lo[i].Null || multi.CompareValues(col.Type, v, lo[i]) < 0 || multi.CompareValues(col.Type, v, hi[i]) > 0) {
				return false
			}
		}
		return true
	}), nil
}

// bounds gives the ranges of the partition columns.
func (c *Chunk) bounds(cols []Column) (lo, hi []multi.Value, err error) {
	lo, hi = make([]multi.Value, len(cols)), make([]multi.Value, len(cols))
	for i, col := range cols {
		if lo[i], err = multi.ParseValue(col.Field, c.Keys[i].Min); err != nil {
			return nil, nil, err
		}
		if hi[i], err = multi.ParseValue(col.Field, c.Keys[i].Max); err != nil {
			return nil, nil, err
		}
	}
	return lo, hi, nil
}

// cut adds parts as chunks.
func (p *Parts) cut(cols []Column, list []Part) {
	for len(list) > 0 {
		n := len(list)
		if n > maxChunk {
			n = max(maxChunk/2, min(maxChunk, n-maxChunk/2)) // so that no chunk is so full that the next part splits it
		}
		p.Chunks = append(p.Chunks, newChunk(cols, list[:n:n]))
		list = list[n:]
	}
}

func newChunk(cols []Column, list []Part) *Chunk {
	c := &Chunk{N: len(list), First: list[0], loaded: list, Keys: make([]chunkKeys, len(cols)), Cols: statsOf(list)}
	c.First.Cols = ""
	lo, hi := make([]multi.Value, len(cols)), make([]multi.Value, len(cols))
	for i := range list {
		c.Rows += list[i].Rows
		c.Bytes += list[i].Bytes
		for k, col := range cols {
			v, key := list[i].keys[k], &c.Keys[k]
			if v.Null {
				key.Nulls = true
				continue
			}
			if key.Min == nil || multi.CompareValues(col.Type, v, lo[k]) < 0 {
				key.Min, lo[k] = list[i].Values[k], v
			}
			if key.Max == nil || multi.CompareValues(col.Type, v, hi[k]) > 0 {
				key.Max, hi[k] = list[i].Values[k], v
			}
		}
	}
	return c
}

// store writes the chunks that are not written yet.
func (p *Parts) store(put func(any) (string, error)) error {
	small := p.Len() <= maxInline
	p.Chunks = slices.Clone(p.Chunks) // other versions of the table have the same slice
	for i, c := range p.Chunks {
		c.mu.Lock()
		list, file := c.loaded, c.File
		c.mu.Unlock()
		if file != "" || list == nil {
			continue
		}
		own := &Chunk{N: c.N, Rows: c.Rows, Bytes: c.Bytes, Keys: c.Keys, Cols: c.Cols, First: c.First, loaded: list}
		if small {
			own.List = list
		} else {
			var err error
			if own.File, err = put(list); err != nil {
				return err
			}
		}
		p.Chunks[i] = own
	}
	return nil
}

// Select gives the parts that may have rows that meet all conditions, which number the data columns first and then the partition columns.
func (t *Table) Select(preds []storage.Pred) ([]Part, error) {
	var out []Part
	base := len(t.Columns)
	data, ts := make([]types.Type, base), make([]types.Type, len(t.Partitions))
	for i, c := range t.Columns {
		data[i] = c.Type
	}
	for i, c := range t.Partitions {
		ts[i] = c.Type
	}
	for _, c := range t.Parts.Chunks {
		if !t.mayMeet(preds, data, c.Rows, c.Cols) {
			continue
		}
		if ok, err := c.may(t.Partitions, ts, preds, base); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		list, err := c.parts(t.Parts.dir, t.Partitions)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if multi.MayMeet(preds, base, ts, p.keys, p.keys, nil) && t.mayMeet(preds, data, p.Rows, p.Cols.columns()) {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// may tells whether a part of the chunk may have rows that meet all conditions.
func (c *Chunk) may(cols []Column, ts []types.Type, preds []storage.Pred, base int) (bool, error) {
	if len(c.Keys) != len(cols) || len(cols) == 0 {
		return true, nil
	}
	lo, hi, err := c.bounds(cols)
	if err != nil {
		return false, err
	}
	nulls := make([]bool, len(cols))
	for i := range cols {
		nulls[i] = c.Keys[i].Nulls
	}
	return multi.MayMeet(preds, base, ts, lo, hi, nulls), nil
}
