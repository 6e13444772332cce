package bind

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// anyArray binds x op ANY (array) and ALL: it is decided by an element for which the comparison is true (false for ALL); else it is unknown
// if it is so for an element.
func (b *Binder) anyArray(x *ast.Quantified, s *scope) (expr.Expr, error) {
	if l, ok := x.Array.(*ast.ArrayLit); ok && len(l.Items) > 0 {
		terms := make([]ast.Expr, len(l.Items))
		for i, e := range l.Items {
			terms[i] = &ast.Compare{At: x.At, Op: x.Op, Left: x.Left, Right: e}
		}
		if len(terms) == 1 {
			return b.expr(terms[0], s)
		}
		return b.logic(terms, !x.All, s)
	}
	w := &summary{at: x.At}
	p := *w.name("element of " + ast.SQL(x.Array))
	test := &ast.Lambda{At: x.At, Params: []ast.Name{p}, Body: &ast.Compare{At: x.At, Op: x.Op, Left: x.Left, Right: w.ref(p.Text)}}
	results, err := b.expr(w.call("list_transform", x.Array, test), s)
	if err != nil {
		return nil, err
	}
	decided, err := b.call("list_contains", []expr.Expr{results, expr.NewBool(!x.All)}, x.Pos)
	if err != nil {
		return nil, err
	}
	known, err := b.call("list_count", []expr.Expr{results}, x.Pos)
	if err != nil {
		return nil, err
	}
	all, err := b.call("length", []expr.Expr{results}, x.Pos)
	if err != nil {
		return nil, err
	}
	unknown, err := b.compare(cmpOps[ast.OpLt], known, all, x.Pos)
	if err != nil {
		return nil, err
	}
	return &expr.Case{T: types.TBoolean, Whens: []expr.When{
		{Cond: &expr.IsNull{Arg: results}, Then: expr.NewNull(types.TBoolean)},
		{Cond: decided, Then: expr.NewBool(!x.All)},
		{Cond: unknown, Then: expr.NewNull(types.TBoolean)},
	}, Else: expr.NewBool(x.All)}, nil
}

// slice binds x[low:high] of an array, and of text.
func (b *Binder) slice(x *ast.Slice, s *scope) (expr.Expr, error) {
	args := []ast.Expr{x.Expr, x.Low, x.High}
	for i, last := range []string{"", "1", "-1"} {
		if args[i] == nil {
			args[i] = &ast.Literal{At: x.At, Kind: ast.IntLit, Text: last}
		}
	}
	if x.Step == nil {
		return b.callAST("list_slice", args, s, x.Pos)
	}
	end := func(up, down string) ast.Expr {
		n := func(text string) ast.Expr { return &ast.Literal{At: x.At, Kind: ast.IntLit, Text: text} }
		back := &ast.Compare{At: x.At, Op: ast.OpLt, Left: x.Step, Right: n("0")}
		return &ast.Case{At: x.At, Whens: []ast.When{{Cond: back, Then: n(down)}}, Else: n(up)}
	}
	if x.Low == nil {
		args[1] = end("1", "-1")
	}
	if x.High == nil {
		args[2] = end("-1", "1")
	}
	return b.callAST("list_slice", append(args, x.Step), s, x.Pos)
}

// arraySub binds ARRAY(query): the rows of a query of one column as an array, in their order.
func (b *Binder) arraySub(x *ast.ArraySubquery, s *scope) (expr.Expr, error) {
	w := &summary{at: x.At}
	q, numbered := withRowNumber(x.Query, w)
	from := &ast.Subquery{At: x.At, Query: q, Alias: w.name("array"), ColumnAliases: []ast.Name{*w.name("element")}}
	agg := w.call("array_agg", w.ref("element")).(*ast.Call)
	if numbered {
		from.ColumnAliases = append(from.ColumnAliases, *w.name("place"))
		agg.OrderBy = []ast.OrderItem{{At: x.At, Expr: w.ref("place")}}
	}
	sel := &ast.Select{At: x.At, Items: []ast.SelectItem{{At: x.At, Expr: agg}}, From: []ast.TableRef{from}}
	e, err := b.scalarSub(&ast.Query{At: x.At, Body: sel}, s)
	if err != nil {
		return nil, err
	}
	empty, err := b.call("list_value", nil, x.Pos)
	if err != nil {
		return nil, err
	}
	return b.coalesce([]expr.Expr{e, empty}, x.Pos)
}

// withRowNumber adds the place of each row, in the order that a query of one column asks for, as a second column: where the query is
// correlated, its order alone would be lost.
func withRowNumber(q *ast.Query, w *summary) (*ast.Query, bool) {
	sel, ok := q.Body.(*ast.Select)
	if !ok || len(q.OrderBy) == 0 || q.OrderAll || sel.Distinct || len(sel.Items) != 1 {
		return q, false
	}
	over := &ast.Window{At: q.At}
	for _, o := range q.OrderBy {
		if n, ok := position(o.Expr); ok && n == 1 {
			o.Expr = sel.Items[0].Expr
		}
		over.OrderBy = append(over.OrderBy, o)
	}
	number := w.call("row_number").(*ast.Call)
	number.Over = over
	own, copied := *sel, *q
	own.Items = append(sel.Items[:1:1], ast.SelectItem{At: q.At, Expr: number, Alias: w.name("place")})
	copied.Body = &own
	return &copied, true
}
