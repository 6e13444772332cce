package skep_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep"
)

// TestPruning asks the same of rows in memory, where nothing is left out, and of the same rows in many files, where statistics leave files out.
func TestPruning(t *testing.T) {
	// by column: its value in row i of 2,000, whose neighbours have similar ones
	cols := []struct{ typ, value string }{
		{"INTEGER", "i"},
		{"BIGINT", "i * 4000000000 - 3000000000000"},
		{"DECIMAL(9,2)", "i / 7.0"},
		{"DECIMAL(38,3)", "i * 1000000000000000000000.0"},
		{"DOUBLE", "CASE WHEN i % 97 = 0 THEN 'NaN' WHEN i % 89 = 0 THEN '-inf' ELSE CAST(i / 3 AS VARCHAR) END"},
		{"REAL", "i / 3"},
		{"VARCHAR", "'k' || lpad(CAST(i // 3 AS VARCHAR), 5, '0')"},
		{"VARCHAR", "CASE WHEN i % 2 = 0 THEN repeat('ü', 40) || i ELSE chr(65 + i // 80) END"},
		{"CHAR(6)", "CAST(i // 9 AS VARCHAR)"},
		{"BOOLEAN", "i > 1000"},
		{"DATE", "DATE '1969-01-01' + CAST(i AS INTEGER)"},
		{"TIME", "TIME '00:00:00' + i * INTERVAL '7 seconds'"},
		{"TIMESTAMP", "TIMESTAMP '1969-12-31 23:00:00' + i * INTERVAL '7 seconds'"},
		{"TIMESTAMPTZ", "TIMESTAMPTZ '2024-03-31 00:00:00+02' + i * INTERVAL '7 seconds'"},
		{"BLOB", "CAST(chr(1 + i // 20) AS BLOB)"},
		{"UBIGINT", "( i + 100 ) * 4000000000000000"},
		{"HUGEINT", "( i - 700 ) * 100000000000000000000000000"},
		{"TIMETZ", "CAST('12:00:' || lpad(CAST(( i + 200 ) % 60 AS VARCHAR), 2, '0') || CASE WHEN i % 2 = 0 THEN '+02' ELSE '-03' END AS VARCHAR)"},
		{"ENUM('zero', 'one', 'last', 'aa')", "CASE WHEN i < 500 THEN 'zero' WHEN i < 1000 THEN 'one' WHEN i < 1600 THEN 'last' ELSE 'aa' END"},
		{"BIT", "CASE WHEN i < 1000 THEN '1' ELSE '0' END || CASE WHEN i % 3 = 0 THEN '1' ELSE '00' END"},
		{"UUID", "lpad(CAST(i AS VARCHAR), 8, '0') || '-0000-0000-0000-000000000000'"},
	}
	var items, defs []string
	for k, c := range cols {
		null := "i % 13 = 5"
		if k%3 == 0 { // files of NULLs alone, and files without
			null = "i // 100 % 4 = 1"
		}
		items = append(items, fmt.Sprintf("CAST(CASE WHEN NOT (%s) THEN %s END AS %s) AS c%d", null, c.value, c.typ, k))
		defs = append(defs, fmt.Sprintf("c%d %s", k, c.typ))
	}
	rows := "SELECT " + strings.Join(items, ", ") + ", CAST(i // 100 AS INTEGER) AS p FROM range(2000) r(i)"
	memory, files := openDB(t, ""), openDB(t, filepath.Join(t.TempDir(), "w"))
	for _, sql := range []string{"CREATE TABLE t (" + strings.Join(defs, ", ") + ") PARTITIONED BY (p INTEGER)", "INSERT INTO t " + rows} {
		for _, db := range []*skep.DB{memory, files} {
			if _, err := db.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	left := 0
	for range 400 {
		where := condition(cols, rand.IntN)
		want, got := text(t, memory, "SELECT count(*), sum(p) FROM t WHERE "+where), text(t, files, "SELECT count(*), sum(p) FROM t WHERE "+where)
		if got != want {
			t.Errorf("WHERE %s: %s, not %s", where, got, want)
		}
		if plan := text(t, files, "EXPLAIN SELECT p FROM t WHERE "+where); strings.Contains(plan, " of 20 files") && !strings.Contains(plan, "20 of 20") {
			left++
		}
	}
	if left < 100 {
		t.Errorf("files were left out of %d queries only", left)
	}
	t.Logf("files were left out of %d queries", left)
}

// condition makes a condition by chance.
func condition(cols []struct{ typ, value string }, intn func(int) int) string {
	one := func() string {
		k := intn(len(cols))
		col := fmt.Sprintf("c%d", k)
		value := func() string { // of a row, or beside one
			return fmt.Sprintf("CAST(%s AS %s)", replaceI(cols[k].value, fmt.Sprint(intn(2200)-100)), cols[k].typ)
		}
		if cols[k].typ == "BLOB" || cols[k].typ == "VARCHAR" || cols[k].typ == "UUID" {
			value = func() string {
				return fmt.Sprintf("CAST(%s AS %s)", replaceI(cols[k].value, fmt.Sprint(intn(2000))), cols[k].typ)
			}
		}
		switch intn(8) {
		case 0:
			return col + " IS NULL"
		case 1:
			return col + " IS NOT NULL"
		case 2:
			return col + " BETWEEN " + value() + " AND " + value()
		case 3:
			return col + " IN (" + value() + ", " + value() + ", " + value() + ")"
		case 4:
			return col + " <> " + value()
		case 5:
			if cols[k].typ == "VARCHAR" {
				return col + " LIKE '" + []string{"k001%", "A%", "ü%", "k%", "%1"}[intn(5)] + "'"
			}
		}
		return col + []string{" = ", " < ", " <= ", " > ", " >= "}[intn(5)] + value()
	}
	switch intn(4) {
	case 0:
		return one() + " AND " + one()
	case 1:
		return "(" + one() + " OR " + one() + ")"
	case 2:
		return "NOT (" + one() + ")"
	}
	return one()
}

// replaceI puts a number in the place of the name i.
func replaceI(expr, i string) string {
	out := strings.ReplaceAll(" "+expr+" ", " i ", " ("+i+") ")
	return strings.ReplaceAll(out, "(i ", "(("+i+") ")
}
