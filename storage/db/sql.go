package db

import (
	"strings"

	"github.com/skep-sql/skep/storage"
)

// Dialect is how a system writes conditions. Each method tells with false that the system cannot be asked this: the engine then filters alone.
// A condition may be wider than the one it stands for and never narrower, and must not fail.
type Dialect interface {
	// Name writes a column for a condition.
	Name(col int) string
	// Compare writes column op value.
	Compare(col int, op string, v storage.Bound) (string, bool)
	// Any writes that a column is one of values.
	Any(col int, values []storage.Bound) (string, bool)
	// Prefix writes that a text begins with another.
	Prefix(col int, prefix string) (string, bool)
}

// maxConditions bounds the text of a condition.
const maxConditions = 1000

// Where writes what the system can be asked of conditions that all hold, joined by AND, or "".
func Where(d Dialect, preds []storage.Pred) string {
	var out []string
	for _, p := range preds {
		if s, ok := condition(d, &p, 0); ok {
			out = append(out, s)
		}
	}
	return strings.Join(out, " AND ")
}

var compareOps = map[storage.Op]string{storage.Eq: "=", storage.Lt: "<", storage.Le: "<=", storage.Gt: ">", storage.Ge: ">="}

func condition(d Dialect, p *storage.Pred, depth int) (string, bool) {
	if depth > 50 {
		return "", false
	}
	switch p.Op {
	case storage.IsNull:
		return d.Name(p.Col) + " IS NULL", true
	case storage.NotNull:
		return d.Name(p.Col) + " IS NOT NULL", true
	case storage.In:
		if len(p.Values) == 0 || len(p.Values) > maxConditions {
			return "", false
		}
		return d.Any(p.Col, p.Values)
	case storage.Prefix:
		return d.Prefix(p.Col, p.Values[0].S)
	case storage.And, storage.Or:
		return combined(d, p, depth)
	}
	return d.Compare(p.Col, compareOps[p.Op], p.Values[0])
}

// combined writes AND without the terms that cannot be asked, and OR only if all can be.
func combined(d Dialect, p *storage.Pred, depth int) (string, bool) {
	var terms []string
	for i := range p.Kids {
		s, ok := condition(d, &p.Kids[i], depth+1)
		if ok {
			terms = append(terms, s)
		} else if p.Op == storage.Or {
			return "", false
		}
	}
	if len(terms) == 0 || len(terms) > maxConditions {
		return "", false
	}
	word := " AND "
	if p.Op == storage.Or {
		word = " OR "
	}
	return "(" + strings.Join(terms, word) + ")", true
}

// HasEquality tells whether a condition asks for single values of a column, which an index may serve.
func HasEquality(preds []storage.Pred) bool {
	for _, p := range preds {
		if p.Op == storage.Eq || p.Op == storage.In || p.Op == storage.And && HasEquality(p.Kids) {
			return true
		}
	}
	return false
}
