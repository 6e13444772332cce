package diff

import (
	"fmt"
	"strings"
)

// from makes a FROM clause of one to three tables and the columns that it gives.
func (g *gen) from() (string, scope) {
	one := func() (string, scope) {
		t, a, s := g.one()
		switch g.IntN(10) {
		case 2:
			if g.derived < 2 {
				return g.derive(a)
			}
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
	switch g.IntN(16) {
	case 12:
		return g.ranked()
	case 13:
		return g.with()
	case 14:
		return g.rollup()
	case 15:
		return g.lateral()
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

// derive makes a derived table: a query of known kinds, whose first column is an integer to join by.
func (g *gen) derive(alias string) (string, scope) {
	g.derived++
	defer func() { g.derived-- }()
	ks := []kind{integer}
	for range g.IntN(3) {
		ks = append(ks, kind(g.IntN(int(kinds))))
	}
	var s scope
	for i, k := range ks {
		s = append(s, column{fmt.Sprintf("%s.r%d", alias, i), k})
	}
	return fmt.Sprintf("(%s) AS %s", g.typed(ks), alias), s
}

// typed makes a query with columns r0, r1 … of the kinds ks.
func (g *gen) typed(ks []kind) string {
	from, in := g.from()
	var list, keys []string
	grouped := g.chance(40)
	for i, k := range ks {
		e := g.expr(in, k, 1)
		switch agg := g.aggregateOf(in, k); {
		case grouped && agg != "" && g.chance(60):
			e = agg
		case grouped:
			keys = append(keys, fmt.Sprint(i+1))
		}
		list = append(list, fmt.Sprintf("%s AS r%d", e, i))
	}
	q := fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(list, ", "), from, g.where(in))
	if len(keys) > 0 {
		q += " GROUP BY " + strings.Join(keys, ", ")
	}
	return q
}

// aggregateOf makes an aggregate of kind k, or "".
func (g *gen) aggregateOf(s scope, k kind) string {
	switch k {
	case integer:
		return fmt.Sprintf("CAST(%s AS INTEGER)", pick(g, "count(*)", "count(DISTINCT "+g.expr(s, text, 1)+")", "max("+g.expr(s, integer, 1)+")"))
	case double:
		return "sum(" + g.expr(s, double, 1) + ")"
	case text, date, timestamp, decimal, bigint:
		return pick(g, "min", "max") + "(" + g.expr(s, k, 1) + ")"
	case boolean:
		return "bool_or(" + g.expr(s, boolean, 1) + ")"
	}
	return ""
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
	t, a, in := g.one()
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
		func() string { return fmt.Sprintf("%s(%s)", pick(g, "var_pop", "stddev_samp"), e(integer)) },
		func() string { x := e(text); return fmt.Sprintf("string_agg(%s, ',' ORDER BY %s)", x, x) },
		func() string { x := e(integer); return fmt.Sprintf("array_agg(%s ORDER BY %s NULLS FIRST)", x, x) },
		func() string {
			return fmt.Sprintf("quantile_disc(%s, %s)", e(pick(g, integer, date)), pick(g, "0.25", "0.5", "1.0"))
		},
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

// one takes a table under an alias of its own, with its columns.
func (g *gen) one() (table, string, scope) {
	t := pick(g, g.tables...)
	g.alias++
	a := fmt.Sprint("a", g.alias)
	var s scope
	for _, c := range t.cols {
		s = append(s, column{a + "." + c.name, c.kind})
	}
	return t, a, s
}

// ranked makes window functions over an order without ties, QUALIFY and DISTINCT ON.
func (g *gen) ranked() string {
	t, a, s := g.one()
	order := fmt.Sprintf("ORDER BY %s NULLS FIRST, %s.id%s", g.expr(s, kind(g.IntN(int(boolean))), 1), a, pick(g, "", " DESC"))
	part := ""
	if g.chance(60) {
		part = "PARTITION BY " + g.expr(s, kind(g.IntN(int(kinds))), 1) + " "
	}
	x := g.expr(s, kind(g.IntN(int(kinds))), 1)
	if g.chance(20) {
		return fmt.Sprintf("SELECT DISTINCT ON (%s.k) %s.k AS k, %s AS x FROM %s AS %s%s ORDER BY %s.k, %s.id", a, a, x, t.name, a, g.where(s), a, a)
	}
	call := pick(g,
		func() string { return "row_number()" },
		func() string { return fmt.Sprintf("ntile(%d)", 1+g.IntN(4)) },
		func() string { return fmt.Sprintf("%s(%s, %d)", pick(g, "lag", "lead"), x, g.IntN(3)) },
		func() string { return fmt.Sprintf("%s(%s)", pick(g, "first_value", "last_value", "count"), x) },
		func() string { return fmt.Sprintf("nth_value(%s, %d)", x, 1+g.IntN(3)) },
		func() string {
			return fmt.Sprintf("%s(%s)", pick(g, "sum", "min", "max", "avg"), g.expr(s, pick(g, integer, double), 1))
		},
	)()
	frame := ""
	if g.chance(50) && !strings.HasPrefix(call, "row") && !strings.HasPrefix(call, "nti") && !strings.HasPrefix(call, "l") {
		frame = pick(g, " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING", " ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING",
			" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW")
	}
	q := fmt.Sprintf("SELECT %s.id AS id, %s OVER (%s%s%s) AS w FROM %s AS %s%s", a, call, part, order, frame, t.name, a, g.where(s))
	if call == "row_number()" && g.chance(60) {
		q += fmt.Sprintf(" QUALIFY row_number() OVER (%s%s) %s %d", part, order, pick(g, "<=", "=", "<", ">"), 1+g.IntN(4))
	}
	return q
}

// with makes a common table that is read once or twice.
func (g *gen) with() string {
	ks := []kind{integer, kind(g.IntN(int(kinds)))}
	cte := g.typed(ks)
	if g.chance(50) {
		return fmt.Sprintf("WITH c AS (%s) SELECT x.r0, y.r1, count(*) AS n FROM c AS x %s c AS y ON x.r0 = y.r0 GROUP BY 1, 2", cte, pick(g, "JOIN", "LEFT JOIN"))
	}
	return fmt.Sprintf("WITH c AS (%s) SELECT r0, r1 FROM c WHERE %s", cte, g.cond(scope{{"r0", ks[0]}, {"r1", ks[1]}}, 2))
}

// rollup makes several grouping sets.
func (g *gen) rollup() string {
	from, s := g.from()
	a, b := g.expr(s, kind(g.IntN(int(kinds))), 1), g.expr(s, kind(g.IntN(int(kinds))), 1)
	sets := pick(g, "ROLLUP (a, b)", "CUBE (a, b)", "GROUPING SETS ((a), (b))", "GROUPING SETS ((a, b), (a), ())")
	return fmt.Sprintf("SELECT a, b, grouping(a) AS g, count(*) AS n, max(x) AS m FROM (SELECT %s AS a, %s AS b, %s AS x FROM %s%s) AS q GROUP BY %s",
		a, b, g.expr(s, integer, 1), from, g.where(s), sets)
}

// lateral makes a correlated derived table, a scalar subquery in the select list, or unnest.
func (g *gen) lateral() string {
	t, a, s := g.one()
	u, b, in := g.one()
	link := fmt.Sprintf("%s = %s", pick(g, in.of(integer)...), pick(g, s.of(integer)...))
	switch g.IntN(3) {
	case 0:
		return fmt.Sprintf("SELECT %s.id AS id, q.n, q.m FROM %s AS %s, LATERAL (SELECT count(*) AS n, max(%s) AS m FROM %s AS %s WHERE %s) AS q", a, t.name, a, g.expr(in, integer, 1), u.name, b, link)
	case 1:
		return fmt.Sprintf("SELECT %s.id AS id, (SELECT %s(%s) FROM %s AS %s WHERE %s) AS x FROM %s AS %s%s", a, pick(g, "max", "count", "sum"), g.expr(in, integer, 1), u.name, b, link,
			t.name, a, g.where(s))
	}
	return fmt.Sprintf("SELECT %s.id AS id, unnest(%s) AS e FROM %s AS %s%s", a, g.expr(s, ints, 2), t.name, a, g.where(s))
}
