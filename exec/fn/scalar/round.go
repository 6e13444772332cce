package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// roundMode tells which way digits are given up.
type roundMode uint8

const (
	halfUp   roundMode = iota // half away from zero
	halfEven                  // half to the even digit
	truncate
	ceiling
	flooring
)

var (
	round   = rounding("round", nil, halfUp, "The number rounded to n digits (0), half away from zero.", "round(2.5)", "3", "round(2.345, 2)", "2.35", "round(1234, -2)", "1200", "round(-2.5e0)", "-3.0")
	bround  = rounding("bround", []string{"round_even"}, halfEven, "The number rounded to n digits (0), half to the even digit.", "bround(2.5)", "2", "bround(3.5e0)", "4.0")
	trunc   = rounding("trunc", []string{"truncate"}, truncate, "The number cut to n digits (0).", "trunc(2.9)", "2", "trunc(-2.345, 2)", "-2.34")
	ceil    = rounding("ceil", []string{"ceiling"}, ceiling, "The smallest whole number not below it.", "ceil(2.1)", "3", "ceil(-2.1e0)", "-2.0")
	floorFn = rounding("floor", nil, flooring, "The greatest whole number not above it.", "floor(2.9)", "2", "floor(-2.1)", "-3")
)

func rounding(name string, aliases []string, mode roundMode, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "math", Doc: doc, Examples: tex(examples...),
		Signatures: []string{name + "(number)", name + "(number, digits)"},
		Bind:       func(args []fn.Arg) (*fn.Overload, error) { return bindRound(mode, name, args) },
	}
}

func bindRound(mode roundMode, name string, args []fn.Arg) (*fn.Overload, error) {
	if len(args) < 1 || len(args) > 2 || len(args) == 2 && !args[1].Type.IsInteger() && args[1].Type.Kind != types.Null {
		if name == "trunc" && len(args) == 2 && (args[0].Type.IsTemporal() || args[0].Type.Kind == types.Varchar) {
			return dateTrunc.Bind([]fn.Arg{args[1], args[0]})
		}
		return nil, nil
	}
	t := args[0].Type
	if t.Kind == types.Null || t.Kind == types.Varchar {
		t = types.TDouble
	}
	tail := []types.Type{types.TInteger}[:len(args)-1]
	switch {
	case t.IsInteger() || t.Kind == types.Decimal:
		digits, known := 0, true
		if len(args) == 2 {
			known = args[1].Const != nil && !args[1].Const.IsNull(0)
			if known {
				digits = int(max(min(int64(kernel.Int128At(args[1].Const, 0).Lo), 38), -38))
			}
		}
		return roundExact(mode, t, digits, known, tail), nil
	case t.IsNumeric():
		return sig(types.TDouble, roundFloats(mode), append([]types.Type{types.TDouble}, tail...)...), nil
	}
	return nil, nil
}

// roundExact rounds integers and decimals. The result keeps as many digits as are asked for, if that is known, else the type.
func roundExact(mode roundMode, t types.Type, digits int, known bool, tail []types.Type) *fn.Overload {
	args := append([]types.Type{t}, tail...)
	s := int(t.S)
	res := t
	if t.Kind == types.Decimal && known && !t.IsHuge() {
		keep := max(min(digits, s), 0)
		if keep < s {
			res = types.NewDecimal(min(max(int(t.P)-s+keep+1, 1), types.MaxPrecision), keep)
		}
	}
	o := failing(sig(res, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			n := 0
			if len(args) == 2 {
				n = int(max(min(vec.ValueAt[int32](args[1], int(i)), 38), -38))
			}
			f, k := args[0].At(int(i))
			x := kernel.Int128At(f, k)
			if n < s {
				x = roundAway(x, s-n, mode)
				up := int(res.S) - n
				var ok bool
				if x, ok = kernel.Mul128(x, kernel.Pow10(min(up, 38))); !ok || !fits(x, res) {
					return dataErr("overflow: %s rounded does not fit %s", show(args[0], i), res)
				}
			}
			store(out, i, x)
		}
		return nil
	}, args...))
	o.Narrow = true
	return o
}

// fits tells whether x is a value of the exact type t.
func fits(x vec.Int128, t types.Type) bool {
	if t.Kind == types.Decimal {
		return kernel.FitsPrecision(x, int(t.P))
	}
	if t.Phys() == types.PI128 {
		return x.Hi == 0
	}
	if !kernel.IsInt64(x) {
		return false
	}
	v := int64(x.Lo)
	switch t.Kind {
	case types.TinyInt:
		return v == int64(int8(v))
	case types.SmallInt:
		return v == int64(int16(v))
	case types.Integer:
		return v == int64(int32(v))
	case types.UTinyInt:
		return v == int64(uint8(v))
	case types.USmallInt:
		return v == int64(uint16(v))
	case types.UInteger:
		return v == int64(uint32(v))
	}
	return true
}

// roundAway gives x ÷ 10^n as a whole number.
func roundAway(x vec.Int128, n int, mode roundMode) vec.Int128 {
	if n > 38 {
		n = 38
		if mode != ceiling && mode != flooring {
			return vec.Int128{}
		}
	}
	d := kernel.Pow10(n)
	if mode == halfUp {
		return kernel.DivRound128(x, d)
	}
	q, r := kernel.QuoRem128(x, d)
	one := kernel.I128(1)
	switch {
	case r == (vec.Int128{}):
	case mode == ceiling && r.Hi >= 0:
		q, _ = kernel.Add128(q, one)
	case mode == flooring && r.Hi < 0:
		q, _ = kernel.Sub128(q, one)
	case mode == halfEven:
		up := kernel.DivRound128(x, d)
		twice, _ := kernel.Add128(r, r)
		if twice != d && twice != kernel.Neg128(d) || up.Lo&1 == 0 {
			return up
		}
	}
	return q
}

func roundFloats(mode roundMode) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, dst := vec.ColOf[float64](args[0]), vec.Values[float64](out)
		for _, i := range sel {
			n := int32(0)
			if len(args) == 2 {
				n = vec.ValueAt[int32](args[1], int(i))
			}
			dst[i] = roundFloat(a.At(i), int(n), mode)
		}
		return nil
	}
}

func roundFloat(x float64, n int, mode roundMode) float64 {
	if n == 0 {
		return wholeFloat(x, mode)
	}
	n = max(min(n, 308), -308)
	p := math.Pow10(n)
	y := x * p
	if math.IsInf(y, 0) || math.IsNaN(y) {
		return x
	}
	if z := wholeFloat(y, mode); n > 0 {
		return z / p
	} else {
		return z * math.Pow10(-n)
	}
}

func wholeFloat(x float64, mode roundMode) float64 {
	switch mode {
	case halfEven:
		return math.RoundToEven(x)
	case truncate:
		return math.Trunc(x)
	case ceiling:
		return math.Ceil(x)
	case flooring:
		return math.Floor(x)
	}
	return math.Round(x)
}
