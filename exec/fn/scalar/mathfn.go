package scalar

import (
	"math"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// real1 makes a function of one DOUBLE.
func real1(name string, aliases []string, doc string, f func(float64) float64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "math", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TDouble, map1(f), types.TDouble)},
	}
}

// domain makes a function of one DOUBLE that has no value outside its domain: an error names the number.
func domain(name string, aliases []string, doc string, ok func(float64) bool, f func(float64) float64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "math", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{failing(sig(types.TDouble, try1(func(x float64) (float64, error) {
			if !ok(x) {
				return 0, dataErr("%s(%v) is not defined", name, x)
			}
			return f(x), nil
		}), types.TDouble))},
	}
}

func positive(x float64) bool { return !(x <= 0) }

func withinOne(x float64) bool { return !(x < -1 || x > 1) }

var (
	sqrt    = domain("sqrt", nil, "The square root.", func(x float64) bool { return !(x < 0) }, math.Sqrt, "sqrt(9)", "3.0")
	cbrt    = real1("cbrt", nil, "The cube root.", math.Cbrt, "cbrt(27)", "3.0")
	exp     = real1("exp", nil, "e to the power x.", math.Exp, "exp(0)", "1.0")
	expm1   = real1("expm1", nil, "e to the power x, less 1.", math.Expm1, "expm1(0)", "0.0")
	ln      = domain("ln", nil, "The natural logarithm.", positive, math.Log, "ln(1)", "0.0")
	log2    = domain("log2", nil, "The logarithm to base 2.", positive, math.Log2, "log2(8)", "3.0")
	log10   = domain("log10", nil, "The logarithm to base 10.", positive, math.Log10, "log10(1000)", "3.0")
	log1p   = domain("log1p", nil, "The natural logarithm of 1 + x.", func(x float64) bool { return !(x <= -1) }, math.Log1p, "log1p(0)", "0.0")
	sin     = real1("sin", nil, "The sine.", math.Sin, "sin(0)", "0.0")
	cos     = real1("cos", nil, "The cosine.", math.Cos, "cos(0)", "1.0")
	tan     = real1("tan", nil, "The tangent.", math.Tan, "tan(0)", "0.0")
	cot     = real1("cot", nil, "The cotangent.", func(x float64) float64 { return 1 / math.Tan(x) }, "round(cot(1), 4)", "0.6421")
	asin    = domain("asin", nil, "The inverse of the sine.", withinOne, math.Asin, "asin(0)", "0.0")
	acos    = domain("acos", nil, "The inverse of the cosine.", withinOne, math.Acos, "acos(1)", "0.0")
	atan    = real1("atan", nil, "The inverse of the tangent.", math.Atan, "atan(0)", "0.0")
	sinh    = real1("sinh", nil, "The hyperbolic sine.", math.Sinh, "sinh(0)", "0.0")
	cosh    = real1("cosh", nil, "The hyperbolic cosine.", math.Cosh, "cosh(0)", "1.0")
	tanh    = real1("tanh", nil, "The hyperbolic tangent.", math.Tanh, "tanh(0)", "0.0")
	asinh   = real1("asinh", nil, "The inverse of the hyperbolic sine.", math.Asinh, "asinh(0)", "0.0")
	acosh   = domain("acosh", nil, "The inverse of the hyperbolic cosine.", func(x float64) bool { return !(x < 1) }, math.Acosh, "acosh(1)", "0.0")
	atanh   = domain("atanh", nil, "The inverse of the hyperbolic tangent.", withinOne, math.Atanh, "atanh(0)", "0.0")
	degrees = real1("degrees", nil, "Radians as degrees.", func(x float64) float64 { return x * (180 / math.Pi) }, "degrees(pi())", "180.0")
	radians = real1("radians", nil, "Degrees as radians.", func(x float64) float64 { return x * (math.Pi / 180) }, "radians(180) = pi()", "true")
	gamma   = real1("gamma", nil, "The gamma function.", math.Gamma, "gamma(5)", "24.0")
	rint    = real1("rint", nil, "The nearest whole number, half to the even one.", math.RoundToEven, "rint(2.5)", "2.0")
)

var atan2 = &fn.Function{
	Name: "atan2", Category: "math", Doc: "The angle of the point (x, y): atan2(y, x).", Examples: tex("atan2(0, 1)", "0.0"),
	Overloads: []*fn.Overload{sig(types.TDouble, map2(math.Atan2), types.TDouble, types.TDouble)},
}

var hypot = &fn.Function{
	Name: "hypot", Category: "math", Doc: "The square root of a² + b².", Examples: tex("hypot(3, 4)", "5.0"),
	Overloads: []*fn.Overload{sig(types.TDouble, map2(math.Hypot), types.TDouble, types.TDouble)},
}

var power = &fn.Function{
	Name: "power", Aliases: []string{"pow", "^", "**"}, Category: "math", Doc: "The first number to the power of the second.", Examples: tex("power(2, 10)", "1024.0", "2 ^ 3", "8.0"),
	Overloads: []*fn.Overload{sig(types.TDouble, map2(math.Pow), types.TDouble, types.TDouble)},
}

var logFn = &fn.Function{
	Name: "log", Category: "math", Doc: "The logarithm to base 10, or of the second number to the base of the first.", Examples: tex("log(100)", "2.0", "log(2, 8)", "3.0"),
	Overloads: []*fn.Overload{
		failing(sig(types.TDouble, try1(func(x float64) (float64, error) {
			if !positive(x) {
				return 0, dataErr("log(%v) is not defined", x)
			}
			return math.Log10(x), nil
		}), types.TDouble)),
		failing(sig(types.TDouble, try2(func(base, x float64) (float64, error) {
			if !positive(x) || !positive(base) || base == 1 {
				return 0, dataErr("log(%v, %v) is not defined", base, x)
			}
			if base == 2 {
				return math.Log2(x), nil
			}
			return math.Log(x) / math.Log(base), nil
		}), types.TDouble, types.TDouble)),
	},
}

var sign = &fn.Function{
	Name: "sign", Aliases: []string{"signum"}, Category: "math", Doc: "-1, 0 or 1 by the sign of the number.", Signatures: []string{"sign(number) → INTEGER or DOUBLE"},
	Examples: tex("sign(-3)", "-1", "sign(0.5)", "1", "sign(-2e0)", "-1.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 1 && args[0].Type.Kind == types.Interval {
			return sig(types.TDouble, map1(func(v vec.IntervalValue) float64 {
				return float64(kernel.CompareIntervals(v, vec.IntervalValue{}))
			}), types.TInterval), nil
		}
		if len(args) != 1 || !args[0].Type.IsNumeric() && args[0].Type.Kind != types.Varchar && args[0].Type.Kind != types.Null {
			return nil, nil
		}
		if !args[0].Type.IsExact() {
			return sig(types.TDouble, map1(func(x float64) float64 {
				switch {
				case x > 0:
					return 1
				case x < 0:
					return -1
				}
				return x
			}), types.TDouble), nil
		}
		o := sig(types.TInteger, eachExact(func(x vec.Int128) vec.Int128 { return kernel.I128(int64(kernel.Cmp128(x, vec.Int128{}))) }), args[0].Type)
		o.Narrow = true
		return o, nil
	},
}

var pi = &fn.Function{
	Name: "pi", Category: "math", Doc: "The number π.", Examples: tex("round(pi(), 5)", "3.14159"),
	Overloads: []*fn.Overload{sig(types.TDouble, fill(math.Pi))},
}

var eFn = &fn.Function{
	Name: "e", Category: "math", Doc: "Euler's number.", Examples: tex("round(e(), 5)", "2.71828"),
	Overloads: []*fn.Overload{sig(types.TDouble, fill(math.E))},
}

// fill makes the code of a function that gives the same value everywhere.
func fill[T any](x T) fn.Eval {
	return func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[T](out)
		for _, i := range sel {
			dst[i] = x
		}
		return nil
	}
}

// truth makes a test of a DOUBLE.
func truth(name string, aliases []string, doc string, f func(float64) bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "math", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TBoolean, map1(func(x float64) uint8 { return b2u(f(x)) }), types.TDouble)},
	}
}

var (
	isNaN    = truth("isnan", []string{"is_nan"}, "Whether the number is NaN.", math.IsNaN, "isnan(CAST('NaN' AS DOUBLE))", "true")
	isInf    = endlessOr(true, truth("isinf", []string{"is_inf"}, "Whether the number is infinite.", func(x float64) bool { return math.IsInf(x, 0) }, "isinf(1e0 / 0)", "true"))
	isFinite = endlessOr(false, truth("isfinite", nil, "Whether the number is neither NaN nor infinite.", func(x float64) bool { return !math.IsInf(x, 0) && x == x }, "isfinite(1)", "true"))
)

var factorial = &fn.Function{
	Name: "factorial", Category: "math", Doc: "The product of 1 to n.", Examples: tex("factorial(5)", "120"),
	Overloads: []*fn.Overload{failing(sig(types.NewDecimal(38, 0), try1(func(n int64) (vec.Int128, error) {
		x := kernel.I128(1)
		if n < 0 || n > 33 {
			return x, dataErr("factorial(%d): only 0 to 33 have a value of at most 38 digits", n)
		}
		for k := int64(2); k <= n; k++ {
			x, _ = kernel.Mul128(x, kernel.I128(k))
		}
		return x, nil
	}), types.TBigInt))},
}

func gcd64(a, b int64) int64 {
	for b != 0 {
		if b == -1 {
			return 1
		}
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

var gcd = &fn.Function{
	Name: "gcd", Aliases: []string{"greatest_common_divisor"}, Category: "math", Doc: "The greatest common divisor.", Examples: tex("gcd(12, 18)", "6"),
	Overloads: []*fn.Overload{failing(sig(types.TBigInt, try2(func(a, b int64) (int64, error) {
		g := gcd64(a, b)
		if g < 0 {
			return 0, dataErr("overflow: gcd(%d, %d) does not fit BIGINT", a, b)
		}
		return g, nil
	}), types.TBigInt, types.TBigInt))},
}

var lcm = &fn.Function{
	Name: "lcm", Aliases: []string{"least_common_multiple"}, Category: "math", Doc: "The least common multiple.", Examples: tex("lcm(4, 6)", "12"),
	Overloads: []*fn.Overload{failing(sig(types.TBigInt, try2(func(a, b int64) (int64, error) {
		if a == 0 || b == 0 {
			return 0, nil
		}
		x := kernel.MulInt64(a/gcd64(a, b), b)
		if x.Hi < 0 {
			x = kernel.Neg128(x)
		}
		if !kernel.IsInt64(x) {
			return 0, dataErr("overflow: lcm(%d, %d) does not fit BIGINT", a, b)
		}
		return int64(x.Lo), nil
	}), types.TBigInt, types.TBigInt))},
}

var bitCount = &fn.Function{
	Name: "bit_count", Category: "math", Doc: "The number of bits set.", Examples: tex("bit_count(7)", "3"),
	Overloads: []*fn.Overload{sig(types.TInteger, map1(func(x int64) int32 { return int32(bits.OnesCount64(uint64(x))) }), types.TBigInt), countBits},
}

var widthBucket = &fn.Function{
	Name: "width_bucket", Category: "math", Doc: "The number of the bucket that x falls into when low…high is cut into n of equal width; 0 below, n+1 above.",
	Examples: tex("width_bucket(5, 0, 10, 4)", "3", "width_bucket(-1, 0, 10, 4)", "0"),
	Overloads: []*fn.Overload{failing(sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[int64](out)
		r := row{args: args}
		for _, i := range sel {
			r.i = int(i)
			x, lo, hi, n := r.f64(0), r.f64(1), r.f64(2), r.i64(3)
			if n <= 0 || lo == hi || lo != lo || hi != hi || n == math.MaxInt64 {
				return dataErr("width_bucket: %v to %v cannot be cut into %d buckets", lo, hi, n)
			}
			if hi < lo {
				x, lo, hi = -x, -lo, -hi
			}
			switch {
			case x < lo:
				dst[i] = 0
			case x >= hi || x != x:
				dst[i] = n + 1
			default:
				dst[i] = int64((x-lo)/(hi-lo)*float64(n)) + 1
			}
		}
		return nil
	}, types.TDouble, types.TDouble, types.TDouble, types.TBigInt))},
}
