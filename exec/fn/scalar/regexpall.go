package scalar

import (
	"regexp"
	"regexp/syntax"
)

// allMatches gives all matches as RE2, Perl and Java find them: an empty one may follow another match at once, which Go's own search
// leaves out.
func allMatches(re *regexp.Regexp, s []byte) [][]int {
	var out [][]int
	all := re.FindAllSubmatchIndex(s, -1)
	for i, m := range all {
		out = append(out, m)
		if m[0] == m[1] || i+1 < len(all) && all[i+1][0] == m[1] {
			continue
		}
		if e := re.FindSubmatchIndex(s[m[1]:]); e != nil && e[0] == 0 && e[1] == 0 && !looksBehind(re) {
			for k := range e {
				if e[k] >= 0 {
					e[k] += m[1]
				}
			}
			out = append(out, e)
		}
	}
	return out
}

// looksBehind tells whether what matches at a place may depend on the text before it.
func looksBehind(re *regexp.Regexp) bool {
	t, err := syntax.Parse(re.String(), syntax.Perl)
	return err != nil || anyLooksBehind(t)
}

func anyLooksBehind(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, s := range t.Sub {
		if anyLooksBehind(s) {
			return true
		}
	}
	return false
}
