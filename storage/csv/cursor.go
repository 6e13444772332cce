package csv

import (
	"context"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// cursor reads chunks for one worker.
type cursor struct {
	s      *source
	k      *chunk
	cols   []*reader
	checks []*reader // of the columns with declared types, where bad rows are set aside
	refine []func(b *vec.Batch, sel []int32) ([]int32, error)
	vecs   []*vec.Vector
	out    vec.Batch
	sel    []int32
	row    int // the next of the chunk
	rows   int // of the chunk that are wanted
	open   bool
	err    error
	single bool  // gives one chunk only
	late   error // of a line in the chunk, to be told behind the rows before it
}

func (s *source) Cursor() (storage.Cursor, error) { return s.cursor(), nil }

func (s *source) cursor() *cursor {
	c := &cursor{s: s, k: chunks.Get().(*chunk)}
	c.k.res = nil
	if e := s.scan.Env; e != nil && e.Mem != nil {
		c.k.res = e.Mem.Reserve()
	}
	for _, i := range s.scan.Columns {
		c.cols = append(c.cols, newReader(s, i))
	}
	if s.t.conf.ignoreErrors {
		for i := range s.cols {
			if !s.cols[i].guessed && s.cols[i].Type.Kind != typeText.Kind {
				c.checks = append(c.checks, newReader(s, i))
			}
		}
	}
	for _, r := range s.scan.Refine {
		c.refine = append(c.refine, r.New())
	}
	c.vecs = make([]*vec.Vector, len(c.cols))
	c.out.Cols = c.vecs
	return c
}

// Next gives the next batch.
func (c *cursor) Next(ctx context.Context) (*vec.Batch, error) {
	if c.err != nil {
		return nil, c.err
	}
	b, err := c.advance(ctx)
	if err != nil {
		if !c.single && c.open {
			err = c.s.firstError(ctx, c.k.index, err)
		}
		c.err = err
	}
	return b, err
}

func (c *cursor) advance(ctx context.Context) (*vec.Batch, error) {
	for {
		for !c.open || c.row >= c.rows {
			if err := ctx.Err(); err != nil {
				return nil, sqlerr.Wrap(sqlerr.Cancelled, err, "scan of %s", c.s.t.file.Path)
			}
			if c.open && c.late != nil {
				return nil, c.late
			}
			if c.open && c.single {
				return nil, nil
			}
			if c.open {
				c.s.finished(c.k.index)
			}
			if more, err := c.take(); err != nil || !more {
				return nil, err
			}
		}
		n := min(c.rows-c.row, c.s.batch, max(1, maxPlaces/c.k.fields))
		any, err := c.fill(n)
		if err != nil {
			return nil, err
		}
		c.row += n
		if any {
			return &c.out, nil
		}
	}
}

// maxPlaces bounds the values of a batch of very many columns.
const maxPlaces = 1 << 20

// take goes to the next chunk.
func (c *cursor) take() (bool, error) {
	c.open = false
	c.k.rows = 0
	more, err := c.s.take(c.k)
	if !more {
		return false, err
	}
	c.open, c.late = true, err
	return true, c.begin()
}

// begin starts on the chunk that has been cut.
func (c *cursor) begin() error {
	c.row, c.rows = 0, c.k.rows
	c.out.Morsel, c.out.Seq = c.k.index, -1
	if len(c.checks) > 0 {
		if err := c.check(); err != nil {
			return err
		}
		c.rows = c.k.rows
	}
	c.s.count(c.k.index, int64(c.rows))
	if l := c.s.scan.Limit; l > 0 && int64(c.rows) > l {
		c.rows = int(l)
	}
	return nil
}

// fill makes the batch of the next n rows, and tells whether any is left of them.
func (c *cursor) fill(n int) (bool, error) {
	clear(c.vecs)
	b := &c.out
	b.N, b.Sel = n, nil
	for i := range c.refine {
		for _, j := range c.s.scan.Refine[i].Columns {
			if err := c.column(j, n); err != nil {
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
			return false, nil
		}
	}
	if len(b.Sel) == n {
		b.Sel = nil
	}
	for j := range c.cols {
		if err := c.column(j, n); err != nil {
			return false, err
		}
	}
	b.Seq++
	return true, nil
}

func (c *cursor) column(j, n int) error {
	if c.vecs[j] != nil {
		return nil
	}
	sel := c.out.Sel
	if sel == nil {
		sel = vec.Identity(n)
	}
	r := c.cols[j]
	if err := r.read(c.k, c.row, n, sel); err != nil {
		return err
	}
	c.vecs[j] = &r.v
	return nil
}

// check sets the rows aside where a declared column has a value that does not convert, whatever columns are wanted.
func (c *cursor) check() error {
	k := c.k
	var bad []bool
	for _, r := range c.checks {
		for row := 0; row < k.rows; row += vec.BatchSize {
			n := min(vec.BatchSize, k.rows-row)
			r.bad = func(i int, why string, val []byte) {
				if bad == nil {
					bad = make([]bool, k.rows)
				}
				if at := row + i; !bad[at] {
					bad[at] = true
					c.s.setAside(c.record(r, at, why, val))
				}
			}
			if err := r.read(k, row, n, vec.Identity(n)); err != nil {
				return err
			}
		}
	}
	if bad == nil {
		return nil
	}
	kept, nf := 0, k.fields
	for row, b := range bad {
		if b {
			continue
		}
		copy(k.pos[kept*nf:kept*nf+nf], k.pos[row*nf:row*nf+nf])
		k.starts[kept] = k.starts[row]
		kept++
	}
	k.rows = kept
	return nil
}

func (c *cursor) record(r *reader, row int, why string, val []byte) storage.BadRecord {
	k, d := c.k, &c.s.t.d
	start := int(k.starts[row])
	_, end := k.span(row, k.fields-1)
	return storage.BadRecord{
		File: c.s.t.file.Path, Line: k.lineAt(d, start), Column: r.name, Value: cut(val, 1<<10), Reason: why, Raw: cut(k.raw(d, start, end), 1<<10),
	}
}

// chunks keeps the buffers of closed cursors: fresh memory is what costs.
var chunks = sync.Pool{New: func() any { return &chunk{} }}

// maxPooled is the largest buffer that is kept.
const maxPooled = 4 << 20

// Close gives the cursor's memory back.
func (c *cursor) Close() error {
	if c.k != nil {
		c.k.res.Free()
		c.k.res = nil
	}
	if c.k != nil && cap(c.k.buf) <= maxPooled {
		chunks.Put(c.k)
	}
	c.cols, c.k, c.open = nil, nil, false
	c.rows, c.row = 0, 0
	if c.err == nil {
		c.err = sqlerr.New(sqlerr.Internal, "the cursor is closed")
	}
	return nil
}

// finished takes note that a chunk has been read without an error.
func (s *source) finished(i int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = map[int64]bool{}
	}
	s.ended[i] = true
	for s.ended[s.clean] {
		delete(s.ended, s.clean)
		s.clean++
	}
}

// firstError gives the error that a single worker would have met first: chunks before i that are still being read elsewhere
// are looked through.
func (s *source) firstError(ctx context.Context, i int64, err error) error {
	if s.stream != nil || sqlerr.ClassOf(err) == sqlerr.Cancelled {
		return err
	}
	s.mu.Lock()
	var open []int64
	for j := s.clean; j < i; j++ {
		if !s.ended[j] {
			open = append(open, j)
		}
	}
	s.mu.Unlock()
	for _, j := range open {
		st, _, e := s.known(j, true)
		if e != nil {
			return err
		}
		if e := s.again(ctx, j, st); e != nil {
			return e
		}
	}
	return err
}

// again reads chunk j once more, only for its error.
func (s *source) again(ctx context.Context, j int64, st state) error {
	quiet := *s.scan
	quiet.Limit, quiet.Env = 0, nil
	o := &source{t: s.t, scan: &quiet, cols: s.cols, trailing: s.trailing, fields: s.fields, careful: s.careful, batch: s.batch, h: s.h, loc: s.loc}
	c := o.cursor()
	defer c.Close()
	c.single = true
	k := c.k
	k.index, k.fields = j, s.fields
	if err := o.read(k); err != nil {
		return err
	}
	k.main.load(&s.t.d, k.buf, 0, k.n)
	k.main.resolve(&s.t.d, k.buf, st)
	c.late = o.lines(k, st)
	c.open = true
	if err := c.begin(); err != nil {
		return err
	}
	for {
		if b, err := c.Next(ctx); b == nil || err != nil {
			return err
		}
	}
}
