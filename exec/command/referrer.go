package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
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
			return sqlerr.New(sqlerr.Constraint, "rows of table %s refer to rows of %s that would be gone: %s = %s", x.table.Name, t.Name, nameList(x.key.Columns), strings.Join(gone, ", ")).
				WithHint("delete or change those first, or declare the key with ON DELETE CASCADE or SET NULL")
		}
		stmt, err := parser.ParseOne(sql)
		if err != nil {
			return err
		}
		if w.following == maxFollow {
			return sqlerr.New(sqlerr.Limit, "foreign keys lead on through more than %d rounds of rows", maxFollow)
		}
		w.following++
		_, err = w.statement(stmt)
		w.following--
		if err != nil {
			return sqlerr.Move(err, sqlerr.NoPos)
		}
	}
	return nil
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
