package slt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
)

// suites gives the folder of the suites that others wrote, or "".
func suites() string {
	if d := os.Getenv("SKEP_SUITES"); d != "" {
		return d
	}
	d, _ := filepath.Abs("../../../shared/suites")
	if _, err := os.Stat(d); err != nil {
		return ""
	}
	return d
}

func TestSQLite(t *testing.T) {
	dir := suites()
	if dir == "" || testing.Short() {
		t.Skip("the suites are not here")
	}
	var files []string
	_ = filepath.Walk(filepath.Join(dir, "sqlite"), func(p string, i os.FileInfo, err error) error {
		if err == nil && strings.HasSuffix(p, ".test") && strings.Contains(p, os.Getenv("SKEP_SLT")) {
			files = append(files, p)
		}
		return nil
	})
	sort.Strings(files)
	cfg := slt.Config{Settings: map[string]string{"integer_division": "true", "threads": "1"}}
	reports := make([]*slt.Report, len(files))
	var wg sync.WaitGroup
	work := make(chan int)
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range work {
				r, err := slt.Run(files[i], cfg)
				if err != nil {
					t.Error(err)
					continue
				}
				reports[i] = r
			}
		}()
	}
	for i := range files {
		work <- i
	}
	close(work)
	wg.Wait()
	total, passed, wrong := 0, 0, 0
	reasons := map[string]int{}
	for i, r := range reports {
		name, _ := filepath.Rel(filepath.Join(dir, "sqlite"), files[i])
		w := 0
		for _, m := range r.Misses {
			if m.Outcome == slt.Wrong {
				if w++; w <= 3 {
					t.Logf("WRONG %s:%d %s\n%s", name, m.Line, m.Detail, m.SQL)
				}
			} else {
				d := m.Detail
				if len(d) > 60 {
					d = d[:60]
				}
				reasons[fmt.Sprint(m.Class, ": ", d)]++
			}
		}
		total, passed, wrong = total+r.Records, passed+r.Passed, wrong+w
		t.Logf("%s: %d of %d, %d wrong", name, r.Passed, r.Records, w)
	}
	var list []string
	for k := range reasons {
		list = append(list, k)
	}
	sort.Slice(list, func(a, b int) bool { return reasons[list[a]] > reasons[list[b]] })
	for _, k := range list[:min(len(list), 25)] {
		t.Logf("%6d %s", reasons[k], k)
	}
	t.Logf("%d of %d records pass (%.2f %%), %d wrong", passed, total, 100*float64(passed)/float64(total), wrong)
}
