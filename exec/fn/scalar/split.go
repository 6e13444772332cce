package scalar

import (
	"bytes"
	"regexp"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var splitPart = &fn.Function{
	Name: "split_part", Category: "string", Doc: "The piece number n of the text between separators, from the end when negative; '' where there is none.",
	Examples: tex("split_part('a,b,c', ',', 2)", "b", "split_part('a,b,c', ',', -1)", "c", "split_part('a', ',', 2)", ""),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		p, seps, nth := partsOf(out, args[0]), vec.StrsOf(args[1]), vec.ColOf[int64](args[2])
		for _, i := range sel {
			if nth.At(i) == 0 {
				return dataErr("split_part: pieces are counted from 1, not 0")
			}
			lo, hi := piece(p.src.At(i), seps.At(i), nth.At(i))
			p.set(i, lo, hi)
		}
		return nil
	}, types.TVarchar, types.TVarchar, types.TBigInt))},
}

// cutAt parts s at the first separator; an empty one parts nothing.
func cutAt(s, sep []byte) (before, after []byte, found bool) {
	if len(sep) == 0 {
		return s, nil, false
	}
	return bytes.Cut(s, sep)
}

// piece gives the place of piece n of s.
func piece(s, sep []byte, n int64) (lo, hi int) {
	if len(sep) == 0 {
		if n == 1 || n == -1 {
			return 0, len(s)
		}
		return 0, 0
	}
	if n < 0 {
		if n += int64(bytes.Count(s, sep)) + 2; n <= 0 {
			return 0, 0
		}
	}
	for ; ; n-- {
		k := bytes.Index(s[lo:], sep)
		if n == 1 {
			if k < 0 {
				return lo, len(s)
			}
			return lo, lo + k
		}
		if k < 0 {
			return 0, 0
		}
		lo += k + len(sep)
	}
}

var substringIndex = &fn.Function{
	Name: "substring_index", Category: "string", Doc: "The text before the separator number n, or after it counted from the end when n is negative.",
	Examples: tex("substring_index('www.a.org', '.', 2)", "www.a", "substring_index('www.a.org', '.', -1)", "org"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s, sep, n := r.str(0), r.str(1), r.i64(2)
		if len(sep) == 0 || n == 0 {
			return dst, true, nil
		}
		if n > 0 {
			end := 0
			for ; n > 0; n-- {
				k := bytes.Index(s[end:], sep)
				if k < 0 {
					return append(dst, s...), true, nil
				}
				end += k + len(sep)
			}
			return append(dst, s[:end-len(sep)]...), true, nil
		}
		begin := len(s) + len(sep)
		for ; n < 0; n++ {
			k := bytes.LastIndex(s[:begin-len(sep)], sep)
			if k < 0 {
				return append(dst, s...), true, nil
			}
			begin = k + len(sep)
		}
		return append(dst, s[begin:]...), true, nil
	}), types.TVarchar, types.TVarchar, types.TBigInt)},
}

var stringSplit = &fn.Function{
	Name: "string_split", Aliases: []string{"str_split", "string_to_array"}, Category: "string", Doc: "The pieces of the text between separators, as an array.",
	Examples: tex("string_split('a,b,,c', ',')", "[a, b, '', c]"),
	Overloads: []*fn.Overload{sig(types.NewArray(types.TVarchar), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		w := newListWriter(out, n)
		for _, i := range sel {
			w.begin(i)
			s, sep := args[0].Bytes(int(i)), args[1].Bytes(int(i))
			for len(sep) > 0 {
				k := bytes.Index(s, sep)
				if k < 0 {
					break
				}
				w.b.AppendBytes(s[:k])
				s = s[k+len(sep):]
			}
			w.b.AppendBytes(s)
			w.end()
		}
		w.done()
		return nil
	}, types.TVarchar, types.TVarchar)},
}

var split = &fn.Function{
	Name: "split", Aliases: []string{"regexp_split_to_array", "string_split_regex", "regexp_split", "str_split_regex"}, Category: "string",
	Doc:       "The pieces of the text between matches of a regular expression, as an array; with a limit above 0, at most so many.",
	Examples:  tex("split('a1b22c', '[0-9]+')", "[a, b, c]", "split('a1b22c', '[0-9]+', 2)", "[a, b22c]"),
	Overloads: []*fn.Overload{reList(splitRow, types.TVarchar, types.TVarchar), reList(splitRow, types.TVarchar, types.TVarchar, types.TInteger)},
}

func splitRow(re *regexp.Regexp, r *row, w *listWriter) error {
	s, last, pieces := r.str(0), 0, int32(1)
	for _, m := range re.FindAllIndex(s, -1) {
		if m[1] == 0 || m[0] == m[1] && m[0] == len(s) { // an empty match at an end parts nothing
			continue
		}
		if r.has(2) && pieces == r.i32(2) {
			break
		}
		w.b.AppendBytes(s[last:m[0]])
		last = m[1]
		pieces++
	}
	w.b.AppendBytes(s[last:])
	return nil
}

var regexpExtractAll = &fn.Function{
	Name: "regexp_extract_all", Category: "pattern", Doc: "All matches of the regular expression, of its group n, or of groups under names, as an array.",
	Signatures: []string{"regexp_extract_all(VARCHAR, VARCHAR, group) → VARCHAR[]", "regexp_extract_all(VARCHAR, VARCHAR, names) → STRUCT[]"},
	Examples:   tex("regexp_extract_all('a1b22', '[0-9]+')", "[1, 22]", "regexp_extract_all('aab', 'a*')", "[aa, '', '']", "regexp_extract_all('a1b2', '([a-z])([0-9])', ['l', 'd'])", "[{'l': a, 'd': 1}, {'l': b, 'd': 2}]"),
	Bind: bindNamed("regexp_extract_all", []*fn.Overload{
		reList(extractAll, types.TVarchar, types.TVarchar),
		reList(extractAll, types.TVarchar, types.TVarchar, types.TInteger),
	}, true),
}

func extractAll(re *regexp.Regexp, r *row, w *listWriter) error {
	g := 0
	if r.has(2) {
		g = int(r.i32(2))
	}
	if g < 0 || g > re.NumSubexp() {
		return dataErr("regexp_extract_all: group %d of '%s' does not exist", g, re)
	}
	s := r.str(0)
	for _, m := range allMatches(re, s) {
		if m[2*g] < 0 { // the group had no part in the match
			w.b.AppendBytes(nil)
		} else {
			w.b.AppendBytes(s[m[2*g]:m[2*g+1]])
		}
	}
	return nil
}

// reList makes the overload of a function of text and pattern that yields texts.
func reList(f func(re *regexp.Regexp, r *row, w *listWriter) error, args ...types.Type) *fn.Overload {
	eval := func(fixed *regexp.Regexp) fn.Eval {
		return func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			w, r, cache := newListWriter(out, n), row{c: c, args: args}, reCache{}
			for _, i := range sel {
				r.i = int(i)
				re := fixed
				if re == nil {
					var err error
					if re, err = cache.get(r.str(1), nil); err != nil {
						return err
					}
				}
				w.begin(i)
				if err := f(re, &r, w); err != nil {
					return err
				}
				w.end()
			}
			w.done()
			return nil
		}
	}
	o := failing(sig(types.NewArray(types.TVarchar), eval(nil), args...))
	o.Prepare = func(args []fn.Arg) (fn.Eval, error) {
		p, ok := constText(args, 1)
		if !ok {
			return nil, nil
		}
		re, err := compileRE(p, "")
		if err != nil {
			return nil, err
		}
		return eval(re), nil
	}
	return o
}
