package op

import (
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// window is how many batches per worker may wait for their turn.
const window = 24

// sequencer brings the workers' batches into input order and gives them, one at a time, to out. The worker at the lowest
// morsel never waits for another worker, so the window cannot dead-lock. Without order, every worker counts as the lowest.
type sequencer struct {
	types   []types.Type
	ordered bool
	out     func(*vec.Batch) error // called with the mutex held
	room    func() bool            // whether out may be called; nil: always
	stopped func() bool            // whether nothing more is wanted; nil: never

	f       frontier
	pending []*kept // not in order
	free    []*kept
	err     error // what out gave
}

// kept is a copy of a batch.
type kept struct {
	batch vec.Batch
	cols  []*vec.Builder
}

func newKept(ts []types.Type) *kept {
	k := &kept{}
	for _, t := range ts {
		k.cols = append(k.cols, vec.NewBuilder(t))
	}
	k.batch.Cols = make([]*vec.Vector, len(ts))
	return k
}

// set copies b.
func (k *kept) set(b *vec.Batch) {
	for i, c := range k.cols {
		c.Reset()
		c.Append(b.Cols[i], b.Sel)
		k.batch.Cols[i] = c.Vector()
	}
	k.batch.N, k.batch.Morsel, k.batch.Seq = b.Rows(), b.Morsel, b.Seq
}

func (s *sequencer) take() *kept {
	if n := len(s.free); n > 0 {
		k := s.free[n-1]
		s.free = s.free[:n-1]
		return k
	}
	return newKept(s.types)
}

func (s *sequencer) local(t *flow.Task) *seqLocal {
	return &seqLocal{s: s, t: t, at: s.f.join()}
}

// seqLocal is a worker's part of a sequencer.
type seqLocal struct {
	s  *sequencer
	t  *flow.Task
	at *place
}

func (l *seqLocal) lowest() bool { return !l.s.ordered || l.s.f.low() >= l.at.morsel }

// Advance says that the worker turns to morsel m.
func (l *seqLocal) Advance(m int64, _ flow.Emit) error {
	s := l.s
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	l.at.advance(m)
	return s.drain()
}

// Push gives out or keeps b.
func (l *seqLocal) Push(b *vec.Batch) error {
	s := l.s
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	err := s.f.wait(l.t.Ctx, func() bool {
		if s.done() {
			return true
		}
		if l.lowest() {
			return s.room == nil || s.room()
		}
		return len(s.pending) < window*len(s.f.workers)
	})
	if err != nil {
		return err
	}
	if s.done() {
		return s.end()
	}
	if l.lowest() {
		return s.give(b)
	}
	k := s.take()
	s.f.mu.Unlock()
	k.set(b)
	s.f.mu.Lock()
	s.pending = append(s.pending, k)
	return s.drain() // others may have moved on meanwhile
}

// Combine says that the worker is done.
func (l *seqLocal) Combine() error {
	s := l.s
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	l.at.leave()
	return s.drain()
}

func (s *sequencer) done() bool { return s.err != nil || s.stopped != nil && s.stopped() }

func (s *sequencer) end() error {
	if s.err != nil {
		return s.err
	}
	return flow.ErrStop
}

func (s *sequencer) give(b *vec.Batch) error {
	if s.done() {
		return s.end()
	}
	if err := s.out(b); err != nil {
		s.err = err
		return err
	}
	return nil
}

// drain gives out the pending batches whose turn it is.
func (s *sequencer) drain() error {
	low := s.f.low()
	var turn []*kept
	rest := s.pending[:0]
	for _, k := range s.pending {
		if k.batch.Morsel <= low {
			turn = append(turn, k)
		} else {
			rest = append(rest, k)
		}
	}
	if len(turn) == 0 {
		return nil
	}
	clear(s.pending[len(rest):])
	s.pending = rest
	slices.SortStableFunc(turn, func(a, b *kept) int { return int(a.batch.Morsel - b.batch.Morsel) })
	var err error
	for _, k := range turn {
		if err == nil {
			err = s.give(&k.batch)
		}
		s.free = append(s.free, k)
	}
	s.f.cond.Broadcast()
	if err == flow.ErrStop {
		return nil // the worker learns it with its next Push
	}
	return err
}
