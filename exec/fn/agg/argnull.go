package agg

import (
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var (
	argMinNull = argNull("arg_min_null", false, "The first argument where the second is smallest, even if it is NULL there.", "arg_min_null(x, y) FROM (VALUES ('a', 2), (NULL, 1)) t(x, y)", "NULL")
	argMaxNull = argNull("arg_max_null", true, "The first argument where the second is greatest, even if it is NULL there.", "arg_max_null(x, y) FROM (VALUES ('a', 1), (NULL, 2)) t(x, y)", "NULL")
)

func argNull(name string, greatest bool, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Kind: fn.Aggregate, Category: "aggregate", Doc: doc, Signatures: []string{name + "(T, any) → T"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 2 {
				return nil, nil
			}
			t, by := args[0].Type, args[1].Type
			o := same(args, t, func([]fn.Arg) fn.Accumulator { return &argNullAcc{argAcc{newSlots(t), newSlots(by), greatest}} })
			o.TakesNulls = true
			return o, nil
		},
	}
}

// argNullAcc passes over rows whose key is NULL, not over those whose value is.
type argNullAcc struct{ argAcc }

func (a *argNullAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	for k, i := range sel {
		if !args[1].IsNull(int(i)) {
			a.put(groups[k], args[0], args[1], i, i)
		}
	}
	return nil
}

func (a *argNullAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	return a.argAcc.Merge(&from.(*argNullAcc).argAcc, src, dst)
}
