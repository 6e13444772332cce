package bind

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

func (b *Binder) between(x *ast.Between, s *scope) (expr.Expr, error) {
	e, err := b.exprs([]ast.Expr{x.Expr, x.Low, x.High}, s)
	if err != nil {
		return nil, err
	}
	if x.Symmetric {
		a, b2 := *x, *x
		a.Symmetric, b2.Symmetric, a.Not, b2.Not = false, false, false, false
		b2.Low, b2.High = x.High, x.Low
		e, err := b.logic([]ast.Expr{&a, &b2}, true, s)
		if err == nil && x.Not {
			e = not(e)
		}
		return e, err
	}
	lo, err := b.compare(kernel.Ge, e[0], e[1], x.Pos)
	if err != nil {
		return nil, err
	}
	hi, err := b.compare(kernel.Le, e[0], e[2], x.Pos)
	if err != nil {
		return nil, err
	}
	out := expr.Expr(&expr.Logic{Terms: []expr.Expr{lo, hi}})
	if x.Not {
		out = not(out)
	}
	return out, nil
}

func (b *Binder) isDistinct(l, r ast.Expr, same bool, s *scope, pos int) (expr.Expr, error) {
	e, err := b.exprs([]ast.Expr{l, r}, s)
	if err != nil {
		return nil, err
	}
	return b.distinctFrom(e[0], e[1], same, pos)
}

// distinctFrom makes l IS [NOT] DISTINCT FROM r, which is never NULL.
func (b *Binder) distinctFrom(l, r expr.Expr, same bool, pos int) (expr.Expr, error) {
	l, r, err := b.unify(l, r, pos)
	if err != nil {
		return nil, err
	}
	e := &expr.Compare{Op: kernel.Eq, L: l, R: r, NullSafe: true}
	if same {
		return e, nil
	}
	return &expr.Not{Arg: e}, nil
}

func (b *Binder) is(x *ast.Is, s *scope) (expr.Expr, error) {
	if x.Kind == ast.IsNull || x.Kind == ast.IsUnknown {
		e, err := b.expr(x.Expr, s)
		if err != nil {
			return nil, err
		}
		return &expr.IsNull{Arg: e, Not: x.Not}, nil
	}
	if x.Kind == ast.IsNaN {
		e, err := b.callAST("isnan", []ast.Expr{x.Expr}, s, x.Pos)
		if err != nil || !x.Not {
			return e, err
		}
		return not(e), nil
	}
	e, err := b.condition(x.Expr, s)
	if err != nil {
		return nil, err
	}
	if x.Kind == ast.IsFalse {
		e = not(e)
	}
	e = &expr.Coalesce{T: types.TBoolean, Args: []expr.Expr{e, expr.NewBool(false)}}
	if x.Not {
		e = not(e)
	}
	return e, nil
}

func (b *Binder) caseExpr(x *ast.Case, s *scope) (expr.Expr, error) {
	var operand expr.Expr
	var err error
	if x.Operand != nil {
		if operand, err = b.expr(x.Operand, s); err != nil {
			return nil, err
		}
	}
	var conds, vals []expr.Expr
	for _, w := range x.Whens {
		var c expr.Expr
		if operand == nil {
			c, err = b.condition(w.Cond, s)
		} else if c, err = b.expr(w.Cond, s); err == nil {
			c, err = b.compare(kernel.Eq, operand, c, w.Cond.Position())
		}
		if err != nil {
			return nil, err
		}
		v, err := b.expr(w.Then, s)
		if err != nil {
			return nil, err
		}
		conds, vals = append(conds, c), append(vals, v)
	}
	if x.Else != nil {
		v, err := b.expr(x.Else, s)
		if err != nil {
			return nil, err
		}
		vals = append(vals, v)
	}
	vals, t, err := b.unifyAll(vals, x.Pos, "CASE")
	if err != nil {
		return nil, err
	}
	out := &expr.Case{T: t}
	for i, c := range conds {
		out.Whens = append(out.Whens, expr.When{Cond: c, Then: vals[i]})
	}
	if x.Else != nil {
		out.Else = vals[len(vals)-1]
	}
	return out, nil
}
