package opt

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// domainJoin runs the right side of a Lateral join for the domain: the distinct values that the outer columns it uses have on the left.
// The left side is computed once and read twice.
func (c *Context) domainJoin(j *logical.Join) logical.Node {
	left := &logical.SharedDef{Name: "outer", Plan: j.Left}
	l := &logical.Shared{Def: left, Out: j.Left.Cols()}
	for _, col := range l.Out {
		l.Source = append(l.Source, col.ID)
	}
	free := logical.Free(j.Right)
	d := &domain{c: c}
	inner := &logical.Shared{Def: left}
	agg := &logical.Aggregate{Input: inner}
	for _, col := range j.Left.Cols() {
		if free[col.ID] {
			in := c.NewCol(col.Name, col)
			inner.Out, inner.Source = append(inner.Out, in), append(inner.Source, col.ID)
			agg.Keys, agg.KeyOut = append(agg.Keys, in.Ref()), append(agg.KeyOut, c.NewCol(col.Name, col))
			d.outer = append(d.outer, col)
		}
	}
	d.def = &logical.SharedDef{Name: "domain", Plan: agg}
	right, cols, err := d.push(j.Right)
	if err != nil {
		c.err = err
		return j
	}
	out := *j
	out.Left, out.Right, out.Lateral = l, right, false
	out.On = j.On[:len(j.On):len(j.On)]
	for i, col := range d.outer {
		out.On = append(out.On, &expr.Compare{Op: kernel.Eq, L: col.Ref(), R: cols[i].Ref(), NullSafe: true})
	}
	return &out
}

// domain is the distinct outer values.
type domain struct {
	c     *Context
	def   *logical.SharedDef
	outer []logical.Col
}

// read gives a reader of the domain under fresh columns.
func (d *domain) read() (*logical.Shared, []logical.Col) {
	s := &logical.Shared{Def: d.def}
	for _, col := range d.def.Plan.Cols() {
		s.Out, s.Source = append(s.Out, d.c.NewCol(col.Name, col)), append(s.Source, col.ID)
	}
	return s, s.Out
}

func (d *domain) set() logical.Set {
	s := logical.Set{}
	for _, c := range d.outer {
		s[c.ID] = true
	}
	return s
}

// bind replaces the outer columns in the expressions of n by cols.
func (d *domain) bind(n logical.Node, cols []logical.Col) logical.Node {
	with := d.with(cols)
	return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Replace(e, with) })
}

func (d *domain) with(cols []logical.Col) map[expr.ID]expr.Expr {
	with := map[expr.ID]expr.Expr{}
	for i, c := range d.outer {
		with[c.ID] = cols[i].Ref()
	}
	return with
}

// push gives n computed for every row of the domain at once, and the columns that tell which row of it a result belongs to.
func (d *domain) push(n logical.Node) (logical.Node, []logical.Col, error) {
	if !overlaps(logical.Free(n), d.set()) {
		s, cols := d.read()
		return &logical.Join{Kind: logical.Inner, Left: s, Right: n}, cols, nil
	}
	switch x := n.(type) {
	case *logical.Filter, *logical.Unnest:
		in, cols, err := d.push(n.Inputs()[0])
		if err != nil {
			return nil, nil, err
		}
		return d.bind(n.WithInputs([]logical.Node{in}), cols), cols, nil
	case *logical.Project:
		in, cols, err := d.push(x.Input)
		if err != nil {
			return nil, nil, err
		}
		p := d.bind(&logical.Project{Input: in, Out: x.Out, Values: x.Values}, cols).(*logical.Project)
		out := &logical.Project{Input: in, Out: p.Out[:len(p.Out):len(p.Out)], Values: p.Values[:len(p.Values):len(p.Values)]}
		for _, c := range cols {
			out.Out, out.Values = append(out.Out, c), append(out.Values, c.Ref())
		}
		return out, cols, nil
	case *logical.Sort:
		return d.push(x.Input) // what Limit it may have stands above it as well
	case *logical.Limit:
		return d.pushLimit(x)
	case *logical.Window: // each row of the domain has partitions of its own
		in, cols, err := d.push(x.Input)
		if err != nil {
			return nil, nil, err
		}
		w := d.bind(&logical.Window{Input: in, Funcs: x.Funcs, Out: x.Out}, cols).(*logical.Window)
		for i, f := range w.Funcs {
			g := *f
			g.Partition = g.Partition[:len(g.Partition):len(g.Partition)]
			for _, c := range cols {
				g.Partition = append(g.Partition, c.Ref())
			}
			w.Funcs[i] = &g
		}
		return w, cols, nil
	case *logical.Aggregate:
		return d.pushAggregate(x)
	case *logical.Join:
		return d.pushJoin(x)
	case *logical.SetOp:
		return d.pushSetOp(x)
	}
	return nil, nil, sqlerr.New(sqlerr.Unsupported, "this correlated subquery is not supported")
}

// pushLimit keeps, for every row of the domain, the first rows in order: by their number.
func (d *domain) pushLimit(x *logical.Limit) (logical.Node, []logical.Col, error) {
	below := x.Input
	var keys []expr.SortKey
	if s, ok := below.(*logical.Sort); ok {
		below, keys = s.Input, s.Keys
	}
	in, cols, err := d.push(below)
	if err != nil {
		return nil, nil, err
	}
	with := d.with(cols)
	w := &expr.Window{Name: "row_number", T: types.TBigInt}
	for _, c := range cols {
		w.Partition = append(w.Partition, c.Ref())
	}
	for _, k := range keys {
		k.Expr = expr.Replace(k.Expr, with)
		w.Order = append(w.Order, k)
	}
	n := d.c.NewCol("row_number", logical.Col{Type: types.TBigInt})
	numbered := &logical.Window{Input: in, Funcs: []*expr.Window{w}, Out: []logical.Col{n}}
	preds := []expr.Expr{&expr.Compare{Op: kernel.Gt, L: n.Ref(), R: expr.NewInt(types.TBigInt, x.Offset)}}
	if x.Count >= 0 {
		preds = append(preds, &expr.Compare{Op: kernel.Le, L: n.Ref(), R: expr.NewInt(types.TBigInt, x.Offset+x.Count)})
	}
	p := &logical.Project{Input: &logical.Filter{Input: numbered, Preds: preds}, Out: in.Cols()}
	for _, c := range p.Out {
		p.Values = append(p.Values, c.Ref())
	}
	return p, cols, nil
}

func (d *domain) pushAggregate(x *logical.Aggregate) (logical.Node, []logical.Col, error) {
	in, cols, err := d.push(x.Input)
	if err != nil {
		return nil, nil, err
	}
	if x.Sets != nil {
		return nil, nil, sqlerr.New(sqlerr.Unsupported, "GROUPING SETS in a correlated subquery are not supported")
	}
	a := *d.bind(x.WithInputs([]logical.Node{in}), cols).(*logical.Aggregate)
	a.Keys, a.KeyOut = append([]expr.Expr(nil), a.Keys...), append([]logical.Col(nil), a.KeyOut...)
	var out []logical.Col
	for _, c := range cols {
		k := d.c.NewCol(c.Name, c)
		a.Keys, a.KeyOut, out = append(a.Keys, c.Ref()), append(a.KeyOut, k), append(out, k)
	}
	if len(x.Keys) > 0 {
		return &a, out, nil
	}
	// without keys a row comes for every row of the domain, also for those that have no input
	s, dom := d.read()
	j := &logical.Join{Kind: logical.Left, Left: s}
	vals := map[expr.ID]expr.Expr{}
	for i, g := range x.Aggs {
		e, err := d.c.emptyAggregate(g)
		if err != nil {
			return nil, nil, err
		}
		if !expr.IsConstNull(e) {
			vals[x.AggOut[i].ID] = e
		}
	}
	right, fresh := exposeAs(d.c, &a, vals)
	j.Right = right
	for i := range dom {
		j.On = append(j.On, &expr.Compare{Op: kernel.Eq, L: dom[i].Ref(), R: out[i].Ref(), NullSafe: true})
	}
	if len(vals) == 0 {
		return j, dom, nil
	}
	p := &logical.Project{Input: j}
	for _, c := range dom {
		p.Out, p.Values = append(p.Out, c), append(p.Values, c.Ref())
	}
	for _, c := range x.AggOut {
		e := expr.Expr(c.Ref())
		if v, ok := vals[c.ID]; ok { // such an aggregate (count) is never NULL for a group that is there
			e = &expr.Coalesce{Args: []expr.Expr{fresh[c.ID].Ref(), v}, T: c.Type}
		}
		p.Out, p.Values = append(p.Out, c), append(p.Values, e)
	}
	return p, dom, nil
}

func (d *domain) pushJoin(x *logical.Join) (logical.Node, []logical.Col, error) {
	out := *x
	rightFree := overlaps(logical.Free(x.Right), d.set())
	leftFree := overlaps(logical.Free(x.Left), d.set())
	if x.Kind == logical.Inner && !leftFree && rightFree {
		r, cols, err := d.push(x.Right)
		if err != nil {
			return nil, nil, err
		}
		out.Right = r
		return d.bind(&out, cols), cols, nil
	}
	l, cols, err := d.push(x.Left)
	if err != nil {
		return nil, nil, err
	}
	out.Left = l
	if rightFree || x.Kind == logical.Right || x.Kind == logical.Full {
		r, rcols, err := d.push(x.Right)
		if err != nil {
			return nil, nil, err
		}
		out.Right = r
		out.On = out.On[:len(out.On):len(out.On)]
		for i := range cols {
			out.On = append(out.On, &expr.Compare{Op: kernel.Eq, L: cols[i].Ref(), R: rcols[i].Ref(), NullSafe: true})
		}
		if x.Kind == logical.Right || x.Kind == logical.Full {
			return nil, nil, sqlerr.New(sqlerr.Unsupported, "RIGHT and FULL joins over outer columns are not supported in a subquery")
		}
	}
	return d.bind(&out, cols), cols, nil
}

func (d *domain) pushSetOp(x *logical.SetOp) (logical.Node, []logical.Col, error) {
	out := *x
	out.In, out.Maps = nil, nil
	var cols []logical.Col
	for _, c := range d.outer {
		cols = append(cols, d.c.NewCol(c.Name, c))
	}
	out.Out = append(x.Out[:len(x.Out):len(x.Out)], cols...)
	for i, in := range x.In {
		n, dom, err := d.push(in)
		if err != nil {
			return nil, nil, err
		}
		m := x.Maps[i][:len(x.Maps[i]):len(x.Maps[i])]
		for _, c := range dom {
			m = append(m, c.ID)
		}
		out.In, out.Maps = append(out.In, n), append(out.Maps, m)
	}
	return &out, cols, nil
}
