package csv

import (
	"bytes"
	"slices"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/storage"
)

// slack is the readable bytes beyond the end of a chunk's data: blocks are 64 bytes, numbers are loaded by words.
const slack = 128

// chunk is a part of a file, its lines cut into fields. Field f of row r ends at pos[r*fields+f]; it starts behind the field
// before it, or at starts[r]. A missing field ends before it starts.
type chunk struct {
	index  int64
	buf    []byte
	n      int // bytes whose lines belong to the chunk
	have   int // bytes in buf
	pos    []uint32
	starts []uint32
	rows   int
	fields int
	line   int64 // lines before the chunk
	odd    bool  // quotes may stand within fields
	spare  []uint32
	res    *mem.Reservation // for lines that are longer than a chunk
	main   region
	more   region
}

// span gives the place of field f of a row.
func (k *chunk) span(row, f int) (start, end int) {
	p := row*k.fields + f
	if f == 0 {
		return int(k.starts[row]), int(k.pos[p])
	}
	return int(k.pos[p-1]) + 1, int(k.pos[p])
}

// room makes the buffer hold n bytes and the slack, keeping what it has.
func (k *chunk) room(n int) error {
	if cap(k.buf) < n+slack {
		if n > 4*chunkSize {
			if err := k.res.Resize(3 * int64(n)); err != nil { // the old one, the new one, and their bits
				return err
			}
		}
		grown := make([]byte, max(n+slack, min(2*cap(k.buf), n+n/2)))
		copy(grown, k.buf[:k.have])
		k.buf = grown
	}
	k.buf = k.buf[:cap(k.buf)]
	return nil
}

// lineAt gives the number of the line at a place in the buffer.
func (k *chunk) lineAt(d *dialect, at int) int64 {
	return k.line + int64(bytes.Count(k.buf[:at], []byte{d.newline})) + 1
}

// raw gives the text of the line at a place, without its end.
func (k *chunk) raw(d *dialect, start, end int) []byte {
	b := k.buf[start:min(end, k.have)]
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte{d.newline}), []byte{'\r'})
}

// excerpt shows the line of a row, and in it the place at.
func (k *chunk) excerpt(d *dialect, row, at int) *sqlerr.Excerpt {
	start, end := int(k.starts[row]), k.have
	if row+1 < k.rows {
		end = int(k.starts[row+1])
	}
	raw := k.raw(d, start, end)
	if i := bytes.IndexByte(raw[min(at-start, len(raw)):], d.newline); i >= 0 {
		raw = raw[:at-start+i] // lines that are no rows
	}
	from := max(0, at-start-500)
	return &sqlerr.Excerpt{Line: k.lineAt(d, at), Text: cut(bytes.TrimSuffix(raw[from:], []byte{'\r'}), 1<<10), Offset: at - start - from}
}

// firstLine drops the places before the first line that starts in the chunk and gives that line's start, or -1.
func (k *chunk) firstLine(d *dialect, st state) int {
	if st.start {
		return 0
	}
	for i, p := range k.pos {
		if k.buf[p] == d.newline {
			k.pos = k.pos[:copy(k.pos, k.pos[i+1:])]
			k.main.lines--
			if int(p)+1 >= k.n {
				return -1
			}
			return int(p) + 1
		}
	}
	return -1
}

// regular tells whether every line has the right number of fields, and finds the lines' starts.
func (k *chunk) regular(d *dialect, first, lines int, trailing bool) bool {
	nf := k.fields
	rows := len(k.pos) / nf
	if lines != rows || rows*nf != len(k.pos) || d.text && trailing {
		return false
	}
	if cap(k.starts) < rows {
		k.starts = make([]uint32, rows+rows/4)
	}
	k.starts = k.starts[:rows]
	at := uint32(first)
	p := nf - 1
	for r := range k.starts {
		e := k.pos[p]
		if k.buf[e] != d.newline {
			return false
		}
		k.starts[r] = at
		at = e + 1
		p += nf
	}
	p = nf - 1
	for r := range k.starts { // a carriage return is no part of the last field
		e, s := k.pos[p], k.starts[r]
		if nf > 1 {
			s = k.pos[p-1] + 1
		}
		if e > s && k.buf[e-1] == '\r' {
			e--
		}
		if trailing && e != s || nf == 1 && e == s && !d.text {
			return false
		}
		k.spare = append(k.spare, e)
		p += nf
	}
	p = nf - 1
	for _, e := range k.spare {
		k.pos[p] = e
		p += nf
	}
	k.rows = rows
	return true
}

// shape makes rows of the places: first is where the first line starts.
func (s *source) shape(k *chunk, first, lines int) error {
	d := &s.t.d
	k.spare = k.spare[:0]
	if !s.careful && k.regular(d, first, lines, s.trailing) {
		return nil
	}
	k.spare, k.starts, k.rows = k.spare[:0], k.starts[:0], 0
	at := first
	for i := 0; i < len(k.pos); {
		j := i
		for k.buf[k.pos[j]] != d.newline && j+1 < len(k.pos) {
			j++
		}
		end := int(k.pos[j])
		if err := s.addLine(k, at, end, k.pos[i:j+1]); err != nil {
			k.pos, k.spare = k.spare, k.pos
			return err // the rows before it stay
		}
		i, at = j+1, end+1
	}
	k.pos, k.spare = k.spare, k.pos
	return nil
}

// addLine adds the line at buf[start:end], whose fields end at ends.
func (s *source) addLine(k *chunk, start, end int, ends []uint32) error {
	d, nf := &s.t.d, k.fields
	if end > start && k.buf[end-1] == '\r' && (len(ends) == 1 || int(ends[len(ends)-2]) < end-1) {
		ends[len(ends)-1]--
	}
	if int64(end-start) > s.t.conf.maxLine {
		return s.tooLong(k, start)
	}
	n := len(ends)
	switch {
	case n == 1 && int(ends[0]) == start && !d.text, d.comment != 0 && k.buf[start] == d.comment:
		return nil
	case n == nf && s.trailing && ends[n-1] != ends[n-2]+1:
		return s.surplus(k, start, end, ends)
	case n == nf:
	case n == nf-1 && s.trailing:
	case n > nf && d.text:
		ends = ends[:nf]
	case n < nf && s.t.conf.nullPadding:
	default:
		return s.badLine(k, start, end, n)
	}
	k.spare = append(k.spare, ends...)
	for i := len(ends); i < nf; i++ {
		k.spare = append(k.spare, k.spare[len(k.spare)-1])
	}
	k.starts = append(k.starts, uint32(start))
	k.rows++
	return nil
}

func (s *source) tooLong(k *chunk, start int) error {
	e := sqlerr.New(sqlerr.Limit, "%s, line %d is longer than %d bytes", s.t.file.Path, k.lineAt(&s.t.d, start), s.t.conf.maxLine)
	return e.WithHint("max_line_size => n reads longer lines; a quote that is never closed also makes a long line: see quote => ''")
}

// badLine reports a line with the wrong number of fields, or sets it aside.
func (s *source) badLine(k *chunk, start, end, n int) error {
	want := k.fields
	if s.trailing {
		want--
	}
	raw := k.raw(&s.t.d, start, end)
	reason := plural(int64(n), "field") + " instead of " + itoa(int64(want))
	if s.t.conf.ignoreErrors {
		s.setAside(storage.BadRecord{File: s.t.file.Path, Line: k.lineAt(&s.t.d, start), Reason: reason, Raw: cut(raw, 1<<10)})
		return nil
	}
	e := dataError(s.t.file.Path, k.lineAt(&s.t.d, start), "%s", reason)
	e.Data = &sqlerr.Excerpt{Line: k.lineAt(&s.t.d, start), Text: cut(raw, 1<<10)}
	if n < want {
		return e.WithHint("ignore_errors => true sets such lines aside, null_padding => true fills them with NULL")
	}
	return e.WithHint("ignore_errors => true sets such lines aside; delim and quote say how fields are told apart")
}

// surplus handles the first line whose last field, thought to be always empty, has a value.
func (s *source) surplus(k *chunk, start, end int, ends []uint32) error {
	t := s.t
	if t.conf.columns != nil || t.conf.ignoreErrors {
		return s.badLine(k, start, end, len(ends))
	}
	line := k.lineAt(&t.d, start)
	return &storage.RestartError{
		Err:  dataError(t.file.Path, line, "the line has a value behind its last delimiter, where all lines before have none").WithHint("sample_size => -1 looks at the whole file first"),
		Note: t.file.Path + ", line " + itoa(line) + ": the column behind the last delimiter is not always empty; it is read as VARCHAR",
		Apply: func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.trailing {
				t.trailing = false
				names := make([]string, len(t.cols)+1)
				for i := range t.cols {
					names[i] = t.cols[i].Name
				}
				c := column{guessed: true}
				c.Name, c.Type = uniqueNames(names)[len(t.cols)], typeText
				t.cols = append(t.cols, c)
				t.stats.Cols = append(slices.Clone(t.stats.Cols), storage.ColStats{Nulls: -1, Distinct: -1})
			}
		},
	}
}

func cut(b []byte, n int) string {
	if len(b) > n {
		return string(b[:n]) + "…"
	}
	return string(b)
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}
