package op

import (
	"context"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// mergeAlone is how many groups are merged by one worker.
const mergeAlone = 1 << 14

// aggPart is a part of the result.
type aggPart struct {
	set int
	s   *aggSet
}

// Finish merges the workers' groups: all at once when they are few, else in parts by their keys, in parallel.
func (h *HashAggregate) Finish(t *flow.Task, p flow.Parallel) error {
	if h.st.res == nil {
		h.st.res = t.Mem.Reserve()
	}
	for i, keys := range h.sets() {
		var sets []*aggSet
		total := 0
		for _, l := range h.st.locals {
			if l.sets[i].table.n > 0 {
				sets = append(sets, l.sets[i])
				total += l.sets[i].table.n
			}
		}
		if len(sets) == 0 {
			sets = []*aggSet{h.newSet(t, keys)}
		}
		var raw []*rawKeep
		for _, l := range h.st.locals {
			if l.raw != nil {
				raw = append(raw, l.raw)
			}
		}
		if err := h.mergeSet(t, p, i, sets, total, raw); err != nil {
			return err
		}
	}
	h.st.locals = nil
	size := int64(0)
	for _, part := range h.st.parts {
		size += int64(part.s.size())
	}
	return h.st.res.Resize(size)
}

func (h *HashAggregate) mergeSet(t *flow.Task, p flow.Parallel, i int, sets []*aggSet, total int, raw []*rawKeep) error {
	if raw == nil && (len(sets) == 1 || total <= mergeAlone || t.Workers <= 1) {
		dst := sets[0]
		if len(dst.keys) == 0 {
			dst.table.n = 1
		}
		m := &aggMerge{h: h, t: t, dst: dst}
		for _, from := range sets[1:] {
			if err := m.add(from, numbers(0, from.table.n)); err != nil {
				return err
			}
			m.takeLate(from, nil, 0)
		}
		if err := m.finish(); err != nil {
			return err
		}
		h.st.parts = append(h.st.parts, &aggPart{set: i, s: dst})
		return nil
	}
	n := 1 << bits.Len(uint(4*t.Workers-1))
	lo, shift, ranges := int64(0), uint(0), false
	if raw != nil {
		n = rawParts
	} else {
		lo, shift, ranges = keyRange(sets, n)
	}
	split, err := splitGroups(p, sets, n, lo, shift, ranges)
	if err != nil {
		return err
	}
	parts := make([]*aggPart, n)
	err = p.For(n, func(j int) error {
		m := &aggMerge{h: h, t: t, dst: h.newSet(t, sets[0].keys)}
		m.expect(sets, split, raw, j, lo, shift, ranges)
		for k, from := range sets {
			if err := m.add(from, split[k].of(j)); err != nil {
				return err
			}
			m.takeLate(from, split[k].part, uint8(j))
		}
		for _, r := range raw {
			if err := m.addRaw(r, j); err != nil {
				return err
			}
		}
		parts[j] = &aggPart{set: i, s: m.dst}
		if err := h.st.res.Grow(int64(m.dst.size())); err != nil {
			return err
		}
		if err := m.finish(); err != nil {
			return err
		}
		m.dst.table.seal()
		return nil
	})
	h.st.parts = append(h.st.parts, parts...)
	return err
}

// groupSplit says in which part each group of a worker belongs.
type groupSplit struct {
	part  []uint8
	order []int32 // groups by part
	start []int   // of each part in order
}

func (g *groupSplit) of(j int) []int32 { return g.order[g.start[j]:g.start[j+1]] }

// splitGroups splits the groups of sets into n parts, a power of two: by ranges of a dense integer key, else by hash.
func splitGroups(p flow.Parallel, sets []*aggSet, n int, lo int64, shift uint, ranges bool) ([]groupSplit, error) {
	out := make([]groupSplit, len(sets))
	err := p.For(len(sets), func(k int) error {
		t := sets[k].table
		g := groupSplit{part: make([]uint8, t.n), order: make([]int32, t.n), start: make([]int, n+1)}
		if ranges {
			v := t.keys[0].Vector()
			for i := range g.part {
				if !v.IsNull(i) {
					g.part[i] = uint8(uint64(intAt(v, int32(i))-lo) >> shift)
				}
			}
		} else {
			hashes := make([]uint64, t.n)
			sel := numbers(0, t.n)
			for i, b := range t.keys {
				if i == 0 {
					key.Hash(hashes, b.Vector(), sel)
				} else {
					t.hash[i].Combine(hashes, b.Vector(), sel)
				}
			}
			for i, x := range hashes {
				g.part[i] = uint8(partOf(x, n))
			}
		}
		for _, x := range g.part {
			g.start[x+1]++
		}
		for j := range n {
			g.start[j+1] += g.start[j]
		}
		at := append([]int(nil), g.start...)
		for i, x := range g.part {
			g.order[at[x]] = int32(i)
			at[x]++
		}
		out[k] = g
		return nil
	})
	return out, err
}

// keyRange tells whether the groups are those of one integer key that is dense enough to be split by ranges.
func keyRange(sets []*aggSet, n int) (lo int64, shift uint, ok bool) {
	total := 0
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range sets {
		p := s.table.pk
		if p == nil || p.raw || len(p.cols) != 1 || p.cols[0].strings != nil {
			return 0, 0, false
		}
		total += s.table.n
		if p.cols[0].any {
			lo, hi = min(lo, p.cols[0].lo), max(hi, p.cols[0].hi)
		}
	}
	span := uint64(hi) - uint64(lo)
	if hi < lo || span/16 > uint64(total) {
		return 0, 0, false
	}
	for span>>shift >= uint64(n) {
		shift++
	}
	return lo, shift, true
}

// aggMerge merges groups into dst.
type aggMerge struct {
	h   *HashAggregate
	t   *flow.Task
	dst *aggSet
	to  []int32 // by group of the worker just added: the group in dst; where needed
}

// expect makes room for the groups of part j: as many as the largest worker has, at least, and as many of the rows that are not grouped as
// made groups before.
func (m *aggMerge) expect(sets []*aggSet, split []groupSplit, raw []*rawKeep, j int, lo int64, shift uint, ranges bool) {
	t := m.dst.table
	most, whole := 0, false
	for k, s := range sets {
		most = max(most, len(split[k].of(j)))
		whole = whole || s.table.pk == nil
	}
	if whole && t.pk != nil {
		t.toRows() // as it would turn out
	}
	first, last := int64(1), int64(0)
	if ranges {
		first = lo + int64(uint64(j)<<shift)
		last = first + int64(uint64(1)<<shift) - 1
	}
	if raw != nil {
		for _, r := range raw {
			most += int(float64(r.parts[j].rows) * r.fresh)
		}
		for _, b := range t.keys {
			b.Reserve(most)
		}
	}
	t.expect(most, first, last)
	if len(t.keys) > 1 && t.pk != nil {
		var from []*groupTable
		for _, s := range sets {
			from = append(from, s.table)
		}
		t.adopt(from, most)
	}
}

// late tells whether some aggregate waits for all rows.
func (m *aggMerge) late() bool {
	for i := range m.h.Aggs {
		if m.dst.seen[i] != nil || m.dst.kept[i] != nil {
			return true
		}
	}
	return false
}

// add merges the groups idx of from.
func (m *aggMerge) add(from *aggSet, idx []int32) error {
	stored := make([]*vec.Vector, len(from.table.keys))
	for i, k := range from.table.keys {
		stored[i] = k.Vector()
	}
	late := m.late()
	if late {
		m.to = make([]int32, from.table.n)
	}
	for len(idx) > 0 {
		n := min(len(idx), vec.BatchSize)
		src := idx[:n]
		idx = idx[n:]
		groups := m.dst.table.find(stored, src)
		if late {
			for k, g := range src {
				m.to[g] = groups[k]
			}
		}
		for i, acc := range m.dst.accs {
			acc.Grow(m.dst.table.n)
			if m.dst.seen[i] != nil || m.dst.kept[i] != nil {
				continue
			}
			if err := acc.Merge(from.accs[i], src, groups); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeLate takes over the rows of from that wait: those of the groups of part j, or all when part is nil.
func (m *aggMerge) takeLate(from *aggSet, part []uint8, j uint8) {
	for i := range m.h.Aggs {
		var cols []*vec.Builder
		switch {
		case from.seen[i] != nil:
			cols = from.seen[i].keys
		case from.kept[i] != nil:
			cols = from.kept[i].cols
		default:
			continue
		}
		stored := make([]*vec.Vector, len(cols))
		for k, c := range cols {
			stored[k] = c.Vector()
		}
		old := vec.Values[int32](stored[0])
		var group vec.Vector
		var sel []int32
		group.Reset(types.TInteger, len(old))
		to := vec.Values[int32](&group)
		for k, g := range old {
			if part == nil || part[g] == j {
				to[k] = m.to[g]
				sel = append(sel, int32(k))
			}
		}
		stored[0] = &group
		if m.dst.seen[i] != nil {
			for len(sel) > 0 {
				n := min(len(sel), vec.BatchSize)
				m.dst.seen[i].find(stored, sel[:n])
				sel = sel[n:]
			}
			continue
		}
		if len(sel) == 0 {
			continue
		}
		for k, c := range m.dst.kept[i].cols {
			c.Append(stored[k], sel)
		}
	}
}

// finish gives the aggregates that wait their rows.
func (m *aggMerge) finish() error {
	for i := range m.h.Aggs {
		acc := m.dst.accs[i]
		acc.Grow(m.dst.table.n)
		a := &m.h.Aggs[i]
		var err error
		switch {
		case m.dst.seen[i] != nil:
			seen := m.dst.seen[i]
			err = feed(acc, builderVectors(seen.keys), len(a.Args), nil)
			m.dst.seen[i] = nil
		case m.dst.kept[i] != nil:
			err = m.finishKept(i, acc, a)
			m.dst.kept[i] = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finishKept sorts the rows kept for aggregate i, drops duplicates if so asked, and feeds them.
func (m *aggMerge) finishKept(i int, acc interface {
	Update(groups []int32, args []*vec.Vector, sel []int32) error
}, a *AggSpec) error {
	cols := builderVectors(m.dst.kept[i].cols)
	by := cols[1+len(a.Args):]
	desc, first := make([]bool, len(by)), make([]bool, len(by))
	copy(desc, a.Desc)
	copy(first, a.NullsFirst)
	perm := sortPerm(by, cols[0].Len, desc, first)
	if a.Distinct {
		seen := newGroupTable(append([]types.Type{types.TInteger}, a.argTypes()...))
		once := perm[:0]
		for len(perm) > 0 {
			n := min(len(perm), vec.BatchSize)
			before := int32(seen.n)
			for k, g := range seen.find(cols[:1+len(a.Args)], perm[:n]) {
				if r := perm[k]; g >= before {
					before = g + 1
					once = append(once, r)
				}
			}
			perm = perm[n:]
		}
		perm = once
	}
	return feed(acc, cols, len(a.Args), perm)
}

// feed gives acc the rows idx (nil: all) of group numbers and n arguments.
func feed(acc interface {
	Update(groups []int32, args []*vec.Vector, sel []int32) error
}, cols []*vec.Vector, n int, idx []int32) error {
	if idx == nil {
		idx = numbers(0, cols[0].Len)
	}
	all := vec.Values[int32](cols[0])
	var groups [vec.BatchSize]int32
	for len(idx) > 0 {
		sel := idx[:min(len(idx), vec.BatchSize)]
		idx = idx[len(sel):]
		for k, i := range sel {
			groups[k] = all[i]
		}
		if err := acc.Update(groups[:len(sel)], cols[1:1+n], sel); err != nil {
			return err
		}
	}
	return nil
}

func builderVectors(bs []*vec.Builder) []*vec.Vector {
	out := make([]*vec.Vector, len(bs))
	for i, b := range bs {
		out[i] = b.Vector()
	}
	return out
}

// Source gives the groups; it may be asked for several times.
func (h *HashAggregate) Source() flow.Source { return &aggSource{h: h} }

type aggSource struct {
	h    *HashAggregate
	next atomic.Int64
}

func (s *aggSource) Open(*flow.Task) error { s.next.Store(0); return nil }
func (s *aggSource) MaxCursors() int       { return len(s.h.st.parts) }
func (s *aggSource) Close() error          { return nil }

func (s *aggSource) Cursor(t *flow.Task) (flow.Cursor, error) {
	c := &aggCursor{s: s, size: batchSize(t)}
	n := len(s.h.KeyTypes) + len(s.h.Aggs)
	if s.h.GroupingSets != nil {
		n++
	}
	c.vecs = make([]vec.Vector, n)
	for i := range c.vecs {
		c.batch.Cols = append(c.batch.Cols, &c.vecs[i])
	}
	return c, nil
}

type aggCursor struct {
	s     *aggSource
	size  int
	part  *aggPart
	at    int
	vecs  []vec.Vector
	batch vec.Batch
}

func (c *aggCursor) Next(context.Context) (*vec.Batch, error) {
	for c.part == nil || c.at >= c.part.s.table.n {
		m := c.s.next.Add(1) - 1
		if m >= int64(len(c.s.h.st.parts)) {
			return nil, nil
		}
		c.part, c.at = c.s.h.st.parts[m], 0
		c.batch.Morsel, c.batch.Seq = m, -1
	}
	h, s := c.s.h, c.part.s
	n := min(c.size, s.table.n-c.at)
	for i, t := range h.KeyTypes {
		c.vecs[i].Reset(t, 1)
		c.vecs[i].SetConst(n)
		c.vecs[i].SetNull(0)
	}
	for i, k := range s.keys {
		c.vecs[k].Slice(s.table.keys[i].Vector(), c.at, n)
	}
	for i, acc := range s.accs {
		v := &c.vecs[len(h.KeyTypes)+i]
		v.Reset(h.Aggs[i].Overload.Result, n)
		if err := acc.Result(c.at, c.at+n, v); err != nil {
			return nil, err
		}
	}
	if h.GroupingSets != nil {
		v := &c.vecs[len(c.vecs)-1]
		v.Reset(types.TBigInt, 1)
		vec.Values[int64](v)[0] = int64(c.part.set)
		v.SetConst(n)
	}
	c.at += n
	c.batch.N = n
	c.batch.Seq++
	return &c.batch, nil
}

func (c *aggCursor) Close() error { return nil }
