package scalar

import (
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var dateAdd = &fn.Function{
	Name: "date_add", Aliases: []string{"dateadd", "timestampadd", "adddate"}, Category: "date",
	Doc:        "The date moved by days or an interval, or by n units.",
	Signatures: []string{"date_add(date, days) → DATE", "date_add(date, INTERVAL)", "date_add('unit', n, date)"},
	Examples:   tex("date_add(DATE '2024-02-28', 2)", "2024-03-01", "date_add(DATE '2024-01-31', INTERVAL 1 MONTH)", "2024-02-29", "date_add('month', 2, DATE '2024-01-31')", "2024-03-31"),
	Bind:       func(args []fn.Arg) (*fn.Overload, error) { return bindDateAdd(args, 1) },
}

var dateSub = &fn.Function{
	Name: "date_sub", Aliases: []string{"subdate"}, Category: "date",
	Doc:        "The date moved back by days or an interval. With a unit first, the whole units between two dates.",
	Signatures: []string{"date_sub(date, days) → DATE", "date_sub(date, INTERVAL)", "date_sub('unit', start, end) → BIGINT"},
	Examples:   tex("date_sub(DATE '2024-03-01', 1)", "2024-02-29", "date_sub('month', DATE '2024-01-01', DATE '2024-03-15')", "2"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 3 {
			return bindDiff(args, true)
		}
		return bindDateAdd(args, -1)
	},
}

func bindDateAdd(args []fn.Arg, sign int64) (*fn.Overload, error) {
	if len(args) == 2 {
		if args[0].Type.Kind == types.Varchar { // text counts as a date
			args = []fn.Arg{{Type: types.TDate}, args[1]}
		}
		if t, ok := constText(args, 1); ok && args[0].Type.IsTemporal() { // text that is a whole number counts days, as in Hive
			if _, whole := kernel.ParseInt64([]byte(t)); whole {
				args = []fn.Arg{{Type: types.TDate}, {Type: types.TBigInt}}
			}
		}
		if args[1].Type.IsInteger() && args[0].Type.IsTemporal() {
			args = []fn.Arg{{Type: types.TDate}, args[1]}
		}
		if !args[0].Type.IsTemporal() && args[0].Type.Kind != types.Null {
			return nil, nil
		}
		return bindMove(args, sign), nil
	}
	if len(args) != 3 {
		return nil, nil
	}
	name, ok := constText(args, 0)
	if !ok {
		return nil, sqlerr.New(sqlerr.Bind, "the unit of date_add must be a constant")
	}
	one, ok := kernel.MakeInterval(kernel.I128(1e6), name)
	if !ok {
		return nil, unknownUnit(name)
	}
	t := args[2].Type
	switch {
	case t.Kind == types.Date && one.Micros == 0:
	case t.Kind == types.Date || t.Kind == types.Varchar || t.Kind == types.Null:
		t = types.TTimestamp
	case t.Kind != types.Timestamp && t.Kind != types.TimestampTZ:
		return nil, nil
	}
	return failing(sig(t, moveUnits(one, sign), types.TVarchar, types.TBigInt, t)), nil
}

// moveUnits moves a date or timestamp by n times a span.
func moveUnits(one vec.IntervalValue, sign int64) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		n := vec.ColOf[int64](args[1])
		for _, i := range sel {
			k := n.At(i)
			if k > 1<<40 || k < -1<<40 {
				return dataErr("overflow: a date cannot be moved by %d units", k)
			}
			mo, da, us := int64(one.Months)*k, int64(one.Days)*k, kernel.MulInt64(one.Micros, k)
			if mo != int64(int32(mo)) || da != int64(int32(da)) || !kernel.IsInt64(us) {
				return dataErr("overflow: a date cannot be moved by %d units", k)
			}
			v := vec.IntervalValue{Months: int32(mo), Days: int32(da), Micros: int64(us.Lo)}
			if out.Type.Kind == types.Date {
				day := vec.ValueAt[int32](args[2], int(i))
				if kernel.EndlessDay(day) {
					vec.Values[int32](out)[i] = day
					continue
				}
				x, err := midnight(day)
				if err == nil {
					x, err = addSpan(x, v, sign, nil)
				}
				if err != nil {
					return err
				}
				d, _ := kernel.SplitMicros(x)
				vec.Values[int32](out)[i] = int32(d)
				continue
			}
			var loc *time.Location
			if out.Type.Kind == types.TimestampTZ {
				loc = c.Location
			}
			x, err := addSpan(vec.ValueAt[int64](args[2], int(i)), v, sign, loc)
			if err != nil {
				return err
			}
			vec.Values[int64](out)[i] = x
		}
		return nil
	}
}

var addMonths = &fn.Function{
	Name: "add_months", Category: "date", Doc: "The date moved by n months; the day is cut to the month's length.", Examples: tex("add_months(DATE '2024-01-31', 1)", "2024-02-29"),
	Overloads: []*fn.Overload{failing(sig(types.TDate, try2(func(d, n int32) (int32, error) {
		x := kernel.AddMonths(int(d), int(n))
		return int32(x), dateRange(int64(x))
	}), types.TDate, types.TInteger))},
}

var lastDay = &fn.Function{
	Name: "last_day", Category: "date", Doc: "The last day of the month.", Examples: tex("last_day(DATE '2024-02-10')", "2024-02-29"),
	Overloads: []*fn.Overload{
		sig(types.TDate, map1(monthEnd), types.TDate),
		stable(sig(types.TDate, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, dst := vec.ColOf[int64](args[0]), vec.Values[int32](out)
			for _, i := range sel {
				d, _ := kernel.SplitMicros(localMicros(c, a.At(i)))
				dst[i] = monthEnd(int32(d))
			}
			return nil
		}, types.TTimestampTZ)),
	},
}

func monthEnd(d int32) int32 {
	if kernel.EndlessDay(d) {
		return d
	}
	y, m, _ := kernel.DaysToCivil(int(d))
	return int32(kernel.CivilToDays(y, m, kernel.DaysInMonth(y, m)))
}

// localMicros is the instant as the session's clock shows it.
func localMicros(c *fn.Ctx, us int64) int64 {
	return us + kernel.ZoneOffset(us, c.Location)*kernel.MicrosPerSecond
}

var nextDay = &fn.Function{
	Name: "next_day", Category: "date", Doc: "The first day after the date that has the weekday named (Mon, Tuesday, …).", Examples: tex("next_day(DATE '2024-01-01', 'Mon')", "2024-01-08"),
	Overloads: []*fn.Overload{failing(sig(types.TDate, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		d, dst := vec.ColOf[int32](args[0]), vec.Values[int32](out)
		for _, i := range sel {
			want := weekdayNamed(args[1].Bytes(int(i)))
			if want < 0 {
				return dataErr("next_day: '%s' is no day of the week", args[1].Bytes(int(i)))
			}
			dst[i] = d.At(i) + int32((want-kernel.Weekday(int(d.At(i)))+6)%7) + 1
		}
		return nil
	}, types.TDate, types.TVarchar))},
}

// weekdayNamed reads the name of a weekday or its first letters, at least two; -1 where it is none.
func weekdayNamed(b []byte) int {
	s := string(appendLower(nil, b))
	for k, name := range dayNames {
		if len(s) >= 2 && len(s) <= len(name) && s == string(appendLower(nil, []byte(name[:len(s)]))) {
			return k
		}
	}
	return -1
}

var dayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

var dayName = &fn.Function{
	Name: "dayname", Category: "date", Doc: "The name of the weekday.", Examples: tex("dayname(DATE '2024-01-01')", "Monday"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		return append(dst, dayNames[kernel.Weekday(int(r.i32(0)))]...), true, nil
	}), types.TDate), sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		d, _ := kernel.SplitMicros(r.i64(0))
		return append(dst, dayNames[kernel.Weekday(d)]...), true, nil
	}), types.TTimestamp)},
}

var monthName = &fn.Function{
	Name: "monthname", Category: "date", Doc: "The name of the month.", Examples: tex("monthname(DATE '2024-01-01')", "January"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		return append(dst, monthNames[dayField(uMonth, int(r.i32(0)))-1]...), true, nil
	}), types.TDate), sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		d, _ := kernel.SplitMicros(r.i64(0))
		return append(dst, monthNames[dayField(uMonth, d)-1]...), true, nil
	}), types.TTimestamp)},
}
