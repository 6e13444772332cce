package slt

import (
	"math"
	"strconv"
	"strings"
)

// Same tells whether two values are equal: numbers up to the last digit that either has, or to 1e-9 of their size.
func Same(got, want string) bool {
	if got == want || strings.TrimRight(got, " ") == strings.TrimRight(want, " ") || got == "NULL" && want == "" || got == "(empty)" && want == "" {
		return true
	}
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	digits := min(scale(got), scale(want))
	return math.Abs(x-y) <= math.Max(0.500001*math.Pow10(-digits), 1e-9*math.Abs(y))
}

func scale(s string) int {
	_, frac, _ := strings.Cut(s, ".")
	return len(frac)
}
