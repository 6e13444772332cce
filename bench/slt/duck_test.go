package slt_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
)

// TestDuckDB runs DuckDB's scripts and prints how many pass, and why others do not. It is a measure, for now without a ratchet.
func TestDuckDB(t *testing.T) {
	only := os.Getenv("SKEP_DUCK")
	dir, _ := suites()
	if dir == "" || only == "" {
		t.Skip("set SKEP_DUCK to a part of the scripts' paths, or to . for all")
	}
	root := filepath.Join(dir, "duckdb")
	data := filepath.Join(root, "data")
	var all slt.Report
	files, whole := 0, 0
	reasons, skips := map[string]int{}, map[string]int{}
	_ = filepath.WalkDir(filepath.Join(root, "test"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".test") || only != "." && !strings.Contains(path, only) {
			return err
		}
		rep, skipped, err := slt.RunDuck(path, data, t.TempDir(), slt.Config{Strict: true, Base: root, Settings: map[string]string{"threads": "2"}})
		if err != nil {
			return err
		}
		if skipped != "" {
			skips[skipped]++
		}
		if rep == nil {
			return nil
		}
		files++
		if len(rep.Misses) == 0 {
			whole++
		}
		all.Records, all.Passed = all.Records+rep.Records, all.Passed+rep.Passed
		all.Queries, all.QueriesPassed = all.Queries+rep.Queries, all.QueriesPassed+rep.QueriesPassed
		for _, m := range rep.Misses {
			rel, _ := filepath.Rel(root, path)
			if only != "." {
				t.Logf("%s:%d %v %s\n%s", rel, m.Line, m.Outcome, m.Detail, m.SQL)
			}
			r := m.Detail
			if m.Outcome == slt.Wrong {
				r = "WRONG in " + filepath.Dir(rel)
			}
			if len(r) > 70 {
				r = r[:70]
			}
			reasons[r]++
		}
		return nil
	})
	var list []string
	for k := range reasons {
		list = append(list, k)
	}
	sort.Slice(list, func(a, b int) bool { return reasons[list[a]] > reasons[list[b]] })
	for _, k := range list[:min(len(list), 100)] {
		t.Logf("%6d %s", reasons[k], k)
	}
	t.Log(fmt.Sprint(skips))
	t.Logf("%d of %d files whole; %d of %d records; %d of %d queries (%.1f %%)", whole, files, all.Passed, all.Records, all.QueriesPassed, all.Queries, 100*float64(all.QueriesPassed)/float64(max(all.Queries, 1)))
}
