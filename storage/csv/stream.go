package csv

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/storage/fs"
)

// piece is a run of whole lines of a stream.
type piece struct {
	buf   []byte // with slack behind
	n     int
	index int64
	line  int64 // lines before it
	err   error
	last  bool // the stream ends here, maybe within a line
}

// stream decompresses a file in one goroutine and cuts it at line ends; workers take the pieces.
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
	if t.conf.encoding != "" {
		return struct {
			io.Reader
			io.Closer
		}{&recoder{r: r, enc: t.conf.encoding}, r}, nil
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
		k.rows = 0
		return true, p.err
	}
	if k.buf != nil {
		select {
		case x.free <- k.buf:
		default:
		}
	}
	s := x.s
	k.buf, k.n, k.have, k.index, k.fields = p.buf, p.n, p.n, p.index, s.fields
	st := state{prev: true, start: true, line: p.line}
	k.main.load(&s.t.d, k.buf, 0, k.n)
	k.main.resolve(&s.t.d, k.buf, st)
	k.rows, k.line, k.odd = 0, p.line, k.main.odd
	k.pos = k.main.places(k.pos[:0])
	lines := k.main.lines
	var broken error
	if !k.main.end.start {
		if broken = s.unfinished(k, 0, k.main.end); broken != nil {
			k.dropLast(&s.t.d, 0)
		}
		lines++
	}
	err := s.shape(k, 0, lines)
	if err == nil {
		err = broken
	}
	return true, err
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
	d, size := &t.d, t.conf.chunk
	var reg region
	var res *mem.Reservation
	if e := x.s.scan.Env; e != nil && e.Mem != nil {
		res = e.Mem.Reserve()
		defer res.Free()
	}
	st := state{prev: true, start: true, line: t.line}
	line := t.line
	buf := x.buffer(2*size + slack)
	have := 0
	for index := int64(0); ; {
		want := min(max(size, have), len(buf)-slack-1-have)
		if want <= 0 {
			if err := res.Resize(3 * int64(len(buf))); err != nil {
				x.send(piece{err: err})
				return
			}
			bigger := make([]byte, 2*len(buf))
			copy(bigger, buf[:have])
			buf = bigger
			continue
		}
		n, err := io.ReadFull(r, buf[have:have+want])
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			x.send(piece{err: t.broken(err)})
			return
		}
		if end && have+n > 0 && buf[have+n-1] != d.newline {
			buf[have+n] = d.newline
			n++
		}
		reg.load(d, buf, have, have+n)
		reg.resolve(d, buf, st)
		st = reg.end
		have += n
		cut := reg.lastLine(d, buf)
		if end {
			cut = have
		}
		if int64(have-cut) > t.conf.maxLine {
			at := line + int64(bytes.Count(buf[:cut], []byte{d.newline})) + 1
			x.send(piece{err: sqlerr.New(sqlerr.Limit, "%s, line %d is longer than %d bytes", t.file.Path, at, t.conf.maxLine).WithHint("max_line_size => n reads longer lines")})
			return
		}
		if cut == 0 {
			if end {
				return
			}
			continue
		}
		next := x.buffer(have - cut + 2*size + slack)
		copy(next, buf[cut:have])
		p := piece{buf: buf, n: cut, index: index, line: line, last: end}
		line += int64(bytes.Count(buf[:cut], []byte{d.newline}))
		if !x.send(p) || end {
			return
		}
		buf, have = next, have-cut
		index++
	}
}

// lastLine gives the place behind the last line end of a region, or 0.
func (r *region) lastLine(d *dialect, buf []byte) int {
	for i := len(r.out) - 1; i >= 0; i-- {
		for k := 63; k >= 0 && r.out[i] != 0; k-- {
			if at := r.lo + i*64 + k; r.out[i]>>uint(k)&1 != 0 && buf[at] == d.newline {
				return at + 1
			}
		}
	}
	return 0
}

// recoder turns another encoding into UTF-8.
type recoder struct {
	r     io.Reader
	enc   string
	in    [4096]byte
	have  int
	out   []byte
	ready []byte
	began bool
	err   error
}

// Read gives UTF-8.
func (x *recoder) Read(b []byte) (int, error) {
	for len(x.ready) == 0 {
		if x.err != nil {
			return 0, x.err
		}
		n, err := x.r.Read(x.in[x.have:])
		x.have, x.err = x.have+n, err
		used := x.recode(x.in[:x.have], err != nil)
		x.have = copy(x.in[:], x.in[used:x.have])
	}
	n := copy(b, x.ready)
	x.ready = x.ready[n:]
	return n, nil
}

// recode fills ready and tells how many bytes of in it used.
func (x *recoder) recode(in []byte, end bool) int {
	x.out = x.out[:0]
	used := 0
	if x.enc == "latin1" {
		for _, c := range in {
			x.out = utf8.AppendRune(x.out, rune(c))
		}
		used = len(in)
	} else {
		order := binary.ByteOrder(binary.LittleEndian)
		if !x.began && len(in) >= 2 {
			x.began = true
			switch {
			case in[0] == 0xfe && in[1] == 0xff:
				x.enc, used = "utf16be", 2
			case in[0] == 0xff && in[1] == 0xfe:
				x.enc, used = "utf16le", 2
			}
		}
		if x.enc == "utf16be" {
			order = binary.BigEndian
		}
		for used+2 <= len(in) {
			r, n := rune(order.Uint16(in[used:])), 2
			if utf16.IsSurrogate(r) {
				if used+4 > len(in) && !end {
					break
				}
				if used+4 <= len(in) {
					if p := utf16.DecodeRune(r, rune(order.Uint16(in[used+2:]))); p != utf8.RuneError {
						r, n = p, 4
					}
				}
			}
			x.out = utf8.AppendRune(x.out, r)
			used += n
		}
		if end {
			used = len(in)
		}
	}
	x.ready = x.out
	return used
}
