package skep_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

func openSQL(t *testing.T, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open("skep", source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestDriverValues(t *testing.T) {
	db := openSQL(t, "")
	var (
		b    bool
		i    int
		i64  int64
		f    float64
		s    string
		dec  string
		bin  []byte
		day  time.Time
		ts   time.Time
		null sql.NullString
		list string
		age  sql.NullInt64
	)
	err := db.QueryRow(`SELECT true, CAST(5 AS TINYINT), 1 << 40, 2.5e0, 'ä', 1.50, CAST('ab' AS BINARY), DATE '2024-02-29',
		TIMESTAMP '2024-02-29 10:11:12.5', NULL, [1, 2], CAST(NULL AS BIGINT)`).Scan(&b, &i, &i64, &f, &s, &dec, &bin, &day, &ts, &null, &list, &age)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(b, i, i64, f, s, dec, string(bin), day.Format(time.RFC3339), ts.Format(time.RFC3339Nano), null.Valid, list, age.Valid)
	if want := "true 5 1099511627776 2.5 ä 1.50 ab 2024-02-29T00:00:00Z 2024-02-29T10:11:12.5Z false [1, 2] false\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDriverColumnTypes(t *testing.T) {
	db := openSQL(t, "")
	rows, err := db.Query("SELECT 1.50 AS d, CAST('x' AS VARCHAR(7)) AS s, 1 AS i, [1] AS l, DATE '2024-01-01' AS day")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range cols {
		p, s, _ := c.DecimalSize()
		n, _ := c.Length()
		null, _ := c.Nullable()
		got = append(got, fmt.Sprint(c.Name(), " ", c.DatabaseTypeName(), " ", c.ScanType(), " ", p, " ", s, " ", n, " ", null))
	}
	check(t, got, "d DECIMAL string 3 2 0 true", "s VARCHAR string 0 0 7 true", "i INTEGER int64 0 0 0 true",
		"l INTEGER[] string 0 0 0 true", "day DATE time.Time 0 0 0 true")
}

func TestDriverParams(t *testing.T) {
	db := openSQL(t, "")
	for _, c := range []struct {
		sql  string
		args []any
		want string
	}{
		{"SELECT ? || ?", []any{"a", "b"}, "ab"},
		{"SELECT $2 || $1", []any{"a", "b"}, "ba"},
		{"SELECT :x || :y", []any{sql.Named("y", "2"), sql.Named("x", "1")}, "12"},
		{"SELECT CAST(? AS VARCHAR)", []any{skep.Typed{Type: "DECIMAL(5,2)", Text: "1.20"}}, "1.20"},
		{"SELECT CAST(? + 1 AS VARCHAR)", []any{int32(4)}, "5"},
		{"SELECT coalesce(?, 'was null')", []any{nil}, "was null"},
		{"SELECT CAST(? < TIMESTAMP '2024-02-29 12:00:00' AS VARCHAR)", []any{time.Date(2024, 2, 29, 11, 59, 0, 0, time.UTC)}, "true"},
	} {
		var got string
		if err := db.QueryRow(c.sql, c.args...).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %q %v", c.sql, got, err)
		}
	}
	st, err := db.Prepare("SELECT sum(range) FROM range(?)")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for n, want := range map[int]int64{3: 3, 10: 45} {
		var got int64
		if err := st.QueryRow(n).Scan(&got); err != nil || got != want {
			t.Errorf("%d: %d %v", n, got, err)
		}
	}
	if _, err := db.Prepare("SELEC 1"); sqlerr.ClassOf(err) != sqlerr.Syntax {
		t.Error(err)
	}
	if _, err := db.Exec("SELECT ?, ?", 1); sqlerr.ClassOf(err) != sqlerr.Bind {
		t.Error(err)
	}
}

func TestDriverSharedMemory(t *testing.T) { // all connections of one sql.DB see the same tables; another sql.DB does not
	db := openSQL(t, "")
	res, err := db.Exec("CREATE TABLE t (g INT, n INT)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := res.LastInsertId(); err == nil {
		t.Error("LastInsertId gives a number")
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 5 {
				for try := 0; ; try++ { // two INSERTs at the same moment: one is told to run again
					_, err := db.Exec("INSERT INTO t VALUES (?, ?)", g, n)
					if err == nil {
						break
					}
					if sqlerr.ClassOf(err) != sqlerr.Conflict || try > 1000 {
						t.Error(err)
						return
					}
				}
				rows, err := db.Query("SELECT n FROM t WHERE g = ? ORDER BY n", g)
				if err != nil {
					t.Error(err)
					return
				}
				k := 0
				for ; rows.Next(); k++ {
					var got int
					if err := rows.Scan(&got); err != nil || got != k {
						t.Error(got, k, err)
					}
				}
				if rows.Err() != nil || k != n+1 {
					t.Error(rows.Err(), k, n)
				}
				_ = rows.Close()
			}
		})
	}
	wg.Wait()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil || n != 40 {
		t.Error(n, err)
	}
	if err := openSQL(t, "").QueryRow("SELECT count(*) FROM t").Scan(&n); sqlerr.ClassOf(err) != sqlerr.NotFound {
		t.Error(err)
	}
}

func TestDriverWarehouse(t *testing.T) {
	dir := t.TempDir()
	db := openSQL(t, dir)
	res, err := db.Exec("CREATE TABLE t AS SELECT * FROM range(5)")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 5 {
		t.Error(n, err)
	}
	_ = db.Close()
	var n int
	if err := openSQL(t, dir).QueryRow("SELECT sum(range) FROM t").Scan(&n); err != nil || n != 10 {
		t.Error(n, err)
	}
}

func TestDriverSession(t *testing.T) { // temporary tables belong to a connection
	db := openSQL(t, "")
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(t.Context(), "CREATE TEMP TABLE x AS SELECT 1 AS a"); err != nil {
		t.Fatal(err)
	}
	var a int
	if err := c.QueryRowContext(t.Context(), "SELECT a FROM x").Scan(&a); err != nil || a != 1 {
		t.Error(a, err)
	}
	if err := db.QueryRow("SELECT a FROM x").Scan(&a); sqlerr.ClassOf(err) != sqlerr.NotFound {
		t.Error(err)
	}
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
	if _, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSerializable}); sqlerr.ClassOf(err) != sqlerr.Unsupported {
		t.Error(err)
	}
}

func TestDriverCancel(t *testing.T) {
	db := openSQL(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	start := time.Now()
	_, err := db.QueryContext(ctx, "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range < 0")
	if !errors.Is(err, context.Canceled) || time.Since(start) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	ctx, cancel = context.WithCancel(t.Context())
	rows, err := db.QueryContext(ctx, "SELECT range FROM range(20000000)")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		if n++; n == 1000 {
			cancel()
		}
	}
	if !errors.Is(rows.Err(), context.Canceled) || n >= 20000000 {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
	cancel()
}

func TestConnector(t *testing.T) {
	own := openDB(t, "")
	if _, err := own.Exec(t.Context(), "CREATE TABLE t AS SELECT 5 AS a"); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(own.Connector())
	var a int
	if err := db.QueryRow("SELECT a FROM t").Scan(&a); err != nil || a != 5 {
		t.Error(a, err)
	}
	_ = db.Close()
	if _, err := own.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("closing the sql.DB closed the DB: %v", err)
	}
}

func TestTransactions(t *testing.T) {
	db, err := sql.Open("skep", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(e interface {
		Exec(string, ...any) (sql.Result, error)
	}, text string) {
		t.Helper()
		if _, err := e.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	count := func(q interface {
		QueryRow(string, ...any) *sql.Row
	}) (n int) {
		t.Helper()
		if err := q.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	exec(db, "CREATE TABLE t (a INTEGER)")
	exec(db, "INSERT INTO t VALUES (0)")
	one, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	two, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(one, "INSERT INTO t VALUES (1), (2)")
	exec(two, "UPDATE t SET a = 3")
	if a, b, c := count(one), count(two), count(db); a != 3 || b != 1 || c != 1 {
		t.Errorf("%d %d %d rows", a, b, c)
	}
	if err := one.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := count(two); n != 1 {
		t.Errorf("a transaction sees %d rows, some of another", n)
	}
	if err := two.Commit(); sqlerr.ClassOf(err) != sqlerr.Conflict {
		t.Errorf("no conflict: %v", err)
	}
	three, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(three, "DELETE FROM t")
	if err := three.Rollback(); err != nil {
		t.Fatal(err)
	}
	if n := count(db); n != 3 {
		t.Errorf("%d rows", n)
	}
}
