package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// item is an expression of the select list, bound.
type item struct {
	name string
	e    expr.Expr
	src  ast.Expr // nil for one that * gave
}

// selecting is a select being bound.
type selecting struct {
	b     *Binder
	sel   *ast.Select
	q     *ast.Query
	in    *scope // the columns of FROM
	plan  logical.Node
	items []item
	group *grouping // nil without aggregation
	order []expr.SortKey
	// orderOut[i] is the select item that order key i is, or -1 for an expression of its own
	orderOut []int
	having   expr.Expr
	on       []expr.Expr // DISTINCT ON
	qualify  expr.Expr
}

// selectQuery binds a SELECT with the ORDER BY and LIMIT of its query.
func (b *Binder) selectQuery(sel *ast.Select, q *ast.Query, s *scope) (logical.Node, error) {
	c := &selecting{b: b, sel: sel, q: q}
	if err := c.refuse(); err != nil {
		return nil, err
	}
	plan, cols, err := b.from(sel.From, s)
	if err != nil {
		return nil, err
	}
	for _, v := range sel.LateralViews {
		if plan, cols, err = b.lateralView(v, plan, cols, s); err != nil {
			return nil, err
		}
	}
	c.plan = plan
	c.in = &scope{outer: s, cols: cols, windows: sel.Windows}
	if sel.Sample != nil {
		if c.plan, err = b.sample(plan, sel.Sample, c.in); err != nil {
			return nil, err
		}
	}
	for _, step := range []func() error{c.aliases, c.where, c.unnestGroups, c.bindItems, c.bindGroup, c.bindOrder, c.aggregate} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c.finish()
}

// refuse names what is read but not done yet.
func (c *selecting) refuse() error {
	if c.sel.Transform != nil {
		return sqlerr.At(sqlerr.Unsupported, c.sel.Transform.Pos, "TRANSFORM is not supported: a query runs no scripts")
	}
	return nil
}

// aliases makes the names of the select list known to expressions, behind the columns.
func (c *selecting) aliases() error {
	c.in.aliases = map[string]*aliased{}
	for _, it := range c.sel.Items {
		if it.Alias != nil {
			key := strings.ToLower(it.Alias.Text)
			if c.in.aliases[key] == nil {
				c.in.aliases[key] = &aliased{e: it.Expr}
			}
		}
	}
	return nil
}

func (c *selecting) where() error {
	if c.sel.Where == nil {
		return nil
	}
	c.in.noAgg = "WHERE"
	where := c.sel.Where
	if hasColumns(where) { // true for all columns
		list, _, err := c.b.forColumns(where, c.in)
		if err != nil {
			return err
		}
		where = allOf(ast.At{Pos: where.Position()}, list)
	}
	e, err := c.b.condition(where, c.in)
	c.in.noAgg = ""
	if err != nil {
		return err
	}
	c.plan, err = c.b.filter(c.plan, e)
	return err
}

// filter keeps the rows of n where e is true. Conjuncts are kept in order; those that are plain subquery tests become joins.
func (b *Binder) filter(n logical.Node, e expr.Expr) (logical.Node, error) {
	var plain []expr.Expr
	put := func() {
		if len(plain) > 0 {
			n = &logical.Filter{Input: n, Preds: plain}
			plain = nil
		}
	}
	var late []expr.Expr
	for _, c := range expr.Conjuncts(e) {
		if hasSubquery(c) {
			late = append(late, c)
		} else {
			plain = append(plain, c)
		}
	}
	put()
	for _, c := range late {
		m, ok, err := b.semi(n, c)
		if err != nil {
			return nil, err
		}
		if ok {
			n = m
			continue
		}
		before := n.Cols()
		if n, c, err = b.flatten(n, c); err != nil {
			return nil, err
		}
		n = &logical.Filter{Input: n, Preds: []expr.Expr{c}}
		n = only(n, before)
	}
	return n, nil
}

// only gives n with just the columns cols.
func only(n logical.Node, cols []logical.Col) logical.Node {
	p := &logical.Project{Input: n, Out: cols}
	for _, c := range cols {
		p.Values = append(p.Values, c.Ref())
	}
	return p
}

func (c *selecting) bindItems() error {
	for _, it := range c.sel.Items {
		if st, ok := it.Expr.(*ast.Star); ok {
			items, err := c.b.star(st, c.in)
			if err != nil {
				return err
			}
			c.items = append(c.items, items...)
			continue
		}
		if items, err := c.unnestColumns(it); err != nil || items != nil {
			if err != nil {
				return err
			}
			c.items = append(c.items, items...)
			continue
		}
		if hasColumns(it.Expr) {
			items, err := c.b.eachColumn(it, c.in)
			if err != nil {
				return err
			}
			c.items = append(c.items, items...)
			continue
		}
		e, err := c.b.expr(it.Expr, c.in)
		if err != nil {
			return err
		}
		c.items = append(c.items, item{itemName(it), e, it.Expr})
	}
	if len(c.items) == 0 {
		return sqlerr.At(sqlerr.Bind, c.sel.Pos, "the select list is empty")
	}
	return nil
}

// itemName gives the name of a select item's column.
func itemName(it ast.SelectItem) string {
	if it.Alias != nil {
		return it.Alias.Text
	}
	switch e := it.Expr.(type) {
	case *ast.ColumnRef:
		return e.Parts.Last()
	case *ast.FieldAccess:
		return e.Name.Text
	}
	return it.Text
}

// bindOrder binds ORDER BY and DISTINCT ON: positions and names of the select list first, then any expression over FROM.
func (c *selecting) bindOrder() error {
	for _, o := range c.q.OrderBy {
		if o.Expr == nil {
			for i, it := range c.items {
				c.addOrder(it.e, o, i)
			}
			continue
		}
		i, e, err := c.outputOr(o.Expr, "ORDER BY")
		if err != nil {
			return err
		}
		c.addOrder(e, o, i)
	}
	for _, x := range c.sel.DistinctOn {
		_, e, err := c.outputOr(x, "DISTINCT ON")
		if err != nil {
			return err
		}
		c.on = append(c.on, e)
	}
	return nil
}

func (c *selecting) addOrder(e expr.Expr, o ast.OrderItem, i int) {
	c.order = append(c.order, c.b.sortKey(e, o))
	c.orderOut = append(c.orderOut, i)
}

// outputOr gives the select item that x names by position or alias, or x itself bound over FROM.
func (c *selecting) outputOr(x ast.Expr, clause string) (int, expr.Expr, error) {
	if n, ok := position(x); ok {
		if n < 1 || n > len(c.items) {
			return 0, nil, sqlerr.At(sqlerr.Bind, x.Position(), "%s position %d is not in the select list, which has %d columns", clause, n, len(c.items))
		}
		return n - 1, c.items[n-1].e, nil
	}
	if ref, ok := x.(*ast.ColumnRef); ok && len(ref.Parts) == 1 {
		for i, it := range c.items {
			if it.src != nil && strings.EqualFold(it.name, ref.Parts[0].Text) {
				return i, it.e, nil
			}
		}
	}
	c.in.preferA = true
	e, err := c.b.expr(x, c.in)
	c.in.preferA = false
	if err != nil {
		return 0, nil, err
	}
	for i, it := range c.items {
		if !expr.Volatile(e) && expr.Equal(it.e, e) {
			return i, e, nil
		}
	}
	return -1, e, nil
}

// filters puts HAVING, the window functions and QUALIFY on the plan.
func (c *selecting) filters() (err error) {
	if c.having != nil {
		if c.plan, err = c.b.filter(c.plan, c.having); err != nil {
			return err
		}
	}
	if err := c.windows(); err != nil {
		return err
	}
	if c.qualify != nil {
		c.plan, err = c.b.filter(c.plan, c.qualify)
	}
	return err
}

// finish stacks up projection, DISTINCT, ORDER BY and LIMIT.
func (c *selecting) finish() (logical.Node, error) {
	b := c.b
	if err := c.filters(); err != nil {
		return nil, err
	}
	p := &logical.Project{}
	var out []logical.Col
	n, err := c.unnestItems(c.plan)
	if err != nil {
		return nil, err
	}
	for i := range c.items {
		e, err := c.value(&n, c.items[i].e)
		if err != nil {
			return nil, err
		}
		col := b.NewCol(c.items[i].name, e.Type())
		out = append(out, col)
		p.Out, p.Values = append(p.Out, col), append(p.Values, e)
	}
	distinct := c.sel.Distinct && len(c.on) == 0
	keys := make([]expr.SortKey, len(c.order))
	for i, k := range c.order {
		keys[i] = k
		if j := c.orderOut[i]; j >= 0 {
			keys[i].Expr = out[j].Ref()
			continue
		}
		if distinct {
			return nil, sqlerr.At(sqlerr.Bind, c.q.OrderBy[min(i, len(c.q.OrderBy)-1)].Pos, "with SELECT DISTINCT, ORDER BY can only name columns of the select list")
		}
		e, err := c.value(&n, k.Expr)
		if err != nil {
			return nil, err
		}
		col := b.NewCol("order", e.Type())
		p.Out, p.Values = append(p.Out, col), append(p.Values, e)
		keys[i].Expr = col.Ref()
	}
	var on []expr.Expr
	for _, k := range c.on {
		e, err := c.value(&n, k)
		if err != nil {
			return nil, err
		}
		col := b.NewCol("on", e.Type())
		p.Out, p.Values = append(p.Out, col), append(p.Values, e)
		on = append(on, col.Ref())
	}
	p.Input = n
	n = p
	if distinct {
		n = b.distinct(n)
		n, keys, out = renumber(n, keys, out, p.Out)
	} else if len(on) > 0 {
		var err error
		if n, keys, out, err = b.distinctOn(p, on, keys, out); err != nil {
			return nil, err
		}
	}
	if len(keys) > 0 {
		n = &logical.Sort{Input: n, Keys: keys}
	}
	n, err = b.limit(n, c.q, c.in)
	if err != nil {
		return nil, err
	}
	if len(n.Cols()) > len(out) {
		n = only(n, out)
	}
	return n, nil
}

// value turns the subqueries of e into joins on *n.
func (c *selecting) value(n *logical.Node, e expr.Expr) (expr.Expr, error) {
	if e.Type().Kind == types.Null && !expr.IsConstNull(e) {
		return expr.NewNull(types.TNull), nil
	}
	m, e, err := c.b.flatten(*n, e)
	*n = m
	return e, err
}

// distinct gives the distinct rows of n under fresh IDs.
func (b *Binder) distinct(n logical.Node) logical.Node {
	a := &logical.Aggregate{Input: n}
	for _, c := range n.Cols() {
		a.Keys = append(a.Keys, c.Ref())
		a.KeyOut = append(a.KeyOut, b.NewCol(c.Name, c.Type))
	}
	return a
}

// renumber moves keys and output columns from the columns old to those that stand at the same places of n.
func renumber(n logical.Node, keys []expr.SortKey, out, old []logical.Col) (logical.Node, []expr.SortKey, []logical.Col) {
	with := map[expr.ID]expr.Expr{}
	now := map[expr.ID]logical.Col{}
	for i, c := range n.Cols() {
		with[old[i].ID] = c.Ref()
		now[old[i].ID] = c
	}
	for i := range keys {
		keys[i].Expr = expr.Replace(keys[i].Expr, with)
	}
	moved := make([]logical.Col, len(out))
	for i, c := range out {
		moved[i] = now[c.ID]
	}
	return n, keys, moved
}

// distinctOn keeps the first row, in the order of keys, of each group of equal on.
func (b *Binder) distinctOn(p *logical.Project, on []expr.Expr, keys []expr.SortKey, out []logical.Col) (logical.Node, []expr.SortKey, []logical.Col, error) {
	first := b.Funcs.Lookup("first")
	if first == nil {
		return nil, nil, nil, sqlerr.New(sqlerr.Unsupported, "DISTINCT ON is not supported yet")
	}
	a := &logical.Aggregate{Input: p, Keys: on}
	with, now := map[expr.ID]expr.Expr{}, map[expr.ID]logical.Col{}
	for _, e := range on {
		c := b.NewCol("on", e.Type())
		a.KeyOut = append(a.KeyOut, c)
		with[e.(*expr.Column).ID] = c.Ref()
	}
	for _, c := range p.Out {
		if with[c.ID] != nil {
			continue
		}
		agg, err := b.aggCall(first, []expr.Expr{c.Ref()}, 0)
		if err != nil {
			return nil, nil, nil, err
		}
		agg.OrderBy = keys
		col := b.NewCol(c.Name, c.Type)
		a.Aggs, a.AggOut = append(a.Aggs, agg), append(a.AggOut, col)
		with[c.ID], now[c.ID] = col.Ref(), col
	}
	moved := append([]expr.SortKey(nil), keys...)
	for i := range moved {
		moved[i].Expr = expr.Replace(moved[i].Expr, with)
	}
	cols := make([]logical.Col, len(out))
	for i, c := range out {
		cols[i] = now[c.ID]
	}
	return a, moved, cols, nil
}
