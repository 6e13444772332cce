package op

import (
	"context"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Result hands the rows of a query to one consumer in another goroutine. It is a flow.Sink. The consumer calls Next until nil
// or an error, and Stop at last, whatever happened; whoever called flow.Run tells its outcome to End. Workers wait when the
// consumer is slow.
type Result struct {
	Types   []types.Type
	Ordered bool // rows come in input order

	s     sequencer
	queue []*kept
	lent  *kept // what the consumer has
	quit  bool  // the consumer wants no more
	ended bool
	err   error
}

// NewResult makes a Result, which, unlike other operators, is used by two goroutines from the start.
func NewResult(ts []types.Type, ordered bool) *Result {
	r := &Result{Types: ts, Ordered: ordered}
	r.s = sequencer{types: ts, ordered: ordered}
	r.s.f.cond.L = &r.s.f.mu
	r.s.room = func() bool { return len(r.queue) < window }
	r.s.stopped = func() bool { return r.quit }
	r.s.out = func(b *vec.Batch) error {
		k := r.s.take()
		k.set(b)
		r.queue = append(r.queue, k)
		r.s.f.cond.Broadcast()
		return nil
	}
	return r
}

// Local makes a worker's part.
func (r *Result) Local(t *flow.Task) (flow.LocalSink, error) { return r.s.local(t), nil }

// Finish does nothing: End tells the consumer.
func (r *Result) Finish(*flow.Task, flow.Parallel) error { return nil }

// Close does nothing: what is queued belongs to the consumer.
func (r *Result) Close() error { return nil }

// Stopped tells whether the consumer wants no more.
func (r *Result) Stopped() bool {
	r.s.f.mu.Lock()
	defer r.s.f.mu.Unlock()
	return r.quit
}

// End says that the query is over, with an error or nil.
func (r *Result) End(err error) {
	r.s.f.mu.Lock()
	defer r.s.f.mu.Unlock()
	if !r.ended {
		r.ended, r.err = true, err
	}
	r.s.f.cond.Broadcast()
}

// Next gives the next batch, dense, valid until the next call; nil when there are no more. Rows that came before an error are
// given out before it.
func (r *Result) Next(ctx context.Context) (*vec.Batch, error) {
	f := &r.s.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.lent != nil {
		r.s.free = append(r.s.free, r.lent)
		r.lent = nil
	}
	if err := f.wait(ctx, func() bool { return len(r.queue) > 0 || r.ended }); err != nil {
		return nil, err
	}
	if len(r.queue) == 0 {
		return nil, r.err
	}
	r.lent = r.queue[0]
	copy(r.queue, r.queue[1:])
	r.queue = r.queue[:len(r.queue)-1]
	f.cond.Broadcast()
	return &r.lent.batch, nil
}

// Keep makes the batch that Next gave last the consumer's own: its memory is not used again.
func (r *Result) Keep() {
	r.s.f.mu.Lock()
	defer r.s.f.mu.Unlock()
	r.lent = nil
}

// Stop says that the consumer wants no more; the query ends soon. It may be called at any time.
func (r *Result) Stop() {
	r.s.f.mu.Lock()
	defer r.s.f.mu.Unlock()
	r.quit = true
	r.s.f.cond.Broadcast()
}

// TableWriter gives the rows, one batch at a time and in input order if Ordered, to Write, which must not keep them: COPY,
// INSERT, CREATE TABLE AS. Done, if set, is called after the last one. It is a flow.Sink.
type TableWriter struct {
	Types   []types.Type
	Ordered bool
	Write   func(*vec.Batch) error
	Done    func() error

	s *sequencer
}

// Local makes a worker's part.
func (w *TableWriter) Local(t *flow.Task) (flow.LocalSink, error) {
	if w.s == nil {
		w.s = &sequencer{types: w.Types, ordered: w.Ordered, out: w.Write}
	}
	return w.s.local(t), nil
}

// Finish calls Done.
func (w *TableWriter) Finish(*flow.Task, flow.Parallel) error {
	if w.Done != nil {
		return w.Done()
	}
	return nil
}

// Close does nothing: what was written belongs to the maker of Write.
func (w *TableWriter) Close() error { return nil }
