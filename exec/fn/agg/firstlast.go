package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var anyValue = &fn.Function{
	Name: "any_value", Aliases: []string{"arbitrary"}, Kind: fn.Aggregate, Category: "aggregate", Doc: "One of the values that are not NULL: the smallest, so that it is always the same one.",
	Signatures: []string{"any_value(T) → T"}, Examples: tex("any_value(x) FROM (VALUES (NULL), (7)) t(x)", "7"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) { return minFn.Bind(args) },
}

var first = endOf("first", nil, false, "The value of the first row, NULL or not, in the order of the rows or of ORDER BY.", "first(x) FROM (VALUES (3), (1)) t(x)", "3")

var last = endOf("last", nil, true, "The value of the last row, NULL or not, in the order of the rows or of ORDER BY.", "last(x) FROM (VALUES (3), (1)) t(x)", "1")

func endOf(name string, aliases []string, atEnd bool, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "aggregate", Doc: doc, Signatures: []string{name + "(T ORDER BY …) → T", name + "(T, ignore_nulls) → T"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) < 1 || len(args) > 2 {
				return nil, nil
			}
			t := args[0].Type
			o := same(args, t, func([]fn.Arg) fn.Accumulator { return &endAcc{vals: newSlots(t), atEnd: atEnd} })
			o.TakesNulls, o.OrderMatters = true, true
			if len(args) == 2 { // Spark's first(x, TRUE) leaves NULLs out
				if args[1].Type.Kind != types.Boolean || args[1].Const == nil || args[1].Const.IsNull(0) {
					return nil, nil
				}
				o.TakesNulls = vec.Values[uint8](args[1].Const)[0] == 0
			}
			return o, nil
		},
	}
}

// endAcc keeps the first or the last value.
type endAcc struct {
	vals  *slots
	atEnd bool
	stamp []int32 // atEnd: by group, the last update that has set it
	now   int32
}

func (a *endAcc) Grow(n int) {
	a.vals.grow(n)
	if a.atEnd {
		a.stamp = grow(a.stamp, n)
	}
}

func (a *endAcc) Size() int { return a.vals.size() + 4*cap(a.stamp) }

func (a *endAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	if !a.atEnd {
		for k, i := range sel {
			if g := groups[k]; !a.vals.has(g) {
				a.vals.set(g, args[0], i)
			}
		}
		return nil
	}
	a.now++
	for k := len(sel) - 1; k >= 0; k-- {
		if g := groups[k]; a.stamp[g] != a.now {
			a.stamp[g] = a.now
			a.vals.set(g, args[0], sel[k])
		}
	}
	return nil
}

func (a *endAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*endAcc)
	v := f.vals.b.Vector()
	for k, g := range src {
		if f.vals.has(g) && (a.atEnd || !a.vals.has(dst[k])) {
			a.vals.set(dst[k], v, f.vals.row[g]-1)
		}
	}
	return nil
}

func (a *endAcc) Result(lo, hi int, out *vec.Vector) error {
	a.vals.result(lo, hi, out)
	return nil
}

var argMin = argExtreme("arg_min", []string{"min_by", "argmin"}, false, "The first argument where the second is smallest; of several the smallest.", "arg_min(x, y) FROM (VALUES ('a', 2), ('b', 1)) t(x, y)", "b")

var argMax = argExtreme("arg_max", []string{"max_by", "argmax"}, true, "The first argument where the second is greatest; of several the smallest.", "arg_max(x, y) FROM (VALUES ('a', 2), ('b', 1)) t(x, y)", "a")

func argExtreme(name string, aliases []string, greatest bool, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "aggregate", Doc: doc, Signatures: []string{name + "(T, any) → T", name + "(T, any, n) → T[]"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) == 3 {
				return bestN(args, greatest)
			}
			if len(args) != 2 {
				return nil, nil
			}
			t, by := args[0].Type, args[1].Type
			o := same(args, t, func([]fn.Arg) fn.Accumulator { return &argAcc{newSlots(t), newSlots(by), greatest} })
			o.IgnoresDuplicates = true
			return o, nil
		},
	}
}

// argAcc keeps the value beside the extreme.
type argAcc struct {
	vals, keys *slots
	greatest   bool
}

func (a *argAcc) Grow(n int) { a.vals.grow(n); a.keys.grow(n) }

func (a *argAcc) Size() int { return a.vals.size() + a.keys.size() }

func (a *argAcc) put(g int32, val, key *vec.Vector, i, j int32) {
	if a.keys.has(g) {
		c := a.keys.compare(g, key, j)
		if a.greatest {
			c = -c
		}
		if c > 0 || c == 0 && a.vals.compare(g, val, i) >= 0 {
			return
		}
	}
	a.vals.set(g, val, i)
	a.keys.set(g, key, j)
}

func (a *argAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	for k, i := range sel {
		a.put(groups[k], args[0], args[1], i, i)
	}
	return nil
}

func (a *argAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*argAcc)
	for k, g := range src {
		if f.keys.has(g) {
			a.put(dst[k], f.vals.b.Vector(), f.keys.b.Vector(), f.vals.row[g]-1, f.keys.row[g]-1)
		}
	}
	return nil
}

func (a *argAcc) Result(lo, hi int, out *vec.Vector) error {
	a.vals.result(lo, hi, out)
	return nil
}
