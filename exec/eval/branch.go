package eval

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// merger puts the rows of several vectors together.
type merger struct {
	m     *machine
	out   *vec.Vector
	t     types.Type
	which []int32 // nested types: the branch of each row
	from  []*vec.Vector
}

func (m *machine) merger(out *vec.Vector, t types.Type) *merger {
	g := &merger{m: m, out: out, t: t}
	if t.IsNested() {
		g.which = make([]int32, m.b.N)
		for i := range g.which {
			g.which[i] = -1
		}
		return g
	}
	out.Reset(t, m.b.N)
	return g
}

func (g *merger) add(v *vec.Vector, sel []int32) {
	if g.which != nil {
		keep := &vec.Vector{}
		vec.Flatten(keep, v, nil)
		b := vec.NewBuilder(g.t) // the branch's register may be used again
		b.Append(keep, nil)
		for _, i := range sel {
			g.which[i] = int32(len(g.from))
		}
		g.from = append(g.from, b.Vector())
		return
	}
	if v.Phys() != g.out.Phys() {
		w := &vec.Vector{}
		kernel.Widen(w, v, sel)
		v = w
	}
	vec.Assign(g.out, v, sel)
}

func (g *merger) nulls(sel []int32) {
	if g.which != nil {
		return
	}
	for _, i := range sel {
		g.out.SetNull(int(i))
	}
	if g.out.Phys() == types.PView {
		for _, i := range sel {
			vec.Values[vec.View](g.out)[i] = vec.View{}
		}
	}
}

func (g *merger) done() *vec.Vector {
	if g.which != nil {
		vec.AssignNested(g.out, g.t, g.m.b.N, g.which, g.from)
	}
	return g.out
}

// caseOf runs each branch on the rows that its condition selects among those left.
func (m *machine) caseOf(n *node, r *register, sel []int32) (*vec.Vector, error) {
	g := m.merger(&r.out, n.t)
	rest := sel
	marks := r.mark(m.b.N)
	for _, i := range sel {
		marks[i] = 0
	}
	k := 0
	for ; k+1 < len(n.args) && len(rest) > 0; k += 2 {
		hit, err := m.sel(n.args[k], rest)
		if err != nil {
			return nil, err
		}
		if len(hit) == 0 {
			continue
		}
		hit = append(r.sel[:0], hit...) // the condition's register may be used by the branch
		r.sel = hit
		v, err := m.eval(n.args[k+1], hit)
		if err != nil {
			return nil, err
		}
		if len(hit) == len(sel) && g.which == nil && v.Phys() == n.t.Phys() {
			return v, nil
		}
		g.add(v, hit)
		for _, i := range hit {
			marks[i] = 1
		}
		rest = r.left(sel, marks)
	}
	if len(rest) > 0 {
		if len(n.args)%2 == 0 {
			g.nulls(rest)
		} else {
			v, err := m.eval(n.args[len(n.args)-1], rest)
			if err != nil {
				return nil, err
			}
			g.add(v, rest)
		}
	}
	return g.done(), nil
}

// coalesce runs each argument on the rows where all before it are NULL.
func (m *machine) coalesce(n *node, r *register, sel []int32) (*vec.Vector, error) {
	g := m.merger(&r.out, n.t)
	rest := sel
	marks := r.mark(m.b.N)
	for _, i := range sel {
		marks[i] = 0
	}
	for k, a := range n.args {
		v, err := m.eval(a, rest)
		if err != nil {
			return nil, err
		}
		if k == 0 && v.Valid == nil && g.which == nil && v.Phys() == n.t.Phys() {
			return v, nil
		}
		hit := r.sel[:0]
		for _, i := range rest {
			if !v.IsNull(int(i)) {
				hit = append(hit, i)
				marks[i] = 1
			}
		}
		r.sel = hit
		g.add(v, hit)
		if rest = r.left(sel, marks); len(rest) == 0 {
			return g.done(), nil
		}
	}
	g.nulls(rest)
	return g.done(), nil
}
