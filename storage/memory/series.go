package memory

import (
	"context"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Series is a table of one BIGINT column: First, First+Step, … Count values, made as they are read.
type Series struct {
	Name        string
	First, Step int64
	Count       int64
}

// Schema gives the column.
func (s *Series) Schema() []storage.Column {
	return []storage.Column{{Field: types.Field{Name: s.Name, Type: types.TBigInt, NotNull: true}}}
}

// Stats is exact.
func (s *Series) Stats() *storage.Stats {
	c := storage.ColStats{Distinct: s.Count}
	if s.Count > 0 {
		last := s.First + s.Step*(s.Count-1)
		c.HasRange, c.Tight = true, true
		c.Min.I, c.Max.I = min(s.First, last), max(s.First, last)
	}
	return &storage.Stats{Rows: s.Count, Exact: true, Cols: []storage.ColStats{c}}
}

// Scan gives the values.
func (s *Series) Scan(_ context.Context, sc *storage.Scan) (storage.Source, error) {
	return &seriesSource{s: s, scan: sc}, nil
}

type seriesSource struct {
	s    *Series
	scan *storage.Scan
	next atomic.Int64 // the next morsel
}

func (s *seriesSource) Progress() (int64, int64) { return 0, 0 }
func (s *seriesSource) Close() error             { return nil }

func (s *seriesSource) Cursor() (storage.Cursor, error) {
	c := &seriesCursor{src: s, size: s.scan.BatchSize}
	if c.size <= 0 {
		c.size = vec.BatchSize
	}
	for _, r := range s.scan.Refine {
		c.refine = append(c.refine, r.New())
	}
	for range s.scan.Columns {
		c.batch.Cols = append(c.batch.Cols, &c.col)
	}
	return c, nil
}

type seriesCursor struct {
	src     *seriesSource
	refine  []func(*vec.Batch, []int32) ([]int32, error)
	size    int
	at, end int64
	col     vec.Vector
	batch   vec.Batch
	sel     []int32
}

func (c *seriesCursor) Close() error { return nil }

// Next gives the next values of which some are left.
func (c *seriesCursor) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.at >= c.end {
			m := c.src.next.Add(1) - 1
			c.at = m * ChunkRows
			total := c.src.s.Count
			if limit := c.src.scan.Limit; limit > 0 {
				total = min(total, limit)
			}
			if c.at >= total {
				return nil, nil
			}
			c.end = min(c.at+ChunkRows, total)
			c.batch.Morsel, c.batch.Seq = m, -1
		}
		if ok, err := c.fill(); err != nil || ok {
			return &c.batch, err
		}
	}
}

func (c *seriesCursor) fill() (bool, error) {
	n := int(min(int64(c.size), c.end-c.at))
	c.col.Reset(types.TBigInt, n)
	x := c.src.s.First + c.at*c.src.s.Step
	for i, step := 0, c.src.s.Step; i < n; i++ {
		vec.Values[int64](&c.col)[i] = x
		x += step
	}
	c.at += int64(n)
	c.batch.N, c.batch.Sel = n, nil
	c.batch.Seq++
	if len(c.refine) == 0 {
		return true, nil
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
