// Package render writes results in the formats of the command: box, csv, tsv, json, ndjson, markdown, line, arrow, parquet.
//
// A Writer takes one result: Begin, any number of Batch, End. Batches are borrowed: a Writer keeps text, never vectors. Writers are
// streams: what they hold does not grow with the result.
package render

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Writer writes one result.
type Writer interface {
	Begin(fields []types.Field) error
	Batch(b *vec.Batch) error
	End() error
}

// Options say how results look.
type Options struct {
	Width    int            // columns of the terminal; 0 = as wide as need be
	MaxRows  int            // most rows of a box; 0 = 40
	All      bool           // all rows of a box, however many
	Rows     int            // of the terminal, with All: a box with more is scrolled, and need not fit the width
	Expand   bool           // a box that leaves out columns is written with one value a line
	RowHeads bool           // line: a line with its number before each row
	NoHeader bool           // no names of columns
	NullText string         // box, line, markdown: what stands for NULL
	Color    bool           // terminal colours
	Null     string         // csv, tsv: the text for NULL
	Location *time.Location // for TIMESTAMPTZ; nil = UTC
	// NewFile starts a file of rows in a format of the engine.
	NewFile func(w io.Writer, format string, fields []types.Field, opts storage.Options) (storage.Writer, error)
}

// Formats are the names of all formats.
var Formats = []string{"box", "csv", "tsv", "json", "ndjson", "markdown", "line", "arrow", "parquet"}

// Known checks the name of a format.
func Known(format string) error {
	for _, f := range Formats {
		if f == format {
			return nil
		}
	}
	return sqlerr.New(sqlerr.NotFound, "unknown format %s", format).WithHint("formats are %s", strings.Join(Formats, ", "))
}

// New makes the writer of a format for one result.
func New(format string, w *bufio.Writer, o Options) (Writer, error) {
	switch format {
	case "box":
		return &box{w: w, o: o}, nil
	case "csv":
		return &csv{w: w, o: o, delim: ','}, nil
	case "tsv":
		return &csv{w: w, o: o, delim: '\t'}, nil
	case "json":
		return &json{w: w, o: o, list: true}, nil
	case "ndjson":
		return &json{w: w, o: o}, nil
	case "markdown":
		return &markdown{w: w, o: o}, nil
	case "line":
		return &line{w: w, o: o}, nil
	case "arrow":
		return &arrowStream{w: w}, nil
	case "parquet":
		return &file{w: w, o: o, format: format}, nil
	}
	return nil, Known(format)
}

// selection gives the row numbers of b.
func selection(b *vec.Batch) []int32 {
	if b.Sel != nil {
		return b.Sel
	}
	return vec.Identity(b.N)
}

// appendValue writes the value of row i, which is not NULL, as text.
func appendValue(dst []byte, v *vec.Vector, i int, loc *time.Location) []byte {
	f, k := v.At(i)
	switch f.Type.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.UTinyInt, types.USmallInt:
		return strconv.AppendInt(dst, int64(vec.Values[int32](f)[k]), 10)
	case types.BigInt, types.UInteger:
		return strconv.AppendInt(dst, vec.Values[int64](f)[k], 10)
	case types.Varchar:
		return append(dst, vec.Values[vec.View](f)[k].Bytes(f.Bufs)...)
	case types.TimestampTZ:
		return kernel.AppendTimestampTZ(dst, vec.Values[int64](f)[k], loc)
	}
	return kernel.AppendText(dst, f, k)
}

// file writes a result as a file of one of the engine's formats.
type file struct {
	w      *bufio.Writer
	o      Options
	format string
	out    storage.Writer
}

func (f *file) Begin(fields []types.Field) (err error) {
	f.out, err = f.o.NewFile(f.w, f.format, fields, nil)
	return err
}

func (f *file) Batch(b *vec.Batch) error { return f.out.Write(b) }

func (f *file) End() error { return f.out.Close() }
