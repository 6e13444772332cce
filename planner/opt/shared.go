package opt

import (
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// inlineShared puts a shared subplan in the place of its reader where there is only one, or where it only reads, filters and renames, so
// that conditions and columns can be pushed into it. A subplan put in several places gets fresh columns in each.
func inlineShared(c *Context, n logical.Node) (logical.Node, error) {
	uses := map[*logical.SharedDef]int{}
	count := func(x logical.Node) {
		logical.Walk(x, func(y logical.Node) bool {
			if s, ok := y.(*logical.Shared); ok {
				uses[s.Def]++
			}
			return true
		})
	}
	count(n)
	defs := sharedDefs(n)
	for _, d := range defs {
		count(d.Plan)
	}
	inline := func(x logical.Node) logical.Node {
		s, ok := x.(*logical.Shared)
		if !ok {
			return x
		}
		plan := s.Def.Plan
		source := s.Source
		if uses[s.Def] > 1 {
			if !cheap(plan) {
				return x
			}
			var moved map[expr.ID]expr.ID
			plan, moved = copyPlan(c, plan)
			source = nil
			for _, id := range s.Source {
				source = append(source, moved[id])
			}
		}
		p := &logical.Project{Input: plan, Out: s.Out}
		cols := map[expr.ID]logical.Col{}
		for _, col := range plan.Cols() {
			cols[col.ID] = col
		}
		for _, id := range source {
			p.Values = append(p.Values, cols[id].Ref())
		}
		return p
	}
	for _, d := range defs { // those that others read come first
		d.Plan = logical.Rewrite(d.Plan, inline)
	}
	return logical.Rewrite(n, inline), nil
}

// cheap tells whether a plan only reads, filters and computes.
func cheap(n logical.Node) bool {
	ok := true
	logical.Walk(n, func(x logical.Node) bool {
		switch y := x.(type) {
		case *logical.Scan:
		case *logical.Filter, *logical.Project:
			for _, e := range y.Exprs() {
				ok = ok && !expr.Volatile(e)
			}
		default:
			ok = false
		}
		return ok
	})
	return ok
}

// copyPlan copies a chain of Scan, Filter and Project under fresh columns, and tells which column became which.
func copyPlan(c *Context, n logical.Node) (logical.Node, map[expr.ID]expr.ID) {
	switch x := n.(type) {
	case *logical.Scan:
		out := *x
		out.Out = nil
		moved := map[expr.ID]expr.ID{}
		with := map[expr.ID]expr.Expr{}
		for _, col := range x.Out {
			f := c.NewCol(col.Name, col)
			out.Out = append(out.Out, f)
			moved[col.ID], with[col.ID] = f.ID, f.Ref()
		}
		out.Filter = nil
		for _, e := range x.Filter {
			out.Filter = append(out.Filter, expr.Replace(e, with))
		}
		return &out, moved
	case *logical.Filter:
		in, moved := copyPlan(c, x.Input)
		return rebind(&logical.Filter{Input: in, Preds: x.Preds}, in, moved), moved
	}
	x := n.(*logical.Project)
	in, moved := copyPlan(c, x.Input)
	p := rebind(&logical.Project{Input: in, Out: x.Out, Values: x.Values}, in, moved).(*logical.Project)
	out := &logical.Project{Input: in, Values: p.Values}
	now := map[expr.ID]expr.ID{}
	for _, col := range x.Out {
		f := c.NewCol(col.Name, col)
		out.Out = append(out.Out, f)
		now[col.ID] = f.ID
	}
	return out, now
}

func rebind(n, in logical.Node, moved map[expr.ID]expr.ID) logical.Node {
	cols := map[expr.ID]logical.Col{}
	for _, col := range in.Cols() {
		cols[col.ID] = col
	}
	with := map[expr.ID]expr.Expr{}
	for old, id := range moved {
		if col, ok := cols[id]; ok {
			with[old] = col.Ref()
		}
	}
	return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Replace(e, with) })
}
