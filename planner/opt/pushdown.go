package opt

import (
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// pushdown moves conditions towards the scans, turns outer joins whose NULL rows a condition refuses into inner ones, and tests of marks
// into semi and anti joins.
func pushdown(_ *Context, n logical.Node) (logical.Node, error) { return push(n, nil), nil }

// push gives n with the conditions preds, in order, applied as far down as they go.
func push(n logical.Node, preds []expr.Expr) logical.Node {
	switch x := n.(type) {
	case *logical.Filter:
		return push(x.Input, append(x.Preds[:len(x.Preds):len(x.Preds)], preds...))
	case *logical.Project:
		return pushProject(x, preds)
	case *logical.Scan:
		if len(preds) == 0 || x.Limit > 0 {
			return filterOf(x, preds)
		}
		out := *x
		out.Filter = dedupe(append(x.Filter[:len(x.Filter):len(x.Filter)], preds...))
		return &out
	case *logical.Join:
		return pushJoin(x, preds)
	case *logical.Aggregate:
		return pushAggregate(x, preds)
	case *logical.Sort:
		if x.Limit > 0 {
			break
		}
		return &logical.Sort{Input: push(x.Input, preds), Keys: x.Keys}
	case *logical.SetOp:
		return pushSetOp(x, preds)
	case *logical.Window:
		return pushWindow(x, preds)
	case *logical.Unnest:
		own := logical.Produces(x.Input)
		down, keep := split(preds, func(e expr.Expr) bool { return expr.Uses(e, own) })
		out := *x
		out.Input = push(x.Input, down)
		return filterOf(&out, keep)
	}
	in := n.Inputs()
	if len(in) > 0 {
		next := make([]logical.Node, len(in))
		for i, k := range in {
			next[i] = push(k, nil)
		}
		n = n.WithInputs(next)
	}
	return filterOf(n, preds)
}

func dedupe(list []expr.Expr) []expr.Expr {
	var out []expr.Expr
	seen := map[string]bool{}
	for _, e := range list {
		key := expr.Key(e)
		if expr.Volatile(e) || !seen[key] {
			out = append(out, e)
		}
		seen[key] = true
	}
	return out
}

// split parts preds in those that test holds for and the others. What can fail, or changes each time, stays with the others, and what
// comes after a condition that can fail may still pass it: it makes fewer rows fail, not more.
func split(preds []expr.Expr, test func(expr.Expr) bool) (yes, no []expr.Expr) {
	for _, e := range preds {
		if !expr.CanFail(e) && !expr.Volatile(e) && test(e) {
			yes = append(yes, e)
		} else {
			no = append(no, e)
		}
	}
	return yes, no
}

func pushProject(x *logical.Project, preds []expr.Expr) logical.Node {
	with := map[expr.ID]expr.Expr{}
	blocked := logical.Set{}
	for i, c := range x.Out {
		with[c.ID] = x.Values[i]
		if expr.Volatile(x.Values[i]) {
			blocked[c.ID] = true
		}
	}
	var down, keep []expr.Expr
	for _, e := range preds {
		if expr.UsesAny(e, blocked) || expr.Volatile(e) {
			keep = append(keep, e)
		} else {
			down = append(down, expr.Replace(e, with))
		}
	}
	return filterOf(&logical.Project{Input: push(x.Input, down), Out: x.Out, Values: x.Values}, keep)
}

// pushWindow lets pass the conditions on columns by which every function partitions: they drop whole partitions.
func pushWindow(x *logical.Window, preds []expr.Expr) logical.Node {
	keys := logical.Set{}
	for i, f := range x.Funcs {
		own := logical.Set{}
		for _, e := range f.Partition {
			if c, ok := e.(*expr.Column); ok && (i == 0 || keys[c.ID]) {
				own[c.ID] = true
			}
		}
		keys = own
	}
	down, keep := split(preds, func(e expr.Expr) bool { return expr.Uses(e, keys) && expr.UsesAny(e, keys) })
	return filterOf(&logical.Window{Input: push(x.Input, down), Funcs: x.Funcs, Out: x.Out}, keep)
}

func pushAggregate(x *logical.Aggregate, preds []expr.Expr) logical.Node {
	out := *x
	if x.Sets != nil || len(x.Keys) == 0 {
		out.Input = push(x.Input, nil)
		return filterOf(&out, preds)
	}
	keys := logical.Set{}
	with := map[expr.ID]expr.Expr{}
	for i, c := range x.KeyOut {
		keys[c.ID] = true
		with[c.ID] = x.Keys[i]
	}
	down, keep := split(preds, func(e expr.Expr) bool { return expr.Uses(e, keys) })
	var moved []expr.Expr
	for _, e := range down {
		m := expr.Replace(e, with)
		if expr.CanFail(m) || expr.Volatile(m) {
			keep = append(keep, e)
		} else {
			moved = append(moved, m)
		}
	}
	out.Input = push(x.Input, moved)
	return filterOf(&out, keep)
}

func pushSetOp(x *logical.SetOp, preds []expr.Expr) logical.Node {
	out := *x
	down, keep := split(preds, func(expr.Expr) bool { return true })
	out.In = make([]logical.Node, len(x.In))
	for i, in := range x.In {
		cols := map[expr.ID]logical.Col{}
		for _, c := range in.Cols() {
			cols[c.ID] = c
		}
		with := map[expr.ID]expr.Expr{}
		for k, c := range x.Out {
			with[c.ID] = cols[x.Maps[i][k]].Ref()
		}
		var moved []expr.Expr
		for _, e := range down {
			moved = append(moved, expr.Replace(e, with))
		}
		out.In[i] = push(in, moved)
	}
	return filterOf(&out, keep)
}

func pushJoin(x *logical.Join, preds []expr.Expr) logical.Node {
	j := *x
	if j.Kind == logical.Right {
		j.Kind, j.Left, j.Right = logical.Left, x.Right, x.Left
	}
	left, right := logical.Produces(j.Left), logical.Produces(j.Right)
	inLeft := func(e expr.Expr) bool { return expr.Uses(e, left) }
	inRight := func(e expr.Expr) bool { return expr.Uses(e, right) }
	for _, e := range preds {
		switch {
		case j.Kind == logical.Left && rejectsNull(e, right):
			j.Kind = logical.Inner
		case j.Kind == logical.Full && rejectsNull(e, right) && rejectsNull(e, left):
			j.Kind = logical.Inner
		case j.Kind == logical.Full && rejectsNull(e, left): // only rows that have a left side
			j.Kind = logical.Left
		}
	}
	switch j.Kind {
	case logical.Inner:
		return pushInner(&j, preds)
	case logical.Mark:
		if n := pushMark(&j, preds); n != nil {
			return n
		}
	}
	var downL, downR, keep []expr.Expr
	keep = preds
	switch j.Kind {
	case logical.Left, logical.Single, logical.Semi, logical.Anti, logical.Mark:
		downL, keep = split(preds, inLeft)
		var on []expr.Expr
		lead := j.On[:j.NullAware]
		downR, on = split(j.On[j.NullAware:], inRight)
		if j.Kind == logical.Semi {
			var more []expr.Expr
			more, on = split(on, inLeft)
			downL = append(downL, more...)
		}
		j.On = append(lead[:len(lead):len(lead)], on...)
	}
	if j.Kind == logical.Semi || j.Kind == logical.Left || j.Kind == logical.Inner {
		downR = append(downR, transitive(downL, j.On, right)...)
	}
	j.Left, j.Right = push(j.Left, downL), push(j.Right, dedupe(downR))
	return filterOf(&j, keep)
}

// pushInner spreads the conditions of an inner join, and those above it, to its sides.
func pushInner(j *logical.Join, preds []expr.Expr) logical.Node {
	left, right := logical.Produces(j.Left), logical.Produces(j.Right)
	both := union(left, right)
	all := append(j.On[:len(j.On):len(j.On)], preds...)
	movable, keep := split(all, func(e expr.Expr) bool { return expr.Uses(e, both) })
	keep, on := keepOrOn(keep, j.On)
	var l, r []expr.Expr
	for _, e := range movable {
		switch {
		case expr.Uses(e, left):
			l = append(l, e)
		case expr.Uses(e, right):
			r = append(r, e)
		default:
			on = append(on, e)
			if d := derive(e, left); d != nil {
				l = append(l, d)
			}
			if d := derive(e, right); d != nil {
				r = append(r, d)
			}
		}
	}
	l, r = append(l, transitive(r, on, left)...), append(r, transitive(l, on, right)...)
	j.On = dedupe(on)
	j.Left, j.Right = push(j.Left, dedupe(l)), push(j.Right, dedupe(r))
	return filterOf(j, keep)
}

// keepOrOn leaves the conditions that cannot move where they were: in ON or above.
func keepOrOn(stay, on []expr.Expr) (above, stillOn []expr.Expr) {
	for _, e := range stay {
		isOn := false
		for _, o := range on {
			isOn = isOn || o == e
		}
		if isOn {
			stillOn = append(stillOn, e)
		} else {
			above = append(above, e)
		}
	}
	return above, stillOn
}

// derive gives a condition over the columns of set alone that an OR over more columns implies, or nil.
func derive(e expr.Expr, set logical.Set) expr.Expr {
	or, ok := e.(*expr.Logic)
	if !ok || !or.Or {
		return nil
	}
	var terms []expr.Expr
	for _, t := range or.Terms {
		var part []expr.Expr
		for _, c := range expr.Conjuncts(t) {
			if expr.Uses(c, set) {
				part = append(part, c)
			}
		}
		if len(part) == 0 {
			return nil
		}
		terms = append(terms, expr.AndAll(part))
	}
	return expr.OrAll(terms)
}

// transitive gives, for conditions on one column that equals a column of set by some equality of on, the same conditions on that.
func transitive(preds, on []expr.Expr, set logical.Set) []expr.Expr {
	var out []expr.Expr
	for _, o := range on {
		c, ok := o.(*expr.Compare)
		if !ok || c.Op != kernel.Eq || c.NullSafe {
			continue
		}
		a, ok1 := c.L.(*expr.Column)
		b, ok2 := c.R.(*expr.Column)
		if !ok1 || !ok2 || !a.T.Equal(b.T) {
			continue
		}
		if set[a.ID] {
			a, b = b, a
		}
		if !set[b.ID] {
			continue
		}
		for _, p := range preds {
			used := logical.Set{}
			expr.Columns(p, used)
			if len(used) == 1 && used[a.ID] {
				out = append(out, expr.Replace(p, map[expr.ID]expr.Expr{a.ID: b}))
			}
		}
	}
	return out
}

// rejectsNull tells whether e is never true for a row in which all columns of set are NULL.
func rejectsNull(e expr.Expr, set logical.Set) bool {
	switch x := e.(type) {
	case *expr.Compare:
		return !x.NullSafe && (nullIn(x.L, set) || nullIn(x.R, set))
	case *expr.InList:
		return nullIn(x.Arg, set)
	case *expr.IsNull:
		return x.Not && nullIn(x.Arg, set)
	case *expr.Not:
		return nullIn(x.Arg, set)
	case *expr.Column:
		return set[x.ID]
	case *expr.Logic:
		for _, t := range x.Terms {
			if rejectsNull(t, set) != x.Or {
				return !x.Or
			}
		}
		return x.Or
	case *expr.Call:
		return nullIn(x, set)
	}
	return false
}

// nullIn tells whether e is NULL for a row in which all columns of set are.
func nullIn(e expr.Expr, set logical.Set) bool {
	switch x := e.(type) {
	case *expr.Column:
		return set[x.ID]
	case *expr.Call:
		if x.Fn.NullAware || x.Fn.Volatile {
			return false
		}
	case *expr.Cast, *expr.Not, *expr.InList:
	case *expr.Compare:
		if x.NullSafe {
			return false
		}
	default:
		return false
	}
	for _, k := range expr.Children(e) {
		if nullIn(k, set) {
			return true
		}
	}
	return false
}

// pushMark turns a mark join whose mark is just tested into a semi or anti join; nil if it is not.
func pushMark(j *logical.Join, preds []expr.Expr) logical.Node {
	kind := logical.Mark
	var rest []expr.Expr
	for _, e := range preds {
		not := false
		m := e
		if n, ok := m.(*expr.Not); ok {
			not, m = true, n.Arg
		}
		c, ok := m.(*expr.Column)
		if kind == logical.Mark && ok && c.ID == j.Mark.ID {
			kind = logical.Semi
			if not {
				kind = logical.Anti
			}
			continue
		}
		rest = append(rest, e)
	}
	if kind == logical.Mark {
		return nil
	}
	s := *j
	s.Kind = kind
	if kind == logical.Semi {
		s.NullAware = 0
	}
	p := &logical.Project{Input: &s}
	for _, c := range j.Left.Cols() {
		p.Out, p.Values = append(p.Out, c), append(p.Values, c.Ref())
	}
	p.Out, p.Values = append(p.Out, j.Mark), append(p.Values, expr.NewBool(kind == logical.Semi))
	return push(p, rest)
}
