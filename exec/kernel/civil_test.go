package kernel

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestCivil checks the calendar against package time over 10,000 years, and that it reads back at any distance.
func TestCivil(t *testing.T) {
	for d := -4000000; d < 4000000; d += 13 {
		y, m, day := DaysToCivil(d)
		x := time.Unix(int64(d)*86400, 0).UTC()
		if y != x.Year() || m != int(x.Month()) || day != x.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", d, y, m, day, x)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 200000 {
		d := r.IntN(1<<31) - 1<<30
		if y, m, day := DaysToCivil(d); CivilToDays(y, m, day) != d {
			t.Fatalf("day %d is %d-%d-%d", d, y, m, day)
		}
	}
}
