package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// rareLimit is LIMIT n PERCENT, and FETCH FIRST n ROWS WITH TIES: rows are numbered or ranked, and those with small numbers kept.
func (b *Binder) rareLimit(n logical.Node, q *ast.Query, s *scope) (logical.Node, error) {
	sort, _ := n.(*logical.Sort)
	if q.WithTies && (sort == nil || q.LimitPercent) {
		return nil, sqlerr.At(sqlerr.Bind, q.Limit.Position(), "WITH TIES needs an ORDER BY and a number of rows")
	}
	before := n.Cols()
	offset := int64(0)
	var err error
	if q.Offset != nil {
		if offset, err = b.count(q.Offset, s, "OFFSET", 0); err != nil {
			return nil, err
		}
	}
	w := &logical.Window{Input: n}
	number := func(f *expr.Window) logical.Col {
		f.T = types.TBigInt
		c := b.NewCol(f.Name, f.T)
		w.Funcs, w.Out = append(w.Funcs, f), append(w.Out, c)
		return c
	}
	row := number(&expr.Window{Name: "row_number"})
	preds := []expr.Expr{&expr.Compare{Op: kernel.Gt, L: row.Ref(), R: expr.NewInt(types.TBigInt, offset)}}
	var out logical.Node
	if q.WithTies {
		most, err := b.count(q.Limit, s, "LIMIT", -1)
		if err != nil {
			return nil, err
		}
		rank := b.NewCol("rank", types.TBigInt)
		ranked := &logical.Window{Input: w, Out: []logical.Col{rank}, Funcs: []*expr.Window{{Name: "rank", T: types.TBigInt, Order: sort.Keys}}}
		// ties are rows that rank with row offset + most
		if most >= 0 {
			preds = append(preds, &expr.Compare{Op: kernel.Le, L: rank.Ref(), R: expr.NewInt(types.TBigInt, offset+most)})
		}
		out = &logical.Filter{Input: ranked, Preds: preds}
	} else {
		share, err := b.sampleNumber(q.Limit, s)
		if err != nil {
			return nil, err
		}
		if share < 0 || share > 100 {
			return nil, sqlerr.At(sqlerr.Data, q.Limit.Position(), "LIMIT takes 0 to 100 percent, not %g", share)
		}
		all, err := b.aggCall(b.Funcs.Lookup("count"), nil, q.Limit.Position())
		if err != nil {
			return nil, err
		}
		total := b.NewCol("count", types.TBigInt)
		counted := &logical.Window{Input: w, Out: []logical.Col{total}, Funcs: []*expr.Window{{Fn: all.Fn, T: types.TBigInt, Frame: expr.Frame{
			Unit: uint8(ast.FrameRows), Start: expr.Bound{Kind: uint8(ast.UnboundedPreceding)}, End: expr.Bound{Kind: uint8(ast.UnboundedFollowing)}}}}}
		most, err := b.call("*", []expr.Expr{&expr.Cast{Arg: total.Ref(), T: types.TDouble, Pos: sqlerr.NoPos}, expr.NewDouble(share / 100)}, q.Limit.Position())
		if err != nil {
			return nil, err
		}
		kept, err := b.call("-", []expr.Expr{row.Ref(), expr.NewInt(types.TBigInt, offset)}, q.Limit.Position())
		if err != nil {
			return nil, err
		}
		le, err := b.compare(kernel.Le, kept, most, q.Limit.Position())
		if err != nil {
			return nil, err
		}
		out = &logical.Filter{Input: counted, Preds: append(preds, le)}
	}
	out = only(&logical.Sort{Input: out, Keys: []expr.SortKey{{Expr: row.Ref()}}}, before)
	return out, nil
}
