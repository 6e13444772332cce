package parquet

import (
	"encoding/hex"
	"math"
	"strings"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// chunkEncoder writes column chunks. Its buffers are used again for each.
type chunkEncoder struct {
	w     *writer
	comp  compressor
	group *format.RowGroup
	lost  int64 // intervals that lost their microseconds

	idx, def []int32
	dense    vec.Vector
	dict     dictEncoder
	first    []int32
	raw      []byte // PLAIN values of fixed width; booleans a byte each
	page     []byte
}

// chunk is the state of one chunk.
type chunk struct {
	leaf  *wleaf
	v     *vec.Vector // the values without NULLs
	rep   []int32     // nil: all 0
	def   []int32     // nil: all values are there
	coded bool        // codes are in the dictionary encoder
	width uint        // of the codes
	meta  format.ColumnMetaData
	index chunkIndex
	all   valueBounds
	pages int32
}

// chunk writes n entries, whose values are those of v, as a column chunk.
func (e *chunkEncoder) chunk(l *wleaf, v *vec.Vector, rep, def []int32, n int) error {
	c := &chunk{leaf: l, v: v, rep: rep, def: def}
	c.meta = format.ColumnMetaData{Type: l.phys, PathInSchema: l.path, Codec: e.comp.codec, NumValues: int64(n)}
	c.index = chunkIndex{group: len(e.w.meta.RowGroups), col: len(e.group.Columns), ordered: true}
	start := e.w.off
	if err := e.prepare(c); err != nil {
		return err
	}
	if c.coded {
		c.meta.DictionaryPageOffset = e.w.off
		if err := e.dictPage(c); err != nil {
			return err
		}
	}
	c.meta.DataPageOffset = e.w.off
	for from, value := 0, 0; from < n; {
		to, values := c.cut(from, value, n)
		if err := e.dataPage(c, from, to, value, value+values); err != nil {
			return err
		}
		from, value = to, value+values
	}
	e.finish(c, start, int64(n-v.Len))
	return e.w.err
}

// cut finds the end of the page that begins at entry from and gives the number of its values.
func (c *chunk) cut(from, value, n int) (to, values int) {
	size := 0
	strings := c.leaf.width == 0 && !c.coded
	for to = from; to < n; to++ {
		if to-from >= pageRows || size > pageSize {
			if c.rep == nil || c.rep[to] == 0 {
				break
			}
		}
		if c.def == nil || c.def[to] == c.leaf.def {
			if strings {
				size += 4 + int(vec.Values[vec.View](c.v)[value+values].Len)
			}
			values++
		}
	}
	return to, values
}

// prepare makes codes, or PLAIN values of fixed width, of the chunk's values.
func (e *chunkEncoder) prepare(c *chunk) error {
	v, l := c.v, c.leaf
	switch {
	case l.typ.Kind == types.Null || v.Len == 0:
		return nil
	case l.width == 0:
		e.first, c.coded = e.dict.strings(v.Len, v.Bytes, e.first)
	case v.Phys() == types.PI32:
		c.coded = fixedDict(&e.dict, vec.Values[int32](v))
	case v.Phys() == types.PI64 || v.Phys() == types.PF64:
		c.coded = fixedDict(&e.dict, vec.Values[int64](v))
	}
	if c.coded {
		c.width = bitWidth(len(e.dict.keys) - 1)
		return nil
	}
	if l.width == 0 {
		return nil
	}
	return e.plain(l, v)
}

// plain makes the PLAIN values of a fixed-width type.
func (e *chunkEncoder) plain(l *wleaf, v *vec.Vector) error {
	raw := e.raw[:0]
	switch {
	case v.Phys() == types.PBool:
		raw = append(raw, vec.Values[uint8](v)...)
	case v.Phys() == types.PI32:
		raw = append(raw, asBytes(vec.Values[int32](v))...)
	case l.typ.Kind == types.Real:
		for _, x := range vec.Values[float64](v) {
			raw = le.AppendUint32(raw, math.Float32bits(float32(x)))
		}
	case l.typ.Kind == types.UInteger:
		for _, x := range vec.Values[int64](v) {
			raw = le.AppendUint32(raw, uint32(x))
		}
	case v.Phys() == types.PI64 || v.Phys() == types.PF64:
		raw = append(raw, asBytes(vec.Values[int64](v))...)
	case l.typ.Kind == types.UBigInt:
		for _, x := range vec.Values[vec.Int128](v) {
			if x.Hi != 0 {
				return sqlerr.New(sqlerr.Internal, "column %s: a UBIGINT of more than 64 bits", l.path[0])
			}
			raw = le.AppendUint64(raw, x.Lo)
		}
	case v.Phys() == types.PI128:
		for _, x := range vec.Values[vec.Int128](v) {
			raw = appendBig(raw, x)
		}
	case l.typ.Kind == types.UUID:
		for i := range v.Len {
			var ok bool
			if raw, ok = appendUUID(raw, v.Bytes(i)); !ok {
				return sqlerr.New(sqlerr.Data, "column %s: %q is no UUID", l.path[0], v.Bytes(i))
			}
		}
	case l.typ.Kind == types.Interval:
		for _, x := range vec.Values[vec.IntervalValue](v) {
			ms := x.Micros / 1000
			if x.Months < 0 || x.Days < 0 || x.Micros < 0 || ms > math.MaxUint32 {
				return sqlerr.New(sqlerr.Data, "column %s: Parquet holds no interval that is negative or has more than 49 days in hours",
					l.path[0])
			}
			if ms*1000 != x.Micros {
				e.lost++
			}
			raw = le.AppendUint32(le.AppendUint32(le.AppendUint32(raw, uint32(x.Months)), uint32(x.Days)), uint32(ms))
		}
	}
	e.raw = raw
	return nil
}

func appendBig(raw []byte, x vec.Int128) []byte {
	for s := 56; s >= 0; s -= 8 {
		raw = append(raw, byte(x.Hi>>s))
	}
	for s := 56; s >= 0; s -= 8 {
		raw = append(raw, byte(x.Lo>>s))
	}
	return raw
}

func appendUUID(raw, text []byte) ([]byte, bool) {
	s := strings.ReplaceAll(string(text), "-", "")
	if len(s) != 32 {
		return raw, false
	}
	out, err := hex.AppendDecode(raw, []byte(s))
	return out, err == nil
}

func (e *chunkEncoder) dictPage(c *chunk) error {
	page := e.page[:0]
	switch {
	case c.leaf.width == 0:
		for _, i := range e.first {
			s := c.v.Bytes(int(i))
			page = append(le.AppendUint32(page, uint32(len(s))), s...)
		}
	case c.leaf.typ.Kind == types.Real:
		for _, k := range e.dict.keys {
			page = le.AppendUint32(page, math.Float32bits(float32(math.Float64frombits(k))))
		}
	case c.leaf.width == 4:
		for _, k := range e.dict.keys {
			page = le.AppendUint32(page, uint32(k))
		}
	default:
		for _, k := range e.dict.keys {
			page = le.AppendUint64(page, k)
		}
	}
	e.page = page
	h := format.PageHeader{Type: format.DictionaryPage}
	h.DictionaryPageHeader = thrift.New(format.DictionaryPageHeader{NumValues: int32(len(e.dict.keys)), Encoding: format.Plain})
	_, err := e.put(c, &h)
	return err
}

// put compresses and writes e.page behind its header, and tells how many bytes both take.
func (e *chunkEncoder) put(c *chunk, h *format.PageHeader) (int, error) {
	out, err := e.comp.compress(e.page)
	if err != nil {
		return 0, sqlerr.Wrap(sqlerr.Internal, err, "cannot compress a Parquet page")
	}
	if len(e.page) > maxPage {
		return 0, sqlerr.New(sqlerr.Limit, "column %s: a page of %d bytes", c.leaf.path[0], len(e.page))
	}
	h.UncompressedPageSize, h.CompressedPageSize = int32(len(e.page)), int32(len(out))
	n := e.w.thrift(h)
	e.w.put(out)
	c.meta.TotalUncompressedSize += int64(n + len(e.page))
	c.meta.TotalCompressedSize += int64(n + len(out))
	return n + len(out), nil
}

// dataPage writes the entries from…to, whose values are va…vb.
func (e *chunkEncoder) dataPage(c *chunk, from, to, va, vb int) error {
	l := c.leaf
	page := e.page[:0]
	if l.rep > 0 {
		page = appendLevels(page, c.rep[from:to], l.rep)
	}
	if l.def > 0 {
		def := c.def
		if def == nil { // one run of ones
			page = append(page, 0, 0, 0, 0)
			at := len(page)
			page = append(appendRun(page, to-from), 1)
			le.PutUint32(page[at-4:], uint32(len(page)-at))
		} else {
			page = appendLevels(page, def[from:to], l.def)
		}
	}
	encoding := format.Plain
	switch {
	case c.coded:
		encoding = format.RLEDictionary
		page = appendRLE(append(page, byte(c.width)), e.dict.codes[va:vb], c.width)
	case l.typ.Kind == types.Null || va == vb:
	case l.width == 0:
		for i := va; i < vb; i++ {
			s := c.v.Bytes(i)
			page = append(le.AppendUint32(page, uint32(len(s))), s...)
		}
	case l.phys == format.Boolean:
		page = appendBools(page, e.raw[va:vb])
	default:
		page = append(page, e.raw[va*l.width:vb*l.width]...)
	}
	e.page = page
	h := format.PageHeader{Type: format.DataPage}
	h.DataPageHeader = thrift.New(format.DataPageHeader{NumValues: int32(to - from), Encoding: encoding,
		DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})
	at := e.w.off
	n, err := e.put(c, &h)
	if err != nil {
		return err
	}
	c.pages++
	e.indexPage(c, from, to, va, vb, at, n)
	return nil
}

// appendRun writes the header of a run of n values.
func appendRun(dst []byte, n int) []byte {
	x := uint64(n) << 1
	for ; x >= 0x80; x >>= 7 {
		dst = append(dst, byte(x)|0x80)
	}
	return append(dst, byte(x))
}

func (e *chunkEncoder) indexPage(c *chunk, from, to, va, vb int, at int64, size int) {
	var b valueBounds
	b.add(c.leaf, c.v, va, vb)
	c.all.merge(c.leaf, &b)
	if c.leaf.rep > 0 {
		c.index.ordered = false
		return
	}
	lo, hi := b.bytes(c.leaf)
	x := &c.index
	null := va == vb
	x.ordered = x.ordered && (null || lo != nil)
	x.column.NullPages = append(x.column.NullPages, null)
	x.column.MinValues = append(x.column.MinValues, lo)
	x.column.MaxValues = append(x.column.MaxValues, hi)
	x.column.NullCounts = append(x.column.NullCounts, int64(to-from-(vb-va)))
	x.offset.PageLocations = append(x.offset.PageLocations,
		format.PageLocation{Offset: at, CompressedPageSize: int32(size), FirstRowIndex: int64(from)})
}

// finish adds the chunk to its row group.
func (e *chunkEncoder) finish(c *chunk, start, nulls int64) {
	m := &c.meta
	m.Statistics.NullCount = nulls
	m.Statistics.MinValue, m.Statistics.MaxValue = c.all.bytes(c.leaf)
	m.Encoding = []format.Encoding{format.RLE, format.Plain}
	data := format.Plain
	if c.coded {
		data = format.RLEDictionary
		m.Encoding = append(m.Encoding, data)
		m.EncodingStats = append(m.EncodingStats, format.PageEncodingStats{PageType: format.DictionaryPage, Count: 1})
	}
	m.EncodingStats = append(m.EncodingStats, format.PageEncodingStats{PageType: format.DataPage, Encoding: data, Count: c.pages})
	e.group.Columns = append(e.group.Columns, format.ColumnChunk{FileOffset: start, MetaData: *m})
	e.group.TotalByteSize += m.TotalUncompressedSize
	e.group.TotalCompressedSize += m.TotalCompressedSize
	if c.leaf.rep == 0 {
		e.w.index = append(e.w.index, c.index)
	}
}
