package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// createDatabase makes a database.
func (r *run) createDatabase(s *ast.CreateDatabase) (*Result, error) {
	d := &catalog.Database{Name: s.Name.Last(), Comment: s.Comment, Location: s.Location}
	var err error
	if d.Properties, err = r.properties(nil, s.Properties); err != nil {
		return nil, err
	}
	return &Result{}, sqlerr.WithPos(r.Session.Catalog.CreateDatabase(d, s.IfNotExists), s.Pos)
}

// use changes the current database.
func (r *run) use(s *ast.Use) (*Result, error) {
	name := s.Name.Last()
	if ok, err := r.useForeign(s.Name); ok || err != nil {
		return &Result{}, err
	}
	if !r.Session.Catalog.HasDatabase(name) {
		return nil, sqlerr.At(sqlerr.NotFound, s.Name.Position(), "database %s does not exist", name).
			WithHint("%s", sqlerr.DidYouMean(name, r.Session.Databases()))
	}
	r.Session.Database = name
	return &Result{}, nil
}

// reset gives settings their defaults.
func (r *run) reset(s *ast.Reset) (*Result, error) {
	if s.Variable {
		r.Session.SetVariable(s.Name.String(), nil)
		return &Result{}, nil
	}
	return &Result{}, sqlerr.WithPos(r.Session.Reset(s.Name.String()), s.Pos)
}
