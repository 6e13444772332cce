package builtin_test

import (
	"strings"
	"testing"

	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn/builtin"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// TestExamplesOverColumns runs every scalar example once more with its constants as columns: flat ones with a NULL in the first
// row, and dictionaries. The other rows must give what the constants gave.
func TestExamplesOverColumns(t *testing.T) {
	ran := 0
	for _, f := range builtin.Functions() {
		if f.Kind != 0 {
			continue
		}
		for _, x := range f.Examples {
			n, err := bindQuery("SELECT " + x.SQL)
			if err != nil {
				t.Errorf("%s: %v", x.SQL, err)
				continue
			}
			p, ok := n.(*logical.Project)
			if !ok || len(p.Values) != 1 {
				continue
			}
			for _, dict := range []bool{false, true} {
				overColumns(t, x.SQL, x.Result, p.Values[0], dict)
			}
			ran++
		}
	}
	if ran < 200 {
		t.Errorf("only %d examples ran", ran)
	}
}

func overColumns(t *testing.T, sql, want string, e expr.Expr, dict bool) {
	t.Helper()
	var cols []*vec.Vector
	layout := map[expr.ID]int{}
	e = expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		c, ok := e.(*expr.Const)
		if !ok {
			return e
		}
		b := vec.NewBuilder(c.V.Type)
		b.AppendNull()
		for range 3 {
			b.Append(c.V, vec.Identity(1))
		}
		v := b.Vector()
		if dict && !c.V.Type.IsNested() && !c.V.IsNull(0) {
			values := vec.NewBuilder(c.V.Type)
			values.Append(c.V, vec.Identity(1))
			v = &vec.Vector{}
			v.ResetDict(c.V.Type, vec.NewDictionary(values.Vector()), 4)
			clear(v.Codes())
			v.SetNull(0)
		}
		id := expr.ID(1000 + len(cols))
		layout[id] = len(cols)
		cols = append(cols, v)
		return &expr.Column{ID: id, Name: "c", T: c.V.Type}
	})
	if len(cols) == 0 {
		return
	}
	prog, err := eval.Compile([]expr.Expr{e}, layout)
	if err != nil {
		t.Errorf("%s: %v", sql, err)
		return
	}
	m := prog.Machine(&flow.Task{Fn: testCtx()})
	for _, sel := range [][]int32{nil, {1, 3}, {2}} {
		out, err := m.Eval(&vec.Batch{Cols: cols, N: 4, Sel: sel})
		if err != nil && sel == nil && strings.Contains(err.Error(), "key of a map must not be NULL") {
			continue // that is the first row
		}
		if err != nil {
			t.Errorf("%s over columns: %v", sql, err)
			return
		}
		rows := sel
		if rows == nil {
			rows = []int32{1, 2, 3}
		}
		for _, i := range rows {
			got := "NULL"
			if !out[0].IsNull(int(i)) {
				v, k := out[0].At(int(i))
				got = string(kernel.AppendText(nil, v, k))
			}
			if got != want {
				t.Errorf("%s over columns (dictionary %v), rows %v: row %d is %s, want %s", sql, dict, sel, i, got, want)
				return
			}
		}
	}
}
