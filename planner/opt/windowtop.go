package opt

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// windowTop tells windows how many rows of each partition are wanted, where a condition on row_number or rank says so. The condition stays:
// the operator may give more.
func windowTop(_ *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		f, ok := x.(*logical.Filter)
		if !ok {
			return x
		}
		w, ok := f.Input.(*logical.Window)
		if !ok || !ranksOnly(w) {
			return x
		}
		top := int64(0)
		for _, p := range f.Preds {
			for _, e := range expr.Conjuncts(p) {
				if k, ok := rankLimit(w, e); ok && (top == 0 || k < top) {
					top = k
				}
			}
		}
		if top == 0 {
			return x
		}
		out := *w
		out.Top = top
		return &logical.Filter{Input: &out, Preds: f.Preds}
	}), nil
}

// ranksOnly tells whether rows that come later make no difference to the functions.
func ranksOnly(w *logical.Window) bool {
	for _, f := range w.Funcs {
		if f.Fn != nil || f.Name != "row_number" && f.Name != "rank" || len(f.Args) > 0 || len(f.Order) == 0 {
			return false
		}
	}
	return true
}

// rankLimit gives the highest rank that passes e, a condition on a function of w; at least 1, since no row has a lower one.
func rankLimit(w *logical.Window, e expr.Expr) (int64, bool) {
	c, ok := e.(*expr.Compare)
	if !ok {
		return 0, false
	}
	op, col, bound := c.Op, c.L, c.R
	if _, ok := col.(*expr.Const); ok {
		op, col, bound = c.Op.Flip(), c.R, c.L
	}
	ref, ok1 := col.(*expr.Column)
	k, ok2 := bound.(*expr.Const)
	if !ok1 || !ok2 || k.V.Type.Kind != types.BigInt || k.V.IsNull(0) {
		return 0, false
	}
	for _, out := range w.Out {
		if out.ID != ref.ID {
			continue
		}
		x := vec.Values[int64](k.V)[0]
		switch op {
		case kernel.Eq, kernel.Le:
			return max(x, 1), true
		case kernel.Lt:
			return max(x, 2) - 1, true
		}
	}
	return 0, false
}
