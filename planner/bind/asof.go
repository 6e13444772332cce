package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// asofKeys are the conditions of an ASOF join: equalities, and the one inequality l op r.
type asofKeys struct {
	l, r  []expr.Expr
	op    kernel.CmpOp // Ge, Gt, Le or Lt
	lt, t expr.Expr    // the sides of the inequality
}

// asof binds ASOF JOIN: every left row meets the one right row that comes last at its time. Both sides are put into one list, sorted by keys
// and time; a window function carries the number of the last right row along, by which the right rows are then joined.
func (b *Binder) asof(j *ast.Join, l, r logical.Node, lcols, rcols []column, s *scope) (logical.Node, []column, error) {
	if j.Kind != ast.InnerJoin && j.Kind != ast.LeftJoin {
		return nil, nil, sqlerr.At(sqlerr.Unsupported, j.Pos, "ASOF %s does not exist", j.Kind).WithHint("ASOF JOIN and ASOF LEFT JOIN do")
	}
	if isLateral(l, r) {
		return nil, nil, sqlerr.At(sqlerr.Unsupported, j.Pos, "the right side of an ASOF join may not be LATERAL")
	}
	using := j.Using
	if j.Natural {
		using = common(lcols, rcols)
	}
	var terms []expr.Expr
	if len(using) > 0 {
		on := &logical.Join{Kind: logical.Left, Left: l, Right: r}
		_, cols, err := b.using(on, j, using, lcols, rcols)
		if err != nil {
			return nil, nil, err
		}
		terms = on.On
		last := *terms[len(terms)-1].(*expr.Compare)
		last.Op = kernel.Ge
		terms[len(terms)-1] = &last
		lcols, rcols = cols[:len(lcols)], cols[len(lcols):]
	} else if j.On != nil {
		e, err := b.condition(j.On, &scope{outer: s, cols: append(lcols[:len(lcols):len(lcols)], rcols...), noAgg: "JOIN … ON"})
		if err != nil {
			return nil, nil, err
		}
		terms = expr.Conjuncts(e)
	}
	k, err := asofConditions(j, terms, logical.Produces(l), logical.Produces(r))
	if err != nil {
		return nil, nil, err
	}
	n := b.asofPlan(j.Kind == ast.LeftJoin, l, r, k)
	return n, append(lcols[:len(lcols):len(lcols)], rcols...), nil
}

// asofConditions takes the condition apart.
func asofConditions(j *ast.Join, terms []expr.Expr, left, right logical.Set) (*asofKeys, error) {
	k := &asofKeys{}
	wrong := func(format string, args ...any) error {
		return sqlerr.At(sqlerr.Bind, j.Pos, format, args...).
			WithHint("ON l.key = r.key AND l.time >= r.time; USING (key, time) means the same")
	}
	for _, e := range terms {
		c, ok := e.(*expr.Compare)
		if !ok || c.NullSafe || c.Op == kernel.Ne || hasSubquery(e) {
			return nil, wrong("the condition of an ASOF join may have only = and one of >=, >, <=, <")
		}
		l, r, op := c.L, c.R, c.Op
		if expr.Uses(l, right) && expr.Uses(r, left) {
			l, r = r, l
			op = [...]kernel.CmpOp{kernel.Eq: kernel.Eq, kernel.Lt: kernel.Gt, kernel.Le: kernel.Ge, kernel.Gt: kernel.Lt, kernel.Ge: kernel.Le}[op]
		}
		if !expr.Uses(l, left) || !expr.Uses(r, right) {
			return nil, wrong("each comparison of an ASOF join must have the left table on one side and the right one on the other")
		}
		if op == kernel.Eq {
			k.l, k.r = append(k.l, l), append(k.r, r)
			continue
		}
		if k.t != nil {
			return nil, wrong("an ASOF join has one inequality, not two")
		}
		k.op, k.lt, k.t = op, l, r
	}
	if k.t == nil {
		return nil, wrong("an ASOF join needs an inequality")
	}
	return k, nil
}

// asofPlan makes the plan. Its columns are those of both sides.
func (b *Binder) asofPlan(outer bool, l, r logical.Node, k *asofKeys) logical.Node {
	num := b.numbered("right", r)
	right, rid := num.original()
	// right rows without a key or time have no partner
	var preds []expr.Expr
	for _, e := range append(k.r[:len(k.r):len(k.r)], k.t) {
		preds = append(preds, &expr.IsNull{Arg: e, Not: true})
	}
	right = &logical.Filter{Input: right, Preds: preds}
	// one list: the left columns, keys, time, which side, the number of the right row
	u := &logical.SetOp{Maps: make([][]expr.ID, 2)}
	pl, pr := &logical.Project{Input: l}, &logical.Project{Input: right}
	u.In = []logical.Node{pl, pr}
	add := func(name string, t types.Type, le, re expr.Expr) logical.Col {
		if le == nil {
			le = expr.NewNull(t)
		}
		if re == nil {
			re = expr.NewNull(t)
		}
		cl, cr, c := b.NewCol(name, t), b.NewCol(name, t), b.NewCol(name, t)
		pl.Out, pl.Values = append(pl.Out, cl), append(pl.Values, le)
		pr.Out, pr.Values = append(pr.Out, cr), append(pr.Values, re)
		u.Maps[0], u.Maps[1] = append(u.Maps[0], cl.ID), append(u.Maps[1], cr.ID)
		u.Out = append(u.Out, c)
		return c
	}
	out := &logical.Project{}
	for _, c := range l.Cols() {
		out.Out, out.Values = append(out.Out, c), append(out.Values, add(c.Name, c.Type, c.Ref(), nil).Ref())
	}
	var part []expr.Expr
	for i := range k.l {
		le, re := sameType(k.l[i], k.r[i])
		part = append(part, add("key", le.Type(), le, re).Ref())
	}
	lt, rt := sameType(k.lt, k.t)
	at := add("time", lt.Type(), lt, rt)
	side := add("right", types.TBoolean, expr.NewBool(false), expr.NewBool(true))
	id := add("right row", types.TBigInt, nil, rid.Ref())
	desc := k.op == kernel.Le || k.op == kernel.Lt
	order := []expr.SortKey{
		{Expr: at.Ref(), Desc: desc, NullsFirst: true},                   // a left row without a time has nothing before it
		{Expr: side.Ref(), Desc: k.op == kernel.Ge || k.op == kernel.Le}, // at the same time: whether the right rows come first
		{Expr: id.Ref(), NullsFirst: true},                               // the last of several
	}
	last := b.NewCol("last", types.TBigInt)
	w := &logical.Window{Input: u, Out: []logical.Col{last}, Funcs: []*expr.Window{lastRow(id.Ref(), part, order)}}
	lefts := &logical.Filter{Input: w, Preds: []expr.Expr{&expr.Not{Arg: side.Ref()}}}
	match, mcols := readShared(b, num.def)
	j := &logical.Join{Kind: logical.Inner, Left: lefts, Right: match, On: []expr.Expr{&expr.Compare{Op: kernel.Eq, L: last.Ref(), R: mcols[len(mcols)-1].Ref()}}}
	if outer {
		j.Kind = logical.Left
	}
	out.Input = j
	for i, c := range r.Cols() {
		out.Out, out.Values = append(out.Out, c), append(out.Values, mcols[i].Ref())
	}
	return out
}

// lastRow is the last value of id, up to the current row, that is not NULL.
func lastRow(id expr.Expr, part []expr.Expr, order []expr.SortKey) *expr.Window {
	return &expr.Window{
		Name: "last_value", Args: []expr.Expr{id}, Partition: part, Order: order, IgnoreNulls: true, T: types.TBigInt,
		Frame: expr.Frame{Unit: uint8(ast.FrameRows), Start: expr.Bound{Kind: uint8(ast.UnboundedPreceding)}, End: expr.Bound{Kind: uint8(ast.CurrentRow)}},
	}
}

// sameType gives two sides of a comparison exactly one type: decimals may differ in precision.
func sameType(l, r expr.Expr) (expr.Expr, expr.Expr) {
	t, ok := types.Common(l.Type(), r.Type())
	if !ok || l.Type().Equal(r.Type()) {
		return l, r
	}
	return &expr.Cast{Arg: l, T: t, Pos: sqlerr.NoPos}, &expr.Cast{Arg: r, T: t, Pos: sqlerr.NoPos}
}
