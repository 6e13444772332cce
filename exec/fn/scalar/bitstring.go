package scalar

import (
	"bytes"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// Functions of BIT, whose values are texts of 0 and 1.

// maxBits bounds what bitstring makes.
const maxBits = 1 << 26

var bitstring = &fn.Function{
	Name: "bitstring", Category: "bit", Doc: "The bits with zeros in front, so that there are n; without n as they are.",
	Examples: tex("bitstring('101', 6)", "000101", "bitstring('101'::BIT, 4)", "0101"),
	Overloads: []*fn.Overload{
		failing(sig(types.TBit, padBits, types.TBit, types.TInteger)),
		failing(sig(types.TBit, padText, types.TVarchar, types.TInteger)),
	},
}

func padBits(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	s, n := vec.StrsOf(args[0]), vec.ColOf[int32](args[1])
	var buf []byte
	for _, i := range sel {
		b, want := s.At(i), int(n.At(i))
		if want < len(b) || want < 1 || want > maxBits {
			return dataErr("bitstring: %d bits cannot be made %d", len(b), want)
		}
		buf = append(append(buf[:0], bytes.Repeat([]byte{'0'}, want-len(b))...), b...)
		out.SetBytes(int(i), buf)
	}
	return nil
}

func padText(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	s := vec.StrsOf(args[0])
	for _, i := range sel {
		if len(bytes.Trim(s.At(i), "01")) > 0 || len(s.At(i)) == 0 {
			return dataErr("bitstring: '%s' is not made of 0 and 1", s.At(i))
		}
	}
	return padBits(c, args, sel, n, out)
}

var getBit = &fn.Function{
	Name: "get_bit", Category: "bit", Doc: "The bit at a place, counted from 0 at the left.", Examples: tex("get_bit('0100'::BIT, 1)", "1"),
	Overloads: []*fn.Overload{failing(sig(types.TInteger, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s, n, dst := vec.StrsOf(args[0]), vec.ColOf[int32](args[1]), vec.Values[int32](out)
		for _, i := range sel {
			at, err := bitPlace(s.At(i), n.At(i))
			if err != nil {
				return err
			}
			dst[i] = int32(s.At(i)[at] - '0')
		}
		return nil
	}, types.TBit, types.TInteger))},
}

func bitPlace(b []byte, n int32) (int, error) {
	if n < 0 || int(n) >= len(b) {
		return 0, dataErr("there is no bit %d: they are counted from 0 to %d", n, len(b)-1)
	}
	return int(n), nil
}

var setBit = &fn.Function{
	Name: "set_bit", Category: "bit", Doc: "The bits with the one at a place, counted from 0 at the left, changed to 0 or 1.", Examples: tex("set_bit('0100'::BIT, 0, 1)", "1100"),
	Overloads: []*fn.Overload{failing(sig(types.TBit, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s, n, v := vec.StrsOf(args[0]), vec.ColOf[int32](args[1]), vec.ColOf[int32](args[2])
		var buf []byte
		for _, i := range sel {
			at, err := bitPlace(s.At(i), n.At(i))
			if err != nil {
				return err
			}
			if v.At(i) != 0 && v.At(i) != 1 {
				return dataErr("set_bit: a bit is 0 or 1, not %d", v.At(i))
			}
			buf = append(buf[:0], s.At(i)...)
			buf[at] = '0' + byte(v.At(i))
			out.SetBytes(int(i), buf)
		}
		return nil
	}, types.TBit, types.TInteger, types.TInteger))},
}

var bitPosition = &fn.Function{
	Name: "bit_position", Category: "bit", Doc: "Where the first bits begin in the second, counted from 1; 0 if they do not.", Examples: tex("bit_position('010'::BIT, '1110101'::BIT)", "4"),
	Overloads: []*fn.Overload{sig(types.TInteger, ofStr2(func(a, b []byte) int32 { return int32(bytes.Index(b, a) + 1) }), types.TBit, types.TBit)},
}

// bitwise is an operator on two bit strings of one length.
func bitwise(name string, f func(a, b byte) byte) *fn.Overload {
	return failing(sig(types.TBit, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b := vec.StrsOf(args[0]), vec.StrsOf(args[1])
		var buf []byte
		for _, i := range sel {
			x, y := a.At(i), b.At(i)
			if len(x) != len(y) {
				return dataErr("%s of %d and %d bits: there must be as many of each", name, len(x), len(y))
			}
			buf = buf[:0]
			for k := range x {
				buf = append(buf, '0'+f(x[k]&1, y[k]&1))
			}
			out.SetBytes(int(i), buf)
		}
		return nil
	}, types.TBit, types.TBit))
}

var notBits = sig(types.TBit, strTo(func(dst, s []byte) []byte {
	for _, c := range s {
		dst = append(dst, c^1)
	}
	return dst
}), types.TBit)

// shiftBits moves bits by n places to the left; the string keeps its length.
func shiftBits(left bool) *fn.Overload {
	return failing(sig(types.TBit, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s, n := vec.StrsOf(args[0]), vec.ColOf[int32](args[1])
		var buf []byte
		for _, i := range sel {
			b, by := s.At(i), int(n.At(i))
			if by < 0 {
				return dataErr("bits cannot be shifted by %d places", by)
			}
			by = min(by, len(b))
			zeros := bytes.Repeat([]byte{'0'}, by)
			if left {
				buf = append(append(buf[:0], b[by:]...), zeros...)
			} else {
				buf = append(append(buf[:0], zeros...), b[:len(b)-by]...)
			}
			out.SetBytes(int(i), buf)
		}
		return nil
	}, types.TBit, types.TInteger))
}

// bitLengths counts the bits.
func bitLengths(f func(n int) int64) *fn.Overload {
	return sig(types.TBigInt, ofStr(func(b []byte) int64 { return f(len(b)) }), types.TBit)
}

var countBits = sig(types.TInteger, ofStr(func(b []byte) int32 { return int32(bytes.Count(b, []byte{'1'})) }), types.TBit)
