package command

import (
	"fmt"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// Constraints are checked by queries, after the rows are written and before anybody else sees them: over the new rows, joined with the rows
// that stay where it is about keys.

// maxShown is how many rows a violation names.
const maxShown = 3

// newRows and keptRows are the names under which the queries know them.
const (
	newRows  = "new rows"
	keptRows = "kept rows"
)

// verify checks the constraints of the written table t; kept are its rows that were there before and stay, or nil. The catalog has t already.
func (w *tableWrite) verify(t *catalog.Table, kept storage.Table) error {
	if w.Dry || len(t.Constraints) == 0 {
		return nil
	}
	rows, err := w.written()
	if err != nil {
		return err
	}
	return w.overlay(map[string]storage.Table{newRows: rows, keptRows: kept}, func() error {
		for i := range t.Constraints {
			if err := w.verifyOne(t, &t.Constraints[i], kept != nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// written gives the rows that were written.
func (w *tableWrite) written() (storage.Table, error) {
	if w.files != nil {
		return w.home.OpenFiles(w.ctx, w.Session.Env, w.table, w.files.parts)
	}
	return memory.New(w.table.Fields(), w.mem), nil
}

// overlay runs f while tables have names that nobody else can have.
func (r *run) overlay(tables map[string]storage.Table, f func() error) error {
	temp := r.Session.Home(true)
	m := temp.Hold()
	defer temp.Reset(m)
	for name, rows := range tables {
		if rows == nil {
			continue
		}
		t := &catalog.Table{Database: catalog.DefaultDatabase, Name: name, Temp: true, Source: rows}
		for _, c := range rows.Schema() {
			t.Columns = append(t.Columns, catalog.Column{Field: c.Field})
		}
		if err := temp.Create(t, true); err != nil {
			return err
		}
	}
	return f()
}

// verifyOne checks one constraint.
func (w *tableWrite) verifyOne(t *catalog.Table, k *catalog.Constraint, kept bool) error {
	if k.Kind == catalog.Check {
		return w.refuse(t, k, "SELECT * FROM "+as(newRows, t)+" WHERE CAST(("+k.Check+") AS BOOLEAN) IS FALSE", nil)
	}
	if k.Kind == catalog.ForeignKey {
		own := strings.EqualFold(k.Table, t.Name) && strings.EqualFold(k.Database, t.Database)
		if w.following > 0 || own && w.moved != nil { // rows that are yet to go or to change are seen to afterwards
			return nil
		}
		return w.refuse(t, k, orphans(newRows, k), k.Columns)
	}
	cols := joined(k.Columns, "", ", ")
	err := w.refuse(t, k, "SELECT "+cols+" FROM "+as(newRows, t)+" WHERE "+joined(k.Columns, " IS NOT NULL", " AND ")+" GROUP BY "+cols+" HAVING count(*) > 1", k.Columns)
	if err != nil || !kept {
		return err
	}
	var on []string
	for _, c := range k.Columns {
		on = append(on, `"new row".`+quoteName(c)+` = "kept row".`+quoteName(c))
	}
	return w.refuse(t, k, `SELECT DISTINCT "new row".`+joined(k.Columns, "", `, "new row".`)+` FROM "`+newRows+`" AS "new row" JOIN "`+keptRows+`" AS "kept row" ON `+strings.Join(on, " AND "), k.Columns)
}

// as names the rows as the table.
func as(rows string, t *catalog.Table) string { return `"` + rows + `" AS ` + quoteName(t.Name) }

// joined writes names with what comes behind each and between them.
func joined(names []string, behind, between string) string {
	var out []string
	for _, n := range names {
		out = append(out, quoteName(n)+behind)
	}
	return strings.Join(out, between)
}

// orphans is the query for the values of a foreign key, in table rows, that the other table does not have.
func orphans(rows string, k *catalog.Constraint) string {
	var on []string
	for i, c := range k.Columns {
		on = append(on, `"key row".`+quoteName(k.References[i])+` = "new row".`+quoteName(c))
	}
	return `SELECT DISTINCT "new row".` + joined(k.Columns, "", `, "new row".`) + ` FROM ` + quoteName2(rows) + ` AS "new row" WHERE "new row".` +
		joined(k.Columns, " IS NOT NULL", ` AND "new row".`) +
		" AND NOT EXISTS (SELECT 1 FROM " + quoteName(k.Database) + "." + quoteName(k.Table) + ` AS "key row" WHERE ` + strings.Join(on, " AND ") + ")"
}

// quoteName2 writes a name that may have a database in front of a dot.
func quoteName2(name string) string {
	if db, t, ok := strings.Cut(name, "."); ok {
		return quoteName(db) + "." + quoteName(t)
	}
	return quoteName(name)
}

// refuse makes an error of the rows that a query gives.
func (w *tableWrite) refuse(t *catalog.Table, k *catalog.Constraint, sql string, cols []string) error {
	rows, err := w.some(sql, maxShown+1)
	if err != nil || len(rows) == 0 {
		return err
	}
	more := ""
	if len(rows) > maxShown {
		rows, more = rows[:maxShown], " …"
	}
	shown := strings.Join(rows, ", ") + more
	rule := constraintText(k)
	switch k.Kind {
	case catalog.Check:
		return sqlerr.New(sqlerr.Constraint, "rows of table %s break %s: %s", t.Name, rule, shown)
	case catalog.ForeignKey:
		return sqlerr.New(sqlerr.Constraint, "rows of table %s break %s: no row there has %s = %s", t.Name, rule, nameList(k.References), shown)
	}
	return sqlerr.New(sqlerr.Constraint, "rows of table %s break %s: there is more than one row with %s = %s", t.Name, rule, nameList(cols), shown)
}

// some runs a query and shows up to n of its rows.
func (r *run) some(sql string, n int) ([]string, error) {
	p, err := r.plan(fmt.Sprintf("%s LIMIT %d", sql, n))
	if err != nil {
		return nil, err
	}
	rows, err := exec.Run(r.task(), p.Physical, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for {
		b, err := rows.Next(r.ctx)
		if err != nil || b == nil {
			return out, err
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			out = append(out, rowText(b.Cols, at))
		}
	}
}

// plan plans a query that the engine itself asks. Errors have no place in the user's text.
func (r *run) plan(sql string) (*planner.Plans, error) {
	q, err := parseQuery(sql)
	if err != nil {
		return nil, err
	}
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	return p, sqlerr.Move(err, sqlerr.NoPos)
}

func parseQuery(sql string) (*ast.Query, error) {
	stmt, err := parser.ParseOne(sql)
	if err != nil {
		return nil, sqlerr.Move(err, sqlerr.NoPos)
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, sqlerr.New(sqlerr.Internal, "%s is no query", sql)
	}
	return q, nil
}

// checkRules sees that the constraints of a new table make sense.
func (r *run) checkRules(t *catalog.Table) error {
	for i := range t.Constraints {
		k := &t.Constraints[i]
		for _, name := range k.Columns {
			if !hasColumn(t.AllColumns(), name) {
				return sqlerr.New(sqlerr.NotFound, "%s: table %s has no column %s", constraintText(k), t.Name, name)
			}
		}
		switch k.Kind {
		case catalog.Check:
			empty := memory.New(t.Fields(), nil)
			err := r.overlay(map[string]storage.Table{newRows: empty}, func() error {
				p, err := r.plan("SELECT (" + k.Check + ") FROM " + as(newRows, t))
				if err != nil {
					return err
				}
				if t := p.Physical.Cols()[0].Type; t.Kind != types.Boolean && !t.IsNumeric() && t.Kind != types.Null {
					return sqlerr.New(sqlerr.Bind, "%s is %s, not BOOLEAN", constraintText(k), t)
				}
				return nil
			})
			if err != nil {
				return err
			}
		case catalog.ForeignKey:
			if err := r.checkForeignKey(t, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkForeignKey sees that the other table has such a key, and fills in its columns.
func (r *run) checkForeignKey(t *catalog.Table, k *catalog.Constraint) error {
	to := t
	if !strings.EqualFold(k.Table, t.Name) || !strings.EqualFold(k.Database, t.Database) {
		var err error
		if to, err = r.Session.Lookup(k.Database, k.Table); err != nil {
			return err
		}
	}
	if to.Kind != catalog.Managed || to.Temp || t.Temp {
		return sqlerr.New(sqlerr.Bind, "%s: %s is no table that keys can refer to", constraintText(k), k.Table)
	}
	for _, key := range to.Constraints {
		if key.Kind == catalog.PrimaryKey && len(k.References) == 0 {
			k.References = key.Columns
		}
		if (key.Kind == catalog.PrimaryKey || key.Kind == catalog.Unique) && sameNames(key.Columns, k.References) {
			if len(k.Columns) != len(k.References) {
				break
			}
			return nil
		}
	}
	return sqlerr.New(sqlerr.Bind, "%s: table %s has no such PRIMARY KEY or UNIQUE columns", constraintText(k), k.Table)
}

// sameNames tells whether two lists have the same names, in any order.
func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !contains(b, x) {
			return false
		}
	}
	return true
}

func hasColumn(cols []catalog.Column, name string) bool {
	for _, c := range cols {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}
