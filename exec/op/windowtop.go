package op

import (
	"math"

	"github.com/skep-sql/skep/exec/vec"
)

// winTop drops rows of a Window that at least k rows of their partition precede, by the first order key alone: when nobody asks for ranks
// beyond k, most rows of large partitions need not be kept and sorted. It belongs to one worker, and knows the rows of that only.
type winTop struct {
	k      int
	table  *groupTable // numbers the partitions
	key    firstKey
	bounds []uint64 // by partition: the words of the k first rows, ascending
	out    []int32

	all        int // rows seen
	seen, kept int // since the last look at whether it is worth its while
}

// maxWinTop is the greatest k for which rows are dropped.
const maxWinTop = 64

// After every topCheck rows, but not before topStart, winTop looks whether it is worth its while: many small partitions fill up late.
const (
	topCheck = 1 << 16
	topStart = 1 << 18
)

func newWinTop(w *Window) *winTop {
	if w.Top <= 0 || w.Top > maxWinTop || len(w.OrderTypes) == 0 {
		return nil
	}
	t := &winTop{k: int(w.Top), table: newGroupTable(w.PartitionTypes)}
	if w.Desc != nil {
		t.key.desc = w.Desc[0]
	}
	if w.NullsFirst != nil {
		t.key.nullsFirst = w.NullsFirst[0]
	}
	return t
}

// narrow gives the rows of sel that may be among the k first of their partition. useful is false when nearly all were.
func (t *winTop) narrow(parts []*vec.Vector, order *vec.Vector, sel []int32) (_ []int32, useful bool) {
	groups := t.table.find(parts, sel)
	for len(t.bounds) < t.k*t.table.n {
		t.bounds = append(t.bounds, math.MaxUint64)
	}
	words := t.key.of(order, sel)
	if cap(t.out) < len(sel) {
		t.out = make([]int32, max(len(sel), vec.BatchSize))
	}
	out, n := t.out[:len(sel)], 0
	for j, i := range sel {
		w := words[i]
		first := t.bounds[int(groups[j])*t.k:][:t.k]
		if w > first[t.k-1] {
			continue
		}
		out[n] = i
		n++
		p := t.k - 1
		for ; p > 0 && first[p-1] > w; p-- {
			first[p] = first[p-1]
		}
		first[p] = w
	}
	t.all, t.seen, t.kept = t.all+len(sel), t.seen+len(sel), t.kept+n
	useful = true
	if t.seen >= topCheck {
		useful = t.all < topStart || t.kept < t.seen/4*3
		t.seen, t.kept = 0, 0
	}
	return out[:n], useful
}

// size gives the bytes held.
func (t *winTop) size() int { return t.table.size() + 8*cap(t.bounds) }
