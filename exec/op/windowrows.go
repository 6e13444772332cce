package op

import (
	"sort"

	"github.com/skep-sql/skep/catalog/types"
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
	part, err := w.partitionNumbers(t)
	if err != nil {
		return nil, err
	}
	if err := st.set.res.Grow(int64(r.n) * 32); err != nil { // the sort's memory, later the permutation and the starts
		return nil, err
	}
	order := st.set.cols[st.at.order : st.at.order+len(w.OrderTypes)]
	var by []*vec.Vector
	var desc, first []bool
	if part != nil {
		by, desc, first = append(by, part), append(desc, false), append(first, false)
	}
	for i, v := range order {
		by, desc, first = append(by, v), append(desc, w.Desc != nil && w.Desc[i]), append(first, w.NullsFirst != nil && w.NullsFirst[i])
	}
	if len(by) == 0 {
		r.perm = numbers(0, r.n)
	} else if r.perm, err = (&sorter{n: r.n}).sort(p, max(t.Workers, 1), by, desc, first); err != nil {
		return nil, err
	}
	if r.parts, err = r.starts(p, by[:len(by)-len(order)], nil); err != nil {
		return nil, err
	}
	r.peers = r.parts
	if len(order) > 0 && w.needPeers() {
		if r.peers, err = r.starts(p, order, r.parts); err != nil {
			return nil, err
		}
	}
	return r, st.set.res.Grow(int64(4*(len(r.parts)+len(r.peers)+r.n) - 32*r.n))
}

// partitionNumbers gives each row the number of its partition; nil: there is one only.
func (w *Window) partitionNumbers(t *flow.Task) (*vec.Vector, error) {
	st := &w.st
	if len(w.PartitionTypes) == 0 {
		return nil, nil
	}
	table := newGroupTable(w.PartitionTypes)
	keys := st.set.cols[st.at.partition : st.at.partition+len(w.PartitionTypes)]
	part := vec.New(types.TInteger, st.set.n)
	out := vec.Values[int32](part)
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
	return part, nil
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

// starts gives the positions where a value of by differs from the one before, those of within, and n at the end.
func (r *winRows) starts(p flow.Parallel, by []*vec.Vector, within []int32) ([]int32, error) {
	if r.n == 0 {
		return []int32{0}, nil
	}
	if len(by) == 0 {
		return []int32{0, int32(r.n)}, nil
	}
	begins := make([]bool, r.n)
	for _, s := range within {
		if int(s) < r.n {
			begins[s] = true
		}
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
		return nil, err
	}
	begins[0] = true
	total := 2
	for _, n := range counts {
		total += n
	}
	out := make([]int32, 0, total)
	for i, b := range begins {
		if b {
			out = append(out, int32(i))
		}
	}
	return append(out, int32(r.n)), nil
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
