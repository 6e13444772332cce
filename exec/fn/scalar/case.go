package scalar

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var upper = &fn.Function{
	Name: "upper", Aliases: []string{"ucase"}, Category: "string", Doc: "The text in capital letters.",
	Examples:  tex("upper('äbc')", "ÄBC", "upper('abc')", "ABC"),
	Overloads: []*fn.Overload{sig(types.TVarchar, changeCase('a', appendUpper), types.TVarchar)},
}

var lower = &fn.Function{
	Name: "lower", Aliases: []string{"lcase"}, Category: "string", Doc: "The text in small letters.",
	Examples:  tex("lower('ÄBC')", "äbc"),
	Overloads: []*fn.Overload{sig(types.TVarchar, changeCase('A', appendLower), types.TVarchar)},
}

var initcap = &fn.Function{
	Name: "initcap", Category: "string", Doc: "The text with the first letter of each word in capitals and the others small.",
	Examples:  tex("initcap('hello wORLD')", "Hello World"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(appendInitcap), types.TVarchar)},
}

// changeCase makes the code of upper and lower: first is the first of the 26 letters that change. Text that is not ASCII takes full.
func changeCase(first byte, full func(dst, s []byte) []byte) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s := vec.StrsOf(args[0])
		var buf []byte
		for _, i := range sel {
			b := s.At(i)
			if len(b) > cap(buf) {
				buf = make([]byte, 0, max(2*len(b), 64))
			}
			if flipCase(buf[:len(b)], b, first) {
				out.SetBytes(int(i), buf[:len(b)])
			} else {
				out.SetBytes(int(i), full(nil, b))
			}
		}
		return nil
	}
}

const (
	eachByte = 0x0101010101010101
	topBits  = 0x80 * eachByte
)

// flipCase copies s to dst, of the same length, with the case bit changed in the 26 letters from first on, eight bytes at a time.
// It tells whether s is ASCII.
func flipCase(dst, s []byte, first byte) bool {
	var seen uint64
	low, high := (0x80-uint64(first))*eachByte, (0x80-uint64(first)-26)*eachByte
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		seen |= x
		w := x &^ topBits
		letters := ((w + low) ^ (w + high)) & topBits
		binary.LittleEndian.PutUint64(dst[i:], x^letters>>2)
	}
	for ; i < len(s); i++ {
		c := s[i]
		seen |= uint64(c)
		if c-first < 26 {
			c ^= 0x20
		}
		dst[i] = c
	}
	return seen&topBits == 0
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
