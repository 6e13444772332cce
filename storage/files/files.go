// Package files is a table of whole files: a row each, with its contents as one value. The files are read when a scan wants the contents, and
// what they hold is reserved from the memory budget until the scan is closed.
package files

import (
	"context"
	"io"
	"math"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/memory"
)

// Table is the files of a list.
type Table struct {
	list []fs.File
	text bool
}

// New makes a table of files, whose contents are texts, which must be UTF-8, or BINARY.
func New(list []fs.File, text bool) *Table { return &Table{list, text} }

// content is the place of the column with the contents.
const content = 1

// Schema gives the columns filename, content, size and last_modified.
func (t *Table) Schema() []storage.Column {
	c := types.TBinary
	if t.text {
		c = types.TVarchar
	}
	return []storage.Column{
		{Field: types.Field{Name: "filename", Type: types.TVarchar, NotNull: true}}, {Field: types.Field{Name: "content", Type: c, NotNull: true}},
		{Field: types.Field{Name: "size", Type: types.TBigInt, NotNull: true}}, {Field: types.Field{Name: "last_modified", Type: types.TTimestampTZ, NotNull: true}},
	}
}

// Stats gives the number of files and their size.
func (t *Table) Stats() *storage.Stats {
	s := &storage.Stats{Rows: int64(len(t.list)), Exact: true, Cols: make([]storage.ColStats, 4)}
	for _, f := range t.list {
		s.Bytes += f.Size
	}
	for i := range s.Cols {
		s.Cols[i].Distinct = -1
	}
	return s
}

// Scan reads the files, if their contents are asked for.
func (t *Table) Scan(ctx context.Context, s *storage.Scan) (storage.Source, error) {
	var held *mem.Reservation
	if s.Env != nil && s.Env.Mem != nil {
		held = s.Env.Mem.Reserve()
	}
	wanted := false
	for _, c := range s.Columns {
		wanted = wanted || c == content
	}
	var fields []types.Field
	var cols []*vec.Builder
	for _, c := range t.Schema() {
		fields, cols = append(fields, c.Field), append(cols, vec.NewBuilder(c.Type))
	}
	for _, f := range t.list {
		cols[0].AppendBytes([]byte(f.Path))
		var b []byte
		if wanted {
			var err error
			if b, err = t.read(ctx, f, held); err != nil {
				held.Free()
				return nil, err
			}
		}
		cols[1].AppendBytes(b)
		vec.AppendValue(cols[2], f.Size)
		vec.AppendValue(cols[3], f.Time.UnixMicro())
	}
	ch := memory.Chunk{Rows: len(t.list)}
	for _, c := range cols {
		ch.Cols = append(ch.Cols, c.Vector())
	}
	src, err := memory.New(fields, []memory.Chunk{ch}).Scan(ctx, s)
	return &source{src, held}, err
}

// read gives the contents of a file.
func (t *Table) read(ctx context.Context, f fs.File, held *mem.Reservation) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.Size > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.Limit, "%s has %d bytes: a value has 2 GB at most", f.Path, f.Size)
	}
	if err := held.Grow(2 * f.Size); err != nil { // read, and copied into the vector
		return nil, err
	}
	h, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	b := make([]byte, f.Size)
	if _, err := io.ReadFull(h, b); err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", f.Path)
	}
	if t.text && !utf8.Valid(b) {
		return nil, sqlerr.New(sqlerr.Data, "%s is not UTF-8 text", f.Path).WithHint("read_blob reads any bytes")
	}
	return b, nil
}

// source gives back the memory when it is closed.
type source struct {
	storage.Source
	held *mem.Reservation
}

func (s *source) Close() error {
	s.held.Free()
	return s.Source.Close()
}
