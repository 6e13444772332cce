package scalar

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

// charset is a way to write characters as bytes. UTF-16 and UTF-32 are big-endian unless they say otherwise.
type charset struct {
	unit   int // bytes of a unit
	little bool
	bom    bool // a mark of the order of bytes stands in front
	last   rune // the last character of a charset of one byte
}

var charsets = map[string]charset{
	"utf-16": {unit: 2, bom: true}, "utf-16be": {unit: 2}, "utf-16le": {unit: 2, little: true}, "utf-32": {unit: 4}, "utf-32be": {unit: 4}, "utf-32le": {unit: 4, little: true},
	"us-ascii": {unit: 1, last: 0x7f}, "ascii": {unit: 1, last: 0x7f}, "iso-8859-1": {unit: 1, last: 0xff}, "latin1": {unit: 1, last: 0xff},
}

// encode appends text in the charset; ok is false for characters that it lacks.
func (c charset) encode(dst, text []byte) (out []byte, ok bool) {
	var order binary.AppendByteOrder = binary.BigEndian
	if c.little {
		order = binary.LittleEndian
	}
	if c.bom && len(text) > 0 {
		dst = order.AppendUint16(dst, 0xfeff)
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		switch c.unit {
		case 1:
			if r > c.last {
				return dst, false
			}
			dst = append(dst, byte(r))
		case 4:
			dst = order.AppendUint32(dst, uint32(r))
		default:
			for _, u := range utf16.AppendRune(nil, r) {
				dst = order.AppendUint16(dst, u)
			}
		}
	}
	return dst, true
}

// decode appends the text that bytes in the charset stand for; ok is false where they stand for none.
func (c charset) decode(dst, s []byte) (out []byte, ok bool) {
	if len(s)%c.unit != 0 {
		return dst, false
	}
	var order binary.ByteOrder = binary.BigEndian
	if c.little {
		order = binary.LittleEndian
	}
	if c.bom && len(s) >= 2 {
		switch {
		case s[0] == 0xff && s[1] == 0xfe:
			order, s = binary.LittleEndian, s[2:]
		case s[0] == 0xfe && s[1] == 0xff:
			s = s[2:]
		}
	}
	for len(s) > 0 {
		r := rune(s[0])
		switch c.unit {
		case 1:
			ok = r <= c.last
		case 4:
			u := order.Uint32(s)
			r, ok = rune(u), u <= utf8.MaxRune
		default:
			r, ok = rune(order.Uint16(s)), true
			if utf16.IsSurrogate(r) && len(s) >= 4 {
				r = utf16.DecodeRune(r, rune(order.Uint16(s[2:])))
				ok = r != utf8.RuneError
				s = s[2:]
			}
		}
		if !ok || !utf8.ValidRune(r) {
			return dst, false
		}
		dst, s = utf8.AppendRune(dst, r), s[c.unit:]
	}
	return dst, true
}

// noFormat is the error for a format that encode or decode does not know. A charset decides the type of the result, so it must be known before.
func noFormat(name, f string) error {
	if _, ok := charsets[f]; ok {
		return dataErr("%s: the charset must be a constant, '%s'", name, f)
	}
	return dataErr("%s: '%s' is not a format: hex, base64, escape, utf-8, utf-16, utf-16be, utf-16le, utf-32, iso-8859-1 and us-ascii are", name, f)
}

// namesCharset tells whether argument k is the name of a charset that is not UTF-8.
func namesCharset(args []fn.Arg, k int) bool {
	f, ok := constText(args, k)
	_, known := charsets[strings.ToLower(f)]
	return ok && known
}

func encodeCharset(r *row, dst []byte) ([]byte, bool, error) {
	name := string(appendLower(nil, r.str(1)))
	b, ok := charsets[name].encode(dst, r.str(0))
	if !ok {
		return nil, false, dataErr("encode: '%s' has characters that %s lacks", r.str(0), name)
	}
	return b, true, nil
}

func decodeCharset(r *row, dst []byte) ([]byte, bool, error) {
	name := string(appendLower(nil, r.str(1)))
	b, ok := charsets[name].decode(dst, r.str(0))
	if !ok {
		return nil, false, dataErr("decode: the bytes are not %s", name)
	}
	return b, true, nil
}

var toBinary = &fn.Function{
	Name: "to_binary", Category: "string", Doc: "The integer in binary digits. With a format, the bytes that the text stands for, as BINARY: hex, base64, utf-8.",
	Examples: tex("to_binary(5)", "101", "to_binary('616263', 'hex')", "abc", "to_binary('YWJj', 'base64')", "abc"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, rowFn(binaryDigits), types.TBigInt),
		failing(sig(types.TBinary, rowFn(binaryOf), types.TVarchar, types.TVarchar)),
	},
}

var tryToBinary = &fn.Function{
	Name: "try_to_binary", Category: "string", Doc: "to_binary with a format, hex unless it is given; NULL where the text is not in it.",
	Examples:  tex("try_to_binary('616263')", "abc", "try_to_binary('YWJj', 'base64')", "abc", "try_to_binary('xyz', 'hex')", "NULL"),
	Overloads: []*fn.Overload{sig(types.TBinary, rowFn(tryBinary), types.TVarchar), sig(types.TBinary, rowFn(tryBinary), types.TVarchar, types.TVarchar)},
}

func tryBinary(r *row, dst []byte) ([]byte, bool, error) {
	b, ok := inFormat(r, dst)
	return b, ok, nil
}

func binaryOf(r *row, dst []byte) ([]byte, bool, error) {
	b, ok := inFormat(r, dst)
	if !ok {
		return nil, false, dataErr("to_binary: '%s' is not in the format '%s': hex, base64 and utf-8 are formats", r.str(0), r.str(1))
	}
	return b, true, nil
}

// inFormat gives the bytes that text in a format stands for. An odd number of hexadecimal digits has a 0 in front; blanks in Base64 do not count.
func inFormat(r *row, dst []byte) (out []byte, ok bool) {
	s, f := r.str(0), "hex"
	if r.has(1) {
		f = string(appendLower(nil, r.str(1)))
	}
	switch f {
	case "hex":
		if len(s)%2 == 1 {
			s = append([]byte{'0'}, s...)
		}
		b, err := hex.AppendDecode(dst, s)
		return b, err == nil
	case "base64":
		s = []byte(strings.Map(func(r rune) rune {
			if r == ' ' {
				return -1
			}
			return r
		}, string(s)))
		for len(s)%4 > 1 && s[len(s)-1] != '=' { // padding may be left out
			s = append(s, '=')
		}
		return decode64(dst, s)
	case "utf-8", "utf8":
		return append(dst, s...), true
	}
	return dst, false
}
