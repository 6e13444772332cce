package expr

import "github.com/skep-sql/skep/catalog/types"

// Var is a parameter of a lambda function.
type Var struct {
	ID   ID
	Name string
	T    types.Type
}

// Type gives the type of the value.
func (v *Var) Type() types.Type { return v.T }

// LambdaKind says what a Lambda does with a list.
type LambdaKind uint8

// The kinds of functions that take a lambda.
const (
	Transform LambdaKind = iota // the body's value for each element
	Keep                        // the elements for which the body is true
	Reduce                      // folds the elements from the left: Params are the accumulator and the element
)

// Lambda applies a function to the elements of a list. Params are the element and, where there is one more, its position from 1. Init begins
// a Reduce; nil = the first element does.
type Lambda struct {
	Kind   LambdaKind
	List   Expr
	Init   Expr
	Params []*Var
	Body   Expr
	T      types.Type
}

// Type gives the type of the value.
func (l *Lambda) Type() types.Type { return l.T }

// Children gives the list, the body and the beginning.
func (l *Lambda) Children() []Expr {
	out := []Expr{l.List, l.Body}
	if l.Init != nil {
		out = append(out, l.Init)
	}
	return out
}

// WithChildren replaces them.
func (l *Lambda) WithChildren(kids []Expr) Expr {
	c := *l
	c.List, c.Body = kids[0], kids[1]
	if l.Init != nil {
		c.Init = kids[2]
	}
	return &c
}
