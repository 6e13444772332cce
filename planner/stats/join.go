package stats

import (
	"math"

	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

func (m *Model) join(j *logical.Join) float64 {
	l, r := m.Rows(j.Left), m.Rows(j.Right)
	inner := m.JoinRows(l, r, logical.Produces(j.Left), j.On)
	switch j.Kind {
	case logical.Left:
		return math.Max(inner, l)
	case logical.Right:
		return math.Max(inner, r)
	case logical.Full:
		return math.Max(inner, l+r-inner)
	case logical.Semi:
		return l * m.MatchShare(l, r, logical.Produces(j.Left), j.On)
	case logical.Anti:
		return l * math.Max(1-m.MatchShare(l, r, logical.Produces(j.Left), j.On), 0.1)
	case logical.Mark, logical.Single:
		return l
	}
	return inner
}

// sides gives the sides of an equality, that over left first, and whether it is one between the two inputs.
func sides(e expr.Expr, left logical.Set) (l, r expr.Expr, ok bool) {
	c, is := e.(*expr.Compare)
	if !is || c.Op != kernel.Eq {
		return nil, nil, false
	}
	ll, rl := expr.UsesAny(c.L, left), expr.UsesAny(c.R, left)
	switch {
	case ll && !rl:
		return c.L, c.R, true
	case rl && !ll:
		return c.R, c.L, true
	}
	return nil, nil, false
}

// JoinRows estimates the rows of an inner join of l and r rows, where left are the columns of the first side. For several equalities the
// combinations of values are taken to be no more than the smaller side has rows, as a foreign key of several columns has it.
func (m *Model) JoinRows(l, r float64, left logical.Set, on []expr.Expr) float64 {
	var k Keys
	share := 1.0
	for _, e := range on {
		a, b, ok := sides(e, left)
		if !ok {
			share *= m.Selectivity(e)
			continue
		}
		k.Add(m.Distinct(a, l), m.Distinct(b, r))
	}
	return k.Rows(l, r, share)
}

// Keys gathers the equalities of a join: the different values that each has on either side.
type Keys struct {
	n    int
	l, r float64
}

// Add takes in an equality.
func (k *Keys) Add(l, r float64) {
	if k.n == 0 {
		k.l, k.r = 1, 1
	}
	k.n++
	k.l, k.r = k.l*l, k.r*r
}

// Rows gives the rows of the join of l and r rows, of which other conditions keep a share.
func (k *Keys) Rows(l, r, share float64) float64 {
	rows := l * r * share
	if k.n == 0 {
		return math.Max(rows, 1)
	}
	d := math.Max(k.l, k.r)
	if k.n > 1 {
		d = math.Min(d, math.Min(l, r))
	}
	return math.Max(rows/math.Max(d, 1), 1)
}

// MatchShare estimates the share of the left rows that find a partner.
func (m *Model) MatchShare(l, r float64, left logical.Set, on []expr.Expr) float64 {
	share := 1.0
	for _, e := range on {
		a, b, ok := sides(e, left)
		if !ok {
			share *= 0.7
			continue
		}
		share = math.Min(share, m.Distinct(b, r)/math.Max(m.Distinct(a, l), 1))
	}
	return math.Min(math.Max(share, 0.01), 1)
}
