package parquet

import (
	"encoding/binary"
	"math"
	"os"

	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// fileMeta is what the footer says, as far as a reader wants it. Byte slices share the footer's memory.
type fileMeta struct {
	version   int32
	schema    []schemaElement
	rows      int64
	groups    []rowGroup
	createdBy string
	orders    []bool // per leaf: min_value and max_value follow the type's order
}

type schemaElement struct {
	name      string
	typ       int32 // -1: a group
	typeLen   int32
	rep       int32 // -1: the root
	children  int32
	converted int32 // -1: none
	scale     int32
	precision int32
	fieldID   int32
	hasID     bool
	logical   logicalType
}

// logicalType is a union member's number, 0 = none, with its parameters.
type logicalType struct {
	id        int
	scale     int32
	precision int32
	utc       bool
	unit      int // 1 ms, 2 µs, 3 ns
	bits      int8
	signed    bool
}

type rowGroup struct {
	chunks []chunkMeta
	rows   int64
	bytes  int64 // uncompressed
}

type chunkMeta struct {
	typ          int32
	codec        format.CompressionCodec
	values       int64
	uncompressed int64
	compressed   int64
	dataOff      int64
	dictOff      int64
	bloomOff     int64
	bloomLen     int32
	offsetIndex  span
	columnIndex  span
	stats        statistics
	encodings    uint32 // bit set
	dictOnly     bool   // the page statistics say that every data page is dictionary coded
	encrypted    bool
	elsewhere    bool // in another file
}

// span is a place in the file.
type span struct{ off, n int64 }

// statistics of a chunk; nil slices and -1 mean missing.
type statistics struct {
	min, max           []byte
	oldMin, oldMax     []byte
	nulls              int64
	distinct           int64
	minExact, maxExact bool
}

const magic = "PAR1"

// maxFooter bounds the footer's size, whatever the file's.
const maxFooter = 1 << 30

// readFooter reads and parses the footer.
func readFooter(h *os.File, size int64, path string) (*fileMeta, error) {
	if size < 12 {
		return nil, malformed(path, "", "too small for a Parquet file (%d bytes)", size)
	}
	tail := make([]byte, min(size, 1<<16))
	if _, err := h.ReadAt(tail, size-int64(len(tail))); err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", path)
	}
	end := tail[len(tail)-8:]
	if string(end[4:]) == "PARE" {
		return nil, sqlerr.New(sqlerr.Unsupported, "%s is an encrypted Parquet file", path)
	}
	if string(end[4:]) != magic {
		return nil, malformed(path, "", "no Parquet file: it does not end with PAR1")
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if n > size-12 || n > maxFooter {
		return nil, malformed(path, "", "footer of %d bytes in a file of %d", n, size)
	}
	if n+8 > int64(len(tail)) {
		tail = make([]byte, n+8)
		if _, err := h.ReadAt(tail, size-n-8); err != nil {
			return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", path)
		}
	}
	r := &thriftReader{b: tail[int64(len(tail))-n-8 : len(tail)-8]}
	m := &fileMeta{}
	m.parse(r)
	if r.bad {
		return nil, malformed(path, "", "footer cannot be parsed at byte %d", r.p)
	}
	return m, nil
}

func malformed(path, column, msg string, args ...any) error {
	where := path
	if column != "" {
		where += ", column " + column
	}
	e := sqlerr.New(sqlerr.Data, msg, args...)
	e.Msg = where + ": malformed Parquet: " + e.Msg
	return e
}

func (m *fileMeta) parse(r *thriftReader) {
	r.fields(tStruct, func(id int, t byte) bool {
		switch id {
		case 1:
			return r.aside(t, &m.version)
		case 2:
			r.list(t, func(t byte) { m.schema = append(m.schema, parseElement(r, t)) })
		case 3:
			m.rows = r.i64(t)
		case 4:
			r.list(t, func(t byte) { m.groups = append(m.groups, parseGroup(r, t)) })
		case 6:
			m.createdBy = string(r.bytes(t))
		case 7:
			r.list(t, func(t byte) {
				typed := false
				r.fields(t, func(id int, _ byte) bool { typed = typed || id == 1; return false })
				m.orders = append(m.orders, typed)
			})
		default:
			return false
		}
		return true
	})
}

func parseElement(r *thriftReader, t byte) schemaElement {
	e := schemaElement{typ: -1, rep: -1, converted: -1}
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			e.typ = r.i32(t) & math.MaxInt32 // a negative one becomes an unknown one
		case 2:
			e.typeLen = r.i32(t)
		case 3:
			e.rep = r.i32(t)
		case 4:
			e.name = string(r.bytes(t))
		case 5:
			e.children = r.i32(t)
		case 6:
			e.converted = r.i32(t)
		case 7:
			e.scale = r.i32(t)
		case 8:
			e.precision = r.i32(t)
		case 9:
			e.hasID = r.aside(t, &e.fieldID)
			return e.hasID
		case 10:
			e.logical = parseLogical(r, t)
		default:
			return false
		}
		return true
	})
	return e
}

func parseLogical(r *thriftReader, t byte) logicalType {
	var l logicalType
	r.fields(t, func(id int, t byte) bool {
		l.id = id
		r.fields(t, func(id int, t byte) bool {
			switch {
			case l.id == 5 && id == 1:
				l.scale = r.i32(t)
			case l.id == 5 && id == 2:
				l.precision = r.i32(t)
			case (l.id == 7 || l.id == 8) && id == 1:
				l.utc = r.bool(t)
			case (l.id == 7 || l.id == 8) && id == 2:
				r.fields(t, func(id int, _ byte) bool { l.unit = id; return false })
			case l.id == 10 && id == 1:
				l.bits = int8(r.i64(t))
			case l.id == 10 && id == 2:
				l.signed = r.bool(t)
			default:
				return false
			}
			return true
		})
		return true
	})
	return l
}

func parseGroup(r *thriftReader, t byte) rowGroup {
	var g rowGroup
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			r.list(t, func(t byte) { g.chunks = append(g.chunks, parseChunk(r, t)) })
		case 2:
			if t != tI64 {
				return false
			}
			g.bytes = r.i64(t)
		case 3:
			g.rows = r.i64(t)
		default:
			return false
		}
		return true
	})
	return g
}

func parseChunk(r *thriftReader, t byte) chunkMeta {
	c := chunkMeta{typ: -1, stats: statistics{nulls: -1, distinct: -1}}
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			c.elsewhere = len(r.bytes(t)) > 0
		case 3:
			parseColumnMeta(r, t, &c)
		case 4:
			c.offsetIndex.off = r.i64(t)
		case 5:
			c.offsetIndex.n = r.i64(t)
		case 6:
			c.columnIndex.off = r.i64(t)
		case 7:
			c.columnIndex.n = r.i64(t)
		case 8:
			c.encrypted = true
			return false
		default:
			return false
		}
		return true
	})
	return c
}

func parseColumnMeta(r *thriftReader, t byte, c *chunkMeta) {
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			c.typ = r.i32(t)
		case 2:
			r.list(t, func(t byte) { c.encodings |= 1 << uint(r.i32(t)&31) })
		case 4:
			c.codec = format.CompressionCodec(r.i32(t))
		case 5:
			c.values = r.i64(t)
		case 6:
			c.uncompressed = r.i64(t)
		case 7:
			c.compressed = r.i64(t)
		case 9:
			c.dataOff = r.i64(t)
		case 11:
			c.dictOff = r.i64(t)
		case 12:
			parseStatistics(r, t, &c.stats)
		case 13:
			c.dictOnly = true
			r.list(t, func(t byte) { parseEncodingStats(r, t, c) })
		case 14:
			c.bloomOff = r.i64(t)
		case 15:
			return r.aside(t, &c.bloomLen)
		default:
			return false
		}
		return true
	})
}

func parseEncodingStats(r *thriftReader, t byte, c *chunkMeta) {
	var page, enc int32
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			page = r.i32(t)
		case 2:
			enc = r.i32(t)
		default:
			return false
		}
		return true
	})
	data := page == int32(format.DataPage) || page == int32(format.DataPageV2)
	if data && enc != int32(plainDictionary) && enc != int32(format.RLEDictionary) {
		c.dictOnly = false
	}
}

func parseStatistics(r *thriftReader, t byte, s *statistics) {
	r.fields(t, func(id int, t byte) bool {
		switch id {
		case 1:
			s.oldMax = r.bytes(t)
		case 2:
			s.oldMin = r.bytes(t)
		case 3:
			s.nulls = r.i64(t)
		case 4:
			s.distinct = r.i64(t)
		case 5:
			s.max = r.bytes(t)
		case 6:
			s.min = r.bytes(t)
		case 7:
			s.maxExact = r.bool(t)
		case 8:
			s.minExact = r.bool(t)
		default:
			return false
		}
		return true
	})
}

// pageHeader is a page's header, v1 or v2.
type pageHeader struct {
	typ          format.PageType
	uncompressed int32
	compressed   int32
	crc          int32
	hasCRC       bool
	values       int32
	nulls        int32
	rows         int32
	encoding     format.Encoding
	defEncoding  format.Encoding
	repEncoding  format.Encoding
	defBytes     int32 // v2
	repBytes     int32 // v2
	plain        bool  // v2: not compressed
}

// parsePageHeader reads a page header from the start of b and tells its length.
func parsePageHeader(b []byte) (h pageHeader, n int, short, ok bool) {
	h.typ, h.values = -1, -1
	r := &thriftReader{b: b}
	r.fields(tStruct, func(id int, t byte) bool {
		switch id {
		case 1:
			h.typ = format.PageType(r.i32(t))
		case 2:
			h.uncompressed = r.i32(t)
		case 3:
			h.compressed = r.i32(t)
		case 4:
			h.crc, h.hasCRC = int32(r.i64(t)), true
		case 5, 7:
			r.fields(t, func(id int, t byte) bool { return h.v1Field(r, id, t) })
		case 8:
			r.fields(t, func(id int, t byte) bool { return h.v2Field(r, id, t) })
		default:
			return false
		}
		return true
	})
	return h, r.p, r.short, !r.bad
}

func (h *pageHeader) v1Field(r *thriftReader, id int, t byte) bool {
	if t == tTrue || t == tFalse {
		return false // is_sorted of a dictionary page
	}
	switch id {
	case 1:
		h.values = r.i32(t)
	case 2:
		h.encoding = format.Encoding(r.i32(t))
	case 3:
		h.defEncoding = format.Encoding(r.i32(t))
	case 4:
		h.repEncoding = format.Encoding(r.i32(t))
	default:
		return false
	}
	return true
}

func (h *pageHeader) v2Field(r *thriftReader, id int, t byte) bool {
	switch id {
	case 1:
		h.values = r.i32(t)
	case 2:
		h.nulls = r.i32(t)
	case 3:
		h.rows = r.i32(t)
	case 4:
		h.encoding = format.Encoding(r.i32(t))
	case 5:
		h.defBytes = r.i32(t)
	case 6:
		h.repBytes = r.i32(t)
	case 7:
		h.plain = !r.bool(t)
	default:
		return false
	}
	return true
}
