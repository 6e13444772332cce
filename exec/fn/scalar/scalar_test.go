package scalar

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// likeNaive is LIKE by recursion over code points.
func likeNaive(s, p []rune, escape rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	switch {
	case p[0] == escape && len(p) > 1:
		return len(s) > 0 && s[0] == p[1] && likeNaive(s[1:], p[2:], escape)
	case p[0] == '%':
		for i := range len(s) + 1 {
			if likeNaive(s[i:], p[1:], escape) {
				return true
			}
		}
		return false
	}
	return len(s) > 0 && (p[0] == '_' || p[0] == s[0]) && likeNaive(s[1:], p[1:], escape)
}

func TestLikeAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, n int) string {
		var b strings.Builder
		l := []rune(letters)
		for range r.IntN(n) {
			b.WriteRune(l[r.IntN(len(l))])
		}
		return b.String()
	}
	for range 200000 {
		s, p := word("abö", 9), word("abö%%_", 7)
		checkLike(t, s, p, '\\')
		checkLike(t, word("a%_!", 7), word("a%_!", 7), '!')
	}
}

func checkLike(t *testing.T, s, p string, escape rune) {
	t.Helper()
	c, err := compileLike([]byte(p), escape)
	if err != nil {
		return // ends with its escape character
	}
	if got, want := c.match([]byte(s)), likeNaive([]rune(s), []rune(p), escape); got != want {
		t.Fatalf("'%s' LIKE '%s' ESCAPE '%c' = %v", s, p, escape, got)
	}
}

func FuzzLike(f *testing.F) {
	f.Add("special requests", "%special%requests%")
	f.Add("a%b", `a\%_`)
	f.Fuzz(func(t *testing.T, s, p string) {
		if !utf8.ValidString(s) || !utf8.ValidString(p) || len(s) > 30 || len(p) > 12 {
			return
		}
		checkLike(t, s, p, '\\')
	})
}

// call runs a function over one-row arguments made from text.
func call(t *testing.T, f *fn.Function, args ...*vec.Vector) (string, error) {
	t.Helper()
	var list []fn.Arg
	for _, a := range args {
		list = append(list, fn.Arg{Type: a.Type})
	}
	o, err := f.Resolve(list)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if want := o.ArgType(i); !a.Type.Equal(want) {
			k, _ := kernel.NewCaster(a.Type, want)
			to := vec.New(want, a.Len)
			if err := k.Run(a, vec.Identity(a.Len), to, false, nil); err != nil {
				t.Fatal(err)
			}
			args[i] = to
		}
	}
	out := vec.New(o.Result, 1)
	if err := o.Eval(&fn.Ctx{Decimals: &kernel.Decimals{}}, args, vec.Identity(1), 1, out); err != nil {
		return "", err
	}
	if out.IsNull(0) {
		return "NULL", nil
	}
	return string(kernel.AppendText(nil, out, 0)), nil
}

func value(t *testing.T, typ types.Type, s string) *vec.Vector {
	t.Helper()
	v := vec.New(typ, 1)
	if why := kernel.ParseInto([]byte(s), typ, nil, v, 0); why != "" {
		t.Fatalf("%s: %s", s, why)
	}
	return v
}

// TestDecimalArithmetic checks + − × ÷ on random decimals against rational numbers, rounded to the scale of the result.
func TestDecimalArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	number := func() (types.Type, string) {
		p := 1 + r.IntN(38)
		s := r.IntN(p + 1)
		digits := make([]byte, p)
		for i := range digits {
			digits[i] = byte('0' + r.IntN(10))
		}
		x, _ := new(big.Int).SetString(string(digits), 10)
		if r.IntN(2) == 0 {
			x.Neg(x)
		}
		v, _ := kernel.FromBig(x)
		return types.NewDecimal(p, s), string(kernel.AppendDecimal(nil, v, s))
	}
	failed := 0
	for range 20000 {
		at, a := number()
		bt, b := number()
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		for _, op := range []struct {
			f    *fn.Function
			want func() *big.Rat
		}{
			{add, func() *big.Rat { return new(big.Rat).Add(x, y) }},
			{subtract, func() *big.Rat { return new(big.Rat).Sub(x, y) }},
			{multiply, func() *big.Rat { return new(big.Rat).Mul(x, y) }},
			{divide, func() *big.Rat {
				if y.Sign() == 0 {
					return nil
				}
				return new(big.Rat).Quo(x, y)
			}},
		} {
			got, err := call(t, op.f, value(t, at, a), value(t, bt, b))
			want := op.want()
			if err != nil {
				failed++
				if f, _ := want.Float64(); f < 1e28 && f > -1e28 && op.f != divide && at.P-at.S+bt.P-bt.S < 30 {
					t.Fatalf("%s %s %s: %v", a, op.f.Name, b, err)
				}
				continue
			}
			if want == nil {
				if got != "NULL" {
					t.Fatalf("%s / 0 = %s", a, got)
				}
				continue
			}
			_, frac, _ := strings.Cut(got, ".")
			g, _ := new(big.Rat).SetString(got)
			// half a unit of the last place, twice where an operand was rounded first
			unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(frac))), nil))
			if d := new(big.Rat).Sub(g, want); d.Abs(d).Cmp(unit) >= 0 {
				t.Fatalf("%s %s %s = %s, want %s", a, op.f.Name, b, got, want.FloatString(len(frac)+2))
			}
		}
	}
	if failed > 20000 {
		t.Errorf("%d of 80000 overflowed", failed)
	}
}

// TestIntegerOverflow checks that integer arithmetic raises errors that name the values.
func TestIntegerOverflow(t *testing.T) {
	for _, c := range []struct {
		f    *fn.Function
		t    types.Type
		a, b string
	}{
		{add, types.TInteger, "2147483647", "1"}, {subtract, types.TInteger, "-2147483648", "1"}, {multiply, types.TInteger, "65536", "65536"},
		{add, types.TBigInt, "9223372036854775807", "1"}, {multiply, types.TBigInt, "4294967296", "4294967296"}, {intDiv, types.TBigInt, "-9223372036854775808", "-1"},
	} {
		_, err := call(t, c.f, value(t, c.t, c.a), value(t, c.t, c.b))
		if err == nil || !strings.Contains(err.Error(), c.a) || !strings.Contains(err.Error(), c.b) {
			t.Errorf("%s(%s, %s) gives %v", c.f.Name, c.a, c.b, err)
		}
	}
}

// TestSubstring checks substring against slices of code points.
func TestSubstring(t *testing.T) {
	for _, s := range []string{"", "a", "hello world, this is long", "äöü", "aäoöuü 日本語 text beyond inline"} {
		r := []rune(s)
		for start := int64(-30); start < 30; start++ {
			for n := int64(-1); n < 30; n++ {
				lo := start - 1
				if start < 0 {
					lo = int64(len(r)) + start
				}
				hi := lo + n
				lo, hi = min(max(lo, 0), int64(len(r))), min(max(hi, 0), int64(len(r)))
				want := ""
				if hi > lo {
					want = string(r[lo:hi])
				}
				a, b := cut([]byte(s), start, n)
				if got := s[a:b]; got != want {
					t.Fatalf("substring('%s', %d, %d) = '%s', want '%s'", s, start, n, got, want)
				}
			}
		}
	}
}

// TestDateFields checks fields, truncation and moves against package time.
func TestDateFields(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		us := r.Int64N(4e15) - 2e15
		d, rest := kernel.SplitMicros(us)
		x := time.UnixMicro(us).UTC()
		y, w := x.ISOWeek()
		for u, want := range map[unit]int{
			uYear: x.Year(), uMonth: int(x.Month()), uDay: x.Day(), uDayOfYear: x.YearDay(), uDayOfWeek: int(x.Weekday()), uISOYear: y, uWeek: w,
		} {
			if got := dayField(u, d); got != int64(want) {
				t.Fatalf("field %d of %s = %d", u, x, got)
			}
		}
		if timeField(uHour, rest) != int64(x.Hour()) || timeField(uMinute, rest) != int64(x.Minute()) || timeField(uSecond, rest) != int64(x.Second()) {
			t.Fatalf("time of %s", x)
		}
		if got, want := truncMicros(uMonth, us), time.Date(x.Year(), x.Month(), 1, 0, 0, 0, 0, time.UTC).UnixMicro(); got != want {
			t.Fatalf("month of %s = %d, want %d", x, got, want)
		}
		if got, want := truncMicros(uMinute, us), x.Truncate(time.Minute).UnixMicro(); got != want {
			t.Fatalf("minute of %s", x)
		}
		p, _ := strftimePattern("%Y-%m-%dT%H:%M:%S.%f %a %b %j")
		if got, want := string(p.append(nil, d, rest, 0)), x.Format("2006-01-02T15:04:05.000000 Mon Jan 002"); got != want {
			t.Fatalf("strftime gives %s, want %s", got, want)
		}
		q, _ := javaPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
		if back, _, ok := q.parse(q.append(nil, d, rest, 0)); !ok || back != us {
			t.Fatalf("%s does not read back: %d", x, back)
		}
	}
}

// TestRuneCount checks counting and finding code points in words against package utf8.
func TestRuneCount(t *testing.T) {
	s := "a日本ö語 plain ascii text of some length, ä"
	for n := range len(s) {
		if !utf8.ValidString(s[:n]) {
			continue
		}
		if got := runeCount([]byte(s[:n])); got != utf8.RuneCountInString(s[:n]) {
			t.Errorf("'%s' has %d", s[:n], got)
		}
		k := utf8.RuneCountInString(s[:n])
		if got := runeOffset([]byte(s), k); got != n {
			t.Errorf("character %d begins at %d, want %d", k, got, n)
		}
	}
}

// benchCall runs f over 512k fresh rows.
func benchCall(b *testing.B, f *fn.Function, make func(i int) []*vec.Vector) {
	const batches = 256
	var in [][]*vec.Vector
	for i := range batches {
		in = append(in, make(i))
	}
	var list []fn.Arg
	for _, a := range in[0] {
		arg := fn.Arg{Type: a.Type}
		if a.Form == vec.Const {
			arg.Const = a
		}
		list = append(list, arg)
	}
	o, err := f.Resolve(list)
	if err != nil {
		b.Fatal(err)
	}
	run := o.Eval
	if o.Prepare != nil {
		if p, err := o.Prepare(list); err == nil && p != nil {
			run = p
		}
	}
	c, out, sel := &fn.Ctx{Decimals: &kernel.Decimals{}}, &vec.Vector{}, vec.Identity(vec.BatchSize)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		for _, args := range in {
			out.Reset(o.Result, vec.BatchSize)
			if err := run(c, args, sel, vec.BatchSize, out); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(batches*vec.BatchSize), "ns/row")
}

func decimals(r *rand.Rand, most int64) *vec.Vector {
	v := vec.New(types.NewDecimal(15, 2), vec.BatchSize)
	for i := range vec.Values[int64](v) {
		vec.Values[int64](v)[i] = r.Int64N(most)
	}
	return v
}

func BenchmarkArithmetic(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	one := vec.NewConst(types.TInteger, vec.BatchSize)
	vec.Values[int32](one)[0] = 1
	b.Run("1-discount", func(b *testing.B) {
		benchCall(b, subtract, func(int) []*vec.Vector { return []*vec.Vector{one, decimals(r, 10)} })
	})
	b.Run("price*discount", func(b *testing.B) {
		benchCall(b, multiply, func(int) []*vec.Vector { return []*vec.Vector{decimals(r, 1e7), decimals(r, 100)} })
	})
	b.Run("int+int", func(b *testing.B) {
		benchCall(b, add, func(int) []*vec.Vector {
			x, y := vec.New(types.TInteger, vec.BatchSize), vec.New(types.TInteger, vec.BatchSize)
			for i := range vec.BatchSize {
				vec.Values[int32](x)[i], vec.Values[int32](y)[i] = r.Int32N(1e6), r.Int32N(1e6)
			}
			return []*vec.Vector{x, y}
		})
	})
	b.Run("year(date)", func(b *testing.B) {
		benchCall(b, year, func(int) []*vec.Vector {
			x := vec.New(types.TDate, vec.BatchSize)
			for i := range vec.BatchSize {
				vec.Values[int32](x)[i] = 8000 + r.Int32N(2500)
			}
			return []*vec.Vector{x}
		})
	})
}

func BenchmarkStrings(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	words := strings.Fields("the special packages sleep among quickly final requests carefully bold deposits haggle furiously ironic accounts")
	text := func(int) *vec.Vector {
		v := vec.New(types.TVarchar, vec.BatchSize)
		for i := range vec.BatchSize {
			var s []string
			for range 4 + r.IntN(8) {
				s = append(s, words[r.IntN(len(words))])
			}
			v.SetBytes(i, []byte(strings.Join(s, " ")))
		}
		return v
	}
	for _, p := range []string{"the%", "%accounts", "%special%", "%special%requests%", "_h%"} {
		c := vec.NewConst(types.TVarchar, vec.BatchSize)
		c.SetBytes(0, []byte(p))
		b.Run("like "+p, func(b *testing.B) {
			benchCall(b, like, func(i int) []*vec.Vector { return []*vec.Vector{text(i), c} })
		})
	}
	num := func(n int64) *vec.Vector {
		c := vec.NewConst(types.TBigInt, vec.BatchSize)
		vec.Values[int64](c)[0] = n
		return c
	}
	b.Run("substring", func(b *testing.B) {
		benchCall(b, substring, func(i int) []*vec.Vector { return []*vec.Vector{text(i), num(1), num(2)} })
	})
	b.Run("upper", func(b *testing.B) {
		benchCall(b, upper, func(i int) []*vec.Vector { return []*vec.Vector{text(i)} })
	})
	b.Run("length", func(b *testing.B) {
		benchCall(b, length, func(i int) []*vec.Vector { return []*vec.Vector{text(i)} })
	})
}

// TestCase checks upper and lower against package strings, at all lengths and places of a letter.
func TestCase(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 20000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.IntN(128))
		}
		s := string(b)
		if r.IntN(4) == 0 {
			s += "äÖÉ日"
		}
		for _, c := range []struct {
			f    *fn.Function
			want string
		}{{upper, strings.ToUpper(s)}, {lower, strings.ToLower(s)}} {
			in := vec.New(types.TVarchar, 1)
			in.SetBytes(0, []byte(s))
			if got, err := call(t, c.f, in); err != nil || got != c.want {
				t.Fatalf("%s(%q) = %q, %v", c.f.Name, s, got, err)
			}
		}
	}
}
