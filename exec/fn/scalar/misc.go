package scalar

import (
	"crypto/rand"
	"encoding/hex"
	mrand "math/rand/v2"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

func volatile(o *fn.Overload) *fn.Overload {
	o.Volatile = true
	return o
}

var random = &fn.Function{
	Name: "random", Aliases: []string{"rand"}, Category: "math", Doc: "A random DOUBLE from 0 up to, not including, 1; another one for each row.", Examples: tex("random() < 1", "true"),
	Overloads: []*fn.Overload{volatile(sig(types.TDouble, func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[float64](out)
		for _, i := range sel {
			dst[i] = mrand.Float64()
		}
		return nil
	})), volatile(sig(types.TDouble, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		rnd, dst := seeded(args, 0, sel), vec.Values[float64](out)
		for _, i := range sel {
			dst[i] = rnd.Float64()
		}
		return nil
	}, types.TBigInt))},
}

var uuidFn = &fn.Function{
	Name: "uuid", Aliases: []string{"gen_random_uuid", "newid"}, Category: "conversion", Doc: "A random UUID; another one for each row.", Examples: tex("length(CAST(uuid() AS VARCHAR))", "36"),
	Overloads: []*fn.Overload{volatile(sig(types.TUUID, func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var b [16]byte
		var text [36]byte
		for _, i := range sel {
			_, _ = rand.Read(b[:]) // never fails
			b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
			hex.Encode(text[:], b[:4])
			at := 8
			for _, part := range [][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
				text[at] = '-'
				hex.Encode(text[at+1:], part)
				at += 5
			}
			out.SetBytes(int(i), text[:])
		}
		return nil
	}))},
}

var typeOf = &fn.Function{
	Name: "typeof", Aliases: []string{"pg_typeof"}, Category: "conversion", Doc: "The name of the value's type.", Signatures: []string{"typeof(any) → VARCHAR"},
	Examples: tex("typeof(1)", "INTEGER", "typeof(1.5)", "DECIMAL(2,1)", "typeof(NULL)", "NULL"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 1 {
			return nil, nil
		}
		name := []byte(args[0].Type.String())
		return nullAware(sig(types.TVarchar, func(_ *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				out.SetBytes(int(i), name)
			}
			return nil
		}, args[0].Type)), nil
	},
}

func nullAware(o *fn.Overload) *fn.Overload {
	o.NullAware = true
	return o
}

// nullTest makes isnull or isnotnull.
func nullTest(name string, aliases []string, doc string, want bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "conditional", Doc: doc, Signatures: []string{name + "(any) → BOOLEAN"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 1 {
				return nil, nil
			}
			return nullAware(sig(types.TBoolean, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
				dst := vec.Values[uint8](out)
				for _, i := range sel {
					dst[i] = b2u(args[0].IsNull(int(i)) == want)
				}
				return nil
			}, args[0].Type)), nil
		},
	}
}

var (
	isNullFn    = nullTest("isnull", nil, "Whether the value is NULL.", true, "isnull(NULL)", "true", "isnull(1)", "false")
	isNotNullFn = nullTest("isnotnull", []string{"notnull"}, "Whether the value is not NULL.", false, "isnotnull(1)", "true")
)

// common gives the type that all args convert to.
func common(args []fn.Arg) (types.Type, bool) {
	t := types.TNull
	for _, a := range args {
		if isText(a) && t.Kind != types.Null && !t.IsNested() { // a text constant takes the others' type
			continue
		}
		u := t
		if t.Kind == types.Varchar && !a.Type.IsNested() && a.Type.Kind != types.Null {
			u = a.Type
			for _, b := range args {
				if b.Type.Kind == types.Varchar && b.Const == nil {
					u = types.TVarchar
				}
			}
		}
		c, ok := types.Common(u, a.Type)
		if !ok {
			return t, false
		}
		t = c
	}
	return t, true
}

// pick makes an overload that gives, for each row, one of its arguments, which all have type t. choose gives its number, or -1 for NULL.
func pick(t types.Type, args []types.Type, choose func(args []*vec.Vector, i int) int) *fn.Overload {
	return nullAware(sig(t, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		if t.IsNested() {
			which := make([]int32, n)
			for i := range which {
				which[i] = -1
			}
			for _, i := range sel {
				which[i] = int32(choose(args, int(i)))
			}
			flat := make([]*vec.Vector, len(args))
			for k, a := range args {
				flat[k] = &vec.Vector{}
				vec.Flatten(flat[k], a, nil)
			}
			vec.AssignNested(out, t, n, which, flat)
			return nil
		}
		rows := make([][]int32, len(args))
		for _, i := range sel {
			if k := choose(args, int(i)); k >= 0 {
				rows[k] = append(rows[k], i)
			} else {
				out.SetNull(int(i))
				if out.Phys() == types.PView {
					vec.Values[vec.View](out)[i] = vec.View{}
				}
			}
		}
		for k, r := range rows {
			if len(r) > 0 {
				vec.Assign(out, args[k], r)
			}
		}
		return nil
	}, args...))
}

// extremeOf makes greatest or least.
func extremeOf(name string, sign int, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "conditional", Doc: doc, Signatures: []string{name + "(any, …)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			t, ok := common(args)
			if !ok || len(args) == 0 {
				return nil, nil
			}
			list := make([]types.Type, len(args))
			for i := range list {
				list[i] = t
			}
			return pick(t, list, func(args []*vec.Vector, i int) int {
				best := -1
				for k, a := range args {
					if !a.IsNull(i) && (best < 0 || kernel.CompareValues(a, i, args[best], i)*sign > 0) {
						best = k
					}
				}
				return best
			}), nil
		},
	}
}

var (
	greatest = extremeOf("greatest", 1, "The greatest of the arguments that are not NULL.", "greatest(1, 3, NULL, 2)", "3", "greatest('a', 'b')", "b", "greatest(1, 2.5)", "2.5")
	least    = extremeOf("least", -1, "The smallest of the arguments that are not NULL.", "least(3, 1, NULL)", "1", "least(NULL, NULL)", "NULL")
)

var nvl2 = &fn.Function{
	Name: "nvl2", Category: "conditional", Doc: "The second argument where the first is not NULL, else the third.", Signatures: []string{"nvl2(any, T, T) → T"},
	Examples: tex("nvl2(1, 'yes', 'no')", "yes", "nvl2(NULL, 'yes', 'no')", "no"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) != 3 {
			return nil, nil
		}
		t, ok := common(args[1:])
		if !ok {
			return nil, nil
		}
		return pick(t, []types.Type{args[0].Type, t, t}, func(args []*vec.Vector, i int) int {
			if args[0].IsNull(i) {
				return 2
			}
			return 1
		}), nil
	},
}

var decode = &fn.Function{
	Name: "decode", Category: "conditional", Doc: "decode(x, a, r, b, s, …, else): the result beside the first value that equals x (NULL equals NULL). With a format, the bytes of a text: hex, base64, utf-8; with a charset, the text of bytes: utf-16, utf-16be, utf-16le, utf-32, iso-8859-1, us-ascii.",
	Signatures: []string{"decode(x, search, result, …, default)", "decode(text, format) → BINARY", "decode(bytes, charset) → VARCHAR"},
	Examples:   tex("decode(2, 1, 'one', 2, 'two', 'many')", "two", "decode(3, 1, 'one', 'many')", "many", "decode(NULL, NULL, 'none')", "none", "decode('616263', 'hex')", "abc", "decode(unhex('006100DF'), 'utf-16be')", "aß"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) == 1 && args[0].Type.Kind == types.Binary {
			return sig(types.TVarchar, strTo(func(dst, s []byte) []byte { return append(dst, s...) }), types.TBinary), nil
		}
		if namesCharset(args, 1) && len(args) == 2 {
			return failing(sig(types.TVarchar, rowFn(decodeCharset), types.TBinary, types.TVarchar)), nil
		}
		if len(args) == 2 {
			return failing(sig(types.TBinary, rowFn(decodeText), types.TVarchar, types.TVarchar)), nil
		}
		if len(args) < 3 {
			return nil, nil
		}
		keys, vals := args[:1:1], []fn.Arg(nil)
		for k := 1; k+1 < len(args); k += 2 {
			keys, vals = append(keys, args[k]), append(vals, args[k+1])
		}
		hasElse := len(args)%2 == 0
		if hasElse {
			vals = append(vals, args[len(args)-1])
		}
		kt, ok1 := common(keys)
		vt, ok2 := common(vals)
		if !ok1 || !ok2 {
			return nil, nil
		}
		list := make([]types.Type, len(args))
		for k := range list {
			list[k] = vt
			if k == 0 || k%2 == 1 && k+1 < len(args) {
				list[k] = kt
			}
		}
		return pick(vt, list, func(args []*vec.Vector, i int) int {
			for k := 1; k+1 < len(args); k += 2 {
				if kernel.CompareValues(args[0], i, args[k], i) == 0 {
					return k + 1
				}
			}
			if hasElse {
				return len(args) - 1
			}
			return -1
		}), nil
	},
}

func decodeText(r *row, dst []byte) ([]byte, bool, error) {
	s, f := r.str(0), string(appendLower(nil, r.str(1)))
	switch f {
	case "hex":
		b, err := hex.AppendDecode(dst, s)
		if err != nil {
			return nil, false, dataErr("decode: '%s' is not hexadecimal", s)
		}
		return b, true, nil
	case "base64":
		b, ok := decode64(dst, s)
		if !ok {
			return nil, false, dataErr("decode: '%s' is not Base64", s)
		}
		return b, true, nil
	case "escape", "utf-8", "utf8":
		return append(dst, s...), true, nil
	}
	return nil, false, noFormat("decode", f)
}

var toNumber = &fn.Function{
	Name: "to_number", Category: "conversion", Doc: "The number that text gives; commas, blanks and currency signs are passed over. A pattern such as 9,999.99 tells the digits after the point.",
	Signatures: []string{"to_number(text) → DECIMAL(38,10)", "to_number(text, pattern)"}, Examples: tex("to_number('1,234.50', '9,999.99')", "1234.50"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if len(args) < 1 || len(args) > 2 {
			return nil, nil
		}
		s := 10
		if p, ok := constText(args, 1); ok {
			_, frac, _ := strings.Cut(strings.ReplaceAll(strings.ToUpper(p), "D", "."), ".")
			s = min(strings.Count(frac, "9")+strings.Count(frac, "0"), 37)
		}
		o := failing(sig(types.NewDecimal(38, s), func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				var b []byte
				for _, c := range args[0].Bytes(int(i)) {
					if c != ',' && c != ' ' && c != '$' {
						b = append(b, c)
					}
				}
				x, _, ok := kernel.ParseDecimal(b, 38, s)
				if !ok {
					return dataErr("to_number: '%s' is not a number", args[0].Bytes(int(i)))
				}
				vec.Values[vec.Int128](out)[i] = x
			}
			return nil
		}, types.TVarchar))
		if len(args) == 2 {
			o.Args = append(o.Args, types.TVarchar)
		}
		return o, nil
	},
}

// setting makes a function that gives a setting of the session, or a text of its own where there is none.
func setting(name string, aliases []string, key, otherwise, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "session", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{stable(sig(types.TVarchar, func(c *fn.Ctx, _ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			s := ""
			if c.Setting != nil {
				s = c.Setting(key)
			}
			if s == "" {
				s = otherwise
			}
			for _, i := range sel {
				out.SetBytes(int(i), []byte(s))
			}
			return nil
		}))},
	}
}

var (
	currentDatabase = setting("current_database", []string{"current_schema", "current_catalog", "database"}, "current_database", "default", "The name of the current database.", "current_database()", "default")
	currentUser     = setting("current_user", []string{"session_user", "user", "getpgusername"}, "user", "skep", "The name of the user.", "current_user", "skep")
	versionFn       = setting("version", nil, "version", "skep", "The name and version of the engine.", "starts_with(version(), 'skep')", "true")
)

var currentSetting = &fn.Function{
	Name: "current_setting", Category: "session", Doc: "The value of a setting.", Examples: tex("current_setting('x')", ""),
	Overloads: []*fn.Overload{stable(failing(sig(types.TVarchar, func(c *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			if c.Setting == nil {
				return sqlerr.New(sqlerr.Unsupported, "there are no settings here")
			}
			out.SetBytes(int(i), []byte(c.Setting(string(args[0].Bytes(int(i))))))
		}
		return nil
	}, types.TVarchar)))},
}
