package ast

// Query is a whole query: WITH, body, ORDER BY, LIMIT. As a statement it gives rows.
type Query struct {
	At
	With         []CTE
	Recursive    bool
	Body         QueryBody
	OrderBy      []OrderItem
	OrderAll     bool // ORDER BY ALL: one OrderItem with nil Expr holds its direction
	Limit        Expr // nil when absent or LIMIT ALL
	LimitPercent bool
	WithTies     bool
	Offset       Expr
	DistributeBy []Expr      // DISTRIBUTE BY, or CLUSTER BY (then SortBy holds the same)
	SortBy       []OrderItem // SORT BY
	Paren        bool        // written in parentheses of its own
}

// CTE is one name of WITH. Materialized is "", "MATERIALIZED" or "NOT MATERIALIZED".
type CTE struct {
	Name         Name
	Columns      []Name
	Query        *Query
	Materialized string
	UsingKey     []Expr // USING KEY: columns and aggregates
}

// OrderItem is a key of ORDER BY.
type OrderItem struct {
	At
	Expr Expr
	Desc bool
	Asc  bool // ASC was written
	// NullsFirst and NullsLast are both false when not written.
	NullsFirst, NullsLast bool
}

// SetOpKind tells the set operations apart.
type SetOpKind uint8

// The set operations.
const (
	Union SetOpKind = iota
	Intersect
	Except
)

// String is the operation as SQL.
func (k SetOpKind) String() string { return [...]string{"UNION", "INTERSECT", "EXCEPT"}[k] }

// SetOp joins bodies by a set operation. Chains are left-deep: walk them along Left in a loop.
type SetOp struct {
	At
	Op          SetOpKind
	All, ByName bool
	Left, Right QueryBody
}

// Values is VALUES (…), (…).
type Values struct {
	At
	Rows [][]Expr
}

// TableBody is TABLE t.
type TableBody struct {
	At
	Name Path
}

// StatementBody is (DESCRIBE …), (SHOW …), (SUMMARIZE …) used as a table.
type StatementBody struct {
	At
	Statement Statement
}

// Select is one SELECT. FROM t alone has Items = [*].
type Select struct {
	At
	Distinct     bool
	DistinctOn   []Expr
	Items        []SelectItem
	From         []TableRef
	LateralViews []LateralView
	Where        Expr
	GroupBy      *GroupBy
	Having       Expr
	Windows      []NamedWindow
	Qualify      Expr
	Sample       *Sample // USING SAMPLE
	Transform    *Transform
}

// SelectItem is an item of the select list. Text is the source text of Expr with white space squeezed: the
// name of a column that has no other.
type SelectItem struct {
	At
	Expr    Expr
	Alias   *Name
	Aliases []Name // Hive: explode(m) AS (k, v)
	Text    string
}

// Transform is Hive's SELECT TRANSFORM(…) USING 'script' AS (…): read so that it can be refused by name.
type Transform struct {
	At
	Args   []Expr
	Script string
}

// GroupBy is the GROUP BY clause.
type GroupBy struct {
	At
	All   bool
	Items []GroupItem
}

// GroupKind tells the kinds of group items apart.
type GroupKind uint8

// The kinds of group items.
const (
	GroupExpr  GroupKind = iota // Exprs holds one
	GroupSets                   // GROUPING SETS (items): Sets holds items
	Rollup                      // ROLLUP (sets): Sets holds GroupExpr or GroupTuple items
	Cube                        // CUBE (sets)
	GroupTuple                  // (a, b) inside GROUPING SETS, ROLLUP, CUBE; () has no Exprs
)

// GroupItem is an item of GROUP BY. Hive's GROUP BY a, b WITH ROLLUP is one Rollup item.
type GroupItem struct {
	At
	Kind  GroupKind
	Exprs []Expr
	Sets  []GroupItem
}

// NamedWindow is name AS (…) of the WINDOW clause.
type NamedWindow struct {
	Name   Name
	Window *Window
}

// LateralView is LATERAL VIEW [OUTER] func(args) alias AS columns.
type LateralView struct {
	At
	Outer   bool
	Call    *Call
	Alias   Name
	Columns []Name
}

// SampleUnit tells what a sample's number counts.
type SampleUnit uint8

// The sample units.
const (
	SamplePercent SampleUnit = iota
	SampleRows
	SampleBucket // BUCKET x OUT OF y
)

// Sample is TABLESAMPLE or USING SAMPLE. Method is upper case: "", BERNOULLI, SYSTEM, RESERVOIR.
type Sample struct {
	At
	Method string
	Size   Expr
	Unit   SampleUnit
	OutOf  Expr // BUCKET: y
	On     Expr // BUCKET … ON expr; nil when absent
	Seed   Expr // REPEATABLE (seed); nil when absent
}

// TableName is a table, view or CTE.
type TableName struct {
	At
	Name          Path
	Alias         *Name
	ColumnAliases []Name
	Sample        *Sample
	AsOf          Expr
	AsOfVersion   bool
	Only          bool
}

// FileRef is 'path' in FROM.
type FileRef struct {
	At
	File          string
	Alias         *Name
	ColumnAliases []Name
	Sample        *Sample
}

// Subquery is (query) in FROM, or (VALUES …).
type Subquery struct {
	At
	Query         *Query
	Alias         *Name
	ColumnAliases []Name
	Lateral       bool
	Sample        *Sample
}

// TableFunc is f(args) in FROM.
type TableFunc struct {
	At
	Call           *Call
	Alias          *Name
	ColumnAliases  []Name
	ColumnDefs     []ColumnDef // f(…) AS t(a INT, b TEXT)
	Lateral        bool
	WithOrdinality bool
	Sample         *Sample
}

// ParenRef is a joined table in parentheses with an alias: (a JOIN b ON …) AS j. Without alias the parentheses
// leave no node.
type ParenRef struct {
	At
	Ref           TableRef
	Alias         *Name
	ColumnAliases []Name
}

// JoinKind tells the joins apart.
type JoinKind uint8

// The joins.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
	SemiJoin
	AntiJoin
	PositionalJoin
)

var joinText = [...]string{"INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "SEMI JOIN", "ANTI JOIN", "POSITIONAL JOIN"}

// String is the join as SQL.
func (k JoinKind) String() string { return joinText[k] }

// Join is left kind JOIN right. Chains are left-deep: walk them along Left in a loop. At is the place of the
// first join word.
type Join struct {
	At
	Kind        JoinKind
	Natural     bool
	Asof        bool
	RightSide   bool // RIGHT SEMI, RIGHT ANTI
	Left, Right TableRef
	On          Expr
	Using       []Name
}

// Pivot is table PIVOT (aggregates FOR cols IN (…)), or the statement form PIVOT t ON … USING … GROUP BY ….
type Pivot struct {
	At
	Source     TableRef
	Aggregates []SelectItem
	On         []PivotOn
	GroupBy    []Expr
	Statement  bool // DuckDB's short form: values may be absent, and are then found in the data
	Alias      *Name
	ColAliases []Name
}

// PivotOn is one FOR: column(s) with the values wanted.
type PivotOn struct {
	Exprs  []Expr
	Values []SelectItem // each with an optional alias; nil = all values found
	Query  *Query       // IN (query); nil when absent
	Enum   *Name        // IN name: the values of a type; nil when absent
}

// Unpivot is table UNPIVOT [INCLUDE NULLS] (value FOR name IN (cols)), or UNPIVOT t ON cols INTO NAME n VALUE v.
type Unpivot struct {
	At
	Source       TableRef
	IncludeNulls bool
	ValueNames   []Name
	NameName     Name
	Columns      []UnpivotColumn
	Statement    bool
	Alias        *Name
	ColAliases   []Name
}

// UnpivotColumn is a column or a tuple of them, with its label.
type UnpivotColumn struct {
	Exprs []Expr // ColumnRef, or Star in the statement form
	Alias Expr   // literal or name; nil when absent
}

func (*Select) bodyNode()        {}
func (*SetOp) bodyNode()         {}
func (*Values) bodyNode()        {}
func (*Query) bodyNode()         {}
func (*TableBody) bodyNode()     {}
func (*StatementBody) bodyNode() {}

func (*Query) stmtNode() {}

func (*TableName) tableNode() {}
func (*FileRef) tableNode()   {}
func (*Subquery) tableNode()  {}
func (*TableFunc) tableNode() {}
func (*ParenRef) tableNode()  {}
func (*Join) tableNode()      {}
func (*Pivot) tableNode()     {}
func (*Unpivot) tableNode()   {}
