package agg

import (
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// wideSum adds integers or unscaled decimals exactly: per group a 64-bit sum and, once any has overflowed, how often. The sum
// is hi·2^64 + lo.
type wideSum struct {
	lo, hi []int64 // hi is nil until it is needed
}

func (s *wideSum) grow(n int) {
	s.lo = grow(s.lo, n)
	if s.hi != nil {
		s.hi = grow(s.hi, n)
	}
}

func (s *wideSum) size() int { return 8 * (cap(s.lo) + cap(s.hi)) }

// carry notes that lo[g] has passed 64 bits when x was added.
func (s *wideSum) carry(g int32, x int64) {
	if s.hi == nil {
		s.hi = make([]int64, len(s.lo), cap(s.lo))
	}
	if x < 0 {
		s.hi[g]--
	} else {
		s.hi[g]++
	}
}

func (s *wideSum) add(g int32, x int64) {
	a := s.lo[g]
	r := a + x
	s.lo[g] = r
	if (a^r)&(x^r) < 0 {
		s.carry(g, x)
	}
}

// addWide adds x; it never passes 127 bits: 2^63 values of 38 digits are out of reach.
func (s *wideSum) addWide(g int32, x vec.Int128) {
	lo, hi := int64(x.Lo), x.Hi
	if lo < 0 {
		hi++ // the low word counts as signed
	}
	s.add(g, lo)
	if hi != 0 {
		if s.hi == nil {
			s.hi = make([]int64, len(s.lo), cap(s.lo))
		}
		s.hi[g] += hi
	}
}

// total gives the sum of group g.
func (s *wideSum) total(g int) vec.Int128 {
	x := kernel.I128(s.lo[g])
	if s.hi != nil {
		x.Hi += s.hi[g]
	}
	return x
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
		s.addWide(dst[k], from.total(int(g)))
	}
}
