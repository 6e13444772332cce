package stats

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
)

// Guesses where nothing is known.
const (
	guessEq    = 0.1
	guessRange = 0.3
	guessLike  = 0.1
	guessOther = 0.25
)

// Selectivity estimates the share of rows where e is true.
func (m *Model) Selectivity(e expr.Expr) float64 {
	switch x := e.(type) {
	case *expr.Const:
		if v, ok := expr.BoolValue(x); ok && v {
			return 1
		}
		return 0
	case *expr.Logic:
		return m.logic(x)
	case *expr.Not:
		return math.Max(1-m.Selectivity(x.Arg), 0.01)
	case *expr.Compare:
		return m.compare(x)
	case *expr.IsNull:
		if c, ok := x.Arg.(*expr.Column); ok {
			if k, known := m.cols[c.ID]; known {
				if x.Not {
					return 1 - k.Nulls
				}
				return math.Max(k.Nulls, 1e-4)
			}
		}
		if x.Not {
			return 0.9
		}
		return 0.1
	case *expr.InList:
		s := math.Min(float64(x.List.Len)/m.distinct(x.Arg), 1)
		if x.Not {
			return math.Max(1-s, 0.01)
		}
		return s
	case *expr.Call:
		switch x.Fn.Func.Name {
		case "like", "ilike", "contains", "starts_with", "regexp_matches":
			return guessLike
		}
	}
	return guessOther
}

// All estimates the share of rows where all conditions are true. A lower and an upper bound of one column make a range.
func (m *Model) All(preds []expr.Expr) float64 {
	share := 1.0
	low, high := map[expr.ID]float64{}, map[expr.ID]float64{} // shares above the lower and below the upper bounds
	for _, p := range preds {
		for _, e := range expr.Conjuncts(p) {
			s := m.Selectivity(e)
			id, upper, ok := m.bound(e)
			switch {
			case !ok:
				share *= s
			case upper:
				high[id] = math.Min(at(high, id), s)
			default:
				low[id] = math.Min(at(low, id), s)
			}
		}
	}
	ids := map[expr.ID]bool{}
	for id := range low {
		ids[id] = true
	}
	for id := range high {
		ids[id] = true
	}
	for id := range ids {
		share *= math.Max(at(low, id)+at(high, id)-1, 1/math.Max(m.cols[id].Distinct, 1))
	}
	return share
}

func at(m map[expr.ID]float64, id expr.ID) float64 {
	if s, ok := m[id]; ok {
		return s
	}
	return 1
}

// bound tells whether e bounds a column of known range by a constant, and from which side.
func (m *Model) bound(e expr.Expr) (id expr.ID, upper, ok bool) {
	x, is := e.(*expr.Compare)
	if !is || x.Op < kernel.Lt || x.NullSafe {
		return 0, false, false
	}
	l, r, op := x.L, x.R, x.Op
	if _, swap := l.(*expr.Const); swap {
		l, r, op = r, l, op.Flip()
	}
	c, isCol := l.(*expr.Column)
	_, isConst := r.(*expr.Const)
	if !isCol || !isConst || !m.cols[c.ID].HasRange {
		return 0, false, false
	}
	return c.ID, op == kernel.Lt || op == kernel.Le, true
}

func (m *Model) distinct(e expr.Expr) float64 {
	if c, ok := e.(*expr.Column); ok {
		if k, known := m.cols[c.ID]; known {
			return k.Distinct
		}
	}
	return 1 / guessEq
}

func (m *Model) logic(x *expr.Logic) float64 {
	if !x.Or {
		s := 1.0
		for _, t := range x.Terms {
			s *= m.Selectivity(t)
		}
		return s
	}
	miss := 1.0
	for _, t := range x.Terms {
		miss *= 1 - m.Selectivity(t)
	}
	return 1 - miss
}

func (m *Model) compare(x *expr.Compare) float64 {
	l, r, op := x.L, x.R, x.Op
	if _, ok := l.(*expr.Const); ok {
		l, r, op = r, l, op.Flip()
	}
	c, isConst := r.(*expr.Const)
	col, isCol := l.(*expr.Column)
	switch {
	case !isConst && op == kernel.Eq:
		return 1 / math.Max(m.distinct(l), m.distinct(r))
	case op == kernel.Eq:
		return 1 / m.distinct(l)
	case op == kernel.Ne:
		return 1 - 1/m.distinct(l)
	case !isConst || !isCol:
		return guessRange
	}
	k, known := m.cols[col.ID]
	v, ok := number(c)
	if !known || !k.HasRange || !ok || k.Max <= k.Min {
		return guessRange
	}
	s := (v - k.Min) / (k.Max - k.Min)
	if op == kernel.Gt || op == kernel.Ge {
		s = 1 - s
	}
	return math.Min(math.Max(s, 1/math.Max(k.Distinct, 1)), 1)
}

// number gives a constant as its layout has it.
func number(c *expr.Const) (float64, bool) {
	if c.V.IsNull(0) {
		return 0, false
	}
	switch c.V.Phys() {
	case types.PBool, types.PI32, types.PI64:
		return float64(int64(kernel.Int128At(c.V, 0).Lo)), true
	case types.PF64:
		return vec.Values[float64](c.V)[0], true
	}
	return 0, false
}
