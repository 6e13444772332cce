package scalar

import (
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// ordered keeps the places of a list's elements in order, for lookups.
type ordered struct {
	l   list
	idx []int32
}

func (o *ordered) set(l list) {
	o.l, o.idx = l, o.idx[:0]
	for k := range l.n {
		o.idx = append(o.idx, int32(l.off+k))
	}
	sortElements(l, o.idx, false)
}

// has tells whether an element equals element k of kid; NULL equals NULL.
func (o *ordered) has(kid *vec.Vector, k int) bool {
	_, ok := slices.BinarySearchFunc(o.idx, k, func(i int32, k int) int { return kernel.CompareValues(o.l.kid, int(i), kid, k) })
	return ok
}

// bothLists binds a function of two arrays of a common element type.
func bothLists(args []fn.Arg, result func(t types.Type) types.Type, eval fn.Eval) *fn.Overload {
	if len(args) != 2 || args[0].Type.Kind != types.Array || args[1].Type.Kind != types.Array {
		return nil
	}
	e, ok := types.Common(elem(args[0].Type), elem(args[1].Type))
	if !ok {
		return nil
	}
	t := types.NewArray(e)
	return sig(result(t), eval, t, t)
}

// setOf makes a set operation on arrays. first and second tell which elements of the first array, and then of the second, belong to
// the result, by whether the other array has them; each value comes once.
func setOf(name string, aliases []string, doc string, first func(inOther bool) bool, second bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[], T[]) → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			return bothLists(args, func(t types.Type) types.Type { return t }, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				w := newListWriter(out, n)
				var other ordered
				for _, i := range sel {
					a, b := listAt(args[0], i), listAt(args[1], i)
					other.set(b)
					w.begin(i)
					start := w.b.Len()
					for k := a.off; k < a.off+a.n; k++ {
						if first(other.has(a.kid, k)) && !w.holds(start, a.kid, k) {
							w.add(a.kid, k)
						}
					}
					for k := b.off; second && k < b.off+b.n; k++ {
						if !w.holds(start, b.kid, k) {
							w.add(b.kid, k)
						}
					}
					w.end()
				}
				w.done()
				return nil
			}), nil
		},
	}
}

// holds tells whether one of the elements written from start on equals element k of kid.
func (w *listWriter) holds(start int, kid *vec.Vector, k int) bool {
	v := w.b.Vector()
	for i := start; i < w.b.Len(); i++ {
		if kernel.CompareValues(v, i, kid, k) == 0 {
			return true
		}
	}
	return false
}

var (
	listIntersect = setOf("list_intersect", []string{"array_intersect"}, "The values that both arrays have, each once.", func(in bool) bool { return in }, false, "array_intersect([1, 2, 2, 3], [2, 3, 4])", "[2, 3]")
	listExcept    = setOf("array_except", []string{"list_except"}, "The values of the first array that the second has not, each once.", func(in bool) bool { return !in }, false, "array_except([1, 2, 3], [2])", "[1, 3]")
	listUnion     = setOf("array_union", []string{"list_union"}, "The values of both arrays, each once.", func(bool) bool { return true }, true, "array_union([1, 2], [2, 3])", "[1, 2, 3]")
)

// overlap makes a test of two arrays: whether all elements of the second (of the first, with swap), or one, are in the other.
func overlap(name string, aliases []string, doc string, all, swap bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[], T[]) → BOOLEAN"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			return bothLists(args, func(types.Type) types.Type { return types.TBoolean }, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				dst := vec.Values[uint8](out)
				var in ordered
				for _, i := range sel {
					a, b := listAt(args[0], i), listAt(args[1], i)
					if swap {
						a, b = b, a
					}
					in.set(a)
					dst[i] = b2u(all)
					for k := b.off; k < b.off+b.n; k++ {
						if in.has(b.kid, k) != all && (all || !b.kid.IsNull(k)) {
							dst[i] = b2u(!all)
							break
						}
					}
				}
				return nil
			}), nil
		},
	}
}

var (
	listHasAny  = overlap("list_has_any", []string{"array_has_any", "arrays_overlap", "&&"}, "Whether the arrays have a value in common.", false, false, "arrays_overlap([1, 2], [2, 3])", "true", "[1] && [2]", "false")
	listHasAll  = overlap("list_has_all", []string{"array_has_all", "@>"}, "Whether the first array has all values of the second.", true, false, "list_has_all([1, 2, 3], [1, 3])", "true", "[1] @> [2]", "false")
	containedBy = overlap("list_contained_by", []string{"<@"}, "Whether the second array has all values of the first.", true, true, "[1] <@ [1, 2]", "true")
)

var arrayRemove = &fn.Function{
	Name: "array_remove", Aliases: []string{"list_remove"}, Category: "nested", Doc: "The array without the elements that equal the value.", Signatures: []string{"array_remove(T[], T) → T[]"}, Examples: tex("array_remove([1, 2, 1], 1)", "[2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		return withElement(args, func(t, _ types.Type) types.Type { return t }, rearrange(func(r *row, l list, idx []int32) []int32 {
			return slices.DeleteFunc(idx, func(k int32) bool {
				return !l.kid.IsNull(int(k)) && kernel.CompareValues(l.kid, int(k), r.args[1], r.i) == 0
			})
		})), nil
	},
}

var arrayRepeat = &fn.Function{
	Name: "array_repeat", Aliases: []string{"list_repeat"}, Category: "nested", Doc: "An array of n times the value.", Signatures: []string{"array_repeat(T, n) → T[]"}, Examples: tex("array_repeat('a', 2)", "[a, a]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 {
			return nil, nil
		}
		t := args[0].Type
		return nullAware(failing(sig(types.NewArray(t), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				if args[1].IsNull(int(i)) {
					out.SetNull(int(i))
					continue
				}
				times := vec.ValueAt[int64](args[1], int(i))
				if times > 1<<20 {
					return dataErr("array_repeat: %d elements are too many", times)
				}
				for range max(times, 0) {
					w.add(args[0], int(i))
				}
				w.end()
			}
			w.done()
			return nil
		}, t, types.TBigInt))), nil
	},
}

var mapEntries = &fn.Function{
	Name: "map_entries", Category: "nested", Doc: "The map as an array of structs of key and value.", Signatures: []string{"map_entries(MAP(K, V)) → STRUCT(key K, value V)[]"}, Examples: tex("map_entries(MAP {'a': 1})", "[{'key': a, 'value': 1}]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Map {
			return nil, nil
		}
		t := args[0].Type
		return sig(types.NewArray(types.NewStruct(t.Elems...)), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				w.copyList(args[0], i)
				w.end()
			}
			w.done()
			return nil
		}, t), nil
	},
}
