package op

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSelectPairs compares with sorting, for every k of short lists with many equal words.
func TestSelectPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	compare := func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo), cmp.Compare(a.row, b.row))
	}
	for range 50 {
		x := make([]pair, 2+r.IntN(100))
		for i := range x {
			x[i] = pair{uint64(r.IntN(4)), uint64(r.IntN(3)), int32(i)}
		}
		want := slices.SortedFunc(slices.Values(x), compare)
		for k := 1; k < len(x); k++ {
			got := slices.Clone(x)
			selectPairs(got, k, compare)
			got = got[:k]
			slices.SortFunc(got, compare)
			if !slices.Equal(got, want[:k]) {
				t.Fatalf("first %d of %v: %v", k, x, got)
			}
		}
	}
}
