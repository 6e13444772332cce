package agg

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var sum = &fn.Function{
	Name: "sum", Aliases: []string{"fsum", "kahan_sum", "sumkahan"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The sum: of integers BIGINT, of DECIMAL(p,s) DECIMAL(min(38,p+10),s), else DOUBLE; NULL without rows. It never wraps.",
	Signatures: []string{"sum(integer) → BIGINT", "sum(DECIMAL(p,s)) → DECIMAL(min(38,p+10),s)", "sum(DOUBLE) → DOUBLE", "sum(INTERVAL) → INTERVAL"},
	Examples:   tex("sum(x) FROM (VALUES (1), (2), (NULL)) t(x)", "3", "sum(x) FROM (VALUES (1.5), (2.5)) t(x)", "4.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		if args[0].Type.Kind == types.Interval {
			return same(args, types.TInterval, func([]fn.Arg) fn.Accumulator { return &sumInterval{} }), nil
		}
		t, ok := numeric(args[0].Type)
		if !ok {
			return nil, nil
		}
		o := &fn.Overload{Args: []types.Type{t}, Result: types.TBigInt}
		switch {
		case t.Kind == types.Decimal || t.Kind == types.UBigInt:
			d := types.AsDecimal(t)
			if o.Result = types.NewDecimal(min(types.MaxPrecision, int(d.P)+10), int(d.S)); t.IsHuge() {
				o.Result = t
			}
		case !t.IsExact():
			o.Result, o.Args[0] = types.TDouble, types.TDouble
			o.NewAcc = func([]fn.Arg) fn.Accumulator { return &sumFloat{} }
			return o, nil
		}
		o.CanFail = true
		o.NewAcc = func([]fn.Arg) fn.Accumulator { return &sumExact{t: o.Result} }
		return o, nil
	},
}

// sumExact is the sum of integers or decimals.
type sumExact struct {
	t    types.Type
	sum  wideSum
	seen []uint8
}

func (a *sumExact) Grow(n int) { a.sum.grow(n); a.seen = grow(a.seen, n) }

func (a *sumExact) Size() int { return a.sum.size() + cap(a.seen) }

func (a *sumExact) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	a.sum.update(groups, args[0], sel)
	mark(a.seen, groups)
	return nil
}

func (a *sumExact) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*sumExact)
	a.sum.merge(&f.sum, src, dst)
	for k, g := range src {
		a.seen[dst[k]] |= f.seen[g]
	}
	return nil
}

func (a *sumExact) Result(lo, hi int, out *vec.Vector) error {
	for i := range hi - lo {
		if a.seen[lo+i] == 0 {
			out.SetNull(i)
			continue
		}
		x := a.sum.total(lo + i)
		switch {
		case !a.sum.fits(lo + i):
			return overflow("overflow: the sum, %s, does not fit %s", kernel.AppendFloat(nil, a.sum.float(lo+i, int(a.t.S)), 64), a.t)
		case a.t.Kind == types.BigInt && !kernel.IsInt64(x), a.t.Kind == types.Decimal && !kernel.FitsPrecision(x, int(a.t.P)):
			return overflow("overflow: the sum %s does not fit %s", kernel.AppendDecimal(nil, x, int(a.t.S)), a.t)
		case out.Phys() == types.PI64:
			vec.Values[int64](out)[i] = int64(x.Lo)
		default:
			vec.Values[vec.Int128](out)[i] = x
		}
	}
	return nil
}

// sumFloat is the sum of DOUBLE.
type sumFloat struct {
	sum  []float64
	seen []uint8
}

func (a *sumFloat) Grow(n int) { a.sum, a.seen = grow(a.sum, n), grow(a.seen, n) }

func (a *sumFloat) Size() int { return 8*cap(a.sum) + cap(a.seen) }

func (a *sumFloat) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	addFloats(a.sum, groups, args[0], sel)
	mark(a.seen, groups)
	return nil
}

// addFloats adds the rows sel of v to the sums of their groups.
func addFloats(sum []float64, groups []int32, v *vec.Vector, sel []int32) {
	vals := vec.Values[float64](v)
	switch {
	case v.Form == vec.Const && single(groups):
		sum[0] += vals[0] * float64(len(sel))
	case v.Form == vec.Const:
		for _, g := range groups {
			sum[g] += vals[0]
		}
	case single(groups) && len(sel) == len(vals):
		sum[0] += sumDense(vals)
	case single(groups):
		var s float64
		for _, i := range sel {
			s += vals[i]
		}
		sum[0] += s
	default:
		for k, i := range sel {
			sum[groups[k]] += vals[i]
		}
	}
}

// sumDense adds in four chains, which the processor runs side by side.
func sumDense(vals []float64) float64 {
	var a, b, c, d float64
	n := len(vals) &^ 3
	for i := 0; i < n; i += 4 {
		v := vals[i : i+4 : i+4]
		a += v[0]
		b += v[1]
		c += v[2]
		d += v[3]
	}
	for _, x := range vals[n:] {
		a += x
	}
	return (a + b) + (c + d)
}

func (a *sumFloat) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*sumFloat)
	for k, g := range src {
		a.sum[dst[k]] += f.sum[g]
		a.seen[dst[k]] |= f.seen[g]
	}
	return nil
}

func (a *sumFloat) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[float64](out), a.sum[lo:hi])
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}

// nullWhereZero makes the rows NULL whose state has seen nothing.
func nullWhereZero(out *vec.Vector, seen []uint8) {
	for i, s := range seen {
		if s == 0 {
			out.SetNull(i)
		}
	}
}

// sumInterval is the sum of intervals.
type sumInterval struct {
	months, days []int64
	micros       wideSum
	seen         []uint8
}

func (a *sumInterval) Grow(n int) {
	a.months, a.days, a.seen = grow(a.months, n), grow(a.days, n), grow(a.seen, n)
	a.micros.grow(n)
}

func (a *sumInterval) Size() int {
	return 8*(cap(a.months)+cap(a.days)) + a.micros.size() + cap(a.seen)
}

func (a *sumInterval) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[vec.IntervalValue](args[0])
	for k, i := range sel {
		g, v := groups[k], c.At(i)
		a.months[g] += int64(v.Months)
		a.days[g] += int64(v.Days)
		a.micros.add(g, v.Micros)
		a.seen[g] = 1
	}
	return nil
}

func (a *sumInterval) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*sumInterval)
	a.micros.merge(&f.micros, src, dst)
	for k, g := range src {
		a.months[dst[k]] += f.months[g]
		a.days[dst[k]] += f.days[g]
		a.seen[dst[k]] |= f.seen[g]
	}
	return nil
}

func (a *sumInterval) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[vec.IntervalValue](out)
	for i := range hi - lo {
		m, d, us := a.months[lo+i], a.days[lo+i], a.micros.total(lo+i)
		if m != int64(int32(m)) || d != int64(int32(d)) || !kernel.IsInt64(us) {
			return overflow("overflow: the sum of intervals is out of range")
		}
		dst[i] = vec.IntervalValue{Months: int32(m), Days: int32(d), Micros: int64(us.Lo)}
	}
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}
