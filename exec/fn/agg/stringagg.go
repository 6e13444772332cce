package agg

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// maxText bounds the text of one group.
const maxText = 1 << 30

var stringAgg = &fn.Function{
	Name: "string_agg", Aliases: []string{"listagg", "group_concat"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The values as one text with a separator (a comma) between them, in the order of the rows or of ORDER BY.",
	Signatures: []string{"string_agg(any, separator ORDER BY …) → VARCHAR"}, Examples: tex("string_agg(x, '-') FROM (VALUES ('a'), ('b')) t(x)", "a-b", "group_concat(x) FROM (VALUES (1), (2)) t(x)", "1,2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 2 || args[0].Type.IsNested() {
			return nil, nil
		}
		o := &fn.Overload{Args: []types.Type{types.TVarchar, types.TVarchar}[:len(args)], Result: types.TVarchar, OrderMatters: true, CanFail: true}
		o.NewAcc = func([]fn.Arg) fn.Accumulator { return &joinAcc{newCollected(o.Args...)} }
		return o, nil
	},
}

// joinAcc joins texts.
type joinAcc struct{ collected }

func (a *joinAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	a.merge(&from.(*joinAcc).collected, src, dst)
	return nil
}

func (a *joinAcc) Result(lo, hi int, out *vec.Vector) error {
	order, starts := a.rows()
	v := a.cols[0].Vector()
	var buf []byte
	for i := range hi - lo {
		rows := order[starts[lo+i]:starts[lo+i+1]]
		if len(rows) == 0 {
			out.SetNull(i)
			vec.Values[vec.View](out)[i] = vec.View{}
			continue
		}
		buf = buf[:0]
		for k, r := range rows {
			switch {
			case k == 0:
			case len(a.cols) == 2:
				buf = append(buf, a.cols[1].Vector().Bytes(int(r))...)
			default:
				buf = append(buf, ',')
			}
			buf = append(buf, v.Bytes(int(r))...)
			if len(buf) > maxText {
				return sqlerr.New(sqlerr.Limit, "the text that string_agg makes is longer than %d bytes", maxText)
			}
		}
		out.SetBytes(i, buf)
	}
	return nil
}
