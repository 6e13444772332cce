package scalar

import (
	"slices"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// rearrange makes the code of a function that gives some elements of an array in some order: order changes idx, the places of
// the elements, for the row.
func rearrange(order func(r *row, l list, idx []int32) []int32) fn.Eval {
	return tryRearrange(func(r *row, l list, idx []int32) ([]int32, error) { return order(r, l, idx), nil })
}

// tryRearrange is rearrange for an order that may fail.
func tryRearrange(order func(r *row, l list, idx []int32) ([]int32, error)) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w, r := newListWriter(out, n), row{c: c, args: args}
		var idx []int32
		for _, i := range sel {
			r.i = int(i)
			l := listAt(args[0], i)
			idx = idx[:0]
			for k := range l.n {
				idx = append(idx, int32(l.off+k))
			}
			w.begin(i)
			picked, err := order(&r, l, idx)
			if err != nil {
				return err
			}
			if len(picked) > 0 {
				w.b.Append(l.kid, picked)
			}
			w.end()
		}
		w.done()
		return nil
	}
}

// listFn makes a function of one array, and perhaps more arguments, that keeps its type.
func listFn(name string, aliases []string, doc string, eval fn.Eval, rest []types.Type, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[], …) → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1+len(rest) {
				return nil, nil
			}
			t := asList(args[0].Type)
			if t.Kind != types.Array {
				return nil, nil
			}
			return sig(t, eval, append([]types.Type{t}, rest...)...), nil
		},
	}
}

// asList gives the type that NULL stands for where an array is wanted.
func asList(t types.Type) types.Type {
	if t.Kind == types.Null {
		return types.NewArray(types.TNull)
	}
	return t
}

// listReverse is the code of reverse on arrays.
func listReverse(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	return rearrange(func(_ *row, _ list, idx []int32) []int32 {
		slices.Reverse(idx)
		return idx
	})(c, args, sel, n, out)
}

// sortElements orders elements, NULLs last.
func sortElements(l list, idx []int32, desc bool) {
	slices.SortStableFunc(idx, func(a, b int32) int {
		c := kernel.CompareValues(l.kid, int(a), l.kid, int(b))
		if desc && !l.kid.IsNull(int(a)) && !l.kid.IsNull(int(b)) {
			return -c
		}
		return c
	})
}

var listSort = &fn.Function{
	Name: "list_sort", Aliases: []string{"array_sort", "sort_array"}, Category: "nested", Doc: "The elements in order, NULLs last; descending with 'DESC' or FALSE.",
	Signatures: []string{"list_sort(T[]) → T[]", "list_sort(T[], 'DESC')", "sort_array(T[], ascending)"}, Examples: tex("list_sort([3, 1, NULL, 2])", "[1, 2, 3, NULL]", "list_sort([3, 1, 2], 'DESC')", "[3, 2, 1]", "sort_array([1, 2], false)", "[2, 1]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 2 || args[0].Type.Kind != types.Array {
			return nil, nil
		}
		byBool := len(args) == 2 && args[1].Type.Kind == types.Boolean
		o := sig(args[0].Type, rearrange(func(r *row, l list, idx []int32) []int32 {
			desc := false
			if r.has(1) {
				if byBool {
					desc = vec.ValueAt[uint8](r.args[1], r.i) == 0
				} else {
					desc = string(appendUpper(nil, r.str(1))) == "DESC"
				}
			}
			sortElements(l, idx, desc)
			return idx
		}), args[0].Type)
		if len(args) == 2 {
			if byBool {
				o.Args = append(o.Args, types.TBoolean)
			} else {
				o.Args = append(o.Args, types.TVarchar)
			}
		}
		return o, nil
	},
}

var listReverseSort = listFn("list_reverse_sort", []string{"array_reverse_sort"}, "The elements in descending order.", rearrange(func(_ *row, l list, idx []int32) []int32 {
	sortElements(l, idx, true)
	return idx
}), nil, "list_reverse_sort([1, 3, 2])", "[3, 2, 1]")

var listDistinct = listFn("list_distinct", []string{"array_distinct"}, "Each value of the array that is not NULL once, in the order of its first place.", rearrange(func(_ *row, l list, idx []int32) []int32 {
	sorted := slices.Clone(idx)
	sortElements(l, sorted, false)
	drop := map[int32]bool{}
	for k := 1; k < len(sorted); k++ {
		if kernel.CompareValues(l.kid, int(sorted[k-1]), l.kid, int(sorted[k])) == 0 {
			drop[sorted[k]] = true
		}
	}
	return slices.DeleteFunc(idx, func(i int32) bool { return drop[i] || l.kid.IsNull(int(i)) })
}), nil, "list_distinct([2, 1, 2])", "[2, 1]")

var listReverseFn = listFn("list_reverse", []string{"array_reverse"}, "The elements from the last to the first.", listReverse, nil, "list_reverse([1, 2])", "[2, 1]")

var slice = listFn("slice", nil, "n elements from a place on, counted from 1 (from the end when negative).", rearrange(func(r *row, l list, idx []int32) []int32 {
	lo, n := r.i64(1), r.i64(2)
	if lo < 0 {
		lo += int64(l.n) + 1
	}
	if lo < 1 || lo > int64(l.n) || n <= 0 {
		return idx[:0]
	}
	return idx[lo-1 : min(lo-1+min(n, int64(l.n)), int64(l.n))]
}), []types.Type{types.TBigInt, types.TBigInt}, "slice([1, 2, 3, 4], 2, 2)", "[2, 3]")

var arrayCompact = listFn("array_compact", []string{"list_compact"}, "The array without its NULLs.", rearrange(func(_ *row, l list, idx []int32) []int32 {
	return slices.DeleteFunc(idx, func(i int32) bool { return l.kid.IsNull(int(i)) })
}), nil, "array_compact([1, NULL, 2])", "[1, 2]")

// extended makes a function that adds a value to an array.
func extended(name string, aliases []string, doc string, front bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[], T) → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			swapped := front && len(args) == 2 && args[0].Type.Kind == types.Array && args[1].Type.Kind != types.Array // Spark's order
			if front && len(args) == 2 && !swapped {
				args = []fn.Arg{args[1], args[0]}
			}
			o := withElement(args, func(t, _ types.Type) types.Type { return t }, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				w := newListWriter(out, n)
				a, e := args[0], args[1]
				if front && !swapped {
					a, e = e, a
				}
				for _, i := range sel {
					w.begin(i)
					if front {
						w.add(e, int(i))
					}
					if !a.IsNull(int(i)) {
						w.copyList(a, i)
					}
					if !front {
						w.add(e, int(i))
					}
					w.end()
				}
				w.done()
				return nil
			})
			if o == nil {
				return nil, nil
			}
			if front && !swapped {
				o.Args[0], o.Args[1] = o.Args[1], o.Args[0]
			}
			return nullAware(o), nil
		},
	}
}

var (
	listAppend  = extended("list_append", []string{"array_append", "array_push_back"}, "The array with the value at its end.", false, "list_append([1, 2], 3)", "[1, 2, 3]")
	listPrepend = extended("list_prepend", []string{"array_prepend", "array_push_front"}, "The array with the value, which stands first, at its beginning.", true, "list_prepend(0, [1, 2])", "[0, 1, 2]", "array_prepend([1, 2], 0)", "[0, 1, 2]")
)

var listConcat = &fn.Function{
	Name: "list_concat", Aliases: []string{"array_cat", "array_concat", "list_cat"}, Category: "nested", Doc: "The elements of all arrays in one; NULL counts as an empty array.",
	Signatures: []string{"list_concat(T[], …) → T[]"}, Examples: tex("list_concat([1], [2, 3])", "[1, 2, 3]", "list_concat([1], NULL, [2])", "[1, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		t := types.TNull
		for _, a := range args {
			var ok bool
			if t, ok = types.Common(t, asList(a.Type)); !ok || t.Kind != types.Array {
				return nil, nil
			}
		}
		if len(args) == 0 {
			return nil, nil
		}
		o := nullAware(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				w.begin(i)
				some := false
				for _, a := range args {
					if !a.IsNull(int(i)) {
						some = true
						w.copyList(a, i)
					}
				}
				if !some {
					out.SetNull(int(i))
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

var flatten = &fn.Function{
	Name: "flatten", Category: "nested", Doc: "The elements of an array's arrays in one array.", Signatures: []string{"flatten(T[][]) → T[]"}, Examples: tex("flatten([[1, 2], [3]])", "[1, 2, 3]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || elem(args[0].Type).Kind != types.Array {
			return nil, nil
		}
		return sig(elem(args[0].Type), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w := newListWriter(out, n)
			for _, i := range sel {
				l := listAt(args[0], i)
				w.begin(i)
				for k := l.off; k < l.off+l.n; k++ {
					if !l.kid.IsNull(k) {
						w.copyList(l.kid, int32(k))
					}
				}
				w.end()
			}
			w.done()
			return nil
		}, args[0].Type), nil
	},
}

var arrayJoin = &fn.Function{
	Name: "array_join", Aliases: []string{"array_to_string", "list_to_string"}, Category: "nested", Doc: "The elements as one text with a separator; NULLs are left out, or stand as the third argument.",
	Signatures: []string{"array_join(T[], separator) → VARCHAR", "array_join(T[], separator, null_text)"}, Examples: tex("array_join([1, NULL, 2], '-')", "1-2", "array_join(['a', NULL], ',', '?')", "a,?"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 || args[0].Type.Kind != types.Array {
			return nil, nil
		}
		o := sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			l, first := listAt(r.args[0], int32(r.i)), true
			for k := l.off; k < l.off+l.n; k++ {
				if l.kid.IsNull(k) && !r.has(2) {
					continue
				}
				if !first {
					dst = append(dst, r.str(1)...)
				}
				first = false
				if l.kid.IsNull(k) {
					dst = append(dst, r.str(2)...)
				} else {
					dst = append(dst, textAt(l.kid, k)...)
				}
			}
			return dst, true, nil
		}), args[0].Type, types.TVarchar, types.TVarchar)
		o.Args = o.Args[:len(args)]
		return o, nil
	},
}

// series makes a function that counts from one number to another; through tells whether the end counts.
func series(name string, aliases []string, doc string, through bool, examples ...string) *fn.Function {
	eval := func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w, r := newListWriter(out, n), row{args: args}
		for _, i := range sel {
			r.i = int(i)
			lo, hi, step := int64(0), r.i64(0), int64(1)
			if r.has(1) {
				lo, hi = hi, r.i64(1)
			}
			if name == "sequence" && lo > hi { // Spark's counts down by itself
				step = -1
			}
			if r.has(2) {
				step = r.i64(2)
			}
			w.begin(i)
			if err := w.count(lo, hi, step, through); err != nil {
				return err
			}
			w.end()
		}
		w.done()
		return nil
	}
	t := types.NewArray(types.TBigInt)
	o := []*fn.Overload{failing(sig(t, eval, types.TBigInt, types.TBigInt)), failing(sig(t, eval, types.TBigInt, types.TBigInt, types.TBigInt))}
	o = append(o, failing(sig(t, eval, types.TBigInt)))
	for _, of := range []types.Type{types.TDate, types.TTimestamp, types.TTimestampTZ} {
		result := of
		if of.Kind == types.Date && name != "sequence" { // as in FROM
			result = types.TTimestamp
		}
		o = append(o, timesUpTo(result, through))
	}
	return &fn.Function{Name: name, Aliases: aliases, Category: "nested", Doc: doc, Examples: tex(examples...), Overloads: o}
}

func (w *listWriter) count(lo, hi, step int64, through bool) error {
	if step == 0 {
		return dataErr("a series cannot have steps of 0")
	}
	for k := 0; step > 0 && (lo < hi || through && lo == hi) || step < 0 && (lo > hi || through && lo == hi); k++ {
		if k == 1<<24 {
			return sqlerr.New(sqlerr.Limit, "an array of more than %d elements is too long", k)
		}
		vec.AppendValue(w.b, lo)
		next := lo + step
		if (next > lo) != (step > 0) {
			break
		}
		lo = next
	}
	return nil
}

var (
	sequence = series("sequence", nil, "The numbers from one to another, both included, in steps; down where the second is less.", true, "sequence(1, 4)", "[1, 2, 3, 4]", "sequence(5, 1, -2)", "[5, 3, 1]", "sequence(2, 0)", "[2, 1, 0]")
	seriesFn = series("generate_series", nil, "The numbers from one to another, both included, in steps.", true, "generate_series(1, 4)", "[1, 2, 3, 4]", "generate_series(2, 0)", "[]")
	rangeFn  = series("range", nil, "The numbers from one (0) up to another, which does not count, in steps.", false, "range(3)", "[0, 1, 2]", "range(1, 7, 2)", "[1, 3, 5]")
)

// listExtreme makes the greatest or smallest element of an array.
func listExtreme(name string, aliases []string, doc string, sign int, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[]) → T"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 || args[0].Type.Kind != types.Array {
				return nil, nil
			}
			return sig(elem(args[0].Type), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				return pickElements(args[0], sel, n, out, func(_ int32, l list) int {
					best := -1
					for k := l.off; k < l.off+l.n; k++ {
						if !l.kid.IsNull(k) && (best < 0 || kernel.CompareValues(l.kid, k, l.kid, best)*sign > 0) {
							best = k
						}
					}
					return best
				})
			}, args[0].Type), nil
		},
	}
}

var (
	listMax = listExtreme("list_max", []string{"array_max"}, "The greatest element.", 1, "list_max([1, 3, NULL])", "3")
	listMin = listExtreme("list_min", []string{"array_min"}, "The smallest element.", -1, "list_min([2, 1])", "1")
)

// listCount makes a count of an array's elements.
func listCount(name string, aliases []string, doc string, distinct bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Signatures: []string{name + "(T[]) → BIGINT"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 || asList(args[0].Type).Kind != types.Array {
				return nil, nil
			}
			return sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				var idx ordered
				dst := vec.Values[int64](out)
				for _, i := range sel {
					l := listAt(args[0], i)
					idx.set(l)
					dst[i] = 0
					for k, r := range idx.idx {
						if !l.kid.IsNull(int(r)) && !(distinct && k > 0 && kernel.CompareValues(l.kid, int(idx.idx[k-1]), l.kid, int(r)) == 0) {
							dst[i]++
						}
					}
				}
				return nil
			}, asList(args[0].Type)), nil
		},
	}
}

var (
	listUnique = listCount("list_unique", []string{"array_unique"}, "The number of different elements that are not NULL.", true, "list_unique([1, NULL, 1, 2])", "2")
)

var hash = &fn.Function{
	Name: "hash", Category: "conversion", Doc: "A hash of the arguments, the same in every run.", Signatures: []string{"hash(any, …) → BIGINT"}, Examples: tex("hash('a') = hash('a')", "true", "hash(1) = hash(2)", "false"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 0 {
			return nil, nil
		}
		o := nullAware(sig(types.TBigInt, hashRows))
		for _, a := range args {
			o.Args = append(o.Args, a.Type)
		}
		return o, nil
	},
}

// hashRows hashes the text of the arguments by FNV-1a, stirred at the end.
func hashRows(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	dst := vec.Values[int64](out)
	var buf []byte
	for _, i := range sel {
		h := uint64(14695981039346656037)
		for _, a := range args {
			buf = append(buf[:0], 1)
			if a.IsNull(int(i)) {
				buf[0] = 0
			} else {
				f, k := a.At(int(i))
				buf = kernel.AppendText(buf, f, k)
			}
			for _, c := range buf {
				h = (h ^ uint64(c)) * 1099511628211
			}
			h ^= h >> 32
			h *= 0xd6e8feb86659fd93
		}
		dst[i] = int64(h ^ h>>32)
	}
	return nil
}
