package opt

import (
	"math"
	"math/bits"
	"sort"

	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/stats"
)

// maxExact is the most relations whose join order is found by trying all; beyond it the order is greedy.
const maxExact = 12

// joinOrder finds the order of each group of inner joins by dynamic programming over sets of relations (after DPsub: every set is the
// best of its splits in two), with the sum of intermediate result sizes as cost. Semi and anti joins above such a group are put
// where their left input is smallest.
func joinOrder(_ *Context, n logical.Node) (logical.Node, error) {
	m := model()
	return order(n, m), nil
}

func order(n logical.Node, m *stats.Model) logical.Node {
	if j, ok := n.(*logical.Join); ok && !j.Lateral && (j.Kind == logical.Inner || (j.Kind == logical.Semi || j.Kind == logical.Anti) && overJoin(j.Left)) {
		g := &joinGroup{m: m}
		g.gather(n)
		return g.build()
	}
	in := n.Inputs()
	if len(in) == 0 {
		return n
	}
	next := make([]logical.Node, len(in))
	for i, k := range in {
		next[i] = order(k, m)
	}
	return n.WithInputs(next)
}

// overJoin tells whether a chain of semi and anti joins stands over an inner join.
func overJoin(n logical.Node) bool {
	for {
		j, ok := n.(*logical.Join)
		if !ok || j.Lateral {
			return false
		}
		if j.Kind == logical.Inner {
			return true
		}
		if j.Kind != logical.Semi && j.Kind != logical.Anti {
			return false
		}
		n = j.Left
	}
}

// joinGroup is relations joined by inner joins, and the semi and anti joins over them.
type joinGroup struct {
	m     *stats.Model
	rels  []logical.Node
	sets  []logical.Set // the columns of each relation
	conds []cond
	semis []*logical.Join
	best  map[uint64]*joinTree
}

// cond is a condition of the group with the relations that it uses. An equality between two sets of relations knows the different values
// of either side; other conditions keep a share of the rows.
type cond struct {
	e      expr.Expr
	mask   uint64
	equal  bool
	lm, rm uint64
	ld, rd float64
	share  float64
}

// joinTree is a way to join a set of relations.
type joinTree struct {
	mask        uint64
	left, right *joinTree
	rel         int // a single relation, when left is nil
	rows, cost  float64
}

func (g *joinGroup) gather(n logical.Node) {
	j, ok := n.(*logical.Join)
	if ok && !j.Lateral && (j.Kind == logical.Semi || j.Kind == logical.Anti) && overJoin(j.Left) {
		c := *j
		c.Right = order(j.Right, g.m)
		g.gather(j.Left)
		g.semis = append(g.semis, &c)
		return
	}
	if ok && !j.Lateral && j.Kind == logical.Inner {
		g.gather(j.Left)
		g.gather(j.Right)
		for _, e := range j.On {
			g.conds = append(g.conds, cond{e: e})
		}
		return
	}
	n = order(n, g.m)
	g.rels = append(g.rels, n)
	g.sets = append(g.sets, logical.Produces(n))
}

func (g *joinGroup) build() logical.Node {
	if len(g.rels) > 64 {
		return g.linear()
	}
	for i := range g.sets {
		g.m.Rows(g.rels[i]) // the model then knows the columns
	}
	for i := range g.conds {
		g.measure(&g.conds[i])
	}
	var t *joinTree
	if len(g.rels) <= maxExact {
		t = g.exact()
	} else {
		t = g.greedy()
	}
	return g.place(t)
}

// measure finds what a condition connects, and how much it keeps.
func (g *joinGroup) measure(c *cond) {
	c.mask = g.maskOf(c.e)
	c.share = g.m.Selectivity(c.e)
	cmp, ok := c.e.(*expr.Compare)
	if !ok || cmp.Op != kernel.Eq {
		return
	}
	c.lm, c.rm = g.maskOf(cmp.L), g.maskOf(cmp.R)
	c.equal = c.lm != 0 && c.rm != 0 && c.lm&c.rm == 0
	c.ld, c.rd = g.m.Distinct(cmp.L, math.Inf(1)), g.m.Distinct(cmp.R, math.Inf(1))
}

// maskOf gives the relations that an expression uses.
func (g *joinGroup) maskOf(e expr.Expr) (mask uint64) {
	used := logical.Set{}
	expr.Columns(e, used)
	for k, s := range g.sets {
		if overlaps(used, s) {
			mask |= 1 << k
		}
	}
	return mask
}

// linear joins one relation after the other, each connected to those before where there is one: for groups too large for masks.
func (g *joinGroup) linear() logical.Node {
	n, have := g.rels[0], union(g.sets[0])
	left := map[int]bool{}
	for i := 1; i < len(g.rels); i++ {
		left[i] = true
	}
	for len(left) > 0 {
		next := -1
		for i := 1; i < len(g.rels) && next < 0; i++ {
			if left[i] && g.linked(have, g.sets[i]) {
				next = i
			}
		}
		for i := 1; i < len(g.rels) && next < 0; i++ {
			if left[i] {
				next = i
			}
		}
		delete(left, next)
		n = &logical.Join{Kind: logical.Inner, Left: n, Right: g.rels[next]}
		have = union(have, g.sets[next])
	}
	var all []expr.Expr
	for _, c := range g.conds {
		all = append(all, c.e)
	}
	n = push(n, all)
	for _, s := range g.semis {
		c := *s
		c.Left = n
		n = &c
	}
	return n
}

// linked tells whether a condition connects two sets of columns, and no others.
func (g *joinGroup) linked(a, b logical.Set) bool {
	for _, c := range g.conds {
		if expr.UsesAny(c.e, a) && expr.UsesAny(c.e, b) && expr.Uses(c.e, union(a, b)) {
			return true
		}
	}
	return false
}

func (g *joinGroup) leaf(i int) *joinTree {
	return &joinTree{mask: 1 << i, rel: i, rows: g.m.Rows(g.rels[i])}
}

// between gives the conditions that become testable when a and b are joined.
func (g *joinGroup) between(a, b uint64) []expr.Expr {
	var on []expr.Expr
	for _, c := range g.conds {
		if c.mask&^(a|b) == 0 && c.mask&a != 0 && c.mask&b != 0 {
			on = append(on, c.e)
		}
	}
	return on
}

// join makes the tree of two, or nil when nothing connects them and cross is not allowed.
func (g *joinGroup) join(a, b *joinTree, cross bool) *joinTree {
	var k stats.Keys
	share, connected := 1.0, false
	for i := range g.conds {
		c := &g.conds[i]
		if c.mask&^(a.mask|b.mask) != 0 || c.mask&a.mask == 0 || c.mask&b.mask == 0 {
			continue
		}
		connected = true
		switch {
		case c.equal && c.lm&^a.mask == 0 && c.rm&^b.mask == 0:
			k.Add(math.Min(c.ld, a.rows), math.Min(c.rd, b.rows))
		case c.equal && c.lm&^b.mask == 0 && c.rm&^a.mask == 0:
			k.Add(math.Min(c.rd, a.rows), math.Min(c.ld, b.rows))
		default:
			share *= c.share
		}
	}
	if !connected && !cross {
		return nil
	}
	t := &joinTree{mask: a.mask | b.mask, left: a, right: b}
	t.rows = k.Rows(a.rows, b.rows, share)
	t.cost = a.cost + b.cost + t.rows + math.Min(a.rows, b.rows) // the smaller side is put into a table
	if !connected {
		t.cost += a.rows * b.rows
	}
	return t
}

// exact tries every split of every set.
func (g *joinGroup) exact() *joinTree {
	g.best = map[uint64]*joinTree{}
	n := len(g.rels)
	for i := range n {
		g.best[1<<i] = g.leaf(i)
	}
	full := uint64(1)<<n - 1
	bySize := make([][]uint64, n+1)
	for s := uint64(1); s <= full; s++ {
		bySize[bits.OnesCount64(s)] = append(bySize[bits.OnesCount64(s)], s)
	}
	for size := 2; size <= n; size++ {
		for _, s := range bySize[size] {
			g.bestOf(s)
		}
	}
	if t := g.best[full]; t != nil {
		return t
	}
	return g.greedy() // parts that nothing connects
}

func (g *joinGroup) bestOf(s uint64) {
	low := s & -s
	rowsKnown := -1.0
	for sub := (s - 1) & s; sub > 0; sub = (sub - 1) & s {
		if sub&low == 0 { // each split once
			continue
		}
		a, b := g.best[sub], g.best[s&^sub]
		if a == nil || b == nil {
			continue
		}
		if cur := g.best[s]; cur != nil && a.cost+b.cost >= cur.cost {
			continue
		}
		t := g.join(a, b, false)
		if t == nil {
			continue
		}
		if rowsKnown < 0 { // a set has one size, however it was joined
			rowsKnown = t.rows
		} else {
			t.cost += rowsKnown - t.rows
			t.rows = rowsKnown
		}
		if cur := g.best[s]; cur == nil || t.cost < cur.cost {
			g.best[s] = t
		}
	}
}

// greedy joins the pair with the smallest result again and again; cross products come last.
func (g *joinGroup) greedy() *joinTree {
	var trees []*joinTree
	pairs := map[[2]*joinTree]*joinTree{} // nil: not connected
	for i := range g.rels {
		t := g.leaf(i)
		for _, o := range trees {
			pairs[[2]*joinTree{o, t}] = g.join(o, t, false)
		}
		trees = append(trees, t)
	}
	for len(trees) > 1 {
		var best *joinTree
		bi, bj := 0, 1
		for i := range trees {
			for j := i + 1; j < len(trees); j++ {
				if t := pairs[[2]*joinTree{trees[i], trees[j]}]; t != nil && (best == nil || t.rows < best.rows) {
					best, bi, bj = t, i, j
				}
			}
		}
		if best == nil { // nothing is connected: cross the two smallest
			sort.Slice(trees, func(a, b int) bool { return trees[a].rows < trees[b].rows })
			best = g.join(trees[0], trees[1], true)
			bi, bj = 0, 1
		}
		rest := append([]*joinTree(nil), trees[:bi]...)
		rest = append(append(rest, trees[bi+1:bj]...), trees[bj+1:]...)
		for i, a := range rest { // sorting may have changed who comes first
			for _, b := range rest[i+1:] {
				if _, ok := pairs[[2]*joinTree{a, b}]; !ok {
					pairs[[2]*joinTree{a, b}] = pairs[[2]*joinTree{b, a}]
				}
			}
			pairs[[2]*joinTree{a, best}] = g.join(a, best, false)
		}
		trees = append(rest, best)
	}
	return trees[0]
}

// place makes the plan of a tree, with each semi join where its input is smallest.
func (g *joinGroup) place(t *joinTree) logical.Node {
	at := map[*joinTree][]*logical.Join{}
	for _, s := range g.semis {
		need := logical.Set{}
		for _, e := range s.On {
			expr.Columns(e, need)
		}
		p := g.spot(t, need)
		at[p] = append(at[p], s)
	}
	return g.emit(t, at)
}

// spot gives the subtree with the fewest rows among those that have the columns need.
func (g *joinGroup) spot(t *joinTree, need logical.Set) *joinTree {
	best := t
	for t.left != nil {
		next := (*joinTree)(nil)
		for _, k := range []*joinTree{t.left, t.right} {
			if g.covers(k.mask, need) {
				next = k
			}
		}
		if next == nil {
			break
		}
		t = next
		if t.rows <= best.rows {
			best = t
		}
	}
	return best
}

// covers tells whether the relations of mask have all those columns of need that the group has at all.
func (g *joinGroup) covers(mask uint64, need logical.Set) bool {
	any := false
	for i, s := range g.sets {
		if overlaps(need, s) {
			if mask>>i&1 == 0 {
				return false
			}
			any = true
		}
	}
	return any
}

func (g *joinGroup) emit(t *joinTree, at map[*joinTree][]*logical.Join) logical.Node {
	var n logical.Node
	if t.left == nil {
		n = g.rels[t.rel]
		var own []expr.Expr
		for _, c := range g.conds {
			if c.mask == t.mask {
				own = append(own, c.e)
			}
		}
		n = filterOf(n, own)
	} else {
		on := g.between(t.left.mask, t.right.mask)
		n = &logical.Join{Kind: logical.Inner, Left: g.emit(t.left, at), Right: g.emit(t.right, at), On: on}
	}
	if t.mask == uint64(1)<<len(g.rels)-1 {
		var free []expr.Expr
		for _, c := range g.conds {
			if c.mask == 0 {
				free = append(free, c.e)
			}
		}
		n = filterOf(n, free)
	}
	for _, s := range at[t] {
		c := *s
		c.Left = n
		n = &c
	}
	return n
}
