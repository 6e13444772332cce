package multi

import (
	"cmp"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// verdict is what is known of a condition for all rows of a file.
type verdict int

const (
	never  verdict = iota // no row meets it
	maybe                 // some may
	always                // all do
)

// narrow translates the conditions for a file; keep is false when no row can meet them.
func (v *view) narrow(p *part, preds []storage.Pred) (out []storage.Pred, keep bool) {
	for i := range preds {
		q, w := v.translate(p, &preds[i])
		if w == never {
			return nil, false
		}
		if w == maybe && q != nil {
			out = append(out, *q)
		}
	}
	return out, true
}

// translate gives the condition in terms of the file's columns, or nil when these cannot say it, and what is known of it.
func (v *view) translate(p *part, q *storage.Pred) (*storage.Pred, verdict) {
	switch q.Op {
	case storage.And:
		out := &storage.Pred{Op: storage.And}
		for i := range q.Kids {
			k, w := v.translate(p, &q.Kids[i])
			if w == never {
				return nil, never
			}
			if w == maybe && k != nil {
				out.Kids = append(out.Kids, *k)
			}
		}
		return simple(out, always)
	case storage.Or:
		out := &storage.Pred{Op: storage.Or}
		whole := true
		for i := range q.Kids {
			k, w := v.translate(p, &q.Kids[i])
			if w == always {
				return nil, always
			}
			if w == never {
				continue
			}
			if k == nil {
				whole = false
				continue
			}
			out.Kids = append(out.Kids, *k)
		}
		if !whole {
			return nil, maybe
		}
		return simple(out, never)
	}
	return v.leaf(p, q)
}

// simple takes away an And or Or around one condition or none.
func simple(q *storage.Pred, empty verdict) (*storage.Pred, verdict) {
	switch len(q.Kids) {
	case 0:
		return nil, empty
	case 1:
		return &q.Kids[0], maybe
	}
	return q, maybe
}

func (v *view) leaf(p *part, q *storage.Pred) (*storage.Pred, verdict) {
	switch {
	case q.Col >= v.file || q.Col >= v.data && q.Col-v.data < len(p.keys):
		var b storage.Bound
		null, ok := false, true
		t := types.TVarchar
		if q.Col >= v.file {
			b.S = p.file.Path
		} else {
			k := &p.keys[q.Col-v.data]
			t, null = k.v.Type, k.null
			if !null {
				b, ok = boundOf(k.v)
			}
		}
		if !ok {
			return nil, maybe
		}
		if meets(q, t, b, null) {
			return nil, always
		}
		return nil, never
	case p.from[q.Col] < 0:
		if q.Op == storage.IsNull {
			return nil, always
		}
		return nil, never
	case p.cast[q.Col] != nil:
		if q.Op != storage.IsNull && q.Op != storage.NotNull {
			return nil, maybe
		}
	}
	out := *q
	out.Col = p.from[q.Col]
	if p.cast[q.Col] == nil && v.ruledOut(p, &out) {
		return nil, never
	}
	return &out, maybe
}

// boundOf gives the value of a one-row vector as a Bound.
func boundOf(v *vec.Vector) (b storage.Bound, ok bool) {
	switch v.Phys() {
	case types.PBool:
		b.I = int64(vec.Values[uint8](v)[0])
	case types.PI32:
		b.I = int64(vec.Values[int32](v)[0])
	case types.PI64:
		b.I = vec.Values[int64](v)[0]
	case types.PF64:
		b.F = vec.Values[float64](v)[0]
	case types.PView:
		b.S = string(v.Bytes(0))
	default:
		return b, false
	}
	return b, true
}

// compare orders two bounds of a type.
func compare(t types.Type, a, b storage.Bound) int {
	switch t.Phys() {
	case types.PF64:
		return cmp.Compare(a.F, b.F)
	case types.PView:
		return strings.Compare(a.S, b.S)
	}
	return cmp.Compare(a.I, b.I)
}

// meets tells whether a value meets a condition.
func meets(q *storage.Pred, t types.Type, b storage.Bound, null bool) bool {
	switch q.Op {
	case storage.IsNull:
		return null
	case storage.NotNull:
		return !null
	}
	if null || len(q.Values) == 0 {
		return false
	}
	c := compare(t, b, q.Values[0])
	switch q.Op {
	case storage.Eq:
		return c == 0
	case storage.Lt:
		return c < 0
	case storage.Le:
		return c <= 0
	case storage.Gt:
		return c > 0
	case storage.Ge:
		return c >= 0
	case storage.Prefix:
		return strings.HasPrefix(b.S, q.Values[0].S)
	}
	for _, x := range q.Values {
		if compare(t, b, x) == 0 {
			return true
		}
	}
	return false
}

// ruledOut tells whether the file's statistics say that no row meets the condition on one of its columns.
func (v *view) ruledOut(p *part, q *storage.Pred) bool {
	st := p.t.Stats()
	if q.Col >= len(st.Cols) {
		return false
	}
	c := &st.Cols[q.Col]
	switch q.Op {
	case storage.IsNull:
		return st.Exact && c.Nulls == 0
	case storage.NotNull:
		return st.Exact && c.Nulls >= 0 && c.Nulls == st.Rows
	}
	t := p.cols[q.Col].Type
	if !c.HasRange || len(q.Values) == 0 || t.Phys() == types.PF64 { // NaN lies outside ranges
		return false
	}
	lo, hi := compare(t, q.Values[0], c.Min), compare(t, q.Values[0], c.Max)
	switch q.Op {
	case storage.Eq:
		return lo < 0 || hi > 0
	case storage.Lt:
		return lo <= 0
	case storage.Le:
		return lo < 0
	case storage.Gt:
		return hi >= 0
	case storage.Ge:
		return hi > 0
	case storage.In:
		for _, x := range q.Values {
			if compare(t, x, c.Min) >= 0 && compare(t, x, c.Max) <= 0 {
				return false
			}
		}
		return true
	}
	return false
}
