package scalar

import (
	"crypto/md5"
	"encoding/binary"
	"math"
	"math/big"
	mrand "math/rand/v2"
	"net/url"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var luhnCheck = &fn.Function{
	Name: "luhn_check", Category: "string", Doc: "Whether the text is digits alone whose last one is right by Luhn's formula, as in the numbers of cards.", Examples: tex("luhn_check('4111111111111111')", "true", "luhn_check('4111111111111112')", "false"),
	Overloads: []*fn.Overload{sig(types.TBoolean, ofStr(func(s []byte) uint8 {
		sum := 0
		for k := range s {
			c := s[len(s)-1-k]
			if c-'0' > 9 {
				return 0
			}
			d := int(c - '0')
			if k%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		return b2u(len(s) > 0 && sum%10 == 0)
	}), types.TVarchar)},
}

var mask = &fn.Function{
	Name: "mask", Category: "string", Doc: "The text with capital letters as X, small ones as x and digits as n, or as the characters given for these and for all others; NULL keeps the characters.",
	Signatures: []string{"mask(text, upper, lower, digit, other) → VARCHAR"}, Examples: tex("mask('Ab-12')", "Xx-nn", "mask('Ab-12', 'Q', NULL, 'd', '*')", "Qb*dd"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 5 {
			return nil, nil
		}
		o := nullAware(failing(sig(types.TVarchar, rowFn(maskRow))))
		for range args {
			o.Args = append(o.Args, types.TVarchar)
		}
		return o, nil
	},
}

func maskRow(r *row, dst []byte) ([]byte, bool, error) {
	if r.null(0) {
		return nil, false, nil
	}
	with := [4][]byte{[]byte("X"), []byte("x"), []byte("n"), nil}
	for k := 1; k < len(r.args); k++ {
		with[k-1] = nil
		if !r.null(k) {
			if with[k-1] = r.str(k); utf8.RuneCount(with[k-1]) != 1 {
				return nil, false, dataErr("mask: '%s' is not one character", r.str(k))
			}
		}
	}
	for s := r.str(0); len(s) > 0; {
		_, n := utf8.DecodeRune(s)
		kind := 3
		switch c := s[0]; {
		case c-'A' < 26:
			kind = 0
		case c-'a' < 26:
			kind = 1
		case c-'0' < 10:
			kind = 2
		}
		if with[kind] != nil {
			dst = append(dst, with[kind]...)
		} else {
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return dst, true, nil
}

// seeded makes the source of random numbers of a call: with a seed its numbers are the same in every run of one worker.
func seeded(args []*vec.Vector, at int, sel []int32) *mrand.Rand {
	if at < len(args) && len(sel) > 0 {
		seed := uint64(vec.ValueAt[int64](args[at], int(sel[0])))
		return mrand.New(mrand.NewPCG(seed, 0x9e3779b97f4a7c15))
	}
	return mrand.New(mrand.NewPCG(mrand.Uint64(), mrand.Uint64()))
}

var randStr = &fn.Function{
	Name: "randstr", Category: "string", Doc: "A random text of n letters and digits.", Examples: tex("length(randstr(5))", "5"),
	Overloads: []*fn.Overload{volatile(failing(sig(types.TVarchar, randText, types.TBigInt))), volatile(failing(sig(types.TVarchar, randText, types.TBigInt, types.TBigInt)))},
}

func randText(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	const from = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	rnd := seeded(args, 1, sel)
	for _, i := range sel {
		n := vec.ValueAt[int64](args[0], int(i))
		if n < 0 || n > 1<<20 {
			return dataErr("randstr: a text cannot have %d characters here", n)
		}
		b := make([]byte, n)
		for k := range b {
			b[k] = from[rnd.IntN(len(from))]
		}
		out.SetBytes(int(i), b)
	}
	return nil
}

var uniform = &fn.Function{
	Name: "uniform", Category: "math", Doc: "A random number from the first up to the second: an integer of two integers, else a DOUBLE.", Signatures: []string{"uniform(low, high, seed) → BIGINT or DOUBLE"},
	Examples: tex("uniform(1, 10) BETWEEN 1 AND 10", "true", "uniform(0.5, 1) BETWEEN 0.5 AND 1", "true"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 {
			return nil, nil
		}
		t, whole := types.TDouble, args[0].Type.IsInteger() && args[1].Type.IsInteger()
		if whole {
			t = types.TBigInt
		}
		o := volatile(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			rnd := seeded(args, 2, sel)
			for _, i := range sel {
				if whole {
					lo, hi := vec.ValueAt[int64](args[0], int(i)), vec.ValueAt[int64](args[1], int(i))
					if lo > hi {
						lo, hi = hi, lo
					}
					width := uint64(hi-lo) + 1
					if width == 0 { // all 64 bits
						vec.Values[int64](out)[i] = int64(rnd.Uint64())
					} else {
						vec.Values[int64](out)[i] = lo + int64(rnd.Uint64N(width))
					}
					continue
				}
				lo, hi := vec.ValueAt[float64](args[0], int(i)), vec.ValueAt[float64](args[1], int(i))
				vec.Values[float64](out)[i] = lo + (hi-lo)*rnd.Float64()
			}
			return nil
		}, t, t))
		if len(args) == 3 {
			o.Args = append(o.Args, types.TBigInt)
		}
		return o, nil
	},
}

var randn = &fn.Function{
	Name: "randn", Category: "math", Doc: "A random DOUBLE of the standard normal distribution.", Examples: tex("randn() < 100", "true"),
	Overloads: []*fn.Overload{volatile(sig(types.TDouble, normal)), volatile(sig(types.TDouble, normal, types.TBigInt))},
}

func normal(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	rnd := seeded(args, 0, sel)
	for _, i := range sel {
		vec.Values[float64](out)[i] = rnd.NormFloat64()
	}
	return nil
}

// utf8Fn makes a function of bytes that should be UTF-8: f gives the text, or false where it is not.
func utf8Fn(name, doc string, f func(dst, s []byte, valid bool) ([]byte, bool, error), examples ...string) *fn.Function {
	eval := rowFn(func(r *row, dst []byte) ([]byte, bool, error) { return f(dst, r.str(0), utf8.Valid(r.str(0))) })
	return &fn.Function{
		Name: name, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{failing(sig(types.TVarchar, eval, types.TVarchar)), failing(sig(types.TVarchar, eval, types.TBinary))},
	}
}

var (
	makeValidUTF8 = utf8Fn("make_valid_utf8", "The text, with U+FFFD for bytes that are not UTF-8.", func(dst, s []byte, _ bool) ([]byte, bool, error) {
		return append(dst, []byte(string([]rune(string(s))))...), true, nil
	}, "make_valid_utf8('aé')", "aé")
	validateUTF8 = utf8Fn("validate_utf8", "The text; an error if it is not UTF-8.", func(dst, s []byte, valid bool) ([]byte, bool, error) {
		if !valid {
			return nil, false, dataErr("validate_utf8: the bytes are not UTF-8")
		}
		return append(dst, s...), true, nil
	}, "validate_utf8('aé')", "aé")
	tryValidateUTF8 = utf8Fn("try_validate_utf8", "The text; NULL if it is not UTF-8.", func(dst, s []byte, valid bool) ([]byte, bool, error) { return append(dst, s...), valid, nil }, "try_validate_utf8('aé')", "aé")
)

var isValidUTF8 = &fn.Function{
	Name: "is_valid_utf8", Category: "string", Doc: "Whether the bytes are UTF-8.", Examples: tex("is_valid_utf8('aé')", "true"),
	Overloads: []*fn.Overload{sig(types.TBoolean, ofStr(func(s []byte) uint8 { return b2u(utf8.Valid(s)) }), types.TVarchar), sig(types.TBoolean, ofStr(func(s []byte) uint8 { return b2u(utf8.Valid(s)) }), types.TBinary)},
}

var tryURLDecode = &fn.Function{
	Name: "try_url_decode", Category: "string", Doc: "url_decode, NULL where the text is not URL text.", Examples: tex("try_url_decode('a%20b')", "a b", "try_url_decode('%z')", "NULL"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s, err := url.PathUnescape(string(r.str(0)))
		return append(dst, s...), err == nil, nil
	}), types.TVarchar)},
}

var md5Number = &fn.Function{
	Name: "md5_number_lower", Category: "conversion", Doc: "The first 8 bytes of the text's MD5, the lowest first, as a number.", Examples: tex("md5_number_lower('a') > 0", "true"),
	Overloads: []*fn.Overload{sig(types.NewDecimal(20, 0), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			h := md5.Sum(args[0].Bytes(int(i)))
			vec.Values[vec.Int128](out)[i] = vec.Int128{Lo: binary.LittleEndian.Uint64(h[:8])}
		}
		return nil
	}, types.TVarchar)},
}

var bitGet = &fn.Function{
	Name: "bit_get", Aliases: []string{"getbit"}, Category: "math", Doc: "The bit at a place of an integer, counted from 0, the lowest.", Examples: tex("bit_get(10, 1)", "1", "bit_get(10, 0)", "0"),
	Overloads: []*fn.Overload{failing(sig(types.TInteger, try2(func(x, k int64) (int32, error) {
		if k < 0 || k > 63 {
			return 0, dataErr("bit_get: a BIGINT has the bits 0 to 63, not %d", k)
		}
		return int32(x >> k & 1), nil
	}), types.TBigInt, types.TBigInt))},
}

var toBase = &fn.Function{
	Name: "to_base", Category: "string", Doc: "A whole number, not negative, written in a base from 2 to 36, with zeros before it up to a length.", Examples: tex("to_base(255, 16)", "FF", "to_base(5, 2, 8)", "00000101"),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, rowFn(toBaseRow), types.TBigInt, types.TInteger)), failing(sig(types.TVarchar, rowFn(toBaseRow), types.TBigInt, types.TInteger, types.TInteger))},
}

func toBaseRow(r *row, dst []byte) ([]byte, bool, error) {
	x, base, width := r.i64(0), r.i32(1), int32(0)
	if r.has(2) {
		width = r.i32(2)
	}
	if x < 0 || base < 2 || base > 36 || width < 0 || width > 64 {
		return nil, false, dataErr("to_base(%d, %d): a number from 0, a base of 2 to 36 and a length up to 64 are wanted", x, base)
	}
	b := upperASCII(big.NewInt(x).Append(nil, int(base)))
	for n := len(b); n < int(width); n++ {
		dst = append(dst, '0')
	}
	return append(dst, b...), true, nil
}

var (
	lgamma  = real1("lgamma", nil, "The logarithm of the gamma function's magnitude.", func(x float64) float64 { y, _ := math.Lgamma(x); return y }, "lgamma(2)", "0.0")
	secant  = real1("sec", nil, "The secant: 1 by the cosine.", func(x float64) float64 { return 1 / math.Cos(x) }, "sec(0)", "1.0")
	cosec   = real1("csc", nil, "The cosecant: 1 by the sine.", func(x float64) float64 { return 1 / math.Sin(x) }, "round(csc(1), 4)", "1.1884")
	signBit = truth("signbit", nil, "Whether the number's sign is minus, that of -0.0 as well.", math.Signbit, "signbit(-1)", "true")
)

var nextAfter = &fn.Function{
	Name: "nextafter", Category: "math", Doc: "The DOUBLE next to the first number in the direction of the second.", Examples: tex("nextafter(1e0, 2e0) > 1", "true"),
	Overloads: []*fn.Overload{sig(types.TDouble, map2(math.Nextafter), types.TDouble, types.TDouble)},
}

// zeroNull makes zeroifnull or nullifzero.
func zeroNull(name, doc string, toZero bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "conditional", Doc: doc, Signatures: []string{name + "(number)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 || !args[0].Type.IsNumeric() && args[0].Type.Kind != types.Null {
				return nil, nil
			}
			t := args[0].Type
			if t.Kind == types.Null {
				t = types.TInteger
			}
			zero := vec.New(t, 1)
			return nullAware(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				for _, i := range sel {
					one := []int32{i}
					switch null := args[0].IsNull(int(i)); {
					case null && toZero:
						zeroAt(out, i)
					case null, !toZero && kernel.CompareValues(args[0], int(i), zero, 0) == 0:
						out.SetNull(int(i))
					default:
						vec.Assign(out, args[0], one)
					}
				}
				return nil
			}, t)), nil
		},
	}
}

func zeroAt(out *vec.Vector, i int32) {
	switch out.Phys() {
	case types.PI32:
		vec.Values[int32](out)[i] = 0
	case types.PI64:
		vec.Values[int64](out)[i] = 0
	case types.PI128:
		vec.Values[vec.Int128](out)[i] = vec.Int128{}
	case types.PF64:
		vec.Values[float64](out)[i] = 0
	}
}

var (
	zeroIfNull = zeroNull("zeroifnull", "The number, 0 for NULL.", true, "zeroifnull(NULL)", "0", "zeroifnull(2.5)", "2.5")
	nullIfZero = zeroNull("nullifzero", "The number, NULL for 0.", false, "nullifzero(0)", "NULL", "nullifzero(2)", "2")
)
