package scalar

import (
	"bytes"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var like = likeFunction("like", []string{"~~"}, "Whether text has a pattern: _ is any character, % any text; a backslash, or the ESCAPE character, takes their meaning away.", false,
	tex("'abc' LIKE 'a%'", "true", "'abc' LIKE '_b_'", "true", "'abc' LIKE 'b%'", "false", "'a%c' LIKE 'a!%c' ESCAPE '!'", "true", "'special requests' LIKE '%special%requests%'", "true"))

var ilike = likeFunction("ilike", []string{"~~*"}, "LIKE without regard to case.", true, tex("'ABC' ILIKE 'a%'", "true", "'Äb' ILIKE 'ä_'", "true"))

func likeFunction(name string, aliases []string, doc string, fold bool, examples []fn.Example) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "pattern", Doc: doc, Examples: examples,
		Signatures: []string{name + "(text, pattern)", name + "(text, pattern, escape)"},
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) < 2 || len(args) > 3 || args[0].Type.IsNested() {
				return nil, nil
			}
			o := failing(anyText(args, types.TBoolean, likeRows(fold)))
			if _, ok := constText(args, 1); ok && (len(args) == 2 || args[2].Const != nil) {
				o.CanFail = false
			}
			o.Prepare = func(args []fn.Arg) (fn.Eval, error) { return prepareLike(args, fold) }
			return o, nil
		},
	}
}

// prepareLike compiles a constant pattern.
func prepareLike(args []fn.Arg, fold bool) (fn.Eval, error) {
	pattern, ok := constText(args, 1)
	escape := rune('\\')
	if len(args) == 3 {
		e, isConst := constText(args, 2)
		ok = ok && isConst
		var err error
		if escape, err = escapeRune([]byte(e)); ok && err != nil {
			return nil, err
		}
	}
	if !ok {
		return nil, nil
	}
	text := []byte(pattern)
	if fold {
		text = bytes.ToLower(text)
	}
	p, err := compileLike(text, escape)
	if err != nil {
		return nil, err
	}
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		likeConst(p, fold, args[0], sel, vec.Values[uint8](out))
		return nil
	}, nil
}

func likeConst(p *likePattern, fold bool, v *vec.Vector, sel []int32, dst []uint8) {
	s := vec.StrsOf(v)
	switch {
	case fold:
		var buf []byte
		for _, i := range sel {
			buf = appendLower(buf[:0], s.At(i))
			dst[i] = b2u(p.match(buf))
		}
	case p.kind == likePrefix:
		for _, i := range sel {
			dst[i] = b2u(bytes.HasPrefix(s.At(i), p.lit))
		}
	case p.kind == likeSuffix:
		for _, i := range sel {
			dst[i] = b2u(bytes.HasSuffix(s.At(i), p.lit))
		}
	case p.kind == likeContains:
		for _, i := range sel {
			b := s.At(i)
			dst[i] = b2u(len(b) >= len(p.lit) && bytes.Contains(b, p.lit))
		}
	default:
		for _, i := range sel {
			dst[i] = b2u(p.match(s.At(i)))
		}
	}
}

func escapeRune(e []byte) (rune, error) {
	if len(e) == 0 {
		return -1, nil
	}
	r, n := utf8.DecodeRune(e)
	if n != len(e) {
		return -1, sqlerr.New(sqlerr.Data, "ESCAPE '%s' must be one character", e)
	}
	return r, nil
}

// likeRows compiles the pattern of each row, unless it is that of the row before.
func likeRows(fold bool) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var last, buf []byte
		var lastEscape rune
		var p *likePattern
		dst := vec.Values[uint8](out)
		for _, i := range sel {
			s, pattern, escape := args[0].Bytes(int(i)), args[1].Bytes(int(i)), rune('\\')
			var err error
			if len(args) == 3 {
				if escape, err = escapeRune(args[2].Bytes(int(i))); err != nil {
					return err
				}
			}
			if p == nil || escape != lastEscape || !bytes.Equal(last, pattern) {
				last, lastEscape = append(last[:0], pattern...), escape
				text := pattern
				if fold {
					text = bytes.ToLower(text)
				}
				if p, err = compileLike(text, escape); err != nil {
					return err
				}
			}
			if fold {
				buf = appendLower(buf[:0], s)
				s = buf
			}
			dst[i] = b2u(p.match(s))
		}
		return nil
	}
}
