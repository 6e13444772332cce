package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// builtLambdas are functions of lambdas that are put together from transform, filter and reduce over lists, with the values each takes.
var builtLambdas = map[string]int{
	"transform_values": 1, "transform_keys": 1, "map_filter": 1, "zip_with": 2, "map_zip_with": 2, "exists": 1, "any_match": 1, "forall": 1, "all_match": 1,
}

// builtLambda binds one of builtLambdas: its arguments that are no lambdas, and the lambdas, must be as many as it takes.
func (b *Binder) builtLambda(name string, x *ast.Call, s *scope) (expr.Expr, error) {
	var plain []ast.Expr
	var fns []*ast.Lambda
	for _, a := range x.Args {
		if l, ok := a.Value.(*ast.Lambda); ok {
			fns = append(fns, l)
		} else {
			plain = append(plain, a.Value)
		}
	}
	want := builtLambdas[name]
	if len(plain) != want || len(fns) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s takes %d values and a lambda", name, want)
	}
	args, err := b.exprs(plain, s)
	if err != nil {
		return nil, err
	}
	f := fns[0]
	switch name {
	case "transform_values":
		return b.transformMap(x, args[0], f, s, 1)
	case "transform_keys":
		return b.transformMap(x, args[0], f, s, 0)
	case "map_filter":
		return b.mapFilter(x, args[0], f, s)
	case "zip_with":
		return b.zipWith(x, args, f, s)
	case "map_zip_with":
		return b.mapZipWith(x, args, f, s)
	case "exists", "any_match":
		return b.matches("list_any_true", x, args[0], f, s)
	}
	return b.matches("list_all_true", x, args[0], f, s)
}

// overFields is overList for a list of structs whose fields the lambda's parameters are.
func (b *Binder) overFields(kind expr.LambdaKind, list expr.Expr, f *ast.Lambda, s *scope, pos int, body func(in *scope, row expr.Expr) (expr.Expr, error)) (expr.Expr, error) {
	t := list.Type()
	if t.Kind != types.Array || t.Elems[0].Type.Kind != types.Struct || len(f.Params) != len(t.Elems[0].Type.Elems) {
		return nil, sqlerr.At(sqlerr.Bind, pos, "this lambda does not fit: it has %d parameters", len(f.Params))
	}
	c := b.NewCol("entry", t.Elems[0].Type)
	row := &expr.Var{ID: c.ID, Name: "entry", T: c.Type}
	in := &scope{outer: s, noAgg: "a lambda"}
	for k, p := range f.Params {
		field, err := b.call("struct_extract", []expr.Expr{row, expr.NewInt(types.TBigInt, int64(k+1))}, pos)
		if err != nil {
			return nil, err
		}
		in.cols = append(in.cols, column{Col: logical.Col{ID: b.NewCol(p.Text, field.Type()).ID, Name: p.Text, Type: field.Type()}, param: field})
	}
	e, err := body(in, row)
	if err != nil {
		return nil, err
	}
	if hasSubquery(e) {
		return nil, sqlerr.At(sqlerr.Unsupported, pos, "a subquery in a lambda is not supported")
	}
	l := &expr.Lambda{Kind: kind, List: list, Params: []*expr.Var{row}, Body: e, T: t}
	if kind == expr.Transform {
		l.T = types.NewArray(e.Type())
	}
	return l, nil
}

// entries gives map_entries(m), of something that is a map.
func (b *Binder) entries(m expr.Expr, name string, pos int) (expr.Expr, error) {
	if m.Type().Kind != types.Map {
		return nil, sqlerr.At(sqlerr.Bind, pos, "%s wants a map, not %s", name, m.Type())
	}
	return b.call("map_entries", []expr.Expr{m}, pos)
}

// transformMap changes the keys (part 0) or the values (1) of a map.
func (b *Binder) transformMap(x *ast.Call, m expr.Expr, f *ast.Lambda, s *scope, part int) (expr.Expr, error) {
	list, err := b.entries(m, x.Name.Last(), x.Pos)
	if err != nil {
		return nil, err
	}
	out, err := b.overFields(expr.Transform, list, f, s, x.Pos, func(in *scope, row expr.Expr) (expr.Expr, error) {
		e, err := b.expr(f.Body, in)
		if err != nil {
			return nil, err
		}
		kv := []expr.Expr{in.cols[0].param, in.cols[1].param}
		kv[part] = e
		return b.call("named_struct", []expr.Expr{expr.NewString("key"), kv[0], expr.NewString("value"), kv[1]}, x.Pos)
	})
	if err != nil {
		return nil, err
	}
	return b.call("map_from_entries", []expr.Expr{out}, x.Pos)
}

func (b *Binder) mapFilter(x *ast.Call, m expr.Expr, f *ast.Lambda, s *scope) (expr.Expr, error) {
	list, err := b.entries(m, x.Name.Last(), x.Pos)
	if err != nil {
		return nil, err
	}
	out, err := b.overFields(expr.Keep, list, f, s, x.Pos, func(in *scope, _ expr.Expr) (expr.Expr, error) { return b.boolBody(f, in, x.Pos) })
	if err != nil {
		return nil, err
	}
	return b.call("map_from_entries", []expr.Expr{out}, x.Pos)
}

func (b *Binder) boolBody(f *ast.Lambda, in *scope, pos int) (expr.Expr, error) {
	e, err := b.expr(f.Body, in)
	if err != nil {
		return nil, err
	}
	return b.toBool(e, pos)
}

// eitherNull makes e NULL where one of the args is.
func (b *Binder) eitherNull(e expr.Expr, args []expr.Expr) expr.Expr {
	var nulls []expr.Expr
	for _, a := range args {
		nulls = append(nulls, &expr.IsNull{Arg: a})
	}
	return &expr.Case{T: e.Type(), Whens: []expr.When{{Cond: expr.OrAll(nulls), Then: expr.NewNull(e.Type())}}, Else: e}
}

func (b *Binder) zipWith(x *ast.Call, a []expr.Expr, f *ast.Lambda, s *scope) (expr.Expr, error) {
	list, err := b.call("list_zip", a, x.Pos)
	if err != nil {
		return nil, err
	}
	out, err := b.overFields(expr.Transform, list, f, s, x.Pos, func(in *scope, _ expr.Expr) (expr.Expr, error) { return b.expr(f.Body, in) })
	if err != nil {
		return nil, err
	}
	return b.eitherNull(out, a), nil
}

// mapZipWith is over the keys of both maps: k, the first map's value, the second's.
func (b *Binder) mapZipWith(x *ast.Call, a []expr.Expr, f *ast.Lambda, s *scope) (expr.Expr, error) {
	var keys [2]expr.Expr
	var err error
	for k := range keys {
		if a[k].Type().Kind != types.Map {
			return nil, sqlerr.At(sqlerr.Bind, x.Pos, "map_zip_with wants two maps, not %s", a[k].Type())
		}
		if keys[k], err = b.call("map_keys", a[k:k+1], x.Pos); err != nil {
			return nil, err
		}
	}
	all, err := b.call("array_union", keys[:], x.Pos)
	if err != nil {
		return nil, err
	}
	cols := []expr.Expr{all}
	for k := range a {
		c := b.NewCol("k", all.Type().Elems[0].Type)
		v := &expr.Var{ID: c.ID, Name: "k", T: c.Type}
		// looked up as it is among all keys: 1e36 of a large decimal need not be equal to it
		m, err := b.cast(a[k], types.NewMap(c.Type, a[k].Type().Elems[1].Type), x.Pos)
		if err != nil {
			return nil, err
		}
		val, err := b.call("element_at", []expr.Expr{m, v}, x.Pos)
		if err != nil {
			return nil, err
		}
		cols = append(cols, &expr.Lambda{Kind: expr.Transform, List: all, Params: []*expr.Var{v}, Body: val, T: types.NewArray(val.Type())})
	}
	list, err := b.call("list_zip", cols, x.Pos)
	if err != nil {
		return nil, err
	}
	out, err := b.overFields(expr.Transform, list, f, s, x.Pos, func(in *scope, _ expr.Expr) (expr.Expr, error) {
		e, err := b.expr(f.Body, in)
		if err != nil {
			return nil, err
		}
		return b.call("named_struct", []expr.Expr{expr.NewString("key"), in.cols[0].param, expr.NewString("value"), e}, x.Pos)
	})
	if err != nil {
		return nil, err
	}
	m, err := b.call("map_from_entries", []expr.Expr{out}, x.Pos)
	if err != nil {
		return nil, err
	}
	return b.eitherNull(m, a), nil
}

// matches asks fold of what the lambda says of each element.
func (b *Binder) matches(fold string, x *ast.Call, list expr.Expr, f *ast.Lambda, s *scope) (expr.Expr, error) {
	out, err := b.overList(&expr.Lambda{Kind: expr.Transform, List: list}, f.Params, f.Body, s, x.Pos)
	if err != nil {
		return nil, err
	}
	if out, err = b.cast(out, types.NewArray(types.TBoolean), x.Pos); err != nil {
		return nil, err
	}
	return b.call(fold, []expr.Expr{out}, x.Pos)
}
