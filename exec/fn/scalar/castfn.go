package scalar

import (
	"regexp"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// castTo makes the function that bears the name of a type and casts to it, as Spark and Hive have them.
func castTo(name string, aliases []string, t types.Type, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "conversion", Doc: "The value cast to " + t.String() + ".", Signatures: []string{name + "(any) → " + t.String()}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 {
				return nil, nil
			}
			k, ok := kernel.NewCaster(args[0].Type, t)
			if !ok {
				return nil, nil
			}
			o := sig(t, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				return k.Run(args[0], sel, out, false, c.Location)
			}, args[0].Type)
			o.CanFail = k.CanFail
			o.Stable = args[0].Type.Kind == types.TimestampTZ || t.Kind == types.TimestampTZ
			return o, nil
		},
	}
}

var (
	castTiny    = castTo("tinyint", nil, types.Type{Kind: types.TinyInt}, "tinyint('5')", "5")
	castSmall   = castTo("smallint", nil, types.Type{Kind: types.SmallInt}, "smallint('5')", "5")
	castInt     = castTo("int", []string{"integer"}, types.TInteger, "int('5')", "5")
	castBig     = castTo("bigint", nil, types.TBigInt, "bigint('5')", "5")
	castFloat   = castTo("float", []string{"real"}, types.TReal, "float('1.5')", "1.5")
	castDecimal = castTo("decimal", nil, types.NewDecimal(10, 0), "decimal('5.4')", "5")
	castDouble  = castTo("double", nil, types.TDouble, "double('1.5')", "1.5")
	castBool    = castTo("boolean", nil, types.TBoolean, "boolean('true')", "true")
	castString  = castTo("string", nil, types.TVarchar, "string(5)", "5")
	castBinary  = castTo("binary", nil, types.TBinary, "binary('a')", "a")
	castTime    = castTo("timestamp", nil, types.TTimestamp, "timestamp('2024-01-01')", "2024-01-01 00:00:00")
)

// sinceEpoch makes a function of a count of units since 1970.
func sinceEpoch(name string, unit string, micros int64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "date", Doc: "The instant so many " + unit + " after 1970.", Examples: tex(examples...),
		Overloads: []*fn.Overload{failing(sig(types.TTimestampTZ, try1(func(n int64) (int64, error) {
			us := kernel.MulInt64(n, micros)
			if !kernel.IsInt64(us) {
				return 0, dataErr("overflow: %d %s are out of the range of timestamps", n, unit)
			}
			return int64(us.Lo), nil
		}), types.TBigInt)), failing(sig(types.TTimestampTZ, try1(func(x float64) (int64, error) { return epochMicros(x * float64(micros) / 1e6) }), types.TDouble))},
	}
}

// toEpoch makes a function that counts units since 1970.
func toEpoch(name string, unit string, micros int64, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "date", Doc: "The " + unit + " since 1970.", Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TBigInt, map1(func(us int64) int64 { return floorDiv(us, micros) }), types.TTimestampTZ)},
	}
}

var (
	timestampSeconds = sinceEpoch("timestamp_seconds", "seconds", kernel.MicrosPerSecond, "timestamp_seconds(60)", "1970-01-01 00:01:00+00")
	timestampMillis  = sinceEpoch("timestamp_millis", "milliseconds", 1000, "timestamp_millis(60000)", "1970-01-01 00:01:00+00")
	timestampMicros  = sinceEpoch("timestamp_micros", "microseconds", 1, "timestamp_micros(60000000)", "1970-01-01 00:01:00+00")
	unixSeconds      = toEpoch("unix_seconds", "seconds", kernel.MicrosPerSecond, "unix_seconds(timestamp_seconds(60))", "60")
	unixMillis       = toEpoch("unix_millis", "milliseconds", 1000, "unix_millis(timestamp_seconds(60))", "60000")
)

var equalNull = &fn.Function{
	Name: "equal_null", Category: "conditional", Doc: "Whether the values are equal, where NULL equals NULL.", Signatures: []string{"equal_null(T, T) → BOOLEAN"}, Examples: tex("equal_null(NULL, NULL)", "true", "equal_null(1, NULL)", "false"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		t, ok := common(args)
		if !ok || len(args) != 2 {
			return nil, nil
		}
		return nullAware(sig(types.TBoolean, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[uint8](out)
			for _, i := range sel {
				dst[i] = b2u(kernel.CompareValues(args[0], int(i), args[1], int(i)) == 0)
			}
			return nil
		}, t, t)), nil
	},
}

var regexpInstr = &fn.Function{
	Name: "regexp_instr", Category: "pattern", Doc: "Where the first match of the regular expression begins, in characters from 1; 0 where there is none.", Examples: tex("regexp_instr('abc', 'c')", "3", "regexp_instr('abc', 'x')", "0"),
	Overloads: []*fn.Overload{reFunction(types.TInteger, -1, func(re *regexp.Regexp, r *row, out *vec.Vector) error {
		s, at := r.str(0), int32(0)
		if m := re.FindIndex(s); m != nil {
			at = int32(runeCount(s[:m[0]])) + 1
		}
		vec.Values[int32](out)[r.i] = at
		return nil
	}, types.TVarchar, types.TVarchar)},
}

var strToMap = &fn.Function{
	Name: "str_to_map", Category: "nested", Doc: "A map of the text's pieces between separators (a comma), each parted into key and value by another (a colon).", Examples: tex("str_to_map('a:1,b:2')", "{a=1, b=2}", "str_to_map('a=1;b', ';', '=')", "{a=1, b=NULL}"),
	Overloads: []*fn.Overload{
		sig(types.NewMap(types.TVarchar, types.TVarchar), textToMap, types.TVarchar),
		sig(types.NewMap(types.TVarchar, types.TVarchar), textToMap, types.TVarchar, types.TVarchar),
		sig(types.NewMap(types.TVarchar, types.TVarchar), textToMap, types.TVarchar, types.TVarchar, types.TVarchar),
	},
}

func textToMap(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	w, r := newListWriter(out, n), row{args: args}
	for _, i := range sel {
		r.i = int(i)
		sep, mid := []byte{','}, []byte{':'}
		if r.has(1) {
			sep = r.str(1)
		}
		if r.has(2) {
			mid = r.str(2)
		}
		w.begin(i)
		for s, more := r.str(0), true; more; {
			var item []byte
			item, s, more = cutAt(s, sep)
			key, val, ok := cutAt(item, mid)
			w.b.Kid(0).AppendBytes(key)
			if ok {
				w.b.Kid(1).AppendBytes(val)
			} else {
				w.b.Kid(1).AppendNull()
			}
			w.b.EndStruct()
		}
		w.end()
	}
	w.done()
	return nil
}
