// Package storage is what a table looks like to the engine, wherever its rows lie: a Table has a schema and
// statistics and opens scans; a Format makes a Table of one file. One folder a format or place: csv, parquet, memory, multi.
// storage knows neither the catalog nor plans.
//
// Memory: the batches that a Cursor gives are borrowed until its next Next or Close.
package storage

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage/fs"
)

// Column is a column of a table. Hidden columns (filename) exist only when named.
type Column struct {
	types.Field
	Hidden bool
}

// Table is something that rows can be read from. It is immutable and safe for many goroutines, unless it says otherwise.
type Table interface {
	Schema() []Column
	// Stats gives what is known without reading rows. It is cheap after the first call.
	Stats() *Stats
	// Scan opens a scan. Nothing is read before the first Next of a cursor.
	Scan(ctx context.Context, s *Scan) (Source, error)
}

// Pruner is a Table that knows which of its files a scan with some conditions reads.
type Pruner interface {
	Pruned(preds []Pred) (read, all int)
}

// Inspector is a Format whose files tell of themselves.
type Inspector interface {
	// Inspect gives a table of what the files say: what is schema, metadata or file_metadata.
	Inspect(ctx context.Context, what string, files []fs.File) (Table, error)
}

// Scan says what a scan shall give.
type Scan struct {
	// Columns are indexes into the schema: batches have just these, in this order. It may be empty: then batches have only a
	// row count.
	Columns []int
	// Prune are conditions, all of which every wanted row meets. The reader uses them to skip files, row groups and pages, as
	// far as it can; rows that do not meet them may still come.
	Prune []Pred
	// Refine narrows each batch's selection exactly, before the columns that it does not need are decoded. In order.
	Refine []Refine
	// Limit is how many rows are wanted at most (before Refine it cannot be applied: it is 0 if Refine is not empty); 0 = all.
	Limit int64
	// BatchSize is the most rows of a batch; 0 = vec.BatchSize.
	BatchSize int
	// Workers is how many cursors will be opened.
	Workers int
	Env     *Env
}

// Refine is a filter that the reader runs itself.
type Refine struct {
	Columns []int // positions in Scan.Columns of the columns that it reads
	// New makes a worker's own filter: it narrows sel to the rows that pass; b has N rows and vectors at Columns (others are nil).
	// sel is never nil and may be overwritten. CanFail: an error may come.
	New func() func(b *vec.Batch, sel []int32) ([]int32, error)
}

// Source hands out morsels to many cursors.
type Source interface {
	// Cursor makes a worker's own cursor. Batches carry the morsel they come from; a morsel's batches come from one cursor,
	// in order, and morsel numbers grow in input order (file, position).
	Cursor() (Cursor, error)
	// Progress gives the bytes read and the bytes to read in all, as far as known.
	Progress() (done, total int64)
	Close() error
}

// Cursor gives batches until nil. It belongs to one goroutine.
type Cursor interface {
	Next(ctx context.Context) (*vec.Batch, error)
	Close() error
}

// Op is the operator of a Pred.
type Op uint8

// The operators. A row where the column is NULL meets none but IsNull.
const (
	Eq Op = iota
	Lt
	Le
	Gt
	Ge
	In      // any of Values
	Prefix  // the string begins with Values[0]
	IsNull  // no Values
	NotNull // no Values
	Or      // any of Kids
	And     // all of Kids
)

// Pred is a condition in the closed language that readers understand.
type Pred struct {
	Op     Op
	Col    int // index into the schema
	Values []Bound
	Kids   []Pred
}

// Bound is a constant or a statistic of a column: I for BOOLEAN, integers, DECIMAL(p≤18) (unscaled), DATE, TIME, TIMESTAMP,
// TIMESTAMPTZ; F for REAL and DOUBLE; S for strings and binaries. Other types have none.
type Bound struct {
	I int64
	F float64
	S string
}

// Stats is what is known of a table without reading its rows.
type Stats struct {
	Rows  int64 // -1: unknown
	Exact bool  // Rows, Nulls, and Min and Max where Tight, are exact and not estimates
	Bytes int64 // size on disk
	Cols  []ColStats
}

// ColStats is what is known of a column.
type ColStats struct {
	HasRange bool // Min and Max bound every non-NULL value
	Tight    bool // Min and Max occur
	Min, Max Bound
	Nulls    int64 // -1: unknown
	Distinct int64 // estimate; -1: unknown
	Width    int   // average bytes of a value; 0: unknown
}

// Env is what a scan or a writer may use of the session that runs it.
type Env struct {
	Mem     *mem.Budget
	Workers int
	Base    string            // folder that relative paths start from
	Note    func(note string) // tells the user once, on stderr; may be nil
	Bad     func(BadRecord)   // takes rows set aside; may be nil
	Setting func(name string) string
	Reads   *Reads    // counts what scans read; may be nil
	Spool   *fs.Spool // keeps copies of streams; may be nil
}

// Stream gives the file of a path that names stdin or a pipe.
func (e *Env) Stream(path string) (fs.File, error) {
	dir := ""
	if e.Setting != nil {
		dir = e.Setting("temp_directory")
	}
	return e.Spool.File(path, e.Base, dir)
}

// Reads counts what the scans of a statement have read: Bytes those that are closed, Progress all of them.
type Reads struct {
	Rows, Bytes atomic.Int64

	mu    sync.Mutex
	open  []Source
	total int64 // bytes that closed scans had to read
}

// Start forgets the statement before.
func (r *Reads) Start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Rows.Store(0)
	r.Bytes.Store(0)
	r.open, r.total = nil, 0
}

// Opened tells of a scan that has begun.
func (r *Reads) Opened(s Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = append(r.open, s)
}

// Closed tells of a scan that is about to be closed.
func (r *Reads) Closed(s Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.open, s); i >= 0 {
		r.open = slices.Delete(r.open, i, i+1)
	}
	done, total := s.Progress()
	r.Bytes.Add(done)
	r.total += max(total, done)
}

// Progress gives the bytes read so far, and those to be read by the scans that have begun, as far as known.
func (r *Reads) Progress() (done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	done, total = r.Bytes.Load(), r.total
	for _, s := range r.open {
		d, t := s.Progress()
		done += d
		total += max(d, t)
	}
	return done, total
}

// Notef sends a note if somebody listens.
func (e *Env) Notef(note string) {
	if e != nil && e.Note != nil {
		e.Note(note)
	}
}

// BadRecord is a row that was set aside under ignore_errors.
type BadRecord struct {
	File   string
	Line   int64 // from 1
	Column string
	Value  string
	Reason string
	Raw    string // the line, cut to 1 KiB
}

// Option is the value of a reader's or writer's option.
type Option struct {
	Text string
	List []Option // for a list; with Keys, for a struct
	Keys []string
	Pos  int // where it stands in the SQL text, or -1
}

// Options are named options, names in lower case.
type Options map[string]Option

// Format makes tables of files, and files of rows.
type Format interface {
	// Name is the format's name as in STORED AS and FORMAT, in lower case.
	Name() string
	// Open inspects one file and gives its table. Unknown options are an error that names the likeliest one.
	Open(ctx context.Context, env *Env, file fs.File, opts Options) (Table, error)
	// Create starts a file of rows with the given columns. Nothing of it is valid before Close returns nil.
	Create(w io.Writer, env *Env, cols []types.Field, opts Options) (Writer, error)
}

// Declarer is a Format whose files may take the names and types of their columns from outside, by position.
type Declarer interface {
	OpenDeclared(ctx context.Context, env *Env, file fs.File, opts Options, cols []types.Field) (Table, error)
}

// Explainer is a Table whose scans send a query to another system.
type Explainer interface {
	// Explain gives the query of a scan, without what is known only when it runs.
	Explain(s *Scan) string
}

// Guesser is a Table whose column types may be guesses from samples.
type Guesser interface {
	// Guessed tells whether the type of a column is a guess, and whether any value has been seen.
	Guessed(col int) (guessed, seen bool)
	// Widen makes the guessed type of a column one that also holds what t holds, and gives it.
	Widen(col int, t types.Type) types.Type
}

// Writer takes batches in order. It belongs to one goroutine.
type Writer interface {
	Write(b *vec.Batch) error
	Close() error
}

// Buffering is a Writer that tells how many bytes it has yet to write.
type Buffering interface {
	Buffered() int
}

// RestartError says that the inferred type of a file's column was disproved by a later value. Apply widens the type in
// the Table that it came from; the statement is then planned and run again, as long as no row has been given out.
type RestartError struct {
	Err   error // what to report if it is too late to start over
	Note  string
	Apply func()
}

// Error gives the message of the error to report.
func (e *RestartError) Error() string { return e.Err.Error() }

// Unwrap gives the error to report.
func (e *RestartError) Unwrap() error { return e.Err }
