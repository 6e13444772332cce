package command

import (
	"bufio"
	"context"
	"errors"
	"hash/crc32"
	"path"
	"path/filepath"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// partWriter writes rows to new Parquet files of a warehouse's table: one file as long as the values of the partition columns stay the same.
// Rows come in the order of these.
type partWriter struct {
	home   *catalog.Catalog
	env    *storage.Env
	table  *catalog.Table
	folder string // below the warehouse's
	beside string // the file that the new ones come in the place of, or ""
	parts  []catalog.Part

	open   bool
	values []*string // of the open file
	file   catalog.File
	buf    *bufio.Writer
	out    *counter
	w      storage.Writer
	rows   int64
}

// counter counts the bytes that go through it, and sums them up.
type counter struct {
	catalog.File
	n   int64
	sum uint32
}

// castagnoli is the table of the files' checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write writes and counts.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.File.Write(p)
	c.n += int64(n)
	c.sum = crc32.Update(c.sum, castagnoli, p[:n])
	return n, err
}

// newLocation gives a folder for the files of a table that no other version of it has.
func newLocation(t *catalog.Table) string {
	return path.Join(multi.EscapeFolder(strings.ToLower(t.Database)), multi.EscapeFolder(strings.ToLower(t.Name)), catalog.FreshName())
}

// write adds the rows of a batch, whose last columns are the partition columns.
func (w *partWriter) write(b *vec.Batch) error {
	n := len(w.table.Columns)
	if len(w.table.Partitions) == 0 {
		if err := w.begin(nil); err != nil {
			return err
		}
		w.rows += int64(b.Rows())
		return w.w.Write(b)
	}
	return byValues(b, n, func(values []*string, part *vec.Batch) error {
		if err := w.begin(values); err != nil {
			return err
		}
		w.rows += int64(part.Rows())
		return w.w.Write(part)
	})
}

// byValues cuts a batch where the values of its last columns, from number n on, change, and hands out the parts without these.
func byValues(b *vec.Batch, n int, write func(values []*string, part *vec.Batch) error) error {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for len(sel) > 0 {
		values := partitionValues(b.Cols[n:], int(sel[0]))
		end := 1
		for end < len(sel) && sameRow(b.Cols[n:], int(sel[0]), int(sel[end])) {
			end++
		}
		part := *b
		part.Cols, part.Sel = b.Cols[:n], sel[:end:end]
		if err := write(values, &part); err != nil {
			return err
		}
		sel = sel[end:]
	}
	return nil
}

// partitionValues gives the values of row i as text; nil is NULL. Hive has no empty text in a folder's name: it is NULL, too.
func partitionValues(cols []*vec.Vector, i int) []*string {
	out := make([]*string, len(cols))
	for k, v := range cols {
		if v.IsNull(i) {
			continue
		}
		if text := string(kernel.AppendText(nil, v, i)); text != "" {
			out[k] = &text
		}
	}
	return out
}

func sameRow(cols []*vec.Vector, i, k int) bool {
	for _, v := range cols {
		if v.Form == vec.Const {
			continue
		}
		if v.IsNull(i) || v.IsNull(k) {
			if v.IsNull(i) != v.IsNull(k) {
				return false
			}
			continue
		}
		if string(kernel.AppendText(nil, v, i)) != string(kernel.AppendText(nil, v, k)) {
			return false
		}
	}
	return true
}

func sameValues(a, b []*string) bool {
	for i := range a {
		if (a[i] == nil) != (b[i] == nil) || a[i] != nil && *a[i] != *b[i] {
			return false
		}
	}
	return true
}

// begin makes the file for a partition the open one.
func (w *partWriter) begin(values []*string) error {
	if w.open && sameValues(w.values, values) {
		return nil
	}
	if err := w.end(); err != nil {
		return err
	}
	rel := w.folder
	for i, v := range values {
		rel = path.Join(rel, multi.Folder(w.table.Partitions[i].Name, v))
	}
	name := catalog.FreshName()
	if w.beside != "" {
		name = catalog.NameBeside(w.beside)
	}
	p := catalog.Part{Path: path.Join(rel, "part-"+name+".parquet"), Values: values}
	f, err := w.home.Disk().Create(w.home.PartPath(&p))
	if err != nil {
		return w.failed(err)
	}
	w.open, w.values, w.rows = true, values, 0
	w.file, w.out = f, &counter{File: f}
	w.parts = append(w.parts, p)
	w.buf = bufio.NewWriterSize(w.out, 1<<20)
	format, err := w.home.Formats().Named("parquet")
	if err != nil {
		return err
	}
	var fields []types.Field
	for _, c := range w.table.Columns {
		fields = append(fields, types.Field{Name: c.StoredName(), Type: c.Type, NotNull: c.NotNull})
	}
	w.w, err = format.Create(w.buf, w.env, fields, nil)
	return err
}

func (w *partWriter) failed(err error) error {
	var e *sqlerr.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return sqlerr.Wrap(sqlerr.IO, err, "cannot write table %s", w.table.Name)
}

// end finishes the open file and flushes it, and its name, to the disk.
func (w *partWriter) end() error {
	if !w.open {
		return nil
	}
	w.open = false
	err := w.w.Close()
	if err == nil {
		err = w.buf.Flush()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if e := w.file.Close(); err == nil {
		err = e
	}
	p := &w.parts[len(w.parts)-1]
	p.Rows, p.Bytes, p.Sum = w.rows, w.out.n, w.out.sum
	if err == nil {
		err = w.home.Disk().SyncDir(filepath.Dir(w.home.PartPath(p)))
	}
	if err == nil && len(w.parts) <= maxStatsFiles {
		p.Cols = w.stats(p)
	}
	return w.failed(err)
}

// maxStatsFiles is how many files of a statement have statistics in the catalog: those of a million would fill the memory.
const maxStatsFiles = 100_000

// stats reads what the footer of a new file says of its columns. A file that cannot be read goes without.
func (w *partWriter) stats(p *catalog.Part) catalog.FileStats {
	format, err := w.home.Formats().Named("parquet")
	if err != nil {
		return ""
	}
	file, err := fs.Stat(w.home.PartPath(p))
	if err != nil {
		return ""
	}
	t, err := format.Open(context.Background(), w.env, file, nil)
	if err != nil {
		return ""
	}
	var fields []types.Field
	for _, c := range t.Schema() {
		fields = append(fields, c.Field)
	}
	return catalog.StatsOf(fields, t.Stats())
}

// close finishes the last file.
func (w *partWriter) close() error { return w.end() }

// discard removes the files. One that stays is taken by VACUUM.
func (w *partWriter) discard() {
	if w.open {
		_ = w.file.Close()
	}
	for i := range w.parts {
		_ = w.home.Disk().Remove(w.home.PartPath(&w.parts[i]))
	}
}
