package op

import (
	"context"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// SetOp computes INTERSECT or EXCEPT of two sides. Side gives the sink of either; Source, which comes after both, gives the
// rows in no particular order. NULLs are equal to each other. Both sides have the columns Types.
type SetOp struct {
	Types  []types.Type
	Except bool // EXCEPT, else INTERSECT
	All    bool // rows are counted: without All each row comes once at most

	agg      *HashAggregate
	finished int
	closed   bool
}

// Side gives the sink of the left (0) or right (1) side.
func (s *SetOp) Side(i int) flow.Sink { return &setSide{s, i} }

// init makes the aggregate that counts the rows of either side.
func (s *SetOp) init() *HashAggregate {
	if s.agg == nil {
		count := AggSpec{Overload: &fn.Overload{Result: types.TBigInt, NewAcc: func([]fn.Arg) fn.Accumulator { return &counts{} }}}
		s.agg = &HashAggregate{KeyTypes: s.Types, Aggs: []AggSpec{count, count}}
	}
	return s.agg
}

type setSide struct {
	s    *SetOp
	side int
}

func (d *setSide) Local(t *flow.Task) (flow.LocalSink, error) {
	l, err := d.s.init().Local(t)
	if err != nil {
		return nil, err
	}
	return &setLocal{l.(*aggLocal), d.side}, nil
}

// Finish merges the counts when both sides are finished.
func (d *setSide) Finish(t *flow.Task, p flow.Parallel) error {
	if d.s.finished++; d.s.finished < 2 {
		return nil
	}
	return d.s.init().Finish(t, p)
}

func (d *setSide) Close() error {
	if d.s.closed {
		return nil
	}
	d.s.closed = true
	return d.s.init().Close()
}

type setLocal struct {
	l    *aggLocal
	side int
}

func (l *setLocal) Push(b *vec.Batch) error {
	s := l.l.sets[0]
	sel := rows(b)
	groups := s.table.find(b.Cols, sel)
	for _, a := range s.accs {
		a.Grow(s.table.n)
	}
	if err := s.accs[l.side].Update(groups, nil, sel); err != nil {
		return err
	}
	return l.l.reserve()
}

func (l *setLocal) Combine() error { return l.l.Combine() }

// counts counts rows by group.
type counts struct{ n []int64 }

func (c *counts) Grow(n int) {
	for len(c.n) < n {
		c.n = append(c.n, 0)
	}
}

func (c *counts) Update(groups []int32, _ []*vec.Vector, _ []int32) error {
	for _, g := range groups {
		c.n[g]++
	}
	return nil
}

func (c *counts) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*counts)
	for k, g := range src {
		c.n[dst[k]] += f.n[g]
	}
	return nil
}

func (c *counts) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[int64](out), c.n[lo:hi])
	return nil
}

func (c *counts) Size() int { return 8 * cap(c.n) }

// Source gives the rows.
func (s *SetOp) Source() flow.Source { return &setSource{s: s} }

type setSource struct {
	s   *SetOp
	src flow.Source
}

func (r *setSource) Open(t *flow.Task) error {
	r.src = r.s.init().Source()
	return r.src.Open(t)
}

func (r *setSource) MaxCursors() int { return r.src.(flow.Narrow).MaxCursors() }

func (r *setSource) Close() error { return nil }

func (r *setSource) Cursor(t *flow.Task) (flow.Cursor, error) {
	c, err := r.src.Cursor(t)
	if err != nil {
		return nil, err
	}
	out := &setCursor{s: r.s, Cursor: c, size: batchSize(t)}
	for range r.s.Types {
		out.batch.Cols = append(out.batch.Cols, &vec.Vector{})
	}
	return out, nil
}

type setCursor struct {
	flow.Cursor
	s     *SetOp
	size  int
	in    *vec.Batch
	row   int
	left  int64 // copies of row still to give out
	idx   []int32
	batch vec.Batch
}

// times gives how often a row comes.
func (s *SetOp) times(l, r int64) int64 {
	var n int64
	if s.Except {
		if n = max(l-r, 0); !s.All && r > 0 {
			n = 0
		}
	} else {
		n = min(l, r)
	}
	if !s.All {
		n = min(n, 1)
	}
	return n
}

func (c *setCursor) Next(ctx context.Context) (*vec.Batch, error) {
	k := len(c.s.Types)
	for {
		c.idx = c.idx[:0]
		for c.in != nil && len(c.idx) < c.size {
			if c.left > 0 {
				c.idx = append(c.idx, int32(c.row))
				c.left--
				continue
			}
			if c.row++; c.row >= c.in.N {
				break
			}
			c.left = c.s.times(vec.Values[int64](c.in.Cols[k])[c.row], vec.Values[int64](c.in.Cols[k+1])[c.row])
		}
		if len(c.idx) > 0 {
			for i, v := range c.batch.Cols {
				vec.Gather(v, c.in.Cols[i], c.idx)
			}
			c.batch.N, c.batch.Morsel = len(c.idx), c.in.Morsel
			c.batch.Seq++
			return &c.batch, nil
		}
		var err error
		if c.in, err = c.Cursor.Next(ctx); err != nil || c.in == nil {
			return nil, err
		}
		c.row, c.left = -1, 0
	}
}
