package agg

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var approxCountDistinct = &fn.Function{
	Name: "approx_count_distinct", Aliases: []string{"approx_distinct"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "About how many different values there are (HyperLogLog, exact up to 16, then within some 2 percent).",
	Signatures: []string{"approx_count_distinct(any) → BIGINT"}, Examples: tex("approx_count_distinct(x) FROM (VALUES (1), (2), (2)) t(x)", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 2 {
			return nil, nil
		}
		o := same(args, types.TBigInt, func([]fn.Arg) fn.Accumulator { return &hll{} })
		o.IgnoresDuplicates = true
		return o, nil
	},
}

const (
	hllBits  = 11
	hllSize  = 1 << hllBits
	hllExact = 16 // hashes that a group keeps before it takes registers
)

// hll counts distinct hashes: a few of them as they are, then HyperLogLog registers.
type hll struct {
	few  [][hllExact]uint64
	n    []uint8 // hashes in few; hllExact+1: registers
	at   []int32 // the group's registers, in blocks of hllSize
	regs []uint8
	buf  []byte
}

func (a *hll) Grow(n int) { a.few, a.n, a.at = grow(a.few, n), grow(a.n, n), grow(a.at, n) }

func (a *hll) Size() int { return (8*hllExact+5)*cap(a.n) + cap(a.regs) }

func (a *hll) add(g int32, h uint64) {
	n := a.n[g]
	if n <= hllExact {
		few := &a.few[g]
		for _, x := range few[:n] {
			if x == h {
				return
			}
		}
		if n < hllExact {
			few[n] = h
			a.n[g]++
			return
		}
		a.n[g] = hllExact + 1
		a.at[g] = int32(len(a.regs) / hllSize)
		a.regs = append(a.regs, make([]uint8, hllSize)...)
		for _, x := range few {
			a.register(g, x)
		}
	}
	a.register(g, h)
}

func (a *hll) register(g int32, h uint64) {
	r := &a.regs[int(a.at[g])*hllSize+int(h>>(64-hllBits))]
	*r = max(*r, uint8(bits.LeadingZeros64(h<<hllBits|1<<(hllBits-1))+1))
}

func stir(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

func hashText(b []byte) uint64 {
	h := uint64(len(b)) * 0x9E3779B97F4A7C15
	for len(b) >= 8 {
		h = stir(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var tail [8]byte
	copy(tail[:], b)
	return stir(h ^ binary.LittleEndian.Uint64(tail[:]) ^ 0x5bd1e995)
}

func (a *hll) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	v := args[0]
	switch v.Phys() {
	case types.PView:
		s := vec.StrsOf(v)
		for k, i := range sel {
			a.add(groups[k], hashText(s.At(i)))
		}
	case types.PF64:
		c := vec.ColOf[float64](v)
		for k, i := range sel {
			a.add(groups[k], stir(uint64(kernel.FloatKey(c.At(i)))+1))
		}
	case types.PBool, types.PI32, types.PI64, types.PI128:
		for k, i := range sel {
			f, j := v.At(int(i))
			x := kernel.Int128At(f, j)
			a.add(groups[k], stir(x.Lo^bits.RotateLeft64(uint64(x.Hi^int64(x.Lo)>>63), 17)+1))
		}
	default:
		for k, i := range sel {
			f, j := v.At(int(i))
			a.buf = kernel.AppendText(a.buf[:0], f, j)
			a.add(groups[k], hashText(a.buf))
		}
	}
	return nil
}

func (a *hll) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*hll)
	for k, g := range src {
		if f.n[g] <= hllExact {
			for _, h := range f.few[g][:f.n[g]] {
				a.add(dst[k], h)
			}
			continue
		}
		h := dst[k]
		if a.n[h] <= hllExact {
			few := a.few[h][:a.n[h]]
			a.n[h], a.at[h] = hllExact+1, int32(len(a.regs)/hllSize)
			a.regs = append(a.regs, make([]uint8, hllSize)...)
			for _, x := range few {
				a.register(h, x)
			}
		}
		to, with := a.regs[int(a.at[h])*hllSize:][:hllSize], f.regs[int(f.at[g])*hllSize:][:hllSize]
		for i := range to {
			to[i] = max(to[i], with[i])
		}
	}
	return nil
}

func (a *hll) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[int64](out)
	for i := range hi - lo {
		g := lo + i
		if a.n[g] <= hllExact {
			dst[i] = int64(a.n[g])
			continue
		}
		sum, zeros := 0.0, 0
		for _, r := range a.regs[int(a.at[g])*hllSize:][:hllSize] {
			sum += 1 / float64(uint64(1)<<r)
			if r == 0 {
				zeros++
			}
		}
		const m = float64(hllSize)
		e := 0.7213 / (1 + 1.079/m) * m * m / sum
		if e <= 2.5*m && zeros > 0 {
			e = m * math.Log(m/float64(zeros))
		}
		dst[i] = int64(math.Round(e))
	}
	return nil
}
