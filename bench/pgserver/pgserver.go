// Package pgserver starts a PostgreSQL server of its own, from the binaries of Debian's package, in a folder that is thrown away: for tests and benchmarks.
package pgserver

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Server is a server whose socket lies in the folder above its own.
type Server struct {
	Bin  string // the folder of its commands
	Dir  string // of its data
	Port int

	attr *syscall.SysProcAttr // the server refuses to be root
}

// Env gives the variables by which psql and skep find the server.
func (c *Server) Env() map[string]string {
	return map[string]string{"PGHOST": filepath.Dir(c.Dir), "PGPORT": strconv.Itoa(c.Port), "PGUSER": "skep", "PGDATABASE": "postgres"}
}

// New makes a cluster whose socket lies in dir, and starts it: user skep, without passwords.
func New(dir string) (*Server, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("there is no PostgreSQL server under /usr/lib/postgresql: apt-get install postgresql")
	}
	slices.Sort(found)
	c := &Server{Bin: filepath.Dir(found[len(found)-1]), Dir: filepath.Join(dir, "pg")}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.Port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(c.Dir, 0o700); err != nil {
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
		if err := os.Chown(c.Dir, uid, gid); err != nil {
			return nil, err
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			return nil, err
		}
	}
	if err := c.command("initdb", "-D", c.Dir, "-U", "skep", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	return c, c.Start()
}

func (c *Server) command(name string, args ...string) error {
	x := exec.Command(filepath.Join(c.Bin, name), args...)
	x.SysProcAttr, x.Dir = c.attr, c.Dir
	if out, err := x.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", name, err, out)
	}
	return nil
}

// Start starts the server.
func (c *Server) Start() error {
	return c.command("pg_ctl", "-D", c.Dir, "-w", "-l", filepath.Join(c.Dir, "log"), "-o",
		fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1", c.Port, filepath.Dir(c.Dir)), "start")
}

// Stop stops the server: smart, fast or immediate.
func (c *Server) Stop(mode string) {
	if err := c.command("pg_ctl", "-D", c.Dir, "-m", mode, "-w", "stop"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
