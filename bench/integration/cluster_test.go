// Package integration holds the tests that need a PostgreSQL server: they start one of their own, from the binaries of Debian's package, in a
// temporary folder. They run when SKEP_INTEGRATION is set; make integration sets it.
package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skep-sql/skep/bench/pgserver"
)

var (
	server *pgserver.Server
	skep   string // the command
)

func TestMain(m *testing.M) {
	if os.Getenv("SKEP_INTEGRATION") == "" {
		fmt.Println("skipped: SKEP_INTEGRATION is not set (make integration)")
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "skep-integration-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	skep = filepath.Join(dir, "skep")
	build := exec.Command("go", "build", "-o", skep, "../../cmd/skep")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		return 1
	}
	if server, err = pgserver.New(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop("immediate")
	env := server.Env()
	env["XDG_CONFIG_HOME"] = filepath.Join(dir, "config")
	env["XDG_STATE_HOME"], env["PATH"] = filepath.Join(dir, "state"), dir+":"+server.Bin+":"+os.Getenv("PATH")
	for k, v := range env {
		if err := os.Setenv(k, v); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

// psql runs SQL in a database and gives the rows, a line each.
func psql(t *testing.T, database, sql string) string {
	t.Helper()
	x := exec.Command("psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql)
	out, err := x.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%s%v", sql, out, err)
	}
	return strings.TrimSpace(string(out))
}

// database makes an empty database.
func database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("t%d", time.Now().UnixNano())
	psql(t, "postgres", "CREATE DATABASE "+name)
	return name
}

// ask runs SQL in skep, with the database attached as pg, and gives stdout and stderr.
func ask(t *testing.T, database, sql string) (string, error) {
	t.Helper()
	x := exec.Command(skep, "-c", "ATTACH 'postgres:dbname="+database+"' AS pg; "+sql)
	x.Dir = t.TempDir()
	out, err := x.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// must is ask for what has no error.
func must(t *testing.T, database, sql string) string {
	t.Helper()
	out, err := ask(t, database, sql)
	if err != nil {
		t.Fatalf("%s\n%s", sql, out)
	}
	return out
}
