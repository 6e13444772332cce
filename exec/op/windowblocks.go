package op

import (
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// winBlocks are the running states of an aggregate over frames that all have the same number of rows, but where a partition's ends cut
// them. Each partition is cut into blocks of that many rows, so that a frame is the end of one block and the start of the next.
type winBlocks struct {
	width  int32
	starts fn.Accumulator // by position: the block up to there
	ends   fn.Accumulator // by position: the block from there on
}

// frameWidth gives the number of rows of all frames, if they have the same.
func (c *winCall) frameWidth() (int64, bool) {
	f := &c.f.Frame
	if f.Unit != FrameRows || f.Exclude != ExcludeNone {
		return 0, false
	}
	end := func(kind BoundKind, v *vec.Vector) (int64, bool) {
		switch {
		case kind == CurrentRow:
			return 0, true
		case v == nil || v.Form != vec.Const:
			return 0, false
		}
		d := vec.Values[int64](v)[0]
		if d < 0 || d > maxRows {
			return 0, false
		}
		if kind == Preceding {
			d = -d
		}
		return d, true
	}
	s, ok := end(f.Start.Kind, c.start)
	e, ok2 := end(f.End.Kind, c.end)
	n := e - s + 1
	return n, ok && ok2 && n > 0 && n <= maxRows
}

// blocks computes the states of the blocks.
func (a *winAgg) blocks() error {
	width, _ := a.frameWidth()
	b := &winBlocks{width: int32(width), starts: a.f.Overload.NewAcc(a.f.Args), ends: a.f.Overload.NewAcc(a.f.Args)}
	for _, acc := range []fn.Accumulator{b.starts, b.ends} {
		acc.Grow(a.n)
		if err := a.feedAll(newAggFeed(a.winCall), acc); err != nil {
			return err
		}
		if err := a.hold(acc.Size()); err != nil {
			return err
		}
	}
	begins := a.begins()
	up, down := merger{to: b.starts, from: b.starts}, merger{to: b.ends, from: b.ends}
	for i, first := range begins[:len(begins)-1] {
		if err := a.cancelled(); err != nil {
			return err
		}
		for lo := int64(first); lo < int64(begins[i+1]); lo += width {
			hi := int32(min(lo+width, int64(begins[i+1])))
			for k := int32(lo) + 1; k < hi; k++ {
				if err := up.merge(k-1, k); err != nil {
					return err
				}
			}
			for k := hi - 2; k >= int32(lo); k-- {
				if err := down.merge(k+1, k); err != nil {
					return err
				}
			}
		}
	}
	if err := up.flush(); err != nil {
		return err
	}
	a.sliding = b
	return down.flush()
}

// fromBlocks puts each frame together from at most two states.
func (a *winAgg) fromBlocks(pos *winPos, out *vec.Vector) error {
	f, err := a.frames(pos)
	if err != nil {
		return err
	}
	b, lo, n := a.sliding, int32(a.span.lo), pos.hi-pos.lo
	acc := a.f.Overload.NewAcc(a.f.Args)
	acc.Grow(n)
	tails, heads := merger{to: acc, from: b.ends}, merger{to: acc, from: b.starts}
	for k := range n {
		if k%vec.BatchSize == 0 {
			if err := a.cancelled(); err != nil {
				return err
			}
		}
		s, e, ps := f.s[k], f.e[k], pos.ps[k]
		if s >= e {
			continue
		}
		at := (s - ps) % b.width
		if at > 0 || e-s == b.width { // the frame reaches the end of the block that it starts in
			if err := tails.merge(s-lo, int32(k)); err != nil {
				return err
			}
		}
		if at == 0 && e-s < b.width || e-s > b.width-at { // it ends within a block
			if len(heads.src)+1 == vec.BatchSize { // the states before come first
				if err := tails.flush(); err != nil {
					return err
				}
			}
			if err := heads.merge(e-1-lo, int32(k)); err != nil {
				return err
			}
		}
	}
	if err := tails.flush(); err != nil {
		return err
	}
	if err := heads.flush(); err != nil {
		return err
	}
	return acc.Result(0, n, out)
}
