package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Unnest gives, for every row, a row for each element of its lists, side by side; the longest list decides, and shorter ones give NULL. The
// columns are the input's, then the elements of each list (of a MAP: keys, then values), then with Ordinal the position from 1. It is a
// flow.Stage.
type Unnest struct {
	Lists   flow.Program // ARRAY or MAP values
	Types   []types.Type // of the lists
	Ordinal bool
	Outer   bool // a row without elements is kept once, with NULL
}

// Local makes a worker's part.
func (u *Unnest) Local(t *flow.Task) (flow.Transform, error) {
	return &unnestLocal{u: u, m: u.Lists.Machine(t), size: batchSize(t)}, nil
}

type unnestLocal struct {
	u     *Unnest
	m     flow.Machine
	size  int
	lists []*vec.Vector
	row   []int32   // the input row of each output row
	elem  [][]int32 // the element of each list, -1 for none
	pos   []int64
	vecs  []vec.Vector
	out   vec.Batch
}

func (l *unnestLocal) Flush(flow.Emit) error { return nil }

// entry gives the elements of list k at row i.
func entry(v *vec.Vector, i int32) vec.ListEntry {
	if v.IsNull(int(i)) {
		return vec.ListEntry{}
	}
	return vec.ValueAt[vec.ListEntry](v, int(i))
}

// Push unnests a batch.
func (l *unnestLocal) Push(b *vec.Batch, emit flow.Emit) error {
	var err error
	if l.lists, err = l.m.Eval(b); err != nil {
		return err
	}
	if l.elem == nil {
		l.elem = make([][]int32, len(l.lists))
	}
	for _, i := range rows(b) {
		longest := uint32(0)
		for _, v := range l.lists {
			longest = max(longest, entry(v, i).Len)
		}
		if longest == 0 && l.u.Outer {
			l.add(i, -1)
		}
		for e := range longest {
			l.add(i, int64(e))
			if len(l.row) >= l.size {
				if err := l.give(b, emit); err != nil {
					return err
				}
			}
		}
	}
	return l.give(b, emit)
}

// add notes an output row: element e of each list of row i.
func (l *unnestLocal) add(i int32, e int64) {
	l.row = append(l.row, i)
	l.pos = append(l.pos, e+1)
	for k, v := range l.lists {
		x, at := entry(v, i), int32(-1)
		if e >= 0 && e < int64(x.Len) {
			at = int32(x.Off) + int32(e)
		}
		l.elem[k] = append(l.elem[k], at)
	}
}

// give makes a batch of the rows noted.
func (l *unnestLocal) give(b *vec.Batch, emit flow.Emit) error {
	if len(l.row) == 0 {
		return nil
	}
	cols := len(b.Cols) + 2*len(l.lists) + 1
	if len(l.vecs) < cols {
		l.vecs = make([]vec.Vector, cols)
	}
	l.out = vec.Batch{N: len(l.row), Morsel: b.Morsel, Seq: b.Seq, Cols: l.out.Cols[:0]}
	next := func() *vec.Vector {
		v := &l.vecs[len(l.out.Cols)]
		l.out.Cols = append(l.out.Cols, v)
		return v
	}
	for _, c := range b.Cols {
		vec.Gather(next(), c, l.row)
	}
	for k, v := range l.lists {
		kid := v.Kids[0]
		if l.u.Types[k].Kind == types.Map {
			vec.Gather(next(), kid.Kids[0], l.elem[k])
			vec.Gather(next(), kid.Kids[1], l.elem[k])
		} else {
			vec.Gather(next(), kid, l.elem[k])
		}
		l.elem[k] = l.elem[k][:0]
	}
	if l.u.Ordinal {
		v := next()
		v.Reset(types.TBigInt, len(l.pos))
		copy(vec.Values[int64](v), l.pos)
		for i, p := range l.pos {
			if p == 0 {
				v.SetNull(i)
			}
		}
	}
	l.row, l.pos = l.row[:0], l.pos[:0]
	return emit(&l.out)
}
