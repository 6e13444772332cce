package parquet

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/bitpack"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// compressor turns pages into compressed ones. It keeps its encoders.
type compressor struct {
	codec format.CompressionCodec
	zs    *zstd.Encoder
	gz    *gzip.Writer
	br    *brotli.Writer
	lz    lz4.Compressor
	out   []byte
}

// compress gives src compressed; the result lives until the next call.
func (c *compressor) compress(src []byte) ([]byte, error) {
	switch c.codec {
	case format.Snappy:
		if n := snappy.MaxEncodedLen(len(src)); cap(c.out) < n {
			c.out = make([]byte, n)
		}
		return snappy.Encode(c.out[:cap(c.out)], src), nil
	case format.Zstd:
		if c.zs == nil {
			z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
			if err != nil {
				return nil, err
			}
			c.zs = z
		}
		c.out = c.zs.EncodeAll(src, c.out[:0])
		return c.out, nil
	case format.Gzip:
		buf := bytes.NewBuffer(c.out[:0])
		if c.gz == nil {
			c.gz = gzip.NewWriter(buf)
		} else {
			c.gz.Reset(buf)
		}
		return c.finish(buf, src, c.gz)
	case format.Brotli:
		buf := bytes.NewBuffer(c.out[:0])
		if c.br == nil {
			c.br = brotli.NewWriterLevel(buf, 4)
		} else {
			c.br.Reset(buf)
		}
		return c.finish(buf, src, c.br)
	case format.Lz4Raw:
		if n := lz4.CompressBlockBound(len(src)); cap(c.out) < n {
			c.out = make([]byte, n)
		}
		n, err := c.lz.CompressBlock(src, c.out[:cap(c.out)])
		return c.out[:n], err
	}
	return src, nil
}

func (c *compressor) finish(buf *bytes.Buffer, src []byte, w io.WriteCloser) ([]byte, error) {
	if _, err := w.Write(src); err != nil {
		return nil, err
	}
	err := w.Close()
	c.out = buf.Bytes()
	return c.out, err
}

// codecs by the names that the option compression takes.
func codecOf(name string) (format.CompressionCodec, bool) {
	switch name {
	case "snappy", "":
		return format.Snappy, true
	case "zstd":
		return format.Zstd, true
	case "gzip":
		return format.Gzip, true
	case "lz4", "lz4_raw":
		return format.Lz4Raw, true
	case "brotli":
		return format.Brotli, true
	case "none", "uncompressed":
		return format.Uncompressed, true
	}
	return 0, false
}

// minRun is the shortest run that is written as one.
const minRun = 16

// appendRLE encodes values of the given bit width as runs and bit-packed groups of eight.
func appendRLE(dst []byte, vals []int32, width uint) []byte {
	pending := 0 // start of what is not yet written: whole groups but for the end
	for i := 0; i < len(vals); {
		j := i + 1
		for j < len(vals) && vals[j] == vals[i] {
			j++
		}
		if j-i < minRun {
			i = j
			continue
		}
		if odd := (i - pending) & 7; odd != 0 { // the run fills up the last group
			i += 8 - odd
		}
		dst = appendPacked(dst, vals[pending:i], width)
		dst = binary.AppendUvarint(dst, uint64(j-i)<<1)
		for b := uint(0); b < width; b += 8 {
			dst = append(dst, byte(uint32(vals[i])>>b))
		}
		i, pending = j, j
	}
	return appendPacked(dst, vals[pending:], width)
}

// maxGroups is how many groups one packed run takes at most: its header stays a byte long.
const maxGroups = 63

func appendPacked(dst []byte, vals []int32, width uint) []byte {
	for len(vals) > 0 {
		n := min(len(vals), maxGroups*8)
		groups := (n + 7) / 8
		dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
		at := len(dst)
		size := groups * int(width)
		dst = append(dst, make([]byte, size+padding)...)
		if n&7 == 0 {
			bitpack.Pack(dst[at:], vals[:n], width)
		} else {
			var full [maxGroups * 8]int32
			copy(full[:], vals[:n])
			bitpack.Pack(dst[at:], full[:groups*8], width)
		}
		dst = dst[:at+size]
		vals = vals[n:]
	}
	return dst
}

// appendLevels encodes levels of at most most behind their length, as a v1 page wants them.
func appendLevels(dst []byte, levels []int32, most int32) []byte {
	at := len(dst)
	dst = appendRLE(append(dst, 0, 0, 0, 0), levels, bitWidth(int(most)))
	le.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// appendBools packs bytes 0 and 1 into bits.
func appendBools(dst, vals []byte) []byte {
	for len(vals) > 0 {
		var x byte
		for i, v := range vals[:min(8, len(vals))] {
			x |= v & 1 << i
		}
		dst = append(dst, x)
		vals = vals[min(8, len(vals)):]
	}
	return dst
}

// dictEncoder numbers distinct values. The table is open-addressed; a slot holds a code + 1.
type dictEncoder struct {
	slots []int32
	shift uint
	keys  []uint64 // of fixed values: the value; of strings: the hash
	codes []int32
}

func (d *dictEncoder) reset(rows int) {
	d.shift = 64 - 11
	if len(d.slots) != 1<<11 {
		d.slots = make([]int32, 1<<11)
	}
	clear(d.slots)
	d.keys = d.keys[:0]
	if cap(d.codes) < rows {
		d.codes = make([]int32, rows)
	}
	d.codes = d.codes[:rows]
}

const hashFactor = 0x9E3779B97F4A7C15

func (d *dictEncoder) grow() {
	d.shift--
	d.slots = make([]int32, 2*len(d.slots))
	for i, k := range d.keys {
		h := k * hashFactor >> d.shift
		for d.slots[h] != 0 {
			h = (h + 1) & uint64(len(d.slots)-1)
		}
		d.slots[h] = int32(i + 1)
	}
}

// tooMany tells whether a dictionary is no longer worth its while after n values.
func tooMany(distinct, n, total int) bool {
	return distinct > 1<<16 || n >= 4096 && distinct > n*3/4 || distinct > total/3+16
}

// fixed numbers values; false: there are too many different ones.
func fixedDict[T int32 | int64](d *dictEncoder, vals []T) bool {
	d.reset(len(vals))
	for i, v := range vals {
		key := uint64(v)
		h := key * hashFactor >> d.shift
		for {
			s := d.slots[h]
			if s == 0 {
				d.keys = append(d.keys, key)
				d.slots[h] = int32(len(d.keys))
				d.codes[i] = int32(len(d.keys) - 1)
				if tooMany(len(d.keys), i+1, len(vals)) {
					return false
				}
				if 2*len(d.keys) > len(d.slots) {
					d.grow()
				}
				break
			}
			if d.keys[s-1] == key {
				d.codes[i] = s - 1
				break
			}
			h = (h + 1) & uint64(len(d.slots)-1)
		}
	}
	return true
}

// stringHash mixes a string eight bytes a step.
func stringHash(b []byte) uint64 {
	h := uint64(len(b)) * hashFactor
	for ; len(b) >= 8; b = b[8:] {
		hi, lo := bits.Mul64(h^le.Uint64(b), 0xd6e8feb86659fd93)
		h = hi ^ lo
	}
	var last uint64
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	hi, lo := bits.Mul64(h^last, hashFactor)
	return hi ^ lo
}

// strings numbers n strings; first[i] becomes the first place of string i.
func (d *dictEncoder) strings(n int, at func(i int) []byte, first []int32) ([]int32, bool) {
	d.reset(n)
	first = first[:0]
	size := 0
	for i := range n {
		b := at(i)
		key := stringHash(b)
		h := key * hashFactor >> d.shift
		for {
			s := d.slots[h]
			if s == 0 {
				d.keys = append(d.keys, key)
				first = append(first, int32(i))
				size += len(b)
				d.slots[h] = int32(len(d.keys))
				d.codes[i] = int32(len(d.keys) - 1)
				if size > 4<<20 || tooMany(len(d.keys), i+1, n) {
					return first, false
				}
				if 2*len(d.keys) > len(d.slots) {
					d.grow()
				}
				break
			}
			if d.keys[s-1] == key && bytes.Equal(at(int(first[s-1])), b) {
				d.codes[i] = s - 1
				break
			}
			h = (h + 1) & uint64(len(d.slots)-1)
		}
	}
	return first, true
}

func writeError(err error) error {
	return sqlerr.Wrap(sqlerr.IO, err, "cannot write Parquet")
}
