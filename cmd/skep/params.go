package main

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// substitute puts the text of parameters in the place of ${name}, wherever it stands.
func substitute(text string, params map[string]string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var out strings.Builder
	for at := 0; ; {
		i := strings.Index(text[at:], "${")
		if i < 0 {
			out.WriteString(text[at:])
			return out.String(), nil
		}
		start := at + i
		end := start + 2
		for end < len(text) && isWord(text[end]) {
			end++
		}
		if end == start+2 || end >= len(text) || text[end] != '}' {
			out.WriteString(text[at : start+2])
			at = start + 2
			continue
		}
		name := text[start+2 : end]
		v, ok := params[strings.ToLower(name)]
		if !ok {
			var names []string
			for n := range params {
				names = append(names, n)
			}
			e := sqlerr.At(sqlerr.NotFound, start, "no value is given for ${%s}", name).WithHint("--param %s=…", name)
			if n := sqlerr.Nearest(name, names); n != "" {
				e = e.WithHint("did you mean ${%s}?", n)
			}
			return text, e
		}
		out.WriteString(text[at:start])
		out.WriteString(v)
		at = end + 1
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// typedParams gives the parameters as arguments, each of the type that its text looks like. Quotes make text of anything.
func typedParams(params map[string]string) []any {
	var args []any
	for name, text := range params {
		args = append(args, skep.Named(name, typed(text)))
	}
	return args
}

var shapes = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"DECIMAL":   regexp.MustCompile(`^[+-]?([0-9]+)\.([0-9]+)$`),
		"DOUBLE":    regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+$`),
		"DATE":      regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
		"TIMESTAMP": regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$`),
	}
})

// typed guesses the type of a parameter's text.
func typed(text string) any {
	if n := len(text); n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	switch strings.ToLower(text) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && (text == "0" || !strings.HasPrefix(strings.TrimLeft(text, "+-"), "0")) {
		return n // leading zeros mean an identifier, not a number
	}
	s := shapes()
	if m := s["DECIMAL"].FindStringSubmatch(text); m != nil {
		if p := len(m[1]) + len(m[2]); p <= 38 {
			return skep.Typed{Type: "DECIMAL(" + strconv.Itoa(p) + "," + strconv.Itoa(len(m[2])) + ")", Text: text}
		}
	}
	if s["DOUBLE"].MatchString(text) {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	for _, t := range []string{"DATE", "TIMESTAMP"} {
		if s[t].MatchString(text) {
			return skep.Typed{Type: t, Text: text}
		}
	}
	return text
}
