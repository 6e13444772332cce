package command

import (
	"bufio"
	"os"
	"path/filepath"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
)

// newFileWriter is a file being written beside its place; commit renames it there.
type newFileWriter struct {
	path string
	f    *os.File
	buf  *bufio.Writer
	n    int64 // bytes so far
	w    storage.Writer
}

// newFile starts a file of rows that will be at path.
func newFile(path string, format storage.Format, env *storage.Env, fields []types.Field, opts storage.Options) (*newFileWriter, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "_tmp-"+filepath.Base(path)+"-*")
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot write %s", path)
	}
	n := &newFileWriter{path: path, f: f, buf: bufio.NewWriterSize(f, 1<<20)}
	if n.w, err = format.Create(n, env, fields, opts); err != nil {
		n.abort()
		return nil, err
	}
	return n, nil
}

// Write takes the bytes of the format's writer.
func (n *newFileWriter) Write(b []byte) (int, error) {
	n.n += int64(len(b))
	return n.buf.Write(b)
}

// size gives the bytes so far, as far as the format's writer tells.
func (n *newFileWriter) size() int64 {
	if b, ok := n.w.(storage.Buffering); ok {
		return n.n + int64(b.Buffered())
	}
	return n.n
}

// finish ends the file and flushes it to the disk.
func (n *newFileWriter) finish() error {
	if err := n.w.Close(); err != nil {
		return err
	}
	return n.steps(n.buf.Flush, n.f.Sync, func() error { return n.f.Chmod(0o644) }, n.f.Close)
}

// place renames the finished file into its place.
func (n *newFileWriter) place() error {
	return n.steps(func() error { return os.Rename(n.f.Name(), n.path) })
}

// commit is both.
func (n *newFileWriter) commit() error {
	if err := n.finish(); err != nil {
		return err
	}
	return n.place()
}

func (n *newFileWriter) steps(list ...func() error) error {
	for _, step := range list {
		if err := step(); err != nil {
			return sqlerr.Wrap(sqlerr.IO, err, "cannot write %s", n.path)
		}
	}
	return nil
}

// abort removes what was written.
func (n *newFileWriter) abort() {
	_ = n.f.Close()
	_ = os.Remove(n.f.Name())
}
