package csv

import (
	"bytes"
	"math"
	"strconv"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
)

// The types that a text may have without loss, as bits.
const (
	isBool = 1 << iota
	isInt
	isDec
	isDbl
	isDate
	isStamp
	isZoned
	isText
)

// maxFrac is the most digits behind the point that make a DECIMAL of 18 digits; more look like measured numbers: DOUBLE.
const maxFrac = 10

// guess is what all values seen so far allow.
type guess struct {
	can         int
	whole, frac int // digits of decimals
	seen        bool
	wide        bool // a DECIMAL of 38 digits already
}

// add takes a value into account.
func (g *guess) add(b []byte, c *config) {
	can, whole, frac := classOf(b, c)
	g.merge(guess{can: can, whole: whole, frac: frac, seen: true})
}

func (g *guess) merge(h guess) {
	if !h.seen {
		return
	}
	if !g.seen {
		*g = h
		return
	}
	g.can &= h.can
	g.whole, g.frac, g.wide = max(g.whole, h.whole), max(g.frac, h.frac), g.wide || h.wide
}

// guessOf is the guess that gave type t.
func guessOf(t types.Type) guess {
	g := guess{can: isText, seen: true}
	switch t.Kind {
	case types.Boolean:
		g.can |= isBool
	case types.BigInt:
		g.can |= isInt | isDec | isDbl
	case types.Decimal:
		g.can |= isDec | isDbl
		g.frac, g.wide = int(t.S), t.P > 18
	case types.Double:
		g.can |= isDbl
	case types.Date:
		g.can |= isDate | isStamp
	case types.Timestamp:
		g.can |= isStamp
	case types.TimestampTZ:
		g.can |= isZoned
	}
	return g
}

// typ gives the narrowest type that holds all values.
func (g *guess) typ() types.Type {
	switch {
	case !g.seen:
		return types.TVarchar
	case g.can&isBool != 0:
		return types.TBoolean
	case g.can&isInt != 0:
		return types.TBigInt
	case g.can&isDec != 0:
		digits := g.whole + g.frac
		if !g.wide && digits <= 18 && (g.frac <= maxFrac || g.can&isDbl == 0) {
			return types.NewDecimal(18, g.frac)
		}
		if g.can&isDbl != 0 && (!g.wide && g.frac > maxFrac || digits > types.MaxPrecision) {
			return types.TDouble
		}
		if digits <= types.MaxPrecision {
			return types.NewDecimal(types.MaxPrecision, g.frac)
		}
		return types.TVarchar
	case g.can&isDbl != 0:
		return types.TDouble
	case g.can&isDate != 0:
		return types.TDate
	case g.can&isStamp != 0:
		return types.TTimestamp
	case g.can&isZoned != 0:
		return types.TTimestampTZ
	}
	return types.TVarchar
}

// fits tells whether b is a value of a guessed type without loss.
func fits(t types.Type, b []byte, c *config) bool {
	can, whole, frac := classOf(b, c)
	switch t.Kind {
	case types.Boolean:
		return can&isBool != 0
	case types.BigInt:
		return can&isInt != 0
	case types.Decimal:
		return can&isDec != 0 && frac <= int(t.S) && whole <= int(t.P)-int(t.S)
	case types.Double:
		return can&isDbl != 0
	case types.Date:
		return can&isDate != 0
	case types.Timestamp:
		return can&isStamp != 0
	case types.TimestampTZ:
		return can&isZoned != 0
	}
	return true
}

// classOf gives the types that b may have, and its digits before and behind the point.
func classOf(b []byte, c *config) (can, whole, frac int) {
	b = kernel.Trim(b)
	if len(b) == 0 {
		return isText, 0, 0
	}
	var tmp [64]byte
	if can, whole, frac = numberClass(c.pointed(tmp[:0], b)); can != 0 {
		return can | isText, whole, frac
	}
	if can = formatClass(b, c); can != 0 {
		return can | isText, 0, 0
	}
	switch x := b[0]; {
	case x >= '0' && x <= '9':
		can = timeClass(b, c)
	case bytes.EqualFold(b, []byte("true")), bytes.EqualFold(b, []byte("false")):
		can = isBool
	case len(b) <= 9 && (x|0x20 == 'n' || x|0x20 == 'i' || x == '-'):
		if f, ok := kernel.ParseFloat(b); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			can = isDbl
		}
	}
	return can | isText, 0, 0
}

var notNumber = []byte("?")

// pointed gives a number with a point where it has the decimal separator of the options.
func (c *config) pointed(dst, b []byte) []byte {
	if c.decimal == 0 || len(b) > 60 {
		return b
	}
	for _, x := range b {
		switch x {
		case c.decimal:
			x = '.'
		case '.':
			return notNumber // it could stand between thousands
		}
		dst = append(dst, x)
	}
	return dst
}

// numberClass reads digits with at most one point and an exponent, without needless zeros or signs.
func numberClass(b []byte) (can, whole, frac int) {
	u := b
	if u[0] == '-' {
		u = u[1:]
	}
	whole = countDigits(u)
	if whole == 0 && (len(u) < 2 || u[0] != '.') || whole > 1 && u[0] == '0' {
		return 0, 0, 0
	}
	rest := u[whole:]
	if whole == 1 && u[0] == '0' && len(rest) > 0 {
		whole = 0
	}
	if len(rest) == 0 {
		if _, ok := kernel.ParseInt64(b); !ok {
			return 0, 0, 0
		}
		can = isInt | isDec
	} else if rest[0] == '.' {
		frac = countDigits(rest[1:])
		if frac == 0 {
			return 0, 0, 0
		}
		rest = rest[1+frac:]
		if can = isDec; whole+frac > types.MaxPrecision {
			can = 0
		}
	}
	if len(rest) > 0 {
		if rest[0]|0x20 != 'e' || !exponent(rest[1:]) {
			return 0, 0, 0
		}
		can = 0
	}
	if exactDouble(b) {
		can |= isDbl
	}
	if can == 0 {
		can = isText
	}
	return can, whole, frac
}

func countDigits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

func exponent(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	return len(b) > 0 && len(b) < 5 && countDigits(b) == len(b)
}

// exactDouble tells whether a DOUBLE gives the number back: it has at most 15 digits, or it is the shortest text of its DOUBLE.
func exactDouble(b []byte) bool {
	d, exp := significant(nil, b)
	if len(d) <= 15 && exp > -290 && exp < 290 {
		return true
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return false
	}
	var tmp [40]byte
	e, exp2 := significant(nil, strconv.AppendFloat(tmp[:0], f, 'e', -1, 64))
	return bytes.Equal(d, e) && (exp == exp2 || len(d) == 0)
}

// significant gives the digits of a number without zeros at either end, and the power of ten of the last one.
func significant(dst, b []byte) ([]byte, int) {
	exp, point := 0, false
	for i, c := range b {
		switch {
		case c-'0' <= 9:
			if len(dst) > 0 || c != '0' {
				dst = append(dst, c)
			}
			if point {
				exp--
			}
		case c == '.':
			point = true
		case c|0x20 == 'e':
			n, _ := strconv.Atoi(string(b[i+1:]))
			exp += n
			return trimZeros(dst, exp)
		}
	}
	return trimZeros(dst, exp)
}

func trimZeros(d []byte, exp int) ([]byte, int) {
	for len(d) > 0 && d[len(d)-1] == '0' {
		d, exp = d[:len(d)-1], exp+1
	}
	return d, exp
}

// timeClass reads dates and timestamps as they are written by default.
func timeClass(b []byte, c *config) int {
	if len(b) < 8 || len(b) > 40 {
		return 0
	}
	if _, ok := kernel.ParseDate(b); ok {
		if c.dateFormat != "" {
			return 0
		}
		return isDate | isStamp
	}
	_, zoned, rest, ok := kernel.ParseTimestamp(b)
	if !ok || len(rest) > 0 || c.stampFormat != "" {
		return 0
	}
	if i := bytes.IndexByte(b, '.'); i > 0 && countDigits(b[i+1:]) > 6 { // micros are all a TIMESTAMP has
		for _, x := range b[i+7 : i+1+countDigits(b[i+1:])] {
			if x != '0' {
				return 0
			}
		}
	}
	if zoned {
		return isZoned
	}
	return isStamp
}
