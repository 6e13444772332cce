package parquet

import (
	"unsafe"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// column reads one column of the table, row group by row group, forwards.
type column interface {
	// start goes to the first row of a row group.
	start(g *rowGroup) error
	// skip passes n rows; nothing is read for it before the next read.
	skip(n int64)
	// read gives the next n rows, valid until the next call.
	read(n int) (*vec.Vector, error)
	// lostNanos counts timestamps that were cut to microseconds.
	lostNanos() int64
}

// flatCol is a column without nesting.
type flatCol struct {
	chunkReader
	pending int64
	own     vec.Vector // memory of its own
	view    vec.Vector // memory of the page
	tmp     vec.Vector
	null    vec.Vector // all rows NULL
}

func (c *flatCol) lostNanos() int64 { return c.lost }

func (c *flatCol) start(g *rowGroup) error {
	c.pending = 0
	return c.open(&g.chunks[c.leaf.index])
}

func (c *flatCol) skip(n int64) { c.pending += n }

// settle makes the reader stand in a loaded page with rows left, behind what is to be skipped.
func (c *flatCol) settle() error {
	p := &c.page
	for p.left == 0 || c.pending >= int64(p.left) {
		c.pending -= int64(p.left)
		p.left = 0
		if err := c.next(); err != nil {
			return err
		}
	}
	if !p.loaded {
		if err := c.load(); err != nil {
			return c.fail(err)
		}
	}
	n := int(c.pending)
	if n == 0 {
		return nil
	}
	c.pending = 0
	p.left -= n
	if p.nullable {
		var err error
		if n, err = p.defs.bits(nil, 0, n); err != nil {
			return c.fail(err)
		}
	}
	if err := c.skipDense(n); err != nil {
		return c.fail(err)
	}
	return nil
}

func (c *flatCol) read(n int) (*vec.Vector, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	var v *vec.Vector
	var err error
	if c.page.left >= n {
		v, err = c.one(n)
	} else {
		v, err = c.many(n)
	}
	if err != nil {
		return nil, c.fail(err)
	}
	return v, nil
}

// validity reads the definition levels of n rows into v from row off on and gives the number of values.
func (c *flatCol) validity(v *vec.Vector, off, n int) (int, error) {
	p := &c.page
	if !p.nullable {
		return n, nil
	}
	if all, err := p.defs.ones(n); all || err != nil {
		return n, err
	}
	none := v.Valid == nil
	k, err := p.defs.bits(v.MakeValid(), off, n)
	if none && k == n {
		v.Valid = nil
	}
	return k, err
}

// one reads n rows that lie in the current page.
func (c *flatCol) one(n int) (*vec.Vector, error) {
	p, l, v := &c.page, c.leaf, &c.own
	p.left -= n
	dict := p.kind == pageDict && c.dict != nil
	if dict {
		v.ResetDict(l.typ, c.dict, n)
	} else {
		v.Reset(l.typ, n)
	}
	k, err := c.validity(v, 0, n)
	if err != nil {
		return nil, err
	}
	if k == 0 {
		return c.allNull(n), nil
	}
	if dict {
		if err := c.codes(v.Codes()[:k]); err != nil {
			return nil, err
		}
		spread(v, 0, n, k)
		return v, nil
	}
	if l.conv == cCopy && k == n && p.kind == pageFixed {
		if b := c.borrow(n); b != nil {
			return b, nil
		}
	}
	if err := c.dense(v, 0, k); err != nil {
		return nil, err
	}
	spread(v, 0, n, k)
	return v, nil
}

// borrow shows n values in place, if they are aligned.
func (c *flatCol) borrow(n int) *vec.Vector {
	p, w := &c.page, c.leaf.width
	if n*w > len(p.raw)-p.pos || uintptr(unsafe.Pointer(&p.raw[p.pos]))%uintptr(w) != 0 {
		return nil
	}
	c.view.Borrow(c.leaf.typ, n, p.raw[p.pos:p.pos+n*w], nil, nil)
	p.pos += n * w
	return &c.view
}

func (c *flatCol) allNull(n int) *vec.Vector {
	if c.null.Len == 0 {
		c.null.Reset(c.leaf.typ, 1)
		clear(vec.Values[uint8](&c.null))
		c.null.SetConst(1)
		c.null.SetNull(0)
	}
	c.null.Len = n
	return &c.null
}

// many reads n rows that lie in several pages: as codes as long as pages have codes, else as values in the vector's own memory.
func (c *flatCol) many(n int) (*vec.Vector, error) {
	l, v := c.leaf, &c.own
	codes := c.page.kind == pageDict && c.dict != nil
	if codes {
		v.ResetDict(l.typ, c.dict, n)
	} else {
		v.Reset(l.typ, n)
	}
	for at := 0; at < n; {
		if err := c.settle(); err != nil {
			return nil, err
		}
		if codes && c.page.kind != pageDict {
			codes = false
			c.unfold(v, at)
		}
		k := min(n-at, c.page.left)
		if err := c.piece(v, at, k); err != nil {
			return nil, err
		}
		c.page.left -= k
		at += k
	}
	return v, nil
}

func (c *flatCol) piece(v *vec.Vector, at, n int) error {
	k, err := c.validity(v, at, n)
	switch {
	case err != nil:
		return err
	case v.Form == vec.Dict:
		err = c.codes(v.Codes()[at : at+k])
	case v.Phys() == types.PView:
		err = c.copyStrings(v, at, k)
	default:
		err = c.dense(v, at, k)
	}
	if err == nil {
		spread(v, at, n, k)
	}
	return err
}

// copyStrings reads k strings of the page and copies them, since the next page will take its memory.
func (c *flatCol) copyStrings(v *vec.Vector, at, k int) error {
	c.tmp.Reset(c.leaf.typ, k)
	if err := c.dense(&c.tmp, 0, k); err != nil {
		return err
	}
	for i := range k {
		v.SetBytes(at+i, c.tmp.Bytes(i))
	}
	return nil
}

// unfold turns v, whose first n rows have codes, into a flat vector.
func (c *flatCol) unfold(v *vec.Vector, n int) {
	codes := c.page.codeScratch(n)
	copy(codes, v.Codes())
	valid := v.Valid
	v.Reset(c.leaf.typ, v.Len)
	v.Valid = valid
	if v.Phys() != types.PView {
		gatherValues(v, 0, c.dictVals, codes)
		return
	}
	for i, code := range codes {
		v.SetBytes(i, c.dictVals.Bytes(int(code)))
	}
}
