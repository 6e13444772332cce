package physical

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/stats"
)

// Plan chooses a physical plan for n, whose columns it keeps.
func Plan(n logical.Node) (Node, error) {
	p := &planner{m: stats.New(), shared: map[*logical.SharedDef]*SharedDef{}}
	return p.node(n, logical.Produces(n))
}

type planner struct {
	m      *stats.Model
	shared map[*logical.SharedDef]*SharedDef
}

func (p *planner) base(n logical.Node, need logical.Set) Base {
	b := Base{Rows: p.m.Rows(n)}
	for _, c := range n.Cols() {
		if need == nil || need[c.ID] {
			b.Out = append(b.Out, c)
		}
	}
	return b
}

// uses adds the columns of expressions to those that are needed.
func uses(list []expr.Expr, need logical.Set) logical.Set {
	out := logical.Set{}
	for id := range need {
		out[id] = true
	}
	for _, e := range list {
		expr.Columns(e, out)
	}
	return out
}

// node plans n; of its columns only need have to come out.
func (p *planner) node(n logical.Node, need logical.Set) (Node, error) {
	switch x := n.(type) {
	case *logical.Scan:
		return p.scan(x), nil
	case *logical.Values:
		return &Values{Base: p.base(x, nil), N: x.Rows, Data: x.Data}, nil
	case *logical.Filter:
		in, err := p.node(x.Input, uses(x.Preds, need))
		if err != nil {
			return nil, err
		}
		return &Filter{Base: Base{Out: in.Cols(), Rows: p.m.Rows(x)}, Input: in, Preds: x.Preds}, nil
	case *logical.Project:
		in, err := p.node(x.Input, uses(x.Values, nil))
		if err != nil {
			return nil, err
		}
		return &Project{Base: p.base(x, nil), Input: in, Values: x.Values}, nil
	case *logical.Join:
		return p.join(x, need)
	case *logical.Aggregate:
		in, err := p.node(x.Input, uses(x.Exprs(), nil))
		if err != nil {
			return nil, err
		}
		return &Aggregate{Base: p.base(x, nil), Input: in, Keys: x.Keys, Aggs: x.Aggs, Sets: x.Sets}, nil
	case *logical.Sort:
		in, err := p.node(x.Input, uses(x.Exprs(), need))
		if err != nil {
			return nil, err
		}
		return &Sort{Base: Base{Out: in.Cols(), Rows: p.m.Rows(x)}, Input: in, Keys: x.Keys, Limit: x.Limit}, nil
	case *logical.Limit:
		in, err := p.node(x.Input, need)
		if err != nil {
			return nil, err
		}
		return &Limit{Base: Base{Out: in.Cols(), Rows: p.m.Rows(x)}, Input: in, Offset: x.Offset, Count: x.Count}, nil
	case *logical.Window:
		in, err := p.node(x.Input, uses(x.Exprs(), need))
		if err != nil {
			return nil, err
		}
		cols := in.Cols()
		return &Window{Base: Base{Out: append(cols[:len(cols):len(cols)], x.Out...), Rows: p.m.Rows(x)}, Input: in, Funcs: x.Funcs, Top: x.Top}, nil
	case *logical.Recursive:
		first, err := p.node(x.Base, logical.Produces(x.Base))
		if err != nil {
			return nil, err
		}
		step, err := p.node(x.Step, logical.Produces(x.Step))
		if err != nil {
			return nil, err
		}
		return &Recursive{Base: p.base(x, nil), Def: x.Def, First: first, Step: step, Maps: x.Maps, All: x.All}, nil
	case *logical.Working:
		return &Working{Base: p.base(x, nil), Def: x.Def}, nil
	case *logical.Unnest:
		in, err := p.node(x.Input, uses(x.Lists, need))
		if err != nil {
			return nil, err
		}
		cols := append(append([]logical.Col(nil), in.Cols()...), x.Out...)
		if x.Ordinal != nil {
			cols = append(cols, *x.Ordinal)
		}
		return &Unnest{Base: Base{Out: cols, Rows: p.m.Rows(x)}, Input: in, Lists: x.Lists, Ordinal: x.Ordinal != nil, Outer: x.Outer}, nil
	case *logical.SetOp:
		return p.setOp(x)
	case *logical.Shared:
		return p.sharedRead(x)
	}
	return nil, sqlerr.New(sqlerr.Unsupported, "the executor has no operator for %T yet", n)
}

func (p *planner) setOp(x *logical.SetOp) (Node, error) {
	out := &SetOp{Base: p.base(x, nil), Kind: x.Kind, Maps: x.Maps}
	for i, in := range x.In {
		need := logical.Set{}
		for _, id := range x.Maps[i] {
			need[id] = true
		}
		n, err := p.node(in, need)
		if err != nil {
			return nil, err
		}
		out.In = append(out.In, n)
	}
	return out, nil
}

func (p *planner) sharedRead(x *logical.Shared) (Node, error) {
	d := p.shared[x.Def]
	if d == nil {
		d = &SharedDef{Name: x.Def.Name}
		plan, err := p.node(x.Def.Plan, logical.Produces(x.Def.Plan))
		if err != nil {
			return nil, err
		}
		d.Plan = plan
		p.shared[x.Def] = d
	}
	return &Shared{Base: p.base(x, nil), Def: d, Source: x.Source}, nil
}
