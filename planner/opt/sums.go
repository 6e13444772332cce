package opt

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// sums rewrites several sums of one INTEGER column plus or minus constants: sum(x + c) is sum(x) + c × count(x). Only where the column's range
// tells that x + c cannot overflow, so that no error is lost.
func sums(c *Context, n logical.Node) (logical.Node, error) {
	out := logical.Rewrite(n, func(x logical.Node) logical.Node {
		a, ok := x.(*logical.Aggregate)
		if !ok || c.err != nil {
			return x
		}
		return c.sumsOf(a)
	})
	err := c.err
	c.err = nil
	return out, err
}

// shifted is sum(col + by).
type shifted struct {
	col *expr.Column
	by  int64
}

func (c *Context) sumsOf(a *logical.Aggregate) logical.Node {
	found, count := map[int]shifted{}, map[expr.ID]int{}
	for i, g := range a.Aggs {
		if s, ok := shiftedSum(g); ok {
			if lo, hi, ok := rangeIn(a.Input, s.col.ID); ok && lo+s.by >= math.MinInt32 && hi+s.by <= math.MaxInt32 {
				found[i] = s
				count[s.col.ID]++
			}
		}
	}
	out := &logical.Aggregate{Input: a.Input, Keys: a.Keys, KeyOut: a.KeyOut, Sets: a.Sets, GroupID: a.GroupID}
	p := &logical.Project{Input: out}
	pass := func(col logical.Col) { p.Out, p.Values = append(p.Out, col), append(p.Values, col.Ref()) }
	for _, col := range a.KeyOut {
		pass(col)
	}
	parts := map[expr.ID][2]logical.Col{} // sum and count
	for i, g := range a.Aggs {
		s, ok := found[i]
		if !ok || count[s.col.ID] < 2 {
			out.Aggs, out.AggOut = append(out.Aggs, g), append(out.AggOut, a.AggOut[i])
			pass(a.AggOut[i])
			continue
		}
		if _, known := parts[s.col.ID]; !known {
			sum, n := c.aggregate(out, "sum", s.col), c.aggregate(out, "count", s.col)
			parts[s.col.ID] = [2]logical.Col{sum, n}
		}
		two := parts[s.col.ID]
		p.Out = append(p.Out, a.AggOut[i])
		p.Values = append(p.Values, c.bigint("add", two[0].Ref(), c.bigint("multiply", two[1].Ref(), expr.NewInt(types.TBigInt, s.by))))
	}
	if len(parts) == 0 || c.err != nil {
		return a
	}
	if a.Sets != nil {
		pass(a.GroupID)
	}
	return p
}

// shiftedSum takes sum(x + c), sum(c + x) and sum(x - c) apart.
func shiftedSum(g *expr.Agg) (shifted, bool) {
	if g.Fn.Func.Name != "sum" || g.Distinct || g.Filter != nil || g.Fn.Result.Kind != types.BigInt {
		return shifted{}, false
	}
	call, ok := g.Args[0].(*expr.Call)
	if !ok || call.Type().Kind != types.Integer || len(call.Args) != 2 {
		return shifted{}, false
	}
	l, r, sign := call.Args[0], call.Args[1], int64(1)
	switch call.Fn.Func.Name {
	case "add":
		if _, ok := l.(*expr.Const); ok {
			l, r = r, l
		}
	case "subtract":
		sign = -1
	default:
		return shifted{}, false
	}
	col, ok1 := l.(*expr.Column)
	k, ok2 := r.(*expr.Const)
	if !ok1 || !ok2 || col.T.Kind != types.Integer || k.V.Type.Kind != types.Integer || k.V.IsNull(0) {
		return shifted{}, false
	}
	return shifted{col, sign * int64(vec.Values[int32](k.V)[0])}, true
}

// rangeIn gives bounds of an integer column that a scan below n reads, where its file tells them.
func rangeIn(n logical.Node, id expr.ID) (lo, hi int64, ok bool) {
	switch x := n.(type) {
	case *logical.Filter:
		return rangeIn(x.Input, id)
	case *logical.Project:
		for i, col := range x.Out {
			if from, is := x.Values[i].(*expr.Column); is && col.ID == id {
				return rangeIn(x.Input, from.ID)
			}
		}
	case *logical.Scan:
		st := x.Table.Stats()
		for i, col := range x.Out {
			if col.ID == id && st != nil && x.Source[i] < len(st.Cols) && st.Cols[x.Source[i]].HasRange {
				s := st.Cols[x.Source[i]]
				return s.Min.I, s.Max.I, true
			}
		}
	}
	return 0, 0, false
}

// aggregate adds name(arg) to a.
func (c *Context) aggregate(a *logical.Aggregate, name string, arg expr.Expr) logical.Col {
	col := c.NewCol(name, logical.Col{Name: name, Type: types.TBigInt})
	if o := c.overload(name, arg.Type()); o != nil {
		a.Aggs, a.AggOut = append(a.Aggs, &expr.Agg{Fn: o, Args: []expr.Expr{arg}}), append(a.AggOut, col)
	}
	return col
}

// bigint calls a function of two BIGINTs.
func (c *Context) bigint(name string, l, r expr.Expr) expr.Expr {
	return &expr.Call{Fn: c.overload(name, types.TBigInt, types.TBigInt), Args: []expr.Expr{l, r}}
}

func (c *Context) overload(name string, ts ...types.Type) *fn.Overload {
	var args []fn.Arg
	for _, t := range ts {
		args = append(args, fn.Arg{Type: t})
	}
	o, err := c.Funcs.Lookup(name).Resolve(args)
	if c.err == nil {
		c.err = err
	}
	return o
}
