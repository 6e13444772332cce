package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/db"
)

// table is a table or view, or a query. It is immutable, but for the types of numerics without a precision, which a statement that starts over widens.
type table struct {
	d                  *database
	oid                string
	query              string // of postgres_query
	info               db.Info
	types              []pgType
	identity           []bool
	rows, bytes, block int64
}

// Describe gives what Postgres knows of the table.
func (t *table) Describe() *db.Info { return &t.info }

// Schema gives the columns.
func (t *table) Schema() []storage.Column {
	var out []storage.Column
	for _, c := range t.info.Columns {
		out = append(out, storage.Column{Field: c.Field})
	}
	return out
}

// Stats gives Postgres' estimate of the rows.
func (t *table) Stats() *storage.Stats {
	s := &storage.Stats{Rows: t.rows, Bytes: t.bytes, Cols: make([]storage.ColStats, len(t.types))}
	if t.rows <= 0 { // never analyzed
		if s.Rows = -1; t.bytes > 0 {
			s.Rows = t.bytes / 100
		}
	}
	for i := range s.Cols {
		s.Cols[i] = storage.ColStats{Nulls: -1, Distinct: -1}
	}
	return s
}

// Explain gives the SQL of a scan.
func (t *table) Explain(s *storage.Scan) string {
	sql := t.selectSQL(s, "")
	if n := len(t.ranges(s, max(s.Workers, 1))); n > 1 {
		sql += fmt.Sprintf(", in up to %d ranges of ctid", n)
	}
	return sql
}

// selectSQL writes the query of a scan, with one more condition.
func (t *table) selectSQL(s *storage.Scan, more string) string {
	var cols []string
	for _, c := range s.Columns {
		name := quote(t.info.Columns[c].Name)
		if t.types[c].asText {
			name += "::text"
		}
		cols = append(cols, name)
	}
	sql := "SELECT " + strings.Join(cols, ", ") + " FROM " + t.from()
	where := db.Where(&dialect{t}, s.Prune)
	if where != "" && more != "" {
		where += " AND "
	}
	if where += more; where != "" {
		sql += " WHERE " + where
	}
	if s.Limit > 0 && len(s.Refine) == 0 {
		sql += fmt.Sprintf(" LIMIT %d", s.Limit)
	}
	return sql
}

// rangeBytes is the least of a table that is worth a range of its own.
const rangeBytes = 4 << 20

// ranges cuts the table's pages into conditions on ctid; one that is empty reads all. An index that a condition may use reads less than ranges do.
func (t *table) ranges(s *storage.Scan, workers int) []string {
	n := min(int(t.bytes/rangeBytes), 4*workers)
	if n < 2 || workers < 2 || t.d.version < 14 || s.Limit > 0 || db.HasEquality(s.Prune) {
		return []string{""}
	}
	pages := t.bytes / t.block
	var out []string
	for i := range n {
		var c []string
		if i > 0 {
			c = append(c, fmt.Sprintf("ctid >= '(%d,0)'", pages*int64(i)/int64(n)))
		}
		if i < n-1 { // the last one takes what has been added since
			c = append(c, fmt.Sprintf("ctid < '(%d,0)'", pages*int64(i+1)/int64(n)))
		}
		out = append(out, strings.Join(c, " AND "))
	}
	return out
}

// Scan opens a scan. Its cursors see one snapshot.
func (t *table) Scan(ctx context.Context, s *storage.Scan) (storage.Source, error) {
	return &source{t: t, s: s, ctx: ctx, ranges: t.ranges(s, max(s.Workers, 1))}, nil
}

type source struct {
	t      *table
	s      *storage.Scan
	ctx    context.Context
	ranges []string
	next   atomic.Int64
	bytes  atomic.Int64

	mu       sync.Mutex
	leader   *pgconn.PgConn // holds the snapshot
	snapshot string
}

// Progress gives the bytes received; how many will come is not known.
func (s *source) Progress() (int64, int64) { return s.bytes.Load(), 0 }

// Close ends the snapshot.
func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leader != nil {
		_, err := s.t.d.exec(context.WithoutCancel(s.ctx), s.leader, "ROLLBACK")
		s.t.d.give(s.leader)
		s.leader = nil
		return err
	}
	return nil
}

// Cursor makes a cursor, which connects when it has a range to read.
func (s *source) Cursor() (storage.Cursor, error) {
	c := &cursor{src: s, size: s.s.BatchSize}
	if c.size <= 0 {
		c.size = vec.BatchSize
	}
	for _, r := range s.s.Refine {
		c.refine = append(c.refine, r.New())
	}
	for _, col := range s.s.Columns {
		p := &s.t.types[col]
		c.builders = append(c.builders, vec.NewBuilder(p.t))
		c.decode = append(c.decode, p.decoder())
		c.formats = append(c.formats, 1)
	}
	c.batch.Cols = make([]*vec.Vector, len(c.builders))
	return c, nil
}

// begin makes a connection see the snapshot of the scan, which the first one takes.
func (s *source) begin(ctx context.Context, c *pgconn.PgConn) error {
	if len(s.ranges) < 2 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	if s.leader == nil {
		l, err := s.t.d.take(ctx)
		if err != nil {
			return err
		}
		s.leader = l
		if _, err := s.t.d.exec(ctx, l, begin); err != nil {
			return err
		}
		rows, err := s.t.d.queryOn(ctx, l, "SELECT pg_export_snapshot()")
		if err != nil {
			return err
		}
		s.snapshot = rows[0][0]
	}
	_, err := s.t.d.exec(ctx, c, begin+"; SET TRANSACTION SNAPSHOT "+literal(s.snapshot))
	return err
}

// cursor reads ranges over one connection.
type cursor struct {
	src      *source
	size     int
	refine   []func(*vec.Batch, []int32) ([]int32, error)
	builders []*vec.Builder
	decode   []decode
	formats  []int16
	batch    vec.Batch
	sel      []int32

	conn   *pgconn.PgConn
	ctx    context.Context // ends with the cursor
	cancel context.CancelFunc
	rows   *pgconn.ResultReader // of the range that is read
}

// Next gives the next batch in which some row is left.
func (c *cursor) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.rows == nil {
			if ok, err := c.open(); err != nil || !ok {
				return nil, err
			}
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
		if c.batch.N == 0 {
			continue
		}
		ok, err := c.narrow()
		if err != nil || ok {
			return &c.batch, err
		}
	}
}

// open sends the query of the next range, and tells whether there was one.
func (c *cursor) open() (bool, error) {
	i := int(c.src.next.Add(1) - 1)
	if i >= len(c.src.ranges) {
		return false, nil
	}
	if c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(c.src.ctx)
	}
	if c.conn == nil {
		conn, err := c.src.t.d.take(c.ctx)
		if err != nil {
			return false, err
		}
		c.conn = conn
		if err := c.src.begin(c.ctx, conn); err != nil {
			return false, err
		}
	}
	c.rows = c.conn.ExecParams(c.ctx, c.src.t.selectSQL(c.src.s, c.src.ranges[i]), nil, nil, nil, c.formats)
	c.batch.Morsel, c.batch.Seq = int64(i), -1
	return true, nil
}

// fill makes a batch of the next rows.
func (c *cursor) fill() error {
	for _, b := range c.builders {
		b.Reset()
	}
	c.batch.N, c.batch.Sel = 0, nil
	c.batch.Seq++
	size := 0
	for c.batch.N < c.size {
		if !c.rows.NextRow() {
			_, err := c.rows.Close()
			c.rows = nil
			if err != nil {
				return c.src.t.d.failed(err)
			}
			break
		}
		values := c.rows.Values()
		if len(values) != len(c.builders) {
			return badValue()
		}
		for k, raw := range values {
			size += len(raw)
			if raw == nil {
				c.builders[k].AppendNull()
				continue
			}
			if err := c.decode[k](c.builders[k], raw); err != nil {
				return c.located(err, k)
			}
		}
		c.batch.N++
	}
	for k, b := range c.builders {
		c.batch.Cols[k] = b.Vector()
	}
	c.src.bytes.Add(int64(size))
	return nil
}

// located names the column of an error.
func (c *cursor) located(err error, k int) error {
	t := c.src.t
	if m, ok := err.(*misfit); ok {
		return t.widen(c.src.ctx, c.src.s.Columns[k], m)
	}
	e, ok := err.(*sqlerr.Error)
	if !ok {
		return err
	}
	out := *e
	out.Msg = fmt.Sprintf("column %s of table %s: %s", t.info.Columns[c.src.s.Columns[k]].Name, t.info.Name, e.Msg)
	return &out
}

// narrow runs the filters and tells whether a row is left.
func (c *cursor) narrow() (bool, error) {
	if len(c.refine) == 0 {
		return true, nil
	}
	sel := append(c.sel[:0], vec.Identity(c.batch.N)...)
	c.sel = sel
	for _, f := range c.refine {
		var err error
		if sel, err = f(&c.batch, sel); err != nil || len(sel) == 0 {
			return false, err
		}
	}
	if len(sel) < c.batch.N {
		c.batch.Sel = sel
	}
	return true, nil
}

// Close gives the connection back; one whose rows are not all read is closed.
func (c *cursor) Close() error {
	if c.conn == nil {
		if c.cancel != nil {
			c.cancel()
		}
		return nil
	}
	d := c.src.t.d
	if c.rows != nil {
		c.cancel()
		_, _ = c.rows.Close() // the rest is not wanted, and its error neither
		c.rows = nil
	} else if c.conn.TxStatus() != 'I' && !c.conn.IsClosed() {
		if _, err := d.exec(context.WithoutCancel(c.src.ctx), c.conn, "ROLLBACK"); err != nil {
			_ = c.conn.Close(context.Background())
		}
	}
	c.cancel()
	d.give(c.conn)
	c.conn = nil
	return nil
}
