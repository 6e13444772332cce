package types

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

var typeNames = map[string]Type{
	"BOOLEAN": TBoolean, "BOOL": TBoolean, "TINYINT": {Kind: TinyInt}, "INT1": {Kind: TinyInt}, "SMALLINT": {Kind: SmallInt}, "INT2": {Kind: SmallInt},
	"INTEGER": TInteger, "INT": TInteger, "INT4": TInteger, "BIGINT": TBigInt, "INT8": TBigInt, "LONG": TBigInt,
	"UTINYINT": {Kind: UTinyInt}, "USMALLINT": {Kind: USmallInt}, "UINTEGER": {Kind: UInteger}, "UBIGINT": {Kind: UBigInt},
	"HUGEINT": THugeInt, "REAL": TReal, "FLOAT": TReal, "FLOAT4": TReal, "DOUBLE": TDouble, "FLOAT8": TDouble, "DOUBLE PRECISION": TDouble,
	"VARCHAR": TVarchar, "STRING": TVarchar, "TEXT": TVarchar, "CHAR": TVarchar, "BINARY": TBinary, "BLOB": TBinary, "BYTEA": TBinary,
	"DATE": TDate, "TIME": TTime, "TIMESTAMP": TTimestamp, "TIMESTAMP_S": {Kind: Timestamp, P: 1}, "TIMESTAMP_MS": {Kind: Timestamp, P: 4}, "DATETIME": TTimestamp, "TIMESTAMPTZ": TTimestampTZ, "TIMESTAMP WITH TIME ZONE": TTimestampTZ,
	"INTERVAL": TInterval, "UUID": TUUID, "BIT": TBit, "TIMETZ": TTimeTZ, "JSON": TJSON, "DECIMAL": NewDecimal(18, 3), "NUMERIC": NewDecimal(18, 3), "DEC": NewDecimal(18, 3),
}

// Names gives the names of types that Parse knows.
func Names() []string {
	out := []string{"ARRAY", "LIST", "MAP", "STRUCT", "ROW"}
	for n := range typeNames {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// UnknownError says that there is no type of this name.
type UnknownError struct{ Name string }

// Error gives the message.
func (e *UnknownError) Error() string {
	return "type " + e.Name + " does not exist, or cannot be read from text"
}

// Parse reads the name of a type, nested ones too: INTEGER[], ARRAY<INT>, STRUCT(a INTEGER, b VARCHAR), STRUCT<a: INT>, MAP(VARCHAR, DATE).
func Parse(text string) (Type, error) {
	p := typeParser{s: text}
	t, err := p.typ(0)
	if err == nil && strings.TrimSpace(p.s) != "" {
		err = fmt.Errorf("type %s has something behind it: %s", text, strings.TrimSpace(p.s))
	}
	return t, err
}

// typeParser reads a type from the text that is left of it.
type typeParser struct {
	s string
}

const maxTypeDepth = 64

func (p *typeParser) typ(depth int) (Type, error) {
	if depth > maxTypeDepth {
		return Type{}, fmt.Errorf("the type is nested deeper than %d", maxTypeDepth)
	}
	name := strings.ToUpper(p.word())
	t, err := p.named(name, depth)
	for err == nil && p.take("[") {
		t = NewArray(t)
		if p.take("]") {
			continue
		}
		n, bad := strconv.Atoi(p.word())
		if bad != nil || n < 1 || n > math.MaxInt32 || !p.take("]") {
			return t, p.expected("]")
		}
		t.N = int32(n)
	}
	return t, err
}

func (p *typeParser) named(name string, depth int) (Type, error) {
	switch name {
	case "ARRAY", "LIST":
		k, err := p.inner(depth, 1)
		if err != nil {
			return Type{}, err
		}
		return NewArray(k[0].Type), nil
	case "MAP":
		k, err := p.inner(depth, 2)
		if err != nil {
			return Type{}, err
		}
		return NewMap(k[0].Type, k[1].Type), nil
	case "ENUM":
		return p.labels()
	case "STRUCT", "ROW":
		k, err := p.inner(depth, 0)
		if err != nil {
			return Type{}, err
		}
		return NewStruct(k...), nil
	}
	t, ok := typeNames[name]
	switch {
	case name == "":
		return t, p.expected("a name")
	case !ok:
		return t, &UnknownError{name}
	}
	if !p.take("(") {
		return t, nil
	}
	var n []int
	for {
		x, err := strconv.Atoi(p.word())
		if err != nil || x < 0 {
			return t, fmt.Errorf("type %s has parameters that are no numbers", name)
		}
		if n = append(n, x); !p.take(",") {
			break
		}
	}
	if !p.take(")") {
		return t, p.expected(")")
	}
	return p.sized(t, name, n)
}

// labels reads ('a', 'b').
func (p *typeParser) labels() (Type, error) {
	var out []string
	for end := "("; !p.take(")") || len(out) == 0; end = "," {
		if !p.take(end) || !p.take("'") {
			return Type{}, p.expected("'")
		}
		var b strings.Builder
		for {
			text, rest, ok := strings.Cut(p.s, "'")
			if !ok {
				return Type{}, p.expected("'")
			}
			b.WriteString(text)
			p.s = rest
			if !strings.HasPrefix(rest, "'") {
				break
			}
			b.WriteByte('\'')
			p.s = rest[1:]
		}
		out = append(out, b.String())
	}
	return NewEnum(out), nil
}

// sized gives a type its parameters.
func (p *typeParser) sized(t Type, name string, n []int) (Type, error) {
	switch {
	case t.Kind == Decimal && len(n) <= 2 && n[0] >= 1 && n[0] <= MaxPrecision:
		s := 0
		if len(n) == 2 {
			s = n[1]
		}
		if s > n[0] {
			return t, fmt.Errorf("%s(%d, %d): the scale is larger than the precision", name, n[0], s)
		}
		return NewDecimal(n[0], s), nil
	case (t.Kind == Timestamp || t.Kind == TimestampTZ) && len(n) == 1 && n[0] <= 6:
		if n[0] < 6 {
			t.P = uint8(n[0]) + 1
		}
		return t, nil
	case t.Kind == Varchar && len(n) == 1 && n[0] > 0 && n[0] < 1<<31:
		t.N, t.Fixed = int32(n[0]), name == "CHAR"
		return t, nil
	}
	return t, fmt.Errorf("type %s has wrong parameters", name)
}

// inner reads the types in () or <>: so many, or named ones if want is 0.
func (p *typeParser) inner(depth, want int) ([]Field, error) {
	end := ")"
	if p.take("<") {
		end = ">"
	} else if !p.take("(") {
		return nil, p.expected("(")
	}
	var out []Field
	for {
		var f Field
		if want == 0 {
			if f.Name = p.word(); f.Name == "" {
				return nil, p.expected("a name")
			}
			p.take(":")
		}
		var err error
		if f.Type, err = p.typ(depth + 1); err != nil {
			return nil, err
		}
		if out = append(out, f); !p.take(",") {
			break
		}
	}
	if !p.take(end) || want > 0 && len(out) != want {
		return nil, p.expected(end)
	}
	return out, nil
}

func (p *typeParser) expected(what string) error {
	return fmt.Errorf("a type such as INTEGER[], STRUCT(a INTEGER, b VARCHAR) or MAP(VARCHAR, DATE) is expected, with %s before '%s'", what, p.s)
}

func (p *typeParser) take(s string) bool {
	p.s = strings.TrimLeft(p.s, " \t\n")
	rest, ok := strings.CutPrefix(p.s, s)
	if ok {
		p.s = rest
	}
	return ok
}

// word reads a name, in quotes or not. DOUBLE PRECISION and TIMESTAMP WITH TIME ZONE are one.
func (p *typeParser) word() string {
	if p.take(`"`) {
		w, rest, _ := strings.Cut(p.s, `"`)
		p.s = rest
		return w
	}
	p.take("")
	for _, long := range []string{"DOUBLE PRECISION", "TIMESTAMP WITH TIME ZONE"} {
		if len(p.s) >= len(long) && strings.EqualFold(p.s[:len(long)], long) {
			p.s = p.s[len(long):]
			return long
		}
	}
	i := strings.IndexAny(p.s, " \t\n()<>[],:\"")
	if i < 0 {
		i = len(p.s)
	}
	w := p.s[:i]
	p.s = p.s[i:]
	return w
}
