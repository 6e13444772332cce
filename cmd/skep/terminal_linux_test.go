package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with the command at its other end.
type terminal struct {
	t    *testing.T
	ptmx *os.File
	seen chan string
	text string // so far
}

func startTerminal(t *testing.T, args ...string) (*terminal, *exec.Cmd) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { _ = ptmx.Close() })
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetWinsize(int(ptmx.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 60}); err != nil {
		t.Skip(err)
	}
	tty, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer tty.Close()
	c := exec.Command(binary, args...)
	c.Stdin, c.Stdout, c.Stderr = tty, tty, tty
	c.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "XDG_STATE_HOME="+t.TempDir())
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, ptmx: ptmx, seen: make(chan string, 1000)}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := ptmx.Read(buf)
			if n > 0 {
				x.seen <- string(buf[:n])
			}
			if err != nil {
				close(x.seen)
				return
			}
		}
	}()
	return x, c
}

// wait reads until text has come.
func (x *terminal) wait(text string) {
	x.t.Helper()
	limit := time.After(10 * time.Second)
	for !strings.Contains(x.text, text) {
		select {
		case s, ok := <-x.seen:
			if !ok {
				x.t.Fatalf("ended before %q came: %q", text, x.text)
			}
			x.text += s
		case <-limit:
			x.t.Fatalf("%q did not come: %q", text, x.text)
		}
	}
	_, x.text, _ = strings.Cut(x.text, text)
}

func (x *terminal) send(text string) {
	x.t.Helper()
	if _, err := x.ptmx.WriteString(text); err != nil {
		x.t.Fatal(err)
	}
}

func TestShell(t *testing.T) {
	x, c := startTerminal(t)
	x.wait("default=> ")
	x.send("SELECT 'a;b' AS x,\r")
	x.wait("-> ")
	x.send("2 AS y;\r")
	x.wait("│ a;b     │       2 │")
	x.wait("1 row")
	x.send("CREATE DATABASE d; USE d;\r")
	x.wait("d=> ")
	x.send("SELECT nme;\r")
	x.wait("column nme does not exist")
	x.send("SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range < 0;\r")
	time.Sleep(500 * time.Millisecond)
	x.send("\x03")
	x.wait("the query was cancelled")
	x.send(".mode csv\rSELECT 40 + 2;\r")
	x.wait("42")
	x.send(`\q` + "\r")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}

func TestBoxOnTerminal(t *testing.T) {
	path := write(t, t.TempDir(), "wide.csv", "a,"+strings.Repeat("a_long_column_name,", 8)+"z\n1,"+strings.Repeat("2,", 8)+"3\n")
	x, c := startTerminal(t, filepath.Clean(path), "-c", "FROM wide")
	x.wait("columns not shown: ")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}
