package kernel

import "math"

// The dates and timestamps before and after all others: 'infinity' and '-infinity'. They compare as the numbers they are.
const (
	InfiniteDay   int32 = math.MaxInt32
	InfiniteTime  int64 = math.MaxInt64
	endlessText         = "infinity"
	endlessBefore       = "-infinity"
)

// EndlessDay tells whether a date is infinity or -infinity.
func EndlessDay(d int32) bool { return d == InfiniteDay || d == -InfiniteDay }

// Endless tells whether a timestamp is infinity or -infinity.
func Endless(us int64) bool { return us == InfiniteTime || us == -InfiniteTime }

// dayToMicros gives the midnight of a day.
func dayToMicros(d int32) int64 {
	switch d {
	case InfiniteDay:
		return InfiniteTime
	case -InfiniteDay:
		return -InfiniteTime
	}
	return int64(d) * MicrosPerDay
}

// DayMicros gives the midnight of a day, and whether there is a timestamp for it.
func DayMicros(d int32) (us int64, ok bool) {
	return dayToMicros(d), EndlessDay(d) || d >= minTimestampDay && d <= maxTimestampDay
}

// MicrosToDay gives the day of a timestamp.
func MicrosToDay(us int64) int32 {
	switch us {
	case InfiniteTime:
		return InfiniteDay
	case -InfiniteTime:
		return -InfiniteDay
	}
	d, _ := SplitMicros(us)
	return int32(d)
}

// parseMoment reads the words that are dates and timestamps: infinity and epoch.
func parseMoment(b []byte) (us int64, ok bool) {
	after := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		after = b[1:]
	}
	switch {
	case equalFold(after, endlessText) || equalFold(after, "inf"):
		if b[0] == '-' {
			return -InfiniteTime, true
		}
		return InfiniteTime, true
	case equalFold(b, "epoch"):
		return 0, true
	}
	return 0, false
}

// appendEndless writes infinity or -infinity.
func appendEndless(b []byte, after bool) []byte {
	if after {
		return append(b, endlessText...)
	}
	return append(b, endlessBefore...)
}
