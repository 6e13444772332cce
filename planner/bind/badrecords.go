package bind

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/memory"
)

// badRecords binds skep_bad_records(): the rows that the last statement with any set aside under ignore_errors.
func (b *Binder) badRecords() (logical.Node, []column) {
	fields := []types.Field{
		{Name: "file", Type: types.TVarchar}, {Name: "line", Type: types.TBigInt}, {Name: "column_name", Type: types.TVarchar},
		{Name: "value", Type: types.TVarchar}, {Name: "reason", Type: types.TVarchar}, {Name: "raw", Type: types.TVarchar},
	}
	var chunks []memory.Chunk
	list := b.Session.BadRecords()
	for len(list) > 0 {
		n := min(len(list), memory.ChunkRows)
		ch := memory.Chunk{Rows: n}
		var cols []*vec.Builder
		for _, f := range fields {
			cols = append(cols, vec.NewBuilder(f.Type))
		}
		for _, r := range list[:n] {
			cols[0].AppendBytes([]byte(r.File))
			vec.AppendValue(cols[1], r.Line)
			if r.Column == "" { // the line as a whole is bad
				cols[2].AppendNull()
				cols[3].AppendNull()
			} else {
				cols[2].AppendBytes([]byte(r.Column))
				cols[3].AppendBytes([]byte(r.Value))
			}
			cols[4].AppendBytes([]byte(r.Reason))
			cols[5].AppendBytes([]byte(r.Raw))
		}
		for _, c := range cols {
			ch.Cols = append(ch.Cols, c.Vector())
		}
		chunks, list = append(chunks, ch), list[n:]
	}
	return b.scan(memory.New(fields, chunks), "skep_bad_records")
}
