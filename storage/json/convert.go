package json

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage/textval"
)

// reader converts one column. It belongs to one cursor.
type reader struct {
	c       *cursor
	slot    int
	name    string
	typ     types.Type
	guessed bool
	v       vec.Vector
	text    []byte // strings whose escapes are undone
	vals    jsonval.Reader
	nested  *jsonval.Builder // of types that are nested
	rows    *vec.Builder     // its rows
	bad     func(i int, why string, val []byte)
}

func newReader(c *cursor, col, slot int) *reader {
	f := &c.s.cols[col]
	r := &reader{c: c, slot: slot, name: f.Name, typ: f.Type, guessed: f.guessed}
	r.vals = jsonval.Reader{Scanner: &c.sc, Loc: c.s.loc}
	if f.guessed {
		r.vals.Fits = fits
	}
	if f.Type.IsNested() {
		r.rows = vec.NewBuilder(f.Type)
		r.nested = jsonval.NewBuilder(&r.vals, r.rows, f.Type)
	}
	return r
}

// read converts the rows sel of the n rows found.
func (r *reader) read(n int, sel []int32) error {
	if r.nested != nil {
		return r.readNested(n, sel)
	}
	r.v.Reset(r.typ, n)
	switch r.typ.Kind {
	case types.BigInt:
		return readInts(r, vec.Values[int64](&r.v), -1<<63, 1<<63-1, sel)
	case types.Integer:
		return readInts(r, vec.Values[int32](&r.v), -1<<31, 1<<31-1, sel)
	case types.Decimal:
		if r.typ.P <= 18 {
			return r.readDecimals(sel)
		}
	case types.Double:
		return r.readDoubles(sel)
	case types.Date:
		return r.readDates(sel)
	case types.Timestamp:
		return r.readStamps(sel)
	case types.Varchar, types.JSON:
		if r.typ.N == 0 {
			return r.readText(sel)
		}
	}
	for _, i := range sel {
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) span(i int32) jsonval.Span { return r.c.spans[int(i)*r.c.slots+r.slot] }

func readInts[T int32 | int64](r *reader, dst []T, lo, hi int64, sel []int32) error {
	buf := r.c.sc.Buf
	for _, i := range sel {
		at, e := r.span(i).At()
		neg := int64(0)
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
		if v := (int64(x) ^ neg) - neg; ok && v >= lo && v <= hi {
			dst[i] = T(v)
			continue
		}
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDecimals(sel []int32) error {
	dst, buf, scale := vec.Values[int64](&r.v), r.c.sc.Buf, int(r.typ.S)
	limit := int64(textval.Pow10[r.typ.P])
	for _, i := range sel {
		at, e := r.span(i).At()
		neg := int64(0)
		if buf[at] == '-' {
			at, neg = at+1, -1
		}
		if x, ok := textval.ParseFixed(buf, at, e, scale); ok && int64(x) < limit {
			dst[i] = (int64(x) ^ neg) - neg
			continue
		}
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDoubles(sel []int32) error {
	dst, buf := vec.Values[float64](&r.v), r.c.sc.Buf
	for _, i := range sel {
		s, e := r.span(i).At()
		if f, ok := textval.ParseShortFloat(buf[s:e]); ok {
			dst[i] = f
			continue
		}
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readDates(sel []int32) error {
	dst, buf := vec.Values[int32](&r.v), r.c.sc.Buf
	for _, i := range sel {
		s, e := r.span(i).At()
		if e-s == 12 && buf[s] == '"' {
			if d, ok := textval.ParseDay(binary.LittleEndian.Uint64(buf[s+1:]), binary.LittleEndian.Uint16(buf[s+9:])); ok {
				dst[i] = d
				continue
			}
		}
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readStamps(sel []int32) error {
	dst, buf := vec.Values[int64](&r.v), r.c.sc.Buf
	for _, i := range sel {
		s, e := r.span(i).At()
		if e-s == 21 && buf[s] == '"' && (buf[s+11] == ' ' || buf[s+11] == 'T') {
			d, ok := textval.ParseDay(binary.LittleEndian.Uint64(buf[s+1:]), binary.LittleEndian.Uint16(buf[s+9:]))
			t, good := textval.ParseClock(binary.LittleEndian.Uint64(buf[s+12:]))
			if ok && good {
				dst[i] = int64(d)*kernel.MicrosPerDay + t
				continue
			}
		}
		if err := r.slow(int(i)); err != nil {
			return err
		}
	}
	return nil
}

// readText makes views of strings, into the chunk's buffer where they are long; of other values it takes the text.
func (r *reader) readText(sel []int32) error {
	buf := r.c.sc.Buf
	r.v.Bufs = append(r.v.Bufs[:0], buf, nil)
	r.text = r.text[:0]
	dst := vec.Values[[2]uint64](&r.v)
	plain := r.typ.Kind == types.Varchar
	for _, i := range sel {
		sp := r.span(i)
		s, e := sp.At()
		switch {
		case e == 0 || buf[s] == 'n':
			r.v.SetNull(int(i))
			dst[i] = [2]uint64{}
			continue
		case sp.End&jsonval.Foreign != 0 && !utf8.Valid(buf[s:e]), r.guessed && plain && (buf[s] == '{' || buf[s] == '['):
			if err := r.slow(int(i)); err != nil {
				return err
			}
			continue
		case plain && buf[s] == '"':
			if sp.Start&jsonval.Escaped != 0 {
				at := len(r.text)
				r.text = jsonval.Unescape(r.text, buf[s+1:e-1])
				v := vec.View{}
				if b := r.text[at:]; len(b) <= vec.InlineMax {
					v = vec.InlineView(b)
				} else {
					v = vec.RefView(b, 1, uint32(at))
				}
				dst[i] = *(*[2]uint64)(unsafe.Pointer(&v))
				continue
			}
			s, e = s+1, e-1
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

// readNested converts the rows sel of the n rows found.
func (r *reader) readNested(n int, sel []int32) error {
	b := r.rows
	b.Reset()
	for k := 0; k <= len(sel); k++ {
		row := n
		if k < len(sel) {
			row = int(sel[k])
		}
		for b.Len() < row {
			b.AppendNull()
		}
		if k == len(sel) {
			break
		}
		if why := r.nested.Add(r.span(int32(row))); why != "" {
			if err := r.failed(row, why); err != nil {
				return err
			}
		}
	}
	r.v.Ref(b.Vector())
	return nil
}

// slow converts any value into row i.
func (r *reader) slow(i int) error {
	sp := r.span(int32(i))
	s, e := sp.At()
	if e == 0 || r.c.sc.Buf[s] == 'n' {
		r.v.SetNull(i)
		return nil
	}
	why := r.vals.Parse(sp, r.typ, &r.v, i)
	if why == "" {
		return nil
	}
	return r.failed(i, why)
}

// failed handles the value of row i, which is none of the type.
func (r *reader) failed(i int, why string) error {
	s, e := r.span(int32(i)).At()
	val := r.c.sc.Buf[s:e]
	if r.bad != nil {
		r.bad(i, why, val)
		return nil
	}
	record := int(r.c.starts[i])
	if r.guessed && !strings.HasSuffix(why, jsonval.NotUTF8) {
		return r.c.disproved(record, s, "column "+r.name+": "+cut(val, 200)+" is no "+r.typ.String()+", which was guessed from samples",
			"column "+r.name+": "+cut(val, 100)+" is no "+r.typ.String()+"; the column widens",
			"types => {'"+r.name+"': 'VARCHAR'} says a type beforehand; sample_size => -1 looks at the whole file first")
	}
	line, col := r.c.k.where(s, r.c.s.before(r.c.k))
	err := dataError(r.c.s.t.file.Path, line, col, "column %s: %s is no %s: %s", r.name, cut(val, 200), r.typ, why)
	err.Data = r.c.k.excerpt(s, line)
	return err.WithHint("ignore_errors => true sets such records aside; a column declared as JSON takes any value")
}

// fits tells whether a scalar is a value of a guessed type without loss; b is what a string says.
func fits(t types.Type, first byte, b []byte) bool {
	switch {
	case t.Kind == types.Varchar:
		return true
	case first == '"':
		if t.IsTemporal() {
			g := textGuess(b)
			return textval.Fits(t, g.Can, 0, 0)
		}
		return t.Kind == types.Double && isNaN(b)
	case first == 't' || first == 'f':
		return t.Kind == types.Boolean
	}
	g := numberGuess(b)
	return t.IsNumeric() && textval.Fits(t, g.Can, g.Whole, g.Frac)
}
