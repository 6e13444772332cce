package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// join binds a tree of joins; long chains to the left are taken in a loop.
func (b *Binder) join(j *ast.Join, s *scope, left []column) (logical.Node, []column, error) {
	chain := []*ast.Join{j}
	for {
		l, ok := chain[len(chain)-1].Left.(*ast.Join)
		if !ok {
			break
		}
		chain = append(chain, l)
	}
	n, cols, err := b.table(chain[len(chain)-1].Left, s, left)
	if err != nil {
		return nil, nil, err
	}
	for i := len(chain) - 1; i >= 0; i-- {
		if n, cols, err = b.joinOne(chain[i], n, cols, s, left); err != nil {
			return nil, nil, err
		}
	}
	return n, cols, nil
}

var joinKinds = map[ast.JoinKind]logical.JoinKind{
	ast.InnerJoin: logical.Inner, ast.CrossJoin: logical.Inner, ast.LeftJoin: logical.Left, ast.RightJoin: logical.Right,
	ast.FullJoin: logical.Full, ast.SemiJoin: logical.Semi, ast.AntiJoin: logical.Anti,
}

func (b *Binder) joinOne(j *ast.Join, l logical.Node, lcols []column, s *scope, left []column) (logical.Node, []column, error) {
	kind, ok := joinKinds[j.Kind]
	before := append(left[:len(left):len(left)], lcols...)
	r, rcols, err := b.table(j.Right, s, before)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		n, err := b.sideBySide(j, l, r)
		return n, append(lcols[:len(lcols):len(lcols)], rcols...), err
	}
	if j.Asof {
		return b.asof(j, l, r, lcols, rcols, s)
	}
	if j.RightSide && (kind == logical.Semi || kind == logical.Anti) {
		l, r, lcols, rcols = r, l, rcols, lcols
	}
	out := &logical.Join{Kind: kind, Left: l, Right: r, Lateral: isLateral(l, r)}
	if out.Lateral && (kind == logical.Right || kind == logical.Full) {
		return nil, nil, sqlerr.At(sqlerr.Bind, j.Pos, "%s cannot have a LATERAL right side", j.Kind)
	}
	using := j.Using
	if j.Natural {
		using = common(lcols, rcols)
	}
	if len(using) > 0 {
		return b.using(out, j, using, lcols, rcols)
	}
	cols := append(lcols[:len(lcols):len(lcols)], rcols...)
	if j.On != nil {
		in := &scope{outer: s, cols: cols, noAgg: "JOIN … ON"}
		if left != nil {
			in.outer = &scope{outer: s, cols: left}
		}
		e, err := b.condition(j.On, in)
		if err != nil {
			return nil, nil, err
		}
		n, err := b.joinOn(out, e, j)
		if err != nil {
			return nil, nil, err
		}
		if kind != logical.Semi && kind != logical.Anti {
			return n, cols, nil
		}
	}
	if kind == logical.Semi || kind == logical.Anti {
		cols = lcols
	}
	return out, cols, nil
}

// joinOn puts the condition on a join. Subqueries in it are computed on the side that they belong to; those that use both sides of an
// inner join, after it.
func (b *Binder) joinOn(j *logical.Join, e expr.Expr, src *ast.Join) (logical.Node, error) {
	var after []expr.Expr
	for _, c := range expr.Conjuncts(e) {
		if !hasSubquery(c) {
			j.On = append(j.On, c)
			continue
		}
		usesL, usesR := usesWithin(c, logical.Produces(j.Left)), usesWithin(c, logical.Produces(j.Right))
		var err error
		switch {
		case j.Kind == logical.Inner:
			after = append(after, c)
			continue
		case usesL && usesR || !usesL && !usesR:
			after = append(after, c)
			continue
		case usesL:
			if j.Kind != logical.Left && j.Kind != logical.Semi && j.Kind != logical.Anti {
				after = append(after, c)
				continue
			}
			j.Left, c, err = b.flatten(j.Left, c)
		default:
			if j.Kind == logical.Full {
				after = append(after, c)
				continue
			}
			j.Right, c, err = b.flatten(j.Right, c)
		}
		if err != nil {
			return nil, err
		}
		j.On = append(j.On, c)
	}
	switch {
	case len(after) == 0:
		return j, nil
	case j.Kind == logical.Inner:
		return b.filter(j, expr.AndAll(after))
	case j.Kind == logical.Semi || j.Kind == logical.Anti:
		return nil, sqlerr.At(sqlerr.Unsupported, src.Pos, "a subquery in ON of a SEMI or ANTI join may use its right side only")
	}
	return b.outerOn(j, expr.AndAll(after))
}

// usesWithin tells whether e, the plans of its subqueries included, uses a column of set.
func usesWithin(e expr.Expr, set logical.Set) bool { return expr.UsesAny(e, set) }

// common gives the names that visible columns of both sides share.
func common(l, r []column) []ast.Name {
	var out []ast.Name
	for _, a := range l {
		if a.hidden || a.merged {
			continue
		}
		for _, c := range r {
			if !c.hidden && !c.merged && strings.EqualFold(a.Name, c.Name) {
				out = append(out, ast.Name{Text: a.Name})
				break
			}
		}
	}
	return out
}

// using joins on equal columns of the same name, which show as one.
func (b *Binder) using(j *logical.Join, src *ast.Join, names []ast.Name, lcols, rcols []column) (logical.Node, []column, error) {
	lcols, rcols = append([]column(nil), lcols...), append([]column(nil), rcols...)
	var merged []column
	proj := &logical.Project{}
	for _, name := range names {
		li, err := findUsing(lcols, name, "left", src.Pos)
		if err != nil {
			return nil, nil, err
		}
		ri, err := findUsing(rcols, name, "right", src.Pos)
		if err != nil {
			return nil, nil, err
		}
		eq, err := b.compare(kernel.Eq, lcols[li].Ref(), rcols[ri].Ref(), src.Pos)
		if err != nil {
			return nil, nil, err
		}
		j.On = append(j.On, eq)
		switch j.Kind {
		case logical.Right:
			lcols[li].merged, rcols[ri].merged = true, true
			merged = append(merged, column{Col: rcols[ri].Col})
		case logical.Full:
			both, err := b.coalesce([]expr.Expr{lcols[li].Ref(), rcols[ri].Ref()}, src.Pos)
			if err != nil {
				return nil, nil, err
			}
			c := b.NewCol(lcols[li].Name, both.Type())
			lcols[li].merged, rcols[ri].merged = true, true
			merged = append(merged, column{Col: c})
			proj.Out, proj.Values = append(proj.Out, c), append(proj.Values, both)
		default:
			rcols[ri].merged = true
		}
	}
	cols := append(merged, lcols...)
	if j.Kind != logical.Semi && j.Kind != logical.Anti {
		cols = append(cols, rcols...)
	}
	if len(proj.Out) == 0 {
		return j, cols, nil
	}
	proj.Input = j
	for _, c := range j.Cols() {
		proj.Out, proj.Values = append(proj.Out, c), append(proj.Values, c.Ref())
	}
	return proj, cols, nil
}

func findUsing(cols []column, name ast.Name, side string, pos int) (int, error) {
	at := -1
	var names []string
	for i, c := range cols {
		names = append(names, c.Name)
		if c.merged || !strings.EqualFold(c.Name, name.Text) {
			continue
		}
		if at >= 0 {
			return 0, sqlerr.At(sqlerr.Bind, pos, "column %s is ambiguous on the %s side of USING", name.Text, side)
		}
		at = i
	}
	if at < 0 {
		return 0, sqlerr.At(sqlerr.NotFound, pos, "column %s does not exist on the %s side of the join", name.Text, side).
			WithHint("%s", sqlerr.DidYouMean(name.Text, names))
	}
	return at, nil
}
