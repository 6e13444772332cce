package scalar

import (
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// timesUpTo is a series of dates or timestamps as an array: start + k × step up to stop, which counts if through.
func timesUpTo(t types.Type, through bool) *fn.Overload {
	eval := func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		var loc *time.Location
		if t.Kind == types.TimestampTZ {
			loc = c.Location
		}
		w := newListWriter(out, n)
		for _, i := range sel {
			w.begin(i)
			from, err := microsAt(args[0], i)
			if err != nil {
				return err
			}
			to, err := microsAt(args[1], i)
			if err != nil {
				return err
			}
			if err := w.times(from, to, vec.ValueAt[vec.IntervalValue](args[2], int(i)), t, loc, through); err != nil {
				return err
			}
			w.end()
		}
		w.done()
		return nil
	}
	return stable(failing(sig(types.NewArray(t), eval, t, t, types.TInterval)))
}

// times writes the series of a row.
func (w *listWriter) times(lo, hi int64, step vec.IntervalValue, t types.Type, loc *time.Location, through bool) error {
	sign := kernel.CompareIntervals(step, vec.IntervalValue{})
	if sign == 0 {
		return dataErr("a series cannot have steps of 0")
	}
	if kernel.Endless(lo) || kernel.Endless(hi) {
		return dataErr("a series cannot begin or end at infinity")
	}
	for k := int64(0); ; k++ {
		if k == 1<<24 {
			return sqlerr.New(sqlerr.Limit, "an array of more than %d elements is too long", k)
		}
		mo, da, us := int64(step.Months)*k, int64(step.Days)*k, kernel.MulInt64(step.Micros, k)
		if mo != int64(int32(mo)) || da != int64(int32(da)) || !kernel.IsInt64(us) {
			return nil // beyond the last time there is
		}
		x, err := addSpan(lo, vec.IntervalValue{Months: int32(mo), Days: int32(da), Micros: int64(us.Lo)}, 1, loc)
		if err != nil || sign > 0 && x > hi || sign < 0 && x < hi || x == hi && !through {
			return nil
		}
		if t.Kind == types.Date {
			vec.AppendValue(w.b, kernel.MicrosToDay(x))
		} else {
			vec.AppendValue(w.b, x)
		}
	}
}
