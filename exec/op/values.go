package op

import (
	"context"
	"sync/atomic"

	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// morselRows is how many rows of a materialised list are handed out at a time.
const morselRows = 1 << 16

// Values gives the rows of Cols, which have N rows each and any form. With no columns it gives N empty rows. It is a
// flow.Source.
type Values struct {
	Cols []*vec.Vector
	N    int

	list rowList
}

// Open starts at the first row.
func (v *Values) Open(t *flow.Task) error {
	v.list.cols, v.list.n = v.Cols, v.N
	v.list.next.Store(0)
	return nil
}

// MaxCursors is the number of morsels.
func (v *Values) MaxCursors() int { return v.list.morsels() }

// Cursor makes a worker's cursor.
func (v *Values) Cursor(t *flow.Task) (flow.Cursor, error) { return v.list.cursor(t), nil }

// Close does nothing.
func (v *Values) Close() error { return nil }

// rowList hands out materialised rows by morsels, without copying: the shared part of several sources.
type rowList struct {
	cols []*vec.Vector
	n    int
	next atomic.Int64
}

func (l *rowList) morsels() int { return (l.n + morselRows - 1) / morselRows }

func (l *rowList) cursor(t *flow.Task) *rowCursor {
	c := &rowCursor{l: l, size: batchSize(t)}
	c.vecs = make([]vec.Vector, len(l.cols))
	c.batch.Cols = make([]*vec.Vector, len(l.cols))
	for i := range c.vecs {
		c.batch.Cols[i] = &c.vecs[i]
	}
	return c
}

type rowCursor struct {
	l       *rowList
	size    int
	at, end int
	vecs    []vec.Vector
	batch   vec.Batch
}

func (c *rowCursor) Next(context.Context) (*vec.Batch, error) {
	if c.at >= c.end {
		m := c.l.next.Add(1) - 1
		c.at = int(m) * morselRows
		if c.at >= c.l.n {
			return nil, nil
		}
		c.end = min(c.at+morselRows, c.l.n)
		c.batch.Morsel, c.batch.Seq = m, -1
	}
	n := min(c.size, c.end-c.at)
	for i, u := range c.l.cols {
		c.vecs[i].Slice(u, c.at, n)
	}
	c.at += n
	c.batch.N = n
	c.batch.Seq++
	return &c.batch, nil
}

func (c *rowCursor) Close() error { return nil }

func batchSize(t *flow.Task) int {
	if t.BatchSize > 0 {
		return t.BatchSize
	}
	return vec.BatchSize
}
