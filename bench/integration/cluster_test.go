// Package integration holds the tests that need a PostgreSQL server: they start one of their own, from the binaries of Debian's package, in a
// temporary folder. They run when SKEP_INTEGRATION is set; make integration sets it.
package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cluster is a server of the tests' own.
type cluster struct {
	bin, dir string
	port     int
	attr     *syscall.SysProcAttr // the server refuses to be root
}

var (
	server *cluster
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
	if server, err = newCluster(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.stop("immediate")
	for k, v := range map[string]string{"PGHOST": dir, "PGPORT": strconv.Itoa(server.port), "PGUSER": "skep", "PGDATABASE": "postgres", "XDG_STATE_HOME": filepath.Join(dir, "state"),
		"PATH": dir + ":" + server.bin + ":" + os.Getenv("PATH")} {
		if err := os.Setenv(k, v); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

// newCluster makes a cluster whose socket lies in dir.
func newCluster(dir string) (*cluster, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("there is no PostgreSQL server under /usr/lib/postgresql: apt-get install postgresql")
	}
	slices.Sort(found)
	c := &cluster{bin: filepath.Dir(found[len(found)-1]), dir: filepath.Join(dir, "pg")}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		c.attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		if err := os.Chown(c.dir, uid, gid); err != nil {
			return nil, err
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			return nil, err
		}
	}
	if err := c.command("initdb", "-D", c.dir, "-U", "skep", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	return c, c.start()
}

func (c *cluster) command(name string, args ...string) error {
	x := exec.Command(filepath.Join(c.bin, name), args...)
	x.SysProcAttr, x.Dir = c.attr, c.dir
	if out, err := x.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", name, err, out)
	}
	return nil
}

func (c *cluster) start() error {
	return c.command("pg_ctl", "-D", c.dir, "-w", "-l", filepath.Join(c.dir, "log"), "-o",
		fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1", c.port, filepath.Dir(c.dir)), "start")
}

func (c *cluster) stop(mode string) {
	if err := c.command("pg_ctl", "-D", c.dir, "-m", mode, "-w", "stop"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
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
