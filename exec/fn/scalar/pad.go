package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// maxText bounds the text that one call may make.
const maxText = 64 << 20

var (
	lpad = padding("lpad", true, "The text brought to n characters: filled with blanks or the text given at the left, or cut.", "lpad('7', 3, '0')", "007", "lpad('hello', 2)", "he")
	rpad = padding("rpad", false, "The text brought to n characters: filled with blanks or the text given at the right, or cut.", "rpad('7', 3, 'ab')", "7ab")
)

func padding(name string, atLeft bool, doc string, examples ...string) *fn.Function {
	eval := rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s, fill := r.str(0), []byte{' '}
		if r.has(2) {
			fill = r.str(2)
		}
		n := r.i64(1)
		if n > maxText {
			return nil, false, sqlerr.New(sqlerr.Limit, "%s to %d characters is too long", name, n)
		}
		need := int(n) - runeCount(s)
		if n <= 0 {
			return dst, true, nil
		}
		if need <= 0 {
			return append(dst, s[:runeOffset(s, int(n))]...), true, nil
		}
		if !atLeft {
			dst = append(dst, s...)
		}
		for k := runeCount(fill); k > 0 && need > 0; need -= k {
			dst = append(dst, fill[:runeOffset(fill, min(need, k))]...)
		}
		if atLeft {
			dst = append(dst, s...)
		}
		return dst, true, nil
	})
	return &fn.Function{
		Name: name, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{
			failing(sig(types.TVarchar, eval, types.TVarchar, types.TBigInt)),
			failing(sig(types.TVarchar, eval, types.TVarchar, types.TBigInt, types.TVarchar)),
			failing(sig(types.TBinary, padBytes(name, atLeft), types.TBinary, types.TBigInt)),
			failing(sig(types.TBinary, padBytes(name, atLeft), types.TBinary, types.TBigInt, types.TBinary)),
		},
	}
}

var repeat = &fn.Function{
	Name: "repeat", Category: "string", Doc: "The text, or the elements of the array, n times.", Signatures: []string{"repeat(text, n) → VARCHAR", "repeat(T[], n) → T[]"},
	Examples: tex("repeat('ab', 3)", "ababab", "repeat([1, 2], 2)", "[1, 2, 1, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 {
			return nil, nil
		}
		if t := args[0].Type; t.Kind == types.Array {
			return failing(sig(t, repeatList, t, types.TBigInt)), nil
		}
		if args[0].Type.IsNested() {
			return nil, nil
		}
		return failing(sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			return repeated(dst, r.str(0), r.i64(1))
		}), types.TVarchar, types.TBigInt)), nil
	},
}

func repeatList(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	w := newListWriter(out, n)
	for _, i := range sel {
		times, l := vec.ValueAt[int64](args[1], int(i)), listAt(args[0], i)
		if l.n > 0 && times > 1<<24/int64(l.n) {
			return sqlerr.New(sqlerr.Limit, "an array of %d elements repeated %d times is too long", l.n, times)
		}
		w.begin(i)
		for ; times > 0 && l.n > 0; times-- {
			w.copyList(args[0], i)
		}
		w.end()
	}
	w.done()
	return nil
}

var space = &fn.Function{
	Name: "space", Category: "string", Doc: "A text of n blanks.", Examples: tex("'|' || space(2) || '|'", "|  |"),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		return repeated(dst, []byte{' '}, r.i64(0))
	}), types.TBigInt))},
}

func repeated(dst, s []byte, n int64) ([]byte, bool, error) {
	if n > 0 && len(s) > 0 && n > maxText/int64(len(s)) {
		return nil, false, sqlerr.New(sqlerr.Limit, "a text of %d bytes repeated %d times is too long", len(s), n)
	}
	for ; n > 0 && len(s) > 0; n-- {
		dst = append(dst, s...)
	}
	return dst, true, nil
}

// padBytes is padding of bytes, with zeros unless others are given.
func padBytes(name string, atLeft bool) fn.Eval {
	return rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		s, fill, n := r.str(0), []byte{0}, r.i64(1)
		if r.has(2) {
			fill = r.str(2)
		}
		if n > maxText {
			return nil, false, sqlerr.New(sqlerr.Limit, "%s to %d bytes is too long", name, n)
		}
		n = max(n, 0)
		if int(n) <= len(s) {
			return append(dst, s[:n]...), true, nil
		}
		if !atLeft {
			dst = append(dst, s...)
		}
		for need := int(n) - len(s); need > 0 && len(fill) > 0; need -= min(need, len(fill)) {
			dst = append(dst, fill[:min(need, len(fill))]...)
		}
		if atLeft {
			dst = append(dst, s...)
		}
		return dst, true, nil
	})
}
