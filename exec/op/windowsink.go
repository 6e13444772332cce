package op

import (
	"context"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// windowState is the rows of a Window and, after Finish, its results. Besides the input's columns the rows have the partition and
// order keys and, for each function, its arguments, whether its filter is passed, and its frame's bounds.
type windowState struct {
	set    *rowSet
	at     windowCols
	rows   *winRows
	pieces []winPiece
}

// windowCols tells where the columns are, which the input has or which are kept besides.
type windowCols struct {
	partition, order []int
	funcs            []funcCols
}

// funcCols are the columns of one function; start, end and filter have one or none.
type funcCols struct{ args, filter, start, end []int }

// columns gives the columns at the places at, once the rows are together.
func (st *windowState) columns(at []int) []*vec.Vector {
	out := make([]*vec.Vector, len(at))
	for i, c := range at {
		out[i] = st.set.cols[c]
	}
	return out
}

// winPiece is a run of the sorted rows with the results of the functions.
type winPiece struct {
	lo, hi int
	span   int // the winSpan that it belongs to
	out    []*vec.Vector
}

// open lays out the columns that are kept.
func (w *Window) open(t *flow.Task) {
	st := &w.st
	if st.set != nil {
		return
	}
	ts := append([]types.Type(nil), w.Types...)
	add := func(p flow.Program, list ...types.Type) []int {
		if p == nil {
			return nil
		}
		if at := columnsOf(p); at != nil {
			return at
		}
		at := make([]int, len(list))
		for i := range list {
			at[i] = len(ts) + i
		}
		ts = append(ts, list...)
		return at
	}
	st.at.partition, st.at.order = add(w.PartitionBy, w.PartitionTypes...), add(w.OrderBy, w.OrderTypes...)
	for i := range w.Funcs {
		f := &w.Funcs[i]
		bound := types.TBigInt
		if f.Frame.Unit == FrameRange && len(w.OrderTypes) == 1 {
			bound = w.OrderTypes[0]
		}
		var c funcCols
		c.args = add(f.Inputs, f.InputTypes...)
		if f.Filter != nil {
			c.filter = []int{len(ts)}
			ts = append(ts, types.TBoolean)
		}
		c.start, c.end = add(f.Frame.Start.Offset, bound), add(f.Frame.End.Offset, bound)
		st.at.funcs = append(st.at.funcs, c)
	}
	st.set = newRowSet(t, ts)
}

// columnsOf gives the columns that a program's expressions are, if they are nothing else: such values need not be kept twice.
func columnsOf(p flow.Program) []int {
	if c, ok := p.(interface{ Columns() []int }); ok {
		return c.Columns()
	}
	return nil
}

// Local makes a worker's part.
func (w *Window) Local(t *flow.Task) (flow.LocalSink, error) {
	w.open(t)
	l := &windowLocal{w: w, k: w.st.set.local()}
	machine := func(p flow.Program) flow.Machine {
		if p == nil || columnsOf(p) != nil {
			return nil
		}
		return p.Machine(t)
	}
	l.partition, l.order, l.top = machine(w.PartitionBy), machine(w.OrderBy), newWinTop(w)
	for i := range w.Funcs {
		f := &w.Funcs[i]
		in := funcInput{spec: f, inputs: machine(f.Inputs), start: machine(f.Frame.Start.Offset), end: machine(f.Frame.End.Offset), clean: make([]vec.Vector, len(f.InputTypes))}
		if f.Filter != nil {
			in.filter = f.Filter.Machine(t)
		}
		l.funcs = append(l.funcs, in)
	}
	return l, nil
}

type windowLocal struct {
	w                *Window
	k                *keeper
	partition, order flow.Machine
	top              *winTop // nil: rows are not dropped
	topSize          int
	funcs            []funcInput
	cols, parts      []*vec.Vector
}

// Push computes what the functions need to know of each row, and keeps it.
func (l *windowLocal) Push(b *vec.Batch) error {
	sel := rows(b)
	if len(sel) == 0 {
		return nil
	}
	l.cols = append(l.cols[:0], b.Cols...)
	var err error
	for _, m := range []flow.Machine{l.partition, l.order} {
		if l.cols, err = evalInto(l.cols, m, b); err != nil {
			return err
		}
	}
	if l.top != nil {
		if sel, err = l.first(sel); err != nil || len(sel) == 0 {
			return err
		}
	}
	for i := range l.funcs {
		if l.cols, err = l.funcs[i].eval(l.cols, b, sel); err != nil {
			return err
		}
	}
	return l.k.add(b, l.cols, sel)
}

// first drops the rows that cannot be among the first of their partition.
func (l *windowLocal) first(sel []int32) ([]int32, error) {
	at := &l.w.st.at
	l.parts = l.parts[:0]
	for _, c := range at.partition {
		l.parts = append(l.parts, l.cols[c])
	}
	sel, useful := l.top.narrow(l.parts, l.cols[at.order[0]], sel)
	size := 0
	if !useful {
		l.top = nil
	} else {
		size = l.top.size()
	}
	err := l.k.res.Grow(int64(size - l.topSize))
	l.topSize = size
	return sel, err
}

// evalInto adds the results of m, which may be nil.
func evalInto(cols []*vec.Vector, m flow.Machine, b *vec.Batch) ([]*vec.Vector, error) {
	if m == nil {
		return cols, nil
	}
	got, err := m.Eval(b)
	return append(cols, got...), err
}

// funcInput computes the columns of one function for a batch.
type funcInput struct {
	spec                       *WindowFunc
	filter, inputs, start, end flow.Machine

	batch  vec.Batch
	sel    []int32
	idx    []int32
	passed vec.Vector
	clean  []vec.Vector
}

func (in *funcInput) eval(cols []*vec.Vector, b *vec.Batch, sel []int32) ([]*vec.Vector, error) {
	var err error
	if in.filter == nil {
		cols, err = evalInto(cols, in.inputs, b)
	} else {
		cols, err = in.filtered(cols, b, sel)
	}
	if err != nil {
		return nil, err
	}
	if cols, err = evalInto(cols, in.start, b); err != nil {
		return nil, err
	}
	return evalInto(cols, in.end, b)
}

// filtered computes the arguments of the rows that pass the filter, NULL for the others, and the filter's column.
func (in *funcInput) filtered(cols []*vec.Vector, b *vec.Batch, sel []int32) ([]*vec.Vector, error) {
	in.sel = append(in.sel[:0], sel...)
	got, err := in.filter.Select(b, in.sel)
	if err != nil {
		return nil, err
	}
	in.sel = append(in.sel[:0], got...)
	in.passed.Reset(types.TBoolean, b.N)
	passed := vec.Values[uint8](&in.passed)
	clear(passed)
	for _, i := range in.sel {
		passed[i] = 1
	}
	switch {
	case in.inputs == nil:
	case len(in.sel) == 0:
		for _, t := range in.spec.InputTypes {
			cols = append(cols, vec.NewNull(t, b.N))
		}
	default:
		in.batch = *b
		in.batch.Sel = in.sel
		args, err := in.inputs.Eval(&in.batch)
		if err != nil {
			return nil, err
		}
		if cap(in.idx) < b.N {
			in.idx = make([]int32, max(b.N, vec.BatchSize))
		}
		idx := in.idx[:b.N]
		for i := range idx {
			idx[i] = -1
			if passed[i] != 0 {
				idx[i] = int32(i)
			}
		}
		for i, v := range args {
			if len(in.sel) < len(sel) {
				var flat vec.Vector
				vec.Flatten(&flat, v, in.sel)
				vec.GatherAt(&in.clean[i], &flat, idx, sel, b.N)
				v = &in.clean[i]
			}
			cols = append(cols, v)
		}
	}
	return append(cols, &in.passed), nil
}

// Combine gives up what is not needed any more: the rows are the Window's already.
func (l *windowLocal) Combine() error {
	l.top = nil
	return l.k.res.Grow(int64(-l.topSize))
}

// Finish sorts the rows and computes the functions.
func (w *Window) Finish(t *flow.Task, p flow.Parallel) error {
	w.open(t)
	st := &w.st
	if err := st.set.finish(p); err != nil {
		return err
	}
	var err error
	if st.rows, err = w.sortRows(t, p); err != nil {
		return err
	}
	var calls []*winCall
	for i := range w.Funcs {
		calls = append(calls, w.newCall(t, i))
	}
	if err = w.compute(p, calls); err != nil {
		return err
	}
	clear(st.set.cols[len(w.Types):])
	st.set.cols = st.set.cols[:len(w.Types)]
	return nil
}

// compute runs the functions: for large spans, first what their pieces share.
func (w *Window) compute(p flow.Parallel, calls []*winCall) error {
	st := &w.st
	spans := st.rows.spans()
	shared := make([]winEval, len(spans)*len(calls))
	var large []int
	for s, span := range spans {
		for lo := span.lo; lo < span.hi; {
			hi := span.hi
			if span.large {
				hi = min(lo+spanRows, hi)
			}
			st.pieces = append(st.pieces, winPiece{lo: lo, hi: hi, span: s, out: make([]*vec.Vector, len(calls))})
			lo = hi
		}
		if span.large {
			for c := range calls {
				large = append(large, s*len(calls)+c)
			}
		}
	}
	err := p.For(len(large), func(k int) error {
		i := large[k]
		shared[i] = calls[i%len(calls)].newEval(spans[i/len(calls)])
		return shared[i].prepare()
	})
	if err != nil {
		return err
	}
	return p.For(len(st.pieces), func(k int) error {
		piece := &st.pieces[k]
		pos := newWinPos(st.rows, piece.lo, piece.hi)
		for c, call := range calls {
			e := shared[piece.span*len(calls)+c]
			if e == nil {
				e = call.newEval(spans[piece.span])
				if err := e.prepare(); err != nil {
					return err
				}
			}
			out := vec.New(call.f.Result, piece.hi-piece.lo)
			if err := e.eval(pos, out); err != nil {
				return err
			}
			piece.out[c] = out
			if a, ok := e.(*winAgg); ok && shared[piece.span*len(calls)+c] == nil {
				a.release()
			}
			if err := st.set.res.Grow(int64(out.Type.Phys().Width() * out.Len)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Held gives the bytes reserved.
func (w *Window) Held() int64 { return w.st.set.res.Held() }

// Close gives up the rows.
func (w *Window) Close() error {
	w.st.rows, w.st.pieces = nil, nil
	w.st.set.close()
	return nil
}

// Source gives the rows, partition by partition in the order of the window.
func (w *Window) Source() flow.Source { return &windowSource{w: w} }

// windowSource hands out the pieces.
type windowSource struct {
	w    *Window
	next atomic.Int64
}

// Open starts with the first piece.
func (s *windowSource) Open(*flow.Task) error {
	s.next.Store(0)
	return nil
}

// MaxCursors is the number of pieces.
func (s *windowSource) MaxCursors() int { return len(s.w.st.pieces) }

// Close does nothing.
func (s *windowSource) Close() error { return nil }

// Cursor makes a worker's cursor.
func (s *windowSource) Cursor(t *flow.Task) (flow.Cursor, error) {
	c := &windowCursor{s: s, size: batchSize(t), vecs: make([]vec.Vector, len(s.w.Types)+len(s.w.Funcs))}
	for i := range c.vecs {
		c.batch.Cols = append(c.batch.Cols, &c.vecs[i])
	}
	return c, nil
}

type windowCursor struct {
	s     *windowSource
	size  int
	piece *winPiece
	at    int
	vecs  []vec.Vector
	batch vec.Batch
}

func (c *windowCursor) Next(context.Context) (*vec.Batch, error) {
	st := &c.s.w.st
	if c.piece == nil || c.at >= c.piece.hi {
		m := c.s.next.Add(1) - 1
		if int(m) >= len(st.pieces) {
			return nil, nil
		}
		c.piece = &st.pieces[m]
		c.at = c.piece.lo
		c.batch.Morsel, c.batch.Seq = m, -1
	}
	n := min(c.size, c.piece.hi-c.at)
	for i, u := range st.set.cols {
		vec.Gather(&c.vecs[i], u, st.rows.perm[c.at:c.at+n])
	}
	for i, u := range c.piece.out {
		c.vecs[len(st.set.cols)+i].Slice(u, c.at-c.piece.lo, n)
	}
	c.at += n
	c.batch.N = n
	c.batch.Seq++
	return &c.batch, nil
}

func (c *windowCursor) Close() error { return nil }
