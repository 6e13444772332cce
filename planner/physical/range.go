package physical

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// joinBound is an inequality between the sides, seen from one of them: own op other.
type joinBound struct {
	own, other expr.Expr
	op         kernel.CmpOp
	at         int // in the residual
}

var turned = map[kernel.CmpOp]kernel.CmpOp{kernel.Lt: kernel.Gt, kernel.Le: kernel.Ge, kernel.Gt: kernel.Lt, kernel.Ge: kernel.Le}

// boundsOf gives an expression of the side own with a lower and an upper bound from the other side, or at least one of them.
func boundsOf(residual []expr.Expr, own, other logical.Set) []joinBound {
	var best []joinBound
	seen := map[string][]joinBound{}
	for i, e := range residual {
		c, ok := e.(*expr.Compare)
		if !ok || c.NullSafe || expr.CanFail(e) || expr.Volatile(e) {
			continue
		}
		if _, inequality := turned[c.Op]; !inequality {
			continue
		}
		b := joinBound{c.L, c.R, c.Op, i}
		if !apart(c.L, c.R, own, other) {
			if !apart(c.R, c.L, own, other) {
				continue
			}
			b = joinBound{c.R, c.L, turned[c.Op], i}
		}
		if !expr.UsesAny(b.own, own) || !sortable(b.own.Type()) {
			continue
		}
		key := expr.Key(b.own)
		list := seen[key]
		if len(list) == 1 && lower(list[0].op) == lower(b.op) || len(list) == 2 {
			continue
		}
		seen[key] = append(list, b)
		if len(seen[key]) > len(best) {
			best = seen[key]
		}
	}
	return best
}

func lower(op kernel.CmpOp) bool { return op == kernel.Gt || op == kernel.Ge }

func sortable(t types.Type) bool {
	return t.IsNumeric() || t.IsTemporal() || t.Kind == types.Varchar
}

// rangeSide tells which side of a join without equalities is better built: the one that has an expression between two bounds of the other.
func rangeSide(residual []expr.Expr, left, right logical.Set) (buildLeft, known bool) {
	l, r := len(boundsOf(residual, left, right)), len(boundsOf(residual, right, left))
	return l > r, l != r
}

// useRange makes bounds of inequalities, so that not all partners by the equalities have to be tried.
func useRange(j *Join, x *logical.Join, probe, build logical.Set) {
	for i := range j.NullEqual {
		if j.NullEqual[i] || j.NullAware[i] {
			return
		}
	}
	if x.NullAware > 0 {
		return
	}
	bounds := boundsOf(j.Residual, build, probe)
	if len(bounds) == 0 {
		return
	}
	own := bounds[0].own
	t := own.Type()
	for _, b := range bounds {
		if o := b.other.Type(); t.Kind == types.Decimal && o.Kind == types.Decimal && (o.Phys() != t.Phys() || o.P > t.P) {
			t = types.NewDecimal(int(max(t.P, o.P)), int(t.S))
		}
	}
	drop := map[int]bool{}
	j.BuildKeys = append(j.BuildKeys[:len(j.BuildKeys):len(j.BuildKeys)], widen(own, t))
	j.ProbeKeys = j.ProbeKeys[:len(j.ProbeKeys):len(j.ProbeKeys)]
	for _, b := range bounds {
		j.ProbeKeys, j.Range = append(j.ProbeKeys, widen(b.other, t)), append(j.Range, b.op)
		drop[b.at] = true
	}
	var rest []expr.Expr
	for i, e := range j.Residual {
		if !drop[i] {
			rest = append(rest, e)
		}
	}
	j.Residual = rest
}
