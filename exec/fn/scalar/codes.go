package scalar

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
)

// digest makes a hash function that gives hexadecimal text.
func digest(name string, aliases []string, doc string, sum func(s []byte) []byte, examples ...string) *fn.Function {
	eval := strTo(func(dst, s []byte) []byte { return hex.AppendEncode(dst, sum(s)) })
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TVarchar, eval, types.TVarchar), sig(types.TVarchar, eval, types.TBinary)},
	}
}

var (
	md5Fn    = digest("md5", nil, "The MD5 hash as hexadecimal text.", func(s []byte) []byte { h := md5.Sum(s); return h[:] }, "md5('abc')", "900150983cd24fb0d6963f7d28e17f72")
	sha1Fn   = digest("sha1", []string{"sha"}, "The SHA-1 hash as hexadecimal text.", func(s []byte) []byte { h := sha1.Sum(s); return h[:] }, "sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d")
	sha256Fn = digest("sha256", nil, "The SHA-256 hash as hexadecimal text.", func(s []byte) []byte { h := sha256.Sum256(s); return h[:] }, "left(sha256('abc'), 16)", "ba7816bf8f01cfea")
	sha512Fn = digest("sha512", nil, "The SHA-512 hash as hexadecimal text.", func(s []byte) []byte { h := sha512.Sum512(s); return h[:] }, "left(sha512('abc'), 16)", "ddaf35a193617aba")
)

var crc32Fn = &fn.Function{
	Name: "crc32", Category: "string", Doc: "The CRC-32 checksum.", Examples: tex("crc32('abc')", "891568578"),
	Overloads: []*fn.Overload{sig(types.TBigInt, ofStr(func(s []byte) int64 { return int64(crc32.ChecksumIEEE(s)) }), types.TVarchar)},
}

var hexFn = &fn.Function{
	Name: "hex", Aliases: []string{"to_hex"}, Category: "string", Doc: "The integer, or the bytes of the text, in hexadecimal.",
	Examples: tex("hex(255)", "FF", "hex('abc')", "616263"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			return upperASCII(strconv.AppendUint(dst, uint64(r.i64(0)), 16)), true, nil
		}), types.TBigInt),
		sig(types.TVarchar, strTo(hexUpper), types.TVarchar),
		sig(types.TVarchar, strTo(hexUpper), types.TBinary),
	},
}

func hexUpper(dst, s []byte) []byte { return upperASCII(hex.AppendEncode(dst, s)) }

func upperASCII(b []byte) []byte {
	for i, c := range b {
		if c-'a' < 26 {
			b[i] = c &^ 0x20
		}
	}
	return b
}

var unhex = &fn.Function{
	Name: "unhex", Aliases: []string{"from_hex"}, Category: "string", Doc: "The bytes that hexadecimal text stands for.",
	Examples: tex("unhex('616263')", "abc"),
	Overloads: []*fn.Overload{failing(sig(types.TBinary, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s := r.str(0)
		if len(s)%2 == 1 {
			s = append([]byte{'0'}, s...)
		}
		b, err := hex.AppendDecode(dst, s)
		if err != nil {
			return nil, false, dataErr("unhex: '%s' is not hexadecimal", r.str(0))
		}
		return b, true, nil
	}), types.TVarchar))},
}

var bin = &fn.Function{
	Name: "bin", Category: "string", Doc: "The integer in binary digits.", Examples: tex("bin(5)", "101"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(binaryDigits), types.TBigInt)},
}

func binaryDigits(r *row, dst []byte) ([]byte, bool, error) {
	return strconv.AppendUint(dst, uint64(r.i64(0)), 2), true, nil
}

func encode64(dst, s []byte) []byte { return base64.StdEncoding.AppendEncode(dst, s) }

var base64Fn = &fn.Function{
	Name: "base64", Aliases: []string{"to_base64"}, Category: "string", Doc: "The bytes of the text in Base64.", Examples: tex("base64('abc')", "YWJj"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(encode64), types.TVarchar), sig(types.TVarchar, strTo(encode64), types.TBinary)},
}

var unbase64 = &fn.Function{
	Name: "unbase64", Aliases: []string{"from_base64"}, Category: "string", Doc: "The bytes that Base64 text stands for.", Examples: tex("unbase64('YWJj')", "abc"),
	Overloads: []*fn.Overload{failing(sig(types.TBinary, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		b, err := base64.StdEncoding.AppendDecode(dst, r.str(0))
		if err != nil {
			return nil, false, dataErr("unbase64: '%s' is not Base64", r.str(0))
		}
		return b, true, nil
	}), types.TVarchar))},
}

var encodeFn = &fn.Function{
	Name: "encode", Category: "string", Doc: "The text's bytes as BINARY, also in a charset: utf-16, utf-16be, utf-16le, utf-32, iso-8859-1, us-ascii; or bytes as text in a format: hex, base64, escape, utf-8.",
	Signatures: []string{"encode(text) → BINARY", "encode(text, charset) → BINARY", "encode(text, format) → VARCHAR"},
	Examples:   tex("encode('abc', 'hex')", "616263", "encode('abc', 'base64')", "YWJj", "hex(encode('aß', 'utf-16be'))", "006100DF"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		switch {
		case len(args) == 1:
			return sig(types.TBinary, strTo(func(dst, s []byte) []byte { return append(dst, s...) }), types.TVarchar), nil
		case len(args) != 2:
			return nil, nil
		case namesCharset(args, 1):
			return failing(sig(types.TBinary, rowFn(encodeCharset), types.TVarchar, types.TVarchar)), nil
		case args[0].Type.Kind == types.Binary:
			return failing(sig(types.TVarchar, rowFn(encodeRow), types.TBinary, types.TVarchar)), nil
		}
		return failing(sig(types.TVarchar, rowFn(encodeRow), types.TVarchar, types.TVarchar)), nil
	},
}

func encodeRow(r *row, dst []byte) ([]byte, bool, error) {
	switch s, f := r.str(0), string(appendLower(nil, r.str(1))); f {
	case "hex":
		return hex.AppendEncode(dst, s), true, nil
	case "base64":
		return encode64(dst, s), true, nil
	case "escape", "utf-8", "utf8":
		return append(dst, s...), true, nil
	default:
		return nil, false, noFormat("encode", f)
	}
}

var urlEncode = &fn.Function{
	Name: "url_encode", Category: "string", Doc: "The text with %XX for all that may not stand in a URL.", Examples: tex("url_encode('a b&c')", "a%20b%26c"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(func(dst, s []byte) []byte {
		for _, c := range s {
			switch {
			case c-'0' < 10, c|0x20 >= 'a' && c|0x20 <= 'z', c == '-', c == '_', c == '.', c == '~':
				dst = append(dst, c)
			default:
				dst = append(append(dst, '%'), upperASCII(hex.AppendEncode(nil, []byte{c}))...)
			}
		}
		return dst
	}), types.TVarchar)},
}

var urlDecode = &fn.Function{
	Name: "url_decode", Category: "string", Doc: "The text with each %XX replaced by its byte.", Examples: tex("url_decode('a%20b%26c')", "a b&c"),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s, err := url.PathUnescape(string(r.str(0)))
		if err != nil {
			return nil, false, dataErr("url_decode: '%s' is not URL text", r.str(0))
		}
		return append(dst, s...), true, nil
	}), types.TVarchar))},
}

var ascii = &fn.Function{
	Name: "ascii", Aliases: []string{"ord", "unicode"}, Category: "string", Doc: "The number of the first character; 0 of ''.", Examples: tex("ascii('A')", "65", "ascii('ö')", "246"),
	Overloads: []*fn.Overload{sig(types.TInteger, ofStr(func(s []byte) int32 {
		if len(s) == 0 {
			return 0
		}
		r, _ := utf8.DecodeRune(s)
		return r
	}), types.TVarchar)},
}

var chr = &fn.Function{
	Name: "chr", Aliases: []string{"char"}, Category: "string", Doc: "The character with that number.", Examples: tex("chr(65)", "A", "chr(246)", "ö"),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		n := r.i64(0)
		if n < 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return nil, false, dataErr("chr: %d is not the number of a character", n)
		}
		return utf8.AppendRune(dst, rune(n)), true, nil
	}), types.TBigInt))},
}

var quote = &fn.Function{
	Name: "quote", Aliases: []string{"quote_literal"}, Category: "string", Doc: "The text as a literal of SQL.", Examples: tex("quote('it''s')", "'it''s'"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(func(dst, s []byte) []byte { return quoted(dst, s, '\'') }), types.TVarchar)},
}

var quoteIdent = &fn.Function{
	Name: "quote_ident", Category: "string", Doc: "The text as a quoted name of SQL.", Examples: tex("quote_ident('a b')", `"a b"`),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(func(dst, s []byte) []byte { return quoted(dst, s, '"') }), types.TVarchar)},
}

func quoted(dst, s []byte, q byte) []byte {
	dst = append(dst, q)
	for _, c := range s {
		if c == q {
			dst = append(dst, q)
		}
		dst = append(dst, c)
	}
	return append(dst, q)
}

var formatBytes = &fn.Function{
	Name: "format_bytes", Aliases: []string{"pg_size_pretty", "format_readable_size"}, Category: "string", Doc: "A number of bytes in KiB, MiB, GiB or TiB.",
	Examples: tex("format_bytes(16384)", "16.0 KiB"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		n := r.i64(0)
		f, k := float64(n), 0
		for k < 5 && (f >= 1024 || f <= -1024) {
			f /= 1024
			k++
		}
		if k == 0 {
			return append(kernel.AppendInt128(dst, kernel.I128(n)), " bytes"...), true, nil
		}
		dst = strconv.AppendFloat(dst, f, 'f', 1, 64)
		return append(dst, [...]string{"", " KiB", " MiB", " GiB", " TiB", " PiB"}[k]...), true, nil
	}), types.TBigInt)},
}

func decode64(dst, s []byte) ([]byte, bool) {
	b, err := base64.StdEncoding.AppendDecode(dst, s)
	return b, err == nil
}
