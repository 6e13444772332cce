package op

import (
	"context"
	"math"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// frontier knows how far input has come in order: the lowest morsel that a worker may still be at. Each worker's morsels only
// grow, so everything below is complete. It belongs to an ordered operator, whose state its mutex guards as well.
type frontier struct {
	mu      sync.Mutex
	cond    sync.Cond
	workers map[*place]bool
}

// place is one worker's morsel; math.MinInt64 before the first.
type place struct {
	f      *frontier
	morsel int64
}

// join adds a worker. All workers of a pipeline join before the first one starts.
func (f *frontier) join() *place {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.workers == nil {
		f.workers = map[*place]bool{}
		f.cond.L = &f.mu
	}
	p := &place{f, math.MinInt64}
	f.workers[p] = true
	return p
}

// low gives the lowest morsel that may not be complete. The mutex is held.
func (f *frontier) low() int64 {
	low := int64(math.MaxInt64)
	for p := range f.workers {
		low = min(low, p.morsel)
	}
	return low
}

// advance says that p's worker turns to morsel m. The mutex is held.
func (p *place) advance(m int64) {
	p.morsel = m
	p.f.cond.Broadcast()
}

// leave says that p's worker is done. The mutex is held.
func (p *place) leave() {
	delete(p.f.workers, p)
	p.f.cond.Broadcast()
}

// wait blocks until ok, which is asked with the mutex held. The mutex is held before and after.
func (f *frontier) wait(ctx context.Context, ok func() bool) error {
	if ok() {
		return nil
	}
	stop := context.AfterFunc(ctx, func() {
		f.mu.Lock()
		f.cond.Broadcast()
		f.mu.Unlock()
	})
	defer stop()
	for !ok() {
		if ctx.Err() != nil {
			return cancelled(ctx)
		}
		f.cond.Wait()
	}
	return nil
}

func cancelled(ctx context.Context) error {
	return sqlerr.Wrap(sqlerr.Cancelled, context.Cause(ctx), "the query was cancelled")
}
