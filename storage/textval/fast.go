package textval

import (
	"encoding/binary"

	"github.com/skep-sql/skep/exec/kernel"
)

// Parse8 reads the n ≤ 8 digits at the low bytes of w.
func Parse8(w uint64, n int) (uint64, bool) {
	sh := uint(64 - 8*n)
	w = w<<sh ^ 0x3030303030303030<<sh // digits at the top, zeros before them
	if (w+0x7676767676767676|w)&0x8080808080808080 != 0 {
		return 0, false
	}
	w = w*10 + w>>8
	return ((w&0x000000ff000000ff)*(100+1000000<<32) + (w>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32, true
}

// Pow10 are the powers of ten that fit 64 bits.
var Pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// ParseFixed reads the unsigned number buf[at:e] at a scale, if it is short and has no more digits than that behind the point.
func ParseFixed(buf []byte, at, e, scale int) (uint64, bool) {
	whole, frac := e-at, scale
	if point := e - 1 - scale; scale > 0 && point > at && buf[point] == '.' {
		whole = point - at
	} else if frac = 0; whole > 1 && buf[e-1] <= '9' {
		for j := e - 1; j > at && j >= e-scale; j-- {
			if buf[j] == '.' {
				whole, frac = j-at, e-1-j
				break
			}
		}
	}
	if whole <= 0 || whole > 8 || frac > 8 || scale > 8 {
		return 0, false
	}
	x, ok := Parse8(binary.LittleEndian.Uint64(buf[at:]), whole)
	if frac == 0 || !ok {
		return x * Pow10[scale], ok && e-at == whole
	}
	y, ok := Parse8(binary.LittleEndian.Uint64(buf[e-frac:]), frac)
	return x*Pow10[scale] + y*Pow10[scale-frac], ok
}

var pow10f = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// ParseShortFloat reads a number of at most 15 digits without exponent or needless zeros: mantissa and power of ten are exact, so
// that one division rounds right.
func ParseShortFloat(b []byte) (float64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 16 || b[0] == '.' || b[0] == '0' && len(b) > 1 && b[1] != '.' {
		return 0, false
	}
	var m uint64
	frac, digits := -1, 0
	for j, c := range b {
		if d := c - '0'; d <= 9 {
			m = m*10 + uint64(d)
			digits++
		} else if c == '.' && frac < 0 {
			frac = len(b) - 1 - j
		} else {
			return 0, false
		}
	}
	if digits > 15 || frac == 0 {
		return 0, false
	}
	f := float64(m)
	if frac > 0 {
		f /= pow10f[frac]
	}
	if neg {
		f = -f
	}
	return f, true
}

const firstYear, years = 1900, 200

// monthStarts has the day on which each month from 1900 on begins.
var monthStarts = func() (t [years*12 + 1]int32) {
	for i := range t {
		t[i] = int32(kernel.CivilToDays(firstYear, 1+i, 1))
	}
	return t
}()

// ParseDay reads YYYY-MM-DD of the years 1900 to 2099, given as its first eight bytes and the rest.
func ParseDay(a uint64, b uint16) (int32, bool) {
	a ^= 0x2d30302d30303030
	w := uint64(b ^ 0x3030)
	if (a+0x7f76767f76767676|a|(w+0x7676)|w)&0x8080808080808080 != 0 {
		return 0, false
	}
	y := (a&255)*1000 + (a>>8&255)*100 + (a>>16&255)*10 + a>>24&255
	m := (a>>40&255)*10 + a>>48&255 - 1
	d := int32((w&255)*10+w>>8) - 1
	at := (y-firstYear)*12 + m
	if y-firstYear >= years || m >= 12 || d < 0 {
		return 0, false
	}
	day := monthStarts[at] + d
	return day, day < monthStarts[at+1]
}

// ParseClock reads HH:MM:SS.
func ParseClock(a uint64) (int64, bool) {
	a ^= 0x30303a30303a3030
	if (a+0x76767f76767f7676|a)&0x8080808080808080 != 0 {
		return 0, false
	}
	h, m, s := (a&255)*10+a>>8&255, (a>>24&255)*10+a>>32&255, (a>>48&255)*10+a>>56
	return int64(h*3600+m*60+s) * kernel.MicrosPerSecond, h < 24 && m < 60 && s < 60
}
