package build

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/physical"
)

var windowKinds = map[string]op.WindowKind{
	"row_number": op.WinRowNumber, "rank": op.WinRank, "dense_rank": op.WinDenseRank, "percent_rank": op.WinPercentRank, "cume_dist": op.WinCumeDist,
	"ntile": op.WinNtile, "lag": op.WinLag, "lead": op.WinLead, "first_value": op.WinFirst, "last_value": op.WinLast, "nth_value": op.WinNth,
	"fill": op.WinFill,
}

// window ends the input in the operator that sorts it by partition and order and computes the functions.
func (b *builder) window(x *physical.Window) (*stream, error) {
	s, err := b.node(x.Input)
	if err != nil {
		return nil, err
	}
	at := s.layout()
	first := x.Funcs[0]
	w := &op.Window{Types: s.types(), PartitionTypes: typesOf(first.Partition), Top: x.Top}
	if w.PartitionBy, err = program(first.Partition, at); err != nil {
		return nil, err
	}
	var keys []expr.Expr
	for _, k := range first.Order {
		keys = append(keys, k.Expr)
		w.Desc, w.NullsFirst = append(w.Desc, k.Desc), append(w.NullsFirst, k.NullsFirst)
	}
	w.OrderTypes = typesOf(keys)
	if w.OrderBy, err = program(keys, at); err != nil {
		return nil, err
	}
	for _, f := range x.Funcs {
		wf, err := windowFunc(f, at)
		if err != nil {
			return nil, err
		}
		w.Funcs = append(w.Funcs, wf)
	}
	cols := append(s.cols[:len(s.cols):len(s.cols)], x.Out[len(x.Out)-len(x.Funcs):]...)
	sink, ok := any(w).(interface {
		flow.Sink
		Source() flow.Source
	})
	if !ok {
		return nil, sqlerr.New(sqlerr.Unsupported, "window functions are not supported yet")
	}
	pipes := b.end(s, sink, x)
	return b.source(x, "window", sink.Source(), cols, pipes), nil
}

// program compiles a list of expressions; nil for none.
func program(list []expr.Expr, at map[expr.ID]int) (flow.Program, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return eval.Compile(list, at)
}

func windowFunc(f *expr.Window, at map[expr.ID]int) (op.WindowFunc, error) {
	w := op.WindowFunc{
		Kind: op.WinAggregate, Result: f.T, InputTypes: typesOf(f.Args), Overload: f.Fn, Distinct: f.Distinct, IgnoreNulls: f.IgnoreNulls,
		Frame: op.Frame{Unit: op.FrameUnit(f.Frame.Unit), Exclude: op.FrameExclude(f.Frame.Exclude)},
	}
	if f.Fn == nil {
		w.Kind = windowKinds[f.Name]
	}
	for _, a := range f.Args {
		w.Args = append(w.Args, expr.ArgOf(a))
	}
	var err error
	if w.Inputs, err = program(f.Args, at); err != nil {
		return w, err
	}
	if f.Filter != nil {
		if w.Filter, err = program([]expr.Expr{f.Filter}, at); err != nil {
			return w, err
		}
	}
	if w.Frame.Start, err = frameBound(f.Frame.Start, at); err != nil {
		return w, err
	}
	w.Frame.End, err = frameBound(f.Frame.End, at)
	return w, err
}

func frameBound(b expr.Bound, at map[expr.ID]int) (op.FrameBound, error) {
	out := op.FrameBound{Kind: op.BoundKind(b.Kind)}
	if b.Offset == nil {
		return out, nil
	}
	var err error
	out.Offset, err = program([]expr.Expr{b.Offset}, at)
	return out, err
}
