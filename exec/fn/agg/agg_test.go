package agg

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// column makes a flat vector of n random values of type t; narrow carries a decimal in 64 bits, nan mixes NaN into DOUBLE.
func column(r *rand.Rand, t types.Type, n int, narrow, nan bool) *vec.Vector {
	v := vec.New(t, n)
	if narrow {
		v.ResetAs(t, types.PI64, n)
	}
	for i := range n {
		switch v.Phys() {
		case types.PBool:
			vec.Values[uint8](v)[i] = uint8(r.IntN(2))
		case types.PI32:
			vec.Values[int32](v)[i] = int32(r.IntN(200) - 100)
		case types.PI64:
			vec.Values[int64](v)[i] = r.Int64N(1e17) - 5e16
		case types.PI128:
			x, _ := kernel.Mul128(kernel.I128(r.Int64N(1e17)-5e16), kernel.I128(r.Int64N(1e12)))
			vec.Values[vec.Int128](v)[i] = x
		case types.PF64:
			vec.Values[float64](v)[i] = float64(r.IntN(1000)) / 8
			if nan && r.IntN(50) == 0 {
				vec.Values[float64](v)[i] = math.NaN()
			}
		case types.PView:
			v.SetBytes(i, []byte(strings.Repeat(fmt.Sprint(r.IntN(50)), 1+r.IntN(8))))
		case types.PInterval:
			vec.Values[vec.IntervalValue](v)[i] = vec.IntervalValue{Days: int32(r.IntN(100)), Micros: int64(r.IntN(1000))}
		}
	}
	return v
}

func textOf(v *vec.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	return string(kernel.AppendText(nil, f, k))
}

// runBoth runs f over random batches in two workers, merges them, and gives the results by group as text, with the values that
// each group got.
func runBoth(t *testing.T, f *fn.Function, ts []types.Type, groups int, narrow bool, seed uint64) (got []string, values [][][2]string) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var list []fn.Arg
	for _, x := range ts {
		list = append(list, fn.Arg{Type: x})
	}
	o, err := f.Resolve(list)
	if err != nil {
		t.Fatal(err)
	}
	accs := []fn.Accumulator{o.NewAcc(list), o.NewAcc(list)}
	values = make([][][2]string, groups)
	for w, acc := range accs {
		acc.Grow(groups)
		for range 4 {
			n := 1 + r.IntN(300)
			var args []*vec.Vector
			for k := range ts {
				v := column(r, o.Args[k], n, narrow && o.Args[k].Phys() == types.PI128, ts[k].Kind == types.Double)
				if r.IntN(4) == 0 {
					v.SetConst(n)
				}
				args = append(args, v)
			}
			var sel, gs []int32
			for i := range n {
				if r.IntN(3) > 0 {
					g := 0
					if groups > 1 {
						g = 2*r.IntN(groups/2) + w*r.IntN(2)
					}
					sel, gs = append(sel, int32(i)), append(gs, int32(g))
				}
			}
			if len(sel) == 0 {
				continue
			}
			if groups == 1 {
				gs = vec.Zeros(len(sel))
			}
			if err := acc.Update(gs, args, sel); err != nil {
				t.Fatal(err)
			}
			for k, i := range sel {
				p := [2]string{textOf(args[0], int(i))}
				if len(args) > 1 {
					p[1] = textOf(args[1], int(i))
				}
				values[gs[k]] = append(values[gs[k]], p)
			}
		}
	}
	var all []int32
	for g := range groups {
		all = append(all, int32(g))
	}
	half := groups / 2
	for _, part := range [][]int32{all[half:], all[:half]} {
		if err := accs[0].Merge(accs[1], part, part); err != nil {
			t.Fatal(err)
		}
	}
	for lo := 0; lo < groups; lo += 7 {
		hi := min(lo+7, groups)
		out := vec.New(o.Result, hi-lo)
		if err := accs[0].Result(lo, hi, out); err != nil {
			t.Fatal(err)
		}
		for i := range hi - lo {
			got = append(got, textOf(out, i))
		}
	}
	if accs[0].Size() <= 0 {
		t.Error("no size")
	}
	return got, values
}

func rat(s string) *big.Rat {
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return x
}

// TestSums checks count, sum and avg against exact arithmetic.
func TestSums(t *testing.T) {
	for seed, typ := range []types.Type{types.TInteger, types.NewDecimal(15, 2), types.NewDecimal(25, 4), types.NewDecimal(18, 0)} {
		for _, groups := range []int{1, 2, 40} {
			for _, narrow := range []bool{false, true} {
				sums, vals := runBoth(t, sum, []types.Type{typ}, groups, narrow, uint64(seed))
				counts, _ := runBoth(t, count, []types.Type{typ}, groups, narrow, uint64(seed))
				avgs, _ := runBoth(t, avg, []types.Type{typ}, groups, narrow, uint64(seed))
				for g, list := range vals {
					if len(list) == 0 {
						if sums[g] != "NULL" || avgs[g] != "NULL" || counts[g] != "0" {
							t.Errorf("%s: empty group gives %s, %s, %s", typ, sums[g], avgs[g], counts[g])
						}
						continue
					}
					want := new(big.Rat)
					for _, v := range list {
						want.Add(want, rat(v[0]))
					}
					if rat(sums[g]).Cmp(want) != 0 {
						t.Errorf("sum(%s) = %s, want %s", typ, sums[g], want.FloatString(4))
					}
					mean, _ := want.Quo(want, big.NewRat(int64(len(list)), 1)).Float64()
					if a, _ := rat(avgs[g]).Float64(); math.Abs(a-mean) > 1e-12*math.Abs(mean) {
						t.Errorf("avg(%s) = %s, want %v", typ, avgs[g], mean)
					}
					if counts[g] != fmt.Sprint(len(list)) {
						t.Errorf("count = %s, want %d", counts[g], len(list))
					}
				}
			}
		}
	}
}

// TestSumOverflow checks that a sum passes 64 bits on its way, and fails only when it ends there.
func TestSumOverflow(t *testing.T) {
	o, err := sum.Resolve([]fn.Arg{{Type: types.TBigInt}})
	if err != nil {
		t.Fatal(err)
	}
	for _, groups := range [][]int32{vec.Zeros(4), {0, 0, 0, 0}} {
		acc := o.NewAcc(nil)
		acc.Grow(1)
		v := vec.New(types.TBigInt, 4)
		copy(vec.Values[int64](v), []int64{math.MaxInt64, math.MaxInt64, math.MinInt64, math.MinInt64})
		out := vec.New(types.TBigInt, 1)
		if err := acc.Update(groups, []*vec.Vector{v}, vec.Identity(4)); err != nil {
			t.Fatal(err)
		}
		if err := acc.Result(0, 1, out); err != nil || textOf(out, 0) != "-2" {
			t.Errorf("sum = %s, %v", textOf(out, 0), err)
		}
		_ = acc.Update(groups[:2], []*vec.Vector{v}, vec.Identity(2))
		if err := acc.Result(0, 1, out); err == nil || !strings.Contains(err.Error(), "18446744073709551612") {
			t.Errorf("overflow gives %v", err)
		}
	}
}

// TestExtremes checks min, max, arg_min, any_value, mode and collect_set of all layouts against comparing the values as text of
// a sorted list.
func TestExtremes(t *testing.T) {
	for seed, typ := range []types.Type{types.TBoolean, types.TInteger, types.TBigInt, types.NewDecimal(25, 4), types.TDouble, types.TVarchar, types.TInterval} {
		for _, groups := range []int{1, 30} {
			mins, vals := runBoth(t, minFn, []types.Type{typ}, groups, true, uint64(seed))
			maxs, _ := runBoth(t, maxFn, []types.Type{typ}, groups, true, uint64(seed))
			sets, _ := runBoth(t, collectSet, []types.Type{typ}, groups, true, uint64(seed))
			modes, _ := runBoth(t, mode, []types.Type{typ}, groups, true, uint64(seed))
			for g, list := range vals {
				if len(list) == 0 {
					if mins[g] != "NULL" || maxs[g] != "NULL" || sets[g] != "[]" || modes[g] != "NULL" {
						t.Errorf("empty group of %s gives %s %s %s %s", typ, mins[g], maxs[g], sets[g], modes[g])
					}
					continue
				}
				v := vec.New(typ, len(list))
				for i, x := range list {
					if why := kernel.ParseInto([]byte(x[0]), typ, nil, v, i); why != "" {
						t.Fatal(x[0], why)
					}
				}
				idx := slices.Clone(vec.Identity(len(list)))
				slices.SortFunc(idx, func(a, b int32) int { return compareRows(v, a, b) })
				if lo, hi := textOf(v, int(idx[0])), textOf(v, int(idx[len(idx)-1])); lo != mins[g] || hi != maxs[g] {
					t.Errorf("%s: min %s, max %s, want %s, %s", typ, mins[g], maxs[g], lo, hi)
				}
				var once []string
				best, most, n := "", 0, map[string]int{}
				for _, i := range idx {
					x := textOf(v, int(i))
					if n[x]++; n[x] == 1 {
						once = append(once, x)
					}
				}
				for _, x := range once {
					if n[x] > most {
						best, most = x, n[x]
					}
				}
				if want := "[" + strings.Join(once, ", ") + "]"; want != strings.ReplaceAll(sets[g], "'", "") || modes[g] != best {
					t.Errorf("%s: set %s, want %s; mode %s, want %s", typ, sets[g], want, modes[g], best)
				}
			}
		}
	}
}

// TestOrdered checks the aggregates that keep the order of rows.
func TestOrdered(t *testing.T) {
	for seed, typ := range []types.Type{types.TInteger, types.TVarchar} {
		for _, groups := range []int{1, 30} {
			arrays, vals := runBoth(t, arrayAgg, []types.Type{typ}, groups, false, uint64(seed))
			texts, _ := runBoth(t, stringAgg, []types.Type{typ}, groups, false, uint64(seed))
			_ = texts
			firsts, _ := runBoth(t, first, []types.Type{typ}, groups, false, uint64(seed))
			lasts, _ := runBoth(t, last, []types.Type{typ}, groups, false, uint64(seed))
			for g, list := range vals {
				want := []string{"NULL", "NULL", "NULL"}
				if len(list) > 0 {
					var all []string
					for _, x := range list {
						all = append(all, x[0])
					}
					want = []string{"[" + strings.Join(all, ", ") + "]", all[0], all[len(all)-1]}
				}
				if got := []string{arrays[g], firsts[g], lasts[g]}; !slices.Equal(got, want) {
					t.Errorf("%s group %d: %v, want %v", typ, g, got, want)
				}
				if typ.Kind == types.Varchar && len(list) > 0 && "["+strings.ReplaceAll(texts[g], ",", ", ")+"]" != want[0] {
					t.Errorf("string_agg = %s, want %s", texts[g], want[0])
				}
			}
		}
	}
}

// TestArgExtremes checks arg_min and arg_max, which take the smallest of several.
func TestArgExtremes(t *testing.T) {
	ts := []types.Type{types.TBigInt, types.TInteger}
	mins, vals := runBoth(t, argMin, ts, 20, false, 5)
	maxs, _ := runBoth(t, argMax, ts, 20, false, 5)
	for g, list := range vals {
		lo, hi := -1, -1
		for i, x := range list {
			better := func(than, sign int) bool {
				if than < 0 {
					return true
				}
				if c := rat(x[1]).Cmp(rat(list[than][1])) * sign; c != 0 {
					return c > 0
				}
				return rat(x[0]).Cmp(rat(list[than][0])) < 0
			}
			if better(lo, -1) {
				lo = i
			}
			if better(hi, 1) {
				hi = i
			}
		}
		if lo >= 0 && (mins[g] != list[lo][0] || maxs[g] != list[hi][0]) {
			t.Errorf("arg_min %s, arg_max %s, want %s, %s", mins[g], maxs[g], list[lo][0], list[hi][0])
		}
	}
}

// TestSpread checks variance and quantiles against their definitions.
func TestSpread(t *testing.T) {
	ts := []types.Type{types.TInteger}
	vars, vals := runBoth(t, varSamp, ts, 20, false, 9)
	meds, _ := runBoth(t, median, ts, 20, false, 9)
	for g, list := range vals {
		var xs []float64
		mean := 0.0
		for _, x := range list {
			f, _ := rat(x[0]).Float64()
			xs = append(xs, f)
			mean += f
		}
		if len(xs) < 2 {
			continue
		}
		mean /= float64(len(xs))
		m2 := 0.0
		for _, x := range xs {
			m2 += (x - mean) * (x - mean)
		}
		slices.Sort(xs)
		med := (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
		v, _ := kernel.ParseFloat([]byte(vars[g]))
		m, _ := kernel.ParseFloat([]byte(meds[g]))
		if want := m2 / float64(len(xs)-1); math.Abs(v-want) > 1e-9*want || m != med {
			t.Errorf("var %v, want %v; median %v, want %v", v, want, m, med)
		}
	}
}

// TestApproxCount checks the estimate of distinct values, alone and merged.
func TestApproxCount(t *testing.T) {
	for _, n := range []int{5, 1000, 200000} {
		a, b := &hll{}, &hll{}
		a.Grow(1)
		b.Grow(1)
		v := vec.New(types.TBigInt, n)
		for i := range n {
			vec.Values[int64](v)[i] = int64(i) * 7
		}
		sel := make([]int32, n)
		for i := range sel {
			sel[i] = int32(i)
		}
		half := n / 2
		_ = a.Update(make([]int32, half), []*vec.Vector{v}, sel[:half])
		_ = b.Update(make([]int32, n-half), []*vec.Vector{v}, sel[half:])
		_ = a.Merge(b, []int32{0}, []int32{0})
		out := vec.New(types.TBigInt, 1)
		_ = a.Result(0, 1, out)
		if got := float64(vec.Values[int64](out)[0]); math.Abs(got-float64(n)) > 0.06*float64(n) {
			t.Errorf("about %v of %d", got, n)
		}
	}
}

// TestTextsPack checks that the arena of strings that are replaced again and again stays small.
func TestTextsPack(t *testing.T) {
	var x texts
	x.grow(3)
	long := []byte(strings.Repeat("x", 1000))
	for i := range 10000 {
		long[i%1000] = byte('a' + i%26)
		v := vec.New(types.TVarchar, 1)
		v.SetBytes(0, long)
		x.set(int32(i%3), &vec.Values[vec.View](v)[0], v.Bufs)
		if string(x.at(i%3)) != string(long) {
			t.Fatal("lost a string")
		}
	}
	if x.size() > 1<<20 {
		t.Errorf("%d bytes held for 3 strings", x.size())
	}
}

// Benchmarks run over 512k rows of fresh values in batches.
const benchRows = 1 << 19

func bench(b *testing.B, f *fn.Function, t types.Type, groups int, narrow bool) {
	r := rand.New(rand.NewPCG(1, 2))
	var batches []*vec.Vector
	var gs [][]int32
	for range benchRows / vec.BatchSize {
		batches = append(batches, column(r, t, vec.BatchSize, narrow, false))
		g := make([]int32, vec.BatchSize)
		for i := range g {
			g[i] = int32(r.IntN(groups))
		}
		if groups == 1 {
			g = vec.Zeros(vec.BatchSize)
		}
		gs = append(gs, g)
	}
	list := []fn.Arg{{Type: t}}
	o, err := f.Resolve(list)
	if err != nil {
		b.Fatal(err)
	}
	acc := o.NewAcc(list)
	acc.Grow(groups)
	sel := vec.Identity(vec.BatchSize)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		for k, v := range batches {
			if err := acc.Update(gs[k], []*vec.Vector{v}, sel); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkUpdate(b *testing.B) {
	for _, c := range []struct {
		f      *fn.Function
		t      types.Type
		narrow bool
	}{
		{count, types.TInteger, false}, {sum, types.TInteger, false}, {sum, types.TBigInt, false}, {sum, types.NewDecimal(32, 4), true}, {sum, types.NewDecimal(32, 4), false},
		{sum, types.TDouble, false}, {avg, types.NewDecimal(15, 2), false}, {minFn, types.TInteger, false}, {minFn, types.TVarchar, false}, {maxFn, types.NewDecimal(32, 4), true},
	} {
		for _, groups := range []int{1, 8, 100000} {
			b.Run(fmt.Sprintf("%s/%s/narrow=%v/groups=%d", c.f.Name, c.t, c.narrow, groups), func(b *testing.B) { bench(b, c.f, c.t, groups, c.narrow) })
		}
	}
}
