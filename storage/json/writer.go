package json

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// flushSize is how much text is gathered before it is written.
const flushSize = 256 << 10

var writeOptions = []string{"array", "compression"}

// writer writes one object a row: each on a line of its own, or all in an array.
type writer struct {
	w     io.WriteCloser
	loc   *time.Location
	keys  [][]byte
	array bool
	rows  int64
	buf   []byte
	err   error
}

// Buffered gives the bytes that are yet to be written.
func (w *writer) Buffered() int { return len(w.buf) }

// Create starts a file of rows. Options: array, compression.
func (format) Create(out io.Writer, env *storage.Env, cols []types.Field, opts storage.Options) (storage.Writer, error) {
	w := &writer{loc: time.UTC}
	if env != nil && env.Setting != nil {
		if l, err := time.LoadLocation(env.Setting("timezone")); err == nil {
			w.loc = l
		}
	}
	comp := fs.Plain
	var err error
	for name, o := range opts {
		switch name {
		case "array":
			w.array, err = o.Bool(name)
		case "compression", "codec":
			comp, _, err = compression(o)
		default:
			err = unknownOption("writing", name, o, writeOptions)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, c := range cols {
		w.keys = append(w.keys, append(jsonval.AppendString(nil, []byte(c.Name)), ':'))
	}
	if w.w, err = fs.Compress(comp, out); err != nil {
		return nil, err
	}
	if w.array {
		w.buf = append(w.buf, '[')
	}
	return w, nil
}

// Write writes the rows of a batch.
func (w *writer) Write(b *vec.Batch) error {
	if len(b.Cols) != len(w.keys) {
		return sqlerr.New(sqlerr.Internal, "%d columns for a file of %d", len(b.Cols), len(w.keys))
	}
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel {
		if w.err != nil {
			return w.err
		}
		if w.array {
			if w.rows > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(w.buf, "\n\t"...)
		}
		w.rows++
		w.buf = append(w.buf, '{')
		for k, v := range b.Cols {
			if k > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(w.buf, w.keys[k]...)
			start := len(w.buf)
			w.buf = jsonval.AppendValue(w.buf, v, int(i), w.loc)
			if v.Type.Kind >= types.JSON && bytes.IndexByte(w.buf[start:], '\n') >= 0 {
				w.oneLine(start)
			}
		}
		w.buf = append(w.buf, '}')
		if !w.array {
			w.buf = append(w.buf, '\n')
		}
		if len(w.buf) >= flushSize {
			w.flush()
		}
	}
	return w.err
}

// oneLine takes the line feeds out of a value that has JSON text in it, since a record must stand on one line.
func (w *writer) oneLine(start int) {
	var b bytes.Buffer
	if stdjson.Compact(&b, w.buf[start:]) == nil {
		w.buf = append(w.buf[:start], b.Bytes()...)
	}
}

func (w *writer) flush() {
	if w.err == nil && len(w.buf) > 0 {
		if _, err := w.w.Write(w.buf); err != nil {
			w.err = sqlerr.Wrap(sqlerr.IO, err, "cannot write JSON")
		}
	}
	w.buf = w.buf[:0]
}

// Close writes what is left.
func (w *writer) Close() error {
	if w.array {
		w.buf = append(w.buf, "\n]\n"...)
	}
	w.flush()
	if err := w.w.Close(); err != nil && w.err == nil {
		w.err = sqlerr.Wrap(sqlerr.IO, err, "cannot write JSON")
	}
	return w.err
}
