package fs

import (
	"bytes"
	"compress/bzip2"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Compression is a stream compression of whole files.
type Compression uint8

// The compressions.
const (
	Plain Compression = iota
	Gzip
	Zstd
	Bzip2
)

// CompressionNames are the names that ParseCompression knows.
var CompressionNames = []string{"none", "gzip", "zstd", "bzip2", "auto"}

// ParseCompression reads the name of a compression; auto is not one of them.
func ParseCompression(name string) (Compression, bool) {
	switch strings.ToLower(name) {
	case "none", "uncompressed", "":
		return Plain, true
	case "gzip", "gz":
		return Gzip, true
	case "zstd", "zst":
		return Zstd, true
	case "bzip2", "bz2":
		return Bzip2, true
	}
	return Plain, false
}

// CompressionOf tells the compression from the ending of a name.
func CompressionOf(path string) Compression {
	c, _ := ParseCompression(strings.TrimPrefix(filepath.Ext(path), "."))
	return c
}

// DetectCompression tells the compression from the first bytes of a file.
func DetectCompression(head []byte) Compression {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return Zstd
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 9 && string(head[4:10]) == "1AY&SY":
		return Bzip2
	}
	return Plain
}

// maxWindow bounds the memory that a Zstandard frame may ask for.
const maxWindow = 256 << 20

// Decompress gives the plain bytes of r. Closing it does not close r.
func Decompress(c Compression, r io.Reader) (io.ReadCloser, error) {
	switch c {
	case Gzip:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, sqlerr.Wrap(sqlerr.Data, err, "broken gzip file")
		}
		return z, nil
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, sqlerr.Wrap(sqlerr.Data, err, "broken zstd file")
		}
		return z.IOReadCloser(), nil
	case Bzip2:
		return io.NopCloser(bzip2.NewReader(r)), nil
	}
	return io.NopCloser(r), nil
}

// Compress gives a writer whose bytes arrive in w compressed. Closing it ends the stream and does not close w.
func Compress(c Compression, w io.Writer) (io.WriteCloser, error) {
	switch c {
	case Gzip:
		return gzip.NewWriter(w), nil
	case Zstd:
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	case Bzip2:
		return nil, sqlerr.New(sqlerr.Unsupported, "writing bzip2 is not supported").WithHint("gzip and zstd are")
	}
	return plainWriter{w}, nil
}

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }
