package builtin_test

import (
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/builtin"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/logical"
)

// oddities are values that functions may not expect.
var oddities = []string{
	"NULL", "0", "-1", "3", "9223372036854775807", "-9223372036854775807 - 1", "CAST(1 AS TINYINT)", "CAST(5 AS UBIGINT)", "1.5", "-99999999999999999999999999999999999999", "0e0", "1e308", "-1e0 / 0",
	"CAST('NaN' AS DOUBLE)", "''", "'äbc'", "'%'", "'('", "'year'", "'a,b'", "X'00ff'", "true", "DATE '2024-02-29'", "DATE '0001-01-01'", "TIME '23:59:59'", "TIMESTAMP '2024-02-29 13:00:00'",
	"TIMESTAMPTZ '2024-02-29 13:00:00+00'", "INTERVAL 1 MONTH", "INTERVAL '-99999 days'", "[1, NULL, 3]", "['a']", "[]", "[[1], NULL]", "MAP {'a': 1}", "{'a': 1, 'b': [2]}", "CAST('{\"a\":[1]}' AS JSON)",
}

// TestOddArguments calls every function with arguments that it may not expect, as constants and as columns: there may be errors,
// but typed ones, and no panic.
func TestOddArguments(t *testing.T) {
	var pool []*vec.Vector
	for _, s := range oddities {
		n, err := bindQuery("SELECT " + s)
		if err != nil {
			t.Fatal(s, err)
		}
		c, err := eval.Constant(n.(*logical.Project).Values[0], testCtx())
		if err != nil {
			t.Fatal(s, err)
		}
		pool = append(pool, c.V)
	}
	r := rand.New(rand.NewPCG(1, 1))
	ran := 0
	for _, f := range builtin.Functions() {
		try := func(args ...*vec.Vector) {
			defer func() {
				if p := recover(); p != nil {
					var s []string
					for _, a := range args {
						s = append(s, string(kernel.AppendText(nil, a, 0))+" "+a.Type.String())
					}
					t.Errorf("%s(%q) panics: %v", f.Name, s, p)
				}
			}()
			if callOdd(t, f, args) {
				ran++
			}
		}
		try()
		for _, a := range pool {
			try(a)
			for _, b := range pool {
				if f.Name != "sequence" && f.Name != "range" && f.Name != "repeat" {
					try(a, b)
				}
			}
		}
		for range 400 {
			var args []*vec.Vector
			for range 3 + r.IntN(2) {
				args = append(args, pool[r.IntN(len(pool))])
			}
			if f.Name != "sequence" && f.Name != "range" {
				try(args...)
			}
		}
	}
	t.Logf("%d calls", ran)
}

// callOdd calls f and tells whether there was a signature for the arguments.
func callOdd(t *testing.T, f *fn.Function, args []*vec.Vector) bool {
	var list []fn.Arg
	for _, a := range args {
		list = append(list, fn.Arg{Type: a.Type, Const: a})
	}
	check := func(err error) {
		if err != nil && sqlerr.ClassOf(err) == sqlerr.Internal {
			t.Errorf("%s: %v is no typed error", f.Name, err)
		}
	}
	o, err := f.Resolve(list)
	if err != nil {
		check(err)
		return false
	}
	const rows = 3
	var in []*vec.Vector
	var sel []int32
	sel = append(sel, vec.Identity(rows)...)
	for i, a := range args {
		want := o.ArgType(i)
		k, ok := kernel.NewCaster(a.Type, want)
		if !ok && !a.Type.Equal(want) {
			return false
		}
		v := vec.New(want, 1)
		switch {
		case a.IsNull(0):
			v = vec.NewNull(want, 1)
		case a.Type.Equal(want):
			v.Ref(a)
		case k.Run(a, vec.Identity(1), v, false, nil) != nil:
			return false
		}
		b := vec.NewBuilder(want)
		for range rows {
			b.Append(v, vec.Identity(1))
		}
		in = append(in, b.Vector())
		if a.IsNull(0) && !o.NullAware && !o.TakesNulls {
			sel = nil
		}
	}
	if f.Kind == fn.Aggregate {
		acc := o.NewAcc(list)
		acc.Grow(2)
		if len(sel) > 0 {
			check(acc.Update([]int32{1, 0, 1}, in, sel))
		}
		out := vec.New(o.Result, 2)
		check(acc.Result(0, 2, out))
		_ = kernel.AppendText(nil, out, 1)
		return true
	}
	if len(sel) == 0 {
		return false
	}
	run := o.Eval
	if o.Prepare != nil {
		p, err := o.Prepare(list)
		check(err)
		if p != nil {
			run = p
		}
	}
	out := vec.New(o.Result, rows)
	err = run(testCtx(), in, sel, rows, out)
	check(err)
	if err == nil {
		if out.Phys() != out.Type.Phys() {
			w := &vec.Vector{}
			kernel.Widen(w, out, sel)
			out = w
		}
		_ = kernel.AppendText(nil, out, 2)
	}
	return true
}
