package scalar

import (
	"bytes"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var (
	trim  = trimming("trim", []string{"btrim"}, true, true, "The text without blanks, or the characters given, at both ends.", "trim('  ab ')", "ab", "trim('xxabx', 'x')", "ab", "trim(BOTH 'x' FROM 'xabx')", "ab")
	ltrim = trimming("ltrim", nil, true, false, "The text without blanks, or the characters given, at its beginning.", "ltrim('  ab')", "ab", "ltrim('xyab', 'yx')", "ab")
	rtrim = trimming("rtrim", nil, false, true, "The text without blanks, or the characters given, at its end.", "rtrim('ab  ') || '|'", "ab|", "rtrim('abxx', 'x')", "ab")
)

func trimming(name string, aliases []string, left, right bool, doc string, examples ...string) *fn.Function {
	eval := func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		p := partsOf(out, args[0])
		set := []byte{' '}
		for _, i := range sel {
			if len(args) == 2 {
				set = args[1].Bytes(int(i))
			}
			s := p.src.At(i)
			lo, hi := 0, len(s)
			if left {
				lo = trimLeft(s, set)
			}
			if right {
				hi = lo + trimRight(s[lo:], set)
			}
			p.set(i, lo, hi)
		}
		return nil
	}
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TVarchar, eval, types.TVarchar), sig(types.TVarchar, eval, types.TVarchar, types.TVarchar)},
	}
}

// trimLeft gives where the first character of s begins that is not in set.
func trimLeft(s, set []byte) int {
	at := 0
	for at < len(s) {
		_, n := utf8.DecodeRune(s[at:])
		if !bytes.Contains(set, s[at:at+n]) {
			break
		}
		at += n
	}
	return at
}

// trimRight gives where the last character of s ends that is not in set.
func trimRight(s, set []byte) int {
	at := len(s)
	for at > 0 {
		_, n := utf8.DecodeLastRune(s[:at])
		if !bytes.Contains(set, s[at-n:at]) {
			break
		}
		at -= n
	}
	return at
}
