package ast

// CreateDatabase is CREATE DATABASE|SCHEMA [IF NOT EXISTS] name.
type CreateDatabase struct {
	At
	OrReplace, IfNotExists bool
	Name                   Path
	Comment                string
	Location               string
	Properties             []Option
}

// ColumnDef is a column of CREATE TABLE. Type is nil where none is written.
type ColumnDef struct {
	At
	Name          Name
	Type          *TypeName
	NotNull       bool
	Null          bool // NULL was written
	PrimaryKey    bool
	Unique        bool
	AutoIncrement bool // AUTO_INCREMENT, GENERATED … AS IDENTITY
	Default       Expr
	Check         []Check
	References    *References
	Generated     Expr // GENERATED ALWAYS AS (expr)
	Comment       string
	Collate       string
	Options       []Option // ENCODING, COMPRESSION …: read and kept
}

// Check is CHECK (expr), with the name of its constraint.
type Check struct {
	At
	Name string
	Expr Expr
	Text string // source text of the expression
}

// References is REFERENCES table (columns) ON DELETE … ON UPDATE …. The actions are upper case: "", "CASCADE",
// "RESTRICT", "SET NULL", "SET DEFAULT", "NO ACTION".
type References struct {
	At
	Table    Path
	Columns  []Name
	OnDelete string
	OnUpdate string
}

// ConstraintKind tells table constraints apart.
type ConstraintKind uint8

// The table constraints.
const (
	PrimaryKey ConstraintKind = iota
	UniqueKey
	ForeignKey
	CheckConstraint
)

// Constraint is a constraint of a table.
type Constraint struct {
	At
	Kind       ConstraintKind
	Name       string
	Columns    []Name
	References *References
	Check      *Check
}

// RowFormat is ROW FORMAT DELIMITED … or ROW FORMAT SERDE …. Absent texts are nil pointers, so that the empty text can be told
// from nothing.
type RowFormat struct {
	At
	Delimited  bool
	Fields     *string // FIELDS TERMINATED BY
	Escaped    *string // ESCAPED BY
	Items      *string // COLLECTION ITEMS TERMINATED BY
	Keys       *string // MAP KEYS TERMINATED BY
	Lines      *string // LINES TERMINATED BY
	Null       *string // NULL DEFINED AS
	SerDe      string  // ROW FORMAT SERDE 'class'
	Properties []Option
}

// Bucketing is CLUSTERED BY (columns) [SORTED BY (…)] INTO n BUCKETS.
type Bucketing struct {
	At
	Columns []Name
	Sorted  []OrderItem
	Buckets int
	Skewed  bool // SKEWED BY: read and left alone
}

// CreateTable is CREATE TABLE in all its forms.
type CreateTable struct {
	At
	OrReplace, IfNotExists, External, Temp, Unlogged bool
	Name                                             Path
	Columns                                          []ColumnDef
	ColumnNames                                      []Name // CREATE TABLE t (a, b) AS SELECT …
	Constraints                                      []Constraint
	Like                                             Path
	LikeFile                                         string // LIKE PARQUET 'path'
	As                                               *Query
	WithNoData                                       bool
	Comment                                          string
	PartitionedBy                                    []ColumnDef // Type nil: names a column of the list
	Bucketing                                        *Bucketing
	RowFormat                                        *RowFormat
	// StoredAs is the word after STORED AS or USING, upper case; "" when absent.
	StoredAs string
	// InputFormat and OutputFormat are STORED AS INPUTFORMAT '…' OUTPUTFORMAT '…'.
	InputFormat, OutputFormat string
	StoredBy                  string
	Location                  string
	Properties                []Option // TBLPROPERTIES
	Options                   []Option // OPTIONS (…), WITH (…)
}

// CreateView is CREATE [OR REPLACE] [TEMP] [MATERIALIZED] VIEW. Text is the source text of the query.
type CreateView struct {
	At
	OrReplace, IfNotExists, Temp, Materialized, Recursive bool
	Name                                                  Path
	Columns                                               []Name
	Comment                                               string
	Properties                                            []Option
	Query                                                 *Query
	Text                                                  string
}

// CreateIndex is CREATE [UNIQUE] INDEX; read, and without effect.
type CreateIndex struct {
	At
	Unique, IfNotExists bool
	Name                Path
	Table               Path
	Exprs               []OrderItem
	Where               Expr
}

// CreateMacro is CREATE [OR REPLACE] [TEMP] MACRO|FUNCTION name (params) AS expr | AS TABLE query |
// RETURNS type RETURN expr. Class is set for Hive's CREATE FUNCTION f AS 'class'.
type CreateMacro struct {
	At
	OrReplace, IfNotExists, Temp bool
	Table                        bool // AS TABLE query, RETURNS TABLE
	Name                         Path
	Params                       []MacroParam
	Returns                      *TypeName
	Expr                         Expr
	Query                        *Query
	Text                         string // source text of the body
	Class                        string
}

// MacroParam is a parameter of a macro.
type MacroParam struct {
	Name    Name
	Type    *TypeName
	Default Expr
}

// CreateType is CREATE TYPE name AS type, or AS ENUM (query).
type CreateType struct {
	At
	OrReplace, IfNotExists, Temp bool
	Name                         Path
	Type                         *TypeName
	Query                        *Query // in the place of Type
}

// CreateSequence is CREATE SEQUENCE name …; options that are not given are nil.
type CreateSequence struct {
	At
	OrReplace, IfNotExists, Temp bool
	Name                         Path
	Start, Step, Min, Max        *int64
	Cycle                        bool
}

// ObjectKind is what DROP, ALTER and COMMENT act upon.
type ObjectKind uint8

// The kinds of objects.
const (
	TableObject ObjectKind = iota
	ViewObject
	MaterializedViewObject
	DatabaseObject
	IndexObject
	FunctionObject
	TypeObject
	SequenceObject
	ColumnObject
	VariableObject
	SecretObject
)

var objectText = [...]string{"TABLE", "VIEW", "MATERIALIZED VIEW", "DATABASE", "INDEX", "FUNCTION", "TYPE", "SEQUENCE", "COLUMN", "VARIABLE", "SECRET"}

// String is the kind as SQL.
func (k ObjectKind) String() string { return objectText[k] }

// Drop is DROP kind [IF EXISTS] names [CASCADE|RESTRICT] [PURGE].
type Drop struct {
	At
	Kind                     ObjectKind
	IfExists, Cascade, Purge bool
	Temp                     bool
	Names                    []Path
}

// AlterDatabase is ALTER DATABASE name SET …|RENAME TO ….
type AlterDatabase struct {
	At
	Name       Path
	Rename     *Name
	Location   string
	Properties []Option
}

// AlterTable is ALTER TABLE|VIEW name actions.
type AlterTable struct {
	At
	Kind     ObjectKind // TableObject, ViewObject …
	IfExists bool
	Name     Path
	Actions  []AlterAction
}

// AlterKind tells the actions of ALTER TABLE apart.
type AlterKind uint8

// The actions of ALTER TABLE, with the fields of AlterAction they use.
const (
	AddColumns         AlterKind = iota // Columns, IfNotExists
	ReplaceColumns                      // Columns
	DropColumns                         // Names, IfExists, Cascade
	RenameColumn                        // Names[0], NewName
	ChangeColumn                        // Hive CHANGE old new type: Names[0], Columns[0]
	RenameTable                         // NewPath
	RenamePartition                     // Partitions[0], NewPartition
	AlterColumnType                     // Names[0], Type, Using
	SetDefault                          // Names[0], Default
	DropDefault                         // Names[0]
	SetNotNull                          // Names[0]
	DropNotNull                         // Names[0]
	AddConstraint                       // Constraint
	DropConstraint                      // Names[0], IfExists, Cascade
	AddPartitions                       // Partitions, IfNotExists
	DropPartitions                      // Partitions, IfExists, Purge
	SetLocation                         // Partitions (optional one), Location
	SetProperties                       // Properties
	UnsetProperties                     // Properties (names), IfExists
	SetFileFormat                       // Format
	SetSerDe                            // RowFormat
	SetSchema                           // NewPath
	RecoverPartitions                   // –
	AlterColumnComment                  // Names[0], Comment
	AlterViewAs                         // Query, Text
	SetComment                          // Comment
)

// AlterAction is one action of ALTER TABLE.
type AlterAction struct {
	At
	Kind                                  AlterKind
	IfExists, IfNotExists, Cascade, Purge bool
	Columns                               []ColumnDef
	Names                                 []Name
	NewName                               Name
	NewPath                               Path
	Type                                  *TypeName
	Using                                 Expr
	Default                               Expr
	Constraint                            *Constraint
	Partitions                            []PartitionSpec
	NewPartition                          *PartitionSpec
	Location                              string
	Properties                            []Option
	Format                                string
	RowFormat                             *RowFormat
	Comment                               string
	Query                                 *Query
	Text                                  string
}

// PartitionSpec is PARTITION (a = 1, b) [LOCATION 'path'].
type PartitionSpec struct {
	At
	Items    []PartitionItem
	Location string
}

// PartitionItem is a partition column, with its value unless it is dynamic. Op is OpEq, or another comparison
// in DROP PARTITION (dt < '…').
type PartitionItem struct {
	Name  Name
	Op    Op
	Value Expr
}

// Comment is COMMENT ON kind name IS 'text'.
type Comment struct {
	At
	Kind ObjectKind
	Name Path
	Text string
	Null bool // IS NULL
}

// Truncate is TRUNCATE [TABLE] name [PARTITION (…)].
type Truncate struct {
	At
	IfExists  bool
	Names     []Path
	Partition *PartitionSpec
}

// Msck is MSCK [REPAIR] TABLE name [ADD|DROP|SYNC PARTITIONS]; Mode is upper case, "" = ADD.
type Msck struct {
	At
	Repair bool
	Name   Path
	Mode   string
}

// Analyze is ANALYZE [TABLE name [PARTITION (…)] COMPUTE STATISTICS [FOR COLUMNS …]].
type Analyze struct {
	At
	Table      Path // nil: all tables
	Partition  *PartitionSpec
	Columns    []Name
	AllColumns bool
	NoScan     bool
}

func (*CreateDatabase) stmtNode() {}
func (*CreateTable) stmtNode()    {}
func (*CreateView) stmtNode()     {}
func (*CreateIndex) stmtNode()    {}
func (*CreateMacro) stmtNode()    {}
func (*CreateType) stmtNode()     {}
func (*CreateSequence) stmtNode() {}
func (*Drop) stmtNode()           {}
func (*AlterDatabase) stmtNode()  {}
func (*AlterTable) stmtNode()     {}
func (*Comment) stmtNode()        {}
func (*Truncate) stmtNode()       {}
func (*Msck) stmtNode()           {}
func (*Analyze) stmtNode()        {}
