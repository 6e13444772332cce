package parquet

import (
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

func asBytes[T any](s []T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z)))
}

// checkCodes tells whether every code is at least 0 and below n: the sign of a difference says so without a branch.
func checkCodes(codes []int32, n int) error {
	most := int32(n - 1)
	var a, b int32
	i := 0
	for ; i+4 <= len(codes); i += 4 {
		q := codes[i : i+4 : i+4]
		a |= (most - q[0]) | q[0] | (most - q[1]) | q[1]
		b |= (most - q[2]) | q[2] | (most - q[3]) | q[3]
	}
	for _, c := range codes[i:] {
		a |= (most - c) | c
	}
	if a|b < 0 {
		return errCode
	}
	return nil
}

// codes reads n dictionary codes.
func (c *chunkReader) codes(dst []int32) error {
	r := &c.page.dict
	if err := r.read(dst); err != nil {
		return err
	}
	n := c.dictVals.Len
	if r.width < 31 && n >= 1<<r.width {
		return nil
	}
	return checkCodes(dst, n)
}

// dense reads n values of the loaded page, without NULLs, to rows off… of v, which is flat. Strings are not copied: v's
// buffers become the page's or the dictionary's.
func (c *chunkReader) dense(v *vec.Vector, off, n int) error {
	p, l := &c.page, c.leaf
	switch p.kind {
	case pageDict:
		codes := p.codeScratch(n)
		if err := c.codes(codes); err != nil {
			return err
		}
		gatherValues(v, off, c.dictVals, codes)
		return nil
	case pageFixed:
		size := n * l.width
		if size > len(p.raw)-p.pos {
			return errShort
		}
		if l.conv == cBytes {
			v.Bufs = append(v.Bufs[:0], p.raw)
		}
		c.lost += int64(l.fixed(v, off, p.raw[p.pos:], n, 0, p.pos))
		p.pos += size
		return nil
	}
	if l.conv == cBytes {
		v.Bufs = append(v.Bufs[:0], p.raw)
	}
	k, err := l.variable(v, off, p.raw[p.pos:], n, 0, p.pos)
	p.pos += k
	return err
}

// skipDense passes n values of the loaded page.
func (c *chunkReader) skipDense(n int) (err error) {
	p := &c.page
	switch p.kind {
	case pageDict:
		return p.dict.skip(n)
	case pageFixed:
		if p.pos += n * c.leaf.width; p.pos > len(p.raw) {
			return errShort
		}
		return nil
	}
	k, err := skipVariable(p.raw[p.pos:], n)
	p.pos += k
	return err
}

func gatherValues(v *vec.Vector, off int, values *vec.Vector, codes []int32) {
	switch v.Phys() {
	case types.PBool:
		gather(vec.Values[uint8](v)[off:], vec.Values[uint8](values), codes)
	case types.PI32:
		gather(vec.Values[int32](v)[off:], vec.Values[int32](values), codes)
	case types.PI64, types.PF64:
		gather(vec.Values[int64](v)[off:], vec.Values[int64](values), codes)
	case types.PI128, types.PInterval:
		gather(vec.Values[vec.Int128](v)[off:], vec.Values[vec.Int128](values), codes)
	case types.PView:
		gather(vec.Values[vec.View](v)[off:], vec.Values[vec.View](values), codes)
		v.Bufs = append(v.Bufs[:0], values.Bufs...)
	}
}

func gather[T any](dst, src []T, codes []int32) {
	dst = dst[:len(codes)]
	for i, c := range codes {
		dst[i] = src[c]
	}
}

// spread moves the k values at rows off… of v to the valid rows among the n from off on; the others become zero.
func spread(v *vec.Vector, off, n, k int) {
	if k == n {
		return
	}
	if v.Form == vec.Dict {
		spreadValues(v.Codes()[off:off+n], v.Valid, off, k)
		return
	}
	switch v.Phys() {
	case types.PBool:
		spreadValues(vec.Values[uint8](v)[off:off+n], v.Valid, off, k)
	case types.PI32:
		spreadValues(vec.Values[int32](v)[off:off+n], v.Valid, off, k)
	case types.PI64, types.PF64:
		spreadValues(vec.Values[int64](v)[off:off+n], v.Valid, off, k)
	case types.PI128, types.PInterval, types.PView:
		spreadWide(vec.Values[vec.Int128](v)[off:off+n], v.Valid, off, k)
	}
}

func spreadValues[T uint8 | int32 | int64](d []T, valid vec.Bitmap, off, k int) {
	for i := len(d) - 1; i >= 0; i-- {
		b := int(valid[(off+i)>>6] >> (uint(off+i) & 63) & 1)
		k -= b
		d[i] = d[k] & T(-b)
	}
}

func spreadWide(d []vec.Int128, valid vec.Bitmap, off, k int) {
	for i := len(d) - 1; i >= 0; i-- {
		if valid.Get(off + i) {
			k--
			d[i] = d[k]
		} else {
			d[i] = vec.Int128{}
		}
	}
}
