package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// trying makes a function that is NULL where another one fails. Rows are run one by one only after an error.
func trying(name string, of *fn.Function, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "conversion", Doc: "As " + of.Name + ", but NULL where that would be an error.", Signatures: []string{name + "(…)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			o, err := of.Resolve(args)
			if err != nil || o == nil {
				return nil, err
			}
			c := *o
			run := o.Eval
			c.CanFail, c.Prepare, c.Narrow = false, nil, false
			c.Eval = func(ctx *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				if run(ctx, args, sel, n, out) == nil {
					return nil
				}
				keep := append(vec.Bitmap(nil), out.Valid...)
				b := vec.NewBuilder(c.Result)
				which, tmp, one := make([]int32, n), &vec.Vector{}, make([]int32, 1)
				for i := range which {
					which[i] = -1
				}
				for _, i := range sel {
					one[0] = i
					tmp.Reset(c.Result, n)
					if run(ctx, args, one, n, tmp) == nil && !tmp.IsNull(int(i)) {
						which[i] = int32(b.Len())
						b.Append(narrowed(tmp, one), one)
					}
				}
				vec.GatherAt(out, b.Vector(), which, vec.Identity(n), n)
				for i := range keep {
					out.MakeValid()[i] &= keep[i]
				}
				return nil
			}
			return &c, nil
		},
	}
}

// narrowed gives v in its type's own layout.
func narrowed(v *vec.Vector, sel []int32) *vec.Vector {
	if v.Phys() == v.Type.Phys() {
		return v
	}
	w := &vec.Vector{}
	kernel.Widen(w, v, sel)
	return w
}

var (
	tryAdd      = trying("try_add", add, "try_add(2147483647, 1)", "NULL", "try_add(1, 2)", "3")
	trySubtract = trying("try_subtract", subtract, "try_subtract(1, 2)", "-1")
	tryMultiply = trying("try_multiply", multiply, "try_multiply(65536, 65536)", "NULL")
	tryDivide   = trying("try_divide", divide, "try_divide(1, 0)", "NULL")
	tryToDate   = trying("try_to_date", toDate, "try_to_date('x', 'YYYY-MM-DD')", "NULL")
	tryToTime   = trying("try_to_timestamp", toTimestamp, "try_to_timestamp('x', 'YYYY')", "NULL")
	tryToNumber = trying("try_to_number", toNumber, "try_to_number('x', '99')", "NULL")
)

var pmod = &fn.Function{
	Name: "pmod", Category: "math", Doc: "The remainder of a division that is never negative for a positive divisor; NULL by zero.", Examples: tex("pmod(-7, 3)", "2", "pmod(7, 3)", "1", "pmod(-7.5, 2)", "0.5"),

	Overloads: []*fn.Overload{
		sig(types.TInteger, pmodRows[int32], types.TInteger, types.TInteger),
		sig(types.TBigInt, pmodRows[int64], types.TBigInt, types.TBigInt),
	},
}

func pmodRows[T int32 | int64](c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	if err := remWhole[T](c, args, sel, n, out); err != nil {
		return err
	}
	d, dst := vec.ColOf[T](args[1]), vec.Values[T](out)
	for _, i := range sel {
		if m := d.At(i); dst[i] < 0 && m > 0 {
			dst[i] += m
		}
	}
	return nil
}

var elt = &fn.Function{
	Name: "elt", Category: "conditional", Doc: "The argument number n of those after the first; NULL where there is none.", Signatures: []string{"elt(n, T, …) → T"}, Examples: tex("elt(2, 'a', 'b')", "b", "elt(5, 'a')", "NULL"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 {
			return nil, nil
		}
		t, ok := common(args[1:])
		if !ok {
			return nil, nil
		}
		list := []types.Type{types.TBigInt}
		for range args[1:] {
			list = append(list, t)
		}
		return pick(t, list, func(args []*vec.Vector, i int) int {
			if args[0].IsNull(i) {
				return -1
			}
			if n := vec.ValueAt[int64](args[0], i); n >= 1 && n < int64(len(args)) && !args[n].IsNull(i) {
				return int(n)
			}
			return -1
		}), nil
	},
}

var field = &fn.Function{
	Name: "field", Category: "conditional", Doc: "The place, from 1, of the first argument among the others; 0 where it is not there.", Signatures: []string{"field(T, T, …) → BIGINT"}, Examples: tex("field('b', 'a', 'b')", "2", "field('x', 'a')", "0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		t, ok := common(args)
		if !ok || len(args) < 2 {
			return nil, nil
		}
		o := nullAware(sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[int64](out)
			for _, i := range sel {
				dst[i] = 0
				for k := 1; k < len(args) && dst[i] == 0 && !args[0].IsNull(int(i)); k++ {
					if !args[k].IsNull(int(i)) && kernel.CompareValues(args[0], int(i), args[k], int(i)) == 0 {
						dst[i] = int64(k)
					}
				}
			}
			return nil
		}))
		for range args {
			o.Args = append(o.Args, t)
		}
		return o, nil
	},
}
