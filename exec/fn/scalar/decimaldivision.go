package scalar

import (
	"math/big"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var decimalDivision = &fn.Function{
	Name: "decimal_division", Category: "math",
	Doc:        "The quotient of two decimals with a given number of digits behind the point, or as many as the divisor asks for; further ones are cut off, not rounded. Division by zero is an error.",
	Signatures: []string{"decimal_division(DECIMAL, DECIMAL) → DECIMAL", "decimal_division(DECIMAL, DECIMAL, scale) → DECIMAL"},
	Examples:   tex("decimal_division(10.00, 4.00)", "2.500000", "decimal_division(2.00, 3.00, 2)", "0.66"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 {
			return nil, nil
		}
		l, r, ok := operands(args[:2])
		if !ok || !l.IsExact() || !r.IsExact() {
			return nil, nil
		}
		ld, rd := asDecimal(l, args[0].Const), asDecimal(r, args[1].Const)
		s := max(6, int(ld.S)+int(rd.P)+1)
		in := []types.Type{ld, rd}
		if len(args) == 3 {
			c := args[2].Const
			if c == nil || c.IsNull(0) || !args[2].Type.IsInteger() {
				return nil, nil
			}
			n := int64(kernel.Int128At(c, 0).Lo)
			if n < 0 || n > types.MaxPrecision {
				return nil, sqlerr.New(sqlerr.Bind, "decimal_division: the scale is between 0 and %d, not %d", types.MaxPrecision, n)
			}
			s, in = int(n), append(in, args[2].Type)
		}
		p := int(ld.P) - int(ld.S) + int(rd.S) + s
		if p > types.MaxPrecision {
			return nil, sqlerr.New(sqlerr.Bind, "decimal_division: %s by %s has %d digits, more than %d", ld, rd, p, types.MaxPrecision).
				WithHint("decimal_division(a, b, scale) says how many are wanted behind the point")
		}
		t := types.NewDecimal(max(p, 1), s)
		return failing(sig(t, cutDivision(s+int(rd.S)-int(ld.S), t), in...)), nil
	},
}

// cutDivision divides a × 10^up by b towards zero.
func cutDivision(up int, t types.Type) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			f, k := args[0].At(int(i))
			g, m := args[1].At(int(i))
			a, b := kernel.Big128(kernel.Int128At(f, k)), kernel.Big128(kernel.Int128At(g, m))
			if b.Sign() == 0 {
				return dataErr("decimal_division: %s is divided by zero", show(args[0], i))
			}
			ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(up, -up))), nil)
			if up >= 0 {
				a.Mul(a, ten)
			} else {
				b.Mul(b, ten)
			}
			x, ok := kernel.FromBig(a.Quo(a, b))
			if !ok || !fits(x, t) {
				return dataErr("overflow: %s divided by %s does not fit %s", show(args[0], i), show(args[1], i), t)
			}
			store(out, i, x)
		}
		return nil
	}
}
