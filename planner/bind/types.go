package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

var typeNames = map[string]types.Kind{
	"BOOLEAN": types.Boolean, "BOOL": types.Boolean, "LOGICAL": types.Boolean,
	"TINYINT": types.TinyInt, "INT1": types.TinyInt, "BYTE": types.TinyInt, "SMALLINT": types.SmallInt, "INT2": types.SmallInt, "SHORT": types.SmallInt,
	"INTEGER": types.Integer, "INT": types.Integer, "INT4": types.Integer, "SIGNED": types.Integer, "MEDIUMINT": types.Integer, "SERIAL": types.Integer, "SERIAL4": types.Integer,
	"BIGINT": types.BigInt, "INT8": types.BigInt, "LONG": types.BigInt, "BIGSERIAL": types.BigInt, "SERIAL8": types.BigInt, "INT64": types.BigInt, "INT32": types.Integer, "INT16": types.SmallInt, "SMALLSERIAL": types.SmallInt,
	"UTINYINT": types.UTinyInt, "UINT8": types.UTinyInt, "USMALLINT": types.USmallInt, "UINT16": types.USmallInt, "UINTEGER": types.UInteger, "UINT32": types.UInteger, "UBIGINT": types.UBigInt, "UINT64": types.UBigInt,
	"REAL": types.Real, "FLOAT4": types.Real, "FLOAT": types.Real, "DOUBLE": types.Double, "DOUBLE PRECISION": types.Double, "FLOAT8": types.Double,
	"VARCHAR": types.Varchar, "STRING": types.Varchar, "TEXT": types.Varchar, "CHAR": types.Varchar, "BPCHAR": types.Varchar, "CHARACTER": types.Varchar, "CHARACTER VARYING": types.Varchar, "NVARCHAR": types.Varchar, "NCHAR": types.Varchar, "NAME": types.Varchar, "CLOB": types.Varchar,
	"BINARY": types.Binary, "BYTEA": types.Binary, "BLOB": types.Binary, "VARBINARY": types.Binary,
	"DATE": types.Date, "TIME": types.Time, "TIMESTAMP": types.Timestamp, "DATETIME": types.Timestamp, "TIMESTAMP_NTZ": types.Timestamp, "TIMESTAMP WITHOUT TIME ZONE": types.Timestamp,
	"TIMESTAMPTZ": types.TimestampTZ, "TIMESTAMP WITH TIME ZONE": types.TimestampTZ, "TIMESTAMP_LTZ": types.TimestampTZ, "INTERVAL": types.Interval, "UUID": types.UUID, "JSON": types.JSON, "JSONB": types.JSON, "BIT": types.Bit, "BITSTRING": types.Bit, "BIT VARYING": types.Bit, "VARBIT": types.Bit, "TIMETZ": types.TimeTZ, "TIME WITH TIME ZONE": types.TimeTZ,
	"TIME WITHOUT TIME ZONE": types.Time, "TIMESTAMP_S": types.Timestamp, "TIMESTAMP_MS": types.Timestamp, "TIMESTAMP_US": types.Timestamp, "TIMESTAMP_NS": types.Timestamp,
}

// Type resolves a type as written. named, if it is not nil, gives types that somebody made.
func Type(t *ast.TypeName, named func(string) (types.Type, bool)) (types.Type, error) {
	switch strings.ToUpper(t.Name) {
	case "ARRAY":
		e, err := Type(t.Elem, named)
		a := types.NewArray(e)
		if len(t.Params) == 1 && err == nil {
			if t.Params[0] < 1 || t.Params[0] > maxLabels {
				return a, sqlerr.At(sqlerr.Bind, t.Pos, "an array has from 1 to %d elements where their number is part of the type", maxLabels)
			}
			a.N = int32(t.Params[0])
		}
		return a, err
	case "MAP":
		k, err := Type(t.Key, named)
		if err != nil {
			return k, err
		}
		v, err := Type(t.Elem, named)
		return types.NewMap(k, v), err
	case "STRUCT":
		var fields []types.Field
		for _, f := range t.Fields {
			ft, err := Type(f.Type, named)
			if err != nil {
				return ft, err
			}
			fields = append(fields, types.Field{Name: f.Name.Text, Type: ft})
		}
		return types.NewStruct(fields...), nil
	case "DECIMAL", "NUMERIC", "DEC", "NUMBER":
		return decimalType(t)
	case "HUGEINT", "INT128":
		return types.THugeInt, nil
	case "NULL", "VOID":
		return types.TNull, nil
	case "ENUM":
		return enumType(t)
	}
	name := strings.ToUpper(t.Name)
	k, ok := typeNames[name]
	if u, is := madeType(named, t.Name); !ok && is {
		return u, nil
	}
	if !ok {
		var names []string
		for n := range typeNames {
			names = append(names, n)
		}
		return types.Type{}, sqlerr.At(sqlerr.NotFound, t.Pos, "type %s does not exist", t.Name).WithHint("%s", sqlerr.DidYouMean(t.Name, names))
	}
	out := types.Type{Kind: k}
	if k == types.Varchar && len(t.Params) > 0 {
		out.N = int32(t.Params[0])
		out.Fixed = strings.HasPrefix(name, "CHAR") && name != "CHARACTER VARYING" || name == "NCHAR" || name == "BPCHAR"
		if t.Params[0] < 1 {
			return out, sqlerr.At(sqlerr.Bind, t.Pos, "%s(%d): the length must be at least 1", t.Name, t.Params[0])
		}
	}
	switch {
	case k == types.Bit && len(t.Params) > 0:
		return out, sqlerr.At(sqlerr.Unsupported, t.Pos, "BIT of a given length is not supported").WithHint("BIT, with CHECK (length(column) = %d)", t.Params[0])
	case name == "TIMESTAMP_S" || name == "TIMESTAMP_MS":
		out.P = map[string]uint8{"TIMESTAMP_S": 1, "TIMESTAMP_MS": 4}[name]
	case (k == types.Timestamp || k == types.TimestampTZ) && len(t.Params) == 1 && t.Params[0] >= 0 && t.Params[0] < 6:
		out.P = uint8(t.Params[0]) + 1
	}
	if k == types.Real && len(t.Params) == 1 && t.Params[0] > 24 {
		out.Kind = types.Double
	}
	return out, nil
}

// madeType looks a type up that somebody made, by the last part of its name.
func madeType(named func(string) (types.Type, bool), name string) (types.Type, bool) {
	if named == nil {
		return types.Type{}, false
	}
	return named(name[strings.LastIndexByte(name, '.')+1:])
}

// maxLabels bounds the values of an ENUM.
const maxLabels = 1 << 20

// enumType is ENUM('a', 'b').
func enumType(t *ast.TypeName) (types.Type, error) {
	if len(t.Values) == 0 {
		return types.Type{}, sqlerr.At(sqlerr.Bind, t.Pos, "an ENUM needs values").WithHint("ENUM('small', 'large')")
	}
	if len(t.Values) > maxLabels {
		return types.Type{}, sqlerr.At(sqlerr.Bind, t.Pos, "an ENUM has at most %d values", maxLabels)
	}
	seen := map[string]bool{}
	for _, v := range t.Values {
		if seen[v] {
			return types.Type{}, sqlerr.At(sqlerr.Bind, t.Pos, "the ENUM has the value '%s' twice", v)
		}
		seen[v] = true
	}
	return types.NewEnum(t.Values), nil
}

func decimalType(t *ast.TypeName) (types.Type, error) {
	p, s := 18, 3
	if len(t.Params) > 0 {
		p, s = t.Params[0], 0
	}
	if len(t.Params) > 1 {
		s = t.Params[1]
	}
	if p < 1 || p > types.MaxPrecision || s < 0 || s > p {
		return types.Type{}, sqlerr.At(sqlerr.Bind, t.Pos, "DECIMAL(%d,%d): precision is 1 to 38, scale 0 to precision", p, s)
	}
	return types.NewDecimal(p, s), nil
}

// cast converts e to t, unless it has that type already. Constant text is read at once, so that its error has a place.
func (b *Binder) cast(e expr.Expr, t types.Type, pos int) (expr.Expr, error) {
	return b.castFor(e, t, pos, "")
}

// castFor is cast for a column of a table, which errors name.
func (b *Binder) castFor(e expr.Expr, t types.Type, pos int, column string) (expr.Expr, error) {
	from := e.Type()
	if from.Equal(t) || from.Kind == types.Varchar && t.Kind == types.Varchar && t.N == 0 {
		return e, nil
	}
	if expr.IsConstNull(e) {
		return expr.NewNull(t), nil
	}
	if t.Kind == types.JSON && from.Kind != types.Varchar {
		return b.call("to_json", []expr.Expr{e}, pos)
	}
	if _, ok := kernel.NewCaster(from, t); !ok {
		return nil, sqlerr.For(column, sqlerr.At(sqlerr.Bind, pos, "cannot cast %s to %s", from, t))
	}
	c := &expr.Cast{Arg: e, T: t, Pos: pos, For: column}
	if _, ok := e.(*expr.Const); ok && b.Fold != nil && from.Kind != types.TimestampTZ && t.Kind != types.TimestampTZ {
		k, err := b.Fold(c)
		if err != nil {
			return nil, sqlerr.WithPos(err, pos)
		}
		return k, nil
	}
	return c, nil
}

// unify brings two values to one type: a constant takes the other's type where it fits it exactly; text turns into what it meets.
// Decimals of equal scale stay as they are.
func (b *Binder) unify(l, r expr.Expr, pos int) (expr.Expr, expr.Expr, error) {
	lt, rt := l.Type(), r.Type()
	if lt.Equal(rt) || lt.Kind == types.Decimal && rt.Kind == types.Decimal && lt.S == rt.S {
		return l, r, nil
	}
	l, r = exactText(l, rt), exactText(r, lt)
	lt, rt = l.Type(), r.Type()
	if c := b.exactly(r, lt); c != nil {
		return l, c, nil
	}
	if c := b.exactly(l, rt); c != nil {
		return c, r, nil
	}
	t, ok := types.Common(lt, rt)
	_, lc := l.(*expr.Const)
	_, rc := r.(*expr.Const)
	if lt.Kind == types.Enum && rt.Kind == types.Varchar && !rc || rt.Kind == types.Enum && lt.Kind == types.Varchar && !lc {
		// texts of a column need not be among the ENUM's
	} else if lt.Kind == types.Enum && !ok && !rt.IsNested() {
		t, ok = rt, true
	} else if rt.Kind == types.Enum && !ok && !lt.IsNested() {
		t, ok = lt, true
	} else if lt.Kind == types.Varchar && rt.Kind != types.Varchar && !rt.IsNested() && rt.Kind != types.Null {
		t, ok = rt, true
	} else if rt.Kind == types.Varchar && lt.Kind != types.Varchar && !lt.IsNested() && lt.Kind != types.Null {
		t, ok = lt, true
	}
	if lt.Kind == types.Boolean && rt.IsNumeric() {
		t, ok = rt, true
	} else if rt.Kind == types.Boolean && lt.IsNumeric() {
		t, ok = lt, true
	}
	if !ok {
		return nil, nil, sqlerr.At(sqlerr.Bind, pos, "%s and %s cannot be compared", lt, rt).WithHint("write a CAST")
	}
	l, err := b.cast(l, t, pos)
	if err != nil {
		return nil, nil, err
	}
	r, err = b.cast(r, t, pos)
	return l, r, err
}

// exactText reads a text that stands beside an exact number as the number that it says, whatever its digits: 1.5 is not '1.51'.
func exactText(e expr.Expr, beside types.Type) expr.Expr {
	text, ok := expr.Text(e)
	if !ok || e.Type().Kind != types.Varchar || !beside.IsExact() {
		return e
	}
	text = strings.TrimSpace(text)
	_, frac, _ := strings.Cut(text, ".")
	t := types.NewDecimal(types.MaxPrecision, min(len(frac), types.MaxPrecision))
	x, exact, ok := kernel.ParseDecimal([]byte(text), int(t.P), int(t.S))
	if !ok || !exact || strings.ContainsAny(text, "eE") {
		return e
	}
	v := vec.New(t, 1)
	vec.Values[vec.Int128](v)[0] = x
	v.SetConst(1)
	return &expr.Const{V: v}
}

// exactly gives the number constant e as a value of t if nothing of it is lost, else nil.
func (b *Binder) exactly(e expr.Expr, t types.Type) expr.Expr {
	c, ok := e.(*expr.Const)
	if !ok || c.V.IsNull(0) || !c.V.Type.IsExact() || !t.IsExact() || c.V.Type.Equal(t) {
		return nil
	}
	f, ok := kernel.NewCaster(c.V.Type, t)
	if !ok {
		return nil
	}
	out := vec.New(t, 1)
	if f.Run(c.V, vec.Identity(1), out, true, nil) != nil || out.IsNull(0) {
		return nil
	}
	x, ok1 := kernel.Rescale128(kernel.Int128At(c.V, 0), int(c.V.Type.S), max(int(c.V.Type.S), int(t.S)))
	y, ok2 := kernel.Rescale128(kernel.Int128At(out, 0), int(t.S), max(int(c.V.Type.S), int(t.S)))
	if !ok1 || !ok2 || x != y {
		return nil
	}
	out.SetConst(1)
	return &expr.Const{V: out}
}

// unifyAll brings values to one type.
func (b *Binder) unifyAll(list []expr.Expr, pos int, what string) ([]expr.Expr, types.Type, error) {
	t := types.TNull
	for _, e := range list {
		c, ok := types.Common(t, e.Type())
		if !ok {
			return nil, t, sqlerr.At(sqlerr.Bind, pos, "%s mixes %s and %s", what, t, e.Type()).WithHint("write a CAST")
		}
		t = c
	}
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		c, err := b.cast(e, t, pos)
		if err != nil {
			return nil, t, err
		}
		out[i] = c
	}
	return out, t, nil
}

func (b *Binder) castExpr(x *ast.Cast, s *scope) (expr.Expr, error) {
	t, err := Type(x.Type, b.Session.Type)
	if err != nil {
		return nil, err
	}
	e, err := b.expr(x.Expr, s)
	if err != nil {
		return nil, err
	}
	from := e.Type()
	if x.Type.Name == "DECIMAL" && len(x.Type.Params) == 0 && from.Kind == types.Decimal {
		t = from
	}
	if t.Kind == types.JSON && from.Kind != types.Varchar && from.Kind != types.JSON && from.Kind != types.Null {
		return b.call("to_json", []expr.Expr{e}, x.Pos)
	}
	if _, ok := kernel.NewCaster(from, t); !ok && from.Kind != types.Null {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "cannot cast %s to %s", from, t)
	}
	if from.Equal(t) {
		return e, nil
	}
	if expr.IsConstNull(e) {
		return expr.NewNull(t), nil
	}
	return &expr.Cast{Arg: e, T: t, Try: x.Try, Pos: x.Pos}, nil
}

// intOf gives the value of an integer, DATE or unscaled DECIMAL constant.
func intOf(c *expr.Const) int64 { return int64(kernel.Int128At(c.V, 0).Lo) }
