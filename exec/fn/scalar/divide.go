package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var divide = &fn.Function{
	Name: "divide", Aliases: []string{"/"}, Category: "operator",
	Doc:        "The quotient: of integers a DOUBLE, of decimals a decimal. By zero it is NULL, unless an operand is DOUBLE.",
	Signatures: []string{"number / number", "INTERVAL / number"},
	Examples:   tex("7 / 2", "3.5", "1 / 0", "NULL", "1.0 / 3", "0.333333", "1e0 / 0", "Infinity", "INTERVAL 3 DAY / 2", "1 day 12:00:00"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		l, r, ok := operands(args)
		if !ok {
			return nil, nil
		}
		if args[0].Type.Kind == types.Interval && (args[1].Type.IsNumeric() || isText(args[1]) || args[1].Type.Kind == types.Null) {
			return failing(sig(types.TInterval, divInterval, types.TInterval, types.TDouble)), nil
		}
		switch {
		case !l.IsNumeric() || !r.IsNumeric():
			return nil, nil
		case !l.IsExact() || !r.IsExact():
			return sig(types.TDouble, map2(func(a, b float64) float64 { return a / b }), types.TDouble, types.TDouble), nil
		case l.IsInteger() && r.IsInteger():
			return sig(types.TDouble, divInts, types.TDouble, types.TDouble), nil
		}
		ld, rd := asDecimal(l, args[0].Const), asDecimal(r, args[1].Const)
		s := max(6, int(ld.S)+int(rd.P)+1)
		t := adjust(int(ld.P)-int(ld.S)+int(rd.S)+s, s)
		o := failing(sig(t, divDecimal(int(t.S)-int(ld.S)+int(rd.S), t), l, r))
		o.Narrow = true
		return o, nil
	},
}

func divInts(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, dst := vec.ColOf[float64](args[0]), vec.ColOf[float64](args[1]), vec.Values[float64](out)
	for _, i := range sel {
		d := b.At(i)
		if d == 0 {
			out.SetNull(int(i))
		}
		dst[i] = a.At(i) / d
	}
	return nil
}

func divInterval(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, dst := vec.ColOf[vec.IntervalValue](args[0]), vec.ColOf[float64](args[1]), vec.Values[vec.IntervalValue](out)
	for _, i := range sel {
		d := b.At(i)
		if d == 0 {
			out.SetNull(int(i))
			continue
		}
		v := a.At(i)
		ok := true
		if n := int64(d); float64(n) == d && n == int64(int32(n)) {
			dst[i], ok = divSpan(v, n)
		} else {
			dst[i], ok = spread(float64(v.Months)/d, float64(v.Days)/d, float64(v.Micros)/d)
		}
		if !ok {
			return dataErr("overflow: %s / %v is out of range", kernel.AppendInterval(nil, v), d)
		}
	}
	return nil
}

// divSpan divides a span by a whole number, exactly but for the last micro. What is left of months carries into days, what is left of days into time.
func divSpan(v vec.IntervalValue, n int64) (out vec.IntervalValue, ok bool) {
	mo, da, left := int64(v.Months)/n, int64(v.Days)/n, int64(v.Months)%n*30
	da += left / n
	us, _ := kernel.Mul128(kernel.I128(int64(v.Days)%n+left%n), kernel.I128(kernel.MicrosPerDay)) // below 2^33 days
	us, _ = kernel.Add128(us, kernel.I128(v.Micros))
	us = kernel.DivRound128(us, kernel.I128(n))
	out = vec.IntervalValue{Months: int32(mo), Days: int32(da), Micros: int64(us.Lo)}
	return out, mo == int64(out.Months) && da == int64(out.Days) && kernel.IsInt64(us)
}

// divDecimal divides decimals: a × 10^up ÷ b. up may be negative where the scale was cut to fit 38 digits.
func divDecimal(up int, t types.Type) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			f, k := args[1].At(int(i))
			b := kernel.Int128At(f, k)
			if b == (vec.Int128{}) {
				out.SetNull(int(i))
				continue
			}
			f, k = args[0].At(int(i))
			a := kernel.Int128At(f, k)
			var x vec.Int128
			ok := true
			if up >= 0 {
				x, ok = kernel.MulDivRound(a, up, b)
			} else if b, ok = kernel.Mul128(b, kernel.Pow10(-up)); ok {
				x = kernel.DivRound128(a, b)
			}
			if !ok || !kernel.FitsPrecision(x, int(t.P)) {
				return overflow("/", args, i, t)
			}
			store(out, i, x)
		}
		return nil
	}
}
