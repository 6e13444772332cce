package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// grouping is the GROUP BY of a select.
type grouping struct {
	keys []expr.Expr
	sets [][]int        // nil = one set of all
	at   map[string]int // keys by expr.Key
}

// groupingCall stands for GROUPING(a, b) until the aggregate is made.
type groupingCall struct {
	args []expr.Expr
	pos  int
}

// Type is BIGINT.
func (g *groupingCall) Type() types.Type { return types.TBigInt }

// Children gives the arguments.
func (g *groupingCall) Children() []expr.Expr { return g.args }

// WithChildren replaces the arguments.
func (g *groupingCall) WithChildren(kids []expr.Expr) expr.Expr { return &groupingCall{kids, g.pos} }

// bindGroup binds GROUP BY and HAVING, and tells whether the select aggregates at all.
func (c *selecting) bindGroup() error {
	var err error
	if c.sel.Having != nil {
		if c.having, err = c.b.condition(c.sel.Having, c.in); err != nil {
			return err
		}
	}
	if c.sel.Qualify != nil {
		if c.qualify, err = c.b.condition(c.sel.Qualify, c.in); err != nil {
			return err
		}
	}
	if g := c.sel.GroupBy; g != nil {
		c.group = &grouping{}
		if g.All {
			for _, it := range c.items {
				if !hasAgg(it.e) {
					c.group.add(it.e)
				}
			}
			return nil
		}
		c.in.noAgg = "GROUP BY"
		err = c.groupItems(g.Items)
		c.in.noAgg = ""
		return err
	}
	need := c.having != nil || c.qualify != nil && hasAgg(c.qualify)
	for _, it := range c.items {
		need = need || hasAgg(it.e)
	}
	for _, o := range c.q.OrderBy {
		need = need || o.Expr != nil && c.b.astHasAgg(o.Expr)
	}
	if need {
		c.group = &grouping{}
	}
	return nil
}

// add gives the number of key e, which is added if it is new.
func (g *grouping) add(e expr.Expr) int {
	key := expr.Key(e)
	if i, ok := g.at[key]; ok && !expr.Volatile(e) {
		return i
	}
	if g.at == nil {
		g.at = map[string]int{}
	}
	g.at[key] = len(g.keys)
	g.keys = append(g.keys, e)
	return len(g.keys) - 1
}

// groupItems binds the items of GROUP BY; the sets of several items are multiplied.
func (c *selecting) groupItems(items []ast.GroupItem) error {
	sets := [][]int{nil}
	plain := true
	for _, it := range items {
		plain = plain && it.Kind == ast.GroupExpr
		more, err := c.groupSets(it)
		if err != nil {
			return err
		}
		var prod [][]int
		for _, a := range sets {
			for _, m := range more {
				prod = append(prod, append(a[:len(a):len(a)], m...))
			}
		}
		if len(prod) > 4096 {
			return sqlerr.At(sqlerr.Limit, it.Pos, "GROUP BY makes more than 4096 grouping sets")
		}
		sets = prod
	}
	if !plain {
		c.group.sets = sets
	}
	return nil
}

// groupSets gives the grouping sets that an item stands for.
func (c *selecting) groupSets(it ast.GroupItem) ([][]int, error) {
	switch it.Kind {
	case ast.GroupExpr, ast.GroupTuple:
		var set []int
		for _, x := range it.Exprs {
			e, err := c.groupKey(x)
			if err != nil {
				return nil, err
			}
			set = append(set, c.group.add(e))
		}
		return [][]int{set}, nil
	case ast.GroupSets:
		var out [][]int
		for _, sub := range it.Sets {
			s, err := c.groupSets(sub)
			if err != nil {
				return nil, err
			}
			out = append(out, s...)
		}
		return out, nil
	}
	var parts [][]int
	for _, sub := range it.Sets {
		s, err := c.groupSets(sub)
		if err != nil {
			return nil, err
		}
		parts = append(parts, s[0])
	}
	if it.Kind == ast.Rollup {
		var out [][]int
		for n := len(parts); n >= 0; n-- {
			out = append(out, join(parts[:n]))
		}
		return out, nil
	}
	if len(parts) > 12 {
		return nil, sqlerr.At(sqlerr.Limit, it.Pos, "CUBE of %d columns makes %d grouping sets; 12 columns are the most", len(parts), 1<<len(parts))
	}
	var out [][]int
	for mask := 1<<len(parts) - 1; mask >= 0; mask-- {
		var sub [][]int
		for i, p := range parts {
			if mask>>(len(parts)-1-i)&1 != 0 {
				sub = append(sub, p)
			}
		}
		out = append(out, join(sub))
	}
	return out, nil
}

func join(parts [][]int) []int {
	out := []int{}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// groupKey binds an item of GROUP BY: a position, a column, an alias, or an expression.
func (c *selecting) groupKey(x ast.Expr) (expr.Expr, error) {
	if n, ok := position(x); ok {
		if n < 1 || n > len(c.items) {
			return nil, sqlerr.At(sqlerr.Bind, x.Position(), "GROUP BY position %d is not in the select list, which has %d columns", n, len(c.items))
		}
		if hasAgg(c.items[n-1].e) {
			return nil, sqlerr.At(sqlerr.Bind, x.Position(), "GROUP BY position %d is an aggregate", n)
		}
		return c.items[n-1].e, nil
	}
	return c.b.expr(x, c.in)
}

// aggregate cuts group keys and aggregates out of the select's expressions and puts the Aggregate node below them.
func (c *selecting) aggregate() error {
	if c.group == nil {
		return nil
	}
	a := &logical.Aggregate{}
	cut := &cutter{b: c.b, a: a, keys: map[string]logical.Col{}, aggs: map[string]logical.Col{}}
	n := c.plan
	for _, k := range c.group.keys {
		orig := expr.Key(k)
		e, err := c.value(&n, k)
		if err != nil {
			return err
		}
		name := "key"
		if col, ok := e.(*expr.Column); ok {
			name = col.Name
		}
		out := c.b.NewCol(name, e.Type())
		a.Keys, a.KeyOut = append(a.Keys, e), append(a.KeyOut, out)
		cut.keys[orig] = out
	}
	if c.group.sets != nil {
		a.Sets, a.GroupID = c.group.sets, c.b.NewCol("grouping_id", types.TBigInt)
	}
	cut.inner = logical.Produces(n)
	cut.input = &n
	for i := range c.items {
		if c.items[i].e = cut.cut(c.items[i].e); cut.err != nil {
			return sqlerr.WithPos(cut.err, itemPos(c.items[i], c.sel.Pos))
		}
	}
	if c.having != nil {
		if c.having = cut.cut(c.having); cut.err != nil {
			return sqlerr.WithPos(cut.err, c.sel.Having.Position())
		}
	}
	if c.qualify != nil {
		if c.qualify = cut.cut(c.qualify); cut.err != nil {
			return sqlerr.WithPos(cut.err, c.sel.Qualify.Position())
		}
	}
	for i := range c.order {
		if c.order[i].Expr = cut.cut(c.order[i].Expr); cut.err != nil {
			return sqlerr.WithPos(cut.err, c.q.OrderBy[min(i, len(c.q.OrderBy)-1)].Pos)
		}
	}
	for i := range c.on {
		if c.on[i] = cut.cut(c.on[i]); cut.err != nil {
			return cut.err
		}
	}
	a.Input = n
	c.plan = a
	return nil
}

func itemPos(it item, pos int) int {
	if it.src != nil {
		return it.src.Position()
	}
	return pos
}

// cutter replaces group keys and aggregates in expressions by the columns of an Aggregate.
type cutter struct {
	b     *Binder
	a     *logical.Aggregate
	keys  map[string]logical.Col // by expr.Key
	aggs  map[string]logical.Col
	inner logical.Set // columns below the aggregate
	input *logical.Node
	err   error
}

func (c *cutter) cut(e expr.Expr) expr.Expr {
	if c.err != nil {
		return e
	}
	if k, ok := c.keys[expr.Key(e)]; ok && len(c.keys) > 0 {
		return k.Ref()
	}
	switch x := e.(type) {
	case *expr.Agg:
		return c.agg(x)
	case *groupingCall:
		return c.grouping(x)
	case *expr.Column:
		if c.inner[x.ID] {
			c.err = sqlerr.New(sqlerr.Bind, "column %s must stand in GROUP BY or inside an aggregate", x.Name).
				WithHint("any_value(%s) takes the value of any row of the group", x.Name)
		}
		return e
	}
	kids := expr.Children(e)
	if len(kids) == 0 {
		return e
	}
	out := make([]expr.Expr, len(kids))
	same := true
	for i, k := range kids {
		out[i] = c.cut(k)
		same = same && out[i] == k
	}
	if same || c.err != nil {
		return e
	}
	return expr.WithChildren(e, out)
}

func (c *cutter) agg(x *expr.Agg) expr.Expr {
	key := expr.Key(x)
	if col, ok := c.aggs[key]; ok {
		return col.Ref()
	}
	kids := append([]expr.Expr(nil), expr.Children(x)...)
	for i, k := range kids {
		n, e, err := c.b.flatten(*c.input, k)
		if err != nil {
			c.err = err
			return x
		}
		*c.input, kids[i] = n, e
	}
	if len(kids) > 0 {
		x = expr.WithChildren(x, kids).(*expr.Agg)
	}
	col := c.b.NewCol(x.Fn.Func.Name, x.Type())
	c.a.Aggs, c.a.AggOut = append(c.a.Aggs, x), append(c.a.AggOut, col)
	c.aggs[key] = col
	return col.Ref()
}

// grouping makes GROUPING(a, b) from the bits of the grouping set: a bit for each argument, the first highest.
func (c *cutter) grouping(g *groupingCall) expr.Expr {
	var sum expr.Expr = expr.NewInt(types.TBigInt, 0)
	for i, arg := range g.args {
		k := -1
		for j, key := range c.a.Keys {
			if expr.Equal(key, arg) {
				k = j
			}
		}
		if k < 0 {
			c.err = sqlerr.At(sqlerr.Bind, g.pos, "an argument of GROUPING is not in GROUP BY")
			return g
		}
		if c.a.Sets == nil {
			continue
		}
		var ids []expr.Expr
		for s, set := range c.a.Sets {
			in := false
			for _, j := range set {
				in = in || j == k
			}
			if !in {
				ids = append(ids, &expr.Compare{Op: kernel.Eq, L: c.a.GroupID.Ref(), R: expr.NewInt(types.TBigInt, int64(s))})
			}
		}
		if len(ids) == 0 {
			continue
		}
		bit := &expr.Case{T: types.TBigInt, Whens: []expr.When{{Cond: expr.OrAll(ids), Then: expr.NewInt(types.TBigInt, 1<<(len(g.args)-1-i))}}, Else: expr.NewInt(types.TBigInt, 0)}
		add, err := c.b.call("+", []expr.Expr{sum, bit}, g.pos)
		if err != nil {
			c.err = err
			return g
		}
		sum = add
	}
	return sum
}

// hasAgg tells whether e has an aggregate that belongs to its own query.
func hasAgg(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		switch x.(type) {
		case *expr.Agg, *groupingCall:
			found = true
		}
		return !found
	})
	return found
}
