// Package key compares rows: one 64-bit hash with a fixed seed per physical type, equality of columns, a total order, and a
// byte encoding that sorts like the values. All four agree: NaN equals NaN and is the greatest number, −0 equals 0, NULL equals
// NULL where NULLs are compared at all, blanks at the end of a CHAR do not count, and integers and decimals of the same scale
// hash alike whatever their width.
//
// Memory: nothing is kept but the hashes of dictionaries, in a Hasher, which belongs to one goroutine.
package key

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

const (
	seed1    = 0xa0761d6478bd642f
	seed2    = 0xe7037ed1a0b428db
	nullHash = 0x9e3779b97f4a7c15
)

// mix folds the product of a and b.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// HashInt hashes an integer.
func HashInt(x int64) uint64 { return mix(mix(uint64(x)^seed1, seed2), seed2) }

// hash128 hashes a wide integer like a narrow one if it fits.
func hash128(x vec.Int128) uint64 {
	if x.Hi == int64(x.Lo)>>63 {
		return HashInt(int64(x.Lo))
	}
	return mix(x.Lo^seed1, uint64(x.Hi)^seed2)
}

// FloatBits gives the bits of x, the same for all NaNs and for both zeros.
func FloatBits(x float64) uint64 {
	if x == 0 {
		return 0
	}
	if x != x {
		return 0x7ff8000000000001
	}
	return math.Float64bits(x)
}

// HashBytes hashes a string.
func HashBytes(b []byte) uint64 {
	if len(b) <= vec.InlineMax {
		w := vec.InlineView(b)
		lo, hi := w.Words()
		return mix(lo^seed1, hi^seed2)
	}
	h := uint64(len(b)) ^ seed1
	for len(b) > 16 {
		h = mix(binary.LittleEndian.Uint64(b)^seed1^h, binary.LittleEndian.Uint64(b[8:])^seed2)
		b = b[16:]
	}
	if len(b) >= 8 {
		return mix(binary.LittleEndian.Uint64(b)^seed1^h, binary.LittleEndian.Uint64(b[len(b)-8:])^seed2)
	}
	var tail [8]byte
	copy(tail[:], b)
	return mix(binary.LittleEndian.Uint64(tail[:])^seed1^h, seed2)
}

// HashView hashes the string of a view.
func HashView(w *vec.View, bufs [][]byte) uint64 {
	if w.Len <= vec.InlineMax {
		lo, hi := w.Words()
		return mix(lo^seed1, hi^seed2)
	}
	return HashBytes(w.Bytes(bufs))
}

// Hash sets out[k] to the hash of row sel[k] of v, or of row k when sel is nil.
func Hash(out []uint64, v *vec.Vector, sel []int32) {
	var h Hasher
	h.Hash(out, v, sel)
}

// Hasher hashes vectors of one column and remembers the hashes of the dictionaries that it has met.
type Hasher struct {
	dicts map[uint64][]uint64
	tmp   []uint64
}

// Hash sets out[k] to the hash of row sel[k] of v, or of row k when sel is nil.
func (h *Hasher) Hash(out []uint64, v *vec.Vector, sel []int32) {
	if sel == nil {
		sel = vec.Identity(v.Len)
	}
	out = out[:len(sel)]
	switch v.Form {
	case vec.Const:
		var one [1]uint64
		hashFlat(one[:], v, []int32{0})
		for k := range out {
			out[k] = one[0]
		}
		if v.IsNull(0) {
			for k := range out {
				out[k] = nullHash
			}
		}
		return
	case vec.Dict:
		h.hashDict(out, v, sel)
	default:
		hashFlat(out, v, sel)
	}
	if v.Valid != nil {
		for k, i := range sel {
			if !v.Valid.Get(int(i)) {
				out[k] = nullHash
			}
		}
	}
}

// Combine folds the hash of row sel[k] of v into out[k].
func (h *Hasher) Combine(out []uint64, v *vec.Vector, sel []int32) {
	if cap(h.tmp) < len(out) {
		h.tmp = make([]uint64, max(len(out), vec.BatchSize))
	}
	t := h.tmp[:len(out)]
	h.Hash(t, v, sel)
	for k, x := range t {
		out[k] = mix(out[k]^seed1, x^seed2)
	}
}

func (h *Hasher) hashDict(out []uint64, v *vec.Vector, sel []int32) {
	codes, values := v.Codes(), v.Dict.Values
	known := h.dicts[v.Dict.ID]
	if known == nil && values.Len <= 64*max(len(sel), 256) {
		known = make([]uint64, values.Len)
		hashFlat(known, values, vec.Identity(values.Len))
		if len(h.dicts) >= 64 || h.dicts == nil {
			h.dicts = map[uint64][]uint64{}
		}
		h.dicts[v.Dict.ID] = known
	}
	if known != nil {
		for k, i := range sel {
			if c := codes[i]; uint(c) < uint(len(known)) { // under a NULL lies any code
				out[k] = known[c]
			}
		}
		return
	}
	at := make([]int32, len(sel))
	for k, i := range sel {
		at[k] = codes[i]
	}
	hashFlat(out, values, at)
}

// hashFlat hashes rows sel of a flat or constant vector, NULLs as whatever lies under them.
func hashFlat(out []uint64, v *vec.Vector, sel []int32) {
	switch v.Phys() {
	case types.PBool:
		vals := vec.Values[uint8](v)
		for k, i := range sel {
			out[k] = HashInt(int64(vals[i]))
		}
	case types.PI32:
		vals := vec.Values[int32](v)
		for k, i := range sel {
			out[k] = HashInt(int64(vals[i]))
		}
	case types.PI64:
		vals := vec.Values[int64](v)
		for k, i := range sel {
			out[k] = HashInt(vals[i])
		}
	case types.PI128:
		vals := vec.Values[vec.Int128](v)
		for k, i := range sel {
			out[k] = hash128(vals[i])
		}
	case types.PF64:
		vals := vec.Values[float64](v)
		for k, i := range sel {
			out[k] = mix(FloatBits(vals[i])^seed1, seed2)
		}
	case types.PInterval:
		vals := vec.Values[vec.Int128](v)
		for k, i := range sel {
			out[k] = mix(vals[i].Lo^seed1, uint64(vals[i].Hi)^seed2)
		}
	case types.PView:
		hashViews(out, v, sel)
	case types.PList:
		hashLists(out, v, sel)
	case types.PStruct:
		for k := range sel {
			out[k] = seed2
		}
		for _, kid := range v.Kids {
			var h Hasher
			h.Combine(out, kid, sel)
		}
	}
}

func hashViews(out []uint64, v *vec.Vector, sel []int32) {
	vals := vec.Values[vec.View](v)
	if v.Type.Fixed {
		for k, i := range sel {
			if v.IsNull(int(i)) {
				continue
			}
			out[k] = HashBytes(TrimBlanks(vals[i].Bytes(v.Bufs)))
		}
		return
	}
	if v.Valid == nil {
		for k, i := range sel {
			out[k] = HashView(&vals[i], v.Bufs)
		}
		return
	}
	for k, i := range sel {
		if !v.IsNull(int(i)) { // a view under a NULL may point nowhere
			out[k] = HashView(&vals[i], v.Bufs)
		}
	}
}

func hashLists(out []uint64, v *vec.Vector, sel []int32) {
	entries, kid := vec.Values[vec.ListEntry](v), v.Kids[0]
	var h Hasher
	var idx []int32
	var elems []uint64
	for k, i := range sel {
		out[k] = seed2
		if v.IsNull(int(i)) {
			continue
		}
		e := entries[i]
		idx = idx[:0]
		for j := range e.Len {
			idx = append(idx, int32(e.Off+j))
		}
		elems = append(elems[:0], make([]uint64, len(idx))...)
		if len(idx) > 0 {
			h.Hash(elems, kid, idx)
		}
		for _, x := range elems {
			out[k] = mix(out[k]^seed1, x^seed2)
		}
		out[k] = mix(out[k]^uint64(e.Len), seed1)
	}
}

// TrimBlanks cuts the blanks at the end of a CHAR.
func TrimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}
