package parquet

import (
	"github.com/skep-sql/skep/exec/vec"
)

// nestedCol is a column with lists, maps or structs. Every batch, the levels and values of each leaf are collected for the
// rows wanted, and the vectors are put together from these.
type nestedCol struct {
	f       *file
	root    *asm
	leaves  []*leafReader
	pending int64
}

// leafReader collects a leaf's levels and values.
type leafReader struct {
	chunkReader
	rep, def []int32
	vals     *vec.Builder
	tmp      vec.Vector
}

// asm builds the vector of a node.
type asm struct {
	n    *node
	kids []*asm
	leaf *leafReader // the node's leaf, or the first below it
	out  vec.Vector
	idx  []int32
}

func newNested(f *file, n *node) *nestedCol {
	c := &nestedCol{f: f}
	c.root = c.asm(n)
	return c
}

func (c *nestedCol) asm(n *node) *asm {
	a := &asm{n: n}
	switch n.shape {
	case shapeLeaf:
		a.leaf = &leafReader{vals: vec.NewBuilder(n.typ)}
		a.leaf.f, a.leaf.leaf, a.leaf.nested = c.f, n.leaf, true
		a.leaf.page.res = c.f.reserve
		c.leaves = append(c.leaves, a.leaf)
	case shapeList:
		a.kids = []*asm{c.asm(n.elem)}
	case shapeStruct:
		for _, k := range n.kids {
			a.kids = append(a.kids, c.asm(k))
		}
	}
	if a.leaf == nil {
		a.leaf = a.kids[0].leaf
	}
	return a
}

func (c *nestedCol) lostNanos() (n int64) {
	for _, l := range c.leaves {
		n += l.lost
	}
	return n
}

func (c *nestedCol) start(g *rowGroup) error {
	c.pending = 0
	for _, l := range c.leaves {
		if err := l.open(&g.chunks[l.leaf.index]); err != nil {
			return err
		}
	}
	return nil
}

func (c *nestedCol) skip(n int64) { c.pending += n }

func (c *nestedCol) read(n int) (*vec.Vector, error) {
	for _, l := range c.leaves {
		for left := c.pending; left > 0; left -= vec.BatchSize {
			if err := l.collect(int(min(left, vec.BatchSize))); err != nil {
				return nil, l.fail(err)
			}
		}
		if err := l.collect(n); err != nil {
			return nil, l.fail(err)
		}
	}
	c.pending = 0
	v, err := c.build(c.root, 0, 0)
	if err != nil {
		return nil, err
	}
	if v.Len != n {
		return nil, c.uneven(c.root)
	}
	return v, nil
}

// collect reads the levels and values of n rows.
func (l *leafReader) collect(n int) error {
	p := &l.page
	l.rep, l.def = l.rep[:0], l.def[:0]
	l.vals.Reset()
	rows := 0
	for {
		for p.left == 0 {
			if l.valuesLeft == 0 {
				if rows < n {
					return l.bad("column has fewer rows than its row group")
				}
				return nil
			}
			if err := l.next(); err != nil {
				return err
			}
		}
		if !p.loaded {
			if err := l.load(); err != nil {
				return err
			}
		}
		from, to, values := p.at, p.at, 0
		for ; to < len(p.reps); to++ {
			if p.reps[to] == 0 {
				if rows == n {
					break
				}
				rows++
			} else if rows == 0 {
				return errLevels
			}
			if p.dlevels[to] == int32(l.leaf.def) {
				values++
			}
		}
		if err := l.take(from, to, values); err != nil {
			return err
		}
		if p.left > 0 {
			return nil
		}
	}
}

func (l *leafReader) take(from, to, values int) error {
	p := &l.page
	l.rep = append(l.rep, p.reps[from:to]...)
	l.def = append(l.def, p.dlevels[from:to]...)
	p.left -= to - from
	p.at = to
	if values == 0 {
		return nil
	}
	l.tmp.Reset(l.leaf.typ, values)
	if err := l.dense(&l.tmp, 0, values); err != nil {
		return err
	}
	l.vals.Append(&l.tmp, nil)
	return nil
}

func (c *nestedCol) uneven(a *asm) error {
	return malformed(c.f.path, a.n.el.name, "the columns of a nested value have different lengths")
}

// build makes the vector of a's values. They are there where the definition level is at least def, and a new one begins where
// the repetition level is at most rep: these are the levels of the nearest list around.
func (c *nestedCol) build(a *asm, def, rep int32) (*vec.Vector, error) {
	switch a.n.shape {
	case shapeLeaf:
		return c.buildLeaf(a, def)
	case shapeList:
		return c.buildList(a, def, rep)
	}
	l, most := a.leaf, int32(a.n.def)
	n := 0
	for i, d := range l.def {
		if d >= def && l.rep[i] <= rep {
			n++
		}
	}
	a.out.Reset(a.n.typ, n)
	n = 0
	for i, d := range l.def {
		if d >= def && l.rep[i] <= rep {
			if d < most {
				a.out.SetNull(n)
			}
			n++
		}
	}
	for i, k := range a.kids {
		v, err := c.build(k, def, rep)
		if err != nil {
			return nil, err
		}
		if v.Len != n {
			return nil, c.uneven(a)
		}
		a.out.Kids[i] = v
	}
	return &a.out, nil
}

func (c *nestedCol) buildLeaf(a *asm, def int32) (*vec.Vector, error) {
	l, most := a.leaf, int32(a.n.leaf.def)
	a.idx = a.idx[:0]
	next := int32(0)
	for _, d := range l.def {
		switch {
		case d == most:
			a.idx = append(a.idx, next)
			next++
		case d >= def:
			a.idx = append(a.idx, -1)
		}
	}
	vec.Gather(&a.out, l.vals.Vector(), a.idx)
	return &a.out, nil
}

func (c *nestedCol) buildList(a *asm, def, rep int32) (*vec.Vector, error) {
	l, n := a.leaf, a.n
	slots, elems := 0, uint32(0)
	for i, d := range l.def {
		if d >= def && l.rep[i] <= rep {
			slots++
		}
	}
	a.out.Reset(n.typ, slots)
	entries := vec.Values[vec.ListEntry](&a.out)
	at := -1
	for i, d := range l.def {
		r := l.rep[i]
		if d >= def && r <= rep {
			at++
			entries[at] = vec.ListEntry{Off: elems}
			if d < int32(n.def) {
				a.out.SetNull(at)
			}
		}
		if d >= int32(n.elemDef) && r <= int32(n.elemRep) {
			if at < 0 {
				return nil, c.uneven(a)
			}
			entries[at].Len++
			elems++
		}
	}
	v, err := c.build(a.kids[0], int32(n.elemDef), int32(n.elemRep))
	if err != nil {
		return nil, err
	}
	if v.Len != int(elems) {
		return nil, c.uneven(a)
	}
	a.out.Kids[0] = v
	return &a.out, nil
}
