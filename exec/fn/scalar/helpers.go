package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// sig makes an overload of fixed types.
func sig(result types.Type, eval fn.Eval, args ...types.Type) *fn.Overload {
	return &fn.Overload{Args: args, Result: result, Eval: eval}
}

// failing marks o as one that may raise an error.
func failing(o *fn.Overload) *fn.Overload {
	o.CanFail = true
	return o
}

// tex makes the examples of a function from pairs of SQL and result.
func tex(pairs ...string) []fn.Example {
	out := make([]fn.Example, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, fn.Example{SQL: pairs[i], Result: pairs[i+1]})
	}
	return out
}

// map1 makes the code of a function of one fixed-width argument.
func map1[A, R any](f func(A) R) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, dst := vec.ColOf[A](args[0]), vec.Values[R](out)
		for _, i := range sel {
			dst[i] = f(a.At(i))
		}
		return nil
	}
}

// map2 makes the code of a function of two fixed-width arguments.
func map2[A, B, R any](f func(A, B) R) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.ColOf[A](args[0]), vec.ColOf[B](args[1]), vec.Values[R](out)
		for _, i := range sel {
			dst[i] = f(a.At(i), b.At(i))
		}
		return nil
	}
}

// try1 is map1 for a function that may fail.
func try1[A, R any](f func(A) (R, error)) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, dst := vec.ColOf[A](args[0]), vec.Values[R](out)
		for _, i := range sel {
			r, err := f(a.At(i))
			if err != nil {
				return err
			}
			dst[i] = r
		}
		return nil
	}
}

// try2 is map2 for a function that may fail.
func try2[A, B, R any](f func(A, B) (R, error)) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.ColOf[A](args[0]), vec.ColOf[B](args[1]), vec.Values[R](out)
		for _, i := range sel {
			r, err := f(a.At(i), b.At(i))
			if err != nil {
				return err
			}
			dst[i] = r
		}
		return nil
	}
}

// ofStr makes the code of a function of one string with a fixed-width result.
func ofStr[R any](f func(s []byte) R) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s, dst := vec.StrsOf(args[0]), vec.Values[R](out)
		for _, i := range sel {
			dst[i] = f(s.At(i))
		}
		return nil
	}
}

// ofStr2 is ofStr for two strings.
func ofStr2[R any](f func(a, b []byte) R) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.StrsOf(args[0]), vec.StrsOf(args[1]), vec.Values[R](out)
		for _, i := range sel {
			dst[i] = f(a.At(i), b.At(i))
		}
		return nil
	}
}

// strTo makes the code of a function from string to string; f appends the result to dst.
func strTo(f func(dst, s []byte) []byte) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		s := vec.StrsOf(args[0])
		var buf []byte
		for _, i := range sel {
			buf = f(buf[:0], s.At(i))
			out.SetBytes(int(i), buf)
		}
		return nil
	}
}

// rowFn makes the code of a function that looks at its arguments row by row. f appends the result's text to dst; ok = false
// makes the row NULL.
func rowFn(f func(r *row, dst []byte) (out []byte, ok bool, err error)) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		r := row{c: c, args: args}
		var buf []byte
		for _, i := range sel {
			r.i = int(i)
			b, ok, err := f(&r, buf[:0])
			if err != nil {
				return err
			}
			if !ok {
				out.SetNull(int(i))
				continue
			}
			out.SetBytes(int(i), b)
			buf = b
		}
		return nil
	}
}

// row is one row of the arguments.
type row struct {
	c    *fn.Ctx
	args []*vec.Vector
	i    int
	buf  []byte // scratch memory of the function
}

func (r *row) str(k int) []byte  { return r.args[k].Bytes(r.i) }
func (r *row) i64(k int) int64   { return vec.ValueAt[int64](r.args[k], r.i) }
func (r *row) i32(k int) int32   { return vec.ValueAt[int32](r.args[k], r.i) }
func (r *row) f64(k int) float64 { return vec.ValueAt[float64](r.args[k], r.i) }
func (r *row) null(k int) bool   { return r.args[k].IsNull(r.i) }
func (r *row) has(k int) bool    { return k < len(r.args) }
func (r *row) text(k int) []byte { return textAt(r.args[k], r.i) }
func (r *row) wide(k int) vec.Int128 {
	f, j := r.args[k].At(r.i)
	return kernel.Int128At(f, j)
}

// textAt gives the text of row i of v.
func textAt(v *vec.Vector, i int) []byte {
	f, k := v.At(i)
	if f.Phys() == types.PView {
		return vec.Values[vec.View](f)[k].Bytes(f.Bufs)
	}
	return kernel.AppendText(nil, f, k)
}

// show gives the text of row i of v for an error.
func show(v *vec.Vector, i int32) string {
	f, k := v.At(int(i))
	return string(kernel.AppendText(nil, f, k))
}

// parts shares the memory of a string argument with the result.
type parts struct {
	src  vec.Strs
	dst  []vec.View
	base uint32
}

// partsOf prepares out, which is flat, to hold parts of v's strings.
func partsOf(out, v *vec.Vector) parts {
	base := out.ShareBufs(v)
	return parts{vec.StrsOf(v), vec.Values[vec.View](out), base}
}

// set makes row i of the result the bytes lo…hi-1 of the argument's string in that row.
func (p *parts) set(i int32, lo, hi int) {
	w := p.src.View(i)
	b := p.src.At(i)[lo:hi]
	if len(b) <= vec.InlineMax {
		p.dst[i] = vec.InlineView(b)
		return
	}
	p.dst[i] = vec.RefView(b, p.base+w.Buf, w.Off+uint32(lo))
}

// constText gives the text of a constant string argument.
func constText(args []fn.Arg, k int) (string, bool) {
	if k >= len(args) || args[k].Const == nil || args[k].Const.IsNull(0) || args[k].Const.Phys() != types.PView {
		return "", false
	}
	return string(args[k].Const.Bytes(0)), true
}

// isText tells whether a holds an untyped string constant.
func isText(a fn.Arg) bool { return a.Const != nil && a.Type.Kind == types.Varchar }

func dataErr(format string, args ...any) error { return sqlerr.New(sqlerr.Data, format, args...) }

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// anyText gives an overload over arguments of any scalar types, which are cast to VARCHAR.
func anyText(args []fn.Arg, result types.Type, eval fn.Eval) *fn.Overload {
	o := &fn.Overload{Result: result, Eval: eval}
	for _, a := range args {
		t := types.TVarchar
		if a.Type.Kind == types.Varchar {
			t = a.Type
		}
		o.Args = append(o.Args, t)
	}
	return o
}
