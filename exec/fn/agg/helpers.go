package agg

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// grow makes s hold at least n values, new ones zero.
func grow[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n]
	}
	t := make([]T, n, max(n+n/2, 16))
	copy(t, s)
	return t
}

// single tells that all rows fall into group 0.
func single(groups []int32) bool { return vec.AreZeros(groups) }

// tex makes the examples of a function from pairs of SQL and result.
func tex(pairs ...string) []fn.Example {
	out := make([]fn.Example, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, fn.Example{SQL: pairs[i], Result: pairs[i+1]})
	}
	return out
}

// same makes an overload whose arguments keep their types.
func same(args []fn.Arg, result types.Type, acc func([]fn.Arg) fn.Accumulator) *fn.Overload {
	o := &fn.Overload{Result: result, NewAcc: acc}
	for _, a := range args {
		o.Args = append(o.Args, a.Type)
	}
	return o
}

// numeric gives the type that a numeric aggregate takes an argument as: text constants and NULL are DOUBLE. ok is false for
// what is no number.
func numeric(t types.Type) (types.Type, bool) {
	switch {
	case t.Kind == types.Null || t.Kind == types.Varchar:
		return types.TDouble, true
	case t.Kind == types.Boolean:
		return types.TInteger, true
	}
	return t, t.IsNumeric()
}

// widened gives v in its type's own layout: aggregates get decimals in 64 bits as well.
func widened(tmp, v *vec.Vector, sel []int32) *vec.Vector {
	if v.Phys() == v.Type.Phys() {
		return v
	}
	kernel.Widen(tmp, v, sel)
	return tmp
}

// mark makes state[g] = 1 for all groups.
func mark(state []uint8, groups []int32) {
	if single(groups) {
		state[0] = 1
		return
	}
	for _, g := range groups {
		state[g] = 1
	}
}

func overflow(format string, args ...any) error { return sqlerr.New(sqlerr.Data, format, args...) }
