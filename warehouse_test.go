package skep_test

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// TestMain makes the test binary a child of the tests below when it is told to be one.
func TestMain(m *testing.M) {
	switch os.Getenv("SKEP_CHILD") {
	case "":
		os.Exit(m.Run())
	case "crash":
		crashChild()
	case "commits":
		commitsChild()
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		fmt.Println("ERROR", err)
		os.Exit(3)
	}
	return x
}

// child starts this binary as a child.
func child(t *testing.T, kind string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(append(os.Environ(), "SKEP_CHILD="+kind), env...)
	return c
}

// Every statement of the harness leaves a table in which n is the number of rows and all rows have the same generation g. So a table that is
// not as one statement left it shows: a row too few, or two generations.
const checkGeneration = "SELECT count(*) = min(n) AND min(n) = max(n) AND min(g) = max(g) FROM "

// crashStatements are what the child runs, %d being the next generation.
var crashStatements = []string{
	"INSERT OVERWRITE TABLE a SELECT range AS i, %[1]d AS g, 3000 AS n FROM range(3000)",
	"CREATE OR REPLACE TABLE a AS SELECT range AS i, %[1]d AS g, 500 AS n FROM range(500)",
	"CREATE OR REPLACE TABLE b AS SELECT range AS i, %[1]d AS g, 2000 AS n FROM range(2000)",
	"UPDATE a SET g = %[1]d",
	"DELETE FROM b WHERE i < 0",
	"INSERT OVERWRITE TABLE b SELECT i, %[1]d, n FROM a",
	"DROP TABLE IF EXISTS c",
	"CREATE TABLE IF NOT EXISTS c AS SELECT i, %[1]d AS g, n FROM a",
	"ALTER TABLE a ADD COLUMN extra INTEGER",
	"ALTER TABLE a DROP COLUMN extra",
	"MERGE INTO b USING (SELECT 1) x ON true WHEN MATCHED THEN UPDATE SET g = %[1]d",
	"INSERT OVERWRITE TABLE p SELECT range AS i, %[1]d AS g, 400 AS n, range %% 4 AS k FROM range(400)",
	"TRUNCATE TABLE p",
	"INSERT INTO many SELECT range, %[1]d, range FROM range(3)",
	"INSERT INTO many SELECT range, %[1]d, range FROM range(3)",
	"OPTIMIZE TABLE many",
	"OPTIMIZE TABLE b",
	"ANALYZE TABLE a",
	"ANALYZE TABLE p COMPUTE STATISTICS FOR COLUMNS i",
	"REPAIR TABLE x",
	"REPAIR TABLE x RESTORE",
	"UPDATE many SET i = i + 0 WHERE k = 1",
	"MERGE INTO many USING (SELECT 2 AS k) s ON many.k = s.k WHEN MATCHED THEN UPDATE SET i = many.i",
	"VACUUM",
	"VACUUM RETAIN 0 HOURS",
}

// Rows are only ever added to the table many, three of each generation: no more and no fewer of any are right, whatever file they are in.
const checkMany = "SELECT coalesce(min(n) = 3 AND max(n) = 3 AND max(k) = 3, true) FROM (SELECT count(*) AS n, count(DISTINCT i) AS k FROM many GROUP BY g)"

// crashChild runs random statements for ever. It says when one begins.
func crashChild() {
	db := must(skep.Open(os.Getenv("SKEP_WAREHOUSE")))
	s := db.Session()
	ctx := context.Background()
	for g := must(strconv.Atoi(os.Getenv("SKEP_GENERATION"))); ; g++ {
		sql := crashStatements[rand.IntN(len(crashStatements))]
		if strings.Contains(sql, "%") {
			sql = fmt.Sprintf(sql, g)
		}
		fmt.Println("BEGIN", sql)
		_, err := s.Exec(ctx, sql)
		if c := sqlerr.ClassOf(err); err != nil && c != sqlerr.NotFound && c != sqlerr.Exists && c != sqlerr.Bind {
			fmt.Println("ERROR", sql, err)
			os.Exit(3)
		}
		if err == nil && strings.Contains(sql, strconv.Itoa(g)) {
			fmt.Println("DONE", g, sql)
		}
	}
}

// writes tells which of the tables that always have rows a statement gives its generation to, or "".
func writes(sql string) string {
	for _, name := range []string{"a", "b", "many"} {
		for _, w := range []string{"TABLE " + name + " ", "INSERT INTO " + name + " ", "UPDATE " + name + " ", "MERGE INTO " + name + " "} {
			if strings.Contains(sql, w) {
				return name
			}
		}
	}
	return ""
}

// TestCrash kills a process that changes a warehouse, again and again, and looks at what is left: each table is as one statement left it, and
// no statement that had ended is lost. SKEP_CRASHES is the number of trials.
func TestCrash(t *testing.T) {
	trials := 60
	if n, err := strconv.Atoi(os.Getenv("SKEP_CRASHES")); err == nil {
		trials = n
	} else if testing.Short() {
		trials = 10
	}
	dir := filepath.Join(t.TempDir(), "w")
	x := t.TempDir()
	db := openDB(t, dir)
	for _, sql := range []string{
		"CREATE TABLE a AS SELECT range AS i, 0 AS g, 100 AS n FROM range(100)",
		"CREATE TABLE b AS SELECT i, g, n FROM a",
		"CREATE TABLE p (i BIGINT, g INTEGER, n INTEGER) PARTITIONED BY (k INTEGER)",
		"CREATE TABLE many (i BIGINT, g INTEGER) PARTITIONED BY (k INTEGER)",
		"COPY (SELECT range AS a FROM range(3)) TO '" + filepath.Join(x, "good.csv") + "'",
		"COPY (SELECT 'bad' AS a) TO '" + filepath.Join(x, "bad.csv") + "'",
		"CREATE EXTERNAL TABLE x (a INTEGER) STORED AS CSV LOCATION '" + x + "' TBLPROPERTIES ('skip.header.line.count' = '1')",
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ran, done := map[string]int{}, map[string]int{}
	for trial := range trials {
		c := child(t, "crash", "SKEP_WAREHOUSE="+dir, fmt.Sprint("SKEP_GENERATION=", trial*10_000+1))
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(20*time.Millisecond+time.Duration(rand.IntN(120_000))*time.Microsecond, func() { _ = c.Process.Kill() })
		last := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			switch word {
			case "ERROR":
				t.Errorf("trial %d: %s", trial, rest)
			case "DONE":
				g, sql, _ := strings.Cut(rest, " ")
				done[writes(sql)], _ = strconv.Atoi(g)
			default:
				last = rest
				ran[strings.Join(strings.Fields(last + " .")[:2], " ")]++
			}
		}
		timer.Stop()
		_ = c.Wait()
		if !checkTables(t, dir, fmt.Sprintf("trial %d, killed in %s", trial, last), done) {
			return
		}
	}
	t.Logf("%d trials: %v", trials, ran)
	db = openDB(t, dir)
	for _, sql := range []string{"DROP TABLE a", "DROP TABLE b", "DROP TABLE IF EXISTS c", "DROP TABLE p", "DROP TABLE many", "DROP TABLE x", "VACUUM RETAIN 0 HOURS"} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); err == nil && !e.IsDir() && (filepath.Dir(rel) != filepath.Join("_skep", "v") || filepath.Ext(rel) != ".json") {
			t.Errorf("%s is left", rel)
		}
		return err
	})
}

// checkTables opens a warehouse anew and sees that each table is as one statement left it.
func checkTables(t *testing.T, dir, when string, done map[string]int) bool {
	t.Helper()
	db, err := skep.Open(dir)
	if err != nil {
		t.Errorf("%s: %v", when, err)
		return false
	}
	defer db.Close()
	for _, name := range []string{"a", "b", "c", "p"} {
		r, err := db.Query(t.Context(), checkGeneration+name)
		if sqlerr.ClassOf(err) == sqlerr.NotFound && name == "c" {
			continue
		}
		if err != nil {
			t.Errorf("%s: table %s: %v", when, name, err)
			return false
		}
		got := rowsOf(t, r, nil)[0]
		if got != "true" && (got != "(null)" || name != "p" && name != "c") {
			t.Errorf("%s: table %s is mixed", when, name)
			return false
		}
		if g, ok := done[name]; ok {
			r, err := db.Query(t.Context(), fmt.Sprintf("SELECT max(g) >= %d FROM %s", g, name))
			check(t, rowsOf(t, r, err), "true")
		}
	}
	r, err := db.Query(t.Context(), "SELECT count(a) FROM x")
	if sqlerr.ClassOf(err) != sqlerr.Data { // with the bad file
		check(t, rowsOf(t, r, err), "3")
	}
	r, err = db.Query(t.Context(), checkMany)
	if got := rowsOf(t, r, err); got[0] != "true" {
		t.Errorf("%s: table many has rows too many or too few", when)
		return false
	}
	r, err = db.Query(t.Context(), fmt.Sprintf("SELECT count(*) FROM many WHERE g = %d", done["many"]))
	check(t, rowsOf(t, r, err), map[bool]string{true: "3", false: "0"}[done["many"] > 0])
	return true
}

// commitsChild adds rows one commit at a time.
func commitsChild() {
	db := must(skep.Open(os.Getenv("SKEP_WAREHOUSE")))
	s := db.Session()
	for i := range 100 {
		must(s.Exec(context.Background(), fmt.Sprintf("INSERT INTO t VALUES (%s, %d)", os.Getenv("SKEP_ME"), i)))
		if i%10 == 0 {
			must(s.Exec(context.Background(), fmt.Sprintf("INSERT INTO keyed (b) VALUES (%s)", os.Getenv("SKEP_ME"))))
		}
	}
}

// TestManyProcesses has four processes make a hundred commits each at the same time.
func TestManyProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	db := openDB(t, dir)
	for _, sql := range []string{"CREATE TABLE t (p INTEGER, i INTEGER)", "CREATE TABLE keyed (a SERIAL PRIMARY KEY, b INTEGER)"} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			out, err := child(t, "commits", "SKEP_WAREHOUSE="+dir, fmt.Sprint("SKEP_ME=", p)).CombinedOutput()
			if err != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
		})
	}
	wg.Wait()
	r, err := db.Query(t.Context(), "SELECT count(*), count(DISTINCT (p, i)) FROM t")
	check(t, rowsOf(t, r, err), "400|400")
	r, err = db.Query(t.Context(), "SELECT count(*), max(a) FROM keyed")
	check(t, rowsOf(t, r, err), "40|40")
}

// TestReadersBesideWriter has eight readers look at a table that is overwritten all the time.
func TestReadersBesideWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	db := openDB(t, dir)
	write := "INSERT OVERWRITE TABLE a SELECT range AS i, %[1]d AS g, 1000 + %[1]d AS n FROM range(1000 + %[1]d)"
	for _, sql := range []string{"CREATE TABLE a (i BIGINT, g INTEGER, n INTEGER)", fmt.Sprintf(write, 0)} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	other := openDB(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := other.Session()
			defer s.Close()
			last := 0
			for ctx.Err() == nil {
				r, err := s.Query(t.Context(), "SELECT count(*), min(n), max(n), min(g), max(g) FROM a")
				got := rowsOf(t, r, err)
				var c, n1, n2, g1, g2 int
				_, _ = fmt.Sscanf(strings.ReplaceAll(got[0], "|", " "), "%d %d %d %d %d", &c, &n1, &n2, &g1, &g2)
				if c != n1 || n1 != n2 || g1 != g2 || g1 < last {
					t.Errorf("mixed: %v after generation %d", got, last)
					return
				}
				last = g1
			}
		})
	}
	g := 1
	for ; ctx.Err() == nil; g++ {
		if _, err := db.Exec(t.Context(), fmt.Sprintf(write, g)); err != nil {
			t.Error(err)
			break
		}
	}
	wg.Wait()
	if g < 2 {
		t.Errorf("only %d generations", g)
	}
}

// TestIfNotExistsTogether makes the same things from many handles at once: who comes second finds them there.
func TestIfNotExistsTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			db, err := skep.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			for _, sql := range []string{"CREATE DATABASE IF NOT EXISTS d", "CREATE TABLE IF NOT EXISTS d.t (x INT)", "CREATE VIEW IF NOT EXISTS d.v AS SELECT * FROM d.t", "CREATE TABLE IF NOT EXISTS d.u AS SELECT 1 AS x"} {
				if _, err := db.Exec(context.Background(), sql); err != nil {
					t.Errorf("%s: %v", sql, err)
				}
			}
		})
	}
	wait.Wait()
}
