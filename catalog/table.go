package catalog

import (
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

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
	Stored  string `json:",omitempty"` // Managed: its name in the table's files, where that is another
	Default string `json:",omitempty"` // SQL text, or ""
	// Generated is SQL text of what the column is computed from, in other columns, whenever a row is written; or "".
	Generated string `json:",omitempty"`
	Comment   string `json:",omitempty"`
	Serial    bool   `json:",omitempty"` // filled with the next number where no value is given
}

// Table is a table or view.
type Table struct {
	Database, Name string
	Kind           Kind
	Columns        []Column // of a view or an external table without declared columns: nil
	Partitions     []Column `json:",omitempty"` // columns whose values stand in k=v folders
	Query          string   `json:",omitempty"` // View: its text
	Format         string   `json:",omitempty"`
	// Location of an external table is a file, folder or glob, absolute; of a managed one the folder for new files, below the warehouse's.
	Location    string `json:",omitempty"`
	Options     storage.Options
	Comment     string            `json:",omitempty"`
	Properties  map[string]string `json:",omitempty"`
	Constraints []Constraint      `json:",omitempty"`
	Parts       Parts             // Managed in a warehouse: its files
	NextSerial  int64             `json:",omitempty"`
	Gone        []string          `json:",omitempty"` // Managed: names in files of columns that were dropped
	Aside       []Aside           `json:",omitempty"` // what REPAIR TABLE took out
	Analyzed    *Analyzed         `json:",omitempty"`
	Created     time.Time

	Rows *memory.Table `json:"-"` // Managed in memory
	Temp bool          `json:"-"`
	// Source, if it is not nil, is where the rows of a temporary table are.
	Source  storage.Table `json:"-"`
	Foreign storage.Table `json:"-"` // External: a table of an attached database

	manifest string // its file in the warehouse; "" = not written
	damage   error  // why its manifest cannot be read
}

// ConstraintKind tells constraints apart.
type ConstraintKind string

// The constraints.
const (
	PrimaryKey ConstraintKind = "PRIMARY KEY"
	Unique     ConstraintKind = "UNIQUE"
	ForeignKey ConstraintKind = "FOREIGN KEY"
	Check      ConstraintKind = "CHECK"
)

// Constraint is a rule that rows keep.
type Constraint struct {
	Name       string `json:",omitempty"`
	Kind       ConstraintKind
	Columns    []string `json:",omitempty"`
	Check      string   `json:",omitempty"` // SQL text of the condition
	Text       string   `json:"-"`          // of an attached database: all of it, as that writes it
	Database   string   `json:",omitempty"` // ForeignKey: the table that it refers to
	Table      string   `json:",omitempty"`
	References []string `json:",omitempty"`
	OnDelete   string   `json:",omitempty"` // upper case; "" = NO ACTION
	OnUpdate   string   `json:",omitempty"`
}

// Fields gives the declared columns as plain fields, partition columns last.
func (t *Table) Fields() []types.Field {
	var out []types.Field
	for _, c := range t.AllColumns() {
		out = append(out, c.Field)
	}
	return out
}

// AllColumns gives the declared columns, partition columns last.
func (t *Table) AllColumns() []Column {
	return append(t.Columns[:len(t.Columns):len(t.Columns)], t.Partitions...)
}

// StoredName gives the column's name in files.
func (c *Column) StoredName() string {
	if c.Stored != "" {
		return c.Stored
	}
	return c.Name
}

// Manifest names the file of the warehouse that says what the table is and which files its rows lie in. It is another one after each
// change; "" = there is none, or none yet.
func (t *Table) Manifest() string { return t.manifest }

// Damage tells why the table cannot be used, or nil.
func (t *Table) Damage() error { return t.damage }

// Database is a database.
type Database struct {
	Name       string
	Comment    string            `json:",omitempty"`
	Location   string            `json:",omitempty"`
	Properties map[string]string `json:",omitempty"`

	tables map[string]*Table // by lower-case name
}
