// Package memory is a table whose rows lie in memory: temporary tables, the tables of a session without a warehouse, and data that a Go
// program registers.
//
// A Table is an immutable snapshot: appending gives a new one that shares the old one's chunks.
package memory

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// ChunkRows is the most rows of a chunk: a morsel.
const ChunkRows = 1 << 16

// Chunk is some rows: flat vectors of equal length that never change.
type Chunk struct {
	Rows int
	Cols []*vec.Vector
}

// Table is rows in memory.
type Table struct {
	cols   []storage.Column
	chunks []Chunk
	stats  *storage.Stats
}

// New makes a table of chunks.
func New(fields []types.Field, chunks []Chunk) *Table {
	t := &Table{chunks: chunks}
	for _, f := range fields {
		t.cols = append(t.cols, storage.Column{Field: f})
	}
	t.stats = t.measure()
	return t
}

// Append gives a table with more chunks.
func (t *Table) Append(more []Chunk) *Table {
	n := &Table{cols: t.cols, chunks: append(t.chunks[:len(t.chunks):len(t.chunks)], more...)}
	n.stats = n.measure()
	return n
}

// Renamed gives the same rows under other names.
func (t *Table) Renamed(fields []types.Field) *Table {
	n := &Table{chunks: t.chunks, stats: t.stats}
	for _, f := range fields {
		n.cols = append(n.cols, storage.Column{Field: f})
	}
	return n
}

// Schema gives the columns.
func (t *Table) Schema() []storage.Column { return t.cols }

// Stats gives the exact number of rows and the exact ranges of columns that are machine words.
func (t *Table) Stats() *storage.Stats { return t.stats }

func (t *Table) measure() *storage.Stats {
	s := &storage.Stats{Exact: true, Cols: make([]storage.ColStats, len(t.cols))}
	for _, c := range t.chunks {
		s.Rows += int64(c.Rows)
	}
	for i := range t.cols {
		s.Cols[i] = t.column(i)
	}
	return s
}

func (t *Table) column(i int) storage.ColStats {
	st := storage.ColStats{Distinct: -1}
	p := t.cols[i].Type.Phys()
	for _, c := range t.chunks {
		v := c.Cols[i]
		if v.Valid != nil {
			st.Nulls += int64(c.Rows - v.Valid.Count(c.Rows))
		}
		if p > types.PI64 {
			continue
		}
		lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
		switch p {
		case types.PBool:
			lo, hi = rangeOf[uint8](v, c.Rows)
		case types.PI32:
			lo, hi = rangeOf[int32](v, c.Rows)
		case types.PI64:
			lo, hi = rangeOf[int64](v, c.Rows)
		}
		if lo > hi {
			continue
		}
		if !st.HasRange {
			st.HasRange, st.Tight = true, true
			st.Min.I, st.Max.I = lo, hi
		}
		st.Min.I, st.Max.I = min(st.Min.I, lo), max(st.Max.I, hi)
	}
	return st
}

// rangeOf gives the least and the greatest of the n values of v, a flat vector; lo > hi where all are NULL.
func rangeOf[T uint8 | int32 | int64](v *vec.Vector, n int) (lo, hi int64) {
	vals := vec.Values[T](v)[:n]
	lo, hi = math.MaxInt64, math.MinInt64
	for k, x := range vals {
		if v.Valid == nil || v.Valid.Get(k) {
			lo, hi = min(lo, int64(x)), max(hi, int64(x))
		}
	}
	return lo, hi
}

// Scan gives the rows chunk by chunk.
func (t *Table) Scan(_ context.Context, s *storage.Scan) (storage.Source, error) {
	return &source{t: t, s: s}, nil
}

type source struct {
	t    *Table
	s    *storage.Scan
	next atomic.Int64
	rows atomic.Int64
}

func (s *source) Cursor() (storage.Cursor, error) {
	c := &cursor{src: s, chunk: -1}
	for _, r := range s.s.Refine {
		c.refine = append(c.refine, r.New())
	}
	c.size = s.s.BatchSize
	if c.size <= 0 {
		c.size = vec.BatchSize
	}
	c.batch.Cols = make([]*vec.Vector, len(s.s.Columns))
	for i := range c.batch.Cols {
		c.batch.Cols[i] = &vec.Vector{}
	}
	return c, nil
}

func (s *source) Progress() (int64, int64) { return 0, 0 }
func (s *source) Close() error             { return nil }

type cursor struct {
	src    *source
	refine []func(*vec.Batch, []int32) ([]int32, error)
	chunk  int
	at     int
	size   int
	batch  vec.Batch
	sel    []int32
}

func (c *cursor) Close() error { return nil }

// Next gives the next batch in which some row is left.
func (c *cursor) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if limit := c.src.s.Limit; limit > 0 && c.src.rows.Load() >= limit {
			return nil, nil
		}
		t := c.src.t
		if c.chunk < 0 || c.at >= t.chunks[c.chunk].Rows {
			c.chunk, c.at = int(c.src.next.Add(1)-1), 0
			if c.chunk >= len(t.chunks) {
				c.chunk = -1
				return nil, nil
			}
			c.batch.Morsel, c.batch.Seq = int64(c.chunk), -1
		}
		ok, err := c.fill(&t.chunks[c.chunk])
		if err != nil || ok {
			return &c.batch, err
		}
	}
}

// fill makes the batch at c.at and tells whether a row of it is left.
func (c *cursor) fill(ch *Chunk) (bool, error) {
	n := min(c.size, ch.Rows-c.at)
	for i, col := range c.src.s.Columns {
		c.batch.Cols[i].Slice(ch.Cols[col], c.at, n)
	}
	c.at += n
	c.batch.N, c.batch.Sel = n, nil
	c.batch.Seq++
	if len(c.refine) == 0 {
		c.src.rows.Add(int64(n))
		return n > 0, nil
	}
	sel := append(c.sel[:0], vec.Identity(n)...)
	c.sel = sel
	for _, f := range c.refine {
		var err error
		if sel, err = f(&c.batch, sel); err != nil || len(sel) == 0 {
			return false, err
		}
	}
	if len(sel) < n {
		c.batch.Sel = sel
	}
	return true, nil
}

// Appender collects rows into chunks. It belongs to one goroutine.
type Appender struct {
	types []types.Type
	cols  []*vec.Builder
	size  int // of the chunks cut

	morsel int64
	chunks []cutChunk
}

// cutChunk is a chunk with the morsel that its rows come from.
type cutChunk struct {
	morsel int64
	Chunk
}

// NewAppender makes an appender for rows of the given columns.
func NewAppender(fields []types.Field) *Appender {
	a := &Appender{morsel: -1}
	for _, f := range fields {
		a.types = append(a.types, f.Type)
	}
	return a
}

// Write adds a batch to the chunk of the batches before.
func (a *Appender) Write(b *vec.Batch) { a.write(b) }

// WriteMorsel is Write, but a chunk has rows of one morsel only: see Merge.
func (a *Appender) WriteMorsel(b *vec.Batch) {
	if b.Morsel != a.morsel {
		a.cut()
		a.morsel = b.Morsel
	}
	a.write(b)
}

func (a *Appender) write(b *vec.Batch) {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	if a.cols == nil {
		for _, t := range a.types {
			b := vec.NewBuilder(t)
			if n := len(a.chunks); n > 0 && a.chunks[n-1].Rows > ChunkRows-vec.BatchSize {
				b.Reserve(ChunkRows) // as full as the one before, most likely
			}
			a.cols = append(a.cols, b)
		}
	}
	for i, c := range a.cols {
		c.Append(b.Cols[i], sel)
	}
	if len(a.cols) > 0 && a.cols[0].Len() > ChunkRows-vec.BatchSize {
		a.cut()
	}
}

func (a *Appender) cut() {
	if len(a.cols) == 0 || a.cols[0].Len() == 0 {
		return
	}
	ch := Chunk{Rows: a.cols[0].Len()}
	for _, c := range a.cols {
		v := c.Vector()
		ch.Cols = append(ch.Cols, v)
		a.size += v.Size()
	}
	a.chunks = append(a.chunks, cutChunk{a.morsel, ch})
	a.cols = nil
}

// Size gives the bytes held.
func (a *Appender) Size() int {
	n := a.size
	for _, c := range a.cols {
		n += c.Size()
	}
	return n
}

// Chunks gives what was written and ends the appender.
func (a *Appender) Chunks() []Chunk { return Merge([]*Appender{a}) }

// Merge gives the chunks of several appenders in the order of their morsels, small ones joined, and ends the appenders.
func Merge(as []*Appender) []Chunk {
	var cut []cutChunk
	for _, a := range as {
		a.cut()
		cut = append(cut, a.chunks...)
		a.chunks = nil
	}
	slices.SortStableFunc(cut, func(a, b cutChunk) int { return cmp.Compare(a.morsel, b.morsel) })
	var out []Chunk
	for len(cut) > 0 {
		n, rows := 1, cut[0].Rows
		for n < len(cut) && rows+cut[n].Rows <= ChunkRows/4 {
			rows += cut[n].Rows
			n++
		}
		out = append(out, joined(cut[:n], rows))
		cut = cut[n:]
	}
	return out
}

// joined makes one chunk of several.
func joined(cut []cutChunk, rows int) Chunk {
	if len(cut) == 1 {
		return cut[0].Chunk
	}
	ch := Chunk{Rows: rows}
	for i, v := range cut[0].Cols {
		b := vec.NewBuilder(v.Type)
		b.Reserve(rows)
		for _, c := range cut {
			b.Append(c.Cols[i], nil)
		}
		ch.Cols = append(ch.Cols, b.Vector())
	}
	return ch
}
