package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var concatOp = &fn.Function{
	Name: "concat_op", Aliases: []string{"||"}, Category: "operator",
	Doc:        "Two texts in one (other types as text), or two arrays; NULL if either is.",
	Signatures: []string{"any || any → VARCHAR", "T[] || T[]", "T[] || T", "T || T[]"},
	Examples:   tex("'a' || 'b'", "ab", "'a' || 1", "a1", "'a' || NULL", "NULL", "[1, 2] || [3]", "[1, 2, 3]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 {
			return nil, nil
		}
		l, r := args[0].Type, args[1].Type
		if l.Kind == types.Array || r.Kind == types.Array {
			return bindListConcat(l, r), nil
		}
		if l.Kind == types.Binary && r.Kind == types.Binary {
			return sig(types.TBinary, concat2, l, r), nil
		}
		if l.Kind == types.Bit && r.Kind == types.Bit {
			return sig(types.TBit, concat2, l, r), nil
		}
		return anyText(args, types.TVarchar, concat2), nil
	},
}

func concat2(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b := vec.StrsOf(args[0]), vec.StrsOf(args[1])
	var tmp [vec.InlineMax]byte
	for _, i := range sel {
		x, y := a.At(i), b.At(i)
		n := len(x) + len(y)
		if n <= vec.InlineMax {
			out.SetBytes(int(i), append(append(tmp[:0], x...), y...))
			continue
		}
		dst := out.Alloc(int(i), n)
		copy(dst, x)
		copy(dst[len(x):], y)
		out.SealBytes(int(i))
	}
	return nil
}

// bindListConcat joins two arrays; an element beside an array counts as an array of one.
func bindListConcat(l, r types.Type) *fn.Overload {
	le, re := l, r
	if l.Kind == types.Array {
		le = l.Elems[0].Type
	}
	if r.Kind == types.Array {
		re = r.Elems[0].Type
	}
	e, ok := types.Common(le, re)
	if !ok {
		return nil
	}
	t := types.NewArray(e)
	lt, rt := t, t
	if l.Kind != types.Array && l.Kind != types.Null {
		lt = e
	}
	if r.Kind != types.Array && r.Kind != types.Null {
		rt = e
	}
	return sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w := newListWriter(out, n)
		for _, i := range sel {
			w.begin(i)
			for _, a := range args {
				if a.Type.Kind == types.Array {
					w.copyList(a, i)
				} else {
					w.add(a, int(i))
				}
			}
			w.end()
		}
		w.done()
		return nil
	}, lt, rt)
}
