package op

import (
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
)

// HashAggregate groups rows by Keys and computes Aggs for each group. It is a flow.Sink; Source gives the groups. Output columns:
// the keys, the aggregates, and with GroupingSets a BIGINT at the end. Groups come in no particular order.
//
// Without keys there is one group, which gives a row even for no input. DISTINCT is a HashAggregate without aggregates.
type HashAggregate struct {
	Keys     flow.Program // nil: none
	KeyTypes []types.Type
	Aggs     []AggSpec
	// Shared computes arguments of several aggregates at once, so that they share common subexpressions. May be nil.
	Shared flow.Program
	// GroupingSets: if not nil, rows are grouped once for each set of key numbers; keys that are not in the set are NULL in the
	// output, whose last column tells the set's number in the list. An empty set gives a row even for no input.
	GroupingSets [][]int

	st aggState
}

// AggSpec is one aggregate.
type AggSpec struct {
	Overload *fn.Overload
	Args     []fn.Arg     // as the planner knows them, cast to the overload's types
	Inputs   flow.Program // gives the arguments, computed for the rows that pass Filter; nil: see Shared
	Shared   []int        // when Inputs is nil: the arguments as columns of HashAggregate.Shared; empty for count(*)
	Filter   flow.Program // FILTER (WHERE …); nil: none
	Distinct bool
	// OrderBy gives the keys of ORDER BY within the call; nil: none. Overloads whose OrderMatters see rows in that order, and
	// otherwise in input order.
	OrderBy    flow.Program
	OrderTypes []types.Type
	Desc       []bool // nil: ascending
	NullsFirst []bool // nil: nulls last
}

// rowsAre tells how the rows of an aggregate reach it.
type rowsAre uint8

const (
	streamed  rowsAre = iota // as they come
	distinct                 // once each, at the end
	reordered                // sorted, at the end
)

func (a *AggSpec) mode(t *flow.Task) rowsAre {
	switch {
	case a.Overload.OrderMatters && (a.OrderBy != nil || a.Distinct || t.Workers > 1):
		return reordered
	case a.Distinct && !a.Overload.IgnoresDuplicates:
		return distinct
	}
	return streamed
}

// argTypes gives the physical types of the arguments.
func (a *AggSpec) argTypes() []types.Type {
	ts := make([]types.Type, len(a.Args))
	for i, x := range a.Args {
		ts[i] = x.Type
	}
	return ts
}

type aggState struct {
	mu     sync.Mutex
	locals []*aggLocal
	res    *mem.Reservation
	parts  []*aggPart
}

// aggSet is the groups of one grouping set, of one worker or of all.
type aggSet struct {
	keys  []int // the numbers of its keys
	table *groupTable
	accs  []fn.Accumulator
	seen  []*groupTable // by aggregate: the distinct (group, arguments…)
	kept  []*keeper     // by aggregate: group, arguments…, order keys…, morsel, place

	one     []fn.OneGroup // by aggregate: the accumulator, if it is one
	isSplit bool          // sorted and starts are those of the batch
	sorted  []int32       // rows by group
	starts  [fewGroups + 1]int32
}

// sets gives the grouping sets; without GROUPING SETS the one of all keys.
func (h *HashAggregate) sets() [][]int {
	if h.GroupingSets != nil {
		return h.GroupingSets
	}
	all := make([]int, len(h.KeyTypes))
	for i := range all {
		all[i] = i
	}
	return [][]int{all}
}

func (h *HashAggregate) newSet(t *flow.Task, keys []int) *aggSet {
	s := &aggSet{keys: keys, accs: make([]fn.Accumulator, len(h.Aggs)), seen: make([]*groupTable, len(h.Aggs)), kept: make([]*keeper, len(h.Aggs)),
		one: make([]fn.OneGroup, len(h.Aggs))}
	ts := make([]types.Type, len(keys))
	for i, k := range keys {
		ts[i] = h.KeyTypes[k]
	}
	s.table = newGroupTable(ts)
	for i := range h.Aggs {
		a := &h.Aggs[i]
		s.accs[i] = a.Overload.NewAcc(a.Args)
		s.one[i], _ = s.accs[i].(fn.OneGroup)
		cols := append([]types.Type{types.TInteger}, a.argTypes()...)
		switch a.mode(t) {
		case distinct:
			s.seen[i] = newGroupTable(cols)
		case reordered:
			cols = append(append(cols, a.OrderTypes...), types.TBigInt, types.TBigInt)
			s.kept[i] = &keeper{}
			for _, c := range cols {
				s.kept[i].cols = append(s.kept[i].cols, vec.NewBuilder(c))
			}
		}
	}
	return s
}

func (s *aggSet) size() int {
	n := s.table.size()
	for i, a := range s.accs {
		n += a.Size()
		if s.seen[i] != nil {
			n += s.seen[i].size()
		}
		if s.kept[i] != nil {
			n += s.kept[i].size
		}
	}
	return n
}

// Local makes a worker's part.
func (h *HashAggregate) Local(t *flow.Task) (flow.LocalSink, error) {
	l := &aggLocal{h: h, canKeep: h.canKeep(t), rawBytes: 1 << 40}
	if limit := t.Mem.Limit(); limit > 0 {
		l.rawBytes = int(limit) / (rawShare * max(t.Workers, 1))
	}
	if h.Keys != nil {
		l.keys = h.Keys.Machine(t)
	}
	if h.Shared != nil {
		l.shared = h.Shared.Machine(t)
	}
	for i := range h.Aggs {
		l.inputs = append(l.inputs, newAggInput(t, &h.Aggs[i]))
	}
	for _, keys := range h.sets() {
		l.sets = append(l.sets, h.newSet(t, keys))
	}
	h.st.mu.Lock()
	defer h.st.mu.Unlock()
	if h.st.res == nil {
		h.st.res = t.Mem.Reserve()
	}
	h.st.locals = append(h.st.locals, l)
	return l, nil
}

// aggLocal is a worker's part of a HashAggregate.
type aggLocal struct {
	h      *HashAggregate
	keys   flow.Machine
	shared flow.Machine
	inputs []*aggInput
	sets   []*aggSet
	cols   []*vec.Vector
	groups []int32
	size   int
	pushes int

	canKeep  bool
	rows     int      // seen
	raw      *rawKeep // rows not grouped yet
	rawBytes int      // how much they may take
}

func (l *aggLocal) Push(b *vec.Batch) error {
	sel := rows(b)
	var keys, shared []*vec.Vector
	var err error
	if l.keys != nil {
		if keys, err = l.keys.Eval(b); err != nil {
			return err
		}
	}
	if l.shared != nil {
		if shared, err = l.shared.Eval(b); err != nil {
			return err
		}
	}
	keep, err := l.keepRaw(len(sel))
	if err != nil {
		return err
	}
	if keep {
		for _, in := range l.inputs {
			if err := in.eval(b, sel, shared); err != nil {
				return err
			}
		}
		l.raw.push(l, keys, sel)
		return l.reserve()
	}
	grown := false
	for _, s := range l.sets {
		l.cols = l.cols[:0]
		for _, k := range s.keys {
			l.cols = append(l.cols, keys[k])
		}
		before := s.table.n
		s.table.find(l.cols, sel)
		s.isSplit = false
		grown = grown || s.table.n != before
	}
	for i, in := range l.inputs {
		if err := in.eval(b, sel, shared); err != nil {
			return err
		}
		for _, s := range l.sets {
			if err := l.update(s, i, in, b); err != nil {
				return err
			}
		}
	}
	if l.pushes++; grown || l.pushes&15 == 0 {
		return l.reserve()
	}
	return nil
}

// keepRaw tells whether n more rows shall be kept as they are.
func (l *aggLocal) keepRaw(n int) (bool, error) {
	l.rows += n
	if l.raw != nil {
		if l.raw.n >= rawLook && !l.raw.looked {
			l.raw.looked = true
			if l.raw.repeats(l.h.KeyTypes) {
				l.canKeep = false
				return false, l.groupRaw()
			}
		}
		return l.raw.n < rawRows && l.raw.bytes < l.rawBytes, nil
	}
	groups := l.sets[0].table.n
	if !l.canKeep || groups < rawGroups || l.rows > rawRepeat*groups {
		return false, nil
	}
	l.raw = l.h.newRaw(l.sets[0].table.pk == nil)
	l.raw.fresh = float64(groups) / float64(l.rows-n)
	return true, nil
}

// groupRaw groups the rows that were kept after all.
func (l *aggLocal) groupRaw() error {
	m := &aggMerge{h: l.h, dst: l.sets[0]}
	for p := range l.raw.parts {
		if err := m.addRaw(l.raw, p); err != nil {
			return err
		}
	}
	l.raw = nil
	return l.reserve()
}

// update gives the rows of an input to aggregate i of s.
func (l *aggLocal) update(s *aggSet, i int, in *aggInput, b *vec.Batch) error {
	groups := s.table.last(len(rows(b)))
	if in.pos != nil && !vec.AreZeros(groups) {
		l.groups = l.groups[:0]
		for _, k := range in.pos {
			l.groups = append(l.groups, groups[k])
		}
		groups = l.groups
	}
	groups = groups[:len(in.sel)]
	acc := s.accs[i]
	acc.Grow(s.table.n)
	if len(in.sel) == 0 {
		return nil
	}
	switch {
	case s.seen[i] != nil:
		s.seen[i].find(in.withGroups(groups, b.N), in.sel)
		return nil
	case s.kept[i] != nil:
		return in.keep(s.kept[i], groups, b)
	}
	if one := s.one[i]; one != nil && (len(s.keys) == 0 || in.pos == nil && s.split(groups, in.sel)) {
		if len(s.keys) == 0 {
			return one.UpdateOne(0, in.args, in.sel)
		}
		for g := range s.table.n {
			if run := s.sorted[s.starts[g]:s.starts[g+1]]; len(run) > 0 {
				if err := one.UpdateOne(int32(g), in.args, run); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return acc.Update(groups, in.args, in.sel)
}

// fewGroups is up to how many groups rows are sorted by group.
const fewGroups = 32

// split sorts the rows of the batch by group, once a batch. It tells whether that is worth it.
func (s *aggSet) split(groups, sel []int32) bool {
	n := s.table.n
	if n > fewGroups || len(sel) < 16*n {
		return false
	}
	if s.isSplit {
		return true
	}
	s.isSplit = true
	if cap(s.sorted) < len(sel) {
		s.sorted = make([]int32, max(len(sel), vec.BatchSize))
	}
	s.sorted = s.sorted[:len(sel)]
	var at [fewGroups + 1]int32
	for _, g := range groups {
		at[g&31+1]++
	}
	for g := range fewGroups {
		at[g+1] += at[g]
	}
	s.starts = at
	for k, g := range groups {
		p := &at[g&31]
		s.sorted[*p] = sel[k]
		*p++
	}
	return true
}

func (l *aggLocal) reserve() error {
	size := 0
	for _, s := range l.sets {
		size += s.size()
	}
	if l.raw != nil {
		size += l.raw.size()
	}
	d := size - l.size
	if err := l.h.st.res.Grow(int64(d)); err != nil {
		return err
	}
	l.size = size
	return nil
}

// Combine does nothing: Finish finds the worker's groups.
func (l *aggLocal) Combine() error { return l.reserve() }

// Held gives the bytes reserved.
func (h *HashAggregate) Held() int64 { return h.st.res.Held() }

// Close gives up the groups.
func (h *HashAggregate) Close() error {
	h.st.locals, h.st.parts = nil, nil
	h.st.res.Free()
	return nil
}
