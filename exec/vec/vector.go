package vec

import (
	"sync/atomic"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
)

// BatchSize is the usual number of rows of a batch.
const BatchSize = 2048

// Form tells how a vector's rows map to its values.
type Form uint8

// The forms.
const (
	Flat Form = iota
	Const
	Dict
)

// Dictionary is an immutable list of distinct-ish values that Dict vectors point into. It may be kept.
type Dictionary struct {
	ID     uint64  // unique in the process: results per dictionary are cached by it
	Values *Vector // Flat, without NULLs; owned by the collector
}

var lastDictID atomic.Uint64

// NewDictionary makes a dictionary of values, which must be Flat, without NULLs and never change again.
func NewDictionary(values *Vector) *Dictionary {
	return &Dictionary{ID: lastDictID.Add(1), Values: values}
}

// Vector is one column of a batch. The zero Vector is empty and ready for Reset.
type Vector struct {
	Type  types.Type
	Form  Form
	Len   int         // rows
	Valid Bitmap      // nil = nothing is NULL; Const: bit 0 alone
	Bufs  [][]byte    // PView, Flat or Const: the buffers that long strings lie in
	Dict  *Dictionary // Form Dict
	Kids  []*Vector   // PList: the elements (of a MAP: a STRUCT of key and value); PStruct: one a field, each of Len rows (Const: 1)

	phys     types.Phys
	data     []byte // values, one value or codes, by Form; 8-byte aligned
	buf      []byte // own memory for data, which may also be borrowed
	validBuf Bitmap // memory behind Valid, for reuse
	heap     []byte // the unfilled rest of the last own buffer
	own      []byte // the last own buffer, for reuse
}

// New makes a flat vector of n rows, nothing NULL.
func New(t types.Type, n int) *Vector {
	v := &Vector{}
	v.Reset(t, n)
	return v
}

// NewConst makes a Const vector of n rows; the value is to be set at index 0.
func NewConst(t types.Type, n int) *Vector {
	v := New(t, 1)
	v.Form, v.Len = Const, n
	return v
}

// NewNull makes a Const vector of n NULLs.
func NewNull(t types.Type, n int) *Vector {
	v := NewConst(t, n)
	v.SetNull(0)
	return v
}

// aligned gives n bytes of 8-byte aligned memory.
func aligned(n int) []byte {
	w := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)[:n]
}

// Reset makes v a flat vector of n rows of type t with unset values and nothing NULL, reusing its memory.
func (v *Vector) Reset(t types.Type, n int) { v.ResetAs(t, t.Phys(), n) }

// ResetAs is Reset with another layout than the type's: inside expressions a DECIMAL of more than 18 digits is carried in PI64
// as long as its values fit. Such vectors never leave package eval, except as arguments of aggregates.
func (v *Vector) ResetAs(t types.Type, phys types.Phys, n int) {
	v.Type, v.phys, v.Form, v.Len, v.Valid, v.Dict = t, phys, Flat, n, nil, nil
	need := n * v.phys.Width()
	if cap(v.buf) < need {
		v.buf = aligned(max(need, min(2*need, BatchSize*v.phys.Width())))
	}
	v.data = v.buf[:need]
	v.Bufs = v.Bufs[:0]
	if v.own != nil {
		v.heap = v.own
		v.Bufs = append(v.Bufs, v.own)
	}
	if v.phys >= types.PList {
		v.resetKids(n)
	}
}

func (v *Vector) resetKids(n int) {
	want := len(v.Type.Elems)
	if v.phys == types.PList {
		want, n = 1, 0
	}
	v.Kids = make([]*Vector, want) // fresh: the old ones may be another vector's, shared by Ref or Gather
	for i := range v.Kids {
		v.Kids[i] = New(ChildType(v.Type, i), n)
	}
}

// ChildType is the type of child i of a nested type: of a MAP, the STRUCT of key and value.
func ChildType(t types.Type, i int) types.Type {
	if t.Kind == types.Map {
		return types.NewStruct(t.Elems...)
	}
	return t.Elems[i].Type
}

// ResetDict makes v a Dict vector of n rows with unset codes into d, reusing its memory.
func (v *Vector) ResetDict(t types.Type, d *Dictionary, n int) {
	v.Type, v.phys, v.Form, v.Len, v.Valid, v.Dict = t, t.Phys(), Dict, n, nil, d
	if cap(v.buf) < 4*n {
		v.buf = aligned(max(4*n, min(8*n, BatchSize*4)))
	}
	v.data = v.buf[:4*n]
}

// SetConst makes v, just Reset to 1 row and filled, a Const vector of n rows.
func (v *Vector) SetConst(n int) { v.Form, v.Len = Const, n }

// Borrow makes v a flat vector of n rows of type t over data that it does not own: n*width bytes, aligned to
// the value's size.
func (v *Vector) Borrow(t types.Type, n int, data []byte, valid Bitmap, bufs [][]byte) {
	v.Type, v.phys, v.Form, v.Len, v.Valid, v.Dict = t, t.Phys(), Flat, n, valid, nil
	v.data, v.Bufs, v.own, v.heap = data[:n*v.phys.Width():n*v.phys.Width()], bufs, nil, nil
}

// BorrowCodes makes v a Dict vector over codes that it does not own.
func (v *Vector) BorrowCodes(t types.Type, d *Dictionary, codes []int32, valid Bitmap) {
	v.Type, v.phys, v.Form, v.Len, v.Valid, v.Dict = t, t.Phys(), Dict, len(codes), valid, d
	v.data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(codes))), 4*len(codes))
}

// Ref makes v show the same rows as u, without a copy. v must not be written afterwards until it is Reset.
func (v *Vector) Ref(u *Vector) {
	valid, buf := v.validBuf, v.buf
	*v = *u
	v.validBuf, v.buf, v.own, v.heap = valid, buf, nil, nil
	v.data = v.data[:len(v.data):len(v.data)]
	v.Bufs = v.Bufs[:len(v.Bufs):len(v.Bufs)]
}

// Slice makes v show n rows of u from row off, without a copy of values; validity is copied when off is no multiple of 64.
func (v *Vector) Slice(u *Vector, off, n int) {
	if u.Form == Const {
		v.Ref(u)
		v.Len = n
		return
	}
	kids := v.Kids
	v.Ref(u)
	v.Len = n
	w := v.phys.Width()
	if v.Form == Dict {
		w = 4
	}
	v.data = u.data[off*w : (off+n)*w : (off+n)*w]
	if u.Valid != nil {
		v.Valid = v.sliceValid(u.Valid, off, n)
	}
	if v.phys == types.PStruct && v.Form == Flat {
		v.Kids = make([]*Vector, len(u.Kids))
		copy(v.Kids, kids)
		for i, k := range u.Kids {
			v.Kids[i] = &Vector{}
			v.Kids[i].Slice(k, off, n)
		}
	}
}

func (v *Vector) sliceValid(b Bitmap, off, n int) Bitmap {
	if off&63 == 0 {
		return b[off>>6 : off>>6+Words(n)]
	}
	out := v.bitmap(n)
	sh, w := uint(off)&63, off>>6
	for i := range out {
		out[i] = b[w+i] >> sh
		if w+i+1 < len(b) {
			out[i] |= b[w+i+1] << (64 - sh)
		}
	}
	return out
}

func (v *Vector) bitmap(n int) Bitmap {
	w := Words(n)
	if cap(v.validBuf) < w {
		v.validBuf = make(Bitmap, max(w, min(2*w, Words(BatchSize))))
	}
	return v.validBuf[:w]
}

// Phys gives the physical layout of the values.
func (v *Vector) Phys() types.Phys { return v.phys }

// Values gives the values of a flat vector, or the one value of a Const vector, as T, which must match Phys:
// uint8, int32, int64, Int128, float64, View, IntervalValue or ListEntry.
func Values[T any](v *Vector) []T {
	var z T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v.data))), len(v.data)/int(unsafe.Sizeof(z)))
}

// Codes gives the codes of a Dict vector.
func (v *Vector) Codes() []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(v.data))), len(v.data)/4)
}

// MakeValid gives v a validity bitmap of its own, all rows valid, if it has none, and gives it back. v must not be borrowed.
func (v *Vector) MakeValid() Bitmap {
	if v.Valid == nil {
		n := v.Len
		if v.Form == Const {
			n = 1
		}
		b := v.bitmap(n)
		clear(b)
		b.Fill(n)
		v.Valid = b
	}
	return v.Valid
}

// CopyValid gives v, just Reset to n rows, a copy of the validity bitmap b (nil: none).
func (v *Vector) CopyValid(b Bitmap) {
	if b == nil {
		v.Valid = nil
		return
	}
	v.Valid = v.bitmap(v.Len)
	copy(v.Valid, b)
}

// SetNull makes row i NULL (of a Const vector: row 0).
func (v *Vector) SetNull(i int) { v.MakeValid().Clear(i) }

// IsNull tells whether row i is NULL, whatever the form.
func (v *Vector) IsNull(i int) bool {
	if v.Valid == nil {
		return false
	}
	if v.Form == Const {
		return v.Valid[0]&1 == 0
	}
	return !v.Valid.Get(i)
}

// At gives the flat vector that row i's value lies in, and its index there: itself, row 0 of itself, or the dictionary.
func (v *Vector) At(i int) (*Vector, int) {
	switch v.Form {
	case Const:
		return v, 0
	case Dict:
		return v.Dict.Values, int(v.Codes()[i])
	}
	return v, i
}

// Bytes gives the string of row i, whatever the form. It lives as long as the vector's memory.
func (v *Vector) Bytes(i int) []byte {
	f, k := v.At(i)
	return Values[View](f)[k].Bytes(f.Bufs)
}

// ValueAt gives the value of row i as T, whatever the form.
func ValueAt[T any](v *Vector, i int) T {
	f, k := v.At(i)
	return Values[T](f)[k]
}

// SetBytes stores a copy of b as the string of row i of a flat vector.
func (v *Vector) SetBytes(i int, b []byte) {
	if len(b) <= InlineMax {
		Values[View](v)[i] = InlineView(b)
		return
	}
	copy(v.Alloc(i, len(b)), b)
	v.fixPrefix(i)
}

func (v *Vector) fixPrefix(i int) {
	w := &Values[View](v)[i]
	copy(w.Prefix[:], v.Bufs[w.Buf][w.Off:w.Off+4])
}

// Alloc makes row i a string of n > InlineMax bytes and gives its memory to be filled; SealBytes must follow.
func (v *Vector) Alloc(i, n int) []byte {
	if len(v.heap) < n {
		size := max(n, 2*len(v.own), 1<<14)
		v.own = make([]byte, min(size, max(n, 1<<20)))
		v.heap = v.own
		v.Bufs = append(v.Bufs, v.own)
	}
	off := len(v.own) - len(v.heap)
	b := v.heap[:n:n]
	v.heap = v.heap[n:]
	Values[View](v)[i] = View{Len: uint32(n), Buf: uint32(len(v.Bufs) - 1), Off: uint32(off)}
	return b
}

// SealBytes completes the view of row i after Alloc's memory is filled.
func (v *Vector) SealBytes(i int) { v.fixPrefix(i) }

// ShareBufs lets the views of v point into the buffers of u as well: it gives the number to add to u's buffer numbers.
func (v *Vector) ShareBufs(u *Vector) uint32 {
	base := uint32(len(v.Bufs))
	v.Bufs = append(v.Bufs, u.Bufs...)
	v.own, v.heap = nil, nil // the last buffer is no longer the own one
	return base
}

// Size gives the bytes taken by the vector's own arrays, roughly; strings are not counted twice when shared.
func (v *Vector) Size() int {
	n := len(v.data) + 8*len(v.Valid)
	for _, b := range v.Bufs {
		n += len(b)
	}
	for _, k := range v.Kids {
		n += k.Size()
	}
	return n
}
