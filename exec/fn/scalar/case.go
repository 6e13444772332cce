package scalar

import (
	"unicode"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var upper = &fn.Function{
	Name: "upper", Aliases: []string{"ucase"}, Category: "string", Doc: "The text in capital letters.",
	Examples:  tex("upper('äbc')", "ÄBC", "upper('abc')", "ABC"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(appendUpper), types.TVarchar)},
}

var lower = &fn.Function{
	Name: "lower", Aliases: []string{"lcase"}, Category: "string", Doc: "The text in small letters.",
	Examples:  tex("lower('ÄBC')", "äbc"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(appendLower), types.TVarchar)},
}

var initcap = &fn.Function{
	Name: "initcap", Category: "string", Doc: "The text with the first letter of each word in capitals and the others small.",
	Examples:  tex("initcap('hello wORLD')", "Hello World"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(appendInitcap), types.TVarchar)},
}

func appendLower(dst, s []byte) []byte {
	for i, c := range s {
		if c >= utf8.RuneSelf {
			return appendMapped(dst, s[i:], unicode.ToLower)
		}
		if c-'A' < 26 {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

func appendUpper(dst, s []byte) []byte {
	for i, c := range s {
		if c >= utf8.RuneSelf {
			return appendMapped(dst, s[i:], unicode.ToUpper)
		}
		if c-'a' < 26 {
			c &^= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// appendMapped writes s with f applied to each code point; bytes that are no UTF-8 stay as they are.
func appendMapped(dst, s []byte, f func(rune) rune) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, s[0])
		default:
			dst = utf8.AppendRune(dst, f(r))
		}
		s = s[n:]
	}
	return dst
}

func appendInitcap(dst, s []byte) []byte {
	inWord := false
	return appendMapped(dst, s, func(r rune) rune {
		first := !inWord
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\''
		if inWord && first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	})
}
