package multi

import (
	"fmt"
	"path/filepath"
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

// FolderValues reads the values of partition columns off a path's k=v folders, and tells how many folders deep the last of them is.
func FolderValues(rel string, cols []string) (values []*string, depth int, ok bool) {
	have := folders(rel)
	for _, c := range cols {
		k := pick(have, c)
		if k == nil {
			return nil, 0, false
		}
		var text *string
		if !k.null {
			text = &k.text
		}
		values = append(values, text)
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for i, p := range parts[:len(parts)-1] {
		name, _, found := strings.Cut(p, "=")
		for _, c := range cols {
			if found && strings.EqualFold(decoded(name), c) {
				depth = i + 1
			}
		}
	}
	return values, depth, true
}
