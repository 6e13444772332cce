package csv

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

var typeText = types.TVarchar

// ahead is how many bytes behind its end a chunk reads at once, for its last line.
const ahead = 4 << 10

// source hands out the chunks of a file.
type source struct {
	t        *table
	scan     *storage.Scan
	loc      *time.Location // of timestamps without a zone
	cols     []column
	trailing bool
	fields   int // of a line
	careful  bool
	batch    int
	h        *os.File
	stream   *stream // compressed files
	chunks   int64
	next     atomic.Int64
	done     atomic.Int64
	bad      atomic.Int64
	noted    atomic.Bool

	mu     sync.Mutex
	turn   sync.Cond
	states []state // at the starts of the chunks, as far as known
	err    error   // why no more will be known
	rowsOf map[int64]int64
	prefix int64          // chunks before this one have been counted
	sum    int64          // their rows
	over   bool           // sum has reached the limit
	ended  map[int64]bool // chunks read without an error, from clean on
	clean  int64
}

// Scan opens a scan with the types as they are known now.
func (t *table) Scan(_ context.Context, sc *storage.Scan) (storage.Source, error) {
	s := &source{t: t, scan: sc, batch: sc.BatchSize, loc: time.UTC}
	if sc.Env != nil && sc.Env.Setting != nil {
		if l, err := time.LoadLocation(sc.Env.Setting("timezone")); err == nil {
			s.loc = l
		}
	}
	s.cols, s.trailing = t.snapshot()
	s.turn.L = &s.mu
	if s.batch <= 0 {
		s.batch = vec.BatchSize
	}
	for _, c := range sc.Columns {
		if c < 0 || c >= len(s.cols) {
			return nil, sqlerr.New(sqlerr.Internal, "column %d of %d", c, len(s.cols))
		}
	}
	s.fields = len(s.cols)
	if s.trailing {
		s.fields++
	}
	s.careful = t.d.comment != 0 || t.conf.maxLine < 1<<20
	h, err := t.file.Open()
	if err != nil {
		return nil, err
	}
	if info, err := h.Stat(); err != nil || info.Size() != t.file.Size {
		h.Close()
		return nil, sqlerr.New(sqlerr.IO, "%s has changed since it was opened", t.file.Path)
	}
	s.h = h
	s.states = []state{{prev: true, start: true, line: t.line}}
	s.rowsOf = map[int64]int64{}
	if t.streamed() {
		s.stream = newStream(s)
	} else {
		s.chunks = (t.file.Size - t.start + int64(t.conf.chunk) - 1) / int64(t.conf.chunk)
	}
	if s.fields == 0 {
		s.chunks = 0
	}
	return s, nil
}

func (s *source) Progress() (done, total int64) { return s.done.Load(), s.t.file.Size - s.t.start }

func (s *source) Close() error {
	if s.stream != nil {
		s.stream.stop()
	}
	if n := s.bad.Load(); n > 0 && !s.noted.Swap(true) {
		s.scan.Env.Notef(plural(n, "row") + " of " + s.t.file.Path + " set aside; skep_bad_records() shows them")
	}
	return s.h.Close()
}

func (s *source) setAside(b storage.BadRecord) {
	s.bad.Add(1)
	if e := s.scan.Env; e != nil && e.Bad != nil {
		e.Bad(b)
	}
}

// known gives the state at the start of chunk i, waiting for it if wait is set.
func (s *source) known(i int64, wait bool) (st state, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for int64(len(s.states)) <= i {
		if s.err != nil {
			return st, false, s.err
		}
		if !wait {
			return st, false, nil
		}
		s.turn.Wait()
	}
	return s.states[i], true, nil
}

// publish tells the state at the end of chunk i.
func (s *source) publish(i int64, st state) {
	s.mu.Lock()
	if int64(len(s.states)) == i+1 {
		s.states = append(s.states, st)
	}
	s.mu.Unlock()
	s.turn.Broadcast()
}

func (s *source) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.turn.Broadcast()
}

// count takes note of the rows of a chunk, so that a scan with a limit ends when the chunks from the first on have enough.
func (s *source) count(i, rows int64) {
	if s.scan.Limit <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rowsOf[i] = rows
	for {
		n, ok := s.rowsOf[s.prefix]
		if !ok {
			return
		}
		delete(s.rowsOf, s.prefix)
		s.prefix++
		if s.sum += n; s.sum >= s.scan.Limit {
			s.over = true
		}
	}
}

func (s *source) enough() bool {
	if s.scan.Limit <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// take fills k with the next chunk.
func (s *source) take(k *chunk) (bool, error) {
	if s.enough() {
		return false, nil
	}
	if s.stream != nil {
		return s.stream.take(k)
	}
	i := s.next.Add(1) - 1
	if i >= s.chunks {
		return false, nil
	}
	return true, s.cut(k, i)
}

// cut reads chunk i and cuts it into fields.
func (s *source) cut(k *chunk, i int64) error {
	k.index, k.fields = i, s.fields
	known := false
	defer func() {
		if !known {
			s.fail(sqlerr.New(sqlerr.Internal, "chunk %d of %s was not read", i, s.t.file.Path))
		}
	}()
	if err := s.read(k); err != nil {
		s.fail(err)
		known = true
		return err
	}
	d := &s.t.d
	k.main.load(d, k.buf, 0, k.n)
	st, err := s.resolve(k)
	if err != nil {
		known = true
		return err
	}
	s.publish(i, k.main.end)
	known = true
	err = s.lines(k, st)
	s.done.Add(int64(k.n))
	return err
}

// read reads the bytes of a chunk and some more.
func (s *source) read(k *chunk) error {
	size := s.t.file.Size - s.t.start
	off := k.index * int64(s.t.conf.chunk)
	k.n = int(min(int64(s.t.conf.chunk), size-off))
	want := int(min(int64(k.n+ahead), size-off))
	k.have = 0
	if err := k.room(want + 1); err != nil {
		return err
	}
	if err := s.readAt(k.buf[:want], off); err != nil {
		return err
	}
	k.have = want
	if off+int64(want) == size && s.endLine(k) && k.n == want {
		k.n++
	}
	return nil
}

// endLine ends the last line of the file, if it has no end.
func (s *source) endLine(k *chunk) bool {
	if k.buf[k.have-1] == s.t.d.newline {
		return false
	}
	k.buf[k.have] = s.t.d.newline
	k.have++
	return true
}

func (s *source) readAt(b []byte, off int64) error {
	if n, err := s.h.ReadAt(b, s.t.start+off); n < len(b) {
		if err == io.EOF {
			return sqlerr.New(sqlerr.IO, "%s has changed since it was opened: it is shorter now", s.t.file.Path)
		}
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", s.t.file.Path)
	}
	return nil
}

// resolve resolves the chunk. While the state at its start is not known yet, it takes it to be outside quotes.
func (s *source) resolve(k *chunk) (state, error) {
	d, r := &s.t.d, &k.main
	st, ok, err := s.known(k.index, false)
	if ok || err != nil {
		r.resolve(d, k.buf, st)
		return st, err
	}
	guess := state{}
	r.resolve(d, k.buf, guess)
	if st, _, err = s.known(k.index, true); err != nil {
		return st, err
	}
	if st.inside || st.escaped || st.comment || st.prev && k.buf[0] == d.quote || d.comment != 0 {
		r.resolve(d, k.buf, st)
	}
	r.end.line = st.line + int64(r.breaks)
	return st, nil
}

// lines makes rows of the lines that start in the chunk.
func (s *source) lines(k *chunk, st state) error {
	d := &s.t.d
	k.rows, k.line, k.odd = 0, st.line, k.main.odd
	k.pos = k.main.places(k.pos[:0])
	first := k.firstLine(d, st)
	if first < 0 {
		return nil
	}
	lines := k.main.lines
	var broken error
	if !k.main.end.start {
		if broken = s.extend(k, first); broken != nil {
			k.dropLast(&s.t.d, first)
		}
		lines++
	}
	if err := s.shape(k, first, lines); err != nil {
		return err
	}
	return broken
}

// dropLast takes away the places of a last line without an end.
func (k *chunk) dropLast(d *dialect, first int) {
	at := k.lastStart(d, first)
	for len(k.pos) > 0 && int(k.pos[len(k.pos)-1]) >= at {
		k.pos = k.pos[:len(k.pos)-1]
	}
}

// extend finds the end of the chunk's last line.
func (s *source) extend(k *chunk, first int) error {
	d := &s.t.d
	lo, st := k.n, k.main.end
	for step := 512; ; step *= 2 {
		if lo == k.have {
			grown, err := s.readMore(k)
			if err != nil {
				return err
			}
			if !grown {
				return s.unfinished(k, first, st)
			}
		}
		hi := min(lo+step, k.have)
		k.more.load(d, k.buf, lo, hi)
		k.more.resolve(d, k.buf, st)
		k.odd = k.odd || k.more.odd
		have := len(k.pos)
		k.pos = k.more.places(k.pos)
		for i, p := range k.pos[have:] {
			if k.buf[p] == d.newline {
				k.pos = k.pos[:have+i+1]
				return nil
			}
		}
		lo, st = hi, k.more.end
		if int64(lo-k.n) > s.t.conf.maxLine {
			return s.tooLong(k, k.lastStart(d, first))
		}
	}
}

// lastStart gives the start of the last line.
func (k *chunk) lastStart(d *dialect, first int) int {
	for i := len(k.pos) - 1; i >= 0; i-- {
		if k.buf[k.pos[i]] == d.newline {
			return int(k.pos[i]) + 1
		}
	}
	return first
}

// readMore reads as many bytes again as lie behind the chunk, and tells whether there were any.
func (s *source) readMore(k *chunk) (bool, error) {
	size := s.t.file.Size - s.t.start
	off := k.index*int64(s.t.conf.chunk) + int64(k.have)
	want := int(min(int64(max(k.have-k.n, ahead)), size-off))
	if want <= 0 {
		return false, nil
	}
	if err := k.room(k.have + want + 1); err != nil {
		return false, err
	}
	if err := s.readAt(k.buf[k.have:k.have+want], off); err != nil {
		return false, err
	}
	k.have += want
	if off+int64(want) == size {
		s.endLine(k)
	}
	return true, nil
}

// unfinished handles a file that ends within a line: in quotes, or behind an escape character.
func (s *source) unfinished(k *chunk, first int, st state) error {
	d := &s.t.d
	at := k.lastStart(d, first)
	if !st.inside {
		k.pos = append(k.pos, uint32(k.have-1))
		return nil
	}
	line := k.lineAt(d, at)
	if s.t.conf.ignoreErrors {
		s.setAside(storage.BadRecord{File: s.t.file.Path, Line: line, Reason: "a quote is never closed", Raw: cut(k.raw(d, at, k.have), 1<<10)})
		k.dropLast(d, first)
		return nil
	}
	return dataError(s.t.file.Path, line, "a quote opens and is never closed: %s", cut(k.raw(d, at, k.have), 200)).
		WithHint("quote => '' reads quotes as plain characters")
}
