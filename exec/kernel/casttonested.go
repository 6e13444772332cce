package kernel

import (
	"bytes"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// castTextToNested reads arrays, structs and maps from the form that they are shown in: [1, 2], {'a': 1}, {k=v}. Text inside may stand in
// single or double quotes, with backslashes before quotes.
func castTextToNested(t types.Type) castFunc {
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		in := vec.StrsOf(src)
		n := out.Len
		all, idx := vec.NewBuilder(t), make([]int32, n)
		for i := range idx {
			idx[i] = -1
		}
		for _, i := range sel {
			one := vec.NewBuilder(t)
			if why := (&nestedText{loc: c.loc, try: c.try}).read(in.At(i), t, one); why != "" {
				if err := c.fail(src, i, out, why); err != nil {
					return err
				}
				continue
			}
			idx[i] = int32(all.Len())
			all.Append(one.Vector(), vec.Identity(1))
		}
		keep := append(vec.Bitmap(nil), out.Valid...)
		vec.GatherAt(out, all.Vector(), idx, vec.Identity(n), n)
		for i := range keep {
			out.MakeValid()[i] &= keep[i]
		}
		return nil
	}
}

// nestedText reads nested values. With try a value inside that does not convert is NULL.
type nestedText struct {
	loc   *time.Location
	try   bool
	inner bool // a part is being read
}

// read adds the value that b shows to out; it gives "" or why it cannot. Its depth is that of the type.
func (r *nestedText) read(b []byte, t types.Type, out *vec.Builder) string {
	inner := r.inner
	r.inner = true
	b = Trim(b)
	if equalFold(b, "null") {
		out.AppendNull()
		return ""
	}
	switch t.Kind {
	case types.Array:
		items, ok := innerParts(b, '[', ']')
		if !ok {
			return "it is not an array such as [1, 2]"
		}
		if t.N > 0 && int(t.N) != len(items) {
			if r.try && inner {
				out.AppendNull()
				return ""
			}
			return otherLength(len(items), t)
		}
		kid := out.Kid(0)
		vec.AppendValue(out, vec.ListEntry{Off: uint32(kid.Len())})
		for _, i := range items {
			if why := r.read(i, t.Elems[0].Type, kid); why != "" {
				return why
			}
		}
		out.ListLen()
		return ""
	case types.Map:
		items, ok := innerParts(b, '{', '}')
		if !ok {
			return "it is not a map such as {k=v}"
		}
		kid := out.Kid(0)
		vec.AppendValue(out, vec.ListEntry{Off: uint32(kid.Len())})
		for _, i := range items {
			at := topLevel(i, '=')
			if at < 0 {
				return "an entry of a map is key=value"
			}
			if equalFold(Trim(i[:at]), "null") {
				return "a key of a map must not be NULL"
			}
			if why := r.read(i[:at], t.Elems[0].Type, kid.Kid(0)); why != "" {
				return why
			}
			if why := r.read(i[at+1:], t.Elems[1].Type, kid.Kid(1)); why != "" {
				return why
			}
			kid.EndStruct()
		}
		out.ListLen()
		return ""
	case types.Struct:
		return r.readStruct(b, t, out)
	}
	if s, ok := unquote(b); ok {
		b = s
	} else if bytes.IndexByte(b, '\\') >= 0 {
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte(`\'`), []byte(`'`)), []byte(`\"`), []byte(`"`))
	}
	one := vec.New(t, 1)
	if why := ParseInto(b, t, r.loc, one, 0); why != "" && !r.try {
		return why
	} else if why != "" {
		out.AppendNull()
		return ""
	}
	out.Append(one, vec.Identity(1))
	return ""
}

func (r *nestedText) readStruct(b []byte, t types.Type, out *vec.Builder) string {
	items, ok := innerParts(b, '{', '}')
	if !ok {
		return "it is not a struct such as {'a': 1}"
	}
	given := make([][]byte, len(t.Elems))
	for _, i := range items {
		at := topLevel(i, ':')
		if at < 0 {
			return "a field of a struct is name: value"
		}
		name := Trim(i[:at])
		if s, quoted := unquote(name); quoted {
			name = s
		}
		k := 0
		for k < len(t.Elems) && !strings.EqualFold(string(name), t.Elems[k].Name) {
			k++
		}
		if k == len(t.Elems) || given[k] != nil {
			return "it has a field '" + string(name) + "' too many"
		}
		given[k] = i[at+1:]
	}
	for k, v := range given {
		if v == nil {
			out.Kid(k).AppendNull()
		} else if why := r.read(v, t.Elems[k].Type, out.Kid(k)); why != "" {
			return why
		}
	}
	out.EndStruct()
	return ""
}

// innerParts cuts what stands between open and shut at its commas.
func innerParts(b []byte, open, shut byte) (items [][]byte, ok bool) {
	if len(b) < 2 || b[0] != open || b[len(b)-1] != shut {
		return nil, false
	}
	b = b[1 : len(b)-1]
	if len(Trim(b)) == 0 {
		return nil, true
	}
	for {
		at := topLevel(b, ',')
		if at == -2 {
			return nil, false
		}
		if at < 0 {
			return append(items, b), true
		}
		items = append(items, b[:at])
		b = b[at+1:]
	}
}

// topLevel finds c outside of quotes and brackets; -1 = not there, -2 = they do not match.
func topLevel(b []byte, c byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch x := b[i]; x {
		case '\\': // outside of quotes it is itself, but before a quote
			if i+1 < len(b) && (b[i+1] == '\'' || b[i+1] == '"') {
				i++
			}
		case '\'', '"':
			if i > 0 && len(Trim(b[:i])) > 0 && depth == 0 && !afterMark(b[:i]) {
				continue // a quote inside a word is itself
			}
			for i++; i < len(b) && b[i] != x; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i >= len(b) {
				return -2
			}
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			if depth--; depth < 0 {
				return -2
			}
		default:
			if x == c && depth == 0 {
				return i
			}
		}
	}
	if depth != 0 {
		return -2
	}
	return -1
}

// afterMark tells whether b ends, blanks aside, with a mark behind which a value begins.
func afterMark(b []byte) bool {
	b = Trim(b)
	switch b[len(b)-1] {
	case ',', ':', '=', '[', '{', '(':
		return true
	}
	return false
}

// unquote takes the quotes off.
func unquote(b []byte) ([]byte, bool) {
	n := len(b)
	if n < 2 || b[0] != b[n-1] || b[0] != '\'' && b[0] != '"' {
		return b, false
	}
	out := make([]byte, 0, n)
	for i := 1; i < n-1; i++ {
		if b[i] == '\\' && i+1 < n-1 {
			i++
		}
		out = append(out, b[i])
	}
	return out, true
}
