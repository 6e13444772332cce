package catalog

import (
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// File is a new file being written.
type File interface {
	io.Writer
	Sync() error
	Close() error
}

// Disk is what a warehouse does to its folder. Tests put disks that fail in its place.
type Disk interface {
	// Create starts a new file, and makes the folders that it lies in. It is an error if there is one already.
	Create(path string) (File, error)
	// Link gives a file a second name. It is an iofs.ErrExist if something has that name.
	Link(from, to string) error
	// Rename puts a file in the place of another.
	Rename(from, to string) error
	Remove(path string) error
	// SyncDir flushes the names in a folder to the disk.
	SyncDir(path string) error
}

// OSDisk is the operating system's.
var OSDisk Disk = osDisk{}

type osDisk struct{}

func (osDisk) Create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if !errors.Is(err, iofs.ErrNotExist) {
		return f, err
	}
	if err := makeDirs(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// makeDirs makes a folder and those above it, and flushes the name of each new one to the disk.
func makeDirs(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeDirs(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, iofs.ErrExist) {
		return err
	}
	return osDisk{}.SyncDir(parent)
}

func (osDisk) Link(from, to string) error   { return os.Link(from, to) }
func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }
func (osDisk) Remove(path string) error     { return os.Remove(path) }

func (osDisk) SyncDir(path string) error {
	if runtime.GOOS == "windows" { // folders cannot be opened there; NTFS writes names down in its journal
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}

// writeNew writes a new file and flushes it to the disk; what went wrong leaves no file behind, if the disk lets it.
func writeNew(d Disk, path string, text []byte) error {
	f, err := d.Create(path)
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
	if err != nil {
		_ = d.Remove(path)
	}
	return err
}
