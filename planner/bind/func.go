package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// callAST binds arguments and calls a function by name.
func (b *Binder) callAST(name string, args []ast.Expr, s *scope, pos int) (expr.Expr, error) {
	e, err := b.exprs(args, s)
	if err != nil {
		return nil, err
	}
	return b.call(name, e, pos)
}

// call calls a scalar function by name.
func (b *Binder) call(name string, args []expr.Expr, pos int) (expr.Expr, error) {
	f := b.Funcs.Lookup(name)
	if f == nil {
		return nil, sqlerr.At(sqlerr.NotFound, pos, "function %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, b.Funcs.Names()))
	}
	if f.Kind != fn.Scalar {
		return nil, sqlerr.At(sqlerr.Bind, pos, "%s is an aggregate, which cannot stand here", name)
	}
	o, args, err := b.resolve(f, args, pos)
	if err != nil {
		return nil, err
	}
	return &expr.Call{Fn: o, Args: args, Pos: pos}, nil
}

// resolve chooses the overload and casts the arguments to its types.
func (b *Binder) resolve(f *fn.Function, args []expr.Expr, pos int) (*fn.Overload, []expr.Expr, error) {
	list := make([]fn.Arg, len(args))
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		if _, isConst := a.(*expr.Const); !isConst && expr.IsConstant(a) && b.Fold != nil && !expr.CanFail(a) {
			if c, err := b.Fold(a); err == nil {
				a = c
			}
		}
		out[i], list[i] = a, expr.ArgOf(a)
	}
	o, err := f.Resolve(list)
	if err != nil {
		return nil, nil, sqlerr.WithPos(err, pos)
	}
	for i := range out {
		want := o.ArgType(i)
		have := out[i].Type()
		if want.Kind == types.Null || have.Kind == want.Kind && have.Kind == types.Decimal && have.S == want.S && have.P <= want.P && have.Phys() == want.Phys() {
			continue
		}
		if out[i], err = b.cast(out[i], want, pos); err != nil {
			return nil, nil, err
		}
	}
	return o, out, nil
}

// callExpr binds a function call.
func (b *Binder) callExpr(x *ast.Call, s *scope) (expr.Expr, error) {
	name := strings.ToLower(x.Name.Last())
	if x.Over != nil {
		return b.window(x, s)
	}
	if f := b.Funcs.Lookup(name); x.Star && (f == nil || f.Kind != fn.Aggregate) { // all columns as arguments
		y := *x
		y.Star, y.Args = false, []ast.Arg{{Value: &ast.Star{At: x.At}}}
		x = &y
	}
	if m := b.Session.Macro(name); m != nil && len(x.Name) <= 2 {
		return b.macro(m, x, s)
	}
	if e, ok, err := b.special(name, x, s); ok {
		return e, err
	}
	x = b.unitWord(name, b.constantLambda(name, x), s)
	if name == "struct" {
		return b.structCall(x, s)
	}
	if builtLambdas[name] > 0 && hasLambda(x) {
		return b.builtLambda(name, x, s)
	}
	if k, ok := lambdaFuncs[name]; ok && hasLambda(x) {
		return b.lambda(k, x, s)
	}
	f := b.Funcs.Lookup(name)
	if f == nil {
		if x.NoParens { // a column may bear the name of a function that needs no parentheses
			return b.columnRef(&ast.ColumnRef{At: x.At, Parts: x.Name}, s)
		}
		return nil, sqlerr.At(sqlerr.NotFound, x.Pos, "function %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, b.Funcs.Names()))
	}
	if x.NoParens {
		for in := s; in != nil; in = in.outer {
			if c, err := in.find(x.Name); c != nil && err == nil {
				return c.Ref(), nil
			}
		}
	}
	if f.Kind == fn.Aggregate {
		return b.aggregateCall(f, x, s)
	}
	if x.Distinct || x.Filter != nil || len(x.OrderBy) > 0 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s is no aggregate: DISTINCT, FILTER and ORDER BY do not go with it", name)
	}
	args, err := b.args(x, s)
	if err != nil {
		return nil, err
	}
	if name == "pmod" && len(args) == 2 && !(args[0].Type().IsInteger() && args[1].Type().IsInteger()) {
		return b.pmod(args, x.Pos)
	}
	return b.call(name, args, x.Pos)
}

// args binds the arguments of a call; a name before a value becomes a string argument of struct_pack, and is an error elsewhere.
func (b *Binder) args(x *ast.Call, s *scope) ([]expr.Expr, error) {
	var out []expr.Expr
	name := strings.ToLower(x.Name.Last())
	pack := name == "struct_pack" || name == "struct_insert" || name == "struct_update"
	for _, a := range x.Args {
		if a.Name != nil {
			if !pack {
				return nil, sqlerr.At(sqlerr.Bind, a.Name.Pos, "%s takes no named arguments", x.Name.Last())
			}
			out = append(out, expr.NewString(a.Name.Text))
		}
		v := a.Value
		if st, ok := v.(*ast.Star); ok && a.Name == nil { // the columns, one argument each
			all, err := b.exprsOfStars([]ast.Expr{st}, s)
			if err != nil {
				return nil, err
			}
			out = append(out, all...)
			continue
		}
		if l, ok := v.(*ast.Lambda); ok && l.Arrow != nil {
			v = l.Arrow
		}
		e, err := b.expr(v, s)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// special binds the calls that are not functions: those that evaluate their arguments only where needed.
func (b *Binder) special(name string, x *ast.Call, s *scope) (expr.Expr, bool, error) {
	switch name {
	case "unnest", "explode":
		e, err := b.unnestItem(x, s)
		return e, true, err
	case "getvariable":
		e, err := b.variable(x, s)
		return e, true, err
	case "coalesce", "ifnull", "nvl", "nullif", "if", "iff", "grouping", "grouping_id":
	default:
		return nil, false, nil
	}
	args, err := b.args(x, s)
	if err != nil {
		return nil, true, err
	}
	wrong := func(n string) error {
		return sqlerr.At(sqlerr.Bind, x.Pos, "%s takes %s arguments, not %d", name, n, len(args))
	}
	switch name {
	case "grouping", "grouping_id":
		return &groupingCall{args, x.Pos}, true, nil
	case "nullif":
		if len(args) != 2 {
			return nil, true, wrong("2")
		}
		eq, err := b.compare(kernel.Eq, args[0], args[1], x.Pos)
		if err != nil {
			return nil, true, err
		}
		return &expr.Case{T: args[0].Type(), Whens: []expr.When{{Cond: eq, Then: expr.NewNull(args[0].Type())}}, Else: args[0]}, true, nil
	case "if", "iff":
		if len(args) != 3 && len(args) != 2 {
			return nil, true, wrong("3")
		}
		cond, err := b.toBool(args[0], x.Pos)
		if err != nil {
			return nil, true, err
		}
		vals, t, err := b.unifyAll(args[1:], x.Pos, name)
		if err != nil {
			return nil, true, err
		}
		c := &expr.Case{T: t, Whens: []expr.When{{Cond: cond, Then: vals[0]}}}
		if len(vals) == 2 {
			c.Else = vals[1]
		}
		return c, true, nil
	}
	if len(args) == 0 {
		return nil, true, wrong("at least 1")
	}
	e, err := b.coalesce(args, x.Pos)
	return e, true, err
}

func (b *Binder) coalesce(args []expr.Expr, pos int) (expr.Expr, error) {
	args, t, err := b.unifyAll(args, pos, "COALESCE")
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return &expr.Coalesce{Args: args, T: t}, nil
}

// aggregateCall binds an aggregate.
func (b *Binder) aggregateCall(f *fn.Function, x *ast.Call, s *scope) (expr.Expr, error) {
	if s.noAgg != "" {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "aggregate %s may not stand in %s", f.Name, s.noAgg).
			WithHint("conditions on aggregates stand in HAVING")
	}
	keep := s.noAgg
	s.noAgg = "another aggregate"
	defer func() { s.noAgg = keep }()
	args, err := b.args(x, s)
	if err != nil {
		return nil, err
	}
	order := x.OrderBy
	if len(x.WithinGroup) > 0 {
		order = x.WithinGroup
		if f.Name != "string_agg" && f.Name != "array_agg" { // percentile_cont(0.5) WITHIN GROUP (ORDER BY v) aggregates v
			v, err := b.expr(order[0].Expr, s)
			if err != nil {
				return nil, err
			}
			args = append([]expr.Expr{v}, args...)
			if order[0].Desc {
				if args, err = b.fromGreatest(args, x.Pos); err != nil {
					return nil, err
				}
			}
			order = nil
		}
	}
	if f, args, err = b.inOrder(f, args, order, s); err != nil {
		return nil, err
	}
	if x.Star && f.Name != "count" {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s(*) does not exist: only count(*) does", f.Name)
	}
	a, err := b.aggCall(f, args, x.Pos)
	if err != nil {
		return nil, err
	}
	a.Distinct = x.Distinct && !a.Fn.IgnoresDuplicates
	if x.Filter != nil {
		if a.Filter, err = b.condition(x.Filter, s); err != nil {
			return nil, err
		}
	}
	for _, o := range order {
		e, err := b.expr(o.Expr, s)
		if err != nil {
			return nil, err
		}
		a.OrderBy = append(a.OrderBy, b.sortKey(e, o))
	}
	if !a.Fn.OrderMatters {
		a.OrderBy = nil
	}
	return a, nil
}

// inOrder gives the aggregate that f means with an ORDER BY: any_value is the first value that is not NULL, and quantiles of what is ordered from the
// greatest down count from there.
func (b *Binder) inOrder(f *fn.Function, args []expr.Expr, order []ast.OrderItem, s *scope) (*fn.Function, []expr.Expr, error) {
	switch {
	case len(order) == 0 || order[0].Expr == nil:
	case f.Name == "any_value" && len(args) == 1:
		return b.Funcs.Lookup("first"), append(args, expr.NewBool(true)), nil
	case order[0].Desc && (f.Name == "quantile_disc" || f.Name == "quantile_cont"):
		e, err := b.expr(order[0].Expr, s)
		if err != nil {
			return nil, nil, err
		}
		if len(args) > 0 && expr.Equal(e, args[0]) {
			args, err = b.fromGreatest(args, order[0].Pos)
		}
		return f, args, err
	}
	return f, args, nil
}

// fromGreatest makes the part of a quantile negative, which counts from the greatest value down.
func (b *Binder) fromGreatest(args []expr.Expr, pos int) ([]expr.Expr, error) {
	if len(args) < 2 {
		return args, nil
	}
	var err error
	switch t := args[1].Type(); {
	case t.IsNumeric():
		if args[1], err = b.cast(args[1], types.TDouble, pos); err != nil {
			return nil, err
		}
		args[1], err = b.call("*", []expr.Expr{args[1], expr.NewDouble(-1)}, pos)
	case t.Kind == types.Array:
		return nil, sqlerr.At(sqlerr.Unsupported, pos, "several quantiles in descending order are not supported").WithHint("give the parts as 1 - q")
	}
	return args, err
}

// aggCall makes an aggregate over bound arguments.
func (b *Binder) aggCall(f *fn.Function, args []expr.Expr, pos int) (*expr.Agg, error) {
	o, args, err := b.resolve(f, args, pos)
	if err != nil {
		return nil, err
	}
	return &expr.Agg{Fn: o, Args: args, Pos: pos}, nil
}

// in binds IN: over a query, or over a list, which becomes a set when all of it is constant.
func (b *Binder) in(x *ast.In, s *scope) (expr.Expr, error) {
	if x.Query != nil {
		left, err := b.rowOf(x.Expr, s)
		if err != nil {
			return nil, err
		}
		e, err := b.inQuery(left, x.Query, s, x.Pos)
		if err != nil || !x.Not {
			return e, err
		}
		return &expr.Not{Arg: e}, nil
	}
	if x.Bare {
		e, err := b.callAST("list_contains", []ast.Expr{x.List[0], x.Expr}, s, x.Pos)
		if err != nil || !x.Not {
			return e, err
		}
		return not(e), nil
	}
	if len(x.List) == 0 {
		return nil, sqlerr.At(sqlerr.Syntax, x.Pos, "IN () is empty")
	}
	var out expr.Expr
	row, isRow := x.Expr.(*ast.Row)
	if isRow && len(row.Items) > 1 {
		var alts []expr.Expr
		for _, i := range x.List {
			r, ok := i.(*ast.Row)
			if !ok {
				return nil, sqlerr.At(sqlerr.Bind, i.Position(), "a row of %d items is wanted here", len(row.Items))
			}
			c, err := b.compareRows(kernel.Eq, row.Items, r.Items, s, i.Position())
			if err != nil {
				return nil, err
			}
			alts = append(alts, c)
		}
		out = expr.OrAll(alts)
	} else {
		e, err := b.expr(x.Expr, s)
		if err != nil {
			return nil, err
		}
		items, err := b.exprsOfStars(x.List, s)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, sqlerr.At(sqlerr.Bind, x.Pos, "IN has no values: * stands for no column")
		}
		if out, err = b.inList(e, items, x.Pos); err != nil {
			return nil, err
		}
	}
	if x.Not {
		return not(out), nil
	}
	return out, nil
}

// inList makes e IN (items).
func (b *Binder) inList(e expr.Expr, items []expr.Expr, pos int) (expr.Expr, error) {
	allConst := true
	for _, i := range items {
		_, ok := i.(*expr.Const)
		allConst = allConst && ok
	}
	if allConst && len(items) > 1 && !e.Type().IsNested() {
		if l, ok, err := b.constList(e, items, pos); ok || err != nil {
			return l, err
		}
	}
	var alts []expr.Expr
	for _, i := range items {
		c, err := b.compare(kernel.Eq, e, i, pos)
		if err != nil {
			return nil, err
		}
		alts = append(alts, c)
	}
	return expr.OrAll(alts), nil
}

// constList makes an InList, if one type holds e and all items.
func (b *Binder) constList(e expr.Expr, items []expr.Expr, pos int) (expr.Expr, bool, error) {
	out := &expr.InList{Arg: e}
	var vals []expr.Expr
	for _, i := range items {
		if expr.IsConstNull(i) {
			out.HasNull = true
			continue
		}
		var err error
		if out.Arg, i, err = b.unify(out.Arg, i, pos); err != nil {
			return nil, false, err
		}
		vals = append(vals, i)
	}
	t := out.Arg.Type()
	list := vec.NewBuilder(t)
	for _, v := range vals {
		vt := v.Type()
		if !vt.Equal(t) {
			c, err := b.cast(v, t, pos)
			if err != nil {
				return nil, false, nil
			}
			v = c
		}
		k, ok := v.(*expr.Const)
		if !ok || k.V.IsNull(0) || k.V.Phys() != t.Phys() {
			return nil, false, nil
		}
		list.Append(k.V, vec.Identity(1))
	}
	if t.Kind == types.Null || len(vals) == 0 {
		return nil, false, nil
	}
	out.List = list.Vector()
	return out, true, nil
}

var matchNames = map[ast.LikeKind]string{
	ast.Like: "like", ast.ILike: "ilike", ast.RLike: "regexp_matches", ast.IRLike: "regexp_matches", ast.Similar: "similar_to", ast.Glob: "glob",
}

// match binds LIKE and its kin.
func (b *Binder) match(x *ast.Match, s *scope) (expr.Expr, error) {
	e, err := b.expr(x.Expr, s)
	if err != nil {
		return nil, err
	}
	pats := x.List
	if !x.Any && !x.All {
		pats = []ast.Expr{x.Pattern}
	}
	var terms []expr.Expr
	for _, p := range pats {
		pat, err := b.expr(p, s)
		if err != nil {
			return nil, err
		}
		args := []expr.Expr{e, pat}
		if x.Escape != nil {
			esc, err := b.expr(x.Escape, s)
			if err != nil {
				return nil, err
			}
			args = append(args, esc)
		}
		if x.Kind == ast.IRLike {
			args = append(args, expr.NewString("i"))
		}
		m, err := b.call(matchNames[x.Kind], args, x.Pos)
		if err != nil {
			return nil, err
		}
		if x.Not {
			m = &expr.Not{Arg: m}
		}
		terms = append(terms, m)
	}
	if x.Any {
		return expr.OrAll(terms), nil
	}
	return expr.AndAll(terms), nil
}
