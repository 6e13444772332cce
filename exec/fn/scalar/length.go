package scalar

import (
	"encoding/binary"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var length = &fn.Function{
	Name: "length", Aliases: []string{"char_length", "character_length", "len"}, Category: "string",
	Doc:        "The number of characters of a text, of bytes of a BINARY, of elements of an array or map.",
	Signatures: []string{"length(text) → BIGINT", "length(array) → BIGINT"},
	Examples:   tex("length('äbc')", "3", "length('')", "0", "length([1, 2])", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 || args[0].Type.Kind == types.Struct {
			return nil, nil
		}
		switch t := args[0].Type; {
		case t.Kind == types.Array || t.Kind == types.Map:
			return sig(types.TBigInt, listLength, t), nil
		case t.Kind == types.Binary || t.Kind == types.Bit:
			return sig(types.TBigInt, ofStr(func(b []byte) int64 { return int64(len(b)) }), t), nil
		}
		return anyText(args, types.TBigInt, ofStr(func(b []byte) int64 { return int64(runeCount(b)) })), nil
	},
}

var octetLength = &fn.Function{
	Name: "octet_length", Aliases: []string{"strlen", "byte_length"}, Category: "string", Doc: "The number of bytes of a text.",
	Examples: tex("octet_length('äbc')", "4"),
	Overloads: []*fn.Overload{
		sig(types.TBigInt, ofStr(func(b []byte) int64 { return int64(len(b)) }), types.TVarchar),
		sig(types.TBigInt, ofStr(func(b []byte) int64 { return int64(len(b)) }), types.TBinary),
		bitLengths(func(n int) int64 { return int64(n+7) / 8 }),
	},
}

var bitLength = &fn.Function{
	Name: "bit_length", Category: "string", Doc: "The number of bits of a text.",
	Examples:  tex("bit_length('abc')", "24"),
	Overloads: []*fn.Overload{sig(types.TBigInt, ofStr(func(b []byte) int64 { return 8 * int64(len(b)) }), types.TVarchar), bitLengths(func(n int) int64 { return int64(n) })},
}

func listLength(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	dst := vec.Values[int64](out)
	for _, i := range sel {
		dst[i] = int64(listAt(args[0], i).n)
	}
	return nil
}

// runeCount counts the code points of UTF-8 text: the bytes that continue none, eight at a time.
func runeCount(b []byte) int {
	n := len(b)
	for len(b) >= 8 {
		n -= continuing(binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		n -= continuing(binary.LittleEndian.Uint64(tail[:]))
	}
	return n
}

// continuing counts the bytes of the form 10xxxxxx.
func continuing(w uint64) int {
	return bits.OnesCount64(w >> 7 &^ (w >> 6) & 0x0101010101010101)
}

// runeOffset gives where the code point number k of b begins, at most len(b).
func runeOffset(b []byte, k int) int {
	at := 0
	for k >= 8 && at+8 <= len(b) && binary.LittleEndian.Uint64(b[at:])&0x8080808080808080 == 0 {
		at += 8
		k -= 8
	}
	for ; at < len(b); at++ {
		if b[at]&0xC0 != 0x80 {
			if k == 0 {
				return at
			}
			k--
		}
	}
	return len(b)
}
