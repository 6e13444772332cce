package kernel

import (
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// A TIMETZ is the micros since midnight in UTC, which may be the day before or after, and below them the offset of the zone, the eastern first:
// so that numbers sort as the times do, and of one instant those in the east come first.

// maxOffset is the largest offset of a zone, in seconds: 15:59:59.
const maxOffset = 16*3600 - 1

const offsetBits = 18

// PackTimeTZ makes a TIMETZ of the micros since midnight that a clock shows, and the seconds that it is ahead of UTC.
func PackTimeTZ(local, offset int64) int64 {
	return (local-offset*MicrosPerSecond)<<offsetBits | (maxOffset - offset)
}

// UnpackTimeTZ takes a TIMETZ apart.
func UnpackTimeTZ(v int64) (local, offset int64) {
	offset = maxOffset - v&(1<<offsetBits-1)
	return v>>offsetBits + offset*MicrosPerSecond, offset
}

// AppendTimeTZ writes a TIMETZ as HH:MM:SS[.ffffff]±HH[:MM[:SS]].
func AppendTimeTZ(b []byte, v int64) []byte {
	local, off := UnpackTimeTZ(v)
	b = AppendTime(b, local)
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	b = appendPadded(append(b, sign), uint64(off/3600), 2)
	if off%3600 != 0 {
		b = appendPadded(append(b, ':'), uint64(off/60%60), 2)
	}
	if off%60 != 0 {
		b = appendPadded(append(b, ':'), uint64(off%60), 2)
	}
	return b
}

// offsetNow is how far clocks in loc are ahead of UTC today, in seconds.
func offsetNow(loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return 0
	}
	return ZoneOffset(time.Now().UnixMicro(), loc)
}

// ParseTimeTZ reads a time and an offset; without one it is that of clocks in loc today.
func ParseTimeTZ(b []byte, loc *time.Location) (int64, bool) {
	t, rest, ok := parseTimePart(b)
	if !ok {
		return 0, false
	}
	off := int64(0)
	switch rest = Trim(rest); {
	case len(rest) == 0:
		off = offsetNow(loc)
	case len(rest) == 1 && rest[0]|0x20 == 'z', equalFold(rest, "utc"):
	case rest[0] == '+' || rest[0] == '-':
		h, i, good := digits(rest, 1, 1, 2)
		var m, s int
		if good && i < len(rest) {
			if rest[i] == ':' {
				i++
			}
			m, i, good = digits(rest, i, 2, 2)
		}
		if good && i < len(rest) && rest[i] == ':' {
			s, i, good = digits(rest, i+1, 2, 2)
		}
		off = int64(h)*3600 + int64(m)*60 + int64(s)
		if !good || i != len(rest) || m > 59 || s > 59 || off > maxOffset {
			return 0, false
		}
		if rest[0] == '-' {
			off = -off
		}
	default:
		return 0, false
	}
	return PackTimeTZ(t, off), true
}

// castTimeTZ finds the conversions between TIMETZ and the other types of time.
func castTimeTZ(from, to types.Type) (castFunc, bool) {
	switch {
	case from.Kind == types.TimeTZ && to.Kind == types.Time:
		return mapMicros(func(v int64, _ *time.Location, _ bool) int64 {
			local, _ := UnpackTimeTZ(v)
			return local
		}), false
	case from.Kind == types.Time:
		return mapMicros(func(v int64, loc *time.Location, _ bool) int64 { return PackTimeTZ(v, offsetNow(loc)) }), false
	case from.Kind == types.Timestamp || from.Kind == types.TimestampTZ:
		return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
			in, dst := vec.ColOf[int64](src), vec.Values[int64](out)
			for _, i := range sel {
				us, off := in.At(i), int64(0)
				if Endless(us) {
					if err := c.fail(src, i, out, "it has no time of day"); err != nil {
						return err
					}
					continue
				}
				if c.from.Kind == types.TimestampTZ {
					off = ZoneOffset(us, c.loc)
				}
				_, t := SplitMicros(us + off*MicrosPerSecond)
				dst[i] = PackTimeTZ(t, off)
			}
			return nil
		}, true
	}
	return nil, false
}
