package eval_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/types"
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
	"github.com/skep-sql/skep/storage/memory"
)

// The oracle of these tests is the evaluator itself over one flat row at a time: there are no selections, dictionaries or constants in
// that. What it gives must come out of any batch, in any form, under any selection; and a batch fails just when a selected row does.

var columns = []types.Field{
	{Name: "a", Type: types.TInteger}, {Name: "b", Type: types.TBigInt}, {Name: "d", Type: types.NewDecimal(12, 2)},
	{Name: "w", Type: types.NewDecimal(30, 4)}, {Name: "f", Type: types.TDouble}, {Name: "s", Type: types.TVarchar},
	{Name: "t", Type: types.TVarchar}, {Name: "x", Type: types.TDate}, {Name: "p", Type: types.TBoolean},
}

var expressions = []string{
	"a + 1", "a + b", "a - b * 2", "a * 2000000000", "b * b", "b // a", "b % a", "b / a", "-a", "d + w", "d * w", "w - d", "d * (1 - d)", "d / w", "d * w * d",
	"a + d", "f * 2", "f + a", "d + f", "a = b", "a < 5", "5 >= a", "d = 1.5", "d < w", "w = d", "f = f", "f > 1e0", "s = t", "s < 'm'", "x = DATE '2020-01-05'", "p",
	"p AND a > 3", "p OR a > 3", "NOT p", "NOT (p AND a > 3)", "a IS NULL", "s IS NOT NULL", "a IS DISTINCT FROM b", "s IS NOT DISTINCT FROM t", "a IN (1, 2, 3)", "a NOT IN (1, NULL)",
	"s IN ('apple', 'fig')", "d IN (1.50, 2.25)", "w IN (1, 2)", "f IN (1e0, 0e0)", "x IN (DATE '2020-01-02')",
	"CASE WHEN a > 5 THEN s WHEN p THEN t ELSE 'none' END", "CASE WHEN a > 5 THEN d ELSE w END", "CASE a WHEN 1 THEN 'one' WHEN 2 THEN s END", "CASE WHEN a <> 0 THEN 10 // a END",
	"CASE WHEN a > 0 THEN CAST(s AS INTEGER) ELSE 0 END", "a <> 0 AND 100 % a = 0 AND b * b > 0", "coalesce(a, b, 7)", "coalesce(s, t)", "coalesce(d, w)", "nullif(a, b)",
	"upper(s)", "length(s) + 1", "substring(s, 2, 3) || t", "s LIKE '%a%'", "upper(s) LIKE 'A%'", "s || t", "length(s || 'x') > 3", "TRY_CAST(s AS INTEGER)", "CAST(s AS INTEGER)",
	"CAST(a AS VARCHAR)", "CAST(d AS DOUBLE)", "CAST(f AS INTEGER)", "CAST(w AS DECIMAL(10,1))", "year(x)", "x + 3", "x - DATE '2020-01-01'", "x + INTERVAL 1 MONTH", "round(d, 1)",
	"abs(a)", "greatest(a, b)", "extract(month FROM x) = 1", "concat(s, t, a)", "[a, 1]", "[s, t]", "CASE WHEN p THEN [a] ELSE [b::INTEGER, 2] END", "{'k': a, 'v': s}",
	"CASE WHEN p THEN {'k': a} ELSE {'k': 0} END", "length(upper(s)) = length(lower(s))", "(a > 2) = p", "s = 'apple' OR s = 'fig' OR t = 'kiwi'", "CAST(d * 100 AS BIGINT)",
}

const rows = 300

// data makes the columns as flat vectors.
func data(r *rand.Rand) []*vec.Vector {
	words := []string{"", "apple", "banana", "cherry is a fruit with a stone", "fig", "kiwi", "12", "-7", "mango mango mango"}
	out := make([]*vec.Vector, len(columns))
	for c, f := range columns {
		b := vec.NewBuilder(f.Type)
		for range rows {
			if r.IntN(8) == 0 {
				b.AppendNull()
				continue
			}
			switch f.Type.Phys() {
			case types.PBool:
				vec.AppendValue(b, uint8(r.IntN(2)))
			case types.PI32:
				n := int32(r.IntN(10) - 2)
				if f.Type.Kind == types.Date {
					n += 18262
				}
				vec.AppendValue(b, n)
			case types.PI64:
				n := int64(r.IntN(500) - 100)
				if f.Name == "b" && r.IntN(100) == 0 {
					n = math.MaxInt64 - int64(r.IntN(3))
				}
				vec.AppendValue(b, n)
			case types.PI128:
				x := kernel.I128(int64(r.IntN(50000)))
				if r.IntN(20) == 0 {
					x, _ = kernel.Mul128(kernel.Pow10(25), x)
				}
				vec.AppendValue(b, x)
			case types.PF64:
				vec.AppendValue(b, []float64{0, math.Copysign(0, -1), 1, 2.5, -3, math.NaN(), math.Inf(1), 1e300}[r.IntN(8)])
			default:
				b.AppendBytes([]byte(words[r.IntN(len(words))]))
			}
		}
		out[c] = b.Vector()
	}
	return out
}

// bound gives the expression with the layout of its columns.
func bound(t *testing.T, text string) (expr.Expr, map[expr.ID]int) {
	t.Helper()
	cat := catalog.NewMemory(storage.NewRegistry())
	if err := cat.Create(&catalog.Table{Database: catalog.DefaultDatabase, Name: "t", Columns: declared(), Rows: memory.New(columns, nil)}, false); err != nil {
		t.Fatal(err)
	}
	b := bind.New(bind.Env{
		Ctx: context.Background(), Session: session.New(cat, &storage.Env{}), Funcs: builtin.NewRegistry(), FnCtx: &fn.Ctx{},
		Fold: func(e expr.Expr) (*expr.Const, error) { return eval.Constant(e, &fn.Ctx{}) },
	})
	stmt, err := parser.ParseOne("SELECT " + text + " FROM t")
	if err != nil {
		t.Fatal(err)
	}
	n, err := b.Query(stmt.(*ast.Query))
	if err != nil {
		t.Fatal(err)
	}
	p := n.(*logical.Project)
	at := map[expr.ID]int{}
	for i, c := range p.Input.Cols() {
		at[c.ID] = i
	}
	return p.Values[0], at
}

func declared() []catalog.Column {
	var out []catalog.Column
	for _, f := range columns {
		out = append(out, catalog.Column{Field: f})
	}
	return out
}

// show gives row i of v as text.
func show(v *vec.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	return string(kernel.AppendText(nil, f, k))
}

// one gives the rows idx of v as a flat vector of its own.
func one(v *vec.Vector, idx ...int32) *vec.Vector {
	b := vec.NewBuilder(v.Type)
	b.Append(v, idx)
	return b.Vector()
}

// dictionary gives v in dictionary form, with entries that no row has.
func dictionary(v *vec.Vector, r *rand.Rand) *vec.Vector {
	vals := vec.NewBuilder(v.Type)
	var codes []int32
	seen := map[string]int32{}
	for i := range v.Len {
		if v.IsNull(i) {
			codes = append(codes, 0)
			continue
		}
		key := show(v, i)
		if _, ok := seen[key]; !ok || r.IntN(10) == 0 {
			seen[key] = int32(vals.Len())
			vals.Append(v, []int32{int32(i)})
		}
		codes = append(codes, seen[key])
	}
	if vals.Len() == 0 {
		return v
	}
	out := &vec.Vector{}
	out.BorrowCodes(v.Type, vec.NewDictionary(vals.Vector()), codes, v.Valid)
	return out
}

func TestFormsAndSelections(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	flat := data(r)
	for _, text := range expressions {
		t.Run(text, func(t *testing.T) {
			e, at := bound(t, text)
			p, err := eval.Compile([]expr.Expr{e}, at)
			if err != nil {
				t.Fatal(err)
			}
			m := p.Machine(&flow.Task{Fn: &fn.Ctx{}})
			want, fails := rowByRow(m, flat)
			for try := range 40 {
				batch, sel, label := variant(r, flat, try)
				check(t, m, batch, sel, label, e, want, fails)
			}
		})
	}
}

// rowByRow is the oracle: each row alone.
func rowByRow(m flow.Machine, flat []*vec.Vector) (want []string, fails []bool) {
	want, fails = make([]string, rows), make([]bool, rows)
	for i := range rows {
		b := &vec.Batch{N: 1}
		for _, c := range flat {
			b.Cols = append(b.Cols, one(c, int32(i)))
		}
		out, err := m.Eval(b)
		if fails[i] = err != nil; err == nil {
			want[i] = show(out[0], 0)
		}
	}
	return want, fails
}

// variant gives some rows of the data in some forms, with a selection; sel maps the batch's rows to those of the data.
func variant(r *rand.Rand, flat []*vec.Vector, try int) (b *vec.Batch, from []int32, label string) {
	n := []int{1, 3, 64, rows}[try%4]
	from = make([]int32, n)
	for i := range from {
		from[i] = int32(r.IntN(rows))
	}
	b = &vec.Batch{N: n}
	for _, c := range flat {
		v := one(c, from...)
		switch r.IntN(4) {
		case 0:
			v = dictionary(v, r)
			label += "D"
		case 1:
			if try%5 == 0 { // a constant: all rows take the first row's value
				k := &vec.Vector{}
				k.Ref(one(c, from[0]))
				k.SetConst(n)
				v = k
				label += "C"
			}
		}
		b.Cols = append(b.Cols, v)
	}
	if r.IntN(2) == 0 {
		b.Sel = []int32{}
		for i := range n {
			if r.IntN(3) > 0 {
				b.Sel = append(b.Sel, int32(i))
			}
		}
	}
	return b, from, fmt.Sprint(n, label)
}

// check compares a batch's values with those of its rows alone.
func check(t *testing.T, m flow.Machine, b *vec.Batch, from []int32, label string, e expr.Expr, want []string, fails []bool) {
	t.Helper()
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	exact := true // without constants the data's rows are the oracle; with them each row of the batch is, alone
	for _, c := range b.Cols {
		exact = exact && c.Form != vec.Const
	}
	expect := func(i int32) (string, bool) { return want[from[i]], fails[from[i]] }
	if !exact {
		expect = func(i int32) (string, bool) {
			single := &vec.Batch{N: 1}
			for _, c := range b.Cols {
				single.Cols = append(single.Cols, one(c, i))
			}
			out, err := m.Eval(single)
			if err != nil {
				return "", true
			}
			return show(out[0], 0), false
		}
	}
	texts, failing := make([]string, b.N), false
	for _, i := range sel {
		s, bad := expect(i)
		texts[i] = s
		failing = failing || bad
	}
	out, err := m.Eval(b)
	if (err != nil) != failing {
		t.Fatalf("%s: error %v, but a selected row fails: %v", label, err, failing)
	}
	if err != nil {
		return
	}
	v := out[0]
	for _, i := range sel {
		if got := show(v, int(i)); got != texts[i] {
			t.Fatalf("%s, row %d: %s, not %s", label, i, got, texts[i])
		}
	}
	if e.Type().Kind != types.Boolean {
		return
	}
	hit, err := m.Select(b, append([]int32(nil), sel...))
	if err != nil {
		t.Fatalf("%s: Select: %v", label, err)
	}
	k := 0
	for _, i := range sel {
		is := k < len(hit) && hit[k] == i
		if is {
			k++
		}
		if is != (texts[i] == "true") {
			t.Fatalf("%s, row %d: selected %v, value %s", label, i, is, texts[i])
		}
	}
}
