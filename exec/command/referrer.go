package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// referrer is a foreign key that refers to a table.
type referrer struct {
	table *catalog.Table
	key   *catalog.Constraint
}

// referrers gives the foreign keys that refer to a table.
func (r *run) referrers(t *catalog.Table) []referrer {
	home := r.Session.Home(t.Temp)
	var out []referrer
	for _, db := range home.Databases() {
		tables, _ := home.Tables(db)
		for _, x := range tables {
			for i := range x.Constraints {
				if k := &x.Constraints[i]; k.Kind == catalog.ForeignKey && strings.EqualFold(k.Table, t.Name) && strings.EqualFold(k.Database, t.Database) {
					out = append(out, referrer{x, k})
				}
			}
		}
	}
	return out
}

// maxFollow bounds how often rows that go make other rows go.
const maxFollow = 1000

// followKeys sees to the rows of other tables that refer to rows that t has no more: it deletes them, sets them to NULL or refuses.
func (w *tableWrite) followKeys(t *catalog.Table) error {
	if w.Dry {
		return nil
	}
	for _, x := range w.referrers(t) {
		action := x.key.OnDelete
		if w.updates {
			action = x.key.OnUpdate
		}
		child := x.table.Database + "." + x.table.Name
		if w.updates && action == "CASCADE" && w.moved != nil {
			if err := w.moveWith(x); err != nil {
				return err
			}
		}
		gone, err := w.some(orphans(child, x.key), maxShown)
		if err != nil || len(gone) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		name := quoteName2(child)
		var on []string
		for i, c := range x.key.Columns {
			on = append(on, `"key row".`+quoteName(x.key.References[i])+" = "+quoteName(x.table.Name)+"."+quoteName(c))
		}
		where := " WHERE " + joined(x.key.Columns, " IS NOT NULL", " AND ") + " AND NOT EXISTS (SELECT 1 FROM " + quoteName2(t.Database+"."+t.Name) + ` AS "key row" WHERE ` + strings.Join(on, " AND ") + ")"
		var sql string
		switch {
		case action == "CASCADE" && !w.updates:
			sql = "DELETE FROM " + name + where
		case action == "SET NULL":
			sql = "UPDATE " + name + " SET " + joined(x.key.Columns, " = NULL", ", ") + where
		default:
			if w.moved != nil && strings.EqualFold(child, t.Database+"."+t.Name) { // verify has left it to us
				return w.refuse(t, x.key, orphans(child, x.key), x.key.Columns)
			}
			return sqlerr.New(sqlerr.Constraint, "rows of table %s refer to rows of %s that would be gone: %s = %s", x.table.Name, t.Name, nameList(x.key.Columns), strings.Join(gone, ", ")).
				WithHint("delete or change those first, or declare the key with ON DELETE or ON UPDATE, and CASCADE or SET NULL")
		}
		if err := w.follow(sql); err != nil {
			return err
		}
	}
	return nil
}

// follow runs a statement that sees to the rows of another table.
func (r *run) follow(sql string) error {
	if r.following == maxFollow {
		return sqlerr.New(sqlerr.Limit, "foreign keys lead on through more than %d rounds of rows", maxFollow)
	}
	r.following++
	defer func() { r.following-- }()
	return r.exec(sql)
}

// movedKeys is the name of the keys of rows before and after an update.
const movedKeys = "moved keys"

// movedKeys gives the keys that others follow ON UPDATE CASCADE, before and after what q makes of the rows; nil = there are no such keys. q selects all
// columns of t, old gives what a column was, and only are the rows that change.
func (r *run) movedKeys(t *catalog.Table, q *ast.Query, old func(ast.Name) ast.Expr, only ast.Expr) (*memory.Table, error) {
	var names []string
	for _, x := range r.referrers(t) {
		if x.key.OnUpdate == "CASCADE" {
			for _, c := range x.key.References {
				if !contains(names, c) {
					names = append(names, c)
				}
			}
		}
	}
	if len(names) == 0 || r.Dry {
		return nil, nil
	}
	sel := *q.Body.(*ast.Select)
	items := sel.Items
	sel.Items = nil
	for i, c := range t.AllColumns() {
		if contains(names, c.Name) {
			before, after := ast.Name{At: q.At, Text: "old " + c.Name, Quoted: true}, ast.Name{At: q.At, Text: "new " + c.Name, Quoted: true}
			was := old(ast.Name{At: q.At, Text: c.Name, Quoted: true})
			sel.Items = append(sel.Items, ast.SelectItem{At: q.At, Expr: was, Alias: &before}, ast.SelectItem{At: q.At, Expr: items[i].Expr, Alias: &after})
		}
	}
	switch {
	case sel.Where == nil:
		sel.Where = only
	case only != nil:
		sel.Where = &ast.And{At: q.At, Terms: []ast.Expr{only, sel.Where}}
	}
	p, err := planner.Query(r.ctx, r.planEnv(), &ast.Query{At: q.At, With: q.With, Recursive: q.Recursive, Body: &sel})
	if err != nil {
		return nil, err
	}
	var fields []types.Field
	sink := &op.TableWriter{Ordered: true}
	for _, c := range p.Physical.Cols() {
		fields, sink.Types = append(fields, types.Field{Name: c.Name, Type: c.Type}), append(sink.Types, c.Type)
	}
	rows := memory.NewAppender(fields)
	sink.Write = func(b *vec.Batch) error {
		rows.Write(b)
		return nil
	}
	if err := exec.Drain(r.task(), p.Physical, sink, nil); err != nil {
		return nil, err
	}
	return memory.New(fields, rows.Chunks()), nil
}

// moveWith gives the rows of another table the new values of the keys that they refer to.
func (w *tableWrite) moveWith(x referrer) error {
	var set, on, differ []string
	for i, c := range x.key.Columns {
		before, after := `"`+movedKeys+`".`+quoteName("old "+x.key.References[i]), `"`+movedKeys+`".`+quoteName("new "+x.key.References[i])
		set = append(set, quoteName(c)+" = "+after)
		on = append(on, before+" = "+quoteName(x.table.Name)+"."+quoteName(c))
		differ = append(differ, before+" IS DISTINCT FROM "+after)
	}
	sql := "UPDATE " + quoteName(x.table.Database) + "." + quoteName(x.table.Name) + " SET " + strings.Join(set, ", ") + ` FROM "` + movedKeys + `" WHERE ` +
		strings.Join(on, " AND ") + " AND (" + strings.Join(differ, " OR ") + ")"
	return w.overlay(map[string]storage.Table{movedKeys: w.moved}, func() error { return w.follow(sql) })
}

// unrefer is for a table that is dropped: foreign keys of others keep it, unless cascade takes them away.
func (r *run) unrefer(t *catalog.Table, cascade bool) error {
	for _, x := range r.referrers(t) {
		if strings.EqualFold(x.table.Name, t.Name) && strings.EqualFold(x.table.Database, t.Database) {
			continue
		}
		if !cascade {
			return sqlerr.New(sqlerr.Constraint, "table %s has a foreign key that refers to %s", x.table.Name, t.Name).WithHint("DROP TABLE %s CASCADE takes the key away", t.Name)
		}
		now := r.Session.Home(t.Temp).Lookup(x.table.Database, x.table.Name)
		own := *now
		own.Constraints = nil
		for _, k := range now.Constraints {
			if k.Kind != catalog.ForeignKey || !strings.EqualFold(k.Table, t.Name) || !strings.EqualFold(k.Database, t.Database) {
				own.Constraints = append(own.Constraints, k)
			}
		}
		if err := r.Session.Home(t.Temp).Update(now, &own, nil); err != nil {
			return err
		}
	}
	return nil
}
