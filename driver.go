package skep

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"reflect"
	"sync"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
)

func init() { sql.Register("skep", sqlDriver{}) } // database/sql has no other way

// sqlDriver is the database/sql driver "skep". The data source is the folder of a warehouse, or "" for a temporary database in memory
// that all connections of one sql.DB share. Each connection is a Session.
type sqlDriver struct{}

// Open is what database/sql calls for drivers without connectors.
func (d sqlDriver) Open(name string) (driver.Conn, error) {
	c, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// OpenConnector makes the connector of a sql.DB.
func (d sqlDriver) OpenConnector(name string) (driver.Connector, error) {
	return &connector{path: name}, nil
}

// Connector gives a connector over an open DB, for sql.OpenDB. Closing the sql.DB leaves the DB open.
func (d *DB) Connector() driver.Connector { return &connector{db: d, borrowed: true} }

type connector struct {
	path     string
	borrowed bool
	mu       sync.Mutex
	db       *DB
}

// Connect opens a session; the first one opens the database.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil {
		var err error
		if c.db, err = Open(c.path); err != nil {
			return nil, err
		}
	}
	return &conn{s: c.db.Session()}, nil
}

// Driver gives the driver.
func (c *connector) Driver() driver.Driver { return sqlDriver{} }

// Close closes the database with the sql.DB.
func (c *connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil || c.borrowed {
		return nil
	}
	return c.db.Close()
}

// conn is one connection: a Session.
type conn struct{ s *Session }

var (
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
)

// Close closes the session.
func (c *conn) Close() error { return c.s.Close() }

// IsValid tells whether the connection may be used again.
func (c *conn) IsValid() bool { return !c.s.closed }

// Ping tells whether the database is open.
func (c *conn) Ping(context.Context) error {
	if c.s.closed || c.s.db.closed.Load() {
		return driver.ErrBadConn
	}
	return nil
}

// Begin opens a transaction.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx opens a transaction: its statements see one version of the warehouse, and their changes become known together.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch sql.IsolationLevel(opts.Isolation) {
	case sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSnapshot:
	default:
		return nil, sqlerr.New(sqlerr.Unsupported, "isolation level %s is not supported", sql.IsolationLevel(opts.Isolation)).WithHint("sql.LevelSnapshot is what transactions have")
	}
	if _, err := c.s.Exec(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	return tx{c}, nil
}

// tx is the transaction of a connection.
type tx struct{ c *conn }

// Commit makes the changes known. It is an error if a statement failed, and then nothing is changed.
func (t tx) Commit() error {
	failed := t.c.s.cmd.Session.Failed()
	_, err := t.c.s.Exec(context.Background(), "COMMIT")
	if err == nil && failed {
		return sqlerr.New(sqlerr.Conflict, "a statement of the transaction failed: it was rolled back")
	}
	return err
}

// Rollback undoes the changes.
func (t tx) Rollback() error {
	_, err := t.c.s.Exec(context.Background(), "ROLLBACK")
	return err
}

// CheckNamedValue takes all values that Query takes.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	_, err := constant(v.Value)
	return err
}

// Prepare checks the syntax of a statement.
func (c *conn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

// PrepareContext checks the syntax of a statement.
func (c *conn) PrepareContext(_ context.Context, text string) (driver.Stmt, error) {
	if _, err := parser.ParseOne(text); err != nil {
		return nil, err
	}
	return &stmt{c, text}, nil
}

func plainArgs(args []driver.NamedValue) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.Value
		if a.Name != "" {
			out[i] = sql.Named(a.Name, a.Value)
		}
	}
	return out
}

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	res, err := c.s.Run(ctx, text, plainArgs(args)...)
	if err != nil {
		return nil, err
	}
	r := res.Rows
	if r == nil {
		r = exec.Static(nil, nil)
	}
	return &driverRows{ctx: ctx, rows: r, loc: c.s.Location()}, nil
}

// ExecContext runs a statement to its end.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	n, err := c.s.Exec(ctx, text, plainArgs(args)...)
	return driver.RowsAffected(n), err
}

// stmt is a prepared statement: its text, whose syntax is right.
type stmt struct {
	c    *conn
	text string
}

// Close does nothing.
func (s *stmt) Close() error { return nil }

// NumInput says that the number of parameters is checked when the statement is bound.
func (s *stmt) NumInput() int { return -1 }

// CheckNamedValue takes all values that Query takes.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error { return s.c.CheckNamedValue(v) }

// Exec runs the statement.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), numbered(args))
}

// Query runs the statement.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), numbered(args))
}

// ExecContext runs the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.c.ExecContext(ctx, s.text, args)
}

// QueryContext runs the statement.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.QueryContext(ctx, s.text, args)
}

func numbered(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// driverRows gives rows one at a time.
type driverRows struct {
	ctx  context.Context
	rows *exec.Rows
	loc  *time.Location
	b    *vec.Batch
	at   int
}

// Columns gives the names.
func (r *driverRows) Columns() []string {
	out := make([]string, len(r.rows.Fields))
	for i, f := range r.rows.Fields {
		out[i] = f.Name
	}
	return out
}

// Close stops the query.
func (r *driverRows) Close() error { return r.rows.Close() }

// Next gives the next row.
func (r *driverRows) Next(dest []driver.Value) error {
	for r.b == nil || r.at >= r.b.Rows() {
		var err error
		if r.b, err = r.rows.Next(r.ctx); err != nil {
			return err
		}
		if r.at = 0; r.b == nil {
			return io.EOF
		}
	}
	i := r.at
	if r.b.Sel != nil {
		i = int(r.b.Sel[i])
	}
	r.at++
	for k := range dest {
		dest[k] = r.value(r.b.Cols[k], i)
	}
	return nil
}

// value gives a value of Go: decimals, times of day, intervals and nested values are text.
func (r *driverRows) value(v *vec.Vector, i int) driver.Value {
	if v.IsNull(i) {
		return nil
	}
	f, k := v.At(i)
	switch f.Type.Kind {
	case types.Boolean:
		return vec.Values[uint8](f)[k] != 0
	case types.TinyInt, types.SmallInt, types.Integer, types.UTinyInt, types.USmallInt:
		return int64(vec.Values[int32](f)[k])
	case types.BigInt, types.UInteger:
		return vec.Values[int64](f)[k]
	case types.UBigInt:
		if x := kernel.Int128At(f, k); kernel.IsInt64(x) {
			return int64(x.Lo)
		}
	case types.Real, types.Double:
		return vec.Values[float64](f)[k]
	case types.Binary:
		return append([]byte{}, f.Bytes(k)...)
	case types.Date:
		return time.Unix(int64(vec.Values[int32](f)[k])*86400, 0).UTC()
	case types.Timestamp:
		return time.UnixMicro(vec.Values[int64](f)[k]).UTC()
	case types.TimestampTZ:
		return time.UnixMicro(vec.Values[int64](f)[k]).In(r.loc)
	}
	return string(kernel.AppendText(nil, f, k))
}

// ColumnTypeDatabaseTypeName gives the SQL type, without length or precision.
func (r *driverRows) ColumnTypeDatabaseTypeName(i int) string {
	if t := r.rows.Fields[i].Type; t.IsNested() {
		return t.String()
	}
	return r.rows.Fields[i].Type.Kind.String()
}

// ColumnTypeNullable tells whether NULL may come.
func (r *driverRows) ColumnTypeNullable(i int) (nullable, ok bool) {
	return !r.rows.Fields[i].NotNull, true
}

// ColumnTypePrecisionScale gives the digits of a DECIMAL.
func (r *driverRows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	t := r.rows.Fields[i].Type
	return int64(t.P), int64(t.S), t.Kind == types.Decimal
}

// ColumnTypeLength gives the limit of a CHAR(n) or VARCHAR(n).
func (r *driverRows) ColumnTypeLength(i int) (length int64, ok bool) {
	t := r.rows.Fields[i].Type
	return int64(t.N), t.Kind == types.Varchar && t.N > 0
}

// ColumnTypeScanType gives the Go type of the values.
func (r *driverRows) ColumnTypeScanType(i int) reflect.Type {
	switch t := r.rows.Fields[i].Type; t.Kind {
	case types.Null:
		return reflect.TypeFor[any]()
	case types.Boolean:
		return reflect.TypeFor[bool]()
	case types.TinyInt, types.SmallInt, types.Integer, types.UTinyInt, types.USmallInt, types.BigInt, types.UInteger:
		return reflect.TypeFor[int64]()
	case types.Real, types.Double:
		return reflect.TypeFor[float64]()
	case types.Binary:
		return reflect.TypeFor[[]byte]()
	case types.Date, types.Timestamp, types.TimestampTZ:
		return reflect.TypeFor[time.Time]()
	}
	return reflect.TypeFor[string]()
}
