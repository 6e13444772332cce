package opt

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// unnest takes Lateral joins apart, so that the right side no longer depends on the left and runs once.
//
// First it tries to pull the conditions that use outer columns up out of the right side (pull): equalities pass an aggregate by
// becoming group keys. Where that fails it builds the domain, the distinct outer values, and runs the right side for all of them
// at once (domain.go), after Neumann and Kemper, "Unnesting Arbitrary Queries" (BTW 2015).
func unnest(c *Context, n logical.Node) (logical.Node, error) {
	n = logical.Rewrite(n, func(x logical.Node) logical.Node {
		j, ok := x.(*logical.Join)
		if !ok || !j.Lateral || c.err != nil {
			return x
		}
		return c.unnestJoin(j)
	})
	err := c.err
	c.err = nil
	return n, err
}

func (c *Context) unnestJoin(j *logical.Join) logical.Node {
	if n, ok := unnestLists(j.Right, j.Left, j.Kind == logical.Left); ok && (j.Kind == logical.Inner || j.Kind == logical.Left && len(j.On) == 0) {
		return filterOf(n, j.On)
	}
	outer := logical.Produces(j.Left)
	p := &puller{c: c, outer: outer}
	if exists := (j.Kind == logical.Semi || j.Kind == logical.Anti || j.Kind == logical.Mark) && len(j.On) == 0; exists {
		p.existence = true
	}
	right, preds, ok := p.pull(j.Right)
	if ok && p.scalar != nil && j.Kind != logical.Single {
		ok = false // a row comes even for an empty group
	}
	if !ok {
		return c.domainJoin(j)
	}
	out := *j
	out.Right, out.Lateral = right, false
	out.On = append(j.On[:len(j.On):len(j.On)], preds...)
	if j.Kind == logical.Single && p.unique {
		out.Kind = logical.Left
	}
	if p.scalar == nil {
		return &out
	}
	return c.defaults(&out, p, j.Right)
}

// puller pulls the conditions that use outer columns up out of a plan.
type puller struct {
	c         *Context
	outer     logical.Set
	existence bool // only whether there is a row matters
	// scalar is an aggregate without keys that has got some: empty groups give no row now
	scalar *logical.Aggregate
	was    *logical.Aggregate
	unique bool // at most one row comes for each outer row
}

// pull gives the plan without outer columns, and the conditions over its columns and the outer ones that stand for them.
func (p *puller) pull(n logical.Node) (logical.Node, []expr.Expr, bool) {
	if !overlaps(logical.Free(n), p.outer) {
		return n, nil, true
	}
	switch x := n.(type) {
	case *logical.Filter:
		in, preds, ok := p.pull(x.Input)
		if !ok || p.scalar != nil {
			return nil, nil, false
		}
		var keep []expr.Expr
		for _, e := range x.Preds {
			if expr.UsesAny(e, p.outer) {
				preds = append(preds, e)
			} else {
				keep = append(keep, e)
			}
		}
		return filterOf(in, keep), preds, true
	case *logical.Project:
		return p.pullProject(x)
	case *logical.Join:
		return p.pullJoin(x)
	case *logical.Aggregate:
		return p.pullAggregate(x)
	case *logical.Sort:
		if p.usesOuter(x) || x.Limit > 0 && !p.existence {
			return nil, nil, false
		}
		in, preds, ok := p.pull(x.Input)
		return in, preds, ok
	case *logical.Limit:
		if !p.existence || x.Offset > 0 || x.Count == 0 {
			return nil, nil, false
		}
		return p.pull(x.Input)
	}
	return nil, nil, false
}

func (p *puller) usesOuter(n logical.Node) bool {
	for _, e := range n.Exprs() {
		if expr.UsesAny(e, p.outer) {
			return true
		}
	}
	return false
}

func (p *puller) pullProject(x *logical.Project) (logical.Node, []expr.Expr, bool) {
	if p.usesOuter(x) && !p.existence {
		return nil, nil, false
	}
	in, preds, ok := p.pull(x.Input)
	if !ok {
		return nil, nil, false
	}
	out := &logical.Project{Input: in}
	have := logical.Set{}
	for i, e := range x.Values {
		if expr.UsesAny(e, p.outer) { // only existence matters
			continue
		}
		out.Out, out.Values = append(out.Out, x.Out[i]), append(out.Values, e)
		if col, is := e.(*expr.Column); is && col.ID == x.Out[i].ID {
			have[col.ID] = true
		}
	}
	need := logical.Set{}
	for _, e := range preds {
		expr.Columns(e, need)
	}
	for _, c := range in.Cols() {
		if need[c.ID] && !have[c.ID] {
			out.Out, out.Values = append(out.Out, c), append(out.Values, c.Ref())
		}
	}
	return out, preds, true
}

func (p *puller) pullJoin(x *logical.Join) (logical.Node, []expr.Expr, bool) {
	if x.Lateral {
		return nil, nil, false
	}
	right := overlaps(logical.Free(x.Right), p.outer)
	if x.Kind != logical.Inner && (right || p.usesOuter(x)) || x.Kind == logical.Right || x.Kind == logical.Full {
		return nil, nil, false
	}
	l, preds, ok := p.pull(x.Left)
	if !ok {
		return nil, nil, false
	}
	r := x.Right
	if right {
		var more []expr.Expr
		if r, more, ok = p.pull(r); !ok {
			return nil, nil, false
		}
		preds = append(preds, more...)
	}
	if p.scalar != nil {
		return nil, nil, false
	}
	out := *x
	out.Left, out.Right, out.On = l, r, nil
	for _, e := range x.On {
		if expr.UsesAny(e, p.outer) {
			preds = append(preds, e)
		} else {
			out.On = append(out.On, e)
		}
	}
	p.unique = false
	return &out, preds, true
}

// pullAggregate lets equalities pass: inner = outer makes inner a group key.
func (p *puller) pullAggregate(x *logical.Aggregate) (logical.Node, []expr.Expr, bool) {
	if x.Sets != nil || p.usesOuter(x) {
		return nil, nil, false
	}
	in, preds, ok := p.pull(x.Input)
	if !ok || p.scalar != nil {
		return nil, nil, false
	}
	out := *x
	out.Input = in
	out.Keys = x.Keys[:len(x.Keys):len(x.Keys)]
	out.KeyOut = x.KeyOut[:len(x.KeyOut):len(x.KeyOut)]
	var up []expr.Expr
	for _, e := range preds {
		inner, outer, cmp, ok := p.split(e)
		if !ok {
			return nil, nil, false
		}
		col := p.c.key(&out, inner)
		up = append(up, &expr.Compare{Op: kernel.Eq, L: col.Ref(), R: outer, NullSafe: cmp.NullSafe})
	}
	if len(x.Keys) == 0 {
		p.scalar, p.was = &out, x
		p.unique = true
	}
	return &out, up, true
}

// split takes an equality between an inner and an outer expression apart.
func (p *puller) split(e expr.Expr) (inner, outer expr.Expr, c *expr.Compare, ok bool) {
	c, is := e.(*expr.Compare)
	if !is || c.Op != kernel.Eq {
		return nil, nil, nil, false
	}
	l, r := onlyOf(c.L, p.outer), onlyOf(c.R, p.outer)
	switch {
	case !expr.UsesAny(c.L, p.outer) && r:
		return c.L, c.R, c, true
	case !expr.UsesAny(c.R, p.outer) && l:
		return c.R, c.L, c, true
	}
	return nil, nil, nil, false
}

func onlyOf(e expr.Expr, set logical.Set) bool { return expr.Uses(e, set) }

// key gives the output column of group key e, which is added if it is not there.
func (c *Context) key(a *logical.Aggregate, e expr.Expr) logical.Col {
	for i, k := range a.Keys {
		if expr.Equal(k, e) {
			return a.KeyOut[i]
		}
	}
	col := c.NewCol("key", logical.Col{Name: "key", Type: e.Type()})
	if k, ok := e.(*expr.Column); ok {
		col.Name = k.Name
	}
	a.Keys, a.KeyOut = append(a.Keys, e), append(a.KeyOut, col)
	return col
}

// defaults gives the columns of a scalar subquery that was joined by Left the values that they have for an empty group. They are those of
// the plan above the aggregate, computed over the aggregates of no rows.
func (c *Context) defaults(j *logical.Join, p *puller, orig logical.Node) logical.Node {
	with := map[expr.ID]expr.Expr{}
	for i, a := range p.was.Aggs {
		d, err := c.emptyAggregate(a)
		if err != nil {
			c.err = err
			return j
		}
		with[p.was.AggOut[i].ID] = d
	}
	vals := map[expr.ID]expr.Expr{}
	for _, col := range orig.Cols() {
		e, ok := trace(orig, p.was, col.Ref())
		if !ok {
			return c.domainJoin(&logical.Join{Kind: logical.Single, Left: j.Left, Right: orig, On: nil, Lateral: true})
		}
		e = foldExpr(c, expr.Replace(e, with))
		if !expr.IsConstNull(e) {
			vals[col.ID] = e
		}
	}
	if len(vals) == 0 {
		return j
	}
	// a key column tells whether the group was there
	probe := p.scalar.KeyOut[0]
	right, fresh := exposeAs(c, j.Right, vals)
	if !logical.Produces(right)[probe.ID] {
		c.err = sqlerr.New(sqlerr.Internal, "unnest: the group key is lost")
		return j
	}
	marker := c.NewCol("found", logical.Col{Type: types.TBoolean})
	mp := &logical.Project{Input: right, Out: append([]logical.Col(nil), right.Cols()...)}
	for _, col := range mp.Out {
		mp.Values = append(mp.Values, col.Ref())
	}
	mp.Out, mp.Values = append(mp.Out, marker), append(mp.Values, expr.NewBool(true))
	j.Right = mp
	out := &logical.Project{Input: j}
	for _, col := range j.Left.Cols() {
		out.Out, out.Values = append(out.Out, col), append(out.Values, col.Ref())
	}
	for _, col := range orig.Cols() {
		e := expr.Expr(col.Ref())
		if d, ok := vals[col.ID]; ok {
			e = &expr.Case{T: col.Type, Whens: []expr.When{{Cond: &expr.IsNull{Arg: marker.Ref()}, Then: d}}, Else: fresh[col.ID].Ref()}
		}
		out.Out, out.Values = append(out.Out, col), append(out.Values, e)
	}
	return out
}

// exposeAs gives n with the columns of vals under fresh IDs, so that the old ones can be defined anew above.
func exposeAs(c *Context, n logical.Node, vals map[expr.ID]expr.Expr) (logical.Node, map[expr.ID]logical.Col) {
	fresh := map[expr.ID]logical.Col{}
	p := &logical.Project{Input: n}
	for _, col := range n.Cols() {
		out := col
		if vals[col.ID] != nil {
			out = c.NewCol(col.Name, col)
			fresh[col.ID] = out
		}
		p.Out, p.Values = append(p.Out, out), append(p.Values, col.Ref())
	}
	return p, fresh
}

// trace gives e, over the columns of n, as an expression over those of the aggregate below.
func trace(n logical.Node, a *logical.Aggregate, e expr.Expr) (expr.Expr, bool) {
	for n != logical.Node(a) {
		switch x := n.(type) {
		case *logical.Project:
			with := map[expr.ID]expr.Expr{}
			for i, c := range x.Out {
				with[c.ID] = x.Values[i]
			}
			e, n = expr.Replace(e, with), x.Input
		case *logical.Sort:
			n = x.Input
		default:
			return nil, false
		}
	}
	return e, true
}

// emptyAggregate computes an aggregate over no rows.
func (c *Context) emptyAggregate(a *expr.Agg) (expr.Expr, error) {
	args := make([]fn.Arg, len(a.Args))
	for i, x := range a.Args {
		args[i] = expr.ArgOf(x)
	}
	acc := a.Fn.NewAcc(args)
	acc.Grow(1)
	v := vec.New(a.Fn.Result, 1)
	if err := acc.Result(0, 1, v); err != nil {
		return nil, err
	}
	if v.IsNull(0) {
		return expr.NewNull(a.Fn.Result), nil
	}
	v.SetConst(1)
	return eval.Constant(&expr.Const{V: v}, c.Fn)
}

// unnestLists puts left below an UNNEST of its columns, which stands there over a single empty row.
func unnestLists(right, left logical.Node, outer bool) (logical.Node, bool) {
	switch x := right.(type) {
	case *logical.Unnest:
		if v, ok := x.Input.(*logical.Values); ok && v.Rows == 1 && len(v.Out) == 0 {
			out := *x
			out.Input, out.Outer = left, outer || x.Outer
			return &out, true
		}
	case *logical.Project:
		in, ok := unnestLists(x.Input, left, outer)
		if !ok || outer {
			return nil, false
		}
		p := &logical.Project{Input: in, Out: append([]logical.Col(nil), left.Cols()...)}
		for _, c := range p.Out {
			p.Values = append(p.Values, c.Ref())
		}
		p.Out, p.Values = append(p.Out, x.Out...), append(p.Values, x.Values...)
		return p, true
	case *logical.Filter:
		if in, ok := unnestLists(x.Input, left, outer); ok && !outer {
			return &logical.Filter{Input: in, Preds: x.Preds}, true
		}
	}
	return nil, false
}
