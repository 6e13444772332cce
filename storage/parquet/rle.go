package parquet

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/parquet-go/bitpack"

	"github.com/skep-sql/skep/exec/vec"
)

// padding is the number of readable bytes behind every buffer that is unpacked from.
const padding = 32

var (
	errShort  = errors.New("data ends too early")
	errCode   = errors.New("dictionary code out of range")
	errLevels = errors.New("levels do not fit the schema")
	errWidth  = errors.New("bit width out of range")
	errLength = errors.New("a length runs past the page")
	errDelta  = errors.New("broken delta encoding")
)

// rleReader reads the hybrid of runs and bit-packed groups. buf has padding readable bytes behind end.
type rleReader struct {
	buf    []byte
	end    int
	pos    int
	width  uint
	left   int // values left in the run
	packed bool
	val    uint32
	bit    int // next value of a packed run, in bits from buf's start
}

// reset starts at buf[:n]; buf has padding bytes more.
func (r *rleReader) reset(buf []byte, n int, width uint) error {
	if width > 32 {
		return errWidth
	}
	*r = rleReader{buf: buf[:n+padding], end: n, width: width}
	return nil
}

// run reads the header of the next run, which has at least one value.
func (r *rleReader) run() error {
	for r.left == 0 {
		h, n := binary.Uvarint(r.buf[r.pos:r.end])
		if n <= 0 {
			return errShort
		}
		r.pos += n
		r.packed = h&1 != 0
		if r.packed {
			if err := r.packedRun(h >> 1); err != nil {
				return err
			}
			continue
		}
		w := int(r.width+7) / 8
		if r.pos+w > r.end {
			return errShort
		}
		r.val = binary.LittleEndian.Uint32(r.buf[r.pos:]) & uint32(1<<(8*uint(w))-1)
		if r.width < 32 && r.val>>r.width != 0 {
			return errWidth
		}
		r.pos += w
		r.left = int(min(h>>1, 1<<40))
	}
	return nil
}

func (r *rleReader) packedRun(groups uint64) error {
	r.bit = r.pos * 8
	if r.width == 0 {
		r.left = int(min(groups, 1<<36)) * 8
		return nil
	}
	most := uint64(r.end - r.pos)
	if groups*uint64(r.width) <= most && groups < 1<<32 {
		r.left = int(groups) * 8
		r.pos += int(groups) * int(r.width)
		return nil
	}
	r.left = int(most * 8 / uint64(r.width)) // some writers cut off the last group
	r.pos = r.end
	if r.left == 0 {
		return errShort
	}
	return nil
}

// read fills dst.
func (r *rleReader) read(dst []int32) error {
	for len(dst) > 0 {
		if r.left == 0 {
			if err := r.run(); err != nil {
				return err
			}
		}
		n := min(r.left, len(dst))
		if r.packed {
			r.unpack(dst[:n])
		} else {
			v := int32(r.val)
			d := dst[:n]
			for i := range d {
				d[i] = v
			}
		}
		r.left -= n
		dst = dst[n:]
	}
	return nil
}

func (r *rleReader) unpack(dst []int32) {
	if r.width == 0 {
		clear(dst)
		return
	}
	for len(dst) > 0 && r.bit&7 != 0 {
		dst[0] = int32(binary.LittleEndian.Uint64(r.buf[r.bit>>3:]) >> (uint(r.bit) & 7) & (1<<r.width - 1))
		dst = dst[1:]
		r.bit += int(r.width)
	}
	if len(dst) > 0 {
		bitpack.Unpack(dst, r.buf[r.bit>>3:], r.width)
		r.bit += len(dst) * int(r.width)
	}
}

// skip passes n values.
func (r *rleReader) skip(n int) error {
	for n > 0 {
		if r.left == 0 {
			if err := r.run(); err != nil {
				return err
			}
		}
		k := min(r.left, n)
		if r.packed {
			r.bit += k * int(r.width)
		}
		r.left -= k
		n -= k
	}
	return nil
}

// ones passes n values and tells true, if all are 1 and lie in the current run; else it moves nothing. The width is 1.
func (r *rleReader) ones(n int) (bool, error) {
	if r.left == 0 {
		if err := r.run(); err != nil {
			return false, err
		}
	}
	if r.packed || r.val != 1 || r.left < n {
		return false, nil
	}
	r.left -= n
	return true, nil
}

// bits writes n values of width 1 to dst from bit at on, and counts the ones. dst may be nil.
func (r *rleReader) bits(dst vec.Bitmap, at, n int) (ones int, err error) {
	for n > 0 {
		if r.left == 0 {
			if err := r.run(); err != nil {
				return ones, err
			}
		}
		k := min(r.left, n, 32)
		w := -uint64(r.val & 1)
		if r.packed {
			w = binary.LittleEndian.Uint64(r.buf[r.bit>>3:]) >> (uint(r.bit) & 7)
			r.bit += k
		}
		w &= 1<<uint(k) - 1
		ones += bits.OnesCount64(w)
		if dst != nil {
			putBits(dst, at, w, k)
		}
		r.left -= k
		n -= k
		at += k
	}
	return ones, nil
}

// putBits overwrites k ≤ 32 bits of dst from bit at on.
func putBits(dst vec.Bitmap, at int, w uint64, k int) {
	mask := uint64(1)<<uint(k) - 1
	i, sh := at>>6, uint(at)&63
	dst[i] = dst[i]&^(mask<<sh) | w<<sh
	if sh+uint(k) > 64 {
		dst[i+1] = dst[i+1]&^(mask>>(64-sh)) | w>>(64-sh)
	}
}

// onlyRuns tells whether b is a few run headers and nothing else, as it must be where values take no bits. Encoders make runs
// of equal values: a bit-packed run longer than the 63 groups that they collect at most is the mark of a broken page.
func onlyRuns(b []byte) bool {
	for len(b) > 0 {
		h, n := binary.Uvarint(b)
		if n <= 0 || h <= 1 || h&1 != 0 && h>>1 > 64 {
			return false
		}
		b = b[n:]
	}
	return true
}
