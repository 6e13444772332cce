package op

import (
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Limit lets pass Count rows (negative: all) after the first Offset ones, and stops the pipeline. When Ordered, these are the
// first ones in input order: a worker then holds its rows back, and waits in the end, until the morsels before its own
// are complete. It is a flow.Stage.
type Limit struct {
	Offset, Count int64
	Ordered       bool

	seen atomic.Int64
	f    frontier
}

// Stopped tells whether the limit is reached.
func (l *Limit) Stopped() bool { return l.Count >= 0 && l.seen.Load() >= l.Offset+l.Count }

// Local makes a worker's part.
func (l *Limit) Local(t *flow.Task) (flow.Transform, error) {
	w := &limitLocal{l: l, t: t}
	if l.Ordered {
		w.at = l.f.join()
	}
	return w, nil
}

// limitHeld is how many batches a worker keeps while it is not its turn, so that it goes on searching its morsel.
const limitHeld = 16

type limitLocal struct {
	l    *Limit
	t    *flow.Task
	at   *place
	held []*kept
	free []*kept
	out  vec.Batch
}

// Advance passes on what is held and tells the others that the worker's morsels so far are complete.
func (w *limitLocal) Advance(m int64, emit flow.Emit) error {
	if err := w.release(emit); err != nil {
		return err
	}
	if w.l.Ordered {
		w.l.f.mu.Lock()
		w.at.advance(m)
		w.l.f.mu.Unlock()
	}
	if w.l.Stopped() {
		return flow.ErrStop
	}
	return nil
}

func (w *limitLocal) Push(b *vec.Batch, emit flow.Emit) error {
	l := w.l
	if l.Stopped() {
		return flow.ErrStop
	}
	if !l.Ordered {
		return w.pass(b, emit)
	}
	l.f.mu.Lock()
	turn := l.f.low() >= w.at.morsel
	l.f.mu.Unlock()
	if !turn && len(w.held) < limitHeld {
		w.hold(b)
		return nil
	}
	if err := w.turn(); err != nil {
		return err
	}
	if err := w.release(emit); err != nil {
		return err
	}
	return w.pass(b, emit)
}

// turn waits until the morsels before the worker's are complete, or nothing more is wanted.
func (w *limitLocal) turn() error {
	f := &w.l.f
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wait(w.t.Ctx, func() bool { return w.l.Stopped() || f.low() >= w.at.morsel })
}

func (w *limitLocal) hold(b *vec.Batch) {
	var k *kept
	if n := len(w.free); n > 0 {
		k, w.free = w.free[n-1], w.free[:n-1]
	} else {
		ts := make([]types.Type, len(b.Cols))
		for i, c := range b.Cols {
			ts[i] = c.Type
		}
		k = newKept(ts)
	}
	k.set(b)
	w.held = append(w.held, k)
}

// release passes on what is held when it is the worker's turn.
func (w *limitLocal) release(emit flow.Emit) error {
	if len(w.held) == 0 {
		return nil
	}
	if err := w.turn(); err != nil {
		return err
	}
	var err error
	for _, k := range w.held {
		if err == nil {
			err = w.pass(&k.batch, emit)
		}
		w.free = append(w.free, k)
	}
	w.held = w.held[:0]
	return err
}

// pass passes on what belongs between Offset and Count.
func (w *limitLocal) pass(b *vec.Batch, emit flow.Emit) error {
	l := w.l
	n := int64(b.Rows())
	end := l.seen.Add(n)
	lo, hi := max(l.Offset-(end-n), 0), n
	if l.Count >= 0 {
		hi = min(n, l.Offset+l.Count-(end-n))
	}
	if lo < hi {
		w.out = *b
		if lo > 0 || hi < n {
			w.out.Sel = rows(b)[lo:hi]
		}
		if err := emit(&w.out); err != nil {
			return err
		}
	}
	if l.Stopped() {
		w.leave()
		return flow.ErrStop
	}
	return nil
}

// Flush passes on what is held.
func (w *limitLocal) Flush(emit flow.Emit) error {
	err := w.release(emit)
	w.leave()
	return err
}

func (w *limitLocal) leave() {
	if w.l.Ordered {
		w.l.f.mu.Lock()
		w.at.leave()
		w.l.f.mu.Unlock()
	}
}
