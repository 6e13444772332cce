package types

// Common gives the type that values of a and b both convert to without an explicit cast (set operations,
// CASE branches, comparison, globs of files), and whether there is one. NULL takes the other side's type.
func Common(a, b Type) (Type, bool) {
	switch {
	case a.Equal(b):
		return a, true
	case a.Kind == Null:
		return b, true
	case b.Kind == Null:
		return a, true
	case a.IsNumeric() && b.IsNumeric():
		return commonNumeric(a, b), true
	case a.Kind == Varchar && b.Kind == Varchar:
		return TVarchar, true
	case a.Kind == b.Kind && (a.Kind == Timestamp || a.Kind == TimestampTZ):
		return Type{Kind: a.Kind}, true
	case a.IsNested() && a.Kind == b.Kind:
		return commonNested(a, b)
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case a.Kind == Date && (b.Kind == Timestamp || b.Kind == TimestampTZ), a.Kind == Timestamp && b.Kind == TimestampTZ:
		return Type{Kind: b.Kind}, true
	case a.Kind == Varchar && b.Kind == Enum, a.Kind == Enum && b.Kind == Enum:
		return TVarchar, true
	case a.Kind == Varchar && (b.Kind == Binary || b.Kind == UUID || b.Kind == JSON):
		return b, true
	}
	return Type{}, false
}

func commonNumeric(a, b Type) Type {
	if a.Kind == Double || b.Kind == Double {
		return TDouble
	}
	if a.Kind == Real || b.Kind == Real {
		return TDouble
	}
	if a.Kind == Decimal || b.Kind == Decimal {
		a, b = AsDecimal(a), AsDecimal(b)
		s := max(a.S, b.S)
		p := max(a.P-a.S, b.P-b.S) + s
		return NewDecimal(int(min(p, MaxPrecision)), int(s))
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case b.Kind <= BigInt || a.Kind >= UTinyInt:
		return Type{Kind: b.Kind}
	case b.Kind == UBigInt:
		return NewDecimal(20, 0)
	default: // signed a, unsigned b: the signed type that holds both
		return Type{Kind: max(a.Kind, b.Kind-UTinyInt+SmallInt)}
	}
}

func commonNested(a, b Type) (Type, bool) {
	if len(a.Elems) != len(b.Elems) {
		return Type{}, false
	}
	out := Type{Kind: a.Kind, Elems: make([]Field, len(a.Elems))}
	if a.N == b.N {
		out.N = a.N
	}
	for i := range a.Elems {
		t, ok := Common(a.Elems[i].Type, b.Elems[i].Type)
		if !ok {
			return Type{}, false
		}
		out.Elems[i] = Field{Name: a.Elems[i].Name, Type: t, NotNull: a.Elems[i].NotNull && b.Elems[i].NotNull}
	}
	return out, true
}

// AsDecimal gives the DECIMAL that holds every value of an integer or DECIMAL type.
func AsDecimal(t Type) Type {
	if t.Kind == Decimal {
		return t
	}
	return NewDecimal(IntegerDigits(t.Kind), 0)
}

// Implicit tells whether a value of type from may stand where type to is wanted, and at what cost: 0 for
// the same type, more for a longer way. Function overloads are chosen by the smallest sum of costs.
func Implicit(from, to Type) (cost int, ok bool) {
	switch {
	case from.Kind == Enum && to.Kind == Enum:
		return 0, from.Equal(to)
	case from.Kind == to.Kind && !from.IsNested():
		return 0, true
	case from.Kind == Null:
		return 1, true
	case from.IsInteger() && to.IsInteger():
		if c := commonNumeric(from, to); c.Kind != to.Kind {
			return 0, false
		}
		return 1 + int(to.Kind) - min(int(from.Kind), int(to.Kind)), true
	case from.IsInteger() && to.Kind == Decimal:
		return 12, true
	case from.IsExact() && to.Kind == Double, from.Kind == Real && to.Kind == Double:
		return 14, true
	case from.IsExact() && to.Kind == Real:
		return 16, true
	case from.Kind == Date && to.Kind == Timestamp:
		return 4, true
	case from.Kind == Date && to.Kind == TimestampTZ, from.Kind == Timestamp && to.Kind == TimestampTZ:
		return 6, true
	case from.Kind == UUID && to.Kind == Varchar, from.Kind == Enum && to.Kind == Varchar, from.Kind == JSON && to.Kind == Varchar:
		return 3, true
	case from.Kind == Varchar && to.Kind == Binary:
		return 8, true
	case from.IsNested():
		c, same := Common(from, to)
		return 2, same && c.Equal(to)
	}
	return 0, false
}
