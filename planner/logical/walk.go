package logical

import "github.com/skep-sql/skep/planner/expr"

// Set is a set of column IDs.
type Set = map[expr.ID]bool

// Produces gives the IDs of a node's output columns.
func Produces(n Node) Set {
	s := Set{}
	for _, c := range n.Cols() {
		s[c.ID] = true
	}
	return s
}

// Rewrite gives n with f applied to every node, inputs first.
func Rewrite(n Node, f func(Node) Node) Node {
	in := n.Inputs()
	var changed []Node
	for i, x := range in {
		if y := Rewrite(x, f); y != x {
			if changed == nil {
				changed = append([]Node(nil), in...)
			}
			changed[i] = y
		}
	}
	if changed != nil {
		n = n.WithInputs(changed)
	}
	return f(n)
}

// Walk calls f for n and all nodes below it, until f gives false for one.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	for _, in := range n.Inputs() {
		Walk(in, f)
	}
}

// MapExprs gives n with f applied to its own expressions.
func MapExprs(n Node, f func(expr.Expr) expr.Expr) Node {
	old := n.Exprs()
	var changed []expr.Expr
	for i, e := range old {
		if x := f(e); x != e {
			if changed == nil {
				changed = append([]expr.Expr(nil), old...)
			}
			changed[i] = x
		}
	}
	if changed == nil {
		return n
	}
	return n.WithExprs(changed)
}

// Free gives the columns that n and what is below it use without producing them: those of an outer query.
func Free(n Node) Set {
	used, made := Set{}, Set{}
	collect(n, used, made)
	for id := range made {
		delete(used, id)
	}
	return used
}

func collect(n Node, used, made Set) {
	for _, e := range n.Exprs() {
		expr.Columns(e, used)
	}
	for _, c := range n.Cols() {
		made[c.ID] = true
	}
	for _, in := range n.Inputs() {
		collect(in, used, made)
	}
}

// ReplaceColumns gives the plan with uses of columns replaced in all expressions.
func ReplaceColumns(n Node, with map[expr.ID]expr.Expr) Node {
	return Rewrite(n, func(x Node) Node {
		return MapExprs(x, func(e expr.Expr) expr.Expr { return expr.Replace(e, with) })
	})
}
