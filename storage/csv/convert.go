package csv

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
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
			x, ok = parse8(binary.LittleEndian.Uint64(buf[at:]), n)
		} else if n > 8 && n <= 16 {
			var y uint64
			x, ok = parse8(binary.LittleEndian.Uint64(buf[at:]), n-8)
			if ok {
				y, ok = parse8(binary.LittleEndian.Uint64(buf[e-8:]), 8)
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

// parse8 reads the n ≤ 8 digits at the low bytes of w.
func parse8(w uint64, n int) (uint64, bool) {
	sh := uint(64 - 8*n)
	w = w<<sh ^ 0x3030303030303030<<sh // digits at the top, zeros before them
	if (w+0x7676767676767676|w)&0x8080808080808080 != 0 {
		return 0, false
	}
	w = w*10 + w>>8
	return ((w&0x000000ff000000ff)*(100+1000000<<32) + (w>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32, true
}

var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

func (r *reader) readDecimals(k *chunk, row int, sel []int32) error {
	dst, buf, scale := vec.Values[int64](&r.v), k.buf, int(r.typ.S)
	limit := int64(pow10[r.typ.P])
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		at, neg := s, int64(0)
		if buf[at] == '-' {
			at, neg = at+1, -1
		}
		x, ok := parseFixed(buf, at, e, scale)
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

// parseFixed reads the unsigned number buf[at:e] at a scale, if it is short and has no more digits than that behind the point.
func parseFixed(buf []byte, at, e, scale int) (uint64, bool) {
	whole, frac := e-at, scale
	if point := e - 1 - scale; scale > 0 && point > at && buf[point] == '.' {
		whole = point - at
	} else if frac = 0; whole > 1 && buf[e-1] <= '9' {
		for j := e - 1; j > at && j >= e-scale; j-- {
			if buf[j] == '.' {
				whole, frac = j-at, e-1-j
				break
			}
		}
	}
	if whole <= 0 || whole > 8 || frac > 8 || scale > 8 {
		return 0, false
	}
	x, ok := parse8(binary.LittleEndian.Uint64(buf[at:]), whole)
	if frac == 0 || !ok {
		return x * pow10[scale], ok && e-at == whole
	}
	y, ok := parse8(binary.LittleEndian.Uint64(buf[e-frac:]), frac)
	return x*pow10[scale] + y*pow10[scale-frac], ok
}

func (r *reader) readDoubles(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[float64](&r.v), k.buf
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if f, ok := parseShortFloat(buf[s:max(s, e)]); ok {
			dst[i] = f
			continue
		}
		if err := r.slow(k, row, int(i), s, e); err != nil {
			return err
		}
	}
	return nil
}

var pow10f = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseShortFloat reads a number of at most 15 digits without exponent or needless zeros: mantissa and power of ten are exact, so
// that one division rounds right.
func parseShortFloat(b []byte) (float64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 16 || b[0] == '.' || b[0] == '0' && len(b) > 1 && b[1] != '.' {
		return 0, false
	}
	var m uint64
	frac, digits := -1, 0
	for j, c := range b {
		if d := c - '0'; d <= 9 {
			m = m*10 + uint64(d)
			digits++
		} else if c == '.' && frac < 0 {
			frac = len(b) - 1 - j
		} else {
			return 0, false
		}
	}
	if digits > 15 || frac == 0 {
		return 0, false
	}
	f := float64(m)
	if frac > 0 {
		f /= pow10f[frac]
	}
	if neg {
		f = -f
	}
	return f, true
}

func (r *reader) readDates(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[int32](&r.v), k.buf
	custom := r.s.t.conf.dateFormat != ""
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if e-s == 10 && !custom {
			if d, ok := parseDay(binary.LittleEndian.Uint64(buf[s:]), binary.LittleEndian.Uint16(buf[s+8:])); ok {
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

const firstYear, years = 1900, 200

// monthStarts has the day on which each month from 1900 on begins.
var monthStarts = func() (t [years*12 + 1]int32) {
	for i := range t {
		t[i] = int32(kernel.CivilToDays(firstYear, 1+i, 1))
	}
	return t
}()

// parseDay reads YYYY-MM-DD of the years 1900 to 2099, given as its first eight bytes and the rest.
func parseDay(a uint64, b uint16) (int32, bool) {
	a ^= 0x2d30302d30303030
	w := uint64(b ^ 0x3030)
	if (a+0x7f76767f76767676|a|(w+0x7676)|w)&0x8080808080808080 != 0 {
		return 0, false
	}
	y := (a&255)*1000 + (a>>8&255)*100 + (a>>16&255)*10 + a>>24&255
	m := (a>>40&255)*10 + a>>48&255 - 1
	d := int32((w&255)*10+w>>8) - 1
	at := (y-firstYear)*12 + m
	if y-firstYear >= years || m >= 12 || d < 0 {
		return 0, false
	}
	day := monthStarts[at] + d
	return day, day < monthStarts[at+1]
}

func (r *reader) readStamps(k *chunk, row int, sel []int32) error {
	dst, buf := vec.Values[int64](&r.v), k.buf
	custom := r.s.t.conf.stampFormat != ""
	for _, i := range sel {
		s, e := k.span(row+int(i), r.col)
		if e-s == 19 && !custom && buf[s+10]|' '|'T' == ' '|'T' {
			d, ok := parseDay(binary.LittleEndian.Uint64(buf[s:]), binary.LittleEndian.Uint16(buf[s+8:]))
			t, good := parseClock(binary.LittleEndian.Uint64(buf[s+11:]))
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

// parseClock reads HH:MM:SS.
func parseClock(a uint64) (int64, bool) {
	a ^= 0x30303a30303a3030
	if (a+0x76767f76767f7676|a)&0x8080808080808080 != 0 {
		return 0, false
	}
	h, m, s := (a&255)*10+a>>8&255, (a>>24&255)*10+a>>32&255, (a>>48&255)*10+a>>56
	return int64(h*3600+m*60+s) * kernel.MicrosPerSecond, h < 24 && m < 60 && s < 60
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
	g := guessOf(r.typ)
	g.add(val, t.conf)
	var text []byte
	for j := row; j < k.rows; j++ {
		s, e := k.span(j, r.col)
		if e <= s || string(k.buf[s:e]) == `\N` || r.isNull(k.buf[s:e]) {
			continue
		}
		text, _ = t.d.plain(text[:0], k.buf[s:e])
		g.add(text, t.conf)
	}
	to := g.typ()
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
