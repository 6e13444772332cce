package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// labelsOf makes a function of an ENUM's type alone, whatever the value: values of it from one place to another, as an array or the first.
func labelsOf(name, doc string, array bool, part func(n int) (lo, hi int), examples ...string) *fn.Function {
	result := types.TVarchar
	if array {
		result = types.NewArray(types.TVarchar)
	}
	return &fn.Function{
		Name: name, Category: "enum", Doc: doc, Signatures: []string{name + "(ENUM) → " + result.String()}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 || args[0].Type.Kind != types.Enum {
				return nil, nil
			}
			t := args[0].Type
			lo, hi := part(len(t.Elems))
			return nullAware(sig(result, func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				if array {
					return labelLists(t, sel, out, func(int32) (int, int) { return lo, hi })
				}
				for _, i := range sel {
					out.SetBytes(int(i), []byte(t.Label(int32(lo))))
				}
				return nil
			}, t)), nil
		},
	}
}

// labelLists writes lists of an ENUM's values.
func labelLists(t types.Type, sel []int32, out *vec.Vector, part func(i int32) (lo, hi int)) error {
	kid, entries := vec.NewBuilder(types.TVarchar), vec.Values[vec.ListEntry](out)
	for _, i := range sel {
		lo, hi := part(i)
		hi = max(hi, lo)
		entries[i] = vec.ListEntry{Off: uint32(kid.Len()), Len: uint32(hi - lo)}
		for ; lo < hi; lo++ {
			kid.AppendBytes([]byte(t.Label(int32(lo))))
		}
	}
	out.Kids[0] = kid.Vector()
	return nil
}

var enumRange = labelsOf("enum_range", "All values of an ENUM, in their order. The argument may be NULL::the_type.", true, func(n int) (int, int) { return 0, n },
	"enum_range(NULL::ENUM('small', 'large'))", "[small, large]")

var enumFirst = labelsOf("enum_first", "The first value of an ENUM.", false, func(int) (int, int) { return 0, 1 }, "enum_first(NULL::ENUM('small', 'large'))", "small")

var enumLast = labelsOf("enum_last", "The last value of an ENUM.", false, func(n int) (int, int) { return n - 1, n }, "enum_last(NULL::ENUM('small', 'large'))", "large")

var enumCode = &fn.Function{
	Name: "enum_code", Category: "enum", Doc: "The place of an ENUM's value among all of them, from 0.", Signatures: []string{"enum_code(ENUM) → INTEGER"},
	Examples: tex("enum_code('large'::ENUM('small', 'large'))", "1"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind != types.Enum {
			return nil, nil
		}
		return sig(types.TInteger, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			in, dst := vec.ColOf[int32](args[0]), vec.Values[int32](out)
			for _, i := range sel {
				dst[i] = in.At(i)
			}
			return nil
		}, args[0].Type), nil
	},
}

var enumRangeBoundary = &fn.Function{
	Name: "enum_range_boundary", Category: "enum", Doc: "The values of an ENUM from one to another, both included; NULL is the first, or the last.",
	Signatures: []string{"enum_range_boundary(ENUM, ENUM) → VARCHAR[]"},
	Examples:   tex("enum_range_boundary('b'::ENUM('a', 'b', 'c'), NULL)", "[b, c]", "enum_range_boundary(NULL, 'b'::ENUM('a', 'b', 'c'))", "[a, b]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 {
			return nil, nil
		}
		t := args[0].Type
		if t.Kind != types.Enum {
			t = args[1].Type
		}
		if t.Kind != types.Enum {
			return nil, nil
		}
		for _, a := range args {
			if a.Type.Kind == types.Enum && !a.Type.Equal(t) {
				return nil, sqlerr.New(sqlerr.Bind, "enum_range_boundary takes two values of one ENUM")
			}
		}
		return nullAware(sig(types.NewArray(types.TVarchar), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			from, to := vec.ColOf[int32](args[0]), vec.ColOf[int32](args[1])
			return labelLists(t, sel, out, func(i int32) (int, int) {
				lo, hi := 0, len(t.Elems)
				if !args[0].IsNull(int(i)) {
					lo = int(from.At(i))
				}
				if !args[1].IsNull(int(i)) {
					hi = int(to.At(i)) + 1
				}
				return lo, hi
			})
		}, t, t)), nil
	},
}
