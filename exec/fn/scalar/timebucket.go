package scalar

import (
	"math"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var timeBucket = &fn.Function{
	Name: "time_bucket", Aliases: []string{"date_bin"}, Category: "date",
	Doc: "The beginning of the bucket of that width which a date, time or timestamp lies in; buckets of months begin at 2000-01-01, others at Monday, 2000-01-03, " +
		"or at the moment given, or moved by the interval given. A time zone says whose clock the buckets follow.",
	Signatures: []string{"time_bucket(INTERVAL, date or timestamp)", "time_bucket(INTERVAL, timestamp, origin)", "time_bucket(INTERVAL, timestamp, INTERVAL)", "time_bucket(INTERVAL, TIMESTAMPTZ, 'time zone')"},
	Examples: tex("time_bucket(INTERVAL 15 MINUTE, TIMESTAMP '2024-01-01 10:40:00')", "2024-01-01 10:30:00", "time_bucket(INTERVAL 2 MONTH, DATE '2024-04-15')", "2024-03-01",
		"time_bucket(INTERVAL 1 WEEK, DATE '2024-01-03')", "2024-01-01", "time_bucket(INTERVAL 1 DAY, TIMESTAMP '2024-01-03 04:00:00', INTERVAL 6 HOUR)", "2024-01-02 06:00:00",
		"time_bucket(INTERVAL 1 HOUR, TIME '10:40:00')", "10:00:00"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 {
			return nil, nil
		}
		t := args[1].Type
		switch t.Kind {
		case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		case types.Varchar, types.Null:
			t = types.TTimestamp
		default:
			return nil, nil
		}
		third := t
		if len(args) == 3 {
			switch k := args[2].Type.Kind; {
			case k == types.Interval:
				third = types.TInterval
			case k == types.Varchar && t.Kind == types.TimestampTZ && mayBeZone(args[2]):
				third = types.TVarchar
			case k != types.Null && k != types.Varchar && !args[2].Type.IsTemporal():
				return nil, nil
			}
		}
		return stable(failing(sig(t, bucketRows, []types.Type{types.TInterval, t, third}[:len(args)]...))), nil
	},
}

// mayBeZone tells whether a text is the name of a time zone; one that is no constant is.
func mayBeZone(a fn.Arg) bool {
	if a.Const == nil || a.Const.IsNull(0) {
		return true
	}
	_, err := zoneNamed(string(a.Const.Bytes(0)))
	return err == nil
}

func bucketRows(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	for _, i := range sel {
		w := vec.ValueAt[vec.IntervalValue](args[0], int(i))
		x, err := microsAt(args[1], i)
		if err != nil {
			return err
		}
		k := bucketing{width: w}
		if out.Type.Kind == types.TimestampTZ && (w.Months != 0 || w.Days != 0) {
			k.loc = c.Location
		}
		if len(args) == 3 {
			switch args[2].Type.Kind {
			case types.Interval:
				k.moved = vec.ValueAt[vec.IntervalValue](args[2], int(i))
			case types.Varchar:
				if k.loc, err = zoneNamed(string(args[2].Bytes(int(i)))); err != nil {
					return err
				}
			default:
				k.hasOrigin = true
				if k.origin, err = microsAt(args[2], i); err != nil {
					return err
				}
			}
		}
		start, err := k.start(x, out.Type.Kind == types.Time)
		if err != nil {
			return err
		}
		if out.Type.Kind == types.Date {
			vec.Values[int32](out)[i] = kernel.MicrosToDay(start)
		} else {
			vec.Values[int64](out)[i] = start
		}
	}
	return nil
}

// microsAt gives a timestamp, or the midnight of a date.
func microsAt(v *vec.Vector, i int32) (int64, error) {
	if v.Type.Kind != types.Date {
		return vec.ValueAt[int64](v, int(i)), nil
	}
	return midnight(vec.ValueAt[int32](v, int(i)))
}

func midnight(d int32) (int64, error) {
	us, ok := kernel.DayMicros(d)
	if !ok {
		return 0, dataErr("overflow: %s is beyond all timestamps", kernel.AppendDate(nil, int(d)))
	}
	return us, nil
}

// bucketing is how time is cut into buckets.
type bucketing struct {
	width     vec.IntervalValue
	moved     vec.IntervalValue
	origin    int64
	hasOrigin bool
	loc       *time.Location
}

// start gives the beginning of the bucket that x lies in; of a time of day, that of the day.
func (k *bucketing) start(x int64, ofDay bool) (int64, error) {
	w := k.width
	size, ok := kernel.Add128(kernel.MulInt64(int64(w.Days), kernel.MicrosPerDay), kernel.I128(w.Micros))
	byMonth := w.Months > 0 && size == (vec.Int128{})
	if !byMonth && !(w.Months == 0 && ok && kernel.IsInt64(size) && size.Hi >= 0 && size.Lo > 0) || byMonth && ofDay {
		return 0, dataErr("time_bucket: %s is not the width of a bucket: months alone, or days and time, more than 0", kernel.AppendInterval(nil, w))
	}
	if kernel.Endless(x) {
		return x, nil
	}
	if k.hasOrigin && kernel.Endless(k.origin) {
		return 0, dataErr("time_bucket: the origin is infinite")
	}
	x += kernel.ZoneOffset(x, k.loc) * kernel.MicrosPerSecond
	x, err := addSpan(x, k.moved, -1, nil)
	if err != nil {
		return 0, err
	}
	origin := int64(kernel.CivilToDays(2000, 1, 3)) * kernel.MicrosPerDay
	switch {
	case k.hasOrigin:
		origin = k.origin + kernel.ZoneOffset(k.origin, k.loc)*kernel.MicrosPerSecond
	case ofDay:
		origin = 0
	case byMonth:
		origin = int64(kernel.CivilToDays(2000, 1, 1)) * kernel.MicrosPerDay
	}
	var start int64
	if byMonth {
		if start, err = monthBucket(x, origin, int64(w.Months)); err != nil {
			return 0, err
		}
	} else {
		start = origin + floorDiv(x-origin, int64(size.Lo))*int64(size.Lo)
	}
	if start, err = addSpan(start, k.moved, 1, nil); err != nil {
		return 0, err
	}
	if ofDay {
		_, start = kernel.SplitMicros(start)
	}
	return kernel.LocalToUTC(start, k.loc), nil
}

// monthBucket gives the beginning of the bucket of some months that x lies in.
func monthBucket(x, origin, months int64) (int64, error) {
	n := floorDiv(unitIndex(uMonth, x)-unitIndex(uMonth, origin), months)
	d, t := kernel.SplitMicros(origin)
	for {
		day := kernel.AddMonths(d, int(n*months))
		start, err := midnight(int32(max(min(day, math.MaxInt32-1), math.MinInt32+2)))
		if start += t; err != nil || start <= x {
			return start, err
		}
		n-- // the origin lies later in its month
	}
}
