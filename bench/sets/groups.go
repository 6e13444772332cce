package sets

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// key gives 1…n, each as often as the others.
func key(n int) func(*rand.Rand, int) int {
	return func(r *rand.Rand, _ int) int { return 1 + r.IntN(n) }
}

// named gives texts of such a key.
func named(n int, format string) func(*rand.Rand, int) string {
	names := make([]string, min(n, 1<<20))
	for i := range names {
		names[i] = fmt.Sprintf(format, i+1)
	}
	return func(r *rand.Rand, _ int) string {
		if i := r.IntN(n); i < len(names) {
			return names[i]
		} else {
			return fmt.Sprintf(format, i+1)
		}
	}
}

func tenths(r *rand.Rand, _ int) float64 { return math.Round(r.Float64()*1e8) / 1e6 }

// groups is one table of nine columns: keys of few and of many values, as text and as numbers.
func groups(rows int) Set {
	many := max(rows/100, 1)
	return Set{
		Name: "groups", Title: fmt.Sprintf("Groups: %d rows", rows),
		Tables: []Table{{Name: "x", Rows: rows, Columns: []Column{
			texts("id1", named(100, "id%03d")), texts("id2", named(100, "id%03d")), texts("id3", named(many, "id%010d")),
			ints("id4", key(100)), ints("id5", key(100)), ints("id6", key(many)), ints("v1", key(5)), ints("v2", key(15)), doubles("v3", tenths),
		}}},
		Queries: []Query{
			{Name: "few texts", SQL: "SELECT id1, sum(v1) AS v1 FROM x GROUP BY id1"},
			{Name: "two texts", SQL: "SELECT id1, id2, sum(v1) AS v1 FROM x GROUP BY id1, id2"},
			{Name: "many texts", SQL: "SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM x GROUP BY id3"},
			{Name: "averages", SQL: "SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM x GROUP BY id4"},
			{Name: "many numbers", SQL: "SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM x GROUP BY id6"},
			{Name: "median", SQL: "SELECT id4, id5, median(v3) AS m, stddev(v3) AS s FROM x GROUP BY id4, id5"},
			{Name: "range", SQL: "SELECT id3, max(v1) - min(v2) AS d FROM x GROUP BY id3"},
			{Name: "two largest", SQL: "SELECT id6, v3 FROM (SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS n FROM x) AS t WHERE n <= 2"},
			{Name: "correlation", SQL: "SELECT id2, id4, power(corr(v1, v2), 2) AS r2 FROM x GROUP BY id2, id4"},
			{Name: "six keys", SQL: "SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS n FROM x GROUP BY id1, id2, id3, id4, id5, id6"},
		},
	}
}

// joins is a large table and three to join it with: a millionth of its rows, a thousandth, as many.
func joins(rows int) Set {
	small, medium := max(rows/1_000_000, 10), max(rows/1000, 10)
	text := func(n int) func(r *rand.Rand, _ int) string { return named(n, "id%d") }
	serial := func(_ *rand.Rand, row int) int { return row + 1 }
	label := func(_ *rand.Rand, row int) string { return fmt.Sprint("id", row+1) }
	return Set{
		Name: "joins", Title: fmt.Sprintf("Joins: %d rows with %d, %d and %d", rows, small, medium, rows),
		Tables: []Table{
			{Name: "x", Rows: rows, Columns: []Column{ints("id1", key(small*11/10)), ints("id2", key(medium*11/10)), ints("id3", key(rows*11/10)),
				texts("id4", text(small*11/10)), texts("id5", text(medium*11/10)), doubles("v1", tenths)}},
			{Name: "small", Rows: small, Columns: []Column{ints("id1", serial), texts("id4", label), doubles("v2", tenths)}},
			{Name: "medium", Rows: medium, Columns: []Column{ints("id1", key(small)), ints("id2", serial), texts("id4", text(small)), texts("id5", label), doubles("v2", tenths)}},
			{Name: "big", Rows: rows, Columns: []Column{ints("id1", key(small)), ints("id2", key(medium)), ints("id3", serial), texts("id4", text(small)),
				texts("id5", text(medium)), doubles("v2", tenths)}},
		},
		Queries: []Query{
			{Name: "with few", SQL: "SELECT x.*, small.id4 AS small_id4, v2 FROM x JOIN small ON x.id1 = small.id1"},
			{Name: "with some", SQL: "SELECT x.*, medium.id1 AS medium_id1, medium.id4 AS medium_id4, medium.id5 AS medium_id5, v2 FROM x JOIN medium ON x.id2 = medium.id2"},
			{Name: "left, with some", SQL: "SELECT x.*, medium.id1 AS medium_id1, medium.id4 AS medium_id4, medium.id5 AS medium_id5, v2 FROM x LEFT JOIN medium ON x.id2 = medium.id2"},
			{Name: "by text", SQL: "SELECT x.*, medium.id1 AS medium_id1, medium.id2 AS medium_id2, medium.id4 AS medium_id4, v2 FROM x JOIN medium ON x.id5 = medium.id5"},
			{Name: "with as many", SQL: "SELECT x.*, big.id1 AS big_id1, big.id2 AS big_id2, big.id4 AS big_id4, big.id5 AS big_id5, v2 FROM x JOIN big ON x.id3 = big.id3"},
		},
	}
}
