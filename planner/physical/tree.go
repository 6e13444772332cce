package physical

import (
	"fmt"
	"strings"

	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// Tree shows a plan for people, one line an operator with the rows expected, inputs indented below.
func Tree(n Node) string {
	t := &tree{shared: map[*SharedDef]bool{}}
	t.line = func(n Node, text string) string {
		if n == nil {
			return text
		}
		return text + "  [~" + short(n.Estimate()) + " rows]"
	}
	return t.show(n)
}

// tree prints a plan; line finishes a line, whose n is nil if it shows no operator.
type tree struct {
	b      strings.Builder
	line   func(n Node, text string) string
	shared map[*SharedDef]bool
	queue  []*SharedDef
}

func (t *tree) show(n Node) string {
	t.node(n, "", "")
	for len(t.queue) > 0 {
		d := t.queue[0]
		t.queue = t.queue[1:]
		t.b.WriteString("\n" + t.line(nil, "shared subplan "+d.Name+":") + "\n")
		t.node(d.Plan, "", "")
	}
	return t.b.String()
}

func (t *tree) node(n Node, first, rest string) {
	t.b.WriteString(t.line(n, first+describe(n)) + "\n")
	if s, ok := n.(*Shared); ok && !t.shared[s.Def] {
		t.shared[s.Def] = true
		t.queue = append(t.queue, s.Def)
	}
	in := n.Inputs()
	for i, k := range in {
		if i == len(in)-1 {
			t.node(k, rest+"└─ ", rest+"   ")
		} else {
			t.node(k, rest+"├─ ", rest+"│  ")
		}
	}
}

func short(x float64) string {
	switch {
	case x >= 1e9:
		return fmt.Sprintf("%.2fG", x/1e9)
	case x >= 1e6:
		return fmt.Sprintf("%.2fM", x/1e6)
	case x >= 1e4:
		return fmt.Sprintf("%.1fk", x/1e3)
	}
	return fmt.Sprintf("%.0f", x)
}

func describe(n Node) string {
	switch x := n.(type) {
	case *Scan:
		return describeScan(x)
	case *Values:
		return fmt.Sprintf("values (%d rows)", x.N)
	case *Filter:
		return "filter " + list(x.Preds, " AND ")
	case *Project:
		return "project " + list(x.Values, ", ")
	case *Join:
		return describeJoin(x)
	case *Aggregate:
		var aggs []expr.Expr
		for _, a := range x.Aggs {
			aggs = append(aggs, a)
		}
		s := "aggregate " + list(aggs, ", ")
		if len(x.Keys) > 0 {
			s += " by " + list(x.Keys, ", ")
		}
		if x.Sets != nil {
			s += fmt.Sprintf(" (%d grouping sets)", len(x.Sets))
		}
		return s
	case *Sort:
		var keys []string
		for _, k := range x.Keys {
			s := expr.String(k.Expr)
			if k.Desc {
				s += " DESC"
			}
			keys = append(keys, s)
		}
		if x.Limit > 0 {
			return fmt.Sprintf("top %d by %s", x.Limit, strings.Join(keys, ", "))
		}
		return "sort by " + strings.Join(keys, ", ")
	case *Limit:
		return fmt.Sprintf("limit %d offset %d", x.Count, x.Offset)
	case *Window:
		return describeWindow(x)
	case *Recursive:
		return "recursive " + x.Def.Name
	case *Working:
		return "last rows of " + x.Def.Name
	case *Unnest:
		return "unnest " + list(x.Lists, ", ")
	case *SetOp:
		return [...]string{"union all", "intersect", "intersect all", "except", "except all"}[x.Kind]
	case *Shared:
		return "read shared subplan " + x.Def.Name
	}
	return fmt.Sprintf("%T", n)
}

func describeWindow(x *Window) string {
	var calls []expr.Expr
	for _, f := range x.Funcs {
		calls = append(calls, f)
	}
	s := "window " + list(calls, ", ")
	if p := x.Funcs[0].Partition; len(p) > 0 {
		s += " by " + list(p, ", ")
	}
	for i, k := range x.Funcs[0].Order {
		sep := ", "
		if i == 0 {
			sep = " ordered by "
		}
		s += sep + expr.String(k.Expr)
		if k.Desc {
			s += " DESC"
		}
	}
	if x.Top > 0 {
		s += fmt.Sprintf(", the first %d", x.Top)
	}
	return s
}

func describeScan(x *Scan) string {
	var cols []string
	for _, c := range x.Out {
		cols = append(cols, c.Name)
	}
	s := "scan " + x.Name + " (" + strings.Join(cols, ", ") + ")"
	if len(x.Filter) > 0 {
		s += " where " + list(x.Filter, " AND ")
	}
	if x.Limit > 0 {
		s += fmt.Sprintf(" limit %d", x.Limit)
	}
	if p, ok := x.Table.(storage.Pruner); ok {
		read, all := p.Pruned(x.Prune)
		s += fmt.Sprintf(", %d of %d files", read, all)
	}
	for _, r := range x.Runtime {
		s += ", " + name(x.Out, r.Column) + " in join keys"
	}
	if e, ok := x.Table.(storage.Explainer); ok {
		scan := &storage.Scan{Columns: x.Source, Prune: x.Prune, Workers: 2}
		if len(x.Filter) == 0 {
			scan.Limit = x.Limit
		}
		s += ", sends " + e.Explain(scan)
	}
	return s
}

func name(cols []logical.Col, id expr.ID) string {
	for _, c := range cols {
		if c.ID == id {
			return c.Name
		}
	}
	return "?"
}

func describeJoin(x *Join) string {
	var on []string
	equal := len(x.ProbeKeys) - len(x.Range)
	for i := range equal {
		on = append(on, expr.String(x.ProbeKeys[i])+" = "+expr.String(x.BuildKeys[i]))
	}
	for i, op := range x.Range {
		on = append(on, expr.String(x.BuildKeys[equal])+" "+op.String()+" "+expr.String(x.ProbeKeys[equal+i]))
	}
	s := x.Kind.String() + " join"
	if len(on) > 0 {
		s += " on " + strings.Join(on, " AND ")
	}
	if len(x.Residual) > 0 {
		s += " if " + list(x.Residual, " AND ")
	}
	return s
}

func list(l []expr.Expr, sep string) string {
	var out []string
	for _, e := range l {
		out = append(out, expr.String(e))
	}
	return strings.Join(out, sep)
}
