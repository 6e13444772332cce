package session

import (
	"cmp"
	"slices"
	"sync"

	"github.com/skep-sql/skep/storage"
)

// maxBadRecords is how many of a statement's bad records are kept; all are counted.
const maxBadRecords = 100_000

// badRecords are the rows that were set aside under ignore_errors. Workers add to them at the same time.
type badRecords struct {
	mu   sync.Mutex
	n    int64
	now  []storage.BadRecord
	last []storage.BadRecord // of the last statement that had any
}

func (b *badRecords) add(r storage.BadRecord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n++; len(b.now) < maxBadRecords {
		b.now = append(b.now, r)
	}
}

// start begins a statement.
func (b *badRecords) start() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.now) > 0 {
		b.last = b.now
	}
	b.now, b.n = nil, 0
}

// SetAside gives the number of bad records of the running statement.
func (s *Session) SetAside() int64 {
	s.bad.mu.Lock()
	defer s.bad.mu.Unlock()
	return s.bad.n
}

// StartOver forgets the bad records of the running statement, which is run again.
func (s *Session) StartOver() {
	s.bad.mu.Lock()
	defer s.bad.mu.Unlock()
	s.bad.now, s.bad.n = nil, 0
}

// BadRecords gives the bad records of the last statement that had any, by file and line.
func (s *Session) BadRecords() []storage.BadRecord {
	s.bad.mu.Lock()
	defer s.bad.mu.Unlock()
	out := slices.Clone(s.bad.last)
	slices.SortStableFunc(out, func(a, b storage.BadRecord) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out
}
