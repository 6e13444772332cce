package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
)

// Window computes window functions that share a partitioning and an order. It is a flow.Sink; Source gives the input's columns, followed by
// one column a function, partition by partition.
type Window struct {
	Types []types.Type // the input's columns

	PartitionBy    flow.Program // nil: one partition
	PartitionTypes []types.Type
	OrderBy        flow.Program // nil: all rows of a partition are peers
	OrderTypes     []types.Type
	Desc           []bool
	NullsFirst     []bool
	// Top, if not 0: rows that Top or more rows of their partition precede may be left out, and the functions are such that this does not change
	// the results of the others.
	Top int64

	Funcs []WindowFunc

	st windowState
}

// WindowFunc is one function of a Window.
type WindowFunc struct {
	Kind        WindowKind
	Result      types.Type
	Inputs      flow.Program // the arguments, over the input's columns; nil: none
	InputTypes  []types.Type
	Overload    *fn.Overload // WinAggregate
	Args        []fn.Arg     // WinAggregate: the arguments as the planner knows them
	Distinct    bool         // WinAggregate
	Filter      flow.Program // WinAggregate; nil: none
	IgnoreNulls bool         // WinLag … WinNth
	Frame       Frame        // WinFirst, WinLast, WinNth, WinAggregate
}

// WindowKind names a window function.
type WindowKind uint8

// The window functions. Arguments: WinNtile (n); WinLag and WinLead (value, offset, default), the last two optional; WinFirst and
// WinLast (value); WinNth (value, n); WinFill (value, place).
const (
	WinRowNumber WindowKind = iota
	WinRank
	WinDenseRank
	WinPercentRank
	WinCumeDist
	WinNtile
	WinLag
	WinLead
	WinFirst
	WinLast
	WinNth
	WinFill
	WinAggregate
)

// FrameUnit tells what a frame's offsets count.
type FrameUnit uint8

// The frame units.
const (
	FrameRows   FrameUnit = iota
	FrameRange            // values of the one order key
	FrameGroups           // groups of peers
)

// BoundKind is the kind of one end of a frame.
type BoundKind uint8

// The ends of a frame.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// FrameBound is one end of a frame. Offset gives the distance, for Preceding and Following: BIGINT for ROWS and GROUPS; for RANGE a value that
// is subtracted from or added to the order key (Low and High are then programs that compute the key's bound for each row).
type FrameBound struct {
	Kind   BoundKind
	Offset flow.Program // ROWS, GROUPS: BIGINT rows or groups, per row; RANGE: the order key minus or plus the distance, per row, of the key's type
}

// FrameExclude says which rows of the frame are left out.
type FrameExclude uint8

// The exclusions.
const (
	ExcludeNone FrameExclude = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// Frame is the rows around each row that a function looks at.
type Frame struct {
	Unit       FrameUnit
	Start, End FrameBound
	Exclude    FrameExclude
}
