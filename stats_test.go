package skep_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skep-sql/skep"
)

// described gives the lines about statistics of DESCRIBE FORMATTED, without the time.
func described(t *testing.T, db *skep.DB, table string) string {
	t.Helper()
	lines := strings.Split(text(t, db, "DESCRIBE FORMATTED "+table), "\n")
	out := lines[slices.Index(lines, "# statistics||")+1:]
	if w := strings.Split(out[0], "|"); w[0] == "analyzed" {
		out[0] = "analyzed|" + w[2]
	}
	return strings.Join(out, "\n")
}

// TestStatistics sees that what writing and ANALYZE TABLE find out is kept, shown, used by plans, and known to be stale when files change.
func TestStatistics(t *testing.T) {
	dir := t.TempDir()
	db := openDB(t, filepath.Join(dir, "w"))
	run := func(sql string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	run("CREATE TABLE t (a INTEGER, b VARCHAR, n INTEGER) PARTITIONED BY (k INTEGER)")
	run("INSERT INTO t SELECT range, 'x' || range // 10, CASE WHEN range >= 10 THEN range END, range // 10 FROM range(40)")
	plan := func(sql, want string) {
		t.Helper()
		if got := text(t, db, "EXPLAIN "+sql); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", sql, got, want)
		}
	}
	plan("SELECT a FROM t WHERE a BETWEEN 12 AND 21", "2 of 4 files")
	plan("SELECT a FROM t WHERE b = 'x3'", "1 of 4 files")
	plan("SELECT a FROM t WHERE n IS NULL", "1 of 4 files")
	same(t, described(t, db, "t"), "a|0 NULLs, 40 distinct|0 … 39\nb|0 NULLs, 4 distinct|x0 … x3\nn|10 NULLs, 30 distinct|10 … 39\nk|4 distinct|0 … 3")
	run("ANALYZE TABLE t COMPUTE STATISTICS FOR COLUMNS k")
	same(t, described(t, db, "t"), "analyzed|\na|0 NULLs, 40 distinct|0 … 39\nb|0 NULLs, 4 distinct|x0 … x3\nn|10 NULLs, 30 distinct|10 … 39\nk|0 NULLs, 4 distinct|0 … 3")
	run("DELETE FROM t WHERE a = 5")
	if got := described(t, db, "t"); !strings.HasPrefix(got, "analyzed|stale") {
		t.Error(got)
	}

	// many files without partitions are opened only where they are needed
	run("CREATE TABLE m (a INTEGER)")
	for i := range 15 {
		run(fmt.Sprintf("INSERT INTO m SELECT %d + range FROM range(20)", i*20))
	}
	for i := range 15 {
		run(fmt.Sprintf("INSERT INTO m VALUES (%d)", 300+i))
	}
	plan("SELECT * FROM m WHERE a = 42", "1 of 30 files")
	plan("SELECT * FROM m WHERE a > 42", "28 of 30 files  [~273 rows]")
	same(t, text(t, db, "SELECT count(*), sum(a) FROM m WHERE a > 42"), "272|48552")
	same(t, text(t, db, "SELECT count(DISTINCT filename), min(a), max(a) FROM m"), "30|0|314")
	same(t, described(t, db, "m"), "a|0 NULLs, 315 distinct|0 … 314")

	csv := filepath.Join(dir, "x.csv")
	write := func(body string, when time.Time) {
		t.Helper()
		if err := os.WriteFile(csv, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(csv, when, when); err != nil {
			t.Fatal(err)
		}
	}
	when := time.Now().Add(-time.Hour)
	write("1,a\n2,b\n3,\n3,c\n", when)
	run("CREATE EXTERNAL TABLE x (a INTEGER, b VARCHAR) STORED AS CSV LOCATION '" + csv + "'")
	run("ANALYZE TABLE x")
	same(t, described(t, db, "x"), "analyzed|\na|0 NULLs, 3 distinct|1 … 3\nb|1 NULLs, 3 distinct|a … c")
	plan("SELECT * FROM x WHERE a = 1", "~1 rows")
	write("1,a\n2,b\n3,\n3,d\n", when.Add(time.Minute)) // of the same size
	if got := described(t, db, "x"); !strings.HasPrefix(got, "analyzed|stale") || strings.Contains(got, "a … c") {
		t.Error(got)
	}
	write("1,a\n2,b\n3,\n3,dd\n", when)
	if got := described(t, db, "x"); !strings.HasPrefix(got, "analyzed|stale") {
		t.Error(got)
	}
	write("1,a\n2,b\n3,\n3,c\n", when)
	if got := described(t, db, "x"); !strings.HasPrefix(got, "analyzed||") && !strings.HasPrefix(got, "analyzed|\n") {
		t.Error(got)
	}
}
