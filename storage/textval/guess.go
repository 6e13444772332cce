// Package textval reads values that are written as text, as files of CSV and JSON have them: it tells what types a text may have
// without loss, and reads the common spellings of numbers and times fast.
package textval

import (
	"bytes"
	"strconv"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
)

// The types that a text may have without loss, as bits.
const (
	IsBool = 1 << iota
	IsInt
	IsDec
	IsDbl
	IsDate
	IsStamp
	IsZoned
	IsText
)

// maxFrac is the most digits behind the point that make a DECIMAL of 18 digits; more look like measured numbers: DOUBLE.
const maxFrac = 10

// Guess is what all values seen so far allow.
type Guess struct {
	Can         int  // the types that hold all of them
	Whole, Frac int  // digits of decimals
	Seen        bool // there was a value
	Wide        bool // a DECIMAL of 38 digits already
}

// Merge takes the values of another guess into account.
func (g *Guess) Merge(h Guess) {
	if !h.Seen {
		return
	}
	if !g.Seen {
		*g = h
		return
	}
	g.Can &= h.Can
	g.Whole, g.Frac, g.Wide = max(g.Whole, h.Whole), max(g.Frac, h.Frac), g.Wide || h.Wide
}

// Of is the Guess that gave type t.
func Of(t types.Type) Guess {
	g := Guess{Can: IsText, Seen: true}
	switch t.Kind {
	case types.Boolean:
		g.Can |= IsBool
	case types.BigInt:
		g.Can |= IsInt | IsDec | IsDbl
	case types.Decimal:
		g.Can |= IsDec | IsDbl
		g.Frac, g.Wide = int(t.S), t.P > 18
	case types.Double:
		g.Can |= IsDbl
	case types.Date:
		g.Can |= IsDate | IsStamp
	case types.Timestamp:
		g.Can |= IsStamp
	case types.TimestampTZ:
		g.Can |= IsZoned
	}
	return g
}

// Type gives the narrowest type that holds all values.
func (g *Guess) Type() types.Type {
	switch {
	case !g.Seen:
		return types.TVarchar
	case g.Can&IsBool != 0:
		return types.TBoolean
	case g.Can&IsInt != 0:
		return types.TBigInt
	case g.Can&IsDec != 0:
		digits := g.Whole + g.Frac
		if !g.Wide && digits <= 18 && (g.Frac <= maxFrac || g.Can&IsDbl == 0) {
			return types.NewDecimal(18, g.Frac)
		}
		if g.Can&IsDbl != 0 && (!g.Wide && g.Frac > maxFrac || digits > types.MaxPrecision) {
			return types.TDouble
		}
		if digits <= types.MaxPrecision {
			return types.NewDecimal(types.MaxPrecision, g.Frac)
		}
		return types.TVarchar
	case g.Can&IsDbl != 0:
		return types.TDouble
	case g.Can&IsDate != 0:
		return types.TDate
	case g.Can&IsStamp != 0:
		return types.TTimestamp
	case g.Can&IsZoned != 0:
		return types.TTimestampTZ
	}
	return types.TVarchar
}

// NumberClass reads digits with at most one point and an exponent, without needless zeros or signs.
func NumberClass(b []byte) (can, whole, frac int) {
	u := b
	if u[0] == '-' {
		u = u[1:]
	}
	whole = CountDigits(u)
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
		can = IsInt | IsDec
	} else if rest[0] == '.' {
		frac = CountDigits(rest[1:])
		if frac == 0 {
			return 0, 0, 0
		}
		rest = rest[1+frac:]
		if can = IsDec; whole+frac > types.MaxPrecision {
			can = 0
		}
	}
	if len(rest) > 0 {
		if rest[0]|0x20 != 'e' || !exponent(rest[1:]) {
			return 0, 0, 0
		}
		can = 0
	}
	if ExactDouble(b) {
		can |= IsDbl
	}
	if can == 0 {
		can = IsText
	}
	return can, whole, frac
}

// CountDigits counts the digits that b begins with.
func CountDigits(b []byte) int {
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
	return len(b) > 0 && len(b) < 5 && CountDigits(b) == len(b)
}

// ExactDouble tells whether a DOUBLE gives the number back: it has at most 15 digits, or it is the shortest text of its DOUBLE.
func ExactDouble(b []byte) bool {
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

// Fits tells whether a value with the given class is one of a guessed type without loss.
func Fits(t types.Type, can, whole, frac int) bool {
	switch t.Kind {
	case types.Boolean:
		return can&IsBool != 0
	case types.BigInt:
		return can&IsInt != 0
	case types.Decimal:
		return can&IsDec != 0 && frac <= int(t.S) && whole <= int(t.P)-int(t.S)
	case types.Double:
		return can&IsDbl != 0
	case types.Date:
		return can&IsDate != 0
	case types.Timestamp:
		return can&IsStamp != 0
	case types.TimestampTZ:
		return can&IsZoned != 0
	}
	return true
}

// TimeClass reads dates and timestamps as they are written by default.
func TimeClass(b []byte) int {
	if len(b) < 8 || len(b) > 40 {
		return 0
	}
	if _, ok := kernel.ParseDate(b); ok {
		return IsDate | IsStamp
	}
	_, zoned, rest, ok := kernel.ParseTimestamp(b)
	if !ok || len(rest) > 0 {
		return 0
	}
	if i := bytes.IndexByte(b, '.'); i > 0 && CountDigits(b[i+1:]) > 6 { // micros are all a TIMESTAMP has
		for _, x := range b[i+7 : i+1+CountDigits(b[i+1:])] {
			if x != '0' {
				return 0
			}
		}
	}
	if zoned {
		return IsZoned
	}
	return IsStamp
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
