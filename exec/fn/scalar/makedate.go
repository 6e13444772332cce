package scalar

import (
	"math"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// civilDay checks and counts a date.
func civilDay(y, m, d int64) (int64, error) {
	if y < -200000 || y > 200000 || m < 1 || m > 12 || d < 1 || d > int64(kernel.DaysInMonth(int(y), int(m))) {
		return 0, dataErr("%04d-%02d-%02d is not a date", y, m, d)
	}
	return int64(kernel.CivilToDays(int(y), int(m), int(d))), nil
}

var makeDate = &fn.Function{
	Name: "make_date", Category: "date", Doc: "The date of a year, month and day, or of days since 1970-01-01.", Examples: tex("make_date(2024, 2, 29)", "2024-02-29"),
	Overloads: []*fn.Overload{
		failing(sig(types.TDate, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			r := row{args: args}
			for _, i := range sel {
				r.i = int(i)
				d, err := civilDay(r.i64(0), r.i64(1), r.i64(2))
				if err != nil {
					return err
				}
				vec.Values[int32](out)[i] = int32(d)
			}
			return nil
		}, types.TBigInt, types.TBigInt, types.TBigInt)),
		sig(types.TDate, map1(func(d int32) int32 { return d }), types.TInteger),
	},
}

// clock gives the micros of a time of day.
func clock(h, m int64, s float64) (int64, error) {
	us := math.Round(s * 1e6)
	if h < 0 || h > 24 || m < 0 || m > 59 || !(us >= 0 && us < 60e6) || h == 24 && (m != 0 || us != 0) {
		return 0, dataErr("%02d:%02d:%v is not a time", h, m, s)
	}
	return h*kernel.MicrosPerHour + m*kernel.MicrosPerMinute + int64(us), nil
}

var makeTime = &fn.Function{
	Name: "make_time", Category: "date", Doc: "The time of an hour, minute and second.", Examples: tex("make_time(13, 5, 9.5)", "13:05:09.5"),
	Overloads: []*fn.Overload{failing(sig(types.TTime, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		r := row{args: args}
		for _, i := range sel {
			r.i = int(i)
			t, err := clock(r.i64(0), r.i64(1), r.f64(2))
			if err != nil {
				return err
			}
			vec.Values[int64](out)[i] = t
		}
		return nil
	}, types.TBigInt, types.TBigInt, types.TDouble))},
}

var makeTimestamp = &fn.Function{
	Name: "make_timestamp", Category: "date", Doc: "The timestamp of year, month, day, hour, minute and second, of a date and a time, or of microseconds since 1970; parts in a zone named behind them are moved to the session's.",
	Examples: tex("make_timestamp(2024, 2, 29, 13, 5, 9.5)", "2024-02-29 13:05:09.5", "make_timestamp(60000000)", "1970-01-01 00:01:00", "make_timestamp(DATE '2024-02-29', TIME '13:05:00')", "2024-02-29 13:05:00",
		"make_timestamp(2024, 7, 1, 14, 0, 0, 'Europe/Berlin')", "2024-07-01 12:00:00"),
	Overloads: append(stampMakers(false, false), sig(types.TTimestamp, map1(func(us int64) int64 { return us }), types.TBigInt)),
}

var makeInterval = &fn.Function{
	Name: "make_interval", Category: "date", Doc: "The interval of years, months, weeks, days, hours, minutes and seconds; those left out at the end are 0.",
	Signatures: []string{"make_interval(years, months, weeks, days, hours, minutes, seconds) → INTERVAL"},
	Examples:   tex("make_interval(1, 2, 0, 3, 4, 5, 6)", "1 year 2 months 3 days 04:05:06"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) > 7 {
			return nil, nil
		}
		o := failing(sig(types.TInterval, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			scale := [...]vec.IntervalValue{{Months: 12}, {Months: 1}, {Days: 7}, {Days: 1}, {Micros: kernel.MicrosPerHour}, {Micros: kernel.MicrosPerMinute}, {Micros: kernel.MicrosPerSecond}}
			for _, i := range sel {
				var sum vec.IntervalValue
				for k, a := range args {
					part, err := scaleInterval(scale[k], vec.ValueAt[float64](a, int(i)))
					if err == nil {
						sum, err = addIntervals(sum, part, 1)
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

var toInterval = func() []*fn.Function {
	var out []*fn.Function
	for _, u := range []string{"millennia", "centuries", "decades", "years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"} {
		one, _ := kernel.MakeInterval(kernel.I128(1e6), u)
		out = append(out, &fn.Function{
			Name: "to_" + u, Category: "date", Doc: "An interval of n " + u + ".", Examples: tex("to_"+u+"(0)", "00:00:00"),
			Overloads: []*fn.Overload{failing(sig(types.TInterval, try1(func(f float64) (vec.IntervalValue, error) { return scaleInterval(one, f) }), types.TDouble))},
		})
	}
	return out
}()

// epochMicros gives the micros of seconds since 1970.
func epochMicros(s float64) (int64, error) {
	us := math.Round(s * 1e6)
	if !(math.Abs(us) < maxMicros) {
		return 0, dataErr("overflow: %v seconds are out of the range of timestamps", s)
	}
	return int64(us), nil
}

var epochMs = &fn.Function{
	Name: "epoch_ms", Category: "date", Doc: "The milliseconds since 1970 of a timestamp, or the timestamp of such milliseconds.",
	Examples: tex("epoch_ms(TIMESTAMP '1970-01-01 00:00:01')", "1000", "epoch_ms(1000)", "1970-01-01 00:00:01"),
	Overloads: []*fn.Overload{
		failing(sig(types.TTimestamp, try1(func(ms int64) (int64, error) { return epochMicros(float64(ms) / 1000) }), types.TBigInt)),
		sig(types.TBigInt, map1(func(us int64) int64 { return floorDiv(us, 1000) }), types.TTimestamp),
		sig(types.TBigInt, map1(func(us int64) int64 { return floorDiv(us, 1000) }), types.TTimestampTZ),
	},
}

var epochUs = &fn.Function{
	Name: "epoch_us", Aliases: []string{"unix_micros"}, Category: "date", Doc: "The microseconds since 1970 of a timestamp.", Examples: tex("epoch_us(TIMESTAMP '1970-01-01 00:00:01')", "1000000"),
	Overloads: []*fn.Overload{
		sig(types.TBigInt, map1(func(us int64) int64 { return us }), types.TTimestamp),
		sig(types.TBigInt, map1(func(us int64) int64 { return us }), types.TTimestampTZ),
	},
}

var epochNs = &fn.Function{
	Name: "epoch_ns", Category: "date", Doc: "The nanoseconds since 1970 of a timestamp, which is exact to a microsecond.", Examples: tex("epoch_ns(TIMESTAMP '1970-01-01 00:00:01')", "1000000000"),
	Overloads: []*fn.Overload{
		failing(sig(types.TBigInt, try1(nanos), types.TTimestamp)),
		failing(sig(types.TBigInt, try1(nanos), types.TTimestampTZ)),
	},
}

// nanos gives the nanoseconds of microseconds.
func nanos(us int64) (int64, error) {
	if ns := us * 1000; ns/1000 == us {
		return ns, nil
	}
	return 0, dataErr("overflow: the nanoseconds since 1970 do not fit BIGINT; epoch_us gives microseconds")
}

var timezone = &fn.Function{
	Name: "timezone", Category: "date",
	Doc:        "Of an instant, the local time in a zone; of a local time in that zone, the instant (x AT TIME ZONE zone).",
	Signatures: []string{"timezone(zone, TIMESTAMPTZ) → TIMESTAMP", "timezone(zone, TIMESTAMP) → TIMESTAMPTZ"},
	Examples:   tex("TIMESTAMPTZ '2024-07-01 12:00:00+00' AT TIME ZONE 'Europe/Berlin'", "2024-07-01 14:00:00", "timezone('Europe/Berlin', TIMESTAMP '2024-07-01 12:00:00')", "2024-07-01 10:00:00+00"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || args[0].Type.Kind != types.Varchar {
			return nil, nil
		}
		if args[1].Type.Kind == types.TimestampTZ {
			return failing(sig(types.TTimestamp, inZone(func(us int64, loc *time.Location) int64 {
				return us + kernel.ZoneOffset(us, loc)*kernel.MicrosPerSecond
			}, 0, 1), types.TVarchar, types.TTimestampTZ)), nil
		}
		return failing(sig(types.TTimestampTZ, inZone(kernel.LocalToUTC, 0, 1), types.TVarchar, types.TTimestamp)), nil
	},
}

var fromUTC = &fn.Function{
	Name: "from_utc_timestamp", Category: "date", Doc: "The timestamp, taken as UTC, as clocks in the zone show it.", Examples: tex("from_utc_timestamp(TIMESTAMP '2024-07-01 12:00:00', 'Europe/Berlin')", "2024-07-01 14:00:00"),
	Overloads: []*fn.Overload{failing(sig(types.TTimestamp, inZone(func(us int64, loc *time.Location) int64 {
		return us + kernel.ZoneOffset(us, loc)*kernel.MicrosPerSecond
	}, 1, 0), types.TTimestamp, types.TVarchar))},
}

var toUTC = &fn.Function{
	Name: "to_utc_timestamp", Category: "date", Doc: "The timestamp, taken as local to the zone, in UTC.", Examples: tex("to_utc_timestamp(TIMESTAMP '2024-07-01 14:00:00', 'Europe/Berlin')", "2024-07-01 12:00:00"),
	Overloads: []*fn.Overload{failing(sig(types.TTimestamp, inZone(kernel.LocalToUTC, 1, 0), types.TTimestamp, types.TVarchar))},
}

// inZone makes the code of a function of a zone's name (argument zone) and micros (argument ts).
func inZone(f func(us int64, loc *time.Location) int64, zone, ts int) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, dst := vec.ColOf[int64](args[ts]), vec.Values[int64](out)
		var name string
		var loc *time.Location
		for _, i := range sel {
			if z := args[zone].Bytes(int(i)); loc == nil || string(z) != name {
				var err error
				name = string(z)
				if loc, err = zoneNamed(name); err != nil {
					return err
				}
			}
			dst[i] = f(a.At(i), loc)
		}
		return nil
	}
}

// zoneNamed finds a time zone by its name, or by an offset such as +02:00.
func zoneNamed(name string) (*time.Location, error) {
	if len(name) > 1 && (name[0] == '+' || name[0] == '-') {
		for _, layout := range []string{"-07:00", "-0700", "-07"} {
			if t, err := time.Parse(layout, name); err == nil {
				_, off := t.Zone()
				return time.FixedZone(name, off), nil
			}
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, dataErr("'%s' is not the name of a time zone", name)
	}
	return loc, nil
}
