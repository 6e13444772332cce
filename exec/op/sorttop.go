package op

import (
	"slices"

	"github.com/skep-sql/skep/exec/vec"
)

// sortTop gives the first top of n rows in their order by the flat vectors by. It selects them before it sorts, and needs spare, which it may make
// larger, for all rows.
func sortTop(by []*vec.Vector, n, top int, desc, nullsFirst []bool, spare *[]pair) []int32 {
	s := &sorter{n: n}
	where, _, _ := s.plan(alone{}, by, desc, nullsFirst) // alone is never cancelled
	if cap(*spare) < n {
		*spare = make([]pair, n)
	}
	pairs := (*spare)[:n]
	clear(pairs)
	s.fillPairs(pairs, where, 0, n)
	if top < n {
		selectPairs(pairs, top, s.comparePairs)
		pairs = pairs[:top]
	}
	slices.SortFunc(pairs, s.comparePairs)
	out := make([]int32, len(pairs))
	for k, p := range pairs {
		out[k] = p.row
	}
	return out
}

// selectPairs brings the first k of x, at least one and fewer than all, to its front in any order: Hoare's quickselect with the median of three.
// No two pairs are equal.
func selectPairs(x []pair, k int, compare func(a, b pair) int) {
	for luck := 64; len(x) > 16 && luck > 0; luck-- {
		n := len(x)
		a, b, c := x[0], x[n/2], x[n-1]
		if compare(b, a) < 0 {
			a, b = b, a
		}
		if compare(c, b) < 0 {
			b = c
			if compare(b, a) < 0 {
				b = a
			}
		}
		i, j := 0, n-1
		for i <= j {
			for compare(x[i], b) < 0 {
				i++
			}
			for compare(b, x[j]) < 0 {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch { // x[:j+1] come before or are the pivot, x[i:] come after or are it
		case k <= j+1:
			if k == j+1 {
				return
			}
			x = x[:j+1]
		case k >= i:
			if k == i {
				return
			}
			x, k = x[i:], k-i
		default:
			return
		}
	}
	slices.SortFunc(x, compare)
}
