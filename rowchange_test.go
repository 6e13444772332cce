package skep_test

import (
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
