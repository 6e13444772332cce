package jsonval

import (
	stdjson "encoding/json"
	"math"
	"time"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// AppendValue writes the value of row i. Numbers that JSON does not have are strings; TIMESTAMPTZ is shown in the zone loc. Nested types
// are as deep as the parser lets a type be.
func AppendValue(out []byte, v *vec.Vector, i int, loc *time.Location) []byte {
	if v.IsNull(i) {
		return append(out, "null"...)
	}
	f, k := v.At(i)
	switch t := f.Type; {
	case t.Kind == types.Real || t.Kind == types.Double:
		if x := vec.Values[float64](f)[k]; math.IsNaN(x) || math.IsInf(x, 0) {
			return append(kernel.AppendText(append(out, '"'), f, k), '"')
		}
		return kernel.AppendText(out, f, k)
	case t.IsNumeric(), t.Kind == types.Boolean:
		return kernel.AppendText(out, f, k)
	case t.Kind == types.JSON:
		if text := f.Bytes(k); stdjson.Valid(text) {
			return append(out, text...)
		}
		return AppendString(out, f.Bytes(k))
	case t.Kind == types.Varchar:
		return AppendString(out, f.Bytes(k))
	case t.Kind == types.Struct:
		out = append(out, '{')
		for n, e := range t.Elems {
			if n > 0 {
				out = append(out, ',')
			}
			out = append(AppendString(out, []byte(e.Name)), ':')
			out = AppendValue(out, f.Kids[n], k, loc)
		}
		return append(out, '}')
	case t.Kind == types.Array:
		out = append(out, '[')
		e := vec.Values[vec.ListEntry](f)[k]
		for n := range e.Len {
			if n > 0 {
				out = append(out, ',')
			}
			out = AppendValue(out, f.Kids[0], int(e.Off+n), loc)
		}
		return append(out, ']')
	case t.Kind == types.Map:
		return appendMap(out, f, vec.Values[vec.ListEntry](f)[k], loc)
	}
	return AppendString(out, appendText(nil, f, k, loc))
}

func appendText(out []byte, f *vec.Vector, k int, loc *time.Location) []byte {
	if f.Type.Kind == types.TimestampTZ {
		return kernel.AppendTimestampTZ(out, vec.ValueAt[int64](f, k), loc)
	}
	f, k = f.At(k)
	return kernel.AppendText(out, f, k)
}

// appendMap writes a MAP; keys are written as text.
func appendMap(out []byte, f *vec.Vector, e vec.ListEntry, loc *time.Location) []byte {
	out = append(out, '{')
	entries := f.Kids[0]
	for n := range e.Len {
		if n > 0 {
			out = append(out, ',')
		}
		key := []byte("null")
		if at := int(e.Off + n); !entries.Kids[0].IsNull(at) {
			key = appendText(nil, entries.Kids[0], at, loc)
		}
		out = append(AppendString(out, key), ':')
		out = AppendValue(out, entries.Kids[1], int(e.Off+n), loc)
	}
	return append(out, '}')
}

const hex = "0123456789abcdef"

// AppendString writes s in quotes; bytes that are no UTF-8 become U+FFFD.
func AppendString(b, s []byte) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c >= 0x20 && c != 0x7f:
				b = append(b, c)
			case c == '\n':
				b = append(b, `\n`...)
			case c == '\r':
				b = append(b, `\r`...)
			case c == '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}
