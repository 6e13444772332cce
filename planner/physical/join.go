package physical

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// swapFactor is how many times smaller the left side of an outer, semi or anti join must be to be built instead of the right one.
const swapFactor = 2

// join chooses the build side and the keys.
func (p *planner) join(x *logical.Join, need logical.Set) (Node, error) {
	if x.Lateral {
		return nil, sqlerr.New(sqlerr.Unsupported, "this correlated subquery is not supported")
	}
	want := uses(x.On, need)
	l, err := p.node(x.Left, want)
	if err != nil {
		return nil, err
	}
	r, err := p.node(x.Right, want)
	if err != nil {
		return nil, err
	}
	j := &Join{Base: Base{Rows: p.m.Rows(x)}}
	left := logical.Produces(x.Left)
	right := logical.Produces(x.Right)
	var lk, rk []expr.Expr
	for i, e := range x.On {
		a, b, safe, ok := keyOf(e, left, right)
		if !ok {
			if i < x.NullAware {
				return nil, sqlerr.New(sqlerr.Unsupported, "this comparison with ANY or ALL is only supported as a condition of WHERE")
			}
			j.Residual = append(j.Residual, e)
			continue
		}
		lk, rk = append(lk, a), append(rk, b)
		j.NullEqual = append(j.NullEqual, safe)
		j.NullAware = append(j.NullAware, i < x.NullAware && !safe)
	}
	lr, rr := p.m.Rows(x.Left), p.m.Rows(x.Right)
	swap := false
	switch x.Kind {
	case logical.Inner:
		j.Kind, swap = Inner, lr < rr
		if left, known := rangeSide(j.Residual, left, right); known && len(lk) == 0 {
			swap = left
		}
	case logical.Left:
		j.Kind = ProbeOuter
		if lr*swapFactor < rr && len(lk) > 0 {
			j.Kind, swap = BuildOuter, true
		}
		if left, known := rangeSide(j.Residual, left, right); known && left && len(lk) == 0 {
			j.Kind, swap = BuildOuter, true
		}
	case logical.Right:
		j.Kind, swap = ProbeOuter, true
	case logical.Full:
		j.Kind, swap = FullOuter, lr < rr
	case logical.Semi:
		j.Kind = Semi
		if lr*swapFactor < rr && len(lk) > 0 {
			j.Kind, swap = BuildSemi, true
		}
	case logical.Anti:
		j.Kind = Anti
		if lr*swapFactor < rr && x.NullAware == 0 && len(lk) > 0 {
			j.Kind, swap = BuildAnti, true
		}
	case logical.Mark:
		j.Kind = Mark
	case logical.Single:
		j.Kind = Single
	}
	j.Probe, j.Build, j.ProbeKeys, j.BuildKeys = l, r, lk, rk
	if swap {
		j.Probe, j.Build, j.ProbeKeys, j.BuildKeys = r, l, rk, lk
	}
	if swap {
		left, right = right, left
	}
	useRange(j, x, left, right)
	j.outputs(x, need)
	switch j.Kind {
	case Inner, Semi, BuildSemi, BuildAnti, BuildOuter: // probe rows without a partner leave no trace
		p.handDown(j)
	}
	return j, nil
}

// outputs sets the columns that come out.
func (n *Join) outputs(x *logical.Join, need logical.Set) {
	keep := func(side Node) {
		for _, c := range side.Cols() {
			if need[c.ID] {
				n.Out = append(n.Out, c)
			}
		}
	}
	if n.Kind != BuildSemi && n.Kind != BuildAnti {
		keep(n.Probe)
	}
	switch n.Kind {
	case Semi, Anti:
	case Mark:
		n.Out = append(n.Out, x.Mark)
	default:
		keep(n.Build)
	}
}

// keyOf takes an equality between the sides apart.
func keyOf(e expr.Expr, left, right logical.Set) (l, r expr.Expr, safe, ok bool) {
	c, is := e.(*expr.Compare)
	if !is || c.Op != kernel.Eq {
		return nil, nil, false, false
	}
	switch {
	case apart(c.L, c.R, left, right):
		l, r = c.L, c.R
	case apart(c.R, c.L, left, right):
		l, r = c.R, c.L
	default:
		return nil, nil, false, false
	}
	lt, rt := l.Type(), r.Type()
	if lt.Kind == types.Decimal && lt.Phys() != rt.Phys() {
		t := types.NewDecimal(int(max(lt.P, rt.P)), int(lt.S))
		l, r = widen(l, t), widen(r, t)
	}
	return l, r, c.NullSafe, true
}

func widen(e expr.Expr, t types.Type) expr.Expr {
	if e.Type().Equal(t) {
		return e
	}
	return &expr.Cast{Arg: e, T: t, Pos: sqlerr.NoPos}
}

// apart tells whether l uses columns of left alone and r of right alone. One of them may use none.
func apart(l, r expr.Expr, left, right logical.Set) bool {
	return expr.Uses(l, left) && expr.Uses(r, right) && (expr.UsesAny(l, left) || expr.UsesAny(r, right))
}

// handDown gives the scans on the probe side filters made of what the finished build side knows.
func (p *planner) handDown(j *Join) {
	for k, e := range j.ProbeKeys[:len(j.NullEqual)] { // the equalities
		c, ok := e.(*expr.Column)
		if !ok || j.NullEqual[k] || j.Build.Estimate() > j.Probe.Estimate()*4 {
			continue
		}
		if s, id := findScan(j.Probe, c.ID); s != nil {
			s.Runtime = append(s.Runtime, Runtime{Column: id, Join: j, Key: k})
		}
	}
}

// findScan follows a column down the probe side to the scan that it comes from, through operators that leave it as it is.
func findScan(n Node, id expr.ID) (*Scan, expr.ID) {
	switch x := n.(type) {
	case *Scan:
		if x.Limit > 0 {
			return nil, 0
		}
		for _, c := range x.Out {
			if c.ID == id {
				return x, id
			}
		}
	case *Filter:
		return findScan(x.Input, id)
	case *Project:
		for i, c := range x.Out {
			if c.ID == id {
				if col, ok := x.Values[i].(*expr.Column); ok {
					return findScan(x.Input, col.ID)
				}
			}
		}
	case *Aggregate: // a group without a partner need not be made
		for i, c := range x.Out[:len(x.Keys)] {
			if c.ID == id && x.Sets == nil {
				if col, ok := x.Keys[i].(*expr.Column); ok {
					return findScan(x.Input, col.ID)
				}
			}
		}
	case *Join:
		switch x.Kind {
		case Inner, ProbeOuter, Semi, Anti, Mark, Single:
			return findScan(x.Probe, id)
		}
	}
	return nil, 0
}
