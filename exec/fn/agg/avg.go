package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var avg = &fn.Function{
	Name: "avg", Aliases: []string{"mean", "try_avg", "favg"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The mean as DOUBLE; integers and decimals are added up exactly first.",
	Signatures: []string{"avg(number) → DOUBLE"},
	Examples:   tex("avg(x) FROM (VALUES (1), (2)) t(x)", "1.5", "avg(x) FROM (VALUES (0.1), (0.3)) t(x)", "0.2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t, ok := numeric(args[0].Type)
		if !ok {
			return nil, nil
		}
		if !t.IsExact() {
			return &fn.Overload{Args: []types.Type{types.TDouble}, Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator { return &avgFloat{} }}, nil
		}
		s := int(t.S)
		return &fn.Overload{Args: []types.Type{t}, Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator { return &avgExact{scale: s} }}, nil
	},
}

// avgExact is the mean of integers or decimals.
type avgExact struct {
	scale int
	sum   wideSum
	n     counts
}

func (a *avgExact) Grow(n int) { a.sum.grow(n); a.n.Grow(n) }

func (a *avgExact) Size() int { return a.sum.size() + a.n.Size() }

func (a *avgExact) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	a.sum.update(groups, args[0], sel)
	return a.n.Update(groups, nil, nil)
}

func (a *avgExact) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*avgExact)
	a.sum.merge(&f.sum, src, dst)
	return a.n.Merge(&f.n, src, dst)
}

func (a *avgExact) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		n := a.n.n[lo+i]
		if n == 0 {
			out.SetNull(i)
			continue
		}
		dst[i] = a.sum.float(lo+i, a.scale) / float64(n)
	}
	return nil
}

// avgFloat is the mean of DOUBLE.
type avgFloat struct {
	sum []float64
	n   counts
}

func (a *avgFloat) Grow(n int) { a.sum = grow(a.sum, n); a.n.Grow(n) }

func (a *avgFloat) Size() int { return 8*cap(a.sum) + a.n.Size() }

func (a *avgFloat) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	addFloats(a.sum, groups, args[0], sel)
	return a.n.Update(groups, nil, nil)
}

func (a *avgFloat) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*avgFloat)
	for k, g := range src {
		a.sum[dst[k]] += f.sum[g]
	}
	return a.n.Merge(&f.n, src, dst)
}

func (a *avgFloat) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		if a.n.n[lo+i] == 0 {
			out.SetNull(i)
			continue
		}
		dst[i] = a.sum[lo+i] / float64(a.n.n[lo+i])
	}
	return nil
}
