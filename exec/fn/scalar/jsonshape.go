package scalar

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

// jsonOf makes a function of a JSON text that writes what becomes of its value.
func jsonOf(name, doc string, res types.Type, write func(dst []byte, n *jsonNode) []byte, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "json", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{failing(sig(res, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			n, err := readJSON(r.str(0), 0)
			if err != nil {
				return nil, false, err
			}
			return write(dst, n), true, nil
		}), types.TVarchar))},
	}
}

var (
	jsonPretty = jsonOf("json_pretty", "The JSON value over several lines, indented by four blanks.", types.TVarchar, func(dst []byte, n *jsonNode) []byte {
		return n.pretty(dst, 1)
	}, `replace(json_pretty('{"a":[]}'), chr(10), '|')`, `{|    "a": []|}`)
	jsonNormalize = jsonOf("json_normalize", "The JSON value without blanks, the keys of objects in order.", types.TJSON, func(dst []byte, n *jsonNode) []byte {
		n.order()
		return n.append(dst)
	}, `json_normalize('{"z": 1, "a": {"y": 2, "x": 3}}')`, `{"a":{"x":3,"y":2},"z":1}`)
	jsonShape = jsonOf("json_structure", "The types that a JSON value has: an object of them, an array of one, or a name; JSON where values do not go together, and for an empty object.", types.TJSON,
		func(dst []byte, n *jsonNode) []byte { return shapeOf(n).append(dst) },
		`json_structure('{"a": 1, "b": ["x", null], "c": [1, -2, 2.5]}')`, `{"a":"UBIGINT","b":["VARCHAR"],"c":["DOUBLE"]}`, `json_structure('[{"a": 1}, {"b": true}]')`, `[{"a":"UBIGINT","b":"BOOLEAN"}]`,
		`json_structure('[1, [2]]')`, `["JSON"]`)
)

// pretty writes the value over several lines, its members indented by depth.
func (n *jsonNode) pretty(b []byte, depth int) []byte {
	if n.kind == 0 || len(n.kids) == 0 {
		return n.append(b)
	}
	line := func(depth int) {
		b = append(b, '\n')
		for range depth {
			b = append(b, "    "...)
		}
	}
	b = append(b, n.kind)
	for i, k := range n.kids {
		if i > 0 {
			b = append(b, ',')
		}
		line(depth)
		if n.kind == '{' {
			b = append(appendJSONText(b, []byte(n.keys[i])), ": "...)
		}
		b = k.pretty(b, depth+1)
	}
	line(depth - 1)
	return append(b, n.kind+2)
}

// order sorts the keys of all objects in the value.
func (n *jsonNode) order() {
	for _, k := range n.kids {
		k.order()
	}
	if n.kind != '{' {
		return
	}
	at := make([]int, len(n.kids))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(i, j int) int { return cmp.Compare(n.keys[i], n.keys[j]) })
	keys, kids := make([]string, len(at)), make([]*jsonNode, len(at))
	for to, from := range at {
		keys[to], kids[to] = n.keys[from], n.kids[from]
	}
	n.keys, n.kids = keys, kids
}

func named(t string) *jsonNode { return &jsonNode{text: []byte(`"` + t + `"`)} }

// shapeOf gives the shape of a value: the value with names of types for what is no object or array.
func shapeOf(n *jsonNode) *jsonNode {
	switch n.kind {
	case '[':
		elem := named("NULL")
		for _, k := range n.kids {
			elem = commonShape(elem, shapeOf(k))
		}
		return &jsonNode{kind: '[', kids: []*jsonNode{elem}}
	case '{':
		if len(n.kids) == 0 {
			return named("JSON")
		}
		out := &jsonNode{kind: '{'}
		for i, k := range n.kids {
			out.add(n.keys[i], shapeOf(k))
		}
		return out
	}
	switch c := n.text[0]; {
	case c == '"':
		return named("VARCHAR")
	case c == 't' || c == 'f':
		return named("BOOLEAN")
	case c == 'n':
		return named("NULL")
	case bytes.ContainsAny(n.text, ".eE"):
		return named("DOUBLE")
	}
	var u uint64
	var i int64
	switch {
	case json.Unmarshal(n.text, &u) == nil:
		return named("UBIGINT")
	case json.Unmarshal(n.text, &i) == nil:
		return named("BIGINT")
	}
	return named("DOUBLE")
}

// commonShape gives the shape that holds values of two shapes.
func commonShape(a, b *jsonNode) *jsonNode {
	is := func(n *jsonNode, t string) bool { return n.kind == 0 && string(n.text) == `"`+t+`"` }
	number := func(n *jsonNode) bool { return is(n, "UBIGINT") || is(n, "BIGINT") || is(n, "DOUBLE") }
	switch {
	case is(a, "NULL"):
		return b
	case is(b, "NULL") || a.kind == 0 && b.kind == 0 && bytes.Equal(a.text, b.text):
		return a
	case number(a) && number(b):
		if is(a, "DOUBLE") || is(b, "DOUBLE") {
			return named("DOUBLE")
		}
		return named("BIGINT")
	case a.kind == '[' && b.kind == '[':
		return &jsonNode{kind: '[', kids: []*jsonNode{commonShape(a.kids[0], b.kids[0])}}
	case a.kind == '{' && b.kind == '{':
		out := &jsonNode{kind: '{', keys: slices.Clone(a.keys), kids: slices.Clone(a.kids)}
		at := map[string]int{}
		for i, k := range a.keys {
			at[k] = i
		}
		for i, k := range b.keys {
			if j, ok := at[k]; ok {
				out.kids[j] = commonShape(out.kids[j], b.kids[i])
			} else {
				out.add(k, b.kids[i])
			}
		}
		return out
	}
	return named("JSON")
}
