// Package catalog knows databases, tables and views, and keeps those of a warehouse on disk.
//
// What is known at a time is a state: immutable, with a version number. A store (store.go) has the newest one and takes the next. A Catalog
// is one session's view of a store: it holds one state for the length of a statement, or of a transaction, gathers the changes made in it,
// and publishes them as one new version. If others have published since, the changes go on top of theirs where the two do not touch the
// same table, or where one only adds rows; otherwise it is a conflict, and nothing is changed.
//
// A warehouse is a folder. In _skep/v lie the versions: 1.json, 2.json, …, each naming one manifest per table in _skep/t; a manifest names
// the table's files, or chunks of at most 4,096 of them. All of these are written once and never changed. Why no crash can spoil them, and
// why an old version cannot come back, is written down in warehouse.go. Without a folder everything is in memory.
//
// A *Table is immutable; changing a table puts a new one in its place. A Catalog is safe for many goroutines.
package catalog

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
)

// DefaultDatabase is the database that exists from the start.
const DefaultDatabase = "default"

// Catalog is a session's view of the databases of a warehouse, or of memory.
type Catalog struct {
	formats *storage.Registry
	store   *store

	mu      sync.RWMutex
	base    *state // the version that now stands upon
	now     *state // base with the changes
	changes []change
	held    bool // changes wait for Publish
	frozen  bool // never takes a newer version
}

// Formats gives the file formats known.
func (c *Catalog) Formats() *storage.Registry { return c.formats }

// Dir gives the warehouse's folder, or "".
func (c *Catalog) Dir() string { return c.store.dir }

// Disk gives the operations on the warehouse's files.
func (c *Catalog) Disk() Disk { return c.store.disk }

// NewMemory makes an empty catalog in memory.
func NewMemory(formats *storage.Registry) *Catalog {
	s := newState()
	s.dbs[DefaultDatabase] = &Database{Name: DefaultDatabase, tables: map[string]*Table{}}
	return &Catalog{formats: formats, store: &store{newest: s}, base: s, now: s}
}

// Session makes another view of the same store.
func (c *Catalog) Session() *Catalog {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &Catalog{formats: c.formats, store: c.store, base: c.base, now: c.base}
}

// Beside makes a view that sees what c sees now, changes that are not published included, for good.
func (c *Catalog) Beside() *Catalog {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &Catalog{formats: c.formats, store: c.store, base: c.base, now: c.now, frozen: true}
}

// Clone makes a catalog in memory with the same databases and views, external tables that read the same files, and managed tables that are
// empty. Changes of it change nothing else.
func (c *Catalog) Clone() *Catalog {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := NewMemory(c.formats)
	out.now.objects = c.now.objects
	for key, d := range c.now.dbs {
		own := *d
		own.tables = map[string]*Table{}
		for name, t := range d.tables {
			empty := *t
			empty.Rows, empty.manifest = nil, ""
			if t.Kind == Managed {
				empty.Parts = Parts{}
			}
			own.tables[name] = &empty
		}
		out.now.dbs[key] = &own
	}
	return out
}

// Version gives the number of the version that is seen.
func (c *Catalog) Version() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.base.version
}

// Databases gives the names of all databases, sorted.
func (c *Catalog) Databases() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now.names()
}

// Database gives a database, or nil.
func (c *Catalog) Database(name string) *Database {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now.dbs[strings.ToLower(name)]
}

// HasDatabase tells whether a database exists.
func (c *Catalog) HasDatabase(name string) bool { return c.Database(name) != nil }

// Tables gives the tables and views of a database, sorted by name.
func (c *Catalog) Tables(db string) ([]*Table, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d, err := c.now.database(db)
	if err != nil {
		return nil, err
	}
	out := slices.Collect(maps.Values(d.tables))
	slices.SortFunc(out, func(a, b *Table) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out, nil
}

// Lookup gives a table, or nil.
func (c *Catalog) Lookup(db, name string) *Table {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now.lookup(db, name)
}

// CreateDatabase makes a database.
func (c *Catalog) CreateDatabase(d *Database, ifNotExists bool) error {
	if c.HasDatabase(d.Name) {
		if ifNotExists {
			return nil
		}
		return sqlerr.New(sqlerr.Exists, "database %s exists already", d.Name)
	}
	return c.change(change{db: d.Name, newDB: d})
}

// AlterDatabase puts d in the place of the database of its name; its tables stay.
func (c *Catalog) AlterDatabase(d *Database) error {
	old := c.Database(d.Name)
	if old == nil {
		return sqlerr.New(sqlerr.NotFound, "database %s does not exist", d.Name)
	}
	return c.change(change{db: d.Name, oldDB: old, newDB: d})
}

// DropDatabase removes a database; one with tables only with cascade.
func (c *Catalog) DropDatabase(name string, ifExists, cascade bool) error {
	c.mu.RLock()
	d, err := c.now.database(name)
	c.mu.RUnlock()
	switch {
	case err != nil && ifExists:
		return nil
	case err != nil:
		return err
	case len(d.tables) > 0 && !cascade:
		return sqlerr.New(sqlerr.Exists, "database %s has %d tables", name, len(d.tables)).WithHint("DROP DATABASE %s CASCADE drops them too", name)
	case strings.EqualFold(name, DefaultDatabase):
		return sqlerr.New(sqlerr.Unsupported, "database %s cannot be dropped", name)
	}
	return c.change(change{db: name, oldDB: d})
}

// Create adds a table. replace puts it in the place of one of that name.
func (c *Catalog) Create(t *Table, replace bool) error {
	old := c.Lookup(t.Database, t.Name)
	if old != nil && !replace {
		return sqlerr.New(sqlerr.Exists, "%s %s exists already", strings.ToLower(old.Kind.String()), t.Name).
			WithHint("CREATE TABLE IF NOT EXISTS leaves it, CREATE OR REPLACE TABLE replaces it")
	}
	return c.change(change{db: t.Database, name: t.Name, old: old, new: t})
}

// Update replaces old by t. It is a conflict if somebody else has changed the table since; then rebase, if it is not nil, may make the same
// change to the table as it is now.
func (c *Catalog) Update(old, t *Table, rebase func(now *Table) (*Table, error)) error {
	return c.change(change{db: t.Database, name: t.Name, old: old, new: t, rebase: rebase})
}

// Drop removes a table or view; files stay where they are until VACUUM takes those that no version needs, and those of external tables for good.
func (c *Catalog) Drop(db, name string) error {
	old := c.Lookup(db, name)
	if old == nil {
		return sqlerr.New(sqlerr.NotFound, "table %s does not exist", name)
	}
	return c.change(change{db: db, name: old.Name, old: old})
}
