package skep

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skep-sql/skep/exec"
)

// Query runs one statement and gives its rows as Arrow record batches. A statement without a result gives a reader without columns and
// rows. args are the values of ? and $1 in order; Named ones are those of :name. The reader must be released; while it is open it
// counts as a use of the session. Batches stay valid as long as they are retained.
func (s *Session) Query(ctx context.Context, sql string, args ...any) (array.RecordReader, error) {
	r, err := s.query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *Session) query(ctx context.Context, sql string, args []any) (*reader, error) {
	res, err := s.Run(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, rows: res.Rows}
	if r.rows == nil {
		r.rows = exec.Static(nil, nil)
	}
	r.enc = NewArrowEncoder(r.rows.Fields)
	r.refs.Store(1)
	return r, nil
}

// Exec runs one statement to its end and gives the number of rows that it changed. Rows of a query are thrown away.
func (s *Session) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	res, err := s.Run(ctx, sql, args...)
	if err != nil || res.Rows == nil {
		if err != nil {
			return 0, err
		}
		return res.Changed, nil
	}
	defer res.Rows.Close()
	for {
		b, err := res.Rows.Next(ctx)
		if err != nil || b == nil {
			return res.Changed, err
		}
	}
}

// Query is Session.Query in a session of its own.
func (d *DB) Query(ctx context.Context, sql string, args ...any) (array.RecordReader, error) {
	s := d.Session()
	r, err := s.query(ctx, sql, args)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	r.session = s
	return r, nil
}

// Exec is Session.Exec in a session of its own.
func (d *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	s := d.Session()
	defer s.Close()
	return s.Exec(ctx, sql, args...)
}

// reader is an array.RecordReader over the rows of a statement.
type reader struct {
	ctx     context.Context
	rows    *exec.Rows
	enc     *ArrowEncoder
	session *Session // to be closed with it; may be nil
	cur     arrow.RecordBatch
	err     error
	refs    atomic.Int64
}

// Retain adds a reference.
func (r *reader) Retain() { r.refs.Add(1) }

// Release takes a reference away; the last one stops the query.
func (r *reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.drop()
	_ = r.rows.Close() // the error of a query comes from Next
	if r.session != nil {
		_ = r.session.Close()
	}
}

func (r *reader) drop() {
	if r.cur != nil {
		r.cur.Release()
		r.cur = nil
	}
}

// Schema gives the columns.
func (r *reader) Schema() *arrow.Schema { return r.enc.Schema() }

// Next brings the next batch, and tells whether there is one.
func (r *reader) Next() bool {
	r.drop()
	if r.err != nil {
		return false
	}
	b, err := r.rows.Next(r.ctx)
	if err == nil && b != nil {
		r.rows.Keep()
		r.cur, err = r.enc.Encode(b, true)
	}
	if r.err = err; err != nil || b == nil {
		_ = r.rows.Close()
		return false
	}
	return true
}

// RecordBatch gives the batch that Next brought.
func (r *reader) RecordBatch() arrow.RecordBatch { return r.cur }

// Record is RecordBatch under its old name, which the interface demands.
func (r *reader) Record() arrow.RecordBatch { return r.cur }

// Err gives the error that ended the rows, or nil.
func (r *reader) Err() error { return r.err }
