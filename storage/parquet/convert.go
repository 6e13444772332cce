package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/skep-sql/skep/exec/vec"
)

var le = binary.LittleEndian

// fixed converts n PLAIN values of fixed width to rows off… of v, which is flat and of l's type. For strings, raw is buffer buf
// of v from byte base on. It returns how many values lost digits.
func (l *leaf) fixed(v *vec.Vector, off int, raw []byte, n int, buf uint32, base int) (lost int) {
	switch l.conv {
	case cBool:
		copy(vec.Values[uint8](v)[off:off+n], raw)
	case cCopy:
		if l.width == 4 {
			copy(asBytes(vec.Values[int32](v)[off:off+n]), raw)
		} else {
			copy(asBytes(vec.Values[int64](v)[off:off+n]), raw)
		}
	case cI32to64:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			d[i] = int64(int32(le.Uint32(raw[4*i:])))
		}
	case cU32to64:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			d[i] = int64(le.Uint32(raw[4*i:]))
		}
	case cMul32:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			d[i] = int64(int32(le.Uint32(raw[4*i:]))) * l.scale
		}
	case cMul64:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			d[i] = mulClamp(int64(le.Uint64(raw[8*i:])), l.scale)
		}
	case cDiv64:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			x := int64(le.Uint64(raw[8*i:]))
			q := floorDiv(x, l.scale)
			d[i] = q
			if q*l.scale != x {
				lost++
			}
		}
	case cFloat:
		d := vec.Values[float64](v)[off : off+n]
		for i := range d {
			d[i] = float64(math.Float32frombits(le.Uint32(raw[4*i:])))
		}
	default:
		return l.fixedWide(v, off, raw, n, buf, base)
	}
	return lost
}

func (l *leaf) fixedWide(v *vec.Vector, off int, raw []byte, n int, buf uint32, base int) (lost int) {
	w := l.width
	switch l.conv {
	case cI32to128, cI64to128, cU64to128:
		d := vec.Values[vec.Int128](v)[off : off+n]
		for i := range d {
			d[i] = l.wide(raw[i*w:])
		}
	case cI96:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			var exact bool
			if d[i], exact = int96(raw[12*i:]); !exact {
				lost++
			}
		}
	case cFloat16:
		d := vec.Values[float64](v)[off : off+n]
		for i := range d {
			d[i] = float16(le.Uint16(raw[2*i:]))
		}
	case cInterval:
		d := vec.Values[vec.IntervalValue](v)[off : off+n]
		for i := range d {
			r := raw[12*i:]
			d[i] = vec.IntervalValue{Months: int32(le.Uint32(r)), Days: int32(le.Uint32(r[4:])), Micros: int64(le.Uint32(r[8:])) * 1000}
		}
	case cDec64:
		d := vec.Values[int64](v)[off : off+n]
		for i := range d {
			d[i] = int64(bigEndian(raw[i*w : i*w+w]).Lo)
		}
	case cDec128:
		d := vec.Values[vec.Int128](v)[off : off+n]
		for i := range d {
			d[i] = bigEndian(raw[i*w : i*w+w])
		}
	case cUUID:
		for i := range n {
			uuidText(v.Alloc(off+i, 36), raw[16*i:])
			v.SealBytes(off + i)
		}
	case cBytes:
		d := vec.Values[vec.View](v)[off : off+n]
		for i := range d {
			s := raw[i*w : i*w+w]
			if w <= vec.InlineMax {
				d[i] = vec.InlineView(s)
			} else {
				d[i] = vec.RefView(s, buf, uint32(base+i*w))
			}
		}
	}
	return lost
}

func (l *leaf) wide(raw []byte) vec.Int128 {
	switch l.conv {
	case cI32to128:
		x := int64(int32(le.Uint32(raw)))
		return vec.Int128{Lo: uint64(x), Hi: x >> 63}
	case cI64to128:
		x := int64(le.Uint64(raw))
		return vec.Int128{Lo: uint64(x), Hi: x >> 63}
	}
	return vec.Int128{Lo: le.Uint64(raw)}
}

// variable converts n PLAIN byte arrays from raw, which is buffer buf of v from byte base on, and tells where the next one
// begins.
func (l *leaf) variable(v *vec.Vector, off int, raw []byte, n int, buf uint32, base int) (int, error) {
	if l.conv != cBytes {
		return l.variableDecimals(v, off, raw, n)
	}
	d := vec.Values[vec.View](v)[off : off+n]
	p := 0
	for i := range d {
		if p+4 > len(raw) {
			return 0, errLength
		}
		n := int(le.Uint32(raw[p:]))
		p += 4
		if n > len(raw)-p {
			return 0, errLength
		}
		if n <= vec.InlineMax {
			if p+16 <= len(raw) {
				d[i] = shortView(raw[p:p+16], n)
			} else {
				d[i] = vec.InlineView(raw[p : p+n])
			}
		} else {
			d[i] = vec.View{Len: uint32(n), Prefix: [4]byte(raw[p : p+4]), Buf: buf, Off: uint32(base + p)}
		}
		p += n
	}
	return p, nil
}

// shortView is vec.InlineView without a copy loop: b has 16 readable bytes, n ≤ 12 of which count.
func shortView(b []byte, n int) vec.View {
	lo, hi := le.Uint64(b), le.Uint64(b[8:])
	if n < 8 {
		lo &= 1<<(8*uint(n)) - 1
		hi = 0
	} else {
		hi &= 1<<(8*uint(n-8)) - 1
	}
	var w vec.View
	w.Len = uint32(n)
	le.PutUint32(w.Prefix[:], uint32(lo))
	w.Buf = uint32(lo >> 32)
	w.Off = uint32(hi)
	return w
}

func (l *leaf) variableDecimals(v *vec.Vector, off int, raw []byte, n int) (int, error) {
	p := 0
	for i := range n {
		if p+4 > len(raw) {
			return 0, errLength
		}
		k := int(le.Uint32(raw[p:]))
		p += 4
		if k > len(raw)-p {
			return 0, errLength
		}
		x := bigEndian(raw[p : p+k])
		if l.conv == cDec64 {
			vec.Values[int64](v)[off+i] = int64(x.Lo)
		} else {
			vec.Values[vec.Int128](v)[off+i] = x
		}
		p += k
	}
	return p, nil
}

// skipVariable passes n byte arrays.
func skipVariable(raw []byte, n int) (int, error) {
	p := 0
	for range n {
		if p+4 > len(raw) {
			return 0, errLength
		}
		k := int(le.Uint32(raw[p:]))
		p += 4
		if k > len(raw)-p {
			return 0, errLength
		}
		p += k
	}
	return p, nil
}

// bigEndian reads a two's complement number; of more than 16 bytes the last 16 count.
func bigEndian(b []byte) vec.Int128 {
	if len(b) == 0 {
		return vec.Int128{}
	}
	if len(b) > 16 {
		b = b[len(b)-16:]
	}
	hi := int64(int8(b[0])) >> 7
	lo := uint64(hi)
	for _, c := range b {
		hi = hi<<8 | int64(lo>>56)
		lo = lo<<8 | uint64(c)
	}
	return vec.Int128{Lo: lo, Hi: hi}
}

func floorDiv(x, d int64) int64 {
	q := x / d
	if x%d < 0 {
		q--
	}
	return q
}

// mulClamp multiplies a count of time units, keeping what does not fit at the end of the range.
func mulClamp(x, f int64) int64 {
	hi, lo := bits.Mul64(uint64(max(x, -x)), uint64(f))
	if hi != 0 || lo > math.MaxInt64 || x == math.MinInt64 {
		if x < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return x * f
}

const julianEpoch = 2440588 // 1970-01-01

func int96(b []byte) (micros int64, exact bool) {
	nanos, day := int64(le.Uint64(b)), int64(int32(le.Uint32(b[8:])))
	us := floorDiv(nanos, 1000)
	return (day-julianEpoch)*86_400_000_000 + us, us*1000 == nanos
}

func float16(h uint16) float64 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	exp, frac := int(h>>10&31), float64(h&1023)
	switch exp {
	case 0:
		return math.Copysign(math.Ldexp(frac, -24), sign)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

const hexDigits = "0123456789abcdef"

func uuidText(dst, src []byte) {
	p := 0
	for i, c := range src[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst[p] = '-'
			p++
		}
		dst[p], dst[p+1] = hexDigits[c>>4], hexDigits[c&15]
		p += 2
	}
}
