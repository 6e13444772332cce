package scalar

import (
	"bytes"
	"encoding/json"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// anyArgs is a signature that takes the arguments as they are.
func anyArgs(args []fn.Arg, res types.Type, eval fn.Eval) *fn.Overload {
	o := nullAware(sig(res, eval))
	for _, a := range args {
		o.Args = append(o.Args, a.Type)
	}
	return o
}

var jsonObject = &fn.Function{
	Name: "json_object", Aliases: []string{"json_build_object", "jsonb_build_object"}, Category: "json", Doc: "A JSON object of keys and values that take turns; NULL if a key is.",
	Signatures: []string{"json_object(key, value, …) → JSON"}, Examples: tex(`json_object('a', 1, 'b', ['x', NULL])`, `{"a":1,"b":["x",null]}`, "json_object()", "{}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args)%2 != 0 {
			return nil, nil
		}
		for k := 0; k < len(args); k += 2 {
			if args[k].Type.IsNested() {
				return nil, nil
			}
		}
		return anyArgs(args, types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			dst = append(dst, '{')
			for k := 0; k < len(r.args); k += 2 {
				if r.args[k].IsNull(r.i) {
					return nil, false, nil
				}
				if k > 0 {
					dst = append(dst, ',')
				}
				f, i := r.args[k].At(r.i)
				dst = append(appendJSONText(dst, textAt(f, i)), ':')
				dst = appendJSON(dst, r.args[k+1], r.i)
			}
			return append(dst, '}'), true, nil
		})), nil
	},
}

var jsonArray = &fn.Function{
	Name: "json_array", Aliases: []string{"json_build_array", "jsonb_build_array"}, Category: "json", Doc: "A JSON array of the arguments.",
	Signatures: []string{"json_array(any, …) → JSON"}, Examples: tex("json_array(1, 'x', NULL, {'a': TRUE})", `[1,"x",null,{"a":true}]`, "json_array()", "[]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		return anyArgs(args, types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			dst = append(dst, '[')
			for k, v := range r.args {
				if k > 0 {
					dst = append(dst, ',')
				}
				dst = appendJSON(dst, v, r.i)
			}
			return append(dst, ']'), true, nil
		})), nil
	},
}

// jsonPart gives the JSON text of the first argument, or the part of it at the path of the second; nil if there is none.
func jsonPart(r *row) ([]byte, error) {
	var path []jsonStep
	if len(r.args) > 1 {
		var ok bool
		if path, ok = jsonPath(string(r.str(1))); !ok {
			return nil, dataErr("'%s' is not a path such as $.a[0].b", r.str(1))
		}
	}
	return jsonFind(r.str(0), path), nil
}

// withPath gives two signatures: of a JSON text, and of one and a path.
func withPath(res types.Type, eval fn.Eval) []*fn.Overload {
	return []*fn.Overload{sig(res, eval, types.TVarchar), failing(sig(res, eval, types.TVarchar, types.TVarchar))}
}

var jsonKeys = &fn.Function{
	Name: "json_keys", Aliases: []string{"json_object_keys"}, Category: "json", Doc: "The keys of a JSON object, in their order; of the part at a path if one is given. NULL for anything else.",
	Examples: tex(`json_keys('{"b": 1, "a": {"c": 2}}')`, "[b, a]", `json_keys('{"a": {"c": 2}}', '$.a')`, "[c]", "json_keys('[1]')", "NULL"),
	Overloads: withPath(types.NewArray(types.TVarchar), func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w, r := newListWriter(out, n), row{c: c, args: args}
		for _, i := range sel {
			r.i = int(i)
			part, err := jsonPart(&r)
			if err != nil {
				return err
			}
			if len(part) == 0 || part[0] != '{' {
				out.SetNull(int(i))
				continue
			}
			w.begin(i)
			for _, k := range jsonObjectKeys(part) {
				w.b.AppendBytes([]byte(k))
			}
			w.end()
		}
		w.done()
		return nil
	}),
}

// jsonObjectKeys gives the keys of a JSON object, each once, as they first come.
func jsonObjectKeys(doc []byte) []string {
	d := json.NewDecoder(bytes.NewReader(doc))
	if _, err := d.Token(); err != nil {
		return nil
	}
	var keys []string
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		k, ok := t.(string)
		if err != nil || !ok {
			return keys
		}
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return keys
		}
	}
	return keys
}

var jsonExists = &fn.Function{
	Name: "json_exists", Category: "json", Doc: "Whether a JSON text has something at the path, be it null.",
	Examples:  tex(`json_exists('{"a": null}', '$.a')`, "true", `json_exists('{"a": [1]}', '$.a[1]')`, "false"),
	Overloads: []*fn.Overload{failing(sig(types.TBoolean, jsonTest(func(part []byte) bool { return part != nil }), types.TVarchar, types.TVarchar))},
}

// jsonTest makes the code of a test of the part at a path.
func jsonTest(f func(part []byte) bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		r, dst := row{c: c, args: args}, vec.Values[uint8](out)
		for _, i := range sel {
			r.i = int(i)
			part, err := jsonPart(&r)
			if err != nil {
				return err
			}
			dst[i] = b2u(f(part))
		}
		return nil
	}
}
