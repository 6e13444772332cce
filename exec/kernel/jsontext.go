package kernel

import (
	"encoding/json"
	"strings"
)

// isJSON tells whether a text is JSON. NaN and infinite numbers may stand there bare, as in files that are read.
func isJSON(b []byte) bool {
	if json.Valid(b) {
		return true
	}
	plain := make([]byte, 0, len(b))
	found, quoted := false, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\' && i+1 < len(b):
			plain = append(plain, c)
			i++
			c = b[i]
		case c == '"':
			quoted = !quoted
		case !quoted && letter(c):
			k := i
			for k < len(b) && letter(b[k]) {
				k++
			}
			switch strings.ToLower(string(b[i:k])) {
			case "nan", "inf", "infinity":
				found, i, c = true, k-1, '0'
			}
		}
		plain = append(plain, c)
	}
	return found && json.Valid(plain)
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
