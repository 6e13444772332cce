// Package csv reads and writes delimited text: CSV, TSV, TPC-H's .tbl, and Hive's TEXTFILE.
//
// How it reads: a file is cut into chunks of equal size. A worker turns the bytes of its chunk into words of bits (where
// delimiters, quotes and line ends are), learns from the chunk before whether it starts inside quotes, and so knows every
// field's place; then only the columns that are wanted are converted, those of filters first. What a file is like (delimiter,
// header, types) is guessed from samples spread over it; a guess that a later value disproves is a *storage.RestartError.
//
// Memory: strings of a batch lie in the chunk's buffer, which its cursor uses again for the next chunk.
package csv

import (
	"context"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/textval"
)

type csvFormat struct {
	name string
	text bool // Hive's TEXTFILE rules
}

// New gives the CSV format.
func New() storage.Format { return csvFormat{name: "csv"} }

// NewText gives Hive's TEXTFILE format: fields end at ^A, \N is NULL, there are no quotes, an empty field is the empty string,
// missing fields are NULL and surplus ones are left out.
func NewText() storage.Format { return csvFormat{name: "textfile", text: true} }

func (f csvFormat) Name() string { return f.name }

// Open inspects a file: it guesses what the options do not say.
func (f csvFormat) Open(ctx context.Context, env *storage.Env, file fs.File, opts storage.Options) (storage.Table, error) {
	return f.OpenDeclared(ctx, env, file, opts, nil)
}

// OpenDeclared is Open for columns whose names and types are given, in the order in which they stand in a line.
func (f csvFormat) OpenDeclared(_ context.Context, env *storage.Env, file fs.File, opts storage.Options, cols []types.Field) (storage.Table, error) {
	c, err := parseOptions(f.text, opts)
	if err != nil {
		return nil, err
	}
	if cols != nil {
		c.columns = cols
	}
	return openTable(env, file, c)
}

// table is one file. What was guessed of it may widen; everything else is immutable.
type table struct {
	file  fs.File
	comp  fs.Compression
	conf  *config
	d     dialect
	start int64 // where the first line of data begins, in the plain bytes
	line  int64 // the number of that line

	mu       sync.Mutex
	cols     []column
	trailing bool // every line ends with a delimiter

	stats storage.Stats
}

// column is a column of a file.
type column struct {
	types.Field
	guessed bool // the type is a guess
	unseen  bool // without a value to go by
}

// Schema gives the columns.
func (t *table) Schema() []storage.Column {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]storage.Column, len(t.cols))
	for i, c := range t.cols {
		out[i].Field = c.Field
	}
	return out
}

// Stats gives estimates from the samples.
func (t *table) Stats() *storage.Stats { return &t.stats }

// Guessed tells whether the type of column i is a guess, and whether the samples had a value of it.
func (t *table) Guessed(i int) (guessed, seen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cols[i].guessed, !t.cols[i].unseen
}

// Widen makes the guessed type of column i one that holds what typ holds, too.
func (t *table) Widen(i int, typ types.Type) types.Type {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.cols[i]
	if !c.guessed {
		return c.Type
	}
	g := textval.Of(c.Type)
	if c.unseen {
		g = textval.Guess{}
	}
	g.Merge(textval.Of(typ))
	c.Type, c.unseen = g.Type(), false
	return c.Type
}

func (t *table) snapshot() ([]column, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]column(nil), t.cols...), t.trailing
}

// openTable inspects a file.
func openTable(env *storage.Env, file fs.File, c *config) (*table, error) {
	t := &table{file: file, conf: c, d: c.dialect}
	s, err := t.sample()
	if err != nil {
		return nil, err
	}
	if err := t.sniff(env, s); err != nil {
		return nil, err
	}
	return t, nil
}

// dialect is how a file's text is cut into fields. A zero byte means that there is no such character.
type dialect struct {
	delim, quote, escape, comment byte
	newline                       byte
	text                          bool // the escape character works everywhere, lines are padded and cut, '' is no NULL
}

func dataError(path string, line int64, format string, args ...any) *sqlerr.Error {
	e := sqlerr.New(sqlerr.Data, format, args...)
	e.Msg = path + ", line " + itoa(line) + ": " + e.Msg
	return e
}
