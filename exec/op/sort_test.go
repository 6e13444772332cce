package op_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
)

func compareAny(a, b any) int {
	switch x := a.(type) {
	case bool:
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	case int64:
		return cmp.Compare(x, b.(int64))
	case float64:
		return cmp.Compare(x, b.(float64))
	case string:
		return strings.Compare(x, b.(string))
	case []any:
		y := b.([]any)
		for i := range min(len(x), len(y)) {
			switch {
			case x[i] == nil && y[i] == nil:
			case x[i] == nil:
				return 1
			case y[i] == nil:
				return -1
			default:
				if c := compareAny(x[i], y[i]); c != 0 {
					return c
				}
			}
		}
		return cmp.Compare(len(x), len(y))
	}
	panic("type")
}

func sortNaive(rows []optest.Row, keys []int, desc, first []bool) []optest.Row {
	out := append([]optest.Row(nil), rows...)
	sort.SliceStable(out, func(i, j int) bool {
		for k, c := range keys {
			a, b := out[i][c], out[j][c]
			if a == nil || b == nil {
				if (a == nil) == (b == nil) {
					continue
				}
				return (a == nil) == first[k]
			}
			if x := compareAny(a, b); x != 0 {
				return (x < 0) != desc[k]
			}
		}
		return false
	})
	return out
}

func TestSort(t *testing.T) {
	all := []types.Type{types.TBigInt, types.TVarchar, types.TInteger, types.TDouble, types.TBoolean, types.NewDecimal(30, 0), types.TInterval, types.NewArray(types.TInteger)}
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		for range 12 {
			rows := randomRows(rng, all, 700, 3+rng.IntN(200))
			var keys optest.Cols
			var kt []types.Type
			var desc, first []bool
			for range 1 + rng.IntN(3) {
				c := rng.IntN(len(all))
				keys, kt = append(keys, c), append(kt, all[c])
				desc, first = append(desc, rng.IntN(2) == 0), append(first, rng.IntN(2) == 0)
			}
			s := &op.Sort{Types: all, Keys: keys, KeyTypes: kt, Desc: desc, NullsFirst: first}
			want := sortNaive(rows, keys, desc, first)
			if rng.IntN(2) == 0 {
				s.Offset, s.Limit = int64(rng.IntN(20)), 1+int64(rng.IntN(50))
				want = want[s.Offset : s.Offset+s.Limit]
			}
			in := &flow.Pipeline{Source: &optest.Source{Types: all, Rows: rows, Seed: rng.Uint64()}, Sink: s}
			out := &optest.Collect{}
			run(t, task, in, &flow.Pipeline{Source: s.Source(), Sink: out, After: []*flow.Pipeline{in}})
			same(t, optest.Text(out.Rows()), optest.Text(want))
		}
	})
}

// TestSortLarge takes the ways of parallel runs and of pruning top N.
func TestSortLarge(t *testing.T) {
	ts := []types.Type{types.TBigInt, types.TVarchar}
	rng := rand.New(rand.NewPCG(3, 4))
	rows := randomRows(rng, ts, 36000, 30000)
	for _, keys := range []optest.Cols{{0}, {1}, {1, 0}} {
		for _, limit := range []int64{0, 10, 3000} {
			for _, workers := range []int{1, 3} {
				if testing.Short() && workers == 1 {
					continue
				}
				kt := []types.Type{ts[keys[0]]}
				if len(keys) > 1 {
					kt = append(kt, ts[keys[1]])
				}
				desc, first := []bool{true, false}[:len(keys)], []bool{false, true}[:len(keys)]
				s := &op.Sort{Types: ts, Keys: keys, KeyTypes: kt, Desc: desc, NullsFirst: first, Limit: limit}
				want := sortNaive(rows, keys, desc, first)
				if limit > 0 {
					want = want[:limit]
				}
				in := &flow.Pipeline{Source: &optest.Source{Types: ts, Rows: rows, Seed: 1}, Sink: s}
				out := &optest.Collect{}
				run(t, optest.Task(workers, 2048), in, &flow.Pipeline{Source: s.Source(), Sink: out, After: []*flow.Pipeline{in}})
				same(t, optest.Text(out.Rows()), optest.Text(want))
			}
		}
	}
}
