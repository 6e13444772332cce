package json

import (
	"bytes"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/storage/fs"
)

// piece is a chunk on its way to a worker.
type piece struct {
	chunk
	err error
}

// stream reads a file in one goroutine and cuts it between records; workers take the pieces.
type stream struct {
	s      *source
	once   sync.Once
	out    chan piece
	free   chan []byte
	quit   chan struct{}
	closed sync.Once
	ended  sync.WaitGroup
}

func newStream(s *source) *stream {
	n := max(s.scan.Workers, 1) + 1
	return &stream{s: s, out: make(chan piece, n), free: make(chan []byte, 2*n), quit: make(chan struct{})}
}

func (x *stream) stop() {
	x.closed.Do(func() { close(x.quit) })
	x.once.Do(func() {}) // never started
	x.ended.Wait()
}

// reader gives the file's plain bytes.
func (t *table) reader(h *os.File, read *atomic.Int64) (io.ReadCloser, error) {
	r, err := fs.Decompress(t.comp, &counter{io.NewSectionReader(h, 0, 1<<62), read})
	if err != nil {
		return nil, t.broken(err)
	}
	return r, nil
}

// counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n *atomic.Int64
}

// Read reads on.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// take fills k with the next piece.
func (x *stream) take(k *chunk) (bool, error) {
	x.once.Do(func() {
		x.ended.Add(1)
		go x.run()
	})
	p, ok := <-x.out
	if !ok {
		return false, nil
	}
	if p.err != nil {
		k.at, k.n = 0, 0
		return true, p.err
	}
	if k.buf != nil {
		select {
		case x.free <- k.buf:
		default:
		}
	}
	res := k.res
	*k = p.chunk
	k.res = res
	return true, nil
}

// run reads the file and sends its pieces.
func (x *stream) run() {
	defer x.ended.Done()
	defer close(x.out)
	defer func() {
		if p := recover(); p != nil {
			x.send(piece{err: sqlerr.New(sqlerr.Data, "%s is broken: %v", x.s.t.file.Path, p)})
		}
	}()
	t := x.s.t
	r, err := t.reader(x.s.h, &x.s.done)
	if err == nil {
		defer r.Close()
		_, err = io.CopyN(io.Discard, r, t.start)
	}
	if err != nil {
		if err != io.EOF {
			x.send(piece{err: t.broken(err)})
		}
		return
	}
	x.pieces(r)
}

func (x *stream) send(p piece) bool {
	select {
	case x.out <- p:
		return true
	case <-x.quit:
		return false
	}
}

func (x *stream) buffer(n int) []byte {
	select {
	case b := <-x.free:
		if cap(b) >= n {
			return b[:cap(b)]
		}
	default:
	}
	return make([]byte, n+n/4)
}

// pieces cuts the stream.
func (x *stream) pieces(r io.Reader) {
	t := x.s.t
	size := t.conf.chunk
	var res *mem.Reservation
	if e := x.s.scan.Env; e != nil && e.Mem != nil {
		res = e.Mem.Reserve()
		defer res.Free()
	}
	m := cutter{layout: t.layout}
	p := piece{chunk: chunk{line: t.line, col: t.col, buf: x.buffer(2*size + jsonval.Slack)}}
	have := 0
	for {
		want := min(max(size, have), len(p.buf)-jsonval.Slack-have)
		if want <= 0 {
			if err := res.Resize(3 * int64(len(p.buf))); err != nil {
				x.send(piece{err: err})
				return
			}
			p.buf = append(p.buf, make([]byte, len(p.buf))...)
			p.buf = p.buf[:cap(p.buf)]
			continue
		}
		n, err := io.ReadFull(r, p.buf[have:have+want])
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			x.send(piece{err: t.broken(err)})
			return
		}
		m.scan(p.buf, have, have+n)
		have += n
		at := m.cut
		switch {
		case m.closed:
			at, p.last, p.closed = m.end, true, true
		case end:
			at, p.last = have, true
		case int64(have-at) > t.conf.maxRecord:
			for at < have && p.buf[at] <= ' ' {
				at++
			}
			line, _ := (&chunk{buf: p.buf, n: have, col: p.col}).where(at, p.line)
			x.send(piece{err: x.s.tooLong(line)})
			return
		case at == 0:
			continue
		}
		next := piece{chunk: chunk{index: p.index + 1, comma: t.layout == array}}
		if !p.last {
			next.buf = x.buffer(have - at + 2*size + jsonval.Slack)
			copy(next.buf, p.buf[at:have])
		}
		behind := append([]byte(nil), p.buf[min(at+1, have):have]...)
		p.n = at
		clear(p.buf[at : at+jsonval.Slack])
		next.line = p.line + int64(bytes.Count(p.buf[:at], []byte{'\n'}))
		if i := bytes.LastIndexByte(p.buf[:at], '\n'); i >= 0 {
			next.col = int64(at - i - 1)
		} else {
			next.col = p.col + int64(at)
		}
		last, closed := p.last, p.closed
		if !x.send(p) || last {
			if closed {
				x.behindArray(r, behind, next.line, end)
			}
			return
		}
		m.cut = 0
		p, have = next, have-at
	}
}

// behindArray sends an error if anything stands behind the array of records: b, or what r still gives.
func (x *stream) behindArray(r io.Reader, b []byte, line int64, end bool) {
	for {
		if i := bytes.IndexFunc(b, func(c rune) bool { return c != ' ' && c != '\t' && c != '\r' && c != '\n' }); i >= 0 {
			line += int64(bytes.Count(b[:i], []byte{'\n'})) + 1
			e := sqlerr.New(sqlerr.Data, "%s, line %d: something stands behind the array of records", x.s.t.file.Path, line)
			x.send(piece{err: e.WithHint("format => 'unstructured' reads several values, one behind the other")})
			return
		}
		if end {
			return
		}
		line += int64(bytes.Count(b, []byte{'\n'}))
		b = make([]byte, 64<<10)
		n, err := io.ReadFull(r, b)
		b, end = b[:n], err != nil
	}
}

// cutter finds places between records.
type cutter struct {
	layout  layout
	inside  bool // a string
	escaped bool
	depth   int
	cut     int // behind the last record that is whole
	closed  bool
	end     int // where the array is closed
}

// scan looks at b[i:n]; cut stays what it was if no record ends there.
func (m *cutter) scan(b []byte, i, n int) {
	if m.layout == lines {
		if k := bytes.LastIndexByte(b[i:n], '\n'); k >= 0 {
			m.cut = i + k + 1
		}
		return
	}
	for ; i < n && !m.closed; i++ {
		c := b[i]
		if m.inside {
			switch {
			case m.escaped:
				m.escaped = false
			case c == '\\':
				m.escaped = true
			case c == '"':
				m.inside = false
			}
			continue
		}
		switch c {
		case '"':
			m.inside = true
		case '{', '[':
			m.depth++
		case '}', ']':
			if m.depth == 0 && m.layout == array {
				if c == ']' {
					m.closed, m.end = true, i
				}
				continue
			}
			if m.depth = max(m.depth-1, 0); m.depth == 0 && m.layout == loose {
				m.cut = i + 1
			}
		case ',':
			if m.depth == 0 && m.layout == array {
				m.cut = i + 1
			}
		case ' ', '\n':
			if m.depth == 0 && m.layout == loose {
				m.cut = i + 1
			}
		}
	}
}
