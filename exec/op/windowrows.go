package op

import (
	"slices"
	"sort"

	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// winRows is the order of the rows and where partitions and groups of peers begin. A row's place in the order is its position; what is
// stored by row is found through perm.
type winRows struct {
	n     int
	perm  []int32
	parts []int32 // the first position of each partition, and n
	peers []int32 // the first position of each group of peers, and n; parts itself when there is no order
}

// sortRows numbers the partitions in the order in which they appear, and sorts by that and the order keys.
func (w *Window) sortRows(t *flow.Task, p flow.Parallel) (*winRows, error) {
	st := &w.st
	r := &winRows{n: st.set.n}
	if err := st.set.res.Grow(int64(r.n) * 40); err != nil { // the sort's memory; less stays
		return nil, err
	}
	parts, err := w.partitionNumbers(t)
	if err != nil {
		return nil, err
	}
	r.starts(parts)
	order := st.columns(st.at.order)
	if len(order) == 0 {
		r.perm = numbers(0, r.n)
		r.gather(parts)
	} else if err := w.order(r, p, max(t.Workers, 1), order, parts); err != nil {
		return nil, err
	}
	r.peers = r.parts
	if len(order) > 0 && w.needPeers() {
		if err := r.findPeers(p, order); err != nil {
			return nil, err
		}
	}
	return r, st.set.res.Grow(int64(4*(len(r.parts)+len(r.peers)+r.n) - 40*r.n))
}

// partitionNumbers gives each row the number of its partition; nil: there is one only.
func (w *Window) partitionNumbers(t *flow.Task) ([]int32, error) {
	st := &w.st
	if len(w.PartitionTypes) == 0 {
		return nil, nil
	}
	table := newGroupTable(w.PartitionTypes)
	keys := st.columns(st.at.partition)
	out := make([]int32, st.set.n)
	var sel [vec.BatchSize]int32
	for lo := 0; lo < len(out); lo += len(sel) {
		if lo&(1<<17-1) == 0 && t.Ctx.Err() != nil {
			return nil, cancelled(t.Ctx)
		}
		s := sel[:min(len(sel), len(out)-lo)]
		for k := range s {
			s[k] = int32(lo + k)
		}
		copy(out[lo:], table.find(keys, s))
	}
	if table.n == 1 {
		return nil, nil
	}
	return out, nil
}

// starts sets parts from the numbers of the rows' partitions.
func (r *winRows) starts(parts []int32) {
	if parts == nil {
		r.parts = []int32{0, int32(r.n)}
		if r.n == 0 {
			r.parts = r.parts[:1]
		}
		return
	}
	last := int32(-1)
	for _, p := range parts {
		last = max(last, p)
	}
	r.parts = make([]int32, last+2)
	for _, p := range parts {
		r.parts[p+1]++
	}
	for i := range r.parts[1:] {
		r.parts[i+1] += r.parts[i]
	}
}

// gather brings the rows of each partition together, leaving them in order.
func (r *winRows) gather(parts []int32) {
	if parts == nil {
		return
	}
	next, out := slices.Clone(r.parts), make([]int32, r.n)
	for _, row := range r.perm {
		p := parts[row]
		out[next[p]] = row
		next[p]++
	}
	r.perm = out
}

// order sets perm. Keys that fit a word are sorted all at once, before the partitions are brought together; others within each partition.
func (w *Window) order(r *winRows, p flow.Parallel, workers int, by []*vec.Vector, parts []int32) error {
	s := &sorter{n: r.n}
	where, keyBits, err := s.plan(p, by, w.Desc, w.NullsFirst)
	switch {
	case err != nil:
		return err
	case s.oneWord(keyBits):
		r.perm, err = s.sortWords(p, workers, len(where), keyBits, s.rowBits())
		r.gather(parts)
		return err
	case parts == nil:
		r.perm, err = s.sortPairs(p, workers, where)
		return err
	case r.largest() > r.n/2:
		r.perm, err = s.sortPairs(p, workers, where)
		r.gather(parts)
		return err
	}
	pairs, sorted := make([]pair, r.n), make([]pair, r.n)
	runs := cuts(r.n, workers)
	if err := p.For(len(runs)-1, func(i int) error { s.fillPairs(pairs, where, runs[i], runs[i+1]); return nil }); err != nil {
		return err
	}
	next := slices.Clone(r.parts)
	for row, x := range pairs {
		sorted[next[parts[row]]] = x
		next[parts[row]]++
	}
	r.perm = make([]int32, r.n)
	spans := r.spans()
	return p.For(len(spans), func(i int) error {
		lo, hi := spans[i].lo, spans[i].hi
		for k := indexOf(r.parts, lo); k+1 < len(r.parts) && int(r.parts[k]) < hi; k++ {
			slices.SortFunc(sorted[r.parts[k]:r.parts[k+1]], s.comparePairs)
		}
		for k, x := range sorted[lo:hi] {
			r.perm[lo+k] = x.row
		}
		return nil
	})
}

// largest gives the number of rows of the largest partition.
func (r *winRows) largest() int {
	n := int32(0)
	for i := range r.parts[1:] {
		n = max(n, r.parts[i+1]-r.parts[i])
	}
	return int(n)
}

// needPeers tells whether a function asks for the peers of a row.
func (w *Window) needPeers() bool {
	for i := range w.Funcs {
		f := &w.Funcs[i]
		switch f.Kind {
		case WinRank, WinDenseRank, WinPercentRank, WinCumeDist:
			return true
		case WinFirst, WinLast, WinNth, WinAggregate:
			if f.Frame.Unit != FrameRows || f.Frame.Exclude >= ExcludeGroup {
				return true
			}
		}
	}
	return false
}

// findPeers sets peers: the positions where a partition begins or an order key differs from the one before.
func (r *winRows) findPeers(p flow.Parallel, by []*vec.Vector) error {
	begins := make([]bool, r.n+1)
	for _, s := range r.parts {
		begins[s] = true
	}
	chunks := (r.n + sortChunk - 1) / sortChunk
	counts := make([]int, chunks)
	err := p.For(chunks, func(c int) error {
		var pairs [vec.BatchSize]int32
		lo, end := max(c*sortChunk, 1), min((c+1)*sortChunk, r.n)
		for ; lo < end; lo += len(pairs) {
			hi := min(lo+len(pairs), end)
			same := append(pairs[:0], vec.Identity(hi-lo)...)
			for _, v := range by {
				same = key.Match(same, v, r.perm[lo-1:hi-1], v, r.perm[lo:hi])
			}
			at := 0
			for k := range hi - lo {
				if at < len(same) && same[at] == int32(k) {
					at++
				} else {
					begins[lo+k] = true
				}
			}
		}
		for _, b := range begins[c*sortChunk : end] {
			if b {
				counts[c]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	total := 1
	for _, n := range counts {
		total += n
	}
	r.peers = make([]int32, 0, total)
	for i, b := range begins {
		if b {
			r.peers = append(r.peers, int32(i))
		}
	}
	return nil
}

// winSpan is a run of whole partitions whose functions are computed together, or one large partition.
type winSpan struct {
	lo, hi int
	large  bool
}

// spanRows is the least number of rows of a span, but for the last one. A large partition's rows are computed in pieces of as many.
const spanRows = 1 << 14

// spans cuts the rows.
func (r *winRows) spans() []winSpan {
	var out []winSpan
	lo := 0
	for i := 1; i < len(r.parts); i++ {
		a, b := int(r.parts[i-1]), int(r.parts[i])
		large := b-a >= 4*spanRows
		if large && a > lo {
			out = append(out, winSpan{lo: lo, hi: a})
			lo = a
		}
		if b-lo >= spanRows || b == r.n {
			out = append(out, winSpan{lo: lo, hi: b, large: large})
			lo = b
		}
	}
	return out
}

// indexOf gives the i with starts[i] <= p < starts[i+1].
func indexOf(starts []int32, p int) int {
	return sort.Search(len(starts), func(i int) bool { return int(starts[i]) > p }) - 1
}

// winPos tells, for the rows at the positions lo…hi-1, where their partitions and groups of peers lie.
type winPos struct {
	r      *winRows
	lo, hi int
	ps, pe []int32 // the partition's first position and the one after its last
	gs, ge []int32 // the same of the peers
	part   []int32 // the number of the partition
	peer   []int32 // the number of the group of peers
}

func newWinPos(r *winRows, lo, hi int) *winPos {
	n := hi - lo
	buf := make([]int32, 6*n)
	take := func() []int32 {
		s := buf[:n:n]
		buf = buf[n:]
		return s
	}
	p := &winPos{r: r, lo: lo, hi: hi, ps: take(), pe: take(), part: take()}
	spread(r.parts, lo, p.ps, p.pe, p.part)
	p.gs, p.ge, p.peer = p.ps, p.pe, p.part
	if len(r.peers) != len(r.parts) {
		p.gs, p.ge, p.peer = take(), take(), take()
		spread(r.peers, lo, p.gs, p.ge, p.peer)
	}
	return p
}

// spread sets start, end and index of the run that each position from lo on belongs to.
func spread(starts []int32, lo int, start, end, index []int32) {
	at := 0
	for i := indexOf(starts, lo); at < len(start); i++ {
		to := min(int(starts[i+1])-lo, len(start))
		for ; at < to; at++ {
			start[at], end[at], index[at] = starts[i], starts[i+1], int32(i)
		}
	}
}
