package command

import (
	"context"
	"strings"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/db"
)

// attach opens a database of another system under a name.
func (r *run) attach(s *ast.Attach) (*Result, error) {
	address, err := r.settingValue(s.Source)
	if err != nil {
		return nil, err
	}
	system := ""
	to := &db.Address{Text: address}
	for _, o := range s.Options {
		v, err := r.optionText(o)
		if err != nil {
			return nil, err
		}
		switch strings.ToLower(o.Name.Text) {
		case "type":
			system = strings.ToLower(v)
		case "read_only":
			to.ReadOnly = o.Value == nil || strings.EqualFold(v, "true")
		case "secret":
			x, err := r.Session.Secrets.Get(v)
			if err == nil && x == nil {
				err = r.noSecret(v)
			}
			if err != nil {
				return nil, sqlerr.WithPos(err, o.Name.Pos)
			}
			if to.Words = x.Words; system == "" {
				system = x.Type
			}
		default:
			return nil, sqlerr.At(sqlerr.NotFound, o.Name.Pos, "ATTACH has no option %s", o.Name.Text).WithHint("%s", sqlerr.DidYouMean(o.Name.Text, []string{"type", "read_only", "secret"}))
		}
	}
	driver, err := r.driver(address, system, s.Source.Position())
	if err != nil {
		return nil, err
	}
	if s.Name == nil {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "an attached database needs a name").WithHint("ATTACH '…' AS pg")
	}
	old := r.Session.AttachedOf(s.Name.Text)
	switch {
	case old != nil && s.IfNotExists:
		return &Result{}, nil
	case old != nil && !s.OrReplace || r.Session.Catalog.HasDatabase(s.Name.Text):
		return nil, sqlerr.At(sqlerr.Exists, s.Name.Pos, "a database named %s exists already", s.Name.Text).WithHint("DETACH %s, or give another name", s.Name.Text)
	}
	d, err := driver.Open(r.ctx, to)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Source.Position())
	}
	if old != nil {
		_ = old.DB.Close() // its connections only
	}
	r.Session.Attach(&session.Attached{Name: s.Name.Text, System: driver.Name(), DB: d, ReadOnly: to.ReadOnly})
	return &Result{}, nil
}

// driver gives the driver for an address.
func (r *run) driver(address, system string, pos int) (db.Driver, error) {
	var names []string
	for _, d := range r.Drivers {
		names = append(names, d.Name())
		if system == d.Name() || system == "" && d.Handles(address) || system == "postgresql" && d.Name() == "postgres" {
			return d, nil
		}
	}
	if system != "" {
		return nil, sqlerr.At(sqlerr.NotFound, pos, "databases of type %s cannot be attached", system).WithHint("types are %s", strings.Join(names, ", "))
	}
	e := sqlerr.At(sqlerr.Unsupported, pos, "%s names no database that can be attached", db.Redact(address))
	if strings.Contains(address, "=") && !strings.Contains(address, "://") {
		return nil, e.WithHint("ATTACH 'postgres:%s' AS pg", db.Redact(address))
	}
	return nil, e.WithHint("ATTACH 'postgres://user@host/database' AS pg; files are read by their names: FROM 'x.parquet'")
}

// detach gives an attached database up.
func (r *run) detach(s *ast.Detach) (*Result, error) {
	a := r.Session.AttachedOf(s.Name.Text)
	if a == nil {
		if s.IfExists {
			return &Result{}, nil
		}
		return nil, r.notAttached(s.Name)
	}
	return &Result{}, r.Session.Detach(a)
}

func (r *run) notAttached(n ast.Name) error {
	e := sqlerr.At(sqlerr.NotFound, n.Pos, "no database is attached as %s", n.Text)
	if hint := sqlerr.DidYouMean(n.Text, r.Session.AttachedNames()); hint != "" {
		return e.WithHint("%s", hint)
	}
	return e.WithHint("ATTACH 'postgres://…' AS %s", n.Text)
}

// executeIn runs a statement in an attached database's own words.
func (r *run) executeIn(s *ast.ExecuteIn) (*Result, error) {
	a := r.Session.AttachedOf(s.Database.Text)
	if a == nil {
		return nil, r.notAttached(s.Database)
	}
	return r.native(a, s.SQL, s.SQLPos)
}

// native runs a text in an attached database.
func (r *run) native(a *session.Attached, text string, pos int) (*Result, error) {
	if err := r.outside(a, pos); err != nil {
		return nil, err
	}
	x, ok := a.DB.(db.Executor)
	if !ok {
		return nil, sqlerr.At(sqlerr.Unsupported, pos, "%s runs no statements of its own", a.System)
	}
	if r.Dry {
		return &Result{}, nil
	}
	n, err := x.Exec(r.ctx, text)
	return &Result{Changed: n}, sqlerr.WithPos(err, pos)
}

// useForeign makes an attached database, a schema of one, or another database of its server the current database.
func (r *run) useForeign(path ast.Path) (bool, error) {
	name := path.String()
	if cur := r.Session.AttachedOf(r.Session.Database); cur != nil && len(path) == 1 && r.Session.AttachedOf(name) == nil {
		if ok, err := r.switchTo(cur, path[0]); ok || err != nil {
			return ok, err
		}
	}
	a := r.Session.AttachedOf(name)
	if a == nil || len(path) > 2 {
		return false, nil
	}
	if len(path) == 2 {
		schemas, err := a.DB.Schemas(r.ctx)
		if err != nil {
			return true, sqlerr.WithPos(err, path.Position())
		}
		for _, s := range schemas {
			if strings.EqualFold(s, path[1].Text) {
				r.Session.Database = a.Name + "." + s
				return true, nil
			}
		}
		return true, sqlerr.At(sqlerr.NotFound, path[1].Pos, "%s has no schema %s", a.Name, path[1].Text).WithHint("%s", sqlerr.DidYouMean(path[1].Text, schemas))
	}
	r.Session.Database = a.Name
	return true, nil
}

// switchTo connects to another database of the same server, as psql's \c does: the name it is attached by stays.
func (r *run) switchTo(a *session.Attached, name ast.Name) (bool, error) {
	sw, ok := a.DB.(db.Switcher)
	if !ok {
		return false, nil
	}
	other, err := sw.Other(r.ctx, name.Text)
	if err != nil || other == nil {
		return false, sqlerr.WithPos(err, name.Pos)
	}
	_ = a.DB.Close() // its connections only
	a.DB = other
	r.Session.Database = a.Name
	r.Session.Env.Notef(a.Name + " is now database " + other.(db.Switcher).Database())
	return true, nil
}

// schemas gives the schemas of an attached database.
func (r *run) schemas(path ast.Path) ([]string, error) {
	a := r.Session.AttachedOf(path.String())
	if a == nil {
		return nil, r.notAttached(path[0])
	}
	list, err := a.DB.Schemas(r.ctx)
	return list, sqlerr.WithPos(err, path.Position())
}

// foreignText is the statement that makes a table of an attached database there, in its own types.
func foreignText(info *db.Info) string {
	var lines []string
	for _, c := range info.Columns {
		line := quoteName(c.Name) + " " + c.Native
		if c.NotNull {
			line += " NOT NULL"
		}
		if c.Default != "" {
			line += " DEFAULT " + c.Default
		}
		if c.Generated {
			line += " GENERATED"
		}
		lines = append(lines, line)
	}
	word := "TABLE"
	if strings.Contains(info.Kind, "view") {
		word = strings.ToUpper(info.Kind)
	}
	return "CREATE " + word + " " + quoteName(info.Schema) + "." + quoteName(info.Name) + " (\n  " + strings.Join(append(lines, info.Keys...), ",\n  ") + "\n)"
}

// showForeign lists the tables of an attached database, or of a schema of it.
func (r *run) showForeign(s *ast.Show, a *session.Attached, name string, keep func(string) bool) (*Result, error) {
	_, schema, _ := strings.Cut(name, ".")
	list, err := a.DB.Tables(r.ctx, schema)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	var rows [][]string
	for _, t := range list {
		if keep(t.Name) && (s.Kind != ast.ShowViews || strings.Contains(t.Kind, "view")) {
			rows = append(rows, []string{t.Name, t.Kind})
		}
	}
	return table([]string{"name", "kind"}, rows), nil
}

// Native runs a text that is no statement of ours in the current database, if that is an attached one and the text begins like a change that it may
// know: CREATE ROLE, DO, GRANT …. The result is nil if not.
func Native(ctx context.Context, env *Env, text string) (*Result, error) {
	a := env.Session.AttachedOf(env.Session.Database)
	if a == nil {
		return nil, nil
	}
	word := strings.ToUpper(strings.TrimSpace(text))
	if i := strings.IndexFunc(word, func(c rune) bool { return c < 'A' || c > 'Z' }); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "TRUNCATE", "VACUUM", "ANALYZE", "REINDEX", "CLUSTER", "DO", "CALL", "REFRESH", "REASSIGN",
		"SECURITY", "UPDATE", "DELETE":
		r := &run{Env: env, ctx: ctx, text: text}
		return r.native(a, text, sqlerr.NoPos)
	}
	return nil, nil
}
