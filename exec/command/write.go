package command

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/physical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// tableWrite writes rows for a managed table: to chunks in memory, or to a Parquet file in the table's folder that the catalog does not
// know before commit.
type tableWrite struct {
	*run
	home  *catalog.Catalog
	table *catalog.Table
	rows  int64

	mem  *memory.Appender
	path string // the new file
	next int64  // SERIAL: the next number
}

func (w *tableWrite) inMemory() bool { return w.home.Dir() == "" || w.table.Temp }

// fill runs plan and writes its rows.
func (w *tableWrite) fill(plan physical.Node) error {
	fields := w.table.Fields()
	w.next = max(w.table.NextSerial, 1)
	if w.Dry {
		w.mem = memory.NewAppender(fields)
		return nil
	}
	put := func(*vec.Batch) error { return nil }
	finish := func() error { return nil }
	abort := func() {}
	if w.inMemory() {
		w.mem = memory.NewAppender(fields)
		res := w.Mem.Reserve()
		defer res.Free()
		put = func(b *vec.Batch) error {
			if err := w.mem.Write(b); err != nil {
				return err
			}
			return res.Resize(int64(w.mem.Size()))
		}
	} else {
		dir := w.home.TableDir(w.table)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return sqlerr.Wrap(sqlerr.IO, err, "cannot write table %s", w.table.Name)
		}
		f, err := w.home.Formats().Named("parquet")
		if err != nil {
			return err
		}
		w.path = filepath.Join(dir, fmt.Sprintf("part-%d-%d.parquet", time.Now().UnixNano(), os.Getpid()))
		file, err := newFile(w.path, f, w.Session.Env, fields, nil)
		if err != nil {
			return err
		}
		put, finish, abort = file.w.Write, file.commit, file.abort
	}
	ts := make([]types.Type, len(fields))
	for i, f := range fields {
		ts[i] = f.Type
	}
	sink := &op.TableWriter{Types: ts, Ordered: true, Write: func(b *vec.Batch) error {
		out, err := w.check(b)
		if err != nil {
			return err
		}
		w.rows += int64(b.Rows())
		return put(out)
	}}
	if err := exec.Drain(w.task(), plan, sink, nil); err != nil {
		abort()
		return err
	}
	if err := finish(); err != nil {
		abort()
		return err
	}
	return nil
}

// check numbers SERIAL columns and refuses NULL where it may not be.
func (w *tableWrite) check(b *vec.Batch) (*vec.Batch, error) {
	out := *b
	for i, c := range w.table.Columns {
		if !c.NotNull {
			continue
		}
		v := b.Cols[i]
		if v.Valid == nil && !c.Serial {
			continue
		}
		var flat *vec.Vector
		if c.Serial {
			bld := vec.NewBuilder(v.Type)
			bld.Append(v, nil)
			flat = bld.Vector()
			out.Cols = append([]*vec.Vector(nil), out.Cols...)
			out.Cols[i] = flat
		}
		sel := b.Sel
		if sel == nil {
			sel = vec.Identity(b.N)
		}
		for _, k := range sel {
			if !v.IsNull(int(k)) {
				continue
			}
			if !c.Serial {
				return nil, sqlerr.New(sqlerr.Data, "column %s of table %s must not be NULL", c.Name, w.table.Name)
			}
			if flat.Phys() == types.PI32 {
				vec.Values[int32](flat)[k] = int32(w.next)
			} else {
				vec.Values[int64](flat)[k] = w.next
			}
			flat.Valid.Set(int(k))
			w.next++
		}
	}
	return &out, nil
}

// create puts the new table, with its rows, into the catalog.
func (w *tableWrite) create(replace bool) error {
	w.apply(w.table)
	return w.undo(w.home.Create(w.table, replace))
}

// insert adds the rows to the table as it was when the statement began, or with overwrite puts them in the place of its rows.
func (w *tableWrite) insert(overwrite bool) error {
	t := *w.table
	if overwrite {
		t.Files, t.Rows = nil, nil
	}
	w.apply(&t)
	if err := w.undo(w.home.Update(w.table, &t)); err != nil {
		return err
	}
	if overwrite && !w.inMemory() {
		for _, f := range w.table.Files {
			_ = os.Remove(filepath.Join(w.home.TableDir(&t), f)) // readers that still have it open go on; a failure leaves a file that nobody reads
		}
	}
	return nil
}

func (w *tableWrite) apply(t *catalog.Table) {
	t.NextSerial = w.next
	if !w.inMemory() {
		if w.rows > 0 {
			t.Files = append(t.Files[:len(t.Files):len(t.Files)], filepath.Base(w.path))
		} else {
			_ = os.Remove(w.path)
		}
		return
	}
	old := t.Rows
	if old == nil {
		old = memory.New(t.Fields(), nil)
	}
	t.Rows = old.Append(w.mem.Chunks())
}

// undo removes the new file when the catalog did not take it.
func (w *tableWrite) undo(err error) error {
	if err != nil && w.path != "" {
		_ = os.Remove(w.path)
	}
	return err
}

// newFileWriter is a file being written beside its place; commit renames it there.
type newFileWriter struct {
	path string
	f    *os.File
	buf  *bufio.Writer
	w    storage.Writer
}

// newFile starts a file of rows that will be at path.
func newFile(path string, format storage.Format, env *storage.Env, fields []types.Field, opts storage.Options) (*newFileWriter, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "_tmp-"+filepath.Base(path)+"-*")
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot write %s", path)
	}
	n := &newFileWriter{path: path, f: f, buf: bufio.NewWriterSize(f, 1<<20)}
	if n.w, err = format.Create(n.buf, env, fields, opts); err != nil {
		n.abort()
		return nil, err
	}
	return n, nil
}

// commit ends the file, flushes it to the disk and renames it into its place.
func (n *newFileWriter) commit() error {
	err := n.w.Close()
	for _, step := range []func() error{n.buf.Flush, n.f.Sync, func() error { return n.f.Chmod(0o644) }, n.f.Close, func() error { return os.Rename(n.f.Name(), n.path) }} {
		if err == nil {
			if err = step(); err != nil {
				err = sqlerr.Wrap(sqlerr.IO, err, "cannot write %s", n.path)
			}
		}
	}
	return err
}

// abort removes what was written.
func (n *newFileWriter) abort() {
	_ = n.f.Close()
	_ = os.Remove(n.f.Name())
}
