package shell

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Paged is a writer to the screen that begins a pager as soon as what was written is taller than the screen. It holds one screen at
// most; the pager takes the rest as it is scrolled to.
type Paged struct {
	Screen io.Writer
	Height int
	Width  int
	Header int    // lines at the top that stay, if the pager can do that
	Before func() // is called before anything is shown; may be nil

	held  bytes.Buffer
	lines int
	c     *exec.Cmd
	pipe  io.WriteCloser
	gone  bool // the pager could not be started
}

// ErrLeft says that the user has left the pager before the end.
var ErrLeft = errors.New("left the pager")

// Write writes to the pager, or keeps b as long as it fits on the screen.
func (p *Paged) Write(b []byte) (int, error) {
	switch {
	case p.pipe != nil:
		if _, err := p.pipe.Write(b); err != nil {
			return 0, ErrLeft
		}
		return len(b), nil
	case p.gone:
		return p.Screen.Write(b)
	}
	p.lines += bytes.Count(b, []byte("\n"))
	p.held.Write(b)
	if p.lines <= p.Height-2 && p.held.Len() < 1<<20 {
		return len(b), nil
	}
	p.show()
	out := p.Screen
	if !p.start() {
		p.gone = true
	} else {
		out = p.pipe
	}
	_, err := out.Write(p.held.Bytes())
	p.held.Reset()
	if err != nil && p.pipe != nil {
		err = ErrLeft
	}
	return len(b), err
}

// Started tells whether the pager has been begun.
func (p *Paged) Started() bool { return p.pipe != nil }

// Close shows what is held, or waits for the user to leave the pager.
func (p *Paged) Close() error {
	if p.pipe == nil {
		if p.held.Len() == 0 {
			return nil
		}
		p.show()
		_, err := p.Screen.Write(p.held.Bytes())
		return err
	}
	_ = p.pipe.Close() // the user may have left before
	_ = p.c.Wait()
	return nil
}

func (p *Paged) show() {
	if p.Before != nil {
		p.Before()
	}
}

func (p *Paged) start() bool {
	c := Pager(p.Header)
	if c == nil {
		return false
	}
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	in, err := c.StdinPipe()
	if err != nil || c.Start() != nil {
		return false
	}
	p.c, p.pipe = c, in
	return true
}

// Pager gives the user's pager, or less without folding of lines; nil when there is none.
func Pager(header int) *exec.Cmd {
	for _, v := range []string{"SKEP_PAGER", "PAGER"} {
		text := strings.TrimSpace(os.Getenv(v))
		if text == "cat" {
			return nil
		}
		if text != "" && text != "less" {
			if _, err := exec.LookPath(strings.Fields(text)[0]); err == nil {
				return withLess(shellCommand(text))
			}
		}
	}
	less, err := exec.LookPath("less")
	if err != nil {
		return nil
	}
	args := []string{"-S", "-R"}
	if header > 0 && lessVersion(less) >= 600 {
		args = append(args, "--header="+strconv.Itoa(header))
	}
	return withLess(exec.Command(less, args...))
}

// withLess gives a pager that is less under another name what it needs.
func withLess(c *exec.Cmd) *exec.Cmd {
	if os.Getenv("LESS") == "" {
		c.Env = append(os.Environ(), "LESS=-SR")
	}
	return c
}

func lessVersion(less string) int {
	out, err := exec.Command(less, "--version").Output()
	if err != nil {
		return 0
	}
	f := strings.Fields(string(out))
	if len(f) < 2 || f[0] != "less" {
		return 0
	}
	n, err := strconv.Atoi(strings.SplitN(f[1], ".", 2)[0])
	if err != nil {
		return 0
	}
	return n
}
