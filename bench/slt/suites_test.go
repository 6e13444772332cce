package slt_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skep-sql/skep/bench/slt"
)

const (
	scopeFile = "../../testdata/suites/scope.txt"
	// fileLimit is how long one file may take.
	fileLimit = 30 * time.Second
)

// outcome is what became of a file: a report, or why there is none.
type outcome struct {
	Report *slt.Report
	Why    string
}

// runSuiteFile runs a file of DuckDB's or Spark's suite; path is relative to the folder of the suites.
func runSuiteFile(dir, path string) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{Why: fmt.Sprint("panic: ", p)}
		}
	}()
	temp, err := os.MkdirTemp("", "skep-suite")
	if err != nil {
		return outcome{Why: err.Error()}
	}
	defer os.RemoveAll(temp)
	full := filepath.Join(dir, path)
	if strings.HasPrefix(path, "spark/") {
		o.Report, err = slt.RunSpark(full, slt.Config{Strict: true, Base: temp, Settings: slt.SparkSettings})
	} else {
		root := filepath.Join(dir, "duckdb")
		o.Report, o.Why, err = slt.RunDuck(full, filepath.Join(root, "data"), temp, slt.Config{Strict: true, Base: root, Settings: map[string]string{"threads": "1"}})
	}
	if err != nil {
		o.Why = err.Error()
	}
	return o
}

// TestSuiteChild is not a test: it is the process that runs files for TestDuckDB and TestSpark, so that one that crashes or hangs is lost
// alone. It reads paths and answers with a line of JSON each.
func TestSuiteChild(t *testing.T) {
	if os.Getenv("SKEP_SUITE_CHILD") == "" {
		t.Skip("started by TestDuckDB and TestSpark")
	}
	dir, _ := suites()
	answers := json.NewEncoder(os.NewFile(3, "answers"))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if err := answers.Encode(runSuiteFile(dir, in.Text())); err != nil {
			return
		}
	}
}

// child is a process of TestSuiteChild.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *os.File
	dec *json.Decoder
}

func startChild(t *testing.T) *child {
	c := &child{cmd: exec.Command(os.Args[0], "-test.run=^TestSuiteChild$", "-test.timeout=0")}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd.ExtraFiles, c.out, c.dec = []*os.File{w}, r, json.NewDecoder(r)
	c.cmd.Env = append(os.Environ(), "SKEP_SUITE_CHILD=1")
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return c
}

func (c *child) stop() {
	c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	c.out.Close()
}

// run gives a file to the child; ok is false when the child is of no use any more.
func (c *child) run(path string) (o outcome, ok bool) {
	timer := time.AfterFunc(fileLimit, func() { _ = c.cmd.Process.Kill() })
	fmt.Fprintln(c.in, path)
	err := c.dec.Decode(&o)
	if !timer.Stop() {
		return outcome{Why: "takes more than " + fileLimit.String()}, false
	}
	if err != nil {
		return outcome{Why: "crash"}, false
	}
	return o, true
}

// runSuite runs files in two processes.
func runSuite(t *testing.T, files []string) map[string]outcome {
	var mu sync.Mutex
	out := map[string]outcome{}
	work := make(chan string)
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := startChild(t)
			defer func() { c.stop() }()
			for f := range work {
				o, ok := c.run(f)
				if !ok {
					c.stop()
					c = startChild(t)
				}
				mu.Lock()
				out[f] = o
				mu.Unlock()
			}
		}()
	}
	for _, f := range files {
		work <- f
	}
	close(work)
	wg.Wait()
	return out
}

// readScope gives the files that are measured, and those that are not, with the reason.
func readScope(t *testing.T) (in []string, all map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(scopeFile)
	if err != nil {
		t.Fatal(err)
	}
	all = map[string]bool{}
	for _, l := range strings.Split(string(text), "\n") {
		switch w := strings.Fields(l); {
		case len(w) == 0 || w[0] == "#":
		case w[0] == "-":
			all[w[1]] = true
			if len(w) < 3 {
				t.Errorf("%s: %s is left out for no reason", scopeFile, w[1])
			}
		default:
			in = append(in, w[0])
			all[w[0]] = true
		}
	}
	return in, all
}

var literals = regexp.MustCompile(`'[^']*'|"[^"]*"|\b\d[\d.e+-]*\b`)

// TestDuckDB and TestSpark run the suites of two other systems, the files that testdata/suites/scope.txt lists, against ratchets: no file may
// pass fewer records than it did, nor give more wrong answers. They print how many queries that return rows pass, and why others do not.
// SKEP_SLT=text picks files and tells what fails there; SKEP_UPDATE=1 moves the ratchet up.
func TestDuckDB(t *testing.T) { testSuite(t, "duckdb") }

// TestSpark is TestDuckDB for Spark's golden files.
func TestSpark(t *testing.T) { testSuite(t, "spark") }

func testSuite(t *testing.T, suite string) {
	dir, all := suites()
	if dir == "" || !all || testing.Short() {
		t.Skip("SKEP_SUITES does not name the suites' folder")
	}
	in, known := readScope(t)
	found := 0
	err := filepath.WalkDir(filepath.Join(dir, suite), func(p string, _ os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, p)
		if strings.HasSuffix(p, ".test") || strings.HasSuffix(p, ".sql.out") {
			if found++; !known[filepath.ToSlash(rel)] {
				t.Errorf("%s is neither in nor out of %s", rel, scopeFile)
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Skipf("no files of %s: %v", suite, err)
	}
	only := os.Getenv("SKEP_SLT")
	in = slices.DeleteFunc(in, func(f string) bool { return !strings.HasPrefix(f, suite+"/") || !strings.Contains(f, only) })
	outcomes := runSuite(t, in)
	held := readSuiteRatchet(t, suite)
	sum := tally{refused: map[string]int{}, wrong: map[string]int{}}
	for _, f := range in {
		o, h := outcomes[f], held[f]
		sum.files++
		s := suiteScore{}
		if o.Report == nil {
			sum.refused[o.Why]++
		} else {
			s = sum.add(t, f, o.Report, only != "")
		}
		if s.passed < h.passed || s.queriesPassed < h.queriesPassed {
			t.Errorf("%s: %d of %d records and %d of %d queries pass; they were %d and %d. %s", f, s.passed, s.records, s.queriesPassed, s.queries, h.passed, h.queriesPassed, o.Why)
		}
		if _, ok := held[f]; ok && s.wrong > h.wrong && os.Getenv("SKEP_UPDATE") == "" {
			t.Errorf("%s: %d wrong answers; they were %d", f, s.wrong, h.wrong)
		}
		if s.passed >= h.passed && s.queriesPassed >= h.queriesPassed {
			held[f] = s
		}
	}
	sum.print(t)
	checkExplained(t, suite, held)
	if os.Getenv("SKEP_UPDATE") != "" {
		writeSuiteRatchet(t, suite, held)
	}
}

// explainedFile lists files whose wrong answers stay, with the reason.
const explainedFile = "../../testdata/suites/explained.txt"

// checkExplained tells how many wrong answers are in files that explainedFile has a reason for, and fails for a reason without any.
func checkExplained(t *testing.T, suite string, held map[string]suiteScore) {
	t.Helper()
	text, err := os.ReadFile(explainedFile)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, l := range strings.Split(string(text), "\n") {
		file, why, _ := strings.Cut(l, " ")
		if !strings.HasPrefix(file, suite+"/") {
			continue
		}
		n := 0
		for f, s := range held {
			if strings.HasPrefix(f, file) {
				n += s.wrong
			}
		}
		if n == 0 || strings.TrimSpace(why) == "" {
			t.Errorf("%s: %s: no reason, or nothing that it explains", explainedFile, file)
		}
		total += n
	}
	t.Logf("%d wrong answers are in files that %s explains", total, explainedFile)
}

// suiteScore is a line of a suite's ratchet.
type suiteScore struct{ passed, records, queriesPassed, queries, wrong int }

func suiteRatchet(suite string) string { return "../../testdata/suites/" + suite + ".txt" }

func readSuiteRatchet(t *testing.T, suite string) map[string]suiteScore {
	t.Helper()
	text, err := os.ReadFile(suiteRatchet(suite))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]suiteScore{}
	for _, l := range strings.Split(string(text), "\n") {
		if l == "" || l[0] == '#' {
			continue
		}
		var f string
		var s suiteScore
		if _, err := fmt.Sscan(l, &f, &s.passed, &s.records, &s.queriesPassed, &s.queries, &s.wrong); err != nil {
			t.Fatalf("%s: %q: %v", suiteRatchet(suite), l, err)
		}
		out[f] = s
	}
	return out
}

func writeSuiteRatchet(t *testing.T, suite string, scores map[string]suiteScore) {
	t.Helper()
	var lines []string
	for f, s := range scores {
		lines = append(lines, fmt.Sprintln(f, s.passed, s.records, s.queriesPassed, s.queries, s.wrong))
	}
	slices.Sort(lines)
	text := "# Held by bench/slt: file, records that pass, records, queries returning rows that pass, such queries, wrong answers.\n" + strings.Join(lines, "")
	if err := os.WriteFile(suiteRatchet(suite), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tally sums reports up.
type tally struct {
	files, whole   int
	sum            suiteScore
	refused, wrong map[string]int
}

func (s *tally) add(t *testing.T, file string, r *slt.Report, list bool) suiteScore {
	x := suiteScore{passed: r.Passed, records: r.Records, queriesPassed: r.QueriesPassed, queries: r.Queries}
	if len(r.Misses) == 0 {
		s.whole++
	}
	for _, m := range r.Misses {
		if list {
			t.Logf("%s:%d %v %s\n%s", file, m.Line, []string{"passed", "WRONG", "failed", "missed"}[m.Outcome], m.Detail, m.SQL)
		}
		if m.Outcome == slt.Wrong {
			x.wrong++
			s.wrong[file]++
			continue
		}
		why := literals.ReplaceAllString(m.Detail, "…")
		if len(why) > 100 {
			why = why[:100]
		}
		if m.Query {
			why += "  (query)"
		}
		s.refused[why]++
	}
	s.sum.passed, s.sum.records = s.sum.passed+x.passed, s.sum.records+x.records
	s.sum.queriesPassed, s.sum.queries, s.sum.wrong = s.sum.queriesPassed+x.queriesPassed, s.sum.queries+x.queries, s.sum.wrong+x.wrong
	return x
}

func (s *tally) print(t *testing.T) {
	percent := func(a, b int) float64 { return 100 * float64(a) / float64(max(b, 1)) }
	t.Log("why records fail:")
	top(t, s.refused, 120)
	t.Logf("%d wrong answers, in:", s.sum.wrong)
	top(t, s.wrong, 60)
	t.Logf("%d of %d queries that return rows pass (%.1f %%); %d of %d records (%.1f %%); %d of %d files whole (%.1f %%)", s.sum.queriesPassed, s.sum.queries, percent(s.sum.queriesPassed, s.sum.queries),
		s.sum.passed, s.sum.records, percent(s.sum.passed, s.sum.records), s.whole, s.files, percent(s.whole, s.files))
}

func top(t *testing.T, counts map[string]int, n int) {
	var list []string
	for k, c := range counts {
		list = append(list, fmt.Sprintf("%6d %s", c, k))
	}
	slices.Sort(list)
	slices.Reverse(list)
	for _, l := range list[:min(n, len(list))] {
		t.Log(l)
	}
}
