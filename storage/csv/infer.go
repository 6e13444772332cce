package csv

import (
	"bytes"
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/storage/textval"
)

// guessOf is the guess of one value.
func guessOf(b []byte, c *config) textval.Guess {
	can, whole, frac := classOf(b, c)
	return textval.Guess{Can: can, Whole: whole, Frac: frac, Seen: true}
}

// fits tells whether b is a value of a guessed type without loss.
func fits(t types.Type, b []byte, c *config) bool {
	can, whole, frac := classOf(b, c)
	return textval.Fits(t, can, whole, frac)
}

// classOf gives the types that b may have, and its digits before and behind the point.
func classOf(b []byte, c *config) (can, whole, frac int) {
	b = kernel.Trim(b)
	if len(b) == 0 {
		return textval.IsText, 0, 0
	}
	var tmp [64]byte
	if can, whole, frac = textval.NumberClass(c.pointed(tmp[:0], b)); can != 0 {
		return can | textval.IsText, whole, frac
	}
	if can = formatClass(b, c); can != 0 {
		return can | textval.IsText, 0, 0
	}
	switch x := b[0]; {
	case x >= '0' && x <= '9':
		can = textval.TimeClass(b)
		if can&textval.IsDate != 0 && c.dateFormat != "" || can&textval.IsDate == 0 && c.stampFormat != "" {
			can = 0
		}
	case bytes.EqualFold(b, []byte("true")), bytes.EqualFold(b, []byte("false")):
		can = textval.IsBool
	case len(b) <= 9 && (x|0x20 == 'n' || x|0x20 == 'i' || x == '-'):
		if f, ok := kernel.ParseFloat(b); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			can = textval.IsDbl
		}
	}
	return can | textval.IsText, 0, 0
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
