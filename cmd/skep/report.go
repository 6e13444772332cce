package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/storage/db"
)

// report is what --report writes.
type report struct {
	Version    string   `json:"version"`
	Statements []*entry `json:"statements"`

	path string // "" = nobody wants it, and nothing is kept
}

// entry tells about one statement.
type entry struct {
	File         string       `json:"file,omitempty"`
	Line         int          `json:"line"`
	Text         string       `json:"text"`
	Start        string       `json:"start"`
	ElapsedMS    float64      `json:"elapsed_ms"`
	RowsOut      int64        `json:"rows_out"`
	RowsChanged  int64        `json:"rows_changed"`
	RowsRead     int64        `json:"rows_read"`
	BytesRead    int64        `json:"bytes_read"`
	RowsSetAside int64        `json:"rows_set_aside"`
	Error        *reportError `json:"error"`
}

type reportError struct {
	Class   string `json:"class"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
}

// add begins the entry of the statement that stands at a line of src.
func (r *report) add(src render.Source, line int, text string, start time.Time) *entry {
	e := &entry{File: src.File, Line: line, Text: db.Redact(text), Start: start.UTC().Format(time.RFC3339Nano)}
	if r.path != "" {
		r.Statements = append(r.Statements, e)
	}
	return e
}

func (e *entry) done(elapsed time.Duration, n skep.Counts) {
	e.ElapsedMS = float64(elapsed.Microseconds()) / 1000
	e.RowsRead, e.BytesRead, e.RowsSetAside = n.RowsRead, n.BytesRead, n.SetAside
}

func (e *entry) fail(err error, src render.Source) {
	x := render.Explain(err, src)
	e.Error = &reportError{Class: string(x.Class), Message: x.Message, Hint: x.Hint, Line: x.Line, Column: x.Column}
}

// write puts the report in its place, whole or not at all.
func (r *report) write() error {
	path := r.path
	if path == "" {
		return nil
	}
	if r.Statements == nil {
		r.Statements = []*entry{}
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".skep-report-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	for _, step := range []func() error{f.Sync, func() error { return f.Chmod(0o644) }, f.Close, func() error { return os.Rename(f.Name(), path) }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	return err
}
