package eval

import (
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
)

// Constant computes an expression without columns.
func Constant(e expr.Expr, ctx *fn.Ctx) (*expr.Const, error) {
	if c, ok := e.(*expr.Const); ok {
		return c, nil
	}
	p, err := Compile([]expr.Expr{e}, nil)
	if err != nil {
		return nil, err
	}
	out, err := p.Machine(&flow.Task{Fn: ctx}).Eval(&vec.Batch{N: 1})
	if err != nil {
		return nil, err
	}
	b := vec.NewBuilder(e.Type())
	b.Append(out[0], vec.Identity(1))
	v := b.Vector()
	if e.Type().IsNested() {
		flat := *v
		flat.Form, flat.Len = vec.Const, 1
		return &expr.Const{V: &flat}, nil
	}
	v.SetConst(1)
	return &expr.Const{V: v}, nil
}
