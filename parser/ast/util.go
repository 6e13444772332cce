package ast

// Explain is EXPLAIN [ANALYZE] [VERBOSE] [FORMAT x] statement. Format is upper case, "" = the tree as text; Mode is
// Spark's and Hive's word (EXTENDED, FORMATTED, LOGICAL, …), upper case.
type Explain struct {
	At
	Analyze, Verbose bool
	Format           string
	Mode             string
	Statement        Statement
}

// Describe is DESCRIBE|DESC [EXTENDED|FORMATTED] name, DESCRIBE query, or DESCRIBE kind name.
type Describe struct {
	At
	Kind                ObjectKind // TableObject, DatabaseObject, FunctionObject
	Extended, Formatted bool
	Name                Path
	File                string // DESCRIBE 'x.csv'
	Partition           *PartitionSpec
	Column              *Name
	Query               *Query
	Call                *Call // DESCRIBE TABLE f(…): never with Name
}

// Summarize is SUMMARIZE name|'file'|query.
type Summarize struct {
	At
	Name  Path
	File  string
	Query *Query
}

// ShowKind tells the SHOW forms apart.
type ShowKind uint8

// The SHOW forms.
const (
	ShowSetting ShowKind = iota // SHOW name, SHOW ALL (Name nil): settings
	ShowSettings
	ShowDatabases
	ShowTables
	ShowTableExtended
	ShowViews
	ShowColumns
	ShowPartitions
	ShowFunctions
	ShowCreateTable
	ShowTblProperties
	ShowVariables
	ShowIndexes
	ShowMacros
	ShowLocks
	ShowTypes
	ShowFormats
	ShowVersions
	ShowSecrets
)

// Show is a SHOW statement.
type Show struct {
	At
	Kind      ShowKind
	Name      Path   // table or setting; nil when absent
	In        Path   // FROM|IN database
	Like      string // pattern, with HasLike
	HasLike   bool
	All       bool // SHOW ALL TABLES, SHOW ALL
	Partition *PartitionSpec
	Property  string // SHOW TBLPROPERTIES t ('key')
	View      bool   // SHOW CREATE VIEW
}

// SetKind tells the SET forms apart.
type SetKind uint8

// The SET forms.
const (
	SetSetting  SetKind = iota // SET name = value, SET name TO value
	SetVariable                // SET VARIABLE name = expr
	SetTimeZone                // SET TIME ZONE value
	SetShow                    // SET alone, or SET name: show it
)

// Set is SET [SESSION|LOCAL|GLOBAL] name = value. Values that are not expressions (dfs.replication=/a/b:c,d) are kept
// as text in a string literal; several values separated by commas are in Values.
type Set struct {
	At
	Kind   SetKind
	Scope  string // SESSION, LOCAL, GLOBAL or ""
	Name   Path
	Value  Expr
	Values []Expr
	// Default is SET name = DEFAULT.
	Default bool
	// Names and Query are SET VARIABLE (a, b) = (query); More are the further assignments of SET VARIABLE a = 1, b = 2.
	Names []Path
	Query *Query
	More  []*Set
}

// Declare is Spark's DECLARE [OR REPLACE] [VARIABLE] name, … [type] [DEFAULT value].
type Declare struct {
	At
	Replace bool
	Names   []Path
	Type    *TypeName // nil: that of the value
	Default Expr      // nil: NULL
	Text    string    // of Default
}

// ExecuteImmediate is EXECUTE IMMEDIATE text [INTO variables] [USING values].
type ExecuteImmediate struct {
	At
	Text Expr
	Into []Path
	Args []Arg
}

// Reset is RESET name|ALL.
type Reset struct {
	At
	All      bool
	Variable bool
	Name     Path
}

// Use is USE [DATABASE|SCHEMA|CATALOG] name.
type Use struct {
	At
	Name Path
}

// Prepare is PREPARE name [(types)] AS statement.
type Prepare struct {
	At
	Name      Name
	Types     []*TypeName
	Statement Statement
}

// Execute is EXECUTE name [(args)] [USING args].
type Execute struct {
	At
	Name Name
	Args []Arg
}

// ExecuteIn is EXECUTE IN database $$ text $$: a statement in an attached database's own words.
type ExecuteIn struct {
	At
	Database Name
	SQL      string
	SQLPos   int
}

// Deallocate is DEALLOCATE [PREPARE] name|ALL.
type Deallocate struct {
	At
	Name Name
	All  bool
}

// Assert is ASSERT expr [AS|, 'message'] or ASSERT (query).
type Assert struct {
	At
	Expr    Expr
	Message Expr
	Text    string // source text of Expr
}

// TransactionKind tells the transaction words apart.
type TransactionKind uint8

// The transaction words.
const (
	Begin TransactionKind = iota
	Commit
	Rollback
	Savepoint
	Release
	RollbackTo
)

// Transaction is BEGIN, COMMIT, ROLLBACK and their synonyms. Modes holds what was written after BEGIN.
type Transaction struct {
	At
	Kind  TransactionKind
	Name  Name // of a savepoint
	Modes string
}

// RollbackTable is ROLLBACK TABLE t TO VERSION n | TIMESTAMP t.
type RollbackTable struct {
	At
	Table   Path
	AsOf    Expr
	Version bool
}

// Command is a statement with a name and arguments, which the engine looks up by name: CALL f(x), PRAGMA name,
// PRAGMA name = x, VACUUM, CHECKPOINT, LOAD x, INSTALL x, CACHE TABLE …. Word is the first word, upper case.
type Command struct {
	At
	Word string
	Name Path
	Args []Arg
	// Value is set for PRAGMA name = value.
	Value Expr
	// Rest is the source text after Word for commands whose arguments are not read.
	Rest string
}

// Attach is ATTACH [DATABASE] [IF NOT EXISTS] 'path' [AS name] [(options)].
type Attach struct {
	At
	OrReplace, IfNotExists bool
	Source                 Expr
	Name                   *Name
	Options                []Option
}

// CreateSecret is CREATE [OR REPLACE] [PERSISTENT] SECRET [IF NOT EXISTS] name (options).
type CreateSecret struct {
	At
	OrReplace, IfNotExists, Persistent bool
	Name                               Name
	Options                            []Option
}

// Detach is DETACH [DATABASE] [IF EXISTS] name.
type Detach struct {
	At
	IfExists bool
	Name     Name
}

func (*Explain) stmtNode()          {}
func (*CreateSecret) stmtNode()     {}
func (*Describe) stmtNode()         {}
func (*Summarize) stmtNode()        {}
func (*Show) stmtNode()             {}
func (*Set) stmtNode()              {}
func (*Reset) stmtNode()            {}
func (*Use) stmtNode()              {}
func (*Prepare) stmtNode()          {}
func (*Execute) stmtNode()          {}
func (*ExecuteIn) stmtNode()        {}
func (*Deallocate) stmtNode()       {}
func (*Assert) stmtNode()           {}
func (*RollbackTable) stmtNode()    {}
func (*Transaction) stmtNode()      {}
func (*Command) stmtNode()          {}
func (*Attach) stmtNode()           {}
func (*Detach) stmtNode()           {}
func (*Declare) stmtNode()          {}
func (*ExecuteImmediate) stmtNode() {}
