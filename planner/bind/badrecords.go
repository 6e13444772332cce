package bind

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/memory"
)

// badRecords binds skep_bad_records(): the rows that the last statement with any set aside under ignore_errors.
func (b *Binder) badRecords() (logical.Node, []column) {
	t := memory.NewRows("file", types.TVarchar, "line", types.TBigInt, "column_name", types.TVarchar, "value", types.TVarchar, "reason", types.TVarchar, "raw", types.TVarchar)
	for _, r := range b.Session.BadRecords() {
		var column, value any
		if r.Column != "" { // else the line as a whole is bad
			column, value = r.Column, r.Value
		}
		t.Add(r.File, int64(r.Line), column, value, r.Reason, r.Raw)
	}
	return b.scan(t.Table(), "skep_bad_records")
}
