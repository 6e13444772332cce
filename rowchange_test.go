package skep_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// TestChangedRows counts the rows that statements change, in memory and in a warehouse.
func TestChangedRows(t *testing.T) {
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "w")} {
		db := openDB(t, dir)
		for _, c := range []struct {
			sql  string
			want int64
		}{
			{"CREATE TABLE t (a INTEGER, b INTEGER) PARTITIONED BY (k INTEGER)", 0},
			{"INSERT INTO t SELECT range, 0, range % 3 FROM range(9)", 9},
			{"UPDATE t SET b = s.x FROM (VALUES (1, 5), (1, 6), (4, 7), (90, 1)) s(a, x) WHERE t.a = s.a", 2},
			{"UPDATE t SET b = s.x FROM (VALUES (90, 1)) s(a, x) WHERE t.a = s.a", 0},
			{"DELETE FROM t USING (VALUES (2), (2), (5)) s(a) WHERE t.a = s.a", 2},
			{"DELETE FROM t WHERE a = 8", 1},
			{"MERGE INTO t USING (VALUES (0), (3), (20)) s(a) ON t.a = s.a WHEN MATCHED AND s.a = 3 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.a, 1, 1)", 2},
			{"UPDATE t SET b = 1", 6},
			{"DELETE FROM t", 6},
		} {
			n, err := db.Exec(t.Context(), c.sql)
			if err != nil || n != c.want {
				t.Errorf("%s: %d rows, not %d (%v)", c.sql, n, c.want, err)
			}
		}
	}
}

// TestChangesAlike makes the same changes, by chance, in memory, where all rows are written anew, and in a warehouse, where only some files are.
func TestChangesAlike(t *testing.T) {
	memory, files := openDB(t, ""), openDB(t, filepath.Join(t.TempDir(), "w"))
	both := func(sql string) {
		t.Helper()
		n, err1 := memory.Exec(t.Context(), sql)
		m, err2 := files.Exec(t.Context(), sql)
		if (err1 == nil) != (err2 == nil) || n != m {
			t.Fatalf("%s: %d rows in memory (%v), %d in files (%v)", sql, n, err1, m, err2)
		}
		want, got := text(t, memory, "SELECT * FROM t ORDER BY ALL"), text(t, files, "SELECT * FROM t ORDER BY ALL")
		if got != want {
			t.Fatalf("%s:\n%s\nin memory:\n%s", sql, got, want)
		}
	}
	both("CREATE TABLE t (a INTEGER, b INTEGER) PARTITIONED BY (k INTEGER)")
	for range 150 {
		x, y, k := rand.IntN(40), rand.IntN(1000), rand.IntN(4)
		source := fmt.Sprintf("(SELECT %d + range AS a, %d AS b FROM range(%d)) s", x, y, 1+rand.IntN(5))
		both([]string{
			fmt.Sprintf("INSERT INTO t SELECT range, %d, range %% 4 FROM range(%d, %d)", y, x, x+3),
			fmt.Sprintf("INSERT INTO t VALUES (%d, %d, %d)", x, y, k),
			fmt.Sprintf("UPDATE t SET b = %d WHERE a < %d AND k <> %d", y, x/3, k),
			fmt.Sprintf("UPDATE t SET k = %d WHERE a = %d", k, x),
			"UPDATE t SET b = s.b + t.a FROM " + source + " WHERE s.a = t.a",
			"DELETE FROM t USING " + source + " WHERE s.a = t.a AND t.b % 3 = 0",
			fmt.Sprintf("DELETE FROM t WHERE a > %d AND k = %d", x, k),
			"MERGE INTO t USING " + source + " ON t.a = s.a AND t.k = 1 WHEN MATCHED AND t.b % 2 = 0 THEN UPDATE SET b = s.b WHEN MATCHED AND t.b % 5 = 0 THEN DELETE" +
				" WHEN NOT MATCHED AND s.b % 3 > 0 THEN INSERT VALUES (s.a, s.b, 1)",
			"MERGE INTO t USING " + source + " ON t.a = s.a WHEN NOT MATCHED THEN INSERT VALUES (s.a, s.b, s.a % 4)",
			fmt.Sprintf("MERGE INTO t USING "+source+" ON t.a = s.a WHEN MATCHED THEN UPDATE SET k = %d WHEN NOT MATCHED BY SOURCE AND t.k = %d AND t.a > %d THEN DELETE", k, (k+1)%4, x),
			fmt.Sprintf("INSERT OVERWRITE TABLE t PARTITION (k = %d) SELECT a, b FROM t WHERE a < %d", k, x),
			fmt.Sprintf("OPTIMIZE TABLE t PARTITION (k = %d)", k),
		}[rand.IntN(12)])
	}
	if n := text(t, files, "SELECT count(*) FROM t"); n == "0" {
		t.Error("no rows are left")
	}
	same(t, text(t, files, "CHECK TABLE t"), "")
}
