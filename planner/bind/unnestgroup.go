package bind

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
)

// unnestGroups puts the lists below the aggregation that GROUP BY unnests, itself or by the name or the place of an item: rows are made of them
// first, and grouped then. Those of other items are unnested afterwards.
func (c *selecting) unnestGroups() error {
	if c.sel.GroupBy == nil {
		return nil
	}
	var calls []*ast.Call
	seen := map[string]string{} // the column of a call, by its text
	for _, e := range c.grouped(c.sel.GroupBy) {
		ast.Walk(e, func(x ast.Expr) bool {
			call, ok := x.(*ast.Call)
			if ok = ok && unnests(call); !ok || c.b.astHasAgg(call) {
				return !ok
			}
			if text := ast.SQL(call); seen[text] == "" {
				calls = append(calls, call)
				seen[text] = "unnest " + strconv.Itoa(len(calls))
			}
			return false
		})
	}
	if len(calls) == 0 {
		return nil
	}
	u := &logical.Unnest{}
	for _, call := range calls {
		l, err := c.b.listOf(call, c.in, false)
		if err != nil {
			return err
		}
		if c.plan, l, err = c.b.flatten(c.plan, l); err != nil {
			return err
		}
		col := c.b.NewCol(seen[ast.SQL(call)], l.Type().Elems[0].Type)
		u.Lists, u.Out = append(u.Lists, l), append(u.Out, col)
	}
	u.Input = c.plan
	c.plan = u
	for _, col := range u.Out {
		c.in.cols = append(c.in.cols, column{Col: col, hidden: true})
	}
	c.replaceCalls(seen)
	return c.aliases()
}

// unnests tells whether a call is unnest of one list.
func unnests(c *ast.Call) bool {
	name := strings.ToLower(c.Name.Last())
	return (name == "unnest" || name == "explode") && len(c.Name) == 1 && len(c.Args) == 1 && c.Args[0].Name == nil && c.Over == nil
}

// grouped gives the expressions that GROUP BY means.
func (c *selecting) grouped(g *ast.GroupBy) []ast.Expr {
	var out []ast.Expr
	if g.All {
		for _, it := range c.sel.Items {
			if !c.b.astHasAgg(it.Expr) {
				out = append(out, it.Expr)
			}
		}
		return out
	}
	for _, gi := range g.Items {
		for _, e := range gi.Exprs {
			switch x := e.(type) {
			case *ast.Literal:
				if k, err := strconv.Atoi(x.Text); err == nil && x.Kind == ast.IntLit && k > 0 && k <= len(c.sel.Items) {
					e = c.sel.Items[k-1].Expr
				}
			case *ast.ColumnRef:
				if a := c.in.aliases[strings.ToLower(x.Parts.Last())]; a != nil && len(x.Parts) == 1 && !c.in.has(x.Parts[0].Text) {
					e = a.e
				}
			}
			out = append(out, e)
		}
	}
	return out
}

// has tells whether a relation of FROM has a column of this name.
func (s *scope) has(name string) bool {
	for _, c := range s.cols {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}

// replaceCalls puts columns in the place of calls, in copies of the select and its query.
func (c *selecting) replaceCalls(columns map[string]string) {
	put := func(e ast.Expr) ast.Expr {
		return ast.Rewrite(e, func(x ast.Expr) ast.Expr {
			call, ok := x.(*ast.Call)
			if !ok || !unnests(call) || columns[ast.SQL(call)] == "" {
				return x
			}
			return &ast.ColumnRef{At: call.At, Parts: ast.Path{{At: call.At, Text: columns[ast.SQL(call)], Quoted: true}}}
		})
	}
	sel, q := *c.sel, *c.q
	sel.Items = append([]ast.SelectItem(nil), sel.Items...)
	for i := range sel.Items {
		sel.Items[i].Expr = put(sel.Items[i].Expr)
	}
	group := *sel.GroupBy
	group.Items = append([]ast.GroupItem(nil), group.Items...)
	for i := range group.Items {
		list := append([]ast.Expr(nil), group.Items[i].Exprs...)
		for k := range list {
			list[k] = put(list[k])
		}
		group.Items[i].Exprs = list
	}
	sel.GroupBy, sel.Having, sel.Qualify = &group, put(sel.Having), put(sel.Qualify)
	q.OrderBy = append([]ast.OrderItem(nil), q.OrderBy...)
	for i := range q.OrderBy {
		q.OrderBy[i].Expr = put(q.OrderBy[i].Expr)
	}
	c.sel, c.q = &sel, &q
}
