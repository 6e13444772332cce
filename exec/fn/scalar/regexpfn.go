package scalar

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// compileRE compiles an RE2 pattern with flags (i, s, m, c as Postgres and DuckDB have them; g is the caller's).
func compileRE(pattern, flags string) (*regexp.Regexp, error) {
	f := ""
	for _, c := range flags {
		switch c {
		case 'i', 's', 'm', 'U':
			f += string(c)
		case 'n', 'p':
			f += "m"
		case 'c', 'g', 'e':
		case 'l':
			pattern = regexp.QuoteMeta(pattern)
		default:
			return nil, sqlerr.New(sqlerr.Data, "'%c' is not a flag of regular expressions", c).WithHint("the flags are i, s, m, c, g and l")
		}
	}
	if f != "" {
		pattern = "(?" + f + ")" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, sqlerr.New(sqlerr.Data, "'%s' is not a regular expression: %s", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: ")).
			WithHint("regular expressions are RE2: no backreferences, no lookahead")
	}
	return re, nil
}

// reCache keeps the last pattern compiled.
type reCache struct {
	pattern, flags string
	re             *regexp.Regexp
}

func (c *reCache) get(pattern, flags []byte) (*regexp.Regexp, error) {
	if c.re != nil && c.pattern == string(pattern) && c.flags == string(flags) {
		return c.re, nil
	}
	re, err := compileRE(string(pattern), string(flags))
	if err != nil {
		return nil, err
	}
	c.pattern, c.flags, c.re = string(pattern), string(flags), re
	return re, nil
}

// reFunction makes the overloads of a function of text, pattern and further arguments. flags is the place of the argument with
// flags, or -1. run computes a row.
func reFunction(result types.Type, flags int, run func(re *regexp.Regexp, r *row, out *vec.Vector) error, args ...types.Type) *fn.Overload {
	eval := func(re *regexp.Regexp) fn.Eval {
		return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			r, cache := row{c: c, args: args}, reCache{}
			for _, i := range sel {
				r.i = int(i)
				use := re
				if use == nil {
					var f []byte
					if flags >= 0 {
						f = r.str(flags)
					}
					var err error
					if use, err = cache.get(r.str(1), f); err != nil {
						return err
					}
				}
				if err := run(use, &r, out); err != nil {
					return err
				}
			}
			return nil
		}
	}
	o := failing(sig(result, eval(nil), args...))
	o.Prepare = func(args []fn.Arg) (fn.Eval, error) {
		pattern, ok := constText(args, 1)
		f := ""
		if flags >= 0 {
			var isConst bool
			f, isConst = constText(args, flags)
			ok = ok && isConst
		}
		if !ok {
			return nil, nil
		}
		re, err := compileRE(pattern, f)
		if err != nil {
			return nil, err
		}
		return eval(re), nil
	}
	return o
}

func reMatch(re *regexp.Regexp, r *row, out *vec.Vector) error {
	vec.Values[uint8](out)[r.i] = b2u(re.Match(r.str(0)))
	return nil
}

var regexpMatches = &fn.Function{
	Name: "regexp_matches", Aliases: []string{"regexp_like", "rlike", "regexp"}, Category: "pattern",
	Doc:      "Whether a part of the text matches the regular expression (RE2); flags: i = any case, s = . matches newlines, m = lines.",
	Examples: tex("regexp_matches('abc', 'b.')", "true", "'abc' RLIKE '^b'", "false", "regexp_like('ABC', 'b', 'i')", "true"),
	Overloads: []*fn.Overload{
		reFunction(types.TBoolean, -1, reMatch, types.TVarchar, types.TVarchar),
		reFunction(types.TBoolean, 2, reMatch, types.TVarchar, types.TVarchar, types.TVarchar),
	},
}

var regexpFullMatch = &fn.Function{
	Name: "regexp_full_match", Category: "pattern", Doc: "Whether the whole text matches the regular expression.",
	Examples:  tex("regexp_full_match('abc', 'b.')", "false", "regexp_full_match('abc', 'a.c')", "true"),
	Overloads: []*fn.Overload{translated(func(p string) string { return "^(?:" + p + ")$" })},
}

var regexpCount = &fn.Function{
	Name: "regexp_count", Category: "pattern", Doc: "How often the regular expression matches in the text.",
	Examples: tex("regexp_count('banana', 'an')", "2"),
	Overloads: []*fn.Overload{reFunction(types.TBigInt, -1, func(re *regexp.Regexp, r *row, out *vec.Vector) error {
		vec.Values[int64](out)[r.i] = int64(len(re.FindAllIndex(r.str(0), -1)))
		return nil
	}, types.TVarchar, types.TVarchar)},
}

var regexpReplace = &fn.Function{
	Name: "regexp_replace", Category: "pattern",
	Doc:      "The text with the first match replaced, or every one with the flag g; \\1 in the replacement is the first group.",
	Examples: tex("regexp_replace('banana', 'an', 'AN')", "bANana", "regexp_replace('banana', 'an', 'AN', 'g')", "bANANa", "regexp_replace('John Smith', '(\\w+) (\\w+)', '\\2 \\1')", "Smith John"),
	Overloads: []*fn.Overload{
		reFunction(types.TVarchar, -1, reReplace, types.TVarchar, types.TVarchar, types.TVarchar),
		reFunction(types.TVarchar, 3, reReplace, types.TVarchar, types.TVarchar, types.TVarchar, types.TVarchar),
	},
}

func reReplace(re *regexp.Regexp, r *row, out *vec.Vector) error {
	s, with := r.str(0), goTemplate(r.str(2))
	if !r.has(3) || bytes.IndexByte(r.str(3), 'g') < 0 {
		m := re.FindSubmatchIndex(s)
		if m == nil {
			out.SetBytes(r.i, s)
			return nil
		}
		r.buf = re.Expand(append(r.buf[:0], s[:m[0]]...), with, s, m)
		r.buf = append(r.buf, s[m[1]:]...)
		out.SetBytes(r.i, r.buf)
		return nil
	}
	b, last := r.buf[:0], 0
	for _, m := range re.FindAllSubmatchIndex(s, -1) {
		b = append(b, s[last:m[0]]...)
		b = re.Expand(b, with, s, m)
		last = m[1]
	}
	r.buf = append(b, s[last:]...)
	out.SetBytes(r.i, r.buf)
	return nil
}

// goTemplate turns \1 and \& into Go's ${1} and ${0}, and protects dollar signs.
func goTemplate(t []byte) []byte {
	if bytes.IndexByte(t, '\\') < 0 && bytes.IndexByte(t, '$') < 0 {
		return t
	}
	var b []byte
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c == '\\' && i+1 < len(t) && t[i+1] >= '0' && t[i+1] <= '9':
			i++
			b = append(append(append(b, "${"...), t[i]), '}')
		case c == '\\' && i+1 < len(t) && t[i+1] == '&':
			i++
			b = append(b, "${0}"...)
		case c == '\\' && i+1 < len(t):
			i++
			b = append(b, t[i])
		case c == '$' && i+1 < len(t) && t[i+1] >= '0' && t[i+1] <= '9':
			i++
			b = append(append(append(b, "${"...), t[i]), '}')
		case c == '$':
			b = append(b, "$$"...)
		default:
			b = append(b, c)
		}
	}
	return b
}

var regexpExtract = &fn.Function{
	Name: "regexp_extract", Aliases: []string{"regexp_substr"}, Category: "pattern",
	Doc:        "The first match of the regular expression, its group n, or groups under names; '' where there is none.",
	Examples:   tex("regexp_extract('abc123', '[0-9]+')", "123", "regexp_extract('k=v', '(\\w)=(\\w)', 2)", "v", "regexp_extract('abc', 'x')", "", "regexp_extract('k=v', '(\\w)=(\\w)', ['a', 'b'])", "{'a': k, 'b': v}"),
	Signatures: []string{"regexp_extract(VARCHAR, VARCHAR) → VARCHAR", "regexp_extract(VARCHAR, VARCHAR, group, flags)", "regexp_extract(VARCHAR, VARCHAR, names, flags) → STRUCT"},
	Bind: bindNamed("regexp_extract", []*fn.Overload{
		reFunction(types.TVarchar, -1, reExtract, types.TVarchar, types.TVarchar),
		reFunction(types.TVarchar, -1, reExtract, types.TVarchar, types.TVarchar, types.TInteger),
		reFunction(types.TVarchar, 3, reExtract, types.TVarchar, types.TVarchar, types.TInteger, types.TVarchar),
	}, false),
}

func reExtract(re *regexp.Regexp, r *row, out *vec.Vector) error {
	g := 0
	if r.has(2) {
		g = int(r.i32(2))
	}
	if g < 0 || g > re.NumSubexp() {
		return dataErr("regexp_extract: group %s of '%s' does not exist", strconv.Itoa(g), re)
	}
	s := r.str(0)
	m := re.FindSubmatchIndex(s)
	if m == nil || m[2*g] < 0 {
		out.SetBytes(r.i, nil)
	} else {
		out.SetBytes(r.i, s[m[2*g]:m[2*g+1]])
	}
	return nil
}

var similarTo = &fn.Function{
	Name: "similar_to", Category: "pattern", Doc: "Whether the whole text has the pattern of SIMILAR TO: LIKE's % and _ with | * + ? () [] of regular expressions.",
	Examples:  tex("'abc' SIMILAR TO '(a|b)%'", "true", "'abc' SIMILAR TO 'b'", "false"),
	Overloads: []*fn.Overload{translated(similarRE)},
}

var glob = &fn.Function{
	Name: "glob", Category: "pattern", Doc: "Whether the whole text has the shell pattern: * any text, ? any character, [abc] one of these.",
	Examples:  tex("glob('abc.csv', '*.csv')", "true", "glob('abc', 'a?d')", "false"),
	Overloads: []*fn.Overload{translated(globRE)},
}

// translated makes the overload of a pattern language that is turned into RE2.
func translated(toRE func(string) string) *fn.Overload {
	eval := func(fixed *regexp.Regexp) fn.Eval {
		return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst, cache := vec.Values[uint8](out), reCache{}
			for _, i := range sel {
				re := fixed
				if re == nil {
					var err error
					if re, err = cache.get([]byte(toRE(string(args[1].Bytes(int(i))))), nil); err != nil {
						return err
					}
				}
				dst[i] = b2u(re.Match(args[0].Bytes(int(i))))
			}
			return nil
		}
	}
	o := failing(sig(types.TBoolean, eval(nil), types.TVarchar, types.TVarchar))
	o.Prepare = func(args []fn.Arg) (fn.Eval, error) {
		p, ok := constText(args, 1)
		if !ok {
			return nil, nil
		}
		re, err := compileRE(toRE(p), "")
		if err != nil {
			return nil, err
		}
		return eval(re), nil
	}
	return o
}

func similarRE(p string) string {
	var b strings.Builder
	b.WriteString(`^(?s:`)
	class := false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			i++
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		case class:
			class = c != ']'
			b.WriteByte(c)
		case c == '[':
			class = true
			b.WriteByte(c)
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteByte('.')
		case c == '.' || c == '^' || c == '$':
			b.WriteString(`\` + string(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `)$`
}

func globRE(p string) string {
	var b strings.Builder
	b.WriteString(`^(?s:`)
	for i := 0; i < len(p); i++ {
		switch c := p[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteByte('.')
		case '[':
			end := strings.IndexByte(p[i+1:], ']')
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			set := p[i+1 : i+1+end]
			set = strings.ReplaceAll(set, `\`, `\\`)
			if strings.HasPrefix(set, "!") {
				set = "^" + set[1:]
			}
			b.WriteString("[" + set + "]")
			i += end + 1
		default:
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		}
	}
	return b.String() + `)$`
}
