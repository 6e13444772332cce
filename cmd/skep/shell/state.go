package shell

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// State is how results are shown and what variables hold: what commands of the shell change and the runner of statements obeys.
type State struct {
	Format   string
	Timer    bool
	Expanded string // "off", "on", or "auto": one value a line when a row is wider than the terminal
	Headers  bool
	Null     string // how NULL is shown; "" = each format's own way
	MaxRows  int    // of a box that is cut; 0 = 40
	Width    int    // of the terminal; 0 = as it is
	Pager    string // "auto" or "off"
	Progress bool
	Echo     bool
	Vars     map[string]string
	Out      io.WriteCloser // where results go; nil = the screen
	OutName  string
	Once     bool // Out is for one run only
}

// NewState gives the state that a shell begins with.
func NewState() *State {
	return &State{Expanded: "off", Headers: true, Pager: "auto", Progress: true, Vars: map[string]string{}}
}

// Redirect makes results go to a file, or, after a bar, to a command; "" is the screen again.
func (st *State) Redirect(target string) error {
	if err := st.CloseOut(); err != nil {
		return err
	}
	target = unquote(target)
	switch {
	case target == "" || target == "stdout":
	case target[0] == '|':
		c := shellCommand(strings.TrimSpace(target[1:]))
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		in, err := c.StdinPipe()
		if err != nil {
			return err
		}
		if err := c.Start(); err != nil {
			return err
		}
		st.Out, st.OutName = &pipe{in, c}, target
	default:
		f, err := newFile(target)
		if err != nil {
			return err
		}
		st.Out, st.OutName = f, target
	}
	return nil
}

// CloseOut ends the redirection: only then a file is in its place.
func (st *State) CloseOut() error {
	if st.Out == nil {
		return nil
	}
	err := st.Out.Close()
	st.Out, st.OutName, st.Once = nil, "", false
	return err
}

// newFile starts a file that comes into its place when it is closed. What is no plain file, such as a terminal, is written as it is.
func newFile(path string) (io.WriteCloser, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.OpenFile(path, os.O_WRONLY, 0)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".skep-out-*")
	if err != nil {
		return nil, err
	}
	return &atomicFile{f, path}, nil
}

// OpenOutput is newFile for the command line.
func OpenOutput(path string) (io.WriteCloser, error) { return newFile(path) }

// atomicFile is renamed to its place at the end.
type atomicFile struct {
	*os.File
	path string
}

// Close puts the file in its place.
func (a *atomicFile) Close() error {
	err := a.Chmod(0o644)
	if e := a.File.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(a.Name(), a.path)
	}
	if err != nil {
		_ = os.Remove(a.Name())
	}
	return err
}

// Discard throws the file away.
func (a *atomicFile) Discard() {
	_ = a.File.Close()
	_ = os.Remove(a.Name())
}

// pipe is the input of a command.
type pipe struct {
	io.WriteCloser
	c *exec.Cmd
}

// Close ends the input and waits for the command.
func (p *pipe) Close() error {
	_ = p.WriteCloser.Close() // the command may have ended before
	return p.c.Wait()
}

// shellCommand makes a command of the system's shell.
func shellCommand(text string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		return exec.Command("cmd", "/c", text)
	}
	sh := os.Getenv("SHELL")
	if sh == "" || text != "" {
		sh = "/bin/sh"
	}
	if text == "" {
		return exec.Command(sh)
	}
	return exec.Command(sh, "-c", text)
}

// unquote takes the quotes from a whole argument.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && (s[0] == '\'' || s[0] == '"') && s[n-1] == s[0] {
		return strings.ReplaceAll(s[1:n-1], s[:1]+s[:1], s[:1])
	}
	return s
}

// xdg gives a folder of the user's: the variable, or the default below the home folder.
func xdg(variable string, fallback ...string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(append([]string{home}, fallback...)...)
}

// HistoryFile gives the place of the history of a warehouse ("" = in memory), or "" where there is none.
func HistoryFile(warehouse string) string {
	dir := xdg("XDG_STATE_HOME", ".local", "state")
	if dir == "" {
		return ""
	}
	dir = filepath.Join(dir, "skep", "history")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	if warehouse == "" {
		return filepath.Join(dir, "memory")
	}
	if abs, err := filepath.Abs(warehouse); err == nil {
		warehouse = abs
	}
	sum := sha256.Sum256([]byte(warehouse))
	return filepath.Join(dir, fmt.Sprintf("%s-%s", filepath.Base(warehouse), hex.EncodeToString(sum[:4])))
}

// ConfigFile gives the place of the file of commands that the shell begins with.
func ConfigFile() string {
	dir := xdg("XDG_CONFIG_HOME", ".config")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "skep", "skeprc")
}
