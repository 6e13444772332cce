package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// moment makes a function of the statement's start; f gets the instant and the session's local time.
func moment[T any](name string, aliases []string, t types.Type, doc string, f func(utc, local int64) T, examples ...string) *fn.Function {
	o := sig(t, func(c *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst, x := vec.Values[T](out), f(c.NowMicros, c.NowMicros+kernel.ZoneOffset(c.NowMicros, c.Location)*kernel.MicrosPerSecond)
		for _, i := range sel {
			dst[i] = x
		}
		return nil
	})
	o.Stable = true
	return &fn.Function{Name: name, Aliases: aliases, Category: "date", Doc: doc, Examples: tex(examples...), Overloads: []*fn.Overload{o}}
}

var (
	now = moment("now", []string{"current_timestamp", "transaction_timestamp", "get_current_timestamp"}, types.TTimestampTZ, "The moment at which the statement began.",
		func(utc, _ int64) int64 { return utc }, "typeof(now())", "TIMESTAMPTZ", "now() = current_timestamp", "true")
	localTimestamp = moment("localtimestamp", []string{"current_localtimestamp"}, types.TTimestamp, "The session's local date and time at which the statement began.",
		func(_, local int64) int64 { return local }, "typeof(localtimestamp)", "TIMESTAMP")
	currentDate = moment("current_date", []string{"today", "curdate"}, types.TDate, "The session's local date at which the statement began.",
		func(_, local int64) int32 { d, _ := kernel.SplitMicros(local); return int32(d) }, "typeof(current_date)", "DATE")
	currentTime = moment("current_time", []string{"localtime", "get_current_time"}, types.TTime, "The session's local time of day at which the statement began.",
		func(_, local int64) int64 { _, t := kernel.SplitMicros(local); return t }, "typeof(current_time)", "TIME")
)
