package memory

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// Rows builds a small table row by row, of what the engine knows itself.
type Rows struct {
	fields []types.Field
	chunks []Chunk
	cols   []*vec.Builder
	n      int // rows in cols
}

// NewRows makes an empty table; columns are names and types that take turns.
func NewRows(columns ...any) *Rows {
	r := &Rows{}
	for i := 0; i < len(columns); i += 2 {
		r.fields = append(r.fields, types.Field{Name: columns[i].(string), Type: columns[i+1].(types.Type)})
	}
	r.next()
	return r
}

// next begins a chunk.
func (r *Rows) next() {
	r.cols, r.n = nil, 0
	for _, f := range r.fields {
		r.cols = append(r.cols, vec.NewBuilder(f.Type))
	}
}

// flush keeps the rows of the chunk so far.
func (r *Rows) flush() {
	ch := Chunk{Rows: r.n}
	for _, c := range r.cols {
		ch.Cols = append(ch.Cols, c.Vector())
	}
	r.chunks = append(r.chunks, ch)
	r.next()
}

// Add appends a row: string for VARCHAR, int for BIGINT, bool for BOOLEAN, []string for VARCHAR[], nil for NULL.
func (r *Rows) Add(values ...any) {
	if r.n == ChunkRows {
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

// Table gives the rows as a table.
func (r *Rows) Table() *Table {
	r.flush()
	return New(r.fields, r.chunks)
}
