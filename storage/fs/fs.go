// Package fs is how the engine sees files: globs, sizes, and reads at an offset. Files are never mapped, since a map of a
// file that somebody truncates kills the process. Paths inside are absolute and cleaned.
package fs

import (
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// File is a regular file found by Glob.
type File struct {
	Path string    // absolute
	Size int64     // bytes, as found
	Time time.Time // of the last change, as found

	copy string // where a copy of its bytes lies, if it is a stream
}

// HasGlob tells whether path has pattern characters.
func HasGlob(path string) bool { return strings.ContainsAny(path, "*?[{") }

// Glob lists the files that path names, sorted by name: itself, the data files below it when it is a folder, or
// those that match when it is a pattern (`*`, `**`, `?`, `[a-z]`, `{a,b}`). Names that begin with `.` or `_` are left
// out unless spelled out. base is the folder that a relative path starts from. No file at all is an error.
func Glob(path, base string) ([]File, error) {
	abs := path
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(base, path)
	}
	abs = filepath.Clean(abs)
	if info, err := os.Stat(abs); err == nil {
		if !info.IsDir() {
			return []File{{Path: abs, Size: info.Size(), Time: info.ModTime()}}, nil
		}
		abs = filepath.Join(abs, "**")
	} else if !HasGlob(abs) {
		return nil, notFound(path, abs, err)
	}
	names, err := doublestar.FilepathGlob(abs, doublestar.WithFilesOnly())
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot list %s", path)
	}
	slices.Sort(names)
	var out []File
	root := fixedPart(abs)
	for _, n := range names {
		if hidden(strings.TrimPrefix(n, root)) && !strings.Contains(path, filepath.Base(n)) {
			continue
		}
		info, err := os.Stat(n)
		if err != nil {
			return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", n)
		}
		if info.Mode().IsRegular() {
			out = append(out, File{Path: n, Size: info.Size(), Time: info.ModTime()})
		}
	}
	if len(out) == 0 {
		return nil, sqlerr.New(sqlerr.NotFound, "no file matches %s", path)
	}
	return out, nil
}

// Below lists the data files of a folder and the folders in it, sorted by name; there may be none.
func Below(dir string) ([]File, error) {
	files, err := Glob(dir, "")
	if sqlerr.ClassOf(err) == sqlerr.NotFound {
		if _, e := os.Stat(dir); e == nil {
			return nil, nil
		}
	}
	return files, err
}

// Stat gives the file at an absolute path.
func Stat(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, notFound(path, path, err)
	}
	return File{Path: path, Size: info.Size(), Time: info.ModTime()}, nil
}

// Root gives the folder that Glob starts from: the one in front of the first pattern character, the folder that path names, or the
// folder of the file.
func Root(path, base string) string {
	abs := path
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(base, path)
	}
	abs = filepath.Clean(abs)
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return abs
	} else if err == nil {
		return filepath.Dir(abs)
	}
	return filepath.Clean(fixedPart(abs))
}

// fixedPart is the folder part of a pattern before its first pattern character.
func fixedPart(pattern string) string {
	i := strings.IndexAny(pattern, "*?[{")
	if i < 0 {
		return filepath.Dir(pattern)
	}
	return pattern[:strings.LastIndexByte(pattern[:i], filepath.Separator)+1]
}

func hidden(rel string) bool {
	for _, part := range strings.Split(filepath.ToSlash(rel), "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") {
			return true
		}
	}
	return false
}

func notFound(path, abs string, err error) error {
	if !errors.Is(err, iofs.ErrNotExist) {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot open %s", path)
	}
	e := sqlerr.New(sqlerr.NotFound, "file %s does not exist", path)
	entries, _ := os.ReadDir(filepath.Dir(abs))
	var names []string
	for _, x := range entries {
		names = append(names, x.Name())
	}
	if n := sqlerr.Nearest(filepath.Base(abs), names); n != "" {
		return e.WithHint("did you mean %s?", filepath.Join(filepath.Dir(path), n))
	}
	return e
}

// Open opens the file for reads at offsets.
func (f File) Open() (*os.File, error) {
	path := f.Path
	if f.copy != "" {
		path = f.copy
	}
	h, err := os.Open(path)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot open %s", f.Path)
	}
	return h, nil
}
