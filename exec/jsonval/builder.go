package jsonval

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// NotUTF8 is why a string is refused whose bytes are no UTF-8.
const NotUTF8 = "it is no UTF-8"

// Reader makes values of what a scanner has stepped over. It belongs to one goroutine.
type Reader struct {
	Scanner *Scanner
	Loc     *time.Location // of timestamps without a zone
	// Fits, if set, tells whether a scalar is a value of a type that was guessed: nothing is cast then, and unknown fields are told. first is its
	// first byte, and b what a string says.
	Fits func(t types.Type, first byte, b []byte) bool
	tmp  []byte
}

// Parse reads a scalar, or the text of any value, into row i of out, a flat vector of type t, and gives "" or why it cannot.
func (r *Reader) Parse(sp Span, t types.Type, out *vec.Vector, i int) string {
	buf := r.Scanner.Buf
	s, e := sp.At()
	first, b, ok := buf[s], buf[s:e], true
	if first == '"' {
		if b, r.tmp, ok = Content(buf, sp, r.tmp); !ok {
			return NotUTF8
		}
	}
	if t.Kind == types.JSON {
		out.SetBytes(i, buf[s:e])
		return ""
	}
	if first == '{' || first == '[' {
		if t.Kind != types.Varchar || r.Fits != nil {
			return "it is an object or a list"
		}
	} else if r.Fits != nil && !r.Fits(t, first, b) {
		return "the type was a guess"
	}
	return kernel.ParseInto(b, t, r.Loc, out, i)
}

// Builder makes values of a nested type, or of a part of one. It goes as deep as the type.
type Builder struct {
	r    *Reader
	t    types.Type
	b    *vec.Builder
	kids []*Builder
	// Of a STRUCT: the fields' keys, exactly and in lower case, and the places of their values.
	keys   [][]byte
	byKey  map[string]int
	places []Span
	// Of a MAP: the places of keys and values.
	entries []Span
	tmp     vec.Vector // one scalar
	text    []byte
}

// NewBuilder makes a builder of type t whose rows go to b.
func NewBuilder(r *Reader, b *vec.Builder, t types.Type) *Builder {
	n := &Builder{r: r, t: t, b: b}
	switch t.Kind {
	case types.Array:
		n.kids = []*Builder{NewBuilder(r, b.Kid(0), t.Elems[0].Type)}
	case types.Map:
		for i := range t.Elems {
			n.kids = append(n.kids, NewBuilder(r, b.Kid(0).Kid(i), t.Elems[i].Type))
		}
	case types.Struct:
		n.byKey, n.places = map[string]int{}, make([]Span, len(t.Elems))
		for i, f := range t.Elems {
			n.kids = append(n.kids, NewBuilder(r, b.Kid(i), f.Type))
			n.keys = append(n.keys, AppendString(nil, []byte(f.Name)))
			n.byKey[f.Name] = i
			if low := strings.ToLower(f.Name); r.Fits == nil {
				if _, ok := n.byKey[low]; !ok {
					n.byKey[low] = i
				}
			}
		}
	}
	return n
}

// Add appends the value at sp. If it is none of the type it appends NULL for the part that does not fit, and gives why.
func (n *Builder) Add(sp Span) string {
	s, e := sp.At()
	if e == 0 || n.r.Scanner.Buf[s] == 'n' {
		n.b.AppendNull()
		return ""
	}
	first := n.r.Scanner.Buf[s]
	switch n.t.Kind {
	case types.Array:
		if first == '[' {
			return n.addList(s)
		}
	case types.Map:
		if first == '{' {
			return n.addMap(s)
		}
	case types.Struct:
		if first == '{' {
			return n.addStruct(s)
		}
	default:
		return n.addScalar(sp, first)
	}
	n.b.AppendNull()
	return short(n.r.Scanner.Buf[s:e], 100) + " is no " + n.t.String()
}

func (n *Builder) addScalar(sp Span, first byte) string {
	buf := n.r.Scanner.Buf
	s, e := sp.At()
	switch {
	case n.t.Kind == types.Varchar && n.t.N == 0 && first == '"':
		b, grown, ok := Content(buf, sp, n.text)
		if n.text = grown; ok {
			n.b.AppendBytes(b)
			return ""
		}
	case n.t.Kind == types.BigInt && first <= '9' && first != '"':
		if x, ok := kernel.ParseInt64(buf[s:e]); ok {
			vec.AppendValue(n.b, x)
			return ""
		}
	}
	n.tmp.Reset(n.t, 1)
	if why := n.r.Parse(sp, n.t, &n.tmp, 0); why != "" {
		n.b.AppendNull()
		return short(buf[s:e], 100) + " is no " + n.t.String() + ": " + why
	}
	n.b.Append(&n.tmp, one)
	return ""
}

var one = []int32{0}

func (n *Builder) addList(i int) (why string) {
	sc, kid := n.r.Scanner, n.kids[0]
	vec.AppendValue(n.b, vec.ListEntry{Off: uint32(kid.b.Len())})
	for i = sc.Space(i + 1); sc.Buf[i] != ']'; {
		var sp Span
		i, sp = sc.Value(i, 0)
		if w := kid.Add(sp); why == "" {
			why = w
		}
		if i = sc.Space(i); sc.Buf[i] == ',' {
			i = sc.Space(i + 1)
		}
	}
	n.b.ListLen()
	return why
}

func (n *Builder) addStruct(i int) (why string) {
	sc := n.r.Scanner
	clear(n.places)
	p := 0
	for i = sc.Space(i + 1); sc.Buf[i] != '}'; {
		f := -1
		if p < len(n.keys) && Match(sc.Buf, i, n.keys[p]) {
			f, i = p, i+len(n.keys[p])
		} else {
			var sp Span
			i, sp = sc.Text(i)
			var bad string
			if f, bad = n.lookup(sp); bad != "" && why == "" {
				why = bad
			}
		}
		var sp Span
		i, sp = sc.Value(sc.Colon(i), 0)
		if f >= 0 {
			n.places[f] = sp
			p = f + 1
		}
		if i = sc.Space(i); sc.Buf[i] == ',' {
			i = sc.Space(i + 1)
		}
	}
	for k, kid := range n.kids {
		if w := kid.Add(n.places[k]); why == "" {
			why = w
		}
	}
	n.b.EndStruct()
	return why
}

// lookup finds a field by the key at sp, or gives -1; a key that is new to a guess is told.
func (n *Builder) lookup(sp Span) (int, string) {
	key, grown, ok := Content(n.r.Scanner.Buf, sp, n.text)
	if n.text = grown; !ok {
		return -1, "a key: " + NotUTF8
	}
	if f, ok := n.byKey[string(key)]; ok {
		return f, ""
	}
	if n.r.Fits != nil {
		return -1, "the samples had no field " + short(key, 100)
	}
	if f, ok := n.byKey[strings.ToLower(string(key))]; ok {
		return f, ""
	}
	return -1, ""
}

func (n *Builder) addMap(i int) (why string) {
	sc := n.r.Scanner
	n.entries = n.entries[:0]
	for i = sc.Space(i + 1); sc.Buf[i] != '}'; {
		var key, val Span
		i, key = sc.Text(i)
		i, val = sc.Value(sc.Colon(i), 0)
		n.entries = append(n.entries, key, val)
		if i = sc.Space(i); sc.Buf[i] == ',' {
			i = sc.Space(i + 1)
		}
	}
	last := n.lastOfKeys()
	row := n.b.Kid(0)
	vec.AppendValue(n.b, vec.ListEntry{Off: uint32(row.Len())})
	entries := n.entries // a MAP of MAPs has a builder for each level
	for k := 0; k < len(entries); k += 2 {
		if last != nil && last[n.key(entries[k])] != k {
			continue
		}
		for j, kid := range n.kids {
			if w := kid.Add(entries[k+j]); why == "" {
				why = w
			}
		}
		row.EndStruct()
	}
	n.b.ListLen()
	return why
}

func (n *Builder) key(sp Span) string {
	b, grown, _ := Content(n.r.Scanner.Buf, sp, n.text)
	n.text = grown
	return string(b)
}

// lastOfKeys gives the last entry of each key if one occurs twice, else nil.
func (n *Builder) lastOfKeys() map[string]int {
	twice := false
	buf := n.r.Scanner.Buf
	if len(n.entries) <= 64 {
		for k := 0; k < len(n.entries) && !twice; k += 2 {
			for j := 0; j < k && !twice; j += 2 {
				a, b := n.entries[j], n.entries[k]
				as, ae := a.At()
				bs, be := b.At()
				twice = string(buf[as:ae]) == string(buf[bs:be]) || (a.Start|b.Start)&Escaped != 0
			}
		}
		if !twice {
			return nil
		}
	}
	last := map[string]int{}
	for k := 0; k < len(n.entries); k += 2 {
		last[n.key(n.entries[k])] = k
	}
	return last
}

func short(b []byte, n int) string {
	if len(b) > n {
		return string(b[:n]) + "…"
	}
	return string(b)
}

// Match tells whether key, with its quotes, stands in buf at i.
func Match(buf []byte, i int, key []byte) bool {
	return i+len(key) <= len(buf) && string(buf[i:i+len(key)]) == string(key)
}
