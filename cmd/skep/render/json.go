package render

import (
	"bufio"
	stdjson "encoding/json"
	"math"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// json writes one object a row: as a list, or each on a line of its own.
type json struct {
	w    *bufio.Writer
	o    Options
	list bool
	keys [][]byte
	rows int
	buf  []byte
}

func (j *json) Begin(fields []types.Field) error {
	for _, f := range fields {
		j.keys = append(j.keys, append(appendJSONString(nil, []byte(f.Name)), ':'))
	}
	if j.list {
		return j.w.WriteByte('[')
	}
	return nil
}

func (j *json) Batch(b *vec.Batch) error {
	for _, i := range selection(b) {
		out := j.buf[:0]
		if j.list {
			if j.rows > 0 {
				out = append(out, ",\n "...)
			}
			j.rows++
		}
		out = append(out, '{')
		for k, v := range b.Cols {
			if k > 0 {
				out = append(out, ',')
			}
			out = j.value(append(out, j.keys[k]...), v, int(i))
		}
		out = append(out, '}')
		if !j.list {
			out = append(out, '\n')
		}
		j.buf = out
		if _, err := j.w.Write(out); err != nil {
			return err
		}
	}
	return nil
}

func (j *json) End() error {
	if j.list {
		_, err := j.w.WriteString("]\n")
		return err
	}
	return nil
}

// value writes the value of row i. Numbers that JSON does not have are strings. Nested types are as deep as the parser lets a type be.
func (j *json) value(out []byte, v *vec.Vector, i int) []byte {
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
		return appendValue(out, f, k, nil)
	case t.Kind == types.JSON:
		if text := f.Bytes(k); stdjson.Valid(text) {
			return append(out, text...)
		}
		return appendJSONString(out, f.Bytes(k))
	case t.Kind == types.Varchar:
		return appendJSONString(out, f.Bytes(k))
	case t.Kind == types.Struct:
		out = append(out, '{')
		for n, e := range t.Elems {
			if n > 0 {
				out = append(out, ',')
			}
			out = append(appendJSONString(out, []byte(e.Name)), ':')
			out = j.value(out, f.Kids[n], k)
		}
		return append(out, '}')
	case t.Kind == types.Array:
		out = append(out, '[')
		e := vec.Values[vec.ListEntry](f)[k]
		for n := range e.Len {
			if n > 0 {
				out = append(out, ',')
			}
			out = j.value(out, f.Kids[0], int(e.Off+n))
		}
		return append(out, ']')
	case t.Kind == types.Map:
		return j.object(out, f, vec.Values[vec.ListEntry](f)[k])
	}
	return appendJSONString(out, appendValue(nil, f, k, j.o.Location))
}

// object writes a MAP; keys are written as text.
func (j *json) object(out []byte, f *vec.Vector, e vec.ListEntry) []byte {
	out = append(out, '{')
	entries := f.Kids[0]
	for n := range e.Len {
		if n > 0 {
			out = append(out, ',')
		}
		key := []byte("null")
		if at := int(e.Off + n); !entries.Kids[0].IsNull(at) {
			key = appendValue(nil, entries.Kids[0], at, j.o.Location)
		}
		out = append(appendJSONString(out, key), ':')
		out = j.value(out, entries.Kids[1], int(e.Off+n))
	}
	return append(out, '}')
}

const hex = "0123456789abcdef"

// appendJSONString writes s in quotes; bytes that are no UTF-8 become U+FFFD.
func appendJSONString(b, s []byte) []byte {
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
