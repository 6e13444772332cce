package parquet

import (
	"context"
	"os"
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

const (
	// morselRows is the most rows of a morsel, where pages allow a row group to be split.
	morselRows = 131_072
	// splitPage is the most rows of a page that makes splitting worth while: a page on the border is decompressed twice.
	splitPage = 32_768
)

// rows is a range of rows of a row group.
type rows struct{ from, to int64 }

// morsel is a part of a row group: the rows in spans.
type morsel struct {
	group int
	spans []rows
	bytes int64
}

// source hands out the morsels of a scan.
type source struct {
	t       *table
	scan    *storage.Scan
	batch   int
	h       *os.File
	once    sync.Once
	err     error
	morsels []morsel
	total   atomic.Int64
	next    atomic.Int64
	done    atomic.Int64
	lost    atomic.Int64
	noted   atomic.Bool
}

func (t *table) Scan(_ context.Context, s *storage.Scan) (storage.Source, error) {
	for _, c := range s.Columns {
		if c < 0 || c >= len(t.columns) {
			return nil, sqlerr.New(sqlerr.Internal, "column %d of %d", c, len(t.columns))
		}
	}
	src := &source{t: t, scan: s, batch: s.BatchSize}
	if src.batch <= 0 {
		src.batch = vec.BatchSize
	}
	h, err := t.file.Open()
	if err != nil {
		return nil, err
	}
	if info, err := h.Stat(); err != nil || info.Size() != t.size {
		h.Close()
		return nil, sqlerr.New(sqlerr.IO, "%s has changed since it was opened", t.path)
	}
	src.h = h
	return src, nil
}

func (s *source) Progress() (done, total int64) { return s.done.Load(), s.total.Load() }

func (s *source) Close() error {
	if n := s.lost.Load(); n > 0 && !s.noted.Swap(true) {
		s.scan.Env.Notef(plural(n, "timestamp") + " of " + s.t.path + " cut to microseconds")
	}
	return s.h.Close()
}

// plan makes the list of morsels.
func (s *source) plan() {
	defer recoverTo(&s.err, s.t.path)
	p := &pruner{t: s.t, h: s.h}
	limit := s.scan.Limit
	leaves := s.leaves()
	for g := range s.t.meta.groups {
		group := &s.t.meta.groups[g]
		if group.rows == 0 || !p.keep(g, s.scan.Prune) {
			continue
		}
		spans := p.spans(g, s.scan.Prune)
		if limit > 0 {
			spans, limit = cut(spans, limit)
		}
		var bytes int64
		for _, l := range leaves {
			bytes += group.chunks[l.index].compressed
		}
		s.total.Add(bytes)
		s.split(g, spans, bytes, s.splittable(g, leaves))
		if s.scan.Limit > 0 && limit == 0 {
			break
		}
	}
}

func (s *source) leaves() (out []*leaf) {
	for _, c := range s.scan.Columns {
		out = append(out, s.t.root.kids[c].leaves...)
	}
	return out
}

// cut keeps the first limit rows and tells how many more are wanted.
func cut(spans []rows, limit int64) ([]rows, int64) {
	for i := range spans {
		r := &spans[i]
		if n := r.to - r.from; n < limit {
			limit -= n
			continue
		}
		r.to = r.from + limit
		return spans[:i+1], 0
	}
	return spans, limit
}

// split adds the morsels of a row group.
func (s *source) split(g int, spans []rows, bytes int64, parts bool) {
	if len(spans) == 0 {
		return
	}
	group := s.t.meta.groups[g].rows
	limit := group
	if parts {
		n := (group + morselRows - 1) / morselRows
		limit = (group + n - 1) / n
	}
	m := morsel{group: g}
	var have int64
	for _, r := range spans {
		for r.from < r.to {
			n := min(r.to-r.from, limit-have)
			m.spans = append(m.spans, rows{r.from, r.from + n})
			r.from += n
			if have += n; have == limit {
				m.bytes = int64(float64(bytes) * float64(have) / float64(group))
				s.morsels = append(s.morsels, m)
				m, have = morsel{group: g}, 0
			}
		}
	}
	if have > 0 {
		m.bytes = int64(float64(bytes) * float64(have) / float64(group))
		s.morsels = append(s.morsels, m)
	}
}

// splittable tells whether a row group is large and its pages small enough.
func (s *source) splittable(g int, leaves []*leaf) bool {
	group := &s.t.meta.groups[g]
	if group.rows <= morselRows {
		return false
	}
	f := &file{path: s.t.path, size: s.t.size, h: s.h}
	for _, l := range leaves {
		if l.def > 1 || l.rep > 0 {
			return false
		}
		var c chunkReader
		c.f, c.leaf = f, l
		c.page.res = f.reserve
		if c.open(&group.chunks[l.index]) != nil || c.firstPage() != nil || c.hdr.values > splitPage {
			return false
		}
	}
	return true
}

// firstPage reads the header of the first data page.
func (c *chunkReader) firstPage() error {
	for {
		if err := c.header(); err != nil {
			return err
		}
		if c.hdr.typ == 0 || c.hdr.typ == 3 {
			return nil
		}
		c.off = c.body + int64(c.hdr.compressed)
	}
}

func (s *source) Cursor() (storage.Cursor, error) {
	c := &cursor{s: s, row: -1, group: -1}
	c.f = &file{path: s.t.path, size: s.t.size, h: s.h}
	if s.scan.Env != nil && s.scan.Env.Mem != nil {
		c.f.res = s.scan.Env.Mem.Reserve()
	}
	for _, i := range s.scan.Columns {
		n := s.t.root.kids[i]
		if n.shape == shapeLeaf {
			fc := &flatCol{}
			fc.f, fc.leaf, fc.page.res = c.f, n.leaf, c.f.reserve
			c.cols = append(c.cols, fc)
		} else {
			c.cols = append(c.cols, newNested(c.f, n))
		}
	}
	for _, r := range s.scan.Refine {
		c.refine = append(c.refine, r.New())
	}
	c.vecs = make([]*vec.Vector, len(c.cols))
	c.out.Cols = c.vecs
	return c, nil
}

// cursor reads morsels for one worker.
type cursor struct {
	s      *source
	f      *file
	cols   []column
	refine []func(b *vec.Batch, sel []int32) ([]int32, error)
	vecs   []*vec.Vector
	out    vec.Batch
	sel    []int32

	group int   // the row group that the columns stand in
	row   int64 // and the row there
	m     *morsel
	span  int   // of m
	at    int64 // next row to give
	err   error
}

func (c *cursor) Next(ctx context.Context) (b *vec.Batch, err error) {
	if c.err != nil {
		return nil, c.err
	}
	defer func() {
		if x := recover(); x != nil {
			b, err = nil, malformed(c.f.path, "", "%v", x)
		}
		c.err = err
	}()
	for {
		if c.m == nil || c.span == len(c.m.spans) {
			if err := ctx.Err(); err != nil {
				return nil, sqlerr.Wrap(sqlerr.Cancelled, err, "scan of %s", c.f.path)
			}
			if more, err := c.take(); !more || err != nil {
				return nil, err
			}
		}
		r := c.m.spans[c.span]
		n := int(min(r.to-c.at, int64(c.s.batch)))
		any, err := c.fill(n)
		if err != nil {
			return nil, err
		}
		if c.at += int64(n); c.at == r.to {
			if c.span++; c.span < len(c.m.spans) {
				c.at = c.m.spans[c.span].from
			}
		}
		if any {
			return &c.out, nil
		}
		if c.at&(1<<16-1) < int64(n) && ctx.Err() != nil {
			return nil, sqlerr.Wrap(sqlerr.Cancelled, ctx.Err(), "scan of %s", c.f.path)
		}
	}
}

// take goes to the next morsel.
func (c *cursor) take() (bool, error) {
	s := c.s
	s.once.Do(s.plan)
	if s.err != nil {
		return false, s.err
	}
	if c.m != nil {
		s.done.Add(c.m.bytes)
	}
	i := s.next.Add(1) - 1
	if i >= int64(len(s.morsels)) {
		c.m = nil
		return false, nil
	}
	c.m = &s.morsels[i]
	c.span, c.at = 0, c.m.spans[0].from
	c.out.Morsel, c.out.Seq = i, -1
	if c.group == c.m.group && c.row <= c.at {
		return true, nil
	}
	g := &s.t.meta.groups[c.m.group]
	for _, col := range c.cols {
		if err := col.start(g); err != nil {
			return false, err
		}
	}
	c.group, c.row = c.m.group, 0
	return true, nil
}

// fill makes the batch of the n rows from c.at on, and tells whether any is left of them.
func (c *cursor) fill(n int) (bool, error) {
	if d := c.at - c.row; d > 0 {
		for _, col := range c.cols {
			col.skip(d)
		}
	}
	c.row = c.at + int64(n)
	clear(c.vecs)
	b := &c.out
	b.N, b.Sel = n, nil
	for i := range c.refine {
		for _, k := range c.s.scan.Refine[i].Columns {
			if err := c.column(k, n); err != nil {
				return false, err
			}
		}
		if b.Sel == nil {
			if cap(c.sel) < n {
				c.sel = make([]int32, max(n, vec.BatchSize))
			}
			b.Sel = c.sel[:n]
			copy(b.Sel, vec.Identity(n))
		}
		sel, err := c.refine[i](b, b.Sel)
		if err != nil {
			return false, err
		}
		if b.Sel = sel; len(sel) == 0 {
			for k, col := range c.cols {
				if c.vecs[k] == nil {
					col.skip(int64(n))
				}
			}
			return false, nil
		}
	}
	if len(b.Sel) == n {
		b.Sel = nil
	}
	for k := range c.cols {
		if err := c.column(k, n); err != nil {
			return false, err
		}
	}
	b.Seq++
	return true, nil
}

func (c *cursor) column(k, n int) error {
	if c.vecs[k] != nil {
		return nil
	}
	v, err := c.cols[k].read(n)
	c.vecs[k] = v
	return err
}

func (c *cursor) Close() error {
	for _, col := range c.cols {
		c.s.lost.Add(col.lostNanos())
	}
	c.cols, c.m = nil, nil
	c.f.dec.close()
	c.f.res.Free()
	return nil
}
