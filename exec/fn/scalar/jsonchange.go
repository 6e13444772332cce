package scalar

import (
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var jsonRemove = &fn.Function{
	Name: "json_remove", Category: "json", Doc: "The JSON value without the part at the path; unchanged where there is none, NULL for the whole.", Examples: tex(`json_remove('{"a": 1, "b": [2, 3]}', '$.b[0]')`, `{"a":1,"b":[3]}`),
	Overloads: []*fn.Overload{failing(sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		path, end, err := changedPath(r)
		if err != nil || len(path) == 0 && !end {
			return nil, false, err
		}
		root, err := readJSON(r.str(0), 0)
		if err != nil {
			return nil, false, err
		}
		if end { // nothing stands behind the last element
			path = nil
		}
		n := root
		for k, s := range path {
			i := n.step(s)
			if i < 0 {
				break
			}
			if k == len(path)-1 {
				n.drop(i)
				break
			}
			n = n.kids[i]
		}
		return root.append(dst), true, nil
	}), types.TVarchar, types.TVarchar))},
}

var (
	jsonInsert  = jsonChange("json_insert", "The JSON value with a value added at the path, unless there is one; objects on the way are made.", true, false, `json_insert('{"a": 1}', '$.b', '2')`, `{"a":1,"b":2}`, `json_insert('[1]', '$[#]', '2')`, "[1,2]")
	jsonReplace = jsonChange("json_replace", "The JSON value with another value at the path, if there is one.", false, true, `json_replace('{"a": 1}', '$.a', '2')`, `{"a":2}`)
	jsonSet     = jsonChange("json_set", "The JSON value with the value at the path, added or replaced.", true, true, `json_set('{"a": 1}', '$.a', '2')`, `{"a":2}`)
)

// changedPath reads the path of the second argument; end tells that it means the place after the last element of an array.
func changedPath(r *row) (path []jsonStep, end bool, err error) {
	p := string(r.text(1))
	for _, last := range []string{"[#]", "[#-0]", "/-"} {
		if rest, ok := strings.CutSuffix(p, last); ok && (last[0] == '[' || p[0] == '/') {
			p, end = rest, true
			break
		}
	}
	path, ok := jsonPath(p)
	if !ok {
		return nil, false, dataErr("'%s' is not a path such as $.a[0].b", r.text(1))
	}
	return path, end, nil
}

// jsonChange makes a function that puts a value at a path: add says that there need be none, replace that there may be one.
func jsonChange(name, doc string, add, replace bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "json", Doc: doc, Signatures: []string{name + "(json, path, value) → JSON"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 3 {
				return nil, nil
			}
			t := args[2].Type
			return failing(sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
				path, end, err := changedPath(r)
				if err != nil {
					return nil, false, err
				}
				root, err := readJSON(r.str(0), 0)
				if err != nil {
					return nil, false, err
				}
				text := r.text(2)
				if t.Kind != types.Varchar && t.Kind != types.JSON {
					text = appendJSON(nil, r.args[2], r.i)
				}
				v, err := readJSON(text, 0)
				if err != nil {
					return nil, false, err
				}
				return putJSON(root, path, end, v, add, replace).append(dst), true, nil
			}), types.TVarchar, types.TVarchar, t)), nil
		},
	}
}

// putJSON puts v at a path below root and gives the root.
func putJSON(root *jsonNode, path []jsonStep, end bool, v *jsonNode, add, replace bool) *jsonNode {
	n := root
	for k, s := range path {
		last := k == len(path)-1 && !end
		i := n.step(s)
		switch {
		case i >= 0 && last:
			if replace {
				n.kids[i] = v
			}
			return root
		case i >= 0:
			n = n.kids[i]
		case !add || n.kind == '[' && (s.byKey || s.index != len(n.kids)) || n.kind == 0:
			return root
		case last:
			n.add(s.key, v)
			return root
		default:
			made := &jsonNode{kind: '{'}
			if k+1 < len(path) && !path[k+1].byKey || k+1 == len(path) {
				made.kind = '['
			}
			n.add(s.key, made)
			n = made
		}
	}
	switch {
	case end && add && n.kind == '[':
		n.add("", v)
	case !end && replace:
		return v
	}
	return root
}
