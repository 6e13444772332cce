package op_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
)

var keySets = [][]types.Type{
	{},
	{types.TInteger},
	{types.TBigInt},
	{types.TBoolean, types.TVarchar},
	{types.TVarchar, types.TVarchar, types.TInteger},
	{types.TDouble},
	{types.NewDecimal(30, 2), types.TInterval},
	{types.NewArray(types.TInteger)},
	{types.TBigInt, types.TBigInt, types.TBigInt},
}

var bigArg = []fn.Arg{{Type: types.TBigInt}}

func TestHashAggregate(t *testing.T) {
	for _, ks := range keySets {
		for _, distinct := range []int{4, 300} {
			t.Run(fmt.Sprint(ks, distinct), func(t *testing.T) {
				setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
					testAggregate(t, task, rng, ks, distinct, 400)
				})
			})
		}
	}
}

func TestHashAggregateManyGroups(t *testing.T) {
	for _, ks := range [][]types.Type{{types.TInteger}, {types.TVarchar}, {types.TBigInt, types.TInteger}} {
		for _, workers := range []int{1, 4} {
			testAggregate(t, optest.Task(workers, 2048), rand.New(rand.NewPCG(1, 2)), ks, 40000, 30000)
		}
	}
}

func testAggregate(t *testing.T, task *flow.Task, rng *rand.Rand, ks []types.Type, distinct, n int) {
	k := len(ks)
	cols := append(append([]types.Type(nil), ks...), types.TBigInt, types.TVarchar)
	rows := randomRows(rng, cols, n, distinct)
	var keyCols optest.Cols
	for i := range k {
		keyCols = append(keyCols, i)
	}
	odd := optest.Where(func(r optest.Row) (bool, error) { return r[k] != nil && r[k].(int64)%2 != 0, nil })
	h := &op.HashAggregate{Keys: keyCols, KeyTypes: ks, Shared: optest.Cols{k}, Aggs: []op.AggSpec{
		{Overload: optest.CountRows()},
		{Overload: optest.SumInts(), Args: bigArg, Shared: []int{0}},
		{Overload: optest.SumInts(), Args: bigArg, Inputs: optest.Cols{k}, Filter: odd},
		{Overload: optest.SumInts(), Args: bigArg, Shared: []int{0}, Distinct: true},
		{Overload: optest.Concat(), Args: []fn.Arg{{Type: types.TVarchar}}, Inputs: optest.Cols{k + 1}},
		{Overload: optest.Concat(), Args: []fn.Arg{{Type: types.TVarchar}}, Inputs: optest.Cols{k + 1}, Distinct: true,
			OrderBy: optest.Cols{k}, OrderTypes: []types.Type{types.TBigInt}, Desc: []bool{true}},
	}}
	out := &optest.Collect{}
	run(t, task, aggPipelines(h, &optest.Source{Types: cols, Rows: rows, Seed: rng.Uint64()}, out)...)
	same(t, optest.Sorted(out.Rows()), optest.Sorted(naiveAggregate(rows, k)))
}

func aggPipelines(h *op.HashAggregate, src flow.Source, out flow.Sink) []*flow.Pipeline {
	p := &flow.Pipeline{Name: "aggregate", Source: src, Sink: h}
	return []*flow.Pipeline{{Name: "result", Source: h.Source(), Sink: out, After: []*flow.Pipeline{p}}, p}
}

func naiveAggregate(rows []optest.Row, k int) []optest.Row {
	groups := map[string][]optest.Row{}
	if k == 0 {
		groups[""] = nil
	}
	for _, r := range rows {
		g := strings.Join(optest.Text([]optest.Row{r[:k]}), "")
		groups[g] = append(groups[g], r)
	}
	var out []optest.Row
	for _, rs := range groups {
		var sum, odd, dist any
		text := ""
		seen := map[int64]bool{}
		add := func(to any, x int64) any {
			if to == nil {
				return x
			}
			return to.(int64) + x
		}
		for _, r := range rs {
			if r[k+1] != nil {
				text += r[k+1].(string) + ","
			}
			if r[k] == nil {
				continue
			}
			x := r[k].(int64)
			sum = add(sum, x)
			if x%2 != 0 {
				odd = add(odd, x)
			}
			if !seen[x] {
				seen[x] = true
				dist = add(dist, x)
			}
		}
		ordered := append([]optest.Row(nil), rs...)
		sort.SliceStable(ordered, func(i, j int) bool {
			a, b := ordered[i][k], ordered[j][k]
			if a == nil || b == nil {
				return a != nil
			}
			return a.(int64) > b.(int64)
		})
		once, had := "", map[string]bool{}
		for _, r := range ordered {
			if r[k+1] != nil && !had[r[k+1].(string)] {
				had[r[k+1].(string)] = true
				once += r[k+1].(string) + ","
			}
		}
		var key optest.Row
		if len(rs) > 0 {
			key = rs[0][:k]
		}
		out = append(out, append(append(optest.Row(nil), key...), int64(len(rs)), sum, odd, dist, text, once))
	}
	return out
}

func TestGroupingSets(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		cols := []types.Type{types.TInteger, types.TVarchar, types.TBigInt}
		rows := randomRows(rng, cols, 300, 5)
		sets := [][]int{{0, 1}, {1}, {}}
		h := &op.HashAggregate{Keys: optest.Cols{0, 1}, KeyTypes: cols[:2], GroupingSets: sets, Aggs: []op.AggSpec{
			{Overload: optest.SumInts(), Args: bigArg, Inputs: optest.Cols{2}}}}
		out := &optest.Collect{}
		run(t, task, aggPipelines(h, &optest.Source{Types: cols, Rows: rows, Seed: 5}, out)...)
		var want []optest.Row
		for s, set := range sets {
			masked := make([]optest.Row, len(rows))
			for i, r := range rows {
				masked[i] = optest.Row{nil, nil, r[2], nil}
				for _, k := range set {
					masked[i][k] = r[k]
				}
			}
			for _, r := range naiveAggregate(masked, 2) {
				want = append(want, optest.Row{r[0], r[1], r[3], int64(s)})
			}
		}
		same(t, optest.Sorted(out.Rows()), optest.Sorted(want))
	})
}

func TestAggregateOfNothing(t *testing.T) {
	for _, k := range []int{0, 1} {
		ts := []types.Type{types.TBigInt}
		h := &op.HashAggregate{Keys: optest.Cols{0}[:k], KeyTypes: ts[:k], Aggs: []op.AggSpec{{Overload: optest.CountRows()},
			{Overload: optest.SumInts(), Args: bigArg, Inputs: optest.Cols{0}}}}
		out := &optest.Collect{}
		run(t, optest.Task(2, 0), aggPipelines(h, &optest.Source{Types: ts}, out)...)
		want := []string{"0|<nil>"}
		same(t, optest.Text(out.Rows()), want[k:])
	}
}

// TestAggregateKeepsRows groups keys that hardly repeat, with rows kept for the merge.
func TestAggregateKeepsRows(t *testing.T) {
	defer op.SetRawGroups(100, 1500)()
	aggregateKeepsRows(t, 2500)
}

// TestAggregateKeepsRowsForAWhile begins with keys that seem not to repeat, and groups the rows kept when it sees that they do.
func TestAggregateKeepsRowsForAWhile(t *testing.T) {
	defer op.SetRawGroups(20, 1<<30)()
	defer op.SetRawLook(600)()
	aggregateKeepsRows(t, 300)
}

func aggregateKeepsRows(t *testing.T, distinct int) {
	for _, ks := range keySets[1:] {
		setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
			if task.BatchSize == 1 {
				return
			}
			k := len(ks)
			cols := append(append([]types.Type(nil), ks...), types.TBigInt)
			rows := randomRows(rng, cols, 3000, distinct)
			var keyCols optest.Cols
			for i := range k {
				keyCols = append(keyCols, i)
			}
			sum := op.AggSpec{Overload: optest.SumInts(), Args: bigArg, Shared: []int{0}}
			own := op.AggSpec{Overload: optest.SumInts(), Args: bigArg, Inputs: optest.Cols{k}}
			h := &op.HashAggregate{Keys: keyCols, KeyTypes: ks, Shared: optest.Cols{k}, Aggs: []op.AggSpec{{Overload: optest.CountRows()}, sum, own, sum}}
			out := &optest.Collect{}
			run(t, task, aggPipelines(h, &optest.Source{Types: cols, Rows: rows, Seed: rng.Uint64()}, out)...)
			var want []optest.Row
			for i, r := range rows {
				rows[i] = append(r, "x")
			}
			for _, r := range naiveAggregate(rows, k) {
				want = append(want, append(append(optest.Row(nil), r[:k]...), r[k], r[k+1], r[k+1], r[k+1]))
			}
			same(t, optest.Sorted(out.Rows()), optest.Sorted(want))
		})
	}
}
