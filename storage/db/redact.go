package db

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// passwords are compiled when they are first wanted: the command starts often.
var passwords = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@'"]*:([^\s'"]*)@`),
		regexp.MustCompile(`(?i)\b(?:password|passfile|sslpassword)\s*=\s*(?:''((?:[^']|'''')*)''|'((?:[^'\\]|\\.)*)'|([^\s'"&]+))`),
		regexp.MustCompile(`(?i)\bPASSWORD\s+E?'((?:[^']|'')*)'`),
	}
})

// gap is what stands between two words.
const gap = `(?:\s|--[^\n]*\n|/\*.*?\*/)+`

// secretHead is the beginning of CREATE SECRET up to its parenthesis.
var secretHead = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)\bcreate` + gap + `(?:(?:or|replace|temp|temporary|local|persistent)` + gap + `)*secret(?:` + gap + `(?:"[^"]*"|[^\s"();,]+)){0,6}\s*\(`)
})

// shown are the words of CREATE SECRET whose values are no secrets.
var shown = strings.Fields(`type host hostaddr port database dbname user username sslmode sslcert sslkey sslrootcert service connect_timeout application_name options`)

// Shown tells whether the value of a word of CREATE SECRET may be shown.
func Shown(word string) bool { return slices.Contains(shown, strings.ToLower(word)) }

// hidden gives where passwords stand in a text, in its order.
func hidden(text string) (out [][2]int) {
	lower := strings.ToLower(text)
	if !strings.Contains(text, "://") && !strings.Contains(lower, "pass") && !strings.Contains(lower, "secret") {
		return nil
	}
	for _, re := range passwords() {
		for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
			for g := 2; g+1 < len(m); g += 2 {
				if m[g] >= 0 && m[g] < m[g+1] {
					out = append(out, [2]int{m[g], m[g+1]})
				}
			}
		}
	}
	for _, m := range secretHead().FindAllStringIndex(text, -1) {
		out = secretValues(out, text, m[1])
	}
	slices.SortFunc(out, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// secretValues adds what stands in the parentheses of CREATE SECRET behind words that are not among shown; the text may end anywhere.
func secretValues(out [][2]int, text string, at int) [][2]int {
	key, hide := true, false // the next word is one; values are hidden
	for at < len(text) {
		c := text[at]
		switch {
		case c == ')' || c == ';':
			return out
		case c == ',':
			key, hide = true, false
			at++
		case strings.IndexByte(" \t\r\n=(", c) >= 0:
			at++
		case key && isWord(c):
			end := at
			for end < len(text) && isWord(text[end]) {
				end++
			}
			key, hide = false, !Shown(text[at:end])
			at = end
		default:
			from, to, end := valueAt(text, at)
			if hide || key {
				out = append(out, [2]int{from, to})
			}
			at = end
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// valueAt gives what is inside the quotes of the literal at a place, or the run of other characters there, and where it ends.
func valueAt(text string, at int) (from, to, end int) {
	switch c := text[at]; {
	case c == '\'' || c == '"':
		for end = at + 1; end < len(text); end++ {
			if text[end] == c {
				if end+1 < len(text) && text[end+1] == c {
					end++
					continue
				}
				return at + 1, end, end + 1
			}
		}
		return at + 1, len(text), len(text)
	case c == '$':
		if i := strings.IndexByte(text[at+1:], '$'); i >= 0 {
			tag := text[at : at+i+2]
			from = at + len(tag)
			if j := strings.Index(text[from:], tag); j >= 0 {
				return from, from + j, from + j + len(tag)
			}
			return from, len(text), len(text)
		}
	}
	end = at + 1
	for end < len(text) && strings.IndexByte(" \t\r\n,;)'\"$", text[end]) < 0 {
		end++
	}
	return at, end, end
}

// Redact puts stars in the place of passwords in addresses of databases and in CREATE SECRET, one for each byte, so that places in the text stay.
func Redact(text string) string {
	list := hidden(text)
	if len(list) == 0 {
		return text
	}
	out := []byte(text)
	for _, h := range list {
		for i := h[0]; i < h[1]; i++ {
			out[i] = '*'
		}
	}
	return string(out)
}

// RedactOf redacts what is said about a text: the passwords of that text as well.
func RedactOf(message, text string) string {
	for _, h := range hidden(text) {
		message = hideWord(message, text[h[0]:h[1]])
	}
	return Redact(message)
}

// hideWord puts stars in the place of a word where it stands alone.
func hideWord(text, word string) string {
	for at := 0; word != ""; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			break
		}
		i += at
		end := i + len(word)
		if i > 0 && isWord(text[i-1]) || end < len(text) && isWord(text[end]) {
			at = end
			continue
		}
		text, at = text[:i]+"***"+text[end:], i+3
	}
	return text
}
