package agg

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// meanOf makes an aggregate of DOUBLE columns that keeps two sums a group: add gives what a row adds to them.
func meanOf(name string, aliases []string, nargs int, doc string, add func(x, y float64) (s, w float64), result func(s, w float64) (float64, bool), examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "statistics", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{{Args: []types.Type{types.TDouble, types.TDouble}[:nargs], Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator {
			return &meanAcc{add: add, result: result}
		}}},
	}
}

var (
	geomean = meanOf("geomean", []string{"geometric_mean"}, 1, "The geometric mean: the n-th root of the product.", func(x, _ float64) (float64, float64) { return math.Log(x), 1 },
		func(s, w float64) (float64, bool) { return math.Exp(s / w), w > 0 }, "round(geomean(x), 6) FROM (VALUES (2), (8)) t(x)", "4.0")
	weightedAvg = meanOf("weighted_avg", []string{"wavg"}, 2, "The mean of the first argument, each value weighed by the second.", func(x, y float64) (float64, float64) { return x * y, y },
		func(s, w float64) (float64, bool) { return s / w, w != 0 }, "weighted_avg(x, w) FROM (VALUES (1, 3), (5, 1)) t(x, w)", "2.0")
)

// meanAcc keeps two sums.
type meanAcc struct {
	add    func(x, y float64) (float64, float64)
	result func(s, w float64) (float64, bool)
	s, w   []float64
	seen   []uint8
}

func (a *meanAcc) Grow(n int) { a.s, a.w, a.seen = grow(a.s, n), grow(a.w, n), grow(a.seen, n) }

func (a *meanAcc) Size() int { return 17 * cap(a.seen) }

func (a *meanAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	x := vec.ColOf[float64](args[0])
	y := x
	if len(args) > 1 {
		y = vec.ColOf[float64](args[1])
	}
	for k, i := range sel {
		s, w := a.add(x.At(i), y.At(i))
		g := groups[k]
		a.s[g] += s
		a.w[g] += w
		a.seen[g] = 1
	}
	return nil
}

func (a *meanAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*meanAcc)
	for k, g := range src {
		a.s[dst[k]] += f.s[g]
		a.w[dst[k]] += f.w[g]
		a.seen[dst[k]] |= f.seen[g]
	}
	return nil
}

func (a *meanAcc) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		v, ok := a.result(a.s[lo+i], a.w[lo+i])
		if !ok || a.seen[lo+i] == 0 {
			out.SetNull(i)
			continue
		}
		dst[i] = v
	}
	return nil
}
