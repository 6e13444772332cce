package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/storage"
)

// touchedRows are the rows of the files that a change touches.
const touchedRows = "touched rows"

// rowChange is an UPDATE or DELETE at work.
type rowChange struct {
	*run
	at        ast.At
	name      ast.Path
	alias     *ast.Name
	where     ast.Expr // nil: all rows
	with      []ast.CTE
	recursive bool
	updates   bool // rows are changed, and not deleted
}

// change puts the rows that rest selects from the table in the place of those that it has, file by file.
func (c *rowChange) change(rest func(*catalog.Table) (*ast.Select, error)) (*Result, error) {
	t, err := c.planEnv().Binder(c.ctx).Table(c.name)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, c.name.Position(), "%s is %s: only managed tables can be changed", t.Name, kindWord(t))
	}
	sel, err := rest(t)
	if err != nil {
		return nil, err
	}
	q := &ast.Query{At: c.at, With: c.with, Recursive: c.recursive, Body: sel}
	sel.From[0].(*ast.TableName).Alias = c.alias
	changed, files, err := c.touched(t)
	if err != nil || c.Dry {
		return &Result{}, err
	}
	if changed == 0 {
		return &Result{}, nil
	}
	if files == nil || len(files) == t.Parts.Len() {
		_, err := c.replaceWith(t, q, c.updates, !c.updates)
		return &Result{Changed: changed}, err
	}
	alias := c.alias
	if alias == nil {
		alias = &ast.Name{At: c.at, Text: t.Name, Quoted: true}
	}
	sel.From[0] = &ast.TableName{At: c.at, Name: ast.Path{{At: c.at, Text: touchedRows, Quoted: true}}, Alias: alias}
	touched := func(p *catalog.Part) bool { return files[c.Session.Home(t.Temp).PartPath(p)] }
	return &Result{Changed: changed}, c.replaceParts(t, touched, q, c.updates, !c.updates)
}

// joined puts the rows that rest selects, from a join with other tables, in the place of all that the table has.
func (c *rowChange) joined(rest func(*catalog.Table) (*ast.Select, error)) (*Result, error) {
	t, err := c.planEnv().Binder(c.ctx).Table(c.name)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, c.name.Position(), "%s is %s: only managed tables can be changed", t.Name, kindWord(t))
	}
	sel, err := rest(t)
	if err != nil {
		return nil, err
	}
	_, err = c.replaceWith(t, &ast.Query{At: c.at, With: c.with, Recursive: c.recursive, Body: sel}, c.updates, !c.updates)
	return &Result{}, err
}

// replaceParts puts the rows of q, which reads touchedRows, in the place of the parts for which touched says so.
func (r *run) replaceParts(t *catalog.Table, touched func(*catalog.Part) bool, q *ast.Query, updates, deletes bool) error {
	home := r.Session.Home(t.Temp)
	all, err := t.All()
	if err != nil {
		return err
	}
	var some []catalog.Part
	for i := range all {
		if touched(&all[i]) {
			some = append(some, all[i])
		}
	}
	rows, err := home.OpenFiles(r.ctx, r.Session.Env, t, some)
	if err != nil {
		return err
	}
	w := r.newWrite(t)
	w.updates, w.deletes = updates, deletes
	err = r.overlay(map[string]storage.Table{touchedRows: rows}, func() error {
		env := r.planEnv()
		b := env.Binder(r.ctx)
		n, err := b.Query(q)
		if err != nil {
			return err
		}
		if n, err = b.Assign(n, t.Fields(), q.Pos); err != nil {
			return err
		}
		p, err := planner.Finish(env, b, byPartition(t, n, false))
		if err != nil {
			return err
		}
		return w.fill(p.Physical)
	})
	if err != nil {
		return err
	}
	return w.replace(touched)
}

// touched counts the rows that change and gives the paths of their files, or nil where the table has no files to tell apart.
func (c *rowChange) touched(t *catalog.Table) (changed int64, files map[string]bool, err error) {
	byFile := !c.Session.Home(t.Temp).InMemory(t) && t.Parts.Len() > 1 && !hasColumn(t.AllColumns(), "filename") && c.where != nil
	text := "SELECT count(*) FROM x"
	if byFile {
		text = "SELECT count(*), filename FROM x GROUP BY filename"
	}
	q, err := parseQuery(text)
	if err != nil {
		return 0, nil, err
	}
	q.With, q.Recursive = c.with, c.recursive
	sel := q.Body.(*ast.Select)
	sel.From = []ast.TableRef{&ast.TableName{At: c.at, Name: c.name, Alias: c.alias}}
	sel.Where = c.where
	p, err := planner.Query(c.ctx, c.planEnv(), q)
	if err != nil || c.Dry {
		return 0, nil, err
	}
	rows, err := exec.Run(c.task(), p.Physical, nil)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	if byFile {
		files = map[string]bool{}
	}
	for {
		b, err := rows.Next(c.ctx)
		if err != nil || b == nil {
			return changed, files, err
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			v, k := b.Cols[0].At(at)
			changed += vec.Values[int64](v)[k]
			if byFile {
				v, k := b.Cols[1].At(at)
				files[strings.Clone(string(v.Bytes(k)))] = true
			}
		}
	}
}
