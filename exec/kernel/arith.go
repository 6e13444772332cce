package kernel

import (
	"math/bits"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// integer are the layouts that arithmetic runs in.
type integer interface{ ~int32 | ~int64 }

// Dense tells whether it pays to compute all n rows rather than those of sel alone. What lies outside sel is garbage, so a dense
// loop may report an overflow that is none: the caller then looks at the rows of sel one by one.
func Dense(sel []int32, n int) bool { return len(sel)*4 >= n }

// ArithOp is + − or ×.
type ArithOp uint8

// The operations.
const (
	Add ArithOp = iota
	Sub
	Mul
)

// ArithInt computes out = a op b for integers of one layout, PI32 or PI64. It gives the first row of sel that overflows, or -1.
func ArithInt(op ArithOp, a, b *vec.Vector, sel []int32, out *vec.Vector) int32 {
	if out.Phys() == types.PI32 {
		return arithInt(op, a, b, sel, vec.Values[int32](out))
	}
	return arithInt(op, a, b, sel, vec.Values[int64](out))
}

func arithInt[T integer](op ArithOp, a, b *vec.Vector, sel []int32, dst []T) int32 {
	if len(sel) == 0 {
		return -1
	}
	if Dense(sel, len(dst)) && denseInt(op, a, b, dst) {
		return -1
	}
	x, y := vec.ColOf[T](a), vec.ColOf[T](b)
	for _, i := range sel {
		r, ok := checked(op, x.At(i), y.At(i))
		if !ok {
			return i
		}
		dst[i] = r
	}
	return -1
}

func checked[T integer](op ArithOp, a, b T) (T, bool) {
	switch op {
	case Add:
		r := a + b
		return r, (a^r)&(b^r) >= 0
	case Sub:
		r := a - b
		return r, (a^b)&(a^r) >= 0
	}
	p := MulInt64(int64(a), int64(b))
	r := T(p.Lo)
	return r, p == I128(int64(r))
}

// denseInt computes every row and tells whether none can have overflowed.
func denseInt[T integer](op ArithOp, a, b *vec.Vector, dst []T) bool {
	x, y := vec.Values[T](a), vec.Values[T](b)
	ac, bc := a.Form == vec.Const, b.Form == vec.Const
	if ac && bc {
		return false
	}
	switch op {
	case Add:
		if ac {
			return addConst(dst, y, x[0])
		}
		if bc {
			return addConst(dst, x, y[0])
		}
		return addFlat(dst, x, y)
	case Sub:
		if ac {
			return constSub(dst, x[0], y)
		}
		if bc {
			return subConst(dst, x, y[0])
		}
		return subFlat(dst, x, y)
	}
	if magnitude(x)+magnitude(y) > int(8*unsafe.Sizeof(dst[0]))-1 {
		return false
	}
	if ac {
		mulConst(dst, y, x[0])
	} else if bc {
		mulConst(dst, x, y[0])
	} else {
		mulFlat(dst, x, y)
	}
	return true
}

// magnitude gives the bits that the largest magnitude of x takes.
func magnitude[T integer](x []T) int {
	var or T
	s := 8*unsafe.Sizeof(or) - 1
	for _, v := range x {
		or |= v ^ v>>s
	}
	return bits.Len64(uint64(or))
}

func addFlat[T integer](dst, x, y []T) bool {
	var ovf T
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		a, b := x[i], y[i]
		r := a + b
		ovf |= (a ^ r) & (b ^ r)
		dst[i] = r
	}
	return ovf >= 0
}

func addConst[T integer](dst, x []T, b T) bool {
	var ovf T
	x = x[:len(dst)]
	for i := range dst {
		a := x[i]
		r := a + b
		ovf |= (a ^ r) & (b ^ r)
		dst[i] = r
	}
	return ovf >= 0
}

func subFlat[T integer](dst, x, y []T) bool {
	var ovf T
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		a, b := x[i], y[i]
		r := a - b
		ovf |= (a ^ b) & (a ^ r)
		dst[i] = r
	}
	return ovf >= 0
}

func subConst[T integer](dst, x []T, b T) bool {
	var ovf T
	x = x[:len(dst)]
	for i := range dst {
		a := x[i]
		r := a - b
		ovf |= (a ^ b) & (a ^ r)
		dst[i] = r
	}
	return ovf >= 0
}

func constSub[T integer](dst []T, a T, y []T) bool {
	var ovf T
	y = y[:len(dst)]
	for i := range dst {
		b := y[i]
		r := a - b
		ovf |= (a ^ b) & (a ^ r)
		dst[i] = r
	}
	return ovf >= 0
}

func mulFlat[T integer](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

func mulConst[T integer](dst, x []T, c T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = x[i] * c
	}
}

// ArithFloat computes out = a op b for float64.
func ArithFloat(op ArithOp, a, b *vec.Vector, sel []int32, out *vec.Vector) {
	dst := vec.Values[float64](out)
	x, y := vec.ColOf[float64](a), vec.ColOf[float64](b)
	switch op {
	case Add:
		for _, i := range sel {
			dst[i] = x.At(i) + y.At(i)
		}
	case Sub:
		for _, i := range sel {
			dst[i] = x.At(i) - y.At(i)
		}
	default:
		for _, i := range sel {
			dst[i] = x.At(i) * y.At(i)
		}
	}
}

// Decimals computes + − × on decimals of any scales. It holds scratch memory and belongs to one goroutine.
type Decimals struct {
	a, b vec.Vector
	wide vec.Vector // results of 128 bits on their way to 64

	src, factor vec.Vector // of scaled, which is done with them when it returns
}

// Arith computes a op b into out at type t, the exact result type of the operation (so that no rounding is needed, unless t has lost scale
// to the limit of 38 digits). It runs in 64 bits where all values fit, whatever t's layout, and leaves out in the
// layout it used. as and bs are the scales of a and b. It gives the first row of sel whose result has more digits than t, or -1.
func (d *Decimals) Arith(op ArithOp, a, b *vec.Vector, as, bs int, sel []int32, n int, t types.Type, out *vec.Vector) int32 {
	valid := out.Valid
	out.ResetAs(t, types.PI64, n)
	out.CopyValid(valid)
	exact := as + bs
	if op != Mul {
		exact = max(as, bs)
	}
	if len(sel) == 0 {
		return -1
	}
	if exact == int(t.S) && d.narrow(op, a, b, as, bs, sel, n, t, out) {
		return -1
	}
	if t.Phys() == types.PI64 { // what has passed 64 bits lies outside sel, or does not fit t either
		d.wide.ResetAs(t, types.PI128, n)
		wide, dst := vec.Values[vec.Int128](&d.wide), vec.Values[int64](out)
		if i := arith128(op, a, b, as, bs, exact, sel, t, wide); i >= 0 {
			return i
		}
		for _, i := range sel {
			dst[i] = int64(wide[i].Lo)
		}
		return -1
	}
	out.ResetAs(t, types.PI128, n)
	out.CopyValid(valid)
	return arith128(op, a, b, as, bs, exact, sel, t, vec.Values[vec.Int128](out))
}

// narrow tries to compute in 64 bits.
func (d *Decimals) narrow(op ArithOp, a, b *vec.Vector, as, bs int, sel []int32, n int, t types.Type, out *vec.Vector) bool {
	if a.Phys() == types.PI128 || b.Phys() == types.PI128 {
		return false
	}
	ok := true
	if op != Mul {
		a, ok = d.scaled(&d.a, a, bs-as, sel, n)
		if ok {
			b, ok = d.scaled(&d.b, b, as-bs, sel, n)
		}
	} else {
		a, b = widen32(&d.a, a, sel), widen32(&d.b, b, sel)
	}
	if !ok || ArithInt(op, a, b, sel, out) >= 0 {
		return false
	}
	if t.P > 18 { // 18 digits fit 64 bits, so a sum that fits t.P ≤ 18 is checked below
		return true
	}
	lim, dst := Pow10i64(int(t.P)), vec.Values[int64](out)
	for _, i := range sel {
		if x := dst[i]; x >= lim || x <= -lim {
			return false
		}
	}
	return true
}

// widen32 gives v in PI64.
func widen32(tmp, v *vec.Vector, sel []int32) *vec.Vector {
	if v.Phys() == types.PI64 {
		return v
	}
	form, n := v.Form, v.Len
	if form == vec.Const {
		sel = vec.Identity(1)
		tmp.Reset(types.TBigInt, 1)
	} else {
		tmp.Reset(types.TBigInt, n)
	}
	_ = castI32ToI64(nil, v, sel, tmp)
	if form == vec.Const {
		tmp.SetConst(n)
	}
	return tmp
}

// scaled gives v × 10^up in PI64, and whether it fits.
func (d *Decimals) scaled(tmp, v *vec.Vector, up int, sel []int32, n int) (*vec.Vector, bool) {
	if up <= 0 {
		return widen32(tmp, v, sel), true
	}
	if up > 18 {
		return nil, false
	}
	src := widen32(&d.src, v, sel)
	c := &d.factor
	c.Reset(types.TBigInt, 1)
	c.SetConst(n)
	vec.Values[int64](c)[0] = Pow10i64(up)
	if src.Form == vec.Const {
		tmp.Reset(types.TBigInt, 1)
		r, ok := checked(Mul, vec.Values[int64](src)[0], Pow10i64(up))
		vec.Values[int64](tmp)[0] = r
		tmp.SetConst(n)
		return tmp, ok
	}
	tmp.Reset(types.TBigInt, n)
	return tmp, ArithInt(Mul, src, c, sel, tmp) < 0
}

func arith128(op ArithOp, a, b *vec.Vector, as, bs, exact int, sel []int32, t types.Type, dst []vec.Int128) int32 {
	x, y := reader128(a), reader128(b)
	for _, i := range sel {
		p, q := x(i), y(i)
		ok1, ok2, ok := true, true, false // ok1, ok2: the operands fit at the exact scale
		var r vec.Int128
		if op == Mul {
			r, ok = Mul128(p, q)
		} else {
			var u, v vec.Int128
			u, ok1 = Rescale128(p, as, exact)
			v, ok2 = Rescale128(q, bs, exact)
			if op == Add {
				r, ok = Add128(u, v)
			} else {
				r, ok = Sub128(u, v)
			}
			if !ok || !ok1 || !ok2 { // too wide at the exact scale, but perhaps not once rounded
				if r, ok = addRound(op, p, as, q, bs, int(t.S)); !ok || !FitsPrecision(r, int(t.P)) {
					return i
				}
				dst[i] = r
				continue
			}
		}
		if !ok && op == Mul { // the product passes 128 bits, but may fit once rounded
			r, ok = mulRound(p, q, exact-int(t.S))
		} else if ok {
			r, ok = Rescale128(r, exact, int(t.S))
		}
		if !ok || !FitsPrecision(r, int(t.P)) {
			return i
		}
		dst[i] = r
	}
	return -1
}

// Widen makes dst a copy of src, a decimal carried in PI64, in PI128.
func Widen(dst, src *vec.Vector, sel []int32) {
	n := src.Len
	if src.Form == vec.Const {
		n, sel = 1, vec.Identity(1)
	}
	dst.ResetAs(src.Type, types.PI128, n)
	dst.CopyValid(src.Valid)
	in, out := vec.Values[int64](src), vec.Values[vec.Int128](dst)
	for _, i := range sel {
		out[i] = I128(in[i])
	}
	if src.Form == vec.Const {
		dst.SetConst(src.Len)
	}
}
