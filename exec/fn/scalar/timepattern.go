package scalar

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/exec/kernel"
)

// timeItem is a step of a date pattern: a field, or literal text.
type timeItem struct {
	f     patternField
	width int    // digits at least; of a fraction: exactly
	text  string // literal
	upper bool   // names in capitals
	sub   timePattern
}

// patternField is a field that a date pattern writes or reads.
type patternField uint8

const (
	tLiteral patternField = iota
	tYear
	tYear2
	tMonth
	tMonthName
	tMonthAbbr
	tDay
	tDayOfYear
	tHour24
	tHour12
	tMinute
	tSecond
	tFraction
	tMeridiem
	tWeekdayName
	tWeekdayAbbr
	tWeekday // 0 = Sunday
	tISODay  // 1 = Monday
	tISOYear
	tISOWeek
	tQuarter
	tZone
	tEpoch
	tHourTo24    // 1 to 24
	tHourTo11    // 0 to 11
	tQuarterName // Q3, 3rd quarter
	tEra
	tOffset   // of the zone, in the form that text names
	tOptional // sub, which may be missing where the pattern is read
)

// timePattern is a date pattern made ready, whichever language it was written in.
type timePattern []timeItem

func (p timePattern) lit(s string) timePattern {
	if n := len(p); n > 0 && p[n-1].f == tLiteral {
		p[n-1].text += s
		return p
	}
	return append(p, timeItem{f: tLiteral, text: s})
}

var strftimeCodes = map[byte]timeItem{
	'Y': {f: tYear, width: 4}, 'y': {f: tYear2, width: 2}, 'm': {f: tMonth, width: 2}, 'B': {f: tMonthName}, 'M': {f: tMinute, width: 2},
	'b': {f: tMonthAbbr}, 'h': {f: tMonthAbbr}, 'd': {f: tDay, width: 2}, 'e': {f: tDay, width: 1}, 'j': {f: tDayOfYear, width: 3},
	'H': {f: tHour24, width: 2}, 'k': {f: tHour24, width: 1}, 'I': {f: tHour12, width: 2}, 'l': {f: tHour12, width: 1}, 'S': {f: tSecond, width: 2},
	'f': {f: tFraction, width: 6}, 'g': {f: tFraction, width: 3}, 'n': {f: tFraction, width: 9}, 'p': {f: tMeridiem, upper: true}, 'A': {f: tWeekdayName},
	'a': {f: tWeekdayAbbr}, 'w': {f: tWeekday, width: 1}, 'u': {f: tISODay, width: 1}, 'G': {f: tISOYear, width: 4}, 'V': {f: tISOWeek, width: 2},
	'z': {f: tZone}, 'Z': {f: tZone}, 's': {f: tEpoch, width: 1}, 'i': {f: tMinute, width: 2},
}

// strftimePattern reads C's patterns: %Y-%m-%d.
func strftimePattern(s string) (timePattern, error) {
	var p timePattern
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			p = p.lit(s[i : i+1])
			continue
		}
		i++
		narrow := s[i] == '-' && i+1 < len(s)
		if narrow {
			i++
		}
		switch c := s[i]; c {
		case '%':
			p = p.lit("%")
		case 'F':
			q, _ := strftimePattern("%Y-%m-%d")
			p = append(p, q...)
		case 'T', 'X', 'R':
			q, _ := strftimePattern(map[byte]string{'T': "%H:%M:%S", 'X': "%H:%M:%S", 'R': "%H:%M"}[c])
			p = append(p, q...)
		case 'D', 'x', 'c':
			q, _ := strftimePattern(map[byte]string{'D': "%m/%d/%y", 'x': "%Y-%m-%d", 'c': "%Y-%m-%d %H:%M:%S"}[c])
			p = append(p, q...)
		case 't':
			p = p.lit("\t")
		default:
			it, ok := strftimeCodes[c]
			if !ok {
				return nil, dataErr("'%%%c' in the pattern '%s' is not known", c, s)
			}
			if narrow {
				it.width = 1
			}
			p = append(p, it)
		}
	}
	return p, nil
}

// pgCodes are the words of to_char, longer ones before their beginnings.
var pgCodes = []struct {
	word string
	item timeItem
}{
	{"YYYY", timeItem{f: tYear, width: 4}}, {"YYY", timeItem{f: tYear, width: 4}}, {"YY", timeItem{f: tYear2, width: 2}}, {"IYYY", timeItem{f: tISOYear, width: 4}},
	{"MONTH", timeItem{f: tMonthName}}, {"MON", timeItem{f: tMonthAbbr}}, {"MM", timeItem{f: tMonth, width: 2}}, {"MI", timeItem{f: tMinute, width: 2}},
	{"MS", timeItem{f: tFraction, width: 3}}, {"US", timeItem{f: tFraction, width: 6}}, {"FF3", timeItem{f: tFraction, width: 3}}, {"FF6", timeItem{f: tFraction, width: 6}},
	{"DDD", timeItem{f: tDayOfYear, width: 3}}, {"DD", timeItem{f: tDay, width: 2}}, {"DAY", timeItem{f: tWeekdayName}}, {"DY", timeItem{f: tWeekdayAbbr}}, {"ID", timeItem{f: tISODay, width: 1}},
	{"HH24", timeItem{f: tHour24, width: 2}}, {"HH12", timeItem{f: tHour12, width: 2}}, {"HH", timeItem{f: tHour12, width: 2}}, {"SSSS", timeItem{f: tEpoch, width: 1}}, {"SS", timeItem{f: tSecond, width: 2}},
	{"IW", timeItem{f: tISOWeek, width: 2}}, {"AM", timeItem{f: tMeridiem}}, {"PM", timeItem{f: tMeridiem}}, {"Q", timeItem{f: tQuarter, width: 1}}, {"TZ", timeItem{f: tZone}}, {"OF", timeItem{f: tZone}},
	{"D", timeItem{f: tWeekday, width: 1}}, {"Y", timeItem{f: tYear, width: 1}},
}

// pgPattern reads the patterns of to_char: YYYY-MM-DD HH24:MI:SS. Names come in capitals as they are written in them.
func pgPattern(s string) (timePattern, error) {
	var p timePattern
scan:
	for i := 0; i < len(s); {
		if s[i] == '"' {
			end := strings.IndexByte(s[i+1:], '"')
			if end < 0 {
				end = len(s) - i - 1
			}
			p = p.lit(s[i+1 : i+1+end])
			i += min(end+2, len(s)-i)
			continue
		}
		if len(s)-i >= 2 && strings.EqualFold(s[i:i+2], "FM") {
			i += 2
			continue
		}
		for _, c := range pgCodes {
			if n := len(c.word); len(s)-i >= n && strings.EqualFold(s[i:i+n], c.word) {
				it := c.item
				it.upper = s[i:min(i+2, len(s))] == c.word[:min(2, n)]
				p = append(p, it)
				i += n
				continue scan
			}
		}
		p = p.lit(s[i : i+1])
		i++
	}
	return p, nil
}

// append writes a day and the micros since its midnight; off is the zone's seconds east of UTC.
func (p timePattern) append(b []byte, days int, us, off int64) []byte {
	for _, it := range p {
		b = it.append(b, days, us, off)
	}
	return b
}

func (it timeItem) append(b []byte, days int, us, off int64) []byte {
	name := ""
	n := int64(0)
	switch it.f {
	case tLiteral:
		return append(b, it.text...)
	case tYear:
		n = dayField(uYear, days)
	case tYear2:
		n = (dayField(uYear, days)%100 + 100) % 100
	case tMonth:
		n = dayField(uMonth, days)
	case tMonthName:
		name = monthNames[dayField(uMonth, days)-1]
	case tMonthAbbr:
		name = monthNames[dayField(uMonth, days)-1][:3]
	case tDay:
		n = dayField(uDay, days)
	case tDayOfYear:
		n = dayField(uDayOfYear, days)
	case tHour24:
		n = us / kernel.MicrosPerHour
	case tHour12:
		n = (us/kernel.MicrosPerHour+11)%12 + 1
	case tMinute:
		n = timeField(uMinute, us)
	case tSecond:
		n = timeField(uSecond, us)
	case tFraction:
		digits := pad0(nil, us%kernel.MicrosPerSecond, 6)
		for len(digits) < it.width {
			digits = append(digits, '0')
		}
		return append(b, digits[:it.width]...)
	case tMeridiem:
		name = "AM"
		if us >= 12*kernel.MicrosPerHour {
			name = "PM"
		}
		if !it.upper {
			name = strings.ToLower(name)
		}
	case tWeekdayName:
		name = dayNames[kernel.Weekday(days)]
	case tWeekdayAbbr:
		name = dayNames[kernel.Weekday(days)][:3]
	case tWeekday:
		n = dayField(uDayOfWeek, days)
	case tISODay:
		n = dayField(uISODow, days)
	case tISOYear:
		n = dayField(uISOYear, days)
	case tISOWeek:
		n = dayField(uWeek, days)
	case tQuarter:
		n = dayField(uQuarter, days)
	case tZone:
		return appendOffset(b, off)
	case tHourTo24:
		n = (us/kernel.MicrosPerHour+23)%24 + 1
	case tHourTo11:
		n = us / kernel.MicrosPerHour % 12
	case tQuarterName, tEra, tOffset:
		return it.appendJava(b, days, off)
	case tOptional:
		return it.sub.append(b, days, us, off)
	case tEpoch:
		n = floorDiv(int64(days)*kernel.MicrosPerDay+us, kernel.MicrosPerSecond) - off
	}
	if name != "" {
		if it.upper {
			name = strings.ToUpper(name)
		}
		return append(b, name...)
	}
	return pad0(b, n, it.width)
}

func appendOffset(b []byte, off int64) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	b = pad0(append(b, sign), off/3600, 2)
	return pad0(append(b, ':'), off/60%60, 2)
}

// pad0 writes n with at least width digits.
func pad0(b []byte, n int64, width int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	var tmp [20]byte
	t := strconv.AppendInt(tmp[:0], n, 10)
	for k := len(t); k < width; k++ {
		b = append(b, '0')
	}
	return append(b, t...)
}

// readTime is what a pattern has read.
type readTime struct {
	year, month, day, doy, h, m, s, us int64
	h12, pm, zoned, isEpoch            bool
	off, epoch                         int64
}

// parse reads s by the pattern and gives its micros since 1970. zoned tells that s named its zone.
func (p timePattern) parse(s []byte) (us int64, zoned, ok bool) {
	r := readTime{year: 1970, month: 1, day: 1}
	if s, ok = p.read(s, &r); !ok {
		return 0, false, false
	}
	if len(kernel.Trim(s)) != 0 {
		return 0, false, false
	}
	if r.isEpoch {
		us, err := epochMicros(float64(r.epoch))
		return us, true, err == nil
	}
	if r.h12 {
		if r.h < 1 || r.h > 12 {
			return 0, false, false
		}
		r.h %= 12
	}
	if r.pm {
		r.h += 12
	}
	if r.doy > 0 { // it tells the day alone, whatever month and day say
		r.month, r.day = 1, 1
	}
	d, err := civilDay(r.year, r.month, r.day)
	if err != nil || r.h > 23 || r.m > 59 || r.s > 59 {
		return 0, false, false
	}
	if r.doy > 0 {
		d += r.doy - 1
	}
	us = d*kernel.MicrosPerDay + r.h*kernel.MicrosPerHour + r.m*kernel.MicrosPerMinute + r.s*kernel.MicrosPerSecond + r.us
	return us - r.off*kernel.MicrosPerSecond, r.zoned, true
}

// read takes the fields from the beginning of s.
func (p timePattern) read(s []byte, r *readTime) (rest []byte, ok bool) {
	for k, it := range p {
		next := timeItem{}
		if k+1 < len(p) {
			next = p[k+1]
		}
		if it.f == tOptional {
			try := *r
			if rest, ok := it.sub.read(s, &try); ok {
				s, *r = rest, try
			}
			continue
		}
		if s, ok = it.read(s, r, next); !ok {
			return s, false
		}
	}
	return s, true
}

// read takes the field from the beginning of s. A number takes only its own digits where another number follows at once.
func (it timeItem) read(s []byte, r *readTime, next timeItem) (rest []byte, ok bool) {
	number := func(dst *int64, most int) ([]byte, bool) {
		if next.f != tLiteral && next.f != tOptional {
			most = max(it.width, 1)
		}
		n := 0
		*dst = 0
		for n < len(s) && n < most && s[n]-'0' < 10 {
			*dst = *dst*10 + int64(s[n]-'0')
			n++
		}
		return s[n:], n > 0
	}
	switch it.f {
	case tLiteral:
		if !bytes.HasPrefix(s, []byte(it.text)) {
			return s, false
		}
		return s[len(it.text):], true
	case tYear:
		return number(&r.year, max(it.width, 4))
	case tYear2:
		rest, ok = number(&r.year, 2)
		if r.year += 1900; r.year < 1969 {
			r.year += 100
		}
		return rest, ok
	case tMonth:
		return number(&r.month, 2)
	case tMonthName, tMonthAbbr:
		return readName(s, monthNames[:], &r.month)
	case tDay:
		return number(&r.day, 2)
	case tDayOfYear:
		return number(&r.doy, 3)
	case tHour24, tHourTo24:
		rest, ok = number(&r.h, 2)
		if it.f == tHourTo24 && r.h == 24 {
			r.h = 0
		}
		return rest, ok
	case tHour12, tHourTo11:
		r.h12 = true
		rest, ok = number(&r.h, 2)
		if it.f == tHourTo11 && r.h == 0 {
			r.h = 12
		}
		return rest, ok
	case tMinute:
		return number(&r.m, 2)
	case tSecond:
		return number(&r.s, 2)
	case tEpoch:
		r.isEpoch = true
		return number(&r.epoch, 15)
	case tWeekdayName, tWeekdayAbbr:
		var skip int64
		return readName(s, dayNames[:], &skip)
	}
	return it.readRest(s, r, number)
}

func (it timeItem) readRest(s []byte, r *readTime, number func(*int64, int) ([]byte, bool)) (rest []byte, ok bool) {
	switch it.f {
	case tFraction:
		n := 0
		for n < len(s) && n < 9 && s[n]-'0' < 10 {
			if n < 6 {
				r.us = r.us*10 + int64(s[n]-'0')
			}
			n++
		}
		for k := n; k < 6; k++ {
			r.us *= 10
		}
		return s[n:], n > 0
	case tMeridiem:
		if len(s) < 2 || s[1]|0x20 != 'm' {
			return s, false
		}
		r.pm = s[0]|0x20 == 'p'
		return s[2:], r.pm || s[0]|0x20 == 'a'
	case tEra:
		if len(s) < 2 || s[1]|0x20 != 'd' {
			return s, false
		}
		return s[2:], s[0]|0x20 == 'a'
	case tZone, tOffset:
		end := 0
		for end < len(s) && (s[end] != ' ') {
			end++
		}
		r.zoned = true
		if end == 1 && s[0] == 'Z' || string(s[:end]) == "UTC" || string(s[:end]) == "GMT" {
			return s[end:], true
		}
		loc, err := zoneNamed(string(s[:end]))
		if err != nil {
			return s, false
		}
		r.off = kernel.ZoneOffset(0, loc)
		return s[end:], true
	}
	var skip int64
	return number(&skip, 4)
}

// readName reads a name, whole or its first three letters, and gives its number from 1.
func readName(s []byte, names []string, n *int64) ([]byte, bool) {
	for k, name := range names {
		for _, w := range []string{name, name[:3]} {
			if len(s) >= len(w) && strings.EqualFold(string(s[:len(w)]), w) {
				*n = int64(k + 1)
				return s[len(w):], true
			}
		}
	}
	return s, false
}
