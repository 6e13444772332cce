package eval

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// machine is a worker's registers for a Program. It implements flow.Machine.
type machine struct {
	p     *Program
	regs  []register
	ctx   fn.Ctx
	cmp   kernel.Comparer
	out   []*vec.Vector
	wide  []vec.Vector
	b     *vec.Batch
	top   int   // length of the selection that the call was made with
	epoch int64 // number of the call
}

// register is what a worker keeps for a node.
type register struct {
	out    vec.Vector
	res    *vec.Vector // what the node gave in epoch, if it ran for the whole selection
	epoch  int64
	args   []*vec.Vector
	flat   []vec.Vector // arguments flattened
	sel    []int32      // rows without NULL arguments
	hit    []int32      // rows selected
	rest   []int32      // rows left
	marks  []uint8
	lifted lifted
	body   flow.Machine // of a lambda
}

// Eval computes the program's expressions.
func (m *machine) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	m.start(b, len(sel))
	for i, r := range m.p.roots {
		v, err := m.eval(r, sel)
		if err != nil {
			return nil, err
		}
		if v.Phys() != v.Type.Phys() && !m.p.narrow {
			kernel.Widen(&m.wide[i], v, sel)
			v = &m.wide[i]
		}
		m.out[i] = v
	}
	return m.out, nil
}

// Select gives the rows of sel where the program's first expression is true.
func (m *machine) Select(b *vec.Batch, sel []int32) ([]int32, error) {
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	m.start(b, len(sel))
	return m.sel(m.p.roots[0], sel)
}

func (m *machine) start(b *vec.Batch, top int) {
	m.b, m.top = b, top
	m.epoch++
}

// eval gives the value of node id at the rows sel.
func (m *machine) eval(id int32, sel []int32) (*vec.Vector, error) {
	n, r := &m.p.nodes[id], &m.regs[id]
	switch n.kind {
	case kColumn:
		return m.b.Cols[n.col], nil
	case kConst:
		if r.res == nil {
			r.out.Ref(n.konst)
			r.res = &r.out
		}
		r.out.Len = m.b.N
		return r.res, nil
	}
	if r.epoch == m.epoch {
		return r.res, nil
	}
	v, err := m.compute(n, r, sel)
	if err != nil {
		return nil, err
	}
	if len(sel) == m.top {
		r.epoch, r.res = m.epoch, v
	}
	return v, nil
}

func (m *machine) compute(n *node, r *register, sel []int32) (*vec.Vector, error) {
	switch n.kind {
	case kLogic:
		return m.logic(n, r, sel)
	case kCase:
		return m.caseOf(n, r, sel)
	case kCoalesce:
		return m.coalesce(n, r, sel)
	case kLambda:
		return m.lambda(n, r, sel)
	case kNullSafe:
		return m.nullSafe(n, r, sel)
	case kIsNull:
		v, err := m.eval(n.args[0], sel)
		if err != nil {
			return nil, err
		}
		r.out.Reset(types.TBoolean, m.b.N)
		isNull(v, n.flag, sel, vec.Values[uint8](&r.out))
		return &r.out, nil
	}
	return m.strict(n, r, sel)
}

// nullSafe computes IS NOT DISTINCT FROM.
func (m *machine) nullSafe(n *node, r *register, sel []int32) (*vec.Vector, error) {
	if r.flat == nil {
		r.flat = make([]vec.Vector, 2)
		r.args = make([]*vec.Vector, 2)
	}
	for i, a := range n.args {
		v, err := m.eval(a, sel)
		if err != nil {
			return nil, err
		}
		if v.Form == vec.Dict {
			vec.Flatten(&r.flat[i], v, sel)
			v = &r.flat[i]
		}
		r.args[i] = v
	}
	a, b := r.args[0], r.args[1]
	r.out.Reset(types.TBoolean, m.b.N)
	dst := vec.Values[uint8](&r.out)
	both := r.sel[:0]
	for _, i := range sel {
		an, bn := a.IsNull(int(i)), b.IsNull(int(i))
		dst[i] = 0
		if an && bn {
			dst[i] = 1
		} else if !an && !bn {
			both = append(both, i)
		}
	}
	r.sel = both
	for _, i := range m.cmp.Select(kernel.Eq, a, b, both, m.hit(r, len(both))) {
		dst[i] = 1
	}
	return &r.out, nil
}

func isNull(v *vec.Vector, not bool, sel []int32, dst []uint8) {
	var want uint8
	if not {
		want = 1
	}
	for _, i := range sel {
		dst[i] = want
		if v.IsNull(int(i)) {
			dst[i] = 1 - want
		}
	}
}

// strict runs a node whose result is a function of its arguments alone: a call, a cast, a comparison, IN, NOT.
func (m *machine) strict(n *node, r *register, sel []int32) (*vec.Vector, error) {
	if r.args == nil {
		r.args = make([]*vec.Vector, len(n.args))
		r.flat = make([]vec.Vector, len(n.args))
	}
	var dict *vec.Vector
	consts := 0
	for i, a := range n.args {
		v, err := m.eval(a, sel)
		if err != nil {
			return nil, err
		}
		switch v.Form {
		case vec.Const:
			consts++
		case vec.Dict:
			dict = v
		}
		r.args[i] = v
	}
	if consts == len(n.args) && !(n.kind == kCall && n.fn.Volatile) {
		return m.constant(n, r)
	}
	if dict != nil && n.lift && consts == len(n.args)-1 {
		if v, ok := m.lift(n, r, dict, sel); ok {
			return v, nil
		}
	}
	for i, v := range r.args {
		if v.Form == vec.Dict {
			vec.Flatten(&r.flat[i], v, sel)
			r.args[i] = &r.flat[i]
		}
	}
	if err := m.apply(n, r, r.args, sel, m.b.N, &r.out); err != nil {
		return nil, err
	}
	return &r.out, nil
}

// constant computes a node whose arguments are all Const, for one row.
func (m *machine) constant(n *node, r *register) (*vec.Vector, error) {
	if err := m.apply(n, r, r.args, vec.Identity(1), 1, &r.out); err != nil {
		return nil, err
	}
	r.out.SetConst(m.b.N)
	return &r.out, nil
}

// apply runs a strict node over Flat and Const arguments, for the rows sel of n.
func (m *machine) apply(nd *node, r *register, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	if nd.kind == kCall && !nd.fn.Narrow {
		for i, a := range args {
			if a.Phys() != a.Type.Phys() {
				w := &vec.Vector{}
				kernel.Widen(w, a, sel)
				args[i] = w
			}
		}
	}
	out.Reset(nd.t, n)
	if nd.kind != kCall || !nd.fn.NullAware {
		sel = m.notNull(r, args, sel, out)
		if len(sel) == 0 {
			return nil
		}
	}
	switch nd.kind {
	case kCall:
		err := nd.run(&m.ctx, args, sel, n, out)
		return sqlerr.WithPos(err, nd.pos)
	case kCast:
		err := nd.caster.Run(args[0], sel, out, nd.flag, m.ctx.Location)
		return sqlerr.For(nd.column, sqlerr.WithPos(err, nd.pos))
	case kCompare:
		hit := m.cmp.Select(nd.op, args[0], args[1], sel, m.hit(r, len(sel)))
		fillBool(out, sel, hit)
	case kIn:
		nd.set.fill(args[0], sel, nd.flag, out)
	case kNot:
		in, dst := vec.ColOf[uint8](args[0]), vec.Values[uint8](out)
		for _, i := range sel {
			dst[i] = 1 - in.At(i)
		}
	}
	return nil
}

func (m *machine) hit(r *register, n int) []int32 {
	if cap(r.hit) < n {
		r.hit = make([]int32, max(n, vec.BatchSize))
	}
	return r.hit[:n]
}

// fillBool sets the rows hit of out to true and the others of sel to false.
func fillBool(out *vec.Vector, sel, hit []int32) {
	dst := vec.Values[uint8](out)
	for _, i := range sel {
		dst[i] = 0
	}
	for _, i := range hit {
		dst[i] = 1
	}
}

// notNull makes out NULL where an argument is, and gives the rows of sel where none is.
func (m *machine) notNull(r *register, args []*vec.Vector, sel []int32, out *vec.Vector) []int32 {
	for _, a := range args {
		if a.Valid == nil {
			continue
		}
		if a.Form == vec.Const {
			if a.IsNull(0) {
				valid := out.MakeValid()
				valid.Zero()
				return nil
			}
			continue
		}
		if out.Valid == nil {
			out.CopyValid(a.Valid)
		} else {
			for i := range out.Valid {
				out.Valid[i] &= a.Valid[i]
			}
		}
	}
	if out.Valid == nil {
		return sel
	}
	if cap(r.sel) < len(sel) {
		r.sel = make([]int32, max(len(sel), vec.BatchSize))
	}
	dst, k := r.sel[:len(sel)], 0
	for _, i := range sel {
		dst[k] = i
		if out.Valid.Get(int(i)) {
			k++
		}
	}
	return dst[:k]
}
