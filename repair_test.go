package skep_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep"
)

// text runs a statement and gives its rows as lines.
func text(t *testing.T, db *skep.DB, sql string) string {
	t.Helper()
	r, err := db.Query(t.Context(), sql)
	return strings.Join(rowsOf(t, r, err), "\n")
}

// only gives the one file that a pattern names.
func only(t *testing.T, pattern ...string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %v", files, err)
	}
	return files[0]
}

// spoil changes a byte in the middle of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x40
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRepair spoils files of a table in each way: CHECK TABLE names them, REPAIR TABLE leaves the rest, and RESTORE takes them back.
func TestRepair(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	db := openDB(t, dir)
	for _, sql := range []string{
		"CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR) PARTITIONED BY (k INTEGER)",
		"INSERT INTO t SELECT range, 'x' || range, range % 4 FROM range(400)",
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	same(t, text(t, db, "CHECK TABLE t"), "")
	flipped, short, missing := only(t, dir, "default/t/*/k=1/*"), only(t, dir, "default/t/*/k=2/*"), only(t, dir, "default/t/*/k=3/*")
	spoil(t, flipped)
	whole, err := os.ReadFile(short)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(short, 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(missing, dir+".away"); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("k=1|its checksum is wrong|100\nk=2|the file has 100 bytes, not %d|100\nk=3|the file is missing|100", len(whole))
	found := func(sql string) string {
		var out []string
		for _, l := range strings.Split(text(t, db, sql), "\n") {
			file, rest, _ := strings.Cut(l, "|")
			if _, err := os.Stat(filepath.Dir(filepath.Join(dir, file))); err != nil {
				t.Errorf("%s is in no folder of the warehouse", file)
			}
			out = append(out, rest)
		}
		return strings.Join(out, "\n")
	}
	same(t, found("CHECK TABLE t"), want)
	same(t, found("CHECK TABLE t PARTITION (k = 2)"), strings.Split(want, "\n")[1])
	if _, err := db.Exec(t.Context(), "SELECT count(b) FROM t"); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Error(err)
	}
	same(t, found("REPAIR TABLE t"), want)
	same(t, text(t, db, "SELECT k, count(*), count(b) FROM t GROUP BY k"), "0|100|100")
	same(t, text(t, db, "CHECK TABLE t"), "")
	for _, sql := range []string{"ALTER TABLE t ALTER COLUMN b TYPE CHAR(9)", "ALTER TABLE t ALTER COLUMN b SET NOT NULL", "ALTER TABLE t ADD COLUMN c INTEGER DEFAULT 1"} {
		if _, err := db.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "set aside") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	same(t, text(t, db, "VACUUM RETAIN 0 HOURS")[:2], "3|") // takes nothing that is set aside
	spoil(t, flipped)                                       // back again
	if err := os.WriteFile(short, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir+".away", missing); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), "INSERT INTO t VALUES (1, 'again', 0)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), "REPAIR TABLE t RESTORE"); err == nil || !strings.Contains(err.Error(), "more than one row with (a) = (1)") {
		t.Error(err)
	}
	if _, err := db.Exec(t.Context(), "DELETE FROM t WHERE b = 'again'"); err != nil {
		t.Fatal(err)
	}
	same(t, strings.Count(found("REPAIR TABLE t RESTORE"), "taken back|100"), 3)
	same(t, text(t, db, "SELECT count(*), count(DISTINCT a), count(b) FROM t"), "400|400|400")
	same(t, text(t, db, "CHECK TABLE t"), "")
}

// TestRepairList spoils a list of a table's files.
func TestRepairList(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	db := openDB(t, dir)
	for _, sql := range []string{"CREATE TABLE t (a INTEGER) PARTITIONED BY (k INTEGER)", "INSERT INTO t SELECT range, range FROM range(100)"} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var list string
	files, err := filepath.Glob(filepath.Join(dir, "_skep/t/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), `"body":[`) {
			list = f
		}
	}
	spoil(t, list)
	db = openDB(t, dir)
	if _, err := db.Exec(t.Context(), "SELECT count(a) FROM t"); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Error(err)
	}
	got := text(t, db, "REPAIR TABLE t")
	if !strings.HasPrefix(got, "_skep/t/"+filepath.Base(list)+"|") || !strings.Contains(got, "damaged") || !strings.HasSuffix(got, "|100") {
		t.Error(got)
	}
	same(t, text(t, db, "SELECT count(*) FROM t"), "0")
	if _, err := db.Exec(t.Context(), "INSERT INTO t VALUES (7, 1000)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), "UPDATE t SET a = 8"); err != nil { // writes all rows that can be read to another folder
		t.Fatal(err)
	}
	text(t, db, "VACUUM RETAIN 0 HOURS")
	spoil(t, list)
	text(t, db, "REPAIR TABLE t RESTORE")
	same(t, text(t, db, "SELECT count(*), sum(a) FROM t"), "101|4958")
}

// TestRollbackOfDamage spoils what the catalog knows of a table: the others are there, and an older version of it can be had back.
func TestRollbackOfDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	db := openDB(t, dir)
	for _, sql := range []string{"CREATE TABLE other AS SELECT 1 AS a", "CREATE TABLE t AS SELECT 7 AS a", "INSERT INTO t VALUES (8)"} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	spoil(t, newest(t, dir, "_skep/t/*"))
	db = openDB(t, dir)
	same(t, text(t, db, "SELECT a FROM other"), "1")
	for _, sql := range []string{"SELECT * FROM t", "CHECK TABLE t", "INSERT INTO t VALUES (9)"} {
		if _, err := db.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if _, err := db.Exec(t.Context(), "ROLLBACK TABLE t TO VERSION 3"); err != nil {
		t.Fatal(err)
	}
	same(t, text(t, db, "SELECT a FROM t"), "7")
}

// newest gives the file of a pattern that was written last.
func newest(t *testing.T, pattern ...string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files[len(files)-1] // their names sort by time
}

// TestRepairExternal sets a file of somebody else's aside; it stays where it is.
func TestRepairExternal(t *testing.T) {
	dir := t.TempDir()
	db := openDB(t, filepath.Join(dir, "w"))
	for name, rows := range map[string]string{"x/d=1/a.csv": "1\n2\n", "x/d=1/b.csv": "3\nfour\n", "x/d=2/c.csv": "5\n"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), "CREATE EXTERNAL TABLE x (a INTEGER) PARTITIONED BY (d INTEGER) STORED AS CSV LOCATION '"+filepath.Join(dir, "x")+"'"); err != nil {
		t.Fatal(err)
	}
	for _, listed := range []bool{false, true} {
		if listed {
			text(t, db, "MSCK REPAIR TABLE x")
		}
		got := text(t, db, "REPAIR TABLE x")
		if !strings.HasPrefix(got, filepath.Join(dir, "x/d=1/b.csv")+"|d=1|") || !strings.Contains(got, "four") || strings.Contains(got, "\n") {
			t.Error(got)
		}
		same(t, text(t, db, "SELECT d, count(*), sum(a) FROM x GROUP BY d ORDER BY d"), "1|2|3\n2|1|5")
		if _, err := os.Stat(filepath.Join(dir, "x/d=1/b.csv")); err != nil {
			t.Error(err)
		}
		text(t, db, "REPAIR TABLE x RESTORE")
		if _, err := db.Exec(t.Context(), "SELECT sum(a) FROM x"); err == nil {
			t.Error("the file is not back")
		}
	}
}

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
