package multi

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// view is what a scan sees of the table: the columns as they were united when it began.
type view struct {
	t          *table
	scan       *storage.Scan
	data, file int // the first partition column; filename
	schema     []storage.Column
	loc        *time.Location
}

// source scans the files one after the other.
type source struct {
	view
	runs  []run
	mu    sync.Mutex
	shut  bool
	done  int64 // bytes of files that are closed
	total int64
	rows  int64 // given out by files that are closed, all before them being so, too
	head  int   // files before it are closed
}

// run is the scan of one file.
type run struct {
	p       *part
	index   int
	scan    storage.Scan
	inner   []int // by position in Scan.Columns: the position in the file's scan, or -1
	src     storage.Source
	users   int
	drained bool
	closed  bool
	rows    int64
}

// Scan opens a scan of the files that the conditions do not rule out.
func (t *table) Scan(ctx context.Context, sc *storage.Scan) (storage.Source, error) {
	schema := t.Schema()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return nil, t.err
	}
	v := view{t: t, scan: sc, data: len(t.data), file: len(t.data) + len(t.keys), schema: schema, loc: time.UTC}
	for _, c := range sc.Columns {
		if c < 0 || c >= len(schema) {
			return nil, sqlerr.New(sqlerr.Internal, "column %d of %d", c, len(schema))
		}
	}
	if len(t.parts) == 1 && v.same(&t.parts[0]) {
		src, err := t.parts[0].t.Scan(ctx, sc)
		if err != nil || t.declared {
			return src, err
		}
		return &single{src, t}, nil
	}
	if sc.Env != nil && sc.Env.Setting != nil {
		if l, err := time.LoadLocation(sc.Env.Setting("timezone")); err == nil {
			v.loc = l
		}
	}
	s := &source{view: v}
	for i := range t.parts {
		p := t.parts[i]
		preds, keep := v.narrow(&p, sc.Prune)
		if !keep || !v.constant(&p) {
			continue
		}
		r := run{p: &p, index: i}
		r.scan = storage.Scan{Prune: preds, Limit: sc.Limit, BatchSize: sc.BatchSize, Workers: sc.Workers, Env: sc.Env}
		for _, c := range sc.Columns {
			pos := -1
			if c < v.data && p.from[c] >= 0 {
				pos = len(r.scan.Columns)
				r.scan.Columns = append(r.scan.Columns, p.from[c])
			}
			r.inner = append(r.inner, pos)
		}
		for k := range sc.Refine {
			r.scan.Refine = append(r.scan.Refine, s.refine(&r, &sc.Refine[k]))
		}
		s.total += p.file.Size
		s.runs = append(s.runs, r)
	}
	return s, nil
}

// same tells whether the scan can be the file's own.
func (v *view) same(p *part) bool {
	for i := range v.t.data {
		if p.from[i] != i || p.cast[i] != nil {
			return false
		}
	}
	if len(p.cols) != len(v.t.data) {
		return false
	}
	for _, c := range v.scan.Columns {
		if c >= v.data {
			return false
		}
	}
	for i := range v.scan.Prune {
		if !v.within(&v.scan.Prune[i]) {
			return false
		}
	}
	return true
}

func (v *view) within(q *storage.Pred) bool {
	if q.Op != storage.And && q.Op != storage.Or {
		return q.Col < v.data
	}
	for i := range q.Kids {
		if !v.within(&q.Kids[i]) {
			return false
		}
	}
	return true
}

// constant evaluates the leading refines that read only what is the same in all rows of the file; false: no row passes.
func (v *view) constant(p *part) bool {
	for i := range v.scan.Refine {
		r := &v.scan.Refine[i]
		b := vec.Batch{N: 1, Cols: make([]*vec.Vector, len(v.scan.Columns))}
		for _, j := range r.Columns {
			c := v.scan.Columns[j]
			if c < v.data {
				return true
			}
			b.Cols[j] = v.fixed(p, c, 1)
		}
		sel, err := r.New()(&b, []int32{0})
		if err != nil {
			return true // it is raised if the file has a row
		}
		if len(sel) == 0 {
			return false
		}
	}
	return true
}

// fixed gives the column c, which is the same in all rows of the file, as n rows.
func (v *view) fixed(p *part, c, n int) *vec.Vector {
	switch {
	case c < v.data:
		return vec.NewNull(v.schema[c].Type, n)
	case c >= v.file:
		out := vec.New(v.schema[c].Type, 1)
		out.SetBytes(0, []byte(p.file.Path))
		out.SetConst(n)
		return out
	}
	k := &p.keys[c-v.data]
	if k.null {
		return vec.NewNull(v.schema[c].Type, n)
	}
	out := &vec.Vector{}
	out.Ref(k.v)
	out.SetConst(n)
	return out
}

// refine translates a filter for the file's scan.
func (s *source) refine(r *run, f *storage.Refine) storage.Refine {
	out := storage.Refine{New: f.New}
	direct := len(r.scan.Columns) == len(s.scan.Columns)
	for _, j := range f.Columns {
		if r.inner[j] >= 0 {
			out.Columns = append(out.Columns, r.inner[j])
		}
		c := s.scan.Columns[j]
		direct = direct && r.inner[j] == j && r.p.cast[c] == nil
	}
	if direct {
		return out
	}
	out.New = func() func(b *vec.Batch, sel []int32) ([]int32, error) {
		inner, m := f.New(), s.mapper(r)
		return func(b *vec.Batch, sel []int32) ([]int32, error) {
			if err := m.some(b, f.Columns, sel); err != nil {
				return nil, err
			}
			return inner(&m.out, sel)
		}
	}
	return out
}

// Cursor makes a worker's cursor.
func (s *source) Cursor() (storage.Cursor, error) { return &cursor{s: s}, nil }

// Progress adds up the files.
func (s *source) Progress() (done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = s.done
	for i := s.head; i < len(s.runs); i++ {
		r := &s.runs[i]
		if r.src == nil {
			if r.closed {
				continue
			}
			break
		}
		d, _ := r.src.Progress()
		done += d
	}
	return min(done, s.total), s.total
}

// Close closes the files that are open.
func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	var errs []error
	for i := range s.runs {
		if r := &s.runs[i]; r.src != nil {
			errs = append(errs, r.src.Close())
			r.src = nil
		}
	}
	return errors.Join(errs...)
}

// enter opens the first file from i on that may have rows left, and a cursor on it; nil at the end.
func (s *source) enter(ctx context.Context, i int) (*run, int, storage.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; i < len(s.runs); i++ {
		r := &s.runs[i]
		if s.scan.Limit > 0 && s.rows >= s.scan.Limit || s.shut {
			break
		}
		if r.drained {
			continue
		}
		if r.src == nil {
			src, err := r.p.t.Scan(ctx, &r.scan)
			if err != nil {
				return nil, i, nil, err
			}
			r.src = src
		}
		c, err := r.src.Cursor()
		if err != nil {
			return nil, i, nil, err
		}
		r.users++
		return r, i, c, nil
	}
	return nil, i, nil, nil
}

// leave ends a worker's use of a file; drained tells that it found no more rows.
func (s *source) leave(r *run, rows int64, drained bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.users--
	r.rows += rows
	r.drained = r.drained || drained
	if !r.drained || r.users > 0 || r.closed {
		return nil
	}
	r.closed = true
	s.done += r.p.file.Size
	for s.head < len(s.runs) && s.runs[s.head].closed {
		s.rows += s.runs[s.head].rows
		s.head++
	}
	if r.src == nil {
		return nil
	}
	err := r.src.Close()
	r.src = nil
	return err
}

// cursor goes through the files for one worker.
type cursor struct {
	s   *source
	i   int
	r   *run
	c   storage.Cursor
	m   *mapper
	got int64
	err error
}

// Next gives the next batch of the file, or the first of the next one.
func (c *cursor) Next(ctx context.Context) (*vec.Batch, error) {
	if c.err != nil {
		return nil, c.err
	}
	b, err := c.next(ctx)
	if err != nil {
		c.err = c.s.t.passed(err)
	}
	return b, c.err
}

func (c *cursor) next(ctx context.Context) (*vec.Batch, error) {
	for {
		if c.r == nil {
			var err error
			if c.r, c.i, c.c, err = c.s.enter(ctx, c.i); err != nil || c.r == nil {
				return nil, err
			}
			c.got, c.m = 0, c.s.mapper(c.r)
		}
		b, err := c.c.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b != nil {
			c.got += int64(b.Rows())
			if err := c.m.fill(b, b.Sel); err != nil {
				return nil, err
			}
			out := &c.m.out
			out.Sel, out.Seq = b.Sel, b.Seq
			out.Morsel = int64(c.r.index)<<32 | b.Morsel
			return out, nil
		}
		if err := c.close(true); err != nil {
			return nil, err
		}
		c.i++
	}
}

func (c *cursor) close(drained bool) error {
	if c.r == nil {
		return nil
	}
	err := c.c.Close()
	if e := c.s.leave(c.r, c.got, drained); err == nil {
		err = e
	}
	c.r, c.c = nil, nil
	return err
}

// Close ends the worker's part.
func (c *cursor) Close() error { return c.close(false) }

// passed makes a RestartError of a file unite the files anew, too.
func (t *table) passed(err error) error {
	var r *storage.RestartError
	if !errors.As(err, &r) {
		return err
	}
	return &storage.RestartError{Err: r.Err, Note: r.Note, Apply: func() {
		r.Apply()
		t.again()
	}}
}

// single is the scan of a table of one file that needs nothing but its own columns.
type single struct {
	storage.Source
	t *table
}

// Cursor gives the file's cursor, its errors told to the table.
func (s *single) Cursor() (storage.Cursor, error) {
	c, err := s.Source.Cursor()
	if err != nil {
		return nil, err
	}
	return &singleCursor{c, s.t}, nil
}

type singleCursor struct {
	storage.Cursor
	t *table
}

// Next gives the file's next batch.
func (c *singleCursor) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := c.Cursor.Next(ctx)
	if err != nil {
		err = c.t.passed(err)
	}
	return b, err
}
