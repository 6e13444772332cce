package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Grouping ahead of the merge is a waste where groups hardly repeat, and slow where they do not fit the caches. Then a worker
// keeps its rows as they are, split into parts by the hash of their keys, and they are grouped part by part at the end. After rawLook rows
// it looks at one part: if they repeat after all, it groups them and keeps no more.

var (
	rawGroups = 1 << 16 // from so many groups on
	rawLook   = 1 << 19
	rawRows   = 1 << 23 // a worker keeps no more rows than these
)

const (
	rawRepeat = 2 // with no more rows a group than these
	rawParts  = 64
	rawShare  = 8 // nor more than this part of the memory budget, all workers together
)

// rawKeep is a worker's rows that are not grouped yet.
type rawKeep struct {
	types  []types.Type // of the key columns, then of the arguments
	parts  []rawPart
	args   []int   // by aggregate: the column of its argument, or −1
	whole  bool    // the groups are found by the hashes of whole rows, so those are kept too
	fresh  float64 // how much of the rows before were new groups
	looked bool
	n      int
	closed int // bytes of chunks that are full
	bytes  int
	cols   []*vec.Vector
	hashes []uint64
	order  []int32
	places []int32
	wide   []vec.Vector // by aggregate
}

// rawPart is the rows of one part, in chunks of at most a batch: nothing moves as it grows, and a chunk is garbage once grouped.
type rawPart struct {
	chunks []*rawChunk
	rows   int
}

type rawChunk struct {
	cols   []*vec.Builder
	hashes []uint64 // by row, where kept
	n      int
}

func (c *rawChunk) size() int {
	n := 8 * cap(c.hashes)
	for _, b := range c.cols {
		n += b.Size()
	}
	return n
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

func (h *HashAggregate) newRaw(whole bool) *rawKeep {
	r := &rawKeep{whole: whole, parts: make([]rawPart, rawParts)}
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
	r.types = ts
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
	if cap(r.places) < len(sel) {
		r.places = make([]int32, max(len(sel), vec.BatchSize))
	}
	places := r.places[:len(sel)]
	for k, h := range hashes {
		p := partOf(h, rawParts)
		order[at[p]], places[at[p]] = sel[k], int32(k)
		at[p]++
	}
	for p := range r.parts {
		r.add(&r.parts[p], order[start[p]:start[p+1]], places[start[p]:start[p+1]])
	}
	r.n += len(sel)
}

// add copies rows of r.cols, whose hashes lie at places, to a part.
func (r *rawKeep) add(p *rawPart, rows, places []int32) {
	p.rows += len(rows)
	for len(rows) > 0 {
		var c *rawChunk
		if n := len(p.chunks); n > 0 {
			c = p.chunks[n-1]
		}
		if c == nil || c.n == vec.BatchSize {
			if c != nil {
				r.closed += c.size()
			}
			c = r.newChunk()
			p.chunks = append(p.chunks, c)
		}
		n := min(len(rows), vec.BatchSize-c.n)
		for i, b := range c.cols {
			b.Append(r.cols[i], rows[:n])
		}
		if r.whole {
			for _, k := range places[:n] {
				c.hashes = append(c.hashes, r.hashes[k])
			}
		}
		c.n += n
		rows, places = rows[n:], places[n:]
	}
}

// repeats tells, from the part that has the fewest rows, where no single key prevails, whether keys come twice as often as they seemed to.
func (r *rawKeep) repeats(keys []types.Type) bool {
	part := &r.parts[0]
	for i := range r.parts {
		if r.parts[i].rows < part.rows {
			part = &r.parts[i]
		}
	}
	t := newGroupTable(keys)
	for _, c := range part.chunks {
		t.findHashed(builderVectors(c.cols)[:len(keys)], vec.Identity(c.n), c.hashes)
	}
	return part.rows > 2*rawRepeat*t.n
}

func (r *rawKeep) newChunk() *rawChunk {
	c := &rawChunk{}
	for _, t := range r.types {
		b := vec.NewBuilder(t)
		b.Reserve(vec.BatchSize)
		c.cols = append(c.cols, b)
	}
	if r.whole {
		c.hashes = make([]uint64, 0, vec.BatchSize)
	}
	return c
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
	r.bytes = r.closed
	for _, p := range r.parts {
		if n := len(p.chunks); n > 0 {
			r.bytes += p.chunks[n-1].size()
		}
	}
	return r.bytes
}

// partOf is the part, of n, a power of two, that a hash belongs to.
func partOf(h uint64, n int) uint64 { return h * fib >> 40 & uint64(n-1) }

// addRaw groups the rows that a worker has kept for part p.
func (m *aggMerge) addRaw(r *rawKeep, p int) error {
	chunks := r.parts[p].chunks
	r.parts[p].chunks = nil
	for i, c := range chunks {
		chunks[i] = nil
		if err := m.addChunk(r, c); err != nil {
			return err
		}
	}
	return nil
}

func (m *aggMerge) addChunk(r *rawKeep, c *rawChunk) error {
	var keptSel, keptGroups [vec.BatchSize]int32
	cols, sel := builderVectors(c.cols), vec.Identity(c.n)
	groups := m.dst.table.findHashed(cols[:len(m.h.KeyTypes)], sel, c.hashes)
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
	return nil
}
