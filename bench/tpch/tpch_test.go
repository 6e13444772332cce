package tpch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
	"github.com/skep-sql/skep/bench/tpch"
)

// suite gives the folder of the TPC-H suite, or "".
func suite() string {
	d := os.Getenv("SKEP_SUITES")
	if d == "" {
		d, _ = filepath.Abs("../../../shared/suites")
	}
	d = filepath.Join(d, "tpch")
	if _, err := os.Stat(d); err != nil {
		return ""
	}
	return d
}

func must(t *testing.T, s *slt.Session, sql string) [][]string {
	t.Helper()
	rows, err := s.Exec(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// TestTPCH runs the 22 queries from the .tbl files, and from Parquet files that COPY makes of them, with 1 worker and with 8.
func TestTPCH(t *testing.T) {
	dir := suite()
	if dir == "" {
		t.Skip("the suites are not here")
	}
	out := t.TempDir()
	s := slt.NewSession(slt.Config{})
	for _, name := range tpch.Tables {
		must(t, s, tpch.CreateText(name, filepath.Join(dir, "data/sf0.01", name+".tbl")))
		must(t, s, fmt.Sprintf("COPY %s TO '%s'", name, filepath.Join(out, name+".parquet")))
	}
	p := slt.NewSession(slt.Config{})
	for _, name := range tpch.Tables {
		must(t, p, tpch.CreateParquet(name, filepath.Join(out, name+".parquet")))
	}
	for format, sess := range map[string]*slt.Session{"tbl": s, "parquet": p} {
		for _, workers := range []string{"1", "8"} {
			must(t, sess, "SET threads = "+workers)
			for q := 1; q <= 22; q++ {
				t.Run(fmt.Sprintf("%s/%s/q%02d", format, workers, q), func(t *testing.T) { query(t, sess, dir, q) })
			}
		}
	}
}

func query(t *testing.T, s *slt.Session, dir string, q int) {
	sql, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("queries/q%02d.sql", q)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("expected-sf0.01/q%02d.csv", q)))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimRight(string(text), "\n"), "\n")[1:]
	got := must(t, s, string(sql))
	if len(got) != len(want) {
		t.Fatalf("%d rows, not %d", len(got), len(want))
	}
	for i, row := range got {
		w := strings.Split(want[i], "|")
		if len(w) != len(row) {
			t.Fatalf("row %d: %d columns, not %d", i+1, len(row), len(w))
		}
		for k := range w {
			if !slt.Same(row[k], w[k]) {
				t.Fatalf("row %d, column %d: %q, not %q", i+1, k+1, row[k], w[k])
			}
		}
	}
}
