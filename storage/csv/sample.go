package csv

import (
	"bytes"
	"io"
	"os"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage/fs"
)

const (
	headSize   = 64 << 10
	windowSize = 16 << 10
	windows    = 6
)

// samples are parts of a file.
type samples struct {
	head   []byte
	whole  bool     // head is all
	others [][]byte // each begins somewhere in a line
	size   int64    // of the plain bytes, or an estimate
}

// streamed tells whether the file cannot be read at offsets.
func (t *table) streamed() bool { return t.comp != fs.Plain || t.conf.encoding != "" }

// sample reads the head of the file and parts spread over the rest.
func (t *table) sample() (*samples, error) {
	h, err := t.file.Open()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	s := &samples{size: t.file.Size}
	want := headSize
	if n := t.conf.sample; n > 0 {
		want = int(min(max(n*128, 4<<10), 16<<20))
	}
	magic := make([]byte, 16)
	n, err := h.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", t.file.Path)
	}
	if t.comp = t.conf.comp; !t.conf.compSet {
		t.comp = fs.DetectCompression(magic[:n])
	}
	if t.comp == fs.Plain && t.conf.encoding == "" && n >= 2 && (magic[0] == 0xff && magic[1] == 0xfe || magic[0] == 0xfe && magic[1] == 0xff) {
		t.conf.encoding = "utf16"
	}
	r, err := t.reader(h, new(atomic.Int64))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		if err := s.grow(r, want); err != nil {
			return nil, t.broken(err)
		}
		if s.whole || bytes.Count(s.head, []byte{'\n'}) >= 3 || bytes.Count(s.head, []byte{'\r'}) >= 3 {
			break
		}
		if int64(want) > t.conf.maxLine {
			if bytes.IndexByte(s.head, '\n') >= 0 {
				break
			}
			return nil, sqlerr.New(sqlerr.Limit, "%s, line 1 is longer than %d bytes", t.file.Path, t.conf.maxLine).WithHint("max_line_size => n reads longer lines")
		}
		want *= 4
	}
	if s.whole {
		s.size = int64(len(s.head))
		return s, nil
	}
	if t.streamed() {
		s.size = t.file.Size * 4 // a usual ratio; only estimates depend on it
		return s, nil
	}
	return s, s.spread(h, t.file)
}

// grow makes the head want bytes long, if the file has so many.
func (s *samples) grow(r io.Reader, want int) error {
	have := len(s.head)
	grown := make([]byte, want+1)
	copy(grown, s.head)
	n, err := io.ReadFull(r, grown[have:])
	s.head = grown[:have+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		s.whole = true
		return nil
	}
	return err
}

// spread reads windows over the rest of the file, the last at its end.
func (s *samples) spread(h *os.File, f fs.File) error {
	rest := f.Size - int64(len(s.head))
	for i := range int64(windows) {
		size := min(rest, windowSize)
		off := int64(len(s.head)) + (rest-size)*(i+1)/windows
		b := make([]byte, size)
		if n, err := h.ReadAt(b, off); n < len(b) {
			return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", f.Path)
		}
		s.others = append(s.others, b)
		if rest <= windowSize {
			break
		}
	}
	return nil
}

func (t *table) broken(err error) error {
	if sqlerr.ClassOf(err) != sqlerr.Internal {
		return err
	}
	if t.comp != fs.Plain {
		return sqlerr.Wrap(sqlerr.Data, err, "%s is broken: it does not decompress", t.file.Path)
	}
	return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", t.file.Path)
}
