package eval

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// lifted is the result of a node for a whole dictionary.
type lifted struct {
	id     uint64 // the dictionary; 0 = none yet
	rows   int    // rows seen of it
	failed bool   // an entry raised an error: go by rows
	vals   *vec.Vector
	dict   *vec.Dictionary // vals, if none is NULL
	regs   *register
}

// lift computes the node for the dictionary of arg d and gives the result under d's codes. It says no where the dictionary is
// too large for the rows to come, or an entry raises an error, which may be that of a row that is not selected.
func (m *machine) lift(n *node, r *register, d *vec.Vector, sel []int32) (*vec.Vector, bool) {
	l := &r.lifted
	if l.id != d.Dict.ID {
		l.id, l.rows, l.failed, l.vals, l.dict = d.Dict.ID, 0, false, nil, nil
	}
	l.rows += len(sel)
	if l.failed || l.vals == nil && !m.liftNow(n, r, d) {
		return nil, false
	}
	if l.dict != nil {
		v := &r.out
		v.BorrowCodes(n.t, l.dict, d.Codes(), d.Valid)
		return v, true
	}
	// some entry is NULL: the rows must say so
	vec.Gather(&r.out, l.vals, d.Codes())
	if d.Valid != nil {
		valid := r.out.MakeValid()
		for i := range valid {
			valid[i] &= d.Valid[i]
		}
	}
	return &r.out, true
}

func (m *machine) liftNow(n *node, r *register, d *vec.Vector) bool {
	l, size := &r.lifted, d.Dict.Values.Len
	if size > max(2*vec.BatchSize, 2*l.rows) || size == 0 {
		return false
	}
	args := make([]*vec.Vector, len(r.args))
	for i, a := range r.args {
		args[i] = a
		if a == d {
			args[i] = d.Dict.Values
		}
	}
	vals := &vec.Vector{}
	if l.regs == nil {
		l.regs = &register{}
	}
	if err := m.apply(n, l.regs, args, vec.Identity(size), size, vals); err != nil {
		l.failed = true
		return false
	}
	if vals.Phys() != vals.Type.Phys() {
		w := &vec.Vector{}
		kernel.Widen(w, vals, vec.Identity(size))
		vals = w
	}
	l.vals = vals
	if vals.Valid == nil || vals.Valid.Count(size) == size {
		vals.Valid = nil
		if vals.Form == vec.Flat && vals.Phys() < types.PList {
			l.dict = vec.NewDictionary(vals)
		}
	}
	return true
}
