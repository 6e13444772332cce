package op

import (
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// An aggregate over frames is computed by states, one a bucket: a row, a group of peers or a partition. Where the frame is one bucket
// the states are the result; where it starts or ends with the partition they are merged one into the next; other frames are put
// together from a tree of states. Aggregates whose states are too large for that go through the rows of each frame.

// aggHow tells how an aggregate is computed.
type aggHow struct {
	mode aggMode
	unit aggUnit
}

type aggMode uint8

const (
	aggEach   aggMode = iota // every frame is a bucket
	aggPrefix                // frames start with the partition: running states
	aggSuffix                // frames end with the partition
	aggBlocks                // frames of one width: see winBlocks
	aggTree                  // frames are put together from states of 2^k rows
	aggSteps                 // like aggPrefix, but one state grows bucket by bucket
	aggScan                  // each frame by itself
)

type aggUnit uint8

const (
	byRow aggUnit = iota
	byPeers
	byPartition
)

// choose chooses the way for the aggregate's frame.
func (c *winCall) choose() aggHow {
	f, fr := c.f, &c.f.Frame
	_, chained := f.Overload.NewAcc(f.Args).(fn.Chained)
	distinct := f.Distinct && !f.Overload.IgnoresDuplicates
	unit := byRow
	if fr.Unit != FrameRows {
		unit = byPeers
	}
	start, end := fr.Start.Kind, fr.End.Kind
	switch {
	case fr.Exclude != ExcludeNone:
	case start == UnboundedPreceding && end == UnboundedFollowing:
		return aggHow{aggEach, byPartition}
	case start == CurrentRow && end == CurrentRow:
		return aggHow{aggEach, unit}
	case start == UnboundedPreceding && end == CurrentRow && chained:
		return aggHow{aggPrefix, unit}
	case start == UnboundedPreceding && end == CurrentRow:
		return aggHow{aggSteps, unit}
	case start == UnboundedPreceding && chained:
		return aggHow{aggPrefix, byRow}
	case end == UnboundedFollowing && chained && start == CurrentRow:
		return aggHow{aggSuffix, unit}
	case end == UnboundedFollowing && chained:
		return aggHow{aggSuffix, byRow}
	}
	if chained && !distinct {
		if _, ok := c.frameWidth(); ok {
			return aggHow{aggBlocks, byRow}
		}
		return aggHow{aggTree, byRow}
	}
	return aggHow{aggScan, byRow}
}

// winAgg computes an aggregate for the rows of a span.
type winAgg struct {
	*winCall
	span    winSpan
	unit    []int32        // the starts of the buckets; nil: each row is one
	first   int            // the number of the span's first bucket in unit
	n       int            // buckets
	done    *vec.Vector    // by bucket: the result; at n: that of no rows
	tree    fn.Accumulator // aggTree
	sliding *winBlocks     // aggBlocks
	level   []int32        // aggTree: the number of each level's first state
	held    int64          // bytes reserved
}

func (a *winAgg) prepare() error {
	switch a.how.unit {
	case byPeers:
		a.unit = a.r.peers
	case byPartition:
		a.unit = a.r.parts
	}
	a.n = a.span.hi - a.span.lo
	if a.unit != nil {
		a.first = indexOf(a.unit, a.span.lo)
		a.n = indexOf(a.unit, a.span.hi-1) + 1 - a.first
	}
	switch a.how.mode {
	case aggScan:
		return nil
	case aggBlocks:
		return a.blocks()
	case aggTree:
		return a.grow()
	case aggSteps:
		return a.steps()
	}
	acc := a.f.Overload.NewAcc(a.f.Args)
	acc.Grow(a.n + 1)
	feed := newAggFeed(a.winCall)
	if a.how.mode == aggPrefix {
		feed.runs = a.r.parts
	}
	err := a.feedAll(feed, acc)
	if err == nil && a.how.mode == aggPrefix {
		err = a.chain(acc)
	} else if err == nil && a.how.mode == aggSuffix {
		err = a.chainBack(acc)
	}
	if err != nil {
		return err
	}
	if err = a.hold(acc.Size()); err != nil {
		return err
	}
	a.done = vec.New(a.f.Result, a.n+1)
	if err = acc.Result(0, a.n+1, a.done); err != nil {
		return err
	}
	a.release()
	return a.hold(a.done.Size())
}

// hold reserves n more bytes.
func (a *winAgg) hold(n int) error {
	err := a.st.set.res.Grow(int64(n))
	if err == nil {
		a.held += int64(n)
	}
	return err
}

// release gives back what has been reserved.
func (a *winAgg) release() {
	_ = a.st.set.res.Grow(-a.held) // less is always granted
	a.held = 0
}

// feedAll adds the span's rows to the states of their buckets; from the last one on where frames end with the partition, so that of equal
// rows the last one counts.
func (a *winAgg) feedAll(feed *aggFeed, acc fn.Accumulator) error {
	var groups, sel [vec.BatchSize]int32
	back := a.how.mode == aggSuffix
	if back {
		feed.runs = a.r.parts
	} else if feed.runs == nil {
		feed.runs = a.unit
	}
	n := a.span.hi - a.span.lo
	for done := 0; done < n; done += len(sel) {
		if err := a.cancelled(); err != nil {
			return err
		}
		m := min(len(sel), n-done)
		lo := a.span.lo + done
		if back {
			lo = a.span.hi - done - m
		}
		a.buckets(lo, groups[:m])
		copy(sel[:m], a.r.perm[lo:lo+m])
		feed.lo = lo
		if back {
			feed.reverse(groups[:m], sel[:m])
		}
		if err := feed.add(acc, groups[:m], sel[:m]); err != nil {
			return err
		}
	}
	return nil
}

// buckets sets out to the buckets of the rows from position lo on.
func (a *winAgg) buckets(lo int, out []int32) {
	if a.unit == nil {
		for k := range out {
			out[k] = int32(lo - a.span.lo + k)
		}
		return
	}
	i := indexOf(a.unit, lo)
	for k := range out {
		if int(a.unit[i+1]) <= lo+k {
			i++
		}
		out[k] = int32(i - a.first)
	}
}

// begins gives the bucket that a partition starts with, for the partitions of the span, and n.
func (a *winAgg) begins() []int32 {
	lo, hi := indexOf(a.r.parts, a.span.lo), indexOf(a.r.parts, a.span.hi-1)+1
	out := make([]int32, 0, hi-lo+1)
	b := a.first
	for _, p := range a.r.parts[lo:hi] {
		if a.unit == nil {
			out = append(out, p-int32(a.span.lo))
			continue
		}
		for a.unit[b] < p {
			b++
		}
		out = append(out, int32(b-a.first))
	}
	return append(out, int32(a.n))
}

// merger merges states of an accumulator into others of the same or another one.
type merger struct {
	to, from fn.Accumulator
	src, dst []int32
}

// merge adds state src to dst, at once or later.
func (m *merger) merge(src, dst int32) error {
	m.src, m.dst = append(m.src, src), append(m.dst, dst)
	if len(m.src) < vec.BatchSize {
		return nil
	}
	return m.flush()
}

func (m *merger) flush() error {
	err := m.to.Merge(m.from, m.src, m.dst)
	m.src, m.dst = m.src[:0], m.dst[:0]
	return err
}

// chain merges each state into the next one of its partition.
func (a *winAgg) chain(acc fn.Accumulator) error {
	m := merger{to: acc, from: acc}
	begins := a.begins()
	for i, b := range begins[:len(begins)-1] {
		for k := b + 1; k < begins[i+1]; k++ {
			if err := m.merge(k-1, k); err != nil {
				return err
			}
		}
		if err := a.cancelled(); err != nil {
			return err
		}
	}
	return m.flush()
}

// chainBack merges each state into the one before.
func (a *winAgg) chainBack(acc fn.Accumulator) error {
	m := merger{to: acc, from: acc}
	begins := a.begins()
	for i := len(begins) - 2; i >= 0; i-- {
		for k := begins[i+1] - 2; k >= begins[i]; k-- {
			if err := m.merge(k+1, k); err != nil {
				return err
			}
		}
		if err := a.cancelled(); err != nil {
			return err
		}
	}
	return m.flush()
}

// grow makes the tree: each level's states hold two of the level below.
func (a *winAgg) grow() error {
	total := 0
	for n := a.n; n > 0; n >>= 1 {
		a.level = append(a.level, int32(total))
		total += n
	}
	a.tree = a.f.Overload.NewAcc(a.f.Args)
	a.tree.Grow(total)
	if err := a.hold(a.tree.Size()); err != nil {
		return err
	}
	if err := a.feedAll(newAggFeed(a.winCall), a.tree); err != nil {
		return err
	}
	m := merger{to: a.tree, from: a.tree}
	for l := 1; l < len(a.level); l++ {
		if err := a.cancelled(); err != nil {
			return err
		}
		for k := range int32(a.n >> l) {
			for side := range int32(2) {
				if err := m.merge(a.level[l-1]+2*k+side, a.level[l]+k); err != nil {
					return err
				}
			}
		}
	}
	return m.flush()
}

// covering adds the states of the tree that make up a run, in order, to state dst.
func (a *winAgg) covering(m *merger, r run, dst int32) error {
	s, e := r.s-int32(a.span.lo), r.e-int32(a.span.lo)
	var right [32]int32
	n := 0
	for l := 0; s < e; l++ {
		if s&1 != 0 {
			if err := m.merge(a.level[l]+s, dst); err != nil {
				return err
			}
			s++
		}
		if e&1 != 0 {
			e--
			right[n] = a.level[l] + e
			n++
		}
		s, e = s>>1, e>>1
	}
	for n > 0 {
		n--
		if err := m.merge(right[n], dst); err != nil {
			return err
		}
	}
	return nil
}

func (a *winAgg) eval(pos *winPos, out *vec.Vector) error {
	f := a.f.Frame
	switch a.how.mode {
	case aggScan:
		return a.scan(pos, out)
	case aggBlocks:
		return a.fromBlocks(pos, out)
	case aggTree:
		return a.fromTree(pos, out)
	case aggPrefix, aggSuffix:
		if f.Start.Kind > CurrentRow || f.End.Kind < CurrentRow || f.Start.Kind == Preceding || f.End.Kind == Following {
			return a.fromStates(pos, out)
		}
	}
	if a.unit == nil {
		out.Slice(a.done, pos.lo-a.span.lo, pos.hi-pos.lo)
		return nil
	}
	idx := make([]int32, pos.hi-pos.lo)
	a.buckets(pos.lo, idx)
	vec.Gather(out, a.done, idx)
	return nil
}

// fromStates takes the running state that each frame ends, or starts, with.
func (a *winAgg) fromStates(pos *winPos, out *vec.Vector) error {
	f, err := a.frames(pos)
	if err != nil {
		return err
	}
	lo := int32(a.span.lo)
	idx := make([]int32, pos.hi-pos.lo)
	for k := range idx {
		switch {
		case f.s[k] >= f.e[k]:
			idx[k] = int32(a.n)
		case a.how.mode == aggPrefix:
			idx[k] = f.e[k] - 1 - lo
		default:
			idx[k] = f.s[k] - lo
		}
	}
	vec.Gather(out, a.done, idx)
	return nil
}

func (a *winAgg) fromTree(pos *winPos, out *vec.Vector) error {
	f, err := a.frames(pos)
	if err != nil {
		return err
	}
	acc := a.f.Overload.NewAcc(a.f.Args)
	n := pos.hi - pos.lo
	acc.Grow(n)
	m := merger{to: acc, from: a.tree}
	var buf [3]run
	for k := range n {
		if k%vec.BatchSize == 0 {
			if err := a.cancelled(); err != nil {
				return err
			}
		}
		for _, r := range f.runs(buf[:0], k) {
			if err := a.covering(&m, r, int32(k)); err != nil {
				return err
			}
		}
	}
	if err := m.flush(); err != nil {
		return err
	}
	return acc.Result(0, n, out)
}

// steps lets one state a partition grow, and takes its result after each bucket.
func (a *winAgg) steps() error {
	begins := a.begins()
	b := vec.NewBuilder(a.f.Result)
	feed := newAggFeed(a.winCall)
	feed.runs = a.r.parts
	var tmp vec.Vector
	var groups, sel [vec.BatchSize]int32
	for i, first := range begins[:len(begins)-1] {
		acc := a.f.Overload.NewAcc(a.f.Args)
		acc.Grow(1)
		for k := first; k < begins[i+1]; k++ {
			lo, hi := a.span.lo+int(k), a.span.lo+int(k)+1
			if a.unit != nil {
				lo, hi = int(a.unit[a.first+int(k)]), int(a.unit[a.first+int(k)+1])
			}
			if err := a.cancelled(); err != nil {
				return err
			}
			for ; lo < hi; lo += len(sel) {
				m := min(len(sel), hi-lo)
				clear(groups[:m])
				copy(sel[:m], a.r.perm[lo:lo+m])
				feed.lo = lo
				if err := feed.add(acc, groups[:m], sel[:m]); err != nil {
					return err
				}
			}
			tmp.Reset(a.f.Result, 1)
			if err := acc.Result(0, 1, &tmp); err != nil {
				return err
			}
			b.Append(&tmp, nil)
		}
	}
	a.done = b.Vector()
	return a.hold(b.Size())
}
