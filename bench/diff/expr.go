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
		return g.integers(sub)
	case bigint:
		return g.bigints(sub)
	case double:
		return g.doubles(sub)
	case decimal:
		return g.decimals(sub)
	case text:
		return g.texts(sub)
	case date:
		return g.dates(sub)
	case timestamp:
		return g.timestamps(sub)
	case ints:
		return g.lists(sub)
	}
	return g.cond(s, depth)
}

func (g *gen) integers(sub func(kind) string) string {
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
		func() string { return fmt.Sprintf("%s[%d]", sub(ints), pick(g, 1, 2, -1)) },
		func() string { return fmt.Sprintf("CAST(len(%s) AS INTEGER)", sub(ints)) },
		func() string {
			return fmt.Sprintf("CAST(%s(%s) AS INTEGER)", pick(g, "list_sum", "list_min", "list_max", "list_count"), sub(ints))
		},
		func() string { return fmt.Sprintf("CAST(strpos(%s, %s) AS INTEGER)", sub(text), g.literal(text)) },
		func() string {
			return fmt.Sprintf("TRY_CAST(%s AS INTEGER)", sub(pick(g, text, double, decimal, bigint)))
		},
		func() string {
			return fmt.Sprintf("CAST(date_diff('%s', %s, %s) AS INTEGER)", pick(g, "day", "month", "year", "week", "quarter"), sub(date), sub(date))
		},
		func() string {
			return fmt.Sprintf("CAST(extract(%s FROM %s) AS INTEGER)", pick(g, "quarter", "week", "doy", "isodow", "dow"), sub(date))
		},
		func() string { return fmt.Sprintf("(%s // %d)", sub(integer), pick(g, 2, 3, -3, 7)) },
		func() string { return fmt.Sprintf("CAST(sign(%s) AS INTEGER)", sub(pick(g, integer, double, decimal))) },
		func() string { return fmt.Sprintf("(%s %s %d)", sub(integer), pick(g, "&", "|"), g.IntN(8)) },
	)()
}

func (g *gen) bigints(sub func(kind) string) string {
	return pick(g,
		func() string {
			return fmt.Sprintf("(%s %s %s)", sub(bigint), pick(g, "+", "-"), sub(pick(g, bigint, integer)))
		},
		func() string { return fmt.Sprintf("CAST(%s AS BIGINT)", sub(integer)) },
		func() string { return fmt.Sprintf("(%s %% %d)", sub(bigint), 2+g.IntN(9)) },
	)()
}

func (g *gen) doubles(sub func(kind) string) string {
	return pick(g,
		func() string {
			return fmt.Sprintf("(%s %s %s)", sub(double), pick(g, "+", "-"), sub(pick(g, double, integer)))
		},
		func() string { return fmt.Sprintf("CAST(%s AS DOUBLE)", sub(pick(g, integer, bigint))) },
		func() string {
			return fmt.Sprintf("%s(%s)", pick(g, "abs", "floor", "ceil", "round", "trunc"), sub(double))
		},
		func() string { return fmt.Sprintf("(%s / %d)", sub(pick(g, integer, double)), pick(g, 2, 4, -8)) },
		func() string { return fmt.Sprintf("CAST(%s AS DOUBLE)", sub(decimal)) },
		func() string { return fmt.Sprintf("sqrt(abs(%s))", sub(integer)) },
	)()
}

func (g *gen) decimals(sub func(kind) string) string {
	return pick(g,
		func() string {
			return fmt.Sprintf("CAST(%s %s %s AS DECIMAL(10,2))", sub(decimal), pick(g, "+", "-"), sub(decimal))
		},
		func() string { return fmt.Sprintf("CAST(%s AS DECIMAL(10,2))", sub(integer)) },
		func() string { return fmt.Sprintf("abs(%s)", sub(decimal)) },
		func() string { return fmt.Sprintf("CAST(round(%s, 1) AS DECIMAL(10,2))", sub(decimal)) },
		func() string { return fmt.Sprintf("CAST(%s * %s AS DECIMAL(10,2))", sub(decimal), g.literal(integer)) },
		func() string { return fmt.Sprintf("CAST(%s AS DECIMAL(10,2))", sub(double)) },
	)()
}

func (g *gen) texts(sub func(kind) string) string {
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
		func() string {
			return fmt.Sprintf("%s(%s, %d)", pick(g, "left", "right", "repeat"), sub(text), g.IntN(5)-1)
		},
		func() string {
			return fmt.Sprintf("%s(%s, %d, %s)", pick(g, "lpad", "rpad"), sub(text), g.IntN(6), pick(g, "'x'", "'ab'"))
		},
		func() string {
			return fmt.Sprintf("split_part(%s, %s, %d)", sub(text), pick(g, "'b'", "' '", "'a'"), 1+g.IntN(3))
		},
		func() string { return fmt.Sprintf("concat_ws(%s, %s, %s)", g.literal(text), sub(text), sub(text)) },
		func() string {
			return fmt.Sprintf("regexp_replace(%s, '%s', '%s')", sub(text), pick(g, "a", "[ab]+", "^a", "b$", "(b)(c)"), pick(g, "", "x", "-"))
		},
		func() string {
			return fmt.Sprintf("strftime(%s, '%s')", sub(pick(g, date, timestamp)), pick(g, "%Y-%m", "%d/%m/%y", "%j %H:%M"))
		},
		func() string { return fmt.Sprintf("array_to_string(list_append(%s, 0), ',')", sub(ints)) },
		func() string { return fmt.Sprintf("substr(%s, %d)", sub(text), pick(g, -2, 0, 2)) },
	)()
}

func (g *gen) dates(sub func(kind) string) string {
	return pick(g,
		func() string { return fmt.Sprintf("(%s + %d)", sub(date), g.IntN(40)-20) },
		func() string { return fmt.Sprintf("CAST(%s AS DATE)", sub(timestamp)) },
		func() string {
			return fmt.Sprintf("CAST(date_trunc('%s', %s) AS DATE)", pick(g, "month", "year", "week"), sub(date))
		},
	)()
}

func (g *gen) timestamps(sub func(kind) string) string {
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

func (g *gen) lists(sub func(kind) string) string {
	return pick(g,
		func() string { return fmt.Sprintf("list_concat(%s, %s)", sub(ints), g.literal(ints)) },
		func() string { return fmt.Sprintf("list_sort(%s)", sub(ints)) },
		func() string { return fmt.Sprintf("list_reverse(%s)", sub(ints)) },
		func() string { return fmt.Sprintf("[%s, %s]", sub(integer), sub(integer)) },
		func() string { return fmt.Sprintf("%s[%d:%d]", sub(ints), pick(g, 1, 2), pick(g, 2, 3)) },
		func() string { return fmt.Sprintf("list_transform(%s, lambda x: x + %d)", sub(ints), g.IntN(3)) },
		func() string {
			return fmt.Sprintf("list_filter(%s, lambda x: x %s %d)", sub(ints), pick(g, ">", "<>"), g.IntN(3))
		},
		func() string { return fmt.Sprintf("list_append(%s, %s)", sub(ints), sub(integer)) },
	)()
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
	switch g.IntN(13) {
	case 11:
		return fmt.Sprintf("list_contains(%s, %s)", sub(ints), g.literal(integer))
	case 12:
		return fmt.Sprintf("%s(%s, %s)", pick(g, "starts_with", "contains", "ends_with"), sub(text), sub(text))
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
