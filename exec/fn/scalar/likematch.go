package scalar

import (
	"bytes"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// likeKind is the shape of a LIKE pattern.
type likeKind uint8

const (
	likeExact    likeKind = iota // no wildcard
	likePrefix                   // abc%
	likeSuffix                   // %abc
	likeContains                 // %abc%
	likeParts                    // anything else
)

// likePattern is a pattern made ready: the pieces between its % signs.
type likePattern struct {
	kind           likeKind
	lit            []byte // kinds other than likeParts
	parts          []likePart
	fromTop, toEnd bool // the first piece stands at the beginning, the last at the end
}

// likePart is a piece without %. With singles it has a _ at some places, and is matched by code point.
type likePart struct {
	text   []byte
	single []bool // by code point of text: it is _
	runes  []rune
}

// compileLike reads a pattern. escape is the escape character, or -1 for none.
func compileLike(pattern []byte, escape rune) (*likePattern, error) {
	p := &likePattern{fromTop: true, toEnd: true}
	var part likePart
	any, started := false, false // any: the last piece read was %
	flush := func() {
		if len(part.runes) > 0 {
			p.parts = append(p.parts, part)
		}
		part = likePart{}
	}
	for s := pattern; len(s) > 0; {
		r, n := utf8.DecodeRune(s)
		raw := s[:n]
		s = s[n:]
		single := false
		switch {
		case r == escape && escape >= 0:
			if len(s) == 0 {
				return nil, sqlerr.New(sqlerr.Data, "LIKE pattern '%s' ends with its escape character", pattern).
					WithHint("double the escape character to match it, or write ESCAPE ''")
			}
			r, n = utf8.DecodeRune(s)
			raw, s = s[:n], s[n:]
		case r == '%':
			flush()
			if !started {
				p.fromTop = false
			}
			started, any = true, true
			continue
		case r == '_':
			single = true
		}
		started, any = true, false
		part.text = append(part.text, raw...)
		part.runes = append(part.runes, r)
		part.single = append(part.single, single)
	}
	flush()
	p.toEnd = !any
	p.simplify()
	return p, nil
}

// simplify finds the shapes that have a loop of their own.
func (p *likePattern) simplify() {
	for i := range p.parts {
		plain := true
		for _, s := range p.parts[i].single {
			plain = plain && !s
		}
		if plain {
			p.parts[i].single = nil
		}
	}
	p.kind = likeParts
	switch {
	case len(p.parts) == 0 && p.fromTop && p.toEnd:
		p.kind = likeExact
	case len(p.parts) == 0:
		p.kind = likePrefix
	case len(p.parts) == 1 && p.parts[0].single == nil:
		p.lit = p.parts[0].text
		switch {
		case p.fromTop && p.toEnd:
			p.kind = likeExact
		case p.fromTop:
			p.kind = likePrefix
		case p.toEnd:
			p.kind = likeSuffix
		default:
			p.kind = likeContains
		}
	}
}

// match tells whether s has the pattern.
func (p *likePattern) match(s []byte) bool {
	switch p.kind {
	case likeExact:
		return bytes.Equal(s, p.lit)
	case likePrefix:
		return bytes.HasPrefix(s, p.lit)
	case likeSuffix:
		return bytes.HasSuffix(s, p.lit)
	case likeContains:
		return bytes.Contains(s, p.lit)
	}
	parts := p.parts
	if p.fromTop {
		n := parts[0].prefix(s)
		if n < 0 {
			return false
		}
		s, parts = s[n:], parts[1:]
		if len(parts) == 0 {
			return !p.toEnd || len(s) == 0
		}
	}
	if p.toEnd {
		n := parts[len(parts)-1].suffix(s)
		if n < 0 {
			return false
		}
		s, parts = s[:len(s)-n], parts[:len(parts)-1]
	}
	for i := range parts {
		n := parts[i].find(s)
		if n < 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// prefix gives how many bytes of s the piece takes at its beginning, or -1.
func (t *likePart) prefix(s []byte) int {
	if t.single == nil {
		if bytes.HasPrefix(s, t.text) {
			return len(t.text)
		}
		return -1
	}
	at := 0
	for k, want := range t.runes {
		if at >= len(s) {
			return -1
		}
		r, n := utf8.DecodeRune(s[at:])
		if !t.single[k] && r != want {
			return -1
		}
		at += n
	}
	return at
}

// suffix gives how many bytes of s the piece takes at its end, or -1.
func (t *likePart) suffix(s []byte) int {
	if t.single == nil {
		if bytes.HasSuffix(s, t.text) {
			return len(t.text)
		}
		return -1
	}
	at := len(s)
	for range t.runes {
		if at == 0 {
			return -1
		}
		_, n := utf8.DecodeLastRune(s[:at])
		at -= n
	}
	if t.prefix(s[at:]) < 0 {
		return -1
	}
	return len(s) - at
}

// find gives where the first place that has the piece ends, or -1.
func (t *likePart) find(s []byte) int {
	if t.single == nil {
		if n := bytes.Index(s, t.text); n >= 0 {
			return n + len(t.text)
		}
		return -1
	}
	for at := 0; at < len(s); {
		if n := t.prefix(s[at:]); n >= 0 {
			return at + n
		}
		_, n := utf8.DecodeRune(s[at:])
		at += n
	}
	return -1
}
