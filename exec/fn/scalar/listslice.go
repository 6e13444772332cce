package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var listSlice = &fn.Function{
	Name: "list_slice", Aliases: []string{"array_slice"}, Category: "nested",
	Doc:        "The elements from one place to another, both counted from 1 (from the end when negative) and both included; every nth with a step, backwards when it is negative.",
	Signatures: []string{"list_slice(T[], from, to) → T[]", "list_slice(T[], from, to, step) → T[]"},
	Examples:   tex("list_slice([1, 2, 3, 4], 2, 3)", "[2, 3]", "list_slice([1, 2, 3, 4], 1, 4, 2)", "[1, 3]", "[1, 2, 3][::-1]", "[3, 2, 1]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 3 && len(args) != 4 {
			return nil, nil
		}
		t := asList(args[0].Type)
		if t.Kind != types.Array {
			return nil, nil
		}
		for _, a := range args[1:] {
			if !a.Type.IsInteger() && a.Type.Kind != types.Null {
				return nil, nil
			}
		}
		return failing(sig(t, tryRearrange(sliceOf), []types.Type{t, types.TBigInt, types.TBigInt, types.TBigInt}[:len(args)]...)), nil
	},
}

// sliceOf keeps the elements of a slice.
func sliceOf(r *row, l list, idx []int32) ([]int32, error) {
	step := int64(1)
	if r.has(3) {
		if step = r.i64(3); step == 0 {
			return nil, dataErr("the step of a slice must not be 0")
		}
	}
	n := int64(l.n)
	place := func(p int64) int64 { // from the end when negative
		if p < 0 {
			p += n + 1
		}
		return p
	}
	lo, hi := place(r.i64(1)), place(r.i64(2))
	if step > 0 {
		lo, hi = max(lo, 1), min(hi, n)
		if lo > hi {
			return idx[:0], nil
		}
		if step == 1 {
			return idx[lo-1 : hi], nil
		}
	} else {
		lo, hi = min(lo, n), max(hi, 1)
		if lo < hi {
			return idx[:0], nil
		}
	}
	var out []int32
	for p := lo; ; p += step {
		out = append(out, idx[p-1])
		// what is left is compared, not p + step: a step may be as large as integers go
		if step > 0 && hi-p < step || step < 0 && hi-p > step {
			return out, nil
		}
	}
}
