package agg

import (
	"math/big"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var decimalAverage = &fn.Function{
	Name: "decimal_average", Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The mean of decimals as a decimal of their type; half of the last digit is rounded to the even one.",
	Signatures: []string{"decimal_average(DECIMAL(p,s)) → DECIMAL(p,s)"},
	Examples:   tex("decimal_average(x) FROM (VALUES (1.25), (1.26), (1.27)) t(x)", "1.26", "decimal_average(x) FROM (VALUES (2.0), (2.1)) t(x)", "2.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Decimal {
			return nil, nil
		}
		t := args[0].Type
		return &fn.Overload{Args: []types.Type{t}, Result: t, NewAcc: func([]fn.Arg) fn.Accumulator { return &avgDecimal{} }}, nil
	},
}

// avgDecimal is avgExact with a decimal as its result.
type avgDecimal struct{ avgExact }

func (a *avgDecimal) Merge(from fn.Accumulator, src, dst []int32) error {
	return a.avgExact.Merge(&from.(*avgDecimal).avgExact, src, dst)
}

func (a *avgDecimal) Result(lo, hi int, out *vec.Vector) error {
	for i := range hi - lo {
		n := a.n.n[lo+i]
		if n == 0 {
			out.SetNull(i)
			continue
		}
		x, _ := kernel.FromBig(halfEven(a.sum.big(lo+i), big.NewInt(n))) // no mean is beyond the values
		if out.Phys() == types.PI64 {
			vec.Values[int64](out)[i] = int64(x.Lo)
		} else {
			vec.Values[vec.Int128](out)[i] = x
		}
	}
	return nil
}

// halfEven divides a by b, which is positive.
func halfEven(a, b *big.Int) *big.Int {
	q, m := new(big.Int).QuoRem(a, b, new(big.Int))
	twice := new(big.Int).Lsh(new(big.Int).Abs(m), 1)
	if c := twice.Cmp(b); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q
}

// big gives the sum of group g.
func (s *wideSum) big(g int) *big.Int {
	x, top := s.parts(g)
	return new(big.Int).Add(kernel.Big128(x), new(big.Int).Lsh(big.NewInt(top), 128))
}
