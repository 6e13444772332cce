package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var concat = &fn.Function{
	Name: "concat", Category: "string", Doc: "All arguments as one text; NULL counts as ''. Arrays are joined to one array.",
	Signatures: []string{"concat(any, …) → VARCHAR", "concat(T[], T[]) → T[]"},
	Examples:   tex("concat('a', 1, NULL, 'b')", "a1b", "concat([1], [2])", "[1, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 2 && args[0].Type.Kind == types.Array && args[1].Type.Kind == types.Array {
			return bindListConcat(args[0].Type, args[1].Type), nil
		}
		o := anyText(args, types.TVarchar, concatRows)
		o.NullAware = true
		return o, nil
	},
}

func concatRows(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	var buf []byte
	for _, i := range sel {
		buf = buf[:0]
		for _, a := range args {
			if !a.IsNull(int(i)) {
				buf = append(buf, a.Bytes(int(i))...)
			}
		}
		out.SetBytes(int(i), buf)
	}
	return nil
}

var concatWs = &fn.Function{
	Name: "concat_ws", Category: "string", Doc: "The arguments after the first that are not NULL as one text, with the first between them; arrays count by element.",
	Signatures: []string{"concat_ws(separator, any, …) → VARCHAR"},
	Examples:   tex("concat_ws('-', 'a', NULL, 1)", "a-1", "concat_ws(',', ['x', 'y'], 'z')", "x,y,z", "concat_ws(NULL, 'a')", "NULL"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 0 {
			return nil, nil
		}
		o := anyText(args, types.TVarchar, rowFn(concatWith))
		for i, a := range args {
			if i > 0 && a.Type.Kind == types.Array {
				o.Args[i] = types.NewArray(types.TVarchar)
			}
		}
		o.NullAware = true
		return o, nil
	},
}

func concatWith(r *row, dst []byte) ([]byte, bool, error) {
	if r.null(0) {
		return nil, false, nil
	}
	sep, first := r.str(0), true
	put := func(b []byte) {
		if !first {
			dst = append(dst, sep...)
		}
		first = false
		dst = append(dst, b...)
	}
	for k := 1; k < len(r.args); k++ {
		if r.null(k) {
			continue
		}
		if r.args[k].Type.Kind != types.Array {
			put(r.str(k))
			continue
		}
		l := listAt(r.args[k], int32(r.i))
		for j := l.off; j < l.off+l.n; j++ {
			if !l.kid.IsNull(j) {
				put(l.kid.Bytes(j))
			}
		}
	}
	return dst, true, nil
}
