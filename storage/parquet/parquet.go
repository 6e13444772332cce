// Package parquet reads and writes Parquet files: an own decoder over the file's bytes that gives vectors page by page, and
// an own encoder. It uses parquet-go for the names of the format, its thrift encoder and its bit unpacking.
//
// What it knows: a footer's claims are checked against the file's size before anything is allocated from them, and a broken
// file is an error of class data, never a panic. Dictionaries belong to the collector and may be kept; everything else in a
// batch lies in the cursor's buffers, which are used again for the next batch.
package parquet

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

type parquetFormat struct{}

// New gives the Parquet format.
//
// Options to read: binary_as_string (byte arrays without annotation are VARCHAR). Options to write: compression (snappy, zstd,
// gzip, lz4, brotli, none), row_group_size (rows).
func New() storage.Format { return parquetFormat{} }

func (parquetFormat) Name() string { return "parquet" }

func (parquetFormat) Open(_ context.Context, _ *storage.Env, f fs.File, opts storage.Options) (storage.Table, error) {
	binaryAsString := false
	for name, o := range opts {
		if name != "binary_as_string" {
			return nil, unknownOption("reading", name, o, readOptions)
		}
		on, err := boolOption(name, o)
		if err != nil {
			return nil, err
		}
		binaryAsString = on
	}
	return open(f, binaryAsString)
}

var readOptions = []string{"binary_as_string"}

func unknownOption(what, name string, o storage.Option, known []string) error {
	e := sqlerr.At(sqlerr.Bind, o.Pos, "unknown option %s for %s Parquet", name, what)
	if n := sqlerr.Nearest(name, known); n != "" {
		return e.WithHint("did you mean %s?", n)
	}
	return e.WithHint("known options: %s", strings.Join(known, ", "))
}

func boolOption(name string, o storage.Option) (bool, error) {
	switch strings.ToLower(o.Text) {
	case "true", "1", "on", "":
		return true, nil
	case "false", "0", "off":
		return false, nil
	}
	return false, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is true or false, not %s", name, o.Text)
}

// table is one file. It is immutable but for its statistics, which are made once.
type table struct {
	file    fs.File
	path    string
	size    int64
	meta    *fileMeta
	root    *node
	leaves  []*leaf
	columns []storage.Column

	once  sync.Once
	stats storage.Stats
}

func open(f fs.File, binaryAsString bool) (t *table, err error) {
	h, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", f.Path)
	}
	defer recoverTo(&err, f.Path)
	t = &table{file: f, path: f.Path, size: info.Size()}
	if t.meta, err = readFooter(h, t.size, t.path); err != nil {
		return nil, err
	}
	if t.root, t.leaves, err = schemaTree(t.meta, t.path, binaryAsString); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	for _, k := range t.root.kids {
		t.columns = append(t.columns, storage.Column{Field: types.Field{Name: k.el.name, Type: k.typ, NotNull: k.el.rep == required}})
	}
	return t, nil
}

// recoverTo makes a panic over a broken file an error.
func recoverTo(err *error, path string) {
	if x := recover(); x != nil {
		*err = malformed(path, "", "%v", x)
	}
}

// rowsPerByte bounds how many rows a byte of a column may stand for: runs are short to write, but pages are not endless.
const rowsPerByte = 1 << 20

// check holds the row groups' claims against each other.
func (t *table) check() error {
	var rows int64
	for i := range t.meta.groups {
		g := &t.meta.groups[i]
		if g.rows < 0 || g.rows > 1<<48 || len(g.chunks) != len(t.leaves) {
			return malformed(t.path, "", "row group %d has %d rows and %d columns of %d", i, g.rows, len(g.chunks), len(t.leaves))
		}
		rows += g.rows
		for j, l := range t.leaves {
			m := &g.chunks[j]
			if m.encrypted {
				continue
			}
			if m.values < 0 || l.rep == 0 && m.values != g.rows || l.rep > 0 && m.values < g.rows {
				return malformed(t.path, l.name, "row group %d has %d rows, but %d values here", i, g.rows, m.values)
			}
			if m.compressed < 0 || m.values/rowsPerByte > m.compressed {
				return malformed(t.path, l.name, "%d values in %d bytes", m.values, m.compressed)
			}
		}
	}
	t.meta.rows = rows // some writers leave the footer's own count at 0
	return nil
}

func (t *table) Schema() []storage.Column { return slices.Clone(t.columns) }

// file is a cursor's access to the file and what its columns share.
type file struct {
	path string
	size int64
	h    *os.File
	dec  decompressor
	res  *mem.Reservation
}

func (f *file) reserve(n int) error { return f.res.Grow(int64(n)) }

// room tells whether n bytes could be had now.
func (f *file) room(n int64) error {
	if err := f.res.Grow(n); err != nil {
		return err
	}
	return f.res.Grow(-n)
}

func (f *file) readAt(b []byte, off int64) error {
	if _, err := f.h.ReadAt(b, off); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", f.path)
	}
	return nil
}

// fail gives an error its class and place, unless it has them.
func (f *file) fail(column string, err error) error {
	var e *sqlerr.Error
	var l *mem.LimitError
	if errors.As(err, &e) || errors.As(err, &l) {
		return err
	}
	return malformed(f.path, column, "%s", err)
}

func (f *file) checkChunk(l *leaf, m *chunkMeta) error {
	switch {
	case m.encrypted:
		return sqlerr.New(sqlerr.Unsupported, "%s, column %s is encrypted", f.path, l.name)
	case m.elsewhere:
		return sqlerr.New(sqlerr.Unsupported, "%s, column %s lies in another file", f.path, l.name)
	case int32(l.phys) != m.typ:
		return malformed(f.path, l.name, "physical type %d in the schema, %d in a row group", l.phys, m.typ)
	}
	if s := m.start(); s < 4 || m.compressed < 0 || s > f.size || m.compressed > f.size-s {
		return malformed(f.path, l.name, "chunk of %d bytes at %d in a file of %d", m.compressed, s, f.size)
	}
	return nil
}
