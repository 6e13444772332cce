package logical

import "github.com/skep-sql/skep/planner/expr"

// Recursive is WITH RECURSIVE: the rows of Base, then again and again those that Step makes of the rows that came last. Maps are the columns
// of Base and Step that become Out. Without All a row that has been there before is dropped.
type Recursive struct {
	Def        *RecursiveDef
	Base, Step Node
	Maps       [2][]expr.ID
	Out        []Col
	All        bool
}

// RecursiveDef is what a Recursive and the Working nodes below its Step share: its identity.
type RecursiveDef struct{ Name string }

// Working reads the rows of the last round of a Recursive.
type Working struct {
	Def *RecursiveDef
	Out []Col // in the order of the Recursive's columns
}

// Cols gives the output columns.
func (n *Recursive) Cols() []Col { return n.Out }

// Inputs gives the first rows' plan and the step.
func (n *Recursive) Inputs() []Node { return []Node{n.Base, n.Step} }

// WithInputs replaces them.
func (n *Recursive) WithInputs(in []Node) Node {
	c := *n
	c.Base, c.Step = in[0], in[1]
	return &c
}

// Exprs gives none.
func (n *Recursive) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Recursive) WithExprs([]expr.Expr) Node { return n }

// Cols gives the output columns.
func (n *Working) Cols() []Col { return n.Out }

// Inputs gives none.
func (n *Working) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Working) WithInputs([]Node) Node { return n }

// Exprs gives none.
func (n *Working) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Working) WithExprs([]expr.Expr) Node { return n }
