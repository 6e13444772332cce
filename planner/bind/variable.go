package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// variable binds getvariable('name'): a constant, NULL if there is no such variable.
func (b *Binder) variable(x *ast.Call, s *scope) (expr.Expr, error) {
	if len(x.Args) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "getvariable takes the name of a variable")
	}
	e, err := b.expr(x.Args[0].Value, s.constants())
	if err != nil {
		return nil, err
	}
	if e, err = b.cast(e, types.TVarchar, x.Pos); err != nil {
		return nil, err
	}
	c, err := b.Fold(e)
	if err != nil {
		return nil, err
	}
	name, ok := expr.Text(c)
	if v := b.Session.Variable(name); ok && v != nil {
		return expr.Value(v, 0), nil
	}
	return expr.NewNull(types.TNull), nil
}

// declared gives the value of a variable of DECLARE that a path names, alone or with session in front; nil if it names none.
func (b *Binder) declared(path ast.Path) expr.Expr {
	n := len(path) - 1
	if n > 2 || n > 0 && !strings.EqualFold(path[n-1].Text, "session") || n == 2 && !strings.EqualFold(path[0].Text, "system") {
		return nil
	}
	if _, ok := b.Session.Declared(path[n].Text); !ok {
		return nil
	}
	return expr.Value(b.Session.Variable(path[n].Text), 0)
}
