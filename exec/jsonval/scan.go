// Package jsonval reads JSON text: a Scanner that steps over values and tells where they lie, without making anything of them, and a builder that makes
// values of SQL types of them. It knows no files. It owns no memory but its builders': text is the caller's.
package jsonval

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth bounds how deep values may be nested.
const MaxDepth = 1000

// Slack is the readable zero bytes behind text that is scanned: no token goes on over a zero byte, and texts are loaded by words.
const Slack = 32

// Span is the place of a value in a chunk; end is 0 where there is none. The top bits say what a string has in it.
type Span struct{ Start, End uint32 }

// What the top bits of a Span say.
const (
	Escaped = 1 << 31 // of start: the string has escapes
	Foreign = 1 << 31 // of end: the string has bytes beyond ASCII
	place   = 1<<31 - 1
)

// At gives the value's place.
func (s Span) At() (start, end int) { return int(s.Start & place), int(s.End & place) }

// Scanner steps over the values of a text. Behind the text lie Slack zero bytes.
type Scanner struct {
	Buf []byte
	N   int // bytes of text
	// Line: a line feed is no white space, since each record stands on a line.
	Line bool
	Bad  int // where the text is no JSON
	Why  string
}

// Fail notes an error and gives -1.
func (s *Scanner) Fail(at int, why string) int {
	if at >= s.N {
		at = s.N
		why = "the text ends within a value"
	} else if s.Line && s.Buf[at] == '\n' {
		why = "the line ends within a value"
	}
	s.Bad, s.Why = at, why
	return -1
}

// Space skips white space.
func (s *Scanner) Space(i int) int {
	for {
		switch s.Buf[i] {
		case ' ', '\t', '\r':
			i++
			continue
		case '\n':
			if !s.Line {
				i++
				continue
			}
		}
		return i
	}
}

// Value steps over the value at i, and gives the place behind it or -1.
func (s *Scanner) Value(i, depth int) (end int, sp Span) {
	start := i
	switch c := s.Buf[i]; {
	case c == '"':
		return s.Text(i)
	case c == '-' || c-'0' <= 9:
		end = s.number(i)
	case c == '{':
		end = s.object(i, depth)
	case c == '[':
		end = s.list(i, depth)
	default:
		end = s.word(i)
	}
	return end, Span{uint32(start), uint32(end)}
}

// word steps over true, false, null and the numbers that are none: NaN, Infinity.
func (s *Scanner) word(i int) int {
	rest := s.Buf[i:]
	for _, w := range [...]string{"null", "true", "false", "NaN", "Infinity"} {
		if len(rest) >= len(w) && string(rest[:len(w)]) == w {
			if c := rest[len(w)] | 0x20; c >= 'a' && c <= 'z' {
				break
			}
			return i + len(w)
		}
	}
	return s.Fail(i, "there is no value here")
}

// number steps over a number.
func (s *Scanner) number(i int) int {
	b := s.Buf
	if b[i] == '-' {
		if i++; b[i] == 'I' {
			return s.word(i)
		}
	}
	if b[i]-'0' > 9 {
		return s.Fail(i, "a number has no digits")
	}
	if b[i] == '0' && b[i+1]-'0' <= 9 {
		return s.Fail(i, "a number begins with a needless zero")
	}
	for b[i]-'0' <= 9 {
		i++
	}
	if b[i] == '.' {
		if i++; b[i]-'0' > 9 {
			return s.Fail(i, "a number has no digits behind its point")
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
			return s.Fail(i, "a number has no digits in its exponent")
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

// Text steps over a string.
func (s *Scanner) Text(i int) (int, Span) {
	b, start := s.Buf, i
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
				high = Foreign
			}
			return i + 1, Span{uint32(start) | esc, uint32(i+1) | high}
		case '\\':
			esc = Escaped
			if i = s.escape(i); i < 0 {
				return -1, Span{}
			}
		default:
			if i < s.N && b[i] != '\n' {
				return s.Fail(i, "a control character stands in a string; it is written \\u00XX"), Span{}
			}
			return s.Fail(i, "a string goes on over the end of its line: the quote is never closed"), Span{}
		}
	}
}

// escape steps over the escape at i.
func (s *Scanner) escape(i int) int {
	switch s.Buf[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if hexValue(s.Buf[k]) > 15 {
				return s.Fail(k, "\\u is not followed by four hexadecimal digits")
			}
		}
		return i + 6
	}
	return s.Fail(i+1, "a string has an unknown escape")
}

func (s *Scanner) object(i, depth int) int {
	if depth >= MaxDepth {
		return s.Fail(i, "values are nested too deep")
	}
	i = s.Space(i + 1)
	if s.Buf[i] == '}' {
		return i + 1
	}
	for {
		if s.Buf[i] != '"' {
			return s.Fail(i, "a key in quotes is missing")
		}
		if i, _ = s.Text(i); i < 0 {
			return -1
		}
		if i = s.Colon(i); i < 0 {
			return -1
		}
		if i, _ = s.Value(i, depth+1); i < 0 {
			return -1
		}
		i = s.Space(i)
		switch s.Buf[i] {
		case ',':
			i = s.Space(i + 1)
		case '}':
			return i + 1
		default:
			return s.Fail(i, "a comma or } is missing")
		}
	}
}

// Colon steps over the colon and the spaces around it.
func (s *Scanner) Colon(i int) int {
	if s.Buf[i] != ':' {
		if i = s.Space(i); s.Buf[i] != ':' {
			return s.Fail(i, "a colon is missing behind a key")
		}
	}
	if i++; s.Buf[i] <= ' ' {
		i = s.Space(i)
	}
	return i
}

func (s *Scanner) list(i, depth int) int {
	if depth >= MaxDepth {
		return s.Fail(i, "values are nested too deep")
	}
	i = s.Space(i + 1)
	if s.Buf[i] == ']' {
		return i + 1
	}
	for {
		if i, _ = s.Value(i, depth+1); i < 0 {
			return -1
		}
		i = s.Space(i)
		switch s.Buf[i] {
		case ',':
			i = s.Space(i + 1)
		case ']':
			return i + 1
		default:
			return s.Fail(i, "a comma or ] is missing")
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

// Unescape appends the content of a string, given without its quotes, which text has stepped over. Halves of surrogate pairs that
// stand alone become U+FFFD.
func Unescape(dst, b []byte) []byte {
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

// Content gives what a string says: a part of buf, or of tmp when it has escapes; ok is false if it is no UTF-8.
func Content(buf []byte, sp Span, tmp []byte) (b, grown []byte, ok bool) {
	s, e := sp.At()
	b, grown = buf[s+1:e-1], tmp
	if sp.End&Foreign != 0 && !utf8.Valid(b) {
		return b, tmp, false
	}
	if sp.Start&Escaped != 0 {
		grown = Unescape(tmp[:0], b)
		b = grown
	}
	return b, grown, true
}

// Whole steps over a text that is one value, and gives its place.
func (s *Scanner) Whole() (Span, bool) {
	end, sp := s.Value(s.Space(0), 0)
	if end < 0 {
		return sp, false
	}
	if end = s.Space(end); end < s.N {
		s.Fail(end, "something stands behind the value")
		return sp, false
	}
	return sp, true
}
