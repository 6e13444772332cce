package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
)

// createMacro keeps a function that is written in SQL. Its names are looked up when it is called.
func (r *run) createMacro(s *ast.CreateMacro) (*Result, error) {
	if s.Class != "" {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "functions of Java classes are not supported").
			WithHint("CREATE FUNCTION %s(x) AS … makes one of an expression", s.Name.Last())
	}
	home := r.Session.Home(s.Temp)
	if s.IfNotExists && home.Object(catalog.MacroObject, s.Name.Last()) != nil {
		return &Result{}, nil
	}
	seen := map[string]bool{}
	for _, p := range s.Params {
		if seen[strings.ToLower(p.Name.Text)] {
			return nil, sqlerr.At(sqlerr.Bind, p.Name.Pos, "parameter %s stands there twice", p.Name.Text)
		}
		seen[strings.ToLower(p.Name.Text)] = true
	}
	m := &catalog.Object{Kind: catalog.MacroObject, Name: s.Name.Last(), Text: r.text}
	return &Result{}, sqlerr.WithPos(home.CreateObject(m, s.OrReplace), s.Name.Position())
}

// dropObject removes a macro, type or sequence, a temporary one first.
func (r *run) dropObject(kind catalog.ObjectKind, s *ast.Drop, name ast.Path) error {
	home := r.Session.Home(true)
	if home.Object(kind, name.Last()) == nil {
		home = r.Session.Home(s.Temp)
	}
	if s.IfExists && home.Object(kind, name.Last()) == nil {
		return nil
	}
	return home.DropObject(kind, name.Last())
}
