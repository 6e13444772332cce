// Package flow runs pipelines: a shared Source hands out morsels to workers, each of which pushes batches through its own
// Transforms into its own LocalSink; when all are done, the Sink's Finish turns what they hold into the Source of a later
// pipeline. There is one driver loop a worker and no goroutine an operator.
//
// Ordering: every batch carries its morsel and its place there (vec.Batch). One morsel is handled by one worker, in order.
//
// Memory: a batch is borrowed until the call that took it returns. A Transform may change the selection and replace vectors of
// the batch it pushes on, never the contents of vectors that it was given.
package flow

import (
	"context"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Task is the run of one query: what all its operators share. It is safe for many goroutines.
type Task struct {
	Ctx       context.Context
	Mem       *mem.Budget
	Workers   int
	BatchSize int
	Fn        *fn.Ctx
	Env       *storage.Env
}

// Source is where a pipeline's rows come from. It is shared by the workers.
type Source interface {
	// Open is called once, before any Cursor, when the pipelines that this one depends on are finished.
	Open(t *Task) error
	// Cursor makes a worker's own cursor.
	Cursor(t *Task) (Cursor, error)
	// Close is called once, after all cursors are closed, also after errors.
	Close() error
}

// Cursor gives a worker its batches; nil means that there are no more.
type Cursor interface {
	Next(ctx context.Context) (*vec.Batch, error)
	Close() error
}

// Stage is an operator within a pipeline: immutable and shared.
type Stage interface {
	Local(t *Task) (Transform, error)
}

// Emit passes a batch on. ErrStop means that no more rows are wanted on this branch.
type Emit func(*vec.Batch) error

// Transform is one worker's part of a Stage.
type Transform interface {
	Push(b *vec.Batch, emit Emit) error
	// Flush is called once, after the last Push of the worker.
	Flush(emit Emit) error
}

// Sink is where a pipeline's rows end.
type Sink interface {
	Local(t *Task) (LocalSink, error)
	// Finish is called once, when every LocalSink has been combined. p runs work on the task's workers.
	Finish(t *Task, p Parallel) error
	// Close gives up everything; it is called once at the end of the query, also after errors.
	Close() error
}

// LocalSink is one worker's part of a Sink.
type LocalSink interface {
	Push(b *vec.Batch) error
	// Combine hands the worker's rows to the Sink; it is called by the worker after its last Push.
	Combine() error
}

// Parallel runs f(0)…f(n-1) on the task's workers and gives the first error.
type Parallel interface {
	For(n int, f func(i int) error) error
	// Cancelled gives an error when the query is cancelled, for loops that take long within one call of f.
	Cancelled() error
}

// ErrStop says that a branch wants no more rows. It is no failure.
var ErrStop error = sqlerr.New(sqlerr.Cancelled, "no more rows wanted")

// Pipeline is a source, the stages its batches pass, and the sink they end in. It starts when all of After have finished.
type Pipeline struct {
	Name   string
	Source Source
	Stages []Stage
	Sink   Sink
	After  []*Pipeline
}
