package key_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

var char5 = types.Type{Kind: types.Varchar, N: 5, Fixed: true}

// columns are values of which many are close to each other.
func columns(rng *rand.Rand, n int) []*vec.Vector {
	strs := []any{nil, "", "a", "a\x00", "a\x00b", "a\xff", "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456788", "b"}
	choose := func(list ...any) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = list[rng.IntN(len(list))]
		}
		return out
	}
	lists := []any{nil, []any{}, []any{nil}, []any{"a"}, []any{"a", "b"}, []any{"a", nil}, []any{"b"}}
	pair := types.NewStruct(types.Field{Name: "x", Type: types.TInteger}, types.Field{Name: "y", Type: types.TVarchar})
	return []*vec.Vector{
		optest.Vector(types.TBoolean, choose(nil, true, false)),
		optest.Vector(types.TInteger, choose(nil, int64(-1), int64(0), int64(1), int64(math.MinInt32), int64(math.MaxInt32))),
		optest.Vector(types.TBigInt, choose(nil, int64(-1), int64(0), int64(1), int64(math.MinInt64), int64(math.MaxInt64))),
		optest.Vector(types.NewDecimal(38, 0), choose(nil, int64(-1), int64(0), int64(1), int64(math.MinInt64), int64(math.MaxInt64))),
		optest.Vector(types.TDouble, choose(nil, math.NaN(), -math.NaN(), 0.0, math.Copysign(0, -1), 1.5, -1.5, math.Inf(1), math.Inf(-1))),
		optest.Vector(types.TVarchar, choose(strs...)),
		optest.Vector(char5, choose(nil, "a", "a ", "a  ", "ab", "")),
		optest.Vector(types.TInterval, choose(nil, int64(-31), int64(-1), int64(0), int64(30))),
		optest.Vector(types.NewArray(types.TVarchar), choose(lists...)),
		optest.Vector(pair, choose(nil, []any{nil, nil}, []any{int64(1), nil}, []any{int64(1), "a"}, []any{int64(2), "a"})),
	}
}

// order compares as the doc of Encoder says.
func order(v *vec.Vector, i, j int, desc, first bool) int {
	in, jn := v.IsNull(i), v.IsNull(j)
	switch {
	case in && jn:
		return 0
	case in:
		if first {
			return -1
		}
		return 1
	case jn:
		return -order(v, j, i, desc, first)
	case desc:
		return key.Compare(v, j, v, i)
	}
	return key.Compare(v, i, v, j)
}

// TestAgreement checks hash, equality, order and encoding against each other.
func TestAgreement(t *testing.T) {
	const n = 200
	for c, v := range columns(rand.New(rand.NewPCG(1, 2)), n) {
		hashes := make([]uint64, n)
		key.Hash(hashes, v, nil)
		for _, desc := range []bool{false, true} {
			for _, first := range []bool{false, true} {
				e := key.Encoder{Desc: []bool{desc}, NullsFirst: []bool{first}}
				enc := make([][]byte, n)
				for i := range enc {
					enc[i] = e.Append(nil, []*vec.Vector{v}, i)
				}
				for i := range n {
					for j := range n {
						want := order(v, i, j, desc, first)
						if got := bytes.Compare(enc[i], enc[j]); got != want {
							t.Fatalf("column %d: %v and %v: bytes say %d, order %d", c, optest.Cell(v, i), optest.Cell(v, j), got, want)
						}
						same := key.Equal(v, i, v, j)
						if same != (want == 0) || same != (hashes[i] == hashes[j]) {
							t.Fatalf("column %d: %v and %v: equal %v, order %d, hashes %x %x", c, optest.Cell(v, i), optest.Cell(v, j), same, want, hashes[i], hashes[j])
						}
						if m := key.Match([]int32{0}, v, []int32{int32(i)}, v, []int32{int32(j)}); (len(m) == 1) != same {
							t.Fatalf("column %d: %v and %v: Match says %v", c, optest.Cell(v, i), optest.Cell(v, j), m)
						}
					}
				}
			}
		}
	}
}

// TestKnownOrder pins what Compare means where the other tests only compare it with itself.
func TestKnownOrder(t *testing.T) {
	d := optest.Vector(types.TDouble, []any{math.Inf(-1), -1.0, 0.0, math.Copysign(0, -1), 1.0, math.Inf(1), math.NaN()})
	for i := range 6 {
		want := -1
		if i == 2 {
			want = 0
		}
		if got := key.Compare(d, i, d, i+1); got != want {
			t.Fatal(i, got)
		}
	}
	c := optest.Vector(char5, []any{"a", "a  ", "a !"})
	if !key.Equal(c, 0, c, 1) || key.Compare(c, 1, c, 2) != -1 {
		t.Fatal("blanks at the end of a CHAR count")
	}
}

func TestHashForms(t *testing.T) {
	vals := []any{"x", nil, "a long string that does not fit", "x"}
	flat := optest.Vector(types.TVarchar, vals)
	want := make([]uint64, 4)
	key.Hash(want, flat, nil)
	d := &vec.Vector{}
	d.ResetDict(types.TVarchar, vec.NewDictionary(optest.Vector(types.TVarchar, []any{"a long string that does not fit", "x"})), 4)
	copy(d.Codes(), []int32{1, 99, 0, 1})
	d.SetNull(1)
	got := make([]uint64, 4)
	key.Hash(got, d, nil)
	one := vec.NewConst(types.TVarchar, 4)
	one.SetBytes(0, []byte("x"))
	all := make([]uint64, 2)
	key.Hash(all, one, []int32{1, 3})
	wide, narrow, big := make([]uint64, 1), make([]uint64, 1), make([]uint64, 1)
	key.Hash(wide, optest.Vector(types.TBigInt, []any{int64(-7)}), nil)
	key.Hash(narrow, optest.Vector(types.TInteger, []any{int64(-7)}), nil)
	key.Hash(big, optest.Vector(types.NewDecimal(30, 0), []any{int64(-7)}), nil)
	for i := range want {
		if got[i] != want[i] {
			t.Fatal("dictionary", i)
		}
	}
	if all[0] != want[0] || all[1] != want[0] || wide[0] != narrow[0] || wide[0] != big[0] {
		t.Fatal("constants or widths hash differently")
	}
}

// TestHashSpread looks for collisions of the bits that tables use.
func TestHashSpread(t *testing.T) {
	const n = 1 << 16
	v := vec.New(types.TBigInt, n)
	for i := range n {
		vec.Values[int64](v)[i] = int64(i) << 20
	}
	h := make([]uint64, n)
	key.Hash(h, v, nil)
	low, high := map[uint64]int{}, map[uint64]int{}
	for _, x := range h {
		low[x&(n-1)]++
		high[x>>48]++
	}
	if len(low) < n*55/100 || len(high) < n*55/100 {
		t.Fatal("poor hash: ", len(low), len(high), "of", n)
	}
}
