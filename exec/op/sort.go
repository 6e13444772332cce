package op

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Sort orders rows by Keys; equal rows stay in input order. It is a flow.Sink; Source gives the rows. With Limit it keeps only
// what may be among the first Offset+Limit rows: top N.
type Sort struct {
	Types      []types.Type // the columns of the batches, all of which are given out again
	Keys       flow.Program
	KeyTypes   []types.Type
	Desc       []bool // nil: ascending
	NullsFirst []bool // nil: nulls last
	Offset     int64
	Limit      int64 // rows to give out after Offset; 0 or less: all

	set   *rowSet
	perm  []int32
	bound atomic.Uint64 // top N: no row whose first key's word is greater can be among them
}

// maxTop is the most rows that are kept as top N; more are sorted in full.
const maxTop = 1 << 18

// top gives the number of rows to keep, 0 for all.
func (s *Sort) top() int {
	if s.Limit <= 0 || s.Limit > maxTop || s.Offset > maxTop {
		return 0
	}
	return int(s.Offset + s.Limit)
}

// Local makes a worker's part.
func (s *Sort) Local(t *flow.Task) (flow.LocalSink, error) {
	s.open(t)
	l := &sortLocal{s: s, m: s.Keys.Machine(t), k: s.set.local()}
	l.first.desc, l.first.nullsFirst = s.flag(s.Desc, 0), s.flag(s.NullsFirst, 0)
	l.second.desc, l.second.nullsFirst = s.flag(s.Desc, 1), s.flag(s.NullsFirst, 1)
	return l, nil
}

func (s *Sort) open(t *flow.Task) {
	if s.set != nil {
		return
	}
	ts := append(append([]types.Type(nil), s.Types...), s.KeyTypes...)
	if s.top() > 0 {
		ts = append(ts, types.TBigInt, types.TBigInt)
	}
	s.set = newRowSet(t, ts)
	s.bound.Store(math.MaxUint64)
}

func (s *Sort) flag(list []bool, i int) bool { return i < len(list) && list[i] }

type sortLocal struct {
	s    *Sort
	m    flow.Machine
	k    *keeper
	cols []*vec.Vector

	// Top N
	first, second firstKey
	last          [2]uint64 // the words of the last of the worker's first N rows
	two           bool      // last[1] counts among rows of the word last[0]
	sel           []int32
	pairs         []pair
	morsel, place vec.Vector
	rows          int64 // seen by the worker, whose morsels come in order
}

func (l *sortLocal) Push(b *vec.Batch) error {
	keys, err := l.m.Eval(b)
	if err != nil {
		return err
	}
	l.cols = append(append(l.cols[:0], b.Cols...), keys...)
	if l.s.top() == 0 {
		return l.k.add(b, l.cols, rows(b))
	}
	sel := l.below(keys, rows(b))
	if len(sel) == 0 {
		return nil
	}
	l.morsel.Reset(types.TBigInt, 1)
	vec.Values[int64](&l.morsel)[0] = b.Morsel
	l.morsel.SetConst(b.N)
	l.place.Reset(types.TBigInt, b.N)
	place := vec.Values[int64](&l.place)
	for _, i := range sel {
		l.rows++
		place[i] = l.rows
	}
	l.cols = append(l.cols, &l.morsel, &l.place)
	if err := l.k.add(b, l.cols, sel); err != nil {
		return err
	}
	if l.k.n >= max(4*l.s.top(), 1<<10) {
		return l.prune()
	}
	return nil
}

// below narrows sel to the rows whose first key's word does not pass the bound, nor, where it is the same as that of the worker's own last row,
// the second key's.
func (l *sortLocal) below(keys []*vec.Vector, sel []int32) []int32 {
	bound := l.s.bound.Load()
	if bound == math.MaxUint64 {
		return sel
	}
	words := l.first.of(keys[0], sel)
	if cap(l.sel) < len(sel) {
		l.sel = make([]int32, max(len(sel), vec.BatchSize))
	}
	out, same := within(words, bound, sel, l.sel)
	if !l.two || same < len(out)/8 || l.last[0] != bound {
		return out
	}
	seconds, n := l.second.of(keys[1], out), 0
	for _, i := range out {
		out[n] = i
		if words[i] < bound || seconds[i] <= l.last[1] {
			n++
		}
	}
	return out[:n]
}

// within copies the rows of sel whose words do not pass the bound to dst, which may be sel, and counts those that are at it.
func within(words []uint64, bound uint64, sel, dst []int32) (out []int32, same int) {
	n := 0
	for _, i := range sel {
		dst[n] = i
		if w := words[i]; w <= bound {
			n++
			if w == bound {
				same++
			}
		}
	}
	return dst[:n], same
}

// Refine gives a filter for a scan whose column at position col is the first key: it drops rows that cannot be among the first N.
func (s *Sort) Refine(col int) storage.Refine {
	return storage.Refine{Columns: []int{col}, New: func() func(*vec.Batch, []int32) ([]int32, error) {
		first := firstKey{desc: s.flag(s.Desc, 0), nullsFirst: s.flag(s.NullsFirst, 0)}
		return func(b *vec.Batch, sel []int32) ([]int32, error) {
			bound := s.bound.Load()
			if s.top() == 0 || bound == 0 || bound == math.MaxUint64 || len(sel) == 0 {
				return sel, nil
			}
			out, _ := within(first.of(b.Cols[col], sel), bound, sel, sel)
			return out, nil
		}
	}}
}

// prune drops the worker's rows that are not among its first N.
func (l *sortLocal) prune() error {
	top := l.s.top()
	if l.k.n <= top {
		return nil
	}
	by := builderVectors(l.k.cols)[len(l.s.Types):]
	perm := sortTop(by, l.k.n, top, l.s.flags(l.s.Desc, len(by)), l.s.flags(l.s.NullsFirst, len(by)), &l.pairs)
	size := 0
	for i, c := range l.k.cols {
		b := vec.NewBuilder(l.s.set.types[i])
		b.Append(c.Vector(), perm)
		l.k.cols[i] = b
		size += b.Size()
	}
	l.first.fill(l.last[:1], l.k.cols[len(l.s.Types)].Vector(), top-1)
	if l.two = l.s.exactFirst() && l.last[0] != 0 && l.last[0] != math.MaxUint64; l.two { // which could be NULL, too
		l.second.fill(l.last[1:], l.k.cols[len(l.s.Types)+1].Vector(), top-1)
	}
	for {
		old := l.s.bound.Load()
		if l.last[0] >= old || l.s.bound.CompareAndSwap(old, l.last[0]) {
			break
		}
	}
	l.k.n = top
	l.k.segs = []segment{{0, l.k, 0, top}}
	grown := size - l.k.size
	l.k.size = size
	return l.k.res.Grow(int64(grown))
}

// exactFirst tells whether the first key's words differ where its values do, and whether there is a second key.
func (s *Sort) exactFirst() bool {
	switch s.KeyTypes[0].Phys() {
	case types.PBool, types.PI32, types.PI64, types.PF64:
		return len(s.KeyTypes) > 1
	}
	return false
}

// flags makes list n long.
func (s *Sort) flags(list []bool, n int) []bool {
	out := make([]bool, n)
	copy(out, list)
	return out
}

// Combine prunes the worker's rows for the last time.
func (l *sortLocal) Combine() error {
	if l.s.top() > 0 {
		return l.prune()
	}
	return nil
}

// Finish sorts.
func (s *Sort) Finish(t *flow.Task, p flow.Parallel) error {
	s.open(t)
	if err := s.set.finish(p); err != nil {
		return err
	}
	n := s.set.n
	if err := s.set.res.Grow(int64(n) * 20); err != nil {
		return err
	}
	by := s.set.cols[len(s.Types):]
	var err error
	s.perm, err = (&sorter{n: n}).sort(p, max(t.Workers, 1), by, s.flags(s.Desc, len(by)), s.flags(s.NullsFirst, len(by)))
	if err != nil {
		return err
	}
	s.perm = s.perm[min(max(s.Offset, 0), int64(n)):]
	if s.Limit > 0 {
		s.perm = s.perm[:min(s.Limit, int64(len(s.perm)))]
	}
	s.set.cols = s.set.cols[:len(s.Types)]
	return nil
}

// Held gives the bytes reserved.
func (s *Sort) Held() int64 { return s.set.res.Held() }

// Close gives up the rows.
func (s *Sort) Close() error {
	s.perm = nil
	s.set.close()
	return nil
}

// Source gives the sorted rows.
func (s *Sort) Source() flow.Source {
	return &permSource{rows: func() ([]*vec.Vector, []int32) { return s.set.cols, s.perm }}
}

// permSource gives materialised rows in a given order, by morsels.
type permSource struct {
	rows func() ([]*vec.Vector, []int32) // asked in Open
	cols []*vec.Vector
	perm []int32
	next atomic.Int64
}

func (s *permSource) Open(*flow.Task) error {
	s.cols, s.perm = s.rows()
	s.next.Store(0)
	return nil
}

func (s *permSource) MaxCursors() int { return (len(s.perm) + permMorsel - 1) / permMorsel }

func (s *permSource) Close() error { return nil }

// permMorsel is small, so that a LIMIT above stops early.
const permMorsel = 1 << 14

func (s *permSource) Cursor(t *flow.Task) (flow.Cursor, error) {
	c := &permCursor{s: s, size: batchSize(t), vecs: make([]vec.Vector, len(s.cols))}
	for i := range c.vecs {
		c.batch.Cols = append(c.batch.Cols, &c.vecs[i])
	}
	return c, nil
}

type permCursor struct {
	s       *permSource
	size    int
	at, end int
	vecs    []vec.Vector
	batch   vec.Batch
}

func (c *permCursor) Next(context.Context) (*vec.Batch, error) {
	if c.at >= c.end {
		m := c.s.next.Add(1) - 1
		if int(m)*permMorsel >= len(c.s.perm) {
			return nil, nil
		}
		c.at = int(m) * permMorsel
		c.end = min(c.at+permMorsel, len(c.s.perm))
		c.batch.Morsel, c.batch.Seq = m, -1
	}
	n := min(c.size, c.end-c.at)
	for i, u := range c.s.cols {
		vec.Gather(&c.vecs[i], u, c.s.perm[c.at:c.at+n])
	}
	c.at += n
	c.batch.N = n
	c.batch.Seq++
	return &c.batch, nil
}

func (c *permCursor) Close() error { return nil }
