package command

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
)

// transaction runs BEGIN, COMMIT, ROLLBACK and the statements about savepoints.
func (r *run) transaction(s *ast.Transaction) (*Result, error) {
	var err error
	switch s.Kind {
	case ast.Begin:
		err = r.Session.Begin()
	case ast.Commit:
		var ok bool
		if ok, err = r.Session.Commit("a transaction"); err == nil && !ok {
			r.Session.Env.Notef("a statement of the transaction had failed: it was rolled back")
		}
	case ast.Rollback:
		err = r.Session.Rollback()
	case ast.Savepoint:
		err = r.Session.Savepoint(s.Name.Text)
	case ast.Release, ast.RollbackTo:
		err = r.Session.Release(s.Name.Text, s.Kind == ast.RollbackTo)
	}
	return &Result{}, sqlerr.WithPos(err, s.Pos)
}
