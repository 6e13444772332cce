package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
)

// shownRows is how many rows the error of ASSERT NOT EXISTS shows.
const shownRows = 5

// assert fails unless its condition is true. The error of NOT EXISTS (query) shows the first rows of the query, that of a comparison both sides.
func (r *run) assert(s *ast.Assert) (*Result, error) {
	if q := notExists(s.Expr); q != nil {
		fields, b, err := r.collectQuery(q, shownRows+1)
		if err != nil || b.N == 0 {
			return &Result{}, err
		}
		return nil, r.failed(s, "there are rows:"+rowsText(fields, b))
	}
	cond := &ast.And{At: s.At, Terms: []ast.Expr{s.Expr, &ast.Literal{At: s.At, Kind: ast.BoolLit, Text: "true"}}} // makes it a condition
	b, err := r.value(cond)
	if err != nil || r.Dry {
		return &Result{}, err
	}
	if b.N == 1 && !b.Cols[0].IsNull(0) && textAt(b.Cols[0], 0) == "true" {
		return &Result{}, nil
	}
	why := "it is " + textAt(b.Cols[0], 0)
	if c, ok := s.Expr.(*ast.Compare); ok {
		if sides, err := r.value(c.Left, c.Right); err == nil && sides.N == 1 {
			why = "the left side is " + textAt(sides.Cols[0], 0) + ", the right side " + textAt(sides.Cols[1], 0)
		}
	}
	return nil, r.failed(s, why)
}

// notExists gives the query of NOT EXISTS (query), or nil.
func notExists(e ast.Expr) *ast.Query {
	if u, ok := e.(*ast.Unary); ok && u.Op == ast.OpNot {
		if x, ok := u.Expr.(*ast.Exists); ok {
			return x.Query
		}
	}
	return nil
}

func (r *run) failed(s *ast.Assert, why string) error {
	what := s.Text
	if s.Message != nil {
		b, err := r.value(s.Message)
		if err != nil {
			return err
		}
		what = textAt(b.Cols[0], 0)
	}
	return sqlerr.At(sqlerr.Data, s.Expr.Position(), "assertion failed: %s: %s", what, why)
}

// rowsText writes rows below each other, each as name=value.
func rowsText(fields []types.Field, b *vec.Batch) string {
	var out strings.Builder
	for i := range min(b.N, shownRows) {
		var row []string
		for k, f := range fields {
			row = append(row, f.Name+"="+textAt(b.Cols[k], i))
		}
		out.WriteString("\n  " + strings.Join(row, ", "))
	}
	if b.N > shownRows {
		out.WriteString("\n  …")
	}
	return out.String()
}

// textAt gives a value as text; NULL is NULL.
func textAt(v *vec.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	return string(kernel.AppendText(nil, f, k))
}
