package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var listValue = &fn.Function{
	Name: "list_value", Aliases: []string{"array", "list_pack", "make_array", "array_value"}, Category: "nested", Doc: "An array of the arguments: [a, b, …].",
	Signatures: []string{"list_value(T, …) → T[]"}, Examples: tex("[1, 2, NULL]", "[1, 2, NULL]", "array(1, 2.5)", "[1.0, 2.5]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		t, ok := common(args)
		if !ok {
			return nil, nil
		}
		o := nullAware(sig(types.NewArray(t), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				for _, a := range args {
					w.add(a, int(i))
				}
				w.end()
			}
			w.done()
			return nil
		}))
		for range args {
			o.Args = append(o.Args, t)
		}
		return o, nil
	},
}

var mapOf = &fn.Function{
	Name: "map_of", Category: "nested", Doc: "A map of keys and values that take turns: MAP {k: v, …}.", Signatures: []string{"map_of(K, V, …) → MAP(K, V)"},
	Examples: tex("MAP {'a': 1, 'b': 2}", "{a=1, b=2}"),
	Bind:     bindMapOf,
}

func bindMapOf(args []fn.Arg) (*fn.Overload, error) {
	var keys, vals []fn.Arg
	for k := 0; k+1 < len(args); k += 2 {
		keys, vals = append(keys, args[k]), append(vals, args[k+1])
	}
	kt, ok1 := common(keys)
	vt, ok2 := common(vals)
	if !ok1 || !ok2 || len(args)%2 != 0 {
		return nil, nil
	}
	o := nullAware(failing(sig(types.NewMap(kt, vt), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w := newListWriter(out, n)
		for _, i := range sel {
			w.begin(i)
			for k := 0; k < len(args); k += 2 {
				if args[k].IsNull(int(i)) {
					return dataErr("a key of a map must not be NULL")
				}
				w.addEntry(args[k], args[k+1], int(i), int(i))
			}
			w.end()
		}
		w.done()
		return nil
	})))
	for k := range args {
		o.Args = append(o.Args, [2]types.Type{kt, vt}[k%2])
	}
	return o, nil
}

// addEntry adds a key and a value to the map begun.
func (w *listWriter) addEntry(key, val *vec.Vector, i, j int) {
	w.one[0] = int32(i)
	w.b.Kid(0).Append(key, w.one[:])
	w.one[0] = int32(j)
	w.b.Kid(1).Append(val, w.one[:])
	w.b.EndStruct()
}

var mapFn = &fn.Function{
	Name: "map", Aliases: []string{"map_from_arrays"}, Category: "nested", Doc: "A map of an array of keys and one of values, or of keys and values that take turns.",
	Signatures: []string{"map(K[], V[]) → MAP(K, V)", "map(K, V, …) → MAP(K, V)"}, Examples: tex("map(['a', 'b'], [1, 2])", "{a=1, b=2}", "map('a', 1)", "{a=1}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || args[0].Type.Kind != types.Array || args[1].Type.Kind != types.Array {
			return bindMapOf(args)
		}
		return failing(sig(types.NewMap(elem(args[0].Type), elem(args[1].Type)), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				k, v := listAt(args[0], i), listAt(args[1], i)
				if k.n != v.n {
					return dataErr("map: %d keys and %d values", k.n, v.n)
				}
				w.begin(i)
				for j := range k.n {
					if k.kid.IsNull(k.off + j) {
						return dataErr("a key of a map must not be NULL")
					}
					w.addEntry(k.kid, v.kid, k.off+j, v.off+j)
				}
				w.end()
			}
			w.done()
			return nil
		}, args[0].Type, args[1].Type)), nil
	},
}

// bindStruct makes the overload that puts the arguments named (others are their names) into a STRUCT.
func bindStruct(args []fn.Arg, names []string, from []int) *fn.Overload {
	var fields []types.Field
	o := &fn.Overload{NullAware: true}
	for _, a := range args {
		o.Args = append(o.Args, a.Type)
	}
	for k, name := range names {
		fields = append(fields, types.Field{Name: name, Type: args[from[k]].Type})
	}
	o.Result = types.NewStruct(fields...)
	o.Eval = func(_ *fn.Ctx, args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		out.Kids = make([]*vec.Vector, len(from))
		for k, src := range from {
			in := *args[src]
			in.Len = n
			out.Kids[k] = &vec.Vector{}
			vec.Flatten(out.Kids[k], &in, nil)
		}
		return nil
	}
	return o
}

var rowOf = &fn.Function{
	Name: "row", Aliases: []string{"struct"}, Category: "nested", Doc: "A struct of the arguments, with fields col1, col2, ….", Signatures: []string{"row(any, …) → STRUCT"},
	Examples: tex("row(1, 'a')", "{'col1': 1, 'col2': a}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		var names []string
		var from []int
		for k := range args {
			names, from = append(names, "col"+string(pad0(nil, int64(k+1), 1))), append(from, k)
		}
		return bindStruct(args, names, from), nil
	},
}

var namedStruct = &fn.Function{
	Name: "named_struct", Aliases: []string{"struct_pack"}, Category: "nested", Doc: "A struct of names and values that take turns; {'a': 1} and struct_pack(a := 1) as well.",
	Signatures: []string{"named_struct('name', any, …) → STRUCT"}, Examples: tex("named_struct('a', 1, 'b', 'x')", "{'a': 1, 'b': x}", "{'a': 1}", "{'a': 1}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args)%2 != 0 || len(args) == 0 {
			return nil, nil
		}
		var names []string
		var from []int
		for k := 0; k < len(args); k += 2 {
			name, ok := constText(args, k)
			if !ok {
				return nil, sqlerr.New(sqlerr.Bind, "the names of a struct's fields must be constants")
			}
			names, from = append(names, name), append(from, k+1)
		}
		return bindStruct(args, names, from), nil
	},
}

var structExtract = &fn.Function{
	Name: "struct_extract", Category: "nested", Doc: "A field of a struct: s.name.", Signatures: []string{"struct_extract(STRUCT, 'name')", "struct_extract(STRUCT, position)"},
	Examples: tex("struct_extract({'a': 1, 'b': 2}, 'b')", "2", "({'a': 1}).a", "1"),
	Bind:     bindField,
}

func bindField(args []fn.Arg) (*fn.Overload, error) {
	if len(args) != 2 || args[1].Const == nil {
		return nil, nil
	}
	t := args[0].Type
	if t.Kind == types.Map && args[1].Type.Kind == types.Varchar {
		return bindElement(args, 1)
	}
	if t.Kind != types.Struct {
		return nil, sqlerr.New(sqlerr.Bind, "%s has no fields", t)
	}
	k, err := fieldIndex(t, args)
	if err != nil {
		return nil, err
	}
	return sig(t.Elems[k].Type, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		s, j := args[0].At(0)
		kid := s.Kids[k]
		if args[0].Form == vec.Const {
			one := *kid
			if one.Form == vec.Flat {
				one.Form, one.Len = vec.Const, n
			}
			kid = &one
			_ = j
		}
		project(out, kid, sel, n)
		return nil
	}, t, args[1].Type), nil
}

// project makes the rows sel of out those of v.
func project(out, v *vec.Vector, sel []int32, n int) {
	if out.Type.IsNested() {
		keep := out.Valid
		in := *v
		in.Len = n
		vec.Flatten(out, &in, nil)
		if keep != nil {
			merged := append(vec.Bitmap(nil), keep...)
			for i := range merged {
				if v.Valid != nil && v.Form == vec.Flat && i < len(v.Valid) {
					merged[i] &= v.Valid[i]
				}
			}
			out.Valid = merged
		}
		return
	}
	vec.Assign(out, v, sel)
}

func fieldIndex(t types.Type, args []fn.Arg) (int, error) {
	if name, ok := constText(args, 1); ok {
		hit := -1
		var names []string
		for k, f := range t.Elems {
			names = append(names, f.Name)
			if f.Name == name {
				return k, nil
			}
			if hit < 0 && string(appendLower(nil, []byte(f.Name))) == string(appendLower(nil, []byte(name))) {
				hit = k
			}
		}
		if hit < 0 {
			return 0, sqlerr.New(sqlerr.NotFound, "the struct has no field %s", name).WithHint("%s", sqlerr.DidYouMean(name, names))
		}
		return hit, nil
	}
	if !args[1].Type.IsInteger() || args[1].Const.IsNull(0) {
		return 0, sqlerr.New(sqlerr.Bind, "a field is given by its name or position")
	}
	k := int64(kernel.Int128At(args[1].Const, 0).Lo)
	if k < 1 || k > int64(len(t.Elems)) {
		return 0, sqlerr.New(sqlerr.Bind, "the struct has %d fields, not %d", len(t.Elems), k)
	}
	return int(k - 1), nil
}
