// Package physical holds physical plans: what is executed, as plain data. Package exec/build makes pipelines of them. A node knows which
// side of a join is built, which conditions are keys, what a scan can prune by, and how many rows are expected.
package physical

import (
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// Node is a physical operator.
type Node interface {
	// Cols gives the output columns in order.
	Cols() []logical.Col
	// Inputs gives the nodes that this one reads; of a join: the probe side, then the build side.
	Inputs() []Node
	// Estimate gives the number of rows expected.
	Estimate() float64
}

// Base is what every node has.
type Base struct {
	Out  []logical.Col
	Rows float64 // expected
}

// Cols gives the output columns.
func (b *Base) Cols() []logical.Col { return b.Out }

// Estimate gives the number of rows expected.
func (b *Base) Estimate() float64 { return b.Rows }

// Scan reads a table. Out[i] is column Source[i] of its schema; columns that only Filter reads are among them.
type Scan struct {
	Base
	Table   storage.Table
	Name    string
	Source  []int
	Prune   []storage.Pred
	Filter  []expr.Expr // applied exactly, in order
	Limit   int64
	Runtime []Runtime
}

// Runtime is a filter that a join hands to a scan on its probe side: Column is the probe side of key Key.
type Runtime struct {
	Column expr.ID
	Join   *Join
	Key    int
}

// Values gives constant rows.
type Values struct {
	Base
	N    int
	Data []*vec.Vector
}

// Filter keeps the rows where all Preds are true.
type Filter struct {
	Base
	Input Node
	Preds []expr.Expr
}

// Project computes Out[i] = Values[i].
type Project struct {
	Base
	Input  Node
	Values []expr.Expr
}

// JoinKind says which rows a join gives, seen from the probe side.
type JoinKind uint8

// The kinds of joins; see exec/op.
const (
	Inner JoinKind = iota
	ProbeOuter
	BuildOuter
	FullOuter
	Semi
	Anti
	BuildSemi
	BuildAnti
	Mark
	Single
)

// String names the kind.
func (k JoinKind) String() string {
	return [...]string{"inner", "left outer", "right outer", "full outer", "semi", "anti", "semi (built left)", "anti (built left)", "mark", "single"}[k]
}

// Join joins by equal keys, or by Residual alone where there are none. Its columns are those of the probe side that are wanted, then those
// of the build side, then the mark.
type Join struct {
	Base
	Kind                 JoinKind
	Probe, Build         Node
	ProbeKeys, BuildKeys []expr.Expr
	NullEqual            []bool
	NullAware            []bool
	// Range says how the last of BuildKeys compares with the last of ProbeKeys; nil: all keys are equalities
	Range    []kernel.CmpOp
	Residual []expr.Expr
}

// Aggregate groups by Keys. Its columns are the keys, the aggregates and, with Sets, the number of the grouping set.
type Aggregate struct {
	Base
	Input Node
	Keys  []expr.Expr
	Aggs  []*expr.Agg
	Sets  [][]int
}

// Sort orders rows; Limit > 0 wants only the first.
type Sort struct {
	Base
	Input Node
	Keys  []expr.SortKey
	Limit int64
}

// Limit passes Count rows (-1 = all) after Offset.
type Limit struct {
	Base
	Input         Node
	Offset, Count int64
}

// SetOp combines inputs; Maps[i] are the columns of input i in the order of Out.
type SetOp struct {
	Base
	Kind logical.SetKind
	In   []Node
	Maps [][]expr.ID
}

// Shared reads a subplan that is computed once: column Source[i] of it is Out[i].
type Shared struct {
	Base
	Def    *SharedDef
	Source []expr.ID
}

// SharedDef is a subplan that is computed once.
type SharedDef struct {
	Name string
	Plan Node
}

// Window computes window functions that share partitioning and order; its columns are the input's, then one a function.
type Window struct {
	Base
	Input Node
	Funcs []*expr.Window
	Top   int64 // see logical.Window
}

// Recursive is WITH RECURSIVE; see logical.Recursive.
type Recursive struct {
	Base
	Def         *logical.RecursiveDef
	First, Step Node
	Maps        [2][]expr.ID
	All         bool
}

// Working reads the rows of the last round.
type Working struct {
	Base
	Def *logical.RecursiveDef
}

// Inputs gives the first rows' plan and the step.
func (n *Recursive) Inputs() []Node { return []Node{n.First, n.Step} }

// Inputs gives none.
func (n *Working) Inputs() []Node { return nil }

// Unnest gives a row for each element of Lists, side by side; see logical.Unnest.
type Unnest struct {
	Base
	Input   Node
	Lists   []expr.Expr
	Ordinal bool
	Outer   bool
}

// Inputs gives the input.
func (n *Unnest) Inputs() []Node { return []Node{n.Input} }

// Inputs gives the input.
func (n *Window) Inputs() []Node { return []Node{n.Input} }

// Inputs gives none.
func (n *Scan) Inputs() []Node { return nil }

// Inputs gives none.
func (n *Values) Inputs() []Node { return nil }

// Inputs gives the input.
func (n *Filter) Inputs() []Node { return []Node{n.Input} }

// Inputs gives the input.
func (n *Project) Inputs() []Node { return []Node{n.Input} }

// Inputs gives probe and build side.
func (n *Join) Inputs() []Node { return []Node{n.Probe, n.Build} }

// Inputs gives the input.
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }

// Inputs gives the input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Inputs gives the input.
func (n *Limit) Inputs() []Node { return []Node{n.Input} }

// Inputs gives the inputs.
func (n *SetOp) Inputs() []Node { return n.In }

// Inputs gives none: the subplan is shown and run once, by itself.
func (n *Shared) Inputs() []Node { return nil }
