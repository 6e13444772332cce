package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// unnestCall stands for unnest(list) in a select list until the Unnest node is made.
type unnestCall struct {
	list expr.Expr
	t    types.Type
}

// Type is the type of the elements.
func (u *unnestCall) Type() types.Type { return u.t }

// Children gives the list.
func (u *unnestCall) Children() []expr.Expr { return []expr.Expr{u.list} }

// WithChildren replaces the list.
func (u *unnestCall) WithChildren(kids []expr.Expr) expr.Expr { return &unnestCall{kids[0], u.t} }

// listOf binds the argument of unnest or explode: an ARRAY, or a MAP where maps are wanted.
func (b *Binder) listOf(c *ast.Call, s *scope, maps bool) (expr.Expr, error) {
	args, err := b.args(c, s)
	if err != nil {
		return nil, err
	}
	if len(args) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s takes one list", c.Name)
	}
	t := args[0].Type()
	if t.Kind == types.Null {
		return expr.NewNull(types.NewArray(types.TInteger)), nil
	}
	if t.Kind != types.Array && (t.Kind != types.Map || !maps) {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s takes a list, not %s", c.Name, t)
	}
	return args[0], nil
}

// addList adds a list to unnest.
func addList(b *Binder, u *logical.Unnest, l expr.Expr) {
	u.Lists = append(u.Lists, l)
	t := l.Type()
	if t.Kind == types.Map {
		u.Out = append(u.Out, b.NewCol("key", t.Elems[0].Type), b.NewCol("value", t.Elems[1].Type))
		return
	}
	u.Out = append(u.Out, b.NewCol("unnest", t.Elems[0].Type))
}

// unnestItem binds unnest(list) in a select list.
func (b *Binder) unnestItem(c *ast.Call, s *scope) (expr.Expr, error) {
	if s.noAgg != "" || s.inWindow {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s may stand only in a select list or in FROM", c.Name)
	}
	l, err := b.listOf(c, s, false)
	if err != nil {
		return nil, err
	}
	nested := false
	expr.Walk(l, func(x expr.Expr) bool {
		_, is := x.(*unnestCall)
		nested = nested || is
		return !nested
	})
	if nested {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s cannot stand in %s", c.Name, c.Name).WithHint("unnest(x, max_depth := 2) takes two levels apart")
	}
	return &unnestCall{l, l.Type().Elems[0].Type}, nil
}

// unnestItems puts the lists that the select list unnests below it, side by side.
func (c *selecting) unnestItems(n logical.Node) (logical.Node, error) {
	u := &logical.Unnest{}
	seen := map[string]logical.Col{}
	var err error
	cut := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
			k, ok := x.(*unnestCall)
			if !ok || err != nil {
				return x
			}
			key := expr.Key(k.list)
			if col, ok := seen[key]; ok {
				return col.Ref()
			}
			var l expr.Expr
			if n, l, err = c.b.flatten(n, k.list); err != nil {
				return x
			}
			col := c.b.NewCol("unnest", k.t)
			u.Lists, u.Out, seen[key] = append(u.Lists, l), append(u.Out, col), col
			return col.Ref()
		})
	}
	for i := range c.items {
		c.items[i].e = cut(c.items[i].e)
	}
	for i := range c.order {
		c.order[i].Expr = cut(c.order[i].Expr)
	}
	if err != nil || len(u.Lists) == 0 {
		return n, err
	}
	u.Input = n
	return u, nil
}

// unnest binds UNNEST(list, …) in FROM; s holds the columns to its left.
func (b *Binder) unnest(r *ast.TableFunc, s *scope) (logical.Node, []column, error) {
	u := &logical.Unnest{Input: &logical.Values{Rows: 1}}
	keep := s.noAgg
	s.noAgg = "FROM"
	defer func() { s.noAgg = keep }()
	for _, a := range r.Call.Args {
		one := *r.Call
		one.Args = []ast.Arg{a}
		l, err := b.listOf(&one, s, true)
		if err != nil {
			return nil, nil, err
		}
		addList(b, u, l)
	}
	if len(u.Lists) == 0 {
		return nil, nil, sqlerr.At(sqlerr.Bind, r.Pos, "unnest takes a list")
	}
	if r.WithOrdinality {
		c := b.NewCol("ordinality", types.TBigInt)
		u.Ordinal = &c
	}
	name := strings.ToLower(r.Call.Name.Last())
	if r.Alias != nil && len(r.ColumnAliases) == 0 && len(u.Out) == 1 { // FROM unnest(l) AS x names table and column
		u.Out[0].Name = name
	}
	return b.named(u, plainColumns(u), name, r.Alias, r.ColumnAliases)
}

// lateralView binds LATERAL VIEW [OUTER] f(…) t AS c: explode and the other generators.
func (b *Binder) lateralView(v ast.LateralView, n logical.Node, cols []column, s *scope) (logical.Node, []column, error) {
	name := strings.ToLower(v.Call.Name.Last())
	in := &scope{outer: s, cols: cols, noAgg: "LATERAL VIEW"}
	if name != "explode" && name != "unnest" {
		if !generators[name] {
			return nil, nil, sqlerr.At(sqlerr.Unsupported, v.Pos, "LATERAL VIEW %s is not supported", name).WithHint("explode, posexplode, inline, stack and json_tuple are")
		}
		if v.Outer && (name == "posexplode" || name == "inline") {
			name += "_outer"
		}
		r, err := b.generator(name, v.Call, in)
		if err != nil {
			return nil, nil, err
		}
		_, more, err := b.named(r, plainColumns(r), v.Alias.Text, nil, v.Columns)
		return &logical.Join{Kind: logical.Inner, Left: n, Right: r, Lateral: isLateral(n, r)}, append(cols[:len(cols):len(cols)], more...), err
	}
	l, err := b.listOf(v.Call, in, true)
	if err != nil {
		return nil, nil, err
	}
	u := &logical.Unnest{Input: n, Outer: v.Outer}
	addList(b, u, l)
	var more []column
	for _, x := range u.Out {
		more = append(more, column{Col: x})
	}
	_, more, err = b.named(u, more, v.Alias.Text, nil, v.Columns)
	return u, append(cols[:len(cols):len(cols)], more...), err
}

// mentions tells whether a query reads a table of that name.
func mentions(q *ast.Query, name string) bool {
	found := false
	var ref func(r ast.TableRef)
	var body func(x ast.QueryBody)
	ref = func(r ast.TableRef) {
		switch x := r.(type) {
		case *ast.TableName:
			found = found || len(x.Name) == 1 && strings.EqualFold(x.Name[0].Text, name)
		case *ast.Join:
			ref(x.Left)
			ref(x.Right)
		case *ast.ParenRef:
			ref(x.Ref)
		case *ast.Subquery:
			body(x.Query)
		}
	}
	body = func(x ast.QueryBody) {
		switch x := x.(type) {
		case *ast.Select:
			for _, r := range x.From {
				ref(r)
			}
		case *ast.SetOp:
			body(x.Left)
			body(x.Right)
		case *ast.Query:
			body(x.Body)
		}
	}
	body(q)
	return found
}

// astHasAgg tells whether an aggregate call stands in e, outside subqueries.
func (b *Binder) astHasAgg(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Call); ok && c.Over == nil {
			f := b.Funcs.Lookup(c.Name.Last())
			found = found || f != nil && f.Kind == fn.Aggregate
		}
		return !found
	})
	return found
}
