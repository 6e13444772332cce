package scalar

import "github.com/skep-sql/skep/exec/fn"

// All lists the scalar functions.
var All = append([]*fn.Function{
	// operators
	add, subtract, multiply, divide, intDiv, mod, negate, concatOp, bitAnd, bitOr, bitXor, bitNot, shiftLeft, shiftRight,
	// patterns
	like, ilike, similarTo, glob, regexpMatches, regexpFullMatch, regexpReplace, regexpExtract, regexpExtractAll, regexpCount,
	// strings
	upper, lower, initcap, length, octetLength, bitLength, substring, trim, ltrim, rtrim, concat, concatWs, left, right, lpad, rpad,
	repeat, space, position, strpos, locate, startsWith, endsWith, contains, replace, reverse, translate, overlay, splitPart, substringIndex,
	stringSplit, split, md5Fn, sha1Fn, sha256Fn, sha512Fn, crc32Fn, hexFn, unhex, bin, base64Fn, unbase64, encodeFn, urlEncode, urlDecode,
	ascii, chr, quote, quoteIdent, formatBytes, levenshtein, hamming, soundex, printf, format, formatNumber,
	// bits
	decimalDivision, bitstring, getBit, setBit, bitPosition,
	// sequences, enums
	nextval, currval, setval, enumRange, enumFirst, enumLast, enumCode, enumRangeBoundary,
	// math
	abs, round, bround, trunc, ceil, floorFn, sign, sqrt, cbrt, exp, expm1, ln, log2, log10, log1p, logFn, power, sin, cos, tan, cot, asin, acos,
	atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh, degrees, radians, gamma, rint, hypot, pi, eFn, random, gcd, lcm, factorial, isNaN, isInf,
	isFinite, widthBucket, bitCount,
	// dates
	datePart, year, quarter, month, week, day, dayOfWeek, isoDow, dayOfYear, isoYear, yearWeek, decade, century, hour, minute, second,
	milliField, microField, era, millennium, epoch, dateTrunc, dateDiff, dateSubUnit, age, monthsBetween, dateAdd, dateSub, addMonths, lastDay, nextDay, dayName,
	monthName, makeDate, makeTime, makeTimestamp, makeInterval, epochMs, epochUs, epochNs, timezone, fromUTC, toUTC, now, localTimestamp, currentDate,
	currentTime, strftime, dateFormat, toChar, strptime, tryStrptime, toDate, toTimestamp, fromUnixtime, unixTimestamp,
	// conditions, conversion, session
	greatest, least, nvl2, decode, toBinary, tryToBinary, isNullFn, isNotNullFn, typeOf, toNumber, hash, uuidFn, currentDatabase, currentUser, versionFn, currentSetting,
	tryAdd, trySubtract, tryMultiply, tryDivide, tryToDate, tryToTime, tryToNumber, elt, field, errorFn, conv, findInSet, parseURL, unixDate, dateFromUnix,
	even, nanvl, pmod,
	// JSON
	jsonExtract, jsonString, jsonValid, jsonLength, jsonType, jsonKeys, jsonExists, jsonObject, jsonArray, toJSON, fromJSON, fromJSONStrict,
	// nested values
	castTiny, castSmall, castInt, castBig, castFloat, castDouble, castDecimal, castBool, castString, castBinary, castTime, timestampSeconds, timestampMillis,
	timestampMicros, unixSeconds, unixMillis, equalNull, regexpInstr, strToMap, mask,
	parseDirname, parseDirpath, parseFilename, parsePath, pathJoin, jaroSimilarity, jaroWinkler, jaccard, damerau,
	listDistance, listInner, listNegInner, listCosine, listCosineFar,
	makeTimestampNTZ, tryMakeTimestamp, makeTimestampTZ, tryMakeTimestampTZ, makeDTInterval, makeYMInterval,
	luhnCheck, randStr, uniform, randn, makeValidUTF8, validateUTF8, tryValidateUTF8, isValidUTF8, tryURLDecode, md5Number, bitGet, toBase, lgamma, secant, cosec,
	signBit, nextAfter, zeroIfNull, nullIfZero,
	listAnyTrue, listAllTrue, listZip, listWhere, listSelect, listGradeUp, listResize, arrayInsert, mapFromEntries, mapConcat, mapExtract,
	structInsert, structUpdate, structConcat, structValues, structKeys, structContains, structPosition,
	jsonFn, jsonMergePatch, jsonDeepMerge, jsonMergeDiff, jsonStripNulls, jsonPretty, jsonNormalize, jsonShape, jsonRemove, jsonInsert, jsonReplace, jsonSet,
	timeBucket, regexpEscape, listUnique,
	listIntersect, listExcept, listUnion, listHasAny, listHasAll, containedBy, arrayRemove, arrayRepeat, mapEntries,
	listValue, mapOf, mapFn, rowOf, namedStruct, structExtract, elementAt, get, cardinality, listContains, mapContains, listPosition, mapKeys,
	mapValues, listSort, listReverseSort, listDistinct, listReverseFn, listSlice, slice, arrayCompact, listAppend, listPrepend, listConcat, flatten,
	arrayJoin, bars, sequence, seriesFn, rangeFn, listMax, listMin,
}, toInterval...)
