package opt

import (
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// factor pulls terms that all branches of an OR share in front of it: (a AND b) OR (a AND c) is a AND (b OR c).
func factor(_ *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		switch y := x.(type) {
		case *logical.Filter:
			return &logical.Filter{Input: y.Input, Preds: factorAll(y.Preds)}
		case *logical.Join:
			if y.NullAware > 0 || len(y.On) == 0 {
				return x
			}
			out := *y
			out.On = factorAll(y.On)
			return &out
		}
		return x
	}), nil
}

func factorAll(preds []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, p := range preds {
		out = append(out, factorOne(p)...)
	}
	return out
}

func factorOne(p expr.Expr) []expr.Expr {
	or, ok := p.(*expr.Logic)
	if !ok || !or.Or || expr.CanFail(p) || expr.Volatile(p) {
		return expr.Conjuncts(p)
	}
	var common []expr.Expr
	first := expr.Conjuncts(or.Terms[0])
	for _, t := range first {
		in := true
		for _, b := range or.Terms[1:] {
			in = in && contains(expr.Conjuncts(b), t)
		}
		if in {
			common = append(common, t)
		}
	}
	if len(common) == 0 {
		return []expr.Expr{p}
	}
	var rest []expr.Expr
	for _, b := range or.Terms {
		var keep []expr.Expr
		for _, t := range expr.Conjuncts(b) {
			if !contains(common, t) {
				keep = append(keep, t)
			}
		}
		if len(keep) == 0 { // this branch is just the common part: the OR is it
			return common
		}
		rest = append(rest, expr.AndAll(keep))
	}
	return append(common, expr.OrAll(rest))
}

func contains(list []expr.Expr, e expr.Expr) bool {
	for _, x := range list {
		if expr.Equal(x, e) {
			return true
		}
	}
	return false
}
