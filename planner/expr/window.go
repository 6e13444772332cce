package expr

import (
	"fmt"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

// Window is a window function's call; it stands only in expressions that the binder is still at work on, and in logical Window nodes.
type Window struct {
	Name        string       // row_number, rank, …; "" for an aggregate
	Fn          *fn.Overload // an aggregate
	Args        []Expr
	Partition   []Expr
	Order       []SortKey
	Frame       Frame
	Distinct    bool
	IgnoreNulls bool
	Filter      Expr // nil when absent
	T           types.Type
}

// Frame is the rows around each row that a window function looks at. Units, kinds of bounds and exclusions are numbered as in parser/ast
// and exec/op.
type Frame struct {
	Unit, Exclude uint8
	Start, End    Bound
}

// Bound is one end of a frame. Offset is set for PRECEDING and FOLLOWING: a number of rows or groups, or, for RANGE, the order key minus or
// plus the distance.
type Bound struct {
	Kind   uint8
	Offset Expr
}

// Type gives the type of the value.
func (w *Window) Type() types.Type { return w.T }

// Children gives arguments, partition and order keys, filter and frame offsets.
func (w *Window) Children() []Expr {
	out := append(append([]Expr(nil), w.Args...), w.Partition...)
	for _, k := range w.Order {
		out = append(out, k.Expr)
	}
	for _, x := range []Expr{w.Filter, w.Frame.Start.Offset, w.Frame.End.Offset} {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// WithChildren replaces them.
func (w *Window) WithChildren(kids []Expr) Expr {
	c := *w
	take := func(n int) []Expr {
		out := kids[:n:n]
		kids = kids[n:]
		return out
	}
	c.Args, c.Partition = take(len(w.Args)), take(len(w.Partition))
	c.Order = append([]SortKey(nil), w.Order...)
	for i := range c.Order {
		c.Order[i].Expr = take(1)[0]
	}
	for _, p := range []*Expr{&c.Filter, &c.Frame.Start.Offset, &c.Frame.End.Offset} {
		if *p != nil {
			*p = take(1)[0]
		}
	}
	return &c
}

// spec is what tells two calls apart but their parts.
func (w *Window) spec() string {
	name := w.Name
	if w.Fn != nil {
		name = w.Fn.Func.Name + w.Fn.Result.String()
	}
	s := fmt.Sprintf("window %s %v %v %v %d %d %d %d %d %d", name, w.Distinct, w.IgnoreNulls, w.Filter != nil, len(w.Args), len(w.Partition),
		w.Frame.Unit, w.Frame.Exclude, w.Frame.Start.Kind, w.Frame.End.Kind)
	for _, k := range w.Order {
		s += fmt.Sprint(k.Desc, k.NullsFirst)
	}
	return s
}

// Sameness gives a text that is the same for calls that share partitioning and order.
func (w *Window) Sameness() string {
	s := ""
	for _, e := range w.Partition {
		s += Key(e) + ","
	}
	s += "|"
	for _, k := range w.Order {
		s += fmt.Sprint(Key(k.Expr), k.Desc, k.NullsFirst, ",")
	}
	return s
}
