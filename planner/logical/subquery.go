package logical

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
)

// SubqueryKind tells how a subquery stands in an expression.
type SubqueryKind uint8

// The kinds of subqueries.
const (
	ScalarSub SubqueryKind = iota // its one row's one value, or NULL
	ExistsSub                     // whether it has rows
	InSub                         // whether Args equal some row, by three-valued logic
)

// Subquery is a query inside an expression. It stands only in expressions that the binder is still at work on: before a node is made of
// them, the subquery becomes a join below it and the expression a column.
type Subquery struct {
	Kind  SubqueryKind
	Plan  Node
	Args  []expr.Expr                        // InSub: the left side, one a column of Plan
	Op    kernel.CmpOp                       // InSub: the comparison, Eq for IN
	On    func(l, r []expr.Expr) []expr.Expr // InSub: makes the conditions that compare left and right side
	Outer []expr.Expr                        // what stands for the outer columns that Plan uses: at first the columns themselves
}

// Type gives the type of the subquery's value.
func (s *Subquery) Type() types.Type {
	if s.Kind != ScalarSub {
		return types.TBoolean
	}
	return s.Plan.Cols()[0].Type
}

// Children gives the left side of IN and the outer columns.
func (s *Subquery) Children() []expr.Expr {
	return append(append([]expr.Expr(nil), s.Args...), s.Outer...)
}

// WithChildren replaces the left side, and the outer columns in the plan.
func (s *Subquery) WithChildren(kids []expr.Expr) expr.Expr {
	c := *s
	n := len(s.Args)
	c.Args, c.Outer = kids[:n:n], nil
	with := map[expr.ID]expr.Expr{}
	for i, o := range s.Outer {
		if col, ok := o.(*expr.Column); ok && kids[n+i] != o {
			with[col.ID] = kids[n+i]
		}
		c.Outer = append(c.Outer, kids[n+i])
	}
	if len(with) > 0 {
		c.Plan = ReplaceColumns(s.Plan, with)
		c.Outer = nil
		for _, e := range freeColumns(c.Plan) {
			c.Outer = append(c.Outer, e)
		}
	}
	return &c
}

// freeColumns gives the outer columns that n uses.
func freeColumns(n Node) map[expr.ID]expr.Expr {
	free := Free(n)
	out := map[expr.ID]expr.Expr{}
	Walk(n, func(x Node) bool {
		for _, e := range x.Exprs() {
			expr.Walk(e, func(y expr.Expr) bool {
				if c, ok := y.(*expr.Column); ok && free[c.ID] {
					out[c.ID] = c
				}
				return true
			})
		}
		return true
	})
	return out
}

// NewSubquery makes a subquery over plan, finding the outer columns that it uses.
func NewSubquery(kind SubqueryKind, plan Node) *Subquery {
	s := &Subquery{Kind: kind, Plan: plan}
	for _, e := range freeColumns(plan) {
		s.Outer = append(s.Outer, e)
	}
	return s
}
