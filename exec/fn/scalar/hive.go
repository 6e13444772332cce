package scalar

import (
	"bytes"
	"math"
	"math/big"
	"net/url"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var conv = &fn.Function{
	Name: "conv", Category: "math", Doc: "The number in the text, of one base, written in another base (2 to 36).", Examples: tex("conv('ff', 16, 10)", "255", "conv('10', 10, 2)", "1010"),
	Overloads: []*fn.Overload{failing(sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		from, to := r.i32(1), r.i32(2)
		if from < 2 || from > 36 || to < 2 || to > 36 {
			return nil, false, dataErr("conv: bases are 2 to 36, not %d and %d", from, to)
		}
		x, ok := new(big.Int).SetString(string(bytes.TrimSpace(r.str(0))), int(from))
		if !ok {
			return nil, false, nil
		}
		return upperASCII(x.Append(dst, int(to))), true, nil
	}), types.TVarchar, types.TInteger, types.TInteger))},
}

var findInSet = &fn.Function{
	Name: "find_in_set", Category: "string", Doc: "The place, from 1, of the text in a list parted by commas; 0 where it is not there.", Examples: tex("find_in_set('b', 'a,b,c')", "2", "find_in_set('x', 'a')", "0"),
	Overloads: []*fn.Overload{sig(types.TInteger, ofStr2(func(s, set []byte) int32 {
		for k := int32(1); ; k++ {
			item, rest, more := bytes.Cut(set, []byte{','})
			if bytes.Equal(item, s) {
				return k
			}
			if !more {
				return 0
			}
			set = rest
		}
	}), types.TVarchar, types.TVarchar)},
}

var parseURL = &fn.Function{
	Name: "parse_url", Category: "string", Doc: "A part of a URL: HOST, PATH, QUERY (or the value of one of its keys), REF, PROTOCOL, FILE, AUTHORITY, USERINFO; NULL where it has none.",
	Examples: tex("parse_url('https://a.org:80/p/q?x=1&y=2#z', 'HOST')", "a.org", "parse_url('https://a.org/p?x=1&y=2', 'QUERY', 'y')", "2", "parse_url('https://a.org/p', 'REF')", "NULL",
		"parse_url('https://me@a.org:80/p', 'AUTHORITY')", "me@a.org:80"),
	Overloads: []*fn.Overload{
		sig(types.TVarchar, rowFn(urlPart), types.TVarchar, types.TVarchar),
		sig(types.TVarchar, rowFn(urlPart), types.TVarchar, types.TVarchar, types.TVarchar),
	},
}

func urlPart(r *row, dst []byte) ([]byte, bool, error) {
	u, err := url.Parse(string(r.str(0)))
	if err != nil {
		return nil, false, nil
	}
	s := ""
	switch strings.ToUpper(string(r.str(1))) {
	case "HOST":
		s = u.Hostname()
	case "PATH":
		s = u.EscapedPath()
	case "QUERY":
		s = u.RawQuery
		if r.has(2) {
			for _, kv := range strings.Split(u.RawQuery, "&") {
				if k, v, ok := strings.Cut(kv, "="); ok && k == string(r.str(2)) {
					return append(dst, v...), true, nil
				}
			}
			return nil, false, nil
		}
	case "REF":
		s = u.EscapedFragment()
	case "PROTOCOL":
		s = u.Scheme
	case "FILE":
		s = u.RequestURI()
	case "AUTHORITY":
		if s = u.Host; u.User != nil {
			s = u.User.String() + "@" + s
		}
	case "USERINFO":
		s = u.User.String()
	}
	return append(dst, s...), s != "", nil
}

var unixDate = &fn.Function{
	Name: "unix_date", Category: "date", Doc: "The days since 1970-01-01.", Examples: tex("unix_date(DATE '1970-01-03')", "2"),
	Overloads: []*fn.Overload{sig(types.TInteger, map1(func(d int32) int32 { return d }), types.TDate)},
}

var dateFromUnix = &fn.Function{
	Name: "date_from_unix_date", Category: "date", Doc: "The date that many days after 1970-01-01.", Examples: tex("date_from_unix_date(2)", "1970-01-03"),
	Overloads: []*fn.Overload{sig(types.TDate, map1(func(d int32) int32 { return d }), types.TInteger)},
}

var even = real1("even", nil, "The next even number, away from zero.", func(x float64) float64 {
	y := wholeFloat(x, ceiling)
	if x < 0 {
		y = wholeFloat(x, flooring)
	}
	if int64(y)%2 != 0 {
		if y < 0 {
			return y - 1
		}
		return y + 1
	}
	return y
}, "even(2.9)", "4.0")

var nanvl = &fn.Function{
	Name: "nanvl", Category: "math", Doc: "The first number, or the second where the first is NaN.", Examples: tex("nanvl(1e0, 2e0)", "1.0", "nanvl(1e0, NULL)", "1.0", "nanvl('NaN'::DOUBLE, 2)", "2.0"),
	Overloads: []*fn.Overload{nullAware(sig(types.TDouble, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[float64](out)
		for _, i := range sel {
			from := args[0]
			if !from.IsNull(int(i)) && math.IsNaN(vec.ValueAt[float64](from, int(i))) {
				from = args[1]
			}
			if from.IsNull(int(i)) {
				out.SetNull(int(i))
				continue
			}
			dst[i] = vec.ValueAt[float64](from, int(i))
		}
		return nil
	}, types.TDouble, types.TDouble))},
}

var errorFn = &fn.Function{
	Name: "error", Aliases: []string{"raise_error"}, Category: "conditional", Doc: "Raises an error with the text; NULL for NULL.", Examples: tex("error(NULL)", "NULL"),
	Overloads: []*fn.Overload{volatile(failing(sig(types.TVarchar, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, _ *vec.Vector) error {
		return dataErr("%s", args[0].Bytes(int(sel[0])))
	}, types.TVarchar)))},
}
