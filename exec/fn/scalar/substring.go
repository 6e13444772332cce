package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var substring = &fn.Function{
	Name: "substring", Aliases: []string{"substr", "mid"}, Category: "string",
	Doc:      "The part of a text from the character start, counted from 1 (from the end when negative), of the length given or to the end.",
	Examples: tex("substring('hello', 2, 3)", "ell", "substring('hello', 3)", "llo", "substring('hello', -3)", "llo", "substring('äöü' FROM 2 FOR 1)", "ö", "substring('hello', 0, 2)", "h"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, substringRows, types.TVarchar, types.TBigInt),
		sig(types.TVarchar, substringRows, types.TVarchar, types.TBigInt, types.TBigInt),
	},
}

func substringRows(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	p, start := partsOf(out, args[0]), vec.ColOf[int64](args[1])
	var length vec.Col[int64]
	if len(args) == 3 {
		length = vec.ColOf[int64](args[2])
	}
	for _, i := range sel {
		n := int64(math.MaxInt64)
		if len(args) == 3 {
			n = length.At(i)
		}
		lo, hi := cut(p.src.At(i), start.At(i), n)
		p.set(i, lo, hi)
	}
	return nil
}

// cut gives the bytes of s from the character start for n characters.
func cut(s []byte, start, n int64) (lo, hi int) {
	if start < 0 {
		start += int64(runeCount(s))
		if start < 0 {
			n, start = satAdd(n, start), 0
		}
	} else if start > 0 {
		start--
	} else {
		n = satAdd(n, -1)
	}
	if n <= 0 {
		return 0, 0
	}
	if start >= int64(len(s)) {
		return len(s), len(s)
	}
	lo = runeOffset(s, int(start))
	if n >= int64(len(s)-lo) {
		return lo, len(s)
	}
	return lo, lo + runeOffset(s[lo:], int(n))
}

// satAdd moves a length by d ≤ 0; the endless length stays endless.
func satAdd(n, d int64) int64 {
	if n == math.MaxInt64 {
		return n
	}
	return n + d
}
