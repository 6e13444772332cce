package scalar

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// unit is a field of a date or time.
type unit uint8

const (
	noUnit unit = iota
	uYear
	uQuarter
	uMonth
	uWeek
	uDay
	uDayOfWeek // 0 = Sunday
	uISODow    // 1 = Monday
	uDayOfYear
	uISOYear
	uDecade
	uCentury
	uMillennium
	uEra
	uHour
	uMinute
	uSecond
	uMillisecond
	uMicrosecond
	uEpoch
	uYearWeek
	uTimezone
	uTimezoneHour
	uTimezoneMinute
	uJulian
)

// unitOf reads the name of a unit.
func unitOf(name string) unit {
	name = strings.ToLower(strings.TrimSpace(name))
	if u := unitName(name); u != noUnit {
		return u
	}
	return unitName(strings.TrimSuffix(name, "s"))
}

func unitName(s string) unit {
	switch s {
	case "year", "y", "yr", "yyyy", "yy":
		return uYear
	case "quarter", "q", "qtr":
		return uQuarter
	case "month", "mon", "mm", "mo":
		return uMonth
	case "week", "w", "weekofyear", "isoweek":
		return uWeek
	case "day", "d", "dd", "dayofmonth":
		return uDay
	case "dow", "dayofweek", "weekday":
		return uDayOfWeek
	case "isodow", "dayofweek_iso":
		return uISODow
	case "doy", "dayofyear":
		return uDayOfYear
	case "isoyear", "yearofweek":
		return uISOYear
	case "decade":
		return uDecade
	case "century", "centurie":
		return uCentury
	case "millennium", "millennia":
		return uMillennium
	case "era":
		return uEra
	case "hour", "h", "hr":
		return uHour
	case "minute", "min", "m", "mi":
		return uMinute
	case "second", "sec", "s", "ss":
		return uSecond
	case "millisecond", "msec", "ms":
		return uMillisecond
	case "microsecond", "usec", "us":
		return uMicrosecond
	case "epoch":
		return uEpoch
	case "yearweek":
		return uYearWeek
	case "timezone":
		return uTimezone
	case "timezone_hour":
		return uTimezoneHour
	case "timezone_minute":
		return uTimezoneMinute
	case "julian":
		return uJulian
	}
	return noUnit
}

func unknownUnit(name string) error {
	return sqlerr.New(sqlerr.Bind, "'%s' is not a field of a date or time", name).
		WithHint("the fields are year, quarter, month, week, day, dow, isodow, doy, hour, minute, second, millisecond, microsecond, epoch and others")
}

// dayField computes a field of a day.
func dayField(u unit, days int) int64 {
	switch u {
	case uDayOfWeek:
		return int64(kernel.Weekday(days))
	case uISODow:
		return int64((kernel.Weekday(days)+6)%7 + 1)
	case uWeek, uISOYear, uYearWeek:
		y, w := kernel.ISOWeek(days)
		switch u {
		case uWeek:
			return int64(w)
		case uISOYear:
			return int64(y)
		}
		return int64(y)*100 + int64(w)
	case uJulian:
		return int64(days) + 2440588
	}
	y, m, d := kernel.DaysToCivil(days)
	switch u {
	case uYear:
		return int64(y)
	case uQuarter:
		return int64((m + 2) / 3)
	case uMonth:
		return int64(m)
	case uDay:
		return int64(d)
	case uDayOfYear:
		return int64(days-kernel.CivilToDays(y, 1, 1)) + 1
	case uDecade:
		return floorDiv(int64(y), 10)
	case uCentury:
		return floorDiv(int64(y)-1, 100) + 1
	case uMillennium:
		return floorDiv(int64(y)-1, 1000) + 1
	case uEra:
		if y > 0 {
			return 1
		}
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// timeField computes a field of the micros since midnight.
func timeField(u unit, us int64) int64 {
	switch u {
	case uHour:
		return us / kernel.MicrosPerHour
	case uMinute:
		return us / kernel.MicrosPerMinute % 60
	case uSecond:
		return us / kernel.MicrosPerSecond % 60
	case uMillisecond:
		return us % kernel.MicrosPerMinute / 1000
	}
	return us % kernel.MicrosPerMinute
}

// spanField computes a field of an interval.
func spanField(u unit, v vec.IntervalValue) int64 {
	switch u {
	case uYear:
		return int64(v.Months / 12)
	case uQuarter:
		return int64(v.Months%12/3) + 1
	case uMonth:
		return int64(v.Months % 12)
	case uDay:
		return int64(v.Days)
	case uDecade:
		return int64(v.Months / 120)
	case uCentury:
		return int64(v.Months / 1200)
	case uMillennium:
		return int64(v.Months / 12000)
	case uHour:
		return v.Micros / kernel.MicrosPerHour
	}
	return timeField(u, v.Micros)
}

func (u unit) ofTime() bool { return u >= uHour && u <= uMicrosecond }

// bindPart binds the field u of a value of type t; nil where it has none. Infinity has no fields: NULL.
func bindPart(u unit, t types.Type) *fn.Overload {
	o := bindPartOf(u, t)
	if o == nil || !o.Args[0].IsTemporal() {
		return o
	}
	run := o.Eval
	o.Eval = func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		err := run(c, args, sel, n, out)
		nullEndless(args[0], sel, out)
		return err
	}
	return o
}

// nullEndless makes the rows of out NULL where v is infinity or -infinity.
func nullEndless(v *vec.Vector, sel []int32, out *vec.Vector) {
	if v.Type.Kind == types.Date {
		days := vec.ColOf[int32](v)
		for _, i := range sel {
			if kernel.EndlessDay(days.At(i)) {
				out.SetNull(int(i))
			}
		}
		return
	}
	us := vec.ColOf[int64](v)
	for _, i := range sel {
		if kernel.Endless(us.At(i)) {
			out.SetNull(int(i))
		}
	}
}

func bindPartOf(u unit, t types.Type) *fn.Overload {
	if t.Kind == types.Varchar || t.Kind == types.Null {
		t = types.TTimestamp
	}
	if u == uEpoch {
		return bindEpoch(t)
	}
	switch t.Kind {
	case types.Date:
		if u.ofTime() || u >= uTimezone && u <= uTimezoneMinute {
			return sig(types.TBigInt, map1(func(int32) int64 { return 0 }), t)
		}
		return sig(types.TBigInt, datePartOfDate(u), t)
	case types.Time:
		if !u.ofTime() {
			return nil
		}
		return sig(types.TBigInt, map1(func(us int64) int64 { return timeField(u, us) }), t)
	case types.TimeTZ:
		if !u.ofTime() && !(u >= uTimezone && u <= uTimezoneMinute) {
			return nil
		}
		return sig(types.TBigInt, map1(func(v int64) int64 {
			local, off := kernel.UnpackTimeTZ(v)
			switch u {
			case uTimezone:
				return off
			case uTimezoneHour:
				return off / 3600
			case uTimezoneMinute:
				return off / 60 % 60
			}
			return timeField(u, local)
		}), t)
	case types.Interval:
		if !u.ofTime() && !(u >= uYear && u <= uMonth) && u != uDay && !(u >= uDecade && u <= uMillennium) {
			return nil
		}
		return sig(types.TBigInt, map1(func(v vec.IntervalValue) int64 { return spanField(u, v) }), t)
	case types.Timestamp, types.TimestampTZ:
		return sig(types.TBigInt, datePartOfTimestamp(u, t.Kind == types.TimestampTZ), t)
	}
	return nil
}

func datePartOfDate(u unit) fn.Eval {
	if u != uYear && u != uMonth {
		return map1(func(d int32) int64 { return dayField(u, int(d)) })
	}
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, dst := vec.ColOf[int32](args[0]), vec.Values[int64](out)
		for _, i := range sel {
			y, m, _ := kernel.DaysToCivil(int(a.At(i)))
			if u == uMonth {
				y = m
			}
			dst[i] = int64(y)
		}
		return nil
	}
}

func datePartOfTimestamp(u unit, zoned bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var loc *time.Location
		if zoned {
			loc = c.Location
		}
		a, dst := vec.ColOf[int64](args[0]), vec.Values[int64](out)
		for _, i := range sel {
			us := a.At(i)
			off := kernel.ZoneOffset(us, loc)
			d, t := kernel.SplitMicros(us + off*kernel.MicrosPerSecond)
			switch {
			case u == uTimezone:
				dst[i] = off
			case u == uTimezoneHour:
				dst[i] = off / 3600
			case u == uTimezoneMinute:
				dst[i] = off / 60 % 60
			case u.ofTime():
				dst[i] = timeField(u, t)
			default:
				dst[i] = dayField(u, d)
			}
		}
		return nil
	}
}

// bindEpoch binds the seconds since 1970, or of a span.
func bindEpoch(t types.Type) *fn.Overload {
	switch t.Kind {
	case types.Date:
		return sig(types.TDouble, map1(func(d int32) float64 { return float64(d) * 86400 }), t)
	case types.Time, types.Timestamp, types.TimestampTZ:
		return sig(types.TDouble, map1(func(us int64) float64 { return float64(us) / 1e6 }), t)
	case types.TimeTZ:
		return sig(types.TDouble, map1(func(v int64) float64 {
			local, off := kernel.UnpackTimeTZ(v)
			return float64(local)/1e6 - float64(off)
		}), t)
	case types.Interval:
		return sig(types.TDouble, map1(func(v vec.IntervalValue) float64 {
			days := float64(v.Months/12)*365.25 + float64(v.Months%12)*30 + float64(v.Days)
			return days*86400 + float64(v.Micros)/1e6
		}), t)
	}
	return nil
}

var datePart = &fn.Function{
	Name: "date_part", Aliases: []string{"extract", "datepart"}, Category: "date",
	Doc:        "A field of a date, time, timestamp or interval; epoch is DOUBLE, all others BIGINT.",
	Signatures: []string{"extract(unit FROM x)", "date_part('unit', x)", "date_part(['unit', …], x) → STRUCT"},
	Examples: tex("extract(year FROM DATE '1995-03-15')", "1995", "date_part('quarter', DATE '1995-03-15')", "1", "extract(dow FROM DATE '2024-01-07')", "0",
		"extract(hour FROM TIMESTAMP '2024-01-01 13:05:00')", "13", "extract(epoch FROM DATE '1970-01-02')", "86400.0", "extract(day FROM INTERVAL 3 DAY)", "3", "date_part(['year', 'day'], DATE '2024-02-29')", "{'year': 2024, 'day': 29}"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 2 && args[0].Type.Kind == types.Array {
			return bindParts(args)
		}
		if len(args) != 2 || args[0].Type.Kind != types.Varchar {
			return nil, nil
		}
		name, ok := constText(args, 0)
		if !ok && args[0].Const == nil {
			return bindPartBy(args[1].Type), nil
		}
		u := unitOf(name)
		if ok && u == noUnit {
			return nil, unknownUnit(name)
		}
		if !ok {
			u = uYear // of NULL: NULL whatever the type
		}
		o := bindPart(u, args[1].Type)
		if o == nil {
			return nil, nil
		}
		run := o.Eval
		return sig(o.Result, func(c *fn.Ctx, a []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			return run(c, a[1:], sel, n, out)
		}, types.TVarchar, o.Args[0]), nil
	},
}

// fieldOf makes the function of one field.
func fieldOf(name string, u unit, doc string, aliases []string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "date", Doc: doc, Signatures: []string{name + "(date or time)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 {
				return nil, nil
			}
			return bindPart(u, args[0].Type), nil
		},
	}
}

var (
	year       = fieldOf("year", uYear, "The year.", nil, "year(DATE '1995-03-15')", "1995")
	quarter    = fieldOf("quarter", uQuarter, "The quarter, 1 to 4.", nil, "quarter(DATE '1995-03-15')", "1")
	month      = fieldOf("month", uMonth, "The month, 1 to 12.", nil, "month(DATE '1995-03-15')", "3")
	week       = fieldOf("week", uWeek, "The ISO week.", []string{"weekofyear"}, "week(DATE '2024-01-01')", "1")
	day        = fieldOf("day", uDay, "The day of the month.", []string{"dayofmonth"}, "day(DATE '1995-03-15')", "15")
	dayOfWeek  = fieldOf("dayofweek", uDayOfWeek, "The day of the week, 0 = Sunday.", []string{"dow", "weekday"}, "dayofweek(DATE '2024-01-07')", "0")
	isoDow     = fieldOf("isodow", uISODow, "The day of the week, 1 = Monday to 7 = Sunday.", nil, "isodow(DATE '2024-01-07')", "7")
	dayOfYear  = fieldOf("dayofyear", uDayOfYear, "The day of the year, from 1.", []string{"doy"}, "dayofyear(DATE '2024-02-01')", "32")
	isoYear    = fieldOf("isoyear", uISOYear, "The year that the ISO week belongs to.", nil, "isoyear(DATE '2021-01-01')", "2020")
	yearWeek   = fieldOf("yearweek", uYearWeek, "The ISO year and week as one number.", nil, "yearweek(DATE '2024-01-01')", "202401")
	decade     = fieldOf("decade", uDecade, "The year divided by ten.", nil, "decade(DATE '1995-03-15')", "199")
	century    = fieldOf("century", uCentury, "The century.", nil, "century(DATE '1995-03-15')", "20")
	hour       = fieldOf("hour", uHour, "The hour.", nil, "hour(TIMESTAMP '2024-01-01 13:05:09')", "13")
	minute     = fieldOf("minute", uMinute, "The minute.", nil, "minute(TIMESTAMP '2024-01-01 13:05:09')", "5")
	second     = fieldOf("second", uSecond, "The second.", nil, "second(TIMESTAMP '2024-01-01 13:05:09')", "9")
	milliField = fieldOf("millisecond", uMillisecond, "The seconds and their fraction in milliseconds.", nil, "millisecond(TIMESTAMP '2024-01-01 13:05:09.25')", "9250")
	microField = fieldOf("microsecond", uMicrosecond, "The seconds and their fraction in microseconds.", nil, "microsecond(TIMESTAMP '2024-01-01 13:05:09.25')", "9250000")
	era        = fieldOf("era", uEra, "The era: 1 is AD, 0 is BC.", nil, "era(DATE '1995-03-15')", "1", "era(DATE '0044-03-15 (BC)')", "0")
	millennium = fieldOf("millennium", uMillennium, "The millennium.", nil, "millennium(DATE '1995-03-15')", "2")
	epoch      = fieldOf("epoch", uEpoch, "The seconds since 1970-01-01.", nil, "epoch(TIMESTAMP '1970-01-01 00:01:00.5')", "60.5")
)
