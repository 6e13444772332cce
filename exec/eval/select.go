package eval

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// sel gives the rows of in where node id is true. The result lies in the node's register or is in itself.
func (m *machine) sel(id int32, in []int32) ([]int32, error) {
	if len(in) == 0 {
		return in, nil
	}
	n, r := &m.p.nodes[id], &m.regs[id]
	switch {
	case n.kind == kLogic && !n.flag:
		return m.selectAnd(n, in)
	case n.kind == kLogic:
		return m.selectOr(n, r, in)
	case n.kind == kCompare && r.epoch != m.epoch:
		return m.selectCompare(n, r, in)
	}
	v, err := m.eval(id, in)
	if err != nil {
		return nil, err
	}
	return selectTrue(v, in, m.hit(r, len(in))), nil
}

func (m *machine) selectAnd(n *node, in []int32) ([]int32, error) {
	for _, a := range n.args {
		var err error
		if in, err = m.sel(a, in); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// selectOr runs each term on the rows that no earlier one has taken.
func (m *machine) selectOr(n *node, r *register, in []int32) ([]int32, error) {
	marks := r.mark(m.b.N)
	for _, i := range in {
		marks[i] = 0
	}
	rest := in
	for _, a := range n.args {
		hit, err := m.sel(a, rest)
		if err != nil {
			return nil, err
		}
		if len(hit) == 0 {
			continue
		}
		for _, i := range hit {
			marks[i] = 1
		}
		rest = r.left(in, marks)
		if len(rest) == 0 {
			return in, nil
		}
	}
	dst, k := m.hit(r, len(in)), 0
	for _, i := range in {
		dst[k] = i
		k += int(marks[i])
	}
	return dst[:k], nil
}

func (r *register) mark(n int) []uint8 {
	if len(r.marks) < n {
		r.marks = make([]uint8, max(n, vec.BatchSize))
	}
	return r.marks
}

// left gives the rows of in that are not marked.
func (r *register) left(in []int32, marks []uint8) []int32 {
	if cap(r.rest) < len(in) {
		r.rest = make([]int32, max(len(in), vec.BatchSize))
	}
	dst, k := r.rest[:len(in)], 0
	for _, i := range in {
		dst[k] = i
		k += int(1 - marks[i])
	}
	return dst[:k]
}

func (m *machine) selectCompare(n *node, r *register, in []int32) ([]int32, error) {
	a, err := m.eval(n.args[0], in)
	if err != nil {
		return nil, err
	}
	b, err := m.eval(n.args[1], in)
	if err != nil {
		return nil, err
	}
	if a.Form == vec.Dict || b.Form == vec.Dict || a.Form == vec.Const && b.Form == vec.Const {
		v, err := m.strict(n, r, in)
		if err != nil {
			return nil, err
		}
		return selectTrue(v, in, m.hit(r, len(in))), nil
	}
	in, none := dropNulls(r, a, in)
	if !none {
		in, none = dropNulls(r, b, in)
	}
	if none {
		return in[:0], nil
	}
	return m.cmp.Select(n.op, a, b, in, m.hit(r, len(in))), nil
}

// dropNulls gives the rows of in where v is not NULL; none tells that there is no such row.
func dropNulls(r *register, v *vec.Vector, in []int32) (out []int32, none bool) {
	if v.Valid == nil {
		return in, false
	}
	if v.Form == vec.Const {
		return in, v.IsNull(0)
	}
	if cap(r.sel) < len(in) {
		r.sel = make([]int32, max(len(in), vec.BatchSize))
	}
	dst, k := r.sel[:len(in)], 0
	for _, i := range in {
		dst[k] = i
		if v.Valid.Get(int(i)) {
			k++
		}
	}
	return dst[:k], k == 0
}

// selectTrue gives the rows of in where the BOOLEAN vector v is true.
func selectTrue(v *vec.Vector, in, dst []int32) []int32 {
	switch v.Form {
	case vec.Const:
		if v.IsNull(0) || vec.Values[uint8](v)[0] == 0 {
			return in[:0]
		}
		return in
	case vec.Dict:
		return selectCodes(v, vec.Values[uint8](v.Dict.Values), in, dst)
	}
	x, k := vec.Values[uint8](v), 0
	if v.Valid == nil {
		for _, i := range in {
			dst[k] = i
			k += int(x[i] & 1)
		}
		return dst[:k]
	}
	for _, i := range in {
		dst[k] = i
		if x[i] != 0 && v.Valid.Get(int(i)) {
			k++
		}
	}
	return dst[:k]
}

// selectCodes selects by a byte table over the codes.
func selectCodes(v *vec.Vector, table []uint8, in, dst []int32) []int32 {
	codes, k := v.Codes(), 0
	if v.Valid == nil {
		for _, i := range in {
			dst[k] = i
			k += int(table[codes[i]] & 1)
		}
		return dst[:k]
	}
	for _, i := range in {
		dst[k] = i
		if v.Valid.Get(int(i)) && table[codes[i]] != 0 {
			k++
		}
	}
	return dst[:k]
}

// logic computes AND or OR as a value, by three-valued logic; each term runs on the rows that are not yet decided.
func (m *machine) logic(n *node, r *register, sel []int32) (*vec.Vector, error) {
	out := &r.out
	out.Reset(types.TBoolean, m.b.N)
	dst := vec.Values[uint8](out)
	var decides uint8 // the value that decides: FALSE for AND, TRUE for OR
	if n.flag {
		decides = 1
	}
	for _, i := range sel {
		dst[i] = 1 - decides
	}
	marks, rest := r.mark(m.b.N), sel // marked = decided
	for _, i := range sel {
		marks[i] = 0
	}
	for _, a := range n.args {
		v, err := m.eval(a, rest)
		if err != nil {
			return nil, err
		}
		decided := false
		for _, i := range rest {
			if v.IsNull(int(i)) {
				out.SetNull(int(i))
			} else if vec.ValueAt[uint8](v, int(i)) == decides {
				dst[i], marks[i], decided = decides, 1, true
				if out.Valid != nil {
					out.Valid.Set(int(i))
				}
			}
		}
		if decided {
			if rest = r.left(rest, marks); len(rest) == 0 {
				break
			}
		}
	}
	return out, nil
}
