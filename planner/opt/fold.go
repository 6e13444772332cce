package opt

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// fold computes constant parts of expressions and simplifies logic. A constant that fails is left for the executor, which may never
// come to it.
func fold(c *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		x = logical.MapExprs(x, func(e expr.Expr) expr.Expr { return foldExpr(c, e) })
		if f, ok := x.(*logical.Filter); ok {
			return foldFilter(f)
		}
		return x
	}), nil
}

func foldExpr(c *Context, e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		switch y := x.(type) {
		case *expr.Const, *expr.Column, *expr.Agg:
			return x
		case *expr.Logic:
			x = foldLogic(y)
		case *expr.Not:
			if v, ok := expr.BoolValue(y.Arg); ok {
				return expr.NewBool(!v)
			}
		case *expr.Case:
			x = foldCase(y)
		}
		if _, ok := x.(*expr.Const); ok || !expr.IsConstant(x) {
			return x
		}
		if k, err := eval.Constant(x, c.Fn); err == nil {
			return k
		}
		return x
	})
}

// foldLogic drops terms that decide nothing, and gives the constant where one decides all. NULL terms stay.
func foldLogic(l *expr.Logic) expr.Expr {
	var terms []expr.Expr
	for _, t := range l.Terms {
		if v, ok := expr.BoolValue(t); ok {
			if v == l.Or {
				if len(terms) == 0 || !failing(terms) {
					return expr.NewBool(v)
				}
			} else {
				continue
			}
		}
		if k, ok := t.(*expr.Logic); ok && k.Or == l.Or {
			terms = append(terms, k.Terms...)
			continue
		}
		terms = append(terms, t)
	}
	switch {
	case len(terms) == 0:
		return expr.NewBool(!l.Or)
	case len(terms) == 1:
		return terms[0]
	case len(terms) == len(l.Terms):
		same := true
		for i := range terms {
			same = same && terms[i] == l.Terms[i]
		}
		if same {
			return l
		}
	}
	return &expr.Logic{Or: l.Or, Terms: terms}
}

func failing(list []expr.Expr) bool {
	for _, e := range list {
		if expr.CanFail(e) {
			return true
		}
	}
	return false
}

// foldCase drops branches that are never taken.
func foldCase(c *expr.Case) expr.Expr {
	var whens []expr.When
	for _, w := range c.Whens {
		v, known := expr.BoolValue(w.Cond)
		if known && !v || expr.IsConstNull(w.Cond) {
			continue
		}
		if known && v {
			if len(whens) == 0 {
				return w.Then
			}
			return &expr.Case{Whens: whens, Else: w.Then, T: c.T}
		}
		whens = append(whens, w)
	}
	if len(whens) == 0 {
		if c.Else != nil {
			return c.Else
		}
		return expr.NewNull(c.T)
	}
	if len(whens) == len(c.Whens) {
		return c
	}
	return &expr.Case{Whens: whens, Else: c.Else, T: c.T}
}

// foldFilter splits conditions at AND, drops those that are true, and empties the input below one that never is.
func foldFilter(f *logical.Filter) logical.Node {
	var preds []expr.Expr
	for _, p := range f.Preds {
		for _, t := range expr.Conjuncts(p) {
			if v, ok := expr.BoolValue(t); ok && v {
				continue
			}
			if v, ok := expr.BoolValue(t); ok && !v || expr.IsConstNull(t) && t.Type().Kind == types.Boolean {
				if !failing(preds) {
					return emptyOf(f.Input)
				}
			}
			preds = append(preds, t)
		}
	}
	if len(preds) == 0 {
		return f.Input
	}
	return &logical.Filter{Input: f.Input, Preds: preds}
}

// emptyOf gives no rows under the columns of n.
func emptyOf(n logical.Node) logical.Node {
	v := &logical.Values{Out: n.Cols()}
	for _, c := range v.Out {
		v.Data = append(v.Data, emptyVector(c.Type))
	}
	return v
}
