package kernel

import (
	"cmp"
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// CmpOp is a comparison.
type CmpOp uint8

// The comparisons.
const (
	Eq CmpOp = iota
	Ne
	Lt
	Le
	Gt
	Ge
)

// Flip gives the operator that says the same with its sides swapped.
func (o CmpOp) Flip() CmpOp { return [...]CmpOp{Eq, Ne, Gt, Ge, Lt, Le}[o] }

// Negate gives the operator that is true where o is false.
func (o CmpOp) Negate() CmpOp { return [...]CmpOp{Ne, Eq, Ge, Gt, Le, Lt}[o] }

// String is the operator as SQL.
func (o CmpOp) String() string { return [...]string{"=", "<>", "<", "<=", ">", ">="}[o] }

// Comparer compares vectors. It holds scratch memory and belongs to one goroutine.
type Comparer struct{ ka, kb []int64 }

// Select gives the rows of sel where a op b, which have the same type and no NULL there. The result may overwrite sel's memory
// when dst is it; dst must have room for len(sel).
func (c *Comparer) Select(op CmpOp, a, b *vec.Vector, sel, dst []int32) []int32 {
	if a.Form == vec.Const && b.Form != vec.Const {
		a, b, op = b, a, op.Flip()
	}
	switch layout(a, b) {
	case types.PBool:
		return selectAny[uint8](op, a, b, sel, dst)
	case types.PI32:
		return selectAny[int32](op, a, b, sel, dst)
	case types.PI64:
		return selectAny[int64](op, a, b, sel, dst)
	case types.PF64:
		ka, kb := c.floatKeys(a, b, sel)
		return selectKeys(op, a, b, ka, kb, sel, dst)
	}
	k := 0
	order := ordering(a, b)
	for _, i := range sel {
		dst[k] = i
		if holds(op, order(i)) {
			k++
		}
	}
	return dst[:k]
}

// layout is the common layout of two decimals, one of which may be narrow, or of any two vectors of one type.
func layout(a, b *vec.Vector) types.Phys {
	if a.Phys() != b.Phys() {
		return types.PI128
	}
	return a.Phys()
}

func holds(op CmpOp, c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	}
	return c >= 0
}

// ordering gives the function that orders row i of a and b, for the layouts that are no machine words.
func ordering(a, b *vec.Vector) func(i int32) int {
	switch layout(a, b) {
	case types.PView:
		x, y := vec.StrsOf(a), vec.StrsOf(b)
		return func(i int32) int { return vec.CompareViews(x.View(i), a.Bufs, y.View(i), b.Bufs) }
	case types.PInterval:
		x, y := vec.ColOf[vec.IntervalValue](a), vec.ColOf[vec.IntervalValue](b)
		return func(i int32) int { return CompareIntervals(x.At(i), y.At(i)) }
	case types.PList, types.PStruct:
		return func(i int32) int { return CompareValues(a, int(i), b, int(i)) }
	}
	x, y := reader128(a), reader128(b)
	return func(i int32) int { return Cmp128(x(i), y(i)) }
}

// reader128 reads the rows of an integer or decimal vector as 128 bits.
func reader128(v *vec.Vector) func(i int32) vec.Int128 {
	switch v.Phys() {
	case types.PI32:
		c := vec.ColOf[int32](v)
		return func(i int32) vec.Int128 { return I128(int64(c.At(i))) }
	case types.PI64:
		c := vec.ColOf[int64](v)
		return func(i int32) vec.Int128 { return I128(c.At(i)) }
	}
	c := vec.ColOf[vec.Int128](v)
	return c.At
}

// CompareIntervals orders spans, taking a month for 30 days and a day for 24 hours.
func CompareIntervals(a, b vec.IntervalValue) int {
	return Cmp128(intervalMicros(a), intervalMicros(b))
}

func intervalMicros(v vec.IntervalValue) vec.Int128 {
	d := MulInt64(int64(v.Months)*30+int64(v.Days), MicrosPerDay)
	s, _ := Add128(d, I128(v.Micros))
	return s
}

// FloatKey maps a float64 to an int64 that orders the same way: -0 is 0, NaN equals itself and is the greatest.
func FloatKey(f float64) int64 {
	if f != f {
		return math.MaxInt64
	}
	b := int64(math.Float64bits(f + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

func (c *Comparer) floatKeys(a, b *vec.Vector, sel []int32) (ka, kb []int64) {
	c.ka, c.kb = floatKeys(c.ka, a, sel), floatKeys(c.kb, b, sel)
	return c.ka, c.kb
}

func floatKeys(keys []int64, v *vec.Vector, sel []int32) []int64 {
	vals := vec.Values[float64](v)
	if cap(keys) < len(vals) {
		keys = make([]int64, len(vals))
	}
	keys = keys[:len(vals)]
	if v.Form == vec.Const {
		keys[0] = FloatKey(vals[0])
		return keys
	}
	for _, i := range sel {
		keys[i] = FloatKey(vals[i])
	}
	return keys
}

func selectAny[T cmp.Ordered](op CmpOp, a, b *vec.Vector, sel, dst []int32) []int32 {
	return selectKeys(op, a, b, vec.Values[T](a), vec.Values[T](b), sel, dst)
}

func selectKeys[T cmp.Ordered](op CmpOp, a, b *vec.Vector, x, y []T, sel, dst []int32) []int32 {
	switch {
	case a.Form == vec.Const: // both are
		if holds(op, cmp.Compare(x[0], y[0])) {
			return dst[:copy(dst, sel)]
		}
		return dst[:0]
	case b.Form == vec.Const:
		return selectConst(op, x, y[0], sel, dst)
	}
	return selectFlat(op, x, y, sel, dst)
}

// The selection loops are branch-free: every row is written, and the place moves on when it holds.

func selectConst[T cmp.Ordered](op CmpOp, x []T, c T, sel, dst []int32) []int32 {
	k := 0
	dst = dst[:len(sel)]
	switch op {
	case Eq:
		for _, i := range sel {
			dst[k] = i
			if x[i] == c {
				k++
			}
		}
	case Ne:
		for _, i := range sel {
			dst[k] = i
			if x[i] != c {
				k++
			}
		}
	case Lt:
		for _, i := range sel {
			dst[k] = i
			if x[i] < c {
				k++
			}
		}
	case Le:
		for _, i := range sel {
			dst[k] = i
			if x[i] <= c {
				k++
			}
		}
	case Gt:
		for _, i := range sel {
			dst[k] = i
			if x[i] > c {
				k++
			}
		}
	case Ge:
		for _, i := range sel {
			dst[k] = i
			if x[i] >= c {
				k++
			}
		}
	}
	return dst[:k]
}

func selectFlat[T cmp.Ordered](op CmpOp, x, y []T, sel, dst []int32) []int32 {
	if op == Gt || op == Ge {
		x, y, op = y, x, op.Flip()
	}
	k := 0
	dst = dst[:len(sel)]
	switch op {
	case Eq:
		for _, i := range sel {
			dst[k] = i
			if x[i] == y[i] {
				k++
			}
		}
	case Ne:
		for _, i := range sel {
			dst[k] = i
			if x[i] != y[i] {
				k++
			}
		}
	case Lt:
		for _, i := range sel {
			dst[k] = i
			if x[i] < y[i] {
				k++
			}
		}
	case Le:
		for _, i := range sel {
			dst[k] = i
			if x[i] <= y[i] {
				k++
			}
		}
	}
	return dst[:k]
}

// CompareValues orders two values of one type that are Flat or Const, whatever their layout; NULL, which occurs inside nested values, is
// greatest.
func CompareValues(a *vec.Vector, i int, b *vec.Vector, j int) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return int(b2u(an)) - int(b2u(bn))
	}
	a, i = a.At(i)
	b, j = b.At(j)
	switch layout(a, b) {
	case types.PView:
		return vec.CompareViews(&vec.Values[vec.View](a)[i], a.Bufs, &vec.Values[vec.View](b)[j], b.Bufs)
	case types.PF64:
		return cmp.Compare(FloatKey(vec.Values[float64](a)[i]), FloatKey(vec.Values[float64](b)[j]))
	case types.PInterval:
		return CompareIntervals(vec.Values[vec.IntervalValue](a)[i], vec.Values[vec.IntervalValue](b)[j])
	case types.PStruct:
		for k := range a.Kids {
			if c := CompareValues(a.Kids[k], i, b.Kids[k], j); c != 0 {
				return c
			}
		}
		return 0
	case types.PList:
		x, y := vec.Values[vec.ListEntry](a)[i], vec.Values[vec.ListEntry](b)[j]
		for k := range min(x.Len, y.Len) {
			if c := CompareValues(a.Kids[0], int(x.Off+k), b.Kids[0], int(y.Off+k)); c != 0 {
				return c
			}
		}
		return cmp.Compare(x.Len, y.Len)
	}
	return Cmp128(Int128At(a, i), Int128At(b, j))
}
