package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var intDiv = &fn.Function{
	Name: "int_div", Aliases: []string{"//", "div"}, Category: "operator",
	Doc:        "The quotient cut to a whole number, towards zero. By zero it is NULL, unless an operand is DOUBLE.",
	Signatures: []string{"number // number"},
	Examples:   tex("7 // 2", "3", "-7 // 2", "-3", "7 // 0", "NULL", "7.5 // 2", "3"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		l, r, ok := operands(args)
		switch {
		case !ok || !l.IsNumeric() || !r.IsNumeric():
			return nil, nil
		case !l.IsExact() || !r.IsExact():
			return sig(types.TDouble, map2(func(a, b float64) float64 { return math.Trunc(a / b) }), types.TDouble, types.TDouble), nil
		}
		if l.IsInteger() && r.IsInteger() {
			if t, ok := commonInt(l, r); ok {
				if t.Kind == types.Integer {
					return failing(sig(t, divWhole[int32](t), t, t)), nil
				}
				return failing(sig(t, divWhole[int64](t), t, t)), nil
			}
		}
		ld, rd := asDecimal(l, args[0].Const), asDecimal(r, args[1].Const)
		t := types.NewDecimal(min(max(int(ld.P)-int(ld.S)+int(rd.S), 1), types.MaxPrecision), 0)
		if ld.IsHuge() && rd.S == 0 {
			t = types.THugeInt
		}
		o := failing(sig(t, quoRem(int(ld.S), int(rd.S), "//", t, false), l, r))
		o.Narrow = true
		return o, nil
	},
}

func divWhole[T int32 | int64](t types.Type) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.ColOf[T](args[0]), vec.ColOf[T](args[1]), vec.Values[T](out)
		for _, i := range sel {
			d := b.At(i)
			switch d {
			case 0:
				out.SetNull(int(i))
				continue
			case -1:
				if x := a.At(i); x == -x && x != 0 {
					return overflow("//", args, i, t)
				}
			}
			dst[i] = a.At(i) / d
		}
		return nil
	}
}

// quoRem gives the whole quotient or the remainder of decimals of scales ls and rs.
func quoRem(ls, rs int, sign string, t types.Type, rem bool) fn.Eval {
	s := max(ls, rs)
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			f, k := args[0].At(int(i))
			a, ok1 := kernel.Rescale128(kernel.Int128At(f, k), ls, s)
			f, k = args[1].At(int(i))
			b, ok2 := kernel.Rescale128(kernel.Int128At(f, k), rs, s)
			if ok1 && ok2 && b == (vec.Int128{}) {
				out.SetNull(int(i))
				continue
			}
			if !ok1 || !ok2 {
				return overflow(sign, args, i, t)
			}
			x, r := kernel.QuoRem128(a, b)
			if rem {
				x = r
			}
			if !kernel.FitsPrecision(x, int(t.P)) {
				return overflow(sign, args, i, t)
			}
			store(out, i, x)
		}
		return nil
	}
}
