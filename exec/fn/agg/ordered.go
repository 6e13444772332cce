package agg

import (
	"math"
	"slices"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

func compareRows(v *vec.Vector, a, b int32) int { return kernel.CompareValues(v, int(a), v, int(b)) }

// sorted gives the rows of group g in the order of the first column.
func (c *collected) sorted(g int) []int32 {
	order, starts := c.rows()
	rows := slices.Clone(order[starts[g]:starts[g+1]])
	v := c.cols[0].Vector()
	if v.Phys() == types.PI64 || v.Phys() == types.PI32 {
		slices.SortFunc(rows, func(a, b int32) int { return kernel.Cmp128(kernel.Int128At(v, int(a)), kernel.Int128At(v, int(b))) })
		return rows
	}
	slices.SortFunc(rows, func(a, b int32) int { return compareRows(v, a, b) })
	return rows
}

var mode = &fn.Function{
	Name: "mode", Kind: fn.Aggregate, Category: "aggregate", Doc: "The most frequent value; of several the smallest.", Signatures: []string{"mode(T) → T"},
	Examples: tex("mode(x) FROM (VALUES (1), (2), (2)) t(x)", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t := args[0].Type
		return same(args, t, func([]fn.Arg) fn.Accumulator { return &modeAcc{newCollected(t)} }), nil
	},
}

// modeAcc finds the longest run of equal values.
type modeAcc struct{ collected }

func (a *modeAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	a.merge(&from.(*modeAcc).collected, src, dst)
	return nil
}

func (a *modeAcc) Result(lo, hi int, out *vec.Vector) error {
	v, idx := a.cols[0].Vector(), make([]int32, hi-lo)
	for i := range idx {
		rows := a.sorted(lo + i)
		idx[i] = -1
		best, run := 0, 0
		for k, r := range rows {
			if run++; k > 0 && compareRows(v, rows[k-1], r) != 0 {
				run = 1
			}
			if run > best {
				best, idx[i] = run, r
			}
		}
	}
	gather(out, a.ts[0], v, idx)
	return nil
}

var median = &fn.Function{
	Name: "median", Kind: fn.Aggregate, Category: "aggregate", Doc: "The middle value: of numbers a DOUBLE, between the two middle ones if there are two; of other types the lower of these.",
	Signatures: []string{"median(number) → DOUBLE", "median(T) → T"},
	Examples:   tex("median(x) FROM (VALUES (1), (2), (10), (20)) t(x)", "6.0", "median(x) FROM (VALUES ('a'), ('b'), ('c')) t(x)", "b"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t := args[0].Type
		if t.IsNumeric() || t.Kind == types.Null {
			t = types.TDouble
		}
		return &fn.Overload{Args: []types.Type{t}, Result: t, NewAcc: func([]fn.Arg) fn.Accumulator {
			return &quantiles{collected: newCollected(t), q: []float64{0.5}, cont: t.Kind == types.Double}
		}}, nil
	},
}

var quantileCont = &fn.Function{
	Name: "quantile_cont", Aliases: []string{"percentile_cont", "percentile"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The value below which the part q (0 to 1) of the values lies, between neighbours where need be; an array of q gives an array.",
	Signatures: []string{"quantile_cont(number, q) → DOUBLE", "quantile_cont(number, q[]) → DOUBLE[]", "percentile_cont(q) WITHIN GROUP (ORDER BY number)"},
	Examples: tex("quantile_cont(x, 0.25) FROM (VALUES (1), (2), (3), (4), (5)) t(x)", "2.0", "percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (2)) t(x)", "1.5",
		"quantile_cont(x, [0.0, 1.0]) FROM (VALUES (1), (2)) t(x)", "[1.0, 2.0]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) { return bindQuantile(args, types.TDouble, true) },
}

var quantileDisc = &fn.Function{
	Name: "quantile_disc", Aliases: []string{"percentile_disc", "quantile", "approx_quantile", "approx_percentile", "percentile_approx"}, Kind: fn.Aggregate, Category: "aggregate",
	Doc:        "The smallest value that the part q (0 to 1) of the values does not exceed; from the greatest down where q is negative. An array of q gives an array. It is exact.",
	Signatures: []string{"quantile_disc(T, q) → T", "percentile_disc(q) WITHIN GROUP (ORDER BY T)", "approx_percentile(T, q, accuracy)"},
	Examples:   tex("quantile_disc(x, 0.5) FROM (VALUES (1), (2), (3), (4)) t(x)", "2", "percentile_disc(0.25) WITHIN GROUP (ORDER BY x DESC) FROM (VALUES (1), (2), (3), (4)) t(x)", "4"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 0 {
			return nil, nil
		}
		return bindQuantile(args, args[0].Type, false)
	},
}

func bindQuantile(args []fn.Arg, t types.Type, cont bool) (*fn.Overload, error) {
	if len(args) < 2 || len(args) > 3 {
		return nil, nil
	}
	many := args[1].Type.Kind == types.Array
	o := &fn.Overload{Args: []types.Type{t, types.TDouble, types.TBigInt}[:len(args)], Result: t, CanFail: true}
	if many {
		o.Args[1], o.Result = types.NewArray(types.TDouble), types.NewArray(t)
	}
	o.NewAcc = func([]fn.Arg) fn.Accumulator { return &quantiles{collected: newCollected(t), many: many, cont: cont} }
	return o, nil
}

// quantiles gives values by rank: between neighbours in quantile_cont and median of numbers (cont), else values as they are.
type quantiles struct {
	collected
	q    []float64 // nil until the first row brings them
	many bool
	cont bool
}

func (a *quantiles) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	if a.q == nil {
		f, k := args[1].At(int(sel[0]))
		if a.many {
			e := vec.Values[vec.ListEntry](f)[k]
			for j := range e.Len {
				a.q = append(a.q, vec.ValueAt[float64](f.Kids[0], int(e.Off+j)))
			}
		} else {
			a.q = []float64{vec.Values[float64](f)[k]}
		}
		for _, q := range a.q {
			if !(q >= -1 && q <= 1) || q < 0 && a.many && a.cont {
				return sqlerr.New(sqlerr.Data, "quantile %v is not between 0 and 1 (below 0: from the greatest value down)", q)
			}
		}
	}
	return a.collected.Update(groups, args, sel)
}

func (a *quantiles) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*quantiles)
	if a.q == nil {
		a.q = f.q
	}
	a.merge(&f.collected, src, dst)
	return nil
}

func (a *quantiles) Result(lo, hi int, out *vec.Vector) error {
	if !a.many && a.cont {
		a.oneBetween(lo, hi, out)
		return nil
	}
	b := vec.NewBuilder(a.ts[0])
	v := a.cols[0].Vector()
	one := make([]int32, 1)
	for i := range hi - lo {
		rows := a.sorted(lo + i)
		if a.many {
			vec.Values[vec.ListEntry](out)[i] = vec.ListEntry{Off: uint32(b.Len())}
		}
		if len(rows) == 0 {
			if a.many {
				out.SetNull(i)
			} else {
				b.AppendNull()
			}
			continue
		}
		for _, q := range a.q {
			if a.cont {
				vec.AppendValue(b, between(vec.Values[float64](v), rows, q))
				continue
			}
			k := max(int(math.Ceil(math.Abs(q)*float64(len(rows))))-1, 0)
			if math.Signbit(q) {
				k = len(rows) - 1 - k
			}
			one[0] = rows[k]
			b.Append(v, one)
		}
		if a.many {
			vec.Values[vec.ListEntry](out)[i].Len = uint32(len(a.q))
		}
	}
	if a.many {
		out.Kids = []*vec.Vector{b.Vector()}
	} else {
		*out = *b.Vector()
	}
	return nil
}

// oneBetween gives the one quantile of numbers: without sorting them.
func (a *quantiles) oneBetween(lo, hi int, out *vec.Vector) {
	vals, res := vec.Values[float64](a.cols[0].Vector()), vec.Values[float64](out)
	order, starts := a.rows()
	var buf []float64
	for i := range hi - lo {
		rows := order[starts[lo+i]:starts[lo+i+1]]
		if len(rows) == 0 {
			out.SetNull(i)
			continue
		}
		buf = buf[:0]
		for _, r := range rows {
			if x := vals[r]; x == x {
				buf = append(buf, x)
			}
		}
		res[i] = quantileOf(buf, len(rows), a.q[0])
	}
}

// quantileOf gives the value at rank q of n values: those of x, which it rearranges, and NaN, the greatest, for the rest.
func quantileOf(x []float64, n int, q float64) float64 {
	if math.Signbit(q) {
		q++
	}
	at := q * float64(n-1)
	k := int(at)
	frac := at - float64(k)
	if k >= len(x) || frac > 0 && k+1 >= len(x) {
		return math.NaN()
	}
	low := nth(x, k)
	if frac == 0 {
		return low
	}
	return low + (slices.Min(x[k+1:])-low)*frac
}

// between gives the value at rank q of the sorted rows.
func between(vals []float64, rows []int32, q float64) float64 {
	if math.Signbit(q) {
		q++
	}
	at := q * float64(len(rows)-1)
	k := int(at)
	lo := vals[rows[k]]
	if frac := at - float64(k); frac > 0 {
		hi := vals[rows[k+1]]
		return lo + (hi-lo)*frac
	}
	return lo
}
