package agg

import "github.com/skep-sql/skep/exec/fn"

// All lists the aggregate functions.
var All = []*fn.Function{
	count, countIf, sum, avg, minFn, maxFn,
}
