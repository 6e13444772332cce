package token

import (
	"unicode"
	"unicode/utf8"
)

// Lexer reads tokens from a text.
type Lexer struct {
	src string
	pos int
}

// NewLexer starts at the beginning of src, which is shorter than 2 GiB.
func NewLexer(src string) *Lexer { return &Lexer{src: src} }

// Lex reads all tokens of src; the last one is EOF. src is shorter than 2 GiB.
func Lex(src string) []Token {
	l := Lexer{src: src}
	toks := make([]Token, 0, len(src)/4+8)
	for {
		t := l.Next()
		toks = append(toks, t)
		if t.Kind == EOF {
			return toks
		}
	}
}

// Character classes of the bytes below 0x80.
const (
	cSpace = 1 << iota
	cIdentStart
	cDigit
	cHex
)

var class = func() (t [256]uint8) {
	for _, c := range " \t\r\n\f\v" {
		t[c] = cSpace
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= cIdentStart
		t[c-32] |= cIdentStart
	}
	t['_'] = cIdentStart
	for c := '0'; c <= '9'; c++ {
		t[c] = cDigit | cHex
	}
	for c := 'a'; c <= 'f'; c++ {
		t[c] |= cHex
		t[c-32] |= cHex
	}
	return t
}()

func (l *Lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

func (l *Lexer) make(k Kind, start, end int) Token {
	l.pos = end
	return Token{Kind: k, Pos: int32(start), End: int32(end)}
}

func (l *Lexer) flag(k Kind, f uint8, start, end int) Token {
	l.pos = end
	return Token{Kind: k, Flag: f, Pos: int32(start), End: int32(end)}
}

// Next reads one token; at the end of the text it is EOF, again and again.
func (l *Lexer) Next() Token {
	if bad, ok := l.skipSpace(); !ok {
		return bad
	}
	i := l.pos
	if i >= len(l.src) {
		return l.make(EOF, i, i)
	}
	c := l.src[i]
	switch {
	case class[c]&cIdentStart != 0:
		return l.word(i)
	case class[c]&cDigit != 0, c == '.' && class[l.at(i+1)]&cDigit != 0:
		return l.number(i)
	case c == '\'':
		return l.quote(i, i+1, Plain)
	case c == '"' || c == '`':
		return l.quotedName(i, c)
	case c == '$':
		return l.dollar(i)
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRuneInString(l.src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return l.flag(Illegal, BadUTF8, i, i+1)
		case r >= 0x2018 && r <= 0x201f:
			return l.flag(Illegal, CurlyQuote, i, i+n)
		}
		return l.word(i)
	}
	return l.operator(i, c)
}

// skipSpace moves past white space and comments; an unclosed comment is returned as a token.
func (l *Lexer) skipSpace() (Token, bool) {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case class[c]&cSpace != 0:
			l.pos++
		case c == '-' && l.at(l.pos+1) == '-':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' {
				l.pos++
			}
		case c == '/' && l.at(l.pos+1) == '*':
			start := l.pos
			if !l.comment() {
				return l.flag(Illegal, OpenComment, start, len(l.src)), false
			}
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.src[l.pos:])
			if !unicode.IsSpace(r) && r != 0xfeff && r != 0x200b {
				return Token{}, true
			}
			l.pos += n
		default:
			return Token{}, true
		}
	}
	return Token{}, true
}

// comment moves past a block comment, which may hold others.
func (l *Lexer) comment() bool {
	depth := 0
	for l.pos < len(l.src) {
		switch {
		case l.src[l.pos] == '/' && l.at(l.pos+1) == '*':
			depth++
			l.pos += 2
		case l.src[l.pos] == '*' && l.at(l.pos+1) == '/':
			depth--
			l.pos += 2
			if depth == 0 {
				return true
			}
		default:
			l.pos++
		}
	}
	return false
}

// identEnd is the end of the identifier characters from i on.
func (l *Lexer) identEnd(i int) int {
	for i < len(l.src) {
		c := l.src[i]
		if class[c]&(cIdentStart|cDigit) != 0 || c == '$' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(l.src[i:])
		if r == utf8.RuneError && n == 1 || unicode.IsSpace(r) || r == 0xfeff || r == 0x200b || r >= 0x2018 && r <= 0x201f {
			break
		}
		i += n
	}
	return i
}

func (l *Lexer) word(i int) Token {
	end := l.identEnd(i)
	if end == i+1 && l.at(end) == '\'' {
		switch l.src[i] {
		case 'e', 'E':
			return l.quote(i, end+1, Escaped)
		case 'x', 'X':
			return l.digits(i, Blob, cHex)
		case 'b', 'B':
			return l.digits(i, Bit, cDigit)
		case 'n', 'N':
			return l.quote(i, end+1, Plain)
		case 'r', 'R':
			return l.quote(i, end+1, Raw)
		}
	}
	if end == i+1 && (l.src[i]|0x20) == 'u' && l.at(end) == '&' && l.at(end+1) == '\'' {
		return l.quote(i, end+2, Unicode)
	}
	t := l.make(Word, i, end)
	t.Class = classOf(l.src[i:end])
	return t
}

// quote reads a string whose text begins at i; a doubled quote is a quote in it.
func (l *Lexer) quote(start, i int, style Style) Token {
	simple := true
	for i < len(l.src) {
		switch c := l.src[i]; {
		case c == '\\' && style == Escaped:
			i += 2
			continue
		case c == '\'' && l.at(i+1) == '\'' && style != Raw:
			simple = false
			i += 2
			continue
		case c == '\'':
			if style == Plain && simple && l.src[start] == '\'' {
				style = Simple
			}
			return l.flag(String, style, start, i+1)
		}
		i++
	}
	return l.flag(Illegal, OpenString, start, len(l.src))
}

// digits reads X'00ff' and B'01'.
func (l *Lexer) digits(start int, k Kind, ok uint8) Token {
	t := l.quote(start, start+2, Raw)
	if t.Kind == Illegal {
		return t
	}
	for _, c := range []byte(l.src[start+2 : t.End-1]) {
		if class[c]&ok == 0 || k == Bit && c > '1' {
			return l.flag(Illegal, BadBlob, start, int(t.End))
		}
	}
	if k == Blob && (int(t.End)-start-3)%2 != 0 {
		return l.flag(Illegal, BadBlob, start, int(t.End))
	}
	t.Kind = k
	return t
}

// quotedName reads "x" or `x`, with the quote doubled inside. Flag is 1 when it holds a doubled quote.
func (l *Lexer) quotedName(start int, q byte) Token {
	doubled := uint8(0)
	for i := start + 1; i < len(l.src); i++ {
		if l.src[i] != q {
			continue
		}
		if l.at(i+1) != q {
			return l.flag(Quoted, doubled, start, i+1)
		}
		doubled = 1
		i++
	}
	return l.flag(Illegal, OpenQuote, start, len(l.src))
}

// dollar reads $1, $name, $$text$$ and $tag$text$tag$.
func (l *Lexer) dollar(start int) Token {
	i := start + 1
	for i < len(l.src) && (class[l.src[i]]&(cIdentStart|cDigit) != 0 || l.src[i] >= utf8.RuneSelf) {
		i++
	}
	digitFirst := class[l.at(start+1)]&cDigit != 0
	if l.at(i) == '$' && !digitFirst {
		tag := l.src[start : i+1]
		for j := i + 1; j+len(tag) <= len(l.src); j++ {
			if l.src[j] == '$' && l.src[j:j+len(tag)] == tag {
				return l.flag(String, Dollar, start, j+len(tag))
			}
		}
		return l.flag(Illegal, OpenDollar, start, len(l.src))
	}
	if i == start+1 {
		return l.flag(Illegal, BadChar, start, i)
	}
	return l.make(Param, start, i)
}

// number reads 1, 1_000, 0xff, 1.5, .5, 5., 1e5, and Hive's and Spark's type letters behind them.
func (l *Lexer) number(start int) Token {
	i, k := start, Int
	if l.src[i] == '0' && (l.at(i+1)|0x20 == 'x') && class[l.at(i+2)]&cHex != 0 {
		for i += 2; class[l.at(i)]&cHex != 0 || l.at(i) == '_'; i++ {
		}
		return l.numberEnd(start, i, Int)
	}
	i = l.run(i)
	if l.at(i) == '.' {
		k = Decimal
		i = l.run(i + 1)
	}
	if l.at(i)|0x20 == 'e' {
		j := i + 1
		if c := l.at(j); c == '+' || c == '-' {
			j++
		}
		if class[l.at(j)]&cDigit != 0 {
			k = Float
			i = l.run(j)
		}
	}
	switch c := l.at(i) | 0x20; {
	case c == 'b' && l.at(i+1)|0x20 == 'd':
		return l.numberEnd(start, i+2, k)
	case c == 'l' || c == 's' || c == 'y' || c == 'd' || c == 'f':
		return l.numberEnd(start, i+1, k)
	}
	return l.numberEnd(start, i, k)
}

// run is the end of the digits, and single underscores between them, from i on.
func (l *Lexer) run(i int) int {
	for class[l.at(i)]&cDigit != 0 || l.at(i) == '_' && class[l.at(i+1)]&cDigit != 0 {
		i++
	}
	return i
}

func (l *Lexer) numberEnd(start, i int, k Kind) Token {
	if end := l.identEnd(i); end != i {
		return l.flag(Illegal, BadNumber, start, end)
	}
	return l.make(k, start, i)
}
