package ast

// ColumnRef is a name that may be a column: a, t.a, db.t.a, or a field behind a column (t.a.field).
type ColumnRef struct {
	At
	Parts Path
}

// LiteralKind tells the kinds of literals apart.
type LiteralKind uint8

// The kinds of literals.
const (
	NullLit    LiteralKind = iota // NULL
	BoolLit                       // TRUE, FALSE (Text "true" or "false")
	IntLit                        // 12, 0xff, 1_000 (Text as written, without underscores)
	DecimalLit                    // 1.5, .5, 1.
	FloatLit                      // 1e0, 1.5E-3
	StringLit                     // 'text' (Text decoded)
	BlobLit                       // X'00ff' (Text holds the raw bytes)
	BitLit                        // B'101' (Text holds the digits)
)

// Literal is a constant. Text is the decoded string, or the number as written.
type Literal struct {
	At
	Kind LiteralKind
	Text string
	// Suffix is the upper-case type letters that Hive and Spark allow after a number: L, S, Y, D, F, BD.
	Suffix string
}

// TypedLiteral is TYPE 'text': DATE '2024-01-01', TIMESTAMP '…', DOUBLE '1'.
type TypedLiteral struct {
	At
	Type *TypeName
	Text string
}

// Interval is INTERVAL value unit. Unit is upper case and singular ("DAY"), "YEAR TO MONTH" and the like for
// a range, or "" when Value is a string that names its own units ('1 day 2 hours'). Several value-unit pairs
// (INTERVAL 1 DAY 2 HOURS) become a chain through Next.
type Interval struct {
	At
	Value Expr
	Unit  string
	Next  *Interval
}

// ParamKind tells the kinds of parameters apart.
type ParamKind uint8

// The kinds of parameters.
const (
	AnonParam     ParamKind = iota // ?
	NumberedParam                  // $1, ?1
	NamedParam                     // :name, $name
)

// Param is a typed value given at execution. Index is 1-based; anonymous ones are numbered in text order.
type Param struct {
	At
	Kind  ParamKind
	Name  string
	Index int
}

// Op is a unary or binary operator.
type Op uint8

// The operators. Those that are comparisons are between OpEq and OpNullEq.
const (
	OpInvalid   Op = iota
	OpAdd          // +
	OpSub          // -
	OpMul          // *
	OpDiv          // /
	OpIntDiv       // // and DIV
	OpMod          // % and MOD
	OpPow          // ^ and **
	OpConcat       // ||
	OpBitAnd       // &
	OpBitOr        // |
	OpBitXor       // #
	OpShl          // <<
	OpShr          // >>
	OpArrow        // ->  JSON field
	OpArrowText    // ->> JSON field as text
	OpPath         // #>
	OpPathText     // #>>
	OpContains     // @>
	OpContained    // <@
	OpOverlap      // &&
	OpStarts       // ^@
	OpOverlaps     // OVERLAPS (both sides are rows)
	OpNeg          // unary -
	OpPos          // unary +
	OpNot          // NOT, !
	OpBitNot       // ~
	OpEq           // = and ==
	OpNe           // <> and !=
	OpLt           // <
	OpLe           // <=
	OpGt           // >
	OpGe           // >=
	OpNullEq       // <=>
)

var opText = [...]string{
	OpInvalid: "?", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpIntDiv: "//", OpMod: "%", OpPow: "^",
	OpConcat: "||", OpBitAnd: "&", OpBitOr: "|", OpBitXor: "#", OpShl: "<<", OpShr: ">>", OpArrow: "->",
	OpArrowText: "->>", OpPath: "#>", OpPathText: "#>>", OpContains: "@>", OpContained: "<@", OpOverlap: "&&",
	OpStarts: "^@", OpOverlaps: "OVERLAPS", OpNeg: "-", OpPos: "+", OpNot: "NOT", OpBitNot: "~",
	OpEq: "=", OpNe: "<>", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=", OpNullEq: "<=>",
}

// String is the operator as SQL.
func (o Op) String() string { return opText[o] }

// IsComparison tells whether o is one of = <> < <= > >= <=>.
func (o Op) IsComparison() bool { return o >= OpEq }

// Unary is a prefix operator: OpNeg, OpPos, OpNot, OpBitNot.
type Unary struct {
	At
	Op   Op
	Expr Expr
}

// Binary is an infix operator that is neither AND, OR nor a comparison. At is the place of the operator.
// Chains are left-deep: walk them along Left in a loop.
type Binary struct {
	At
	Op          Op
	Left, Right Expr
}

// Compare is = <> < <= > >= <=>. At is the place of the operator.
type Compare struct {
	At
	Op          Op
	Left, Right Expr
}

// And is a conjunction of two or more terms, in the order written.
type And struct {
	At
	Terms []Expr
}

// Or is a disjunction of two or more terms, in the order written.
type Or struct {
	At
	Terms []Expr
}

// Between is x [NOT] BETWEEN [SYMMETRIC] low AND high.
type Between struct {
	At
	Not, Symmetric  bool
	Expr, Low, High Expr
}

// In is x [NOT] IN (list), (query), or an array or table name without parentheses (List of one, Bare).
// Exactly one of List and Query is set; an empty list () has both nil.
type In struct {
	At
	Not   bool
	Expr  Expr
	List  []Expr
	Query *Query
	Bare  bool
}

// LikeKind tells the pattern languages apart.
type LikeKind uint8

// The pattern languages.
const (
	Like    LikeKind = iota // LIKE, ~~
	ILike                   // ILIKE, ~~*
	RLike                   // RLIKE, REGEXP, ~ (RE2, anywhere in the text)
	IRLike                  // ~* (RE2, case-insensitive)
	Similar                 // SIMILAR TO
	Glob                    // GLOB
)

// Match is x [NOT] LIKE pattern and its kin. Any or All is set for LIKE ANY (…), LIKE ALL (…), whose patterns
// are List; otherwise Pattern is set.
type Match struct {
	At
	Kind     LikeKind
	Not      bool
	Expr     Expr
	Pattern  Expr
	Escape   Expr // nil when absent
	Any, All bool
	List     []Expr
}

// IsKind tells the tests of IS apart.
type IsKind uint8

// The tests of IS.
const (
	IsNull IsKind = iota
	IsTrue
	IsFalse
	IsUnknown
	IsNaN
)

// Is is x IS [NOT] NULL, TRUE, FALSE, UNKNOWN.
type Is struct {
	At
	Kind IsKind
	Not  bool
	Expr Expr
}

// IsDistinct is x IS [NOT] DISTINCT FROM y.
type IsDistinct struct {
	At
	Not         bool
	Left, Right Expr
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END.
type Case struct {
	At
	Operand Expr // nil for a searched CASE
	Whens   []When
	Else    Expr // nil when absent
}

// When is a branch of CASE.
type When struct {
	Cond, Then Expr
}

// Cast is CAST(x AS type [FORMAT f]), TRY_CAST(…) and x::type.
type Cast struct {
	At
	Try  bool
	Expr Expr
	Type *TypeName
}

// Call is a function call. Special forms are calls too, by these names and arguments:
//
//	EXTRACT(unit FROM x)            extract('unit', x)
//	SUBSTRING(x FROM a FOR b)       substring(x, a, b)
//	SUBSTRING(x FOR b)              substring(x, 1, b)
//	POSITION(a IN b)                position(a, b)
//	TRIM([BOTH|LEADING|TRAILING] [c] FROM x)  trim(x[, c]), ltrim(x[, c]), rtrim(x[, c])
//	OVERLAY(x PLACING y FROM a [FOR b])       overlay(x, y, a[, b])
//	CEIL(x TO unit), FLOOR(x TO unit)         ceil(x, 'unit'), floor(x, 'unit')
//	CURRENT_DATE and the like without ()      with NoParens set
type Call struct {
	At
	Name        Path
	Args        []Arg
	Star        bool // COUNT(*)
	Distinct    bool
	NoParens    bool
	OrderBy     []OrderItem // inside the parentheses
	WithinGroup []OrderItem
	Filter      Expr // FILTER (WHERE …), nil when absent
	IgnoreNulls bool
	Over        *Window // nil when not a window function
	Text        string  // the source text of the call
}

// Arg is an argument, with a name for name => value.
type Arg struct {
	Name  *Name // nil for a positional one
	Value Expr
}

// FrameUnit tells ROWS, RANGE and GROUPS apart.
type FrameUnit uint8

// The frame units.
const (
	FrameRows FrameUnit = iota
	FrameRange
	FrameGroups
)

// BoundKind is the kind of a frame bound.
type BoundKind uint8

// The frame bounds.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a window frame; Offset is set for Preceding and Following.
type Bound struct {
	Kind   BoundKind
	Offset Expr
}

// FrameExclude is the EXCLUDE clause of a frame.
type FrameExclude uint8

// The frame exclusions.
const (
	ExcludeNone FrameExclude = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// Frame is ROWS|RANGE|GROUPS [BETWEEN start AND] end [EXCLUDE …]. Without BETWEEN, End is CURRENT ROW.
type Frame struct {
	At
	Unit       FrameUnit
	Start, End Bound
	Exclude    FrameExclude
}

// Window is OVER name, OVER (…), or the definition in a WINDOW clause. Name is the window referred to (OVER w,
// with Bare set) or built upon (OVER (w ORDER BY …)).
type Window struct {
	At
	Name        *Name
	Bare        bool
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame
}

// Exists is EXISTS (query); NOT EXISTS is a Unary around it.
type Exists struct {
	At
	Query *Query
}

// ScalarSubquery is (query) as a value.
type ScalarSubquery struct {
	At
	Query *Query
}

// ArraySubquery is ARRAY(query).
type ArraySubquery struct {
	At
	Query *Query
}

// Quantified is left op ANY|ALL (query or array). Exactly one of Query and Array is set.
type Quantified struct {
	At
	Op    Op
	All   bool
	Left  Expr
	Query *Query
	Array Expr
}

// Row is (a, b, …) or ROW(a, …).
type Row struct {
	At
	Items []Expr
}

// ArrayLit is [a, b] or ARRAY[a, b].
type ArrayLit struct {
	At
	Items []Expr
}

// StructLit is {'a': 1, b: 2}.
type StructLit struct {
	At
	Fields []StructField
}

// StructField is a field of a StructLit.
type StructField struct {
	Name  Name
	Value Expr
}

// MapLit is MAP {k: v, …}.
type MapLit struct {
	At
	Entries []MapEntry
}

// MapEntry is a key with its value.
type MapEntry struct {
	Key, Value Expr
}

// Index is x[i].
type Index struct {
	At
	Expr, Index Expr
}

// Slice is x[low:high:step]; absent parts are nil.
type Slice struct {
	At
	Expr, Low, High, Step Expr
}

// FieldAccess is (expr).name, where expr is not a plain name.
type FieldAccess struct {
	At
	Expr Expr
	Name Name
}

// Lambda is x -> body, (x, y) -> body, lambda x: body. An argument x -> 'key' may as well be the JSON operator:
// then Arrow is that other reading, for functions that take no lambda there; else Arrow is nil.
type Lambda struct {
	At
	Params []Name
	Body   Expr
	Arrow  Expr
}

// Star is * or t.* in a select list, or COLUMNS('regex') and COLUMNS(*), COLUMNS(x -> …) anywhere.
type Star struct {
	At
	Qualifier Path
	Exclude   []Path
	Replace   []ReplaceItem
	Rename    []RenameItem
	Columns   bool // written COLUMNS(…)
	Regex     Expr // COLUMNS(expr): a pattern, list or lambda; nil for COLUMNS(*)
	Like      *Match
}

// ReplaceItem is expr AS name in REPLACE.
type ReplaceItem struct {
	Expr Expr
	Name Name
}

// RenameItem is old AS new in RENAME.
type RenameItem struct {
	Old, New Name
}

// Collate is x COLLATE name.
type Collate struct {
	At
	Expr Expr
	Name Path
}

// AtTimeZone is x AT TIME ZONE zone.
type AtTimeZone struct {
	At
	Expr, Zone Expr
}

// ListComp is [item FOR names IN list IF cond].
type ListComp struct {
	At
	Item  Expr
	Names []Name
	List  Expr
	Cond  Expr // nil when absent
}

// Grouping is GROUPING(a, b) or GROUPING_ID(…).
type Grouping struct {
	At
	Args []Expr
}

// Positional is #1, the first column of what stands in FROM.
type Positional struct {
	At
	Index int
}

// Default is the word DEFAULT in VALUES or SET.
type Default struct{ At }

func (*ColumnRef) exprNode()      {}
func (*Literal) exprNode()        {}
func (*TypedLiteral) exprNode()   {}
func (*Interval) exprNode()       {}
func (*Param) exprNode()          {}
func (*Unary) exprNode()          {}
func (*Binary) exprNode()         {}
func (*Compare) exprNode()        {}
func (*And) exprNode()            {}
func (*Or) exprNode()             {}
func (*Between) exprNode()        {}
func (*In) exprNode()             {}
func (*Match) exprNode()          {}
func (*Is) exprNode()             {}
func (*IsDistinct) exprNode()     {}
func (*Case) exprNode()           {}
func (*Cast) exprNode()           {}
func (*Call) exprNode()           {}
func (*Exists) exprNode()         {}
func (*ScalarSubquery) exprNode() {}
func (*ArraySubquery) exprNode()  {}
func (*Quantified) exprNode()     {}
func (*Row) exprNode()            {}
func (*ArrayLit) exprNode()       {}
func (*StructLit) exprNode()      {}
func (*MapLit) exprNode()         {}
func (*Index) exprNode()          {}
func (*Slice) exprNode()          {}
func (*FieldAccess) exprNode()    {}
func (*Lambda) exprNode()         {}
func (*Star) exprNode()           {}
func (*Collate) exprNode()        {}
func (*AtTimeZone) exprNode()     {}
func (*ListComp) exprNode()       {}
func (*Grouping) exprNode()       {}
func (*Default) exprNode()        {}
func (*Positional) exprNode()     {}
