// Package exec runs physical plans: it makes the pipelines (exec/build), drives them (exec/flow) on the task's workers, and hands the rows
// to the caller one batch at a time.
package exec

import (
	"context"
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/build"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/physical"
)

// Rows are the rows of a statement. They belong to one goroutine.
type Rows struct {
	Fields []types.Field
	next   func(ctx context.Context) (*vec.Batch, error)
	keep   func()
	close  func() error
	fail   func(error) error // gives errors their places; may be nil
	first  *vec.Batch        // read ahead
	peeked bool
	once   sync.Once
	err    error
}

// Next gives the next batch, or nil at the end. The batch is valid until the next call.
func (r *Rows) Next(ctx context.Context) (*vec.Batch, error) {
	if r.peeked {
		b := r.first
		r.peeked, r.first = false, nil
		return b, nil
	}
	b, err := r.next(ctx)
	if err != nil && r.fail != nil {
		err = r.fail(err)
	}
	return b, err
}

// OnError sets what errors go through on their way to the caller of Next.
func (r *Rows) OnError(f func(error) error) { r.fail = f }

// Peek waits for the first batch, which stays the next one, or for the error that comes in its place.
func (r *Rows) Peek(ctx context.Context) error {
	b, err := r.next(ctx)
	if err == nil {
		r.first, r.peeked = b, true
	}
	return err
}

// Keep makes the batch that Next gave last the caller's own: it stays valid for good.
func (r *Rows) Keep() {
	if r.keep != nil {
		r.keep()
	}
}

// Close stops the query if it still runs, and waits until it has. It may be called more than once.
func (r *Rows) Close() error {
	r.once.Do(func() {
		if r.close != nil {
			r.err = r.close()
		}
	})
	return r.err
}

// Static makes Rows of a batch in memory.
func Static(fields []types.Field, b *vec.Batch) *Rows {
	return &Rows{Fields: fields, next: func(context.Context) (*vec.Batch, error) {
		out := b
		b = nil
		return out, nil
	}}
}

// Run starts plan and gives its rows. Observe, if not nil, gives each node's counters. The query runs in its own goroutines until its rows
// are read to the end or Rows is closed.
func Run(t *flow.Task, plan physical.Node, observe func(physical.Node) *flow.OpStats) (*Rows, error) {
	ctx, cancel := context.WithCancel(t.Ctx)
	own := *t
	own.Ctx = ctx
	fields, ts := fieldsOf(plan.Cols())
	res := op.NewResult(ts, true)
	pipes, err := build.Build(&own, plan, res, observe)
	if err != nil {
		cancel()
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		err := flow.Run(&own, pipes)
		res.End(err)
		done <- err
	}()
	return &Rows{Fields: fields, next: res.Next, keep: res.Keep, close: func() error {
		res.Stop()
		cancel()
		<-done
		return nil
	}}, nil
}

// Drain runs plan into sink and waits for the end.
func Drain(t *flow.Task, plan physical.Node, sink flow.Sink, observe func(physical.Node) *flow.OpStats) error {
	pipes, err := build.Build(t, plan, sink, observe)
	if err != nil {
		return err
	}
	return flow.Run(t, pipes)
}

func fieldsOf(cols []logical.Col) ([]types.Field, []types.Type) {
	fields := make([]types.Field, len(cols))
	ts := make([]types.Type, len(cols))
	for i, c := range cols {
		fields[i] = types.Field{Name: c.Name, Type: c.Type}
		ts[i] = c.Type
	}
	return fields, ts
}
