package kernel

import (
	"encoding/binary"
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// bitWidth is the number of bits of a type's values; 0 for those that are not cast to and from BIT.
func bitWidth(t types.Type) int {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.UTinyInt:
		return 8
	case types.SmallInt, types.USmallInt:
		return 16
	case types.Integer, types.UInteger, types.Real:
		return 32
	case types.BigInt, types.UBigInt, types.Double:
		return 64
	case types.Decimal:
		if t.S == 0 && t.Phys() == types.PI128 {
			return 128
		}
	}
	return 0
}

// castBits finds the conversions between BIT and numbers or bytes.
func castBits(from, to types.Type) (castFunc, bool) {
	switch {
	case from.Kind == types.Binary:
		return bytesToBits, true
	case to.Kind == types.Binary:
		return bitsToBytes, false
	case to.Kind == types.Bit && bitWidth(from) > 0:
		return numberToBits(bitWidth(from)), false
	case from.Kind == types.Bit && bitWidth(to) > 0:
		return bitsToNumber(bitWidth(to)), true
	}
	return nil, false
}

func appendBits(b []byte, x uint64, n int) []byte {
	for n--; n >= 0; n-- {
		b = append(b, '0'+byte(x>>n&1))
	}
	return b
}

func bytesToBits(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in := vec.StrsOf(src)
	for _, i := range sel {
		s := in.At(i)
		if len(s) == 0 {
			if err := c.fail(src, i, out, "it has no bits"); err != nil {
				return err
			}
			continue
		}
		c.buf = c.buf[:0]
		for _, x := range s {
			c.buf = appendBits(c.buf, uint64(x), 8)
		}
		out.SetBytes(int(i), c.buf)
	}
	return nil
}

// bitsToBytes puts zeros in front of what is no whole byte.
func bitsToBytes(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in := vec.StrsOf(src)
	for _, i := range sel {
		s := in.At(i)
		c.buf = c.buf[:0]
		x, n := byte(0), (8-len(s)%8)%8
		for _, b := range s {
			x = x<<1 | b&1
			if n++; n == 8 {
				c.buf = append(c.buf, x)
				x, n = 0, 0
			}
		}
		out.SetBytes(int(i), c.buf)
	}
	return nil
}

func numberToBits(width int) castFunc {
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		for _, i := range sel {
			f, k := src.At(int(i))
			var x vec.Int128
			switch {
			case c.from.Kind == types.Real:
				x.Lo = uint64(math.Float32bits(float32(vec.Values[float64](f)[k])))
			case c.from.Kind == types.Double:
				x.Lo = math.Float64bits(vec.Values[float64](f)[k])
			default:
				x = Int128At(f, k)
			}
			c.buf = c.buf[:0]
			if width == 128 {
				c.buf = appendBits(c.buf, uint64(x.Hi), 64)
			}
			out.SetBytes(int(i), appendBits(c.buf, x.Lo, min(width, 64)))
		}
		return nil
	}
}

func bitsToNumber(width int) castFunc {
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		in := vec.StrsOf(src)
		for _, i := range sel {
			s := in.At(i)
			if len(s) > width || !storeBits(c.to, s, width, out, i) {
				if err := c.fail(src, i, out, "it has too many bits"); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// storeBits writes bits as a number and tells whether it fits.
func storeBits(t types.Type, s []byte, width int, out *vec.Vector, i int32) bool {
	var raw [16]byte
	for k := range s {
		at := len(s) - 1 - k
		raw[15-k/8] |= (s[at] & 1) << (k % 8)
	}
	x := vec.Int128{Hi: int64(binary.BigEndian.Uint64(raw[:8])), Lo: binary.BigEndian.Uint64(raw[8:])}
	switch {
	case t.Kind == types.Boolean:
		vec.Values[uint8](out)[i] = b2u(x.Lo != 0)
		return true
	case t.Kind == types.Real:
		vec.Values[float64](out)[i] = float64(math.Float32frombits(uint32(x.Lo)))
		return true
	case t.Kind == types.Double:
		vec.Values[float64](out)[i] = math.Float64frombits(x.Lo)
		return true
	case t.Kind != types.Decimal && t.Kind < types.UTinyInt && len(s) == width && s[0] == '1': // negative
		x = I128(int64(x.Lo<<(64-width)) >> (64 - width))
	}
	return store128(out, i, x, t)
}

// parseBits reads a text of 0 and 1, or hexadecimal digits behind an x.
func parseBits(b []byte) (bits []byte, ok bool) {
	if len(b) == 0 {
		return []byte{'0'}, true
	}
	if b[0]|0x20 == 'x' && len(b) > 1 {
		for _, c := range b[1:] {
			n, ok := hexDigit(c)
			if !ok {
				return nil, false
			}
			bits = appendBits(bits, uint64(n), 4)
		}
		return bits, true
	}
	for _, c := range b {
		if c != '0' && c != '1' {
			return nil, false
		}
	}
	return b, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return (c | 0x20) - 'a' + 10, true
	}
	return 0, false
}
