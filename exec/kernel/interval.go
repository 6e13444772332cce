package kernel

import (
	"math"
	"strings"

	"github.com/skep-sql/skep/exec/vec"
)

// unitScale gives what one of a unit is: months, days or micros.
func unitScale(u string) (months, days int64, micros int64, ok bool) {
	if strings.EqualFold(u, "ms") { // not minutes
		return 0, 0, 1000, true
	}
	switch strings.TrimSuffix(strings.ToLower(u), "s") {
	case "microsecond", "us", "u", "usec", "usecond":
		return 0, 0, 1, true
	case "millisecond", "m_s", "msec", "m s", "msecond":
		return 0, 0, 1000, true
	case "second", "sec", "":
		return 0, 0, MicrosPerSecond, true
	case "minute", "min", "m":
		return 0, 0, MicrosPerMinute, true
	case "hour", "hr", "h":
		return 0, 0, MicrosPerHour, true
	case "day", "d":
		return 0, 1, 0, true
	case "week", "w":
		return 0, 7, 0, true
	case "month", "mon":
		return 1, 0, 0, true
	case "quarter":
		return 3, 0, 0, true
	case "year", "yr", "y":
		return 12, 0, 0, true
	case "decade", "dec":
		return 120, 0, 0, true
	case "century", "centurie", "cent", "c":
		return 1200, 0, 0, true
	case "millennium", "millennia", "mil":
		return 12000, 0, 0, true
	}
	return 0, 0, 0, false
}

// MakeInterval gives n units, n at scale 6 (millionths), so that fractions of units carry down: 1.5 days are 36 hours. Those of years and longer
// are rounded to months. ok is false for an unknown unit or a span too long.
func MakeInterval(millionths vec.Int128, unit string) (v vec.IntervalValue, ok bool) {
	mo, da, us, ok := unitScale(unit)
	if !ok {
		return v, false
	}
	whole, frac := QuoRem128(millionths, I128(1e6))
	switch {
	case mo > 0:
		m, fits := Mul128(whole, I128(mo))
		part := int64(frac.Lo) * mo
		if mo >= 12 {
			part = roundTo(part, 1e6)
		}
		all := int64(m.Lo) + part/1e6
		days := part % 1e6 * 30
		v.Months, v.Days, v.Micros = int32(all), int32(days/1e6), days%1e6*(MicrosPerDay/1e6)
		return v, fits && IsInt64(m) && int64(m.Lo) == int64(int32(m.Lo)) && all == int64(int32(all))
	case da > 0:
		d, fits := Mul128(whole, I128(da))
		part := int64(frac.Lo) * da
		all := int64(d.Lo) + part/1e6
		v.Days, v.Micros = int32(all), part%1e6*(MicrosPerDay/1e6)
		return v, fits && IsInt64(d) && int64(d.Lo) == int64(int32(d.Lo)) && all == int64(int32(all))
	}
	t, fits := Mul128(millionths, I128(us))
	t, _ = QuoRem128(t, I128(1e6))
	v.Micros = int64(t.Lo)
	return v, fits && IsInt64(t)
}

// roundTo rounds x to a multiple of unit, half away from zero.
func roundTo(x, unit int64) int64 {
	half := unit / 2
	if x < 0 {
		half = -half
	}
	return (x + half) / unit * unit
}

// finely gives n units of days or time where n has more digits than MakeInterval takes: the digits of it that are micros count.
func finely(num, unit string) (v vec.IntervalValue, ok bool) {
	const scale = 15
	mo, da, us, ok := unitScale(unit)
	x, _, good := ParseDecimal([]byte(num), 38, scale)
	if !ok || !good || mo > 0 {
		return v, false
	}
	size := us + da*MicrosPerDay
	all, fits := Mul128(x, I128(size))
	t, whole := Rescale128(all, scale, 0)
	if !fits || !whole || !IsInt64(t) {
		return v, false
	}
	v.Micros = int64(t.Lo)
	if da > 0 {
		v.Days, v.Micros = int32(v.Micros/MicrosPerDay), v.Micros%MicrosPerDay
	}
	return v, true
}

// AddIntervals adds the parts of two intervals; ok is false where one does not fit.
func AddIntervals(a, b vec.IntervalValue) (v vec.IntervalValue, ok bool) {
	months, days := int64(a.Months)+int64(b.Months), int64(a.Days)+int64(b.Days)
	v = vec.IntervalValue{Months: int32(months), Days: int32(days), Micros: a.Micros + b.Micros}
	carried := (v.Micros > a.Micros) == (b.Micros > 0) || b.Micros == 0
	return v, carried && months == int64(v.Months) && days == int64(v.Days)
}

// ParseInterval reads "1 year 2 days", "3 hours 10 minutes ago", "1 day 04:05:06", "-5 days", "1-2" (years-months); the word interval may stand in front.
func ParseInterval(b []byte) (v vec.IntervalValue, ok bool) {
	words := strings.Fields(strings.TrimPrefix(string(Trim(b)), "@"))
	if len(words) == 0 {
		return v, false
	}
	if len(words) > 1 && strings.EqualFold(words[0], "interval") {
		words = words[1:]
	}
	ago := false
	if n := len(words); n > 1 && strings.EqualFold(words[n-1], "ago") {
		ago, words = true, words[:n-1]
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		part, used, good := intervalPart(w, words[i+1:])
		if !good {
			return v, false
		}
		i += used
		if v, good = AddIntervals(v, part); !good {
			return v, false
		}
	}
	if ago {
		if v.Months == math.MinInt32 || v.Days == math.MinInt32 || v.Micros == math.MinInt64 {
			return v, false
		}
		v = vec.IntervalValue{Months: -v.Months, Days: -v.Days, Micros: -v.Micros}
	}
	return v, true
}

// parseClock reads H:MM[:SS[.ffffff]], of which a span may have any number of hours.
func parseClock(b []byte) (int64, bool) {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	h, ok := ParseInt64(b[:n])
	if !ok || n == 0 || h > math.MaxInt64/MicrosPerHour-1 {
		return 0, false
	}
	t, ok := ParseTime(append([]byte{'0'}, b[n:]...))
	return h*MicrosPerHour + t, ok
}

// intervalPart reads one part, which begins with w and may use the words after it.
func intervalPart(w string, next []string) (v vec.IntervalValue, used int, ok bool) {
	body := strings.TrimPrefix(strings.TrimPrefix(w, "-"), "+")
	neg := strings.HasPrefix(w, "-")
	if strings.Contains(body, ":") {
		t, good := parseClock([]byte(body))
		if neg {
			t = -t
		}
		return vec.IntervalValue{Micros: t}, 0, good
	}
	if y, m, dash := strings.Cut(body, "-"); dash {
		yy, ok1 := ParseInt64([]byte(y))
		mm, ok2 := ParseInt64([]byte(m))
		if !ok1 || !ok2 || yy < 0 || mm < 0 || yy > math.MaxInt32 || mm > math.MaxInt32 {
			return v, 0, false
		}
		n := yy*12 + mm
		if neg {
			n = -n
		}
		return vec.IntervalValue{Months: int32(n)}, 0, n == int64(int32(n))
	}
	end := len(w)
	for end > 0 && (w[end-1]|0x20 >= 'a' && w[end-1]|0x20 <= 'z') {
		end--
	}
	num, unit := w[:end], w[end:]
	if unit == "" && len(next) > 0 {
		unit, used = next[0], 1
	}
	x, exact, good := ParseDecimal([]byte(num), 38, 6)
	if !good {
		return v, 0, false
	}
	if !exact {
		if v, ok := finely(num, unit); ok {
			return v, used, true
		}
	}
	if strings.EqualFold(unit, "ms") {
		unit = "millisecond"
	}
	if strings.EqualFold(unit, "us") {
		unit = "microsecond"
	}
	v, ok = MakeInterval(x, unit)
	return v, used, ok
}
