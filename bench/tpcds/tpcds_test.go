// Package tpcds_test runs the 99 queries of the TPC-DS suite over its sample of Parquet files.
package tpcds_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skep-sql/skep/bench/slt"
)

// slow is how long a query may take: far more than any needs, and far less than a plan that multiplies its tables.
const slow = 30 * time.Second

// digits are queries whose decimals have fewer digits than the suite's doubles, with how near they must be: sum(sum(x)) / sum(sum(y)) is
// DECIMAL(38,9) by the rules of docs/dialect.md.
var digits = map[int]float64{36: 1e-8}

// suite gives the folder of the TPC-DS suite, or "".
func suite() string {
	d := os.Getenv("SKEP_SUITES")
	if d == "" {
		d, _ = filepath.Abs("../../../shared/suites")
	}
	d = filepath.Join(d, "tpcds")
	if _, err := os.Stat(d); err != nil {
		return ""
	}
	return d
}

// TestTPCDS compares the answers of all queries with those of the suite. Queries whose ORDER BY leaves ties are compared without order.
func TestTPCDS(t *testing.T) {
	dir := suite()
	if dir == "" {
		t.Skip("the suites are not here")
	}
	tables, err := filepath.Glob(filepath.Join(dir, "data/sample/*.parquet"))
	if err != nil || len(tables) < 24 {
		t.Fatalf("%d tables: %v", len(tables), err)
	}
	s := slt.NewSession(slt.Config{})
	for _, f := range tables {
		name := strings.TrimSuffix(filepath.Base(f), ".parquet")
		sql := fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", name, f)
		if _, err := s.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for q := 1; q <= 99; q++ {
		t.Run(fmt.Sprintf("q%02d", q), func(t *testing.T) { query(t, s, dir, q) })
	}
}

func query(t *testing.T, s *slt.Session, dir string, q int) {
	sql, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("queries/%02d.sql", q)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("expected-sample/%02d.csv", q)))
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n")[1:] {
		want = append(want, strings.Split(line, "|"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	got, err := s.Exec(ctx, string(sql))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, not %d", len(got), len(want))
	}
	if differ(got, want, digits[q]) == "" {
		return
	}
	for _, rows := range [][][]string{got, want} {
		sort.Slice(rows, func(a, b int) bool { return strings.Join(rows[a], "|") < strings.Join(rows[b], "|") })
	}
	if d := differ(got, want, digits[q]); d != "" {
		t.Fatal(d)
	}
}

// differ says how rows differ, or "". Numbers may be off by near, as part of their size.
func differ(got, want [][]string, near float64) string {
	for i, row := range got {
		if len(row) != len(want[i]) {
			return fmt.Sprintf("row %d: %d columns, not %d", i+1, len(row), len(want[i]))
		}
		for k, v := range row {
			if !slt.Same(v, want[i][k]) && !isNear(v, want[i][k], near) {
				return fmt.Sprintf("row %d, column %d: %q, not %q", i+1, k+1, v, want[i][k])
			}
		}
	}
	return ""
}

func isNear(got, want string, near float64) bool {
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= near*math.Abs(y)
}
