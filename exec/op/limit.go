package op

import (
	"sync/atomic"

	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Limit lets pass Count rows (negative: all) after the first Offset ones, and stops the pipeline. When Ordered, these are the
// first ones in input order: a worker then waits, before it passes rows on, until the morsels before its own are
// complete. It is a flow.Stage.
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

type limitLocal struct {
	l   *Limit
	t   *flow.Task
	at  *place
	out vec.Batch
}

// Advance tells the others that the worker's morsels so far are complete.
func (w *limitLocal) Advance(m int64, _ flow.Emit) error {
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
	if l.Ordered {
		f := &l.f
		f.mu.Lock()
		err := f.wait(w.t.Ctx, func() bool { return l.Stopped() || f.low() >= w.at.morsel })
		f.mu.Unlock()
		if err != nil {
			return err
		}
	}
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

func (w *limitLocal) Flush(flow.Emit) error {
	w.leave()
	return nil
}

func (w *limitLocal) leave() {
	if w.l.Ordered {
		w.l.f.mu.Lock()
		w.at.leave()
		w.l.f.mu.Unlock()
	}
}
