package agg

import (
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// collected keeps all rows of some columns with their groups, in the order they came. Which rows a group has is worked out once,
// when first asked for.
type collected struct {
	cols   []*vec.Builder
	ts     []types.Type
	groups []int32
	n      int
	tmp    vec.Vector
	index  *rowIndex
}

// rowIndex lists the rows by group: those of group g are order[starts[g]:starts[g+1]].
type rowIndex struct {
	once          sync.Once
	order, starts []int32
}

func newCollected(ts ...types.Type) collected {
	c := collected{ts: ts, index: &rowIndex{}}
	for _, t := range ts {
		c.cols = append(c.cols, vec.NewBuilder(t))
	}
	return c
}

// Grow makes room for groups.
func (c *collected) Grow(n int) {
	if n > c.n {
		c.n = n
		c.index = &rowIndex{}
	}
}

// Size gives the bytes held.
func (c *collected) Size() int {
	n := 12 * cap(c.groups) // and the index, later
	for _, b := range c.cols {
		n += b.Size()
	}
	return n
}

// Update keeps rows.
func (c *collected) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	for k, b := range c.cols {
		b.Append(widened(&c.tmp, args[k], sel), sel)
	}
	c.groups = append(c.groups, groups...)
	c.index = &rowIndex{}
	return nil
}

// rows gives the index. Several goroutines may ask at once, when nothing is added any more.
func (c *collected) rows() (order, starts []int32) {
	x := c.index
	x.once.Do(func() {
		x.starts = make([]int32, c.n+1)
		for _, g := range c.groups {
			x.starts[g+1]++
		}
		for g := range c.n {
			x.starts[g+1] += x.starts[g]
		}
		next := append([]int32(nil), x.starts...)
		x.order = make([]int32, len(c.groups))
		for r, g := range c.groups {
			x.order[next[g]] = int32(r)
			next[g]++
		}
	})
	return x.order, x.starts
}

// merge adds the rows of groups src of f to groups dst.
func (c *collected) merge(f *collected, src, dst []int32) {
	order, starts := f.rows()
	var idx []int32
	for k, g := range src {
		rows := order[starts[g]:starts[g+1]]
		idx = append(idx, rows...)
		for range rows {
			c.groups = append(c.groups, dst[k])
		}
	}
	if len(idx) > 0 {
		for k, b := range c.cols {
			b.Append(f.cols[k].Vector(), idx)
		}
	}
	c.index = &rowIndex{}
}

var arrayAgg = &fn.Function{
	Name: "array_agg", Aliases: []string{"list"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The values as an array, NULLs too, in the order of the rows or of ORDER BY.",
	Signatures: []string{"array_agg(T ORDER BY …) → T[]"}, Examples: tex("array_agg(x) FROM (VALUES (1), (NULL), (2)) t(x)", "[1, NULL, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		o := lists(args, false)
		o.TakesNulls, o.OrderMatters = true, true
		return o, nil
	},
}

var collectList = &fn.Function{
	Name: "collect_list", Kind: fn.Aggregate, Category: "aggregate", Doc: "The values that are not NULL as an array; empty without any.",
	Signatures: []string{"collect_list(T) → T[]"}, Examples: tex("collect_list(x) FROM (VALUES (1), (NULL), (2)) t(x)", "[1, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		o := lists(args, true)
		o.OrderMatters = true
		return o, nil
	},
}

var collectSet = &fn.Function{
	Name: "collect_set", Aliases: []string{"array_agg_distinct"}, Kind: fn.Aggregate, Category: "aggregate", Doc: "The values that are not NULL, each once and in order, as an array.",
	Signatures: []string{"collect_set(T) → T[]"}, Examples: tex("collect_set(x) FROM (VALUES (2), (1), (2)) t(x)", "[1, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t := args[0].Type
		o := same(args, types.NewArray(t), func([]fn.Arg) fn.Accumulator { return &setAcc{newCollected(t)} })
		o.IgnoresDuplicates = true
		return o, nil
	},
}

func lists(args []fn.Arg, empty bool) *fn.Overload {
	t := args[0].Type
	return same(args, types.NewArray(t), func([]fn.Arg) fn.Accumulator { return &listAcc{newCollected(t), empty} })
}

// listAcc makes arrays.
type listAcc struct {
	collected
	empty bool // without rows: an empty array, not NULL
}

func (a *listAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	a.merge(&from.(*listAcc).collected, src, dst)
	return nil
}

func (a *listAcc) Result(lo, hi int, out *vec.Vector) error {
	order, starts := a.rows()
	entries, base := vec.Values[vec.ListEntry](out), starts[lo]
	kid := vec.NewBuilder(a.ts[0])
	kid.Append(a.cols[0].Vector(), nonNil(order[base:starts[hi]]))
	for i := range hi - lo {
		from, to := starts[lo+i], starts[lo+i+1]
		entries[i] = vec.ListEntry{Off: uint32(from - base), Len: uint32(to - from)}
		if from == to && !a.empty {
			out.SetNull(i)
		}
	}
	out.Kids = []*vec.Vector{kid.Vector()}
	return nil
}

// nonNil keeps an empty selection from meaning all rows.
func nonNil(sel []int32) []int32 {
	if sel == nil {
		return []int32{}
	}
	return sel
}

// setAcc makes arrays of distinct values.
type setAcc struct{ collected }

func (a *setAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	a.merge(&from.(*setAcc).collected, src, dst)
	return nil
}

func (a *setAcc) Result(lo, hi int, out *vec.Vector) error {
	entries := vec.Values[vec.ListEntry](out)
	kid, v := vec.NewBuilder(a.ts[0]), a.cols[0].Vector()
	for i := range hi - lo {
		rows := a.sorted(lo + i)
		entries[i].Off = uint32(kid.Len())
		once := rows[:0]
		for k, r := range rows {
			if k == 0 || compareRows(v, rows[k-1], r) != 0 {
				once = append(once, r)
			}
		}
		kid.Append(v, nonNil(once))
		entries[i].Len = uint32(kid.Len()) - entries[i].Off
	}
	out.Kids = []*vec.Vector{kid.Vector()}
	return nil
}
