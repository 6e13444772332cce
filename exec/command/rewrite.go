package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// DELETE, UPDATE and TRUNCATE write the rows that are left of the files that they touch, and put the new files in the place of these.

// delete keeps the rows for which the condition is not true.
func (r *run) delete(s *ast.Delete) (*Result, error) {
	c := &rowChange{run: r, at: s.At, name: s.Table, alias: s.Alias, where: s.Where, with: s.With, recursive: s.Recursive, back: returns(s.Returning, s.At, s.Table, s.Alias)}
	if len(s.Using) > 0 {
		w := &rewriting{at: s.At, table: s.Table, alias: s.Alias, other: s.Using, where: s.Where, back: len(s.Returning) > 0}
		return c.joined(w, func(t *catalog.Table) (*ast.Select, error) { return w.deleted(t), nil })
	}
	return c.change(func(*catalog.Table) (*ast.Select, error) {
		sel := selectFrom(s.Table, nil)
		if len(s.Returning) > 0 {
			sel.Items = append(sel.Items, actionItem(s.At, c.where, wasDeleted))
			return sel, nil
		}
		if c.where == nil {
			sel.Where = &ast.Literal{At: s.At, Kind: ast.BoolLit, Text: "false"}
		} else {
			sel.Where = &ast.Is{At: s.At, Kind: ast.IsTrue, Not: true, Expr: c.where}
		}
		return sel, nil
	})
}

// update gives the columns of SET their new values in the rows for which the condition is true. With FROM it is a join.
func (r *run) update(s *ast.Update) (*Result, error) {
	c := &rowChange{run: r, at: s.At, name: s.Table, alias: s.Alias, where: s.Where, with: s.With, recursive: s.Recursive, updates: true,
		back: returns(s.Returning, s.At, s.Table, s.Alias)}
	if len(s.From) > 0 {
		w := &rewriting{at: s.At, table: s.Table, alias: s.Alias, other: s.From, where: s.Where, back: len(s.Returning) > 0}
		return c.joined(w, func(t *catalog.Table) (*ast.Select, error) {
			values, err := assignments(s.Set)
			if err == nil {
				err = generatedSet(t, s.Set)
			}
			if err != nil {
				return nil, err
			}
			sel, err := w.updated(t, values)
			if err == nil {
				err = allKnown(t, s, values)
			}
			return sel, err
		})
	}
	return c.change(func(t *catalog.Table) (*ast.Select, error) { return updated(t, s) })
}

// updated is the query for the rows after an UPDATE.
func updated(t *catalog.Table, s *ast.Update) (*ast.Select, error) {
	values, err := assignments(s.Set)
	if err == nil {
		err = generatedSet(t, s.Set)
	}
	if err != nil {
		return nil, err
	}
	sel := selectFrom(s.Table, nil)
	sel.Items = nil
	for _, c := range t.AllColumns() {
		ref := &ast.ColumnRef{At: s.At, Parts: ast.Path{{At: s.At, Text: c.Name, Quoted: true}}}
		it := ast.SelectItem{At: s.At, Expr: ref, Text: c.Name}
		if v, ok := values[strings.ToLower(c.Name)]; ok {
			delete(values, strings.ToLower(c.Name))
			v, err := orDefault(v, &c)
			if err != nil {
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
	if len(s.Returning) > 0 {
		sel.Items = append(sel.Items, actionItem(s.At, s.Where, wasUpdated))
	}
	return sel, allKnown(t, s, values)
}

// allKnown sees that SET names columns of the table; values has those that are left.
func allKnown(t *catalog.Table, s *ast.Update, values map[string]ast.Expr) error {
	for _, a := range s.Set {
		for _, c := range a.Columns {
			if _, left := values[strings.ToLower(c.Last())]; left {
				return sqlerr.At(sqlerr.NotFound, a.Pos, "table %s has no column %s", t.Name, c.Last())
			}
		}
	}
	return nil
}

// truncate empties tables.
func (r *run) truncate(s *ast.Truncate) (*Result, error) {
	if s.Partition != nil {
		return r.truncatePartition(s)
	}
	out := &Result{}
	for _, n := range s.Names {
		one, err := r.truncateOne(n)
		if err == nil {
			out.Changed += one.Changed
		}
		if err != nil {
			if s.IfExists && sqlerr.ClassOf(err) == sqlerr.NotFound {
				continue
			}
			return nil, err
		}
	}
	return out, nil
}

func (r *run) truncateOne(name ast.Path) (*Result, error) {
	return r.delete(&ast.Delete{At: ast.At{Pos: name.Position()}, Table: name})
}

// truncatePartition is TRUNCATE TABLE t PARTITION (…).
func (r *run) truncatePartition(s *ast.Truncate) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Names[0])
	if err != nil {
		return nil, err
	}
	values, err := r.partitionSpec(t, s.Partition)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return r.truncateOne(s.Names[0])
	}
	where, err := parser.ParseExpr(condition(t, values))
	if err != nil {
		return nil, err
	}
	return r.delete(&ast.Delete{At: s.At, Table: s.Names[0], Where: where})
}
