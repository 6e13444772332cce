package json

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/storage/textval"
)

// The kinds of values, as bits.
const (
	kNumber = 1 << iota
	kText
	kNaN // a string that says NaN or Infinity, as writers do where JSON has no such number
	kBool
	kObject
	kList
	kAny // of a column that was JSON already

	kScalar = kNumber | kText | kNaN | kBool
)

const (
	mapKeys  = 200  // objects with more keys than that, few of them in each object, are maps
	manyKeys = 2000 // objects with more keys than that are maps anyway
	// deepest is how deep types are nested at most; what lies deeper is JSON text.
	deepest = 32
)

// shape is what the values seen at one place have been. The zero shape has seen none.
type shape struct {
	kinds           uint8
	num, str        textval.Guess
	elem            *shape            // of the elements of lists, or of the values of maps
	keys            []string          // of objects, as they first came
	kids            map[string]*shape // by key
	objects, fields int               // objects seen, and their fields in all
	asMap           bool
	top             bool // of records: the keys are kept, however many
}

// add takes the value at i into account and gives the place behind it, or -1.
func (g *shape) add(s *jsonval.Scanner, i, depth int) int {
	switch s.Buf[i] {
	case '{':
		return g.addObject(s, i, depth)
	case '[':
		g.kinds |= kList
		if g.elem == nil {
			g.elem = &shape{}
		}
		if depth >= jsonval.MaxDepth {
			return s.Fail(i, "values are nested too deep")
		}
		i = s.Space(i + 1)
		for first := true; ; first = false {
			switch {
			case s.Buf[i] == ']' && first:
				return i + 1
			case !first && s.Buf[i] == ']':
				return i + 1
			case !first && s.Buf[i] != ',':
				return s.Fail(i, "a comma or ] is missing")
			case !first:
				i = s.Space(i + 1)
			}
			if i = g.elem.add(s, i, depth+1); i < 0 {
				return -1
			}
			i = s.Space(i)
		}
	}
	end, sp := s.Value(i, depth)
	if end >= 0 {
		g.scalar(s.Buf, sp)
	}
	return end
}

func (g *shape) addObject(s *jsonval.Scanner, i, depth int) int {
	if depth >= jsonval.MaxDepth {
		return s.Fail(i, "values are nested too deep")
	}
	g.kinds |= kObject
	g.objects++
	i = s.Space(i + 1)
	for first := true; ; first = false {
		switch {
		case s.Buf[i] == '}':
			return i + 1
		case !first && s.Buf[i] != ',':
			return s.Fail(i, "a comma or } is missing")
		case !first:
			i = s.Space(i + 1)
		}
		if s.Buf[i] != '"' {
			return s.Fail(i, "a key in quotes is missing")
		}
		var sp jsonval.Span
		at := i
		if i, sp = s.Text(i); i < 0 {
			return -1
		}
		key, _, ok := jsonval.Content(s.Buf, sp, nil)
		if !ok {
			return s.Fail(at, "a key is no UTF-8")
		}
		if i = s.Colon(i); i < 0 {
			return -1
		}
		g.fields++
		if i = g.kid(string(key)).add(s, i, depth+1); i < 0 {
			return -1
		}
		i = s.Space(i)
	}
}

// kid gives the shape of the values under a key.
func (g *shape) kid(key string) *shape {
	if !g.asMap && !g.top && len(g.keys) > 4*manyKeys {
		g.makeMap()
	}
	if g.asMap {
		return g.elemOf()
	}
	k := g.kids[key]
	if k == nil {
		if g.kids == nil {
			g.kids = map[string]*shape{}
		}
		k = &shape{}
		g.kids[key] = k
		g.keys = append(g.keys, key)
	}
	return k
}

func (g *shape) elemOf() *shape {
	if g.elem == nil {
		g.elem = &shape{}
	}
	return g.elem
}

// makeMap forgets the keys.
func (g *shape) makeMap() {
	e := g.elemOf()
	for _, k := range g.keys {
		e.merge(g.kids[k])
	}
	g.asMap, g.keys, g.kids = true, nil, nil
}

// scalar takes the value at sp, which is neither an object nor a list.
func (g *shape) scalar(buf []byte, sp jsonval.Span) {
	s, e := sp.At()
	switch c := buf[s]; c {
	case '"':
		b, _, _ := jsonval.Content(buf, sp, nil)
		if isNaN(b) {
			g.kinds |= kNaN
		} else {
			g.kinds |= kText
		}
		g.str.Merge(textGuess(b))
	case 't', 'f':
		g.kinds |= kBool
	case 'n':
	default:
		g.kinds |= kNumber
		g.num.Merge(numberGuess(buf[s:e]))
	}
}

func isNaN(b []byte) bool {
	return string(b) == "NaN" || string(b) == "Infinity" || string(b) == "-Infinity"
}

func textGuess(b []byte) textval.Guess {
	g := textval.Guess{Can: textval.IsText, Seen: true}
	if len(b) > 0 && b[0]-'0' <= 9 {
		g.Can |= textval.TimeClass(b)
	}
	return g
}

// numberGuess is CSV's, but that a number is no text: integers beyond BIGINT are DECIMALs.
func numberGuess(b []byte) textval.Guess {
	g := textval.Guess{Seen: true}
	if isNaN(b) {
		g.Can = textval.IsDbl
		return g
	}
	if g.Can, g.Whole, g.Frac = textval.NumberClass(b); g.Can == 0 {
		u := b
		if u[0] == '-' {
			u = u[1:]
		}
		if g.Whole = textval.CountDigits(u); g.Whole == len(u) && g.Whole <= types.MaxPrecision {
			g.Can = textval.IsDec
			if textval.ExactDouble(b) {
				g.Can |= textval.IsDbl
			}
		}
	}
	g.Can |= textval.IsText
	return g
}

// merge takes the values of another shape into account.
func (g *shape) merge(h *shape) {
	g.kinds |= h.kinds
	g.num.Merge(h.num)
	g.str.Merge(h.str)
	g.objects, g.fields = g.objects+h.objects, g.fields+h.fields
	if h.asMap && !g.asMap {
		g.makeMap()
	}
	if h.elem != nil {
		g.elemOf().merge(h.elem)
	}
	for _, k := range h.keys {
		g.kid(k).merge(h.kids[k])
	}
}

// shapeOf is the shape that gave type t.
func shapeOf(t types.Type) *shape {
	g := &shape{}
	switch t.Kind {
	case types.Boolean:
		g.kinds = kBool
	case types.Date, types.Timestamp, types.TimestampTZ, types.Varchar:
		g.kinds, g.str = kText, textval.Of(t)
	case types.JSON:
		g.kinds = kAny
	case types.Array:
		g.kinds, g.elem = kList, shapeOf(t.Elems[0].Type)
	case types.Map:
		g.kinds, g.elem, g.asMap = kObject, shapeOf(t.Elems[1].Type), true
	case types.Struct:
		g.kinds, g.objects, g.fields = kObject, 1, len(t.Elems)
		for _, f := range t.Elems {
			g.kid(f.Name).merge(shapeOf(f.Type))
		}
	default:
		g.kinds, g.num = kNumber, textval.Of(t)
	}
	return g
}

// typ gives the narrowest type that holds all values; deep is how many levels of nesting it may have.
func (g *shape) typ(deep int) types.Type {
	k := g.kinds
	switch {
	case k == 0:
		return types.TVarchar
	case k&^kScalar == 0:
		return g.scalarType()
	case deep <= 0:
		return types.TJSON
	case k == kList:
		return types.NewArray(g.elem.typ(deep - 1))
	case k == kObject:
		return g.objectType(deep)
	}
	return types.TJSON
}

func (g *shape) scalarType() types.Type {
	switch k := g.kinds; {
	case k == kBool:
		return types.TBoolean
	case k == kNumber:
		return g.num.Type()
	case k == kNumber|kNaN && g.num.Can&textval.IsDbl != 0:
		return types.TDouble
	case k == kText:
		return g.str.Type()
	}
	return types.TVarchar
}

// isMap tells whether objects are rather maps: very many keys, few of which are in each object.
func (g *shape) isMap() bool {
	n := len(g.keys)
	return g.asMap || n > manyKeys || n > mapKeys && g.fields*4 < n*g.objects
}

func (g *shape) objectType(deep int) types.Type {
	if g.isMap() {
		h := &shape{}
		h.merge(g)
		h.makeMap()
		return types.NewMap(types.TVarchar, h.elem.typ(deep-1))
	}
	var fields []types.Field
	for _, k := range g.keys {
		if k == "" || slices.ContainsFunc(fields, func(f types.Field) bool { return strings.EqualFold(f.Name, k) }) {
			return types.TJSON // SQL cannot tell such fields apart
		}
		fields = append(fields, types.Field{Name: k, Type: g.kids[k].typ(deep - 1)})
	}
	if fields == nil {
		return types.TJSON
	}
	return types.NewStruct(fields...)
}
