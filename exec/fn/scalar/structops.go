package scalar

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// part is a field of a struct that is made: field kid of argument arg, or that argument itself (-1).
type part struct{ arg, kid int }

// restruct makes the overload that builds a struct of parts. It is NULL where the first argument is.
func restruct(args []fn.Arg, fields []types.Field, from []part) *fn.Overload {
	o := &fn.Overload{NullAware: true, Result: types.NewStruct(fields...)}
	for _, a := range args {
		o.Args = append(o.Args, a.Type)
	}
	o.Eval = func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		out.Kids = make([]*vec.Vector, len(from))
		for k, p := range from {
			in := *args[p.arg]
			in.Len = n
			flat := &vec.Vector{}
			vec.Flatten(flat, &in, nil)
			if p.kid >= 0 {
				kid := &vec.Vector{}
				vec.Flatten(kid, flat.Kids[p.kid], nil)
				flat = kid
			}
			out.Kids[k] = flat
		}
		for _, i := range sel {
			if args[0].IsNull(int(i)) {
				out.SetNull(int(i))
			}
		}
		return nil
	}
	return o
}

// structFields lists the fields of argument k of args.
func structFields(args []fn.Arg, k int) (fields []types.Field, from []part) {
	for j, f := range args[k].Type.Elems {
		fields, from = append(fields, f), append(from, part{k, j})
	}
	return fields, from
}

// structChange makes struct_insert or struct_update.
func structChange(name, doc string, replace bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "nested", Doc: doc, Signatures: []string{name + "(STRUCT, field := any, …) → STRUCT"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) < 3 || len(args)%2 == 0 || args[0].Type.Kind != types.Struct {
				return nil, nil
			}
			fields, from := structFields(args, 0)
			for k := 1; k < len(args); k += 2 {
				n, ok := constText(args, k)
				if !ok {
					return nil, sqlerr.New(sqlerr.Bind, "the names of a struct's fields must be constants")
				}
				at := fieldNamed(fields, n)
				switch f := (types.Field{Name: n, Type: args[k+1].Type}); {
				case at < 0:
					fields, from = append(fields, f), append(from, part{k + 1, -1})
				case replace:
					fields[at], from[at] = f, part{k + 1, -1}
				default:
					return nil, sqlerr.New(sqlerr.Bind, "the struct has a field %s", n).WithHint("struct_update changes it")
				}
			}
			return restruct(args, fields, from), nil
		},
	}
}

func fieldNamed(fields []types.Field, name string) int {
	for k, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return k
		}
	}
	return -1
}

var (
	structInsert = structChange("struct_insert", "The struct with more fields at its end.", false, "struct_insert({'a': 1}, b := 2)", "{'a': 1, 'b': 2}")
	structUpdate = structChange("struct_update", "The struct with other values in fields, and new fields at its end.", true, "struct_update({'a': 1, 'b': 2}, b := 'x', c := 3)", "{'a': 1, 'b': x, 'c': 3}")
)

var structConcat = &fn.Function{
	Name: "struct_concat", Category: "nested", Doc: "A struct of the fields of all structs.", Signatures: []string{"struct_concat(STRUCT, STRUCT, …) → STRUCT"}, Examples: tex("struct_concat({'a': 1}, {'b': 2})", "{'a': 1, 'b': 2}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		var fields []types.Field
		var from []part
		for k, a := range args {
			if a.Type.Kind != types.Struct {
				return nil, nil
			}
			f, p := structFields(args, k)
			for _, x := range f {
				if fieldNamed(fields, x.Name) >= 0 {
					return nil, sqlerr.New(sqlerr.Bind, "two of the structs have a field %s", x.Name)
				}
			}
			fields, from = append(fields, f...), append(from, p...)
		}
		if len(args) == 0 {
			return nil, nil
		}
		o := restruct(args, fields, from)
		return o, nil
	},
}

var structValues = &fn.Function{
	Name: "struct_values", Category: "nested", Doc: "The struct's values under the names col1, col2, ….", Signatures: []string{"struct_values(STRUCT) → STRUCT"}, Examples: tex("struct_values({'a': 1, 'b': 'x'})", "{'col1': 1, 'col2': x}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Struct {
			return nil, nil
		}
		fields, from := structFields(args, 0)
		for k := range fields {
			fields[k].Name = "col" + string(pad0(nil, int64(k+1), 1))
		}
		return restruct(args, fields, from), nil
	},
}

var structKeys = &fn.Function{
	Name: "struct_keys", Category: "nested", Doc: "The names of the struct's fields.", Signatures: []string{"struct_keys(STRUCT) → VARCHAR[]"}, Examples: tex("struct_keys({'a': 1, 'b': 2})", "[a, b]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Struct {
			return nil, nil
		}
		t := args[0].Type
		return sig(types.NewArray(types.TVarchar), func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				for _, f := range t.Elems {
					w.b.AppendBytes([]byte(f.Name))
				}
				w.end()
			}
			w.done()
			return nil
		}, t), nil
	},
}

// structFind makes struct_contains or struct_position: where a struct holds a value.
func structFind(name string, aliases []string, doc string, result types.Type, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(STRUCT, T) → " + result.String()}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 2 || args[0].Type.Kind != types.Struct {
				return nil, nil
			}
			all := []fn.Arg{args[1]}
			for _, f := range args[0].Type.Elems {
				all = append(all, fn.Arg{Type: f.Type})
			}
			e, ok := common(all)
			if !ok {
				return nil, nil
			}
			fields := append([]types.Field(nil), args[0].Type.Elems...)
			for k := range fields {
				fields[k].Type = e
			}
			return nullAware(sig(result, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				for _, i := range sel {
					if args[0].IsNull(int(i)) {
						out.SetNull(int(i))
						continue
					}
					at := placeIn(args[0], args[1], i)
					switch {
					case result.Kind == types.Boolean:
						vec.Values[uint8](out)[i] = b2u(at > 0)
					case at == 0:
						out.SetNull(int(i))
					default:
						vec.Values[int32](out)[i] = int32(at)
					}
				}
				return nil
			}, types.NewStruct(fields...), e)), nil
		},
	}
}

// placeIn gives the place, from 1, of the first field of the struct in row i of s that holds the value in row i of v; 0 = none.
func placeIn(s, v *vec.Vector, i int32) int {
	f, j := s.At(int(i))
	for k, kid := range f.Kids {
		g, at := kid.At(j)
		one := list{kid: g, off: at, n: 1}
		if v.IsNull(int(i)) {
			if g.IsNull(at) {
				return k + 1
			}
		} else if one.find(v, int(i)) == 0 {
			return k + 1
		}
	}
	return 0
}

var (
	structContains = structFind("struct_contains", []string{"struct_has"}, "Whether a field of the struct holds the value.", types.TBoolean, "struct_contains(row(1, 2), 2)", "true")
	structPosition = structFind("struct_position", []string{"struct_indexof"}, "The place, from 1, of the first field of the struct that holds the value; NULL where none does.", types.TInteger, "struct_position(row(7, 5), 5)", "2")
)
