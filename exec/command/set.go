package command

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
)

// threads gives the number of workers of a statement.
func (r *run) threads() int {
	if n, err := strconv.Atoi(r.Session.Setting("threads")); err == nil && n > 0 {
		return n
	}
	if r.Workers > 0 {
		return r.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (r *run) batchSize() int {
	n, _ := strconv.Atoi(r.Session.Setting("batch_size"))
	return n
}

// set runs SET name = value.
func (r *run) set(s *ast.Set) (*Result, error) {
	name := s.Name.String()
	if s.Kind == ast.SetTimeZone {
		name = "timezone"
	}
	if s.Kind == ast.SetVariable {
		return &Result{}, r.setVariables(s)
	}
	if s.Kind == ast.SetShow {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "this form of SET is not supported yet")
	}
	if s.Default {
		return &Result{}, sqlerr.WithPos(r.Session.Reset(name), s.Pos)
	}
	value, err := r.settingValue(s.Value)
	if err != nil {
		return nil, err
	}
	foreign, err := r.Session.Set(name, value)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	if foreign {
		r.Session.Env.Notef("setting " + name + " has no meaning here; it is kept and ignored")
	}
	if strings.EqualFold(name, "memory_limit") && value != "" {
		n, err := session.ParseSize(value)
		if err != nil {
			return nil, err
		}
		r.Mem.SetLimit(n)
	}
	return &Result{}, nil
}

// settingValue gives the text of a setting's value: a bare word means itself.
func (r *run) settingValue(e ast.Expr) (string, error) {
	switch x := e.(type) {
	case *ast.ColumnRef:
		return x.Parts.String(), nil
	case *ast.Literal:
		return x.Text, nil
	}
	b := r.planEnv().Binder(r.ctx)
	v, err := b.Scalar(e)
	if err != nil {
		return "", err
	}
	if v.V.IsNull(0) || v.V.Type.Kind == types.Null {
		return "", nil
	}
	return string(kernel.AppendText(nil, v.V, 0)), nil
}
