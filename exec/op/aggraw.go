package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Grouping ahead of the merge is a waste where groups hardly repeat, and slow where they do not fit the caches. Then a worker
// keeps its rows as they are, split into parts by the hash of their keys, and they are grouped part by part at the end.

var (
	rawGroups = 1 << 18 // from so many groups on
	rawRows   = 1 << 23 // a worker keeps no more rows than these
)

const (
	rawRepeat = 3 // with fewer rows a group than these
	rawParts  = 64
	rawShare  = 8 // nor more than this part of the memory budget, all workers together
)

// rawKeep is a worker's rows that are not grouped yet.
type rawKeep struct {
	parts  []*keeper // key columns, then arguments
	args   []int     // by aggregate: the column of its argument, or −1
	n      int
	bytes  int
	cols   []*vec.Vector
	hashes []uint64
	order  []int32
	wide   []vec.Vector // by aggregate
}

// canKeep tells whether the aggregates can take their rows later: they are few and simple.
func (h *HashAggregate) canKeep(t *flow.Task) bool {
	if h.GroupingSets != nil || len(h.KeyTypes) == 0 {
		return false
	}
	for i := range h.Aggs {
		if a := &h.Aggs[i]; a.mode(t) != streamed || a.Filter != nil || len(a.Args) > 1 || a.Overload.OrderMatters {
			return false
		}
	}
	return true
}

func (h *HashAggregate) newRaw() *rawKeep {
	r := &rawKeep{}
	ts := append([]types.Type(nil), h.KeyTypes...)
	shared := map[int]int{}
	for i := range h.Aggs {
		a := &h.Aggs[i]
		at, known := -1, false
		if len(a.Args) == 1 {
			if a.Inputs == nil {
				at, known = shared[a.Shared[0]]
			}
			if !known {
				at = len(ts)
				ts = append(ts, a.Args[0].Type)
				if a.Inputs == nil {
					shared[a.Shared[0]] = at
				}
			}
		}
		r.args = append(r.args, at)
	}
	for range rawParts {
		k := &keeper{}
		for _, t := range ts {
			k.cols = append(k.cols, vec.NewBuilder(t))
		}
		r.parts = append(r.parts, k)
	}
	r.cols, r.wide = make([]*vec.Vector, len(ts)), make([]vec.Vector, len(h.Aggs))
	return r
}

// push keeps the rows of a batch, whose keys and inputs have been computed.
func (r *rawKeep) push(l *aggLocal, keys []*vec.Vector, sel []int32) {
	copy(r.cols, keys)
	for i, in := range l.inputs {
		if r.args[i] >= 0 {
			r.cols[r.args[i]] = in.args[0]
			if v := in.args[0]; v.Phys() == types.PI64 && v.Type.Phys() == types.PI128 {
				r.cols[r.args[i]] = r.widen(i, v)
			}
		}
	}
	if cap(r.hashes) < len(sel) {
		r.hashes, r.order = make([]uint64, max(len(sel), vec.BatchSize)), make([]int32, max(len(sel), vec.BatchSize))
	}
	hashes, order := r.hashes[:len(sel)], r.order[:len(sel)]
	hashKeys(l.sets[0].table.hash, hashes, keys, sel)
	var at, start [rawParts + 1]int32
	for _, h := range hashes {
		at[partOf(h, rawParts)+1]++
	}
	for p := range rawParts {
		at[p+1] += at[p]
	}
	start = at
	for k, h := range hashes {
		p := partOf(h, rawParts)
		order[at[p]] = sel[k]
		at[p]++
	}
	for p, k := range r.parts {
		run := order[start[p]:start[p+1]]
		if len(run) == 0 {
			continue
		}
		for c, b := range k.cols {
			b.Append(r.cols[c], run)
		}
		k.n += len(run)
	}
	r.n += len(sel)
}

// widen gives the decimals v, which the evaluator carries in 64 bits, in the layout of their type.
func (r *rawKeep) widen(i int, v *vec.Vector) *vec.Vector {
	n := v.Len
	if v.Form == vec.Const {
		n = 1
	}
	w := &r.wide[i]
	w.Reset(v.Type, n)
	out := vec.Values[vec.Int128](w)
	for k, x := range vec.Values[int64](v) {
		out[k] = vec.Int128{Lo: uint64(x), Hi: x >> 63}
	}
	w.CopyValid(v.Valid)
	w.Form, w.Len = v.Form, v.Len
	return w
}

func (r *rawKeep) size() int {
	r.bytes = 0
	for _, k := range r.parts {
		for _, c := range k.cols {
			r.bytes += c.Size()
		}
	}
	return r.bytes
}

// partOf is the part, of n, a power of two, that a hash belongs to.
func partOf(h uint64, n int) uint64 { return h * fib >> 40 & uint64(n-1) }

// addRaw groups the rows that a worker has kept for part p.
func (m *aggMerge) addRaw(r *rawKeep, p int) error {
	k := r.parts[p]
	cols := builderVectors(k.cols)
	keys := cols[:len(m.h.KeyTypes)]
	var idx, keptSel, keptGroups [vec.BatchSize]int32
	for lo := 0; lo < k.n; lo += len(idx) {
		sel := idx[:min(len(idx), k.n-lo)]
		for j := range sel {
			sel[j] = int32(lo + j)
		}
		groups := m.dst.table.find(keys, sel)
		for i, acc := range m.dst.accs {
			acc.Grow(m.dst.table.n)
			s, g := sel, groups
			var args []*vec.Vector
			if r.args[i] >= 0 {
				v := cols[r.args[i]]
				args = []*vec.Vector{v}
				if v.Valid != nil && !m.h.Aggs[i].Overload.TakesNulls {
					n := 0
					for j, row := range sel {
						keptSel[n], keptGroups[n] = row, groups[j]
						if !v.IsNull(int(row)) {
							n++
						}
					}
					s, g = keptSel[:n], keptGroups[:n]
				}
			}
			if len(s) == 0 {
				continue
			}
			if err := acc.Update(g, args, s); err != nil {
				return err
			}
		}
	}
	r.parts[p] = nil
	return nil
}
