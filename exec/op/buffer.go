package op

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Buffer keeps rows, for several readers or to be read again: a shared subplan. It is a flow.Sink; each Source gives all rows in
// input order, but with morsel numbers of its own.
type Buffer struct {
	Types []types.Type
	// Scalar: the rows are the value of a scalar subquery: two rows are an error, and no row becomes one of NULLs.
	Scalar bool

	set *rowSet
}

// Local makes a worker's part.
func (u *Buffer) Local(t *flow.Task) (flow.LocalSink, error) {
	if u.set == nil {
		u.set = newRowSet(t, u.Types)
	}
	return &bufferLocal{u.Scalar, u.set.local()}, nil
}

type bufferLocal struct {
	scalar bool
	k      *keeper
}

func (l *bufferLocal) Push(b *vec.Batch) error {
	if err := l.k.add(b, b.Cols, rows(b)); err != nil {
		return err
	}
	if l.scalar && l.k.n > 1 {
		return errManyRows()
	}
	return nil
}

func (l *bufferLocal) Combine() error { return nil }

func errManyRows() error {
	return sqlerr.New(sqlerr.Data, "more than one row returned by a subquery used as an expression").
		WithHint("add LIMIT 1 or an aggregate such as max()")
}

// Finish joins the workers' rows.
func (u *Buffer) Finish(t *flow.Task, p flow.Parallel) error {
	if u.set == nil {
		u.set = newRowSet(t, u.Types)
	}
	if err := u.set.finish(p); err != nil {
		return err
	}
	if !u.Scalar {
		return nil
	}
	if u.set.n > 1 {
		return errManyRows()
	}
	if u.set.n == 0 {
		u.set.n = 1
		for i, t := range u.Types {
			u.set.cols[i] = vec.NewNull(t, 1)
		}
	}
	return nil
}

// Rows gives the number of rows, once the buffer is filled.
func (u *Buffer) Rows() int { return u.set.n }

// Columns gives the rows, once the buffer is filled.
func (u *Buffer) Columns() []*vec.Vector { return u.set.cols }

// Held gives the bytes reserved.
func (u *Buffer) Held() int64 { return u.set.res.Held() }

// Close gives up the rows.
func (u *Buffer) Close() error {
	u.set.close()
	return nil
}

// Source gives the rows; it may be asked for many times.
func (u *Buffer) Source() flow.Source { return &bufferSource{u: u} }

type bufferSource struct {
	u    *Buffer
	list rowList
}

func (s *bufferSource) Open(*flow.Task) error {
	s.list.cols, s.list.n = s.u.set.cols, s.u.set.n
	return nil
}

func (s *bufferSource) MaxCursors() int { return s.list.morsels() }

func (s *bufferSource) Cursor(t *flow.Task) (flow.Cursor, error) { return s.list.cursor(t), nil }

func (s *bufferSource) Close() error { return nil }
