package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
)

// Sort orders rows by Keys; equal rows stay in input order. It is a flow.Sink; Source gives the rows. With Limit it keeps only
// what may be among the first Offset+Limit rows: top N.
type Sort struct {
	Types      []types.Type // the columns of the batches, all of which are given out again
	Keys       flow.Program
	KeyTypes   []types.Type
	Desc       []bool // nil: ascending
	NullsFirst []bool // nil: nulls last
	Offset     int64
	Limit      int64 // rows to give out after Offset; negative or, with no Offset, 0: all

	st sortState
}
