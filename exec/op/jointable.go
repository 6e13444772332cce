package op

import (
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// noCode stands for a key that no build row has.
const noCode = ^uint64(0)

// joinTable finds the build rows of a key. Integer keys are packed into one word by the ranges that the build side has: the
// word is the index of an array while the range is small, else it is looked up in a hash table. Other keys are looked up by the
// hash of the whole row and compared. Rows of equal keys are chained in order. It is immutable once built.
type joinTable struct {
	j      *JoinBuild
	cols   []joinCol // packed keys; nil: whole rows
	raw    bool      // a single integer that is its own word
	bits   uint
	direct []int32 // row+1 by word
	slots  []slot  // hash table of words
	rows   []uint64
	next   []int32    // by row: the next one of the same key +1; nil: keys are unique
	exists vec.Bitmap // by word, when rows are not asked for
	n      int        // rows entered
}

// joinCol is an integer key: its word part is value−lo, one more where NULL has the 0.
type joinCol struct {
	lo, hi int64
	null   bool
	shift  uint
	bits   uint
}

func (t *joinTable) size() int64 {
	return int64(4*len(t.direct) + 16*len(t.slots) + 8*len(t.rows) + 4*len(t.next) + 8*len(t.exists))
}

// build enters the rows list, or all when it is nil. exists: only whether a key is there will be asked.
func (t *joinTable) build(j *JoinBuild, p flow.Parallel, list []int32, exists bool) error {
	t.j, t.n = j, j.n
	if list != nil {
		t.n = len(list)
	}
	if len(j.KeyTypes) == 0 || t.n == 0 {
		return nil
	}
	if list == nil {
		list = numbers(0, j.n)
	}
	if !t.ranges(list) {
		t.buildRows(list)
		return nil
	}
	codes := make([]uint64, len(list))
	const chunk = 1 << 15
	err := p.For((len(list)+chunk-1)/chunk, func(c int) error {
		lo, hi := c*chunk, min((c+1)*chunk, len(list))
		t.codes(codes[lo:hi], j.keys, list[lo:hi])
		return nil
	})
	if err != nil {
		return err
	}
	size := uint64(1) << min(t.bits, 63)
	if len(t.cols) == 1 {
		size = uint64(t.cols[0].hi-t.cols[0].lo) + 2
	}
	switch {
	case !t.raw && exists && size <= max(1<<20, 64*uint64(len(list))):
		t.exists = make(vec.Bitmap, size>>6+1)
		for _, c := range codes {
			t.exists[c>>6] |= 1 << (c & 63)
		}
	case !t.raw && size <= max(1<<16, 4*uint64(len(list))):
		t.direct = make([]int32, size)
		for k := len(list) - 1; k >= 0; k-- {
			r, head := list[k], &t.direct[codes[k]]
			if *head != 0 {
				t.chain(r, *head)
			}
			*head = r + 1
		}
	default:
		t.buildSlots(codes, list)
	}
	return nil
}

// chain says that row r is followed by the row next−1.
func (t *joinTable) chain(r, next int32) {
	if t.next == nil {
		t.next = make([]int32, t.j.n)
	}
	t.next[r] = next
}

// ranges finds out how to pack the keys; false: they do not fit a word.
func (t *joinTable) ranges(list []int32) bool {
	total := uint(0)
	for i, kt := range t.j.KeyTypes {
		switch kt.Phys() {
		case types.PBool, types.PI32, types.PI64:
		default:
			t.cols = nil
			return false
		}
		w := packCol{}
		w.widen(t.j.keys[i], list)
		c := joinCol{lo: w.lo, hi: w.hi, null: t.j.nullEqual(i), shift: total}
		span := uint64(c.hi) - uint64(c.lo)
		if span >= 1<<61 {
			if len(t.j.KeyTypes) == 1 && !c.null && span < noCode {
				t.raw, t.bits, t.cols = true, 64, []joinCol{c}
				return true
			}
			t.cols = nil
			return false
		}
		c.bits = uint(bits.Len64(span + 1))
		total += c.bits
		t.cols = append(t.cols, c)
	}
	t.bits = total
	if total > 62 {
		t.cols = nil
	}
	return total <= 62
}

// codes sets out[k] to the word of row sel[k], or noCode.
func (t *joinTable) codes(out []uint64, keys []*vec.Vector, sel []int32) {
	for i := range t.cols {
		c, v := &t.cols[i], keys[i]
		switch {
		case v.Form == vec.Flat && v.Phys() == types.PI32:
			addCodes[int32](c, out, v, sel, i == 0)
		case v.Form == vec.Flat && v.Phys() == types.PI64:
			addCodes[int64](c, out, v, sel, i == 0)
		default:
			for k, r := range sel {
				x := noCode
				if !v.IsNull(int(r)) {
					x = c.code(intAt(v, r))
				} else if c.null {
					x = 0
				}
				out[k] = joined(out[k], x, c.shift, i == 0)
			}
		}
	}
}

func (c *joinCol) code(x int64) uint64 {
	if x < c.lo || x > c.hi {
		return noCode
	}
	d := uint64(x) - uint64(c.lo)
	if c.null {
		d++
	}
	return d
}

func joined(old, x uint64, shift uint, first bool) uint64 {
	switch {
	case first:
		return x
	case old == noCode || x == noCode:
		return noCode
	}
	return old | x<<shift
}

func addCodes[T int32 | int64](c *joinCol, out []uint64, v *vec.Vector, sel []int32, first bool) {
	vals := vec.Values[T](v)
	lo, span, plus := uint64(c.lo), uint64(c.hi)-uint64(c.lo), uint64(0)
	if c.null {
		plus = 1
	}
	out = out[:len(sel)]
	for k, r := range sel {
		x := uint64(int64(vals[r])) - lo
		if x > span {
			x = noCode
		} else {
			x += plus
		}
		if v.Valid != nil && !v.Valid.Get(int(r)) {
			if x = noCode; c.null {
				x = 0
			}
		}
		if first {
			out[k] = x
		} else {
			out[k] = joined(out[k], x, c.shift, false)
		}
	}
}

func (t *joinTable) buildSlots(codes []uint64, list []int32) {
	t.slots = make([]slot, slotsFor(len(list)))
	shift := uint(64 - bits.Len(uint(len(t.slots)-1)))
	mask := uint64(len(t.slots) - 1)
	for k := len(list) - 1; k >= 0; k-- {
		c, r := codes[k], list[k]
		for p := c * fib >> shift; ; p++ {
			s := &t.slots[p&mask]
			if s.id == 0 {
				*s = slot{c, r + 1}
				break
			}
			if s.code == c {
				t.chain(r, s.id)
				s.id = r + 1
				break
			}
		}
	}
}

func (t *joinTable) buildRows(list []int32) {
	hashes := make([]uint64, len(list))
	hashKeys(nil, hashes, t.j.keys, list)
	t.rows = make([]uint64, slotsFor(len(list)))
	mask := uint64(len(t.rows) - 1)
	for k := len(list) - 1; k >= 0; k-- {
		h, r := hashes[k], list[k]
		for p := h & mask; ; p = (p + 1) & mask {
			s := t.rows[p]
			if s == 0 {
				t.rows[p] = h>>32<<32 | uint64(r+1)
				break
			}
			if head := int32(uint32(s)); s>>32 == h>>32 && t.sameKey(r, head-1) {
				t.chain(r, head)
				t.rows[p] = h>>32<<32 | uint64(r+1)
				break
			}
		}
	}
}

func (t *joinTable) sameKey(a, b int32) bool {
	for _, v := range t.j.keys {
		if !key.Equal(v, int(a), v, int(b)) {
			return false
		}
	}
	return true
}

// hashKeys hashes whole keys; hs may be nil.
func hashKeys(hs []key.Hasher, out []uint64, keys []*vec.Vector, sel []int32) {
	if hs == nil {
		hs = make([]key.Hasher, len(keys))
	}
	for i, v := range keys {
		if i == 0 {
			hs[i].Hash(out, v, sel)
		} else {
			hs[i].Combine(out, v, sel)
		}
	}
}

// prober looks keys up for one worker.
type prober struct {
	t       *joinTable
	codes   []uint64
	heads   []int32
	hash    []key.Hasher
	flat    []*vec.Vector
	scratch []vec.Vector
	pos     []uint32
	pending []int32
	cand    []int32
	more    []int32
	dicts   map[uint64][]int32
}

func newProber(t *joinTable) *prober {
	n := len(t.j.KeyTypes)
	return &prober{t: t, hash: make([]key.Hasher, n), flat: make([]*vec.Vector, n), scratch: make([]vec.Vector, n), dicts: map[uint64][]int32{}}
}

func (p *prober) ready(n int) {
	if cap(p.codes) < n {
		size := max(n, vec.BatchSize)
		p.codes, p.heads, p.pos = make([]uint64, size), make([]int32, size), make([]uint32, size)
	}
}

// find gives for each row of sel the first build row of its key, or −1; with a table of existence any number of 0 or more.
func (p *prober) find(keys []*vec.Vector, sel []int32) []int32 {
	p.ready(len(sel))
	heads := p.heads[:len(sel)]
	if p.t.n == 0 {
		for k := range heads {
			heads[k] = -1
		}
		return heads
	}
	if len(keys) == 1 && keys[0].Form == vec.Dict && keys[0].Dict.Values.Len > 0 {
		if known := p.dict(keys[0].Dict, keys[0].Type, len(sel)); known != nil {
			v := keys[0]
			codes := v.Codes()
			for k, i := range sel {
				heads[k] = -1
				if c := codes[i]; uint(c) < uint(len(known)) { // under a NULL lies any code
					heads[k] = known[c]
				}
			}
			if v.Valid != nil {
				p.nullHeads(v, heads, sel)
			}
			return heads
		}
	}
	p.lookup(heads, keys, sel)
	return heads
}

// nullHeads corrects the heads of NULL keys.
func (p *prober) nullHeads(v *vec.Vector, heads, sel []int32) {
	null := int32(-1)
	if p.t.j.nullEqual(0) {
		one := newProber(p.t)
		one.ready(1)
		one.lookup(one.heads[:1], []*vec.Vector{vec.NewNull(v.Type, 1)}, []int32{0})
		null = one.heads[0]
	}
	for k, i := range sel {
		if v.IsNull(int(i)) {
			heads[k] = null
		}
	}
}

// dict gives the first build rows of the values of a dictionary; nil when it is too large to be worth it.
func (p *prober) dict(d *vec.Dictionary, typ types.Type, n int) []int32 {
	if known := p.dicts[d.ID]; known != nil {
		return known
	}
	if d.Values.Len > 64*max(n, 256) {
		return nil
	}
	if len(p.dicts) > 64 {
		clear(p.dicts)
	}
	one := newProber(p.t)
	one.ready(d.Values.Len)
	heads := one.heads[:d.Values.Len]
	values := &vec.Vector{}
	values.Ref(d.Values)
	values.Type = typ
	one.lookup(heads, []*vec.Vector{values}, vec.Identity(d.Values.Len))
	p.dicts[d.ID] = heads
	return heads
}

func (p *prober) lookup(heads []int32, keys []*vec.Vector, sel []int32) {
	t := p.t
	if t.cols == nil {
		p.lookupRows(heads, keys, sel)
		return
	}
	codes := p.codes[:len(sel)]
	t.codes(codes, keys, sel)
	switch {
	case t.exists != nil:
		for k, c := range codes {
			heads[k] = -1
			if c != noCode {
				heads[k] = int32(t.exists[c>>6]>>(c&63)&1) - 1
			}
		}
	case t.direct != nil:
		direct := t.direct
		for k, c := range codes {
			heads[k] = -1
			if c < uint64(len(direct)) {
				heads[k] = direct[c] - 1
			}
		}
	default:
		t.lookupSlots(heads, codes, keys, sel)
	}
}

func (t *joinTable) lookupSlots(heads []int32, codes []uint64, keys []*vec.Vector, sel []int32) {
	slots := t.slots
	shift := uint(64 - bits.Len(uint(len(slots)-1)))
	mask := uint64(len(slots) - 1)
	for k, c := range codes {
		head := int32(-1)
		if c != noCode {
			for p := c * fib >> shift; ; p++ {
				s := &slots[p&mask]
				if s.id == 0 {
					break
				}
				if s.code == c {
					head = s.id - 1
					break
				}
			}
		}
		heads[k] = head
	}
}

// lookupRows finds candidates by hash and compares them column by column; those that differ despite their hash search on.
func (p *prober) lookupRows(heads []int32, keys []*vec.Vector, sel []int32) {
	t := p.t
	hashes := p.codes[:len(sel)]
	hashKeys(p.hash, hashes, keys, sel)
	mask := uint64(len(t.rows) - 1)
	p.pending = p.pending[:0]
	for k, i := range sel {
		heads[k] = -1
		p.pos[k] = uint32(hashes[k] & mask)
		p.pending = append(p.pending, int32(k))
		for c, v := range keys {
			if v.Valid != nil && !t.j.nullEqual(c) && v.IsNull(int(i)) {
				p.pending = p.pending[:len(p.pending)-1]
				break
			}
		}
	}
	for i, v := range keys {
		p.flat[i] = v
		if v.Form == vec.Dict {
			vec.Flatten(&p.scratch[i], v, sel)
			p.flat[i] = &p.scratch[i]
		}
	}
	for len(p.pending) > 0 {
		p.cand = p.cand[:0]
		for _, k := range p.pending {
			tag := hashes[k] >> 32
			for q := uint64(p.pos[k]); t.rows[q] != 0; q = (q + 1) & mask {
				if s := t.rows[q]; s>>32 == tag {
					heads[k] = int32(uint32(s)) - 1
					p.pos[k] = uint32((q + 1) & mask)
					p.cand = append(p.cand, k)
					break
				}
			}
		}
		match := append(p.more[:0], p.cand...)
		p.more = match
		for i := range keys {
			match = key.Match(match, p.flat[i], sel, t.j.keys[i], heads)
		}
		p.pending = p.pending[:0]
		m := 0
		for _, k := range p.cand {
			if m < len(match) && match[m] == k {
				m++
				continue
			}
			heads[k] = -1
			p.pending = append(p.pending, k)
		}
	}
}
