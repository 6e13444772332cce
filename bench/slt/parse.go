// Package slt runs sqllogictest scripts (the format of SQLite's test suite) against the engine, under several configurations.
// It serves the project's own tests in testdata/slt and the suites that others wrote.
package slt

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// record is one test of a script.
type record struct {
	line    int
	query   bool
	wantErr bool
	errText string // a regular expression that the error meets
	sql     string
	types   string   // query: a letter a column
	sort    string   // nosort, rowsort, valuesort
	want    []string // lines of the expected result
}

// engine is the name that skipif and onlyif know this engine by.
const engine = "skep"

// parse reads a script.
func parse(path string) ([]record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 1<<20), 1<<26)
	var out []record
	n := 0
	skip := false
	next := func() (string, bool) {
		if !sc.Scan() {
			return "", false
		}
		n++
		return strings.TrimRight(sc.Text(), "\r"), true
	}
	for {
		line, ok := next()
		if !ok {
			return out, sc.Err()
		}
		if i := strings.Index(line, "#"); i == 0 || strings.TrimSpace(line) == "" {
			continue
		}
		w := strings.Fields(line)
		switch w[0] {
		case "skipif":
			skip = skip || w[1] == engine
		case "onlyif":
			skip = skip || w[1] != engine
		case "halt":
			if !skip {
				return out, nil
			}
			skip = false
		case "hash-threshold":
			skip = false
		case "statement", "query":
			r := record{line: n, query: w[0] == "query"}
			if r.query {
				if len(w) > 1 {
					r.types = w[1]
				}
				r.sort = "nosort"
				if len(w) > 2 {
					r.sort = w[2]
				}
			} else {
				if r.wantErr = len(w) > 1 && w[1] == "error"; r.wantErr {
					r.errText = strings.Join(w[2:], " ")
				}
			}
			body(&r, next)
			if !skip {
				out = append(out, r)
			}
			skip = false
		}
	}
}

// body reads a record's SQL and its expected result, up to an empty line.
func body(r *record, next func() (string, bool)) {
	var sql []string
	inResult := false
	for {
		line, ok := next()
		if !ok || line == "" {
			break
		}
		if line == "----" {
			inResult = true
			continue
		}
		if inResult {
			r.want = append(r.want, line)
		} else {
			sql = append(sql, line)
		}
	}
	r.sql = strings.Join(sql, "\n")
}

// hashed takes "30 values hashing to 3c13…" apart.
func hashed(want []string) (count int, sum string, ok bool) {
	if len(want) != 1 {
		return 0, "", false
	}
	w := strings.Fields(want[0])
	if len(w) != 5 || w[1] != "values" || w[2] != "hashing" {
		return 0, "", false
	}
	n, err := strconv.Atoi(w[0])
	return n, w[4], err == nil
}
