package command

import (
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
)

// createView keeps a query under a name. It is bound once, so that a mistake shows at once.
func (r *run) createView(s *ast.CreateView) (*Result, error) {
	db, name, err := r.target(s.Name)
	if err != nil {
		return nil, err
	}
	home := r.Session.Home(s.Temp)
	if s.Temp {
		db = catalog.DefaultDatabase
	}
	if s.IfNotExists && home.Lookup(db, name) != nil {
		return &Result{}, nil
	}
	env := r.planEnv()
	env.Rows = nil // the columns of a view are fixed: PIVOT must name its values
	p, err := planner.Query(r.ctx, env, s.Query)
	if err != nil {
		return nil, err
	}
	v := &catalog.Table{Database: db, Name: name, Kind: catalog.View, Query: s.Text, Comment: s.Comment, Temp: s.Temp}
	cols := p.Physical.Cols()
	if len(s.Columns) > len(cols) {
		return nil, sqlerr.At(sqlerr.Bind, s.Columns[len(cols)].Pos, "the view has %d columns, but %d names are given", len(cols), len(s.Columns))
	}
	for i, c := range cols {
		n := c.Name
		if i < len(s.Columns) {
			n = s.Columns[i].Text
		}
		v.Columns = append(v.Columns, catalog.Column{Field: types.Field{Name: n, Type: c.Type}})
	}
	if old := home.Lookup(db, name); old != nil && old.Kind != catalog.View {
		return nil, sqlerr.At(sqlerr.Exists, s.Name.Position(), "%s is a table, not a view", name)
	}
	return &Result{}, sqlerr.WithPos(home.Create(v, s.OrReplace), s.Name.Position())
}

// target takes the name of a new table or view apart: its database (the current one by default) and name.
func (r *run) target(path ast.Path) (db, name string, err error) {
	switch len(path) {
	case 1:
		return r.Session.Database, path[0].Text, nil
	case 2:
		return r.Session.Named(path[0].Text), path[1].Text, nil
	}
	return "", "", sqlerr.At(sqlerr.Bind, path.Position(), "%s: names have at most two parts, database.table", path)
}
