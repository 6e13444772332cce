package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var dateDiff = &fn.Function{
	Name: "date_diff", Aliases: []string{"datediff"}, Category: "date",
	Doc:        "With a unit: how many of its boundaries lie between start and end; of weeks, how many times seven days. Without one, as in Spark: the days from the second date to the first.",
	Signatures: []string{"date_diff('unit', start, end) → BIGINT", "datediff(end, start) → BIGINT"},
	Examples: tex("date_diff('month', DATE '2024-01-31', DATE '2024-02-01')", "1", "datediff('day', DATE '2024-01-01', DATE '2024-03-01')", "60",
		"datediff(DATE '2024-03-01', DATE '2024-02-01')", "29", "date_diff('week', DATE '2024-01-07', DATE '2024-01-13')", "0", "date_diff('hour', TIMESTAMP '2024-01-01 10:59:00', TIMESTAMP '2024-01-01 12:01:00')", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) { return bindDiff(args, false) },
}

var dateSubUnit = &fn.Function{
	Name: "datesub", Aliases: []string{"timestampdiff", "timediff"}, Category: "date", Doc: "How many whole units lie between start and end.", Signatures: []string{"datesub('unit', start, end) → BIGINT"},
	Examples: tex("datesub('month', DATE '2024-01-31', DATE '2024-02-01')", "0", "datesub('year', DATE '2020-06-15', DATE '2024-06-15')", "4", "timestampdiff(HOUR, TIMESTAMP '2024-01-01 01:02:03', TIMESTAMP '2024-01-01 12:00:00')", "10"),
	Bind:     func(args []fn.Arg) (*fn.Overload, error) { return bindDiff(args, true) },
}

func bindDiff(args []fn.Arg, whole bool) (*fn.Overload, error) {
	if len(args) == 2 && !whole {
		return sig(types.TBigInt, map2(func(a, b int32) int64 { return int64(a) - int64(b) }), types.TDate, types.TDate), nil
	}
	if len(args) != 3 {
		return nil, nil
	}
	name, ok := constText(args, 0)
	if !ok {
		return nil, sqlerr.New(sqlerr.Bind, "the unit of a date difference must be a constant")
	}
	u := unitOf(name)
	if u == noUnit || u > uDay && !u.ofTime() && !(u >= uDecade && u <= uMillennium) && u != uISOYear {
		return nil, unknownUnit(name)
	}
	count := boundaries
	if whole {
		count = wholeUnits
	}
	t := types.TTimestamp
	if args[1].Type.Kind == types.Time && args[2].Type.Kind == types.Time {
		t = types.TTime
	}
	return sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, dst := vec.ColOf[int64](args[1]), vec.ColOf[int64](args[2]), vec.Values[int64](out)
		for _, i := range sel {
			if kernel.Endless(a.At(i)) || kernel.Endless(b.At(i)) {
				out.SetNull(int(i))
				continue
			}
			dst[i] = count(u, a.At(i), b.At(i))
		}
		return nil
	}, types.TVarchar, t, t), nil
}

// unitIndex numbers the units of kind u, so that neighbours differ by one.
func unitIndex(u unit, us int64) int64 {
	d, t := kernel.SplitMicros(us)
	switch u {
	case uHour, uMinute, uSecond, uMillisecond, uMicrosecond:
		size := [...]int64{kernel.MicrosPerHour, kernel.MicrosPerMinute, kernel.MicrosPerSecond, 1000, 1}[u-uHour]
		return int64(d)*(kernel.MicrosPerDay/size) + t/size
	case uDay:
		return int64(d)
	case uWeek:
		return floorDiv(int64(d)+3, 7)
	case uISOYear:
		return dayField(uISOYear, d)
	}
	y, m, _ := kernel.DaysToCivil(d)
	switch u {
	case uMonth:
		return int64(y)*12 + int64(m) - 1
	case uQuarter:
		return int64(y)*4 + int64(m-1)/3
	case uYear:
		return int64(y)
	}
	return dayField(u, d)
}

func boundaries(u unit, a, b int64) int64 {
	if u == uWeek { // from any day to the same day of another week, as in DuckDB
		return (unitIndex(uDay, b) - unitIndex(uDay, a)) / 7
	}
	return unitIndex(u, b) - unitIndex(u, a)
}

// wholeUnits counts the units that fit between a and b.
func wholeUnits(u unit, a, b int64) int64 {
	if a > b {
		return -wholeUnits(u, b, a)
	}
	months := int64(0)
	switch u {
	case uMonth:
		months = 1
	case uQuarter:
		months = 3
	case uYear, uISOYear:
		months = 12
	case uDecade:
		months = 120
	case uCentury:
		months = 1200
	case uMillennium:
		months = 12000
	case uWeek:
		return (b - a) / (7 * kernel.MicrosPerDay)
	case uDay:
		return (b - a) / kernel.MicrosPerDay
	default:
		return (b - a) / [...]int64{kernel.MicrosPerHour, kernel.MicrosPerMinute, kernel.MicrosPerSecond, 1000, 1}[u-uHour]
	}
	return wholeMonths(a, b) / months
}

// wholeMonths counts the months that fit between a ≤ b.
func wholeMonths(a, b int64) int64 {
	n := unitIndex(uMonth, b) - unitIndex(uMonth, a)
	d, t := kernel.SplitMicros(a)
	if int64(kernel.AddMonths(d, int(n)))*kernel.MicrosPerDay+t > b {
		n--
	}
	return n
}

var age = &fn.Function{
	Name: "age", Category: "date", Doc: "The time from the second timestamp to the first in years, months, days and time; of one, up to today.",
	Examples: tex("age(TIMESTAMP '2024-03-15 00:00:00', TIMESTAMP '2022-01-10 00:00:00')", "2 years 2 months 5 days", "age(TIMESTAMP '2001-04-10', TIMESTAMP '1957-06-13')", "43 years 9 months 27 days"),
	Overloads: []*fn.Overload{
		sig(types.TInterval, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, b, dst := vec.ColOf[int64](args[0]), vec.ColOf[int64](args[1]), vec.Values[vec.IntervalValue](out)
			for _, i := range sel {
				dst[i] = ageOf(a.At(i), b.At(i))
			}
			nullEndless(args[0], sel, out)
			nullEndless(args[1], sel, out)
			return nil
		}, types.TTimestamp, types.TTimestamp),
		stable(sig(types.TInterval, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, b, dst := vec.ColOf[int64](args[0]), vec.ColOf[int64](args[1]), vec.Values[vec.IntervalValue](out)
			for _, i := range sel {
				dst[i] = ageOf(localMicros(c, a.At(i)), localMicros(c, b.At(i)))
			}
			nullEndless(args[0], sel, out)
			nullEndless(args[1], sel, out)
			return nil
		}, types.TTimestampTZ, types.TTimestampTZ)),
		stable(sig(types.TInterval, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			d, _ := kernel.SplitMicros(c.NowMicros + kernel.ZoneOffset(c.NowMicros, c.Location)*kernel.MicrosPerSecond)
			a, dst := vec.ColOf[int64](args[0]), vec.Values[vec.IntervalValue](out)
			for _, i := range sel {
				dst[i] = ageOf(int64(d)*kernel.MicrosPerDay, a.At(i))
			}
			nullEndless(args[0], sel, out)
			return nil
		}, types.TTimestamp)),
	},
}

func stable(o *fn.Overload) *fn.Overload {
	o.Stable = true
	return o
}

// ageOf subtracts field by field, borrowing days from the month of the earlier date.
func ageOf(b, a int64) vec.IntervalValue {
	if a > b {
		v := ageOf(a, b)
		return vec.IntervalValue{Months: -v.Months, Days: -v.Days, Micros: -v.Micros}
	}
	ad, at := kernel.SplitMicros(a)
	bd, bt := kernel.SplitMicros(b)
	ay, am, aday := kernel.DaysToCivil(ad)
	by, bm, bday := kernel.DaysToCivil(bd)
	months, days, us := (by-ay)*12+bm-am, bday-aday, bt-at
	if us < 0 {
		us += kernel.MicrosPerDay
		days--
	}
	if days < 0 {
		days += kernel.DaysInMonth(ay, am)
		months--
	}
	return vec.IntervalValue{Months: int32(months), Days: int32(days), Micros: us}
}

var monthsBetween = &fn.Function{
	Name: "months_between", Category: "date", Doc: "The months from the second timestamp to the first; days count as 1/31 unless both are the same day of the month or month ends.",
	Examples:  tex("months_between(TIMESTAMP '1997-02-28 10:30:00', TIMESTAMP '1996-10-30 00:00:00')", "3.94959677", "months_between(DATE '2024-03-31', DATE '2024-02-29')", "1.0"),
	Overloads: []*fn.Overload{sig(types.TDouble, map2(monthsFrac), types.TTimestamp, types.TTimestamp)},
}

func monthsFrac(a, b int64) float64 {
	ad, at := kernel.SplitMicros(a)
	bd, bt := kernel.SplitMicros(b)
	ay, am, aday := kernel.DaysToCivil(ad)
	by, bm, bday := kernel.DaysToCivil(bd)
	months := float64((ay-by)*12 + am - bm)
	if aday == bday || aday == kernel.DaysInMonth(ay, am) && bday == kernel.DaysInMonth(by, bm) {
		return months
	}
	days := float64(aday-bday) + float64(at-bt)/kernel.MicrosPerDay
	return roundFloat(months+days/31, 8, halfUp)
}
