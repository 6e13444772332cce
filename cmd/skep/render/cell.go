package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/skep-sql/skep/exec/vec"
)

// cellText gives the value of row i as a person reads it: without control characters, NULL apart from the text 'NULL'.
func cellText(v *vec.Vector, i int, o Options) string {
	null := o.NullText
	if null == "" {
		null = "NULL"
	}
	if v.IsNull(i) {
		return null
	}
	s := visible(string(appendValue(nil, v, i, o.Location)))
	if s == null {
		return "'" + s + "'"
	}
	return s
}

// visible escapes what a terminal would obey or not show: control and format characters, and bytes that are no UTF-8.
func visible(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02X`, r)
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200d, r == 0x2028, r == 0x2029:
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// fit pads s to width columns, or cuts it there with an ellipsis.
func fit(s string, width int, right bool) string {
	w := runewidth.StringWidth(s)
	if w > width {
		s = runewidth.Truncate(s, width, "…")
		w = runewidth.StringWidth(s)
	}
	pad := strings.Repeat(" ", max(width-w, 0))
	if right {
		return pad + s
	}
	return s + pad
}
