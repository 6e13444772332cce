package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// barCount is the number of bars that bars draws.
const barCount = 10

var barRunes = []rune(" ▁▂▃▄▅▆▇█")

var bars = &fn.Function{
	Name: "bars", Category: "nested", Doc: "A small histogram of the values of an array, from the least to the greatest: ten blocks as high as the values there are many.",
	Signatures: []string{"bars(T[]) → VARCHAR"}, Examples: tex("bars([1, 2, 2, 10])", "▄█       ▄", "bars([3, 3])", "█"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		t := asList(args[0].Type)
		if t.Kind != types.Array {
			return nil, nil
		}
		switch e := t.Elems[0].Type; {
		case e.Kind == types.Date || e.Kind == types.Timestamp || e.Kind == types.TimestampTZ || e.Kind == types.Time:
		case e.IsNumeric() || e.Kind == types.Null:
			t = types.NewArray(types.TDouble)
		default:
			return nil, nil
		}
		return sig(types.TVarchar, drawBars, t), nil
	},
}

func drawBars(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	var xs []float64
	for _, i := range sel {
		xs = xs[:0]
		l := listAt(args[0], i)
		for k := range l.n {
			if x, ok := measure(l.kid, l.off+k); ok {
				xs = append(xs, x)
			}
		}
		if len(xs) == 0 {
			out.SetNull(int(i))
			continue
		}
		out.SetBytes(int(i), []byte(barsOf(xs)))
	}
	return nil
}

// measure gives a number or a time as a number; NULL and what is not finite are left out.
func measure(v *vec.Vector, i int) (float64, bool) {
	if v.IsNull(i) {
		return 0, false
	}
	f, k := v.At(i)
	switch f.Phys() {
	case types.PI32:
		return float64(vec.Values[int32](f)[k]), true
	case types.PI64:
		return float64(vec.Values[int64](f)[k]), true
	case types.PF64:
		x := vec.Values[float64](f)[k]
		return x, !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return 0, false
}

func barsOf(xs []float64) string {
	lo, hi := xs[0], xs[0]
	for _, x := range xs {
		lo, hi = min(lo, x), max(hi, x)
	}
	if lo == hi {
		return string(barRunes[len(barRunes)-1])
	}
	var counts [barCount]int
	most := 0
	for _, x := range xs {
		k := min(int((x/2-lo/2)/(hi/2-lo/2)*barCount), barCount-1) // halves: hi - lo may overflow
		counts[k]++
		most = max(most, counts[k])
	}
	var out []rune
	for _, n := range counts {
		out = append(out, barRunes[(n*(len(barRunes)-1)+most-1)/most])
	}
	return string(out)
}
