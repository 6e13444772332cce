package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// Functions of sequences. What they give depends on what was asked before: testdata/slt/sequences.test has examples.

func sequences(c *fn.Ctx) (fn.Sequences, error) {
	if c.Sequences == nil {
		return nil, sqlerr.New(sqlerr.Unsupported, "sequences cannot be used here")
	}
	return c.Sequences, nil
}

var nextval = &fn.Function{
	Name: "nextval", Category: "sequence", Doc: "The next number of a sequence; another one for each row.", Examples: tex("nextval(NULL)", "NULL"),
	Overloads: []*fn.Overload{numbering(volatile(sig(types.TBigInt, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		seq, err := sequences(c)
		if err != nil {
			return err
		}
		name, dst := vec.StrsOf(args[0]), vec.Values[int64](out)
		numbers := make([]int64, len(sel))
		for k := 0; k < len(sel); {
			end := k + 1
			for end < len(sel) && string(name.At(sel[end])) == string(name.At(sel[k])) {
				end++
			}
			if err := seq.Next(string(name.At(sel[k])), numbers[k:end]); err != nil {
				return err
			}
			k = end
		}
		for k, i := range sel {
			dst[i] = numbers[k]
		}
		return nil
	}, types.TVarchar)))},
}

var currval = &fn.Function{
	Name: "currval", Category: "sequence", Doc: "The number of a sequence that nextval gave last in this session; an error before it did.", Examples: tex("currval(NULL)", "NULL"),
	Overloads: []*fn.Overload{numbering(volatile(sig(types.TBigInt, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		seq, err := sequences(c)
		if err != nil {
			return err
		}
		name, dst := vec.StrsOf(args[0]), vec.Values[int64](out)
		for _, i := range sel {
			if dst[i], err = seq.Last(string(name.At(i))); err != nil {
				return err
			}
		}
		return nil
	}, types.TVarchar)))},
}

var setval = &fn.Function{
	Name: "setval", Category: "sequence", Doc: "Makes a number the one that a sequence gave last, or, if the third argument is false, the one that it gives next; the number.", Examples: tex("setval(NULL, 1)", "NULL"),
	Overloads: []*fn.Overload{
		numbering(volatile(sig(types.TBigInt, restart, types.TVarchar, types.TBigInt))),
		numbering(volatile(sig(types.TBigInt, restart, types.TVarchar, types.TBigInt, types.TBoolean))),
	},
}

func restart(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	seq, err := sequences(c)
	if err != nil {
		return err
	}
	name, to, dst := vec.StrsOf(args[0]), vec.ColOf[int64](args[1]), vec.Values[int64](out)
	for _, i := range sel {
		used := true
		if len(args) > 2 {
			flag := vec.ColOf[uint8](args[2])
			used = flag.At(i) != 0
		}
		if err := seq.Restart(string(name.At(i)), to.At(i), used); err != nil {
			return err
		}
		dst[i] = to.At(i)
	}
	return nil
}

// numbering marks a function that knows sequences: a query with it runs to its end before anybody sees its rows.
func numbering(o *fn.Overload) *fn.Overload {
	o.Numbers, o.CanFail = true, true
	return o
}
