package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// DELETE, UPDATE and TRUNCATE write the rows that a managed table has afterwards and put them in the place of those that it had, at once.

// delete keeps the rows for which the condition is not true.
func (r *run) delete(s *ast.Delete) (*Result, error) {
	if len(s.Returning) > 0 || len(s.With) > 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "DELETE with WITH or RETURNING is not supported yet").
			WithHint("a subquery in WHERE can say the same")
	}
	if len(s.Using) > 0 {
		t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
		if err != nil {
			return nil, err
		}
		return r.replaceRows(s.Table, r.deleteUsing(s, t), false)
	}
	if s.Where == nil {
		return r.truncateOne(s.Table)
	}
	sel := selectFrom(s.Table, nil)
	sel.From[0].(*ast.TableName).Alias = s.Alias
	sel.Where = &ast.Is{At: s.At, Kind: ast.IsTrue, Not: true, Expr: s.Where}
	return r.replaceRows(s.Table, sel, false)
}

// update gives the columns of SET their new values in the rows for which the condition is true.
func (r *run) update(s *ast.Update) (*Result, error) {
	if len(s.Returning) > 0 || len(s.With) > 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "UPDATE with WITH or RETURNING is not supported yet").
			WithHint("a subquery as the value can say the same")
	}
	t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		return nil, err
	}
	values, err := assignments(s.Set)
	if err != nil {
		return nil, err
	}
	if len(s.From) > 0 {
		sel, err := r.updateFrom(s, t, values)
		if err != nil {
			return nil, err
		}
		for name := range values {
			return nil, sqlerr.At(sqlerr.NotFound, s.Set[0].Pos, "table %s has no column %s", t.Name, name)
		}
		return r.replaceRows(s.Table, sel, true)
	}
	sel := selectFrom(s.Table, nil)
	sel.From[0].(*ast.TableName).Alias = s.Alias
	sel.Items = nil
	for _, c := range t.AllColumns() {
		ref := &ast.ColumnRef{At: s.At, Parts: ast.Path{{At: s.At, Text: c.Name, Quoted: true}}}
		it := ast.SelectItem{At: s.At, Expr: ref, Text: c.Name}
		if v, ok := values[strings.ToLower(c.Name)]; ok {
			delete(values, strings.ToLower(c.Name))
			if v, err = orDefault(v, &c); err != nil {
				return nil, err
			}
			typ, err := parser.ParseType(c.Type.String())
			if err != nil {
				return nil, err
			}
			it.Expr = &ast.Cast{At: s.At, Expr: v, Type: typ}
			if s.Where != nil {
				it.Expr = &ast.Case{At: s.At, Whens: []ast.When{{Cond: s.Where, Then: it.Expr}}, Else: ref}
			}
		}
		sel.Items = append(sel.Items, it)
	}
	for name := range values {
		return nil, sqlerr.At(sqlerr.NotFound, s.Set[0].Pos, "table %s has no column %s", t.Name, name)
	}
	return r.replaceRows(s.Table, sel, true)
}

// replaceRows puts the rows of sel in the place of a table's rows. updates tells that rows are changed, and not deleted.
func (r *run) replaceRows(name ast.Path, sel *ast.Select, updates bool) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(name)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, name.Position(), "%s is %s: only managed tables can be changed", t.Name, kindWord(t))
	}
	_, err = r.replaceWith(t, &ast.Query{At: sel.At, Body: sel}, updates, !updates)
	return &Result{}, err
}

// truncate empties tables.
func (r *run) truncate(s *ast.Truncate) (*Result, error) {
	if s.Partition != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "TRUNCATE … PARTITION is not supported yet")
	}
	for _, n := range s.Names {
		if _, err := r.truncateOne(n); err != nil {
			if s.IfExists && sqlerr.ClassOf(err) == sqlerr.NotFound {
				continue
			}
			return nil, err
		}
	}
	return &Result{}, nil
}

func (r *run) truncateOne(name ast.Path) (*Result, error) {
	sel := selectFrom(name, nil)
	sel.Where = &ast.Literal{At: sel.At, Kind: ast.BoolLit, Text: "false"}
	return r.replaceRows(name, sel, false)
}
