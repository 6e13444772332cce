package op

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// winFill puts values in for NULLs, on the line through the nearest rows of the partition that have a value: those on both sides, or the two
// on one. The first argument is the value, the second the place on the line, a number or a time.
type winFill struct {
	*winCall
	span  winSpan
	some  []int32 // the positions that have a value and a place
	count []int32 // by position from span.lo on: how many of some come before
}

func (w *winFill) prepare() error {
	n := w.span.hi - w.span.lo
	w.count = make([]int32, n+1)
	for k, row := range w.r.perm[w.span.lo:w.span.hi] {
		w.count[k] = int32(len(w.some))
		if !w.args[0].IsNull(int(row)) && w.placed(row) {
			if x := numberAt(w.args[0], row); x-x == 0 {
				w.some = append(w.some, int32(w.span.lo+k))
			}
		}
	}
	w.count[n] = int32(len(w.some))
	return w.cancelled()
}

// placed tells whether a row has a place on the line.
func (w *winFill) placed(row int32) bool {
	if w.args[1].IsNull(int(row)) {
		return false
	}
	x := numberAt(w.args[1], row)
	return x-x == 0
}

// numberAt gives a number, or a time in its unit; an infinite time is infinite.
func numberAt(v *vec.Vector, row int32) float64 {
	f, i := v.At(int(row))
	switch f.Phys() {
	case types.PI32:
		x := vec.Values[int32](f)[i]
		if f.Type.IsTemporal() && (x == math.MaxInt32 || x <= -math.MaxInt32) {
			return math.Inf(1)
		}
		return float64(x)
	case types.PI64:
		x := vec.Values[int64](f)[i]
		if f.Type.IsTemporal() && (x == math.MaxInt64 || x <= -math.MaxInt64) {
			return math.Inf(1)
		}
		return float64(x)
	}
	return vec.Values[float64](f)[i]
}

func (w *winFill) eval(pos *winPos, out *vec.Vector) error {
	idx := make([]int32, pos.hi-pos.lo)
	var empty []int32
	var lines [][2]int32 // the rows that the line of each of empty goes through
	for k := range idx {
		p := int32(pos.lo + k)
		row := w.r.perm[p]
		if idx[k] = row; !w.args[0].IsNull(int(row)) {
			continue
		}
		idx[k] = -1
		if !w.placed(row) {
			continue
		}
		lo, hi := w.count[pos.ps[k]-int32(w.span.lo)], w.count[pos.pe[k]-int32(w.span.lo)]
		next := w.count[p-int32(w.span.lo)]
		if hi-lo == 1 {
			idx[k] = w.r.perm[w.some[lo]]
		} else if hi-lo > 1 {
			a := min(max(next-1, lo), hi-2)
			empty = append(empty, int32(k))
			lines = append(lines, [2]int32{w.r.perm[w.some[a]], w.r.perm[w.some[a+1]]})
		}
	}
	vec.Gather(out, w.args[0], idx)
	for i, k := range empty {
		if w.put(out, k, lines[i], w.part(lines[i], w.r.perm[pos.lo+int(k)])) {
			out.Valid.Set(int(k)) // Gather made it NULL
		}
	}
	return nil
}

// part tells how far the place of a row lies from the first to the second row of a line: 0 to 1 between them.
func (w *winFill) part(line [2]int32, row int32) float64 {
	a, b, at := numberAt(w.args[1], line[0]), numberAt(w.args[1], line[1]), numberAt(w.args[1], row)
	if a == b {
		return 0
	}
	return (at/2 - a/2) / (b/2 - a/2) // halves do not overflow
}

// put writes the value at a part of the line. What does not fit the type makes it false.
func (w *winFill) put(out *vec.Vector, k int32, line [2]int32, part float64) bool {
	v, u := numberAt(w.args[0], line[0]), numberAt(w.args[0], line[1])
	x := v*(1-part) + u*part
	if out.Phys() == types.PF64 {
		vec.Values[float64](out)[k] = x
		return true
	}
	x = math.Round(x)
	if lo, hi := limits(out.Type); !(x >= lo && x < hi) {
		return false
	}
	if out.Phys() == types.PI32 {
		vec.Values[int32](out)[k] = int32(x)
		return true
	}
	n, far := int64(x), math.Abs(u-v) > 1<<53
	if step := math.Round((u - v) * part); !far && math.Abs(step) < 1<<53 { // exact, however large the values are
		f, i := w.args[0].At(int(line[0]))
		g, j := w.args[0].At(int(line[1]))
		from, to := vec.Values[int64](f)[i], vec.Values[int64](g)[j]
		n = from + int64(math.Round(float64(to-from)*part))
	}
	vec.Values[int64](out)[k] = n
	return true
}

// limits gives the least number of a type, and one more than its greatest.
func limits(t types.Type) (lo, hi float64) {
	switch t.Kind {
	case types.TinyInt:
		return -1 << 7, 1 << 7
	case types.SmallInt:
		return -1 << 15, 1 << 15
	case types.UTinyInt:
		return 0, 1 << 8
	case types.USmallInt:
		return 0, 1 << 16
	case types.UInteger:
		return 0, 1 << 32
	case types.Decimal:
		hi = math.Pow(10, float64(t.P))
		return 1 - hi, hi
	case types.Integer, types.Date:
		return -1 << 31, 1 << 31
	case types.Time:
		return 0, 24 * 3600 * 1e6
	}
	return -1 << 63, 1 << 63
}
