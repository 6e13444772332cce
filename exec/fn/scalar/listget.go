package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var elementAt = &fn.Function{
	Name: "element_at_index", Aliases: []string{"element_at", "list_extract", "list_element", "array_extract", "map_extract_value", "try_element_at"}, Category: "nested",
	Doc:        "Element i of an array, from 1 (from the end when negative); the value of a map's key; character i of a text; a struct's field: a[i]. NULL where there is none.",
	Signatures: []string{"T[][i] → T", "MAP(K, V)[key] → V", "text[i] → VARCHAR"},
	Examples:   tex("[10, 20, 30][1]", "10", "[10, 20, 30][-1]", "30", "[1][5]", "NULL", "MAP {'a': 1}['a']", "1", "MAP {'a': 1}['b']", "NULL", "element_at([1, 2], 2)", "2"),
	Bind:       func(args []fn.Arg) (*fn.Overload, error) { return bindElement(args, 1) },
}

var get = &fn.Function{
	Name: "get", Category: "nested", Doc: "Element i of an array, counted from 0; NULL where there is none.", Signatures: []string{"get(T[], i) → T"},
	Examples: tex("get([10, 20], 0)", "10", "get([10, 20], 2)", "NULL"),
	Bind:     func(args []fn.Arg) (*fn.Overload, error) { return bindElement(args, 0) },
}

func bindElement(args []fn.Arg, base int64) (*fn.Overload, error) {
	if len(args) != 2 {
		return nil, nil
	}
	t := args[0].Type
	switch t.Kind {
	case types.Map:
		return sig(t.Elems[1].Type, mapLookup, t, t.Elems[0].Type), nil
	case types.Struct:
		return bindField(args)
	case types.Varchar:
		return sig(types.TVarchar, cutBy(func(s []byte, n int64) (int, int) { return cut(s, n, 1) }), types.TVarchar, types.TBigInt), nil
	case types.Array:
	default:
		return nil, nil
	}
	if c := args[1].Const; base == 1 && c != nil && !c.IsNull(0) && c.Type.IsInteger() && kernel.Int128At(c, 0) == (vec.Int128{}) {
		return nil, sqlerr.New(sqlerr.Bind, "elements of arrays are counted from 1: there is no [0]").WithHint("get(a, 0) counts from 0")
	}
	return sig(elem(t), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		at := vec.ColOf[int64](args[1])
		return pickElements(args[0], sel, n, out, func(i int32, l list) int {
			k := at.At(i)
			switch {
			case k < 0 && base == 1:
				k += int64(l.n)
			default:
				k -= base
			}
			if k < 0 || k >= int64(l.n) {
				return -1
			}
			return l.off + int(k)
		})
	}, t, types.TBigInt), nil
}

// pickElements sets each row of out to one element of the list in lists, whose place choose gives (-1: NULL).
func pickElements(lists *vec.Vector, sel []int32, n int, out *vec.Vector, choose func(i int32, l list) int) error {
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = -1
	}
	var kid *vec.Vector
	for _, i := range sel {
		l := listAt(lists, i)
		kid = l.kid
		idx[i] = int32(choose(i, l))
	}
	if kid == nil {
		return nil
	}
	if kid.Form != vec.Flat {
		flat := &vec.Vector{}
		vec.Flatten(flat, kid, nil)
		kid = flat
	}
	keep := append(vec.Bitmap(nil), out.Valid...)
	vec.GatherAt(out, kid, idx, vec.Identity(n), n)
	for i := range keep {
		out.MakeValid()[i] &= keep[i]
	}
	return nil
}

// mapLookup gives the value of the last entry with the key.
func mapLookup(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = -1
	}
	var vals *vec.Vector
	for _, i := range sel {
		l := listAt(args[0], i)
		vals = l.kid.Kids[1]
		for k := l.off + l.n - 1; k >= l.off; k-- {
			if kernel.CompareValues(l.kid.Kids[0], k, args[1], int(i)) == 0 {
				idx[i] = int32(k)
				break
			}
		}
	}
	if vals == nil {
		return nil
	}
	keep := append(vec.Bitmap(nil), out.Valid...)
	vec.GatherAt(out, vals, idx, vec.Identity(n), n)
	for i := range keep {
		out.MakeValid()[i] &= keep[i]
	}
	return nil
}

var cardinality = &fn.Function{
	Name: "cardinality", Aliases: []string{"array_length", "array_size", "list_length", "size", "map_size"}, Category: "nested", Doc: "The number of elements of an array or map.",
	Signatures: []string{"cardinality(T[]) → BIGINT", "array_length(T[], 1) → BIGINT"}, Examples: tex("cardinality([1, 2])", "2", "size(MAP {'a': 1})", "1", "array_length([1, 2, 3], 1)", "3"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 2 || args[0].Type.Kind != types.Array && args[0].Type.Kind != types.Map {
			return nil, nil
		}
		o := sig(types.TBigInt, listLength, args[0].Type)
		if len(args) == 2 {
			o.Args = append(o.Args, types.TBigInt)
		}
		return o, nil
	},
}

// find gives the place of row i of v among the elements of l, or -1.
func (l list) find(v *vec.Vector, i int) int {
	for k := range l.n {
		if !l.kid.IsNull(l.off+k) && kernel.CompareValues(l.kid, l.off+k, v, i) == 0 {
			return k
		}
	}
	return -1
}

// withElement binds a function of an array and a value of its element type; both take their common type.
func withElement(args []fn.Arg, result func(list, e types.Type) types.Type, eval fn.Eval) *fn.Overload {
	if len(args) != 2 || args[0].Type.Kind != types.Array && args[0].Type.Kind != types.Null {
		return nil
	}
	e, ok := common([]fn.Arg{{Type: elem(args[0].Type)}, args[1]})
	if !ok {
		return nil
	}
	t := types.NewArray(e)
	return sig(result(t, e), eval, t, e)
}

func fixed(t types.Type) func(_, _ types.Type) types.Type {
	return func(_, _ types.Type) types.Type { return t }
}

var listContains = &fn.Function{
	Name: "list_contains", Aliases: []string{"array_contains", "list_has", "array_has"}, Category: "nested", Doc: "Whether the array holds the value, or the map the key.",
	Signatures: []string{"list_contains(T[], T) → BOOLEAN"}, Examples: tex("list_contains([1, 2], 2)", "true", "list_contains(['a'], 'b')", "false"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 2 && args[0].Type.Kind == types.Map {
			return mapContains.Bind(args)
		}
		return withElement(args, fixed(types.TBoolean), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[uint8](out)
			for _, i := range sel {
				dst[i] = b2u(listAt(args[0], i).find(args[1], int(i)) >= 0)
			}
			return nil
		}), nil
	},
}

var mapContains = &fn.Function{
	Name: "map_contains", Aliases: []string{"map_contains_key"}, Category: "nested", Doc: "Whether the map has the key.", Signatures: []string{"map_contains(MAP(K, V), K) → BOOLEAN"},
	Examples: tex("map_contains(MAP {'a': 1}, 'a')", "true"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || args[0].Type.Kind != types.Map {
			return nil, nil
		}
		t := args[0].Type
		return sig(types.TBoolean, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[uint8](out)
			for _, i := range sel {
				l := listAt(args[0], i)
				l.kid = l.kid.Kids[0]
				dst[i] = b2u(l.find(args[1], int(i)) >= 0)
			}
			return nil
		}, t, t.Elems[0].Type), nil
	},
}

var listPosition = &fn.Function{
	Name: "list_position", Aliases: []string{"array_position", "list_indexof"}, Category: "nested", Doc: "The place of the value in the array, from 1; NULL where it is not there.",
	Signatures: []string{"list_position(T[], T) → BIGINT"}, Examples: tex("list_position([10, 20], 20)", "2", "list_position([10, 20], 5)", "NULL"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		return withElement(args, fixed(types.TBigInt), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[int64](out)
			for _, i := range sel {
				k := listAt(args[0], i).find(args[1], int(i))
				dst[i] = int64(k + 1)
				if k < 0 {
					out.SetNull(int(i))
				}
			}
			return nil
		}), nil
	},
}

// mapPart makes map_keys or map_values.
func mapPart(name string, k int, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "nested", Doc: doc, Signatures: []string{name + "(MAP(K, V)) → array"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 || args[0].Type.Kind != types.Map {
				return nil, nil
			}
			t := args[0].Type
			return sig(types.NewArray(t.Elems[k].Type), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				w := newListWriter(out, n)
				for _, i := range sel {
					l := listAt(args[0], i)
					w.begin(i)
					w.addRange(l.kid.Kids[k], uint32(l.off), uint32(l.n))
					w.end()
				}
				w.done()
				return nil
			}, t), nil
		},
	}
}

var (
	mapKeys   = mapPart("map_keys", 0, "The keys of the map.", "map_keys(MAP {'a': 1, 'b': 2})", "[a, b]")
	mapValues = mapPart("map_values", 1, "The values of the map.", "map_values(MAP {'a': 1, 'b': 2})", "[1, 2]")
)
