// Package stats is the one model of how many rows a plan's nodes give and how many different values their columns have. Figures are
// guesses unless a file's footer knows them; they choose join orders and build sides, never results.
package stats

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// Column is what is known of a column.
type Column struct {
	Distinct float64 // different values; at least 1
	HasRange bool
	Min, Max float64 // of numbers, dates and timestamps, as their layout has them (decimals unscaled)
	Nulls    float64 // share of NULLs
	Width    float64 // bytes of a value
}

// Model estimates. It remembers what it has estimated, so it is for one plan and one goroutine.
type Model struct {
	rows map[logical.Node]float64
	cols map[expr.ID]Column
}

// New makes an empty model.
func New() *Model { return &Model{rows: map[logical.Node]float64{}, cols: map[expr.ID]Column{}} }

// unknownRows is the guess for a table that does not tell its size.
const unknownRows = 100_000

// Rows estimates the number of rows that n gives, at least 1.
func (m *Model) Rows(n logical.Node) float64 {
	if r, ok := m.rows[n]; ok {
		return r
	}
	r := math.Max(m.estimate(n), 1)
	m.rows[n] = r
	return r
}

func (m *Model) estimate(n logical.Node) float64 {
	switch x := n.(type) {
	case *logical.Scan:
		return m.scan(x)
	case *logical.Values:
		return float64(x.Rows)
	case *logical.Filter:
		return m.Rows(x.Input) * m.All(x.Preds)
	case *logical.Project:
		r := m.Rows(x.Input)
		for i, e := range x.Values {
			m.project(x.Out[i].ID, e, r)
		}
		return r
	case *logical.Join:
		return m.join(x)
	case *logical.Aggregate:
		return m.aggregate(x)
	case *logical.Sort:
		r := m.Rows(x.Input)
		if x.Limit > 0 {
			r = math.Min(r, float64(x.Limit))
		}
		return r
	case *logical.Limit:
		r := math.Max(m.Rows(x.Input)-float64(x.Offset), 0)
		if x.Count >= 0 {
			r = math.Min(r, float64(x.Count))
		}
		return r
	case *logical.SetOp:
		return m.setOp(x)
	case *logical.Shared:
		r := m.Rows(x.Def.Plan)
		for i, c := range x.Out {
			m.cols[c.ID] = m.Column(x.Source[i], r)
		}
		return r
	case *logical.Window:
		return m.Rows(x.Input)
	case *logical.Recursive:
		return 10 * m.Rows(x.Base)
	case *logical.Working:
		return 1000
	case *logical.Unnest:
		return 5 * m.Rows(x.Input)
	}
	return unknownRows
}

// Column gives what is known of column id among rows rows.
func (m *Model) Column(id expr.ID, rows float64) Column {
	c, ok := m.cols[id]
	if !ok {
		c = Column{Distinct: math.Max(rows/10, 1), Width: 8}
	}
	c.Distinct = math.Max(math.Min(c.Distinct, rows), 1)
	return c
}

func (m *Model) scan(s *logical.Scan) float64 {
	st := s.Table.Stats()
	rows := float64(unknownRows)
	if st != nil && st.Rows >= 0 {
		rows = float64(st.Rows)
	}
	for i, c := range s.Out {
		var cs storage.ColStats
		cs.Distinct = -1
		if st != nil && s.Source[i] < len(st.Cols) {
			cs = st.Cols[s.Source[i]]
		}
		m.cols[c.ID] = base(cs, c.Type, rows)
	}
	return rows * m.All(s.Filter)
}

// base makes a Column of a file's statistics.
func base(cs storage.ColStats, t types.Type, rows float64) Column {
	c := Column{Width: float64(max(cs.Width, t.Phys().Width()))}
	if cs.Nulls > 0 && rows > 0 {
		c.Nulls = float64(cs.Nulls) / rows
	}
	discrete := false
	if cs.HasRange {
		switch t.Phys() {
		case types.PBool, types.PI32, types.PI64:
			c.HasRange, c.Min, c.Max = true, float64(cs.Min.I), float64(cs.Max.I)
			discrete = true
		case types.PF64:
			c.HasRange, c.Min, c.Max = true, cs.Min.F, cs.Max.F
		}
	}
	switch {
	case cs.Distinct > 0:
		c.Distinct = float64(cs.Distinct)
	case discrete:
		c.Distinct = math.Min(c.Max-c.Min+1, rows)
	case t.Kind == types.Boolean:
		c.Distinct = 2
	default:
		c.Distinct = math.Max(rows/10, 1)
	}
	return c
}

// project passes on what is known of an expression's columns.
func (m *Model) project(id expr.ID, e expr.Expr, rows float64) {
	switch x := e.(type) {
	case *expr.Column:
		if c, ok := m.cols[x.ID]; ok {
			m.cols[id] = c
		}
		return
	case *expr.Const:
		m.cols[id] = Column{Distinct: 1, Width: 8}
		return
	}
	m.cols[id] = Column{Distinct: m.Distinct(e, rows), Width: 8}
}

// Distinct estimates the different values of e: no more than its columns have together.
func (m *Model) Distinct(e expr.Expr, rows float64) float64 {
	set := map[expr.ID]bool{}
	expr.Columns(e, set)
	d := 1.0
	for id := range set {
		d *= m.Column(id, rows).Distinct
	}
	if c, ok := e.(*expr.Call); ok && c.Fn.Func != nil {
		switch c.Fn.Func.Name {
		case "year":
			d = math.Min(d, 30)
		case "month":
			d = math.Min(d, 12)
		}
	}
	return math.Max(math.Min(d, rows), 1)
}

func (m *Model) aggregate(a *logical.Aggregate) float64 {
	in := m.Rows(a.Input)
	groups := 1.0
	for i, k := range a.Keys {
		d := m.Distinct(k, in)
		groups *= d
		if c, ok := k.(*expr.Column); ok {
			m.cols[a.KeyOut[i].ID] = m.Column(c.ID, in)
		} else {
			m.cols[a.KeyOut[i].ID] = Column{Distinct: d, Width: 8}
		}
	}
	groups = math.Min(groups, in)
	for _, c := range a.AggOut {
		m.cols[c.ID] = Column{Distinct: groups, Width: 8}
	}
	if a.Sets != nil {
		groups *= float64(len(a.Sets)) / 2
	}
	return groups
}

func (m *Model) setOp(s *logical.SetOp) float64 {
	sum := 0.0
	for i, in := range s.In {
		r := m.Rows(in)
		if i == 0 || s.Kind == logical.UnionAll {
			sum += r
		}
	}
	for k, c := range s.Out {
		d := 0.0
		for i, in := range s.In {
			d += m.Column(s.Maps[i][k], m.Rows(in)).Distinct
		}
		m.cols[c.ID] = Column{Distinct: d, Width: 8}
	}
	if s.Kind != logical.UnionAll {
		return sum / 2
	}
	return sum
}
