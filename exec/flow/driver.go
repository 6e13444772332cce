package flow

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
)

// Advancer is implemented by a Transform or LocalSink that has to know when its worker turns to another morsel: the driver
// calls it before the first Push of the morsel, also when all rows of the morsel will be filtered away on their way. A
// worker's morsels only grow. A Transform passes on what it holds through emit; for a sink emit is nil.
type Advancer interface {
	Advance(morsel int64, emit Emit) error
}

// Stopper is implemented by a Stage or Sink that may know, before a row has come, that it wants none: then the pipeline's
// source is not even opened.
type Stopper interface {
	Stopped() bool
}

// Narrow is implemented by a Source that has no use for more than so many cursors; it is asked after Open.
type Narrow interface {
	MaxCursors() int
}

// PanicError is a panic that the driver caught.
type PanicError struct {
	Value any
	Stack []byte
}

// Error names what was panicked with; the stack is for reports.
func (p *PanicError) Error() string { return fmt.Sprint(p.Value) }

// Run runs the pipelines, each when all that it comes after are finished, on t.Workers goroutines, and closes every source and
// sink. Pipelines may share a sink: it is finished after the last of them, and their morsels are numbered on, in the order
// of the list. The first error stops everything.
func Run(t *Task, pipelines []*Pipeline) error {
	ctx, cancel := context.WithCancel(t.Ctx)
	defer cancel()
	own := *t
	own.Ctx = ctx
	r := &runner{t: &own, cancel: cancel, feeders: map[Sink]int{}, base: map[Sink]int64{}, ran: map[*Pipeline]bool{}}
	for _, p := range pipelines {
		r.feeders[p.Sink]++
	}
	err := r.all(pipelines)
	closed := map[Sink]bool{}
	for _, p := range pipelines {
		if !closed[p.Sink] {
			closed[p.Sink] = true
			if cerr := r.guard(p.Name, p.Sink.Close); err == nil {
				err = cerr
			}
		}
	}
	return err
}

type runner struct {
	t       *Task
	cancel  context.CancelFunc
	feeders map[Sink]int   // pipelines that have yet to finish
	base    map[Sink]int64 // the first morsel number free
	ran     map[*Pipeline]bool
}

// all runs every pipeline in dependency order, otherwise in the order of the list.
func (r *runner) all(pipelines []*Pipeline) error {
	left := append([]*Pipeline(nil), pipelines...)
	for len(left) > 0 {
		k := 0
		for k < len(left) && !r.ready(left[k]) {
			k++
		}
		if k == len(left) {
			return sqlerr.New(sqlerr.Internal, "the pipelines wait for each other: %s", left[0].Name)
		}
		p := left[k]
		left = append(left[:k], left[k+1:]...)
		if err := r.one(p); err != nil {
			return err
		}
		r.ran[p] = true
		if r.feeders[p.Sink]--; r.feeders[p.Sink] == 0 {
			if err := r.guard(p.Name, func() error { return p.Sink.Finish(r.t, pool{r, p.Name}) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) ready(p *Pipeline) bool {
	for _, a := range p.After {
		if !r.ran[a] || a.Sink != p.Sink && r.feeders[a.Sink] > 0 {
			return false
		}
	}
	return true
}

// guard calls f and makes a panic an error.
func (r *runner) guard(name string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = sqlerr.Wrap(sqlerr.Internal, &PanicError{v, debug.Stack()}, "defect in %s", name)
		}
	}()
	return f()
}

// one runs a pipeline up to, not including, Finish.
func (r *runner) one(p *Pipeline) (err error) {
	if err := r.cancelled(); err != nil {
		return err
	}
	if stopped(p) {
		return nil
	}
	defer func() {
		if cerr := r.guard(p.Name, p.Source.Close); err == nil {
			err = cerr
		}
	}()
	if err := r.guard(p.Name, func() error { return p.Source.Open(r.t) }); err != nil {
		return err
	}
	n := max(r.t.Workers, 1)
	if s, ok := p.Source.(Narrow); ok {
		n = max(1, min(n, s.MaxCursors()))
	}
	workers := make([]*worker, 0, n)
	defer func() {
		for _, w := range workers {
			if cerr := r.guard(p.Name, w.cursor.Close); err == nil {
				err = cerr
			}
			r.base[p.Sink] = max(r.base[p.Sink], w.morsel+1)
		}
	}()
	for range n {
		var w *worker
		if err := r.guard(p.Name, func() (err error) { w, err = r.newWorker(p); return err }); err != nil {
			return err
		}
		workers = append(workers, w)
	}
	return r.race(n, func(i int) error { return r.guard(p.Name, workers[i].run) })
}

func stopped(p *Pipeline) bool {
	for _, s := range p.Stages {
		if st, ok := s.(Stopper); ok && st.Stopped() {
			return true
		}
	}
	st, ok := p.Sink.(Stopper)
	return ok && st.Stopped()
}

// race runs f(0)…f(n-1) at the same time, one goroutine each, and gives the first error in time, which cancels the others.
func (r *runner) race(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := f(i); err != nil {
				once.Do(func() {
					first = err
					r.cancel()
				})
			}
		}()
	}
	wg.Wait()
	return first
}

func (r *runner) cancelled() error {
	if r.t.Ctx.Err() != nil {
		return sqlerr.Wrap(sqlerr.Cancelled, context.Cause(r.t.Ctx), "the query was cancelled")
	}
	return nil
}

// worker is one goroutine's part of a running pipeline.
type worker struct {
	r          *runner
	cursor     Cursor
	transforms []Transform
	emits      []Emit // emits[i] pushes into transforms[i]; the last one into the sink
	advance    []Advancer
	advanceTo  []Emit
	local      LocalSink
	base       int64
	morsel     int64 // the current one, base included; -1: none yet
	batch      vec.Batch
}

func (r *runner) newWorker(p *Pipeline) (*worker, error) {
	w := &worker{r: r, base: r.base[p.Sink], morsel: r.base[p.Sink] - 1}
	var err error
	for _, s := range p.Stages {
		t, err := s.Local(r.t)
		if err != nil {
			return nil, err
		}
		w.transforms = append(w.transforms, t)
	}
	if w.local, err = p.Sink.Local(r.t); err != nil {
		return nil, err
	}
	w.emits = make([]Emit, len(p.Stages)+1)
	w.emits[len(p.Stages)] = w.whileAlive(w.local.Push)
	for i := len(p.Stages) - 1; i >= 0; i-- {
		t, next := w.transforms[i], w.emits[i+1]
		w.emits[i] = w.whileAlive(func(b *vec.Batch) error { return t.Push(b, next) })
	}
	for i, t := range w.transforms {
		if a, ok := t.(Advancer); ok {
			w.advance, w.advanceTo = append(w.advance, a), append(w.advanceTo, w.emits[i+1])
		}
	}
	if a, ok := w.local.(Advancer); ok {
		w.advance, w.advanceTo = append(w.advance, a), append(w.advanceTo, nil)
	}
	// The cursor comes last: who has one has to close it.
	w.cursor, err = p.Source.Cursor(r.t)
	return w, err
}

// whileAlive checks for cancellation before each batch: an operator may make very many of one.
func (w *worker) whileAlive(emit Emit) Emit {
	ctx := w.r.t.Ctx
	return func(b *vec.Batch) error {
		if ctx.Err() != nil {
			return w.r.cancelled()
		}
		return emit(b)
	}
}

// run pushes the worker's batches until there are no more, or no more are wanted.
func (w *worker) run() error {
	if err := w.pump(); err != nil && err != ErrStop {
		return err
	}
	for i, t := range w.transforms {
		if err := t.Flush(w.emits[i+1]); err != nil && err != ErrStop {
			return err
		}
	}
	return w.local.Combine()
}

func (w *worker) pump() error {
	ctx := w.r.t.Ctx
	for {
		if ctx.Err() != nil {
			return w.r.cancelled()
		}
		b, err := w.cursor.Next(ctx)
		if err != nil || b == nil {
			return err
		}
		w.batch = *b
		w.batch.Morsel += w.base
		if w.batch.Morsel != w.morsel {
			w.morsel = w.batch.Morsel
			for i, a := range w.advance {
				if err := a.Advance(w.morsel, w.advanceTo[i]); err != nil {
					return err
				}
			}
		}
		if b.Rows() == 0 {
			continue
		}
		if err := push(&w.batch, w.emits[0]); err != nil {
			return err
		}
	}
}

// pool is the Parallel that Finish is given.
type pool struct {
	r    *runner
	name string
}

// For runs f(0)…f(n-1) on the workers.
func (p pool) Cancelled() error { return p.r.cancelled() }

func (p pool) For(n int, f func(i int) error) error {
	workers := min(max(p.r.t.Workers, 1), n)
	if n == 0 {
		return nil
	}
	var next atomic.Int64
	return p.r.race(workers, func(int) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return nil
			}
			if err := p.r.cancelled(); err != nil {
				return err
			}
			if err := p.r.guard(p.name, func() error { return f(i) }); err != nil {
				return err
			}
		}
	})
}
