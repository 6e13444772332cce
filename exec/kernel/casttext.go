package kernel

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// castFromText gives the conversion of text to t, or nil.
func castFromText(t types.Type) castFunc {
	if t.IsNested() {
		return castTextToNested(t)
	}
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		in := vec.StrsOf(src)
		for _, i := range sel {
			if why := c.parseInto(in.At(i), out, int(i)); why != "" {
				if err := c.fail(src, i, out, why); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// ParseInto reads the text b as a value of type t into row i of out, a flat vector of that type. It gives "" or why it
// cannot.
func ParseInto(b []byte, t types.Type, loc *time.Location, out *vec.Vector, i int) string {
	if loc == nil {
		loc = time.UTC
	}
	c := castRun{to: t, loc: loc}
	return c.parseInto(b, out, i)
}

const notA = "it is not a "

func (c *castRun) parseInto(b []byte, out *vec.Vector, i int) string {
	t := c.to
	switch t.Kind {
	case types.JSON:
		if !isJSON(b) {
			return "it is not JSON"
		}
		out.SetBytes(i, b)
		return ""
	case types.Varchar:
		out.SetBytes(i, b)
		return ""
	case types.Binary:
		out.SetBytes(i, unescapeBinary(b))
		return ""
	case types.Enum:
		place := slices.IndexFunc(t.Elems, func(e types.Field) bool { return e.Name == string(b) })
		if place < 0 {
			return noLabel
		}
		vec.Values[int32](out)[i] = int32(place)
		return ""
	}
	b = Trim(b)
	ok := false
	switch t.Kind {
	case types.Boolean:
		var v bool
		v, ok = ParseBool(b)
		vec.Values[uint8](out)[i] = b2u(v)
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.UTinyInt, types.USmallInt, types.UInteger, types.UBigInt:
		return parseInteger(b, t, out, i)
	case types.Decimal:
		x, _, good := ParseDecimal(b, int(t.P), int(t.S))
		ok = good && store128(out, int32(i), x, t)
	case types.Real, types.Double:
		var f float64
		f, ok = ParseFloat(b)
		if t.Kind == types.Real {
			g := float64(float32(f))
			ok = ok && (!math.IsInf(g, 0) || math.IsInf(f, 0))
			f = g
		}
		vec.Values[float64](out)[i] = f
	case types.Interval:
		vec.Values[vec.IntervalValue](out)[i], ok = ParseInterval(b)
	case types.TimeTZ:
		vec.Values[int64](out)[i], ok = ParseTimeTZ(b, c.loc)
	case types.Bit:
		var bits []byte
		if bits, ok = parseBits(b); ok {
			out.SetBytes(i, bits)
		}
	case types.UUID:
		var u [36]byte
		ok = parseUUID(b, &u)
		out.SetBytes(i, u[:])
	default:
		ok = c.parseTemporal(b, out, i)
	}
	if !ok {
		return notA + t.String()
	}
	return ""
}

// unescapeBinary reads \xHH as the byte that AppendText writes so; everything else stands for itself.
func unescapeBinary(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\x`)) {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && b[i+1] == 'x' {
			if v, err := strconv.ParseUint(text(b[i+2:i+4]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 3
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func parseInteger(b []byte, t types.Type, out *vec.Vector, i int) string {
	var x vec.Int128
	if n, good := ParseInt64(b); good {
		x = I128(n)
	} else {
		y, _, good := ParseDecimal(b, 38, 0) // "1.0", "1e3" and numbers past BIGINT
		if !good {
			if y, good = parseBased(b); !good {
				return notA + "number"
			}
		}
		x = y
	}
	if !store128(out, int32(i), x, t) {
		return "out of range"
	}
	return ""
}

// parseBased reads 0x1F and 0b1_0.
func parseBased(b []byte) (vec.Int128, bool) {
	if len(b) < 3 || b[0] != '0' || b[1]|0x20 != 'x' && b[1]|0x20 != 'b' {
		return vec.Int128{}, false
	}
	n, err := strconv.ParseUint(text(b), 0, 64)
	return vec.Int128{Lo: n}, err == nil
}

func (c *castRun) parseTemporal(b []byte, out *vec.Vector, i int) bool {
	if us, ok := parseMoment(b); ok && c.to.Kind != types.Time {
		if c.to.Kind == types.Date {
			vec.Values[int32](out)[i] = MicrosToDay(us)
		} else {
			vec.Values[int64](out)[i] = us
		}
		return true
	}
	switch c.to.Kind {
	case types.Date:
		d, ok := ParseDate(b)
		if !ok { // a timestamp's day
			var us int64
			var rest []byte
			us, _, rest, ok = ParseTimestamp(b)
			ok = ok && len(rest) == 0
			day, _ := SplitMicros(us)
			d = int32(day)
		}
		vec.Values[int32](out)[i] = d
		return ok
	case types.Time:
		t, ok := ParseTime(b)
		if !ok {
			var us int64
			us, _, _, ok = ParseTimestamp(b)
			_, t = SplitMicros(us)
		}
		vec.Values[int64](out)[i] = t
		return ok
	}
	us, zoned, rest, ok := ParseTimestamp(b)
	loc := c.loc
	if ok && len(rest) > 0 {
		l, err := time.LoadLocation(string(rest))
		if err != nil {
			return false
		}
		us, zoned = LocalToUTC(us, l), true
	}
	if c.to.Kind == types.TimestampTZ && !zoned {
		us = LocalToUTC(us, loc)
	}
	vec.Values[int64](out)[i] = us
	return ok
}

func parseUUID(b []byte, u *[36]byte) bool {
	if len(b) == 38 && b[0] == '{' && b[37] == '}' {
		b = b[1:37]
	}
	n := 0
	for _, c := range b {
		if c == '-' {
			continue
		}
		if n == 8 || n == 13 || n == 18 || n == 23 {
			u[n] = '-'
			n++
		}
		if c >= 'A' && c <= 'F' {
			c |= 0x20
		}
		if n >= 36 || !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
		u[n] = c
		n++
	}
	return n == 36
}

// castTemporal finds the conversions among dates, times and timestamps, and binary ones.
func castTemporal(from, to types.Type) (castFunc, bool) {
	switch {
	case from.Kind == types.Date && (to.Kind == types.Timestamp || to.Kind == types.TimestampTZ):
		return castDateToTimestamp, true
	case from.Kind == types.Timestamp && to.Kind == types.Date, from.Kind == types.TimestampTZ && to.Kind == types.Date:
		return castTimestampToDate, false
	case (from.Kind == types.Timestamp || from.Kind == types.TimestampTZ) && to.Kind == types.Time:
		return castTimestampToTime, true
	case from.Kind == types.Timestamp && to.Kind == types.TimestampTZ:
		return mapMicros(func(us int64, loc *time.Location, _ bool) int64 { return LocalToUTC(us, loc) }), false
	case from.Kind == types.TimestampTZ && to.Kind == types.Timestamp:
		return mapMicros(func(us int64, loc *time.Location, _ bool) int64 {
			return us + ZoneOffset(us, loc)*MicrosPerSecond
		}), false
	case from.Kind == types.Time && to.Kind == types.Interval:
		return func(_ *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
			in := vec.ColOf[int64](src)
			for _, i := range sel {
				vec.Values[vec.IntervalValue](out)[i] = vec.IntervalValue{Micros: in.At(i)}
			}
			return nil
		}, false
	case from.Phys() == types.PView && to.Phys() == types.PView && to.Kind != types.UUID:
		return castSame, false
	}
	return nil, false
}

func castDateToTimestamp(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in, dst := vec.ColOf[int32](src), vec.Values[int64](out)
	for _, i := range sel {
		us, ok := DayMicros(in.At(i))
		if !ok {
			if err := c.fail(src, i, out, "out of range"); err != nil {
				return err
			}
			continue
		}
		dst[i] = us
		if c.to.Kind == types.TimestampTZ {
			dst[i] = LocalToUTC(dst[i], c.loc)
		}
	}
	return nil
}

func castTimestampToDate(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in, dst := vec.ColOf[int64](src), vec.Values[int32](out)
	for _, i := range sel {
		us := in.At(i)
		if c.from.Kind == types.TimestampTZ {
			us += ZoneOffset(us, c.loc) * MicrosPerSecond
		}
		dst[i] = MicrosToDay(us)
	}
	return nil
}

func castTimestampToTime(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
	in, dst := vec.ColOf[int64](src), vec.Values[int64](out)
	for _, i := range sel {
		us := in.At(i)
		if Endless(us) {
			if err := c.fail(src, i, out, "it has no time of day"); err != nil {
				return err
			}
			continue
		}
		if c.from.Kind == types.TimestampTZ {
			us += ZoneOffset(us, c.loc) * MicrosPerSecond
		}
		_, dst[i] = SplitMicros(us)
	}
	return nil
}

func mapMicros(f func(us int64, loc *time.Location, tz bool) int64) castFunc {
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		in, dst, tz := vec.ColOf[int64](src), vec.Values[int64](out), c.from.Kind == types.TimestampTZ
		for _, i := range sel {
			dst[i] = f(in.At(i), c.loc, tz)
		}
		return nil
	}
}
