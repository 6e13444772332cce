package kernel

import (
	"strconv"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// AppendText writes the value at index k of a Flat or Const vector as CAST to VARCHAR shows it; TIMESTAMPTZ in UTC. NULL, which
// occurs inside nested values, is NULL.
func AppendText(b []byte, v *vec.Vector, k int) []byte {
	if v.IsNull(k) {
		return append(b, "NULL"...)
	}
	switch v.Phys() {
	case types.PBool:
		return strconv.AppendBool(b, vec.Values[uint8](v)[k] != 0)
	case types.PF64:
		bits := 64
		if v.Type.Kind == types.Real {
			bits = 32
		}
		return AppendFloat(b, vec.Values[float64](v)[k], bits)
	case types.PView:
		s := vec.Values[vec.View](v)[k].Bytes(v.Bufs)
		if v.Type.Kind == types.Binary {
			return appendBinary(b, s)
		}
		return append(b, s...)
	case types.PInterval:
		return AppendInterval(b, vec.Values[vec.IntervalValue](v)[k])
	case types.PList, types.PStruct:
		return appendNested(b, v, k)
	}
	x := Int128At(v, k)
	switch v.Type.Kind {
	case types.Date:
		return AppendDate(b, int(int64(x.Lo)))
	case types.Time:
		return AppendTime(b, int64(x.Lo))
	case types.Timestamp:
		return AppendTimestamp(b, int64(x.Lo))
	case types.TimestampTZ:
		return AppendTimestampTZ(b, int64(x.Lo), nil)
	case types.TimeTZ:
		return AppendTimeTZ(b, int64(x.Lo))
	case types.Enum:
		return append(b, v.Type.Label(int32(x.Lo))...)
	}
	return AppendDecimal(b, x, int(v.Type.S))
}

const hexDigits = "0123456789ABCDEF"

// appendBinary writes printable ASCII as it is and other bytes as \xHH.
func appendBinary(b, s []byte) []byte {
	for _, c := range s {
		if c >= 0x20 && c < 0x7f && c != '\\' && c != '\'' && c != '"' {
			b = append(b, c)
		} else {
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

func appendNested(b []byte, v *vec.Vector, k int) []byte {
	if v.Phys() == types.PStruct {
		b = append(b, '{')
		for i, f := range v.Type.Elems {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(append(b, '\''), f.Name...), "': "...)
			kid, j := v.Kids[i].At(k)
			b = appendInner(b, kid, j)
		}
		return append(b, '}')
	}
	e, kid := vec.Values[vec.ListEntry](v)[k], v.Kids[0]
	open, shut := byte('['), byte(']')
	if v.Type.Kind == types.Map {
		open, shut = '{', '}'
	}
	b = append(b, open)
	for i := e.Off; i < e.Off+e.Len; i++ {
		if i > e.Off {
			b = append(b, ", "...)
		}
		if v.Type.Kind == types.Map {
			b = appendInner(b, kid.Kids[0], int(i))
			b = appendInner(append(b, '='), kid.Kids[1], int(i))
		} else if kid.Type.Kind == types.JSON && !kid.IsNull(int(i)) { // which nothing in a list can be taken for
			f, j := kid.At(int(i))
			b = AppendText(b, f, j)
		} else {
			b = appendInner(b, kid, int(i))
		}
	}
	return append(b, shut)
}

// appendInner writes a value inside a nested one; text is quoted where it could be taken for something else.
func appendInner(b []byte, v *vec.Vector, k int) []byte {
	f, j := v.At(k)
	if v.IsNull(k) {
		return append(b, "NULL"...)
	}
	start := len(b)
	b = AppendText(b, f, j)
	switch f.Type.Kind {
	case types.Varchar, types.Enum, types.JSON, types.Binary, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		if needsQuotes(b[start:]) {
			return quoteInner(b, start)
		}
	}
	return b
}

// needsQuotes tells whether a text inside a nested value would be read as something else without quotes.
func needsQuotes(s []byte) bool {
	if len(s) == 0 || s[0] <= ' ' || s[len(s)-1] <= ' ' || equalFold(s, "null") {
		return true
	}
	for _, c := range s {
		switch c {
		case '"', '\'', '(', ')', ',', ':', '=', '[', ']', '{', '}':
			return true
		}
	}
	return false
}

// quoteInner puts quotes around b[start:].
func quoteInner(b []byte, start int) []byte {
	s := append([]byte(nil), b[start:]...)
	b = append(b[:start], '\'')
	for _, c := range s {
		if c == '\'' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return append(b, '\'')
}
