package command

import (
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
)

// drop removes tables, views and databases.
func (r *run) drop(s *ast.Drop) (*Result, error) {
	for _, name := range s.Names {
		var err error
		switch s.Kind {
		case ast.DatabaseObject:
			err = r.Session.Catalog.DropDatabase(name.Last(), s.IfExists, s.Cascade)
			if err == nil && equalFold(r.Session.Database, name.Last()) {
				r.Session.Database = catalog.DefaultDatabase
			}
		case ast.TableObject, ast.ViewObject:
			err = r.dropTable(s, name)
		case ast.FunctionObject:
			err = r.dropObject(catalog.MacroObject, s, name)
		case ast.TypeObject:
			err = r.dropObject(catalog.TypeObject, s, name)
		case ast.SequenceObject:
			err = r.dropSequence(s, name)
		case ast.VariableObject:
			if r.Session.Variable(name.Last()) == nil && !s.IfExists {
				return nil, noVariable(r.Session, name)
			}
			r.Session.SetVariable(name.Last(), nil)
		case ast.SecretObject:
			err = r.dropSecret(s, name.String())
		case ast.IndexObject: // indexes do not exist, so there is nothing to drop
		default:
			return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "DROP %s is not supported yet", s.Kind)
		}
		if err != nil {
			return nil, sqlerr.WithPos(err, name.Position())
		}
	}
	return &Result{}, nil
}

func (r *run) dropTable(s *ast.Drop, name ast.Path) error {
	t, err := r.planEnv().Binder(r.ctx).Table(name)
	if err != nil {
		if s.IfExists && sqlerr.ClassOf(err) == sqlerr.NotFound {
			return nil
		}
		return err
	}
	if isView := t.Kind == catalog.View; isView != (s.Kind == ast.ViewObject) {
		word := "TABLE"
		if isView {
			word = "VIEW"
		}
		return sqlerr.New(sqlerr.Bind, "%s is a %s", t.Name, word).WithHint("DROP %s %s", word, t.Name)
	}
	if t.Kind == catalog.Managed {
		if err := r.unrefer(t, s.Cascade); err != nil {
			return err
		}
	}
	return r.Session.Home(t.Temp).Drop(t.Database, t.Name)
}
