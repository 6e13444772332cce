package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
)

// maxPivot is the most columns that a PIVOT makes of values.
const maxPivot = 10000

// pivoting is a PIVOT being bound. It becomes a query of two steps: the aggregates by group and by the values of FOR, then a row for each
// group, with the aggregate of each value in a column of its own.
type pivoting struct {
	b     *Binder
	x     *ast.Pivot
	s     *scope
	cols  []column // of the source
	names *summary // builder of syntax
	combo []pivotValue
}

// pivotValue is a column of the result: the name, and a value for each expression of FOR.
type pivotValue struct {
	name   string
	values []ast.Expr
}

// pivot binds PIVOT.
func (b *Binder) pivot(x *ast.Pivot, s *scope, left []column) (logical.Node, []column, error) {
	if left != nil {
		s = &scope{outer: s, cols: left}
	}
	_, cols, err := b.table(x.Source, s, nil)
	if err != nil {
		return nil, nil, err
	}
	p := &pivoting{b: b, x: x, s: s, cols: cols, names: &summary{at: x.At}}
	for _, a := range x.Aggregates {
		if !b.mayAggregate(a.Expr) {
			return nil, nil, sqlerr.At(sqlerr.Bind, a.Pos, "PIVOT takes aggregates, such as sum(x), not %s", ast.SQL(a.Expr))
		}
	}
	if err := p.values(); err != nil {
		return nil, nil, err
	}
	n, err := b.query(p.query(), s)
	if err != nil {
		return nil, nil, err
	}
	return b.named(n, plainColumns(n), "", x.Alias, x.ColAliases)
}

// exprsOf gives the expressions of one FOR; a row stands for its items.
func exprsOf(on ast.PivotOn) []ast.Expr {
	if len(on.Exprs) == 1 {
		if r, ok := on.Exprs[0].(*ast.Row); ok {
			return r.Items
		}
	}
	return on.Exprs
}

// values finds the combinations of values that become columns.
func (p *pivoting) values() error {
	p.combo = []pivotValue{{}}
	for _, on := range p.x.On {
		list, err := p.valuesOf(on)
		if err != nil {
			return err
		}
		var prod []pivotValue
		for _, c := range p.combo {
			for _, v := range list {
				name := v.name
				if c.name != "" {
					name = c.name + "_" + v.name
				}
				prod = append(prod, pivotValue{name, append(c.values[:len(c.values):len(c.values)], v.values...)})
			}
		}
		if p.combo = prod; len(prod)*max(len(p.x.Aggregates), 1) > maxPivot {
			return sqlerr.At(sqlerr.Limit, p.x.Pos, "PIVOT would make more than %d columns", maxPivot).WithHint("IN (…) says which values are wanted")
		}
	}
	return nil
}

// valuesOf gives the values of one FOR: those written, those of a query, or all that there are.
func (p *pivoting) valuesOf(on ast.PivotOn) ([]pivotValue, error) {
	exprs := exprsOf(on)
	if on.Enum != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, on.Enum.Pos, "PIVOT … IN the name of a type is not supported").WithHint("IN (…) takes values or a query")
	}
	if on.Values == nil {
		return p.found(on, exprs)
	}
	var out []pivotValue
	for _, v := range on.Values {
		items := []ast.Expr{v.Expr}
		if r, ok := v.Expr.(*ast.Row); ok {
			items = r.Items
		}
		if len(items) != len(exprs) {
			return nil, sqlerr.At(sqlerr.Bind, v.Pos, "%d values stand here for %d columns", len(items), len(exprs))
		}
		var names []string
		for i, it := range items {
			if c, ok := it.(*ast.ColumnRef); ok && len(c.Parts) == 1 { // DuckDB lets a value be written without quotes
				items[i] = &ast.Literal{At: c.At, Kind: ast.StringLit, Text: c.Parts[0].Text}
			}
			names = append(names, labelOf(items[i]))
		}
		name := strings.Join(names, "_")
		if v.Alias != nil {
			name = v.Alias.Text
		}
		out = append(out, pivotValue{name, items})
	}
	return out, nil
}

// labelOf names a value.
func labelOf(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Literal:
		if x.Kind == ast.NullLit {
			return "NULL"
		}
		return x.Text
	case *ast.TypedLiteral:
		return x.Text
	case *ast.Cast:
		return labelOf(x.Expr)
	case *ast.ColumnRef:
		return x.Parts.Last()
	}
	return ast.SQL(e)
}

// found runs a query for the values: IN (query), or the distinct ones of the source, sorted, without NULL.
func (p *pivoting) found(on ast.PivotOn, exprs []ast.Expr) ([]pivotValue, error) {
	q := on.Query
	if q == nil {
		sel := &ast.Select{At: p.x.At, Distinct: true, From: []ast.TableRef{p.x.Source}}
		var whole []ast.Expr
		for _, e := range exprs {
			sel.Items = append(sel.Items, ast.SelectItem{At: p.x.At, Expr: e})
			whole = append(whole, &ast.Is{At: p.x.At, Kind: ast.IsNull, Not: true, Expr: e})
		}
		sel.Where = allOf(p.x.At, whole)
		q = &ast.Query{At: p.x.At, Body: sel, OrderBy: []ast.OrderItem{{At: p.x.At}}, OrderAll: true}
	}
	n, err := p.b.query(q, p.s)
	if err != nil {
		return nil, err
	}
	if len(n.Cols()) != len(exprs) {
		return nil, sqlerr.At(sqlerr.Bind, q.Pos, "the query gives %d columns for %d of PIVOT", len(n.Cols()), len(exprs))
	}
	if p.b.Rows == nil || len(logical.Free(n)) > 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, p.x.Pos, "PIVOT needs its values here: in a view, the columns may not depend on the data").
			WithHint("ON column IN (…), FOR column IN (…)")
	}
	b, err := p.b.Rows(n, maxPivot+1)
	if err != nil {
		return nil, err
	}
	var out []pivotValue
	seen := map[string]bool{}
	for i := range b.N {
		var v pivotValue
		var names []string
		for _, c := range b.Cols {
			text := rowText(c, i)
			names = append(names, text)
			t, err := parser.ParseType(c.Type.String())
			if err != nil {
				return nil, sqlerr.At(sqlerr.Unsupported, p.x.Pos, "PIVOT over values of type %s is not supported", c.Type)
			}
			lit := &ast.Literal{At: p.x.At, Kind: ast.StringLit, Text: text}
			if c.IsNull(i) {
				lit.Kind = ast.NullLit
			}
			v.values = append(v.values, &ast.Cast{At: p.x.At, Expr: lit, Type: t})
		}
		v.name = strings.Join(names, "_")
		if key := strings.Join(names, "\x00"); !seen[key] { // a query may give a value twice
			seen[key] = true
			out = append(out, v)
		}
	}
	return out, nil
}

func rowText(v *vec.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	return string(kernel.AppendText(nil, f, k))
}

func allOf(at ast.At, terms []ast.Expr) ast.Expr {
	if len(terms) == 1 {
		return terms[0]
	}
	return &ast.And{At: at, Terms: terms}
}

// groups gives what rows are grouped by: GROUP BY, or all columns that neither FOR nor the aggregates use.
func (p *pivoting) groups() (names []string, exprs []ast.Expr) {
	if p.x.GroupBy != nil {
		for _, e := range p.x.GroupBy {
			names, exprs = append(names, labelOf(e)), append(exprs, e)
		}
		return names, exprs
	}
	var used []ast.Expr
	for _, on := range p.x.On {
		used = append(used, on.Exprs...)
	}
	for _, a := range p.x.Aggregates {
		used = append(used, a.Expr)
	}
	for _, c := range restOf(p.cols, used) {
		names, exprs = append(names, c.Name), append(exprs, refTo(p.x.At, c))
	}
	return names, exprs
}

// restOf gives the visible columns that the expressions do not name.
func restOf(cols []column, used []ast.Expr) []column {
	names := map[string]bool{}
	for _, e := range used {
		ast.Walk(e, func(x ast.Expr) bool {
			if r, ok := x.(*ast.ColumnRef); ok {
				first := 0 // the part that is the column
				for _, c := range cols {
					if len(r.Parts) > 1 && strings.EqualFold(c.rel, r.Parts[0].Text) {
						first = 1
					}
				}
				names[strings.ToLower(r.Parts[first].Text)] = true
			}
			return true
		})
	}
	var out []column
	for _, c := range cols {
		if !c.hidden && !c.merged && !names[strings.ToLower(c.Name)] {
			out = append(out, c)
		}
	}
	return out
}

// refTo names a column, by its relation too.
func refTo(at ast.At, c column) ast.Expr {
	name := ast.Name{At: at, Text: c.Name, Quoted: true}
	if c.rel == "" {
		return &ast.ColumnRef{At: at, Parts: ast.Path{name}}
	}
	return &ast.ColumnRef{At: at, Parts: ast.Path{{At: at, Text: c.rel, Quoted: true}, name}}
}

// query writes the two steps.
func (p *pivoting) query() *ast.Query {
	at, w := p.x.At, p.names
	inner := &ast.Select{At: at, From: []ast.TableRef{p.x.Source}, GroupBy: &ast.GroupBy{At: at}}
	outer := &ast.Select{At: at}
	add := func(prefix string, i int, e ast.Expr) ast.Expr {
		name := prefix + colName(i)
		inner.Items = append(inner.Items, ast.SelectItem{At: at, Expr: e, Alias: w.name(name)})
		return w.ref(name)
	}
	group := func(e ast.Expr) {
		inner.GroupBy.Items = append(inner.GroupBy.Items, ast.GroupItem{At: at, Kind: ast.GroupExpr, Exprs: []ast.Expr{e}})
	}
	names, exprs := p.groups()
	if len(names) > 0 {
		outer.GroupBy = &ast.GroupBy{At: at}
	}
	for i, e := range exprs {
		ref := add("group ", i, e)
		group(e)
		outer.Items = append(outer.Items, ast.SelectItem{At: at, Expr: ref, Alias: w.name(names[i])})
		outer.GroupBy.Items = append(outer.GroupBy.Items, ast.GroupItem{At: at, Kind: ast.GroupExpr, Exprs: []ast.Expr{ref}})
	}
	var keys []ast.Expr
	for _, on := range p.x.On {
		for _, e := range exprsOf(on) {
			keys = append(keys, add("for ", len(keys), e))
			group(e)
		}
	}
	aggs := p.x.Aggregates
	if len(aggs) == 0 {
		aggs = []ast.SelectItem{{At: at, Expr: &ast.Call{At: at, Name: ast.Path{*w.name("count")}, Star: true}}}
	}
	var refs []ast.Expr
	for i, a := range aggs {
		refs = append(refs, add("aggregate ", i, a.Expr))
	}
	for _, v := range p.combo {
		for i, a := range aggs {
			outer.Items = append(outer.Items, ast.SelectItem{At: at, Expr: pick1(w, refs[i], keys, v.values, a.Expr), Alias: w.name(pivotName(v.name, a, len(aggs)))})
		}
	}
	if len(inner.GroupBy.Items) == 0 {
		inner.GroupBy = nil
	}
	outer.From = []ast.TableRef{&ast.Subquery{At: at, Query: &ast.Query{At: at, Body: inner}, Alias: w.name("pivoted")}}
	return &ast.Query{At: at, Body: outer}
}

// pivotName names a column: the value, and the aggregate if it has an alias or is not alone.
func pivotName(value string, a ast.SelectItem, aggs int) string {
	name := a.Text
	if a.Alias != nil {
		name = a.Alias.Text
	} else if aggs == 1 && value != "" {
		return value
	}
	if value == "" {
		return name
	}
	return value + "_" + name
}

// pick1 is the aggregate of the row whose keys are values; a count is 0 where there is none.
func pick1(w *summary, agg ast.Expr, keys, values []ast.Expr, src ast.Expr) ast.Expr {
	call := w.call("any_value", agg).(*ast.Call)
	var conds []ast.Expr
	for i, k := range keys {
		conds = append(conds, &ast.IsDistinct{At: w.at, Not: true, Left: k, Right: values[i]})
	}
	if len(conds) > 0 {
		call.Filter = allOf(w.at, conds)
	}
	if c, ok := src.(*ast.Call); ok {
		switch strings.ToLower(c.Name.Last()) {
		case "count", "count_if", "countif", "approx_count_distinct", "regr_count":
			return w.call("coalesce", call, &ast.Literal{At: w.at, Kind: ast.IntLit, Text: "0"})
		}
	}
	return call
}

// mayAggregate tells whether an aggregate stands in e, or a macro, which may have one.
func (b *Binder) mayAggregate(e ast.Expr) bool {
	found := b.astHasAgg(e)
	ast.Walk(e, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Call); ok {
			found = found || b.Session.Macro(c.Name.Last()) != nil
		}
		return !found
	})
	return found
}
