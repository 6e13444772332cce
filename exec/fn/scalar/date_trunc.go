package scalar

import (
	"time"

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
		if !ok && args[0].Const == nil {
			return bindTruncBy(args[1].Type), nil
		}
		u := unitOf(name)
		if ok && !truncates(u) {
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
					if dst[i] = a.At(i); !kernel.EndlessDay(dst[i]) {
						dst[i] = int32(truncDay(u, int(dst[i])))
					}
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

// truncates tells whether timestamps are cut to a unit.
func truncates(u unit) bool {
	return u != noUnit && (u <= uDay || u >= uDecade && u <= uMillennium || u.ofTime() || u == uISOYear)
}

// bindTruncBy binds date_trunc with a unit in each row: a TIMESTAMP, as the unit may be one of the time.
func bindTruncBy(t types.Type) *fn.Overload {
	switch t.Kind {
	case types.Date, types.Varchar, types.Null:
		t = types.TTimestamp
	case types.Timestamp, types.TimestampTZ:
	default:
		return nil
	}
	return failing(sig(t, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var loc *time.Location
		if out.Type.Kind == types.TimestampTZ {
			loc = c.Location
		}
		a, dst := vec.ColOf[int64](args[1]), vec.Values[int64](out)
		for _, i := range sel {
			name := string(args[0].Bytes(int(i)))
			u := unitOf(name)
			if !truncates(u) {
				return unknownUnit(name)
			}
			us := a.At(i)
			us += kernel.ZoneOffset(us, loc) * kernel.MicrosPerSecond
			dst[i] = kernel.LocalToUTC(truncMicros(u, us), loc)
		}
		return nil
	}, types.TVarchar, t))
}

// truncDay gives the first day of the unit that a day lies in.
func truncDay(u unit, days int) int {
	switch u {
	case uDay:
		return days
	case uWeek:
		return days - (kernel.Weekday(days)+6)%7
	case uISOYear: // the Monday of its first week
		y, _ := kernel.ISOWeek(days)
		return truncDay(uWeek, kernel.CivilToDays(y, 1, 4))
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
	if kernel.Endless(us) {
		return us
	}
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
