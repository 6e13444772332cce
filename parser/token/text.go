package token

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text is the source text of t.
func (t Token) Text(src string) string { return src[t.Pos:t.End] }

// Is tells whether t is the unquoted word w, which is in upper case.
func (t Token) Is(src, w string) bool {
	if t.Kind != Word || int(t.End-t.Pos) != len(w) {
		return false
	}
	return EqualFold(src[t.Pos:t.End], w)
}

// EqualFold tells whether s is w, which is in upper case ASCII, in any case.
func EqualFold(s, w string) bool {
	if len(s) != len(w) {
		return false
	}
	for i := range len(w) {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != w[i] {
			return false
		}
	}
	return true
}

// Value decodes a Quoted, String, Blob or Bit token; a number loses its underscores. ok is false for a bad escape.
func (t Token) Value(src string) (s string, ok bool) {
	s = src[t.Pos:t.End]
	switch t.Kind {
	case Quoted:
		q := s[:1]
		s = s[1 : len(s)-1]
		if t.Flag != 0 {
			s = strings.ReplaceAll(s, q+q, q)
		}
		return s, true
	case Blob:
		b, err := hex.DecodeString(s[2 : len(s)-1])
		return string(b), err == nil
	case Bit:
		return s[2 : len(s)-1], true
	case Int, Decimal, Float:
		if strings.IndexByte(s, '_') >= 0 {
			s = strings.ReplaceAll(s, "_", "")
		}
		return s, true
	case String:
		return t.stringValue(s)
	}
	return s, true
}

func (t Token) stringValue(s string) (string, bool) {
	switch t.Flag {
	case Simple:
		return s[1 : len(s)-1], true
	case Raw:
		return s[2 : len(s)-1], true
	case Dollar:
		tag := strings.IndexByte(s[1:], '$') + 2
		return s[tag : len(s)-tag], true
	case Escaped:
		return unescape(s[2 : len(s)-1])
	case Unicode:
		return unescapeUnicode(strings.ReplaceAll(s[3:len(s)-1], "''", "'"))
	}
	s = s[strings.IndexByte(s, '\'')+1 : len(s)-1]
	return strings.ReplaceAll(s, "''", "'"), true
}

var escapes = [128]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'v': '\v', 'a': '\a'}

// unescape decodes the text of E'…'.
func unescape(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\'' {
			i++ // doubled
		}
		if c != '\\' || i+1 >= len(s) {
			b = append(b, c)
			continue
		}
		i++
		switch c = s[i]; {
		case c == 'x' && i+1 < len(s) && class[s[i+1]]&cHex != 0:
			n := span(s[i+1:], 2, cHex)
			v, _ := strconv.ParseUint(s[i+1:i+1+n], 16, 8)
			b = append(b, byte(v))
			i += n
		case c == 'u' || c == 'U':
			n := 4
			if c == 'U' {
				n = 8
			}
			if span(s[i+1:], n, cHex) != n {
				return "", false
			}
			v, _ := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			if !utf8.ValidRune(rune(v)) {
				return "", false
			}
			b = utf8.AppendRune(b, rune(v))
			i += n
		case c >= '0' && c <= '7':
			n := octal(s[i:])
			v, _ := strconv.ParseUint(s[i:i+n], 8, 16)
			b = append(b, byte(v))
			i += n - 1
		case c < 128 && escapes[c] != 0:
			b = append(b, escapes[c])
		default:
			b = append(b, c)
		}
	}
	return string(b), utf8.Valid(b)
}

// span counts the leading bytes of s, at most n, that are of class ok.
func span(s string, n int, ok uint8) int {
	i := 0
	for i < n && i < len(s) && class[s[i]]&ok != 0 {
		i++
	}
	return i
}

func octal(s string) int {
	i := 0
	for i < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7' {
		i++
	}
	return i
}

// unescapeUnicode decodes the text of U&'…': \0061 and \+000061.
func unescapeUnicode(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i < len(s) && s[i] == '\\' {
			b.WriteByte('\\')
			continue
		}
		n := 4
		if i < len(s) && s[i] == '+' {
			n = 6
			i++
		}
		if i > len(s) || span(s[min(i, len(s)):], n, cHex) != n {
			return "", false
		}
		v, _ := strconv.ParseUint(s[i:i+n], 16, 32)
		if !utf8.ValidRune(rune(v)) {
			return "", false
		}
		b.WriteRune(rune(v))
		i += n - 1
	}
	return b.String(), true
}
