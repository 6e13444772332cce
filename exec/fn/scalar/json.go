package scalar

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// jsonStep is a step of a path: a key, or a place in an array.
type jsonStep struct {
	key   string
	index int
	byKey bool
}

// jsonPath reads $.a[0]."b c", or a single key where it begins with neither $ nor /; /a/0 is a JSON pointer.
func jsonPath(p string) ([]jsonStep, bool) {
	switch {
	case p == "" || p == "$":
		return nil, true
	case p[0] == '/':
		var out []jsonStep
		for _, k := range strings.Split(p[1:], "/") {
			n, err := strconv.Atoi(k)
			out = append(out, jsonStep{key: strings.NewReplacer("~1", "/", "~0", "~").Replace(k), index: n, byKey: err != nil})
		}
		return out, true
	case p[0] != '$':
		return []jsonStep{{key: p, byKey: true}}, true
	}
	var out []jsonStep
	for p = p[1:]; p != ""; {
		switch {
		case p[0] == '.' && len(p) > 1 && p[1] == '"':
			end := strings.IndexByte(p[2:], '"')
			if end < 0 {
				return nil, false
			}
			out, p = append(out, jsonStep{key: p[2 : 2+end], byKey: true}), p[3+end:]
		case p[0] == '.':
			end := strings.IndexAny(p[1:], ".[")
			if end < 0 {
				end = len(p) - 1
			}
			if end == 0 {
				return nil, false
			}
			out, p = append(out, jsonStep{key: p[1 : 1+end], byKey: true}), p[1+end:]
		case p[0] == '[':
			end := strings.IndexByte(p, ']')
			if end < 0 {
				return nil, false
			}
			in := strings.Trim(p[1:end], `'"`)
			n, err := strconv.Atoi(strings.TrimPrefix(in, "#")) // [#-1] is the last one
			out, p = append(out, jsonStep{key: in, index: n, byKey: err != nil || len(in) != end-1}), p[end+1:]
		default:
			return nil, false
		}
	}
	return out, true
}

// jsonFind gives the value at the path, or nil.
func jsonFind(doc []byte, path []jsonStep) []byte {
	doc = bytes.TrimSpace(doc)
	for _, s := range path {
		if len(doc) == 0 {
			return nil
		}
		switch {
		case doc[0] == '{':
			var m map[string]json.RawMessage
			if json.Unmarshal(doc, &m) != nil {
				return nil
			}
			doc = m[s.key]
		case doc[0] == '[' && !s.byKey:
			var a []json.RawMessage
			if json.Unmarshal(doc, &a) != nil {
				return nil
			}
			k := s.index
			if k < 0 {
				k += len(a)
			}
			if k < 0 || k >= len(a) {
				return nil
			}
			doc = a[k]
		default:
			return nil
		}
	}
	if !json.Valid(doc) {
		return nil
	}
	return bytes.TrimSpace(doc)
}

// jsonText gives a JSON value as text: a string without its quotes; nil for null.
func jsonText(b []byte) []byte {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	var s string
	if b[0] == '"' && json.Unmarshal(b, &s) == nil {
		return append([]byte{}, s...)
	}
	return b
}

// jsonGet makes a function of a document and a path: a path, a key, or a place in an array.
func jsonGet(name string, aliases []string, text bool, doc string, examples ...string) *fn.Function {
	res := types.TJSON
	if text {
		res = types.TVarchar
	}
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "json", Doc: doc, Signatures: []string{name + "(json, path or key or place)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 2 || args[0].Type.Kind != types.JSON && args[0].Type.Kind != types.Varchar && args[0].Type.Kind != types.Null {
				return nil, nil
			}
			byPlace := args[1].Type.IsInteger()
			o := failing(sig(res, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
				var path []jsonStep
				if byPlace {
					path = []jsonStep{{index: int(max(min(r.i64(1), 1<<30), -1<<30))}}
				} else {
					var ok bool
					if path, ok = jsonPath(string(r.str(1))); !ok {
						return nil, false, dataErr("%s: '%s' is not a path such as $.a[0].b", name, r.str(1))
					}
				}
				b := jsonFind(r.str(0), path)
				if text {
					b = jsonText(b)
				}
				return append(dst, b...), b != nil, nil
			}), types.TJSON, types.TVarchar))
			if args[0].Type.Kind == types.Varchar {
				o.Args[0] = types.TVarchar
			}
			if byPlace {
				o.Args[1] = types.TBigInt
			}
			return o, nil
		},
	}
}

var (
	jsonExtract = jsonGet("json_extract", []string{"->", "json_extract_path", "json_query", "#>"}, false, "The part of a JSON text at a path ($.a[0]), a key or a place (from 0), as JSON.", `json_extract('{"a": [1, 2]}', '$.a[1]')`, "2", `'{"a": "x"}' -> 'a'`, `"x"`)
	jsonString  = jsonGet("json_extract_string", []string{"->>", "json_extract_path_text", "get_json_object", "json_value", "#>>"}, true, "The part of a JSON text at a path, a key or a place, as text; JSON's null is NULL.", `get_json_object('{"a": {"b": "x"}}', '$.a.b')`, "x", `'{"a": 1}' ->> 'a'`, "1", `'[10, 20]' ->> 1`, "20")
)

var jsonValid = &fn.Function{
	Name: "json_valid", Category: "json", Doc: "Whether the text is JSON.", Examples: tex(`json_valid('{"a": 1}')`, "true", "json_valid('{')", "false"),
	Overloads: []*fn.Overload{sig(types.TBoolean, ofStr(func(b []byte) uint8 { return b2u(json.Valid(b)) }), types.TVarchar)},
}

var jsonLength = &fn.Function{
	Name: "json_array_length", Aliases: []string{"jsonb_array_length"}, Category: "json", Doc: "The number of elements of a JSON array, or of the one at a path; NULL for anything else.",
	Examples: tex("json_array_length('[1, 2, 3]')", "3", `json_array_length('{"a": [1, [2]]}', '$.a')`, "2", "json_array_length('{}')", "NULL"),
	Overloads: withPath(types.TBigInt, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		r := row{c: c, args: args}
		for _, i := range sel {
			r.i = int(i)
			part, err := jsonPart(&r)
			if err != nil {
				return err
			}
			var a []json.RawMessage
			if json.Unmarshal(part, &a) != nil || a == nil {
				out.SetNull(int(i))
			}
			vec.Values[int64](out)[i] = int64(len(a))
		}
		return nil
	}),
}

var jsonType = &fn.Function{
	Name: "json_type", Aliases: []string{"json_typeof", "jsonb_typeof"}, Category: "json", Doc: "What a JSON text holds, or its part at a path: object, array, string, number, boolean or null; NULL for what is no JSON.",
	Examples: tex("json_type('[1]')", "array", "json_type('1.5')", "number", `json_type('{"a": null}', '$.a')`, "null", `json_type('{"a": null}', '$.b')`, "NULL"),
	Overloads: withPath(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		b, err := jsonPart(r)
		if b == nil {
			return nil, false, err
		}
		name := "number"
		switch b[0] {
		case '{':
			name = "object"
		case '[':
			name = "array"
		case '"':
			name = "string"
		case 't', 'f':
			name = "boolean"
		case 'n':
			name = "null"
		}
		return append(dst, name...), true, nil
	})),
}

var toJSON = &fn.Function{
	Name: "to_json", Aliases: []string{"json_quote", "to_jsonb", "row_to_json", "array_to_json"}, Category: "json", Doc: "The value as JSON: structs and maps are objects, arrays are arrays.", Signatures: []string{"to_json(any) → JSON"},
	Examples: tex("to_json({'a': 1, 'b': ['x', NULL]})", `{"a":1,"b":["x",null]}`, "to_json(DATE '2024-01-01')", `"2024-01-01"`),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		return sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			return appendJSON(dst, r.args[0], r.i), true, nil
		}), args[0].Type), nil
	},
}

// appendJSON writes row i of v as JSON.
func appendJSON(b []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(b, "null"...)
	}
	v, i = v.At(i)
	switch t := v.Type; t.Kind {
	case types.Struct:
		b = append(b, '{')
		for k, f := range t.Elems {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONText(b, []byte(f.Name)), ':')
			b = appendJSON(b, v.Kids[k], i)
		}
		return append(b, '}')
	case types.Array, types.Map:
		l, ends := listAt(v, int32(i)), "[]"
		if t.Kind == types.Map {
			ends = "{}"
		}
		b = append(b, ends[0])
		for k := l.off; k < l.off+l.n; k++ {
			if k > l.off {
				b = append(b, ',')
			}
			if t.Kind == types.Map {
				b = append(appendJSONText(b, textAt(l.kid.Kids[0], k)), ':')
				b = appendJSON(b, l.kid.Kids[1], k)
			} else {
				b = appendJSON(b, l.kid, k)
			}
		}
		return append(b, ends[1])
	case types.JSON, types.Boolean:
		return kernel.AppendText(b, v, i)
	case types.Real, types.Double:
		if f := vec.Values[float64](v)[i]; f-f != 0 { // JSON has no such numbers
			return append(b, "null"...)
		}
		return kernel.AppendText(b, v, i)
	default:
		if t.IsNumeric() {
			return kernel.AppendText(b, v, i)
		}
		return appendJSONText(b, textAt(v, i))
	}
}

// appendJSONText writes s as a JSON string.
func appendJSONText(b, s []byte) []byte {
	b = append(b, '"')
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r < 0x20:
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		case r == utf8.RuneError && n == 1:
			b = append(b, `\ufffd`...)
		default:
			b = append(b, s[:n]...)
		}
		s = s[n:]
	}
	return append(b, '"')
}
