package build

import (
	"sort"

	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/physical"
	"github.com/skep-sql/skep/storage"
)

func (b *builder) scan(x *physical.Scan) (*stream, error) {
	s := &op.Scan{Table: x.Table, Scan: storage.Scan{Columns: x.Source, Prune: x.Prune, Limit: x.Limit}}
	at := map[expr.ID]int{}
	for i, c := range x.Out {
		at[c.ID] = i
	}
	for _, group := range conditionGroups(x.Filter) {
		r, err := b.refine(group, at)
		if err != nil {
			return nil, err
		}
		s.Scan.Refine = append(s.Scan.Refine, r)
	}
	if top, ok := b.tops[x]; ok {
		s.Scan.Refine = append(s.Scan.Refine, top.sort.Refine(at[top.key]))
	}
	var after []*flow.Pipeline
	for _, r := range x.Runtime {
		if j := b.joins[r.Join]; j != nil {
			s.Runtime = append(s.Runtime, op.RuntimeFilter{Column: at[r.Column], From: j.sink, Key: r.Key})
			after = append(after, j.pipes...)
		}
	}
	return b.source(x, "scan "+x.Name, s, x.Out, after), nil
}

// conditionGroups puts conditions over the same columns together, so that a reader decodes each column once it is needed and no sooner. From
// the first condition that can fail on, the order stays.
func conditionGroups(preds []expr.Expr) [][]expr.Expr {
	var out [][]expr.Expr
	var keys []string
	fixed := false
	for _, p := range preds {
		fixed = fixed || expr.CanFail(p)
		k := columnsKey(p)
		found := false
		for i := range out {
			if !fixed && keys[i] == k {
				out[i] = append(out[i], p)
				found = true
				break
			}
		}
		if !found {
			out, keys = append(out, []expr.Expr{p}), append(keys, k)
		}
	}
	return out
}

func columnsKey(e expr.Expr) string {
	set := map[expr.ID]bool{}
	expr.Columns(e, set)
	var ids []int
	for id := range set {
		ids = append(ids, int(id))
	}
	sort.Ints(ids)
	key := ""
	for _, id := range ids {
		key += string(rune(id)) + ","
	}
	return key
}

// refine makes a reader's filter of conditions.
func (b *builder) refine(preds []expr.Expr, at map[expr.ID]int) (storage.Refine, error) {
	p, err := eval.Compile([]expr.Expr{expr.AndAll(preds)}, at)
	if err != nil {
		return storage.Refine{}, err
	}
	set := map[expr.ID]bool{}
	for _, e := range preds {
		expr.Columns(e, set)
	}
	r := storage.Refine{}
	for id := range set {
		r.Columns = append(r.Columns, at[id])
	}
	sort.Ints(r.Columns)
	t := b.t
	r.New = func() func(*vec.Batch, []int32) ([]int32, error) {
		m := p.Machine(t)
		return func(batch *vec.Batch, sel []int32) ([]int32, error) { return m.Select(batch, sel) }
	}
	return r, nil
}
