package scalar

import "github.com/skep-sql/skep/exec/fn"

// All lists the scalar functions.
var All = []*fn.Function{
	// operators
	add, subtract, multiply, divide, intDiv, mod, negate, concatOp, bitAnd, bitOr, bitXor, bitNot, shiftLeft, shiftRight,
	// patterns
	like, ilike, similarTo, glob, regexpMatches, regexpFullMatch, regexpReplace, regexpExtract, regexpCount,
	// strings
	upper, lower, initcap, length, octetLength, bitLength, substring,
	// math
	abs, round, bround, trunc, ceil, floorFn,
	// dates
	datePart, year, quarter, month, week, day, dayOfWeek, isoDow, dayOfYear, isoYear, yearWeek, decade, century, hour, minute, second,
	milliField, microField, epoch, dateTrunc,
}
