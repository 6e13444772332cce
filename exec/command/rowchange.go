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
	back      *returning
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
		err := c.back.finish(c.run, t)
		return resultOf(c.back, 0), err
	}
	e, err := c.effect(t, q, func(col ast.Name) ast.Expr { return &ast.ColumnRef{At: c.at, Parts: ast.Path{col}} }, c.where)
	if err != nil {
		return nil, err
	}
	if files == nil || len(files) == t.Parts.Len() {
		if _, err := c.replaceWith(t, q, e); err != nil {
			return nil, err
		}
		return resultOf(c.back, changed), nil
	}
	alias := c.alias
	if alias == nil {
		alias = &ast.Name{At: c.at, Text: t.Name, Quoted: true}
	}
	sel.From[0] = &ast.TableName{At: c.at, Name: ast.Path{{At: c.at, Text: touchedRows, Quoted: true}}, Alias: alias}
	if err := c.replaceParts(t, c.among(t, files), q, e); err != nil {
		return nil, err
	}
	return resultOf(c.back, changed), nil
}

// effect tells what comes of the change that q makes; only are the rows that it changes.
func (c *rowChange) effect(t *catalog.Table, q *ast.Query, old func(ast.Name) ast.Expr, only ast.Expr) (effect, error) {
	if !c.updates {
		return effect{deletes: true, back: c.back}, nil
	}
	moved, err := c.movedKeys(t, q, old, only)
	return effect{updates: true, moved: moved, back: c.back}, err
}

// joined puts the rows that rest selects, from a join with other tables, in the place of those that the table has, file by file.
func (c *rowChange) joined(w *rewriting, rest func(*catalog.Table) (*ast.Select, error)) (*Result, error) {
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
	byFile := c.byFile(t)
	find, err := w.found(byFile)
	if err != nil {
		return nil, err
	}
	find.With, find.Recursive = c.with, c.recursive
	changed, files, err := c.counted(find, byFile)
	if err == nil && !c.Dry && changed == 0 {
		err = c.back.finish(c.run, t)
	}
	if err != nil || c.Dry || changed == 0 {
		return resultOf(c.back, 0), err
	}
	q := &ast.Query{At: c.at, With: c.with, Recursive: c.recursive, Body: sel}
	e, err := c.effect(t, q, func(col ast.Name) ast.Expr { return w.ref(w.target(), col.Text) }, w.matched(false))
	if err != nil {
		return nil, err
	}
	if !byFile || len(files) == t.Parts.Len() {
		if _, err := c.replaceWith(t, q, e); err != nil {
			return nil, err
		}
		return resultOf(c.back, changed), nil
	}
	w.some = true
	if q.Body, err = rest(t); err != nil {
		return nil, err
	}
	if err := c.replaceParts(t, c.among(t, files), q, e); err != nil {
		return nil, err
	}
	return resultOf(c.back, changed), nil
}

// among tells whether a part is one of some files.
func (r *run) among(t *catalog.Table, files map[string]bool) func(*catalog.Part) bool {
	home := r.Session.Home(t.Temp)
	return func(p *catalog.Part) bool { return files[home.PartPath(p)] }
}

// replaceParts puts the rows of q, which reads touchedRows, in the place of the parts for which touched says so.
func (r *run) replaceParts(t *catalog.Table, touched func(*catalog.Part) bool, q *ast.Query, e effect) error {
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
	w.effect = e
	err = r.overlay(map[string]storage.Table{touchedRows: rows}, func() error {
		env := r.planEnv()
		b := env.Binder(r.ctx)
		n, err := b.Query(q)
		if err != nil {
			return err
		}
		if n, err = b.Assign(n, w.fields(), q.Pos); err != nil {
			return err
		}
		if n, err = b.Generate(n, t); err != nil {
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

// byFile tells whether the files of a table are told apart.
func (r *run) byFile(t *catalog.Table) bool {
	return !r.Session.Home(t.Temp).InMemory(t) && t.Parts.Len() > 1 && !hasColumn(t.AllColumns(), "filename")
}

// touched counts the rows that change and gives the paths of their files, or nil where the table has no files to tell apart.
func (c *rowChange) touched(t *catalog.Table) (changed int64, files map[string]bool, err error) {
	byFile := c.byFile(t) && c.where != nil
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
	return c.counted(q, byFile)
}

// counted adds up the first column of a query and gathers the paths of files in the second.
func (r *run) counted(q *ast.Query, byFile bool) (n int64, files map[string]bool, err error) {
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	if err != nil || r.Dry {
		return 0, nil, err
	}
	rows, err := exec.Run(r.task(), p.Physical, nil)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	if byFile {
		files = map[string]bool{}
	}
	for {
		b, err := rows.Next(r.ctx)
		if err != nil || b == nil {
			return n, files, err
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			v, k := b.Cols[0].At(at)
			n += vec.Values[int64](v)[k]
			if byFile {
				v, k := b.Cols[1].At(at)
				files[strings.Clone(string(v.Bytes(k)))] = true
			}
		}
	}
}
