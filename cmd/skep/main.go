// Command skep answers SQL over files. docs/ has the SQL; skep -h has the command.
//
// stdout carries results alone. Errors, notes and times go to stderr. The exit code is 0, or 1 after an error of SQL, data or files (the
// script stops there), or 2 after a mistake on the command line.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	_ "time/tzdata" // time zones wherever the command runs

	"golang.org/x/term"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/cmd/skep/shell"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole command; it gives the exit code.
func run(args []string) int {
	o, err := parseArgs(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "skep: %v\n", err)
		fmt.Fprintln(os.Stderr, "skep -h shows how it is used")
		return 2
	}
	switch {
	case o.help:
		fmt.Print(usage)
		return 0
	case o.version:
		fmt.Println("skep " + version)
		return 0
	}
	if err := addStdin(o); err != nil {
		fmt.Fprintf(os.Stderr, "skep: %v\n", err)
		return 1
	}
	signal.Ignore(syscall.SIGPIPE) // a write then gives EPIPE, which ends the command quietly
	b := newBatch(o)
	code := b.session(o)
	if err := b.report.write(); err != nil {
		fmt.Fprintf(os.Stderr, "skep: %v\n", err)
		code = max(code, 1)
	}
	return code
}

// addStdin makes stdin the script when no other is given, unless it is a terminal, which means the shell.
func addStdin(o *options) error {
	for i := range o.scripts {
		s := &o.scripts[i]
		if s.file == "" {
			continue
		}
		var err error
		var text []byte
		if s.file == "-" {
			s.file = ""
			text, err = io.ReadAll(os.Stdin)
		} else {
			text, err = os.ReadFile(s.file)
		}
		if err != nil {
			return err
		}
		s.text = strings.TrimPrefix(string(text), "\ufeff")
	}
	if len(o.scripts) > 0 {
		return nil
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		o.shell = true
		return nil
	}
	text, err := io.ReadAll(os.Stdin)
	o.scripts = []script{{text: strings.TrimPrefix(string(text), "\ufeff")}}
	return err
}

// newBatch makes the state of the run.
func newBatch(o *options) *batch {
	b := &batch{out: bufio.NewWriterSize(os.Stdout, 1<<16), errw: &lockedWriter{w: os.Stderr}, format: o.format, timer: o.timer, params: o.params, shell: o.shell}
	b.report.Version, b.report.path = version, o.report
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		b.terminal = true
		b.width = func() int {
			w, _, err := term.GetSize(fd)
			if err != nil {
				return 80
			}
			return w
		}
	}
	if b.format == "" {
		b.format = "csv"
		if b.terminal {
			b.format = "box"
		}
	}
	return b
}

// session opens the warehouse and runs the scripts, or the shell.
func (b *batch) session(o *options) int {
	warehouse, file := o.warehouse, ""
	if info, err := os.Stat(warehouse); warehouse != "" && (err == nil && !info.IsDir() || err != nil && skep.IsDataFile(warehouse)) {
		warehouse, file = "", warehouse
		if err == nil && !skep.IsDataFile(file) {
			fmt.Fprintf(b.errw, "ERROR: %s is neither a folder nor a data file\n", file)
			if strings.HasSuffix(file, ".sql") {
				fmt.Fprintf(b.errw, "HINT: skep -f %s runs a script\n", file)
			}
			return 1
		}
	}
	db, err := skep.Open(warehouse)
	if err != nil {
		render.PrintError(b.errw, err, render.Source{})
		return 1
	}
	defer db.Close()
	b.sess = db.Session()
	b.sess.OnNote(func(note string) { fmt.Fprintln(b.errw, "NOTE: "+note) })
	for _, s := range o.settings {
		if err := b.sess.Set(s[0], s[1]); err != nil {
			render.PrintError(b.errw, err, render.Source{})
			return 2
		}
	}
	stop := b.interrupts()
	defer stop()
	if file != "" {
		if _, err := b.sess.Run(context.Background(), viewOver(file)); err != nil {
			render.PrintError(b.errw, noPlace(err), render.Source{})
			return 1
		}
	}
	if o.shell {
		return b.interactive()
	}
	for _, s := range o.scripts {
		if err := b.script(context.Background(), s.file, s.text); err != nil {
			if errors.Is(err, syscall.EPIPE) {
				return 0
			}
			return 1
		}
	}
	return 0
}

// viewOver is the statement that gives a data file its name as a view: the file's name up to the first dot.
func viewOver(file string) string {
	name := filepath.Base(file)
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	quote := func(s, q string) string { return q + strings.ReplaceAll(s, q, q+q) + q }
	return "CREATE TEMP VIEW " + quote(name, `"`) + " AS SELECT * FROM " + quote(file, "'")
}

// interrupts makes the first Ctrl-C cancel the running statement, and the next one end the process.
func (b *batch) interrupts() (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	go func() {
		for range signals {
			if cancel := b.cancel.Swap(nil); cancel != nil {
				(*cancel)()
				continue
			}
			if !b.shell {
				os.Exit(130)
			}
		}
	}()
	return func() { signal.Stop(signals) }
}

// interactive runs the shell.
func (b *batch) interactive() int {
	sh := &shell.Shell{
		Out: b.out, Database: b.sess.Database, Version: version,
		Run:       func(name, text string) error { return b.script(context.Background(), name, text) },
		Format:    &b.format,
		Timer:     &b.timer,
		KnownForm: render.Known,
	}
	if err := sh.Loop(); err != nil {
		fmt.Fprintf(b.errw, "skep: %v\n", err)
		return 1
	}
	return 0
}

// lockedWriter lets notes of several goroutines and errors come one after the other.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes p.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// cancelFunc is where the interrupt handler finds the running statement.
type cancelFunc = atomic.Pointer[context.CancelFunc]
