// Package logical holds logical plans: trees of relational operators as plain data. A column has an ID that is unique in the
// statement, so that expressions can be moved between nodes without renumbering. Nodes are immutable once made; rewriting gives new
// nodes and shares what stays the same.
package logical

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/storage"
)

// Col is an output column of a node.
type Col struct {
	ID   expr.ID
	Name string
	Type types.Type
}

// Ref gives the expression that reads the column.
func (c Col) Ref() *expr.Column { return &expr.Column{ID: c.ID, Name: c.Name, T: c.Type} }

// Node is a relational operator.
type Node interface {
	// Cols gives the output columns.
	Cols() []Col
	// Inputs gives the nodes that this one reads.
	Inputs() []Node
	// WithInputs gives a copy that reads others.
	WithInputs(in []Node) Node
	// Exprs gives the node's own expressions.
	Exprs() []expr.Expr
	// WithExprs gives a copy with other expressions, as many as Exprs gives.
	WithExprs(e []expr.Expr) Node
}

// Scan reads a table. Out[i] is column Source[i] of its schema.
type Scan struct {
	Table  storage.Table
	Name   string
	Out    []Col
	Source []int
	Filter []expr.Expr // conditions that the scan applies, in order
	Limit  int64       // rows wanted at most; 0 = all
}

// Values gives constant rows: one flat vector a column.
type Values struct {
	Out  []Col
	Rows int
	Data []*vec.Vector
}

// Filter keeps the rows where all Preds are true, evaluated in order.
type Filter struct {
	Input Node
	Preds []expr.Expr
}

// Project computes Out[i] = Values[i].
type Project struct {
	Input  Node
	Out    []Col
	Values []expr.Expr
}

// JoinKind tells the joins apart.
type JoinKind uint8

// The joins. Mark adds a BOOLEAN column that tells whether a match exists; Single is a Left join where a second match is an error.
const (
	Inner JoinKind = iota
	Left
	Right
	Full
	Semi
	Anti
	Mark
	Single
)

// String names the join.
func (k JoinKind) String() string {
	return [...]string{"inner", "left", "right", "full", "semi", "anti", "mark", "single"}[k]
}

// Join joins two inputs on the conjunction of On. Lateral tells that Right uses columns of Left; the optimiser takes such joins apart.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	On          []expr.Expr
	Mark        Col // kind Mark
	// NullAware (Mark and Anti) is how many conditions, from the first on, are those of an IN: where one is NULL, the match is unknown. The
	// mark of a row with unknown matches only is NULL; Anti drops such a row.
	NullAware int
	Lateral   bool
}

// Aggregate groups by Keys and computes Aggs. Its columns are the keys, the aggregates, and, with Sets, the grouping bits.
type Aggregate struct {
	Input  Node
	Keys   []expr.Expr
	KeyOut []Col
	Aggs   []*expr.Agg
	AggOut []Col
	// Sets are the grouping sets as indexes into Keys; nil = one set of all keys. GroupID gets, for each row, the bits of the keys that
	// are left out of its set, the first key highest.
	Sets    [][]int
	GroupID Col
}

// Sort orders its input. Limit > 0 wants only the first rows.
type Sort struct {
	Input Node
	Keys  []expr.SortKey
	Limit int64
}

// Limit keeps Count rows (-1 = all) after Offset.
type Limit struct {
	Input         Node
	Offset, Count int64
}

// SetKind tells the set operations apart.
type SetKind uint8

// The set operations. Those without All give distinct rows; UNION is UnionAll below an Aggregate.
const (
	UnionAll SetKind = iota
	Intersect
	IntersectAll
	Except
	ExceptAll
)

// SetOp combines inputs of equal shape: Maps[i] gives the columns of input i that become Out.
type SetOp struct {
	Kind SetKind
	In   []Node
	Maps [][]expr.ID
	Out  []Col
}

// Shared reads a subplan that is computed once and read several times. Out[i] is column Source[i] of Def.Plan.
type Shared struct {
	Def    *SharedDef
	Out    []Col
	Source []expr.ID
}

// SharedDef is the subplan of Shared nodes; it is the same pointer in all of them, and its Plan is set once, by the rule that rewrites it.
type SharedDef struct {
	Name string
	Plan Node
}

// Unnest gives, for every input row, a row for each element of List (several lists side by side; the longest decides). With Outer, a row
// without elements is kept, with NULL.
type Unnest struct {
	Input   Node
	Lists   []expr.Expr
	Out     []Col // one a list (a MAP gives two: key and value)
	Ordinal *Col  // position from 1; nil = not wanted
	Outer   bool
}

// Cols gives the output columns.
func (n *Scan) Cols() []Col { return n.Out }

// Cols gives the output columns.
func (n *Values) Cols() []Col { return n.Out }

// Cols gives the output columns.
func (n *Filter) Cols() []Col { return n.Input.Cols() }

// Cols gives the output columns.
func (n *Project) Cols() []Col { return n.Out }

// Cols gives the output columns: the left side's, then the right side's unless only the left side's rows come.
func (n *Join) Cols() []Col {
	l := n.Left.Cols()
	switch n.Kind {
	case Semi, Anti:
		return l
	case Mark:
		return append(l[:len(l):len(l)], n.Mark)
	}
	return append(l[:len(l):len(l)], n.Right.Cols()...)
}

// Cols gives the output columns.
func (n *Aggregate) Cols() []Col {
	out := append(append([]Col(nil), n.KeyOut...), n.AggOut...)
	if n.Sets != nil {
		out = append(out, n.GroupID)
	}
	return out
}

// Cols gives the output columns.
func (n *Sort) Cols() []Col { return n.Input.Cols() }

// Cols gives the output columns.
func (n *Limit) Cols() []Col { return n.Input.Cols() }

// Cols gives the output columns.
func (n *SetOp) Cols() []Col { return n.Out }

// Cols gives the output columns.
func (n *Shared) Cols() []Col { return n.Out }

// Cols gives the output columns: the input's, then the elements.
func (n *Unnest) Cols() []Col {
	out := append(append([]Col(nil), n.Input.Cols()...), n.Out...)
	if n.Ordinal != nil {
		out = append(out, *n.Ordinal)
	}
	return out
}
