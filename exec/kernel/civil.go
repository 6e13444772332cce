package kernel

// Micros in common spans.
const (
	MicrosPerSecond = 1_000_000
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour
)

// CivilToDays gives the days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's algorithm
// days_from_civil). Months outside 1…12 carry into years; the day may be any number.
func CivilToDays(y, m, d int) int {
	y += floorDiv(m-1, 12)
	m = floorMod(m-1, 12) + 1
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// DaysToCivil is the inverse of CivilToDays.
func DaysToCivil(days int) (y, m, d int) {
	z := days + 719468 // from 0000-03-01, so that the leap day ends a year
	if uint(z) < 1<<28 {
		return civilByProducts(uint32(z))
	}
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

// civilByProducts splits a day count from 0000-03-01 by Neri and Schneider's way: quotients of linear functions, taken from the halves
// of products instead of by division.
func civilByProducts(z uint32) (y, m, d int) {
	n := 4*z + 3
	century, ofCentury := n/146097, n%146097/4
	p := uint64(4*ofCentury+3) * 2939745
	year, ofYear := 100*century+uint32(p>>32), uint32(p)/2939745/4
	q := 2141*ofYear + 197913
	month, day := q>>16, q&0xffff/2141
	if ofYear >= 306 { // January and February belong to the next year
		year++
		month -= 12
	}
	return int(year), int(month), int(day) + 1
}

// DaysInMonth gives the length of a month.
func DaysInMonth(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// AddMonths moves a date by months; the day is cut to the length of the month it lands in.
func AddMonths(days, months int) int {
	y, m, d := DaysToCivil(days)
	m += months
	y += floorDiv(m-1, 12)
	m = floorMod(m-1, 12) + 1
	return CivilToDays(y, m, min(d, DaysInMonth(y, m)))
}

// SplitMicros gives the day of a timestamp and the micros since its midnight.
func SplitMicros(us int64) (days int, rest int64) {
	d := us / MicrosPerDay
	r := us % MicrosPerDay
	if r < 0 {
		d--
		r += MicrosPerDay
	}
	return int(d), r
}

// Weekday gives the day of the week, 0 = Sunday.
func Weekday(days int) int { return floorMod(days+4, 7) }

// ISOWeek gives the ISO 8601 year and week of a day.
func ISOWeek(days int) (year, week int) {
	wd := floorMod(days+3, 7) // 0 = Monday
	thursday := days - wd + 3
	y, _, _ := DaysToCivil(thursday)
	return y, (thursday-CivilToDays(y, 1, 1))/7 + 1
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int) int {
	if r := a % b; r >= 0 {
		return r
	} else {
		return r + b
	}
}
