package parquet

import (
	"bytes"
	"cmp"
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// maxStat is the longest string that statistics hold; longer ones are cut.
const maxStat = 256

// valueBounds are the least and the greatest of some values.
type valueBounds struct {
	has      bool
	lo, hi   int64
	flo, fhi float64
	wlo, whi vec.Int128
	slo, shi []byte
}

// add takes the values a…b of v in.
func (x *valueBounds) add(l *wleaf, v *vec.Vector, a, b int) {
	if a >= b || l.typ.Kind == types.Null {
		return
	}
	switch v.Phys() {
	case types.PBool:
		x.lo, x.hi = span2(vec.Values[uint8](v)[a:b])
	case types.PI32:
		x.lo, x.hi = span2(vec.Values[int32](v)[a:b])
	case types.PI64:
		x.lo, x.hi = span2(vec.Values[int64](v)[a:b])
	case types.PF64:
		x.floats(vec.Values[float64](v)[a:b])
		return
	case types.PI128:
		vals := vec.Values[vec.Int128](v)[a:b]
		x.wlo, x.whi = vals[0], vals[0]
		for _, w := range vals[1:] {
			if compare128(w, x.wlo) < 0 {
				x.wlo = w
			}
			if compare128(w, x.whi) > 0 {
				x.whi = w
			}
		}
	case types.PView:
		x.strings(v, a, b)
	default:
		return
	}
	x.has = true
}

func span2[T uint8 | int32 | int64](vals []T) (lo, hi int64) {
	a, b := vals[0], vals[0]
	for _, v := range vals[1:] {
		a, b = min(a, v), max(b, v)
	}
	return int64(a), int64(b)
}

// floats leaves NaN out, as the format wants it.
func (x *valueBounds) floats(vals []float64) {
	for _, f := range vals {
		switch {
		case f != f:
		case !x.has:
			x.has, x.flo, x.fhi = true, f, f
		case f < x.flo:
			x.flo = f
		case f > x.fhi:
			x.fhi = f
		}
	}
}

func (x *valueBounds) strings(v *vec.Vector, a, b int) {
	views := vec.Values[vec.View](v)
	lo, hi := &views[a], &views[a]
	for i := a + 1; i < b; i++ {
		w := &views[i]
		if vec.CompareViews(w, v.Bufs, lo, v.Bufs) < 0 {
			lo = w
		} else if vec.CompareViews(w, v.Bufs, hi, v.Bufs) > 0 {
			hi = w
		}
	}
	x.slo, x.shi = bytes.Clone(lo.Bytes(v.Bufs)), bytes.Clone(hi.Bytes(v.Bufs))
}

func compare128(a, b vec.Int128) int {
	if c := cmp.Compare(a.Hi, b.Hi); c != 0 {
		return c
	}
	return cmp.Compare(a.Lo, b.Lo)
}

func (x *valueBounds) merge(l *wleaf, y *valueBounds) {
	switch {
	case !y.has:
	case !x.has:
		*x = *y
	default:
		x.lo, x.hi = min(x.lo, y.lo), max(x.hi, y.hi)
		x.flo, x.fhi = min(x.flo, y.flo), max(x.fhi, y.fhi)
		if compare128(y.wlo, x.wlo) < 0 {
			x.wlo = y.wlo
		}
		if compare128(y.whi, x.whi) > 0 {
			x.whi = y.whi
		}
		if bytes.Compare(y.slo, x.slo) < 0 {
			x.slo = y.slo
		}
		if bytes.Compare(y.shi, x.shi) > 0 {
			x.shi = y.shi
		}
	}
}

// bytes gives the bounds as statistics hold them; nil if there are none.
func (x *valueBounds) bytes(l *wleaf) (lo, hi []byte) {
	if !x.has || l.typ.Kind == types.Interval || l.typ.Kind == types.UUID {
		return nil, nil
	}
	switch phys := l.typ.Phys(); {
	case phys == types.PBool:
		return []byte{byte(x.lo)}, []byte{byte(x.hi)}
	case l.typ.Kind == types.Real:
		return le.AppendUint32(nil, math.Float32bits(float32(low(x.flo)))), le.AppendUint32(nil, math.Float32bits(float32(high(x.fhi))))
	case phys == types.PF64:
		return le.AppendUint64(nil, math.Float64bits(low(x.flo))), le.AppendUint64(nil, math.Float64bits(high(x.fhi)))
	case l.width == 4:
		return le.AppendUint32(nil, uint32(x.lo)), le.AppendUint32(nil, uint32(x.hi))
	case phys == types.PI64:
		return le.AppendUint64(nil, uint64(x.lo)), le.AppendUint64(nil, uint64(x.hi))
	case l.typ.Kind == types.UBigInt:
		return le.AppendUint64(nil, x.wlo.Lo), le.AppendUint64(nil, x.whi.Lo)
	case phys == types.PI128:
		return appendBig(nil, x.wlo), appendBig(nil, x.whi)
	}
	return x.slo[:min(len(x.slo), maxStat)], cutUp(x.shi)
}

// low and high make a zero's sign the one that bounds both zeros.
func low(f float64) float64 {
	if f == 0 {
		return math.Copysign(0, -1)
	}
	return f
}

func high(f float64) float64 {
	if f == 0 {
		return 0
	}
	return f
}

// cutUp cuts a string to one that is not less; nil if there is none.
func cutUp(s []byte) []byte {
	if len(s) <= maxStat {
		return s
	}
	s = bytes.Clone(s[:maxStat])
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < 0xff {
			s[i]++
			return s[:i+1]
		}
	}
	return nil
}
