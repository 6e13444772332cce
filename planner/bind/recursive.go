package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
)

// working is the recursive name inside its own step.
type working struct {
	def  *logical.RecursiveDef
	cols []logical.Col
}

// recursive binds a WITH query that reads itself: first UNION [ALL] step.
func (b *Binder) recursive(c *cte) (logical.Node, error) {
	q, name := c.ast.Query, c.ast.Name.Text
	op, ok := q.Body.(*ast.SetOp)
	if !ok || op.Op != ast.Union || op.ByName {
		return nil, sqlerr.At(sqlerr.Bind, q.Pos, "the recursive query %s must be: first rows UNION [ALL] rows made of %s", name, name)
	}
	if mentions(&ast.Query{Body: op.Left}, name) {
		return nil, sqlerr.At(sqlerr.Unsupported, q.Pos, "in the recursive query %s only the last part of the UNION may read %s", name, name)
	}
	if len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, q.Pos, "ORDER BY and LIMIT cannot stand in a recursive query").WithHint("put them where %s is read", name)
	}
	s, err := withScope(q, c.scope)
	if err != nil {
		return nil, err
	}
	base, err := b.body(op.Left, s)
	if err != nil {
		return nil, err
	}
	r := &logical.Recursive{Def: &logical.RecursiveDef{Name: name}, All: op.All}
	w := &working{def: r.Def}
	for i, col := range base.Cols() {
		n, t := col.Name, col.Type
		if i < len(c.ast.Columns) {
			n = c.ast.Columns[i].Text
		}
		if t.Kind == types.Null {
			t = types.TInteger
		}
		w.cols = append(w.cols, logical.Col{Name: n, Type: t})
		r.Out = append(r.Out, b.NewCol(n, t))
	}
	step, err := b.body(op.Right, &scope{outer: s, ctes: map[string]*cte{lower(name): {ast: c.ast, work: w}}})
	if err != nil {
		return nil, err
	}
	if len(step.Cols()) != len(w.cols) {
		return nil, sqlerr.At(sqlerr.Bind, op.Pos, "the sides of UNION have %d and %d columns", len(w.cols), len(step.Cols()))
	}
	for i, side := range []logical.Node{base, step} {
		p := &logical.Project{Input: side}
		for k, col := range side.Cols() {
			e, err := b.cast(col.Ref(), w.cols[k].Type, op.Pos)
			if err != nil {
				return nil, err
			}
			out := b.NewCol(w.cols[k].Name, w.cols[k].Type)
			p.Out, p.Values, r.Maps[i] = append(p.Out, out), append(p.Values, e), append(r.Maps[i], out.ID)
		}
		if i == 0 {
			r.Base = p
		} else {
			r.Step = p
		}
	}
	return r, nil
}

// read gives a reader of the last round's rows.
func (w *working) read(b *Binder) logical.Node {
	n := &logical.Working{Def: w.def}
	for _, c := range w.cols {
		n.Out = append(n.Out, b.NewCol(c.Name, c.Type))
	}
	return n
}
