package vec

import (
	"github.com/skep-sql/skep/catalog/types"
)

// Builder keeps rows: a flat vector that grows. Strings and nested values are copied in. It is not safe for several goroutines.
type Builder struct {
	v     Vector
	arena int // bytes in string buffers
	kids  []*Builder
}

// NewBuilder makes an empty builder of type t.
func NewBuilder(t types.Type) *Builder {
	b := &Builder{}
	b.v.Reset(t, 0)
	for _, k := range b.v.Kids {
		b.kids = append(b.kids, NewBuilder(k.Type))
	}
	return b
}

// Len gives the number of rows.
func (b *Builder) Len() int { return b.v.Len }

// Size gives the bytes held.
func (b *Builder) Size() int {
	n := cap(b.v.data) + 8*cap(b.v.validBuf) + b.arena
	for _, k := range b.kids {
		n += k.Size()
	}
	return n
}

// Vector gives the rows so far as a flat vector; it is valid until the next Append.
func (b *Builder) Vector() *Vector {
	for i, k := range b.kids {
		if u := k.Vector(); b.v.Kids[i] != u { // written once, so that readers may call it at the same time
			b.v.Kids[i] = u
		}
	}
	return &b.v
}

// grow makes room for n more rows and gives the number of rows before.
func (b *Builder) grow(n int) int {
	v := &b.v
	old, w := v.Len, v.phys.Width()
	v.Len += n
	if need := v.Len * w; need > cap(v.data) {
		d := aligned(max(need, 2*cap(v.data), 64*w))
		copy(d, v.data)
		v.data = d
	}
	v.data = v.data[:v.Len*w]
	if v.Valid != nil {
		b.growValid(old)
	}
	return old
}

// Reserve makes room for n rows in all, so that they are not moved as they come.
func (b *Builder) Reserve(n int) {
	if need := n * b.v.phys.Width(); need > cap(b.v.data) {
		d := aligned(need)
		copy(d, b.v.data)
		b.v.data = d[:len(b.v.data)]
	}
}

// growValid makes the bitmap cover all rows; those from row old on become valid.
func (b *Builder) growValid(old int) {
	v := &b.v
	w := Words(v.Len)
	if w > cap(v.validBuf) {
		nb := make(Bitmap, max(w, 2*cap(v.validBuf), 4))
		copy(nb, v.Valid)
		v.validBuf = nb
	}
	v.Valid = v.validBuf[:w]
	if old&63 != 0 {
		v.Valid[old>>6] |= ^uint64(0) << (uint(old) & 63)
		old = (old | 63) + 1
	}
	for i := old >> 6; i < w; i++ {
		v.Valid[i] = ^uint64(0)
	}
}

func (b *Builder) setNull(i int) {
	if b.v.Valid == nil {
		b.v.Valid = b.v.validBuf[:0]
		b.growValid(0)
	}
	b.v.Valid.Clear(i)
}

// AppendNull adds a NULL row.
func (b *Builder) AppendNull() {
	i := b.grow(1)
	w := b.v.phys.Width()
	clear(b.v.data[i*w : (i+1)*w])
	b.setNull(i)
	if b.v.phys == types.PStruct {
		for _, k := range b.kids {
			k.AppendNull()
		}
	}
}

// AppendBytes adds a string row.
func (b *Builder) AppendBytes(s []byte) {
	i := b.grow(1)
	Values[View](&b.v)[i] = b.store(s)
}

// store copies s into the arena and gives its view.
func (b *Builder) store(s []byte) View {
	if len(s) <= InlineMax {
		return InlineView(s)
	}
	v := &b.v
	if len(v.heap) < len(s) {
		size := max(len(s), min(max(2*len(v.own), 1<<12), 1<<20))
		v.own = make([]byte, size)
		v.heap = v.own
		v.Bufs = append(v.Bufs, v.own)
		b.arena += size
	}
	off := len(v.own) - len(v.heap)
	copy(v.heap, s)
	v.heap = v.heap[len(s):]
	return RefView(s, uint32(len(v.Bufs)-1), uint32(off))
}

// AppendValue adds a row of a fixed-width type whose layout is T.
func AppendValue[T any](b *Builder, x T) {
	i := b.grow(1)
	Values[T](&b.v)[i] = x
}

// Append adds the rows sel of src, or all of them when sel is nil. The types' layouts must be the same.
func (b *Builder) Append(src *Vector, sel []int32) {
	if sel == nil {
		sel = Identity(src.Len)
	}
	if len(sel) == 0 {
		return
	}
	old := b.grow(len(sel))
	b.copyValues(old, src, sel)
	if src.Valid != nil {
		for k, i := range sel {
			if src.IsNull(int(i)) {
				b.setNull(old + k)
			}
		}
	}
}

func (b *Builder) copyValues(old int, src *Vector, sel []int32) {
	v := &b.v
	switch v.phys {
	case types.PBool:
		appendFixed(Values[uint8](v)[old:], src, sel)
	case types.PI32:
		appendFixed(Values[int32](v)[old:], src, sel)
	case types.PI64, types.PF64:
		appendFixed(Values[int64](v)[old:], src, sel)
	case types.PI128, types.PInterval:
		appendFixed(Values[Int128](v)[old:], src, sel)
	case types.PView:
		b.copyViews(old, src, sel)
	case types.PList:
		b.copyLists(old, src, sel)
	case types.PStruct:
		idx := sel
		if src.Form == Const {
			idx = make([]int32, len(sel))
		}
		for i, k := range src.Kids {
			b.kids[i].Append(k, idx)
		}
	}
}

func appendFixed[T any](dst []T, src *Vector, sel []int32) {
	switch src.Form {
	case Const:
		x := Values[T](src)[0]
		for k := range sel {
			dst[k] = x
		}
	case Dict:
		codes, values := src.Codes(), Values[T](src.Dict.Values)
		if len(values) == 0 {
			return
		}
		for k, i := range sel {
			dst[k] = values[codes[i]]
		}
	default:
		values := Values[T](src)
		for k, i := range sel {
			dst[k] = values[i]
		}
	}
}

func (b *Builder) copyViews(old int, src *Vector, sel []int32) {
	out := Values[View](&b.v)[old:]
	out = out[:len(sel)]
	from, codes := src, []int32(nil)
	switch src.Form {
	case Const:
		if src.IsNull(0) {
			clear(out)
			return
		}
		w := b.keepView(&Values[View](src)[0], src.Bufs)
		for k := range out {
			out[k] = w
		}
		return
	case Dict:
		from, codes = src.Dict.Values, src.Codes()
	}
	views := Values[View](from)
	for k, i := range sel {
		if src.Valid != nil && !src.Valid.Get(int(i)) {
			out[k] = View{}
			continue
		}
		if codes != nil {
			i = codes[i]
		}
		if w := &views[i]; w.Len <= InlineMax {
			out[k] = *w
		} else {
			out[k] = b.store(w.Bytes(from.Bufs))
		}
	}
}

// keepView copies a string of bufs into the arena.
func (b *Builder) keepView(w *View, bufs [][]byte) View {
	if w.Len <= InlineMax {
		return *w
	}
	return b.store(w.Bytes(bufs))
}

func (b *Builder) copyLists(old int, src *Vector, sel []int32) {
	kid := b.kids[0]
	entries, out := Values[ListEntry](src), Values[ListEntry](&b.v)
	var idx []int32
	for k, i := range sel {
		if src.Form == Const {
			i = 0
		}
		out[old+k] = ListEntry{Off: uint32(kid.Len() + len(idx))}
		if src.IsNull(int(i)) {
			continue
		}
		e := entries[i]
		out[old+k].Len = e.Len
		for j := range e.Len {
			idx = append(idx, int32(e.Off+j))
		}
	}
	if len(idx) > 0 {
		kid.Append(src.Kids[0], idx)
	}
}

// ListLen sets the last row, added by AppendValue with Off at the child's length, to hold the elements added since.
func (b *Builder) ListLen() {
	e := &Values[ListEntry](&b.v)[b.v.Len-1]
	e.Len = uint32(b.kids[0].Len()) - e.Off
}

// Kid gives the builder of child i of a nested type.
func (b *Builder) Kid(i int) *Builder { return b.kids[i] }

// EndStruct adds one valid STRUCT row, whose fields have been added to every Kid.
func (b *Builder) EndStruct() { b.grow(1) }

// Reset empties the builder, keeping its fixed-width memory.
func (b *Builder) Reset() {
	v := &b.v
	v.Len, v.data, v.Valid, v.Bufs, v.heap, v.own, b.arena = 0, v.data[:0], nil, nil, nil, nil, 0
	for _, k := range b.kids {
		k.Reset()
	}
}
