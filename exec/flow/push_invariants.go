//go:build invariants

package flow

import "github.com/skep-sql/skep/exec/vec"

// push lends emit a copy of b and spoils it afterwards, so that who keeps borrowed rows fails at once.
func push(b *vec.Batch, emit Emit) error {
	c, spoil := Lend(b)
	defer spoil()
	return emit(c)
}

// Lend copies a batch; spoil overwrites the copy.
func Lend(b *vec.Batch) (c *vec.Batch, spoil func()) {
	c = &vec.Batch{N: b.N, Morsel: b.Morsel, Seq: b.Seq}
	if b.Sel != nil {
		c.Sel = append([]int32{}, b.Sel...)
	}
	for _, v := range b.Cols {
		if v != nil {
			v = lendVector(v, b.Sel)
		}
		c.Cols = append(c.Cols, v)
	}
	return c, func() {
		for i := range c.Sel {
			c.Sel[i] = -7
		}
		for _, v := range c.Cols {
			if v != nil {
				spoilVector(v)
			}
		}
	}
}

func lendVector(v *vec.Vector, sel []int32) *vec.Vector {
	if v.Form == vec.Dict {
		u := &vec.Vector{}
		u.ResetDict(v.Type, v.Dict, v.Len)
		copy(u.Codes(), v.Codes())
		u.CopyValid(v.Valid)
		return u
	}
	b := vec.NewBuilder(v.Type)
	if v.Form == vec.Const {
		b.Append(v, []int32{0})
		u := b.Vector()
		u.SetConst(v.Len)
		return u
	}
	b.Append(v, lent(v, sel))
	return b.Vector()
}

// lent gives the rows to copy: all, but of strings only those that are selected, in the place of the others too, behind which there may be
// nothing.
func lent(v *vec.Vector, sel []int32) []int32 {
	if sel == nil || v.Phys().Width() != 16 {
		return nil
	}
	rows := make([]int32, v.Len)
	if len(sel) == 0 {
		return rows[:0]
	}
	for i := range rows {
		rows[i] = sel[0]
	}
	for _, i := range sel {
		rows[i] = i
	}
	return rows
}

func spoilVector(v *vec.Vector) {
	if v.Form == vec.Dict {
		clear(v.Codes())
		return
	}
	d := vec.Values[uint8](v)
	if v.Phys().Width() == 16 && len(v.Bufs) > 0 { // views: stay within their buffers
		for _, b := range v.Bufs {
			for i := range b {
				b[i] = '#'
			}
		}
		d = nil
	}
	for i := range d {
		d[i] = 0x55
	}
	for i := range v.Valid {
		v.Valid[i] = 0x5555555555555555
	}
	for _, k := range v.Kids {
		spoilVector(k)
	}
}
