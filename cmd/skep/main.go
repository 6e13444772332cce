// Command skep answers SQL over files. docs/ has the SQL; skep -h has the command.
//
// stdout carries results alone. Errors, notes, times and progress go to stderr. The exit code is 0, or 1 after an error of SQL, data or
// files (the script stops there, unless told to keep going), 2 after a mistake on the command line, or 130 after a second Ctrl-C.
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
	"sync/atomic"
	"syscall"
	"time"
	_ "time/tzdata" // time zones wherever the command runs

	"golang.org/x/term"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/cmd/skep/shell"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

func main() {
	skep.TuneCollector()
	os.Exit(run(os.Args[1:]))
}

// run is the whole command; it gives the exit code.
func run(args []string) int {
	if code, ok := subcommand(args); ok {
		return code
	}
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
	case o.completions != "":
		fmt.Print(completions(o.completions))
		return 0
	case o.man:
		fmt.Print(manPage())
		return 0
	}
	if err := addStdin(o); err != nil {
		fmt.Fprintf(os.Stderr, "skep: %v\n", err)
		return 1
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a write then gives EPIPE, which ends the command quietly; children are as ever
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
			s.file, o.noStdin = stdinName, "the script comes from there"
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
		o.shell, o.noStdin = true, "statements are typed there"
		return nil
	}
	o.noStdin = "the script comes from there"
	text, err := io.ReadAll(os.Stdin)
	o.scripts = []script{{file: stdinName, text: strings.TrimPrefix(string(text), "\ufeff")}}
	return err
}

// stdinName stands for the script that comes from stdin, in the places of errors.
const stdinName = "stdin"

// newBatch makes the state of the run.
func newBatch(o *options) *batch {
	b := &batch{out: bufio.NewWriterSize(os.Stdout, 1<<16), errw: &screen{w: os.Stderr}, state: shell.NewState(), shell: o.shell, keepGoing: o.keepGoing || o.dry, dry: o.dry}
	b.state.Format, b.state.Timer, b.state.Vars, b.state.Echo = o.format, o.timer, o.params, o.echo
	b.report.Version, b.report.path = version, o.report
	b.terminal = term.IsTerminal(int(os.Stdout.Fd())) && o.output == ""
	b.watched = term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
	if b.state.Format == "" {
		b.state.Format = "csv"
		if b.terminal {
			b.state.Format = "box"
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
	var opts []skep.Option
	if o.noStdin != "" {
		opts = append(opts, skep.WithoutStdin(o.noStdin))
	}
	db, err := skep.Open(warehouse, opts...)
	if err != nil {
		render.PrintError(b.errw, err, render.Source{})
		return 1
	}
	defer db.Close()
	b.sess = db.Session()
	b.sess.OnNote(func(note string) { fmt.Fprintln(b.errw, "NOTE: "+render.Relative(note)) })
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
	if o.dry {
		b.sess.DryRun()
	}
	if o.shell {
		return b.interactive(o)
	}
	return b.scripts(o)
}

// scripts runs what the command line names.
func (b *batch) scripts(o *options) (code int) {
	if o.output != "" {
		f, err := shell.OpenOutput(o.output)
		if err != nil {
			fmt.Fprintf(b.errw, "ERROR: %v\n", err)
			return 1
		}
		b.out = bufio.NewWriterSize(f, 1<<16)
		defer func() {
			if d, ok := f.(interface{ Discard() }); ok && code != 0 && !b.keepGoing {
				d.Discard() // the file that was there stays
				return
			}
			if err := f.Close(); err != nil {
				fmt.Fprintf(b.errw, "ERROR: %v\n", err)
				code = 1
			}
		}()
	}
	for _, s := range o.scripts {
		err := b.script(context.Background(), s.file, s.text)
		if errors.Is(err, syscall.EPIPE) {
			return code
		}
		switch {
		case err == nil:
			continue
		case b.interrupted.Load():
			return int(b.exit.Load())
		}
		if code = 1; !b.keepGoing {
			return code
		}
	}
	if b.dry && code == 0 {
		fmt.Fprintf(b.errw, "dry run: %d statements, no errors\n", b.planned)
	}
	return code
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

// interrupts makes the first Ctrl-C, or SIGTERM of a scheduler, cancel the running statement, and the next one, should it not stop, end the process.
func (b *batch) interrupts() (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	if !b.shell { // where the editor puts the terminal in order
		signal.Notify(signals, syscall.SIGTERM)
	}
	go func() {
		for s := range signals {
			b.exit.Store(130)
			if s == syscall.SIGTERM {
				b.exit.Store(143)
			}
			b.interrupted.Store(true)
			if cancel := b.cancel.Swap(nil); cancel != nil {
				(*cancel)()
				continue
			}
			if !b.shell || b.running.Load() && !b.paging.Load() {
				fmt.Fprintln(b.errw)
				os.Exit(int(b.exit.Load()))
			}
		}
	}()
	return func() { signal.Stop(signals) }
}

// interactive runs the shell.
func (b *batch) interactive(o *options) int {
	tty := os.Stdout
	if !term.IsTerminal(int(tty.Fd())) {
		tty = os.Stderr
	}
	sh := &shell.Shell{
		In: os.Stdin, Out: tty, Screen: tty, Version: version, Warehouse: o.warehouse, HistoryPath: shell.HistoryFile(o.warehouse),
		Color: os.Getenv("NO_COLOR") == "", State: b.state, Database: b.sess.Database, Rebase: b.sess.SetBase, Ask: b.ask,
		Run: func(name, text string) error { return b.script(context.Background(), name, text) },
	}
	if !o.plainStart {
		sh.Config = shell.ConfigFile()
	}
	code, err := sh.Loop()
	if err != nil {
		fmt.Fprintf(b.errw, "skep: %v\n", err)
	}
	return code
}

// ask gives the rows of a statement that only looks, as text; none on an error or after a second.
func (b *batch) ask(sql string) (rows [][]string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	res, err := b.sess.Look(ctx, sql)
	if err != nil || res.Rows == nil {
		return nil
	}
	defer res.Rows.Close()
	for {
		batch, err := res.Rows.Next(ctx)
		if err != nil || batch == nil {
			return rows
		}
		rows = append(rows, render.Texts(batch)...)
	}
}

// cancelFunc is where the interrupt handler finds the running statement.
type cancelFunc = atomic.Pointer[context.CancelFunc]
