package csv

import "bytes"

// splitter cuts a sample into records, one byte at a time. Blank lines and comments are left out.
type splitter struct {
	d      *dialect
	buf    []byte
	at     int
	eof    bool // the sample ends where the file ends
	start  int  // of the record
	fields [][]byte
	quirks int // text behind closing quotes
	stray  int // quotes within fields
	open   bool
}

// next cuts the next record; false at the end, or when the rest is not a whole record.
func (s *splitter) next() bool {
	for s.at < len(s.buf) {
		if !s.record() {
			return false
		}
		f := s.fields
		if len(f) == 1 && len(f[0]) == 0 && !s.d.text || s.d.comment != 0 && s.buf[s.start] == s.d.comment {
			continue
		}
		return true
	}
	return false
}

func (s *splitter) record() bool {
	d := s.d
	s.start, s.fields = s.at, s.fields[:0]
	from, inside, prev := s.at, false, true
	comment := d.comment != 0 && s.buf[s.at] == d.comment
	for i := s.at; i < len(s.buf); i++ {
		c := s.buf[i]
		switch {
		case comment && c != d.newline:
		case c == d.escape && c != d.quote && c != 0 && (inside || d.text):
			i++
			prev = false
		case inside:
			if c == d.quote {
				inside, prev = false, true
				if i+1 < len(s.buf) {
					if n := s.buf[i+1]; n != d.quote && n != d.delim && n != d.newline && n != '\r' {
						s.quirks++
					}
				}
			}
		case c == d.quote && c != 0 && prev:
			inside, prev = true, false
		case c == d.newline:
			s.field(from, i, true)
			s.at = i + 1
			return true
		case c == d.delim:
			s.field(from, i, false)
			from, prev = i+1, true
		default:
			if c == d.quote && c != 0 {
				s.stray++
			}
			prev = false
		}
	}
	s.open = inside
	if !s.eof {
		return false
	}
	s.field(from, len(s.buf), true)
	s.at = len(s.buf)
	return true
}

func (s *splitter) field(from, to int, last bool) {
	f := s.buf[from:to]
	if last {
		f = bytes.TrimSuffix(f, []byte{'\r'})
	}
	s.fields = append(s.fields, f)
}

// shape is how regular a sample looks under a dialect.
type shape struct {
	d      dialect
	fields int     // of most records
	share  float64 // of the records that have so many
	quirks int
	quoted float64 // share of the fields in quotes
	open   bool    // the sample ends within quotes
}

// measure looks at up to 500 records.
func measure(d dialect, buf []byte, eof bool) shape {
	s := splitter{d: &d, buf: buf, eof: eof}
	counts := map[int]int{}
	n, fields, quoted := 0, 0, 0
	for n < 500 && s.next() {
		n++
		counts[len(s.fields)]++
		for _, f := range s.fields {
			fields++
			if len(f) > 1 && f[0] == d.quote && f[len(f)-1] == d.quote {
				quoted++
			}
		}
	}
	out := shape{d: d, quirks: s.quirks, open: s.open && eof}
	for c, k := range counts {
		if share := float64(k) / float64(n); share > out.share || share == out.share && c > out.fields {
			out.fields, out.share = c, share
		}
	}
	if fields > 0 {
		out.quoted = float64(quoted) / float64(fields)
	}
	return out
}

var delimiters = []byte{',', ';', '\t', '|', 1, '^', '~', 0x1f}

// best finds the delimiter under which the sample is most regular.
func (c *config) best(d dialect, buf []byte, eof bool) shape {
	list := delimiters
	if c.delimSet {
		list = []byte{c.delim}
	}
	var out shape
	score := -1.0
	for _, x := range list {
		if !c.delimSet && (x == d.quote || x != ',' && bytes.IndexByte(buf, x) < 0) {
			continue
		}
		d.delim = x
		m := measure(d, buf, eof)
		v := m.share
		switch {
		case c.columns != nil && (m.fields == len(c.columns) || m.fields == len(c.columns)+1):
			v += 2
		case m.fields == 1:
			v = 0
		case m.share < 0.5:
			v -= 1
		}
		if v > score+0.01 || v > score-0.01 && m.fields > out.fields {
			score, out = max(v, score), m
		}
	}
	return out
}

// detect finds delimiter, quote and escape as far as the options do not say them.
func (c *config) detect(d dialect, buf []byte, eof bool) shape {
	first := c.best(d, buf, eof)
	if d.quote == 0 {
		return first
	}
	if !c.escapeSet && bytes.Contains(buf, []byte{'\\', d.quote}) {
		e := d
		e.escape = '\\'
		if m := c.best(e, buf, eof); m.quirks < first.quirks || m.share > first.share {
			first, d = m, e
		}
	}
	if c.quoteSet {
		return first
	}
	if first.quoted == 0 && bytes.IndexByte(buf, '\'') >= 0 {
		e := d
		e.quote, e.escape = '\'', '\''
		if m := c.best(e, buf, eof); m.quoted > 0 && m.quirks == 0 && !m.open && (m.share > first.share || m.share == first.share && m.quoted >= 0.25) {
			return m
		}
	}
	if first.open || first.share < 0.8 {
		e := d
		e.quote, e.escape = 0, 0
		if m := c.best(e, buf, eof); m.share > first.share+0.1 {
			return m
		}
	}
	return first
}
