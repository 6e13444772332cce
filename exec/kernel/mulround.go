package kernel

import (
	"math/big"

	"github.com/skep-sql/skep/exec/vec"
)

// mulRound gives a×b ÷ 10^cut, rounded half away from zero, by big integers.
func mulRound(a, b vec.Int128, cut int) (vec.Int128, bool) {
	p := new(big.Int).Mul(Big128(a), Big128(b))
	return FromBig(divRoundBig(p, big10(cut)))
}

// addRound gives a ± b, at scales as and bs, at scale s, rounded half away from zero, by big integers.
func addRound(op ArithOp, a vec.Int128, as int, b vec.Int128, bs, s int) (vec.Int128, bool) {
	exact := max(as, bs)
	x := new(big.Int).Mul(Big128(a), big10(exact-as))
	y := new(big.Int).Mul(Big128(b), big10(exact-bs))
	if op == Sub {
		y.Neg(y)
	}
	return FromBig(divRoundBig(x.Add(x, y), big10(exact-s)))
}

// MulDivRound gives a × 10^up ÷ b rounded half away from zero, and whether it fits 38 digits. b is not zero.
func MulDivRound(a vec.Int128, up int, b vec.Int128) (vec.Int128, bool) {
	if up <= 38 {
		if p, ok := Mul128(a, pow10[up]); ok {
			return DivRound128(p, b), true
		}
	}
	return FromBig(divRoundBig(new(big.Int).Mul(Big128(a), big10(up)), Big128(b)))
}

func big10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func divRoundBig(a, b *big.Int) *big.Int {
	m := new(big.Int)
	q, _ := new(big.Int).QuoRem(a, b, m)
	if m.Abs(m).Lsh(m, 1).CmpAbs(b) >= 0 {
		if a.Sign() == b.Sign() {
			return q.Add(q, big.NewInt(1))
		}
		return q.Sub(q, big.NewInt(1))
	}
	return q
}
