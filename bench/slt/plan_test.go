package slt_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
)

// planTables are the tables that the plans of testdata/plan are over. Their statistics are exact, so that plans do not change with the day.
var planTables = []string{
	"CREATE TABLE big AS SELECT range AS id, range % 1000 AS mid_id, range % 7 AS kind, range::VARCHAR AS name, (range * 3)::DECIMAL(12,2) AS price FROM range(20000)",
	"CREATE TABLE mid AS SELECT range AS id, range % 10 AS small_id, 'm' || range AS name FROM range(1000)",
	"CREATE TABLE small AS SELECT range AS id, 's' || range AS name FROM range(10)",
	"CREATE TABLE counts AS SELECT range::INTEGER AS n, range % 3 AS g FROM range(500)",
}

// TestPlans compares the plans of the queries in testdata/plan with those written there. Each file is one rule's; a query ends at a line of
// four dashes, its plan at an empty line. SKEP_UPDATE=1 writes the plans anew: read the difference before you commit it.
func TestPlans(t *testing.T) {
	s := slt.NewSession(slt.Config{Settings: map[string]string{"threads": "2"}})
	for _, sql := range planTables {
		if _, err := s.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("../../testdata/plan/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no plans: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { plans(t, s, f) })
	}
}

func plans(t *testing.T, s *slt.Session, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, rec := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		sql, want, _ := strings.Cut(rec, "\n----\n")
		if strings.HasPrefix(sql, "#") && !strings.Contains(sql, "\n") {
			out = append(out, rec)
			continue
		}
		rows, err := s.Exec(context.Background(), "EXPLAIN "+sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var lines []string
		for _, r := range rows {
			lines = append(lines, r[0])
		}
		got := strings.Join(lines, "\n")
		if got != strings.TrimRight(want, "\n") && os.Getenv("SKEP_UPDATE") == "" {
			t.Errorf("%s\ngot\n%s\nwant\n%s", sql, got, want)
		}
		out = append(out, sql+"\n----\n"+got)
	}
	if os.Getenv("SKEP_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
