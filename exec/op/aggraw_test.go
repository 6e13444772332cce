package op

import (
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

// TestRawWidens checks that decimals carried in 64 bits are kept in the layout of their type.
func TestRawWidens(t *testing.T) {
	typ := types.NewDecimal(30, 2)
	v := &vec.Vector{}
	v.ResetAs(typ, types.PI64, 3)
	copy(vec.Values[int64](v), []int64{5, -7, 9})
	v.SetNull(2)
	r := &rawKeep{wide: make([]vec.Vector, 1)}
	b := vec.NewBuilder(typ)
	b.Append(r.widen(0, v), nil)
	out := b.Vector()
	if x := vec.Values[vec.Int128](out)[1]; x.Hi != -1 || int64(x.Lo) != -7 || !out.IsNull(2) || optest.Cell(out, 0) != int64(5) {
		t.Fatal(x, out.IsNull(2))
	}
	c := &vec.Vector{}
	c.ResetAs(typ, types.PI64, 1)
	vec.Values[int64](c)[0] = -3
	c.SetConst(4)
	if w := r.widen(0, c); w.Form != vec.Const || w.Len != 4 || optest.Cell(w, 3) != int64(-3) {
		t.Fatal(w)
	}
}
