package sets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// skewed gives 0…n-1, small numbers much more often: the logarithm of the number is what is even.
func skewed(r *rand.Rand, n int) int {
	return min(int(math.Exp(r.Float64()*math.Log(float64(n)+1)))-1, n-1)
}

// seldom gives 0, or with a probability a skewed number from 1 on.
func seldom(p float64, n int) func(*rand.Rand, int) int {
	return func(r *rand.Rand, _ int) int {
		if r.Float64() >= p {
			return 0
		}
		return 1 + skewed(r, n)
	}
}

func skew(n int) func(*rand.Rand, int) int {
	return func(r *rand.Rand, _ int) int { return skewed(r, n) }
}

// scramble spreads small numbers over all 64-bit ones.
func scramble(x uint64) int64 {
	x ^= x >> 31
	x *= 0x9E3779B97F4A7C15
	x ^= x >> 29
	x *= 0xBF58476D1CE4E5B9
	return int64(x ^ x>>32)
}

var (
	hosts  = strings.Fields("north.example quiet-market.example news.example auto.example maps.example kino.example wiki.example shop.example weather.example mail.example")
	topics = strings.Fields("garden winter cheap second-hand recipe football ticket flat holiday weather bicycle phone repair wedding school doctor dress bank credit music film")
)

// words puts together a text of up to n words that depends on id alone.
func words(id, n int) string {
	var b strings.Builder
	x := uint64(scramble(uint64(id) + 77))
	for i := range 1 + int(x%uint64(n)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		x = uint64(scramble(x + uint64(i)))
		b.WriteString(topics[x%uint64(len(topics))])
	}
	return b.String()
}

func address(id int) string {
	x := uint64(scramble(uint64(id)))
	return fmt.Sprintf("https://%s/%s/%s?page=%d", hosts[skewedOf(x, len(hosts))], strings.ReplaceAll(words(id, 3), " ", "/"), topics[x>>20%uint64(len(topics))], id)
}

// skewedOf is skewed with a number in place of a generator.
func skewedOf(x uint64, n int) int {
	return min(int(math.Exp(float64(x>>11)/(1<<53)*math.Log(float64(n)+1)))-1, n-1)
}

const (
	firstDay = 19905 // 2024-07-01
	days     = 31
)

// visits is a table of 105 columns about visits to web pages: most values are rare or zero, texts are skewed.
func visits(rows int) Set {
	pages, people, phrases := max(rows/20, 10), max(rows/6, 10), max(rows/12, 10)
	page := func(_ *rand.Rand, row int) int { return skewedOf(uint64(scramble(uint64(row)*3+1)), pages) }
	second := func(row int) int64 { return int64(uint64(scramble(uint64(row)*7+5)) % (days * 86400)) }
	ifText := func(p float64, f func(r *rand.Rand) string) func(*rand.Rand, int) string {
		return func(r *rand.Rand, _ int) string {
			if r.Float64() >= p {
				return ""
			}
			return f(r)
		}
	}
	cols := []Column{
		longs("watch_id", func(_ *rand.Rand, row int) int64 { return scramble(uint64(row) + 1) }),
		longs("user_id", func(r *rand.Rand, _ int) int64 { return scramble(uint64(skewed(r, people)) * 11) }),
		{"event_time", &arrow.TimestampType{Unit: arrow.Microsecond}, func(b array.Builder, _ *rand.Rand, at, n int) {
			for i := range n {
				b.(*array.TimestampBuilder).UnsafeAppend(arrow.Timestamp((firstDay*86400 + second(at+i)) * 1_000_000))
			}
		}},
		{"event_date", arrow.FixedWidthTypes.Date32, func(b array.Builder, _ *rand.Rand, at, n int) {
			for i := range n {
				b.(*array.Date32Builder).UnsafeAppend(arrow.Date32(firstDay + second(at+i)/86400))
			}
		}},
		ints("counter_id", skew(5000)), ints("region_id", skew(5000)), ints("client_ip", func(r *rand.Rand, _ int) int { return int(int32(scramble(uint64(skewed(r, people))))) }),
		ints("resolution_width", func(r *rand.Rand, _ int) int {
			return []int{0, 1024, 1280, 1366, 1440, 1600, 1920, 2560}[skewed(r, 8)]
		}),
		ints("adv_engine_id", seldom(0.006, 20)), ints("search_engine_id", seldom(0.13, 60)), ints("traffic_source_id", func(r *rand.Rand, _ int) int { return r.IntN(10) - 1 }),
		ints("mobile_phone", seldom(0.06, 80)), texts("mobile_model", ifText(0.06, func(r *rand.Rand) string { return fmt.Sprint("model ", skewed(r, 160)) })),
		texts("search_phrase", ifText(0.13, func(r *rand.Rand) string { return words(skewed(r, phrases), 6) })),
		texts("url", func(r *rand.Rand, row int) string { return address(page(r, row)) }),
		texts("title", func(r *rand.Rand, row int) string { return words(page(r, row)*5+1, 8) }),
		texts("referer", ifText(0.8, func(r *rand.Rand) string { return address(skewed(r, pages)) })),
		longs("url_hash", func(r *rand.Rand, row int) int64 { return scramble(uint64(page(r, row))) }),
		longs("referer_hash", func(r *rand.Rand, _ int) int64 { return scramble(uint64(skewed(r, pages))) }),
		ints("is_refresh", seldom(0.1, 1)), ints("dont_count", seldom(0.03, 1)), ints("is_link", seldom(0.06, 1)), ints("is_download", seldom(0.01, 1)),
		ints("window_width", skew(2000)), ints("window_height", skew(1200)),
	}
	for i := range 70 {
		cols = append(cols, ints(fmt.Sprintf("flag_%02d", i), seldom(0.02*float64(1+i%10), 1+i*i)))
	}
	for i := range 10 {
		cols = append(cols, texts(fmt.Sprintf("note_%02d", i), ifText(0.05*float64(i), func(r *rand.Rand) string { return words(skewed(r, 1000*(i+1)), 4) })))
	}
	return Set{Name: "visits", Title: fmt.Sprintf("Visits: %d rows of %d columns", rows, len(cols)), Tables: []Table{{"visits", rows, cols}}, Queries: visitQueries()}
}

// visitQueries are 43: counts, sums, distinct values, groups of growing size, searches in text, narrow reports.
func visitQueries() []Query {
	var sums []string
	for i := range 90 {
		sums = append(sums, fmt.Sprintf("sum(resolution_width + %d) AS s%d", i, i))
	}
	const report = " FROM visits WHERE counter_id = 62 AND event_date BETWEEN DATE '2024-07-01' AND DATE '2024-07-31' AND is_refresh = 0"
	const top = " ORDER BY n DESC, 1 LIMIT 10"
	list := []string{
		"SELECT count(*) AS n FROM visits",
		"SELECT count(*) AS n FROM visits WHERE adv_engine_id <> 0",
		"SELECT sum(adv_engine_id) AS s, count(*) AS n, avg(resolution_width) AS a FROM visits",
		"SELECT avg(CAST(user_id AS DOUBLE)) AS a FROM visits",
		"SELECT count(DISTINCT user_id) AS n FROM visits",
		"SELECT count(DISTINCT search_phrase) AS n FROM visits",
		"SELECT min(event_date) AS a, max(event_date) AS b FROM visits",
		"SELECT adv_engine_id, count(*) AS n FROM visits WHERE adv_engine_id <> 0 GROUP BY adv_engine_id" + top,
		"SELECT region_id, count(DISTINCT user_id) AS n FROM visits GROUP BY region_id" + top,
		"SELECT region_id, sum(adv_engine_id) AS s, count(*) AS n, avg(resolution_width) AS a, count(DISTINCT user_id) AS u FROM visits GROUP BY region_id" + top,
		"SELECT mobile_model, count(DISTINCT user_id) AS n FROM visits WHERE mobile_model <> '' GROUP BY mobile_model" + top,
		"SELECT mobile_phone, mobile_model, count(DISTINCT user_id) AS n FROM visits WHERE mobile_model <> '' GROUP BY mobile_phone, mobile_model ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT search_phrase, count(*) AS n FROM visits WHERE search_phrase <> '' GROUP BY search_phrase" + top,
		"SELECT search_phrase, count(DISTINCT user_id) AS n FROM visits WHERE search_phrase <> '' GROUP BY search_phrase" + top,
		"SELECT search_engine_id, search_phrase, count(*) AS n FROM visits WHERE search_phrase <> '' GROUP BY search_engine_id, search_phrase ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT user_id, count(*) AS n FROM visits GROUP BY user_id" + top,
		"SELECT user_id, search_phrase, count(*) AS n FROM visits GROUP BY user_id, search_phrase ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT user_id, search_phrase, count(*) AS n FROM visits GROUP BY user_id, search_phrase LIMIT 10",
		"SELECT user_id, extract(minute FROM event_time) AS m, search_phrase, count(*) AS n FROM visits GROUP BY user_id, m, search_phrase ORDER BY n DESC, 1, 2, 3 LIMIT 10",
		"SELECT user_id FROM visits WHERE user_id = 435090932899640449",
		"SELECT count(*) AS n FROM visits WHERE url LIKE '%bicycle%'",
		"SELECT search_phrase, min(url) AS u, count(*) AS n FROM visits WHERE url LIKE '%bicycle%' AND search_phrase <> '' GROUP BY search_phrase" + top,
		"SELECT search_phrase, min(url) AS u, min(title) AS t, count(*) AS n, count(DISTINCT user_id) AS d FROM visits WHERE title LIKE '%wedding%' AND url NOT LIKE '%.example/school%' AND search_phrase <> '' GROUP BY search_phrase" + top,
		"SELECT * FROM visits WHERE url LIKE '%bicycle%' ORDER BY event_time, watch_id LIMIT 10",
		"SELECT search_phrase FROM visits WHERE search_phrase <> '' ORDER BY event_time, search_phrase LIMIT 10",
		"SELECT search_phrase FROM visits WHERE search_phrase <> '' ORDER BY search_phrase LIMIT 10",
		"SELECT search_phrase FROM visits WHERE search_phrase <> '' ORDER BY event_time, search_phrase LIMIT 20",
		"SELECT counter_id, avg(length(url)) AS l, count(*) AS n FROM visits WHERE url <> '' GROUP BY counter_id HAVING count(*) > 1000 ORDER BY l DESC, 1 LIMIT 25",
		`SELECT regexp_replace(referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') AS host, avg(length(referer)) AS l, count(*) AS n, min(referer) AS m FROM visits WHERE referer <> '' GROUP BY host HAVING count(*) > 1000 ORDER BY l DESC, 1 LIMIT 25`,
		"SELECT " + strings.Join(sums, ", ") + " FROM visits",
		"SELECT search_engine_id, client_ip, count(*) AS n, sum(is_refresh) AS r, avg(resolution_width) AS a FROM visits WHERE search_phrase <> '' GROUP BY search_engine_id, client_ip ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT watch_id, client_ip, count(*) AS n, sum(is_refresh) AS r, avg(resolution_width) AS a FROM visits WHERE search_phrase <> '' GROUP BY watch_id, client_ip ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT watch_id, client_ip, count(*) AS n, sum(is_refresh) AS r, avg(resolution_width) AS a FROM visits GROUP BY watch_id, client_ip ORDER BY n DESC, 1, 2 LIMIT 10",
		"SELECT url, count(*) AS n FROM visits GROUP BY url" + top,
		"SELECT url, 1 AS one, count(*) AS n FROM visits GROUP BY url, one" + top,
		"SELECT client_ip, client_ip - 1 AS a, client_ip - 2 AS b, client_ip - 3 AS c, count(*) AS n FROM visits GROUP BY client_ip, client_ip - 1, client_ip - 2, client_ip - 3" + top,
		"SELECT url, count(*) AS n" + report + " AND dont_count = 0 AND url <> '' GROUP BY url" + top,
		"SELECT title, count(*) AS n" + report + " AND dont_count = 0 AND title <> '' GROUP BY title" + top,
		"SELECT url, count(*) AS n" + report + " AND is_link <> 0 AND is_download = 0 GROUP BY url ORDER BY n DESC, 1 LIMIT 10 OFFSET 100",
		"SELECT traffic_source_id, search_engine_id, adv_engine_id, CASE WHEN search_engine_id = 0 AND adv_engine_id = 0 THEN referer ELSE '' END AS src, url AS dst, count(*) AS n" + report +
			" GROUP BY traffic_source_id, search_engine_id, adv_engine_id, src, dst ORDER BY n DESC, 1, 2, 3, 4, 5 LIMIT 10 OFFSET 1000",
		"SELECT url_hash, event_date, count(*) AS n" + report + " AND traffic_source_id IN (-1, 6) AND referer_hash <> 0 GROUP BY url_hash, event_date ORDER BY n DESC, 1, 2 LIMIT 10 OFFSET 100",
		"SELECT window_width, window_height, count(*) AS n" + report + " AND dont_count = 0 GROUP BY window_width, window_height ORDER BY n DESC, 1, 2 LIMIT 10 OFFSET 1000",
		"SELECT date_trunc('minute', event_time) AS m, count(*) AS n" + report + " AND dont_count = 0 GROUP BY m ORDER BY m LIMIT 10 OFFSET 1000",
	}
	var out []Query
	for i, sql := range list {
		out = append(out, Query{Name: fmt.Sprint(i + 1), SQL: sql, Loose: i == 17})
	}
	return out
}
