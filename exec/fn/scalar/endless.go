package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
)

// endlessOr adds to isinf or isfinite what they say of dates and timestamps.
func endlessOr(endless bool, f *fn.Function) *fn.Function {
	day := map1(func(d int32) uint8 { return b2u(kernel.EndlessDay(d) == endless) })
	micros := map1(func(us int64) uint8 { return b2u(kernel.Endless(us) == endless) })
	f.Doc = f.Doc[:len(f.Doc)-1] + "; also of dates and timestamps."
	f.Overloads = append(f.Overloads, sig(types.TBoolean, day, types.TDate), sig(types.TBoolean, micros, types.TTimestamp), sig(types.TBoolean, micros, types.TTimestampTZ))
	return f
}
