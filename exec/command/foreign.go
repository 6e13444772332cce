package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/db"
)

// foreign runs statements that change attached databases; the result is nil for all others.
func (r *run) foreign(stmt ast.Statement) (*Result, error) {
	if len(r.Session.AttachedNames()) == 0 {
		return nil, nil
	}
	at := func(p ast.Path) *session.Attached {
		a, _, _ := r.Session.Split(p.Texts())
		return a
	}
	current := r.Session.AttachedOf(r.Session.Database)
	switch s := stmt.(type) {
	case *ast.Insert:
		if s.Directory == nil && at(s.Table) != nil {
			return r.insertForeign(s)
		}
		return nil, nil
	case *ast.Merge:
		if at(s.Table) != nil {
			return r.mergeForeign(s)
		}
		return nil, nil
	case *ast.CreateTable:
		a := at(s.Name)
		switch {
		case s.Temp || a == nil || s.External:
			return nil, nil
		case s.As != nil:
			return r.createForeign(s)
		case a == current:
			return r.native(a, r.text, s.Pos)
		}
		return r.inItsWords(a, s.Pos)
	case *ast.Drop:
		return r.dropForeign(s, current)
	case *ast.CreateDatabase, *ast.CreateIndex, *ast.AlterDatabase, *ast.Analyze, *ast.Command:
		if current != nil {
			return r.native(current, r.text, stmt.Position())
		}
		if a, ok := stmt.(*ast.Analyze); !ok || len(a.Table) == 0 {
			return nil, nil
		}
	}
	path := changed(stmt)
	a := at(path)
	switch {
	case a == nil:
		return nil, nil
	case a == current && r.Session.AttachedOf(path[0].Text) == nil:
		return r.native(a, r.text, stmt.Position())
	}
	return r.inItsWords(a, stmt.Position())
}

// changed gives the table that a statement changes.
func changed(stmt ast.Statement) ast.Path {
	switch s := stmt.(type) {
	case *ast.CreateView:
		if s.Temp {
			return nil
		}
		return s.Name
	case *ast.Update:
		return s.Table
	case *ast.Delete:
		return s.Table
	case *ast.AlterTable:
		return s.Name
	case *ast.Truncate:
		if len(s.Names) > 0 {
			return s.Names[0]
		}
	case *ast.Analyze:
		if len(s.Table) > 0 {
			return s.Table
		}
	}
	return nil
}

// inItsWords has the attached database run the statement, in which it goes by no name: pg.t is t there.
func (r *run) inItsWords(a *session.Attached, pos int) (*Result, error) {
	var out strings.Builder
	at, toks := 0, token.Lex(r.text)
	for i := 0; i+1 < len(toks); i++ {
		t := toks[i]
		if t.Kind == token.Colon && toks[i+1].Kind == token.Word && t.End == toks[i+1].Pos && r.params != nil {
			if name := toks[i+1].Text(r.text); r.params(&ast.Param{Kind: ast.NamedParam, Name: name}) != nil {
				return nil, sqlerr.At(sqlerr.Unsupported, pos, "%s runs this itself, and knows no parameter :%s", a.Name, name).WithHint("${%s} puts its text there", name)
			}
		}
		named := (t.Kind == token.Word || t.Kind == token.Quoted) && strings.EqualFold(strings.Trim(t.Text(r.text), "\"`"), a.Name)
		if named && toks[i+1].Kind == token.Dot && (i == 0 || toks[i-1].Kind != token.Dot) {
			out.WriteString(r.text[at:t.Pos])
			at = int(toks[i+1].End)
		}
	}
	out.WriteString(r.text[at:])
	return r.native(a, out.String(), pos)
}

// outside refuses to change an attached database within a transaction, which could not take the change back.
func (r *run) outside(a *session.Attached, pos int) error {
	if !r.Session.InTransaction() {
		return nil
	}
	return sqlerr.At(sqlerr.Unsupported, pos, "%s is no part of the transaction: what changes it is committed at once, and ROLLBACK does not take it back", a.Name).
		WithHint("write it before BEGIN or behind COMMIT; EXECUTE IN %s $$ BEGIN; …; COMMIT $$ is a transaction there", a.Name)
}

// dropForeign drops tables and views of an attached database.
func (r *run) dropForeign(s *ast.Drop, current *session.Attached) (*Result, error) {
	if s.Kind != ast.TableObject && s.Kind != ast.ViewObject {
		if current == nil || s.Kind == ast.VariableObject || s.Kind == ast.FunctionObject || s.Kind == ast.SecretObject {
			return nil, nil
		}
		return r.native(current, r.text, s.Pos)
	}
	for _, n := range s.Names {
		a, schema, name := r.Session.Split(n.Texts())
		if a == nil {
			return nil, nil
		}
		if len(n) == 1 && r.isTemp(name) {
			return nil, nil
		}
		t, err := a.DB.Table(r.ctx, schema, name)
		if err != nil {
			return nil, sqlerr.WithPos(err, n.Position())
		}
		if t == nil {
			if s.IfExists {
				continue
			}
			_, err := r.Session.Foreign(r.ctx, n.Texts())
			return nil, sqlerr.WithPos(err, n.Position())
		}
		q := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		sql := "DROP " + s.Kind.String() + " " + q(t.Describe().Schema) + "." + q(t.Describe().Name)
		if s.Cascade {
			sql += " CASCADE"
		}
		if _, err := r.native(a, sql, n.Position()); err != nil {
			return nil, err
		}
	}
	return &Result{}, nil
}

func (r *run) isTemp(name string) bool {
	return r.Session.Home(true).Lookup(catalog.DefaultDatabase, name) != nil
}

// attachedFor gives the attached database that a statement writes to.
func (r *run) attachedFor(path ast.Path) (*session.Attached, string, string, error) {
	a, schema, name := r.Session.Split(path.Texts())
	if err := r.outside(a, path.Position()); err != nil {
		return nil, "", "", err
	}
	if a.ReadOnly {
		return nil, "", "", sqlerr.At(sqlerr.Bind, path.Position(), "%s is attached READ ONLY", a.Name).WithHint("DETACH %s, and ATTACH it without READ ONLY", a.Name)
	}
	return a, schema, name, nil
}

// createForeign makes a table of an attached database from a query.
func (r *run) createForeign(s *ast.CreateTable) (*Result, error) {
	a, schema, name, err := r.attachedFor(s.Name)
	if err != nil {
		return nil, err
	}
	old, err := a.DB.Table(r.ctx, schema, name)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Name.Position())
	}
	load := &db.Load{Schema: schema, Table: name, Mode: db.Create}
	switch {
	case old != nil && s.IfNotExists:
		return &Result{}, nil
	case old != nil && !s.OrReplace:
		return nil, sqlerr.At(sqlerr.Exists, s.Name.Position(), "table %s exists already in %s", name, a.Name).
			WithHint("INSERT OVERWRITE replaces its rows, CREATE OR REPLACE TABLE the table")
	case old != nil:
		load.Mode, load.Schema, load.Table = db.Replace, old.Describe().Schema, old.Describe().Name
	}
	b := r.planEnv().Binder(r.ctx)
	n, err := b.Query(s.As)
	if err != nil {
		return nil, err
	}
	cols := n.Cols()
	if len(s.ColumnNames) > 0 && len(s.ColumnNames) != len(cols) {
		return nil, sqlerr.At(sqlerr.Bind, s.ColumnNames[0].Pos, "the query gives %d columns, but %d names are given", len(cols), len(s.ColumnNames))
	}
	for i, c := range cols {
		f := types.Field{Name: c.Name, Type: c.Type}
		if len(s.ColumnNames) > 0 {
			f.Name = s.ColumnNames[i].Text
		}
		switch f.Type.Kind {
		case types.Null:
			f.Type = types.TInteger
		case types.Enum, types.Array: // labels have no type there
			f.Type = f.Type.Plain()
		}
		load.Columns = append(load.Columns, f)
	}
	return r.loadInto(a.DB, n, b, load, s.As.Pos)
}

// insertForeign loads the rows of a query into a table of an attached database, at once or not at all.
func (r *run) insertForeign(s *ast.Insert) (*Result, error) {
	switch {
	case s.Partition != nil:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "INSERT … PARTITION is for folders of files")
	case len(s.Returning) > 0:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "RETURNING is not supported for attached databases")
	case s.Query == nil:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "INSERT DEFAULT VALUES is not supported for attached databases").WithHint("EXECUTE IN … $$ INSERT … DEFAULT VALUES $$")
	case s.Overwrite && s.OnConflict != nil:
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "INSERT OVERWRITE has no ON CONFLICT: nothing is left that could conflict")
	}
	if _, _, _, err := r.attachedFor(s.Table); err != nil {
		return nil, err
	}
	b := r.planEnv().Binder(r.ctx)
	t, err := b.Table(s.Table)
	if err != nil {
		return nil, err
	}
	q := s.Query
	if len(s.With) > 0 {
		c := *q
		c.With, c.Recursive = append(append([]ast.CTE(nil), s.With...), c.With...), s.Recursive || c.Recursive
		q = &c
	}
	n, err := b.Query(q)
	if err != nil {
		return nil, err
	}
	fields, err := r.givenFields(t, s, n)
	if err != nil {
		return nil, err
	}
	mode := db.Append
	if s.Overwrite {
		mode = db.Overwrite
	}
	l := loadOf(t, mode, fields)
	if s.OnConflict != nil {
		if l.Mode, l.Typed = db.Apply, true; s.OnConflict.Replace {
			return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "INSERT OR REPLACE does not say by which key").WithHint("INSERT … ON CONFLICT (key) DO UPDATE SET …")
		}
		if l.SQL, err = upsert(t, s, fields); err != nil {
			return nil, err
		}
	}
	return r.load(t, n, b, l, s.Table.Position())
}

// givenFields gives the columns of the table that the rows of n are for.
func (r *run) givenFields(t *catalog.Table, s *ast.Insert, n logical.Node) ([]types.Field, error) {
	byName := map[string]db.Column{}
	var fields []types.Field
	var anyScale []bool
	var names []string
	for _, c := range t.Foreign.(db.Table).Describe().Columns {
		byName[strings.ToLower(c.Name)] = c
		names = append(names, c.Name)
		if !c.Generated {
			fields, anyScale = append(fields, c.Field), append(anyScale, c.AnyScale)
		}
	}
	var given []ast.Name
	given = append(given, s.Columns...)
	if s.ByName {
		for _, c := range n.Cols() {
			given = append(given, ast.Name{At: s.At, Text: c.Name})
		}
	}
	if len(given) > 0 {
		fields, anyScale = nil, nil
		seen := map[string]bool{}
		for _, g := range given {
			f, ok := byName[strings.ToLower(g.Text)]
			if !ok {
				return nil, sqlerr.At(sqlerr.NotFound, g.Pos, "table %s has no column %s", t.Name, g.Text).WithHint("%s", sqlerr.DidYouMean(g.Text, names))
			}
			if seen[f.Name] {
				return nil, sqlerr.At(sqlerr.Bind, g.Pos, "column %s is named twice", g.Text)
			}
			seen[f.Name] = true
			fields, anyScale = append(fields, f.Field), append(anyScale, f.AnyScale)
		}
	}
	cols := n.Cols()
	if len(cols) != len(fields) {
		var wanted []string
		for _, f := range fields {
			wanted = append(wanted, f.Name)
		}
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "%d values are given for %d columns of %s", len(cols), len(fields), t.Name).
			WithHint("they are %s; INSERT INTO %s (…) names those that get values", strings.Join(wanted, ", "), s.Table)
	}
	for i, c := range cols {
		if anyScale[i] && c.Type.Kind == types.Decimal {
			fields[i].Type = c.Type // as it is, without rounding
		}
	}
	return fields, nil
}

// loadOf describes a load of columns of a table.
func loadOf(t *catalog.Table, mode db.Mode, fields []types.Field) *db.Load {
	info := t.Foreign.(db.Table).Describe()
	return &db.Load{Schema: info.Schema, Table: info.Name, Columns: fields, Mode: mode}
}

// load runs a plan and loads its rows into the table of an attached database.
func (r *run) load(t *catalog.Table, n logical.Node, b *bind.Binder, l *db.Load, pos int) (*Result, error) {
	return r.loadInto(r.Session.AttachedOf(t.Database).DB, n, b, l, pos)
}

func (r *run) loadInto(d db.Database, n logical.Node, b *bind.Binder, l *db.Load, pos int) (*Result, error) {
	n, err := b.Assign(n, l.Columns, pos)
	if err != nil {
		return nil, err
	}
	p, err := planner.Finish(r.planEnv(), b, n)
	if err != nil || r.Dry {
		return &Result{}, err
	}
	w, err := d.Load(r.ctx, l)
	if err != nil {
		return nil, sqlerr.WithPos(err, pos)
	}
	var ts []types.Type
	for _, f := range l.Columns {
		ts = append(ts, f.Type)
	}
	if err := exec.Drain(r.task(), p.Physical, &op.TableWriter{Types: ts, Ordered: true, Write: w.Write}, nil); err != nil {
		w.Abort()
		return nil, err
	}
	if err := r.ctx.Err(); err != nil {
		w.Abort()
		return nil, sqlerr.Wrap(sqlerr.Cancelled, err, "the load was given up")
	}
	rows, err := w.Commit(r.ctx)
	return &Result{Changed: rows}, sqlerr.WithPos(err, pos)
}
