package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

var errDecompress = errors.New("a compressed page does not have the size that its header says")

// decompressor turns compressed pages into plain ones. It belongs to one goroutine and keeps its decoders.
type decompressor struct {
	gz  *gzip.Reader
	zs  *zstd.Decoder
	br  *brotli.Reader
	src bytes.Reader
}

func (d *decompressor) close() {
	if d.zs != nil {
		d.zs.Close()
	}
}

// plausible tells whether n compressed bytes may become size bytes, as far as the codec has a bound.
func plausible(c format.CompressionCodec, n, size int) bool {
	switch c {
	case format.Uncompressed:
		return n == size
	case format.Snappy:
		return size <= 64*(n+1)
	case format.Gzip:
		return size <= 1100*(n+1)
	case format.Lz4, format.Lz4Raw:
		return size <= 300*(n+1)
	case format.Zstd:
		return size <= 1<<16*(n+1)
	}
	return true
}

// doubtful tells whether n bytes that claim to become size ones are to be measured before memory is given to them.
func doubtful(n, size int) bool { return size > 64<<20 && size/1000 > n }

// measure decompresses src without keeping it and holds it to its size, where the codec has no bound of its own.
func (d *decompressor) measure(c format.CompressionCodec, src []byte, size int64) error {
	d.src.Reset(src)
	var r io.Reader
	switch c {
	case format.Brotli:
		r = brotli.NewReader(&d.src)
	case format.Zstd:
		z, err := zstd.NewReader(&d.src, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	default:
		return nil
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r, size+1))
	if err == nil && n != size {
		return errDecompress
	}
	return err
}

// decompress fills dst exactly.
func (d *decompressor) decompress(c format.CompressionCodec, dst, src []byte) error {
	if len(dst) == 0 && len(src) == 0 {
		return nil
	}
	switch c {
	case format.Uncompressed:
		if len(dst) != len(src) {
			return errDecompress
		}
		copy(dst, src)
		return nil
	case format.Snappy:
		n, err := snappy.DecodedLen(src)
		if err != nil || n != len(dst) {
			return errDecompress
		}
		_, err = snappy.Decode(dst, src)
		return err
	case format.Zstd:
		return d.zstd(dst, src)
	case format.Gzip:
		return d.gzip(dst, src)
	case format.Brotli:
		d.src.Reset(src)
		if d.br == nil {
			d.br = brotli.NewReader(&d.src)
		} else if err := d.br.Reset(&d.src); err != nil {
			return err
		}
		return full(d.br, dst)
	case format.Lz4Raw:
		n, err := lz4.UncompressBlock(src, dst)
		if err == nil && n != len(dst) {
			return errDecompress
		}
		return err
	case format.Lz4:
		if hadoopLZ4(dst, src) {
			return nil
		}
		n, err := lz4.UncompressBlock(src, dst)
		if err == nil && n != len(dst) {
			return errDecompress
		}
		return err
	}
	return fmt.Errorf("codec %s is not supported", c)
}

func full(r io.Reader, dst []byte) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		return err
	}
	var one [1]byte
	if n, err := r.Read(one[:]); n != 0 || err != nil && err != io.EOF {
		return errDecompress
	}
	return nil
}

func (d *decompressor) zstd(dst, src []byte) (err error) {
	if d.zs == nil {
		d.zs, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true),
			zstd.WithDecoderMaxMemory(maxPage))
		if err != nil {
			return err
		}
	}
	out, err := d.zs.DecodeAll(src, dst[:0:len(dst)])
	if err == nil && len(out) != len(dst) {
		return errDecompress
	}
	return err
}

func (d *decompressor) gzip(dst, src []byte) (err error) {
	d.src.Reset(src)
	if d.gz == nil {
		d.gz, err = gzip.NewReader(&d.src)
	} else {
		err = d.gz.Reset(&d.src)
	}
	if err != nil {
		return err
	}
	return full(d.gz, dst)
}

// hadoopLZ4 decodes Hadoop's framing: blocks, each behind its two big-endian sizes.
func hadoopLZ4(dst, src []byte) bool {
	for len(src) >= 8 {
		want, n := int(binary.BigEndian.Uint32(src)), int(binary.BigEndian.Uint32(src[4:]))
		if want > len(dst) || n > len(src)-8 {
			return false
		}
		got, err := lz4.UncompressBlock(src[8:8+n], dst[:want])
		if err != nil || got != want {
			return false
		}
		dst, src = dst[want:], src[8+n:]
	}
	return len(dst) == 0 && len(src) == 0
}
