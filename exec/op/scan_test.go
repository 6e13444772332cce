package op_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// table is a storage table over rows, which runs Refine and remembers the scan.
type table struct {
	rows []optest.Row
	scan *storage.Scan
	task *flow.Task
}

func (t *table) Schema() []storage.Column {
	return []storage.Column{{Field: types.Field{Name: "a", Type: types.TBigInt}}, {Field: types.Field{Name: "b", Type: types.TVarchar}}}
}
func (t *table) Stats() *storage.Stats { return &storage.Stats{Rows: int64(len(t.rows))} }
func (t *table) Scan(_ context.Context, s *storage.Scan) (storage.Source, error) {
	t.scan = s
	src := &optest.Source{Types: twoCols, Rows: t.rows, Seed: 3}
	return &tableSource{t, src}, src.Open(t.task)
}

type tableSource struct {
	t   *table
	src *optest.Source
}

func (s *tableSource) Progress() (int64, int64) { return 0, 0 }
func (s *tableSource) Close() error             { return nil }
func (s *tableSource) Cursor() (storage.Cursor, error) {
	c, err := s.src.Cursor(s.t.task)
	k := &tableCursor{Cursor: c}
	for _, r := range s.t.scan.Refine {
		k.refine = append(k.refine, r.New())
	}
	return k, err
}

type tableCursor struct {
	storage.Cursor
	refine []func(*vec.Batch, []int32) ([]int32, error)
}

func (c *tableCursor) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := c.Cursor.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	sel := append([]int32{}, b.Sel...)
	if b.Sel == nil {
		sel = append(sel, vec.Identity(b.N)...)
	}
	for _, f := range c.refine {
		if sel, err = f(b, sel); err != nil {
			return nil, err
		}
	}
	b.Sel = sel
	return b, nil
}

// TestRuntimeFilter checks that the filter drops nothing that has a partner, and most of what has none.
func TestRuntimeFilter(t *testing.T) {
	for _, spread := range []int64{3, 1 << 36} { // a bitmap, a Bloom filter
		setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
			c := &joinCase{kind: op.Inner, keys: []types.Type{types.TBigInt}}
			for range 400 {
				c.build = append(c.build, optest.Row{rng.Int64N(4000) * spread, rng.Int64N(9), "b"})
			}
			tab := &table{task: task}
			for range 3000 {
				k := any(rng.Int64N(8000) * spread)
				if rng.IntN(9) == 0 {
					k = nil
				}
				tab.rows = append(tab.rows, optest.Row{k, "p"})
				c.probe = append(c.probe, optest.Row{k, "p"})
			}
			ps := c.pipelines(&optest.Collect{}, 1)
			j := ps[1].Sink.(*op.JoinBuild)
			j.ProbeTypes, j.ProbeCols = twoCols, []int{0, 1}
			scan := &op.Scan{Table: tab, Scan: storage.Scan{Columns: []int{0, 1}}, Runtime: []op.RuntimeFilter{{Column: 0, From: j}}}
			var st flow.OpStats
			out := &optest.Collect{}
			probe := &flow.Pipeline{Source: flow.ObserveSource(scan, &st), Stages: []flow.Stage{&op.JoinProbe{Build: j}}, Sink: out, After: ps[1:2]}
			run(t, task, ps[1], probe)
			var want []optest.Row
			hits := 0
			for _, p := range tab.rows {
				hit := false
				for _, b := range c.build {
					if p[0] == b[0] {
						want = append(want, optest.Row{p[0], p[1], b[2], b[1]})
						hit = true
					}
				}
				if hit {
					hits++
				}
			}
			same(t, optest.Text(out.Rows()), optest.Text(want))
			if n := int(st.RowsOut.Load()); n > hits+hits/4+20 {
				t.Fatalf("%d rows came through the filter, %d have partners", n, hits)
			}
			if len(tab.scan.Prune) != 2 || tab.scan.Prune[0].Values[0].I > tab.scan.Prune[1].Values[0].I {
				t.Fatal(tab.scan.Prune)
			}
		})
	}
}

func TestUnionSourceAndColumns(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		a, b := randomRows(rng, twoCols, 300, 50), randomRows(rng, twoCols, 200, 50)
		out := &optest.Collect{}
		run(t, task, &flow.Pipeline{Source: &op.UnionSource{Sources: []flow.Source{&optest.Source{Types: twoCols, Rows: a, Seed: 1}, &optest.Source{Types: twoCols, Rows: b, Seed: 2}}},
			Stages: []flow.Stage{&op.Columns{Keep: []int{1, 0, 1}}}, Sink: out})
		var want []optest.Row
		for _, r := range append(a, b...) {
			want = append(want, optest.Row{r[1], r[0], r[1]})
		}
		same(t, optest.Text(out.Rows()), optest.Text(want))
	})
}

func TestValues(t *testing.T) {
	n := 200_000
	v := ints(n, func(i int) int64 { return int64(i) })
	for _, workers := range []int{1, 4} {
		out := &sizes{}
		run(t, optest.Task(workers, 1000), &flow.Pipeline{Source: &op.Values{Cols: []*vec.Vector{v}, N: n}, Sink: out})
		if out.rows != n || out.most > 1000 {
			t.Fatal(out.rows, out.most)
		}
	}
	out := &optest.Collect{}
	run(t, optest.Task(2, 0), &flow.Pipeline{Source: &op.Values{N: 3}, Sink: out})
	if len(out.Rows()) != 3 {
		t.Fatal(out.Rows())
	}
}
