package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// lambdaFuncs are the functions that take a lambda, under all their names.
var lambdaFuncs = map[string]expr.LambdaKind{
	"list_transform": expr.Transform, "array_transform": expr.Transform, "transform": expr.Transform, "list_apply": expr.Transform, "array_apply": expr.Transform, "apply": expr.Transform,
	"list_filter": expr.Keep, "array_filter": expr.Keep, "filter": expr.Keep,
	"list_reduce": expr.Reduce, "array_reduce": expr.Reduce, "reduce": expr.Reduce, "aggregate": expr.Reduce,
}

func hasLambda(x *ast.Call) bool {
	for _, a := range x.Args {
		if _, ok := a.Value.(*ast.Lambda); ok {
			return true
		}
	}
	return false
}

// lambda binds a call with a lambda: f(list, x -> …), f(list, (x, i) -> …), reduce(list, (acc, x) -> …[, init]) and Spark's reduce(list,
// init, (acc, x) -> …).
func (b *Binder) lambda(kind expr.LambdaKind, x *ast.Call, s *scope) (expr.Expr, error) {
	var fn, finish *ast.Lambda
	var plain []ast.Expr
	for _, a := range x.Args {
		if l, ok := a.Value.(*ast.Lambda); ok && fn == nil {
			fn = l
		} else if ok && kind == expr.Reduce && finish == nil {
			finish = l
		} else {
			plain = append(plain, a.Value)
		}
	}
	if len(plain) == 0 || len(plain) > 2 || len(plain) == 2 && kind != expr.Reduce {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s takes a list and a lambda", x.Name)
	}
	args, err := b.exprs(plain, s)
	if err != nil {
		return nil, err
	}
	l := &expr.Lambda{Kind: kind, List: args[0]}
	if len(args) == 2 {
		l.Init = args[1]
	}
	out, err := b.overList(l, fn.Params, fn.Body, s, x.Pos)
	if err != nil || finish == nil {
		return out, err
	}
	if len(finish.Params) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "the last lambda of %s takes 1 parameter, not %d", x.Name, len(finish.Params))
	}
	p := finish.Params[0].Text
	in := &scope{outer: s, noAgg: "a lambda"}
	in.cols = append(in.cols, column{Col: logical.Col{ID: b.NewCol(p, out.Type()).ID, Name: p, Type: out.Type()}, param: out})
	return b.expr(finish.Body, in)
}

// overList binds the body of a lambda over the elements of l.List.
func (b *Binder) overList(l *expr.Lambda, params []ast.Name, body ast.Expr, s *scope, pos int) (expr.Expr, error) {
	t := l.List.Type()
	if t.Kind == types.Null {
		return expr.NewNull(types.NewArray(types.TInteger)), nil
	}
	if t.Kind != types.Array {
		return nil, sqlerr.At(sqlerr.Bind, pos, "a list is wanted here, not %s", t)
	}
	elem := t.Elems[0].Type
	ts := []types.Type{elem, types.TBigInt}
	if l.Kind == expr.Reduce {
		ts = []types.Type{elem, elem, types.TBigInt}
		if l.Init != nil {
			ts[0] = l.Init.Type()
		}
	}
	if len(params) > len(ts) || l.Kind == expr.Reduce && len(params) < 2 || len(params) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, pos, "this lambda takes %d or %d parameters, not %d", len(ts)-1, len(ts), len(params))
	}
	for try := 0; ; try++ {
		in := &scope{outer: s, noAgg: "a lambda"}
		l.Params = nil
		for i, p := range params {
			c := b.NewCol(p.Text, ts[i])
			v := &expr.Var{ID: c.ID, Name: p.Text, T: ts[i]}
			l.Params = append(l.Params, v)
			in.cols = append(in.cols, column{Col: logical.Col{ID: c.ID, Name: p.Text, Type: ts[i]}, param: v})
		}
		e, err := b.expr(body, in)
		if err != nil {
			return nil, err
		}
		if hasSubquery(e) {
			return nil, sqlerr.At(sqlerr.Unsupported, pos, "a subquery in a lambda is not supported")
		}
		switch l.Kind {
		case expr.Transform:
			l.Body, l.T = e, types.NewArray(e.Type())
			return l, nil
		case expr.Keep:
			if l.Body, err = b.toBool(e, pos); err != nil {
				return nil, err
			}
			l.T = t
			return l, nil
		}
		acc := ts[0]
		common, ok := types.Common(acc, e.Type())
		if !ok {
			return nil, sqlerr.At(sqlerr.Bind, pos, "the lambda turns %s into %s", acc, e.Type())
		}
		if !common.Equal(acc) && try == 0 && l.Init != nil { // the accumulator grows wider than its first value
			if l.Init, err = b.cast(l.Init, common, pos); err != nil {
				return nil, err
			}
			ts[0] = common
			continue
		}
		if l.Body, err = b.cast(e, acc, pos); err != nil {
			return nil, err
		}
		l.T = acc
		return l, nil
	}
}

// comprehension binds [item FOR x IN list IF cond].
func (b *Binder) comprehension(x *ast.ListComp, s *scope) (expr.Expr, error) {
	list, err := b.expr(x.List, s)
	if err != nil {
		return nil, err
	}
	if x.Cond != nil {
		if list, err = b.overList(&expr.Lambda{Kind: expr.Keep, List: list}, x.Names, x.Cond, s, x.Pos); err != nil {
			return nil, err
		}
	}
	return b.overList(&expr.Lambda{Kind: expr.Transform, List: list}, x.Names, x.Item, s, x.Pos)
}
