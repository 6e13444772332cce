package storage

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// Bool reads a switch: true, false, 1, 0, on, off; without a value it is on.
func (o Option) Bool(name string) (bool, error) {
	switch strings.ToLower(o.Text) {
	case "true", "1", "on", "":
		return true, nil
	case "false", "0", "off":
		return false, nil
	}
	return false, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is true or false, not %s", name, o.Text)
}

// Int reads a whole number within bounds.
func (o Option) Int(name string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(o.Text, "_", ""), 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is a whole number from %d to %d, not %s", name, lo, hi, o.Text)
	}
	return n, nil
}

// Fields reads names with types: {'a': 'INTEGER', 'b': 'VARCHAR'}.
func (o Option) Fields() ([]types.Field, error) {
	if len(o.List) == 0 || len(o.Keys) != len(o.List) {
		return nil, sqlerr.At(sqlerr.Bind, o.Pos, "columns names each column and its type: columns => {'a': 'INTEGER', 'b': 'VARCHAR'}")
	}
	var out []types.Field
	for i, x := range o.List {
		t, err := x.Type()
		if err != nil {
			return nil, err
		}
		out = append(out, types.Field{Name: o.Keys[i], Type: t})
	}
	return out, nil
}

var typeNames = map[string]types.Type{
	"BOOLEAN": types.TBoolean, "BOOL": types.TBoolean, "TINYINT": {Kind: types.TinyInt}, "INT1": {Kind: types.TinyInt}, "SMALLINT": {Kind: types.SmallInt}, "INT2": {Kind: types.SmallInt},
	"INTEGER": types.TInteger, "INT": types.TInteger, "INT4": types.TInteger, "BIGINT": types.TBigInt, "INT8": types.TBigInt, "LONG": types.TBigInt,
	"UTINYINT": {Kind: types.UTinyInt}, "USMALLINT": {Kind: types.USmallInt}, "UINTEGER": {Kind: types.UInteger}, "UBIGINT": {Kind: types.UBigInt},
	"HUGEINT": types.NewDecimal(38, 0), "REAL": types.TReal, "FLOAT": types.TReal, "FLOAT4": types.TReal, "DOUBLE": types.TDouble, "FLOAT8": types.TDouble, "DOUBLE PRECISION": types.TDouble,
	"VARCHAR": types.TVarchar, "STRING": types.TVarchar, "TEXT": types.TVarchar, "CHAR": types.TVarchar, "BINARY": types.TBinary, "BLOB": types.TBinary, "BYTEA": types.TBinary,
	"DATE": types.TDate, "TIME": types.TTime, "TIMESTAMP": types.TTimestamp, "DATETIME": types.TTimestamp, "TIMESTAMPTZ": types.TTimestampTZ, "TIMESTAMP WITH TIME ZONE": types.TTimestampTZ,
	"INTERVAL": types.TInterval, "UUID": types.TUUID, "JSON": types.TJSON, "DECIMAL": types.NewDecimal(18, 3), "NUMERIC": types.NewDecimal(18, 3), "DEC": types.NewDecimal(18, 3),
}

// Type reads the name of a type, nested ones too: INTEGER[], ARRAY<INT>, STRUCT(a INTEGER, b VARCHAR), STRUCT<a: INT>, MAP(VARCHAR, DATE).
func (o Option) Type() (types.Type, error) {
	p := typeParser{s: o.Text, pos: o.Pos}
	t, err := p.typ(0)
	if err == nil && strings.TrimSpace(p.s) != "" {
		err = sqlerr.At(sqlerr.Bind, o.Pos, "type %s has something behind it: %s", o.Text, strings.TrimSpace(p.s))
	}
	return t, err
}

// typeParser reads a type from the text that is left of it.
type typeParser struct {
	s   string
	pos int
}

const maxTypeDepth = 64

func (p *typeParser) typ(depth int) (types.Type, error) {
	if depth > maxTypeDepth {
		return types.Type{}, sqlerr.At(sqlerr.Limit, p.pos, "the type is nested deeper than %d", maxTypeDepth)
	}
	name := strings.ToUpper(p.word())
	t, err := p.named(name, depth)
	for err == nil && p.take("[") {
		if !p.take("]") {
			return t, p.expected("]")
		}
		t = types.NewArray(t)
	}
	return t, err
}

func (p *typeParser) named(name string, depth int) (types.Type, error) {
	switch name {
	case "ARRAY", "LIST":
		k, err := p.inner(depth, 1)
		if err != nil {
			return types.Type{}, err
		}
		return types.NewArray(k[0].Type), nil
	case "MAP":
		k, err := p.inner(depth, 2)
		if err != nil {
			return types.Type{}, err
		}
		return types.NewMap(k[0].Type, k[1].Type), nil
	case "STRUCT", "ROW":
		k, err := p.inner(depth, 0)
		if err != nil {
			return types.Type{}, err
		}
		return types.NewStruct(k...), nil
	}
	t, ok := typeNames[name]
	if !ok {
		var names []string
		for n := range typeNames {
			names = append(names, n)
		}
		return t, sqlerr.At(sqlerr.NotFound, p.pos, "type %s cannot be read from a file", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	if !p.take("(") {
		return t, nil
	}
	var n []int
	for {
		x, err := strconv.Atoi(p.word())
		if err != nil || x < 0 {
			return t, sqlerr.At(sqlerr.Bind, p.pos, "type %s has parameters that are no numbers", name)
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

// sized gives a type its parameters.
func (p *typeParser) sized(t types.Type, name string, n []int) (types.Type, error) {
	switch {
	case t.Kind == types.Decimal && len(n) <= 2 && n[0] >= 1 && n[0] <= types.MaxPrecision:
		s := 0
		if len(n) == 2 {
			s = n[1]
		}
		if s > n[0] {
			return t, sqlerr.At(sqlerr.Bind, p.pos, "%s(%d, %d): the scale is larger than the precision", name, n[0], s)
		}
		return types.NewDecimal(n[0], s), nil
	case t.Kind == types.Varchar && len(n) == 1 && n[0] > 0 && n[0] < 1<<31:
		t.N, t.Fixed = int32(n[0]), name == "CHAR"
		return t, nil
	}
	return t, sqlerr.At(sqlerr.Bind, p.pos, "type %s has wrong parameters", name)
}

// inner reads the types in () or <>: so many, or named ones if want is 0.
func (p *typeParser) inner(depth, want int) ([]types.Field, error) {
	end := ")"
	if p.take("<") {
		end = ">"
	} else if !p.take("(") {
		return nil, p.expected("(")
	}
	var out []types.Field
	for {
		var f types.Field
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
	return sqlerr.At(sqlerr.Bind, p.pos, "the type wants %s before '%s'", what, p.s).WithHint("INTEGER[], STRUCT(a INTEGER, b VARCHAR), MAP(VARCHAR, DATE)")
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
