package scalar

import (
	"bytes"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// indexOf gives the place of the first sub in s in characters from 1, or 0.
func indexOf(s, sub []byte) int64 {
	i := bytes.Index(s, sub)
	if i < 0 {
		return 0
	}
	return int64(runeCount(s[:i])) + 1
}

var position = &fn.Function{
	Name: "position", Category: "string", Doc: "The place of the first text in the second, from 1; 0 where it is not there.",
	Examples: tex("position('l' IN 'hello')", "3", "position('x', 'hello')", "0"),
	Overloads: []*fn.Overload{
		sig(types.TBigInt, ofStr2(func(sub, s []byte) int64 { return indexOf(s, sub) }), types.TVarchar, types.TVarchar),
	},
}

var strpos = &fn.Function{
	Name: "strpos", Aliases: []string{"instr"}, Category: "string", Doc: "The place of the second text in the first, from 1; 0 where it is not there.",
	Examples:  tex("strpos('hello', 'l')", "3", "instr('äö', 'ö')", "2"),
	Overloads: []*fn.Overload{sig(types.TBigInt, ofStr2(indexOf), types.TVarchar, types.TVarchar)},
}

var locate = &fn.Function{
	Name: "locate", Aliases: []string{"charindex"}, Category: "string", Doc: "The place of the first text in the second, from the character start on; 0 where it is not there.",
	Examples: tex("locate('l', 'hello')", "3", "locate('l', 'hello', 4)", "4"),
	Overloads: []*fn.Overload{
		sig(types.TBigInt, ofStr2(func(sub, s []byte) int64 { return indexOf(s, sub) }), types.TVarchar, types.TVarchar),
		sig(types.TBigInt, locateFrom, types.TVarchar, types.TVarchar, types.TBigInt),
	},
}

var startsWith = &fn.Function{
	Name: "starts_with", Aliases: []string{"startswith", "prefix", "^@"}, Category: "string", Doc: "Whether the text begins with the other.",
	Examples:  tex("starts_with('hello', 'he')", "true"),
	Overloads: textOrBytes(func(s, p []byte) uint8 { return b2u(bytes.HasPrefix(s, p)) }),
}

// textOrBytes are the overloads of a test of two texts, or of two BINARY.
func textOrBytes(test func(s, p []byte) uint8) []*fn.Overload {
	eval := ofStr2(test)
	return []*fn.Overload{sig(types.TBoolean, eval, types.TVarchar, types.TVarchar), sig(types.TBoolean, eval, types.TBinary, types.TBinary)}
}

var endsWith = &fn.Function{
	Name: "ends_with", Aliases: []string{"endswith", "suffix"}, Category: "string", Doc: "Whether the text ends with the other.",
	Examples:  tex("ends_with('hello', 'lo')", "true"),
	Overloads: textOrBytes(func(s, p []byte) uint8 { return b2u(bytes.HasSuffix(s, p)) }),
}

var contains = &fn.Function{
	Name: "contains", Category: "string", Doc: "Whether the text holds the other, or the array the element.",
	Signatures: []string{"contains(text, text) → BOOLEAN", "contains(T[], T) → BOOLEAN"},
	Examples:   tex("contains('hello', 'ell')", "true", "contains([1, 2], 2)", "true"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 2 && (args[0].Type.Kind == types.Array || args[0].Type.Kind == types.Map) {
			return listContains.Bind(args)
		}
		if len(args) != 2 {
			return nil, nil
		}
		return anyText(args, types.TBoolean, ofStr2(func(s, p []byte) uint8 { return b2u(bytes.Contains(s, p)) })), nil
	},
}

func locateFrom(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	sub, s, from := vec.StrsOf(args[0]), vec.StrsOf(args[1]), vec.ColOf[int64](args[2])
	dst := vec.Values[int64](out)
	for _, i := range sel {
		b, start := s.At(i), from.At(i)
		dst[i] = 0
		if start < 1 || start > int64(len(b))+1 {
			continue
		}
		off := runeOffset(b, int(start-1))
		if p := indexOf(b[off:], sub.At(i)); p > 0 {
			dst[i] = p + start - 1
		}
	}
	return nil
}
