package diff

import (
	"fmt"
	"strings"
)

// scope is the columns that an expression may use.
type scope []column

func (s scope) of(k kind) (out []string) {
	for _, c := range s {
		if c.kind == k {
			out = append(out, c.name)
		}
	}
	return out
}

// expr makes an expression of kind k, at most depth deep.
func (g *gen) expr(s scope, k kind, depth int) string {
	cols := s.of(k)
	if depth <= 0 || g.chance(20) {
		if len(cols) > 0 && !g.chance(15) {
			return pick(g, cols...)
		}
		if g.chance(5) {
			return "CAST(NULL AS " + kindNames[k] + ")"
		}
		return g.literal(k)
	}
	sub := func(k kind) string { return g.expr(s, k, depth-1) }
	if g.chance(25) {
		return g.choice(s, k, depth)
	}
	switch k {
	case integer:
		return pick(g,
			func() string { return fmt.Sprintf("(%s %s %s)", sub(integer), pick(g, "+", "-"), sub(integer)) },
			func() string { return fmt.Sprintf("(%s * %d)", sub(integer), g.IntN(4)-1) },
			func() string { return fmt.Sprintf("(%s %% %d)", sub(integer), 2+g.IntN(5)) },
			func() string { return fmt.Sprintf("CAST(length(%s) AS INTEGER)", sub(text)) },
			func() string {
				return fmt.Sprintf("CAST(extract(%s FROM %s) AS INTEGER)", pick(g, "year", "month", "day"), sub(pick(g, date, timestamp)))
			},
			func() string { return fmt.Sprintf("abs(%s)", sub(integer)) },
			func() string { return fmt.Sprintf("(- %s)", sub(integer)) },
			func() string { return fmt.Sprintf("CAST(%s AS INTEGER)", sub(boolean)) },
		)()
	case bigint:
		return pick(g,
			func() string {
				return fmt.Sprintf("(%s %s %s)", sub(bigint), pick(g, "+", "-"), sub(pick(g, bigint, integer)))
			},
			func() string { return fmt.Sprintf("CAST(%s AS BIGINT)", sub(integer)) },
			func() string { return fmt.Sprintf("(%s %% %d)", sub(bigint), 2+g.IntN(9)) },
		)()
	case double:
		return pick(g,
			func() string {
				return fmt.Sprintf("(%s %s %s)", sub(double), pick(g, "+", "-"), sub(pick(g, double, integer)))
			},
			func() string { return fmt.Sprintf("CAST(%s AS DOUBLE)", sub(pick(g, integer, bigint))) },
			func() string { return fmt.Sprintf("%s(%s)", pick(g, "abs", "floor", "ceil", "round"), sub(double)) },
		)()
	case decimal:
		return pick(g,
			func() string {
				return fmt.Sprintf("CAST(%s %s %s AS DECIMAL(10,2))", sub(decimal), pick(g, "+", "-"), sub(decimal))
			},
			func() string { return fmt.Sprintf("CAST(%s AS DECIMAL(10,2))", sub(integer)) },
			func() string { return fmt.Sprintf("abs(%s)", sub(decimal)) },
		)()
	case text:
		return pick(g,
			func() string { return fmt.Sprintf("(%s || %s)", sub(text), sub(text)) },
			func() string { return fmt.Sprintf("%s(%s)", pick(g, "upper", "lower", "trim", "reverse"), sub(text)) },
			func() string { return fmt.Sprintf("substr(%s, %d, %d)", sub(text), 1+g.IntN(3), g.IntN(4)) },
			func() string {
				return fmt.Sprintf("replace(%s, %s, %s)", sub(text), pick(g, "'a'", "'b'", "'x y'"), g.literal(text))
			},
			func() string {
				return fmt.Sprintf("CAST(%s AS VARCHAR)", sub(pick(g, integer, bigint, date, boolean, decimal)))
			},
			func() string { return fmt.Sprintf("concat(%s, %s)", sub(text), sub(integer)) },
			func() string { return fmt.Sprintf("left(%s, %d)", sub(text), g.IntN(4)) },
		)()
	case date:
		return pick(g,
			func() string { return fmt.Sprintf("(%s + %d)", sub(date), g.IntN(40)-20) },
			func() string { return fmt.Sprintf("CAST(%s AS DATE)", sub(timestamp)) },
			func() string {
				return fmt.Sprintf("CAST(date_trunc('%s', %s) AS DATE)", pick(g, "month", "year", "week"), sub(date))
			},
		)()
	case timestamp:
		return pick(g,
			func() string {
				return fmt.Sprintf("(%s + INTERVAL '%d' %s)", sub(timestamp), g.IntN(50)-20, pick(g, "day", "hour", "minute", "month"))
			},
			func() string { return fmt.Sprintf("CAST(%s AS TIMESTAMP)", sub(date)) },
			func() string {
				return fmt.Sprintf("date_trunc('%s', %s)", pick(g, "hour", "day", "month"), sub(timestamp))
			},
		)()
	}
	return g.cond(s, depth)
}

// choice makes what every kind has: CASE, coalesce and the like.
func (g *gen) choice(s scope, k kind, depth int) string {
	sub := func(k kind) string { return g.expr(s, k, depth-1) }
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("coalesce(%s, %s)", sub(k), sub(k))
	case 1:
		return fmt.Sprintf("nullif(%s, %s)", sub(k), sub(k))
	case 2:
		if k != boolean {
			return fmt.Sprintf("%s(%s, %s)", pick(g, "greatest", "least"), sub(k), sub(k))
		}
		fallthrough
	case 3:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", sub(boolean), sub(k), sub(k))
	}
	of := kind(g.IntN(int(kinds)))
	return fmt.Sprintf("CASE %s WHEN %s THEN %s WHEN %s THEN %s END", sub(of), sub(of), sub(k), g.literal(of), sub(k))
}

// cond makes a condition.
func (g *gen) cond(s scope, depth int) string {
	sub := func(k kind) string { return g.expr(s, k, depth-1) }
	k := kind(g.IntN(int(kinds)))
	switch g.IntN(11) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", sub(k), pick(g, "=", "<>", "<", "<=", ">", ">="), sub(k))
	case 3:
		return fmt.Sprintf("(%s %s %s)", sub(boolean), pick(g, "AND", "OR"), sub(boolean))
	case 4:
		return fmt.Sprintf("(NOT %s)", sub(boolean))
	case 5:
		return fmt.Sprintf("(%s IS %sNULL)", sub(k), pick(g, "", "NOT "))
	case 6:
		return fmt.Sprintf("(%s IS %sDISTINCT FROM %s)", sub(k), pick(g, "", "NOT "), sub(k))
	case 7:
		var list []string
		for range 1 + g.IntN(4) {
			list = append(list, pick(g, g.literal(k), g.value(k)))
		}
		return fmt.Sprintf("(%s %sIN (%s))", sub(k), pick(g, "", "NOT "), strings.Join(list, ", "))
	case 8:
		return fmt.Sprintf("(%s %sBETWEEN %s AND %s)", sub(k), pick(g, "", "NOT "), sub(k), g.literal(k))
	case 9:
		return fmt.Sprintf("(%s %sLIKE '%s')", sub(text), pick(g, "", "NOT "), pick(g, "a%", "%b", "%a%", "_", "a_c%", "%", "", "ab", "%c%b%"))
	}
	return fmt.Sprintf("(%s AND %s = %s)", sub(boolean), sub(k), g.literal(k))
}
