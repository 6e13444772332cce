package parser_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/skep-sql/skep/parser"
)

// suites gives the folder of the public test suites, or skips.
func suites(t *testing.T, sub string) string {
	t.Helper()
	root := os.Getenv("SKEP_SUITES")
	if root == "" {
		root = "../../shared/suites"
	}
	dir := filepath.Join(root, sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no suites here")
	}
	return dir
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("no files %s", pattern)
	}
	return list
}

func TestDialectAccept(t *testing.T) {
	for _, f := range files(t, filepath.Join(suites(t, "dialect"), "accept", "*.sql")) {
		if _, err := parser.Parse(read(t, f)); err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
		}
	}
}

func TestDialectReject(t *testing.T) {
	for _, f := range files(t, filepath.Join(suites(t, "dialect"), "reject", "*.sql")) {
		if _, err := parser.Parse(read(t, f)); err == nil {
			t.Errorf("%s is accepted", filepath.Base(f))
		}
	}
}

func TestTPC(t *testing.T) {
	for _, sub := range []string{"tpch", "tpcds"} {
		for _, f := range files(t, filepath.Join(suites(t, sub), "queries", "*.sql")) {
			if _, err := parser.Parse(read(t, f)); err != nil {
				t.Errorf("%s %s: %v", sub, filepath.Base(f), err)
			}
		}
	}
}

// TestXwb1989 holds that every SELECT and UNION of the suite parses, except the listed ones, which must not.
func TestXwb1989(t *testing.T) {
	dir := suites(t, "xwb1989")
	except := map[string]bool{}
	sc := bufio.NewScanner(strings.NewReader(read(t, "../testdata/suites/xwb1989.txt")))
	for sc.Scan() {
		if name, _, ok := strings.Cut(sc.Text(), " "); ok && !strings.HasPrefix(name, "#") {
			except[name] = true
		}
	}
	for _, f := range files(t, filepath.Join(dir, "*.sql")) {
		sql := read(t, f)
		if head := strings.ToLower(strings.TrimLeft(sql, "( \n")); !strings.HasPrefix(head, "select") {
			continue
		}
		name := filepath.Base(f)
		_, err := parser.Parse(sql)
		switch {
		case err != nil && !except[name]:
			t.Errorf("%s %v: %s", name, err, strings.TrimSpace(sql))
		case err == nil && except[name]:
			t.Errorf("%s parses: take it off the list", name)
		}
	}
}

// rate counts statements that parse; failures are printed with -v, grouped by message.
type rate struct {
	ok, all int
	fail    map[string][]string
}

func (r *rate) add(where, sql string) {
	r.all++
	_, err := parser.Parse(sql)
	if err == nil {
		r.ok++
		return
	}
	if r.fail == nil {
		r.fail = map[string][]string{}
	}
	r.fail[err.Error()] = append(r.fail[err.Error()], where+": "+sql)
}

// check fails when fewer statements parse than least, the mark reached before.
func (r *rate) check(t *testing.T, least int) {
	t.Helper()
	t.Logf("%d of %d statements parse", r.ok, r.all)
	if r.ok < least {
		t.Errorf("only %d of %d parse; it were %d", r.ok, r.all, least)
	}
	if path := os.Getenv("SKEP_PARSE_FAILURES"); path != "" {
		var b strings.Builder
		keys := make([]string, 0, len(r.fail))
		for k := range r.fail {
			keys = append(keys, k)
		}
		sort.Slice(keys, func(i, j int) bool { return len(r.fail[keys[i]]) > len(r.fail[keys[j]]) })
		for _, k := range keys {
			fmt.Fprintf(&b, "=== %d %s\n", len(r.fail[k]), k)
			for _, s := range r.fail[k][:min(4, len(r.fail[k]))] {
				fmt.Fprintf(&b, "    %.300s\n", strings.ReplaceAll(s, "\n", "\n    "))
			}
		}
		if err := os.WriteFile(path+"-"+t.Name(), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// logicTest calls f with the statements of a sqllogictest file that are expected to work.
func logicTest(text string, f func(line int, sql string)) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		w := strings.Fields(lines[i])
		if len(w) < 1 || w[0] != "query" && !(w[0] == "statement" && len(w) > 1 && w[1] == "ok") {
			continue
		}
		start := i + 1
		var sql []string
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "" && strings.TrimSpace(lines[i]) != "----"; i++ {
			sql = append(sql, lines[i])
		}
		if len(sql) > 0 {
			f(start, strings.Join(sql, "\n"))
		}
	}
}

var placeholder = regexp.MustCompile(`\$?\{[A-Za-z_0-9]+\}`)

func TestDuckDBRate(t *testing.T) {
	dir := suites(t, "duckdb/test")
	var r rate
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".test") {
			return err
		}
		logicTest(read(t, path), func(line int, sql string) {
			// The placeholder that foreach and loop fill in: as a name it reads almost anywhere.
			r.add(fmt.Sprintf("%s:%d", strings.TrimPrefix(path, dir), line), placeholder.ReplaceAllString(sql, "x"))
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.check(t, duckdbMark)
}

func TestSparkRate(t *testing.T) {
	dir := suites(t, "spark/results")
	var r rate
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".out") {
			return err
		}
		// A result file holds each statement with its schema and output; those that Spark refuses are left out.
		for _, part := range strings.Split(read(t, path), "\n-- !query\n")[1:] {
			sql, out, _ := strings.Cut(part, "\n-- !query ")
			if !strings.Contains(out, "Exception") {
				r.add(strings.TrimPrefix(path, dir), sql)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.check(t, sparkMark)
}

func TestSQLiteRate(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	var r rate
	err := filepath.WalkDir(suites(t, "sqlite"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".test") {
			return err
		}
		logicTest(read(t, path), func(line int, sql string) { r.add(fmt.Sprintf("%s:%d", filepath.Base(path), line), sql) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.check(t, sqliteMark)
}

// The marks reached: they only go up.
const (
	duckdbMark = 19020
	sparkMark  = 8373
	sqliteMark = 300187
)
