package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var negate = &fn.Function{
	Name: "negate", Aliases: []string{"negative"}, Category: "operator",
	Doc:        "A number or interval with its sign changed.",
	Signatures: []string{"-number", "-INTERVAL"},
	Examples:   tex("-(1 + 2)", "-3", "-(1.50)", "-1.50", "-(INTERVAL 1 DAY)", "-1 day"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		switch t := args[0].Type; {
		case t.Kind == types.Null:
			return sig(types.TInteger, map1(func(x int32) int32 { return -x }), types.TInteger), nil
		case t.Kind == types.Interval:
			return failing(sig(t, try1(func(v vec.IntervalValue) (vec.IntervalValue, error) {
				if v.Months == math.MinInt32 || v.Days == math.MinInt32 || v.Micros == math.MinInt64 {
					return v, dataErr("overflow: -(%s) does not fit INTERVAL", kernel.AppendInterval(nil, v))
				}
				return vec.IntervalValue{Months: -v.Months, Days: -v.Days, Micros: -v.Micros}, nil
			}), t)), nil
		case t.Kind == types.Decimal:
			return sig(t, eachExact(kernel.Neg128), t), nil
		case t.IsInteger():
			r, ok := commonInt(t, types.TInteger)
			if !ok {
				r = types.NewDecimal(20, 0)
				return sig(r, eachExact(kernel.Neg128), r), nil
			}
			if r.Kind == types.Integer {
				return failing(sig(r, try1(func(x int32) (int32, error) {
					if x == math.MinInt32 {
						return 0, dataErr("overflow: -(%d) does not fit INTEGER", x)
					}
					return -x, nil
				}), r)), nil
			}
			return failing(sig(r, try1(func(x int64) (int64, error) {
				if x == math.MinInt64 {
					return 0, dataErr("overflow: -(%d) does not fit BIGINT", x)
				}
				return -x, nil
			}), r)), nil
		case t.IsNumeric() || t.Kind == types.Varchar:
			return sig(types.TDouble, map1(func(x float64) float64 { return -x }), types.TDouble), nil
		}
		return nil, nil
	},
}

// eachExact makes the code of a function on integers or decimals of any layout.
func eachExact(f func(vec.Int128) vec.Int128) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			v, k := args[0].At(int(i))
			store(out, i, f(kernel.Int128At(v, k)))
		}
		return nil
	}
}
