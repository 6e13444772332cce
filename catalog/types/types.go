// Package types holds the SQL types and how they relate: names, physical layout classes, common
// supertypes and implicit casts. It is a leaf: it imports nothing of the engine.
package types

import (
	"fmt"
	"slices"
	"strings"
)

// Kind names a SQL type without its parameters.
type Kind uint8

// The kinds. Their order is the order of widening within a family.
const (
	Null Kind = iota // the type of an untyped NULL
	Boolean
	TinyInt
	SmallInt
	Integer
	BigInt
	UTinyInt
	USmallInt
	UInteger
	UBigInt
	Decimal
	Real
	Double
	Varchar
	Binary
	Date
	Time        // microseconds since midnight
	Timestamp   // microseconds since 1970-01-01, no zone
	TimestampTZ // microseconds since 1970-01-01T00:00Z
	Interval    // months, days, microseconds
	UUID        // kept as its 36-character text
	Enum        // one of a list of texts: its place there
	Bit         // any number of bits: a text of 0 and 1
	TimeTZ      // a time of day with the offset of a zone: see kernel.PackTimeTZ
	JSON        // kept as text
	Array
	Struct
	Map
)

var kindNames = [...]string{
	Null: "NULL", Boolean: "BOOLEAN", TinyInt: "TINYINT", SmallInt: "SMALLINT", Integer: "INTEGER", BigInt: "BIGINT",
	UTinyInt: "UTINYINT", USmallInt: "USMALLINT", UInteger: "UINTEGER", UBigInt: "UBIGINT", Decimal: "DECIMAL",
	Real: "REAL", Double: "DOUBLE", Varchar: "VARCHAR", Binary: "BINARY", Date: "DATE", Time: "TIME",
	Timestamp: "TIMESTAMP", TimestampTZ: "TIMESTAMPTZ", Interval: "INTERVAL", UUID: "UUID", Enum: "ENUM", Bit: "BIT", TimeTZ: "TIMETZ", JSON: "JSON",
	Array: "ARRAY", Struct: "STRUCT", Map: "MAP",
}

// String gives the SQL name of the kind.
func (k Kind) String() string { return kindNames[k] }

// Type is a SQL type: a value, compared with Equal.
type Type struct {
	Kind  Kind
	P, S  uint8   // DECIMAL precision 1–38 and scale 0–P; TIMESTAMP(p), TIMESTAMPTZ(p): P is p+1, 0 = microseconds
	N     int32   // CHAR(n), VARCHAR(n): the limit in code points; T[n]: the number of elements; 0 = none
	Fixed bool    // CHAR(n): blanks at the end do not count
	Elems []Field // ARRAY: one; MAP: key and value; STRUCT: the fields; ENUM: its texts, as names
}

// Field is a named component of a nested type, or a column of a schema.
type Field struct {
	Name    string
	Type    Type
	NotNull bool
}

// Plain types without parameters.
var (
	TNull        = Type{Kind: Null}
	TBoolean     = Type{Kind: Boolean}
	TInteger     = Type{Kind: Integer}
	TBigInt      = Type{Kind: BigInt}
	TDouble      = Type{Kind: Double}
	TReal        = Type{Kind: Real}
	TVarchar     = Type{Kind: Varchar}
	TBinary      = Type{Kind: Binary}
	TDate        = Type{Kind: Date}
	TTime        = Type{Kind: Time}
	TTimestamp   = Type{Kind: Timestamp}
	TTimestampTZ = Type{Kind: TimestampTZ}
	TInterval    = Type{Kind: Interval}
	TUUID        = Type{Kind: UUID}
	TJSON        = Type{Kind: JSON}
	TBit         = Type{Kind: Bit}
	TTimeTZ      = Type{Kind: TimeTZ}
)

// MaxPrecision is the largest number of digits of a DECIMAL.
const MaxPrecision = 38

// hugePrecision is the precision that stands for HUGEINT: a DECIMAL without a fraction that has all numbers of 127 bits and a sign, and so some of
// 39 digits. Beside a DECIMAL with a fraction it is one of 38 digits.
const hugePrecision = MaxPrecision + 1

// THugeInt is HUGEINT.
var THugeInt = Type{Kind: Decimal, P: hugePrecision}

// IsHuge tells whether t is HUGEINT.
func (t Type) IsHuge() bool { return t.Kind == Decimal && t.P == hugePrecision }

// NewDecimal is DECIMAL(p,s).
func NewDecimal(p, s int) Type { return Type{Kind: Decimal, P: uint8(p), S: uint8(s)} }

// NewArray is ARRAY<elem>.
func NewArray(elem Type) Type {
	return Type{Kind: Array, Elems: []Field{{Name: "element", Type: elem}}}
}

// NewMap is MAP<key, value>.
func NewMap(key, value Type) Type {
	return Type{Kind: Map, Elems: []Field{{Name: "key", Type: key, NotNull: true}, {Name: "value", Type: value}}}
}

// NewEnum is ENUM(labels…).
func NewEnum(labels []string) Type {
	t := Type{Kind: Enum, Elems: make([]Field, len(labels))}
	for i, l := range labels {
		t.Elems[i].Name = l
	}
	return t
}

// Label gives the text of an ENUM's value.
func (t Type) Label(i int32) string {
	if i < 0 || int(i) >= len(t.Elems) {
		return ""
	}
	return t.Elems[i].Name
}

// Labels gives an ENUM's texts with their values.
func (t Type) Labels() map[string]int32 {
	out := make(map[string]int32, len(t.Elems))
	for i, e := range t.Elems {
		out[e.Name] = int32(i)
	}
	return out
}

// Plain gives t with VARCHAR in the place of ENUM, BIT and TIMETZ, and DECIMAL(38) in that of HUGEINT: what other systems and files have for them.
func (t Type) Plain() Type {
	if t.Kind == Enum || t.Kind == Bit || t.Kind == TimeTZ {
		return TVarchar
	}
	if t.IsHuge() {
		return NewDecimal(MaxPrecision, 0)
	}
	if !t.IsNested() {
		return t
	}
	out := t
	out.Elems = make([]Field, len(t.Elems))
	for i, e := range t.Elems {
		e.Type = e.Type.Plain()
		out.Elems[i] = e
	}
	return out
}

// NewStruct is STRUCT<fields…>.
func NewStruct(fields ...Field) Type { return Type{Kind: Struct, Elems: fields} }

// Equal tells whether t and u are the same type. Length limits of strings count; nullability does not.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.P != u.P || t.S != u.S || t.N != u.N || t.Fixed != u.Fixed || len(t.Elems) != len(u.Elems) {
		return false
	}
	if t.Kind == Enum {
		return len(t.Elems) == 0 || &t.Elems[0] == &u.Elems[0] || slices.EqualFunc(t.Elems, u.Elems, func(a, b Field) bool { return a.Name == b.Name })
	}
	for i := range t.Elems {
		if t.Kind == Struct && !strings.EqualFold(t.Elems[i].Name, u.Elems[i].Name) || !t.Elems[i].Type.Equal(u.Elems[i].Type) {
			return false
		}
	}
	return true
}

// String gives the SQL spelling of the type.
func (t Type) String() string {
	switch t.Kind {
	case Decimal:
		if t.IsHuge() {
			return "HUGEINT"
		}
		return fmt.Sprintf("DECIMAL(%d,%d)", t.P, t.S)
	case Varchar:
		if t.Fixed {
			return fmt.Sprintf("CHAR(%d)", t.N)
		}
		if t.N > 0 {
			return fmt.Sprintf("VARCHAR(%d)", t.N)
		}
	case Enum:
		var b strings.Builder
		for i, e := range t.Elems {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("'" + strings.ReplaceAll(e.Name, "'", "''") + "'")
		}
		return "ENUM(" + b.String() + ")"
	case Timestamp, TimestampTZ:
		switch {
		case t.P == 0:
		case t.Kind == Timestamp && t.P == 1:
			return "TIMESTAMP_S"
		case t.Kind == Timestamp && t.P == 4:
			return "TIMESTAMP_MS"
		default:
			return fmt.Sprintf("%s(%d)", t.Kind, t.P-1)
		}
	case Array:
		if t.N > 0 {
			return fmt.Sprintf("%s[%d]", t.Elems[0].Type, t.N)
		}
		return t.Elems[0].Type.String() + "[]"
	case Map:
		return "MAP(" + t.Elems[0].Type.String() + ", " + t.Elems[1].Type.String() + ")"
	case Struct:
		var b strings.Builder
		b.WriteString("STRUCT(")
		for i, f := range t.Elems {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(f.Name + " " + f.Type.String())
		}
		b.WriteString(")")
		return b.String()
	}
	return t.Kind.String()
}

// Phys is how values of a type lie in memory.
type Phys uint8

// The physical layouts. Booleans take a byte a value (0 or 1): selections are made from them all the time,
// and bytes select without unpacking. TINYINT, SMALLINT and small unsigned integers widen to 32 bits, REAL to
// a float64 that holds a float32: fewer kernels; the Arrow edge restores the declared width.
const (
	PBool     Phys = iota // uint8: BOOLEAN
	PI32                  // int32: TINYINT…INTEGER, UTINYINT, USMALLINT, DATE (days since 1970-01-01), ENUM
	PI64                  // int64: BIGINT, UINTEGER, DECIMAL(p≤18), TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ; NULL
	PI128                 // two int64 words, low first: DECIMAL(p>18), UBIGINT
	PF64                  // float64: REAL, DOUBLE
	PView                 // 16-byte string views: VARCHAR, BINARY, UUID, BIT, JSON
	PInterval             // months int32, days int32, micros int64
	PList                 // ARRAY, MAP: offset and length, one child (MAP: a struct of key and value)
	PStruct               // STRUCT: one child a field
)

// Phys gives the physical layout of t.
func (t Type) Phys() Phys {
	switch t.Kind {
	case Boolean:
		return PBool
	case TinyInt, SmallInt, Integer, UTinyInt, USmallInt, Date, Enum:
		return PI32
	case Null, BigInt, UInteger, Time, Timestamp, TimestampTZ, TimeTZ:
		return PI64
	case Decimal:
		if t.P <= 18 {
			return PI64
		}
		return PI128
	case UBigInt:
		return PI128
	case Real, Double:
		return PF64
	case Varchar, Binary, UUID, Bit, JSON:
		return PView
	case Interval:
		return PInterval
	case Array, Map:
		return PList
	default:
		return PStruct
	}
}

// Width is the bytes of one value in a vector's data; 0 for STRUCT.
func (p Phys) Width() int {
	switch p {
	case PBool:
		return 1
	case PI32:
		return 4
	case PI64, PF64, PList:
		return 8
	case PStruct:
		return 0
	default:
		return 16
	}
}

// IsInteger tells whether t is a signed or unsigned integer type.
func (t Type) IsInteger() bool { return t.Kind >= TinyInt && t.Kind <= UBigInt }

// IsNumeric tells whether t is an integer, DECIMAL, REAL or DOUBLE.
func (t Type) IsNumeric() bool { return t.Kind >= TinyInt && t.Kind <= Double }

// IsExact tells whether t is an integer or DECIMAL.
func (t Type) IsExact() bool { return t.Kind >= TinyInt && t.Kind <= Decimal }

// IsString tells whether t is VARCHAR or CHAR.
func (t Type) IsString() bool { return t.Kind == Varchar }

// IsNested tells whether t is ARRAY, STRUCT or MAP.
func (t Type) IsNested() bool { return t.Kind >= Array }

// IsTemporal tells whether t is DATE, TIME, TIMESTAMP or TIMESTAMPTZ.
func (t Type) IsTemporal() bool { return t.Kind >= Date && t.Kind <= TimestampTZ }

// IntegerDigits is how many decimal digits the integer kind k needs.
func IntegerDigits(k Kind) int {
	switch k {
	case TinyInt, UTinyInt:
		return 3
	case SmallInt, USmallInt:
		return 5
	case Integer, UInteger:
		return 10
	case BigInt:
		return 19
	default:
		return 20
	}
}
