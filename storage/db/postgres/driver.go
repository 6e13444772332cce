// Package postgres is db.Database over PostgreSQL's protocol. Rows are read in the binary format, straight into columns, and loaded by binary
// COPY in one transaction: a load that breaks off leaves nothing behind.
//
// Memory: a cursor holds one batch and what the network has buffered; a load one buffer of rows.
package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage/db"
)

// Driver opens PostgreSQL databases.
type Driver struct{}

// Name is postgres.
func (Driver) Name() string { return "postgres" }

// Handles tells whether an address is postgres://…, postgresql://… or postgres:key=value ….
func (Driver) Handles(address string) bool {
	a := strings.ToLower(address)
	return strings.HasPrefix(a, "postgres:") || strings.HasPrefix(a, "postgresql:")
}

// Open connects to the database of an address: a URL or key=value words. What it leaves out comes from where psql takes it: PGHOST and its kin,
// ~/.pgpass, service files.
func (Driver) Open(ctx context.Context, a *db.Address) (db.Database, error) {
	cfg, err := config(a)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	cfg.RuntimeParams["datestyle"] = "ISO"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "skep"
	}
	if a.ReadOnly {
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
	}
	d := &database{cfg: cfg, readOnly: a.ReadOnly}
	c, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	d.utf8 = c.ParameterStatus("server_encoding") == "UTF8"
	d.version = majorVersion(c.ParameterStatus("server_version"))
	d.give(c)
	return d, nil
}

func majorVersion(s string) int {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 0
	}
	return n
}

// maxIdle is how many connections wait for their next use.
const maxIdle = 16

// database keeps connections that wait for their next use.
type database struct {
	cfg      *pgconn.Config
	readOnly bool
	utf8     bool // text compares by bytes as ours under COLLATE "C"
	version  int

	mu     sync.Mutex
	idle   []*pgconn.PgConn
	closed bool
}

// take gives a connection outside of any transaction.
func (d *database) take(ctx context.Context) (*pgconn.PgConn, error) {
	for {
		d.mu.Lock()
		n := len(d.idle)
		if n == 0 {
			d.mu.Unlock()
			break
		}
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		d.mu.Unlock()
		if c.Ping(ctx) == nil {
			return c, nil
		}
		_ = c.Close(ctx) // the server has ended it
	}
	c, err := pgconn.ConnectConfig(ctx, d.cfg.Copy())
	if err != nil {
		return nil, d.failed(err)
	}
	return c, nil
}

// give takes a connection back; one that is broken or within a transaction is closed.
func (d *database) give(c *pgconn.PgConn) {
	if c.IsClosed() || c.IsBusy() {
		giveUp(c)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || c.TxStatus() != 'I' || len(d.idle) >= maxIdle {
		_ = c.Close(context.Background())
		return
	}
	d.idle = append(d.idle, c)
}

// giveUp closes a connection whose statement is not at its end, and has the server end it too: it would notice only when it has something to send.
func giveUp(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if c.IsClosed() { // by the end of its context, which sends the request by itself
		select {
		case <-c.CleanupDone():
		case <-ctx.Done():
		}
		return
	}
	_ = c.CancelRequest(ctx) // a server that is away has ended it
	_ = c.Close(ctx)
}

// Close closes the connections that nobody uses; the others when they are given back.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, c := range d.idle {
		_ = c.Close(context.Background())
	}
	d.idle = nil
	return nil
}

// Database gives the name of the database.
func (d *database) Database() string { return d.cfg.Database }

// Other opens another database of the server.
func (d *database) Other(ctx context.Context, name string) (db.Database, error) {
	rows, err := d.query(ctx, "SELECT datname FROM pg_database WHERE datname = $1 OR datname = lower($1) ORDER BY datname = $1 DESC", name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	cfg := d.cfg.Copy()
	cfg.Database = rows[0][0]
	o := &database{cfg: cfg, readOnly: d.readOnly, utf8: d.utf8, version: d.version}
	c, err := o.take(ctx)
	if err != nil {
		return nil, err
	}
	o.utf8 = c.ParameterStatus("server_encoding") == "UTF8"
	o.give(c)
	return o, nil
}

// Exec runs statements in Postgres' words.
func (d *database) Exec(ctx context.Context, sql string) (int64, error) {
	c, err := d.take(ctx)
	if err != nil {
		return 0, err
	}
	defer d.give(c)
	n, err := d.exec(ctx, c, sql)
	if err == nil && c.TxStatus() != 'I' {
		return 0, sqlerr.New(sqlerr.Unsupported, "the statement leaves a transaction open, which is rolled back").
			WithHint("write it from BEGIN to COMMIT in one EXECUTE IN")
	}
	return n, err
}

func (d *database) exec(ctx context.Context, c *pgconn.PgConn, sql string) (int64, error) {
	r := c.Exec(ctx, sql)
	var n int64
	for r.NextResult() {
		tag, err := r.ResultReader().Close()
		if err == nil {
			n = tag.RowsAffected()
		}
	}
	return n, d.failed(r.Close())
}

// query gives the rows of a query as text, NULL as "".
func (d *database) query(ctx context.Context, sql string, args ...string) ([][]string, error) {
	c, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	defer d.give(c)
	return d.queryOn(ctx, c, sql, args...)
}

func (d *database) queryOn(ctx context.Context, c *pgconn.PgConn, sql string, args ...string) ([][]string, error) {
	var params [][]byte
	for _, a := range args {
		params = append(params, []byte(a))
	}
	res := c.ExecParams(ctx, sql, params, nil, nil, nil).Read()
	if res.Err != nil {
		return nil, d.failed(res.Err)
	}
	var out [][]string
	for _, r := range res.Rows {
		var row []string
		for _, v := range r {
			row = append(row, string(v))
		}
		out = append(out, row)
	}
	return out, nil
}

// failed makes an error of the engine of one of the protocol's.
func (d *database) failed(err error) error {
	if err == nil {
		return nil
	}
	var known *sqlerr.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return sqlerr.Wrap(sqlerr.Cancelled, err, "Postgres was asked to stop")
	}
	var pg *pgconn.PgError
	var conn *pgconn.ConnectError
	refused := errors.As(err, &conn)
	if errors.As(err, &pg) {
		return d.serverError(pg, refused)
	}
	if refused {
		why, hint := reason(err)
		return sqlerr.Wrap(sqlerr.IO, db.Temporary(errors.New(why)), "no connection to Postgres at %s", d.place()).WithHint("%s", hint)
	}
	why, _ := reason(err)
	return sqlerr.Wrap(sqlerr.IO, db.Temporary(errors.New(why)), "the connection to Postgres at %s broke", d.place())
}

// reason tells in one line why there is no connection, and what to look at.
func reason(err error) (why, hint string) {
	hint = "is the server up? host and port come from the address, or PGHOST and PGPORT"
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host of that name", "is it spelled right? it comes from the address, or PGHOST"
	case errors.As(err, &op):
		return db.Redact(op.Err.Error()), hint
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server hung up", hint
	}
	why, _, _ = strings.Cut(err.Error(), "\n")
	return db.Redact(why), hint
}

// place names the server, without user or password.
func (d *database) place() string {
	if strings.HasPrefix(d.cfg.Host, "/") {
		return d.cfg.Host + ", port " + strconv.Itoa(int(d.cfg.Port))
	}
	u := url.URL{Host: net.JoinHostPort(d.cfg.Host, strconv.Itoa(int(d.cfg.Port)))}
	return u.Host
}

// serverError gives the class, and the server's words. refused: the server took no connection.
func (d *database) serverError(pg *pgconn.PgError, refused bool) error {
	class := sqlerr.Data
	switch {
	case pg.Code == "42601":
		class = sqlerr.Syntax
	case pg.Code == "42P01" || pg.Code == "42703" || pg.Code == "3D000" || pg.Code == "3F000" || pg.Code == "42883" || pg.Code == "42704":
		class = sqlerr.NotFound
	case pg.Code == "42P07" || pg.Code == "42P04" || pg.Code == "42P06" || pg.Code == "42710":
		class = sqlerr.Exists
	case strings.HasPrefix(pg.Code, "42") || strings.HasPrefix(pg.Code, "2B") || pg.Code == "25006":
		class = sqlerr.Bind
	case strings.HasPrefix(pg.Code, "0A"):
		class = sqlerr.Unsupported
	case strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57") || strings.HasPrefix(pg.Code, "58"):
		class = sqlerr.IO
	}
	msg := "Postgres: " + pg.Message
	if pg.Detail != "" {
		msg += " (" + strings.ReplaceAll(pg.Detail, "\n", " ") + ")"
	}
	e := sqlerr.New(class, "%s", db.Redact(msg))
	switch {
	case pg.Code == "40P01" || pg.Code == "40001" || pg.Code == "55P03":
		e = e.WithHint("somebody else changes the same at the same time: run it again")
	case pg.Hint != "":
		e = e.WithHint("%s", db.Redact(pg.Hint))
	case pg.Code == "28000":
		e = e.WithHint("who logs in comes from CREATE SECRET, user= in the address, or PGUSER")
	case pg.Code == "28P01" || refused && strings.HasPrefix(pg.Code, "28"):
		e = e.WithHint("the password comes from CREATE SECRET, the address, PGPASSWORD or ~/.pgpass (which must be mode 0600)")
	case pg.Code == "3D000":
		e = e.WithHint("which database comes from the address, dbname=, or PGDATABASE")
	case pg.Code == "23503":
		e = e.WithHint("load the rows that are referred to first, or leave those out that refer to none")
	case pg.Code == "23505":
		e = e.WithHint("INSERT … ON CONFLICT (key) DO UPDATE SET …, or MERGE, changes rows that are there; a key may stand once in what is loaded")
	case pg.Code == "25006":
		e = e.WithHint("the database is attached READ ONLY")
	}
	if class == sqlerr.IO || strings.HasPrefix(pg.Code, "40") || pg.Code == "55P03" {
		e.Cause = db.Temporary(errors.New("SQLSTATE " + pg.Code))
	}
	return e
}

// quote writes a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal writes a text.
func literal(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}
