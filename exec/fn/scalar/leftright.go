package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var left = &fn.Function{
	Name: "left", Aliases: []string{"strleft"}, Category: "string", Doc: "The first n characters; without the last -n where n is negative.",
	Examples: tex("left('hello', 2)", "he", "left('hello', -2)", "hel"),
	Overloads: []*fn.Overload{sig(types.TVarchar, cutBy(func(s []byte, n int64) (int, int) {
		if n < 0 {
			n = max(int64(runeCount(s))+n, 0)
		}
		return 0, runeOffset(s, int(min(n, int64(len(s)))))
	}), types.TVarchar, types.TBigInt)},
}

var right = &fn.Function{
	Name: "right", Aliases: []string{"strright"}, Category: "string", Doc: "The last n characters; without the first -n where n is negative.",
	Examples: tex("right('hello', 2)", "lo", "right('hello', -2)", "llo"),
	Overloads: []*fn.Overload{sig(types.TVarchar, cutBy(func(s []byte, n int64) (int, int) {
		if n < 0 {
			return runeOffset(s, int(min(-n, int64(len(s))))), len(s)
		}
		return runeOffset(s, int(max(int64(runeCount(s))-n, 0))), len(s)
	}), types.TVarchar, types.TBigInt)},
}

// cutBy makes the code of a function that gives a part of a text, chosen by a number.
func cutBy(f func(s []byte, n int64) (lo, hi int)) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		p, n := partsOf(out, args[0]), vec.ColOf[int64](args[1])
		for _, i := range sel {
			lo, hi := f(p.src.At(i), n.At(i))
			p.set(i, lo, hi)
		}
		return nil
	}
}
