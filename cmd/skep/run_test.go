package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skep-sql/skep"
)

// pipelineOf writes scripts into a folder.
func pipelineOf(t *testing.T, scripts map[string]string) string {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	dir := t.TempDir()
	for name, text := range scripts {
		write(t, dir, name, text)
	}
	return dir
}

// lastLine gives the summary of a run.
func lastLine(t *testing.T, out string) (s struct {
	Status  string
	Exit    int
	Failed  []string
	Blocked []string
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(strings.TrimSpace(out)), &s); err != nil {
		t.Fatalf("stdout is %q: %v", out, err)
	}
	return s
}

// TestRunTransient runs a node whose server is not there, and one whose server goes away before it answers.
func TestRunTransient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	for name, address := range map[string]string{"nobody listens": "127.0.0.1:1", "hangs up": l.Addr().String()} {
		dir := pipelineOf(t, map[string]string{"a.sql": "ATTACH 'postgres://nobody@" + address + "/x?sslmode=disable' AS pg;", "b.sql": "-- depends_on: a\nCREATE TABLE b AS SELECT 1 AS x;"})
		got := runSkep(t, dir, "", "run", dir)
		s := lastLine(t, got.out)
		if got.code != 3 || s.Exit != 3 || s.Status != "failed" || len(s.Failed) != 1 || len(s.Blocked) != 1 || !strings.Contains(got.err, "no connection to Postgres at "+address) {
			t.Errorf("%s: exit %d\n%s%s", name, got.code, got.out, got.err)
		}
	}
}

// TestRunConflict has somebody else change a table between a transaction's first look and its commit.
func TestRunConflict(t *testing.T) {
	dir := pipelineOf(t, map[string]string{"a.sql": "BEGIN; INSERT OVERWRITE t SELECT max(x) + 1 FROM t; COPY (SELECT * FROM 'pipe.csv') TO 'copy.csv'; COMMIT;"})
	warehouse, pipe := filepath.Join(dir, "w"), filepath.Join(dir, "pipe.csv")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skip(err)
	}
	database, err := skep.Open(warehouse)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the reader
		if err == nil {
			_, err = database.Exec(t.Context(), "INSERT OVERWRITE t SELECT 100")
			_, e := w.WriteString("x\n1\n")
			err = errors.Join(err, e, w.Close())
		}
		failed <- err
	}()
	got := runSkep(t, dir, "", "run", dir, "--warehouse", warehouse)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	if s := lastLine(t, got.out); got.code != 4 || s.Exit != 4 || !strings.Contains(got.err, "was changed at the same time") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	want(t, runSkep(t, dir, "", "--warehouse", warehouse, "--format", "csv", "-c", "FROM t"), "x\n100\n", "", 0)
}

// listing gives the files below a folder.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.Contains(path, "_pipelines") {
			out = append(out, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

// TestRunStopped stops runs that write a file and a table: what was staged is gone, and the old is there.
func TestRunStopped(t *testing.T) {
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		dir := pipelineOf(t, map[string]string{"file.sql": "COPY (SELECT range AS x, random() AS y FROM range(100000000000)) TO 'f.csv';",
			"table.sql": "INSERT OVERWRITE t SELECT range FROM range(100000000000);", "z.sql": "-- depends_on: file\nSELECT 1;"})
		warehouse := filepath.Join(dir, "w")
		write(t, dir, "f.csv", "x\nold\n")
		want(t, runSkep(t, dir, "", "--warehouse", warehouse, "-c", "CREATE TABLE t AS SELECT 7::BIGINT AS x"), "", "", 0)
		before := listing(t, dir)
		c := exec.Command(binary, "run", dir, "--warehouse", warehouse, "--jobs", "2", "--set", "threads=1")
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); strings.Count(listing(t, dir), "\n") < strings.Count(before, "\n")+2; time.Sleep(20 * time.Millisecond) {
			if time.Since(begin) > 20*time.Second {
				_ = c.Process.Kill() // the test has failed
				t.Fatalf("nothing is staged\n%s\n%s", listing(t, dir), errs.String())
			}
		}
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // the code is looked at
		s := lastLine(t, out.String())
		if c.ProcessState.ExitCode() != code || s.Exit != code || s.Status != "cancelled" {
			t.Errorf("%v: exit %d\n%s%s", sig, c.ProcessState.ExitCode(), out.String(), errs.String())
		}
		if now := listing(t, dir); now != before {
			t.Errorf("%v: files are left\n%s\nbefore\n%s", sig, now, before)
		}
		want(t, runSkep(t, dir, "", "--warehouse", warehouse, "--format", "csv", "-c", "FROM 'f.csv'; FROM t"), "x\nold\nx\n7\n", "", 0)
	}
}

// TestRunMistakes makes mistakes before anything runs.
func TestRunMistakes(t *testing.T) {
	dir := pipelineOf(t, map[string]string{"a.sql": "COPY (SELECT 1 AS x) TO 'x.csv';\nSELECT '10:30', :day;"})
	for _, c := range []struct{ want, extra string }{
		{"a.sql:2:17: ERROR: no value is given for :day\n", "--jobs=1"},
		{"HINT: did you mean :days?\n", "--param=days=1"},
		{"nodir", "--report=nodir/r.json"},
	} {
		args := []string{"run", dir, c.extra}
		if strings.HasPrefix(c.extra, "--report") {
			args = append(args, "--param", "day=1")
		}
		if got := runSkep(t, dir, "", args...); got.code != 2 || !strings.Contains(got.err, c.want) {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.csv")); !os.IsNotExist(err) {
		t.Error("something has run: ", err)
	}
	want(t, runSkep(t, dir, "", "-c", "SELECT :ds"), "", "ERROR: no value is given for parameter ds\nLINE 1: SELECT :ds\n               ^\n", 1)
}
