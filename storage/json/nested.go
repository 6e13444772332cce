package json

import (
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// builder makes values of a nested type, or of a part of one. It goes as deep as the type.
type builder struct {
	r    *reader
	t    types.Type
	b    *vec.Builder
	kids []*builder
	// Of a STRUCT: the fields' keys, exactly and in lower case, and the places of their values.
	keys   []field
	byKey  map[string]int
	places []span
	// Of a MAP: the places of keys and values.
	entries []span
	tmp     vec.Vector // one scalar
	text    []byte
}

func newBuilder(r *reader, b *vec.Builder, t types.Type) *builder {
	n := &builder{r: r, t: t, b: b}
	switch t.Kind {
	case types.Array:
		n.kids = []*builder{newBuilder(r, b.Kid(0), t.Elems[0].Type)}
	case types.Map:
		for i := range t.Elems {
			n.kids = append(n.kids, newBuilder(r, b.Kid(0).Kid(i), t.Elems[i].Type))
		}
	case types.Struct:
		n.byKey, n.places = map[string]int{}, make([]span, len(t.Elems))
		for i, f := range t.Elems {
			n.kids = append(n.kids, newBuilder(r, b.Kid(i), f.Type))
			n.keys = append(n.keys, field{raw: AppendString(nil, []byte(f.Name))})
			n.byKey[f.Name] = i
			if low := strings.ToLower(f.Name); !r.guessed {
				if _, ok := n.byKey[low]; !ok {
					n.byKey[low] = i
				}
			}
		}
	}
	return n
}

// readNested converts the rows sel of the n rows found.
func (r *reader) readNested(n int, sel []int32) error {
	b := r.nested.b
	b.Reset()
	for k := 0; k <= len(sel); k++ {
		row := n
		if k < len(sel) {
			row = int(sel[k])
		}
		for b.Len() < row {
			b.AppendNull()
		}
		if k == len(sel) {
			break
		}
		if why := r.nested.add(r.span(int32(row))); why != "" {
			if err := r.failed(row, why); err != nil {
				return err
			}
		}
	}
	r.v.Ref(b.Vector())
	return nil
}

// add appends the value at sp. If it is none of the type it appends NULL for the part that does not fit, and gives why.
func (n *builder) add(sp span) string {
	s, e := sp.at()
	if e == 0 || n.r.c.sc.buf[s] == 'n' {
		n.b.AppendNull()
		return ""
	}
	first := n.r.c.sc.buf[s]
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
	return cut(n.r.c.sc.buf[s:e], 100) + " is no " + n.t.String()
}

func (n *builder) addScalar(sp span, first byte) string {
	buf := n.r.c.sc.buf
	s, e := sp.at()
	switch {
	case n.t.Kind == types.Varchar && n.t.N == 0 && first == '"':
		b, grown, ok := content(buf, sp, n.text)
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
	if why := n.r.parse(sp, n.t, &n.tmp, 0); why != "" {
		n.b.AppendNull()
		return cut(buf[s:e], 100) + " is no " + n.t.String() + ": " + why
	}
	n.b.Append(&n.tmp, one)
	return ""
}

var one = []int32{0}

func (n *builder) addList(i int) (why string) {
	sc, kid := &n.r.c.sc, n.kids[0]
	vec.AppendValue(n.b, vec.ListEntry{Off: uint32(kid.b.Len())})
	for i = sc.space(i + 1); sc.buf[i] != ']'; {
		var sp span
		i, sp = sc.value(i, 0)
		if w := kid.add(sp); why == "" {
			why = w
		}
		if i = sc.space(i); sc.buf[i] == ',' {
			i = sc.space(i + 1)
		}
	}
	n.b.ListLen()
	return why
}

func (n *builder) addStruct(i int) (why string) {
	sc := &n.r.c.sc
	clear(n.places)
	p := 0
	for i = sc.space(i + 1); sc.buf[i] != '}'; {
		f := -1
		if p < len(n.keys) && match(sc.buf, i, n.keys[p].raw) {
			f, i = p, i+len(n.keys[p].raw)
		} else {
			var sp span
			i, sp = sc.text(i)
			var bad string
			if f, bad = n.lookup(sp); bad != "" && why == "" {
				why = bad
			}
		}
		var sp span
		i, sp = sc.value(sc.colon(i), 0)
		if f >= 0 {
			n.places[f] = sp
			p = f + 1
		}
		if i = sc.space(i); sc.buf[i] == ',' {
			i = sc.space(i + 1)
		}
	}
	for k, kid := range n.kids {
		if w := kid.add(n.places[k]); why == "" {
			why = w
		}
	}
	n.b.EndStruct()
	return why
}

// lookup finds a field by the key at sp, or gives -1; a key that is new to a guess is told.
func (n *builder) lookup(sp span) (int, string) {
	key, grown, ok := content(n.r.c.sc.buf, sp, n.text)
	if n.text = grown; !ok {
		return -1, "a key: " + notUTF8
	}
	if f, ok := n.byKey[string(key)]; ok {
		return f, ""
	}
	if n.r.guessed {
		return -1, "the samples had no field " + cut(key, 100)
	}
	if f, ok := n.byKey[strings.ToLower(string(key))]; ok {
		return f, ""
	}
	return -1, ""
}

func (n *builder) addMap(i int) (why string) {
	sc := &n.r.c.sc
	n.entries = n.entries[:0]
	for i = sc.space(i + 1); sc.buf[i] != '}'; {
		var key, val span
		i, key = sc.text(i)
		i, val = sc.value(sc.colon(i), 0)
		n.entries = append(n.entries, key, val)
		if i = sc.space(i); sc.buf[i] == ',' {
			i = sc.space(i + 1)
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
			if w := kid.add(entries[k+j]); why == "" {
				why = w
			}
		}
		row.EndStruct()
	}
	n.b.ListLen()
	return why
}

func (n *builder) key(sp span) string {
	b, grown, _ := content(n.r.c.sc.buf, sp, n.text)
	n.text = grown
	return string(b)
}

// lastOfKeys gives the last entry of each key if one occurs twice, else nil.
func (n *builder) lastOfKeys() map[string]int {
	twice := false
	buf := n.r.c.sc.buf
	if len(n.entries) <= 64 {
		for k := 0; k < len(n.entries) && !twice; k += 2 {
			for j := 0; j < k && !twice; j += 2 {
				a, b := n.entries[j], n.entries[k]
				as, ae := a.at()
				bs, be := b.at()
				twice = string(buf[as:ae]) == string(buf[bs:be]) || (a.start|b.start)&escaped != 0
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
