package scalar

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// patternCache keeps the last pattern read.
type patternCache struct {
	read func(string) (timePattern, error)
	text string
	p    timePattern
	all  []timePattern // of readers
	ok   bool
}

func (c *patternCache) get(b []byte) (timePattern, error) {
	if c.ok && c.text == string(b) {
		return c.p, nil
	}
	p, err := c.read(string(b))
	if err != nil {
		return nil, err
	}
	c.text, c.p, c.ok = string(b), p, true
	return p, nil
}

// readers gives the patterns that text is read by, one of which it must fit: those with and without the parts in brackets, which Java's
// patterns may have.
func (c *patternCache) readers(b []byte) ([]timePattern, error) {
	if c.ok && c.text == string(b) {
		return c.all, nil
	}
	var all []timePattern
	for _, s := range optional(string(b)) {
		p, err := c.read(s)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	c.text, c.all, c.ok = string(b), all, true
	return all, nil
}

// optional gives the pattern with and without its parts in brackets, longer ones first; at most 32 of them.
func optional(s string) []string {
	if strings.Contains(s, "%") || !strings.Contains(s, "[") {
		return []string{s}
	}
	quoted, open, depth := false, -1, 0
	for i, c := range []byte(s) {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[':
			if depth++; depth == 1 {
				open = i
			}
		case c == ']':
			if depth--; depth == 0 {
				with, without := s[open+1:i], s[:open]
				var out []string
				for _, rest := range optional(s[i+1:]) {
					for _, w := range optional(with) {
						out = append(out, without+w+rest)
					}
				}
				for _, rest := range optional(s[i+1:]) {
					out = append(out, without+rest)
				}
				return out[:min(len(out), 32)]
			}
		}
	}
	return []string{s}
}

// timeWriter makes the code of a function that writes a date or timestamp by a pattern; which is the place of the value.
func timeWriter(read func(string) (timePattern, error), which int) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		cache := patternCache{read: read}
		v := args[which]
		var buf []byte
		for _, i := range sel {
			p, err := cache.get(args[1-which].Bytes(int(i)))
			if err != nil {
				return err
			}
			f, k := v.At(int(i))
			if v.Type.Kind == types.Date && kernel.EndlessDay(vec.Values[int32](f)[k]) || v.Phys() == types.PI64 && kernel.Endless(vec.Values[int64](f)[k]) {
				out.SetBytes(int(i), kernel.AppendText(nil, f, k))
				continue
			}
			var d int
			var us, off int64
			switch v.Type.Kind {
			case types.Date:
				d = int(vec.Values[int32](f)[k])
			case types.Time:
				us = vec.Values[int64](f)[k]
			case types.TimestampTZ:
				us = vec.Values[int64](f)[k]
				off = kernel.ZoneOffset(us, c.Location)
				d, us = kernel.SplitMicros(us + off*kernel.MicrosPerSecond)
			default:
				d, us = kernel.SplitMicros(vec.Values[int64](f)[k])
			}
			buf = p.append(buf[:0], d, us, off)
			out.SetBytes(int(i), buf)
		}
		return nil
	}
}

// bindWriter binds a function of a date or time and a pattern; in either order when the types tell.
func bindWriter(args []fn.Arg, read func(string) (timePattern, error)) *fn.Overload {
	if len(args) != 2 {
		return nil
	}
	which := 0
	if args[0].Type.Kind == types.Varchar && args[1].Type.IsTemporal() {
		which = 1
	}
	t := args[which].Type
	if t.Kind == types.Varchar || t.Kind == types.Null {
		t = types.TTimestamp
	}
	if !t.IsTemporal() {
		return nil
	}
	o := failing(sig(types.TVarchar, timeWriter(read, which), t, types.TVarchar))
	if which == 1 {
		o.Args[0], o.Args[1] = o.Args[1], o.Args[0]
	}
	return o
}

var strftime = &fn.Function{
	Name: "strftime", Category: "date", Doc: "The date or timestamp written by a pattern of C: %Y-%m-%d %H:%M:%S.", Signatures: []string{"strftime(timestamp, pattern) → VARCHAR"},
	Examples: tex("strftime(DATE '2024-03-05', '%d.%m.%Y')", "05.03.2024", "strftime(TIMESTAMP '2024-03-05 13:05:09', '%a %I:%M %p')", "Tue 01:05 PM"),
	Bind:     func(args []fn.Arg) (*fn.Overload, error) { return bindWriter(args, strftimePattern), nil },
}

// sparkPattern reads Java's patterns, and C's where there is a percent sign, as MySQL has them.
func sparkPattern(s string) (timePattern, error) {
	if strings.Contains(s, "%") {
		return strftimePattern(s)
	}
	return javaPattern(s)
}

var dateFormat = &fn.Function{
	Name: "date_format", Category: "date", Doc: "The date or timestamp written by a pattern of Java, as Spark and Hive have them: yyyy-MM-dd HH:mm:ss. When a pattern is read, what stands in [] may be missing.",
	Signatures: []string{"date_format(timestamp, pattern) → VARCHAR"}, Examples: tex("date_format(DATE '2024-03-05', 'dd/MM/yy')", "05/03/24", "date_format(TIMESTAMP '2024-03-05 13:05:09', 'EEEE h:mm a')", "Tuesday 1:05 PM"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) { return bindWriter(args, sparkPattern), nil },
}

var toChar = &fn.Function{
	Name: "to_char", Aliases: []string{"to_varchar"}, Category: "date", Doc: "The date, timestamp or number written by a pattern of Postgres: YYYY-MM-DD HH24:MI:SS, 9,999.99.",
	Signatures: []string{"to_char(timestamp, pattern) → VARCHAR", "to_char(number, pattern) → VARCHAR"},
	Examples:   tex("to_char(DATE '2024-03-05', 'DD Mon YYYY')", "05 Mar 2024", "to_char(TIMESTAMP '2024-03-05 13:05:09', 'HH24:MI:SS')", "13:05:09", "to_char(1234.5, 'FM9,999.00')", "1,234.50"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 2 && args[0].Type.IsNumeric() {
			return failing(sig(types.TVarchar, rowFn(numberPattern), types.NewDecimal(38, 10), types.TVarchar)), nil
		}
		return bindWriter(args, pgPattern), nil
	},
}

// numberPattern writes a number by 9 (digit), 0 (digit or zero), point, comma and FM (no blanks in front).
func numberPattern(r *row, dst []byte) ([]byte, bool, error) {
	pat := strings.ToUpper(string(r.str(1)))
	fm := strings.HasPrefix(pat, "FM")
	pat = strings.TrimPrefix(pat, "FM")
	whole, frac, _ := strings.Cut(strings.ReplaceAll(pat, "D", "."), ".")
	whole = strings.ReplaceAll(whole, "G", ",")
	if strings.Trim(whole, "90,$") != "" || strings.Trim(frac, "90") != "" {
		return nil, false, dataErr("to_char: the pattern '%s' is not understood: 9 0 . , and FM are", r.str(1))
	}
	x, _ := kernel.Rescale128(r.wide(0), 10, len(frac))
	neg := x.Hi < 0
	if neg {
		x = kernel.Neg128(x)
	}
	digits := kernel.AppendDecimal(nil, x, len(frac))
	intPart, fracPart, _ := strings.Cut(string(digits), ".")
	if intPart == "0" && !strings.Contains(whole, "0") && len(frac) > 0 {
		intPart = ""
	}
	places := strings.Count(whole, "9") + strings.Count(whole, "0")
	if len(intPart) > places {
		return append(dst, strings.Repeat("#", len(pat)+1)...), true, nil
	}
	var back []byte // the whole part, last digit first
	k, zero := len(intPart)-1, strings.IndexByte(whole, '0')
	for i := len(whole) - 1; i >= 0; i-- {
		switch c := whole[i]; {
		case c == ',':
			if k >= 0 || zero >= 0 && i > zero {
				back = append(back, ',')
			}
		case c == '$':
			back = append(back, '$')
		case k >= 0:
			back = append(back, intPart[k])
			k--
		case zero >= 0 && i >= zero:
			back = append(back, '0')
		}
	}
	if neg {
		back = append(back, '-')
	}
	if !fm {
		for len(back) < len(whole)+1 {
			back = append(back, ' ')
		}
	}
	for i := len(back) - 1; i >= 0; i-- {
		dst = append(dst, back[i])
	}
	if len(frac) > 0 {
		dst = append(append(dst, '.'), fracPart...)
	}
	return dst, true, nil
}

// timeReader makes the code of a function that reads text by a pattern. With try, what does not fit is NULL. If local is set, a text
// without a zone is local to the session.
func timeReader(name string, read func(string) (timePattern, error), try, local bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		cache := patternCache{read: read}
		for _, i := range sel {
			ps, err := cache.readers(args[1].Bytes(int(i)))
			if err != nil {
				return err
			}
			var us int64
			zoned, ok := false, false
			for k := 0; k < len(ps) && !ok; k++ {
				us, zoned, ok = ps[k].parse(kernel.Trim(args[0].Bytes(int(i))))
			}
			if !ok {
				if try {
					out.SetNull(int(i))
					continue
				}
				return dataErr("%s: '%s' does not fit the pattern '%s'", name, args[0].Bytes(int(i)), args[1].Bytes(int(i)))
			}
			var loc *time.Location
			if local && !zoned {
				loc = c.Location
			}
			us = kernel.LocalToUTC(us, loc)
			switch out.Type.Kind {
			case types.Date:
				d, _ := kernel.SplitMicros(us)
				vec.Values[int32](out)[i] = int32(d)
			case types.BigInt:
				vec.Values[int64](out)[i] = floorDiv(us, kernel.MicrosPerSecond)
			default:
				vec.Values[int64](out)[i] = us
			}
		}
		return nil
	}
}

func reader(name string, t types.Type, read func(string) (timePattern, error), try, local bool) *fn.Overload {
	o := sig(t, timeReader(name, read, try, local), types.TVarchar, types.TVarchar)
	o.CanFail = true
	o.Stable = local
	return o
}

var strptime = &fn.Function{
	Name: "strptime", Category: "date", Doc: "The timestamp that text gives, read by a pattern of C.", Examples: tex("strptime('05.03.2024 13:05', '%d.%m.%Y %H:%M')", "2024-03-05 13:05:00"),
	Overloads: []*fn.Overload{reader("strptime", types.TTimestamp, strftimePattern, false, false)},
}

var tryStrptime = &fn.Function{
	Name: "try_strptime", Category: "date", Doc: "strptime, NULL where the text does not fit.", Examples: tex("try_strptime('x', '%Y')", "NULL"),
	Overloads: []*fn.Overload{reader("try_strptime", types.TTimestamp, strftimePattern, true, false)},
}

// anyPattern reads the pattern in the language it looks like: C's by %, Postgres' by capitals, else Java's.
func anyPattern(s string) (timePattern, error) {
	switch {
	case strings.Contains(s, "%"):
		return strftimePattern(s)
	case strings.Contains(s, "YYYY") || strings.Contains(s, "DD") || strings.Contains(s, "MI") || strings.Contains(s, "HH24"):
		return pgPattern(s)
	}
	return javaPattern(s)
}

var toDate = &fn.Function{
	Name: "to_date", Aliases: []string{"date"}, Category: "date", Doc: "The date that text gives, read by a pattern of Postgres (YYYY-MM-DD), Java (yyyy-MM-dd) or C (%Y-%m-%d); of a timestamp, its day.",
	Examples: tex("to_date('05.03.2024', 'DD.MM.YYYY')", "2024-03-05", "to_date('2024-03-05', 'yyyy-MM-dd')", "2024-03-05", "to_date('2024-03-05')", "2024-03-05"),
	Overloads: []*fn.Overload{
		sig(types.TDate, map1(func(d int32) int32 { return d }), types.TDate),
		sig(types.TDate, map1(func(us int64) int32 { d, _ := kernel.SplitMicros(us); return int32(d) }), types.TTimestamp),
		stable(sig(types.TDate, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, dst := vec.ColOf[int64](args[0]), vec.Values[int32](out)
			for _, i := range sel {
				us := a.At(i)
				d, _ := kernel.SplitMicros(us + kernel.ZoneOffset(us, c.Location)*kernel.MicrosPerSecond)
				dst[i] = int32(d)
			}
			return nil
		}, types.TTimestampTZ)),
		castText(types.TDate),
		reader("to_date", types.TDate, anyPattern, false, false),
	},
}

// castText makes the overload that reads text as CAST does.
func castText(t types.Type) *fn.Overload {
	k, _ := kernel.NewCaster(types.TVarchar, t)
	o := failing(sig(t, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		return k.Run(args[0], sel, out, false, c.Location)
	}, types.TVarchar))
	o.Stable = t.Kind == types.TimestampTZ
	return o
}

var toTimestamp = &fn.Function{
	Name: "to_timestamp", Category: "date", Doc: "The instant of seconds since 1970, or the one that text gives, read by a pattern of Postgres, Java or C.",
	Examples: tex("to_timestamp(60)", "1970-01-01 00:01:00+00", "to_timestamp('05.03.2024 13:05', 'DD.MM.YYYY HH24:MI')", "2024-03-05 13:05:00+00"),
	Overloads: []*fn.Overload{
		failing(sig(types.TTimestampTZ, try1(epochMicros), types.TDouble)),
		castText(types.TTimestampTZ),
		reader("to_timestamp", types.TTimestampTZ, anyPattern, false, true),
	},
}

var fromUnixtime = &fn.Function{
	Name: "from_unixtime", Category: "date", Doc: "The session's local time at the seconds since 1970, as text by a pattern of Java.",
	Examples: tex("from_unixtime(60)", "1970-01-01 00:01:00", "from_unixtime(60, 'HH:mm')", "00:01"),
	Overloads: []*fn.Overload{
		stable(failing(sig(types.TVarchar, fromUnix, types.TBigInt))),
		stable(failing(sig(types.TVarchar, fromUnix, types.TBigInt, types.TVarchar))),
	},
}

func fromUnix(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	cache := patternCache{read: sparkPattern}
	var buf []byte
	for _, i := range sel {
		pattern := []byte("yyyy-MM-dd HH:mm:ss")
		if len(args) == 2 {
			pattern = args[1].Bytes(int(i))
		}
		p, err := cache.get(pattern)
		if err != nil {
			return err
		}
		us, err := epochMicros(float64(vec.ValueAt[int64](args[0], int(i))))
		if err != nil {
			return err
		}
		off := kernel.ZoneOffset(us, c.Location)
		d, t := kernel.SplitMicros(us + off*kernel.MicrosPerSecond)
		buf = p.append(buf[:0], d, t, off)
		out.SetBytes(int(i), buf)
	}
	return nil
}

var unixTimestamp = &fn.Function{
	Name: "unix_timestamp", Aliases: []string{"to_unix_timestamp"}, Category: "date", Doc: "The seconds since 1970: now, of a timestamp in the session's zone, or of text read by a pattern of Java.",
	Examples: tex("unix_timestamp(TIMESTAMP '1970-01-01 00:01:00')", "60", "unix_timestamp('1970-01-02', 'yyyy-MM-dd')", "86400"),
	Overloads: []*fn.Overload{
		moment("", nil, types.TBigInt, "", func(utc, _ int64) int64 { return floorDiv(utc, kernel.MicrosPerSecond) }).Overloads[0],
		sig(types.TBigInt, map1(func(us int64) int64 { return floorDiv(us, kernel.MicrosPerSecond) }), types.TTimestampTZ),
		reader("unix_timestamp", types.TBigInt, sparkPattern, false, true),
	},
}
