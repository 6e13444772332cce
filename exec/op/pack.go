package op

import (
	"math"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// How many strings a packed column may have. Those of dictionaries are looked up once a dictionary, the others once a row.
const (
	maxInterned = 1 << 14
	maxInDicts  = 1 << 17
	manyStrings = 1 << 12 // from so many on, those that come fewer than four times are too many
)

// packer turns rows of key columns into one word each: a number for every column, side by side. Integers count from the least
// one seen, strings are numbered as they come, NULL is 0. As values outside of what was seen come, columns get more
// bits and the words of rows change (grow). When the bits run out, rows get two words (wide), and then there is no packing (fit).
type packer struct {
	cols  []packCol
	bits  uint // in all
	raw   bool // a single integer of any range: the word is the integer, and NULL has none
	wide  bool
	codes [2][]uint64 // the second only where wide
}

type packCol struct {
	phys    types.Phys
	word    uint8 // which of two
	shift   uint
	bits    uint
	whole   bool // takes a word of a wide layout as it is; its NULLs are told by bit null of the other word
	null    uint
	base    int64 // the integer whose number is 1
	lo, hi  int64 // seen so far, where any
	any     bool
	strings *interner
}

// newPacker makes a packer, or gives nil where the types do not allow one.
func newPacker(ts []types.Type) *packer {
	if len(ts) == 0 || len(ts) > 8 {
		return nil
	}
	p := &packer{}
	for _, t := range ts {
		c := packCol{phys: t.Phys()}
		switch c.phys {
		case types.PBool:
			c.any, c.lo, c.hi = true, 0, 1
		case types.PI32, types.PI64:
		case types.PView:
			if t.Fixed {
				return nil
			}
			c.strings = newInterner(t)
		default:
			return nil
		}
		p.cols = append(p.cols, c)
	}
	p.layout()
	return p
}

// layout gives the columns their bits. It tells whether they fit.
func (p *packer) layout() bool {
	p.bits = 0
	for i := range p.cols {
		c := &p.cols[i]
		need := uint(1)
		switch {
		case c.strings != nil:
			need = uint(bits.Len64(uint64(c.strings.n)))
		case c.any:
			span := uint64(c.hi) - uint64(c.lo)
			if span >= 1<<62 {
				need = 64
			} else {
				if len(p.cols) == 1 && c.phys != types.PBool {
					span += 1 << chunkBits // room to move by whole chunks
				}
				need = uint(bits.Len64(span + 1))
			}
		}
		c.bits = max(c.bits, need)
		if c.any && c.bits < 63 {
			room := uint64(1)<<c.bits - 2 - (uint64(c.hi) - uint64(c.lo)) // numbers to spare: a quarter of them below
			was := c.base
			if c.base = c.lo - int64(room/4); c.base > c.lo {
				c.base = c.lo
			}
			if len(p.cols) == 1 && c.phys != types.PBool {
				c.base += (was - c.base) & (1<<chunkBits - 1) // a whole number of chunks from where it was
				if c.base > c.lo {
					c.base -= 1 << chunkBits
				}
			}
		}
		c.shift = p.bits
		if p.bits += c.bits; p.bits > 62 && len(p.cols) == 1 {
			if c.strings == nil {
				p.raw, p.bits = true, 64
				return true
			}
			return false
		}
	}
	if p.wide || p.bits > 62 {
		return p.layoutWide()
	}
	return true
}

// layoutWide spreads the columns over two words. It tells whether they fit.
func (p *packer) layoutWide() bool {
	p.wide = true
	var used [2]uint
	for i := range p.cols {
		c := &p.cols[i]
		if c.whole = c.bits >= 63; c.whole {
			w := uint8(0)
			if used[0] > 0 {
				w = 1
			}
			if used[w] > 0 || used[1-w] >= 63 {
				return false
			}
			c.word, c.shift, used[w] = w, 0, 64
			c.null = used[1-w]
			used[1-w]++
		}
	}
	for i := range p.cols {
		c := &p.cols[i]
		if c.whole {
			continue
		}
		c.word = 0
		if used[0]+c.bits > 63 {
			c.word = 1
		}
		if used[c.word]+c.bits > 63 {
			return false
		}
		c.shift = used[c.word]
		used[c.word] += c.bits
	}
	return true
}

// pack gives the words of the rows sel. grown tells that the layout has changed, so that words given earlier are void; fit that
// there is a packing at all. With raw, NULLs have any word.
func (p *packer) pack(cols []*vec.Vector, sel []int32) (codes [2][]uint64, grown, fit bool) {
	if cap(p.codes[0]) < len(sel) {
		p.codes[0] = make([]uint64, max(len(sel), vec.BatchSize))
	}
	codes[0] = p.codes[0][:len(sel)]
	for {
		if p.wide {
			if cap(p.codes[1]) < len(sel) {
				p.codes[1] = make([]uint64, max(len(sel), vec.BatchSize))
			}
			codes[1] = p.codes[1][:len(sel)]
			clear(codes[1])
		}
		ok := true
		if len(p.cols) > 1 || p.cols[0].strings != nil {
			clear(codes[0])
		}
		for i := range p.cols {
			c := &p.cols[i]
			switch {
			case p.raw:
				rawCodes(codes[0], cols[i], sel)
			case c.whole:
				c.addWhole(codes[c.word], codes[1-c.word], cols[i], sel)
			case !c.add(codes[c.word], cols[i], sel, len(p.cols) == 1):
				ok = false
				if c.strings == nil {
					c.widen(cols[i], sel)
				} else if c.strings.full {
					return codes, grown, false
				}
			}
		}
		if ok {
			return codes, grown, true
		}
		grown = true
		if !p.layout() {
			return codes, true, false
		}
	}
}

// addWhole gives a word to the column's values, and a bit of another to its NULLs.
func (c *packCol) addWhole(codes, other []uint64, v *vec.Vector, sel []int32) {
	if v.Form == vec.Const && v.IsNull(0) {
		for k := range other {
			other[k] |= 1 << c.null
		}
		return
	}
	rawCodes(codes, v, sel)
	if v.Valid == nil || v.Form == vec.Const {
		return
	}
	for k, i := range sel {
		if !v.Valid.Get(int(i)) {
			codes[k] = 0
			other[k] |= 1 << c.null
		}
	}
}

// add adds the column's numbers to the words; false when one does not fit the bits.
func (c *packCol) add(codes []uint64, v *vec.Vector, sel []int32, first bool) bool {
	if c.strings != nil {
		return c.addStrings(codes, v, sel, first)
	}
	if v.Form == vec.Const {
		if v.IsNull(0) {
			if first {
				clear(codes)
			}
			return true
		}
		x := uint64(intAt(v, 0)-c.base) + 1
		if x >= 1<<c.bits || x == 0 || !c.any {
			return false
		}
		for k := range codes {
			if first {
				codes[k] = x
			} else {
				codes[k] |= x << c.shift
			}
		}
		return true
	}
	if !c.any {
		return v.Valid != nil && allNull(v, sel) && zero(codes, first)
	}
	dict := v.Form == vec.Dict
	switch {
	case c.phys == types.PBool && dict:
		return addDict[uint8](c, codes, v, sel, first)
	case c.phys == types.PBool:
		return addInts[uint8](c, codes, v, sel, first)
	case c.phys == types.PI32 && dict:
		return addDict[int32](c, codes, v, sel, first)
	case c.phys == types.PI32:
		return addInts[int32](c, codes, v, sel, first)
	case dict:
		return addDict[int64](c, codes, v, sel, first)
	}
	return addInts[int64](c, codes, v, sel, first)
}

func zero(codes []uint64, first bool) bool {
	if first {
		clear(codes)
	}
	return true
}

func allNull(v *vec.Vector, sel []int32) bool {
	for _, i := range sel {
		if !v.IsNull(int(i)) {
			return false
		}
	}
	return true
}

func addInts[T uint8 | int32 | int64](c *packCol, codes []uint64, v *vec.Vector, sel []int32, first bool) bool {
	vals, base, shift := vec.Values[T](v), uint64(c.base)-1, c.shift
	var bad uint64
	codes = codes[:len(sel)]
	if v.Valid != nil {
		for k, i := range sel {
			x := uint64(int64(vals[i])) - base
			if !v.Valid.Get(int(i)) {
				x = 0
			} else if x == 0 {
				return false
			}
			bad |= x >> c.bits
			if first {
				codes[k] = x
			} else {
				codes[k] |= x << shift
			}
		}
		return bad == 0
	}
	if first {
		for k, i := range sel {
			x := uint64(int64(vals[i])) - base
			bad |= (x-1)>>63 | x>>c.bits // 0 stands for NULL
			codes[k] = x
		}
		return bad == 0
	}
	for k, i := range sel {
		x := uint64(int64(vals[i])) - base
		bad |= (x-1)>>63 | x>>c.bits
		codes[k] |= x << shift
	}
	return bad == 0
}

func addDict[T uint8 | int32 | int64](c *packCol, codes []uint64, v *vec.Vector, sel []int32, first bool) bool {
	vals, dict, base, shift := vec.Values[T](v.Dict.Values), v.Codes(), uint64(c.base)-1, c.shift
	if first {
		clear(codes)
		shift = 0
	}
	var bad uint64
	codes = codes[:len(sel)]
	for k, i := range sel {
		if v.Valid != nil && !v.Valid.Get(int(i)) {
			continue
		}
		x := uint64(int64(vals[dict[i]])) - base
		bad |= (x-1)>>63 | x>>c.bits // 0 stands for NULL
		codes[k] |= x << shift
	}
	return bad == 0
}

// intAt gives the integer of row i of v, whatever its width and form.
func intAt(v *vec.Vector, i int32) int64 {
	f, k := v.At(int(i))
	switch f.Phys() {
	case types.PBool:
		return int64(vec.Values[uint8](f)[k])
	case types.PI32:
		return int64(vec.Values[int32](f)[k])
	}
	return vec.Values[int64](f)[k]
}

// widen takes the rows into the range seen.
func (c *packCol) widen(v *vec.Vector, sel []int32) {
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	switch {
	case v.Form == vec.Flat && v.Valid == nil && v.Phys() == types.PI64:
		lo, hi = rangeOf(vec.Values[int64](v), sel)
	case v.Form == vec.Flat && v.Valid == nil && v.Phys() == types.PI32:
		lo, hi = rangeOf(vec.Values[int32](v), sel)
	default:
		for _, i := range sel {
			if !v.IsNull(int(i)) {
				x := intAt(v, i)
				lo, hi = min(lo, x), max(hi, x)
			}
		}
	}
	if lo > hi {
		return
	}
	if !c.any {
		c.any, c.lo, c.hi, c.base = true, lo, hi, lo
		return
	}
	c.lo, c.hi = min(c.lo, lo), max(c.hi, hi)
}

func rangeOf[T int32 | int64](vals []T, sel []int32) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	for _, i := range sel {
		x := int64(vals[i])
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

func rawCodes(codes []uint64, v *vec.Vector, sel []int32) {
	switch {
	case v.Phys() != types.PI64:
	case v.Form == vec.Flat:
		vals := vec.Values[int64](v)
		for k, i := range sel {
			codes[k] = uint64(vals[i])
		}
		return
	case v.Form == vec.Dict:
		vals, dict := vec.Values[int64](v.Dict.Values), v.Codes()
		for k, i := range sel {
			if v.Valid == nil || v.Valid.Get(int(i)) {
				codes[k] = uint64(vals[dict[i]])
			}
		}
		return
	}
	for k, i := range sel {
		codes[k] = uint64(intAt(v, i))
	}
}

func (c *packCol) addStrings(codes []uint64, v *vec.Vector, sel []int32, first bool) bool {
	if v.Form == vec.Dict && v.Valid == nil {
		if known := c.strings.dicts[v.Dict.ID]; known != nil && uint64(c.strings.n) < 1<<c.bits {
			dict, missing, shift := v.Codes(), false, c.shift
			codes = codes[:len(sel)]
			for k, i := range sel {
				id := known[dict[i]]
				missing = missing || id == 0
				codes[k] |= uint64(id) << shift
			}
			if !missing {
				return true
			}
			for k, i := range sel { // take back what was added
				codes[k] ^= uint64(known[dict[i]]) << shift
			}
		}
	}
	ids := c.strings.ids(v, sel)
	if ids == nil {
		return false
	}
	limit := uint64(1) << c.bits
	if uint64(c.strings.n) >= limit {
		return false
	}
	if first {
		for k, id := range ids {
			codes[k] = uint64(id)
		}
		return true
	}
	for k, id := range ids {
		codes[k] |= uint64(id) << c.shift
	}
	return true
}

// interner numbers strings from 1 on.
type interner struct {
	n      int
	full   bool // there are too many
	looked int  // how many flat ones were looked up
	vals   *vec.Builder
	slots  []uint64 // hash<<32 | number; 0 = free
	dicts  map[uint64][]int32
	out    []int32
}

func newInterner(t types.Type) *interner {
	return &interner{vals: vec.NewBuilder(t), slots: make([]uint64, 64), dicts: map[uint64][]int32{}}
}

// ids gives the numbers of the strings of rows sel, 0 for NULL; nil when there are too many strings.
func (in *interner) ids(v *vec.Vector, sel []int32) []int32 {
	if cap(in.out) < len(sel) {
		in.out = make([]int32, max(len(sel), vec.BatchSize))
	}
	out, most := in.out[:len(sel)], maxInterned
	switch v.Form {
	case vec.Const:
		id := int32(0)
		if !v.IsNull(0) {
			id = in.id(&vec.Values[vec.View](v)[0], v.Bufs)
		}
		for k := range out {
			out[k] = id
		}
	case vec.Dict:
		most = maxInDicts
		if v.Dict.Values.Len > maxInDicts {
			in.full = true
			return nil
		}
		in.dictIDs(out, v, sel)
	default:
		in.flatIDs(out, v, sel)
		if in.n > manyStrings && 4*in.n > in.looked {
			most = 0
		}
	}
	if in.full = in.n > most; in.full {
		return nil
	}
	return out
}

func (in *interner) dictIDs(out []int32, v *vec.Vector, sel []int32) {
	known := in.dicts[v.Dict.ID]
	if known == nil {
		if len(in.dicts) > 64 {
			clear(in.dicts)
		}
		known = make([]int32, max(v.Dict.Values.Len, 1))
		in.dicts[v.Dict.ID] = known
	}
	codes, views := v.Codes(), vec.Values[vec.View](v.Dict.Values)
	if v.Valid == nil {
		for k, i := range sel {
			c := codes[i]
			id := known[c]
			if id == 0 {
				id = in.id(&views[c], v.Dict.Values.Bufs)
				known[c] = id
			}
			out[k] = id
		}
		return
	}
	for k, i := range sel {
		if out[k] = 0; v.Valid.Get(int(i)) {
			c := codes[i]
			if known[c] == 0 {
				known[c] = in.id(&views[c], v.Dict.Values.Bufs)
			}
			out[k] = known[c]
		}
	}
}

func (in *interner) flatIDs(out []int32, v *vec.Vector, sel []int32) {
	views := vec.Values[vec.View](v)
	var lastLo, lastHi uint64
	last := int32(-1)
	for k, i := range sel {
		if v.Valid != nil && !v.Valid.Get(int(i)) {
			out[k] = 0
			continue
		}
		w := &views[i]
		lo, hi := w.Words()
		if last >= 0 && lo == lastLo && hi == lastHi { // the same place, if not the same short string
			out[k] = last
			continue
		}
		if in.n > maxInterned {
			return
		}
		in.looked++
		last = in.id(w, v.Bufs)
		lastLo, lastHi = lo, hi
		out[k] = last
	}
}

// id gives the number of one string.
func (in *interner) id(w *vec.View, bufs [][]byte) int32 {
	h := key.HashView(w, bufs)
	mask := uint64(len(in.slots) - 1)
	tag := h >> 32
	stored := in.vals.Vector()
	for p := h & mask; ; p = (p + 1) & mask {
		s := in.slots[p]
		if s == 0 {
			in.slots[p] = tag<<32 | uint64(in.n+1)
			break
		}
		if s>>32 == tag {
			id := int32(uint32(s))
			if vec.EqualViews(w, bufs, &vec.Values[vec.View](stored)[id-1], stored.Bufs) {
				return id
			}
		}
	}
	in.vals.AppendBytes(w.Bytes(bufs))
	in.n++
	id := int32(in.n)
	if in.n*2 > len(in.slots) {
		in.rehash()
	}
	return id
}

func (in *interner) rehash() {
	in.slots = make([]uint64, 4*len(in.slots))
	mask := uint64(len(in.slots) - 1)
	v := in.vals.Vector()
	views := vec.Values[vec.View](v)
	for i := range views {
		h := key.HashView(&views[i], v.Bufs)
		p := h & mask
		for in.slots[p] != 0 {
			p = (p + 1) & mask
		}
		in.slots[p] = h>>32<<32 | uint64(i+1)
	}
}
