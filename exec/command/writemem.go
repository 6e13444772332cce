package command

import (
	"sync"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/physical"
	"github.com/skep-sql/skep/storage/memory"
)

// fillMemory runs plan and keeps its rows: every worker collects those of its morsels, and the chunks are put in order at the end.
func (w *tableWrite) fillMemory(plan physical.Node) error {
	s := &memorySink{fields: w.table.Fields(), res: w.Mem.Reserve()}
	if err := exec.Drain(w.task(), plan, s, nil); err != nil {
		return err
	}
	w.mem = memory.Merge(s.locals)
	for _, c := range w.mem {
		w.rows += int64(c.Rows)
	}
	return nil
}

// memorySink collects rows for a table in memory. It is a flow.Sink.
type memorySink struct {
	fields []types.Field
	res    *mem.Reservation

	mu     sync.Mutex
	locals []*memory.Appender
}

// Local makes a worker's part.
func (s *memorySink) Local(*flow.Task) (flow.LocalSink, error) {
	l := &memoryLocal{s: s, rows: memory.NewAppender(s.fields)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locals = append(s.locals, l.rows)
	return l, nil
}

// Finish does nothing: fillMemory takes the rows.
func (s *memorySink) Finish(*flow.Task, flow.Parallel) error { return nil }

// Close gives up the reservation: the table's rows do not count as the query's.
func (s *memorySink) Close() error {
	s.res.Free()
	return nil
}

type memoryLocal struct {
	s    *memorySink
	rows *memory.Appender
	size int
}

// Push copies the rows of b.
func (l *memoryLocal) Push(b *vec.Batch) error {
	l.rows.WriteMorsel(b)
	size := l.rows.Size()
	err := l.s.res.Grow(int64(size - l.size))
	l.size = size
	return err
}

// Combine does nothing.
func (l *memoryLocal) Combine() error { return nil }
