package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
)

// HashAggregate groups rows by Keys and computes Aggs for each group. It is a flow.Sink; Source gives the groups. Output columns:
// the keys, the aggregates, and with GroupingSets a BIGINT at the end. Groups come in no particular order.
//
// Without keys there is one group, which gives a row even for no input. DISTINCT is a HashAggregate without aggregates.
type HashAggregate struct {
	Keys     flow.Program // nil: none
	KeyTypes []types.Type
	Aggs     []AggSpec
	// GroupingSets: if not nil, rows are grouped once for each set of key numbers; keys that are not in the set are NULL in the
	// output, whose last column tells the set's number in the list. An empty set gives a row even for no input.
	GroupingSets [][]int

	st aggState
}

// AggSpec is one aggregate.
type AggSpec struct {
	Overload *fn.Overload
	Args     []fn.Arg     // as the planner knows them, cast to the overload's types
	Inputs   flow.Program // gives the arguments; nil when there are none, as in count(*)
	Filter   flow.Program // FILTER (WHERE …); nil: none
	Distinct bool
	// OrderBy gives the keys of ORDER BY within the call; nil: none. Overloads whose OrderMatters see rows in that order, and
	// otherwise in input order.
	OrderBy    flow.Program
	OrderTypes []types.Type
	Desc       []bool // nil: ascending
	NullsFirst []bool // nil: nulls last
}
