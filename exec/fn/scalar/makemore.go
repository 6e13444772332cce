package scalar

import (
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// stampOf reads a timestamp from arguments: year … second (6), or a date and a time (2), or a date (1); a zone may follow.
func stampOf(r *row, n int) (int64, error) {
	if n < 6 {
		us, err := midnight(r.i32(0))
		if n == 2 && !kernel.Endless(us) {
			us += r.i64(1)
		}
		return us, err
	}
	d, err := civilDay(r.i64(0), r.i64(1), r.i64(2))
	if err != nil {
		return 0, err
	}
	s, carry := r.f64(5), int64(0)
	if s == 60 { // as Postgres and Spark: the next minute
		s, carry = 0, kernel.MicrosPerMinute
	}
	t, err := clock(r.i64(3), r.i64(4), s)
	return d*kernel.MicrosPerDay + t + carry, err
}

// stampMaker makes the overloads of a function that builds timestamps of n parts, with a zone after them or without. local: the parts
// are local to the zone, or the session's, and an instant results; else the zone moves the result into the session's. try: NULL, no error.
func stampMaker(n int, zone, local, try bool) *fn.Overload {
	result := types.TTimestamp
	if local {
		result = types.TTimestampTZ
	}
	o := &fn.Overload{Result: result, CanFail: true, Stable: local || zone}
	switch n {
	case 1:
		o.Args = []types.Type{types.TDate}
	case 2:
		o.Args = []types.Type{types.TDate, types.TTime}
	default:
		o.Args = []types.Type{types.TBigInt, types.TBigInt, types.TBigInt, types.TBigInt, types.TBigInt, types.TDouble}
	}
	if zone {
		o.Args = append(o.Args, types.TVarchar)
	}
	o.Eval = func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		r, dst := row{c: c, args: args}, vec.Values[int64](out)
		here := c.Location
		if here == nil {
			here = time.UTC
		}
		for _, i := range sel {
			r.i = int(i)
			us, err := stampOf(&r, n)
			loc := here
			if err == nil && zone {
				loc, err = zoneNamed(string(r.str(n)))
			}
			if err != nil && try {
				out.SetNull(int(i))
				continue
			}
			if err != nil {
				return err
			}
			if zone || local {
				us = kernel.LocalToUTC(us, loc)
			}
			if zone && !local {
				us += kernel.ZoneOffset(us, here) * kernel.MicrosPerSecond
			}
			dst[i] = us
		}
		return nil
	}
	return o
}

func stampMakers(local, try bool) []*fn.Overload {
	var out []*fn.Overload
	for _, n := range []int{6, 2, 1} {
		for _, zone := range []bool{false, true} {
			if n > 1 || !zone {
				out = append(out, stampMaker(n, zone, local, try))
			}
		}
	}
	return out
}

var (
	makeTimestampNTZ = &fn.Function{
		Name: "make_timestamp_ntz", Category: "date", Doc: "The timestamp of year, month, day, hour, minute and second, or of a date and a time.", Examples: tex("make_timestamp_ntz(DATE '2024-02-29', TIME '13:05:00')", "2024-02-29 13:05:00"),
		Overloads: []*fn.Overload{stampMaker(6, false, false, false), stampMaker(2, false, false, false)},
	}
	tryMakeTimestamp = &fn.Function{
		Name: "try_make_timestamp", Aliases: []string{"try_make_timestamp_ntz"}, Category: "date", Doc: "make_timestamp, but NULL where the parts are not a timestamp.", Examples: tex("try_make_timestamp(2024, 2, 30, 0, 0, 0)", "NULL", "try_make_timestamp(2024, 2, 29, 1, 2, 3)", "2024-02-29 01:02:03"),
		Overloads: stampMakers(false, true),
	}
	makeTimestampTZ = &fn.Function{
		Name: "make_timestamptz", Aliases: []string{"make_timestamp_ltz"}, Category: "date", Doc: "The instant of year, month, day, hour, minute and second in a zone, or else in the session's; or of microseconds since 1970.",
		Examples:  tex("make_timestamptz(2024, 7, 1, 14, 0, 0, 'Europe/Berlin')", "2024-07-01 12:00:00+00"),
		Overloads: append(stampMakers(true, false), sig(types.TTimestampTZ, map1(func(us int64) int64 { return us }), types.TBigInt)),
	}
	tryMakeTimestampTZ = &fn.Function{
		Name: "try_make_timestamp_ltz", Category: "date", Doc: "make_timestamptz, but NULL where the parts are not an instant.", Examples: tex("try_make_timestamp_ltz(2024, 13, 1, 0, 0, 0)", "NULL"),
		Overloads: stampMakers(true, true),
	}
)

// partsInterval makes a function of numbers that gives an interval; those left out at the end are 0.
func partsInterval(name, doc string, units []string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "date", Doc: doc, Signatures: []string{name + "(number, …) → INTERVAL"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) > len(units) {
				return nil, nil
			}
			o := failing(sig(types.TInterval, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				for _, i := range sel {
					var sum vec.IntervalValue
					for k, a := range args {
						one, _ := kernel.MakeInterval(kernel.I128(1e6), units[k])
						p, err := scaleInterval(one, vec.ValueAt[float64](a, int(i)))
						if err == nil {
							sum, err = addIntervals(sum, p, 1)
						}
						if err != nil {
							return err
						}
					}
					vec.Values[vec.IntervalValue](out)[i] = sum
				}
				return nil
			}))
			for range args {
				o.Args = append(o.Args, types.TDouble)
			}
			return o, nil
		},
	}
}

var (
	makeDTInterval = partsInterval("make_dt_interval", "The interval of days, hours, minutes and seconds.", []string{"days", "hours", "minutes", "seconds"}, "make_dt_interval(1, 2, 3, 4.5)", "1 day 02:03:04.5")
	makeYMInterval = partsInterval("make_ym_interval", "The interval of years and months.", []string{"years", "months"}, "make_ym_interval(1, 2)", "1 year 2 months")
)
