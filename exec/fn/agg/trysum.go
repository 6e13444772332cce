package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var trySum = &fn.Function{
	Name: "try_sum", Kind: fn.Aggregate, Category: "aggregate", Doc: "As sum, but NULL where the sum does not fit its type.", Signatures: []string{"try_sum(number)"},
	Examples: tex("try_sum(x) FROM (VALUES (9223372036854775807), (1)) t(x)", "NULL", "try_sum(x) FROM (VALUES (1), (2)) t(x)", "3"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 1 && args[0].Type.Kind == types.Interval {
			return nil, nil
		}
		o, err := sum.Bind(args)
		if o == nil || err != nil {
			return nil, err
		}
		inner := o.NewAcc
		o.NewAcc = func(a []fn.Arg) fn.Accumulator { return &tried{inner(a), o.Result} }
		o.CanFail = false
		return o, nil
	},
}

// tried is an Accumulator whose results that fail are NULL.
type tried struct {
	fn.Accumulator
	t types.Type
}

func (a *tried) Merge(from fn.Accumulator, src, dst []int32) error {
	return a.Accumulator.Merge(from.(*tried).Accumulator, src, dst)
}

func (a *tried) Result(lo, hi int, out *vec.Vector) error {
	whole := vec.New(a.t, hi-lo)
	if a.Accumulator.Result(lo, hi, whole) == nil {
		*out = *whole
		return nil
	}
	b := vec.NewBuilder(a.t)
	for g := lo; g < hi; g++ {
		one := vec.New(a.t, 1)
		if a.Accumulator.Result(g, g+1, one) == nil {
			b.Append(one, vec.Identity(1))
		} else {
			b.AppendNull()
		}
	}
	*out = *b.Vector()
	return nil
}
