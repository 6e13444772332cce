package scalar

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var replace = &fn.Function{
	Name: "replace", Category: "string", Doc: "The text with every occurrence of one text replaced by another (removed without a third argument).",
	Examples: tex("replace('banana', 'an', 'x')", "bxxa", "replace('banana', 'a')", "bnn"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, rowFn(replaceRow), types.TVarchar, types.TVarchar, types.TVarchar),
		sig(types.TVarchar, rowFn(replaceRow), types.TVarchar, types.TVarchar),
	},
}

func replaceRow(r *row, dst []byte) ([]byte, bool, error) {
	s, old := r.str(0), r.str(1)
	var with []byte
	if r.has(2) {
		with = r.str(2)
	}
	if len(old) == 0 {
		return append(dst, s...), true, nil
	}
	for {
		i := bytes.Index(s, old)
		if i < 0 {
			return append(dst, s...), true, nil
		}
		dst = append(append(dst, s[:i]...), with...)
		s = s[i+len(old):]
	}
}

var reverse = &fn.Function{
	Name: "reverse", Category: "string", Doc: "The text, or the array, from its end to its beginning.",
	Signatures: []string{"reverse(text) → VARCHAR", "reverse(T[]) → T[]"},
	Examples:   tex("reverse('äbc')", "cbä", "reverse([1, 2, 3])", "[3, 2, 1]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		if t := args[0].Type; t.Kind == types.Array {
			return sig(t, listReverse, t), nil
		}
		return anyText(args, types.TVarchar, strTo(func(dst, s []byte) []byte {
			for len(s) > 0 {
				_, n := utf8.DecodeLastRune(s)
				dst = append(dst, s[len(s)-n:]...)
				s = s[:len(s)-n]
			}
			return dst
		})), nil
	},
}

var translate = &fn.Function{
	Name: "translate", Category: "string", Doc: "The text with each character of the second argument replaced by the one at the same place in the third, or removed.",
	Examples: tex("translate('12345', '143', 'ax')", "a2x5"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		from, to := []rune(string(r.str(1))), []rune(string(r.str(2)))
		for _, c := range string(r.str(0)) {
			switch k := slices.Index(from, c); {
			case k < 0:
				dst = utf8.AppendRune(dst, c)
			case k < len(to):
				dst = utf8.AppendRune(dst, to[k])
			}
		}
		return dst, true, nil
	}), types.TVarchar, types.TVarchar, types.TVarchar)},
}

var overlay = &fn.Function{
	Name: "overlay", Category: "string", Doc: "The text with a part, from a character for a length, replaced by another text.",
	Examples: tex("overlay('Txxxxas' PLACING 'hom' FROM 2 FOR 4)", "Thomas", "overlay('abc' PLACING 'X' FROM 2)", "aXc"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, rowFn(overlayRow), types.TVarchar, types.TVarchar, types.TBigInt),
		sig(types.TVarchar, rowFn(overlayRow), types.TVarchar, types.TVarchar, types.TBigInt, types.TBigInt),
	},
}

func overlayRow(r *row, dst []byte) ([]byte, bool, error) {
	s, with, start := r.str(0), r.str(1), max(r.i64(2), 1)
	n := int64(runeCount(with))
	if r.has(3) {
		n = max(r.i64(3), 0)
	}
	lo := runeOffset(s, int(min(start-1, int64(len(s)))))
	hi := lo + runeOffset(s[lo:], int(min(n, int64(len(s)))))
	return append(append(append(dst, s[:lo]...), with...), s[hi:]...), true, nil
}
