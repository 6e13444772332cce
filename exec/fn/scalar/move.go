package scalar

import (
	"math"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// bindMove binds a date or time ± days or an interval, and intervals among themselves; sign is 1 or -1. nil where nothing fits.
func bindMove(args []fn.Arg, sign int64) *fn.Overload {
	if len(args) != 2 {
		return nil
	}
	l, r := args[0].Type, args[1].Type
	if sign > 0 && (l.IsNumeric() || l.Kind == types.Interval || l.Kind == types.Time && r.Kind == types.Date) && r.IsTemporal() {
		if o := bindMove([]fn.Arg{args[1], args[0]}, 1); o != nil {
			run := o.Eval
			o.Args[0], o.Args[1] = o.Args[1], o.Args[0]
			o.Eval = func(c *fn.Ctx, a []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				return run(c, []*vec.Vector{a[1], a[0]}, sel, n, out)
			}
			return o
		}
		return nil
	}
	if l.Kind == types.Varchar && r.Kind == types.Interval {
		l = textOperand(args[0])
	}
	span := r.Kind == types.Interval || r.Kind == types.Varchar || r.Kind == types.Null && l.Kind != types.Date
	switch {
	case l.Kind == types.Date && (r.IsInteger() || r.Kind == types.Null):
		return failing(sig(types.TDate, moveDays(sign), types.TDate, types.TBigInt))
	case l.Kind == types.Date && r.Kind == types.Time && sign > 0:
		return failing(sig(types.TTimestamp, try2(func(d int32, t int64) (int64, error) {
			us, err := midnight(d)
			if kernel.Endless(us) {
				return us, err
			}
			return us + t, err
		}), types.TDate, types.TTime))
	case l.Kind == types.Date && r.Kind == types.TimeTZ && sign > 0:
		return failing(sig(types.TTimestampTZ, try2(func(d int32, t int64) (int64, error) {
			us, err := midnight(d)
			if kernel.Endless(us) {
				return us, err
			}
			local, off := kernel.UnpackTimeTZ(t)
			return us + local - off*kernel.MicrosPerSecond, err
		}), types.TDate, types.TTimeTZ))
	case l.Kind == types.TimeTZ && span:
		return sig(types.TTimeTZ, map2(func(v int64, by vec.IntervalValue) int64 {
			local, off := kernel.UnpackTimeTZ(v)
			_, local = kernel.SplitMicros(local + sign*(by.Micros%kernel.MicrosPerDay))
			return kernel.PackTimeTZ(local, off)
		}), types.TTimeTZ, types.TInterval)
	case l.Kind == types.Date && span && wholeDays(args[1]):
		return failing(sig(types.TDate, moveDate(sign), types.TDate, types.TInterval))
	case (l.Kind == types.Date || l.Kind == types.Timestamp) && span:
		return failing(sig(types.TTimestamp, moveTimestamp(sign, false), types.TTimestamp, types.TInterval))
	case l.Kind == types.TimestampTZ && span:
		return failing(sig(types.TTimestampTZ, moveTimestamp(sign, true), types.TTimestampTZ, types.TInterval))
	case l.Kind == types.Time && span:
		return sig(types.TTime, map2(func(t int64, v vec.IntervalValue) int64 {
			_, t = kernel.SplitMicros(t + sign*(v.Micros%kernel.MicrosPerDay))
			return t
		}), types.TTime, types.TInterval)
	case l.Kind == types.Interval && span, r.Kind == types.Interval && l.Kind == types.Null:
		return failing(sig(types.TInterval, try2(func(a, b vec.IntervalValue) (vec.IntervalValue, error) { return addIntervals(a, b, sign) }),
			types.TInterval, types.TInterval))
	}
	return nil
}

// textOperand gives what text beside an interval is: an interval, a date or a timestamp if it is a constant that reads so, else
// a timestamp.
func textOperand(a fn.Arg) types.Type {
	if a.Const == nil || a.Const.IsNull(0) {
		return types.TTimestamp
	}
	b := kernel.Trim(a.Const.Bytes(0))
	if _, ok := kernel.ParseDate(b); ok {
		return types.TDate
	}
	if _, _, _, ok := kernel.ParseTimestamp(b); ok {
		return types.TTimestamp
	}
	if _, ok := kernel.ParseInterval(b); ok {
		return types.TInterval
	}
	return types.TTimestamp
}

// wholeDays tells whether a is a constant interval of months and days alone.
func wholeDays(a fn.Arg) bool {
	if a.Const == nil {
		return false
	}
	if a.Const.IsNull(0) {
		return true
	}
	if a.Type.Kind == types.Interval {
		return vec.Values[vec.IntervalValue](a.Const)[0].Micros == 0
	}
	v, ok := kernel.ParseInterval(a.Const.Bytes(0))
	return ok && v.Micros == 0
}

func addIntervals(a, b vec.IntervalValue, sign int64) (vec.IntervalValue, error) {
	mo, da := int64(a.Months)+sign*int64(b.Months), int64(a.Days)+sign*int64(b.Days)
	us, ok := kernel.Add128(kernel.I128(a.Micros), kernel.MulInt64(sign, b.Micros))
	if !ok || !kernel.IsInt64(us) || mo != int64(int32(mo)) || da != int64(int32(da)) {
		return a, dataErr("overflow: %s and %s make no interval", kernel.AppendInterval(nil, a), kernel.AppendInterval(nil, b))
	}
	return vec.IntervalValue{Months: int32(mo), Days: int32(da), Micros: int64(us.Lo)}, nil
}

// The days and micros that dates and timestamps may reach: far beyond any calendar, and safe to compute with.
const (
	maxDays   = 1 << 30
	maxMicros = math.MaxInt64 / 2
)

func dateRange(d int64) error {
	if d > maxDays || d < -maxDays {
		return dataErr("overflow: the date is out of range")
	}
	return nil
}

func moveDays(sign int64) fn.Eval {
	return try2(func(d int32, n int64) (int32, error) {
		if kernel.EndlessDay(d) {
			return d, nil
		}
		if n > 1<<40 || n < -1<<40 {
			return 0, dateRange(n)
		}
		x := int64(d) + sign*n
		return int32(x), dateRange(x)
	})
}

func moveDate(sign int64) fn.Eval {
	return try2(func(d int32, v vec.IntervalValue) (int32, error) {
		if kernel.EndlessDay(d) {
			return d, nil
		}
		x := int(d)
		if v.Months != 0 {
			x = kernel.AddMonths(x, int(sign)*int(v.Months))
		}
		x += int(sign) * int(v.Days)
		return int32(x), dateRange(int64(x))
	})
}

// moveTimestamp moves by months on the calendar, then days, then micros. Of an instant, months and days are those of the
// session's zone.
func moveTimestamp(sign int64, zoned bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.ColOf[int64](args[0]), vec.ColOf[vec.IntervalValue](args[1]), vec.Values[int64](out)
		for _, i := range sel {
			var loc *time.Location
			if zoned {
				loc = c.Location
			}
			us, err := addSpan(a.At(i), b.At(i), sign, loc)
			if err != nil {
				return err
			}
			dst[i] = us
		}
		return nil
	}
}

func addSpan(us int64, v vec.IntervalValue, sign int64, loc *time.Location) (int64, error) {
	if kernel.Endless(us) {
		return us, nil
	}
	if v.Months != 0 || v.Days != 0 {
		us += kernel.ZoneOffset(us, loc) * kernel.MicrosPerSecond
		d, t := kernel.SplitMicros(us)
		if v.Months != 0 {
			d = kernel.AddMonths(d, int(sign)*int(v.Months))
		}
		d += int(sign) * int(v.Days)
		moved, ok := kernel.Add128(kernel.MulInt64(int64(d), kernel.MicrosPerDay), kernel.I128(t))
		if !ok || !kernel.IsInt64(moved) {
			return 0, dataErr("overflow: the timestamp is out of range")
		}
		us = kernel.LocalToUTC(int64(moved.Lo), loc)
	}
	r, ok := kernel.Add128(kernel.I128(us), kernel.MulInt64(sign, v.Micros))
	if !ok || !kernel.IsInt64(r) {
		return 0, dataErr("overflow: the timestamp is out of range")
	}
	return int64(r.Lo), nil
}

// bindDifference binds the difference of two dates, timestamps or times; nil where the operands are none.
func bindDifference(args []fn.Arg) *fn.Overload {
	l, r, ok := operands(args)
	if !ok || !l.IsTemporal() || !r.IsTemporal() {
		return nil
	}
	micros := func(a, b int64) (vec.IntervalValue, error) {
		d := a - b
		if kernel.Endless(a) || kernel.Endless(b) {
			return vec.IntervalValue{}, dataErr("there is no span from or to an infinite timestamp")
		}
		return vec.IntervalValue{Days: int32(d / kernel.MicrosPerDay), Micros: d % kernel.MicrosPerDay}, nil
	}
	t, ok := types.Common(l, r)
	switch {
	case !ok:
		return nil
	case t.Kind == types.Date:
		return sig(types.TBigInt, map2(func(a, b int32) int64 { return int64(a) - int64(b) }), t, t)
	default:
		return failing(sig(types.TInterval, try2(micros), t, t))
	}
}
