package types

import (
	"slices"
	"strconv"
	"strings"
)

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
	case a.Kind == Time && b.Kind == TimeTZ:
		return b, true
	case a.Kind == Varchar && b.Kind == Enum, a.Kind == Enum && b.Kind == Enum:
		return TVarchar, true
	case a.Kind == Varchar && (b.Kind == Binary || b.Kind == UUID || b.Kind == JSON || b.Kind == Bit || b.Kind == TimeTZ):
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
		if s == 0 && p > MaxPrecision {
			return THugeInt
		}
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
	if a.Kind == Struct && !alike(a, b) {
		return united(a, b)
	}
	if a.Kind == Struct && Unnamed(a) {
		a, b = b, a
	}
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

// Unnamed tells whether the fields of a STRUCT have only the names that a row's values get by themselves: col1, col2 ….
func Unnamed(t Type) bool {
	for i, f := range t.Elems {
		if f.Name != "col"+strconv.Itoa(i+1) {
			return false
		}
	}
	return true
}

// alike tells whether the fields of two STRUCTs belong together by their places.
func alike(a, b Type) bool {
	return len(a.Elems) == len(b.Elems) && (Unnamed(a) || Unnamed(b) || slices.EqualFunc(a.Elems, b.Elems, func(x, y Field) bool { return strings.EqualFold(x.Name, y.Name) }))
}

// FieldNamed gives the place of a STRUCT's field, or -1.
func (t Type) FieldNamed(name string) int {
	return slices.IndexFunc(t.Elems, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// united gives the STRUCT with the fields of both, by name; those that one lacks are NULL in it.
func united(a, b Type) (Type, bool) {
	if Unnamed(a) != Unnamed(b) {
		return Type{}, false
	}
	out := Type{Kind: Struct, Elems: slices.Clone(a.Elems)}
	for i := range out.Elems {
		out.Elems[i].NotNull = false
	}
	for _, f := range b.Elems {
		f.NotNull = false
		k := out.FieldNamed(f.Name)
		if k < 0 {
			out.Elems = append(out.Elems, f)
			continue
		}
		t, ok := Common(out.Elems[k].Type, f.Type)
		if !ok {
			return Type{}, false
		}
		out.Elems[k].Type = t
	}
	return out, true
}

// FieldsFrom gives for each field of the STRUCT to the place of the one in from that it is made of, or -1 for one that is NULL; false where
// there is no such conversion. Fields go by name, and by place where no name says otherwise.
func FieldsFrom(from, to Type) ([]int, bool) {
	out := make([]int, len(to.Elems))
	known := 0
	for i, f := range to.Elems {
		if out[i] = from.FieldNamed(f.Name); out[i] >= 0 {
			known++
		}
	}
	if alike(from, to) || known == 0 && len(from.Elems) == len(to.Elems) {
		for i := range out {
			out[i] = i
		}
		return out, true
	}
	return out, known == len(from.Elems)
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
	case from.Kind == UUID && to.Kind == Varchar, from.Kind == Enum && to.Kind == Varchar, from.Kind == Bit && to.Kind == Varchar, from.Kind == JSON && to.Kind == Varchar:
		return 3, true
	case from.Kind == TimeTZ && to.Kind == Time:
		return 9, true
	case from.Kind == Varchar && to.Kind == Binary:
		return 8, true
	case from.IsNested():
		c, same := Common(from, to)
		return 2, same && c.Equal(to)
	}
	return 0, false
}
