package op_test

import (
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

// steady pushes a batch until nothing is new, and then checks that pushing it allocates nothing.
func steady(t *testing.T, name string, push func() error) {
	t.Helper()
	for range 50 {
		if err := push(); err != nil {
			t.Fatal(name, err)
		}
	}
	n := testing.AllocsPerRun(200, func() {
		if err := push(); err != nil {
			t.Fatal(name, err)
		}
	})
	if n > 0 {
		t.Errorf("%s: %v allocations a batch", name, n)
	}
}

// fullBatch has a number, a long text, and a number with NULLs, of 100 different values each.
func fullBatch() *vec.Batch {
	b := &vec.Batch{N: vec.BatchSize}
	var ints, texts, nulls []any
	for i := range b.N {
		ints = append(ints, int64(i%100))
		texts = append(texts, "a text that is too long to be kept inline "+string(rune('A'+i%26)))
		nulls = append(nulls, any(int64(i%100)))
		if i%7 == 0 {
			nulls[i] = nil
		}
	}
	b.Cols = []*vec.Vector{optest.Vector(types.TBigInt, ints), optest.Vector(types.TVarchar, texts), optest.Vector(types.TBigInt, nulls)}
	return b
}

// TestNoAllocations checks the operators that most batches pass: once their tables and buffers are large enough, a batch costs no memory.
func TestNoAllocations(t *testing.T) {
	task, b := optest.Task(1, 0), fullBatch()
	drop := func(*vec.Batch) error { return nil }
	cols := []types.Type{types.TBigInt, types.TVarchar, types.TBigInt}

	for name, keys := range map[string]optest.Cols{"aggregate by a number": {0}, "by a text": {1}, "by two": {0, 1}, "by NULLs": {2}, "without keys": {}} {
		h := &op.HashAggregate{Keys: keys, Shared: optest.Cols{2}, Aggs: []op.AggSpec{{Overload: optest.CountRows()},
			{Overload: optest.SumInts(), Args: bigArg, Shared: []int{0}}}}
		for _, k := range keys {
			h.KeyTypes = append(h.KeyTypes, cols[k])
		}
		if len(keys) == 0 {
			h.Keys = nil
		}
		l, err := h.Local(task)
		if err != nil {
			t.Fatal(err)
		}
		steady(t, name, func() error { return l.Push(b) })
	}

	f, err := (&op.Filter{Cond: &everyOther{}}).Local(task)
	if err != nil {
		t.Fatal(err)
	}
	steady(t, "filter", func() error { b.Sel = nil; err := f.Push(b, drop); b.Sel = nil; return err })

	j := &op.JoinBuild{JoinSpec: op.JoinSpec{Kind: op.Inner, ProbeTypes: cols, BuildTypes: cols, ProbeCols: []int{0, 1}, BuildCols: []int{1, 2}, KeyTypes: cols[:1],
		BuildKeys: optest.Cols{0}, ProbeKeys: optest.Cols{0}}}
	var rows []optest.Row
	for i := range 100 {
		rows = append(rows, optest.Row{int64(i), "another text that is too long to be kept inline", int64(i)})
	}
	build := &flow.Pipeline{Name: "build", Source: &optest.Source{Types: cols, Rows: rows}, Sink: j}
	probe := &flow.Pipeline{Name: "probe", Source: &optest.Source{Types: cols, Rows: rows[:1]}, Stages: []flow.Stage{&again{t, "join", b}, &op.JoinProbe{Build: j}},
		Sink: nowhere{}, After: []*flow.Pipeline{build}}
	if err := flow.Run(task, []*flow.Pipeline{build, probe}); err != nil {
		t.Fatal(err)
	}
}

// again pushes a batch of its own again and again.
type again struct {
	t     *testing.T
	name  string
	batch *vec.Batch
}

func (a *again) Local(*flow.Task) (flow.Transform, error) { return a, nil }

func (a *again) Push(_ *vec.Batch, emit flow.Emit) error {
	b, cols := vec.Batch{}, make([]*vec.Vector, len(a.batch.Cols))
	steady(a.t, a.name, func() error {
		b = *a.batch
		b.Cols = cols
		copy(cols, a.batch.Cols)
		return emit(&b)
	})
	return nil
}

func (a *again) Flush(flow.Emit) error { return nil }

// nowhere takes rows and forgets them.
type nowhere struct{}

func (n nowhere) Local(*flow.Task) (flow.LocalSink, error) { return n, nil }
func (nowhere) Push(*vec.Batch) error                      { return nil }
func (nowhere) Combine() error                             { return nil }
func (nowhere) Finish(*flow.Task, flow.Parallel) error     { return nil }
func (nowhere) Close() error                               { return nil }

// everyOther keeps every other row, in memory of its own.
type everyOther struct{ sel [vec.BatchSize]int32 }

func (e *everyOther) Machine(*flow.Task) flow.Machine { return e }

func (e *everyOther) Eval(*vec.Batch) ([]*vec.Vector, error) { return nil, nil }

func (e *everyOther) Select(_ *vec.Batch, sel []int32) ([]int32, error) {
	n := 0
	for i := 0; i < len(sel); i += 2 {
		e.sel[n] = sel[i]
		n++
	}
	return e.sel[:n], nil
}
