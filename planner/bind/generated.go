package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
)

// Generate computes the generated columns of rows of t that are about to be written: n has t's columns first, in their order.
func (b *Binder) Generate(n logical.Node, t *catalog.Table) (logical.Node, error) {
	for i, c := range t.AllColumns() {
		if c.Generated == "" {
			continue
		}
		x, err := parser.ParseExpr(c.Generated)
		if err != nil {
			return nil, err
		}
		cols := n.Cols()
		e, err := b.expr(x, generatedScope(cols, t))
		if err == nil {
			e, err = b.cast(e, c.Type, sqlerr.NoPos)
		}
		if err != nil {
			return nil, sqlerr.Move(err, sqlerr.NoPos)
		}
		p := &logical.Project{Input: n}
		for k, old := range cols {
			p.Out, p.Values = append(p.Out, b.NewCol(old.Name, old.Type)), append(p.Values, old.Ref())
			if k == i {
				p.Values[k] = e
			}
		}
		n = p
	}
	return n, nil
}

func generatedScope(cols []logical.Col, t *catalog.Table) *scope {
	s := &scope{noAgg: "a generated column"}
	for i, c := range t.AllColumns() {
		col := cols[i]
		col.Name = c.Name
		s.cols = append(s.cols, column{Col: col, rel: t.Name})
	}
	return s
}

// GeneratedType checks what the column at place i of t is generated from, which may be columns that are not generated, and generated ones before
// it; and gives its type.
func (b *Binder) GeneratedType(t *catalog.Table, i int, x ast.Expr) (types.Type, error) {
	all := t.AllColumns()
	for _, name := range Names(x) {
		for k, c := range all {
			if k >= i && c.Generated != "" && strings.EqualFold(c.Name, name) {
				return types.Type{}, sqlerr.At(sqlerr.Bind, x.Position(), "column %s cannot be made of column %s, which is generated, and not before it", all[i].Name, c.Name)
			}
		}
	}
	return b.TypeOver(t, x)
}

// TypeOver gives the type of an expression over the rows of a table.
func (b *Binder) TypeOver(t *catalog.Table, x ast.Expr) (types.Type, error) {
	var cols []logical.Col
	for _, c := range t.AllColumns() {
		cols = append(cols, b.NewCol(c.Name, c.Type))
	}
	e, err := b.expr(x, generatedScope(cols, t))
	if err != nil {
		return types.Type{}, err
	}
	return e.Type(), nil
}

// Names gives the names of columns in an expression, without what stands in front of them.
func Names(x ast.Expr) []string {
	var out []string
	ast.Walk(x, func(e ast.Expr) bool {
		if c, ok := e.(*ast.ColumnRef); ok {
			for _, p := range c.Parts {
				out = append(out, p.Text)
			}
		}
		return true
	})
	return out
}
