package json

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// ahead is how many bytes behind its end a chunk reads at once, for its last line.
const ahead = 4 << 10

// source hands out the chunks of a file.
type source struct {
	t      *table
	scan   *storage.Scan
	loc    *time.Location // of timestamps without a zone
	cols   []column
	watch  bool // all columns are wanted: a key that is not among them is told
	batch  int
	h      *os.File
	stream *stream
	size   int64 // of what is cut into chunks
	chunks int64
	next   atomic.Int64
	done   atomic.Int64
	bad    atomic.Int64
	noted  atomic.Bool

	mu     sync.Mutex
	rowsOf map[int64]int64
	prefix int64          // chunks before this one have been counted
	sum    int64          // their rows
	over   bool           // sum has reached the limit
	ended  map[int64]bool // chunks read without an error, from clean on
	clean  int64
	counts []int64 // line feeds in the file before chunk i
}

// Scan opens a scan with the types as they are known now.
func (t *table) Scan(_ context.Context, sc *storage.Scan) (storage.Source, error) { return t.open(sc) }

func (t *table) open(sc *storage.Scan) (*source, error) {
	s := &source{t: t, scan: sc, batch: sc.BatchSize, loc: time.UTC, cols: t.snapshot()}
	if sc.Env != nil && sc.Env.Setting != nil {
		if l, err := time.LoadLocation(sc.Env.Setting("timezone")); err == nil {
			s.loc = l
		}
	}
	if s.batch <= 0 {
		s.batch = vec.BatchSize
	}
	wanted := map[int]bool{}
	for _, c := range sc.Columns {
		if c < 0 || c >= len(s.cols) {
			return nil, sqlerr.New(sqlerr.Internal, "column %d of %d", c, len(s.cols))
		}
		wanted[c] = true
	}
	s.watch = t.conf.columns == nil && !t.whole && !t.conf.objects && len(wanted) == len(s.cols)
	h, err := t.file.Open()
	if err != nil {
		return nil, err
	}
	if info, err := h.Stat(); err != nil || info.Size() != t.file.Size {
		h.Close()
		return nil, sqlerr.New(sqlerr.IO, "%s has changed since it was opened", t.file.Path)
	}
	s.h, s.size = h, t.file.Size-t.start
	s.rowsOf, s.ended, s.counts = map[int64]int64{}, map[int64]bool{}, []int64{t.line}
	if t.streamed() {
		s.stream = newStream(s)
	} else {
		s.chunks = (s.size + int64(t.conf.chunk) - 1) / int64(t.conf.chunk)
	}
	return s, nil
}

// Progress gives the bytes read and those of the file.
func (s *source) Progress() (done, total int64) { return s.done.Load(), s.size }

// Close ends the scan.
func (s *source) Close() error {
	if s.stream != nil {
		s.stream.stop()
	}
	if n := s.bad.Load(); n > 0 && !s.noted.Swap(true) {
		s.scan.Env.Notef(plural(n, "record") + " of " + s.t.file.Path + " set aside; skep_bad_records() shows them")
	}
	return s.h.Close()
}

func (s *source) setAside(b storage.BadRecord) {
	s.bad.Add(1)
	if e := s.scan.Env; e != nil && e.Bad != nil {
		e.Bad(b)
	}
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
	return true, s.read(k, i)
}

// read fills k with the lines that begin in chunk i.
func (s *source) read(k *chunk, i int64) error {
	size := int64(s.t.conf.chunk)
	lo := i * size
	hi := min(lo+size, s.size)
	from := max(lo-1, 0) // a line begins behind a line feed
	k.index, k.line, k.col, k.rows, k.comma = i, -1, 0, 0, false
	k.at, k.n = 0, 0
	want := int(min(hi+ahead, s.size) - from)
	if err := k.room(want, 0); err != nil {
		return err
	}
	if err := s.readAt(k.buf[:want], from); err != nil {
		return err
	}
	s.done.Add(hi - lo)
	if lo > 0 {
		p := bytes.IndexByte(k.buf[:hi-from], '\n')
		if p < 0 || from+int64(p)+1 >= hi {
			clear(k.buf[:jsonval.Slack])
			return nil
		}
		k.at = p + 1
	} else {
		k.col = s.t.col
	}
	look := max(int(hi-from)-1, k.at)
	for {
		if p := bytes.IndexByte(k.buf[look:want], '\n'); p >= 0 {
			k.n = look + p + 1
			break
		}
		if look = want; from+int64(want) == s.size {
			k.n = want
			break
		}
		if int64(want-k.at) > s.t.conf.maxRecord {
			k.n = want
			return s.tooLong(s.lineOf(k, max(k.at, bytes.LastIndexByte(k.buf[:want], '\n')+1)))
		}
		more := int(min(from+int64(want)*2, s.size) - from)
		if err := k.room(more, want); err != nil {
			return err
		}
		if err := s.readAt(k.buf[want:more], from+int64(want)); err != nil {
			return err
		}
		want = more
	}
	clear(k.buf[k.n : k.n+jsonval.Slack])
	return nil
}

func (s *source) tooLong(line int64) error {
	return sqlerr.New(sqlerr.Limit, "%s, line %d: a record is longer than %d bytes", s.t.file.Path, line, s.t.conf.maxRecord).
		WithHint("maximum_object_size => n reads longer records")
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

// before gives the number of lines before the buffer of a chunk. It is only asked for errors.
func (s *source) before(k *chunk) int64 {
	if k.line >= 0 {
		return k.line
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int64(s.t.conf.chunk)
	buf := make([]byte, min(size, s.size))
	for int64(len(s.counts)) <= k.index {
		i := int64(len(s.counts)) - 1
		b := buf[:min(size, s.size-i*size)]
		if s.readAt(b, i*size) != nil {
			return 0 // the file has gone: its lines are the least of it
		}
		s.counts = append(s.counts, s.counts[i]+int64(bytes.Count(b, []byte{'\n'})))
	}
	n := s.counts[k.index]
	if k.index > 0 && k.buf[0] == '\n' {
		n-- // the buffer begins with the byte before the chunk
	}
	k.line = n
	return n
}

func (s *source) lineOf(k *chunk, at int) int64 {
	line, _ := k.where(at, s.before(k))
	return line
}

// finished takes note that a chunk has been read without an error.
func (s *source) finished(i int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[i] = true
	for s.ended[s.clean] {
		delete(s.ended, s.clean)
		s.clean++
	}
}

// firstError gives the error that a single worker would have met first: chunks before i that are still being read elsewhere
// are looked through.
func (s *source) firstError(ctx context.Context, i int64, err error) error {
	if s.stream != nil || sqlerr.ClassOf(err) == sqlerr.Cancelled {
		return err
	}
	s.mu.Lock()
	var open []int64
	for j := s.clean; j < i; j++ {
		if !s.ended[j] {
			open = append(open, j)
		}
	}
	s.mu.Unlock()
	for _, j := range open {
		if e := s.again(ctx, j); e != nil {
			return e
		}
	}
	return err
}

// again reads chunk j once more, only for its error.
func (s *source) again(ctx context.Context, j int64) error {
	quiet := *s.scan
	quiet.Limit, quiet.Env = 0, nil
	o := &source{t: s.t, scan: &quiet, cols: s.cols, watch: s.watch, batch: s.batch, h: s.h, loc: s.loc, size: s.size, counts: []int64{s.t.line}}
	c := o.cursor()
	defer c.Close()
	c.single, c.open = true, true
	if err := o.read(c.k, j); err != nil {
		return err
	}
	c.begin()
	for {
		if b, err := c.Next(ctx); b == nil || err != nil {
			return err
		}
	}
}

// inferAll takes every record of the file into account.
func (t *table) inferAll(root *shape) error {
	s, err := t.open(&storage.Scan{})
	if err != nil {
		return err
	}
	defer s.Close()
	var first error
	seen := sample{}
	for k := (&chunk{}); ; {
		more, err := s.take(k)
		if err != nil || !more {
			return firstOf(first, err)
		}
		s.before(k)
		first = firstOf(first, t.look(root, &seen, k, false))
	}
}
