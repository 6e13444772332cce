package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
)

// metaFile is the name of a table's metadata in its folder. Names with an underscore in front are not data.
const metaFile = "_table.json"

// OpenWarehouse reads the catalog in folder dir, which is made if it does not exist.
func OpenWarehouse(dir string, formats *storage.Registry) (*Catalog, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot open warehouse %s", dir)
	}
	c := NewMemory(formats)
	c.dir = abs
	if err := os.MkdirAll(filepath.Join(abs, DefaultDatabase), 0o755); err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot make warehouse %s", dir)
	}
	dbs, err := os.ReadDir(abs)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read warehouse %s", dir)
	}
	for _, d := range dbs {
		if !d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
			continue
		}
		if err := c.load(d.Name()); err != nil {
			return nil, err
		}
	}
	return c, c.loadMacros()
}

// load reads the tables of a database.
func (c *Catalog) load(db string) error {
	d := &database{db, map[string]*Table{}}
	c.dbs[strings.ToLower(db)] = d
	entries, err := os.ReadDir(filepath.Join(c.dir, db))
	if err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read database %s", db)
	}
	for _, e := range entries {
		path := filepath.Join(c.dir, db, e.Name(), metaFile)
		text, err := os.ReadFile(path)
		if err != nil {
			if os.IsNotExist(err) {
				continue
			}
			return sqlerr.Wrap(sqlerr.IO, err, "cannot read table %s.%s", db, e.Name())
		}
		t := &Table{}
		if err := json.Unmarshal(text, t); err != nil {
			return sqlerr.Wrap(sqlerr.Data, err, "%s is damaged", path)
		}
		d.tables[strings.ToLower(t.Name)] = t
	}
	return nil
}

// TableDir gives the folder of a table in the warehouse.
func (c *Catalog) TableDir(t *Table) string {
	return filepath.Join(c.dir, strings.ToLower(t.Database), strings.ToLower(t.Name))
}

func (c *Catalog) storeDatabase(name string) error {
	if c.dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(c.dir, strings.ToLower(name)), 0o755); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot make database %s", name)
	}
	return nil
}

func (c *Catalog) removeDatabase(name string) error {
	if c.dir == "" {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(c.dir, strings.ToLower(name))); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot drop database %s", name)
	}
	return nil
}

// store writes a table's metadata beside the old and renames it into place.
func (c *Catalog) store(t *Table) error {
	if c.dir == "" {
		return nil
	}
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return sqlerr.Wrap(sqlerr.Internal, err, "cannot store table %s", t.Name)
	}
	dir := c.TableDir(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot store table %s", t.Name)
	}
	if err := WriteAtomic(filepath.Join(dir, metaFile), text); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot store table %s", t.Name)
	}
	return nil
}

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

func (c *Catalog) remove(t *Table) error {
	if c.dir == "" {
		return nil
	}
	dir := c.TableDir(t)
	if err := os.Remove(filepath.Join(dir, metaFile)); err != nil && !os.IsNotExist(err) {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot drop table %s", t.Name)
	}
	if err := os.RemoveAll(dir); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "table %s is dropped, but its files could not be removed", t.Name)
	}
	return nil
}
