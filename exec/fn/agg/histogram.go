package agg

import (
	"math"
	"slices"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// run is a value that a group has: a row that holds it, and how many do.
type run struct {
	row int32
	n   int64
}

// runs gives the different values of group g in order.
func (c *collected) runs(g int) []run {
	var out []run
	v := c.cols[0].Vector()
	rows := c.sorted(g)
	for k, r := range rows {
		if k == 0 || compareRows(v, rows[k-1], r) != 0 {
			out = append(out, run{r, 0})
		}
		out[len(out)-1].n++
	}
	return out
}

// byGroup makes an aggregate that works on all values of a group at once.
func byGroup(args []fn.Arg, result types.Type, one func(c *collected, g int, out *vec.Builder)) *fn.Overload {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type
	}
	return same(args, result, func([]fn.Arg) fn.Accumulator { return &groupAcc{newCollected(ts...), result, one} })
}

// groupAcc keeps the rows of each group and hands them to one.
type groupAcc struct {
	collected
	t   types.Type
	one func(c *collected, g int, out *vec.Builder)
}

func (a *groupAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	a.merge(&from.(*groupAcc).collected, src, dst)
	return nil
}

func (a *groupAcc) Result(lo, hi int, out *vec.Vector) error {
	b := vec.NewBuilder(a.t)
	for g := lo; g < hi; g++ {
		a.one(&a.collected, g, b)
	}
	*out = *b.Vector()
	return nil
}

var histogram = &fn.Function{
	Name: "histogram", Kind: fn.Aggregate, Category: "aggregate", Doc: "A map of the values, in order, and how often each occurs; NULL without any.",
	Signatures: []string{"histogram(T) → MAP(T, BIGINT)"}, Examples: tex("histogram(x) FROM (VALUES ('b'), ('a'), ('b')) t(x)", "{a=1, b=2}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		return byGroup(args, types.NewMap(args[0].Type, types.TBigInt), func(c *collected, g int, out *vec.Builder) {
			rs := c.runs(g)
			if len(rs) == 0 {
				out.AppendNull()
				return
			}
			kid := out.Kid(0)
			vec.AppendValue(out, vec.ListEntry{Off: uint32(kid.Len())})
			for _, r := range rs {
				kid.Kid(0).Append(c.cols[0].Vector(), []int32{r.row})
				vec.AppendValue(kid.Kid(1), r.n)
				kid.EndStruct()
			}
			out.ListLen()
		}), nil
	},
}

var entropy = &fn.Function{
	Name: "entropy", Kind: fn.Aggregate, Category: "statistics", Doc: "The information in a value, in bits: Shannon's entropy of how often each value occurs; 0 without any.",
	Signatures: []string{"entropy(any) → DOUBLE"}, Examples: tex("entropy(x) FROM (VALUES (1), (2), (1), (2)) t(x)", "1.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		return byGroup(args, types.TDouble, func(c *collected, g int, out *vec.Builder) {
			n, bits := 0.0, 0.0
			rs := c.runs(g)
			for _, r := range rs {
				n += float64(r.n)
			}
			for _, r := range rs {
				p := float64(r.n) / n
				bits -= p * math.Log2(p)
			}
			vec.AppendValue(out, max(bits, 0))
		}), nil
	},
}

var mad = &fn.Function{
	Name: "mad", Kind: fn.Aggregate, Category: "statistics", Doc: "The median of the values' distances from their median; of dates and times an interval.",
	Signatures: []string{"mad(number) → DOUBLE", "mad(date or time) → INTERVAL"}, Examples: tex("mad(x) FROM (VALUES (1), (2), (10)) t(x)", "1.0"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t, result := types.TDouble, types.TDouble
		switch k := args[0].Type.Kind; {
		case k == types.Date || k == types.Timestamp:
			t, result = types.TTimestamp, types.TInterval
		case k == types.TimestampTZ || k == types.Time:
			t, result = args[0].Type, types.TInterval
		default:
			if _, ok := numeric(args[0].Type); !ok {
				return nil, nil
			}
		}
		return byGroup([]fn.Arg{{Type: t}}, result, func(c *collected, g int, out *vec.Builder) {
			order, starts := c.rows()
			v := c.cols[0].Vector()
			var x []float64
			for _, r := range order[starts[g]:starts[g+1]] {
				if t.Kind == types.Double {
					x = append(x, vec.Values[float64](v)[r])
				} else {
					x = append(x, float64(vec.Values[int64](v)[r]))
				}
			}
			if len(x) == 0 {
				out.AppendNull()
				return
			}
			mid := middle(x)
			for i := range x {
				x[i] = math.Abs(x[i] - mid)
			}
			if mid = middle(x); result.Kind == types.Interval {
				us := int64(mid)
				vec.AppendValue(out, vec.IntervalValue{Days: int32(us / 86_400_000_000), Micros: us % 86_400_000_000})
				return
			}
			vec.AppendValue(out, mid)
		}), nil
	},
}

// middle sorts x and gives its median.
func middle(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	if n%2 == 1 {
		return x[n/2]
	}
	return x[n/2-1] + (x[n/2]-x[n/2-1])/2
}

var approxTopK = &fn.Function{
	Name: "approx_top_k", Kind: fn.Aggregate, Category: "aggregate", Doc: "The k most frequent values, the most frequent first; of equally frequent ones the smallest. It is exact.",
	Signatures: []string{"approx_top_k(T, k) → T[]"}, Examples: tex("approx_top_k(x, 2) FROM (VALUES (1), (2), (2), (3), (3), (3)) t(x)", "[3, 2]"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || !args[1].Type.IsInteger() {
			return nil, nil
		}
		args = []fn.Arg{args[0], {Type: types.TBigInt}}
		return byGroup(args, types.NewArray(args[0].Type), func(c *collected, g int, out *vec.Builder) {
			rs := c.runs(g)
			if len(rs) == 0 {
				out.AppendNull()
				return
			}
			slices.SortStableFunc(rs, func(a, b run) int { return int(b.n - a.n) })
			k := vec.Values[int64](c.cols[1].Vector())[rs[0].row]
			appendRows(out, c.cols[0].Vector(), rs[:min(max(k, 0), int64(len(rs)))], func(r run) int32 { return r.row })
		}), nil
	},
}

// appendRows adds an array of some rows of v.
func appendRows[T any](out *vec.Builder, v *vec.Vector, list []T, row func(T) int32) {
	kid := out.Kid(0)
	vec.AppendValue(out, vec.ListEntry{Off: uint32(kid.Len())})
	idx := make([]int32, len(list))
	for i, x := range list {
		idx[i] = row(x)
	}
	if len(idx) > 0 {
		kid.Append(v, idx)
	}
	out.ListLen()
}

// bestN binds min(x, n), max(x, n), arg_min(x, y, n) and arg_max(x, y, n): the values beside the n smallest or greatest keys.
func bestN(args []fn.Arg, greatest bool) (*fn.Overload, error) {
	n := len(args) - 1
	if !args[n].Type.IsInteger() {
		return nil, nil
	}
	if c := args[n].Const; c != nil && (c.IsNull(0) || vecInt(c) < 1 || vecInt(c) >= 1_000_000) {
		return nil, sqlerr.New(sqlerr.Bind, "the number of values must be from 1 to 999999")
	}
	list := []fn.Arg{args[n-1], {Type: types.TBigInt}, args[0]} // key, n, value
	o := byGroup(list, types.NewArray(args[0].Type), func(c *collected, g int, out *vec.Builder) {
		order, starts := c.rows()
		rows := slices.Clone(order[starts[g]:starts[g+1]])
		if len(rows) == 0 {
			out.AppendNull()
			return
		}
		v := c.cols[0].Vector()
		slices.SortStableFunc(rows, func(a, b int32) int {
			if greatest {
				a, b = b, a
			}
			return compareRows(v, a, b)
		})
		k := vec.Values[int64](c.cols[1].Vector())[rows[0]]
		appendRows(out, c.cols[2].Vector(), rows[:min(max(k, 0), int64(len(rows)))], func(r int32) int32 { return r })
	})
	inner := o.NewAcc
	o.Args = append([]types.Type{args[0].Type}, args[n-1].Type, types.TBigInt)
	if n == 1 {
		o.Args = []types.Type{args[0].Type, types.TBigInt}
	}
	o.NewAcc = func(a []fn.Arg) fn.Accumulator { return &turned{inner(a).(*groupAcc)} }
	return o, nil
}

func vecInt(v *vec.Vector) int64 {
	if v.Phys() == types.PI32 {
		return int64(vec.Values[int32](v)[0])
	}
	if v.Phys() == types.PI64 {
		return vec.Values[int64](v)[0]
	}
	return 0
}

// turned is a groupAcc whose columns are key, n and value, of arguments value, key and n, or value and n.
type turned struct{ *groupAcc }

func (a *turned) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	n := len(args) - 1
	return a.groupAcc.Update(groups, []*vec.Vector{args[n-1], args[n], args[0]}, sel)
}

func (a *turned) Merge(from fn.Accumulator, src, dst []int32) error {
	return a.groupAcc.Merge(from.(*turned).groupAcc, src, dst)
}
