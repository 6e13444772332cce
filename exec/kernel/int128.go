package kernel

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// I128 widens an int64.
func I128(x int64) vec.Int128 { return vec.Int128{Lo: uint64(x), Hi: x >> 63} }

// IsInt64 tells whether x fits an int64.
func IsInt64(x vec.Int128) bool { return x.Hi == int64(x.Lo)>>63 }

// Add128 gives a+b and whether it fits.
func Add128(a, b vec.Int128) (vec.Int128, bool) {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), c)
	r := vec.Int128{Lo: lo, Hi: int64(hi)}
	return r, (a.Hi^r.Hi)&(b.Hi^r.Hi) >= 0
}

// Neg128 gives -a (of the smallest value: itself).
func Neg128(a vec.Int128) vec.Int128 {
	lo, b := bits.Sub64(0, a.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.Hi), b)
	return vec.Int128{Lo: lo, Hi: int64(hi)}
}

// Sub128 gives a-b and whether it fits.
func Sub128(a, b vec.Int128) (vec.Int128, bool) {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(uint64(a.Hi), uint64(b.Hi), c)
	r := vec.Int128{Lo: lo, Hi: int64(hi)}
	return r, (a.Hi^b.Hi)&(a.Hi^r.Hi) >= 0
}

// abs128 gives the magnitude as two words and the sign.
func abs128(a vec.Int128) (hi, lo uint64, neg bool) {
	if a.Hi < 0 {
		n := Neg128(a)
		return uint64(n.Hi), n.Lo, true
	}
	return uint64(a.Hi), a.Lo, false
}

// Mul128 gives a*b and whether it fits.
func Mul128(a, b vec.Int128) (vec.Int128, bool) {
	if IsInt64(a) && IsInt64(b) {
		return MulInt64(int64(a.Lo), int64(b.Lo)), true
	}
	ah, al, an := abs128(a)
	bh, bl, bn := abs128(b)
	if ah != 0 && bh != 0 {
		return vec.Int128{}, false
	}
	hi, lo := bits.Mul64(al, bl)
	o1, c1 := bits.Mul64(ah, bl)
	o2, c2 := bits.Mul64(al, bh)
	hi, k1 := bits.Add64(hi, c1, 0)
	hi, k2 := bits.Add64(hi, c2, 0)
	if o1|o2|k1|k2 != 0 || hi>>63 != 0 {
		return vec.Int128{}, false
	}
	r := vec.Int128{Lo: lo, Hi: int64(hi)}
	if an != bn {
		r = Neg128(r)
	}
	return r, true
}

// MulInt64 gives the whole product of two int64.
func MulInt64(a, b int64) vec.Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi) - (a>>63)&b - (b>>63)&a
	return vec.Int128{Lo: lo, Hi: h}
}

// Cmp128 orders a and b.
func Cmp128(a, b vec.Int128) int {
	switch {
	case a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// QuoRem128 gives the quotient, cut towards zero, and the remainder, which has the sign of a. b is not zero.
func QuoRem128(a, b vec.Int128) (q, r vec.Int128) {
	ah, al, an := abs128(a)
	bh, bl, bn := abs128(b)
	var qh, ql, rh, rl uint64
	if bh == 0 {
		qh, rh = ah/bl, ah%bl
		ql, rl = bits.Div64(rh, al, bl)
		rh = 0
	} else {
		x := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(ah), 64), new(big.Int).SetUint64(al))
		y := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(bh), 64), new(big.Int).SetUint64(bl))
		m := new(big.Int)
		x.QuoRem(x, y, m)
		ql = x.Uint64()
		rl = new(big.Int).And(m, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		rh = new(big.Int).Rsh(m, 64).Uint64()
	}
	q, r = vec.Int128{Lo: ql, Hi: int64(qh)}, vec.Int128{Lo: rl, Hi: int64(rh)}
	if an != bn {
		q = Neg128(q)
	}
	if an {
		r = Neg128(r)
	}
	return q, r
}

// DivRound128 gives a/b rounded half away from zero. b is not zero.
func DivRound128(a, b vec.Int128) vec.Int128 {
	q, r := QuoRem128(a, b)
	rh, rl, _ := abs128(r)
	bh, bl, _ := abs128(b)
	lo, c := bits.Add64(rl, rl, 0)
	hi, _ := bits.Add64(rh, rh, c)
	if hi > bh || hi == bh && lo >= bl {
		one := I128(1)
		if (a.Hi < 0) != (b.Hi < 0) {
			one = I128(-1)
		}
		q, _ = Add128(q, one)
	}
	return q
}

var pow10 = func() (t [39]vec.Int128) {
	t[0] = I128(1)
	for i := 1; i < len(t); i++ {
		t[i], _ = Mul128(t[i-1], I128(10))
	}
	return t
}()

// Pow10 is 10^n for n in 0…38.
func Pow10(n int) vec.Int128 { return pow10[n] }

// Pow10i64 is 10^n for n in 0…18.
func Pow10i64(n int) int64 { return int64(pow10[n].Lo) }

// FitsPrecision tells whether |x| < 10^p.
func FitsPrecision(x vec.Int128, p int) bool {
	h, l, _ := abs128(x)
	if p > types.MaxPrecision { // HUGEINT: all but the number that has no opposite
		return h>>63 == 0
	}
	m := pow10[p]
	return h < uint64(m.Hi) || h == uint64(m.Hi) && l < m.Lo
}

// Rescale128 brings x from scale s to scale t, rounding half away from zero, and tells whether it fits 128 bits.
func Rescale128(x vec.Int128, s, t int) (vec.Int128, bool) {
	switch {
	case t > s:
		return Mul128(x, pow10[min(t-s, 38)])
	case t < s:
		return DivRound128(x, pow10[min(s-t, 38)]), true
	}
	return x, true
}

// Float128 converts x at scale s to the nearest float64.
func Float128(x vec.Int128, s int) float64 {
	if IsInt64(x) {
		if v := int64(x.Lo); s <= 22 && v > -1<<53 && v < 1<<53 {
			return float64(v) / pow10f[s]
		}
	}
	f, _ := new(big.Rat).SetFrac(Big128(x), Big128(pow10[s])).Float64()
	return f
}

var pow10f = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Big128 converts x to a big.Int.
func Big128(x vec.Int128) *big.Int {
	r := new(big.Int).Lsh(big.NewInt(x.Hi), 64)
	return r.Or(r, new(big.Int).SetUint64(x.Lo))
}

// FromFloat128 rounds f·10^s half away from zero, and tells whether the result fits 38 digits.
func FromFloat128(f float64, s int) (vec.Int128, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return vec.Int128{}, false
	}
	if g := math.Abs(f) * math.Pow10(s); g < 1<<52 {
		return I128(int64(math.Round(f * math.Pow10(s)))), true
	}
	r := new(big.Float).SetPrec(256).SetFloat64(f)
	r.Mul(r, new(big.Float).SetPrec(256).SetInt(Big128(pow10[s])))
	half := big.NewFloat(0.5)
	if f < 0 {
		half.Neg(half)
	}
	i, _ := r.Add(r, half).Int(nil)
	return FromBig(i)
}

// FromBig converts i, and tells whether it has at most 38 digits.
func FromBig(i *big.Int) (vec.Int128, bool) {
	if i.BitLen() > 127 {
		return vec.Int128{}, false
	}
	m := new(big.Int).Abs(i)
	lo := new(big.Int).And(m, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	x := vec.Int128{Lo: lo, Hi: int64(new(big.Int).Rsh(m, 64).Uint64())}
	if i.Sign() < 0 {
		x = Neg128(x)
	}
	return x, FitsPrecision(x, 38)
}
