package op

import (
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
)

// Recursive computes WITH RECURSIVE: the rows of its input, then again and again what Step makes of the rows that came last, until
// none come. It is a flow.Sink for the first rows; Source gives all. Rows are charged to the memory budget, which ends a recursion that
// has no end of its own.
type Recursive struct {
	Types []types.Type
	All   bool // UNION ALL: otherwise a row that has been there before is dropped
	// Step runs the recursive part over the rows of the last round and gives each batch of its rows to emit.
	Step func(t *flow.Task, last []*vec.Vector, n int, emit func(*vec.Batch) error) error

	mu   sync.Mutex
	all  []*vec.Builder
	n    int
	last []*vec.Builder
	seen map[string]struct{}
	enc  *key.Encoder
	buf  []byte
	res  *mem.Reservation
	held int
}

// Local makes a worker's part. Workers take turns: a recursion begins with few rows.
func (r *Recursive) Local(t *flow.Task) (flow.LocalSink, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start(t)
	return &recursiveLocal{r}, nil
}

func (r *Recursive) start(t *flow.Task) {
	if r.all != nil || r.last != nil {
		return
	}
	r.res = t.Mem.Reserve()
	r.all, r.last = builders(r.Types), builders(r.Types)
	if !r.All {
		r.seen = map[string]struct{}{}
		r.enc = &key.Encoder{}
	}
}

func builders(ts []types.Type) []*vec.Builder {
	out := []*vec.Builder{}
	for _, t := range ts {
		out = append(out, vec.NewBuilder(t))
	}
	return out
}

type recursiveLocal struct{ r *Recursive }

func (l *recursiveLocal) Push(b *vec.Batch) error {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	return l.r.add(b)
}

func (l *recursiveLocal) Combine() error { return nil }

// add takes the rows of a batch that are new.
func (r *Recursive) add(b *vec.Batch) error {
	sel := rows(b)
	if !r.All {
		fresh := make([]int32, 0, len(sel))
		for _, i := range sel {
			r.buf = r.enc.Append(r.buf[:0], b.Cols, int(i))
			if _, ok := r.seen[string(r.buf)]; !ok {
				r.seen[string(r.buf)] = struct{}{}
				r.held += len(r.buf) + 32
				fresh = append(fresh, i)
			}
		}
		sel = fresh
	}
	if len(sel) == 0 {
		return nil
	}
	size := r.held
	for i, c := range r.last {
		c.Append(b.Cols[i], sel)
		size += c.Size() + r.all[i].Size()
	}
	return r.res.Resize(int64(size))
}

// Finish runs the recursion.
func (r *Recursive) Finish(t *flow.Task, _ flow.Parallel) error {
	r.start(t)
	for {
		n := 0
		if len(r.last) > 0 {
			n = r.last[0].Len()
		}
		if n == 0 {
			return nil
		}
		if err := t.Ctx.Err(); err != nil {
			return err
		}
		work := make([]*vec.Vector, len(r.last))
		for i, c := range r.last {
			work[i] = c.Vector()
			r.all[i].Append(work[i], nil)
		}
		r.n += n
		r.last = builders(r.Types)
		if err := r.Step(t, work, n, r.add); err != nil {
			return err
		}
	}
}

// Held gives the bytes reserved.
func (r *Recursive) Held() int64 { return r.res.Held() }

// Close gives up the rows.
func (r *Recursive) Close() error {
	r.res.Free()
	return nil
}

// Source gives the rows in the order of the rounds.
func (r *Recursive) Source() flow.Source { return &recursiveSource{r: r} }

type recursiveSource struct {
	Values
	r *Recursive
}

// Open starts at the first row.
func (s *recursiveSource) Open(t *flow.Task) error {
	s.N, s.Cols = s.r.n, nil
	for _, c := range s.r.all {
		s.Cols = append(s.Cols, c.Vector())
	}
	return s.Values.Open(t)
}
