package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var abs = &fn.Function{
	Name: "abs", Category: "math", Doc: "The number without its sign.", Signatures: []string{"abs(number)"},
	Examples: tex("abs(-3)", "3", "abs(-2.5)", "2.5", "abs(-1e0)", "1.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t := args[0].Type
		if t.Kind == types.Interval {
			return sig(t, map1(func(v vec.IntervalValue) vec.IntervalValue {
				return vec.IntervalValue{Months: max(v.Months, -v.Months), Days: max(v.Days, -v.Days), Micros: max(v.Micros, -v.Micros)}
			}), t), nil
		}
		if !t.IsExact() {
			if t.IsNumeric() || t.Kind == types.Varchar || t.Kind == types.Null {
				return sig(types.TDouble, map1(math.Abs), types.TDouble), nil
			}
			return nil, nil
		}
		o := failing(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				f, k := args[0].At(int(i))
				x := kernel.Int128At(f, k)
				if x.Hi < 0 {
					x = kernel.Neg128(x)
				}
				if !fits(x, t) {
					return dataErr("overflow: abs(%s) does not fit %s", show(args[0], i), t)
				}
				store(out, i, x)
			}
			return nil
		}, t))
		o.Narrow = true
		return o, nil
	},
}
