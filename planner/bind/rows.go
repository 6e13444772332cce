package bind

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage/memory"
)

// rows builds a small table that the binder makes itself, of what the session knows.
type rows struct {
	fields []types.Field
	chunks []memory.Chunk
	cols   []*vec.Builder
	n      int // rows in cols
}

// newRows makes an empty table; columns are names and types that take turns.
func newRows(columns ...any) *rows {
	r := &rows{}
	for i := 0; i < len(columns); i += 2 {
		r.fields = append(r.fields, types.Field{Name: columns[i].(string), Type: columns[i+1].(types.Type)})
	}
	r.next()
	return r
}

// next begins a chunk.
func (r *rows) next() {
	r.cols, r.n = nil, 0
	for _, f := range r.fields {
		r.cols = append(r.cols, vec.NewBuilder(f.Type))
	}
}

// flush keeps the rows of the chunk so far.
func (r *rows) flush() {
	ch := memory.Chunk{Rows: r.n}
	for _, c := range r.cols {
		ch.Cols = append(ch.Cols, c.Vector())
	}
	r.chunks = append(r.chunks, ch)
	r.next()
}

// add appends a row: string for VARCHAR, int for BIGINT, bool for BOOLEAN, []string for VARCHAR[], nil for NULL.
func (r *rows) add(values ...any) {
	if r.n == memory.ChunkRows {
		r.flush()
	}
	for i, v := range values {
		c := r.cols[i]
		switch v := v.(type) {
		case nil:
			c.AppendNull()
		case string:
			c.AppendBytes([]byte(v))
		case int:
			vec.AppendValue(c, int64(v))
		case int64:
			vec.AppendValue(c, v)
		case bool:
			x := uint8(0)
			if v {
				x = 1
			}
			vec.AppendValue(c, x)
		case []string:
			for _, s := range v {
				c.Kid(0).AppendBytes([]byte(s))
			}
			vec.AppendValue(c, vec.ListEntry{Off: uint32(c.Kid(0).Len() - len(v)), Len: uint32(len(v))})
		}
	}
	r.n++
}

// table gives the rows as a table.
func (r *rows) table() *memory.Table {
	r.flush()
	return memory.New(r.fields, r.chunks)
}
