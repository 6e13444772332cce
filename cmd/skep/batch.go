package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/parser"
)

// batch runs scripts in one session.
type batch struct {
	sess     *skep.Session
	out      *bufio.Writer
	errw     io.Writer
	format   string
	timer    bool
	params   map[string]string
	terminal bool
	width    func() int
	shell    bool
	cancel   cancelFunc
	report   report
	results  int // written so far
}

// script runs the statements of text. The first error is printed and given back, and ends it.
func (b *batch) script(ctx context.Context, file, text string) error {
	src := render.Source{File: file, Text: text}
	text, err := substitute(text, b.params)
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
	line, counted := 1, 0
	for _, p := range stmts {
		line += strings.Count(text[counted:p.Offset], "\n")
		src.Offset, counted = p.Offset, p.Offset
		start := time.Now()
		entry := b.report.add(src, line, p.Text, start)
		err := b.statement(ctx, p.Text, entry)
		if e := b.out.Flush(); err == nil && e != nil {
			err = e
		}
		entry.done(time.Since(start), b.sess.Counts())
		if err != nil && !errors.Is(err, syscall.EPIPE) {
			entry.fail(err, src)
			render.PrintError(b.errw, err, src)
		}
		if b.timer {
			fmt.Fprintf(b.errw, "TIME: %.3f s\n", time.Since(start).Seconds())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// statement runs one statement and writes its rows.
func (b *batch) statement(ctx context.Context, text string, entry *entry) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.cancel.Store(&cancel)
	defer b.cancel.Store(nil)
	res, err := b.sess.Run(ctx, text, typedParams(b.params)...)
	if err != nil {
		return err
	}
	entry.RowsChanged = res.Changed
	if res.Rows == nil {
		if b.shell && res.Changed > 0 {
			fmt.Fprintf(b.errw, "%d rows\n", res.Changed)
		}
		return nil
	}
	defer res.Rows.Close()
	if b.results++; b.results > 1 && b.format == "parquet" {
		return sqlerr.New(sqlerr.Unsupported, "format parquet takes one result").WithHint("COPY (SELECT …) TO 'x.parquet' writes a file for each")
	}
	w, err := render.New(b.format, b.out, b.renderOptions())
	if err != nil {
		return err
	}
	if err := w.Begin(res.Rows.Fields); err != nil {
		return err
	}
	for {
		rows, err := res.Rows.Next(ctx)
		if err != nil {
			return err
		}
		if rows == nil {
			return w.End()
		}
		entry.RowsOut += int64(rows.Rows())
		if err := w.Batch(rows); err != nil {
			return err
		}
	}
}

func (b *batch) renderOptions() render.Options {
	o := render.Options{Null: b.sess.Setting("csv_null"), Location: b.sess.Location(), NewFile: b.sess.NewFile}
	if b.terminal {
		o.Width = b.width()
		o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
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
