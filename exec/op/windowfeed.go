package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// aggFeed gives an accumulator the rows that count: those that pass the filter, have no NULL where that is wanted, and, with DISTINCT,
// are the first of their kind in a run.
type aggFeed struct {
	*winCall
	runs []int32 // DISTINCT: the starts of the runs
	lo   int     // DISTINCT: the position of the first row that is added next
	seen *groupTable
	back bool
	run  vec.Vector
	cols []vec.Vector
	mark []bool
}

func newAggFeed(c *winCall) *aggFeed {
	f := &aggFeed{winCall: c}
	if c.f.Distinct && !c.f.Overload.IgnoresDuplicates {
		f.seen = newGroupTable(append([]types.Type{types.TInteger}, c.f.InputTypes...))
		f.cols = make([]vec.Vector, len(c.args))
	}
	return f
}

// reverse turns the rows around.
func (f *aggFeed) reverse(groups, sel []int32) {
	f.back = true
	for i, j := 0, len(sel)-1; i < j; i, j = i+1, j-1 {
		groups[i], groups[j], sel[i], sel[j] = groups[j], groups[i], sel[j], sel[i]
	}
}

// add adds the rows sel, whose memory it uses, to groups.
func (f *aggFeed) add(acc fn.Accumulator, groups, sel []int32) error {
	if f.seen != nil {
		f.number(len(sel))
	}
	return f.addRuns(acc, groups, sel)
}

// number sets run to the runs of the next n rows.
func (f *aggFeed) number(n int) {
	f.run.Reset(types.TInteger, n)
	out := vec.Values[int32](&f.run)
	if f.runs == nil { // each row is a run
		for k := range out {
			out[k] = int32(f.lo + k)
		}
	} else {
		for i, k := indexOf(f.runs, f.lo), 0; k < n; k++ {
			if int(f.runs[i+1]) <= f.lo+k {
				i++
			}
			out[k] = int32(i)
		}
	}
	if f.back {
		for i, j := 0, n-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
}

// addRuns is add where run is set.
func (f *aggFeed) addRuns(acc fn.Accumulator, groups, sel []int32) error {
	var runs []int32
	if f.seen != nil {
		runs = vec.Values[int32](&f.run)[:len(sel)]
	}
	n := len(sel)
	keep := func(valid vec.Bitmap) {
		m := 0
		for k, row := range sel[:n] {
			if valid != nil && !valid.Get(int(row)) || valid == nil && f.filter[row] == 0 {
				continue
			}
			groups[m], sel[m] = groups[k], row
			if runs != nil {
				runs[m] = runs[k]
			}
			m++
		}
		n = m
	}
	if f.filter != nil {
		keep(nil)
	}
	if !f.f.Overload.TakesNulls {
		for _, v := range f.args {
			if v.Valid != nil {
				keep(v.Valid)
			}
		}
	}
	if f.seen != nil && n > 0 {
		n = f.unseen(groups, sel, n)
	}
	if n == 0 {
		return nil
	}
	return acc.Update(groups[:n], f.args, sel[:n])
}

// unseen narrows the rows to those that are new in their run.
func (f *aggFeed) unseen(groups, sel []int32, n int) int {
	f.run.Len = n
	keys := []*vec.Vector{&f.run}
	for i, v := range f.args {
		vec.Gather(&f.cols[i], v, sel[:n])
		keys = append(keys, &f.cols[i])
	}
	old := f.seen.n
	got := f.seen.find(keys, vec.Identity(n))
	f.mark = append(f.mark[:0], make([]bool, f.seen.n-old)...)
	m := 0
	for k, g := range got {
		if g := int(g) - old; g >= 0 && !f.mark[g] {
			f.mark[g] = true
			groups[m], sel[m] = groups[k], sel[k]
			m++
		}
	}
	return m
}

// scan goes through the rows of each frame.
func (a *winAgg) scan(pos *winPos, out *vec.Vector) error {
	const atOnce = 256
	f, err := a.frames(pos)
	if err != nil {
		return err
	}
	b := vec.NewBuilder(a.f.Result)
	var tmp vec.Vector
	for lo := 0; lo < len(f.s); lo += atOnce {
		n := min(atOnce, len(f.s)-lo)
		acc := a.f.Overload.NewAcc(a.f.Args)
		acc.Grow(n)
		if err := a.scanSome(acc, f, lo, n); err != nil {
			return err
		}
		tmp.Reset(a.f.Result, n)
		if err := acc.Result(0, n, &tmp); err != nil {
			return err
		}
		b.Append(&tmp, nil)
	}
	*out = *b.Vector()
	return nil
}

// scanSome adds the frames of the rows lo…lo+n-1 to the states 0…n-1.
func (a *winAgg) scanSome(acc fn.Accumulator, f *winFrame, lo, n int) error {
	feed := newAggFeed(a.winCall)
	var groups, sel [vec.BatchSize]int32
	var buf [3]run
	m := 0
	flush := func() error {
		if err := a.cancelled(); err != nil {
			return err
		}
		if feed.seen != nil {
			feed.run.Reset(types.TInteger, m)
			copy(vec.Values[int32](&feed.run), groups[:m])
		}
		err := feed.addRuns(acc, groups[:m], sel[:m])
		m = 0
		return err
	}
	for k := range n {
		for _, r := range f.runs(buf[:0], lo+k) {
			for s := r.s; s < r.e; s++ {
				groups[m], sel[m] = int32(k), a.r.perm[s]
				if m++; m == len(sel) {
					if err := flush(); err != nil {
						return err
					}
				}
			}
		}
	}
	return flush()
}
