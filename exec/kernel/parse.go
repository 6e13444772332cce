package kernel

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// text shows b as a string without a copy; it must not outlive b.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Trim cuts ASCII white space from both ends.
func Trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// ParseInt64 reads an optionally signed decimal integer.
func ParseInt64(b []byte) (int64, bool) {
	neg, i := false, 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, i = b[0] == '-', 1
	}
	if i == len(b) || len(b)-i > 19 {
		return parseLongInt(b)
	}
	var n uint64
	for _, c := range b[i:] {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if neg {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}

// parseLongInt takes what ParseInt64 does not: nothing, or more than 19 digits (leading zeros).
func parseLongInt(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(text(b), 10, 64)
	return n, err == nil
}

// ParseDecimal reads a number at scale s: digits with at most one point, and an optional exponent. Digits behind the
// scale round half away from zero; exact tells that none but zeros were cut. ok is false for no number, or more than p digits.
func ParseDecimal(b []byte, p, s int) (x vec.Int128, exact, ok bool) {
	neg, i := false, 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, i = b[0] == '-', 1
	}
	var m uint64
	frac, digits, point := 0, 0, false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c-'0' > 9 {
			break
		}
		if digits == 18 || frac == s && point {
			return parseLongDecimal(b, p, s)
		}
		m = m*10 + uint64(c-'0')
		if m > 0 {
			digits++
		}
		if point {
			frac++
		}
	}
	if i < len(b) || i == 0 || i == 1 && (neg || point || b[0] == '+') || i == 2 && point && (b[0] == '-' || b[0] == '+') {
		return parseLongDecimal(b, p, s)
	}
	v := I128(int64(m))
	if frac < s {
		v, ok = Mul128(v, pow10[s-frac])
		if !ok {
			return x, false, false
		}
	}
	if neg {
		v = Neg128(v)
	}
	return v, true, FitsPrecision(v, p)
}

// parseLongDecimal takes what ParseDecimal does not: long numbers, rounding and exponents.
func parseLongDecimal(b []byte, p, s int) (x vec.Int128, exact, ok bool) {
	neg, i := false, 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, i = b[0] == '-', 1
	}
	var digits []byte
	frac, point, any := 0, false, false
	for ; i < len(b); i++ {
		if c := b[i]; c == '.' && !point {
			point = true
		} else if c-'0' <= 9 {
			any = true
			if len(digits) > 0 || c != '0' {
				digits = append(digits, c)
			}
			if point {
				frac++
			}
		} else {
			break
		}
	}
	exp := 0
	if any && i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		e, good := ParseInt64(b[i+1:])
		if !good || e > 10000 || e < -10000 {
			return x, false, false
		}
		exp, i = int(e), len(b)
	}
	if !any || i < len(b) {
		return x, false, false
	}
	cut := frac - exp - s // digits to cut (or zeros to add) at the end
	exact = true
	round := false
	if cut > 0 {
		keep := max(len(digits)-cut, 0)
		if cut <= len(digits) {
			round = digits[keep] >= '5'
		}
		for _, c := range digits[keep:] {
			exact = exact && c == '0'
		}
		digits = digits[:keep]
	}
	if len(digits)+max(-cut, 0) > max(p, types.MaxPrecision) && len(digits) > 0 {
		return x, false, false
	}
	for _, c := range digits {
		var ok1, ok2 bool
		x, ok1 = Mul128(x, I128(10))
		if x, ok2 = Add128(x, I128(int64(c-'0'))); !ok1 || !ok2 {
			return x, false, false
		}
	}
	if cut < 0 && len(digits) > 0 {
		if x, ok = Mul128(x, pow10[-cut]); !ok {
			return x, false, false
		}
	}
	if round {
		if x, ok = Add128(x, I128(1)); !ok {
			return x, false, false
		}
	}
	if neg {
		x = Neg128(x)
	}
	return x, exact, FitsPrecision(x, p)
}

// ParseFloat reads a floating point number; inf, infinity and nan are numbers in any case.
func ParseFloat(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 400 {
		return 0, false
	}
	for _, c := range b { // strconv would take hex floats and underscores
		if c == 'x' || c == 'X' || c == '_' || c == 'p' || c == 'P' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(text(b), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, err == nil
}

// ParseBool reads true, false, t, f, yes, no, y, n, on, off, 1, 0 in any case.
func ParseBool(b []byte) (v, ok bool) {
	switch len(b) {
	case 1:
		switch b[0] | 0x20 {
		case 't', 'y', '1' | 0x20:
			return true, true
		case 'f', 'n', '0' | 0x20:
			return false, true
		}
	case 2:
		return equalFold(b, "on"), equalFold(b, "on") || equalFold(b, "no")
	case 3:
		return equalFold(b, "yes"), equalFold(b, "yes") || equalFold(b, "off")
	case 4:
		return true, equalFold(b, "true")
	case 5:
		return false, equalFold(b, "false")
	}
	return false, false
}

func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range b {
		if b[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// digits reads between lo and hi digits at i.
func digits(b []byte, i, lo, hi int) (n, next int, ok bool) {
	start := i
	for i < len(b) && i-start < hi && b[i]-'0' <= 9 {
		n = n*10 + int(b[i]-'0')
		i++
	}
	return n, i, i-start >= lo
}

// ParseDate reads YYYY-MM-DD (also with one-digit month and day, `/` for `-`, years of up to 6 digits, a minus sign or a
// trailing " (BC)").
func ParseDate(b []byte) (int32, bool) {
	d, rest, ok := parseDatePart(b)
	return d, ok && len(rest) == 0
}

func parseDatePart(b []byte) (int32, []byte, bool) {
	i, sign := 0, 1
	if len(b) > 0 && b[0] == '-' {
		i, sign = 1, -1
	}
	y, i, ok := digits(b, i, 4, 7)
	if !ok || i >= len(b) || b[i] != '-' && b[i] != '/' {
		return 0, nil, false
	}
	sep := b[i]
	m, i, ok := digits(b, i+1, 1, 2)
	if !ok || i >= len(b) || b[i] != sep {
		return 0, nil, false
	}
	d, i, ok := digits(b, i+1, 1, 2)
	if !ok || m < 1 || m > 12 || d < 1 {
		return 0, nil, false
	}
	rest := b[i:]
	if len(rest) >= 5 && string(rest[:5]) == " (BC)" {
		y, rest = 1-y, rest[5:]
	}
	y *= sign
	if d > DaysInMonth(y, m) {
		return 0, nil, false
	}
	n := CivilToDays(y, m, d)
	if n >= int(InfiniteDay) || n <= -int(InfiniteDay) {
		return 0, nil, false
	}
	return int32(n), rest, true
}

// ParseTime reads HH:MM[:SS[.ffffff]] as micros since midnight; 24:00:00 is allowed.
func ParseTime(b []byte) (int64, bool) {
	t, rest, ok := parseTimePart(b)
	return t, ok && len(rest) == 0
}

func parseTimePart(b []byte) (int64, []byte, bool) {
	h, i, ok := digits(b, 0, 1, 2)
	if !ok || i >= len(b) || b[i] != ':' {
		return 0, nil, false
	}
	m, i, ok := digits(b, i+1, 2, 2)
	if !ok || m > 59 {
		return 0, nil, false
	}
	t := int64(h)*MicrosPerHour + int64(m)*MicrosPerMinute
	if i < len(b) && b[i] == ':' {
		var s int
		if s, i, ok = digits(b, i+1, 2, 2); !ok || s > 59 {
			return 0, nil, false
		}
		t += int64(s) * MicrosPerSecond
		if i < len(b) && (b[i] == '.' || b[i] == ',') {
			i++
			unit := int64(MicrosPerSecond / 10)
			start := i
			for ; i < len(b) && b[i]-'0' <= 9; i++ {
				t += int64(b[i]-'0') * unit
				unit /= 10
			}
			if i == start {
				return 0, nil, false
			}
		}
	}
	return t, b[i:], t <= MicrosPerDay
}

// ParseTimestamp reads a date, optionally followed by a time (after a blank or T) and a zone: Z, UTC, ±HH, ±HHMM, ±HH:MM.
// With a zone, zoned is true and us is in UTC; without one us is as written. Other zone names are left to the caller in rest.
func ParseTimestamp(b []byte) (us int64, zoned bool, rest []byte, ok bool) {
	d, r, ok := parseDatePart(b)
	if !ok {
		return 0, false, nil, false
	}
	if d < minTimestampDay || d > maxTimestampDay {
		return 0, false, nil, false
	}
	us = int64(d) * MicrosPerDay
	if len(r) == 0 {
		return us, false, nil, true
	}
	if r[0] != ' ' && r[0] != 'T' && r[0] != 't' {
		return 0, false, nil, false
	}
	t, r, ok := parseTimePart(r[1:])
	if !ok {
		return 0, false, nil, false
	}
	if us > 0 && t >= InfiniteTime-us {
		return 0, false, nil, false
	}
	us += t
	r = Trim(r)
	switch {
	case len(r) == 0:
		return us, false, nil, true
	case len(r) == 1 && r[0]|0x20 == 'z', len(r) == 3 && equalFold(r, "utc"), len(r) == 3 && equalFold(r, "gmt"):
		return us, true, nil, true
	case r[0] == '+' || r[0] == '-':
		off, good := parseOffset(r)
		return us - off, true, nil, good
	}
	return us, false, r, true
}

// The days that a TIMESTAMP may lie on: the first whole, the last up to where 64 bits of micros end.
const minTimestampDay, maxTimestampDay = -106751991, 106751991

func parseOffset(r []byte) (int64, bool) {
	h, i, ok := digits(r, 1, 1, 2)
	m := 0
	if ok && i < len(r) {
		if r[i] == ':' {
			i++
		}
		m, i, ok = digits(r, i, 2, 2)
	}
	off := int64(h)*MicrosPerHour + int64(m)*MicrosPerMinute
	if r[0] == '-' {
		off = -off
	}
	return off, ok && i == len(r) && h <= 18 && m < 60
}
