package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var timeBucket = &fn.Function{
	Name: "time_bucket", Aliases: []string{"date_bin"}, Category: "date",
	Doc:        "The beginning of the bucket of that width which a date or timestamp lies in; buckets of months begin at 2000-01-01, others at Monday, 2000-01-03, or at the moment given.",
	Signatures: []string{"time_bucket(INTERVAL, date or timestamp)", "time_bucket(INTERVAL, timestamp, origin)"},
	Examples: tex("time_bucket(INTERVAL 15 MINUTE, TIMESTAMP '2024-01-01 10:40:00')", "2024-01-01 10:30:00", "time_bucket(INTERVAL 2 MONTH, DATE '2024-04-15')", "2024-03-01",
		"time_bucket(INTERVAL 1 WEEK, DATE '2024-01-03')", "2024-01-01"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 2 || len(args) > 3 {
			return nil, nil
		}
		t := args[1].Type
		switch t.Kind {
		case types.Date, types.Timestamp, types.TimestampTZ:
		case types.Varchar, types.Null:
			t = types.TTimestamp
		default:
			return nil, nil
		}
		return failing(sig(t, bucketRows, []types.Type{types.TInterval, t, t}[:len(args)]...)), nil
	},
}

func bucketRows(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	micros := func(v *vec.Vector, i int32) int64 {
		if v.Type.Kind == types.Date {
			return int64(vec.ValueAt[int32](v, int(i))) * kernel.MicrosPerDay
		}
		return vec.ValueAt[int64](v, int(i))
	}
	for _, i := range sel {
		w, x := vec.ValueAt[vec.IntervalValue](args[0], int(i)), micros(args[1], i)
		origin := int64(kernel.CivilToDays(2000, 1, 3)) * kernel.MicrosPerDay
		if w.Months != 0 {
			origin = int64(kernel.CivilToDays(2000, 1, 1)) * kernel.MicrosPerDay
		}
		if len(args) == 3 {
			origin = micros(args[2], i)
		}
		size, ok := kernel.Add128(kernel.MulInt64(int64(w.Days), kernel.MicrosPerDay), kernel.I128(w.Micros))
		var start int64
		switch {
		case w.Months > 0 && size == (vec.Int128{}):
			n := floorDiv(unitIndex(uMonth, x)-unitIndex(uMonth, origin), int64(w.Months))
			d, t := kernel.SplitMicros(origin)
			start = int64(kernel.AddMonths(d, int(n)*int(w.Months)))*kernel.MicrosPerDay + t
			if start > x { // the origin lies later in its month
				start = int64(kernel.AddMonths(d, int(n-1)*int(w.Months)))*kernel.MicrosPerDay + t
			}
		case w.Months == 0 && ok && kernel.IsInt64(size) && size.Hi >= 0 && size.Lo > 0:
			start = origin + floorDiv(x-origin, int64(size.Lo))*int64(size.Lo)
		default:
			return dataErr("time_bucket: %s is not the width of a bucket: months alone, or days and time, more than 0", kernel.AppendInterval(nil, w))
		}
		if out.Type.Kind == types.Date {
			d, _ := kernel.SplitMicros(start)
			vec.Values[int32](out)[i] = int32(d)
		} else {
			vec.Values[int64](out)[i] = start
		}
	}
	return nil
}
