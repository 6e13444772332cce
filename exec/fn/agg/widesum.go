package agg

import (
	"math"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// wideSum adds integers or unscaled decimals exactly: per group a 64-bit sum and, once any has overflowed, how often. The sum
// is top·2^128 + hi·2^64 + lo.
type wideSum struct {
	lo, hi, top []int64 // hi and top are nil until they are needed
}

func (s *wideSum) grow(n int) {
	s.lo = grow(s.lo, n)
	if s.hi != nil {
		s.hi = grow(s.hi, n)
	}
	if s.top != nil {
		s.top = grow(s.top, n)
	}
}

func (s *wideSum) size() int { return 8 * (cap(s.lo) + cap(s.hi) + cap(s.top)) }

// carry notes that lo[g] has passed 64 bits when x was added.
func (s *wideSum) carry(g int32, x int64) {
	if x < 0 {
		s.addHigh(g, -1)
	} else {
		s.addHigh(g, 1)
	}
}

// addHigh adds x·2^64.
func (s *wideSum) addHigh(g int32, x int64) {
	if s.hi == nil {
		s.hi = make([]int64, len(s.lo), cap(s.lo))
	}
	a := s.hi[g]
	r := a + x
	s.hi[g] = r
	if (a^r)&(x^r) < 0 {
		if s.top == nil {
			s.top = make([]int64, len(s.lo), cap(s.lo))
		}
		s.top[g] += 1 - 2*int64(uint64(x)>>63)
	}
}

// fits tells whether the sum of group g has at most 127 bits and a sign.
func (s *wideSum) fits(g int) bool {
	_, top := s.parts(g)
	return top == 0
}

func (s *wideSum) add(g int32, x int64) {
	a := s.lo[g]
	r := a + x
	s.lo[g] = r
	if (a^r)&(x^r) < 0 {
		s.carry(g, x)
	}
}

// addWide adds x.
func (s *wideSum) addWide(g int32, x vec.Int128) {
	lo, hi := int64(x.Lo), x.Hi
	if lo < 0 { // the low word counts as signed
		if hi == math.MaxInt64 {
			s.addHigh(g, 1)
		} else {
			hi++
		}
	}
	s.add(g, lo)
	if hi != 0 {
		s.addHigh(g, hi)
	}
}

// total gives the sum of group g, if it fits.
func (s *wideSum) total(g int) vec.Int128 {
	x, _ := s.parts(g)
	return x
}

// parts gives the sum of group g as top·2^128 + x.
func (s *wideSum) parts(g int) (x vec.Int128, top int64) {
	x = kernel.I128(s.lo[g])
	if s.hi == nil {
		return x, 0
	}
	a, b := x.Hi, s.hi[g]
	x.Hi = a + b
	if (a^x.Hi)&(b^x.Hi) < 0 {
		top = 1 - 2*int64(uint64(b)>>63)
	}
	if s.top != nil {
		top += s.top[g]
	}
	return x, top
}

// float gives the sum of group g, of values at a scale, as a DOUBLE.
func (s *wideSum) float(g, scale int) float64 {
	x, top := s.parts(g)
	f := kernel.Float128(x, scale)
	if top != 0 {
		f += math.Ldexp(float64(top), 128) / math.Pow10(scale)
	}
	return f
}

// update adds the rows sel of v to groups.
func (s *wideSum) update(groups []int32, v *vec.Vector, sel []int32) {
	switch v.Phys() {
	case types.PBool:
		c := vec.ColOf[uint8](v)
		for k, i := range sel {
			s.add(groups[k], int64(c.At(i)))
		}
	case types.PI32:
		if v.Form == vec.Flat {
			sumFlat(s, groups, vec.Values[int32](v), sel)
		} else {
			sumConst(s, groups, int64(vec.Values[int32](v)[0]))
		}
	case types.PI64:
		if v.Form == vec.Flat {
			sumFlat(s, groups, vec.Values[int64](v), sel)
		} else {
			sumConst(s, groups, vec.Values[int64](v)[0])
		}
	default:
		c := vec.ColOf[vec.Int128](v)
		for k, i := range sel {
			s.addWide(groups[k], c.At(i))
		}
	}
}

func sumConst(s *wideSum, groups []int32, x int64) {
	if single(groups) {
		s.addWide(0, kernel.MulInt64(x, int64(len(groups))))
		return
	}
	for _, g := range groups {
		s.add(g, x)
	}
}

func sumFlat[T int32 | int64](s *wideSum, groups []int32, vals []T, sel []int32) {
	if !single(groups) {
		lo := s.lo
		for k, i := range sel {
			g, x := groups[k], int64(vals[i])
			a := lo[g]
			r := a + x
			lo[g] = r
			if (a^r)&(x^r) < 0 {
				s.carry(g, x)
			}
		}
		return
	}
	if len(sel) == len(vals) { // in any order: all rows
		s.addWide(0, sumAll(vals))
		return
	}
	var sum int64
	var or int64
	for _, i := range sel {
		x := int64(vals[i])
		or |= x ^ x>>63
		sum += x
	}
	if bits.Len64(uint64(or))+bits.Len(uint(len(sel))) < 64 {
		s.add(0, sum)
		return
	}
	for _, i := range sel {
		s.add(0, int64(vals[i]))
	}
}

// sumAll adds up vals: in 64 bits where their magnitudes show that nothing overflows.
func sumAll[T int32 | int64](vals []T) vec.Int128 {
	var a, b, c, d int64
	var or int64
	n := len(vals) &^ 3
	for i := 0; i < n; i += 4 {
		v := vals[i : i+4 : i+4]
		p, q, r, s := int64(v[0]), int64(v[1]), int64(v[2]), int64(v[3])
		or |= (p ^ p>>63) | (q ^ q>>63) | (r ^ r>>63) | (s ^ s>>63)
		a += p
		b += q
		c += r
		d += s
	}
	for _, x := range vals[n:] {
		p := int64(x)
		or |= p ^ p>>63
		a += p
	}
	if bits.Len64(uint64(or))+bits.Len(uint(len(vals))) < 64 {
		return kernel.I128(a + b + c + d)
	}
	var sum vec.Int128
	for _, x := range vals {
		sum, _ = kernel.Add128(sum, kernel.I128(int64(x)))
	}
	return sum
}

func (s *wideSum) merge(from *wideSum, src, dst []int32) {
	for k, g := range src {
		x, top := from.parts(int(g))
		s.addWide(dst[k], x)
		if top != 0 {
			if s.top == nil {
				s.top = make([]int64, len(s.lo), cap(s.lo))
			}
			s.top[dst[k]] += top
		}
	}
}
