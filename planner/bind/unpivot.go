package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// unpivot binds UNPIVOT as a query that unnests, for each row, the list of the columns' names beside the lists of their values.
func (b *Binder) unpivot(x *ast.Unpivot, s *scope, left []column) (logical.Node, []column, error) {
	if left != nil {
		s = &scope{outer: s, cols: left}
	}
	_, cols, err := b.table(x.Source, s, nil)
	if err != nil {
		return nil, nil, err
	}
	list, err := b.unpivotColumns(x, &scope{outer: s, cols: cols})
	if err != nil {
		return nil, nil, err
	}
	w := &summary{at: x.At}
	var used []ast.Expr
	labels := &ast.ArrayLit{At: x.At}
	values := make([]ast.ArrayLit, len(x.ValueNames))
	for _, c := range list {
		if len(c.Exprs) != len(values) {
			return nil, nil, sqlerr.At(sqlerr.Bind, c.Exprs[0].Position(), "%d columns stand here for %d values", len(c.Exprs), len(values))
		}
		used = append(used, c.Exprs...)
		var names []string
		for k, e := range c.Exprs {
			values[k].Items = append(values[k].Items, e)
			names = append(names, labelOf(e))
		}
		label := strings.Join(names, "_")
		if c.Alias != nil {
			label = labelOf(c.Alias)
		}
		labels.Items = append(labels.Items, w.text(label))
	}
	sel := &ast.Select{At: x.At, From: []ast.TableRef{x.Source}}
	item := func(e ast.Expr, name string) {
		sel.Items = append(sel.Items, ast.SelectItem{At: x.At, Expr: e, Alias: w.name(name)})
	}
	for _, c := range restOf(cols, used) {
		item(refTo(x.At, c), c.Name)
	}
	item(w.call("unnest", labels), x.NameName.Text)
	outer := &ast.Select{At: x.At, Items: []ast.SelectItem{{At: x.At, Expr: &ast.Star{At: x.At}}}}
	var some []ast.Expr
	for k, v := range x.ValueNames {
		item(w.call("unnest", &values[k]), v.Text)
		some = append(some, &ast.Is{At: x.At, Kind: ast.IsNull, Not: true, Expr: w.ref(v.Text)})
	}
	if !x.IncludeNulls {
		outer.Where = some[0]
		if len(some) > 1 {
			outer.Where = &ast.Or{At: x.At, Terms: some}
		}
	}
	outer.From = []ast.TableRef{&ast.Subquery{At: x.At, Query: &ast.Query{At: x.At, Body: sel}, Alias: w.name("unpivoted")}}
	n, err := b.query(&ast.Query{At: x.At, Body: outer}, s)
	if err != nil {
		return nil, nil, err
	}
	return b.named(n, plainColumns(n), "", x.Alias, x.ColAliases)
}

// unpivotColumns gives the columns to turn into rows; * and COLUMNS(…) stand for those that they mean.
func (b *Binder) unpivotColumns(x *ast.Unpivot, s *scope) ([]ast.UnpivotColumn, error) {
	var out []ast.UnpivotColumn
	for _, c := range x.Columns {
		st, ok := c.Exprs[0].(*ast.Star)
		if !ok {
			own := ast.UnpivotColumn{Alias: c.Alias}
			for _, e := range c.Exprs { // bound here, so that a wrong name is an error at its place, and a label is spelt as the column
				bound, err := b.expr(e, s)
				if err != nil {
					return nil, err
				}
				if col, ok := bound.(*expr.Column); ok {
					for _, known := range s.cols {
						if known.ID == col.ID {
							e = refTo(ast.At{Pos: e.Position()}, known)
						}
					}
				}
				own.Exprs = append(own.Exprs, e)
			}
			out = append(out, own)
			continue
		}
		items, err := b.star(st, s)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			col, ok := it.e.(*expr.Column)
			if !ok {
				return nil, sqlerr.At(sqlerr.Unsupported, st.Pos, "UNPIVOT takes columns: REPLACE does not go with it")
			}
			for _, known := range s.cols {
				if known.ID == col.ID {
					out = append(out, ast.UnpivotColumn{Exprs: []ast.Expr{refTo(st.At, known)}, Alias: c.Alias})
				}
			}
		}
	}
	return out, nil
}
