package csv

import (
	"bytes"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/textval"
)

const patternLetters = "YmdHMSfyBbpIj%-"

// patternOption checks a pattern of dates or times: %Y %m %d %y %b %B %j %H %I %M %S %f %p, as in strptime.
func patternOption(name string, o storage.Option) (string, error) {
	p := o.Text
	for i := 0; i < len(p); i++ {
		if p[i] != '%' {
			continue
		}
		if i++; i == len(p) || !strings.ContainsRune(patternLetters, rune(p[i])) {
			return "", sqlerr.At(sqlerr.Bind, o.Pos, "option %s: '%s' has an unknown part", name, p).WithHint("known: %%Y %%m %%d %%y %%b %%B %%j %%H %%I %%M %%S %%f %%p")
		}
	}
	if p != "" && !strings.Contains(p, "%") {
		return "", sqlerr.At(sqlerr.Bind, o.Pos, "option %s: '%s' has no part that begins with %%", name, p).WithHint("%%d.%%m.%%Y reads 31.12.2024")
	}
	return p, nil
}

// formatted reads a date or time by the pattern of the options; done tells that there is one for the type.
func (c *config) formatted(t types.Type, b []byte) (us int64, done, ok bool) {
	switch {
	case t.Kind == types.Date && c.dateFormat != "":
		us, ok = parsePattern(c.dateFormat, kernel.Trim(b))
		return us, true, ok
	case (t.Kind == types.Timestamp || t.Kind == types.TimestampTZ) && c.stampFormat != "":
		if us, ok = parsePattern(c.stampFormat, kernel.Trim(b)); ok {
			return us, true, true
		}
		if c.dateFormat != "" {
			us, ok = parsePattern(c.dateFormat, kernel.Trim(b))
		}
		return us, true, ok
	}
	return 0, false, false
}

// formatClass gives what b is by the patterns of the options.
func formatClass(b []byte, c *config) int {
	can := 0
	if c.dateFormat != "" {
		if _, ok := parsePattern(c.dateFormat, b); ok {
			can |= textval.IsDate
			if c.stampFormat != "" {
				can |= textval.IsStamp
			}
		}
	}
	if c.stampFormat != "" {
		if _, ok := parsePattern(c.stampFormat, b); ok {
			can |= textval.IsStamp
		}
	}
	return can
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// parsePattern reads b by a pattern, as microseconds since 1970.
func parsePattern(p string, b []byte) (int64, bool) {
	y, m, d, day := 1970, 1, 1, 0
	var h, min, sec, us int
	pm, half := false, false
	for i := 0; i < len(p); i++ {
		if p[i] != '%' {
			if len(b) == 0 || b[0] != p[i] {
				return 0, false
			}
			b = b[1:]
			continue
		}
		i++
		if p[i] == '-' && i+1 < len(p) {
			i++
		}
		ok := true
		switch p[i] {
		case 'Y':
			y, b, ok = number(b, 4, 4)
		case 'y':
			y, b, ok = number(b, 2, 2)
			if y += 1900; y < 1969 {
				y += 100
			}
		case 'm':
			m, b, ok = number(b, 1, 2)
		case 'd':
			d, b, ok = number(b, 1, 2)
		case 'j':
			day, b, ok = number(b, 1, 3)
		case 'H':
			h, b, ok = number(b, 1, 2)
		case 'I':
			h, b, ok = number(b, 1, 2)
			half = true
		case 'M':
			min, b, ok = number(b, 1, 2)
		case 'S':
			sec, b, ok = number(b, 1, 2)
		case 'f':
			n := textval.CountDigits(b)
			us, b, ok = number(b, 1, 6)
			for ; n < 6; n++ {
				us *= 10
			}
		case 'b', 'B':
			m, b, ok = monthName(b)
		case 'p':
			ok = len(b) >= 2 && b[1]|0x20 == 'm' && (b[0]|0x20 == 'a' || b[0]|0x20 == 'p')
			if ok {
				pm, b = b[0]|0x20 == 'p', b[2:]
			}
		case '%':
			ok = len(b) > 0 && b[0] == '%'
			b = b[min01(b):]
		}
		if !ok {
			return 0, false
		}
	}
	if half {
		if h < 1 || h > 12 {
			return 0, false
		}
		h %= 12
		if pm {
			h += 12
		}
	}
	if len(b) > 0 || m < 1 || m > 12 || d < 1 || d > kernel.DaysInMonth(y, m) || h > 23 || min > 59 || sec > 59 || day > 366 {
		return 0, false
	}
	days := kernel.CivilToDays(y, m, d)
	if day > 0 {
		days += day - 1
	}
	return int64(days)*kernel.MicrosPerDay + int64(h*3600+min*60+sec)*kernel.MicrosPerSecond + int64(us), true
}

func min01(b []byte) int { return min(1, len(b)) }

// number reads from lo to hi digits.
func number(b []byte, lo, hi int) (int, []byte, bool) {
	n, x := min(textval.CountDigits(b), hi), 0
	for _, c := range b[:n] {
		x = x*10 + int(c-'0')
	}
	return x, b[n:], n >= lo
}

func monthName(b []byte) (int, []byte, bool) {
	for i, name := range monthNames {
		for _, n := range []int{len(name), 3} {
			if len(b) >= n && bytes.EqualFold(b[:n], []byte(name[:n])) {
				return i + 1, b[n:], true
			}
		}
	}
	return 0, b, false
}
