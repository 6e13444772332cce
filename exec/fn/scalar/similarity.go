package scalar

import (
	"math"
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// likeness makes a function of two texts that gives a DOUBLE from 0 to 1.
func likeness(name string, aliases []string, doc string, f func(a, b []rune) float64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TDouble, ofStr2(func(a, b []byte) float64 { return f([]rune(string(a)), []rune(string(b))) }), types.TVarchar, types.TVarchar)},
	}
}

var (
	jaroSimilarity = likeness("jaro_similarity", nil, "How alike two texts are, from 0 to 1, by Jaro's formula.", jaro, "round(jaro_similarity('duck', 'duke'), 4)", "0.8333")
	jaroWinkler    = likeness("jaro_winkler_similarity", nil, "How alike two texts are, from 0 to 1, by Jaro's formula with Winkler's bonus for a common beginning.", func(a, b []rune) float64 {
		s := jaro(a, b)
		n := 0
		for n < min(len(a), len(b), 4) && a[n] == b[n] {
			n++
		}
		if s > 0.7 {
			s += float64(n) * 0.1 * (1 - s)
		}
		return s
	}, "round(jaro_winkler_similarity('duck', 'duke'), 4)", "0.8667")
	jaccard = likeness("jaccard", []string{"jaccard_similarity"}, "The characters that two texts have in common, as a part of all their characters.", func(a, b []rune) float64 {
		slices.Sort(a)
		slices.Sort(b)
		a, b = slices.Compact(a), slices.Compact(b)
		both := 0
		for _, r := range a {
			if _, ok := slices.BinarySearch(b, r); ok {
				both++
			}
		}
		if len(a)+len(b) == 0 {
			return 1
		}
		return float64(both) / float64(len(a)+len(b)-both)
	}, "jaccard('duck', 'luck')", "0.6")
)

// jaro is Jaro's similarity.
func jaro(a, b []rune) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	used := make([]bool, len(b))
	var inA []rune
	for i, r := range a {
		for j := max(i-reach, 0); j < min(i+reach+1, len(b)); j++ {
			if !used[j] && b[j] == r {
				used[j] = true
				inA = append(inA, r)
				break
			}
		}
	}
	m := float64(len(inA))
	if m == 0 {
		return 0
	}
	swapped, k := 0, 0
	for j, u := range used {
		if u {
			if b[j] != inA[k] {
				swapped++
			}
			k++
		}
	}
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(swapped/2))/m) / 3
}

var damerau = &fn.Function{
	Name: "damerau_levenshtein", Category: "string", Doc: "How many characters must be put in, taken out, changed, or swapped with the next one to turn one text into the other.", Examples: tex("damerau_levenshtein('duck', 'dukc')", "1"),
	Overloads: []*fn.Overload{sig(types.TBigInt, ofStr2(func(x, y []byte) int64 {
		a, b := []rune(string(x)), []rune(string(y))
		last := map[rune]int{}
		w := len(b) + 2
		d := make([]int, (len(a)+2)*w)
		far := len(a) + len(b)
		d[0] = far
		for i := 0; i <= len(a); i++ {
			d[(i+1)*w], d[(i+1)*w+1] = far, i
		}
		for j := 0; j <= len(b); j++ {
			d[j+1], d[w+j+1] = far, j
		}
		for i := 1; i <= len(a); i++ {
			match := 0
			for j := 1; j <= len(b); j++ {
				k, l, cost := last[b[j-1]], match, 1
				if a[i-1] == b[j-1] {
					cost, match = 0, j
				}
				d[(i+1)*w+j+1] = min(d[i*w+j]+cost, d[(i+1)*w+j]+1, d[i*w+j+1]+1, d[k*w+l]+(i-k-1)+1+(j-l-1))
			}
			last[a[i-1]] = i
		}
		return int64(d[(len(a)+1)*w+len(b)+1])
	}), types.TVarchar, types.TVarchar)},
}

// vectorFn makes a function of two arrays of numbers of one length.
func vectorFn(name string, aliases []string, doc string, f func(x, y []float64) float64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "nested", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{failing(sig(types.TDouble, measureRows(name, f), types.NewArray(types.TDouble), types.NewArray(types.TDouble)))},
	}
}

func dot(x, y []float64) float64 {
	s := 0.0
	for k := range x {
		s += x[k] * y[k]
	}
	return s
}

func cosine(x, y []float64) float64 {
	return max(-1, min(1, dot(x, y)/math.Sqrt(dot(x, x)*dot(y, y))))
}

var (
	listDistance = vectorFn("list_distance", []string{"array_distance"}, "The distance of two points.", func(x, y []float64) float64 {
		s := 0.0
		for k := range x {
			s += (x[k] - y[k]) * (x[k] - y[k])
		}
		return math.Sqrt(s)
	}, "list_distance([1, 2], [4, 6])", "5.0")
	listInner     = vectorFn("list_inner_product", []string{"array_inner_product", "list_dot_product", "array_dot_product"}, "The sum of the products of the elements at the same places.", dot, "list_dot_product([1, 2], [3, 4])", "11.0")
	listNegInner  = vectorFn("list_negative_inner_product", []string{"array_negative_inner_product", "list_negative_dot_product", "array_negative_dot_product"}, "The inner product with the other sign.", func(x, y []float64) float64 { return -dot(x, y) }, "list_negative_inner_product([1, 2], [3, 4])", "-11.0")
	listCosine    = vectorFn("list_cosine_similarity", []string{"array_cosine_similarity"}, "The cosine of the angle between two vectors.", cosine, "list_cosine_similarity([1, 0], [2, 0])", "1.0")
	listCosineFar = vectorFn("list_cosine_distance", []string{"array_cosine_distance"}, "1 less the cosine of the angle between two vectors.", func(x, y []float64) float64 { return 1 - cosine(x, y) }, "list_cosine_distance([1, 0], [0, 1])", "1.0")
)

func measureRows(name string, f func(x, y []float64) float64) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[float64](out)
		var x, y []float64
		for _, i := range sel {
			a, b := listAt(args[0], i), listAt(args[1], i)
			if a.n != b.n {
				return dataErr("%s: the arrays have %d and %d elements", name, a.n, b.n)
			}
			var ok1, ok2 bool
			x, ok1 = a.floats(x[:0])
			y, ok2 = b.floats(y[:0])
			if !ok1 || !ok2 {
				return dataErr("%s: an array has a NULL", name)
			}
			dst[i] = f(x, y)
		}
		return nil
	}
}

// floats gives the elements of an array of DOUBLE; ok is false if one is NULL.
func (l list) floats(dst []float64) (out []float64, ok bool) {
	for k := l.off; k < l.off+l.n; k++ {
		if l.kid.IsNull(k) {
			return dst, false
		}
		dst = append(dst, vec.ValueAt[float64](l.kid, k))
	}
	return dst, true
}
