package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var count = &fn.Function{
	Name: "count", Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The number of rows, or of those where no argument is NULL.",
	Signatures: []string{"count(*) → BIGINT", "count(any, …) → BIGINT"},
	Examples:   tex("count(*) FROM (VALUES (1), (NULL)) t(x)", "2", "count(x) FROM (VALUES (1), (NULL)) t(x)", "1"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		return same(args, types.TBigInt, func([]fn.Arg) fn.Accumulator { return &counts{} }), nil
	},
}

// counts counts rows.
type counts struct{ n []int64 }

func (a *counts) Grow(n int) { a.n = grow(a.n, n) }

func (a *counts) Size() int { return 8 * cap(a.n) }

func (a *counts) Update(groups []int32, _ []*vec.Vector, _ []int32) error {
	if single(groups) {
		a.n[0] += int64(len(groups))
		return nil
	}
	n := a.n
	for _, g := range groups {
		n[g]++
	}
	return nil
}

func (a *counts) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*counts)
	for k, g := range src {
		a.n[dst[k]] += f.n[g]
	}
	return nil
}

func (a *counts) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[int64](out), a.n[lo:hi])
	return nil
}

var countIf = &fn.Function{
	Name: "count_if", Aliases: []string{"countif"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:       "The number of rows where the condition is true.",
	Examples:  tex("count_if(x > 1) FROM (VALUES (1), (2), (3)) t(x)", "2"),
	Overloads: []*fn.Overload{{Args: []types.Type{types.TBoolean}, Result: types.TBigInt, NewAcc: func([]fn.Arg) fn.Accumulator { return &countsIf{} }}},
}

// countsIf counts the rows that are true.
type countsIf struct{ counts }

func (a *countsIf) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[uint8](args[0])
	for k, i := range sel {
		a.n[groups[k]] += int64(c.At(i))
	}
	return nil
}

func (a *countsIf) Merge(from fn.Accumulator, src, dst []int32) error {
	return a.counts.Merge(&from.(*countsIf).counts, src, dst)
}
