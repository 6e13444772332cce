package db

import (
	"regexp"
	"strings"
	"sync"
)

// passwords are compiled when they are first wanted: the command starts often.
var passwords = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@'"]*:([^\s'"]*)@`),
		regexp.MustCompile(`(?i)\b(?:password|passfile|sslpassword)\s*=\s*(?:''((?:[^']|'''')*)''|([^\s'"&]+))`),
		regexp.MustCompile(`(?i)\bPASSWORD\s+'((?:[^']|'')*)'`),
	}
})

// Redact puts stars in the place of passwords in addresses of databases, one for each byte, so that places in the text stay.
func Redact(text string) string {
	if !strings.Contains(text, "://") && !strings.Contains(strings.ToLower(text), "pass") {
		return text
	}
	out := []byte(text)
	for _, re := range passwords() {
		for _, m := range re.FindAllSubmatchIndex([]byte(text), -1) {
			for g := 2; g+1 < len(m); g += 2 {
				for i := m[g]; i >= 0 && i < m[g+1]; i++ {
					out[i] = '*'
				}
			}
		}
	}
	return string(out)
}
