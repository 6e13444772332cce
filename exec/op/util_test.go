package op_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/optest"
)

// setups calls f for batch sizes 1, 3, 2048 and 1 and 8 workers, with and without order.
func setups(t *testing.T, f func(t *testing.T, task *flow.Task, rng *rand.Rand)) {
	allWorkers, batches, seeds := []int{1, 8}, []int{1, 3, 2048}, uint64(2)
	if testing.Short() { // the race detector's
		allWorkers, batches, seeds = []int{8}, []int{3, 2048}, 1
	}
	for _, workers := range allWorkers {
		for _, batch := range batches {
			for seed := range seeds {
				t.Run(fmt.Sprintf("w%d/b%d/s%d", workers, batch, seed), func(t *testing.T) {
					f(t, optest.Task(workers, batch), rand.New(rand.NewPCG(seed, 7)))
				})
			}
		}
	}
}

func run(t *testing.T, task *flow.Task, ps ...*flow.Pipeline) {
	t.Helper()
	if err := flow.Run(task, ps); err != nil {
		var p *flow.PanicError
		if errors.As(err, &p) {
			t.Logf("%.1500s", p.Stack)
		}
		t.Fatal(err)
	}
	if used := task.Mem.Used(); used != 0 {
		t.Fatalf("%d bytes are still reserved", used)
	}
}

// random gives a value of type t out of about distinct many, NULL at times.
func random(rng *rand.Rand, t types.Type, distinct int) any {
	if rng.IntN(8) == 0 {
		return nil
	}
	k := int64(rng.IntN(distinct))
	switch t.Phys() {
	case types.PBool:
		return k%2 == 0
	case types.PI32:
		return k - int64(distinct)/2
	case types.PInterval:
		return k * 3
	case types.PI64, types.PI128:
		switch k % 17 {
		case 0:
			return int64(math.MinInt64) / 2
		case 1:
			return k << 40
		}
		return k * 3
	case types.PF64:
		switch k % 13 {
		case 0:
			return math.Inf(1)
		case 1:
			return -1.5 * float64(k)
		}
		return float64(k)
	case types.PView:
		if k%3 == 0 {
			return fmt.Sprintf("a string longer than a view holds, number %d", k)
		}
		return fmt.Sprintf("s%d", k)
	case types.PList:
		var l = []any{}
		for range k % 4 {
			l = append(l, random(rng, t.Elems[0].Type, 3))
		}
		return l
	}
	return nil
}

func randomRows(rng *rand.Rand, ts []types.Type, n, distinct int) []optest.Row {
	rows := make([]optest.Row, n)
	for i := range rows {
		for _, t := range ts {
			rows[i] = append(rows[i], random(rng, t, distinct))
		}
	}
	return rows
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if d := optest.Diff(got, want); d != "" {
		t.Fatal(d)
	}
}
