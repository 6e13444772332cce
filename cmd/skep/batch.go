package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/cmd/skep/shell"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/storage/db"
)

// batch runs scripts in one session.
type batch struct {
	sess      *skep.Session
	out       *bufio.Writer
	errw      *screen
	state     *shell.State
	terminal  bool // results go to a terminal
	watched   bool // stderr is one
	shell     bool
	keepGoing bool
	dry       bool
	report    report
	results   int // written so far
	planned   int // statements, in a dry run
	hinted    bool

	cancel      cancelFunc
	running     atomic.Bool  // a statement
	paging      atomic.Bool  // the pager has the terminal
	interrupted atomic.Bool  // Ctrl-C came since the statement began
	exit        atomic.Int32 // the code of the signal that came: 130, 143
}

// script runs the statements of text. An error is printed and ends it, unless the batch keeps going; the first one is given back.
func (b *batch) script(ctx context.Context, file, text string) error {
	if !b.shell {
		text = psqlWords(text)
	}
	src := render.Source{File: file, Text: text}
	text, err := substitute(text, b.state.Vars)
	if err != nil {
		render.PrintError(b.errw, err, src)
		b.report.add(src, 1, text, time.Now()).fail(err, src)
		return err
	}
	src.Text = text
	stmts, rest, _ := parser.Split(text)
	if rest.Text != "" {
		stmts = append(stmts, rest)
	}
	var first error
	line, counted := 1, 0
	for _, p := range stmts {
		line += strings.Count(text[counted:p.Offset], "\n")
		src.Offset, counted = p.Offset, p.Offset
		if b.state.Echo {
			fmt.Fprintln(b.errw, db.Redact(p.Text)+";")
		}
		start := time.Now()
		entry := b.report.add(src, line, p.Text, start)
		err := b.statement(ctx, p.Text, entry)
		entry.done(time.Since(start), b.sess.Counts())
		if err != nil && !errors.Is(err, syscall.EPIPE) {
			entry.fail(err, src)
			render.PrintError(b.errw, err, src)
		}
		if b.state.Timer {
			mem := ""
			if n := b.sess.PeakMemory(); n > 0 {
				mem = ", " + size(n) + " of memory at most"
			}
			fmt.Fprintf(b.errw, "TIME: %.3f s%s\n", time.Since(start).Seconds(), mem)
		}
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		if !b.keepGoing || errors.Is(err, syscall.EPIPE) || b.interrupted.Load() {
			return err
		}
	}
	return first
}

// statement runs one statement and writes its rows.
func (b *batch) statement(ctx context.Context, text string, entry *entry) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.interrupted.Store(false)
	b.running.Store(true)
	b.cancel.Store(&cancel)
	defer func() { b.cancel.Store(nil); b.running.Store(false) }()
	stop := func() {}
	if b.watched && b.state.Progress && !b.dry {
		stop = b.errw.progress(b.sess.Progress, b.columns)
	}
	defer func() { stop() }()
	b.planned++
	res, err := b.sess.Run(ctx, text, typedParams(b.state.Vars)...)
	if err != nil {
		return err
	}
	entry.RowsChanged = res.Changed
	if res.Rows == nil {
		if b.shell && res.Changed > 0 {
			stop()
			fmt.Fprintf(b.errw, "%s rows\n", render.Grouped(res.Changed))
		}
		return nil
	}
	defer res.Rows.Close()
	if b.results++; b.results > 1 && b.state.Format == "parquet" {
		return sqlerr.New(sqlerr.Unsupported, "format parquet takes one result").WithHint("COPY (SELECT …) TO 'x.parquet' writes a file for each")
	}
	t := b.target(stop)
	err = b.rows(ctx, res.Rows, t, entry)
	if e := t.close(); err == nil {
		err = e
	}
	if errors.Is(err, shell.ErrLeft) {
		if err = nil; !b.hinted {
			b.hinted = true
			fmt.Fprintln(b.errw, `NOTE: \pager off shows the head and tail of long results, and the count, without the pager`)
		}
		return nil
	}
	return err
}

// rows writes all rows of a result.
func (b *batch) rows(ctx context.Context, rows *exec.Rows, t *target, entry *entry) error {
	w, err := render.New(t.format, t.w, t.options)
	if err != nil {
		return err
	}
	if err := w.Begin(rows.Fields); err != nil {
		return err
	}
	for {
		batch, err := rows.Next(ctx)
		if err != nil {
			_ = t.w.Flush() // what came before it is not lost
			return err
		}
		if batch == nil {
			if err := w.End(); err != nil {
				return err
			}
			return t.w.Flush()
		}
		entry.RowsOut += int64(batch.Rows())
		if err := w.Batch(batch); err != nil {
			return err
		}
	}
}

// target is where one result goes, and how it looks there.
type target struct {
	w       *bufio.Writer
	format  string
	options render.Options
	close   func() error
}

// before calls f before the first write.
type before struct {
	w io.Writer
	f func()
}

// Write writes p.
func (b *before) Write(p []byte) (int, error) {
	b.f()
	return b.w.Write(p)
}

// target chooses the place of the next result. stop ends the progress line, which nothing may be written over.
func (b *batch) target(stop func()) *target {
	st := b.state
	t := &target{w: b.out, format: st.Format, close: func() error { return nil }}
	o := render.Options{Null: b.sess.Setting("csv_null"), NullText: st.Null, NoHeader: !st.Headers, MaxRows: st.MaxRows, Location: b.sess.Location(), NewFile: b.sess.NewFile}
	if st.Null != "" {
		o.Null = st.Null
	}
	if st.Expanded == "on" && t.format == "box" {
		t.format, o.RowHeads = "line", true
	}
	o.Expand = st.Expanded == "auto"
	switch {
	case st.Out != nil:
		o.All = true
		t.w = bufio.NewWriterSize(st.Out, 1<<16)
	case b.terminal:
		o.Width = b.columns()
		o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if !b.shell || st.Pager == "off" || os.Getenv("TERM") == "dumb" || shell.Pager(0) == nil {
			t.w = bufio.NewWriterSize(&before{b.out, stop}, 1<<16)
			t.close = b.out.Flush
			break
		}
		_, height, err := term.GetSize(int(os.Stdout.Fd()))
		if err != nil {
			height = 24
		}
		o.All, o.Rows = true, height-2
		p := &shell.Paged{Screen: os.Stdout, Height: height, Before: func() { stop(); b.paging.Store(true) }}
		if t.format == "box" && st.Headers {
			p.Header = 4
		}
		t.w = bufio.NewWriterSize(p, 1<<14)
		t.close = func() error {
			err := p.Close()
			b.paging.Store(false)
			return err
		}
	}
	t.options = o
	return t
}

// columns gives the width of the terminal.
func (b *batch) columns() int {
	if b.state.Width > 0 {
		return b.state.Width
	}
	fd := int(os.Stdout.Fd())
	if !term.IsTerminal(fd) {
		fd = int(os.Stderr.Fd())
	}
	w, _, err := term.GetSize(fd)
	if err != nil || w <= 0 {
		return 80
	}
	return w
}

// noPlace takes the place in the SQL text from an error of SQL that the user has not written.
func noPlace(err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		c := *e
		c.Pos = sqlerr.NoPos
		return &c
	}
	return err
}
