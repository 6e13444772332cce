package fs

import (
	"os"
	"path/filepath"
)

// WriteAtomic writes a file beside its place, flushes it to the disk and renames it into place.
func WriteAtomic(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "_tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
