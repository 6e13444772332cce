package parquet

import (
	"encoding/binary"
	"math"
)

// The thrift compact protocol's type codes.
const (
	tTrue   = 1
	tFalse  = 2
	tByte   = 3
	tI16    = 4
	tI32    = 5
	tI64    = 6
	tDouble = 7
	tBinary = 8
	tList   = 9
	tSet    = 10
	tMap    = 11
	tStruct = 12
)

const maxThriftDepth = 48

// thriftReader reads the thrift compact protocol from memory. After the first mistake bad is set and every read gives zero;
// short is set too when more bytes might have helped. Nothing is allocated from a claimed size.
type thriftReader struct {
	b     []byte
	p     int
	depth int
	bad   bool
	short bool
}

func (r *thriftReader) fail() { r.bad = true }

func (r *thriftReader) byte() byte {
	if r.bad || r.p >= len(r.b) {
		r.bad, r.short = true, true
		return 0
	}
	c := r.b[r.p]
	r.p++
	return c
}

func (r *thriftReader) uvarint() uint64 {
	if r.bad {
		return 0
	}
	x, n := binary.Uvarint(r.b[r.p:])
	if n <= 0 {
		r.bad, r.short = true, n == 0
		return 0
	}
	r.p += n
	return x
}

func (r *thriftReader) zigzag() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// bytes reads a binary value, which shares the reader's memory.
func (r *thriftReader) bytes(t byte) []byte {
	if t != tBinary {
		r.fail()
		return nil
	}
	n := r.uvarint()
	if r.bad || n > uint64(len(r.b)-r.p) {
		r.bad, r.short = true, true
		return nil
	}
	s := r.b[r.p : r.p+int(n) : r.p+int(n)]
	r.p += int(n)
	return s
}

func (r *thriftReader) i64(t byte) int64 {
	switch t {
	case tByte:
		return int64(int8(r.byte()))
	case tI16, tI32, tI64:
		return r.zigzag()
	}
	r.fail()
	return 0
}

func (r *thriftReader) i32(t byte) int32 {
	x := r.i64(t)
	if x < math.MinInt32 || x > math.MaxInt32 {
		r.fail()
	}
	return int32(x)
}

// aside reads a number that no row depends on into x: one that does not fit is left out. It tells whether there is a number at all.
func (r *thriftReader) aside(t byte, x *int32) bool {
	if t != tI16 && t != tI32 && t != tI64 {
		return false
	}
	if n := r.i64(t); n >= math.MinInt32 && n <= math.MaxInt32 {
		*x = int32(n)
	}
	return true
}

func (r *thriftReader) bool(t byte) bool {
	if t != tTrue && t != tFalse {
		r.fail()
	}
	return t == tTrue
}

// fields reads a struct: f consumes the value of a field and tells so; what it does not want is skipped.
func (r *thriftReader) fields(t byte, f func(id int, t byte) bool) {
	if t != tStruct {
		r.fail()
	}
	if r.depth++; r.depth > maxThriftDepth {
		r.fail()
	}
	last := 0
	for !r.bad {
		h := r.byte()
		if h == 0 {
			break
		}
		id := last + int(h>>4)
		if h>>4 == 0 {
			id = int(r.zigzag())
		}
		last = id
		if !f(id, h&15) {
			r.skip(h & 15)
		}
	}
	r.depth--
}

// list reads a list: f consumes each element.
func (r *thriftReader) list(t byte, f func(t byte)) {
	n, et := r.listHeader(t)
	for i := 0; i < n && !r.bad; i++ {
		f(et)
	}
}

func (r *thriftReader) listHeader(t byte) (n int, elem byte) {
	if t != tList && t != tSet {
		r.fail()
		return 0, 0
	}
	h := r.byte()
	size := uint64(h >> 4)
	if size == 15 {
		size = r.uvarint()
	}
	if size > uint64(len(r.b)-r.p) { // an element takes a byte at least
		r.bad, r.short = true, true
		return 0, 0
	}
	return int(size), h & 15
}

func (r *thriftReader) skip(t byte) {
	if r.depth++; r.depth > maxThriftDepth {
		r.fail()
	}
	switch t {
	case tTrue, tFalse:
	case tByte:
		r.byte()
	case tI16, tI32, tI64:
		r.uvarint()
	case tDouble:
		for range 8 {
			r.byte()
		}
	case tBinary:
		r.bytes(t)
	case tList, tSet:
		r.list(t, r.skipElem)
	case tMap:
		r.skipMap()
	case tStruct:
		r.fields(t, func(int, byte) bool { return false })
	default:
		r.fail()
	}
	r.depth--
}

func (r *thriftReader) skipElem(t byte) {
	if t == tTrue || t == tFalse { // in a list a boolean takes a byte
		t = tByte
	}
	r.skip(t)
}

func (r *thriftReader) skipMap() {
	n := r.uvarint()
	if n == 0 {
		return
	}
	kv := r.byte()
	for ; n > 0 && !r.bad; n-- {
		r.skipElem(kv >> 4)
		r.skipElem(kv & 15)
	}
}
