package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var minFn = extreme("min", "The smallest value.", false, "min(x) FROM (VALUES (3), (1), (2)) t(x)", "1", "min(x) FROM (VALUES ('b'), ('a')) t(x)", "a")

var maxFn = extreme("max", "The greatest value.", true, "max(x) FROM (VALUES (3), (1), (NULL)) t(x)", "3", "max(x) FROM (VALUES (1.5), (2.5)) t(x)", "2.5")

func extreme(name, doc string, greatest bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Kind: fn.Aggregate, Category: "aggregate", Doc: doc, Signatures: []string{name + "(any)", name + "(T, n) → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) == 2 {
				return bestN(args, greatest)
			}
			if len(args) != 1 {
				return nil, nil
			}
			t := args[0].Type
			o := same(args, t, func([]fn.Arg) fn.Accumulator { return newExtreme(t, greatest) })
			o.IgnoresDuplicates = true
			return o, nil
		},
	}
}

func newExtreme(t types.Type, greatest bool) fn.Accumulator {
	switch t.Phys() {
	case types.PBool:
		return &extremeOf[uint8]{greatest: greatest}
	case types.PI32:
		return &extremeOf[int32]{greatest: greatest}
	case types.PI64:
		return &extremeOf[int64]{greatest: greatest}
	case types.PF64:
		return &extremeFloat{greatest: greatest}
	case types.PI128:
		return &extremeWide{greatest: greatest}
	case types.PView:
		return &extremeText{greatest: greatest}
	}
	return &extremeAny{greatest: greatest, vals: newSlots(t)}
}

// extremeOf is the smallest or greatest machine word.
type extremeOf[T uint8 | int32 | int64] struct {
	val      []T
	seen     []uint8
	greatest bool
}

func (a *extremeOf[T]) Grow(n int) { a.val, a.seen = grow(a.val, n), grow(a.seen, n) }

func (a *extremeOf[T]) Size() int { return 9 * cap(a.seen) }

func (a *extremeOf[T]) put(g int32, x T) {
	if a.seen[g] == 0 || (x < a.val[g]) != a.greatest && x != a.val[g] {
		a.val[g], a.seen[g] = x, 1
	}
}

func (a *extremeOf[T]) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	vals := vec.Values[T](args[0])
	if args[0].Form == vec.Const {
		for _, g := range groups {
			a.put(g, vals[0])
		}
		return nil
	}
	if single(groups) {
		best := vals[sel[0]]
		if a.greatest {
			for _, i := range sel {
				best = max(best, vals[i])
			}
		} else {
			for _, i := range sel {
				best = min(best, vals[i])
			}
		}
		a.put(0, best)
		return nil
	}
	val, seen := a.val, a.seen
	if a.greatest {
		for k, i := range sel {
			if g, x := groups[k], vals[i]; x > val[g] || seen[g] == 0 {
				val[g], seen[g] = x, 1
			}
		}
		return nil
	}
	for k, i := range sel {
		if g, x := groups[k], vals[i]; x < val[g] || seen[g] == 0 {
			val[g], seen[g] = x, 1
		}
	}
	return nil
}

func (a *extremeOf[T]) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*extremeOf[T])
	for k, g := range src {
		if f.seen[g] != 0 {
			a.put(dst[k], f.val[g])
		}
	}
	return nil
}

func (a *extremeOf[T]) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[T](out), a.val[lo:hi])
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}

// extremeFloat compares DOUBLE by their order, in which NaN is the greatest.
type extremeFloat struct {
	val      []float64
	seen     []uint8
	greatest bool
}

func (a *extremeFloat) Grow(n int) { a.val, a.seen = grow(a.val, n), grow(a.seen, n) }

func (a *extremeFloat) Size() int { return 8*cap(a.val) + cap(a.seen) }

func (a *extremeFloat) put(g int32, x float64) {
	v := a.val[g]
	better := x < v || v != v && x == x
	if a.greatest {
		better = x > v || x != x && v == v
	}
	if better || a.seen[g] == 0 {
		a.val[g], a.seen[g] = x, 1
	}
}

func (a *extremeFloat) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[float64](args[0])
	for k, i := range sel {
		a.put(groups[k], c.At(i))
	}
	return nil
}

func (a *extremeFloat) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*extremeFloat)
	for k, g := range src {
		if f.seen[g] != 0 {
			a.put(dst[k], f.val[g])
		}
	}
	return nil
}

func (a *extremeFloat) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[float64](out), a.val[lo:hi])
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}

// extremeWide compares decimals of more than 18 digits, which may come in 64 bits.
type extremeWide struct {
	val      []vec.Int128
	seen     []uint8
	greatest bool
}

func (a *extremeWide) Grow(n int) { a.val, a.seen = grow(a.val, n), grow(a.seen, n) }

func (a *extremeWide) Size() int { return 16*cap(a.val) + cap(a.seen) }

func (a *extremeWide) put(g int32, x vec.Int128) {
	if c := kernel.Cmp128(x, a.val[g]); a.seen[g] == 0 || c > 0 && a.greatest || c < 0 && !a.greatest {
		a.val[g], a.seen[g] = x, 1
	}
}

func (a *extremeWide) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	if args[0].Phys() == types.PI64 {
		c := vec.ColOf[int64](args[0])
		for k, i := range sel {
			a.put(groups[k], kernel.I128(c.At(i)))
		}
		return nil
	}
	c := vec.ColOf[vec.Int128](args[0])
	for k, i := range sel {
		a.put(groups[k], c.At(i))
	}
	return nil
}

func (a *extremeWide) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*extremeWide)
	for k, g := range src {
		if f.seen[g] != 0 {
			a.put(dst[k], f.val[g])
		}
	}
	return nil
}

func (a *extremeWide) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[vec.Int128](out), a.val[lo:hi])
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}

// extremeText compares strings by bytes.
type extremeText struct {
	texts    texts
	seen     []uint8
	greatest bool
}

func (a *extremeText) Grow(n int) { a.texts.grow(n); a.seen = grow(a.seen, n) }

func (a *extremeText) Size() int { return a.texts.size() + cap(a.seen) }

func (a *extremeText) put(g int32, w *vec.View, bufs [][]byte) {
	if a.seen[g] != 0 {
		c := vec.CompareViews(w, bufs, &a.texts.views[g], a.texts.bufs)
		if c == 0 || (c > 0) != a.greatest {
			return
		}
	}
	a.seen[g] = 1
	a.texts.set(g, w, bufs)
}

func (a *extremeText) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	s := vec.StrsOf(args[0])
	for k, i := range sel {
		a.put(groups[k], s.View(i), args[0].Bufs)
	}
	return nil
}

func (a *extremeText) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*extremeText)
	for k, g := range src {
		if f.seen[g] != 0 {
			a.put(dst[k], &f.texts.views[g], f.texts.bufs)
		}
	}
	return nil
}

func (a *extremeText) Result(lo, hi int, out *vec.Vector) error {
	for i := range hi - lo {
		if a.seen[lo+i] == 0 {
			out.SetNull(i)
			vec.Values[vec.View](out)[i] = vec.View{}
			continue
		}
		out.SetBytes(i, a.texts.at(lo+i))
	}
	return nil
}

// extremeAny compares intervals and nested values.
type extremeAny struct {
	vals     *slots
	greatest bool
}

func (a *extremeAny) Grow(n int) { a.vals.grow(n) }

func (a *extremeAny) Size() int { return a.vals.size() }

func (a *extremeAny) put(g int32, v *vec.Vector, i int32) {
	if a.vals.has(g) {
		c := a.vals.compare(g, v, i)
		if c == 0 || (c < 0) == a.greatest {
			return
		}
	}
	a.vals.set(g, v, i)
}

func (a *extremeAny) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	for k, i := range sel {
		a.put(groups[k], args[0], i)
	}
	return nil
}

func (a *extremeAny) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*extremeAny)
	for k, g := range src {
		if f.vals.has(g) {
			a.put(dst[k], f.vals.b.Vector(), f.vals.row[g]-1)
		}
	}
	return nil
}

func (a *extremeAny) Result(lo, hi int, out *vec.Vector) error {
	a.vals.result(lo, hi, out)
	return nil
}
