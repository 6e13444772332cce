package opt

import (
	"math"
	"math/bits"

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

// cond is a condition of the group with the relations that it uses.
type cond struct {
	e    expr.Expr
	mask uint64
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
	if len(g.rels) > 63 {
		return g.asWritten()
	}
	for i := range g.conds {
		used := logical.Set{}
		expr.Columns(g.conds[i].e, used)
		for k, s := range g.sets {
			if overlaps(used, s) {
				g.conds[i].mask |= 1 << k
			}
		}
	}
	var t *joinTree
	if len(g.rels) <= maxExact {
		t = g.exact()
	} else {
		t = g.greedy()
	}
	return g.place(t)
}

// asWritten keeps the order written, for groups that are too large.
func (g *joinGroup) asWritten() logical.Node {
	n := g.rels[0]
	for _, r := range g.rels[1:] {
		n = &logical.Join{Kind: logical.Inner, Left: n, Right: r}
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
	on := g.between(a.mask, b.mask)
	if len(on) == 0 && !cross {
		return nil
	}
	left := logical.Set{}
	for i := range g.rels {
		if a.mask>>i&1 != 0 {
			for id := range g.sets[i] {
				left[id] = true
			}
		}
	}
	t := &joinTree{mask: a.mask | b.mask, left: a, right: b}
	t.rows = g.m.JoinRows(a.rows, b.rows, left, on)
	t.cost = a.cost + b.cost + t.rows + math.Min(a.rows, b.rows) // the smaller side is put into a table
	if len(on) == 0 {
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
	for i := range g.rels {
		trees = append(trees, g.leaf(i))
	}
	for len(trees) > 1 {
		var best *joinTree
		bi, bj := 0, 1
		for _, cross := range []bool{false, true} {
			for i := range trees {
				for j := i + 1; j < len(trees); j++ {
					if t := g.join(trees[i], trees[j], cross); t != nil && (best == nil || t.rows < best.rows) {
						best, bi, bj = t, i, j
					}
				}
			}
			if best != nil {
				break
			}
		}
		trees[bi] = best
		trees = append(trees[:bj], trees[bj+1:]...)
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
