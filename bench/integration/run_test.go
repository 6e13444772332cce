package integration

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRunBreaksOff has a server go away, and a scheduler stop the run, in the middle of a load, a read and a statement of Postgres': the exit code says what to do, the old rows
// stay, no file is left, and the next run does it all.
func TestRunBreaksOff(t *testing.T) {
	d := database(t)
	psql(t, d, "CREATE TABLE target AS SELECT -1 AS v; CREATE TABLE source AS SELECT i AS v FROM generate_series(1, 1000) i")
	for name, script := range map[string]string{
		"load":      "INSERT OVERWRITE pg.target SELECT range FROM range(%s);",
		"read":      "COPY (FROM postgres_query('pg', 'SELECT i FROM generate_series(1, %s) i')) TO 'out.parquet';",
		"statement": "EXECUTE IN pg $$ INSERT INTO target SELECT 5 FROM generate_series(1, %s) $$;",
	} {
		for what, code := range map[string]int{"server": 3, "SIGTERM": 143, "SIGINT": 130} {
			dir := filepath.Join(t.TempDir(), "p")
			put(t, filepath.Join(dir, "_attach.sql"), "ATTACH 'postgres:dbname="+d+"' AS pg;")
			put(t, filepath.Join(dir, "a.sql"), fmt.Sprintf(script, "2000000000"))
			x := exec.Command(skep, "run", dir)
			var out, errs bytes.Buffer
			x.Stdout, x.Stderr = &out, &errs
			if err := x.Start(); err != nil {
				t.Fatal(err)
			}
			for begin := time.Now(); psql(t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '"+d+"' AND state = 'active' AND query ~ 'COPY|series'") == "0"; time.Sleep(10 * time.Millisecond) {
				if time.Since(begin) > 20*time.Second {
					_ = x.Process.Kill() // the test has failed
					t.Fatalf("%s: nothing runs there\n%s", name, errs.String())
				}
			}
			time.Sleep(100 * time.Millisecond)
			switch what {
			case "server":
				server.Stop("immediate")
			case "SIGTERM":
				_ = x.Process.Signal(syscall.SIGTERM)
			case "SIGINT":
				_ = x.Process.Signal(syscall.SIGINT)
			}
			begin := time.Now()
			_ = x.Wait() // the code is looked at
			took := time.Since(begin)
			if what == "server" {
				if err := server.Start(); err != nil {
					t.Fatal(err)
				}
			}
			if got := x.ProcessState.ExitCode(); got != code || !strings.Contains(out.String(), fmt.Sprintf(`"exit":%d`, code)) || took > 10*time.Second {
				t.Errorf("%s, %s: exit %d after %v\n%s%s", name, what, got, took, out.String(), errs.String())
			}
			if got := psql(t, d, "SELECT count(*), min(v) FROM target"); got != "1|-1" {
				t.Errorf("%s, %s: the table has %s", name, what, got)
			}
			files, err := os.ReadDir(dir)
			if err != nil || len(files) != 2 {
				t.Errorf("%s, %s: %v %v", name, what, files, err)
			}
			for begin := time.Now(); psql(t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '"+d+"'") != "0"; time.Sleep(20 * time.Millisecond) {
				if time.Since(begin) > 15*time.Second {
					t.Fatalf("%s, %s: Postgres still works at it: %s", name, what, psql(t, "postgres", "SELECT query FROM pg_stat_activity WHERE datname = '"+d+"'"))
				}
			}
		}
	}
}
