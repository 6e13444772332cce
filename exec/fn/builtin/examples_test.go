package builtin_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/builtin"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// noon is the moment that the examples run at.
const noon = 1704110400000000 // 2024-01-01 12:00:00 UTC

func testCtx() *fn.Ctx {
	return &fn.Ctx{NowMicros: noon, Decimals: &kernel.Decimals{}, Setting: func(string) string { return "" }}
}

// bindQuery binds a statement over an empty catalog.
func bindQuery(sql string) (logical.Node, error) {
	st, err := parser.ParseOne(sql)
	if err != nil {
		return nil, err
	}
	q, ok := st.(*ast.Query)
	if !ok {
		return nil, fmt.Errorf("%T is no query", st)
	}
	s := session.New(catalog.NewMemory(storage.NewRegistry()), &storage.Env{})
	ctx := testCtx()
	b := bind.New(bind.Env{Ctx: context.Background(), Session: s, Funcs: builtin.NewRegistry(), FnCtx: ctx,
		Fold: func(e expr.Expr) (*expr.Const, error) { return eval.Constant(e, ctx) }})
	return b.Query(q)
}

// run computes a plan of constant rows, projections and one aggregate without keys.
func run(n logical.Node) ([]*vec.Vector, int, error) {
	switch n := n.(type) {
	case *logical.Values:
		return n.Data, n.Rows, nil
	case *logical.Project:
		in, rows, err := run(n.Input)
		if err != nil {
			return nil, 0, err
		}
		out, err := compute(n.Values, n.Input.Cols(), in, rows)
		return out, rows, err
	case *logical.Aggregate:
		in, rows, err := run(n.Input)
		if err != nil {
			return nil, 0, err
		}
		var out []*vec.Vector
		for _, a := range n.Aggs {
			v, err := aggregate(a, n.Input.Cols(), in, rows)
			if err != nil {
				return nil, 0, err
			}
			out = append(out, v)
		}
		return out, 1, nil
	}
	return nil, 0, fmt.Errorf("the test cannot run %T", n)
}

func compute(exprs []expr.Expr, cols []logical.Col, in []*vec.Vector, rows int) ([]*vec.Vector, error) {
	layout := map[expr.ID]int{}
	for i, c := range cols {
		layout[c.ID] = i
	}
	p, err := eval.CompileInputs(exprs, layout)
	if err != nil {
		return nil, err
	}
	return p.Machine(&flow.Task{Fn: testCtx()}).Eval(&vec.Batch{Cols: in, N: rows})
}

// aggregate runs an aggregate over all rows: the first in one state and the others in a second one, then merged.
func aggregate(a *expr.Agg, cols []logical.Col, in []*vec.Vector, rows int) (*vec.Vector, error) {
	args, err := compute(a.Args, cols, in, rows)
	if err != nil {
		return nil, err
	}
	var list []fn.Arg
	for i, v := range args {
		list = append(list, expr.ArgOf(a.Args[i]))
		if v.Form == vec.Dict {
			args[i] = &vec.Vector{}
			vec.Flatten(args[i], v, nil)
		}
	}
	var sel []int32
	for i := range rows {
		ok := true
		for _, v := range args {
			ok = ok && (a.Fn.TakesNulls || !v.IsNull(i))
		}
		if ok {
			sel = append(sel, int32(i))
		}
	}
	x, y := a.Fn.NewAcc(list), a.Fn.NewAcc(list)
	x.Grow(2)
	y.Grow(3)
	half := len(sel) / 2
	for k, acc := range []fn.Accumulator{x, y} {
		part := [][]int32{sel[:half], sel[half:]}[k]
		if len(part) == 0 {
			continue
		}
		if err := acc.Update(append([]int32(nil), vec.Zeros(len(part))...), args, part); err != nil {
			return nil, err
		}
	}
	if err := x.Merge(y, []int32{0}, []int32{0}); err != nil {
		return nil, err
	}
	out := vec.New(a.Fn.Result, 1)
	return out, x.Result(0, 1, out)
}

func evaluate(sql string) (string, error) {
	n, err := bindQuery(sql)
	if err != nil {
		return "", err
	}
	out, rows, err := run(n)
	if err != nil {
		return "", err
	}
	if rows != 1 || len(out) != 1 {
		return "", fmt.Errorf("%d rows, %d columns", rows, len(out))
	}
	if out[0].IsNull(0) {
		return "NULL", nil
	}
	f, k := out[0].At(0)
	return string(kernel.AppendText(nil, f, k)), nil
}

// TestExamples runs every example of every function.
func TestExamples(t *testing.T) {
	for _, f := range builtin.Functions() {
		if len(f.Examples) == 0 || f.Doc == "" || f.Category == "" {
			t.Errorf("%s has no example, doc or category", f.Name)
		}
		if f.Bind != nil && len(f.Signatures) == 0 {
			t.Errorf("%s has no signatures", f.Name)
		}
		for _, x := range f.Examples {
			got, err := evaluate("SELECT " + x.SQL)
			if err != nil {
				t.Errorf("%s: %s: %v", f.Name, x.SQL, err)
			} else if x.Result != got && x.Result != "…" {
				t.Errorf("%s: %s = %s, want %s", f.Name, x.SQL, got, x.Result)
			}
		}
	}
}
