package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// Variables: DECLARE makes one that may be used by its name, SET VARIABLE gives it a value, and EXECUTE IMMEDIATE runs what it says.

func noVariable(s *session.Session, name ast.Path) error {
	return sqlerr.At(sqlerr.NotFound, name.Position(), "variable %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name.Last(), s.Variables()))
}

// declareVariables runs DECLARE.
func (r *run) declareVariables(s *ast.Declare) (*Result, error) {
	for _, n := range s.Names {
		if _, ok := r.Session.Declared(n.Last()); ok && !s.Replace {
			return nil, sqlerr.At(sqlerr.Exists, n.Position(), "variable %s exists already", n).WithHint("DECLARE OR REPLACE VARIABLE %s …", n)
		}
	}
	var value ast.Expr = &ast.Literal{At: s.At, Kind: ast.NullLit}
	if s.Default != nil {
		value = s.Default
	}
	if s.Type != nil {
		value = &ast.Cast{At: ast.At{Pos: value.Position()}, Expr: value, Type: s.Type}
	}
	b, err := r.value(value)
	if err != nil || r.Dry {
		return &Result{}, err
	}
	for _, n := range s.Names {
		r.Session.Declare(n.Last(), session.Declared{Type: b.Cols[0].Type, Default: s.Text}, b.Cols[0])
	}
	return &Result{}, nil
}

// setVariables runs SET VARIABLE: all values are computed before one is set.
func (r *run) setVariables(s *ast.Set) error {
	if s.Query != nil {
		fields, b, err := r.collectQuery(s.Query, 2)
		if err != nil || r.Dry {
			return err
		}
		return r.assignRow(s.Names, fields, b, s.Pos)
	}
	var values []ast.Expr
	all := append([]*ast.Set{s}, s.More...)
	for i, one := range all {
		for _, other := range all[:i] {
			if strings.EqualFold(other.Name.Last(), one.Name.Last()) {
				return sqlerr.At(sqlerr.Bind, one.Pos, "variable %s is set twice", one.Name)
			}
		}
		v := one.Value
		d, declared := r.Session.Declared(one.Name.Last())
		if one.Default {
			v = &ast.Literal{At: one.At, Kind: ast.NullLit}
			if declared && d.Default != "" {
				var err error
				if v, err = parser.ParseExpr(d.Default); err != nil {
					return err
				}
			}
		}
		if declared {
			typ, err := parser.ParseType(d.Type.String())
			if err != nil {
				return err
			}
			v = &ast.Cast{At: ast.At{Pos: v.Position()}, Expr: v, Type: typ}
		}
		values = append(values, v)
	}
	b, err := r.value(values...)
	if err != nil || r.Dry {
		return err
	}
	for i, one := range all {
		r.Session.SetVariable(one.Name.Last(), b.Cols[i])
	}
	return nil
}

// assignRow gives variables the values of the one row of b; of none, NULL.
func (r *run) assignRow(names []ast.Path, fields []types.Field, b *vec.Batch, pos int) error {
	if len(fields) != len(names) {
		return sqlerr.At(sqlerr.Bind, pos, "the query gives %d columns for %d variables", len(fields), len(names))
	}
	if b.N > 1 {
		return sqlerr.At(sqlerr.Data, pos, "the query gives more than one row").WithHint("LIMIT 1 takes the first")
	}
	var values []ast.Expr
	for i, n := range names {
		d, ok := r.Session.Declared(n.Last())
		if !ok && r.Session.Variable(n.Last()) == nil {
			return noVariable(r.Session, n)
		}
		var v ast.Expr = &ast.Literal{At: ast.At{Pos: pos}, Kind: ast.NullLit}
		if b.N == 1 {
			v = &ast.Param{At: ast.At{Pos: pos}, Kind: ast.NumberedParam, Index: i + 1}
		}
		if ok {
			typ, err := parser.ParseType(d.Type.String())
			if err != nil {
				return err
			}
			v = &ast.Cast{At: ast.At{Pos: pos}, Expr: v, Type: typ}
		}
		values = append(values, v)
	}
	inner := *r
	inner.params = func(p *ast.Param) *expr.Const {
		return expr.Value(b.Cols[p.Index-1], 0)
	}
	out, err := inner.value(values...)
	if err != nil {
		return err
	}
	for i, n := range names {
		r.Session.SetVariable(n.Last(), out.Cols[i])
	}
	return nil
}

// executeImmediate runs the statement that a text says.
func (r *run) executeImmediate(s *ast.ExecuteImmediate) (*Result, error) {
	b, err := r.value(s.Text)
	if err != nil || r.Dry {
		return &Result{}, err
	}
	if b.Cols[0].IsNull(0) || b.Cols[0].Type.Kind != types.Varchar {
		return nil, sqlerr.At(sqlerr.Bind, s.Text.Position(), "EXECUTE IMMEDIATE takes the text of a statement")
	}
	f, k := b.Cols[0].At(0)
	text := string(f.Bytes(k))
	stmt, err := parser.ParseOne(text)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	if _, again := stmt.(*ast.ExecuteImmediate); again {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "EXECUTE IMMEDIATE cannot run EXECUTE IMMEDIATE")
	}
	var list []*expr.Const
	names := map[string]*expr.Const{}
	for _, a := range s.Args {
		v, err := r.value(a.Value)
		if err != nil {
			return nil, err
		}
		c := expr.Value(v.Cols[0], 0)
		list = append(list, c)
		if a.Name != nil {
			names[strings.ToLower(a.Name.Text)] = c
		} else if ref, ok := a.Value.(*ast.ColumnRef); ok {
			names[strings.ToLower(ref.Parts.Last())] = c
		}
	}
	ast.Shift(stmt, r.sources.Add("EXECUTE IMMEDIATE", text, s.Pos))
	inner := *r
	inner.text = text
	inner.params = func(p *ast.Param) *expr.Const {
		if p.Kind == ast.NamedParam {
			return names[strings.ToLower(p.Name)]
		}
		if p.Index < 1 || p.Index > len(list) {
			return nil
		}
		return list[p.Index-1]
	}
	if len(s.Into) == 0 {
		return inner.statement(stmt)
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "EXECUTE IMMEDIATE … INTO takes a query")
	}
	fields, rows, err := inner.collectQuery(q, 2)
	if err != nil {
		return nil, err
	}
	return &Result{}, r.assignRow(s.Into, fields, rows, s.Pos)
}
