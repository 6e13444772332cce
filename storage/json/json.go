// Package json reads and writes JSON: a record a line (NDJSON), one array of records, or records one behind the other.
//
// How it reads: lines are cut into chunks of equal size, which workers take in parallel; files that are compressed or whose records are no
// lines are read by one goroutine, which cuts them between records. A worker steps over each record, all of which is checked for its
// form, and notes where the values of the columns that are wanted lie; then only those are converted, those of filters first. What columns there are, and their
// types, is guessed from samples spread over the file; a guess that a later value disproves is a *storage.RestartError. Of two fields with
// the same key the last counts.
//
// Memory: strings of a batch lie in the chunk's buffer, which its cursor uses again for the next chunk.
package json

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

type format struct{}

// New gives the JSON format.
func New() storage.Format { return format{} }

func (format) Name() string { return "json" }

// Open inspects a file: it guesses what the options do not say.
func (f format) Open(ctx context.Context, env *storage.Env, file fs.File, opts storage.Options) (storage.Table, error) {
	return f.OpenDeclared(ctx, env, file, opts, nil)
}

// OpenDeclared is Open for columns whose names and types are given; the names are those of the records' fields, in any case of letters.
func (format) OpenDeclared(_ context.Context, _ *storage.Env, file fs.File, opts storage.Options, cols []types.Field) (storage.Table, error) {
	c, err := parseOptions(opts)
	if err != nil {
		return nil, err
	}
	if cols != nil {
		c.columns = cols
	}
	t := &table{file: file, conf: c, layout: c.layout, comp: c.comp}
	if err := t.inspect(); err != nil {
		return nil, err
	}
	return t, nil
}

// table is one file. What was guessed of it may widen; everything else is immutable.
type table struct {
	file   fs.File
	comp   fs.Compression
	conf   *config
	layout layout
	start  int64 // where the first record may begin, in the plain bytes
	line   int64 // lines before
	col    int64 // bytes of that line before
	whole  bool  // a record is one value: there is one column

	mu   sync.Mutex
	cols []column

	stats storage.Stats
}

// column is a column of a file.
type column struct {
	types.Field
	key     string
	guessed bool   // the type is a guess
	shape   *shape // that it was made from
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
func (t *table) Stats() *storage.Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	st := t.stats
	for len(st.Cols) < len(t.cols) {
		st.Cols = append(slices.Clip(st.Cols), storage.ColStats{Nulls: -1, Distinct: -1})
	}
	return &st
}

// Guessed tells whether the type of column i is a guess, and whether the samples had a value of it.
func (t *table) Guessed(i int) (guessed, seen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.cols[i]
	return c.guessed, !c.guessed || c.shape.kinds != 0
}

// Widen makes the guessed type of column i one that holds what typ holds, too.
func (t *table) Widen(i int, typ types.Type) types.Type {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.cols[i]
	if !c.guessed {
		return c.Type
	}
	g := shapeOf(typ) // first, so that fields of files that are united come in one order
	g.merge(c.shape)
	c.shape = g
	c.Type = g.typ(t.conf.depth)
	return c.Type
}

// learn takes records into account that disproved a guess: root is their shape.
func (t *table) learn(root *shape) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.whole {
		if c := &t.cols[0]; c.guessed {
			c.shape.merge(root)
			c.Type = c.shape.typ(t.conf.depth)
		}
		return
	}
	for _, k := range root.keys {
		i := slices.IndexFunc(t.cols, func(c column) bool { return c.key == k })
		if i < 0 {
			i = t.addColumn(k)
		}
		if c := &t.cols[i]; c.guessed {
			c.shape.merge(root.kids[k])
			c.Type = c.shape.typ(t.conf.depth)
		}
	}
}

// addColumn adds a column for a key, under a name that no other has.
func (t *table) addColumn(key string) int {
	name := key
	if name == "" {
		name = "column" + itoa(int64(len(t.cols)))
	}
	for n := int64(1); slices.ContainsFunc(t.cols, func(c column) bool { return strings.EqualFold(c.Name, name) }); n++ {
		name = key + "_" + itoa(n)
	}
	c := column{key: key, guessed: true, shape: &shape{}}
	c.Name, c.Type = name, types.TVarchar
	if typ, ok := t.conf.typed[strings.ToLower(name)]; ok {
		c.Type, c.guessed = typ, false
	}
	t.cols = append(t.cols, c)
	return len(t.cols) - 1
}

func (t *table) snapshot() []column {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.cols)
}

// streamed tells whether the file is cut by one goroutine.
func (t *table) streamed() bool { return t.comp != fs.Plain || t.layout != lines }

// dataError is an error at a place, given as a line from 1 and a byte in it from 1.
func dataError(path string, line, col int64, msg string, args ...any) *sqlerr.Error {
	e := sqlerr.New(sqlerr.Data, msg, args...)
	e.Msg = path + ", line " + itoa(line) + ", position " + itoa(col) + ": " + e.Msg
	return e
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}

func cut(b []byte, n int) string {
	b = bytes.TrimRight(b, "\r\n ")
	if len(b) > n {
		return string(b[:n]) + "…"
	}
	return string(b)
}
