package fs

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// stdinPaths are names of stdin.
var stdinPaths = []string{"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}

// IsStream tells whether path names something whose bytes come once, in order: stdin, a pipe. base is the folder that a relative path
// starts from.
func IsStream(path, base string) bool {
	if slices.Contains(stdinPaths, path) {
		return true
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && !info.Mode().IsRegular()
}

// Spool keeps copies of streams in temporary files, so that they can be read at offsets, and more than once. It is safe for many
// goroutines.
type Spool struct {
	mu      sync.Mutex
	files   map[string]File
	noStdin string
}

// RefuseStdin says why stdin cannot be read as data.
func (s *Spool) RefuseStdin(why string) { s.noStdin = why }

// File gives the stream at path as a file. The first call reads it to its end, into a file in folder dir (the system's if it is "").
func (s *Spool) File(path, base, dir string) (File, error) {
	if s == nil {
		return File{}, sqlerr.New(sqlerr.Unsupported, "%s is a stream, which cannot be read here", path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := path
	if slices.Contains(stdinPaths, path) {
		path, name = "-", "stdin"
	} else if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	if f, ok := s.files[path]; ok {
		return f, nil
	}
	in := os.Stdin
	if path == "-" && s.noStdin != "" {
		return File{}, sqlerr.New(sqlerr.Unsupported, "stdin cannot be read as data: %s", s.noStdin).
			WithHint("give the statements with -c or -f, then stdin is free: skep -c \"SELECT … FROM '-'\" < data.csv")
	}
	if path != "-" {
		var err error
		if in, err = os.Open(path); err != nil {
			return File{}, sqlerr.Wrap(sqlerr.IO, err, "cannot open %s", path)
		}
		defer in.Close()
	}
	out, err := os.CreateTemp(dir, "skep-spool-*")
	if err != nil {
		return File{}, sqlerr.Wrap(sqlerr.IO, err, "cannot keep a copy of %s", name).WithHint("the setting temp_directory says where it goes")
	}
	n, err := io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(out.Name())
		return File{}, sqlerr.Wrap(sqlerr.IO, err, "cannot keep a copy of %s", name)
	}
	f := File{Path: name, Size: n, copy: out.Name()}
	if s.files == nil {
		s.files = map[string]File{}
	}
	s.files[path] = f
	return f, nil
}

// Close removes the copies.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		_ = os.Remove(f.copy) // one that is left is the system's to clean up
	}
	s.files = nil
}

// Head gives the first n plain bytes of a file, or fewer.
func (f File) Head(n int) ([]byte, error) {
	h, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	magic := make([]byte, 16)
	k, err := h.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", f.Path)
	}
	r, err := Decompress(DetectCompression(magic[:k]), h)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b := make([]byte, n)
	k, err = io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	if err != nil {
		err = sqlerr.Wrap(sqlerr.Data, err, "cannot read %s", f.Path)
	}
	return b[:k], err
}
