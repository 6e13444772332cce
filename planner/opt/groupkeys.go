package opt

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// groupKeys drops group keys that follow from others: constants, repeated keys, and expressions over columns that are keys themselves. They are
// computed from the groups.
func groupKeys(c *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		a, ok := x.(*logical.Aggregate)
		if !ok || a.Sets != nil || len(a.Keys) < 2 {
			return x
		}
		known, kept := map[expr.ID]expr.Expr{}, map[int]bool{}
		for i, k := range a.Keys {
			if col, ok := k.(*expr.Column); ok && known[col.ID] == nil && equalIsSame(col.T) {
				known[col.ID], kept[i] = a.KeyOut[i].Ref(), true
			}
		}
		follows := func(e expr.Expr) bool {
			used := map[expr.ID]bool{}
			expr.Columns(e, used)
			for id := range used {
				if known[id] == nil {
					return false
				}
			}
			return !expr.Volatile(e)
		}
		out := &logical.Aggregate{Input: a.Input, Aggs: a.Aggs, AggOut: a.AggOut}
		p := &logical.Project{Input: out}
		for i, k := range a.Keys {
			last := i == len(a.Keys)-1 && len(out.Keys) == 0 // without keys there would be a row for no rows
			if kept[i] || last || !follows(k) {
				out.Keys, out.KeyOut = append(out.Keys, k), append(out.KeyOut, a.KeyOut[i])
				p.Values = append(p.Values, a.KeyOut[i].Ref())
			} else {
				p.Values = append(p.Values, expr.Replace(k, known))
			}
			p.Out = append(p.Out, a.KeyOut[i])
		}
		if len(out.Keys) == len(a.Keys) {
			return x
		}
		for _, col := range a.AggOut {
			p.Out, p.Values = append(p.Out, col), append(p.Values, col.Ref())
		}
		return p
	}), nil
}

// equalIsSame tells whether values of t that are equal are the same in every way: not so 0.0 and −0.0, CHAR with blanks, '1 month' and '30 days'.
func equalIsSame(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.UTinyInt, types.USmallInt, types.UInteger, types.UBigInt,
		types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return true
	case types.Varchar:
		return !t.Fixed
	}
	return false
}
