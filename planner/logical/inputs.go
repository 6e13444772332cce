package logical

import "github.com/skep-sql/skep/planner/expr"

// Inputs gives none.
func (n *Scan) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Scan) WithInputs([]Node) Node { return n }

// Exprs gives the pushed-down conditions.
func (n *Scan) Exprs() []expr.Expr { return n.Filter }

// WithExprs replaces the conditions.
func (n *Scan) WithExprs(e []expr.Expr) Node {
	c := *n
	c.Filter = e
	return &c
}

// Inputs gives none.
func (n *Values) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Values) WithInputs([]Node) Node { return n }

// Exprs gives none.
func (n *Values) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Values) WithExprs([]expr.Expr) Node { return n }

// Inputs gives the input.
func (n *Filter) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Filter) WithInputs(in []Node) Node { return &Filter{in[0], n.Preds} }

// Exprs gives the conditions.
func (n *Filter) Exprs() []expr.Expr { return n.Preds }

// WithExprs replaces the conditions.
func (n *Filter) WithExprs(e []expr.Expr) Node { return &Filter{n.Input, e} }

// Inputs gives the input.
func (n *Project) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Project) WithInputs(in []Node) Node { return &Project{in[0], n.Out, n.Values} }

// Exprs gives the values.
func (n *Project) Exprs() []expr.Expr { return n.Values }

// WithExprs replaces the values.
func (n *Project) WithExprs(e []expr.Expr) Node { return &Project{n.Input, n.Out, e} }

// Inputs gives both sides.
func (n *Join) Inputs() []Node { return []Node{n.Left, n.Right} }

// WithInputs replaces both sides.
func (n *Join) WithInputs(in []Node) Node {
	c := *n
	c.Left, c.Right = in[0], in[1]
	return &c
}

// Exprs gives the conditions.
func (n *Join) Exprs() []expr.Expr { return n.On }

// WithExprs replaces the conditions.
func (n *Join) WithExprs(e []expr.Expr) Node {
	c := *n
	c.On = e
	return &c
}

// Inputs gives the input.
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Aggregate) WithInputs(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Exprs gives the keys, then the aggregates.
func (n *Aggregate) Exprs() []expr.Expr {
	out := append([]expr.Expr(nil), n.Keys...)
	for _, a := range n.Aggs {
		out = append(out, a)
	}
	return out
}

// WithExprs replaces keys and aggregates.
func (n *Aggregate) WithExprs(e []expr.Expr) Node {
	c := *n
	c.Keys = e[:len(n.Keys):len(n.Keys)]
	c.Aggs = nil
	for _, x := range e[len(n.Keys):] {
		c.Aggs = append(c.Aggs, x.(*expr.Agg))
	}
	return &c
}

// Inputs gives the input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Sort) WithInputs(in []Node) Node { return &Sort{in[0], n.Keys, n.Limit} }

// Exprs gives the keys.
func (n *Sort) Exprs() []expr.Expr {
	out := make([]expr.Expr, len(n.Keys))
	for i, k := range n.Keys {
		out[i] = k.Expr
	}
	return out
}

// WithExprs replaces the keys' expressions.
func (n *Sort) WithExprs(e []expr.Expr) Node {
	keys := append([]expr.SortKey(nil), n.Keys...)
	for i := range keys {
		keys[i].Expr = e[i]
	}
	return &Sort{n.Input, keys, n.Limit}
}

// Inputs gives the input.
func (n *Limit) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Limit) WithInputs(in []Node) Node { return &Limit{in[0], n.Offset, n.Count} }

// Exprs gives none.
func (n *Limit) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Limit) WithExprs([]expr.Expr) Node { return n }

// Inputs gives the inputs.
func (n *SetOp) Inputs() []Node { return n.In }

// WithInputs replaces the inputs.
func (n *SetOp) WithInputs(in []Node) Node {
	c := *n
	c.In = in
	return &c
}

// Exprs gives none.
func (n *SetOp) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *SetOp) WithExprs([]expr.Expr) Node { return n }

// Inputs gives none: the definition is shared, and rewritten once, by itself.
func (n *Shared) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Shared) WithInputs([]Node) Node { return n }

// Exprs gives none.
func (n *Shared) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Shared) WithExprs([]expr.Expr) Node { return n }

// Inputs gives the input.
func (n *Unnest) Inputs() []Node { return []Node{n.Input} }

// WithInputs replaces the input.
func (n *Unnest) WithInputs(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Exprs gives the lists.
func (n *Unnest) Exprs() []expr.Expr { return n.Lists }

// WithExprs replaces the lists.
func (n *Unnest) WithExprs(e []expr.Expr) Node {
	c := *n
	c.Lists = e
	return &c
}
