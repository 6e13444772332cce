package diff

import (
	"fmt"
	"strings"
)

// from makes a FROM clause of one to three tables and the columns that it gives.
func (g *gen) from() (string, scope) {
	one := func() (string, scope) {
		t := pick(g, g.tables...)
		g.alias++
		a := fmt.Sprint("a", g.alias)
		var s scope
		for _, c := range t.cols {
			s = append(s, column{a + "." + c.name, c.kind})
		}
		switch g.IntN(8) {
		case 0:
			return fmt.Sprintf("(SELECT * FROM %s WHERE %s) AS %s", t.name, g.cond(t.cols, 2), a), s
		case 1:
			return fmt.Sprintf("(SELECT DISTINCT * FROM %s) AS %s", t.name, a), s
		}
		return t.name + " AS " + a, s
	}
	text, s := one()
	for range pick(g, 0, 0, 1, 1, 2) {
		right, r := one()
		kind := pick(g, "JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
		all := append(s[:len(s):len(s)], r...)
		on := ""
		if kind != "CROSS JOIN" {
			on = fmt.Sprintf(" ON %s = %s", pick(g, s.of(integer)...), pick(g, r.of(integer)...))
			if g.chance(40) {
				on += " AND " + g.cond(all, 1)
			}
		}
		text, s = text+" "+kind+" "+right+on, all
	}
	return text, s
}

// query makes a query whose rows come in no particular order.
func (g *gen) query(depth int) string {
	g.alias = 0
	switch g.IntN(12) {
	case 0, 1, 2:
		return g.grouped()
	case 3:
		if depth > 0 {
			return g.set()
		}
	case 4:
		return g.windowed()
	case 5:
		return g.top()
	}
	from, s := g.from()
	var list []string
	for i := range 1 + g.IntN(4) {
		list = append(list, fmt.Sprintf("%s AS r%d", g.expr(s, kind(g.IntN(int(kinds))), 2), i))
	}
	return fmt.Sprintf("SELECT %s%s FROM %s%s", pick(g, "", "", "DISTINCT "), strings.Join(list, ", "), from, g.where(s))
}

// where makes a WHERE clause or none; its conditions may have subqueries.
func (g *gen) where(s scope) string {
	if g.chance(25) {
		return ""
	}
	terms := []string{g.cond(s, 3)}
	if g.chance(30) {
		terms = append(terms, g.subquery(s))
	}
	return " WHERE " + strings.Join(terms, pick(g, " AND ", " AND ", " OR "))
}

// subquery makes a condition with a subquery, correlated or not.
func (g *gen) subquery(s scope) string {
	t := pick(g, g.tables...)
	g.alias++
	a := fmt.Sprint("s", g.alias)
	var in scope
	for _, c := range t.cols {
		in = append(in, column{a + "." + c.name, c.kind})
	}
	link := ""
	if g.chance(60) {
		link = fmt.Sprintf(" WHERE %s = %s", pick(g, in.of(integer)...), pick(g, s.of(integer)...))
		if g.chance(30) {
			link += " AND " + g.cond(in, 1)
		}
	}
	key := pick(g, in.of(integer)...)
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s AS %s%s)", pick(g, "", "NOT "), t.name, a, link)
	case 1:
		return fmt.Sprintf("%s %sIN (SELECT %s FROM %s AS %s%s)", pick(g, s.of(integer)...), pick(g, "", "NOT "), key, t.name, a, link)
	case 2:
		return fmt.Sprintf("%s %s (SELECT %s(%s) FROM %s AS %s%s)", pick(g, s.of(integer)...), pick(g, "<", "=", ">="), pick(g, "max", "min", "count"), key, t.name, a, link)
	}
	return fmt.Sprintf("%s %s %s (SELECT %s FROM %s AS %s%s)", pick(g, s.of(integer)...), pick(g, "<", "=", ">"), pick(g, "ANY", "ALL"), key, t.name, a, link)
}

// aggregate makes a call.
func (g *gen) aggregate(s scope) string {
	e := func(k kind) string { return g.expr(s, k, 1) }
	distinct := pick(g, "", "", "", "DISTINCT ")
	call := pick(g,
		func() string { return "count(*)" },
		func() string { return fmt.Sprintf("count(%s%s)", distinct, e(kind(g.IntN(int(kinds))))) },
		func() string { return fmt.Sprintf("sum(%s%s)", distinct, e(pick(g, integer, double, decimal))) },
		func() string { return fmt.Sprintf("avg(%s%s)", distinct, e(pick(g, integer, double))) },
		func() string { return fmt.Sprintf("%s(%s)", pick(g, "min", "max"), e(kind(g.IntN(int(boolean))))) },
		func() string { return fmt.Sprintf("%s(%s)", pick(g, "bool_and", "bool_or"), e(boolean)) },
		func() string { return fmt.Sprintf("median(%s)", e(pick(g, integer, double))) },
	)()
	if g.chance(15) {
		call += " FILTER (WHERE " + g.cond(s, 1) + ")"
	}
	return call
}

func (g *gen) grouped() string {
	from, s := g.from()
	var keys, list []string
	for i := range g.IntN(3) {
		k := g.expr(s, kind(g.IntN(int(kinds))), 1)
		keys = append(keys, fmt.Sprint(i+1))
		list = append(list, fmt.Sprintf("%s AS k%d", k, i))
	}
	for i := range 1 + g.IntN(3) {
		list = append(list, fmt.Sprintf("%s AS r%d", g.aggregate(s), i))
	}
	q := fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(list, ", "), from, g.where(s))
	if len(keys) > 0 {
		q += " GROUP BY " + strings.Join(keys, ", ")
	}
	if g.chance(25) {
		q += fmt.Sprintf(" HAVING count(*) %s %d", pick(g, ">", "<=", "="), g.IntN(4))
	}
	return q
}

// set makes a set operation of two selections of the same kinds.
func (g *gen) set() string {
	var ks []kind
	for range 1 + g.IntN(3) {
		ks = append(ks, kind(g.IntN(int(kinds))))
	}
	side := func() string {
		from, s := g.from()
		var list []string
		for i, k := range ks {
			list = append(list, fmt.Sprintf("%s AS r%d", g.expr(s, k, 1), i))
		}
		return fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(list, ", "), from, g.where(s))
	}
	return fmt.Sprintf("%s %s %s", side(), pick(g, "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"), side())
}

// windowed makes window functions whose results do not depend on how ties fall.
func (g *gen) windowed() string {
	from, s := g.from()
	part := ""
	if g.chance(70) {
		part = "PARTITION BY " + g.expr(s, kind(g.IntN(int(kinds))), 1) + " "
	}
	order := fmt.Sprintf("ORDER BY %s%s NULLS %s", g.expr(s, kind(g.IntN(int(boolean))), 1), pick(g, "", " DESC"), pick(g, "FIRST", "LAST"))
	call := pick(g,
		func() string { return pick(g, "rank()", "dense_rank()", "percent_rank()", "cume_dist()") },
		func() string { return fmt.Sprintf("sum(%s)", g.expr(s, pick(g, integer, double, decimal), 1)) },
		func() string {
			return fmt.Sprintf("%s(%s)", pick(g, "min", "max", "count"), g.expr(s, kind(g.IntN(int(boolean))), 1))
		},
	)()
	frame := ""
	if g.chance(30) && strings.HasPrefix(call, "sum") {
		frame = pick(g, " RANGE UNBOUNDED PRECEDING", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING")
	}
	q := fmt.Sprintf("SELECT %s AS k, %s OVER (%s%s%s) AS w FROM %s%s", pick(g, s.of(integer)...), call, part, order, frame, from, g.where(s))
	if strings.HasPrefix(call, "rank") && g.chance(50) {
		q = fmt.Sprintf("SELECT k, w FROM (%s) AS q WHERE w <= %d", q, 1+g.IntN(3))
	}
	return q
}

// top makes a query with LIMIT whose rows are the same however ties fall: all columns are keys.
func (g *gen) top() string {
	from, s := g.from()
	var list, keys []string
	for i := range 1 + g.IntN(3) {
		list = append(list, fmt.Sprintf("%s AS r%d", g.expr(s, kind(g.IntN(int(kinds))), 1), i))
		keys = append(keys, fmt.Sprintf("%d%s NULLS %s", i+1, pick(g, "", " DESC"), pick(g, "FIRST", "LAST")))
	}
	return fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d OFFSET %d", strings.Join(list, ", "), from, g.where(s), strings.Join(keys, ", "), g.IntN(12), g.IntN(3))
}
