package bind

import (
	"fmt"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
)

// percentiles is the number of steps of the distribution that SUMMARIZE looks at.
const percentiles = 100

// summarize binds SUMMARIZE as a query: one aggregate over all columns, whose single row is then turned on its side.
//
//	SELECT unnest(['a', 'b']) AS column_name, …, unnest([min_a, min_b]) AS min, … FROM (SELECT min(a)::VARCHAR AS min_a, … FROM t)
func (b *Binder) summarize(x *ast.Summarize, s *scope) (logical.Node, error) {
	q := x.Query
	if q == nil {
		var ref ast.TableRef = &ast.TableName{At: x.At, Name: x.Name}
		if x.File != "" {
			ref = &ast.FileRef{At: x.At, File: x.File}
		}
		q = &ast.Query{At: x.At, Body: &ast.Select{At: x.At, Items: []ast.SelectItem{{At: x.At, Expr: &ast.Star{At: x.At}}}, From: []ast.TableRef{ref}}}
	}
	n, err := b.query(q, s) // for its columns; their statistics are those of the query bound below
	if err != nil {
		return nil, err
	}
	w := &summary{at: x.At, inner: &ast.Select{At: x.At}}
	src := &ast.Subquery{At: x.At, Query: q, Alias: w.name("summarized")}
	outer := &ast.Select{At: x.At}
	lists := make([][]ast.Expr, len(summaryColumns))
	for i, c := range n.Cols() {
		name := fmt.Sprintf("c%d", i)
		src.ColumnAliases = append(src.ColumnAliases, *w.name(name))
		for k, e := range w.column(c, w.ref(name)) {
			lists[k] = append(lists[k], e)
		}
	}
	w.inner.From = []ast.TableRef{src}
	outer.From = []ast.TableRef{&ast.Subquery{At: x.At, Query: &ast.Query{At: x.At, Body: w.inner}, Alias: w.name("aggregated")}}
	for k, name := range summaryColumns {
		outer.Items = append(outer.Items, ast.SelectItem{At: x.At, Alias: w.name(name), Expr: w.call("unnest", &ast.ArrayLit{At: x.At, Items: lists[k]})})
	}
	return b.query(&ast.Query{At: x.At, Body: outer}, s)
}

// summaryColumns are the columns of SUMMARIZE.
var summaryColumns = []string{
	"column_name", "column_type", "min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75", "count", "null_percentage", "histogram",
}

// summary collects the aggregates of a SUMMARIZE.
type summary struct {
	at    ast.At
	inner *ast.Select
}

func (w *summary) name(text string) *ast.Name { return &ast.Name{At: w.at, Text: text, Quoted: true} }

func (w *summary) ref(name string) ast.Expr {
	return &ast.ColumnRef{At: w.at, Parts: ast.Path{*w.name(name)}}
}

func (w *summary) call(name string, args ...ast.Expr) ast.Expr {
	c := &ast.Call{At: w.at, Name: ast.Path{*w.name(name)}}
	for _, a := range args {
		c.Args = append(c.Args, ast.Arg{Value: a})
	}
	return c
}

func (w *summary) cast(e ast.Expr, to string) ast.Expr {
	t, err := parser.ParseType(to)
	if err != nil {
		return e
	}
	return &ast.Cast{At: w.at, Expr: e, Type: t}
}

func (w *summary) number(text string) ast.Expr {
	return &ast.Literal{At: w.at, Kind: ast.DecimalLit, Text: text}
}

func (w *summary) text(text string) ast.Expr {
	return &ast.Literal{At: w.at, Kind: ast.StringLit, Text: text}
}

// aggregate adds an aggregate to the inner select and gives its column.
func (w *summary) aggregate(e ast.Expr) ast.Expr {
	name := fmt.Sprintf("a%d", len(w.inner.Items))
	w.inner.Items = append(w.inner.Items, ast.SelectItem{At: w.at, Expr: e, Alias: w.name(name)})
	return w.ref(name)
}

// column gives the values of one row of the result: that of column col, which is c.
func (w *summary) column(c logical.Col, col ast.Expr) []ast.Expr {
	text := func(e ast.Expr) ast.Expr { return w.cast(e, "VARCHAR") }
	null := w.cast(&ast.Literal{At: w.at, Kind: ast.NullLit}, "VARCHAR")
	all := w.aggregate(&ast.Call{At: w.at, Name: ast.Path{*w.name("count")}, Star: true})
	filled := w.aggregate(w.call("count", col))
	share := &ast.Binary{At: w.at, Op: ast.OpDiv, Right: all, Left: &ast.Binary{At: w.at, Op: ast.OpMul, Left: w.cast(w.number("100.0"), "DOUBLE"),
		Right: &ast.Binary{At: w.at, Op: ast.OpSub, Left: all, Right: filled}}}
	percent := &ast.Case{At: w.at, Whens: []ast.When{{Cond: &ast.Compare{At: w.at, Op: ast.OpGt, Left: all, Right: w.number("0.0")}, Then: w.cast(share, "DECIMAL(9,2)")}}}
	row := []ast.Expr{
		w.text(c.Name), w.text(c.Type.String()), text(w.aggregate(w.call("min", col))), text(w.aggregate(w.call("max", col))),
		w.aggregate(w.call("approx_count_distinct", col)), null, null, null, null, null, all, percent, null,
	}
	if c.Type.IsNumeric() {
		row[5], row[6] = text(w.aggregate(w.call("avg", col))), text(w.aggregate(w.call("stddev", col)))
	}
	if c.Type.IsNumeric() || c.Type.Kind == types.Date || c.Type.Kind == types.Timestamp || c.Type.Kind == types.TimestampTZ || c.Type.Kind == types.Time {
		steps := &ast.ArrayLit{At: w.at}
		for i := range percentiles + 1 {
			steps.Items = append(steps.Items, w.number(fmt.Sprintf("%d.%02d", i/percentiles, i%percentiles)))
		}
		dist := w.aggregate(w.call("approx_quantile", col, steps))
		for i, q := range []int{25, 50, 75} {
			row[7+i] = text(w.call("get", dist, &ast.Literal{At: w.at, Kind: ast.IntLit, Text: fmt.Sprint(q * percentiles / 100)}))
		}
		row[12] = w.call("bars", dist)
	}
	return row
}
