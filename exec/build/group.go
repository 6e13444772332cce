package build

import (
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/physical"
)

// aggregate computes the arguments of all plain aggregates in one program, so that they share what they have in common.
func (b *builder) aggregate(x *physical.Aggregate) (*stream, error) {
	s, err := b.node(x.Input)
	if err != nil {
		return nil, err
	}
	at := s.layout()
	agg := &op.HashAggregate{KeyTypes: typesOf(x.Keys), GroupingSets: x.Sets}
	if len(x.Keys) > 0 {
		if agg.Keys, err = eval.Compile(x.Keys, at); err != nil {
			return nil, err
		}
	}
	var shared []expr.Expr
	for _, a := range x.Aggs {
		spec := op.AggSpec{Overload: a.Fn, Distinct: a.Distinct}
		for _, arg := range a.Args {
			spec.Args = append(spec.Args, expr.ArgOf(arg))
		}
		if a.Filter == nil && !a.Distinct && len(a.OrderBy) == 0 {
			for _, arg := range a.Args {
				spec.Shared = append(spec.Shared, len(shared))
				shared = append(shared, arg)
			}
		} else if err := b.ownInputs(&spec, a, at); err != nil {
			return nil, err
		}
		agg.Aggs = append(agg.Aggs, spec)
	}
	if len(shared) > 0 {
		if agg.Shared, err = eval.CompileInputs(shared, at); err != nil {
			return nil, err
		}
	}
	pipes := b.end(s, agg, x)
	return b.source(x, "aggregate", agg.Source(), x.Out, pipes), nil
}

// ownInputs compiles the arguments of an aggregate with FILTER, DISTINCT or ORDER BY by themselves.
func (b *builder) ownInputs(spec *op.AggSpec, a *expr.Agg, at map[expr.ID]int) error {
	var err error
	if len(a.Args) > 0 {
		if spec.Inputs, err = eval.Compile(a.Args, at); err != nil {
			return err
		}
	}
	if a.Filter != nil {
		if spec.Filter, err = eval.Compile([]expr.Expr{a.Filter}, at); err != nil {
			return err
		}
	}
	if len(a.OrderBy) == 0 {
		return nil
	}
	var keys []expr.Expr
	for _, k := range a.OrderBy {
		keys = append(keys, k.Expr)
		spec.Desc, spec.NullsFirst = append(spec.Desc, k.Desc), append(spec.NullsFirst, k.NullsFirst)
	}
	spec.OrderTypes = typesOf(keys)
	spec.OrderBy, err = eval.Compile(keys, at)
	return err
}

func (b *builder) sort(x *physical.Sort) (*stream, error) {
	st := &op.Sort{Limit: x.Limit}
	b.narrow(st, x)
	s, err := b.node(x.Input)
	if err != nil {
		return nil, err
	}
	st.Types = s.types()
	var keys []expr.Expr
	for _, k := range x.Keys {
		keys = append(keys, k.Expr)
		st.Desc, st.NullsFirst = append(st.Desc, k.Desc), append(st.NullsFirst, k.NullsFirst)
	}
	st.KeyTypes = typesOf(keys)
	if st.Keys, err = eval.Compile(keys, s.layout()); err != nil {
		return nil, err
	}
	cols := s.cols
	pipes := b.end(s, st, x)
	return b.source(x, "sort", st.Source(), cols, pipes), nil
}

// narrow lets the scan below a top N, if there is nothing but columns taken from it in between, know which rows come too late: it need not
// decode their other columns.
func (b *builder) narrow(st *op.Sort, x *physical.Sort) {
	key, ok := x.Keys[0].Expr.(*expr.Column)
	if !ok || x.Limit <= 0 {
		return
	}
	id, n := key.ID, x.Input
	for {
		switch in := n.(type) {
		case *physical.Project:
			var from *expr.Column
			for i, v := range in.Values {
				if expr.CanFail(v) {
					return // for the rows that are left out, too
				}
				if c, ok := v.(*expr.Column); ok && in.Out[i].ID == id {
					from = c
				}
			}
			if from == nil {
				return
			}
			id, n = from.ID, in.Input
		case *physical.Scan:
			if len(in.Out) > 1 && in.Limit == 0 {
				b.tops[in] = topScan{st, id}
			}
			return
		default:
			return
		}
	}
}

// topScan is a top N over a scan, by one of its columns first.
type topScan struct {
	sort *op.Sort
	key  expr.ID
}
