package csv

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/textval"
)

// reader converts one column. It belongs to one cursor.
type reader struct {
	s       *source
	col     int // in the schema, and of a line
	name    string
	typ     types.Type
	guessed bool
	v       vec.Vector
	text    []byte                              // for fields whose quotes are to be taken off
	bad     func(i int, why string, val []byte) // nil: a bad value is an error
}

func newReader(s *source, col int) *reader {
	c := s.cols[col]
	return &reader{s: s, col: col, name: c.Name, typ: c.Type, guessed: c.guessed}
}

// read converts the rows sel of the n rows from row on.
func (r *reader) read(k *chunk, row, n int, sel []int32) error {
	r.v.Reset(r.typ, n)
	switch r.typ.Kind {
	case types.BigInt, types.Integer, types.SmallInt, types.TinyInt:
		if r.typ.Kind == types.BigInt {
			return readInts(r, vec.Values[int64](&r.v), -1<<63, 1<<63-1, k, row, sel)
		}
		lo, hi := int64(-1<<31), int64(1<<31-1)
		switch r.typ.Kind {
		case types.SmallInt:
			lo, hi = -1<<15, 1<<15-1
		case types.TinyInt:
			lo, hi = -1<<7, 1<<7-1
		}
		return readInts(r, vec.Values[int32](&r.v), lo, hi, k, row, sel)
	case types.Decimal:
		if r.typ.P <= 18 && r.s.t.conf.decimal == 0 {
			return r.readDecimals(k, row, sel)
		}
	case types.Double:
		if r.s.t.conf.decimal == 0 {
			return r.readDoubles(k, row, sel)
		}
	case types.Date:
		return r.readDates(k, row, sel)
	case types.Timestamp:
		return r.readStamps(k, row, sel)
	case types.Varchar, types.JSON, types.Binary:
		return r.readText(k, row, sel)
	}
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

func readInts[T int32 | int64](r *reader, dst []T, lo, hi int64, k *chunk, row int, sel []int32) error {
	buf := k.buf
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		at, neg := s, int64(0)
		if buf[at] == '-' {
			at, neg = at+1, -1
		}
		n := e - at
		var x uint64
		ok := false
		if n-1 < 8 && n > 0 {
			x, ok = textval.Parse8(binary.LittleEndian.Uint64(buf[at:]), n)
		} else if n > 8 && n <= 16 {
			var y uint64
			x, ok = textval.Parse8(binary.LittleEndian.Uint64(buf[at:]), n-8)
			if ok {
				y, ok = textval.Parse8(binary.LittleEndian.Uint64(buf[e-8:]), 8)
				x = x*1e8 + y
			}
		}
		v := (int64(x) ^ neg) - neg
		if ok && v >= lo && v <= hi && !(r.guessed && n > 1 && buf[at] == '0') {
			dst[i] = T(v)
			continue
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDecimals(k *chunk, row int, sel []int32) error {
	dst, buf, scale := vec.Values[int64](&r.v), k.buf, int(r.typ.S)
	limit := int64(textval.Pow10[r.typ.P])
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		at, neg := s, int64(0)
		if buf[at] == '-' {
			at, neg = at+1, -1
		}
		x, ok := textval.ParseFixed(buf, at, e, scale)
		if ok && int64(x) < limit && !(r.guessed && e-at > 1 && buf[at] == '0' && buf[at+1] != '.') {
			dst[i] = (int64(x) ^ neg) - neg
			continue
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDoubles(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[float64](&r.v), k.buf
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if f, ok := textval.ParseShortFloat(buf[s:max(s, e)]); ok {
			dst[i] = f
			continue
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDates(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[int32](&r.v), k.buf
	custom := r.s.t.conf.dateFormat != ""
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if e-s == 10 && !custom {
			if d, ok := textval.ParseDay(binary.LittleEndian.Uint64(buf[s:]), binary.LittleEndian.Uint16(buf[s+8:])); ok {
				dst[i] = d
				continue
			}
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readStamps(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[int64](&r.v), k.buf
	custom := r.s.t.conf.stampFormat != ""
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if e-s == 19 && !custom && buf[s+10]|' '|'T' == ' '|'T' {
			d, ok := textval.ParseDay(binary.LittleEndian.Uint64(buf[s:]), binary.LittleEndian.Uint16(buf[s+8:]))
			t, good := textval.ParseClock(binary.LittleEndian.Uint64(buf[s+11:]))
			if ok && good && (buf[s+10] == ' ' || buf[s+10] == 'T') {
				dst[i] = int64(d)*kernel.MicrosPerDay + t
				continue
			}
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

// readText makes views of the fields, into the chunk's buffer where they are long.
func (r *reader) readText(k *chunk, row int, sel []int32) error {
	buf, c := k.buf, r.s.t.conf
	d := &r.s.t.d
	quote, text := d.quote, d.text
	if quote == 0 {
		quote = 0xff // no UTF-8 text has this byte
	}
	r.v.Bufs = append(r.v.Bufs[:0], buf, nil)
	r.text = r.text[:0]
	dst := vec.Values[[2]uint64](&r.v)
	escapes := text && d.escape != 0
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if e-s > 1 && buf[s] == quote && buf[e-1] == quote && !k.odd && !c.quotedNulls {
			s, e = s+1, e-1
		} else {
			switch {
			case e < s, e == s && !text, e-s == 2 && buf[s] == '\\' && buf[s+1] == 'N', len(c.nulls) > 0 && r.isNull(buf[s:e]):
				r.v.SetNull(int(i))
				dst[i] = [2]uint64{}
				continue
			case e > s && buf[s] == quote, escapes && bytes.IndexByte(buf[s:e], d.escape) >= 0:
				r.unquoted(dst, int(i), buf[s:e])
				continue
			}
		}
		w := binary.LittleEndian.Uint64(buf[s:])
		n := e - s
		if n > vec.InlineMax {
			dst[i] = [2]uint64{uint64(n) | w<<32, uint64(s) << 32}
			continue
		}
		lo, hi := w&(1<<min(32, 8*uint(n))-1), uint64(0)
		if n > 4 {
			hi = binary.LittleEndian.Uint64(buf[s+4:]) & (1<<(8*uint(n-4)) - 1)
		}
		dst[i] = [2]uint64{uint64(n) | lo<<32, hi}
	}
	r.v.Bufs[1] = r.text
	return nil
}

// unquoted makes a view of a field whose quotes or escapes are to be taken off.
func (r *reader) unquoted(dst [][2]uint64, i int, raw []byte) {
	start := len(r.text)
	var quoted bool
	r.text, quoted = r.s.t.d.plain(r.text, raw)
	b := r.text[start:]
	if quoted && r.s.t.conf.quotedNulls && (len(b) == 0 || r.isNull(b)) {
		r.v.SetNull(i)
		dst[i] = [2]uint64{}
		return
	}
	var v vec.View
	if len(b) <= vec.InlineMax {
		v = vec.InlineView(b)
	} else {
		v = vec.RefView(b, 1, uint32(start))
	}
	dst[i] = *(*[2]uint64)(unsafe.Pointer(&v))
}

// plain appends the text of a field as it stands in the file, without quotes and escapes, and tells whether it was quoted.
func (d *dialect) plain(dst, raw []byte) ([]byte, bool) {
	if d.text || d.quote == 0 || len(raw) == 0 || raw[0] != d.quote {
		if !d.text || d.escape == 0 {
			return append(dst, raw...), false
		}
		for i := 0; i < len(raw); i++ {
			if raw[i] == d.escape && i+1 < len(raw) {
				i++
			}
			dst = append(dst, raw[i])
		}
		return dst, false
	}
	i := 1
	for ; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == d.escape && c != d.quote && c != 0 && i+1 < len(raw):
			i++
			if raw[i] != d.quote && raw[i] != d.escape {
				dst = append(dst, c)
			}
			dst = append(dst, raw[i])
		case c != d.quote:
			dst = append(dst, c)
		case i+1 < len(raw) && raw[i+1] == d.quote:
			i++
			dst = append(dst, c)
		default:
			return append(dst, raw[i+1:]...), true // text behind the closing quote belongs to the field
		}
	}
	return dst, true
}

func (r *reader) isNull(b []byte) bool {
	for _, n := range r.s.t.conf.nulls {
		if bytes.Equal(b, n) {
			return true
		}
	}
	return false
}

// slow converts any field buf[s:e] into row i.
func (r *reader) slow(k *chunk, row, i, s, e int) error {
	d, c := &r.s.t.d, r.s.t.conf
	if e < s {
		r.v.SetNull(i)
		return nil
	}
	raw := k.buf[s:e]
	val, quoted := raw, false
	if len(raw) > 0 && (raw[0] == d.quote && d.quote != 0 || d.text && d.escape != 0) {
		r.text, quoted = d.plain(r.text[:0], raw)
		val = r.text
	}
	if (!quoted || c.quotedNulls) && (len(val) == 0 || string(raw) == `\N` || r.isNull(val)) {
		r.v.SetNull(i)
		return nil
	}
	why := r.parse(val, i)
	if why == "" {
		return nil
	}
	if r.bad != nil {
		r.bad(i, why, val)
		return nil
	}
	if r.guessed {
		return r.disproved(k, row+i, val)
	}
	err := dataError(r.s.t.file.Path, k.lineAt(d, s), "column %s: '%s' is no %s: %s", r.name, cut(val, 200), r.typ, why)
	err.Data = k.excerpt(d, row+i, s)
	if len(val) == 0 {
		return err.WithHint("allow_quoted_nulls => true reads quoted empty fields as NULL; ignore_errors => true sets such rows aside")
	}
	return err.WithHint("ignore_errors => true sets such rows aside; types => {'%s': 'VARCHAR'} reads the text", r.name)
}

// parse reads val into row i and gives "" or why it cannot.
func (r *reader) parse(val []byte, i int) string {
	c := r.s.t.conf
	if r.guessed && !fits(r.typ, val, c) {
		return "the type was a guess"
	}
	if us, done, ok := c.formatted(r.typ, val); done {
		if !ok {
			return "it does not match the format"
		}
		if r.typ.Kind == types.Date {
			vec.Values[int32](&r.v)[i] = int32(us / kernel.MicrosPerDay)
		} else {
			vec.Values[int64](&r.v)[i] = us
		}
		return ""
	}
	if c.decimal != 0 && r.typ.IsNumeric() {
		var tmp [64]byte
		val = c.pointed(tmp[:0], val)
	}
	return kernel.ParseInto(val, r.typ, r.s.loc, &r.v, i)
}

// disproved widens the type of the column so that it holds this value and the others of the chunk.
func (r *reader) disproved(k *chunk, row int, val []byte) error {
	t := r.s.t
	g := textval.Of(r.typ)
	g.Merge(guessOf(val, t.conf))
	var text []byte
	for j := row; j < k.rows; j++ {
		s, e := k.span(j, r.col)
		if e <= s || string(k.buf[s:e]) == `\N` || r.isNull(k.buf[s:e]) {
			continue
		}
		text, _ = t.d.plain(text[:0], k.buf[s:e])
		g.Merge(guessOf(text, t.conf))
	}
	to := g.Type()
	start, _ := k.span(row, r.col)
	line := k.lineAt(&t.d, start)
	err := dataError(t.file.Path, line, "column %s: '%s' is no %s, which was guessed from samples", r.name, cut(val, 200), r.typ).
		WithHint("types => {'%s': '%s'} says it beforehand; sample_size => -1 looks at the whole file first", r.name, to)
	err.Data = k.excerpt(&t.d, row, start)
	return &storage.RestartError{
		Err:   err,
		Note:  t.file.Path + ", line " + itoa(line) + ", column " + r.name + ": '" + cut(val, 100) + "' is no " + r.typ.String() + "; the column is read as " + to.String(),
		Apply: func() { t.Widen(r.col, to) },
	}
}
