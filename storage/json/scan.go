package json

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep values may be nested.
const maxDepth = 1000

// slack is the readable zero bytes behind text that is scanned: no token goes on over a zero byte, and texts are loaded by words.
const slack = 32

// span is the place of a value in a chunk; end is 0 where there is none. The top bits say what a string has in it.
type span struct{ start, end uint32 }

const (
	escaped = 1 << 31 // of start: the string has escapes
	foreign = 1 << 31 // of end: the string has bytes beyond ASCII
	place   = 1<<31 - 1
)

// at gives the value's place.
func (s span) at() (start, end int) { return int(s.start & place), int(s.end & place) }

// scanner steps over the values of a text. Behind the text lie slack zero bytes.
type scanner struct {
	buf []byte
	n   int // bytes of text
	// line: a line feed is no white space, since each record stands on a line.
	line bool
	bad  int // where the text is no JSON
	why  string
}

// fail notes an error and gives -1.
func (s *scanner) fail(at int, why string) int {
	if at >= s.n {
		at = s.n
		why = "the text ends within a value"
	} else if s.line && s.buf[at] == '\n' {
		why = "the line ends within a value"
	}
	s.bad, s.why = at, why
	return -1
}

// space skips white space.
func (s *scanner) space(i int) int {
	for {
		switch s.buf[i] {
		case ' ', '\t', '\r':
			i++
			continue
		case '\n':
			if !s.line {
				i++
				continue
			}
		}
		return i
	}
}

// value steps over the value at i, and gives the place behind it or -1.
func (s *scanner) value(i, depth int) (end int, sp span) {
	start := i
	switch c := s.buf[i]; {
	case c == '"':
		return s.text(i)
	case c == '-' || c-'0' <= 9:
		end = s.number(i)
	case c == '{':
		end = s.object(i, depth)
	case c == '[':
		end = s.list(i, depth)
	default:
		end = s.word(i)
	}
	return end, span{uint32(start), uint32(end)}
}

// word steps over true, false, null and the numbers that are none: NaN, Infinity.
func (s *scanner) word(i int) int {
	rest := s.buf[i:]
	for _, w := range [...]string{"null", "true", "false", "NaN", "Infinity"} {
		if len(rest) >= len(w) && string(rest[:len(w)]) == w {
			if c := rest[len(w)] | 0x20; c >= 'a' && c <= 'z' {
				break
			}
			return i + len(w)
		}
	}
	return s.fail(i, "there is no value here")
}

// number steps over a number.
func (s *scanner) number(i int) int {
	b := s.buf
	if b[i] == '-' {
		if i++; b[i] == 'I' {
			return s.word(i)
		}
	}
	if b[i]-'0' > 9 {
		return s.fail(i, "a number has no digits")
	}
	if b[i] == '0' && b[i+1]-'0' <= 9 {
		return s.fail(i, "a number begins with a needless zero")
	}
	for b[i]-'0' <= 9 {
		i++
	}
	if b[i] == '.' {
		if i++; b[i]-'0' > 9 {
			return s.fail(i, "a number has no digits behind its point")
		}
		for b[i]-'0' <= 9 {
			i++
		}
	}
	if b[i]|0x20 == 'e' {
		if i++; b[i] == '-' || b[i] == '+' {
			i++
		}
		if b[i]-'0' > 9 {
			return s.fail(i, "a number has no digits in its exponent")
		}
		for b[i]-'0' <= 9 {
			i++
		}
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// text steps over a string.
func (s *scanner) text(i int) (int, span) {
	b, start := s.buf, i
	var high, esc uint32
	i++
	for {
		w := binary.LittleEndian.Uint64(b[i : i+8])
		q, e := w^(ones*'"'), w^(ones*'\\')
		stop := ((q-ones)&^q | (e-ones)&^e | (w-ones*0x20)&^w) & highs // the lowest bit set is right
		if stop == 0 {
			high |= uint32(w >> 32 & highs)
			high |= uint32(w & highs)
			i += 8
			continue
		}
		k := bits.TrailingZeros64(stop) >> 3
		part := w & (1<<(8*uint(k)) - 1)
		high |= uint32(part>>32&highs) | uint32(part&highs)
		i += k
		switch b[i] {
		case '"':
			if high != 0 {
				high = foreign
			}
			return i + 1, span{uint32(start) | esc, uint32(i+1) | high}
		case '\\':
			esc = escaped
			if i = s.escape(i); i < 0 {
				return -1, span{}
			}
		default:
			if i < s.n && b[i] != '\n' {
				return s.fail(i, "a control character stands in a string; it is written \\u00XX"), span{}
			}
			return s.fail(i, "a string goes on over the end of its line: the quote is never closed"), span{}
		}
	}
}

// escape steps over the escape at i.
func (s *scanner) escape(i int) int {
	switch s.buf[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if hexValue(s.buf[k]) > 15 {
				return s.fail(k, "\\u is not followed by four hexadecimal digits")
			}
		}
		return i + 6
	}
	return s.fail(i+1, "a string has an unknown escape")
}

func (s *scanner) object(i, depth int) int {
	if depth >= maxDepth {
		return s.fail(i, "values are nested too deep")
	}
	i = s.space(i + 1)
	if s.buf[i] == '}' {
		return i + 1
	}
	for {
		if s.buf[i] != '"' {
			return s.fail(i, "a key in quotes is missing")
		}
		if i, _ = s.text(i); i < 0 {
			return -1
		}
		if i = s.colon(i); i < 0 {
			return -1
		}
		if i, _ = s.value(i, depth+1); i < 0 {
			return -1
		}
		i = s.space(i)
		switch s.buf[i] {
		case ',':
			i = s.space(i + 1)
		case '}':
			return i + 1
		default:
			return s.fail(i, "a comma or } is missing")
		}
	}
}

// colon steps over the colon and the spaces around it.
func (s *scanner) colon(i int) int {
	if s.buf[i] != ':' {
		if i = s.space(i); s.buf[i] != ':' {
			return s.fail(i, "a colon is missing behind a key")
		}
	}
	if i++; s.buf[i] <= ' ' {
		i = s.space(i)
	}
	return i
}

func (s *scanner) list(i, depth int) int {
	if depth >= maxDepth {
		return s.fail(i, "values are nested too deep")
	}
	i = s.space(i + 1)
	if s.buf[i] == ']' {
		return i + 1
	}
	for {
		if i, _ = s.value(i, depth+1); i < 0 {
			return -1
		}
		i = s.space(i)
		switch s.buf[i] {
		case ',':
			i = s.space(i + 1)
		case ']':
			return i + 1
		default:
			return s.fail(i, "a comma or ] is missing")
		}
	}
}

func hexValue(c byte) rune {
	switch {
	case c-'0' <= 9:
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 16
}

// unescape appends the content of a string, given without its quotes, which text has stepped over. Halves of surrogate pairs that
// stand alone become U+FFFD.
func unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' {
			dst = append(dst, c)
			continue
		}
		i++
		switch b[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+6 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
					low = hex4(b[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, b[i])
		}
	}
	return dst
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | hexValue(c)
	}
	return r
}

// content gives what a string says: a part of buf, or of tmp when it has escapes; ok is false if it is no UTF-8.
func content(buf []byte, sp span, tmp []byte) (b, grown []byte, ok bool) {
	s, e := sp.at()
	b, grown = buf[s+1:e-1], tmp
	if sp.end&foreign != 0 && !utf8.Valid(b) {
		return b, tmp, false
	}
	if sp.start&escaped != 0 {
		grown = unescape(tmp[:0], b)
		b = grown
	}
	return b, grown, true
}
