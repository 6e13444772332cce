package agg

import (
	"cmp"
	"slices"
)

// nth puts the value of rank k of x, counted from 0, in its place, lesser ones before it and greater ones behind it, and gives it: Hoare's
// quickselect with the median of three, which sorts when it has bad luck. x must have no NaN.
func nth[T cmp.Ordered](x []T, k int) T {
	lo, hi := 0, len(x)-1
	for luck := 64; hi-lo > 12; luck-- {
		if luck == 0 {
			break
		}
		mid := lo + (hi-lo)/2
		if x[mid] < x[lo] {
			x[mid], x[lo] = x[lo], x[mid]
		}
		if x[hi] < x[lo] {
			x[hi], x[lo] = x[lo], x[hi]
		}
		if x[hi] < x[mid] {
			x[hi], x[mid] = x[mid], x[hi]
		}
		pivot := x[mid]
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for pivot < x[j] {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch { // x[lo…j] <= pivot <= x[i…hi], and what lies between is the pivot
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	slices.Sort(x[lo : hi+1])
	return x[k]
}
