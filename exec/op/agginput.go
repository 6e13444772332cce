package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// aggInput computes the arguments of one aggregate for a batch, and which rows count.
type aggInput struct {
	spec   *AggSpec
	filter flow.Machine
	inputs flow.Machine
	order  flow.Machine

	args   []*vec.Vector // Flat or Const
	sel    []int32       // the rows that count
	pos    []int32       // their places among the selected rows of the batch; nil: all of them count
	orders []*vec.Vector

	selBuf, posBuf []int32
	flat           []vec.Vector
	batch          vec.Batch
	group          vec.Vector
	morsel, place  vec.Vector
	rows           int64 // kept by the worker, whose morsels come in order
	cols           []*vec.Vector
}

func newAggInput(t *flow.Task, a *AggSpec) *aggInput {
	in := &aggInput{spec: a, flat: make([]vec.Vector, len(a.Args)), args: make([]*vec.Vector, len(a.Args))}
	if a.Filter != nil {
		in.filter = a.Filter.Machine(t)
	}
	if a.Inputs != nil {
		in.inputs = a.Inputs.Machine(t)
	}
	if a.OrderBy != nil && a.mode(t) == reordered {
		in.order = a.OrderBy.Machine(t)
	}
	return in
}

// eval computes args, sel and pos for the rows sel of b.
func (in *aggInput) eval(b *vec.Batch, sel []int32, shared []*vec.Vector) error {
	in.sel, in.pos = sel, nil
	in.batch = *b
	if in.filter != nil {
		in.selBuf = append(in.selBuf[:0], sel...)
		got, err := in.filter.Select(b, in.selBuf)
		if err != nil {
			return err
		}
		in.posBuf = in.posBuf[:0]
		k := int32(0)
		for _, i := range got {
			for sel[k] != i {
				k++
			}
			in.posBuf = append(in.posBuf, k)
		}
		in.sel, in.pos = append(in.selBuf[:0], got...), in.posBuf
		in.batch.Sel = in.sel
	}
	if len(in.sel) == 0 {
		return nil
	}
	src := shared
	if in.inputs != nil {
		var err error
		if src, err = in.inputs.Eval(&in.batch); err != nil {
			return err
		}
	}
	for i := range in.args {
		v := (*vec.Vector)(nil)
		if in.inputs != nil {
			v = src[i]
		} else {
			v = src[in.spec.Shared[i]]
		}
		if v.Form == vec.Dict {
			vec.Flatten(&in.flat[i], v, in.sel)
			v = &in.flat[i]
		}
		in.args[i] = v
		if v.Valid != nil && !in.spec.Overload.TakesNulls {
			in.dropNulls(v)
		}
	}
	if in.order != nil && len(in.sel) > 0 {
		in.batch.Sel = in.sel
		var err error
		in.orders, err = in.order.Eval(&in.batch)
		return err
	}
	return nil
}

// dropNulls takes the rows where v is NULL out of sel.
func (in *aggInput) dropNulls(v *vec.Vector) {
	if v.Form == vec.Const {
		if v.IsNull(0) {
			in.sel, in.pos = in.sel[:0], in.posBuf[:0]
			if in.pos == nil {
				in.pos = []int32{}
			}
		}
		return
	}
	n := len(in.sel)
	if cap(in.selBuf) < n {
		in.selBuf = append(in.selBuf[:0], make([]int32, max(n, vec.BatchSize))...)
	}
	if cap(in.posBuf) < n {
		in.posBuf = append(make([]int32, 0, max(n, vec.BatchSize)), in.posBuf...)
	}
	pos := in.pos
	if pos == nil {
		pos = vec.Identity(n)
	}
	sel, out, k := in.selBuf[:n], in.posBuf[:n], 0
	words := v.Valid
	for j, i := range in.sel {
		p := pos[j]
		sel[k], out[k] = i, p
		k += int(words[i>>6] >> (uint(i) & 63) & 1)
	}
	in.sel, in.pos = sel[:k], out[:k]
}

// withGroups gives the columns of the group numbers and the arguments, by row of the batch.
func (in *aggInput) withGroups(groups []int32, n int) []*vec.Vector {
	in.group.Reset(types.TInteger, n)
	out := vec.Values[int32](&in.group)
	for k, i := range in.sel {
		out[i] = groups[k]
	}
	in.cols = append(append(in.cols[:0], &in.group), in.args...)
	return in.cols
}

// keep copies the rows with what they will be sorted by.
func (in *aggInput) keep(k *keeper, groups []int32, b *vec.Batch) error {
	cols := append(in.withGroups(groups, b.N), in.orders...)
	in.morsel.Reset(types.TBigInt, 1)
	vec.Values[int64](&in.morsel)[0] = b.Morsel
	in.morsel.SetConst(b.N)
	in.place.Reset(types.TBigInt, b.N)
	place := vec.Values[int64](&in.place)
	for _, i := range in.sel {
		in.rows++
		place[i] = in.rows
	}
	in.cols = append(cols, &in.morsel, &in.place)
	return k.add(b, in.cols, in.sel)
}
