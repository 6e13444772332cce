package bind

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

func (b *Binder) literal(x *ast.Literal) (expr.Expr, error) {
	switch x.Kind {
	case ast.NullLit:
		return expr.NewNull(types.TNull), nil
	case ast.BoolLit:
		return expr.NewBool(strings.EqualFold(x.Text, "true")), nil
	case ast.StringLit:
		return expr.NewString(x.Text), nil
	case ast.BlobLit:
		v := vec.NewConst(types.TBinary, 1)
		v.SetBytes(0, []byte(x.Text))
		return &expr.Const{V: v}, nil
	case ast.BitLit:
		if strings.Trim(x.Text, "01") != "" {
			return nil, sqlerr.At(sqlerr.Syntax, x.Pos, "B'%s' is not made of 0 and 1", x.Text)
		}
		v := vec.NewConst(types.TBit, 1)
		v.SetBytes(0, []byte(x.Text))
		return &expr.Const{V: v}, nil
	case ast.IntLit:
		return intLiteral(x)
	case ast.DecimalLit:
		if x.Suffix == "" || x.Suffix == "BD" {
			return decimalLiteral(x)
		}
	}
	return floatLiteral(x)
}

// intLiteral takes the smallest of INTEGER, BIGINT, DECIMAL(p,0) that holds the number.
func intLiteral(x *ast.Literal) (expr.Expr, error) {
	n, err := strconv.ParseInt(x.Text, 0, 64)
	if err != nil || len(x.Text) > 1 && x.Text[0] == '0' {
		i, ok := new(big.Int).SetString(x.Text, 10)
		if !ok {
			i, ok = new(big.Int).SetString(x.Text, 0)
		}
		if !ok {
			return nil, sqlerr.At(sqlerr.Syntax, x.Pos, "%s is not a number", x.Text)
		}
		if !i.IsInt64() {
			return decimalLiteral(&ast.Literal{At: x.At, Kind: ast.DecimalLit, Text: i.String()})
		}
		n = i.Int64()
	}
	switch {
	case x.Suffix == "D" || x.Suffix == "F":
		return floatLiteral(x)
	case x.Suffix == "L" || n != int64(int32(n)):
		return expr.NewInt(types.TBigInt, n), nil
	case x.Suffix == "S" && n == int64(int16(n)):
		return expr.NewInt(types.Type{Kind: types.SmallInt}, n), nil
	case x.Suffix == "Y" && n == int64(int8(n)):
		return expr.NewInt(types.Type{Kind: types.TinyInt}, n), nil
	}
	return expr.NewInt(types.TInteger, n), nil
}

// decimalLiteral gives the number the precision and scale that it is written with.
func decimalLiteral(x *ast.Literal) (expr.Expr, error) {
	text := strings.TrimPrefix(x.Text, "-")
	whole, frac, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	s := len(frac)
	p := max(len(whole)+s, 1)
	if huge := types.THugeInt; p > types.MaxPrecision && s == 0 {
		v := vec.New(huge, 1)
		if kernel.ParseInto([]byte(x.Text), huge, nil, v, 0) == "" {
			v.SetConst(1)
			return &expr.Const{V: v}, nil
		}
		return nil, sqlerr.At(sqlerr.Data, x.Pos, "%s is more than the largest number that is exact, 2 to the power of 127 less 1", x.Text).WithHint("%se0 is a DOUBLE", x.Text)
	}
	if p > types.MaxPrecision {
		return floatLiteral(x)
	}
	t := types.NewDecimal(p, s)
	v := vec.New(t, 1)
	if why := kernel.ParseInto([]byte(x.Text), t, nil, v, 0); why != "" {
		return nil, sqlerr.At(sqlerr.Syntax, x.Pos, "%s is not a number", x.Text)
	}
	v.SetConst(1)
	return &expr.Const{V: v}, nil
}

func floatLiteral(x *ast.Literal) (expr.Expr, error) {
	f, err := strconv.ParseFloat(x.Text, 64)
	if err != nil {
		return nil, sqlerr.At(sqlerr.Data, x.Pos, "%s is out of range", x.Text)
	}
	t := types.TDouble
	if x.Suffix == "F" {
		t, f = types.TReal, float64(float32(f))
	}
	v := vec.NewConst(t, 1)
	vec.Values[float64](v)[0] = f
	return &expr.Const{V: v}, nil
}

func (b *Binder) typedLiteral(x *ast.TypedLiteral) (expr.Expr, error) {
	t, err := Type(x.Type, b.Session.Type)
	if err != nil {
		return nil, err
	}
	return b.readConst(x.Text, t, x.Pos)
}

// readConst reads text as a constant of type t.
func (b *Binder) readConst(text string, t types.Type, pos int) (expr.Expr, error) {
	if _, ok := kernel.NewCaster(types.TVarchar, t); !ok {
		return nil, sqlerr.At(sqlerr.Bind, pos, "there are no literals of type %s", t)
	}
	v := vec.New(t, 1)
	if why := kernel.ParseInto([]byte(text), t, b.Session.Location(), v, 0); why != "" {
		return nil, sqlerr.At(sqlerr.Data, pos, "'%s': %s", text, why)
	}
	v.SetConst(1)
	return &expr.Const{V: v}, nil
}

// interval binds INTERVAL value unit. The value may be a constant, or an expression, which multiplies one unit.
func (b *Binder) interval(x *ast.Interval, s *scope) (expr.Expr, error) {
	var sum expr.Expr
	for first := x; x != nil; x = x.Next {
		if strings.Contains(x.Unit, " TO ") && first.Next != nil {
			return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s stands alone: it does not go with other units", x.Unit)
		}
		e, err := b.intervalPart(x, s)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = e
			continue
		}
		if sum, err = b.call("+", []expr.Expr{sum, e}, x.Pos); err != nil {
			return nil, err
		}
		if c, err := b.Fold(sum); err == nil && expr.IsConstant(sum) {
			sum = c
		}
	}
	return sum, nil
}

func (b *Binder) intervalPart(x *ast.Interval, s *scope) (expr.Expr, error) {
	e, err := b.expr(x.Value, s)
	if err != nil {
		return nil, err
	}
	if c, ok := e.(*expr.Const); ok && !c.V.IsNull(0) {
		text := string(kernel.AppendText(nil, c.V, 0))
		var v vec.IntervalValue
		if from, to, isRange := strings.Cut(x.Unit, " TO "); isRange {
			if !unitRanges[x.Unit] || c.V.Type.IsNumeric() {
				return nil, sqlerr.At(sqlerr.Bind, x.Pos, "INTERVAL %s %s is not known", text, x.Unit).
					WithHint("a text stands before YEAR TO MONTH, DAY TO SECOND, HOUR TO MINUTE and the like: INTERVAL '1 02:03' DAY TO MINUTE")
			}
			v, ok = rangeInterval(text, from, to)
		} else if x.Unit == "" {
			v, ok = kernel.ParseInterval([]byte(text))
		} else if n, _, good := kernel.ParseDecimal(kernel.Trim([]byte(text)), 38, 6); good {
			v, ok = kernel.MakeInterval(n, x.Unit)
		} else {
			v, ok = kernel.ParseInterval([]byte(text))
		}
		if !ok {
			return nil, sqlerr.At(sqlerr.Data, x.Pos, "'%s' %s is not an interval", text, x.Unit)
		}
		out := vec.NewConst(types.TInterval, 1)
		vec.Values[vec.IntervalValue](out)[0] = v
		return &expr.Const{V: out}, nil
	}
	one, ok := kernel.MakeInterval(kernel.I128(1e6), x.Unit)
	if !ok {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s is not a unit of time", x.Unit)
	}
	out := vec.NewConst(types.TInterval, 1)
	vec.Values[vec.IntervalValue](out)[0] = one
	return b.call("*", []expr.Expr{&expr.Const{V: out}, e}, x.Pos)
}

// unitRanges are the ranges of units that the text of an INTERVAL may have.
var unitRanges = map[string]bool{"YEAR TO MONTH": true, "DAY TO HOUR": true, "DAY TO MINUTE": true, "DAY TO SECOND": true, "HOUR TO MINUTE": true, "HOUR TO SECOND": true, "MINUTE TO SECOND": true}

// rangeInterval reads '1-2' YEAR TO MONTH, '1 02:03' DAY TO MINUTE and the like.
func rangeInterval(text, from, to string) (v vec.IntervalValue, ok bool) {
	units := []string{"DAY", "HOUR", "MINUTE", "SECOND"}
	if from == "YEAR" {
		return kernel.ParseInterval([]byte(text))
	}
	neg := strings.HasPrefix(text, "-")
	parts := strings.FieldsFunc(strings.TrimLeft(text, "+-"), func(r rune) bool { return r == ' ' || r == ':' })
	i := 0
	for i < len(units) && units[i] != from {
		i++
	}
	for _, p := range parts {
		if i >= len(units) {
			return v, false
		}
		n, _, good := kernel.ParseDecimal([]byte(p), 38, 6)
		if neg {
			n = kernel.Neg128(n)
		}
		part, fits := kernel.MakeInterval(n, units[i])
		if !good || !fits {
			return v, false
		}
		if v, fits = kernel.AddIntervals(v, part); !fits {
			return v, false
		}
		if units[i] == to {
			break
		}
		i++
	}
	return v, len(parts) > 0
}
