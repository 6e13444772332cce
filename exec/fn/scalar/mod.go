package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var mod = &fn.Function{
	Name: "mod", Aliases: []string{"%"}, Category: "operator",
	Doc:        "The remainder of a division, with the sign of the dividend. By zero it is NULL, unless an operand is DOUBLE.",
	Signatures: []string{"number % number", "mod(number, number)"},
	Examples:   tex("7 % 3", "1", "-7 % 3", "-1", "7 % 0", "NULL", "7.5 % 2", "1.5", "mod(10, 4)", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		l, r, ok := operands(args)
		switch {
		case !ok || !l.IsNumeric() || !r.IsNumeric():
			return nil, nil
		case !l.IsExact() || !r.IsExact():
			return sig(types.TDouble, map2(math.Mod), types.TDouble, types.TDouble), nil
		}
		if l.IsInteger() && r.IsInteger() {
			if t, ok := commonInt(l, r); ok {
				if t.Kind == types.Integer {
					return sig(t, remWhole[int32], t, t), nil
				}
				return sig(t, remWhole[int64], t, t), nil
			}
		}
		ld, rd := asDecimal(l, args[0].Const), asDecimal(r, args[1].Const)
		s := max(int(ld.S), int(rd.S))
		t := adjust(min(int(ld.P)-int(ld.S), int(rd.P)-int(rd.S))+s, s)
		if t.P = max(t.P, 1); (ld.IsHuge() || rd.IsHuge()) && s == 0 {
			t = types.THugeInt
		}
		o := failing(sig(t, quoRem(int(ld.S), int(rd.S), "%", t, true), l, r))
		o.Narrow = true
		return o, nil
	},
}

func remWhole[T int32 | int64](_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, dst := vec.ColOf[T](args[0]), vec.ColOf[T](args[1]), vec.Values[T](out)
	for _, i := range sel {
		switch d := b.At(i); d {
		case 0:
			out.SetNull(int(i))
		case -1:
			dst[i] = 0
		default:
			dst[i] = a.At(i) % d
		}
	}
	return nil
}
