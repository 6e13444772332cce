package scalar

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var multiply = &fn.Function{
	Name: "multiply", Aliases: []string{"*"}, Category: "operator",
	Doc:        "The product of two numbers, or of an interval and a number.",
	Signatures: []string{"number * number", "INTERVAL * number", "number * INTERVAL"},
	Examples:   tex("6 * 7", "42", "1.5 * 1.5", "2.25", "INTERVAL 2 DAY * 3", "6 days", "0.5 * INTERVAL 1 HOUR", "00:30:00"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if o := bindArith(kernel.Mul, "*", args); o != nil {
			return o, nil
		}
		if len(args) != 2 {
			return nil, nil
		}
		l, r := args[0].Type, args[1].Type
		switch {
		case l.Kind == types.Interval && (r.IsNumeric() || isText(args[1]) || r.Kind == types.Null):
			return failing(sig(types.TInterval, try2(scaleInterval), types.TInterval, types.TDouble)), nil
		case r.Kind == types.Interval && (l.IsNumeric() || isText(args[0]) || l.Kind == types.Null):
			return failing(sig(types.TInterval, try2(func(f float64, v vec.IntervalValue) (vec.IntervalValue, error) { return scaleInterval(v, f) }),
				types.TDouble, types.TInterval)), nil
		}
		return nil, nil
	},
}

// scaleInterval multiplies a span.
func scaleInterval(v vec.IntervalValue, f float64) (vec.IntervalValue, error) {
	out, ok := spread(float64(v.Months)*f, float64(v.Days)*f, float64(v.Micros)*f)
	if !ok {
		return v, dataErr("overflow: %s * %v is out of range", kernel.AppendInterval(nil, v), f)
	}
	return out, nil
}

// spread makes a span of parts with fractions: those of months carry into days of 30 to the month, those of days into time.
func spread(months, days, micros float64) (v vec.IntervalValue, ok bool) {
	mo, moFrac := math.Modf(months)
	da, daFrac := math.Modf(days)
	extra, extraFrac := math.Modf(math.Round(moFrac*30*1e9) / 1e9)
	us := math.Round(micros + (daFrac+extraFrac)*kernel.MicrosPerDay)
	da += extra
	if !(math.Abs(mo) <= math.MaxInt32 && math.Abs(da) <= math.MaxInt32 && math.Abs(us) < math.MaxInt64) {
		return v, false
	}
	return vec.IntervalValue{Months: int32(mo), Days: int32(da), Micros: int64(us)}, true
}
