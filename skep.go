// Package skep is a SQL engine over files: a Hive-like catalog, CSV and Parquet as they lie there, queries in parallel over all
// cores, in one pure-Go library.
//
//	db, err := skep.Open("")                                   // in memory; or the folder of a warehouse
//	rows, err := db.Query(ctx, "SELECT category, avg(rating) FROM 'ratings.parquet' GROUP BY ALL")
//	defer rows.Release()
//	for rows.Next() { … rows.RecordBatch() … }                 // Arrow
//
// It is also a driver for database/sql: sql.Open("skep", path).
//
// A DB is safe for many goroutines. A Session holds what belongs to one user: the current database, settings, temporary tables; it
// belongs to one goroutine at a time.
package skep

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/command"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/builtin"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// DB is an open warehouse, or a catalog in memory.
type DB struct {
	catalog *catalog.Catalog
	funcs   *fn.Registry
	mem     *mem.Budget
	workers int
	closed  atomic.Bool
	spool   fs.Spool

	mu         sync.Mutex
	registered []*catalog.Table // temporary tables that every new session of a warehouse gets
}

// Option changes how a DB is opened.
type Option func(*DB)

// WithMemoryLimit sets the bytes that all queries together may reserve; 0 is no limit. The default is 60 % of the machine's or the
// container's memory.
func WithMemoryLimit(bytes int64) Option { return func(d *DB) { d.mem.SetLimit(bytes) } }

// WithWorkers sets the number of worker threads of a query; the default is one a core.
func WithWorkers(n int) Option { return func(d *DB) { d.workers = n } }

// WithoutStdin makes reading stdin as data ('-', '/dev/stdin') an error that says why.
func WithoutStdin(why string) Option { return func(d *DB) { d.spool.RefuseStdin(why) } }

// Open opens the warehouse in folder path, which is made if it does not exist. With "" the catalog is temporary, and its tables lie in
// memory.
func Open(path string, opts ...Option) (*DB, error) {
	d := &DB{funcs: builtin.NewRegistry(), mem: mem.NewBudget(defaultMemory()), workers: runtime.GOMAXPROCS(0)}
	for _, o := range opts {
		o(d)
	}
	if path == "" {
		d.catalog = catalog.NewMemory(formats)
		return d, nil
	}
	var err error
	d.catalog, err = catalog.OpenWarehouse(path, formats)
	return d, err
}

// Close gives the DB up, and the copies of streams that it has read. Queries that run go on to their end; new statements of its sessions are errors.
func (d *DB) Close() error {
	d.closed.Store(true)
	d.spool.Close()
	return nil
}

// Session opens a session in the default database.
func (d *DB) Session() *Session {
	base, err := os.Getwd()
	if err != nil {
		base = "/"
	}
	env := &storage.Env{Mem: d.mem, Workers: d.workers, Base: base, Reads: &storage.Reads{}, Spool: &d.spool}
	s := &Session{db: d, env: env}
	s.cmd = &command.Env{Session: session.New(d.catalog.Session(), env), Funcs: d.funcs, Mem: d.mem, Workers: d.workers, Drivers: drivers}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.registered {
		_ = s.cmd.Session.Home(true).Create(t, true) // a new session's own catalog, in memory, takes any table
	}
	return s
}

// Session is one user's state: current database, settings, variables, temporary tables, prepared statements.
type Session struct {
	db  *DB
	env *storage.Env
	cmd *command.Env

	closed bool
}

// Close gives the session up, and its temporary tables. Readers of its queries are released before.
func (s *Session) Close() error {
	s.closed = true
	s.cmd.Session.DetachAll()
	if s.cmd.Session.InTransaction() {
		return s.cmd.Session.Rollback()
	}
	return nil
}

// OnNote sets who is told of notes: things worth knowing that are no errors. It may be called by several goroutines at once.
func (s *Session) OnNote(f func(note string)) { s.env.Note = f }

// Run runs one statement and gives its rows as the engine has them. Most programs want Query or Exec.
func (s *Session) Run(ctx context.Context, sql string, args ...any) (*command.Result, error) {
	if s.closed || s.db.closed.Load() {
		return nil, sqlerr.New(sqlerr.Cancelled, "the session is closed")
	}
	params, err := newArguments(args)
	if err != nil {
		return nil, err
	}
	s.cmd.Session.StartStatement()
	s.env.Reads.Start()
	s.db.mem.ResetPeak()
	stmt, err := parser.ParseOne(sql)
	if err != nil {
		if res, e := command.Native(ctx, s.cmd, sql); res != nil || e != nil {
			return res, e
		}
		return nil, err
	}
	return command.Run(ctx, s.cmd, sql, stmt, params.find)
}

// Counts are what the last statement has read so far.
type Counts struct {
	RowsRead, BytesRead int64
	SetAside            int64 // bad rows of files, under ignore_errors
}

// Counts gives what the last statement has read so far.
func (s *Session) Counts() Counts {
	return Counts{s.env.Reads.Rows.Load(), s.env.Reads.Bytes.Load(), s.cmd.Session.SetAside()}
}

// Set changes a setting.
func (s *Session) Set(name, value string) error {
	if strings.EqualFold(name, "memory_limit") {
		n, err := session.ParseSize(value)
		if err != nil {
			return err
		}
		s.db.mem.SetLimit(n)
	}
	_, err := s.cmd.Session.Set(name, value)
	return err
}

// Setting gives the value of a setting, or "".
func (s *Session) Setting(name string) string { return s.cmd.Session.Setting(name) }

// Location gives the time zone in which the session shows TIMESTAMPTZ.
func (s *Session) Location() *time.Location { return s.cmd.Session.Location() }

// Database gives the name of the current database.
func (s *Session) Database() string { return s.cmd.Session.Database }

// NewFile starts a file of rows in one of the formats that COPY writes.
func (s *Session) NewFile(w io.Writer, format string, fields []types.Field, opts storage.Options) (storage.Writer, error) {
	f, err := formats.Named(format)
	if err != nil {
		return nil, err
	}
	return f.Create(w, s.env, fields, opts)
}

// IsDataFile tells whether the ending of a path names a file format.
func IsDataFile(path string) bool { return formats.ForPath(path) != nil }

// defaultMemory is 60 % of the memory of the machine or of the control group, whichever is less.
func defaultMemory() int64 {
	total := int64(8 << 30)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		for _, line := range strings.Split(string(text), "\n") {
			if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemTotal:" {
				if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
					total = kb << 10
				}
			}
		}
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(file); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
				total = min(total, n)
			}
		}
	}
	if n := debug.SetMemoryLimit(-1); n < total {
		total = n
	}
	return total / 10 * 6
}
