package scalar

import (
	"regexp"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// bindNamed makes the Bind of regexp_extract or regexp_extract_all: with an array of names as third argument the groups become the fields
// of a struct (of all matches: an array of them), else plain decides.
func bindNamed(name string, plain []*fn.Overload, all bool) func([]fn.Arg) (*fn.Overload, error) {
	f := &fn.Function{Name: name, Overloads: plain}
	for _, o := range plain {
		o.Func = f
	}
	return func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 3 || len(args) > 4 || args[2].Type.Kind != types.Array {
			return f.Resolve(args)
		}
		c := args[2].Const
		if c == nil || c.IsNull(0) {
			return nil, sqlerr.New(sqlerr.Bind, "the names of the groups must be constants")
		}
		l := listAt(c, 0)
		var fields []types.Field
		for k := l.off; k < l.off+l.n; k++ {
			if l.kid.IsNull(k) || l.kid.Phys() != types.PView {
				return nil, sqlerr.New(sqlerr.Bind, "the names of the groups must be texts")
			}
			n := string(l.kid.Bytes(k))
			if fieldNamed(fields, n) >= 0 {
				return nil, sqlerr.New(sqlerr.Bind, "two groups have the name %s", n)
			}
			fields = append(fields, types.Field{Name: n, Type: types.TVarchar})
		}
		if len(fields) == 0 {
			return nil, sqlerr.New(sqlerr.Bind, "there are no names for the groups")
		}
		pattern, flags := "", ""
		ok := true
		if pattern, ok = constText(args, 1); ok && len(args) == 4 {
			flags, ok = constText(args, 3)
		}
		if !ok {
			return nil, sqlerr.New(sqlerr.Bind, "with names of groups the regular expression must be a constant")
		}
		re, err := compileRE(pattern, flags)
		if err != nil {
			return nil, err
		}
		if re.NumSubexp() < len(fields) {
			return nil, sqlerr.New(sqlerr.Bind, "there are %d names for the %d groups of the regular expression", len(fields), re.NumSubexp())
		}
		t := types.NewStruct(fields...)
		if all {
			t = types.NewArray(t)
		}
		return sig(t, namedGroups(re, len(fields), all), []types.Type{types.TVarchar, types.TVarchar, args[2].Type, types.TVarchar}[:len(args)]...), nil
	}
}

// namedGroups makes the code that gives the first n groups of a match, or of all.
func namedGroups(re *regexp.Regexp, n int, all bool) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, rows int, out *vec.Vector) error {
		put := func(b *vec.Builder, s []byte, m []int) {
			for k := range n {
				if m != nil && m[2*k+2] < 0 && all { // this group had no part in the match
					b.Kid(k).AppendNull()
				} else if m == nil || m[2*k+2] < 0 {
					b.Kid(k).AppendBytes(nil)
				} else {
					b.Kid(k).AppendBytes(s[m[2*k+2]:m[2*k+3]])
				}
			}
			b.EndStruct()
		}
		if all {
			w := newListWriter(out, rows)
			for _, i := range sel {
				w.begin(i)
				s := args[0].Bytes(int(i))
				for _, m := range allMatches(re, s) {
					put(w.b, s, m)
				}
				w.end()
			}
			w.done()
			return nil
		}
		b, idx := vec.NewBuilder(out.Type), make([]int32, rows)
		for i := range idx {
			idx[i] = -1
		}
		for _, i := range sel {
			idx[i] = int32(b.Len())
			s := args[0].Bytes(int(i))
			put(b, s, re.FindSubmatchIndex(s))
		}
		keep := append(vec.Bitmap(nil), out.Valid...)
		vec.GatherAt(out, b.Vector(), idx, vec.Identity(rows), rows)
		for i := range keep {
			out.MakeValid()[i] &= keep[i]
		}
		return nil
	}
}
