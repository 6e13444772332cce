package scalar

import (
	"strings"
)

// maxOptional is how deep optional parts of a pattern may stand in each other.
const maxOptional = 16

// javaPattern reads the patterns of Java and Spark: yyyy-MM-dd HH:mm:ss. What stands in [] may be missing from a text that is read.
func javaPattern(s string) (timePattern, error) {
	open := []timePattern{nil} // the pattern, and the optional parts that have not ended
	add := func(it timeItem) {
		p := &open[len(open)-1]
		if it.f == tLiteral {
			*p = p.lit(it.text)
		} else {
			*p = append(*p, it)
		}
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, dataErr("the pattern '%s' has a ' without its end", s)
			}
			text := s[i+1 : i+1+end]
			if end == 0 {
				text = "'"
			}
			add(timeItem{text: text})
			i += end + 2
			continue
		case c == '[' && len(open) <= maxOptional:
			open = append(open, nil)
			i++
			continue
		case c == ']' && len(open) > 1:
			last := len(open) - 1
			part := open[last]
			open = open[:last]
			add(timeItem{f: tOptional, sub: part})
			i++
			continue
		case c == '[' || c == ']':
			return nil, dataErr("the pattern '%s' has a %c that does not belong there", s, c)
		}
		n := 1
		for i+n < len(s) && s[i+n] == c {
			n++
		}
		i += n
		if c|0x20 < 'a' || c|0x20 > 'z' {
			add(timeItem{text: strings.Repeat(string(c), n)})
			continue
		}
		it, ok := javaItem(c, n)
		if !ok {
			return nil, dataErr("'%s' in the pattern '%s' is not known", strings.Repeat(string(c), n), s)
		}
		add(it)
	}
	if len(open) > 1 {
		return nil, dataErr("the pattern '%s' has a [ without its ]", s)
	}
	return open[0], nil
}

// javaWidths are how many times a letter may stand side by side; 1 where it is not there. Names of months and days take any number, as in Hive.
var javaWidths = map[byte]int{
	'G': 4, 'y': 6, 'u': 6, 'Y': 6, 'M': 99, 'L': 99, 'd': 2, 'D': 3, 'H': 2, 'k': 2, 'h': 2, 'K': 2, 'm': 2, 's': 2, 'S': 9, 'E': 99, 'w': 2, 'q': 4, 'Q': 4,
	'z': 4, 'Z': 5, 'X': 5, 'x': 5, 'V': 2, 'O': 4,
}

func javaItem(c byte, n int) (timeItem, bool) {
	it := timeItem{width: n}
	if n > max(javaWidths[c], 1) {
		return it, false
	}
	switch c {
	case 'G':
		it.f = tEra
	case 'y', 'u':
		it.f = tYear
		if n == 2 {
			it.f = tYear2
		}
	case 'Y':
		it.f = tISOYear
	case 'M', 'L':
		it.f = [...]patternField{tMonth, tMonth, tMonth, tMonthAbbr, tMonthName}[min(n, 4)]
	case 'd':
		it.f = tDay
	case 'D':
		it.f = tDayOfYear
	case 'H':
		it.f = tHour24
	case 'k':
		it.f = tHourTo24
	case 'h':
		it.f = tHour12
	case 'K':
		it.f = tHourTo11
	case 'm':
		it.f = tMinute
	case 's':
		it.f = tSecond
	case 'S':
		it.f = tFraction
	case 'a':
		it.f, it.upper = tMeridiem, true
	case 'E':
		it.f = tWeekdayAbbr
		if n > 3 {
			it.f = tWeekdayName
		}
	case 'e':
		it.f = tISODay
	case 'w':
		it.f = tISOWeek
	case 'q', 'Q':
		it.f = tQuarter
		if n > 2 {
			it.f = tQuarterName
		}
	case 'z', 'V':
		it.f = tZone
	case 'Z', 'X', 'x', 'O':
		it.f, it.text = tOffset, string(c)
	default:
		return it, false
	}
	return it, true
}

// appendJava writes the fields that only Java's patterns have.
func (it timeItem) appendJava(b []byte, days int, off int64) []byte {
	switch it.f {
	case tQuarterName:
		q := dayField(uQuarter, days)
		if it.width == 3 {
			return append(b, 'Q', '0'+byte(q))
		}
		return append(b, [...]string{"1st", "2nd", "3rd", "4th"}[q-1]+" quarter"...)
	case tEra:
		era := [2]string{"AD", "Anno Domini"}
		if dayField(uYear, days) < 1 {
			era = [2]string{"BC", "Before Christ"}
		}
		return append(b, era[it.width/4]...)
	}
	sign := byte('+')
	abs := off
	if off < 0 {
		sign, abs = '-', -off
	}
	h, m := abs/3600, abs/60%60
	switch {
	case it.text == "O" || it.text == "Z" && it.width == 4:
		b = append(b, "GMT"...)
		if off == 0 {
			return b
		}
		if it.width == 4 {
			return appendOffset(b, off)
		}
		if b = pad0(append(b, sign), h, 1); m > 0 {
			b = pad0(append(b, ':'), m, 2)
		}
		return b
	case off == 0 && (it.text == "X" || it.text == "Z" && it.width == 5):
		return append(b, 'Z')
	case it.text == "Z" && it.width < 4, it.width == 2 || it.width == 4:
		return pad0(pad0(append(b, sign), h, 2), m, 2)
	case it.width == 1:
		if b = pad0(append(b, sign), h, 2); m > 0 {
			b = pad0(b, m, 2)
		}
		return b
	}
	return appendOffset(b, off)
}
