package key

import (
	"bytes"
	"cmp"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// Match narrows pairs, in place, to those k where row ai[k] of a equals row bi[k] of b. NULLs are equal to each other and to
// nothing else. a and b are Flat or Const and of the same layout.
func Match(pairs []int32, a *vec.Vector, ai []int32, b *vec.Vector, bi []int32) []int32 {
	switch a.Phys() {
	case types.PBool:
		return match[uint8](pairs, a, ai, b, bi)
	case types.PI32:
		return match[int32](pairs, a, ai, b, bi)
	case types.PI64:
		return match[int64](pairs, a, ai, b, bi)
	case types.PI128, types.PInterval:
		return match[vec.Int128](pairs, a, ai, b, bi)
	case types.PView:
		if !a.Type.Fixed {
			return matchViews(pairs, a, ai, b, bi)
		}
	}
	return matchSlow(pairs, a, ai, b, bi)
}

func match[T comparable](pairs []int32, a *vec.Vector, ai []int32, b *vec.Vector, bi []int32) []int32 {
	ca, cb := vec.ColOf[T](a), vec.ColOf[T](b)
	n := 0
	if a.Valid == nil && b.Valid == nil {
		for _, k := range pairs {
			pairs[n] = k
			if ca.At(ai[k]) == cb.At(bi[k]) {
				n++
			}
		}
		return pairs[:n]
	}
	for _, k := range pairs {
		pairs[n] = k
		an, bn := a.IsNull(int(ai[k])), b.IsNull(int(bi[k]))
		if an == bn && (an || ca.At(ai[k]) == cb.At(bi[k])) {
			n++
		}
	}
	return pairs[:n]
}

func matchViews(pairs []int32, a *vec.Vector, ai []int32, b *vec.Vector, bi []int32) []int32 {
	ca, cb := vec.StrsOf(a), vec.StrsOf(b)
	n, nulls := 0, a.Valid != nil || b.Valid != nil
	for _, k := range pairs {
		pairs[n] = k
		if nulls {
			an, bn := a.IsNull(int(ai[k])), b.IsNull(int(bi[k]))
			if an || bn {
				if an && bn {
					n++
				}
				continue
			}
		}
		if vec.EqualViews(ca.View(ai[k]), a.Bufs, cb.View(bi[k]), b.Bufs) {
			n++
		}
	}
	return pairs[:n]
}

func matchSlow(pairs []int32, a *vec.Vector, ai []int32, b *vec.Vector, bi []int32) []int32 {
	n := 0
	for _, k := range pairs {
		pairs[n] = k
		if Equal(a, int(ai[k]), b, int(bi[k])) {
			n++
		}
	}
	return pairs[:n]
}

// Equal tells whether row i of a equals row j of b, NULLs being equal.
func Equal(a *vec.Vector, i int, b *vec.Vector, j int) bool {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return an && bn
	}
	return Compare(a, i, b, j) == 0
}

// Compare orders row i of a and row j of b, neither of them NULL, of the same layout: -1, 0 or 1. Within nested values NULL is
// the greatest. Spans of time are ordered by length (a month being 30 days), and those of the same length by their parts.
func Compare(a *vec.Vector, i int, b *vec.Vector, j int) int {
	a, i = a.At(i)
	b, j = b.At(j)
	switch a.Phys() {
	case types.PBool:
		return cmp.Compare(vec.Values[uint8](a)[i], vec.Values[uint8](b)[j])
	case types.PI32:
		return cmp.Compare(vec.Values[int32](a)[i], vec.Values[int32](b)[j])
	case types.PI64:
		return cmp.Compare(vec.Values[int64](a)[i], vec.Values[int64](b)[j])
	case types.PI128:
		return compare128(vec.Values[vec.Int128](a)[i], vec.Values[vec.Int128](b)[j])
	case types.PF64:
		return compareFloats(vec.Values[float64](a)[i], vec.Values[float64](b)[j])
	case types.PView:
		return compareViews(a, i, b, j)
	case types.PInterval:
		return compareIntervals(vec.Values[vec.IntervalValue](a)[i], vec.Values[vec.IntervalValue](b)[j])
	case types.PList:
		return compareLists(a, i, b, j)
	}
	for k := range a.Kids {
		if c := compareNullable(a.Kids[k], i, b.Kids[k], j); c != 0 {
			return c
		}
	}
	return 0
}

func compare128(x, y vec.Int128) int {
	if c := cmp.Compare(x.Hi, y.Hi); c != 0 {
		return c
	}
	return cmp.Compare(x.Lo, y.Lo)
}

func compareFloats(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return 0
	}
	return cmp.Compare(b2i(x != x), b2i(y != y))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareViews(a *vec.Vector, i int, b *vec.Vector, j int) int {
	x, y := &vec.Values[vec.View](a)[i], &vec.Values[vec.View](b)[j]
	if a.Type.Fixed || b.Type.Fixed {
		return bytes.Compare(TrimBlanks(x.Bytes(a.Bufs)), TrimBlanks(y.Bytes(b.Bufs)))
	}
	return vec.CompareViews(x, a.Bufs, y, b.Bufs)
}

// span gives the length of an interval in whole days and microseconds of a day.
func span(x vec.IntervalValue) (days, micros int64) {
	const day = 86400e6
	days = int64(x.Months)*30 + int64(x.Days) + x.Micros/day
	if micros = x.Micros % day; micros < 0 {
		days, micros = days-1, micros+day
	}
	return days, micros
}

func compareIntervals(x, y vec.IntervalValue) int {
	xd, xm := span(x)
	yd, ym := span(y)
	return cmp.Or(cmp.Compare(xd, yd), cmp.Compare(xm, ym), cmp.Compare(x.Months, y.Months), cmp.Compare(x.Days, y.Days))
}

func compareLists(a *vec.Vector, i int, b *vec.Vector, j int) int {
	x, y := vec.Values[vec.ListEntry](a)[i], vec.Values[vec.ListEntry](b)[j]
	for k := range min(x.Len, y.Len) {
		if c := compareNullable(a.Kids[0], int(x.Off+k), b.Kids[0], int(y.Off+k)); c != 0 {
			return c
		}
	}
	return cmp.Compare(x.Len, y.Len)
}

func compareNullable(a *vec.Vector, i int, b *vec.Vector, j int) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return cmp.Compare(b2i(an), b2i(bn))
	}
	return Compare(a, i, b, j)
}

// SpanDays gives the whole days of an interval, a month being 30: a coarse measure of its order.
func SpanDays(x vec.IntervalValue) int64 {
	days, _ := span(x)
	return days
}
