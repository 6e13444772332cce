package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNth compares with sorting: random values, few distinct ones, and orders that make bad pivots.
func TestNth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 400 {
		n := 1 + r.IntN(300)
		x := make([]float64, n)
		for i := range x {
			switch round % 4 {
			case 0:
				x[i] = r.NormFloat64()
			case 1:
				x[i] = float64(r.IntN(3))
			case 2:
				x[i] = float64(i)
			default:
				x[i] = float64(min(i, n-i))
			}
		}
		sorted := slices.Sorted(slices.Values(x))
		k := r.IntN(n)
		if got := nth(slices.Clone(x), k); got != sorted[k] {
			t.Fatalf("%v: rank %d is %v, not %v", x, k, got, sorted[k])
		}
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		q := r.Float64()
		if got, want := quantileOf(slices.Clone(x), n, q), between(sorted, rows, q); got != want {
			t.Fatalf("quantile %v is %v, not %v", q, got, want)
		}
	}
	if x := quantileOf([]float64{1, 2}, 4, 0.5); !math.IsNaN(x) {
		t.Fatal(x)
	}
	if x := quantileOf([]float64{2, 1}, 4, 0.1); x != 1.3 {
		t.Fatal(x)
	}
}
