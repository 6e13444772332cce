package opt

import (
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// distinctAggs splits a grouping whose aggregates are all DISTINCT over the same arguments in two: the distinct combinations of keys and
// arguments first, then the plain aggregates over them. Both run partitioned and in parallel.
func distinctAggs(c *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		a, ok := x.(*logical.Aggregate)
		if !ok || a.Sets != nil || len(a.Aggs) == 0 || !sameDistinct(a.Aggs) {
			return x
		}
		inner := &logical.Aggregate{Input: a.Input, Keys: a.Keys[:len(a.Keys):len(a.Keys)]}
		outer := &logical.Aggregate{Input: inner, KeyOut: a.KeyOut, AggOut: a.AggOut}
		for i := range a.Keys {
			col := c.NewCol(a.KeyOut[i].Name, a.KeyOut[i])
			inner.KeyOut = append(inner.KeyOut, col)
			outer.Keys = append(outer.Keys, col.Ref())
		}
		var args []expr.Expr
		for _, e := range a.Aggs[0].Args {
			args = append(args, c.key(inner, e).Ref())
		}
		for _, g := range a.Aggs {
			plain := *g
			plain.Distinct, plain.Args = false, args
			outer.Aggs = append(outer.Aggs, &plain)
		}
		return outer
	}), nil
}

func sameDistinct(aggs []*expr.Agg) bool {
	for _, g := range aggs {
		if !g.Distinct || g.Filter != nil || len(g.Args) == 0 || len(g.OrderBy) > 0 || g.Fn.OrderMatters || len(g.Args) != len(aggs[0].Args) {
			return false
		}
		for i, e := range g.Args {
			if !expr.Equal(e, aggs[0].Args[i]) || expr.Volatile(e) {
				return false
			}
		}
	}
	return true
}
