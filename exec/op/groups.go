package op

import (
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// groupTable numbers the distinct rows of some key columns from 0 on; NULLs are equal to each other. It starts with words that
// the rows are packed into, looked up in an array while their range is small and in a hash table otherwise, and turns to hashes
// of whole rows when they do not fit a word. Tables hold no Go pointers. It belongs to one goroutine.
type groupTable struct {
	types  []types.Type
	keys   []*vec.Builder
	n      int
	out    []int32
	fresh  []int32 // rows of the batch that began a group
	hashes []uint64

	pk     *packer  // nil: whole rows
	direct []*chunk // group+1 by word, in chunks that are made when needed; nil: slots
	chunks int
	base   int64 // of a single integer: pk.cols[0].base for which direct was made
	slots  []slot
	wide   []wideSlot // in place of slots where the packer has two words
	null   int32      // group+1 of NULL where pk.raw

	rows    []uint64 // whole rows: hash>>32<<32 | group+1; 0 = free
	rowHash []uint64 // by group
	hash    []key.Hasher
	flat    []*vec.Vector
	scratch []vec.Vector
	cand    []int32
	pending []int32
	pos     []uint32
}

// slot is a place of the hash table of words; id is group+1, 0 = free.
type slot struct {
	code uint64
	id   int32
}

// wideSlot is a place of the hash table of pairs of words.
type wideSlot struct {
	code [2]uint64
	id   int32
}

// chunk is a part of an array of groups.
type chunk [1 << chunkBits]int32

const chunkBits = 14

const fib = 0x9E3779B97F4A7C15

func newGroupTable(ts []types.Type) *groupTable {
	g := &groupTable{types: ts, pk: newPacker(ts)}
	for _, t := range ts {
		g.keys = append(g.keys, vec.NewBuilder(t))
	}
	g.flat = make([]*vec.Vector, len(ts))
	g.scratch = make([]vec.Vector, len(ts))
	g.hash = make([]key.Hasher, len(ts))
	if g.pk != nil {
		g.direct = newDirect(g.pk.bits)
	}
	return g
}

// size gives the bytes held.
func (g *groupTable) size() int {
	n := 8*len(g.direct) + g.chunks<<(chunkBits+2) + 16*len(g.slots) + 24*len(g.wide) + 8*len(g.rows) + 8*cap(g.rowHash)
	for _, k := range g.keys {
		n += k.Size()
	}
	return n
}

// last gives the result of the last find, of n rows.
func (g *groupTable) last(n int) []int32 {
	if len(g.types) == 0 {
		return vec.Zeros(n)
	}
	return g.out[:n]
}

// find gives the groups of rows sel of cols, adding new ones. The result is valid until the next call.
func (g *groupTable) find(cols []*vec.Vector, sel []int32) []int32 {
	return g.findHashed(cols, sel, nil)
}

// findHashed is find for rows whose hashes are known, where hashes is not nil.
func (g *groupTable) findHashed(cols []*vec.Vector, sel []int32, hashes []uint64) []int32 {
	if cap(g.out) < len(sel) {
		g.out = make([]int32, max(len(sel), vec.BatchSize))
	}
	out := g.out[:len(sel)]
	if len(g.types) == 0 {
		if len(sel) > 0 {
			g.n = 1
		}
		return vec.Zeros(len(sel))
	}
	if g.pk != nil {
		if g.direct == nil && 2*(g.n+len(sel)) > len(g.slots)+len(g.wide) {
			g.growSlots(len(sel))
		}
	}
	if g.pk != nil {
		codes, grown, fit := g.pk.pack(cols, sel)
		if !fit {
			g.toRows()
		} else {
			if grown {
				g.repack(len(sel))
				if g.pk != nil {
					codes, _, _ = g.pk.pack(cols, sel) // the packer's memory was used for the groups
				}
			}
			if g.pk != nil {
				g.findCodes(out, codes, cols, sel)
				return out
			}
		}
	}
	g.findRows(out, cols, sel, hashes)
	return out
}

func (g *groupTable) findCodes(out []int32, codes [2][]uint64, cols []*vec.Vector, sel []int32) {
	g.fresh = g.fresh[:0]
	switch {
	case g.pk.wide:
		g.findWide(out, codes[0], codes[1], sel)
	case g.direct != nil:
		g.findDirect(out, codes[0], sel)
	case g.pk.raw && cols[0].Valid != nil:
		g.findRawNulls(out, codes[0], cols[0], sel)
	default:
		g.findSlots(out, codes[0], sel)
	}
	if len(g.fresh) > 0 {
		for i, k := range g.keys {
			k.Append(cols[i], g.fresh)
			if c := &g.pk.cols[i]; c.strings == nil {
				c.widen(cols[i], g.fresh) // the range of what is stored, within that of the layout
			}
		}
	}
}

func newDirect(bits uint) []*chunk { return make([]*chunk, max(1<<bits>>chunkBits, 1)) }

// at gives the place of a word, making its chunk.
func (g *groupTable) at(c uint64) *int32 {
	p := &g.direct[c>>chunkBits]
	if *p == nil {
		*p = new(chunk)
		g.chunks++
	}
	return &(*p)[c&(1<<chunkBits-1)]
}

func (g *groupTable) findDirect(out []int32, codes []uint64, sel []int32) {
	direct, n := g.direct, int32(g.n)
	out = out[:len(codes)]
	for k, c := range codes {
		ch := direct[c>>chunkBits]
		if ch == nil {
			g.at(c)
			ch = direct[c>>chunkBits]
		}
		id := ch[c&(1<<chunkBits-1)]
		if id == 0 {
			n++
			id = n
			ch[c&(1<<chunkBits-1)] = id
			g.fresh = append(g.fresh, sel[k])
		}
		out[k] = id - 1
	}
	g.n = int(n)
}

func (g *groupTable) findSlots(out []int32, codes []uint64, sel []int32) {
	slots, n := g.slots, int32(g.n)
	shift := uint(64 - bits.Len(uint(len(slots)-1)))
	mask := uint64(len(slots) - 1)
	out = out[:len(codes)]
	last, lastID := uint64(0), int32(-1)
	for k, c := range codes {
		if c == last && lastID >= 0 {
			out[k] = lastID
			continue
		}
		p := c * fib >> shift
		for {
			s := &slots[p&mask]
			if s.id == 0 {
				n++
				s.code, s.id = c, n
				g.fresh = append(g.fresh, sel[k])
			}
			if s.code == c {
				last, lastID = c, s.id-1
				break
			}
			p++
		}
		out[k] = lastID
	}
	g.n = int(n)
}

// hashWide mixes two words.
func hashWide(a, b uint64) uint64 {
	h := (a ^ bits.RotateLeft64(b*fib, 32)) * fib
	return (h ^ h>>32) * fib
}

func (g *groupTable) findWide(out []int32, a, b []uint64, sel []int32) {
	slots, n := g.wide, int32(g.n)
	shift := uint(64 - bits.Len(uint(len(slots)-1)))
	mask := uint64(len(slots) - 1)
	out, b = out[:len(a)], b[:len(a)]
	last, lastID := [2]uint64{}, int32(-1)
	for k, c := range a {
		d := b[k]
		if c == last[0] && d == last[1] && lastID >= 0 {
			out[k] = lastID
			continue
		}
		for p := hashWide(c, d) >> shift; ; p++ {
			s := &slots[p&mask]
			if s.id == 0 {
				n++
				s.code, s.id = [2]uint64{c, d}, n
				g.fresh = append(g.fresh, sel[k])
			}
			if s.code[0] == c && s.code[1] == d {
				last, lastID = s.code, s.id-1
				break
			}
		}
		out[k] = lastID
	}
	g.n = int(n)
}

func (g *groupTable) findRawNulls(out []int32, codes []uint64, v *vec.Vector, sel []int32) {
	for k, i := range sel {
		if !v.IsNull(int(i)) {
			g.findSlots(out[k:k+1], codes[k:k+1], sel[k:k+1])
			continue
		}
		if g.null == 0 {
			g.n++
			g.null = int32(g.n)
			g.fresh = append(g.fresh, i)
		}
		out[k] = g.null - 1
	}
}

// slotsFor is the size of a hash table of n groups at a load of a half at most.
func slotsFor(n int) int { return max(1<<bits.Len(uint(2*n)), 1<<10) }

// expect makes room for n groups; those of a single integer key lie between lo and hi if lo <= hi.
func (g *groupTable) expect(n int, lo, hi int64) {
	switch {
	case g.pk == nil && len(g.types) > 0:
		g.growRows(n)
	case g.pk != nil && len(g.pk.cols) == 1 && g.pk.cols[0].strings == nil && lo <= hi:
		c := &g.pk.cols[0]
		c.any, c.lo, c.hi = true, lo, hi
		g.pk.layout()
		g.repack(n)
	}
}

// adopt takes over how other tables pack their rows, and makes room for n groups, so that a table does not grow its way there once more.
func (g *groupTable) adopt(from []*groupTable, n int) {
	if g.pk == nil {
		return
	}
	for _, t := range from {
		if t.pk == nil {
			return
		}
		for i := range g.pk.cols {
			c, o := &g.pk.cols[i], &t.pk.cols[i]
			switch {
			case o.strings != nil:
				c.bits = max(c.bits, o.bits)
			case o.any && c.any:
				c.lo, c.hi = min(c.lo, o.lo), max(c.hi, o.hi)
			case o.any:
				c.any, c.lo, c.hi = true, o.lo, o.hi
			}
		}
	}
	if g.pk.layout() {
		g.repack(n)
	} else {
		g.toRows()
	}
}

// wantDirect tells whether an array is small enough, compared with a hash table of n groups.
func (g *groupTable) wantDirect(n int) bool {
	if g.pk.wide {
		return false
	}
	b, most := g.pk.bits, 8*slotsFor(n)
	if g.direct != nil {
		most *= 2 // no going to and fro
	}
	return b <= 16 || b <= 31 && 1<<b <= most
}

// repack fills the array or the hash table anew from the groups, with room for more.
func (g *groupTable) repack(more int) {
	room := g.n + max(more, vec.BatchSize)
	if g.wantDirect(room) {
		if g.direct != nil && len(g.pk.cols) == 1 && g.pk.cols[0].strings == nil {
			g.shiftDirect()
			return
		}
		g.direct, g.chunks = newDirect(g.pk.bits), 0
		g.base = g.pk.cols[0].base
		g.slots, g.wide = nil, nil
	} else {
		g.direct, g.chunks, g.slots, g.wide = nil, 0, nil, nil
		if g.pk.wide {
			g.wide = make([]wideSlot, 2*slotsFor(room))
		} else {
			g.slots = make([]slot, 2*slotsFor(room))
		}
	}
	stored := make([]*vec.Vector, len(g.keys))
	for i, k := range g.keys {
		stored[i] = k.Vector()
	}
	var idx [vec.BatchSize]int32
	for lo := 0; lo < g.n; lo += len(idx) {
		sel := idx[:min(len(idx), g.n-lo)]
		for k := range sel {
			sel[k] = int32(lo + k)
		}
		codes, grown, fit := g.pk.pack(stored, sel)
		if grown || !fit { // cannot be: all values have been seen
			g.toRows()
			return
		}
		g.place(codes, stored, lo)
	}
}

// growSlots makes room for more groups under the words they have.
func (g *groupTable) growSlots(more int) {
	room := g.n + max(more, vec.BatchSize)
	if g.wantDirect(room) || g.n == 0 {
		g.repack(more)
		return
	}
	size := 2 * slotsFor(room)
	shift := uint(64 - bits.Len(uint(size-1)))
	mask := uint64(size - 1)
	if g.pk.wide {
		old := g.wide
		g.wide = make([]wideSlot, size)
		for i := range old {
			if old[i].id != 0 {
				putWide(g.wide, shift, mask, old[i])
			}
		}
		return
	}
	old := g.slots
	g.slots = make([]slot, size)
	for _, s := range old {
		if s.id != 0 {
			put(g.slots, shift, mask, s)
		}
	}
}

// put enters a group that the table does not have; there must be a free slot.
func put(slots []slot, shift uint, mask uint64, s slot) {
	p := s.code * fib >> shift
	for slots[p&mask].id != 0 {
		p++
	}
	slots[p&mask] = s
}

// putWide is put for pairs of words.
func putWide(slots []wideSlot, shift uint, mask uint64, s wideSlot) {
	p := hashWide(s.code[0], s.code[1]) >> shift
	for slots[p&mask].id != 0 {
		p++
	}
	slots[p&mask] = s
}

// shiftDirect makes the array of a single integer fit a new layout, whose base is a whole number of chunks lower or higher. The
// word of NULL is 0 in either.
func (g *groupTable) shiftDirect() {
	old, shift := g.direct, (g.base-g.pk.cols[0].base)>>chunkBits
	null := int32(0)
	if old[0] != nil {
		null, old[0][0] = old[0][0], 0
	}
	g.direct = newDirect(g.pk.bits)
	for i, ch := range old {
		// A chunk that falls outside had nothing but NULL.
		if at := int64(i) + shift; ch != nil && at >= 0 && at < int64(len(g.direct)) {
			g.direct[at] = ch
		}
	}
	g.base = g.pk.cols[0].base
	if null != 0 {
		*g.at(0) = null
	}
}

// place enters the groups from lo on under their words.
func (g *groupTable) place(codes [2][]uint64, stored []*vec.Vector, lo int) {
	switch {
	case g.pk.wide:
		g.placeWide(codes[0], codes[1], lo)
		return
	case g.direct != nil:
		for k, c := range codes[0] {
			*g.at(c) = int32(lo + k + 1)
		}
		return
	}
	shift := uint(64 - bits.Len(uint(len(g.slots)-1)))
	mask := uint64(len(g.slots) - 1)
	for k, c := range codes[0] {
		if g.pk.raw && stored[0].IsNull(lo+k) {
			g.null = int32(lo + k + 1)
			continue
		}
		put(g.slots, shift, mask, slot{c, int32(lo + k + 1)})
	}
}

func (g *groupTable) placeWide(a, b []uint64, lo int) {
	shift := uint(64 - bits.Len(uint(len(g.wide)-1)))
	mask := uint64(len(g.wide) - 1)
	for k, c := range a {
		putWide(g.wide, shift, mask, wideSlot{[2]uint64{c, b[k]}, int32(lo + k + 1)})
	}
}

// toRows gives up packing.
func (g *groupTable) toRows() {
	g.pk, g.direct, g.slots, g.wide, g.chunks = nil, nil, nil, nil, 0
	g.rowHash = make([]uint64, g.n)
	if g.n > 0 {
		stored := make([]*vec.Vector, len(g.keys))
		for i, k := range g.keys {
			stored[i] = k.Vector()
		}
		g.hashAll(g.rowHash, stored, numbers(0, g.n))
	}
	g.growRows(vec.BatchSize)
}

func (g *groupTable) hashAll(out []uint64, cols []*vec.Vector, sel []int32) {
	for i, c := range cols {
		if i == 0 {
			g.hash[i].Hash(out, c, sel)
		} else {
			g.hash[i].Combine(out, c, sel)
		}
	}
}

// seal gives up what finds groups: their keys stay.
func (g *groupTable) seal() {
	g.pk, g.direct, g.slots, g.wide, g.rows, g.rowHash, g.chunks = nil, nil, nil, nil, nil, nil, 0
	g.out, g.hashes, g.pos, g.flat, g.scratch, g.hash = nil, nil, nil, nil, nil, nil
}

// growRows makes room for n more groups in the table of whole rows.
func (g *groupTable) growRows(n int) {
	if 2*(g.n+n) <= len(g.rows) {
		return
	}
	g.rows = make([]uint64, 2*slotsFor(g.n+n))
	mask := uint64(len(g.rows) - 1)
	for i, h := range g.rowHash {
		p := h & mask
		for g.rows[p] != 0 {
			p = (p + 1) & mask
		}
		g.rows[p] = h>>32<<32 | uint64(i+1)
	}
}

// findRows looks whole rows up: first by hash, then the candidates are compared column by column; the few that differ despite
// their hash go on searching in another round.
func (g *groupTable) findRows(out []int32, cols []*vec.Vector, sel []int32, hashes []uint64) {
	n := len(sel)
	g.growRows(n)
	if cap(g.hashes) < n {
		g.hashes, g.pos = make([]uint64, max(n, vec.BatchSize)), make([]uint32, max(n, vec.BatchSize))
	}
	if hashes == nil {
		hashes = g.hashes[:n]
		g.hashAll(hashes, cols, sel)
	}
	for i, c := range cols {
		g.flat[i] = c
		if c.Form == vec.Dict {
			vec.Flatten(&g.scratch[i], c, sel)
			g.flat[i] = &g.scratch[i]
		}
	}
	mask := uint64(len(g.rows) - 1)
	g.pending = append(g.pending[:0], vec.Identity(n)...)
	for k := range hashes {
		g.pos[k] = uint32(hashes[k] & mask)
	}
	for len(g.pending) > 0 {
		g.fresh, g.cand = g.fresh[:0], g.cand[:0]
		for _, k := range g.pending {
			h := hashes[k]
			for p := uint64(g.pos[k]); ; p = (p + 1) & mask {
				s := g.rows[p]
				if s == 0 {
					g.rows[p] = h>>32<<32 | uint64(g.n+1)
					g.rowHash = append(g.rowHash, h)
					g.fresh = append(g.fresh, sel[k])
					out[k] = int32(g.n)
					g.n++
					break
				}
				if s>>32 == h>>32 {
					out[k] = int32(uint32(s)) - 1
					g.pos[k] = uint32((p + 1) & mask)
					g.cand = append(g.cand, k)
					break
				}
			}
		}
		if len(g.fresh) > 0 {
			for i, k := range g.keys {
				k.Append(cols[i], g.fresh)
			}
		}
		g.compare(out, sel)
	}
}

// compare leaves in pending the candidates whose row is not the group's.
func (g *groupTable) compare(out, sel []int32) {
	match := append(g.pending[:0], g.cand...)
	for i, k := range g.keys {
		match = key.Match(match, g.flat[i], sel, k.Vector(), out)
	}
	if len(match) == len(g.cand) {
		g.pending = g.pending[:0]
		return
	}
	var differ []int32
	m := 0
	for _, k := range g.cand {
		if m < len(match) && match[m] == k {
			m++
		} else {
			differ = append(differ, k)
		}
	}
	g.pending = append(g.pending[:0], differ...)
}
