package kernel

import (
	"math"
	"strconv"

	"github.com/skep-sql/skep/exec/vec"
)

// AppendInt128 writes x as an integer.
func AppendInt128(b []byte, x vec.Int128) []byte {
	if IsInt64(x) {
		return strconv.AppendInt(b, int64(x.Lo), 10)
	}
	if x.Hi < 0 {
		b = append(b, '-')
	}
	var parts [3]uint64
	n := 0
	h, l, _ := abs128(x)
	v := vec.Int128{Lo: l, Hi: int64(h)}
	for v != (vec.Int128{}) {
		q, r := QuoRem128(v, I128(1e18))
		parts[n] = r.Lo
		n++
		v = q
	}
	b = strconv.AppendUint(b, parts[n-1], 10)
	for n--; n > 0; n-- {
		b = appendPadded(b, parts[n-1], 18)
	}
	return b
}

func appendPadded(b []byte, x uint64, width int) []byte {
	var tmp [20]byte
	t := strconv.AppendUint(tmp[:0], x, 10)
	for i := len(t); i < width; i++ {
		b = append(b, '0')
	}
	return append(b, t...)
}

// AppendDecimal writes x at scale s.
func AppendDecimal(b []byte, x vec.Int128, s int) []byte {
	if s == 0 {
		return AppendInt128(b, x)
	}
	if x.Hi < 0 {
		b = append(b, '-')
		x = Neg128(x)
	}
	start := len(b)
	b = AppendInt128(b, x)
	for len(b)-start <= s { // at least one digit before the point
		b = append(b, 0)
		copy(b[start+1:], b[start:])
		b[start] = '0'
	}
	b = append(b, 0)
	copy(b[len(b)-s:], b[len(b)-s-1:])
	b[len(b)-s-1] = '.'
	return b
}

// AppendFloat writes the shortest text that reads back as f (bits 64), or as the float32 in f (bits 32). Whole numbers keep
// a ".0", so that the text is not taken for an integer.
func AppendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	start := len(b)
	if a := math.Abs(f); a == 0 || a >= 1e-5 && a < 1e16 {
		b = strconv.AppendFloat(b, f, 'f', -1, bits)
		for _, c := range b[start:] {
			if c == '.' {
				return b
			}
		}
		return append(b, ".0"...)
	}
	return strconv.AppendFloat(b, f, 'e', -1, bits)
}

// AppendDate writes YYYY-MM-DD.
func AppendDate(b []byte, days int) []byte {
	if EndlessDay(int32(days)) && days == int(int32(days)) {
		return appendEndless(b, days > 0)
	}
	y, m, d := DaysToCivil(days)
	bc := y <= 0
	if bc {
		y = 1 - y
	}
	b = appendPadded(b, uint64(y), 4)
	b = append(b, '-')
	b = appendPadded(b, uint64(m), 2)
	b = append(b, '-')
	b = appendPadded(b, uint64(d), 2)
	if bc {
		b = append(b, " (BC)"...)
	}
	return b
}

// AppendTime writes HH:MM:SS and up to six digits of a fraction, without zeros at its end.
func AppendTime(b []byte, us int64) []byte {
	b = appendPadded(b, uint64(us/MicrosPerHour), 2)
	b = append(b, ':')
	b = appendPadded(b, uint64(us/MicrosPerMinute%60), 2)
	b = append(b, ':')
	b = appendPadded(b, uint64(us/MicrosPerSecond%60), 2)
	if f := us % MicrosPerSecond; f != 0 {
		b = append(b, '.')
		b = appendPadded(b, uint64(f), 6)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

// AppendTimestamp writes date, blank, time.
func AppendTimestamp(b []byte, us int64) []byte {
	if Endless(us) {
		return appendEndless(b, us > 0)
	}
	d, t := SplitMicros(us)
	return AppendTime(append(AppendDate(b, d), ' '), t)
}

// AppendInterval writes "1 year 2 months 3 days 04:05:06", leaving out parts that are zero.
func AppendInterval(b []byte, v vec.IntervalValue) []byte {
	start := len(b)
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, n, 10)
		b = append(append(b, ' '), unit...)
		if n != 1 && n != -1 {
			b = append(b, 's')
		}
	}
	part(int64(v.Months/12), "year")
	part(int64(v.Months%12), "month")
	part(int64(v.Days), "day")
	if v.Micros != 0 || len(b) == start {
		if len(b) > start {
			b = append(b, ' ')
		}
		if v.Micros >= 0 {
			return AppendTime(b, v.Micros)
		}
		b = append(b, '-') // the hours apart from the rest: the least span has no opposite
		hours, rest := -(v.Micros / MicrosPerHour), -(v.Micros % MicrosPerHour)
		if hours < 10 {
			b = append(b, '0')
		}
		b = strconv.AppendInt(b, hours, 10)
		var clock [24]byte
		b = append(b, AppendTime(clock[:0], rest)[2:]...)
	}
	return b
}
