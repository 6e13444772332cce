package ast

// Insert is INSERT INTO|OVERWRITE. Exactly one of Table and Directory is set.
type Insert struct {
	At
	With          []CTE // WITH before INSERT
	Recursive     bool
	Overwrite     bool
	Table         Path
	Alias         *Name
	Directory     *Directory
	Partition     *PartitionSpec
	IfNotExists   bool // PARTITION (…) IF NOT EXISTS
	Columns       []Name
	ByName        bool
	Query         *Query // nil for DEFAULT VALUES
	DefaultValues bool
	OnConflict    *OnConflict
	Returning     []SelectItem
}

// Directory is the target of INSERT OVERWRITE [LOCAL] DIRECTORY 'path' with its format.
type Directory struct {
	At
	Local     bool
	Path      string
	RowFormat *RowFormat
	StoredAs  string // STORED AS or USING, upper case
	Options   []Option
}

// OnConflict is ON CONFLICT …, INSERT OR REPLACE, INSERT OR IGNORE.
type OnConflict struct {
	At
	Columns   []Name
	DoNothing bool
	Replace   bool // INSERT OR REPLACE
	Set       []Assignment
	Where     Expr
}

// MultiInsert is Hive's FROM source INSERT … SELECT … INSERT … SELECT …. Each Insert's Query is a SELECT
// whose From is the shared source.
type MultiInsert struct {
	At
	With      []CTE
	Recursive bool
	From      []TableRef
	Views     []LateralView
	Inserts   []*Insert
}

// Assignment is column = value in SET; several columns for (a, b) = (…).
type Assignment struct {
	At
	Columns []Path
	Value   Expr
}

// Update is UPDATE table SET … [FROM …] [WHERE …].
type Update struct {
	At
	With      []CTE
	Recursive bool
	Table     Path
	Alias     *Name
	Set       []Assignment
	From      []TableRef
	Where     Expr
	Returning []SelectItem
}

// Delete is DELETE FROM table [USING …] [WHERE …].
type Delete struct {
	At
	With      []CTE
	Recursive bool
	Table     Path
	Alias     *Name
	Using     []TableRef
	Where     Expr
	Returning []SelectItem
}

// Merge is MERGE INTO target USING source ON cond WHEN ….
type Merge struct {
	At
	With      []CTE
	Recursive bool
	Table     Path
	Alias     *Name
	Source    TableRef
	On        Expr
	Using     []Name
	Whens     []MergeWhen
	Returning []SelectItem
}

// MergeMatch tells the WHEN clauses of MERGE apart.
type MergeMatch uint8

// The WHEN clauses of MERGE.
const (
	Matched            MergeMatch = iota
	NotMatched                    // NOT MATCHED [BY TARGET]
	NotMatchedBySource            // NOT MATCHED BY SOURCE
)

// MergeAction is what a WHEN clause of MERGE does.
type MergeAction uint8

// The actions of MERGE.
const (
	MergeUpdate MergeAction = iota
	MergeDelete
	MergeInsert
	MergeNothing
	MergeError
)

// MergeWhen is a WHEN clause of MERGE. Star is UPDATE SET * or INSERT *.
type MergeWhen struct {
	At
	Match   MergeMatch
	Cond    Expr
	Action  MergeAction
	Star    bool
	ByName  bool
	Set     []Assignment
	Columns []Name
	Values  []Expr // nil for INSERT DEFAULT VALUES; the text of ERROR, if there is one
}

// Copy is COPY table (columns)|(query) FROM|TO 'path' options. Psql's WITH CSV HEADER … and STDIN/STDOUT are
// read too. A bare word option (HEADER, CSV) has a nil value; CSV and the like become FORMAT.
type Copy struct {
	At
	Table    Path
	Columns  []Name
	Query    *Query // COPY (query) TO
	From     bool
	Target   Expr // a string literal or parameter; nil for Std
	Std      bool // STDIN or STDOUT
	Options  []Option
	Client   bool // \copy; set by the shell
	Database bool // COPY FROM DATABASE a TO b
}

// LoadData is LOAD DATA [LOCAL] INPATH 'path' [OVERWRITE] INTO TABLE t [PARTITION (…)].
type LoadData struct {
	At
	Local, Overwrite bool
	Path             string
	Table            Path
	Partition        *PartitionSpec
}

func (*Insert) stmtNode()      {}
func (*MultiInsert) stmtNode() {}
func (*Update) stmtNode()      {}
func (*Delete) stmtNode()      {}
func (*Merge) stmtNode()       {}
func (*Copy) stmtNode()        {}
func (*LoadData) stmtNode()    {}
