package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// prepare keeps a statement under a name. Its names are looked up when it is executed.
func (r *run) prepare(s *ast.Prepare) (*Result, error) {
	switch s.Statement.(type) {
	case *ast.Prepare, *ast.Execute, *ast.Deallocate:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Statement.Position(), "this statement cannot be prepared")
	}
	r.Session.SetPrepared(s.Name.Text, r.text)
	return &Result{}, nil
}

// execute runs a prepared statement with values for its parameters.
func (r *run) execute(s *ast.Execute) (*Result, error) {
	text, ok := r.Session.Prepared(s.Name.Text)
	if !ok {
		return nil, sqlerr.At(sqlerr.NotFound, s.Name.Pos, "there is no prepared statement %s", s.Name.Text).
			WithHint("PREPARE %s AS SELECT …", s.Name.Text)
	}
	stmt, err := parser.ParseOne(text)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	p := stmt.(*ast.Prepare) // as kept by prepare
	if len(s.Args) < len(p.Types) {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "%s takes %d values, not %d", s.Name.Text, len(p.Types), len(s.Args))
	}
	b := r.planEnv().Binder(r.ctx)
	var list []*expr.Const
	names := map[string]*expr.Const{}
	for i, a := range s.Args {
		value := a.Value
		if i < len(p.Types) {
			value = &ast.Cast{At: ast.At{Pos: value.Position()}, Expr: value, Type: p.Types[i]}
		}
		c, err := b.Scalar(value)
		if err != nil {
			return nil, err
		}
		if a.Name != nil {
			names[strings.ToLower(a.Name.Text)] = c
		} else {
			list = append(list, c)
		}
	}
	own := text[max(p.Statement.Position(), 0):]
	ast.Shift(p.Statement, r.sources.Add("prepared statement "+s.Name.Text, text, s.Pos))
	inner := *r
	inner.text = own
	inner.params = func(p *ast.Param) *expr.Const {
		if p.Kind == ast.NamedParam {
			return names[strings.ToLower(p.Name)]
		}
		if p.Index < 1 || p.Index > len(list) {
			return nil
		}
		return list[p.Index-1]
	}
	return inner.statement(p.Statement)
}

// deallocate forgets prepared statements.
func (r *run) deallocate(s *ast.Deallocate) (*Result, error) {
	if s.All {
		r.Session.ForgetPrepared()
		return &Result{}, nil
	}
	if _, ok := r.Session.Prepared(s.Name.Text); !ok {
		return nil, sqlerr.At(sqlerr.NotFound, s.Name.Pos, "there is no prepared statement %s", s.Name.Text)
	}
	r.Session.SetPrepared(s.Name.Text, "")
	return &Result{}, nil
}
