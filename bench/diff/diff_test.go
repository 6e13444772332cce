package diff_test

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/skep-sql/skep/bench/diff"
)

// TestAlone runs a few hundred queries of fixed seeds. SKEP_DIFF=1h goes on for so long, SKEP_SEED=n begins there.
func TestAlone(t *testing.T) { rounds(t, nil) }

// TestDuckDB does the same beside DuckDB, in the Python that SKEP_PYTHON names.
func TestDuckDB(t *testing.T) {
	python := os.Getenv("SKEP_PYTHON")
	if python == "" {
		t.Skip("SKEP_PYTHON names no Python with DuckDB")
	}
	d, stop, err := diff.NewDuckDB(python)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	rounds(t, d)
}

func rounds(t *testing.T, other diff.Other) {
	long, _ := time.ParseDuration(os.Getenv("SKEP_DIFF"))
	seed, _ := strconv.ParseUint(os.Getenv("SKEP_SEED"), 10, 64)
	c := diff.Counts{Refused: map[string]int{}}
	end := time.Now().Add(long)
	failures := 0
	for n := 0; n < 40 || time.Now().Before(end); n++ {
		for _, f := range diff.Seed(seed, 20, other, &c) {
			failures++
			t.Error(f)
		}
		seed++
		if failures > 20 {
			break
		}
	}
	refused := 0
	var list []string
	for what, n := range c.Refused {
		refused += n
		list = append(list, strconv.Itoa(n)+" "+what)
	}
	slices.Sort(list)
	t.Logf("%d queries, %d refused, %d skipped; the last seed was %d", c.Queries, refused, c.Skipped, seed-1)
	if testing.Verbose() {
		for _, l := range list {
			t.Log(l)
		}
	}
	if refused*20 > c.Queries || c.Skipped*20 > c.Queries {
		t.Errorf("of %d queries %d were refused and %d skipped: %v", c.Queries, refused, c.Skipped, list)
	}
}
