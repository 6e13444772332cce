package multi

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Value is the value of a partition column, as conditions compare it.
type Value struct {
	storage.Bound
	Null bool
	None bool // of a type without bounds: nothing is known
}

// ParseValue reads the text of a partition column's value; nil is NULL.
func ParseValue(col types.Field, text *string) (Value, error) {
	if text == nil {
		return Value{Null: true}, nil
	}
	v := vec.New(col.Type, 1)
	if why := kernel.ParseInto([]byte(*text), col.Type, nil, v, 0); why != "" {
		return Value{}, sqlerr.New(sqlerr.Data, "'%s' is no %s of partition column %s: %s", *text, col.Type, col.Name, why)
	}
	b, ok := boundOf(v)
	if !ok {
		return Value{Bound: storage.Bound{S: *text}, None: true}, nil
	}
	return Value{Bound: b}, nil
}

// CompareValues orders values, NULL first.
func CompareValues(t types.Type, a, b Value) int {
	switch {
	case a.Null || b.Null:
		switch {
		case a.Null && b.Null:
			return 0
		case a.Null:
			return -1
		}
		return 1
	case a.None || b.None:
		return strings.Compare(a.S, b.S)
	}
	return compare(t, a.Bound, b.Bound)
}

// MayMeet tells whether rows whose partition columns, from number base on, have values from lo to hi, and NULL where nulls says so (nil:
// where lo is), may meet all conditions.
func MayMeet(preds []storage.Pred, base int, ts []types.Type, lo, hi []Value, nulls []bool) bool {
	for i := range preds {
		if !mayMeet(&preds[i], base, ts, lo, hi, nulls) {
			return false
		}
	}
	return true
}

func mayMeet(q *storage.Pred, base int, ts []types.Type, lo, hi []Value, nulls []bool) bool {
	switch q.Op {
	case storage.And:
		return MayMeet(q.Kids, base, ts, lo, hi, nulls)
	case storage.Or:
		for i := range q.Kids {
			if mayMeet(&q.Kids[i], base, ts, lo, hi, nulls) {
				return true
			}
		}
		return false
	}
	k := q.Col - base
	if k < 0 || k >= len(ts) || lo[k].None || hi[k].None {
		return true
	}
	null := lo[k].Null
	if nulls != nil {
		null = nulls[k]
	}
	switch {
	case q.Op == storage.IsNull:
		return null
	case lo[k].Null: // only NULLs
		return false
	case q.Op == storage.NotNull || len(q.Values) == 0 || ts[k].Phys() == types.PF64:
		return true
	}
	return inRange(q, ts[k], lo[k].Bound, hi[k].Bound)
}

// inRange tells whether a value from lo to hi may meet a condition.
func inRange(q *storage.Pred, t types.Type, lo, hi storage.Bound) bool {
	x := q.Values[0]
	switch q.Op {
	case storage.Eq:
		return compare(t, x, lo) >= 0 && compare(t, x, hi) <= 0
	case storage.Lt:
		return compare(t, lo, x) < 0
	case storage.Le:
		return compare(t, lo, x) <= 0
	case storage.Gt:
		return compare(t, hi, x) > 0
	case storage.Ge:
		return compare(t, hi, x) >= 0
	case storage.Prefix:
		return strings.Compare(hi.S, x.S) >= 0 && (strings.HasPrefix(lo.S, x.S) || strings.Compare(lo.S, x.S) < 0)
	case storage.In:
		for _, v := range q.Values {
			if compare(t, v, lo) >= 0 && compare(t, v, hi) <= 0 {
				return true
			}
		}
		return false
	}
	return true
}
