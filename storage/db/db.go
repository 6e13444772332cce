// Package db is what a database of another system looks like: schemas and tables to look up, scans that send SQL, loads that are seen whole or not
// at all, and statements in the system's own words. One folder a system: postgres. A system gives a Driver; everything above knows these
// interfaces alone.
package db

import (
	"context"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Driver opens databases of one system.
type Driver interface {
	// Name is the system's name as in ATTACH … (TYPE name), in lower case.
	Name() string
	// Handles tells whether an address names a database of this system.
	Handles(address string) bool
	// Words gives the words that a secret may have, in lower case, with the word of an address that each means.
	Words() map[string]string
	// Open connects. Errors never show a password.
	Open(ctx context.Context, a *Address) (Database, error)
}

// Address says what to connect to.
type Address struct {
	Text     string            // as it is written in ATTACH; may be ""
	Words    map[string]string // what Text does not say: the words of a secret
	ReadOnly bool
}

// Database is an open database. It is safe for many goroutines.
type Database interface {
	// Schemas gives the names of the schemas, those that a bare table name is looked up in first.
	Schemas(ctx context.Context) ([]string, error)
	// Tables gives the tables and views of a schema; of "" those that a bare name finds.
	Tables(ctx context.Context, schema string) ([]Entry, error)
	// Table gives a table or view, or nil if there is none. schema may be "".
	Table(ctx context.Context, schema, name string) (Table, error)
	// Load begins a load.
	Load(ctx context.Context, l *Load) (Loader, error)
	// Close gives the connections up.
	Close() error
}

// Executor is a Database that runs statements in its own words.
type Executor interface {
	// Exec runs SQL, and gives the rows that the last statement changed.
	Exec(ctx context.Context, sql string) (int64, error)
}

// Querier is a Database that reads queries in its own words.
type Querier interface {
	// Query gives the rows of a query as a table.
	Query(ctx context.Context, sql string) (Table, error)
}

// Switcher is a Database whose server has others.
type Switcher interface {
	// Database gives the name of the database.
	Database() string
	// Other opens another database of the same server, or gives nil if it has none of that name.
	Other(ctx context.Context, name string) (Database, error)
}

// Entry is a table or view in a list.
type Entry struct {
	Schema, Name string
	Kind         string // table, view, …
}

// Table is a table or view of a database.
type Table interface {
	storage.Table
	// Describe gives what the catalog knows of it.
	Describe() *Info
	// Explain gives the SQL that a scan sends.
	Explain(s *storage.Scan) string
}

// Info is what a database knows of a table.
type Info struct {
	Entry
	Columns []Column
	Keys    []string // constraints in SQL
}

// Column is a column of a table.
type Column struct {
	types.Field
	Native    string // the type in the database's own words
	Default   string // in SQL, or ""
	Comment   string
	Generated bool // takes no values
	AnyScale  bool // a DECIMAL that keeps numbers of every precision and scale
}

// Mode says what a load does with the rows that are there.
type Mode uint8

// The modes.
const (
	Append    Mode = iota // adds to them
	Overwrite             // takes their place
	Create                // makes the table
	Replace               // makes the table in the place of one of that name
	Apply                 // puts the rows into a staging table and runs Load.SQL
)

// Load describes a load.
type Load struct {
	Schema, Table string
	Columns       []types.Field // of the rows, by name
	Mode          Mode
	SQL           func(stage string) string // Apply: the statement that uses the staging table
	Typed         bool                      // Apply: the columns are the table's, by name and type
}

// Loader takes the rows of a load. Readers see nothing of them before Commit has returned nil; who gives up calls Abort. It belongs to one goroutine.
type Loader interface {
	Write(b *vec.Batch) error
	// Commit makes the load seen and gives the rows that it changed.
	Commit(ctx context.Context) (int64, error)
	Abort()
}

// Fingerprinter is a Database that tells whether a table has changed.
type Fingerprinter interface {
	// Fingerprint gives a text that is another one once the rows of a table have changed; "" if that cannot be told, as of a view.
	Fingerprint(ctx context.Context, schema, name string) (string, error)
}
