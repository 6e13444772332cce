package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var regexpEscape = &fn.Function{
	Name: "regexp_escape", Category: "pattern", Doc: "A regular expression that matches just the text: whatever is no letter, digit or _ has a backslash before it.",
	Examples: tex("regexp_escape('a.b')", `a\.b`, "regexp_escape('https://x y')", `https\:\/\/x\ y`),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(func(dst, s []byte) []byte {
		for _, c := range s {
			switch {
			case c == 0:
				dst = append(dst, `\x00`...)
				continue
			case c != '_' && c < 0x80 && !(c >= '0' && c <= '9') && !(c|0x20 >= 'a' && c|0x20 <= 'z'):
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
		}
		return dst
	}), types.TVarchar)},
}
