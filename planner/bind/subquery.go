package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

func hasSubquery(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		if _, ok := x.(*logical.Subquery); ok {
			found = true
		}
		return !found
	})
	return found
}

// flatten turns the subqueries of e into joins on n, and gives the wider plan and e over it.
func (b *Binder) flatten(n logical.Node, e expr.Expr) (logical.Node, expr.Expr, error) {
	if !hasSubquery(e) {
		return n, e, nil
	}
	var err error
	e = expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		s, ok := x.(*logical.Subquery)
		if !ok || err != nil {
			return x
		}
		var c expr.Expr
		n, c, err = b.attach(n, s)
		return c
	})
	return n, e, err
}

// attach joins a subquery to n and gives the column that holds its value.
func (b *Binder) attach(n logical.Node, s *logical.Subquery) (logical.Node, expr.Expr, error) {
	j := &logical.Join{Left: n, Right: s.Plan, Lateral: isLateral(n, s.Plan)}
	if s.Kind == logical.ScalarSub {
		j.Kind = logical.Single
		return j, s.Plan.Cols()[0].Ref(), nil
	}
	if s.Kind == logical.InSub && s.Op != kernel.Eq {
		return b.attachAny(n, s)
	}
	j.Kind, j.Mark = logical.Mark, b.NewCol("mark", types.TBoolean)
	if s.Kind == logical.InSub {
		j.On = inConditions(s, s.Plan.Cols())
		j.NullAware = len(j.On)
	}
	return j, j.Mark.Ref(), nil
}

// attachAny joins args op ANY (query), where op is no equality: one mark tells whether the comparison is true for some row, another whether
// it is unknown for some.
func (b *Binder) attachAny(n logical.Node, s *logical.Subquery) (logical.Node, expr.Expr, error) {
	if len(s.Outer) > 0 {
		return b.attachAnyCorrelated(n, s)
	}
	def := &logical.SharedDef{Name: "any", Plan: s.Plan}
	var marks []expr.Expr
	for _, unknown := range []bool{false, true} {
		r := &logical.Shared{Def: def}
		for _, c := range s.Plan.Cols() {
			r.Out, r.Source = append(r.Out, b.NewCol(c.Name, c.Type)), append(r.Source, c.ID)
		}
		cond := expr.AndAll(inConditions(s, r.Out))
		if unknown {
			cond = &expr.IsNull{Arg: cond}
		}
		j := &logical.Join{Kind: logical.Mark, Left: n, Right: r, On: []expr.Expr{cond}, Mark: b.NewCol("mark", types.TBoolean)}
		n, marks = j, append(marks, j.Mark.Ref())
	}
	return n, &expr.Case{T: types.TBoolean, Else: expr.NewBool(false), Whens: []expr.When{
		{Cond: marks[0], Then: expr.NewBool(true)}, {Cond: marks[1], Then: expr.NewNull(types.TBoolean)},
	}}, nil
}

// attachAnyCorrelated is attachAny for a subquery that uses columns of n: an aggregate over its rows tells both.
func (b *Binder) attachAnyCorrelated(n logical.Node, s *logical.Subquery) (logical.Node, expr.Expr, error) {
	or, err := b.Funcs.Lookup("bool_or").Resolve([]fn.Arg{{Type: types.TBoolean}})
	if err != nil {
		return nil, nil, err
	}
	cond := expr.AndAll(inConditions(s, s.Plan.Cols()))
	p := &logical.Project{Input: s.Plan, Values: []expr.Expr{cond, &expr.IsNull{Arg: cond}}}
	a := &logical.Aggregate{Input: p}
	for _, name := range []string{"is true", "is unknown"} {
		in := b.NewCol(name, types.TBoolean)
		p.Out = append(p.Out, in)
		a.Aggs, a.AggOut = append(a.Aggs, &expr.Agg{Fn: or, Args: []expr.Expr{in.Ref()}}), append(a.AggOut, b.NewCol(name, types.TBoolean))
	}
	j := &logical.Join{Kind: logical.Single, Left: n, Right: a, Lateral: true}
	return j, &expr.Case{T: types.TBoolean, Else: expr.NewBool(false), Whens: []expr.When{
		{Cond: a.AggOut[0].Ref(), Then: expr.NewBool(true)}, {Cond: a.AggOut[1].Ref(), Then: expr.NewNull(types.TBoolean)},
	}}, nil
}

// inConditions makes the comparison of args with the columns cols of the subquery: for IN, an equality a column.
func inConditions(s *logical.Subquery, cols []logical.Col) []expr.Expr {
	right := make([]expr.Expr, len(cols))
	for i, c := range cols {
		right[i] = c.Ref()
	}
	return s.On(s.Args, right)
}

// semi turns a conjunct that is a plain test of a subquery into a semi or anti join.
func (b *Binder) semi(n logical.Node, c expr.Expr) (logical.Node, bool, error) {
	not := false
	for {
		x, ok := c.(*expr.Not)
		if !ok {
			break
		}
		not, c = !not, x.Arg
	}
	s, ok := c.(*logical.Subquery)
	if !ok || s.Kind == logical.ScalarSub || s.Kind == logical.InSub && not && s.Op == kernel.Eq {
		return nil, false, nil
	}
	for i, a := range s.Args {
		var err error
		if n, s.Args[i], err = b.flatten(n, a); err != nil {
			return nil, false, err
		}
	}
	j := &logical.Join{Kind: logical.Semi, Left: n, Right: s.Plan, Lateral: isLateral(n, s.Plan)}
	if not {
		j.Kind = logical.Anti
	}
	if s.Kind == logical.InSub {
		j.On = inConditions(s, s.Plan.Cols())
		if not { // a row for which the comparison is unknown refuses as well
			j.On = []expr.Expr{&expr.Coalesce{T: types.TBoolean, Args: []expr.Expr{expr.AndAll(j.On), expr.NewBool(true)}}}
		}
	}
	return j, true, nil
}

// scalarSub binds (query) as a value.
func (b *Binder) scalarSub(q *ast.Query, s *scope) (expr.Expr, error) {
	n, err := b.query(q, s.sub())
	if err != nil {
		return nil, err
	}
	if k := len(n.Cols()); k != 1 {
		return nil, sqlerr.At(sqlerr.Bind, q.Pos, "a subquery used as a value must give one column, not %d", k)
	}
	return logical.NewSubquery(logical.ScalarSub, n), nil
}

func (b *Binder) exists(q *ast.Query, s *scope) (expr.Expr, error) {
	n, err := b.query(q, s.sub())
	if err != nil {
		return nil, err
	}
	return logical.NewSubquery(logical.ExistsSub, n), nil
}

// inQuery binds left IN (query), where left may be a row.
func (b *Binder) inQuery(left []expr.Expr, q *ast.Query, s *scope, pos int) (expr.Expr, error) {
	return b.anyQuery(kernel.Eq, left, q, s, pos)
}

// anyQuery binds left op ANY (query).
func (b *Binder) anyQuery(op kernel.CmpOp, left []expr.Expr, q *ast.Query, s *scope, pos int) (expr.Expr, error) {
	n, err := b.query(q, s.sub())
	if err != nil {
		return nil, err
	}
	cols := n.Cols()
	if len(cols) != len(left) {
		return nil, sqlerr.At(sqlerr.Bind, pos, "the left side has %d columns, but the subquery gives %d", len(left), len(cols))
	}
	// bring both sides to common types, inside the subquery where it is the one to change
	proj := &logical.Project{Input: n}
	change := false
	args := make([]expr.Expr, len(left))
	for i, c := range cols {
		l, r, err := b.unify(left[i], c.Ref(), pos)
		if err != nil {
			return nil, err
		}
		args[i] = l
		if _, same := r.(*expr.Column); same {
			proj.Out, proj.Values = append(proj.Out, c), append(proj.Values, r)
			continue
		}
		change = true
		proj.Out, proj.Values = append(proj.Out, b.NewCol(c.Name, r.Type())), append(proj.Values, r)
	}
	if change {
		n = proj
	}
	sub := logical.NewSubquery(logical.InSub, n)
	sub.Args, sub.Op = args, op
	sub.On = func(l, r []expr.Expr) []expr.Expr {
		if op != kernel.Eq && len(l) > 1 {
			if e, err := b.rowCompare(op, l, r, pos); err == nil { // the types have been made equal: it cannot fail
				return []expr.Expr{e}
			}
		}
		var terms []expr.Expr
		for i := range l {
			terms = append(terms, &expr.Compare{Op: op, L: l[i], R: r[i]})
		}
		return terms
	}
	return sub, nil
}

// quantified binds left op ANY|ALL (query).
func (b *Binder) quantified(x *ast.Quantified, s *scope) (expr.Expr, error) {
	op, ok := cmpOps[x.Op]
	if !ok {
		return nil, sqlerr.At(sqlerr.Unsupported, x.Pos, "%s cannot stand before ANY or ALL", x.Op)
	}
	if x.Query == nil {
		return b.anyArray(x, s)
	}
	left, err := b.rowOf(x.Left, s)
	if err != nil {
		return nil, err
	}
	if !x.All {
		return b.anyQuery(op, left, x.Query, s, x.Pos)
	}
	e, err := b.anyQuery(op.Negate(), left, x.Query, s, x.Pos) // op ALL is NOT (not-op ANY)
	if err != nil {
		return nil, err
	}
	return &expr.Not{Arg: e}, nil
}
