package json

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

const (
	wholeSize  = 1 << 20 // files up to this size are looked at as a whole
	headSize   = 128 << 10
	windowSize = 32 << 10
	windows    = 8
)

// wholeName is the name of the column of records that are one value.
const wholeName = "json"

// inspect finds out what the options leave open: compression, layout, columns.
func (t *table) inspect() error {
	h, err := t.file.Open()
	if err != nil {
		return err
	}
	defer h.Close()
	magic := make([]byte, 16)
	n, err := h.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", t.file.Path)
	}
	if n >= 2 && (magic[0] == 0xff && magic[1] == 0xfe || magic[0] == 0xfe && magic[1] == 0xff) {
		return sqlerr.New(sqlerr.Unsupported, "%s is UTF-16; JSON is read as UTF-8", t.file.Path)
	}
	if !t.conf.compSet {
		t.comp = fs.DetectCompression(magic[:n])
	}
	head, all, err := t.head(h)
	if err != nil {
		return err
	}
	t.begin(head)
	root, seen, syntax := &shape{}, sample{}, error(nil)
	if t.conf.columns == nil && !t.conf.objects {
		if t.conf.sample == -1 && !all {
			syntax = t.inferAll(root)
		} else {
			syntax = t.infer(root, &seen, head, all, h)
		}
	}
	return t.settle(root, &seen, syntax, all)
}

// sample is what has been looked at.
type sample struct{ records, bytes int64 }

// head reads the beginning of the file, with slack behind.
func (t *table) head(h *os.File) (b []byte, all bool, err error) {
	r, err := t.reader(h, new(atomic.Int64))
	if err != nil {
		return nil, false, err
	}
	defer r.Close()
	want := headSize
	switch {
	case t.conf.sample > 0:
		want = int(min(max(t.conf.sample*256, 4<<10), 64<<20))
	case t.file.Size <= wholeSize || t.comp != fs.Plain || t.conf.layout == array || t.conf.layout == loose:
		want = wholeSize
	}
	for {
		grown := make([]byte, want+jsonval.Slack)
		n, err := io.ReadFull(r, grown[copy(grown[:want], b):want])
		b = grown[:len(b)+n]
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, false, t.broken(err)
		}
		if all = err != nil; all {
			return b, true, nil
		}
		if want < wholeSize && looksLoose(b) { // its middle cannot be looked at
			want = wholeSize
			continue
		}
		if bytes.IndexByte(b, '\n') >= 0 || looksLoose(b) || int64(want) > t.conf.maxRecord {
			return b, false, nil
		}
		want *= 4
	}
}

func looksLoose(b []byte) bool {
	l, _ := guessLayout(bytes.TrimPrefix(b, bom))
	return l != lines
}

var bom = []byte("\xef\xbb\xbf")

// guessLayout tells how records follow each other.
func guessLayout(b []byte) (layout, bool) {
	s := jsonval.Scanner{Buf: append(slices.Clone(b), make([]byte, jsonval.Slack)...), N: len(b)}
	i := s.Space(0)
	if i == len(b) {
		return lines, false
	}
	end, _ := s.Value(i, 0)
	if end < 0 { // a mistake on the first line is told as such
		if b[i] == '[' {
			return array, true
		}
		if s.Bad >= s.N || bytes.IndexByte(b[i:s.Bad], '\n') < 0 {
			return lines, s.Bad < s.N
		}
		return loose, true
	}
	s.Line = true
	rest := s.Space(end)
	if bytes.IndexByte(b[i:end], '\n') >= 0 || rest < s.N && b[rest] != '\n' {
		if b[i] == '[' {
			return array, true
		}
		return loose, true
	}
	s.Line = false
	if next := s.Space(end); b[i] == '[' && (next >= s.N || b[next] != '[') {
		return array, true
	}
	return lines, true
}

// begin finds the layout and the place of the first record.
func (t *table) begin(head []byte) {
	at := 0
	if bytes.HasPrefix(head, bom) {
		at = len(bom)
	}
	if t.layout == unknown {
		t.layout, _ = guessLayout(head[at:])
	}
	if t.layout == array {
		s := jsonval.Scanner{Buf: head[:len(head)+jsonval.Slack], N: len(head)}
		if i := s.Space(at); i < len(head) && head[i] == '[' {
			at = i + 1
		} else {
			t.layout = loose // the reader tells what is wrong
			if t.conf.layout == array && i < len(head) {
				t.layout = array
				at = i
			}
		}
	}
	t.start = int64(at)
	t.line = int64(bytes.Count(head[:at], []byte{'\n'}))
	t.col = int64(at - 1 - bytes.LastIndexByte(head[:at], '\n'))
}

// infer takes the samples into account. The error is that of the first record that is no JSON.
func (t *table) infer(root *shape, seen *sample, head []byte, all bool, h *os.File) error {
	m := cutter{layout: t.layout}
	m.scan(head, int(t.start), len(head))
	k := &chunk{buf: head[:len(head)+jsonval.Slack], at: int(t.start), n: m.cut, last: all, closed: m.closed}
	if m.closed {
		k.n = m.end
	} else if all {
		k.n = len(head)
	}
	clear(k.buf[k.n:])
	err := t.look(root, seen, k, !all)
	if all || t.streamed() {
		return err
	}
	rest := t.file.Size - int64(len(head))
	for i := range int64(windows) {
		size := min(rest, windowSize)
		b := make([]byte, size+jsonval.Slack)
		if n, err := h.ReadAt(b[:size], int64(len(head))+(rest-size)*(i+1)/windows); n < int(size) {
			return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", t.file.Path)
		}
		w := &chunk{buf: b, at: bytes.IndexByte(b, '\n') + 1, n: bytes.LastIndexByte(b, '\n') + 1}
		if i == windows-1 && w.at > 0 {
			w.n = int(size)
		}
		clear(b[w.n:])
		if e := t.look(root, seen, w, false); err == nil {
			err = e
		}
		if rest <= windowSize {
			break
		}
	}
	return err
}

// look takes the records of a chunk into account, of which the last may be cut off. It ends at a record that is no JSON; if records are
// lines it goes on behind it.
func (t *table) look(root *shape, seen *sample, k *chunk, cutOff bool) (first error) {
	s := jsonval.Scanner{Buf: k.buf, N: k.n, Line: t.layout == lines}
	for {
		at, err := k.next(&s, t.layout)
		if err != nil {
			return firstOf(first, t.syntax(k, k.at, k.line, err.Error()))
		}
		if at < 0 {
			return first
		}
		end, _ := s.Value(at, 0)
		if end >= 0 {
			root.add(&s, at, 0)
			seen.records++
			seen.bytes += int64(end - k.at)
			k.at = end
		}
		why := s.Why
		if end >= 0 {
			if why = k.behind(&s, t.layout); why == "" {
				if t.conf.sample > 0 && seen.records >= t.conf.sample {
					return first
				}
				continue
			}
			s.Bad = k.at
		}
		if cutOff && s.Bad >= s.N {
			return first
		}
		first = firstOf(first, t.syntax(k, s.Bad, k.line, why))
		if t.layout != lines || !k.skipLine() {
			return first
		}
	}
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// settle makes the columns.
func (t *table) settle(root *shape, seen *sample, syntax error, all bool) error {
	c := t.conf
	t.stats = storage.Stats{Bytes: t.file.Size, Rows: seen.records}
	if !all && seen.records > 0 {
		size := t.file.Size
		if t.comp != fs.Plain {
			size *= 6 // a usual ratio; only estimates depend on it
		}
		t.stats.Rows = max(size*seen.records/max(seen.bytes, 1), seen.records)
	} else if seen.records == 0 {
		t.stats.Rows = t.file.Size / 100
	}
	objects := root.kinds == kObject
	t.whole = c.whole || !c.split && root.kinds != 0 && (!objects || root.isMap())
	switch {
	case c.columns != nil:
		t.whole = false
		for _, f := range c.columns {
			t.cols = append(t.cols, column{Field: f, key: f.Name})
		}
	case c.objects:
		t.cols = []column{{Field: types.Field{Name: wholeName, Type: types.TJSON}}}
	case t.whole:
		col := column{Field: types.Field{Name: wholeName, Type: root.typ(c.depth)}, guessed: true, shape: root}
		t.cols = []column{col}
	default:
		t.learn(root)
		if len(t.cols) == 0 && syntax != nil {
			return syntax
		}
		return t.checkTyped()
	}
	return nil
}

// checkTyped tells of a type that is given for a column that is not there.
func (t *table) checkTyped() error {
	var names []string
	for _, c := range t.cols {
		names = append(names, c.Name)
	}
	for name := range t.conf.typed {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return sqlerr.New(sqlerr.NotFound, "%s has no column %s to give a type", t.file.Path, name).WithHint("%s", sqlerr.DidYouMean(name, names))
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
