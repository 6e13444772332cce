package slt_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
)

const ratchet = "../../testdata/suites/sqlite.txt"

// suites gives the folder of the suites that others wrote, or "". all tells that it was asked for.
func suites() (dir string, all bool) {
	if d := os.Getenv("SKEP_SUITES"); d != "" {
		return d, true
	}
	d, _ := filepath.Abs("../../../shared/suites")
	if _, err := os.Stat(d); err != nil {
		return "", false
	}
	return d, false
}

// score is what a file of the suite reached: a line of the ratchet.
type score struct {
	passed, records int
	wrong           int    // wrong answers that are allowed, for a reason
	reason          string // behind #
}

func readRatchet(t *testing.T) map[string]score {
	t.Helper()
	f, err := os.Open(ratchet)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]score{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line, reason, _ := strings.Cut(sc.Text(), "#")
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		s := score{reason: strings.TrimSpace(reason)}
		if _, err := fmt.Sscan(strings.Join(w[1:], " "), &s.passed, &s.records, &s.wrong); err != nil || s.wrong > 0 && s.reason == "" {
			t.Fatalf("%s: %q is not 'file passed records wrong # reason'", ratchet, sc.Text())
		}
		out[w[0]] = s
	}
	return out
}

func writeRatchet(t *testing.T, scores map[string]score) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# What TestSQLite of bench/slt holds: file, records that pass, records, wrong answers allowed and why.\n")
	var names []string
	for n := range scores {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		s := scores[n]
		fmt.Fprintf(&b, "%s %d %d %d", n, s.passed, s.records, s.wrong)
		if s.reason != "" {
			fmt.Fprintf(&b, " # %s", s.reason)
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile(ratchet, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSQLite runs SQLite's suite against the ratchet: no file may pass fewer records than it did, nor give a wrong answer that is not
// listed. All files run when SKEP_SUITES names the folder, else the first few. SKEP_UPDATE=1 writes what was reached; it never adds a wrong answer.
func TestSQLite(t *testing.T) {
	dir, all := suites()
	if dir == "" || testing.Short() {
		t.Skip("the suites are not here")
	}
	dir = filepath.Join(dir, "sqlite")
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, p)
		if strings.HasSuffix(p, ".test") && strings.Contains(p, os.Getenv("SKEP_SLT")) && (all || name <= "select4" && !strings.Contains(name, "/")) {
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	reports := runAll(t, dir, files)
	held := readRatchet(t)
	total, passed, wrong := 0, 0, 0
	for i, r := range reports {
		if r == nil {
			continue
		}
		name := files[i]
		s, h := score{passed: r.Passed, records: r.Records}, held[name]
		for _, m := range r.Misses {
			if m.Outcome != slt.Wrong {
				continue
			}
			if s.wrong++; s.wrong <= 3 && h.wrong == 0 {
				t.Logf("WRONG %s:%d %s\n%s", name, m.Line, m.Detail, m.SQL)
			}
		}
		total, passed, wrong = total+s.records, passed+s.passed, wrong+s.wrong
		if s.wrong > h.wrong {
			t.Errorf("%s: %d wrong answers; %d are allowed", name, s.wrong, h.wrong)
		}
		if s.passed < h.passed {
			t.Errorf("%s: %d of %d records pass; they were %d", name, s.passed, s.records, h.passed)
		}
		if s.wrong = min(s.wrong, h.wrong); s.wrong > 0 {
			s.reason = h.reason
		}
		held[name] = s
	}
	logReasons(t, reports)
	t.Logf("%d of %d records pass (%.2f %%), %d wrong", passed, total, 100*float64(passed)/float64(total), wrong)
	if os.Getenv("SKEP_UPDATE") != "" {
		writeRatchet(t, held)
	}
}

// runAll runs the files, two at a time.
func runAll(t *testing.T, dir string, files []string) []*slt.Report {
	cfg := slt.Config{Settings: map[string]string{"integer_division": "true", "threads": "1"}}
	reports := make([]*slt.Report, len(files))
	var wg sync.WaitGroup
	work := make(chan int)
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range work {
				r, err := slt.Run(filepath.Join(dir, files[i]), cfg)
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
	return reports
}

// logReasons tells why records failed, the most frequent reasons first.
func logReasons(t *testing.T, reports []*slt.Report) {
	reasons := map[string]int{}
	for _, r := range reports {
		if r == nil {
			continue
		}
		for _, m := range r.Misses {
			if m.Outcome != slt.Wrong {
				reasons[fmt.Sprintf("%s: %.60s", m.Class, m.Detail)]++
			}
		}
	}
	var list []string
	for k := range reasons {
		list = append(list, k)
	}
	sort.Slice(list, func(a, b int) bool { return reasons[list[a]] > reasons[list[b]] })
	for _, k := range list[:min(len(list), 10)] {
		t.Logf("%6d %s", reasons[k], k)
	}
}
