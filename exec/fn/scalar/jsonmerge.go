package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

// jsonFold makes a function that puts JSON texts together, from the first on. After NULL it begins anew, as DuckDB does.
func jsonFold(name, doc string, merge func(a, b *jsonNode) *jsonNode, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "json", Doc: doc, Signatures: []string{name + "(json, json, …) → JSON"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) < 2 {
				return nil, nil
			}
			o := failing(nullAware(sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
				var out *jsonNode
				for k := range r.args {
					if r.null(k) {
						out = nil
						continue
					}
					n, err := readJSON(r.text(k), 0)
					if err != nil {
						return nil, false, err
					}
					if out != nil {
						n = merge(out, n)
					}
					out = n
				}
				if out == nil {
					return nil, false, nil
				}
				return out.append(dst), true, nil
			}))))
			for range args {
				o.Args = append(o.Args, types.TVarchar)
			}
			return o, nil
		},
	}
}

var (
	jsonMergePatch = jsonFold("json_merge_patch", "The JSON value changed as a merge patch says (RFC 7396): members of null are taken out.", mergePatch,
		`json_merge_patch('{"a": 1, "b": 2}', '{"b": null, "c": 3}')`, `{"a":1,"c":3}`)
	jsonDeepMerge = jsonFold("json_deep_merge", "The JSON objects put together, member by member; null changes nothing.", deepMerge,
		`json_deep_merge('{"a": {"x": 1}}', '{"a": {"y": 2}, "b": null}')`, `{"a":{"x":1,"y":2}}`)
	jsonMergeDiff = jsonFold("json_merge_patch_diff", "The merge patch that turns the first JSON value into the second.", mergeDiff,
		`json_merge_patch_diff('{"a": 1, "b": 2}', '{"a": 1, "c": 3}')`, `{"b":null,"c":3}`)
)

// untouched gives the members of a that b does not name, in an object of their own.
func untouched(a, b *jsonNode) *jsonNode {
	out := &jsonNode{kind: '{'}
	for i, k := range a.keys {
		if b.find(k) < 0 {
			out.add(k, a.kids[i])
		}
	}
	return out
}

func mergePatch(a, b *jsonNode) *jsonNode {
	if b.kind != '{' {
		return b
	}
	if a.kind != '{' {
		a = &jsonNode{kind: '{'}
	}
	out := untouched(a, b)
	for i, k := range b.keys {
		if b.kids[i].null() {
			continue
		}
		old := &jsonNode{text: []byte("null")}
		if j := a.find(k); j >= 0 {
			old = a.kids[j]
		}
		out.add(k, mergePatch(old, b.kids[i]))
	}
	return out
}

func deepMerge(a, b *jsonNode) *jsonNode {
	switch {
	case b.null():
		return a
	case a.kind != '{' || b.kind != '{':
		return b
	}
	out := untouched(a, b)
	for i, k := range b.keys {
		if j := a.find(k); j >= 0 {
			out.add(k, deepMerge(a.kids[j], b.kids[i]))
		} else if !b.kids[i].null() {
			out.add(k, b.kids[i])
		}
	}
	return out
}

func mergeDiff(a, b *jsonNode) *jsonNode {
	if a.kind != '{' || b.kind != '{' {
		return b
	}
	out := &jsonNode{kind: '{'}
	for _, k := range a.keys {
		if b.find(k) < 0 {
			out.add(k, &jsonNode{text: []byte("null")})
		}
	}
	for i, k := range b.keys {
		j := a.find(k)
		if j < 0 {
			out.add(k, b.kids[i])
		} else if !a.kids[j].equal(b.kids[i]) {
			out.add(k, mergeDiff(a.kids[j], b.kids[i]))
		}
	}
	return out
}

var jsonStripNulls = &fn.Function{
	Name: "json_strip_nulls", Category: "json", Doc: "The JSON value without the members of objects that are null.", Examples: tex(`json_strip_nulls('{"a": null, "b": [null, {"c": null}]}')`, `{"b":[null,{}]}`),
	Overloads: []*fn.Overload{failing(sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		n, err := readJSON(r.str(0), 0)
		if err != nil {
			return nil, false, err
		}
		return stripNulls(n).append(dst), true, nil
	}), types.TVarchar))},
}

func stripNulls(n *jsonNode) *jsonNode {
	out := &jsonNode{kind: n.kind, text: n.text}
	for i, k := range n.kids {
		switch {
		case n.kind == '[':
			out.add("", stripNulls(k))
		case !k.null():
			out.add(n.keys[i], stripNulls(k))
		}
	}
	return out
}
