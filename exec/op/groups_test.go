package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

// TestGroupTable moves the range of the keys up, down and to the ends of their type, so that the table changes its layout and its
// kind, and compares the numbers with those of a map.
func TestGroupTable(t *testing.T) {
	walks := map[string]func(rng *rand.Rand, step int) int64{
		"up":     func(rng *rand.Rand, step int) int64 { return int64(step)*3000 + rng.Int64N(9000) },
		"down":   func(rng *rand.Rand, step int) int64 { return -int64(step)*3000 + rng.Int64N(9000) },
		"both":   func(rng *rand.Rand, step int) int64 { return (rng.Int64N(2)*2 - 1) * rng.Int64N(1+int64(step)*5000) },
		"sparse": func(rng *rand.Rand, step int) int64 { return rng.Int64N(1 << 40) },
		"dense":  func(rng *rand.Rand, step int) int64 { return rng.Int64N(1 << 18) },
		"ends": func(rng *rand.Rand, step int) int64 {
			if step < 20 {
				return rng.Int64N(1000)
			}
			return []int64{math.MinInt64, math.MaxInt64, math.MinInt64 + 1, 0, math.MaxInt64 - 1}[rng.IntN(5)]
		},
	}
	for name, next := range walks {
		for _, more := range [][]types.Type{nil, {types.TBoolean}, {types.TVarchar}} {
			for _, nulls := range []bool{false, true} {
				t.Run(fmt.Sprint(name, len(more), nulls), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(5, 6))
					ts := append([]types.Type{types.TBigInt}, more...)
					g := newGroupTable(ts)
					want := map[string]int32{}
					steps := 60
					if testing.Short() {
						steps = 24
					}
					for step := range steps {
						const n = 1000
						vals := make([][]any, len(ts))
						for i := range n {
							var x any = next(rng, step)
							if nulls && i%50 == 0 {
								x = nil
							}
							vals[0] = append(vals[0], x)
							if len(ts) > 1 {
								vals[1] = append(vals[1], map[types.Kind]any{types.Boolean: i%3 == 0, types.Varchar: fmt.Sprint("s", i%(1+step))}[ts[1].Kind])
							}
						}
						cols := make([]*vec.Vector, len(ts))
						for c := range cols {
							cols[c] = optest.Vector(ts[c], vals[c])
						}
						for k, id := range g.find(cols, vec.Identity(n)) {
							key := fmt.Sprint(vals[0][k])
							if len(ts) > 1 {
								key += fmt.Sprint("|", vals[1][k])
							}
							if w, ok := want[key]; !ok {
								want[key] = id
							} else if w != id {
								t.Fatalf("step %d: %s is group %d and %d", step, key, w, id)
							}
						}
						if g.n != len(want) {
							t.Fatalf("step %d: %d groups for %d keys", step, g.n, len(want))
						}
					}
					for i := range g.n {
						key := fmt.Sprint(optest.Cell(g.keys[0].Vector(), i))
						if len(ts) > 1 {
							key += fmt.Sprint("|", optest.Cell(g.keys[1].Vector(), i))
						}
						if want[key] != int32(i) {
							t.Fatalf("group %d is stored as %s", i, key)
						}
					}
				})
			}
		}
	}
}
