package op

import (
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// filter gives what the finished build side knows of key k: conditions for pruning (Col to be filled in), and an exact or
// probable filter for the column at position col of a scan. Both are nil when nothing is known or nothing may be dropped.
func (j *JoinBuild) filter(k, col int) ([]storage.Pred, *storage.Refine) {
	if !j.done || !j.dropsProbe() || j.nullEqual(k) || j.n == 0 {
		return nil, nil
	}
	v := j.keys[k]
	switch v.Phys() {
	case types.PI32, types.PI64:
	default:
		return nil, nil
	}
	w := packCol{}
	w.widen(v, vec.Identity(j.n))
	if !w.any {
		return nil, nil
	}
	prune := []storage.Pred{{Op: storage.Ge, Values: []storage.Bound{{I: w.lo}}}, {Op: storage.Le, Values: []storage.Bound{{I: w.hi}}}}
	span := uint64(w.hi) - uint64(w.lo)
	var f keyFilter
	switch {
	case span < max(1<<16, 64*uint64(j.n)):
		f = keyFilter{lo: w.lo, span: span, words: make([]uint64, span>>6+1)}
		for i := range j.n {
			if !v.IsNull(i) {
				d := uint64(intAt(v, int32(i)) - w.lo)
				f.words[d>>6] |= 1 << (d & 63)
			}
		}
	default:
		f = keyFilter{lo: w.lo, span: span, words: make([]uint64, slotsFor(j.n)/8+8), bloom: true}
		f.words = f.words[:1<<(bits.Len(uint(len(f.words)))-1)]
		f.shift = uint(64 - bits.Len(uint(len(f.words)-1)))
		for i := range j.n {
			if !v.IsNull(i) {
				h := key.HashInt(intAt(v, int32(i)))
				f.words[h>>f.shift] |= bloomBits(h)
			}
		}
	}
	return prune, &storage.Refine{Columns: []int{col}, New: func() func(b *vec.Batch, sel []int32) ([]int32, error) {
		r := refiner{f: &f}
		return func(b *vec.Batch, sel []int32) ([]int32, error) { return r.narrow(b.Cols[col], sel), nil }
	}}
}

// keyFilter is a set of integers: a bitmap from lo on, or a Bloom filter of two bits in one word.
type keyFilter struct {
	lo    int64
	span  uint64
	words []uint64
	bloom bool
	shift uint
}

func bloomBits(h uint64) uint64 { return 1<<(h&63) | 1<<(h>>6&63) }

// refiner narrows selections by a keyFilter, and gives up when hardly anything is dropped.
type refiner struct {
	f       *keyFilter
	in, out int
	off     bool
	flat    vec.Vector
}

func (r *refiner) narrow(v *vec.Vector, sel []int32) []int32 {
	if r.off || len(sel) == 0 {
		return sel
	}
	if v.Form != vec.Flat {
		vec.Flatten(&r.flat, v, sel)
		v = &r.flat
	}
	before := len(sel)
	if v.Valid != nil {
		sel = notNull(sel, v, sel)
	}
	if v.Phys() == types.PI32 {
		sel = narrowInts[int32](r.f, vec.Values[int32](v), sel)
	} else {
		sel = narrowInts[int64](r.f, vec.Values[int64](v), sel)
	}
	r.in, r.out = r.in+before, r.out+len(sel)
	if r.in >= 1<<16 {
		r.off = r.out > r.in-r.in/8
		r.in, r.out = 0, 0
	}
	return sel
}

func narrowInts[T int32 | int64](f *keyFilter, vals []T, sel []int32) []int32 {
	n := 0
	words, lo, span := f.words, uint64(f.lo), f.span
	if f.bloom {
		for _, i := range sel {
			x := uint64(int64(vals[i]))
			h := key.HashInt(int64(x))
			want := bloomBits(h)
			sel[n] = i
			if x-lo <= span && words[h>>f.shift]&want == want {
				n++
			}
		}
		return sel[:n]
	}
	for _, i := range sel {
		d := min(uint64(int64(vals[i]))-lo, span+1)
		sel[n] = i
		if d <= span && words[d>>6]>>(d&63)&1 != 0 {
			n++
		}
	}
	return sel[:n]
}
