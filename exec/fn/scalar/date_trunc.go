package scalar

import (
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var dateTrunc = &fn.Function{
	Name: "date_trunc", Aliases: []string{"datetrunc"}, Category: "date",
	Doc:        "The beginning of the unit (year, quarter, month, week, day, hour, minute, second, …) that a date or timestamp lies in. A DATE stays a DATE for units of a day or more.",
	Signatures: []string{"date_trunc('unit', date or timestamp)"},
	Examples: tex("date_trunc('month', DATE '1995-03-15')", "1995-03-01", "date_trunc('hour', TIMESTAMP '2024-01-01 13:05:09')", "2024-01-01 13:00:00",
		"date_trunc('week', DATE '2024-01-03')", "2024-01-01"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 2 || args[0].Type.Kind != types.Varchar {
			return nil, nil
		}
		name, ok := constText(args, 0)
		if !ok {
			return nil, sqlerr.New(sqlerr.Bind, "the unit of date_trunc must be a constant")
		}
		u := unitOf(name)
		if u == noUnit || !(u <= uDay || u >= uDecade && u <= uMillennium || u.ofTime()) {
			return nil, unknownUnit(name)
		}
		t := args[1].Type
		switch t.Kind {
		case types.Date:
			if u.ofTime() {
				t = types.TTimestamp
				break
			}
			return sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				a, dst := vec.ColOf[int32](args[1]), vec.Values[int32](out)
				for _, i := range sel {
					dst[i] = int32(truncDay(u, int(a.At(i))))
				}
				return nil
			}, types.TVarchar, t), nil
		case types.Varchar, types.Null:
			t = types.TTimestamp
		case types.Timestamp, types.TimestampTZ:
		default:
			return nil, nil
		}
		return sig(t, truncTimestamps(u, t.Kind == types.TimestampTZ), types.TVarchar, t), nil
	},
}

// truncDay gives the first day of the unit that a day lies in.
func truncDay(u unit, days int) int {
	switch u {
	case uDay:
		return days
	case uWeek:
		return days - (kernel.Weekday(days)+6)%7
	}
	y, m, _ := kernel.DaysToCivil(days)
	switch u {
	case uMonth:
		return kernel.CivilToDays(y, m, 1)
	case uQuarter:
		return kernel.CivilToDays(y, (m-1)/3*3+1, 1)
	case uDecade:
		y = int(floorDiv(int64(y), 10)) * 10
	case uCentury:
		y = int(floorDiv(int64(y)-1, 100))*100 + 1
	case uMillennium:
		y = int(floorDiv(int64(y)-1, 1000))*1000 + 1
	}
	return kernel.CivilToDays(y, 1, 1)
}

// truncMicros gives the beginning of the unit that a timestamp lies in.
func truncMicros(u unit, us int64) int64 {
	d, t := kernel.SplitMicros(us)
	if !u.ofTime() {
		return int64(truncDay(u, d)) * kernel.MicrosPerDay
	}
	return us - t%[...]int64{kernel.MicrosPerHour, kernel.MicrosPerMinute, kernel.MicrosPerSecond, 1000, 1}[u-uHour]
}

func truncTimestamps(u unit, zoned bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var loc *time.Location
		if zoned {
			loc = c.Location
		}
		a, dst := vec.ColOf[int64](args[1]), vec.Values[int64](out)
		for _, i := range sel {
			us := a.At(i)
			us += kernel.ZoneOffset(us, loc) * kernel.MicrosPerSecond
			dst[i] = kernel.LocalToUTC(truncMicros(u, us), loc)
		}
		return nil
	}
}
