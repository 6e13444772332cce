package logical

import "github.com/skep-sql/skep/planner/expr"

// Window computes window functions that share partitioning and order. Its columns are the input's, then one a function.
type Window struct {
	Input Node
	Funcs []*expr.Window
	Out   []Col
	// Top, if not 0: no row is wanted that Top or more rows of its partition precede, and all functions are row_number or rank.
	Top int64
}

// Cols gives the output columns.
func (n *Window) Cols() []Col {
	in := n.Input.Cols()
	return append(in[:len(in):len(in)], n.Out...)
}

// Inputs gives the input.
func (n *Window) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Window) WithInputs(in []Node) Node { return &Window{in[0], n.Funcs, n.Out, n.Top} }

// Exprs gives the calls.
func (n *Window) Exprs() []expr.Expr {
	out := make([]expr.Expr, len(n.Funcs))
	for i, f := range n.Funcs {
		out[i] = f
	}
	return out
}

// WithExprs replaces the calls.
func (n *Window) WithExprs(e []expr.Expr) Node {
	c := &Window{Input: n.Input, Out: n.Out}
	for _, x := range e {
		c.Funcs = append(c.Funcs, x.(*expr.Window))
	}
	return c
}
