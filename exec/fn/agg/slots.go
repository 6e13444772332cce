package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// texts keeps one string a group. Short ones lie in their views, long ones in an arena that is packed when more than half of
// it is no longer used.
type texts struct {
	views []vec.View
	bufs  [][]byte
	held  int // bytes of long strings written
	live  int // bytes of long strings in use
	room  int // bytes of the buffers
}

func (t *texts) grow(n int) { t.views = grow(t.views, n) }

func (t *texts) size() int { return 16*cap(t.views) + t.room }

func (t *texts) at(g int) []byte { return t.views[g].Bytes(t.bufs) }

// set makes w the string of group g.
func (t *texts) set(g int32, w *vec.View, bufs [][]byte) {
	if old := &t.views[g]; old.Len > vec.InlineMax {
		t.live -= int(old.Len)
	}
	if w.Len <= vec.InlineMax {
		t.views[g] = *w
		return
	}
	t.live += int(w.Len)
	t.views[g] = t.store(w.Bytes(bufs))
	if t.held > 1<<16 && t.held > 2*t.live {
		t.pack()
	}
}

func (t *texts) store(b []byte) vec.View {
	last := len(t.bufs) - 1
	if last < 0 || cap(t.bufs[last])-len(t.bufs[last]) < len(b) {
		size := max(len(b), min(max(4096, t.room), 1<<20))
		t.bufs = append(t.bufs, make([]byte, 0, size))
		t.room += size
		last++
	}
	off := len(t.bufs[last])
	t.bufs[last] = append(t.bufs[last], b...)
	t.held += len(b)
	return vec.RefView(b, uint32(last), uint32(off))
}

func (t *texts) pack() {
	old := t.bufs
	t.bufs, t.held, t.room = nil, 0, 0
	for g := range t.views {
		if w := &t.views[g]; w.Len > vec.InlineMax {
			*w = t.store(w.Bytes(old))
		}
	}
}

// slots keeps one value of any type a group, in a builder; rows that are no longer used are packed away now and then.
type slots struct {
	t   types.Type
	b   *vec.Builder
	row []int32 // by group: 1 + the row in b, 0 = none
	n   int     // groups that have one
	one [1]int32
	tmp vec.Vector
}

func newSlots(t types.Type) *slots { return &slots{t: t, b: vec.NewBuilder(t)} }

func (s *slots) grow(n int) { s.row = grow(s.row, n) }

func (s *slots) size() int { return 4*cap(s.row) + s.b.Size() }

func (s *slots) has(g int32) bool { return s.row[g] != 0 }

// compare orders row i of v against the value of group g, which has one.
func (s *slots) compare(g int32, v *vec.Vector, i int32) int {
	return kernel.CompareValues(v, int(i), s.b.Vector(), int(s.row[g]-1))
}

// set makes row i of v the value of group g.
func (s *slots) set(g int32, v *vec.Vector, i int32) {
	if s.row[g] == 0 {
		s.n++
	} else if s.b.Len() > 2*s.n+1024 {
		s.pack()
	}
	s.one[0] = i
	if v.Phys() != s.t.Phys() {
		v = widened(&s.tmp, v, s.one[:])
	}
	s.b.Append(v, s.one[:])
	s.row[g] = int32(s.b.Len())
}

func (s *slots) pack() {
	b := vec.NewBuilder(s.t)
	idx := make([]int32, 0, s.n)
	for g, r := range s.row {
		if r != 0 {
			idx = append(idx, r-1)
			s.row[g] = int32(len(idx))
		}
	}
	b.Append(s.b.Vector(), idx)
	s.b = b
}

// result writes the values of groups lo…hi-1, NULL where there is none.
func (s *slots) result(lo, hi int, out *vec.Vector) {
	idx := make([]int32, hi-lo)
	for i := range idx {
		idx[i] = s.row[lo+i] - 1
	}
	gather(out, s.t, s.b.Vector(), idx)
}

// gather makes out a copy of the rows idx of src, NULL where negative.
func gather(out *vec.Vector, t types.Type, src *vec.Vector, idx []int32) {
	b := vec.NewBuilder(t)
	for len(idx) > 0 {
		k := 0
		for k < len(idx) && idx[k] >= 0 {
			k++
		}
		if k > 0 {
			b.Append(src, idx[:k])
		}
		idx = idx[k:]
		for len(idx) > 0 && idx[0] < 0 {
			b.AppendNull()
			idx = idx[1:]
		}
	}
	*out = *b.Vector()
}
