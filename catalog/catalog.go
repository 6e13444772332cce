// Package catalog knows databases, tables and views, and keeps those of a warehouse on disk.
//
// A warehouse is a folder: a database is a folder in it, a managed table a folder in that, with Parquet files and one file of
// metadata that lists them (store.go). A change writes new files beside the old ones and then replaces the metadata file by a
// rename, so a reader sees a table before the change or after it, and nothing between. Without a folder everything is in memory.
//
// A *Table is immutable; changing a table puts a new one in its place. The Catalog is safe for many goroutines.
package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// DefaultDatabase is the database that exists from the start.
const DefaultDatabase = "default"

// Kind tells what a Table is.
type Kind uint8

// The kinds of tables.
const (
	Managed  Kind = iota // skep owns the rows
	External             // files that somebody else owns
	View                 // a query
)

// String names the kind.
func (k Kind) String() string { return [...]string{"BASE TABLE", "EXTERNAL", "VIEW"}[k] }

// Column is a declared column.
type Column struct {
	types.Field
	Default string `json:",omitempty"` // SQL text, or ""
	Comment string `json:",omitempty"`
	Serial  bool   `json:",omitempty"` // filled with the next number where no value is given
}

// Table is a table or view.
type Table struct {
	Database, Name string
	Kind           Kind
	Columns        []Column // of a view or an external table without declared columns: nil
	Partitions     []Column `json:",omitempty"` // columns whose values stand in k=v folders
	Query          string   `json:",omitempty"` // View: its text
	Format         string   `json:",omitempty"`
	Location       string   `json:",omitempty"` // External: a file, folder or glob, absolute
	Options        storage.Options
	Comment        string            `json:",omitempty"`
	Properties     map[string]string `json:",omitempty"`
	Constraints    []string          `json:",omitempty"` // as SQL text, for SHOW CREATE TABLE
	Files          []string          `json:",omitempty"` // Managed in a warehouse: file names in the table's folder
	NextSerial     int64             `json:",omitempty"`

	Rows    *memory.Table `json:"-"` // Managed in memory
	Foreign storage.Table `json:"-"` // External: a table of an attached database
	Temp    bool          `json:"-"`
}

// Fields gives the declared columns as plain fields, partition columns last.
func (t *Table) Fields() []types.Field {
	var out []types.Field
	for _, c := range t.Columns {
		out = append(out, c.Field)
	}
	for _, c := range t.Partitions {
		out = append(out, c.Field)
	}
	return out
}

type database struct {
	name   string
	tables map[string]*Table
}

// Catalog is the databases of a warehouse, or of memory.
type Catalog struct {
	mu      sync.RWMutex
	dir     string // "" = in memory
	dbs     map[string]*database
	macros  map[string]*Macro // by name in lower case; replaced as a whole
	formats *storage.Registry
}

// Formats gives the file formats known.
func (c *Catalog) Formats() *storage.Registry { return c.formats }

// Dir gives the warehouse's folder, or "".
func (c *Catalog) Dir() string { return c.dir }

// NewMemory makes an empty catalog in memory.
func NewMemory(formats *storage.Registry) *Catalog {
	return &Catalog{formats: formats, dbs: map[string]*database{DefaultDatabase: {DefaultDatabase, map[string]*Table{}}}}
}

// Clone makes a catalog in memory with the same databases and views, external tables that read the same files, and managed tables that are
// empty. Changes of it change nothing else.
func (c *Catalog) Clone() *Catalog {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := NewMemory(c.formats)
	out.macros = c.macros
	for key, d := range c.dbs {
		copied := &database{d.name, map[string]*Table{}}
		for name, t := range d.tables {
			own := *t
			own.Files, own.Rows = nil, nil
			copied.tables[name] = &own
		}
		out.dbs[key] = copied
	}
	return out
}

// Databases gives the names of all databases, sorted.
func (c *Catalog) Databases() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []string
	for _, d := range c.dbs {
		out = append(out, d.name)
	}
	slices.Sort(out)
	return out
}

// HasDatabase tells whether a database exists.
func (c *Catalog) HasDatabase(name string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.dbs[strings.ToLower(name)] != nil
}

// Tables gives the tables and views of a database, sorted by name.
func (c *Catalog) Tables(db string) ([]*Table, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d, err := c.database(db)
	if err != nil {
		return nil, err
	}
	var out []*Table
	for _, t := range d.tables {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Table) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out, nil
}

// Lookup gives a table, or nil.
func (c *Catalog) Lookup(db, name string) *Table {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d := c.dbs[strings.ToLower(db)]
	if d == nil {
		return nil
	}
	return d.tables[strings.ToLower(name)]
}

func (c *Catalog) database(name string) (*database, error) {
	if d := c.dbs[strings.ToLower(name)]; d != nil {
		return d, nil
	}
	var names []string
	for _, d := range c.dbs {
		names = append(names, d.name)
	}
	return nil, sqlerr.New(sqlerr.NotFound, "database %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, names))
}

// CreateDatabase makes a database.
func (c *Catalog) CreateDatabase(name string, ifNotExists bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(name)
	if c.dbs[key] != nil {
		if ifNotExists {
			return nil
		}
		return sqlerr.New(sqlerr.Exists, "database %s exists already", name)
	}
	if err := c.storeDatabase(name); err != nil {
		return err
	}
	c.dbs[key] = &database{name, map[string]*Table{}}
	return nil
}

// DropDatabase removes a database; one with tables only with cascade.
func (c *Catalog) DropDatabase(name string, ifExists, cascade bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.database(name)
	if err != nil {
		if ifExists {
			return nil
		}
		return err
	}
	if len(d.tables) > 0 && !cascade {
		return sqlerr.New(sqlerr.Exists, "database %s has %d tables", name, len(d.tables)).WithHint("DROP DATABASE %s CASCADE drops them too", name)
	}
	if strings.EqualFold(name, DefaultDatabase) {
		return sqlerr.New(sqlerr.Unsupported, "database %s cannot be dropped", name)
	}
	if err := c.removeDatabase(d.name); err != nil {
		return err
	}
	delete(c.dbs, strings.ToLower(name))
	return nil
}

// Create adds a table. replace puts it in the place of one of that name.
func (c *Catalog) Create(t *Table, replace bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.database(t.Database)
	if err != nil {
		return err
	}
	if old := d.tables[strings.ToLower(t.Name)]; old != nil && !replace {
		return sqlerr.New(sqlerr.Exists, "%s %s exists already", strings.ToLower(old.Kind.String()), t.Name).
			WithHint("CREATE TABLE IF NOT EXISTS leaves it, CREATE OR REPLACE TABLE replaces it")
	}
	if err := c.store(t); err != nil {
		return err
	}
	d.tables[strings.ToLower(t.Name)] = t
	return nil
}

// Update replaces old, the table as the caller last saw it, by t. It is an error if somebody else has changed it since.
func (c *Catalog) Update(old, t *Table) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.database(t.Database)
	if err != nil {
		return err
	}
	if d.tables[strings.ToLower(old.Name)] != old {
		return sqlerr.New(sqlerr.Conflict, "table %s was changed by another statement at the same time", t.Name).WithHint("run it again")
	}
	if err := c.store(t); err != nil {
		return err
	}
	d.tables[strings.ToLower(t.Name)] = t
	return nil
}

// Drop removes a table or view; the files of an external table stay.
func (c *Catalog) Drop(db, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.database(db)
	if err != nil {
		return err
	}
	t := d.tables[strings.ToLower(name)]
	if t == nil {
		return sqlerr.New(sqlerr.NotFound, "table %s does not exist", name)
	}
	if err := c.remove(t); err != nil {
		return err
	}
	delete(d.tables, strings.ToLower(name))
	return nil
}
