package parquet

import (
	"hash/crc32"
	"unsafe"

	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/exec/vec"
)

const (
	// maxPage bounds a decompressed page.
	maxPage = 1<<31 - 1<<12
	// chunkSlack is how much longer than it says a chunk may be: old writers forgot the dictionary's page header.
	chunkSlack = 100
	// maxHeader bounds a page header.
	maxHeader = 1 << 24
	// readAhead is read behind a page, so that the next header comes along.
	readAhead = 512
	// smallChunk is read at once.
	smallChunk = 128 << 10
	// maxDictValues is the largest dictionary of fixed-width values that vectors keep; values of larger ones are copied out.
	maxDictValues = 1 << 13
)

// plainDictionary is the older name of dictionary codes, which files still use.
const plainDictionary format.Encoding = 2

type pageKind uint8

const (
	pageFixed pageKind = iota // raw holds values of the leaf's width
	pageBytes                 // raw holds byte arrays behind their lengths
	pageDict                  // codes
)

// page is the data page that a chunkReader stands in. Its buffers are used again for the next one.
type page struct {
	left     int // entries not yet read: rows of a flat column, else levels
	loaded   bool
	kind     pageKind
	nullable bool // defs has something to say (flat columns)
	defs     rleReader
	dict     rleReader
	raw      []byte
	pos      int

	reps, dlevels []int32 // nested columns: the page's levels
	at            int     // next entry there

	body, scratch []byte
	ints, more    []int64
	codes         []int32
	res           func(n int) error // asks for memory
}

// scratchFor gives n bytes, padded behind.
func (p *page) scratchFor(n int) ([]byte, error) {
	b, err := p.grow(p.scratch, n)
	p.scratch = b
	return b, err
}

// grow gives n bytes with padding readable bytes behind, in buf's memory if it is large enough.
func (p *page) grow(buf []byte, n int) ([]byte, error) {
	if n < 0 || n > maxPage {
		return buf[:0], errLength
	}
	if cap(buf) < n+padding {
		size := n
		if n < 64<<20 {
			size += n / 8
		}
		if err := p.res(size - cap(buf)); err != nil {
			return buf[:0], err
		}
		w := make([]uint64, (size+padding+7)/8)
		buf = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)
	}
	return buf[:n], nil
}

func (p *page) codeScratch(n int) []int32 {
	if cap(p.codes) < n {
		p.codes = make([]int32, max(n, vec.BatchSize))
	}
	return p.codes[:n]
}

// chunkReader walks the pages of one column chunk. It is used again for the next one.
type chunkReader struct {
	f    *file
	leaf *leaf
	meta *chunkMeta
	// nested: levels are kept as arrays, whatever they are
	nested bool

	off, end   int64 // the next page header, the end of the chunk
	valuesLeft int64 // of the pages to come
	hdr        pageHeader
	body       int64 // where the current page's bytes lie
	page       page

	win    []byte // bytes of the file from winOff on
	winOff int64
	winBuf []byte

	dictVals *vec.Vector
	dict     *vec.Dictionary // of the chunk, when vectors may keep it
	owned    vec.Vector      // dictVals, when they may not
	lost     int64           // timestamps that lost their nanoseconds
}

func (c *chunkReader) fail(err error) error { return c.f.fail(c.leaf.name, err) }

func (c *chunkReader) bad(msg string, args ...any) error {
	return malformed(c.f.path, c.leaf.name, msg, args...)
}

// open starts at the beginning of a chunk.
func (c *chunkReader) open(m *chunkMeta) error {
	if err := c.f.checkChunk(c.leaf, m); err != nil {
		return err
	}
	c.meta = m
	c.off = m.start()
	c.end = min(c.off+m.compressed+chunkSlack, c.f.size-8)
	c.valuesLeft = m.values
	c.page.left, c.page.loaded = 0, false
	c.dictVals, c.dict = nil, nil
	c.win = c.win[:0]
	return nil
}

func (m *chunkMeta) start() int64 {
	if m.dictOff > 0 && m.dictOff < m.dataOff {
		return m.dictOff
	}
	return m.dataOff
}

// peek gives at least n bytes of the chunk from off on, fewer at its end.
func (c *chunkReader) peek(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), c.end-off))
	if d := off - c.winOff; d >= 0 && d+int64(n) <= int64(len(c.win)) {
		return c.win[d:], nil
	}
	if rest := c.end - off; rest <= smallChunk {
		n = int(rest)
	}
	buf, err := c.page.grow(c.winBuf, n)
	c.winBuf, c.win = buf, buf[:0]
	if err != nil {
		return nil, err
	}
	if err := c.f.readAt(buf, off); err != nil {
		return nil, err
	}
	c.win, c.winOff = buf, off
	return buf, nil
}

// next goes to the next data page, without reading more than its header.
func (c *chunkReader) next() error {
	for {
		if c.valuesLeft <= 0 || c.off >= c.end {
			return c.bad("pages end before the %d values that the footer says", c.meta.values)
		}
		if err := c.header(); err != nil {
			return err
		}
		h := &c.hdr
		c.off = c.body + int64(h.compressed)
		switch h.typ {
		case format.DictionaryPage:
			if c.dictVals != nil {
				return c.bad("two dictionary pages")
			}
			if err := c.loadDict(); err != nil {
				return c.fail(err)
			}
		case format.DataPage, format.DataPageV2:
			if int64(h.values) > c.valuesLeft {
				return c.bad("page of %d values where %d are left", h.values, c.valuesLeft)
			}
			if h.typ == format.DataPageV2 && (h.nulls < 0 || h.nulls > h.values || c.leaf.def == 0 && h.nulls > 0) {
				return c.bad("page of %d values with %d NULLs", h.values, h.nulls)
			}
			c.valuesLeft -= int64(h.values)
			if h.values == 0 {
				continue
			}
			c.page.left, c.page.loaded = int(h.values), false
			return nil
		}
	}
}

// header reads and checks the page header at off.
func (c *chunkReader) header() error {
	for n := readAhead; ; n *= 8 {
		b, err := c.peek(c.off, n)
		if err != nil {
			return c.fail(err)
		}
		h, size, short, ok := parsePageHeader(b)
		if !ok {
			if short && int64(len(b)) < c.end-c.off && n < maxHeader {
				continue
			}
			return c.bad("page header at byte %d cannot be parsed", c.off)
		}
		c.hdr, c.body = h, c.off+int64(size)
		data := h.typ != format.IndexPage
		if h.compressed < 0 || h.uncompressed < 0 || h.uncompressed > maxPage || data && h.values < 0 ||
			c.body+int64(h.compressed) > c.end {
			return c.bad("page at byte %d claims %d values in %d bytes (%d compressed)", c.off, h.values, h.uncompressed, h.compressed)
		}
		if !data {
			return nil
		}
		codec := c.meta.codec
		if h.typ == format.DataPageV2 && (h.plain || int64(h.defBytes)+int64(h.repBytes) == int64(h.uncompressed)) {
			codec = -1
		}
		if h.typ == format.DataPageV2 && (h.defBytes < 0 || h.repBytes < 0 ||
			int64(h.defBytes)+int64(h.repBytes) > int64(min(h.compressed, h.uncompressed))) {
			return c.bad("page at byte %d has impossible levels", c.off)
		}
		if !plausible(codec, int(h.compressed), int(h.uncompressed)) {
			return c.bad("page at byte %d: %d bytes cannot become %d", c.off, h.compressed, h.uncompressed)
		}
		return nil
	}
}

// bytes reads the current page and decompresses it: the levels of a v2 page, which are never compressed, stay in front.
func (c *chunkReader) bytes() ([]byte, error) {
	h := &c.hdr
	src, err := c.peek(c.body, int(h.compressed)+readAhead)
	if err != nil {
		return nil, err
	}
	if len(src) < int(h.compressed) {
		return nil, errShort
	}
	src = src[:h.compressed]
	if h.hasCRC && crc32.ChecksumIEEE(src) != uint32(h.crc) {
		return nil, c.bad("page at byte %d: its checksum is wrong", c.body)
	}
	front := 0
	if h.typ == format.DataPageV2 {
		front = int(h.defBytes + h.repBytes)
	}
	if c.meta.codec == format.Uncompressed || h.typ == format.DataPageV2 && h.plain {
		if h.compressed != h.uncompressed {
			return nil, errDecompress
		}
		return src, nil
	}
	if doubtful(int(h.compressed), int(h.uncompressed)) {
		if err := c.f.room(int64(h.uncompressed)); err != nil {
			return nil, err
		}
		if err := c.f.dec.measure(c.meta.codec, src[front:], int64(h.uncompressed)-int64(front)); err != nil {
			return nil, err
		}
	}
	body, err := c.page.grow(c.page.body, int(h.uncompressed))
	c.page.body = body
	if err != nil {
		return nil, err
	}
	copy(body[:front], src)
	if front == len(body) {
		return body, nil
	}
	return body, c.f.dec.decompress(c.meta.codec, body[front:], src[front:])
}

// loadDict reads the dictionary page.
func (c *chunkReader) loadDict() error {
	b, err := c.bytes()
	if err != nil {
		return err
	}
	n, l := int(c.hdr.values), c.leaf
	if l.width > 0 && l.conv != cBool && n > len(b)/l.width || l.width == 0 && n > len(b)/4 || n > 8*len(b) {
		return c.bad("dictionary of %d values in %d bytes", n, len(b))
	}
	keep := l.width == 0 || l.conv == cBytes || l.conv == cUUID || n <= maxDictValues
	v := &c.owned
	if keep {
		v = &vec.Vector{}
	}
	if n == 0 { // the codes of NULLs are 0
		v.Reset(l.typ, 1)
		clear(vec.Values[uint8](v))
	} else if err := c.dictValues(v, b, n, keep); err != nil {
		return err
	}
	c.dictVals = v
	if keep {
		c.dict = vec.NewDictionary(v)
	}
	return nil
}

func (c *chunkReader) dictValues(v *vec.Vector, b []byte, n int, keep bool) error {
	l := c.leaf
	v.Reset(l.typ, n)
	if l.conv == cBool {
		if err := c.page.unpackBools(b, n); err != nil {
			return err
		}
		b = c.page.raw
	}
	if l.conv == cBytes {
		if keep {
			b = append(make([]byte, 0, len(b)), b...)
		}
		v.Bufs = append(v.Bufs[:0], b)
	}
	if l.width > 0 {
		c.lost += int64(l.fixed(v, 0, b, n, 0, 0))
		return nil
	}
	_, err := l.variable(v, 0, b, n, 0, 0)
	return err
}

// load makes the current page ready to be read.
func (c *chunkReader) load() error {
	b, err := c.bytes()
	if err != nil {
		return err
	}
	p, h, l := &c.page, &c.hdr, c.leaf
	p.loaded, p.nullable, p.at, p.pos = true, false, 0, 0
	var reps, defs []byte
	if h.typ == format.DataPageV2 {
		reps, defs = b[:h.repBytes], b[h.repBytes:h.repBytes+h.defBytes]
		b = b[h.repBytes+h.defBytes:]
	} else {
		if l.rep > 0 {
			if reps, b, err = splitLevels(b, h.repEncoding); err != nil {
				return err
			}
		}
		if l.def > 0 {
			if defs, b, err = splitLevels(b, h.defEncoding); err != nil {
				return err
			}
		}
	}
	values := p.left
	if c.nested {
		values, err = c.nestedLevels(reps, defs)
	} else if l.def == 1 {
		p.nullable = true
		err = p.defs.reset(defs, len(defs), 1)
	}
	if err != nil {
		return err
	}
	return c.values(b, values)
}

// splitLevels splits off the levels of a v1 page.
func splitLevels(b []byte, e format.Encoding) (lv, rest []byte, err error) {
	if e != format.RLE || len(b) < 4 {
		return nil, nil, errLevels
	}
	n := uint64(le.Uint32(b))
	if n > uint64(len(b)-4) {
		return nil, nil, errLength
	}
	return b[4 : 4+n], b[4+n:], nil
}

// nestedLevels decodes the levels of a page and counts the values.
func (c *chunkReader) nestedLevels(reps, defs []byte) (values int, err error) {
	p, l, n := &c.page, c.leaf, c.page.left
	if p.reps, err = levelArray(p.reps, reps, n, l.rep); err != nil {
		return 0, err
	}
	if p.dlevels, err = levelArray(p.dlevels, defs, n, l.def); err != nil {
		return 0, err
	}
	for _, d := range p.dlevels {
		if d == int32(l.def) {
			values++
		}
	}
	return values, nil
}

func levelArray(dst []int32, b []byte, n int, most int16) ([]int32, error) {
	if most > 0 && n > 1<<28 {
		return nil, errLength
	}
	if cap(dst) < n {
		dst = make([]int32, n)
	}
	dst = dst[:n]
	if most == 0 {
		clear(dst)
		return dst, nil
	}
	var r rleReader
	if err := r.reset(b, len(b), bitWidth(int(most))); err != nil {
		return dst, err
	}
	if err := r.read(dst); err != nil {
		return dst, err
	}
	for _, x := range dst {
		if x > int32(most) {
			return dst, errLevels
		}
	}
	return dst, nil
}

// values prepares the n values in b, encoded as the header says. Of a flat column with NULLs n counts these too.
func (c *chunkReader) values(b []byte, n int) (err error) {
	p, l := &c.page, c.leaf
	p.kind = pageFixed
	if l.width == 0 {
		p.kind = pageBytes
	}
	if l.conv == cBool && p.nullable {
		defs := p.defs
		if n, err = defs.bits(nil, 0, n); err != nil {
			return err
		}
	}
	bytesPhys := l.phys == format.ByteArray
	intPhys := l.phys == format.Int32 || l.phys == format.Int64
	switch e := c.hdr.encoding; {
	case e == plainDictionary || e == format.RLEDictionary:
		p.kind = pageDict
		if c.dictVals == nil {
			return c.bad("dictionary codes without a dictionary")
		}
		if len(b) == 0 {
			b = make([]byte, 1, 1+padding)
		}
		if b[0] == 0 && !onlyRuns(b[1:]) {
			return errWidth
		}
		return p.dict.reset(b[1:], len(b)-1, uint(b[0]))
	case e == format.Plain && l.conv == cBool:
		return p.unpackBools(b, n)
	case e == format.Plain:
		p.raw = b
		return nil
	case e == format.RLE && l.conv == cBool:
		return p.runBools(b, n)
	case e == format.DeltaBinaryPacked && intPhys:
		return p.deltaPlain(b, n, l.width)
	case e == format.DeltaLengthByteArray && bytesPhys:
		return p.deltaLengths(b, n)
	case e == format.DeltaByteArray && (bytesPhys || l.phys == format.FixedLenByteArray):
		return p.deltaStrings(b, n, l.width)
	case e == format.ByteStreamSplit && l.width > 1:
		return p.splitStreams(b, l.width)
	default:
		return c.bad("encoding %s of physical type %s is not supported", e, l.phys)
	}
}
