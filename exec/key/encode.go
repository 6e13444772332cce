package key

import (
	"encoding/binary"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// Encoder encodes rows as bytes that compare like the rows: a column in ascending or descending order, NULLs first or last.
// Equal rows have equal bytes. It is immutable.
type Encoder struct {
	Desc       []bool // nil: ascending
	NullsFirst []bool // nil: nulls last
}

// Append adds the encoding of row i of cols.
func (e *Encoder) Append(dst []byte, cols []*vec.Vector, i int) []byte {
	for k, v := range cols {
		first := e.NullsFirst != nil && e.NullsFirst[k]
		if v.IsNull(i) {
			if first {
				dst = append(dst, 0)
			} else {
				dst = append(dst, 2)
			}
			continue
		}
		dst = append(dst, 1)
		start := len(dst)
		dst = appendValue(dst, v, i)
		if e.Desc != nil && e.Desc[k] {
			for j := start; j < len(dst); j++ {
				dst[j] ^= 0xff
			}
		}
	}
	return dst
}

// FloatOrder gives a word that sorts like x.
func FloatOrder(x float64) uint64 {
	b := FloatBits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

func be64(dst []byte, x int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(x)^1<<63) }

func be32(dst []byte, x int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(x)^1<<31) }

func appendValue(dst []byte, v *vec.Vector, i int) []byte {
	v, i = v.At(i)
	switch v.Phys() {
	case types.PBool:
		return append(dst, vec.Values[uint8](v)[i])
	case types.PI32:
		return be32(dst, vec.Values[int32](v)[i])
	case types.PI64:
		return be64(dst, vec.Values[int64](v)[i])
	case types.PI128:
		x := vec.Values[vec.Int128](v)[i]
		return binary.BigEndian.AppendUint64(be64(dst, x.Hi), x.Lo)
	case types.PF64:
		return binary.BigEndian.AppendUint64(dst, FloatOrder(vec.Values[float64](v)[i]))
	case types.PInterval:
		x := vec.Values[vec.IntervalValue](v)[i]
		d, m := span(x)
		return be32(be32(be64(be64(dst, d), m), x.Months), x.Days)
	case types.PView:
		b := vec.Values[vec.View](v)[i].Bytes(v.Bufs)
		if v.Type.Fixed {
			b = TrimBlanks(b)
		}
		return appendString(dst, b)
	case types.PList:
		e := vec.Values[vec.ListEntry](v)[i]
		for k := range e.Len {
			dst = appendNested(dst, v.Kids[0], int(e.Off+k))
		}
		return append(dst, 0)
	}
	for _, k := range v.Kids {
		dst = appendNested(dst, k, i)
	}
	return dst
}

// appendNested marks a value by 1 and a NULL by 2, so that 0 can end a list.
func appendNested(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, 2)
	}
	return appendValue(append(dst, 1), v, i)
}

// appendString writes 0 as 0 255 and ends with 0 0.
func appendString(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, c)
		if c == 0 {
			dst = append(dst, 255)
		}
	}
	return append(dst, 0, 0)
}
