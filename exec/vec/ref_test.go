package vec

import (
	"testing"

	"github.com/skep-sql/skep/catalog/types"
)

// TestRefThenReset checks that a vector that has shown another's rows does not take over its memory.
func TestRefThenReset(t *testing.T) {
	u := New(types.TBigInt, 4)
	copy(Values[int64](u), []int64{1, 2, 3, 4})
	c := NewConst(types.TBigInt, 4)
	Values[int64](c)[0] = 7
	show := map[string]func(v *Vector){
		"Ref":    func(v *Vector) { v.Ref(u) },
		"Slice":  func(v *Vector) { v.Slice(u, 1, 2) },
		"Gather": func(v *Vector) { Gather(v, c, []int32{0, 1}) },
	}
	for name, f := range show {
		var v Vector
		f(&v)
		v.Reset(types.TBigInt, 2)
		Values[int64](&v)[0], Values[int64](&v)[1] = -1, -1
		if Values[int64](u)[0] != 1 || Values[int64](u)[1] != 2 || Values[int64](c)[0] != 7 {
			t.Fatal(name, "let the other vector be overwritten")
		}
	}
}

// TestGatherNested checks that gathering lists twice into the same vector leaves the elements alone.
func TestGatherNested(t *testing.T) {
	typ := types.NewArray(types.TBigInt)
	b := NewBuilder(typ)
	for i := range 3 {
		AppendValue(b, ListEntry{Off: uint32(b.Kid(0).Len())})
		AppendValue(b.Kid(0), int64(i))
		b.ListLen()
	}
	src := b.Vector()
	var dst Vector
	for range 2 {
		Gather(&dst, src, []int32{2, 0})
		GatherAt(&dst, src, []int32{2, 0}, []int32{0, 1}, 2)
	}
	if src.Kids[0].Len != 3 || Values[int64](src.Kids[0])[2] != 2 || Values[ListEntry](&dst)[0].Off != 2 {
		t.Fatal("the elements were overwritten")
	}
}
