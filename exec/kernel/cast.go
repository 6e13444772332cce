package kernel

import (
	"math"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// Caster converts vectors of one type to another. It is immutable.
type Caster struct {
	From, To types.Type
	// CanFail tells that some values of From have no counterpart in To.
	CanFail bool
	run     castFunc
}

// castFunc converts the rows sel, none of which is NULL. fail is called for a value that does not convert; if it gives nil the
// row has been made NULL.
type castFunc func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error

// castRun is one call of a Caster.
type castRun struct {
	from, to types.Type
	loc      *time.Location
	try      bool
	buf      []byte
}

// NewCaster finds the conversion, and tells whether there is one.
func NewCaster(from, to types.Type) (*Caster, bool) {
	run, canFail := findCast(from, to)
	if run == nil {
		return nil, false
	}
	return &Caster{From: from, To: to, CanFail: canFail, run: run}, true
}

// Run converts the rows sel of src, none of which is NULL, into out, which has been Reset to the target type. With try a value
// that does not convert becomes NULL, else it is an error. loc is the session's time zone; nil is UTC.
func (c *Caster) Run(src *vec.Vector, sel []int32, out *vec.Vector, try bool, loc *time.Location) error {
	if loc == nil {
		loc = time.UTC
	}
	return c.run(&castRun{from: c.From, to: c.To, loc: loc, try: try}, src, sel, out)
}

// shownRunes is how much of a value an error shows.
const shownRunes = 100

// fail handles a value that does not convert.
func (c *castRun) fail(src *vec.Vector, i int32, out *vec.Vector, why string) error {
	if c.try {
		out.SetNull(int(i))
		return nil
	}
	f, k := src.At(int(i))
	val := string(AppendText(nil, f, k))
	if r := []rune(val); len(r) > shownRunes {
		val = string(r[:shownRunes]) + "…"
	}
	if f.Phys() == types.PView {
		val = "'" + val + "'"
	}
	e := sqlerr.New(sqlerr.Data, "cannot cast %s (%s) to %s: %s", val, c.from, c.to, why)
	return e.WithHint("TRY_CAST gives NULL for values that do not convert")
}

func findCast(from, to types.Type) (run castFunc, canFail bool) {
	if to.P > 0 && (to.Kind == types.Timestamp || to.Kind == types.TimestampTZ) && from.Kind != types.Null {
		if run, canFail = findCast(from, types.Type{Kind: to.Kind}); run == nil {
			return nil, false
		}
		return castRounded(run, int(to.P)-1), canFail
	}
	switch {
	case from.Kind == types.Null:
		return castNull, false
	case to.Kind == types.Varchar && to.N == 0:
		return castToText, false
	case to.Kind == types.Varchar:
		return castToLimited, true
	case from.Kind == types.Varchar && to.Kind == types.Enum:
		return castToEnum(to), true
	case from.Kind == types.Enum && to.Kind == types.Enum && !from.Equal(to):
		return castToEnum(to), true
	case from.Kind == types.Enum && to.Kind != types.Enum:
		return castLabels(castFromText(to)), true
	case from.Kind == types.Varchar || from.Kind == types.JSON && !to.IsNested() && to.Kind != types.JSON:
		return castFromText(to), true
	case from.Kind == types.Bit && to.Kind != types.Bit || to.Kind == types.Bit && from.Kind != types.Bit:
		return castBits(from, to)
	case (from.Kind == types.TimeTZ || to.Kind == types.TimeTZ) && from.Kind != to.Kind:
		return castTimeTZ(from, to)
	case from.IsNumeric() && to.IsNumeric():
		return castNumber(from, to)
	case from.Kind == types.Boolean && to.IsNumeric():
		return castBoolToNumber, false
	case from.IsNumeric() && to.Kind == types.Boolean:
		return castNumberToBool, false
	case from.Kind == to.Kind && !from.IsNested():
		return castSame, false
	case from.Kind == types.Struct && to.Kind == types.Map:
		return castStructToMap(from, to)
	case from.IsNested() && to.Kind == from.Kind:
		return castNested(from, to)
	}
	return castTemporal(from, to)
}

// castRounded rounds what run gives, timestamps, to so many digits of a second.
func castRounded(run castFunc, digits int) castFunc {
	unit := Pow10i64(6 - digits)
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		if err := run(c, src, sel, out); err != nil {
			return err
		}
		out.Type = c.to
		x := vec.Values[int64](out)
		for _, i := range sel {
			if out.IsNull(int(i)) || Endless(x[i]) {
				continue
			}
			rest := (x[i]%unit + unit) % unit
			if x[i] -= rest; 2*rest >= unit && x[i] <= InfiniteTime-unit {
				x[i] += unit
			}
		}
		return nil
	}
}

func castNull(_ *castRun, _ *vec.Vector, sel []int32, out *vec.Vector) error {
	for _, i := range sel {
		out.SetNull(int(i))
	}
	return nil
}

// castSame is for types that share values and layout.
func castSame(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	keep := out.Valid
	vec.Flatten(out, src, sel)
	out.Type, out.Valid = c.to, keep
	return nil
}

func castToText(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	if src.Phys() == types.PView && c.from.Kind != types.Binary {
		return castSame(c, src, sel, out)
	}
	for _, i := range sel {
		f, k := src.At(int(i))
		if c.from.Kind == types.TimestampTZ {
			c.buf = AppendTimestampTZ(c.buf[:0], vec.Values[int64](f)[k], c.loc)
		} else {
			c.buf = AppendText(c.buf[:0], f, k)
		}
		out.SetBytes(int(i), c.buf)
	}
	return nil
}

func castToLimited(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	for _, i := range sel {
		f, k := src.At(int(i))
		c.buf = AppendText(c.buf[:0], f, k)
		b := c.buf
		if n := runeCount(b); n > int(c.to.N) {
			for n > int(c.to.N) && b[len(b)-1] == ' ' {
				b, n = b[:len(b)-1], n-1
			}
			if n > int(c.to.N) {
				if err := c.fail(src, i, out, "the text is too long"); err != nil {
					return err
				}
				continue
			}
		}
		out.SetBytes(int(i), b)
	}
	return nil
}

func runeCount(b []byte) int {
	n := 0
	for _, c := range b {
		if c&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// AppendTimestampTZ writes an instant in the zone loc with its offset.
func AppendTimestampTZ(b []byte, us int64, loc *time.Location) []byte {
	if Endless(us) {
		return AppendTimestamp(b, us)
	}
	off := ZoneOffset(us, loc)
	b = AppendTimestamp(b, us+off*MicrosPerSecond)
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	b = appendPadded(append(b, sign), uint64(off/3600), 2)
	if m := off / 60 % 60; m != 0 {
		b = appendPadded(append(b, ':'), uint64(m), 2)
	}
	return b
}

// ZoneOffset gives the seconds east of UTC in loc at an instant.
func ZoneOffset(us int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || Endless(us) {
		return 0
	}
	_, off := time.UnixMicro(us).In(loc).Zone()
	return int64(off)
}

// LocalToUTC gives the instant at which clocks in loc show the timestamp us. Where they show it twice it is the later; where they leap over
// it, clocks that did not would show it.
func LocalToUTC(us int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || us > InfiniteTime-MicrosPerDay || us < MicrosPerDay-InfiniteTime {
		return us
	}
	before, after := ZoneOffset(us-MicrosPerDay, loc), ZoneOffset(us+MicrosPerDay, loc)
	if before != after {
		if t := us - after*MicrosPerSecond; ZoneOffset(t, loc) == after {
			return t
		}
	}
	return us - before*MicrosPerSecond
}

func castBoolToNumber(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in := vec.ColOf[uint8](src)
	for _, i := range sel {
		x := int64(in.At(i))
		switch out.Phys() {
		case types.PI32:
			vec.Values[int32](out)[i] = int32(x)
		case types.PI64:
			vec.Values[int64](out)[i] = x * Pow10i64(int(c.to.S))
		case types.PF64:
			vec.Values[float64](out)[i] = float64(x)
		default:
			vec.Values[vec.Int128](out)[i], _ = Rescale128(I128(x), 0, int(c.to.S))
		}
	}
	return nil
}

func castNumberToBool(_ *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	dst := vec.Values[uint8](out)
	for _, i := range sel {
		f, k := src.At(int(i))
		var yes bool
		if f.Phys() == types.PF64 {
			yes = vec.Values[float64](f)[k] != 0
		} else {
			yes = Int128At(f, k) != vec.Int128{}
		}
		dst[i] = b2u(yes)
	}
	return nil
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// Int128At widens the integer, unscaled decimal, date or timestamp at index k of a Flat or Const vector.
func Int128At(v *vec.Vector, k int) vec.Int128 {
	switch v.Phys() {
	case types.PBool:
		return I128(int64(vec.Values[uint8](v)[k]))
	case types.PI32:
		return I128(int64(vec.Values[int32](v)[k]))
	case types.PI64:
		return I128(vec.Values[int64](v)[k])
	}
	return vec.Values[vec.Int128](v)[k]
}

// intRange gives the smallest and the largest value of an integer type.
func intRange(k types.Kind) (lo, hi vec.Int128) {
	switch k {
	case types.TinyInt:
		return I128(math.MinInt8), I128(math.MaxInt8)
	case types.SmallInt:
		return I128(math.MinInt16), I128(math.MaxInt16)
	case types.Integer:
		return I128(math.MinInt32), I128(math.MaxInt32)
	case types.UTinyInt:
		return I128(0), I128(math.MaxUint8)
	case types.USmallInt:
		return I128(0), I128(math.MaxUint16)
	case types.UInteger:
		return I128(0), I128(math.MaxUint32)
	case types.UBigInt:
		return I128(0), vec.Int128{Lo: math.MaxUint64}
	}
	return I128(math.MinInt64), I128(math.MaxInt64)
}

// store128 writes x as a value of an integer or decimal type and tells whether it fits.
func store128(out *vec.Vector, i int32, x vec.Int128, t types.Type) bool {
	if t.Kind == types.Decimal {
		if !FitsPrecision(x, int(t.P)) {
			return false
		}
	} else if lo, hi := intRange(t.Kind); Cmp128(x, lo) < 0 || Cmp128(x, hi) > 0 {
		return false
	}
	switch out.Phys() {
	case types.PI32:
		vec.Values[int32](out)[i] = int32(x.Lo)
	case types.PI64:
		vec.Values[int64](out)[i] = int64(x.Lo)
	default:
		vec.Values[vec.Int128](out)[i] = x
	}
	return true
}
