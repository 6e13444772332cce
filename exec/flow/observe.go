package flow

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/skep-sql/skep/exec/vec"
)

// OpStats are the counters of one operator for EXPLAIN ANALYZE, summed over the workers.
type OpStats struct {
	RowsIn, RowsOut, Batches atomic.Int64
	Nanos                    atomic.Int64 // the operator's own time, without the operators that it pushes to
	Bytes                    atomic.Int64 // memory reserved, at most
}

// Sizer is implemented by sinks that know what memory they hold.
type Sizer interface {
	Held() int64
}

// ObserveSource counts what comes out of s.
func ObserveSource(s Source, st *OpStats) Source { return &obsSource{s, st} }

type obsSource struct {
	Source
	st *OpStats
}

func (o *obsSource) Open(t *Task) error {
	start := time.Now()
	err := o.Source.Open(t)
	o.st.Nanos.Add(int64(time.Since(start)))
	return err
}

func (o *obsSource) MaxCursors() int {
	if n, ok := o.Source.(Narrow); ok {
		return n.MaxCursors()
	}
	return 1 << 20
}

func (o *obsSource) Cursor(t *Task) (Cursor, error) {
	c, err := o.Source.Cursor(t)
	if err != nil {
		return nil, err
	}
	return &obsCursor{c, o.st}, nil
}

type obsCursor struct {
	Cursor
	st *OpStats
}

func (o *obsCursor) Next(ctx context.Context) (*vec.Batch, error) {
	start := time.Now()
	b, err := o.Cursor.Next(ctx)
	o.st.Nanos.Add(int64(time.Since(start)))
	if b != nil {
		o.st.RowsOut.Add(int64(b.Rows()))
		o.st.Batches.Add(1)
	}
	return b, err
}

// ObserveStage counts what goes into and comes out of s.
func ObserveStage(s Stage, st *OpStats) Stage { return &obsStage{s, st} }

type obsStage struct {
	Stage
	st *OpStats
}

func (o *obsStage) Stopped() bool {
	s, ok := o.Stage.(Stopper)
	return ok && s.Stopped()
}

func (o *obsStage) Local(t *Task) (Transform, error) {
	tr, err := o.Stage.Local(t)
	if err != nil {
		return nil, err
	}
	w := &obsTransform{tr: tr, st: o.st}
	w.emit = func(b *vec.Batch) error {
		w.st.RowsOut.Add(int64(b.Rows()))
		w.st.Batches.Add(1)
		start := time.Now()
		err := w.next(b)
		w.below += time.Since(start)
		return err
	}
	return w, nil
}

type obsTransform struct {
	tr    Transform
	st    *OpStats
	emit  Emit
	next  Emit
	below time.Duration // spent in the operators after this one
}

func (o *obsTransform) timed(next Emit, f func(Emit) error) error {
	o.next, o.below = next, 0
	start := time.Now()
	err := f(o.emit)
	o.st.Nanos.Add(int64(time.Since(start) - o.below))
	return err
}

func (o *obsTransform) Push(b *vec.Batch, emit Emit) error {
	o.st.RowsIn.Add(int64(b.Rows()))
	return o.timed(emit, func(e Emit) error { return o.tr.Push(b, e) })
}

func (o *obsTransform) Flush(emit Emit) error { return o.timed(emit, o.tr.Flush) }

func (o *obsTransform) Advance(m int64, emit Emit) error {
	a, ok := o.tr.(Advancer)
	if !ok {
		return nil
	}
	return o.timed(emit, func(e Emit) error { return a.Advance(m, e) })
}

// ObserveSink counts what goes into s. Pipelines that share a sink must share the observed one as well.
func ObserveSink(s Sink, st *OpStats) Sink { return &obsSink{s, st} }

type obsSink struct {
	Sink
	st *OpStats
}

func (o *obsSink) Stopped() bool {
	s, ok := o.Sink.(Stopper)
	return ok && s.Stopped()
}

func (o *obsSink) Local(t *Task) (LocalSink, error) {
	l, err := o.Sink.Local(t)
	if err != nil {
		return nil, err
	}
	return &obsLocal{l, o.st}, nil
}

func (o *obsSink) Finish(t *Task, p Parallel) error {
	start := time.Now()
	err := o.Sink.Finish(t, p)
	o.st.Nanos.Add(int64(time.Since(start)))
	if s, ok := o.Sink.(Sizer); ok {
		o.st.Bytes.Store(max(o.st.Bytes.Load(), s.Held()))
	}
	return err
}

type obsLocal struct {
	LocalSink
	st *OpStats
}

func (o *obsLocal) Push(b *vec.Batch) error {
	o.st.RowsIn.Add(int64(b.Rows()))
	o.st.Batches.Add(1)
	start := time.Now()
	err := o.LocalSink.Push(b)
	o.st.Nanos.Add(int64(time.Since(start)))
	return err
}

func (o *obsLocal) Combine() error {
	start := time.Now()
	err := o.LocalSink.Combine()
	o.st.Nanos.Add(int64(time.Since(start)))
	return err
}

func (o *obsLocal) Advance(m int64, emit Emit) error {
	if a, ok := o.LocalSink.(Advancer); ok {
		return a.Advance(m, emit)
	}
	return nil
}
