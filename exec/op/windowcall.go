package op

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// winCall is one function of a Window with its columns, by row. It is shared by the workers.
type winCall struct {
	t          *flow.Task
	st         *windowState
	f          *WindowFunc
	r          *winRows
	args       []*vec.Vector
	filter     []uint8     // nil: none
	start, end *vec.Vector // frame offsets
	key        *vec.Vector // the order key of a frame with values as bounds
	desc       bool
	nullsFirst bool
	how        aggHow
}

func (w *Window) newCall(t *flow.Task, i int) *winCall {
	st := &w.st
	f, at := &w.Funcs[i], st.at.funcs[i]
	one := func(at []int) *vec.Vector {
		if len(at) == 0 {
			return nil
		}
		return st.set.cols[at[0]]
	}
	c := &winCall{t: t, st: st, f: f, r: st.rows, args: st.columns(at.args), start: one(at.start), end: one(at.end), key: one(st.at.order)}
	if v := one(at.filter); v != nil {
		c.filter = vec.Values[uint8](v)
	}
	if c.key != nil {
		c.desc, c.nullsFirst = w.Desc != nil && w.Desc[0], w.NullsFirst != nil && w.NullsFirst[0]
	}
	if f.Frame.Unit != FrameRange {
		c.start, c.end = distances(c.start), distances(c.end)
	}
	if f.Kind == WinAggregate {
		c.how = c.choose()
	}
	return c
}

// winEval computes a function for the rows of one span.
type winEval interface {
	// prepare computes what all rows of the span need. It is called once, before eval.
	prepare() error
	// eval sets out, which has been Reset, to the values of the rows of pos, which lie in the span. It may be called by many goroutines.
	eval(pos *winPos, out *vec.Vector) error
}

func (c *winCall) newEval(s winSpan) winEval {
	switch c.f.Kind {
	case WinLag, WinLead, WinFirst, WinLast, WinNth:
		return &winPick{winCall: c, span: s}
	case WinFill:
		return &winFill{winCall: c, span: s}
	case WinAggregate:
		return &winAgg{winCall: c, span: s}
	}
	return winRank{c}
}

// cancelled gives an error when the query is cancelled.
func (c *winCall) cancelled() error {
	if c.t.Ctx.Err() != nil {
		return cancelled(c.t.Ctx)
	}
	return nil
}

// winRank computes the functions of a row's place alone.
type winRank struct{ *winCall }

func (winRank) prepare() error { return nil }

func (c winRank) eval(pos *winPos, v *vec.Vector) error {
	switch c.f.Kind {
	case WinPercentRank:
		out := vec.Values[float64](v)
		for k := range out {
			out[k] = float64(pos.gs[k]-pos.ps[k]) / float64(max(pos.pe[k]-pos.ps[k]-1, 1))
		}
		return nil
	case WinCumeDist:
		out := vec.Values[float64](v)
		for k := range out {
			out[k] = float64(pos.ge[k]-pos.ps[k]) / float64(pos.pe[k]-pos.ps[k])
		}
		return nil
	case WinNtile:
		return c.ntile(pos, v)
	}
	out := vec.Values[int64](v)
	switch c.f.Kind {
	case WinRowNumber:
		for k := range out {
			out[k] = int64(pos.lo + k + 1 - int(pos.ps[k]))
		}
	case WinRank:
		for k := range out {
			out[k] = int64(pos.gs[k] - pos.ps[k] + 1)
		}
	case WinDenseRank:
		first, last := int32(0), int32(-1)
		for k := range out {
			if pos.part[k] != last {
				last, first = pos.part[k], int32(indexOf(pos.r.peers, int(pos.ps[k])))
			}
			out[k] = int64(pos.peer[k] - first + 1)
		}
	}
	return nil
}

func (c winRank) ntile(pos *winPos, v *vec.Vector) error {
	out, arg := vec.Values[int64](v), c.args[0]
	for k := range out {
		row := int(pos.r.perm[pos.lo+k])
		if arg.IsNull(row) {
			v.SetNull(k)
			continue
		}
		n := vec.Values[int64](arg)[row]
		if n <= 0 {
			return sqlerr.New(sqlerr.Data, "ntile needs a number of buckets greater than 0, not %d", n)
		}
		rows, i := int64(pos.pe[k]-pos.ps[k]), int64(pos.lo+k)-int64(pos.ps[k])
		size, larger := rows/n, rows%n
		if i < larger*(size+1) {
			out[k] = i/(size+1) + 1
		} else {
			out[k] = larger + (i-larger*(size+1))/size + 1
		}
	}
	return nil
}

// winPick computes the functions that give the value of another row. With IGNORE NULLS it lists the rows of the span that count, so
// that none is looked for.
type winPick struct {
	*winCall
	span  winSpan
	some  []int32 // the positions whose value is not NULL; nil: all count
	count []int32 // by position from span.lo on: how many of some come before
}

func (w *winPick) prepare() error {
	arg := w.args[0]
	if !w.f.IgnoreNulls || arg.Valid == nil {
		return nil
	}
	n := w.span.hi - w.span.lo
	w.some, w.count = make([]int32, 0, n), make([]int32, n+1)
	for k, row := range w.r.perm[w.span.lo:w.span.hi] {
		w.count[k] = int32(len(w.some))
		if arg.Valid.Get(int(row)) {
			w.some = append(w.some, int32(w.span.lo+k))
		}
	}
	w.count[n] = int32(len(w.some))
	return nil
}

// ranks gives the numbers of the rows that count within a run: it is what some is indexed by.
func (w *winPick) ranks(r run) run {
	if w.some == nil {
		return r
	}
	lo := int32(w.span.lo)
	return run{w.count[r.s-lo], w.count[r.e-lo]}
}

// row gives the row of rank i.
func (w *winPick) row(i int32) int32 {
	if w.some != nil {
		i = w.some[i]
	}
	return w.r.perm[i]
}

func (w *winPick) eval(pos *winPos, out *vec.Vector) error {
	idx := make([]int32, pos.hi-pos.lo)
	if w.f.Kind == WinLag || w.f.Kind == WinLead {
		missing := w.shifted(pos, idx)
		vec.Gather(out, w.args[0], idx)
		if len(missing) > 0 && len(w.args) > 2 {
			w.defaults(pos, out, missing)
		}
		return nil
	}
	f, err := w.frames(pos)
	if err != nil {
		return err
	}
	var buf [3]run
	for k := range idx {
		idx[k] = w.inFrame(f.runs(buf[:0], k), pos, k)
	}
	vec.Gather(out, w.args[0], idx)
	return nil
}

// inFrame gives the row that first_value, last_value or nth_value mean, or -1.
func (w *winPick) inFrame(runs []run, pos *winPos, k int) int32 {
	nth := int64(1)
	switch w.f.Kind {
	case WinLast:
		for i := len(runs) - 1; i >= 0; i-- {
			if r := w.ranks(runs[i]); r.s < r.e {
				return w.row(r.e - 1)
			}
		}
		return -1
	case WinNth:
		v, row := w.args[1], int(pos.r.perm[pos.lo+k])
		if nth = vec.Values[int64](v)[row]; v.IsNull(row) || nth < 1 {
			return -1
		}
	}
	for _, x := range runs {
		r := w.ranks(x)
		if n := int64(r.e - r.s); nth > n {
			nth -= n
			continue
		}
		return w.row(r.s + int32(nth) - 1)
	}
	return -1
}

// shifted sets idx to the rows that lag or lead mean, -1 for none, and gives the rows that lie outside the partition.
func (w *winPick) shifted(pos *winPos, idx []int32) (missing []int32) {
	var offset *vec.Vector
	if len(w.args) > 1 {
		offset = w.args[1]
	}
	for k := range idx {
		p := int32(pos.lo + k)
		off := int64(1)
		idx[k] = -1
		if offset != nil {
			row := int(pos.r.perm[p])
			if offset.IsNull(row) {
				continue
			}
			off = min(max(vec.Values[int64](offset)[row], -maxRows), maxRows)
		}
		if w.f.Kind == WinLag {
			off = -off
		}
		if off == 0 {
			idx[k] = pos.r.perm[p]
			continue
		}
		part := w.ranks(run{pos.ps[k], pos.pe[k]})
		at := int64(w.ranks(run{p, p}).s) + off
		if w.some != nil && off > 0 {
			at = int64(w.ranks(run{p + 1, p + 1}).s) + off - 1
		}
		if at < int64(part.s) || at >= int64(part.e) {
			missing = append(missing, int32(k))
			continue
		}
		idx[k] = w.row(int32(at))
	}
	return missing
}

// defaults puts the default value into the missing rows of out.
func (w *winPick) defaults(pos *winPos, out *vec.Vector, missing []int32) {
	var def vec.Vector
	vec.Gather(&def, w.args[2], pos.r.perm[pos.lo:pos.hi])
	if out.Phys() >= types.PList {
		which := make([]int32, out.Len)
		for _, k := range missing {
			which[k] = 1
		}
		got := *out
		vec.AssignNested(out, w.f.Result, out.Len, which, []*vec.Vector{&got, &def})
		return
	}
	for _, k := range missing {
		out.Valid.Set(int(k)) // Gather made it NULL
	}
	vec.Assign(out, &def, missing)
}
