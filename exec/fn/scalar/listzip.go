package scalar

import (
	"slices"
	"strconv"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var listZip = &fn.Function{
	Name: "list_zip", Aliases: []string{"array_zip", "arrays_zip"}, Category: "nested", Doc: "The elements at the same places of the arrays as structs; shorter arrays are filled with NULL, or with TRUE at the end longer ones are cut.",
	Signatures: []string{"list_zip(T[], U[], …) → STRUCT[]", "list_zip(T[], U[], …, truncate)"}, Examples: tex("list_zip([1, 2], ['a'])", "[{'1': 1, '2': a}, {'1': 2, '2': NULL}]", "list_zip([1, 2], ['a'], true)", "[{'1': 1, '2': a}]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		n := len(args)
		cuts := n > 1 && args[n-1].Type.Kind == types.Boolean
		if cuts {
			n--
		}
		var fields []types.Field
		o := &fn.Overload{NullAware: true}
		for k, a := range args[:n] {
			t := asList(a.Type)
			if t.Kind != types.Array {
				return nil, nil
			}
			fields = append(fields, types.Field{Name: strconv.Itoa(k + 1), Type: elem(t)})
			o.Args = append(o.Args, t)
		}
		if n == 0 {
			return nil, nil
		}
		if cuts {
			o.Args = append(o.Args, types.TBoolean)
		}
		o.Result = types.NewArray(types.NewStruct(fields...))
		o.Eval = func(_ *fn.Ctx, args []*vec.Vector, sel []int32, rows int, out *vec.Vector) error {
			w := newListWriter(out, rows)
			lists := make([]list, n)
			for _, i := range sel {
				size, least := 0, -1
				for k := range lists {
					lists[k] = list{}
					if !args[k].IsNull(int(i)) {
						lists[k] = listAt(args[k], i)
					}
					size = max(size, lists[k].n)
					if least < 0 || lists[k].n < least {
						least = lists[k].n
					}
				}
				if cuts && !args[n].IsNull(int(i)) && vec.ValueAt[uint8](args[n], int(i)) != 0 {
					size = least
				}
				w.begin(i)
				for j := range size {
					for k, l := range lists {
						if j < l.n {
							w.one[0] = int32(l.off + j)
							w.b.Kid(k).Append(l.kid, w.one[:])
						} else {
							w.b.Kid(k).AppendNull()
						}
					}
					w.b.EndStruct()
				}
				w.end()
			}
			w.done()
			return nil
		}
		return o, nil
	},
}

// picked makes a function of an array and another that tells which elements to take.
func picked(name string, aliases []string, doc string, second types.Type, take func(l, by list, idx []int32) ([]int32, error), examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[], " + second.String() + ") → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 2 || asList(args[0].Type).Kind != types.Array || asList(args[1].Type).Kind != types.Array {
				return nil, nil
			}
			t := asList(args[0].Type)
			return failing(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				w := newListWriter(out, n)
				var idx []int32
				for _, i := range sel {
					l := listAt(args[0], i)
					var err error
					if idx, err = take(l, listAt(args[1], i), idx[:0]); err != nil {
						return err
					}
					w.begin(i)
					for _, k := range idx { // one by one: a place may be past the end, which gives NULL
						if k < 0 {
							w.b.AppendNull()
						} else {
							w.add(l.kid, int(k))
						}
					}
					w.end()
				}
				w.done()
				return nil
			}, t, second)), nil
		},
	}
}

var (
	listWhere = picked("list_where", []string{"array_where"}, "The elements beside which the second array is true.", types.NewArray(types.TBoolean), func(l, by list, idx []int32) ([]int32, error) {
		for k := range by.n {
			if by.kid.IsNull(by.off + k) {
				return nil, dataErr("list_where: NULL tells not whether to take an element")
			}
			if vec.ValueAt[uint8](by.kid, by.off+k) != 0 {
				if k >= l.n {
					idx = append(idx, -1)
				} else {
					idx = append(idx, int32(l.off+k))
				}
			}
		}
		return idx, nil
	}, "list_where([10, 20, 30], [true, false, true])", "[10, 30]")
	listSelect = picked("list_select", []string{"array_select"}, "The elements at the places that the second array names, counted from 1 (from the end when negative); NULL where there is none.", types.NewArray(types.TBigInt), func(l, by list, idx []int32) ([]int32, error) {
		for k := range by.n {
			at := int64(-1)
			if !by.kid.IsNull(by.off + k) {
				if at = vec.ValueAt[int64](by.kid, by.off+k) - 1; at < -1 {
					at += int64(l.n) + 1
				}
			}
			if at < 0 || at >= int64(l.n) {
				idx = append(idx, -1)
			} else {
				idx = append(idx, int32(l.off+int(at)))
			}
		}
		return idx, nil
	}, "list_select([10, 20, 30], [3, 1, 5])", "[30, 10, NULL]")
)

var listGradeUp = &fn.Function{
	Name: "list_grade_up", Aliases: []string{"array_grade_up", "grade_up"}, Category: "nested", Doc: "The places of the elements, from 1, in the order of their values.", Signatures: []string{"list_grade_up(T[]) → BIGINT[]"},
	Examples: tex("list_grade_up([30, 10, 20])", "[2, 3, 1]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Array {
			return nil, nil
		}
		return sig(types.NewArray(types.TBigInt), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				l := listAt(args[0], i)
				idx := make([]int32, l.n)
				for k := range idx {
					idx[k] = int32(l.off + k)
				}
				sortElements(l, idx, false)
				w.begin(i)
				for _, k := range idx {
					vec.AppendValue(w.b, int64(int(k)-l.off+1))
				}
				w.end()
			}
			w.done()
			return nil
		}, args[0].Type), nil
	},
}

var listResize = &fn.Function{
	Name: "list_resize", Aliases: []string{"array_resize"}, Category: "nested", Doc: "The array cut to n elements, or filled up with a value (NULL).", Signatures: []string{"list_resize(T[], n) → T[]", "list_resize(T[], n, T)"},
	Examples: tex("list_resize([1, 2, 3], 2)", "[1, 2]", "list_resize([1], 3, 0)", "[1, 0, 0]", "list_resize([1], 2)", "[1, NULL]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 || asList(args[0].Type).Kind != types.Array {
			return nil, nil
		}
		e := elem(args[0].Type)
		if len(args) == 3 {
			var ok bool
			if e, ok = common([]fn.Arg{{Type: e}, args[2]}); !ok {
				return nil, nil
			}
		}
		t := types.NewArray(e)
		o := nullAware(failing(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				if args[0].IsNull(int(i)) {
					out.SetNull(int(i))
					continue
				}
				l, size := listAt(args[0], i), int64(0)
				if !args[1].IsNull(int(i)) {
					size = vec.ValueAt[int64](args[1], int(i))
				}
				if size < 0 || size > 1<<24 {
					return sqlerr.New(sqlerr.Limit, "list_resize: an array cannot have %d elements", size)
				}
				w.begin(i)
				w.addRange(l.kid, uint32(l.off), uint32(min(size, int64(l.n))))
				for range max(size-int64(l.n), 0) {
					if len(args) == 3 {
						w.add(args[2], int(i))
					} else {
						w.b.AppendNull()
					}
				}
				w.end()
			}
			w.done()
			return nil
		}, t, types.TBigInt)))
		if len(args) == 3 {
			o.Args = append(o.Args, e)
		}
		return o, nil
	},
}

var arrayInsert = &fn.Function{
	Name: "array_insert", Aliases: []string{"list_insert"}, Category: "nested", Doc: "The array with the value put in as element i, counted from 1 (from the end when negative); places between are NULL.", Signatures: []string{"array_insert(T[], i, T) → T[]"},
	Examples: tex("array_insert([1, 3], 2, 2)", "[1, 2, 3]", "array_insert([1, 2], -1, 3)", "[1, 2, 3]", "array_insert([1], 4, 5)", "[1, NULL, NULL, 5]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 3 || asList(args[0].Type).Kind != types.Array {
			return nil, nil
		}
		e, ok := common([]fn.Arg{{Type: elem(args[0].Type)}, args[2]})
		if !ok {
			return nil, nil
		}
		t := types.NewArray(e)
		return nullAware(failing(sig(t, insertRows, t, types.TBigInt, e))), nil
	},
}

func insertRows(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	w := newListWriter(out, n)
	for _, i := range sel {
		if args[0].IsNull(int(i)) || args[1].IsNull(int(i)) {
			out.SetNull(int(i))
			continue
		}
		l, at := listAt(args[0], i), vec.ValueAt[int64](args[1], int(i))
		if at == 0 || at > 1<<24 || at < -1<<24 {
			return dataErr("array_insert: %d is not a place of an array: they are counted from 1", at)
		}
		before, missing := 0, 0 // elements before the value, and NULLs beside it
		if at > 0 {
			before, missing = min(int(at)-1, l.n), max(int(at)-1-l.n, 0)
		} else {
			before, missing = max(l.n+int(at)+1, 0), max(-int(at)-1-l.n, 0)
		}
		w.begin(i)
		w.addRange(l.kid, uint32(l.off), uint32(before))
		if at > 0 {
			w.nulls(missing)
		}
		w.add(args[2], int(i))
		if at < 0 {
			w.nulls(missing)
		}
		w.addRange(l.kid, uint32(l.off+before), uint32(l.n-before))
		w.end()
	}
	w.done()
	return nil
}

func (w *listWriter) nulls(n int) {
	for range n {
		w.b.AppendNull()
	}
}

var mapFromEntries = &fn.Function{
	Name: "map_from_entries", Category: "nested", Doc: "A map of an array of structs of key and value.", Signatures: []string{"map_from_entries(STRUCT(K, V)[]) → MAP(K, V)"},
	Examples: tex("map_from_entries([{'k': 'a', 'v': 1}, {'k': 'b', 'v': 2}])", "{a=1, b=2}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		e := elem(args[0].Type)
		if e.Kind != types.Struct || len(e.Elems) != 2 {
			return nil, nil
		}
		return failing(sig(types.NewMap(e.Elems[0].Type, e.Elems[1].Type), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				l := listAt(args[0], i)
				w.begin(i)
				for k := l.off; k < l.off+l.n; k++ {
					if l.kid.IsNull(k) || l.kid.Kids[0].IsNull(k) {
						return dataErr("a key of a map must not be NULL")
					}
					if err := w.once(l.kid.Kids[0], k); err != nil {
						return err
					}
					w.addEntry(l.kid.Kids[0], l.kid.Kids[1], k, k)
				}
				w.end()
			}
			w.done()
			return nil
		}, args[0].Type)), nil
	},
}

// once tells that key k of keys is not in the map begun.
func (w *listWriter) once(keys *vec.Vector, k int) error {
	have := w.b.Kid(0).Vector()
	for j := int(w.entries[w.row].Off); j < have.Len; j++ {
		if kernel.CompareValues(have, j, keys, k) == 0 {
			return dataErr("a map cannot have the key %s twice", show(keys, int32(k)))
		}
	}
	return nil
}

var mapConcat = &fn.Function{
	Name: "map_concat", Category: "nested", Doc: "The entries of all maps in one; of a key that several have the last value counts.", Signatures: []string{"map_concat(MAP(K, V), …) → MAP(K, V)"},
	Examples: tex("map_concat(MAP {'a': 1}, MAP {'b': 2, 'a': 3})", "{a=3, b=2}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		t := types.TNull
		o := &fn.Overload{NullAware: true, Eval: concatMaps}
		for _, a := range args {
			var ok bool
			if t, ok = types.Common(t, a.Type); !ok || t.Kind != types.Map && t.Kind != types.Null {
				return nil, nil
			}
		}
		if t.Kind != types.Map {
			return nil, nil
		}
		for range args {
			o.Args = append(o.Args, t)
		}
		o.Result = t
		return o, nil
	},
}

func concatMaps(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	type entry struct {
		l list
		k int
	}
	w := newListWriter(out, n)
	for _, i := range sel {
		var found []entry
		some := false
		for _, a := range args {
			if a.IsNull(int(i)) {
				continue
			}
			some = true
			l := listAt(a, i)
			for k := l.off; k < l.off+l.n; k++ {
				at := slices.IndexFunc(found, func(e entry) bool { return kernel.CompareValues(e.l.kid.Kids[0], e.k, l.kid.Kids[0], k) == 0 })
				if at >= 0 {
					found[at] = entry{l, k}
				} else {
					found = append(found, entry{l, k})
				}
			}
		}
		if !some {
			out.SetNull(int(i))
			continue
		}
		w.begin(i)
		for _, e := range found {
			w.addEntry(e.l.kid.Kids[0], e.l.kid.Kids[1], e.k, e.k)
		}
		w.end()
	}
	w.done()
	return nil
}

var mapExtract = &fn.Function{
	Name: "map_extract", Category: "nested", Doc: "An array of the value of the key, empty where the map has no such key.", Signatures: []string{"map_extract(MAP(K, V), K) → V[]"},
	Examples: tex("map_extract(MAP {'a': 1}, 'a')", "[1]", "map_extract(MAP {'a': 1}, 'b')", "[]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || args[0].Type.Kind != types.Map {
			return nil, nil
		}
		t := args[0].Type
		return nullAware(sig(types.NewArray(t.Elems[1].Type), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				if !args[0].IsNull(int(i)) && !args[1].IsNull(int(i)) {
					l := listAt(args[0], i)
					vals := l.kid.Kids[1]
					l.kid = l.kid.Kids[0]
					if k := l.find(args[1], int(i)); k >= 0 {
						w.add(vals, l.off+k)
					}
				}
				w.end()
			}
			w.done()
			return nil
		}, t, t.Elems[0].Type)), nil
	},
}
