package kernel

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// castNumber finds the conversion between two numeric types.
func castNumber(from, to types.Type) (castFunc, bool) {
	fromF, toF := from.Phys() == types.PF64, to.Phys() == types.PF64
	switch {
	case fromF && toF:
		if to.Kind == types.Real && from.Kind == types.Double {
			return castDoubleToReal, true
		}
		return castSame, false
	case toF:
		return castExactToFloat, false
	case fromF:
		return castFloatToExact, true
	}
	c, _ := types.Common(from, to)
	widens := c.Kind == to.Kind && (to.Kind != types.Decimal || to.S >= from.S && int(to.P)-int(to.S) >= int(types.AsDecimal(from).P)-int(from.S))
	if widens && to.Kind != types.Decimal || to.Kind == types.BigInt && from.Kind == types.UInteger {
		switch {
		case from.Phys() == to.Phys():
			return castSame, false
		case from.Phys() == types.PI32 && to.Phys() == types.PI64:
			return castI32ToI64, false
		}
	}
	if widens && to.Phys() == types.PI64 && (from.Phys() == types.PI64 || from.Phys() == types.PI32) {
		return castToDecimal64, false
	}
	return castExact, !widens
}

func castI32ToI64(_ *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	dst := vec.Values[int64](out)
	if src.Form == vec.Flat && len(sel) == len(dst) {
		for i, x := range vec.Values[int32](src)[:len(dst)] {
			dst[i] = int64(x)
		}
		return nil
	}
	in := vec.ColOf[int32](src)
	for _, i := range sel {
		dst[i] = int64(in.At(i))
	}
	return nil
}

// castToDecimal64 scales up where it is known that the result fits 18 digits.
func castToDecimal64(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	dst, f := vec.Values[int64](out), Pow10i64(int(c.to.S-c.from.S))
	if src.Phys() == types.PI32 {
		in := vec.ColOf[int32](src)
		for _, i := range sel {
			dst[i] = int64(in.At(i)) * f
		}
		return nil
	}
	in := vec.ColOf[int64](src)
	for _, i := range sel {
		dst[i] = in.At(i) * f
	}
	return nil
}

// castExact converts between any integers and decimals by way of 128 bits, rounding half away from zero.
func castExact(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	for _, i := range sel {
		f, k := src.At(int(i))
		x, ok := Rescale128(Int128At(f, k), int(c.from.S), int(c.to.S))
		if !ok || !store128(out, i, x, c.to) {
			if err := c.fail(src, i, out, "out of range"); err != nil {
				return err
			}
		}
	}
	return nil
}

func castExactToFloat(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	dst, real := vec.Values[float64](out), c.to.Kind == types.Real
	switch {
	case src.Phys() == types.PI32:
		in := vec.ColOf[int32](src)
		for _, i := range sel {
			dst[i] = float64(in.At(i))
		}
	case src.Phys() == types.PI64 && c.from.S == 0:
		in := vec.ColOf[int64](src)
		for _, i := range sel {
			dst[i] = float64(in.At(i))
		}
	case src.Phys() == types.PI64:
		in, s := vec.ColOf[int64](src), int(c.from.S)
		for _, i := range sel {
			dst[i] = Float128(I128(in.At(i)), s)
		}
	default:
		in, s := vec.ColOf[vec.Int128](src), int(c.from.S)
		for _, i := range sel {
			dst[i] = Float128(in.At(i), s)
		}
	}
	if real {
		for _, i := range sel {
			dst[i] = float64(float32(dst[i]))
		}
	}
	return nil
}

func castFloatToExact(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in := vec.ColOf[float64](src)
	for _, i := range sel {
		f := in.At(i)
		if c.to.Kind != types.Decimal {
			f = math.RoundToEven(f)
		}
		x, ok := FromFloat128(f, int(c.to.S))
		if !ok || !store128(out, i, x, c.to) {
			if err := c.fail(src, i, out, "out of range"); err != nil {
				return err
			}
		}
	}
	return nil
}

func castDoubleToReal(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in, dst := vec.ColOf[float64](src), vec.Values[float64](out)
	for _, i := range sel {
		x := in.At(i)
		dst[i] = float64(float32(x))
		if math.IsInf(dst[i], 0) && !math.IsInf(x, 0) {
			if err := c.fail(src, i, out, "out of range"); err != nil {
				return err
			}
		}
	}
	return nil
}
