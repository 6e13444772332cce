package scalar

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

var printf = &fn.Function{
	Name: "printf", Aliases: []string{"format_string"}, Category: "string", Doc: "The text with %s, %d, %5.2f, %x and the like replaced by the arguments in turn.",
	Signatures: []string{"printf(format, any, …) → VARCHAR"},
	Examples:   tex("printf('%s is %d', 'x', 5)", "x is 5", "printf('%5.2f|%-4s|%04d', 3.14159e0, 'ab', 7)", " 3.14|ab  |0007"),
	Bind:       func(args []fn.Arg) (*fn.Overload, error) { return bindFormat(args, printfRow) },
}

var format = &fn.Function{
	Name: "format", Category: "string", Doc: "The text with {}, or %s, %I and %L as in Postgres, replaced by the arguments in turn.",
	Signatures: []string{"format(format, any, …) → VARCHAR"},
	Examples:   tex("format('{} is {}', 'x', 5)", "x is 5", "format('%s is %s', 'x', 5)", "x is 5"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		return bindFormat(args, func(r *row, dst []byte) ([]byte, bool, error) {
			if bytes.Contains(r.str(0), []byte("{")) {
				return bracesRow(r, dst)
			}
			return printfRow(r, dst)
		})
	},
}

func bindFormat(args []fn.Arg, f func(r *row, dst []byte) ([]byte, bool, error)) (*fn.Overload, error) {
	if len(args) == 0 {
		return nil, nil
	}
	o := &fn.Overload{Result: types.TVarchar, Eval: rowFn(f), NullAware: true, CanFail: true}
	for i, a := range args {
		t := a.Type
		if i == 0 || t.Kind == types.Null {
			t = types.TVarchar
		}
		o.Args = append(o.Args, t)
	}
	return o, nil
}

func bracesRow(r *row, dst []byte) ([]byte, bool, error) {
	if r.null(0) {
		return nil, false, nil
	}
	s, next := r.str(0), 1
	for i := 0; i < len(s); i++ {
		switch {
		case (s[i] == '{' || s[i] == '}') && i+1 < len(s) && s[i+1] == s[i]:
			i++
			dst = append(dst, s[i])
		case s[i] == '{':
			end := bytes.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, false, dataErr("format: '%s' has a { without }", s)
			}
			k := next
			if end > 1 {
				n, err := strconv.Atoi(string(s[i+1 : i+end]))
				if err != nil || n < 0 {
					return nil, false, dataErr("format: '%s' is not understood: {} and {0} are", s[i:i+end+1])
				}
				k = n + 1
			} else {
				next++
			}
			if k >= len(r.args) {
				return nil, false, dataErr("format: '%s' wants more than the %d arguments given", s, len(r.args)-1)
			}
			if r.null(k) {
				return nil, false, nil
			}
			dst = append(dst, r.text(k)...)
			i += end
		default:
			dst = append(dst, s[i])
		}
	}
	return dst, true, nil
}

func printfRow(r *row, dst []byte) ([]byte, bool, error) {
	if r.null(0) {
		return nil, false, nil
	}
	s, next := r.str(0), 1
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			dst = append(dst, s[i])
			continue
		}
		end := i + 1
		for end < len(s) && bytes.IndexByte([]byte("+-# 0123456789.,"), s[end]) >= 0 {
			end++
		}
		if end >= len(s) {
			return nil, false, dataErr("printf: '%s' ends within a %% sign's format", s)
		}
		verb := s[end]
		if verb == '%' {
			dst = append(dst, '%')
			i = end
			continue
		}
		if next >= len(r.args) {
			return nil, false, dataErr("printf: '%s' wants more than the %d arguments given", s, len(r.args)-1)
		}
		var ok bool
		if dst, ok = printfArg(dst, r, next, bytes.ReplaceAll(s[i:end], []byte(","), nil), verb); !ok {
			return nil, false, dataErr("printf: '%s' does not fit the value %s", s[i:end+1], r.text(next))
		}
		next++
		i = end
	}
	return dst, true, nil
}

// printfArg writes argument k by the flags (a % sign, width and precision) and the verb.
func printfArg(dst []byte, r *row, k int, flags []byte, verb byte) ([]byte, bool) {
	if bytes.Count(flags, []byte{'.'}) > 1 || len(flags) > 8 {
		return dst, false
	}
	f, j := r.args[k].At(r.i)
	null := r.null(k)
	switch verb {
	case 's', 'S':
		text := "NULL"
		if !null {
			text = string(r.text(k))
		}
		return fmt.Appendf(dst, string(flags)+"s", text), true
	case 'I', 'L':
		if null {
			return append(dst, "NULL"...), verb == 'L'
		}
		q := byte('"')
		if verb == 'L' {
			q = '\''
		}
		return quoted(dst, r.text(k), q), true
	}
	if null {
		return append(dst, "NULL"...), true
	}
	switch verb {
	case 'd', 'i', 'x', 'X', 'o', 'b', 'u':
		if verb == 'i' || verb == 'u' {
			verb = 'd'
		}
		if !f.Type.IsExact() || f.Type.S != 0 {
			return dst, false
		}
		return fmt.Appendf(dst, string(flags)+string(verb), kernel.Big128(kernel.Int128At(f, j))), true
	case 'f', 'e', 'g', 'E', 'G', 'F':
		var x float64
		switch {
		case f.Phys() == types.PF64:
			x = vec.Values[float64](f)[j]
		case f.Type.IsExact():
			x = kernel.Float128(kernel.Int128At(f, j), int(f.Type.S))
		default:
			return dst, false
		}
		return fmt.Appendf(dst, string(flags)+string(verb), x), true
	}
	return dst, false
}

var formatNumber = &fn.Function{
	Name: "format_number", Category: "string", Doc: "The number with n digits after the point and commas between thousands.",
	Examples: tex("format_number(1234567.891, 2)", "1,234,567.89", "format_number(-1234, 0)", "-1,234"),
	Overloads: []*fn.Overload{sig(types.TVarchar, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		n := int(min(max(r.i32(1), 0), 100))
		return appendGrouped(dst, strconv.FormatFloat(r.f64(0), 'f', n, 64)), true, nil
	}), types.TDouble, types.TInteger)},
}

// appendGrouped writes the number's text with commas between thousands.
func appendGrouped(dst []byte, s string) []byte {
	if s != "" && s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	whole := len(s)
	for i := range s {
		if s[i] == '.' {
			whole = i
			break
		}
	}
	for i := range whole {
		if i > 0 && (whole-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, s[i])
	}
	return append(dst, s[whole:]...)
}
