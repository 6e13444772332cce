package agg

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// spread makes an aggregate of the moments of one column. f gets the count (at least least), and the sum of squared distances
// from the mean.
func spread(name string, aliases []string, doc string, least int64, f func(n, m2 float64) float64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "statistics", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{{Args: []types.Type{types.TDouble}, Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator { return &spreadAcc{least: least, f: f} }}},
	}
}

var (
	varSamp    = spread("var_samp", []string{"variance"}, "The variance of a sample.", 2, func(n, m2 float64) float64 { return m2 / (n - 1) }, "var_samp(x) FROM (VALUES (1), (2), (3)) t(x)", "1.0")
	varPop     = spread("var_pop", nil, "The variance of a population.", 1, func(n, m2 float64) float64 { return m2 / n }, "var_pop(x) FROM (VALUES (1), (3)) t(x)", "1.0")
	stddevSamp = spread("stddev_samp", []string{"stddev", "std"}, "The standard deviation of a sample.", 2, func(n, m2 float64) float64 { return math.Sqrt(m2 / (n - 1)) }, "stddev(x) FROM (VALUES (1), (2), (3)) t(x)", "1.0", "stddev(x) FROM (VALUES (1)) t(x)", "NULL")
	stddevPop  = spread("stddev_pop", nil, "The standard deviation of a population.", 1, func(n, m2 float64) float64 { return math.Sqrt(m2 / n) }, "stddev_pop(x) FROM (VALUES (1), (3)) t(x)", "1.0")
	sem        = spread("sem", nil, "The standard error of the mean.", 2, func(n, m2 float64) float64 { return math.Sqrt(m2/(n-1)) / math.Sqrt(n) }, "round(sem(x), 4) FROM (VALUES (1), (2), (3)) t(x)", "0.5774")
)

// spreadAcc keeps count, mean and squared distances (Welford's way, which does not cancel).
type spreadAcc struct {
	least    int64
	f        func(n, m2 float64) float64
	n        []int64
	mean, m2 []float64
}

func (a *spreadAcc) Grow(n int) { a.n, a.mean, a.m2 = grow(a.n, n), grow(a.mean, n), grow(a.m2, n) }

func (a *spreadAcc) Size() int { return 24 * cap(a.n) }

func (a *spreadAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[float64](args[0])
	for k, i := range sel {
		g, x := groups[k], c.At(i)
		a.n[g]++
		d := x - a.mean[g]
		a.mean[g] += d / float64(a.n[g])
		a.m2[g] += d * (x - a.mean[g])
	}
	return nil
}

func (a *spreadAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*spreadAcc)
	for k, g := range src {
		h := dst[k]
		if f.n[g] == 0 {
			continue
		}
		na, nb := float64(a.n[h]), float64(f.n[g])
		d := f.mean[g] - a.mean[h]
		a.m2[h] += f.m2[g] + d*d*na*nb/(na+nb)
		a.mean[h] += d * nb / (na + nb)
		a.n[h] += f.n[g]
	}
	return nil
}

func (a *spreadAcc) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		if a.n[lo+i] < a.least {
			out.SetNull(i)
			continue
		}
		dst[i] = a.f(float64(a.n[lo+i]), a.m2[lo+i])
	}
	return nil
}

// co is what is known of pairs (y, x): count, means, squared distances and their products.
type co struct{ n, my, mx, syy, sxx, sxy float64 }

// paired makes an aggregate of two columns: y first, then x. ok = false gives NULL.
func paired(name string, aliases []string, doc string, f func(c *co) (v float64, ok bool), examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "statistics", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{{Args: []types.Type{types.TDouble, types.TDouble}, Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator { return &pairAcc{f: f} }}},
	}
}

const pairs = " FROM (VALUES (1, 1), (3, 2), (5, 3)) t(y, x)"

var (
	covarSamp     = paired("covar_samp", nil, "The covariance of a sample.", func(c *co) (float64, bool) { return c.sxy / (c.n - 1), c.n > 1 }, "covar_samp(y, x)"+pairs, "2.0")
	covarPop      = paired("covar_pop", nil, "The covariance of a population.", func(c *co) (float64, bool) { return c.sxy / c.n, c.n > 0 }, "round(covar_pop(y, x), 4)"+pairs, "1.3333")
	corr          = paired("corr", nil, "Pearson's correlation.", func(c *co) (float64, bool) { return c.sxy / math.Sqrt(c.sxx*c.syy), c.n > 1 && c.sxx > 0 && c.syy > 0 }, "corr(y, x)"+pairs, "1.0")
	regrSlope     = paired("regr_slope", nil, "The slope of the line nearest to the points (x, y): regr_slope(y, x).", func(c *co) (float64, bool) { return c.sxy / c.sxx, c.sxx > 0 }, "regr_slope(y, x)"+pairs, "2.0")
	regrIntercept = paired("regr_intercept", nil, "Where the line nearest to the points meets the y axis.", func(c *co) (float64, bool) { return c.my - c.sxy/c.sxx*c.mx, c.sxx > 0 }, "regr_intercept(y, x)"+pairs, "-1.0")
	regrR2        = paired("regr_r2", nil, "The square of the correlation.", func(c *co) (float64, bool) {
		if c.syy == 0 {
			return 1, c.sxx > 0
		}
		return c.sxy * c.sxy / (c.sxx * c.syy), c.sxx > 0
	}, "regr_r2(y, x)"+pairs, "1.0")
	regrCount = paired("regr_count", nil, "The number of pairs without NULL.", func(c *co) (float64, bool) { return c.n, true }, "regr_count(y, x)"+pairs, "3.0")
	regrAvgX  = paired("regr_avgx", nil, "The mean of x.", func(c *co) (float64, bool) { return c.mx, c.n > 0 }, "regr_avgx(y, x)"+pairs, "2.0")
	regrAvgY  = paired("regr_avgy", nil, "The mean of y.", func(c *co) (float64, bool) { return c.my, c.n > 0 }, "regr_avgy(y, x)"+pairs, "3.0")
	regrSXX   = paired("regr_sxx", nil, "The sum of squared distances of x from its mean.", func(c *co) (float64, bool) { return c.sxx, c.n > 0 }, "regr_sxx(y, x)"+pairs, "2.0")
	regrSYY   = paired("regr_syy", nil, "The sum of squared distances of y from its mean.", func(c *co) (float64, bool) { return c.syy, c.n > 0 }, "regr_syy(y, x)"+pairs, "8.0")
	regrSXY   = paired("regr_sxy", nil, "The sum of the products of the distances of x and y.", func(c *co) (float64, bool) { return c.sxy, c.n > 0 }, "regr_sxy(y, x)"+pairs, "4.0")
)

// pairAcc keeps the moments of pairs.
type pairAcc struct {
	f func(c *co) (float64, bool)
	s []co
}

func (a *pairAcc) Grow(n int) { a.s = grow(a.s, n) }

func (a *pairAcc) Size() int { return 48 * cap(a.s) }

func (a *pairAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	cy, cx := vec.ColOf[float64](args[0]), vec.ColOf[float64](args[1])
	for k, i := range sel {
		a.s[groups[k]].add(&co{n: 1, my: cy.At(i), mx: cx.At(i)})
	}
	return nil
}

// add puts the pairs of b to those of a.
func (a *co) add(b *co) {
	if b.n == 0 {
		return
	}
	n := a.n + b.n
	dy, dx := b.my-a.my, b.mx-a.mx
	w := a.n * b.n / n
	a.syy += b.syy + dy*dy*w
	a.sxx += b.sxx + dx*dx*w
	a.sxy += b.sxy + dx*dy*w
	a.my += dy * b.n / n
	a.mx += dx * b.n / n
	a.n = n
}

func (a *pairAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*pairAcc)
	for k, g := range src {
		a.s[dst[k]].add(&f.s[g])
	}
	return nil
}

func (a *pairAcc) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		v, ok := a.f(&a.s[lo+i])
		if !ok {
			out.SetNull(i)
			continue
		}
		dst[i] = v
	}
	return nil
}

// shape makes skewness or kurtosis, from the sums of the first four powers of the distances.
func shape(name string, doc string, f func(n, m2, m3, m4 float64) (float64, bool), examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Kind: fn.Aggregate, Category: "statistics", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{{Args: []types.Type{types.TDouble}, Result: types.TDouble, NewAcc: func([]fn.Arg) fn.Accumulator { return &shapeAcc{f: f} }}},
	}
}

var (
	skewness = shape("skewness", "How lopsided the values lie, by the formula for samples.", func(n, m2, m3, _ float64) (float64, bool) {
		return math.Sqrt(n*(n-1)) / (n - 2) * (m3 / n) / math.Pow(m2/n, 1.5), n > 2 && m2 > 0
	}, "round(skewness(x), 4) FROM (VALUES (1), (2), (10)) t(x)", "1.6523")
	kurtosis = shape("kurtosis", "How heavy the ends of the distribution are, less that of the normal one, by the formula for samples.", func(n, m2, _, m4 float64) (float64, bool) {
		return (n - 1) / ((n - 2) * (n - 3)) * ((n+1)*(m4*n/(m2*m2)-3) + 6), n > 3 && m2 > 0
	}, "round(kurtosis(x), 4) FROM (VALUES (1), (2), (3), (10)) t(x)", "3.228")
	kurtosisPop = shape("kurtosis_pop", "How heavy the ends of the distribution are, less that of the normal one, by the formula for populations.", func(n, m2, _, m4 float64) (float64, bool) {
		return m4*n/(m2*m2) - 3, n > 1 && m2 > 0
	}, "round(kurtosis_pop(x), 4) FROM (VALUES (1), (2), (3), (10)) t(x)", "-0.7696")
)

// shapeAcc keeps the moments up to the fourth.
type shapeAcc struct {
	f func(n, m2, m3, m4 float64) (float64, bool)
	s []powers
}

// powers are the count, the mean, and sums of powers of the distances from it.
type powers struct{ n, mean, m2, m3, m4 float64 }

func (a *powers) add(b *powers) {
	if b.n == 0 {
		return
	}
	n, d := a.n+b.n, b.mean-a.mean
	r := d / n
	m4 := a.m4 + b.m4 + d*r*r*r*a.n*b.n*(a.n*a.n-a.n*b.n+b.n*b.n) + 6*r*r*(a.n*a.n*b.m2+b.n*b.n*a.m2) + 4*r*(a.n*b.m3-b.n*a.m3)
	m3 := a.m3 + b.m3 + d*r*r*a.n*b.n*(a.n-b.n) + 3*r*(a.n*b.m2-b.n*a.m2)
	a.m2 += b.m2 + d*r*a.n*b.n
	a.mean += r * b.n
	a.n, a.m3, a.m4 = n, m3, m4
}

func (a *shapeAcc) Grow(n int) { a.s = grow(a.s, n) }

func (a *shapeAcc) Size() int { return 40 * cap(a.s) }

func (a *shapeAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[float64](args[0])
	for k, i := range sel {
		a.s[groups[k]].add(&powers{n: 1, mean: c.At(i)})
	}
	return nil
}

func (a *shapeAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*shapeAcc)
	for k, g := range src {
		a.s[dst[k]].add(&f.s[g])
	}
	return nil
}

func (a *shapeAcc) Result(lo, hi int, out *vec.Vector) error {
	dst := vec.Values[float64](out)
	for i := range hi - lo {
		p := &a.s[lo+i]
		v, ok := a.f(p.n, p.m2, p.m3, p.m4)
		if !ok {
			out.SetNull(i)
			continue
		}
		dst[i] = v
	}
	return nil
}
