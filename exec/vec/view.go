package vec

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// InlineMax is the longest string that a View holds in itself.
const InlineMax = 12

// View is a string in Arrow's BinaryView layout: up to 12 bytes lie in the view, zero-padded; a longer one keeps its first
// four bytes, the number of its buffer and the offset there.
type View struct {
	Len    uint32
	Prefix [4]byte
	Buf    uint32
	Off    uint32
}

// Int128 is a 128-bit two's complement integer in Arrow's decimal128 layout.
type Int128 struct {
	Lo uint64
	Hi int64
}

// IntervalValue is a span of time. The three parts are independent: a month has no fixed number of days.
type IntervalValue struct {
	Months, Days int32
	Micros       int64
}

// ListEntry places one row's elements in the child vector of a list or map.
type ListEntry struct{ Off, Len uint32 }

// InlineView makes the view of a string of at most InlineMax bytes.
func InlineView(b []byte) View {
	var raw [16]byte
	binary.LittleEndian.PutUint32(raw[:], uint32(len(b)))
	copy(raw[4:], b)
	return *(*View)(unsafe.Pointer(&raw))
}

// RefView makes the view of b, which lies at off in buffer buf; b is longer than InlineMax.
func RefView(b []byte, buf, off uint32) View {
	return View{Len: uint32(len(b)), Prefix: [4]byte(b[:4]), Buf: buf, Off: off}
}

// Bytes gives the string. The slice lies in the view itself or in bufs, and lives as long as they do.
func (w *View) Bytes(bufs [][]byte) []byte {
	if w.Len <= InlineMax {
		return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(w), 4)), w.Len)
	}
	return bufs[w.Buf][w.Off : w.Off+w.Len : w.Off+w.Len]
}

// Words gives the view's 16 bytes as two words: length and prefix, then the rest. Equal inline strings have equal words.
func (w *View) Words() (lo, hi uint64) {
	p := (*[2]uint64)(unsafe.Pointer(w))
	return p[0], p[1]
}

// EqualViews tells whether two strings are the same.
func EqualViews(a *View, abufs [][]byte, b *View, bbufs [][]byte) bool {
	alo, ahi := a.Words()
	blo, bhi := b.Words()
	if alo != blo {
		return false
	}
	if a.Len <= InlineMax {
		return ahi == bhi
	}
	return bytes.Equal(a.Bytes(abufs), b.Bytes(bbufs))
}

// CompareViews orders two strings by bytes: -1, 0 or 1.
func CompareViews(a *View, abufs [][]byte, b *View, bbufs [][]byte) int {
	pa, pb := binary.BigEndian.Uint32(a.Prefix[:]), binary.BigEndian.Uint32(b.Prefix[:])
	if pa != pb { // the zero padding of a shorter string orders it first
		if pa < pb {
			return -1
		}
		return 1
	}
	return bytes.Compare(a.Bytes(abufs), b.Bytes(bbufs))
}
