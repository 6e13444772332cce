package multi

import (
	"fmt"
	"strings"
)

// Folder gives the name of the folder of a partition as Hive writes it; nil is NULL.
func Folder(col string, value *string) string {
	name := EscapeFolder(strings.ToLower(col)) + "="
	if value == nil || *value == "" {
		return name + nullName
	}
	return name + EscapeFolder(*value)
}

// EscapeFolder writes the characters that Hive does not have in the names of folders as % and two digits.
func EscapeFolder(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{}[]^", c) >= 0 || c == '.' && strings.Trim(s, ".") == "" {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
