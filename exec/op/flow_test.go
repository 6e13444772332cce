package op_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

// sizes is a sink that measures batches.
type sizes struct {
	mu         sync.Mutex
	rows, most int
	batches    int
}

func (s *sizes) Local(*flow.Task) (flow.LocalSink, error) { return s, nil }
func (s *sizes) Finish(*flow.Task, flow.Parallel) error   { return nil }
func (s *sizes) Close() error                             { return nil }
func (s *sizes) Combine() error                           { return nil }
func (s *sizes) Push(b *vec.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows, s.most, s.batches = s.rows+b.Rows(), max(s.most, b.Rows()), s.batches+1
	return nil
}

var twoCols = []types.Type{types.TBigInt, types.TVarchar}

func TestFilterLimitOrdered(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		rows := randomRows(rng, twoCols, 2000, 1000)
		var want []optest.Row
		for _, r := range rows {
			if r[0] != nil && r[0].(int64)%2 == 0 {
				want = append(want, r)
			}
		}
		off, n := rng.IntN(300), rng.IntN(900)
		lo := min(off, len(want))
		want = want[lo:min(lo+n, len(want))]
		out := &optest.Collect{}
		even := optest.Where(func(r optest.Row) (bool, error) { return r[0] != nil && r[0].(int64)%2 == 0, nil })
		run(t, task, &flow.Pipeline{Name: "limit", Source: &optest.Source{Types: twoCols, Rows: rows, Seed: rng.Uint64()}, Sink: out,
			Stages: []flow.Stage{&op.Filter{Cond: even}, &op.Limit{Offset: int64(off), Count: int64(n), Ordered: true}, &op.Project{Exprs: optest.Cols{0, 1}}}})
		same(t, optest.Text(out.Rows()), optest.Text(want))
	})
}

func TestLimitUnordered(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 5000, 1000)
	out := &sizes{}
	run(t, optest.Task(4, 16), &flow.Pipeline{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: out, Stages: []flow.Stage{&op.Limit{Offset: 7, Count: 100}}})
	if out.rows != 100 {
		t.Fatal(out.rows)
	}
}

// TestResult reads a union of two branches in order through a bounded window.
func TestResult(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		rows := randomRows(rng, twoCols, 3000, 1000)
		res := op.NewResult(twoCols, true)
		third := optest.Where(func(r optest.Row) (bool, error) { return r[0] == nil || r[0].(int64)%3 == 0, nil })
		var want []optest.Row
		for _, r := range rows[1000:] {
			if ok, _ := third(r); ok {
				want = append(want, r)
			}
		}
		want = append(append([]optest.Row(nil), rows[:1000]...), want...)
		ps := []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows[:1000], Seed: 4}, Sink: res},
			{Source: &optest.Source{Types: twoCols, Rows: rows[1000:], Seed: 9}, Sink: res, Stages: []flow.Stage{&op.Filter{Cond: third}}}}
		go func() { res.End(flow.Run(task, ps)) }()
		var got []optest.Row
		for {
			b, err := res.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if b == nil {
				break
			}
			for i := range b.N {
				got = append(got, optest.BatchRow(b, i))
			}
		}
		same(t, optest.Text(got), optest.Text(want))
	})
}

func TestResultStopped(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 20000, 1000)
	for _, ordered := range []bool{true, false} {
		res := op.NewResult(twoCols, ordered)
		done := make(chan error, 1)
		go func() {
			done <- flow.Run(optest.Task(4, 8), []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: res}})
		}()
		if b, err := res.Next(context.Background()); b == nil || err != nil {
			t.Fatal(b, err)
		}
		res.Stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func TestTableWriter(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		rows := randomRows(rng, twoCols, 1500, 1000)
		var got []optest.Row
		done := 0
		w := &op.TableWriter{Types: twoCols, Ordered: true, Done: func() error { done++; return nil }, Write: func(b *vec.Batch) error {
			for i := range b.N {
				if b.Sel == nil {
					got = append(got, optest.BatchRow(b, i))
				}
			}
			for _, i := range b.Sel {
				got = append(got, optest.BatchRow(b, int(i)))
			}
			return nil
		}}
		run(t, task, &flow.Pipeline{Source: &optest.Source{Types: twoCols, Rows: rows, Seed: rng.Uint64()}, Sink: w})
		same(t, optest.Text(got), optest.Text(rows))
		if done != 1 {
			t.Fatal("Done was called", done, "times")
		}
		full := &op.TableWriter{Types: twoCols, Ordered: true, Write: func(*vec.Batch) error { return errors.New("disk full") }}
		err := flow.Run(task, []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: full}})
		if err == nil || err.Error() != "disk full" {
			t.Fatal(err)
		}
	})
}

func TestErrorsAndPanics(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 5000, 1000)
	bad := map[string]optest.Where{
		"error": func(r optest.Row) (bool, error) { return true, sqlerr.New(sqlerr.Data, "bad value") },
		"panic": func(r optest.Row) (bool, error) { panic("a defect") },
	}
	class := map[string]sqlerr.Class{"error": sqlerr.Data, "panic": sqlerr.Internal}
	for name, cond := range bad {
		for _, workers := range []int{1, 4} {
			out := &optest.Collect{}
			task := optest.Task(workers, 16)
			err := flow.Run(task, []*flow.Pipeline{{Name: "p", Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: out, Stages: []flow.Stage{&op.Filter{Cond: cond}}}})
			if sqlerr.ClassOf(err) != class[name] || out.Finished || out.Closed != 1 {
				t.Fatal(name, err, out.Finished, out.Closed)
			}
		}
	}
	out := &optest.Collect{}
	fail := errors.New("read error")
	err := flow.Run(optest.Task(3, 16), []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows, Fail: fail}, Sink: out}})
	if err != fail || out.Closed != 1 {
		t.Fatal(err, out.Closed)
	}
}

func TestCancel(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 5000, 1000)
	res := op.NewResult(twoCols, true) // nobody reads: the workers wait
	task := optest.Task(4, 8)
	var cancel context.CancelFunc
	task.Ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	err := flow.Run(task, []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: res}})
	if sqlerr.ClassOf(err) != sqlerr.Cancelled {
		t.Fatal(err)
	}
}

func TestBuffer(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		ts := []types.Type{types.TBigInt, types.TVarchar, types.NewArray(types.TVarchar), types.TBoolean}
		rows := randomRows(rng, ts, 1000, 100)
		buf := &op.Buffer{Types: ts}
		a, b := &optest.Collect{}, &optest.Collect{}
		fill := &flow.Pipeline{Source: &optest.Source{Types: ts, Rows: rows, Seed: rng.Uint64()}, Sink: buf}
		run(t, task, fill, &flow.Pipeline{Source: buf.Source(), Sink: a, After: []*flow.Pipeline{fill}}, &flow.Pipeline{Source: buf.Source(), Sink: b, After: []*flow.Pipeline{fill}})
		same(t, optest.Text(a.Rows()), optest.Text(rows))
		same(t, optest.Text(b.Rows()), optest.Text(rows))
	})
}

func TestScalarBuffer(t *testing.T) {
	for n := range 3 {
		buf := &op.Buffer{Types: twoCols, Scalar: true}
		out := &optest.Collect{}
		rows := []optest.Row{{int64(1), "a"}, {int64(2), "b"}}[:n]
		fill := &flow.Pipeline{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: buf}
		err := flow.Run(optest.Task(2, 1), []*flow.Pipeline{fill, {Source: buf.Source(), Sink: out, After: []*flow.Pipeline{fill}}})
		switch {
		case n == 2:
			if sqlerr.ClassOf(err) != sqlerr.Data {
				t.Fatal(err)
			}
		case err != nil:
			t.Fatal(err)
		default:
			same(t, optest.Text(out.Rows()), []string{[]string{"<nil>|<nil>", "1|a"}[n]})
		}
	}
}

func TestSetOp(t *testing.T) {
	for _, except := range []bool{false, true} {
		for _, all := range []bool{false, true} {
			t.Run(fmt.Sprint(except, all), func(t *testing.T) {
				setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
					left, right := randomRows(rng, twoCols, 300, 9), randomRows(rng, twoCols, 60, 9)
					s := &op.SetOp{Types: twoCols, Except: except, All: all}
					l := &flow.Pipeline{Source: &optest.Source{Types: twoCols, Rows: left, Seed: 2}, Sink: s.Side(0)}
					r := &flow.Pipeline{Source: &optest.Source{Types: twoCols, Rows: right, Seed: 3}, Sink: s.Side(1)}
					out := &optest.Collect{}
					run(t, task, l, r, &flow.Pipeline{Source: s.Source(), Sink: out, After: []*flow.Pipeline{l, r}})
					have := map[string]int{}
					for _, x := range optest.Text(right) {
						have[x]++
					}
					var want []optest.Row
					given := map[string]bool{}
					for i, x := range optest.Text(left) {
						keep := have[x] > 0
						if all {
							have[x]--
						}
						if keep != except && (all || !given[x]) {
							given[x] = true
							want = append(want, left[i])
						}
					}
					same(t, optest.Sorted(out.Rows()), optest.Sorted(want))
				})
			})
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 5000, 5000)
	sinks := map[string]flow.Sink{
		"buffer": &op.Buffer{Types: twoCols},
		"agg":    &op.HashAggregate{Keys: optest.Cols{0, 1}, KeyTypes: twoCols},
		"sort":   &op.Sort{Types: twoCols, Keys: optest.Cols{0}, KeyTypes: twoCols[:1]},
	}
	for name, s := range sinks {
		task := optest.Task(2, 100)
		task.Mem.SetLimit(20000)
		err := flow.Run(task, []*flow.Pipeline{{Source: &optest.Source{Types: twoCols, Rows: rows}, Sink: s}})
		if sqlerr.ClassOf(err) != sqlerr.Limit || task.Mem.Used() != 0 {
			t.Fatal(name, err, task.Mem.Used())
		}
	}
}

func TestObserve(t *testing.T) {
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), twoCols, 500, 5000)
	var a, b, c flow.OpStats
	even := optest.Where(func(r optest.Row) (bool, error) { return r[0] != nil && r[0].(int64)%2 == 0, nil })
	out := &sizes{}
	run(t, optest.Task(2, 10), &flow.Pipeline{Source: flow.ObserveSource(&optest.Source{Types: twoCols, Rows: rows}, &a),
		Stages: []flow.Stage{flow.ObserveStage(&op.Filter{Cond: even}, &b)}, Sink: flow.ObserveSink(out, &c)})
	if a.RowsOut.Load() != 500 || b.RowsIn.Load() != 500 || b.RowsOut.Load() != int64(out.rows) || c.RowsIn.Load() != int64(out.rows) || b.Nanos.Load() <= 0 {
		t.Fatal(a.RowsOut.Load(), b.RowsIn.Load(), b.RowsOut.Load(), c.RowsIn.Load(), out.rows)
	}
}
