package json

import (
	"bytes"
	"errors"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/mem"
)

// chunk is a run of whole records.
type chunk struct {
	buf    []byte // with slack zero bytes behind n
	at, n  int    // what is left of it
	line   int64  // lines before; -1: to be counted
	col    int64  // bytes of the line before
	index  int64
	rows   int64
	last   bool // nothing comes behind
	closed bool // the array of records ends behind the chunk
	comma  bool // a comma stands before at
	res    *mem.Reservation
}

// chunks keeps the buffers of closed cursors: fresh memory is what costs.
var chunks = sync.Pool{New: func() any { return &chunk{} }}

// maxPooled is the largest buffer that is kept.
const maxPooled = 4 << 20

// room makes the buffer hold n bytes and the jsonval.Slack, keeping the first keep.
func (k *chunk) room(n, keep int) error {
	if cap(k.buf) < n+jsonval.Slack {
		if n > 4*chunkSize {
			if err := k.res.Resize(2 * int64(n)); err != nil {
				return err
			}
		}
		grown := make([]byte, n+n/8+jsonval.Slack)
		copy(grown, k.buf[:keep])
		k.buf = grown
	}
	k.buf = k.buf[:cap(k.buf)]
	return nil
}

// next gives the place of the next record, or -1 at the end of the chunk.
func (k *chunk) next(s *jsonval.Scanner, l layout) (int, error) {
	for {
		i := s.Space(k.at)
		switch {
		case i < k.n && l == lines && k.buf[i] == '\n':
			k.at = i + 1
			continue
		case i < k.n:
			k.at = i
			return i, nil
		}
		k.at = k.n
		if l == array && k.last {
			if k.comma {
				return -1, errors.New("a value is missing behind the last comma")
			}
			if !k.closed {
				return -1, errors.New("the array is never closed: a ] is missing")
			}
		}
		return -1, nil
	}
}

// behind steps over what stands between the record that ends at k.at and the next one; it gives "" or what is wrong.
func (k *chunk) behind(s *jsonval.Scanner, l layout) string {
	k.rows++
	i := s.Space(k.at)
	k.comma = false
	switch {
	case i >= k.n:
		i = k.n
	case l == lines && k.buf[i] == '\n', l == loose:
		if l == lines {
			i++
		}
	case l == array && k.buf[i] == ',':
		k.comma = true
		i++
	case l == array:
		k.at = i
		return "a comma or ] is missing"
	default:
		k.at = i
		return "something stands behind the record on its line"
	}
	k.at = i
	return ""
}

// skipLine goes on behind the line at k.at, and tells whether there is more.
func (k *chunk) skipLine() bool {
	i := bytes.IndexByte(k.buf[k.at:k.n], '\n')
	if i < 0 {
		k.at = k.n
		return false
	}
	k.at += i + 1
	return true
}

// raw gives the text of the line, or of the record, at a place.
func (k *chunk) raw(l layout, at int) []byte {
	b := k.buf[at:k.n]
	if l == lines {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[:i]
		}
	} else {
		s := jsonval.Scanner{Buf: k.buf, N: k.n}
		if end, _ := s.Value(at, 0); end >= 0 {
			b = b[:end-at]
		}
	}
	return b
}

// where gives line and position of a place in the chunk, both from 1; before is the number of lines before the chunk.
func (k *chunk) where(at int, before int64) (line, col int64) {
	at = min(at, k.n)
	if at > 0 && at == k.n && k.buf[at-1] == '\n' {
		at--
	}
	line = before + int64(bytes.Count(k.buf[:at], []byte{'\n'})) + 1
	start := bytes.LastIndexByte(k.buf[:at], '\n') + 1
	col = int64(at-start) + 1
	if start == 0 {
		col += k.col
	}
	return line, col
}

// excerpt shows the line around a place.
func (k *chunk) excerpt(at int, line int64) *sqlerr.Excerpt {
	at = min(at, k.n)
	if at > 0 && at == k.n && k.buf[at-1] == '\n' {
		at--
	}
	from := max(at-500, bytes.LastIndexByte(k.buf[:at], '\n')+1)
	return &sqlerr.Excerpt{Line: line, Text: cut(k.raw(lines, from), 1<<10), Offset: at - from}
}

// syntax is the error of text that is no JSON.
func (t *table) syntax(k *chunk, at int, before int64, why string) *sqlerr.Error {
	line, col := k.where(at, before)
	e := dataError(t.file.Path, line, col, "%s", why)
	e.Data = k.excerpt(at, line)
	if t.layout == lines {
		return e.WithHint("ignore_errors => true sets such lines aside; format => 'unstructured' reads records that go over several lines")
	}
	return e
}
