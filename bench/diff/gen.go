package diff

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// kind is a type that generated columns and expressions have.
type kind uint8

const (
	integer kind = iota
	bigint
	double
	decimal
	text
	date
	timestamp
	boolean
	ints
	kinds
)

var kindNames = [kinds]string{"INTEGER", "BIGINT", "DOUBLE", "DECIMAL(10,2)", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER[]"}

type column struct {
	name string
	kind kind
}

type table struct {
	name string
	cols []column
}

// gen makes everything of one seed.
type gen struct {
	*rand.Rand
	tables  []table
	alias   int
	derived int // derived tables around
}

func newGen(seed uint64) *gen { return &gen{Rand: rand.New(rand.NewPCG(seed, 17))} }

func pick[T any](g *gen, list ...T) T { return list[g.IntN(len(list))] }

// chance is true in n of 100 cases.
func (g *gen) chance(n int) bool { return g.IntN(100) < n }

// schema gives the statements that make the tables: few distinct values, so that joins and groups meet, and many NULLs. Column id numbers the rows.
func (g *gen) schema() (out []string) {
	for i := range 2 + g.IntN(2) {
		t := table{name: fmt.Sprint("t", i)}
		for k := range 2 + g.IntN(4) {
			t.cols = append(t.cols, column{fmt.Sprintf("c%d", k), kind(g.IntN(int(kinds)))})
		}
		t.cols = append(t.cols, column{"k", integer}, column{"id", integer})
		var defs []string
		for _, c := range t.cols {
			defs = append(defs, c.name+" "+kindNames[c.kind])
		}
		out = append(out, fmt.Sprintf("CREATE TABLE %s (%s)", t.name, strings.Join(defs, ", ")))
		var rows []string
		for id := range pick(g, 0, 1, 7, 30, 70) {
			var vals []string
			for _, c := range t.cols[:len(t.cols)-1] {
				vals = append(vals, g.value(c.kind))
			}
			vals = append(vals, fmt.Sprint(id))
			rows = append(rows, "("+strings.Join(vals, ", ")+")")
		}
		if len(rows) > 0 {
			out = append(out, fmt.Sprintf("INSERT INTO %s VALUES %s", t.name, strings.Join(rows, ", ")))
		}
		g.tables = append(g.tables, t)
	}
	return out
}

// value gives a literal or NULL.
func (g *gen) value(k kind) string {
	if g.chance(15) {
		return "NULL"
	}
	return g.literal(k)
}

// literal gives a constant. DOUBLEs are quarters, so that their sums do not depend on the order.
func (g *gen) literal(k kind) string {
	switch k {
	case integer:
		return fmt.Sprint(pick(g, g.IntN(6)-1, g.IntN(40)-10))
	case bigint:
		return fmt.Sprintf("CAST(%d AS BIGINT)", pick(g, g.IntN(5), g.IntN(1000)-300, 3_000_000_000))
	case double:
		return fmt.Sprintf("CAST(%.2f AS DOUBLE)", float64(g.IntN(41)-20)/4)
	case decimal:
		return fmt.Sprintf("CAST(%.2f AS DECIMAL(10,2))", float64(g.IntN(2001)-1000)/100)
	case text:
		return "'" + pick(g, "", "a", "b", "ab", "Abc", "abcabcabcabcabc", "x y", "10", "été", "%", "a_b", "zzzzzzzzzzzzzzzzzzzz") + "'"
	case date:
		return fmt.Sprintf("DATE '%04d-%02d-%02d'", pick(g, 1969, 2000, 2024), 1+g.IntN(3), 1+g.IntN(28))
	case timestamp:
		return fmt.Sprintf("TIMESTAMP '%04d-%02d-%02d %02d:%02d:%02d'", pick(g, 1969, 2024), 1+g.IntN(2), 1+g.IntN(3), g.IntN(24), g.IntN(60), g.IntN(60))
	case ints:
		var list []string
		for range g.IntN(4) {
			list = append(list, g.value(integer))
		}
		return "CAST([" + strings.Join(list, ", ") + "] AS INTEGER[])"
	}
	return pick(g, "true", "false")
}
