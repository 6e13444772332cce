package shell

import (
	"strings"
	"unicode"

	"github.com/skep-sql/skep/cmd/skep/editor"
	"github.com/skep-sql/skep/parser/token"
)

// The styles of the pieces of a statement.
const (
	styleKeyword = "1;34"
	styleString  = "32"
	styleNumber  = "36"
	styleComment = "2"
	styleCall    = "33"
	styleParam   = "35"
	styleWrong   = "1;31"
	styleMate    = "1;7"
	styleCommand = "1;35"
)

// highlighter colours statements; it keeps what it made of the last text, since most keys move only the cursor.
type highlighter struct {
	text  string
	toks  []token.Token
	spans []editor.Span
}

// spansOf gives the styles of text with the cursor at pos.
func (h *highlighter) spansOf(text string, pos int) []editor.Span {
	if isCommand(text) {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		return []editor.Span{{From: 0, To: end, Style: styleCommand}}
	}
	if text != h.text || h.toks == nil {
		h.text, h.toks = text, token.Lex(text)
		h.spans = colours(text, h.toks)
	}
	a, b, ok := h.brackets(pos)
	if a < 0 {
		return h.spans
	}
	out := make([]editor.Span, 0, len(h.spans)+2)
	style := styleMate
	if !ok {
		style = styleWrong + ";7"
	}
	marks := []int{a}
	if b >= 0 {
		marks = []int{min(a, b), max(a, b)}
	}
	for _, s := range h.spans {
		for len(marks) > 0 && marks[0] < s.From {
			out = append(out, editor.Span{From: marks[0], To: marks[0] + 1, Style: style})
			marks = marks[1:]
		}
		out = append(out, s)
	}
	for _, m := range marks {
		out = append(out, editor.Span{From: m, To: m + 1, Style: style})
	}
	return out
}

// colours gives the styles of tokens, and of the comments between them.
func colours(text string, toks []token.Token) []editor.Span {
	var out []editor.Span
	add := func(from, to int, style string) { out = append(out, editor.Span{From: from, To: to, Style: style}) }
	end := 0
	for i, t := range toks {
		if gap := strings.TrimSpace(text[end:t.Pos]); gap != "" {
			from := end + strings.Index(text[end:t.Pos], gap)
			add(from, from+len(gap), styleComment)
		}
		from, to := int(t.Pos), int(t.End)
		end = to
		switch t.Kind {
		case token.Word:
			switch {
			case i+1 < len(toks) && toks[i+1].Kind == token.LParen && toks[i+1].Pos == t.End && !isClause(text[from:to]):
				add(from, to, styleCall)
			case isKeyword[strings.ToUpper(text[from:to])] && (i == 0 || toks[i-1].Kind != token.Dot):
				add(from, to, styleKeyword)
			}
		case token.String, token.Blob, token.Bit:
			add(from, to, styleString)
		case token.Int, token.Decimal, token.Float:
			add(from, to, styleNumber)
		case token.Param, token.Question:
			add(from, to, styleParam)
		case token.Illegal:
			switch {
			case t.Flag == token.OpenComment:
				add(from, len(text), styleComment)
				end = len(text)
			case t.Open():
				add(from, len(text), styleString)
				end = len(text)
			case text[from] == '\\':
				add(from, max(to, from+1), styleCommand)
			default:
				add(from, max(to, from+1), styleWrong)
			}
		}
	}
	return out
}

// isClause tells keywords that often stand before a parenthesis from functions.
func isClause(w string) bool {
	switch strings.ToUpper(w) {
	case "IN", "AS", "VALUES", "EXISTS", "OVER", "AND", "OR", "NOT", "FROM", "WHERE", "ON", "USING", "SELECT", "BY", "FILTER", "JOIN", "SETS", "ALL", "ANY",
		"EXCLUDE", "REPLACE", "WHEN", "THEN", "ELSE", "UNION", "EXCEPT", "INTERSECT", "COPY", "TABLE", "INTO", "WITH", "CASE", "HAVING", "GROUP", "EXPLAIN", "ANALYZE":
		return true
	}
	return false
}

func opener(k token.Kind) (closing token.Kind, ok bool) {
	switch k {
	case token.LParen:
		return token.RParen, true
	case token.LBracket:
		return token.RBracket, true
	case token.LBrace:
		return token.RBrace, true
	}
	return 0, false
}

func isCloser(k token.Kind) bool {
	return k == token.RParen || k == token.RBracket || k == token.RBrace
}

// brackets gives the bracket at or before the cursor and its mate; -1 without. ok is false when they do not fit each other.
func (h *highlighter) brackets(pos int) (at, mate int, ok bool) {
	type open struct {
		pos   int
		close token.Kind
	}
	at, mate = -1, -1
	wanted := func(p int32) bool { return int(p) == pos-1 || int(p) == pos }
	for _, t := range h.toks { // the one before the cursor wins
		if _, o := opener(t.Kind); (o || isCloser(t.Kind)) && wanted(t.Pos) {
			at = int(t.Pos)
			break
		}
	}
	if at < 0 {
		return -1, -1, true
	}
	var stack []open
	for _, t := range h.toks {
		if c, o := opener(t.Kind); o {
			stack = append(stack, open{int(t.Pos), c})
			continue
		}
		if !isCloser(t.Kind) {
			continue
		}
		if len(stack) == 0 {
			if int(t.Pos) == at {
				return at, -1, false
			}
			continue
		}
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top.pos == at {
			return at, int(t.Pos), top.close == t.Kind
		}
		if int(t.Pos) == at {
			return at, top.pos, top.close == t.Kind
		}
	}
	return -1, -1, true // not closed yet
}
