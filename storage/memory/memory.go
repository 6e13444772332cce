// Package memory is a table whose rows lie in memory: temporary tables, the tables of a session without a warehouse, and data that a Go
// program registers.
//
// A Table is an immutable snapshot: appending gives a new one that shares the old one's chunks.
package memory

import (
	"context"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
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
		for k := range c.Rows {
			if v.IsNull(k) {
				continue
			}
			x := int64(kernel.Int128At(v, k).Lo)
			if !st.HasRange {
				st.HasRange, st.Tight = true, true
				st.Min.I, st.Max.I = x, x
			}
			st.Min.I, st.Max.I = min(st.Min.I, x), max(st.Max.I, x)
		}
	}
	return st
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

// Appender collects rows into chunks.
type Appender struct {
	types  []types.Type
	cols   []*vec.Builder
	chunks []Chunk
}

// NewAppender makes an appender for rows of the given columns.
func NewAppender(fields []types.Field) *Appender {
	a := &Appender{}
	for _, f := range fields {
		a.types = append(a.types, f.Type)
	}
	a.fresh()
	return a
}

func (a *Appender) fresh() {
	a.cols = nil
	for _, t := range a.types {
		a.cols = append(a.cols, vec.NewBuilder(t))
	}
}

// Write adds a batch.
func (a *Appender) Write(b *vec.Batch) error {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for i, c := range a.cols {
		c.Append(b.Cols[i], sel)
	}
	if len(a.cols) > 0 && a.cols[0].Len() >= ChunkRows {
		a.cut()
	}
	return nil
}

func (a *Appender) cut() {
	if len(a.cols) == 0 || a.cols[0].Len() == 0 {
		return
	}
	ch := Chunk{Rows: a.cols[0].Len()}
	for _, c := range a.cols {
		ch.Cols = append(ch.Cols, c.Vector())
	}
	a.chunks = append(a.chunks, ch)
	a.fresh()
}

// Size gives the bytes held.
func (a *Appender) Size() int {
	n := 0
	for _, c := range a.chunks {
		for _, v := range c.Cols {
			n += v.Size()
		}
	}
	for _, c := range a.cols {
		n += c.Size()
	}
	return n
}

// Chunks gives what was written and ends the appender.
func (a *Appender) Chunks() []Chunk {
	a.cut()
	return a.chunks
}
