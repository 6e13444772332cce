package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

const lineitems = 6_000_000

func ints(n int, f func(i int) int64) *vec.Vector {
	v := vec.New(types.TBigInt, n)
	vals := vec.Values[int64](v)
	for i := range vals {
		vals[i] = f(i)
	}
	return v
}

func dict(n int, values []string, f func(i int) int32) *vec.Vector {
	any := make([]any, len(values))
	for i, s := range values {
		any[i] = s
	}
	v := &vec.Vector{}
	v.ResetDict(types.TVarchar, vec.NewDictionary(optest.Vector(types.TVarchar, any)), n)
	for i := range v.Codes() {
		v.Codes()[i] = f(i)
	}
	return v
}

func benchRun(b *testing.B, rows int, make func() []*flow.Pipeline) {
	b.Helper()
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("w%d", workers), func(b *testing.B) {
			for range b.N {
				if err := flow.Run(optest.Task(workers, 0), make()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
		})
	}
}

func sumOf(col int) op.AggSpec {
	return op.AggSpec{Overload: optest.SumInts(), Args: []fn.Arg{{Type: types.TBigInt}}, Shared: []int{col}}
}

func benchAgg(b *testing.B, cols []*vec.Vector, n int, keys optest.Cols, kt []types.Type, aggs int) {
	shared := optest.Cols{}
	specs := []op.AggSpec{{Overload: optest.CountRows()}}
	for i := range aggs - 1 {
		shared = append(shared, len(keys)+i%(len(cols)-len(keys)))
		specs = append(specs, sumOf(i))
	}
	benchRun(b, n, func() []*flow.Pipeline {
		h := &op.HashAggregate{Keys: keys, KeyTypes: kt, Shared: shared, Aggs: specs}
		return aggPipelines(h, &op.Values{Cols: cols, N: n}, &sizes{})
	})
}

func BenchmarkAggQ1(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	cols := []*vec.Vector{dict(lineitems, []string{"A", "N", "R"}, func(int) int32 { return rng.Int32N(3) }),
		dict(lineitems, []string{"O", "F"}, func(int) int32 { return rng.Int32N(2) }), ints(lineitems, func(int) int64 { return rng.Int64N(50) })}
	benchAgg(b, cols, lineitems, optest.Cols{0, 1}, []types.Type{types.TVarchar, types.TVarchar}, 8)
}

func BenchmarkAggGlobal(b *testing.B) {
	cols := []*vec.Vector{ints(lineitems, func(i int) int64 { return int64(i) })}
	benchAgg(b, cols, lineitems, nil, nil, 2)
}

func BenchmarkAggClustered(b *testing.B) {
	cols := []*vec.Vector{ints(lineitems, func(i int) int64 { return int64(i/32*32 + i/4%8) }), ints(lineitems, func(i int) int64 { return int64(i) })}
	benchAgg(b, cols, lineitems, optest.Cols{0}, []types.Type{types.TBigInt}, 2)
}

func BenchmarkAggShuffled(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	cols := []*vec.Vector{ints(lineitems, func(i int) int64 { k := rng.Int64N(1500000); return k/8*32 + k%8 }), ints(lineitems, func(i int) int64 { return int64(i) })}
	benchAgg(b, cols, lineitems, optest.Cols{0}, []types.Type{types.TBigInt}, 2)
}

func BenchmarkAggStrings(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 1_000_000
	v := vec.NewBuilder(types.TVarchar)
	for range n {
		v.AppendBytes([]byte(fmt.Sprintf("Customer#%09d", rng.IntN(150000))))
	}
	benchAgg(b, []*vec.Vector{v.Vector(), ints(n, func(i int) int64 { return int64(i) })}, n, optest.Cols{0}, []types.Type{types.TVarchar}, 2)
}

// benchJoin probes 6 M rows against a build side of 1.5 M.
func benchJoin(b *testing.B, kind op.JoinKind, buildKey, probeKey *vec.Vector) {
	two := []types.Type{types.TBigInt, types.TBigInt}
	bn, pn := buildKey.Len, probeKey.Len
	val, pval := ints(bn, func(i int) int64 { return int64(i) }), ints(pn, func(i int) int64 { return int64(i) })
	benchRun(b, pn, func() []*flow.Pipeline {
		j := &op.JoinBuild{JoinSpec: op.JoinSpec{Kind: kind, ProbeTypes: two, BuildTypes: two, ProbeCols: []int{1}, BuildCols: []int{1},
			KeyTypes: two[:1], BuildKeys: optest.Cols{0}, ProbeKeys: optest.Cols{0}}}
		build := &flow.Pipeline{Source: &op.Values{Cols: []*vec.Vector{buildKey, val}, N: bn}, Sink: j}
		return []*flow.Pipeline{build, {Source: &op.Values{Cols: []*vec.Vector{probeKey, pval}, N: pn}, Stages: []flow.Stage{&op.JoinProbe{Build: j}},
			Sink: &sizes{}, After: []*flow.Pipeline{build}}}
	})
}

const orders = 1_500_000

func BenchmarkJoinClustered(b *testing.B) {
	benchJoin(b, op.Inner, ints(orders, func(i int) int64 { return int64(i/8*32 + i%8) }), ints(lineitems, func(i int) int64 { i /= 4; return int64(i/8*32 + i%8) }))
}

func BenchmarkJoinShuffled(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	benchJoin(b, op.Inner, ints(orders, func(i int) int64 { return int64(i) }), ints(lineitems, func(i int) int64 { return rng.Int64N(orders) }))
}

func BenchmarkJoinSparse(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	benchJoin(b, op.Inner, ints(orders, func(i int) int64 { return int64(i) * 1000003 }), ints(lineitems, func(i int) int64 { return rng.Int64N(orders) * 1000003 }))
}

func BenchmarkSemiJoin(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	benchJoin(b, op.Semi, ints(orders/10, func(i int) int64 { return int64(i) * 10 }), ints(lineitems, func(i int) int64 { return rng.Int64N(orders) }))
}

func benchSort(b *testing.B, cols []*vec.Vector, n int, keys optest.Cols, limit int64) {
	var ts, kt []types.Type
	for _, c := range cols {
		ts = append(ts, c.Type)
	}
	for _, k := range keys {
		kt = append(kt, ts[k])
	}
	benchRun(b, n, func() []*flow.Pipeline {
		s := &op.Sort{Types: ts, Keys: keys, KeyTypes: kt, Limit: limit}
		in := &flow.Pipeline{Source: &op.Values{Cols: cols, N: n}, Sink: s}
		return []*flow.Pipeline{in, {Source: s.Source(), Sink: &sizes{}, After: []*flow.Pipeline{in}}}
	})
}

func BenchmarkSortInts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	benchSort(b, []*vec.Vector{ints(2_000_000, func(int) int64 { return rng.Int64N(1 << 40) }), ints(2_000_000, func(i int) int64 { return int64(i) })}, 2_000_000, optest.Cols{0}, 0)
}

func BenchmarkSortStrings(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	v := vec.NewBuilder(types.TVarchar)
	for range 500_000 {
		v.AppendBytes([]byte(fmt.Sprintf("Customer#%09d", rng.IntN(1500000))))
	}
	benchSort(b, []*vec.Vector{v.Vector()}, 500_000, optest.Cols{0}, 0)
}

func BenchmarkTopN(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	benchSort(b, []*vec.Vector{ints(lineitems, func(int) int64 { return rng.Int64N(1 << 40) }), ints(lineitems, func(i int) int64 { return int64(i) })}, lineitems, optest.Cols{0}, 100)
}
