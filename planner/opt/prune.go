package opt

import (
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// prune drops columns that nobody reads.
func prune(_ *Context, n logical.Node) (logical.Node, error) {
	need := logical.Produces(n)
	shared := map[*logical.SharedDef]logical.Set{}
	n = pruneNode(n, need, shared)
	// a shared subplan keeps what any of its readers reads; those that others read come first in the list, so go backwards
	defs := sharedDefs(n)
	for i := len(defs) - 1; i >= 0; i-- {
		d := defs[i]
		d.Plan = pruneNode(d.Plan, shared[d], shared)
	}
	return n, nil
}

func uses(list []expr.Expr, into logical.Set) logical.Set {
	out := union(into)
	for _, e := range list {
		expr.Columns(e, out)
	}
	return out
}

// pruneNode gives n with at least the columns need, and as few others as is easy.
func pruneNode(n logical.Node, need logical.Set, shared map[*logical.SharedDef]logical.Set) logical.Node {
	switch x := n.(type) {
	case *logical.Scan:
		keep := uses(x.Filter, need)
		out := *x
		out.Out, out.Source = nil, nil
		for i, c := range x.Out {
			if keep[c.ID] {
				out.Out, out.Source = append(out.Out, c), append(out.Source, x.Source[i])
			}
		}
		return &out
	case *logical.Values:
		out := &logical.Values{Rows: x.Rows}
		for i, c := range x.Out {
			if need[c.ID] {
				out.Out, out.Data = append(out.Out, c), append(out.Data, x.Data[i])
			}
		}
		return out
	case *logical.Project:
		return pruneProject(x, need, shared)
	case *logical.Aggregate:
		out := *x
		out.Aggs, out.AggOut = nil, nil
		for i, c := range x.AggOut {
			if need[c.ID] {
				out.Aggs, out.AggOut = append(out.Aggs, x.Aggs[i]), append(out.AggOut, c)
			}
		}
		out.Input = pruneNode(x.Input, uses(out.Exprs(), nil), shared)
		return &out
	case *logical.Recursive: // the step reads all columns of the round before
		out := *x
		out.Base, out.Step = pruneNode(x.Base, idSet(x.Maps[0]), shared), pruneNode(x.Step, idSet(x.Maps[1]), shared)
		return &out
	case *logical.Window:
		out := &logical.Window{}
		for i, c := range x.Out {
			if need[c.ID] {
				out.Funcs, out.Out = append(out.Funcs, x.Funcs[i]), append(out.Out, c)
			}
		}
		if len(out.Out) == 0 {
			return pruneNode(x.Input, need, shared)
		}
		out.Input = pruneNode(x.Input, uses(out.Exprs(), need), shared)
		return out
	case *logical.SetOp:
		return pruneSetOp(x, need, shared)
	case *logical.Shared:
		out := &logical.Shared{Def: x.Def}
		set := shared[x.Def]
		if set == nil {
			set = logical.Set{}
			shared[x.Def] = set
		}
		for i, c := range x.Out {
			if need[c.ID] {
				out.Out, out.Source = append(out.Out, c), append(out.Source, x.Source[i])
				set[x.Source[i]] = true
			}
		}
		return out
	}
	in := n.Inputs()
	want := uses(n.Exprs(), need)
	next := make([]logical.Node, len(in))
	for i, k := range in {
		next[i] = pruneNode(k, want, shared)
	}
	return n.WithInputs(next)
}

func idSet(ids []expr.ID) logical.Set {
	s := logical.Set{}
	for _, id := range ids {
		s[id] = true
	}
	return s
}

func pruneProject(x *logical.Project, need logical.Set, shared map[*logical.SharedDef]logical.Set) logical.Node {
	out := &logical.Project{}
	same := true
	for i, c := range x.Out {
		if need[c.ID] {
			out.Out, out.Values = append(out.Out, c), append(out.Values, x.Values[i])
			col, ok := x.Values[i].(*expr.Column)
			same = same && ok && col.ID == c.ID
		}
	}
	out.Input = pruneNode(x.Input, uses(out.Values, nil), shared)
	if same && len(out.Input.Cols()) == len(out.Out) && len(out.Out) > 0 { // only renames, and drops nothing
		ordered := true
		for i, c := range out.Input.Cols() {
			ordered = ordered && c.ID == out.Out[i].ID && c.Name == out.Out[i].Name
		}
		if ordered {
			return out.Input
		}
	}
	if p, ok := out.Input.(*logical.Project); ok && mergeable(out, p) {
		with := map[expr.ID]expr.Expr{}
		for i, c := range p.Out {
			with[c.ID] = p.Values[i]
		}
		for i, e := range out.Values {
			out.Values[i] = expr.Replace(e, with)
		}
		out.Input = p.Input
	}
	return out
}

// mergeable tells whether two projections can be one: no value of the lower that costs anything is used twice.
func mergeable(up, low *logical.Project) bool {
	count := map[expr.ID]int{}
	for _, e := range up.Values {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok {
				count[c.ID]++
			}
			return true
		})
	}
	for i, c := range low.Out {
		switch low.Values[i].(type) {
		case *expr.Column, *expr.Const:
			continue
		}
		if count[c.ID] > 1 || expr.Volatile(low.Values[i]) || expr.CanFail(low.Values[i]) && count[c.ID] == 0 {
			return false
		}
	}
	return true
}

func pruneSetOp(x *logical.SetOp, need logical.Set, shared map[*logical.SharedDef]logical.Set) logical.Node {
	out := *x
	if x.Kind != logical.UnionAll { // rows are compared as wholes
		need = union()
		for _, c := range x.Out {
			need[c.ID] = true
		}
	}
	out.Out, out.In, out.Maps = nil, nil, make([][]expr.ID, len(x.In))
	for k, c := range x.Out {
		if !need[c.ID] {
			continue
		}
		out.Out = append(out.Out, c)
		for i := range x.In {
			out.Maps[i] = append(out.Maps[i], x.Maps[i][k])
		}
	}
	for i, in := range x.In {
		want := logical.Set{}
		for _, id := range out.Maps[i] {
			want[id] = true
		}
		out.In = append(out.In, pruneNode(in, want, shared))
	}
	return &out
}
