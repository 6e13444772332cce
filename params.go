package skep

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/expr"
)

// Named gives an argument the name that stands in the SQL text as :name or $name.
func Named(name string, value any) sql.NamedArg { return sql.Named(name, value) }

// Typed is an argument of a SQL type that Go has no type for, written as text: Typed{"DECIMAL(10,2)", "1.50"}, Typed{"DATE", "2024-02-29"}.
type Typed struct{ Type, Text string }

// arguments are the values of a statement's parameters.
type arguments struct {
	list  []*expr.Const // for ? and $1
	names map[string]*expr.Const
}

// newArguments takes the arguments of Query and Exec: positional ones, and sql.NamedArg.
func newArguments(args []any) (*arguments, error) {
	a := &arguments{names: map[string]*expr.Const{}}
	for i, v := range args {
		name, named := "", false
		if n, ok := v.(sql.NamedArg); ok {
			name, v, named = n.Name, n.Value, true
		}
		c, err := constant(v)
		if err != nil {
			if !named {
				name = fmt.Sprint(i + 1)
			}
			return nil, sqlerr.Wrap(sqlerr.Bind, err, "parameter %s", name)
		}
		if named {
			a.names[strings.ToLower(name)] = c
		} else {
			a.list = append(a.list, c)
		}
	}
	return a, nil
}

// find gives the value of a parameter, or nil.
func (a *arguments) find(p *ast.Param) *expr.Const {
	if p.Kind == ast.NamedParam {
		return a.names[strings.ToLower(p.Name)]
	}
	if p.Index < 1 || p.Index > len(a.list) {
		return nil
	}
	return a.list[p.Index-1]
}

// constant makes a value of the engine from one of Go.
func constant(v any) (*expr.Const, error) {
	switch x := v.(type) {
	case nil:
		return expr.NewNull(types.TNull), nil
	case bool:
		return expr.NewBool(x), nil
	case string:
		return expr.NewString(x), nil
	case []byte:
		if x == nil {
			return expr.NewNull(types.TBinary), nil
		}
		c := vec.NewConst(types.TBinary, 1)
		c.SetBytes(0, x)
		return &expr.Const{V: c}, nil
	case time.Time:
		return expr.NewInt(types.TTimestampTZ, x.UnixMicro()), nil
	case time.Duration:
		c := vec.NewConst(types.TInterval, 1)
		vec.Values[vec.IntervalValue](c)[0] = vec.IntervalValue{Micros: x.Microseconds()}
		return &expr.Const{V: c}, nil
	case Typed:
		t, err := parseType(x.Type)
		if err != nil {
			return nil, err
		}
		return readAs(x.Text, t)
	case *big.Int:
		return readAs(x.String(), types.NewDecimal(types.MaxPrecision, 0))
	case driver.Valuer:
		d, err := x.Value()
		if err != nil {
			return nil, err
		}
		if _, ok := d.(driver.Valuer); ok {
			return nil, fmt.Errorf("%T gives another Valuer", v)
		}
		return constant(d)
	}
	return constantOfKind(v)
}

// constantOfKind takes numbers of all widths, named types and pointers.
func constantOfKind(v any) (*expr.Const, error) {
	r := reflect.ValueOf(v)
	switch k := r.Kind(); k {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		return expr.NewInt(types.TBigInt, r.Int()), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint, reflect.Uintptr:
		if u := r.Uint(); u <= 1<<63-1 {
			return expr.NewInt(types.TBigInt, int64(u)), nil
		}
		return readAs(fmt.Sprint(r.Uint()), types.NewDecimal(20, 0))
	case reflect.Float32, reflect.Float64:
		c := vec.NewConst(types.TDouble, 1)
		vec.Values[float64](c)[0] = r.Float()
		return &expr.Const{V: c}, nil
	case reflect.Bool:
		return expr.NewBool(r.Bool()), nil
	case reflect.String:
		return expr.NewString(r.String()), nil
	case reflect.Pointer:
		if r.IsNil() {
			return expr.NewNull(types.TNull), nil
		}
		return constant(r.Elem().Interface())
	}
	return nil, fmt.Errorf("a value of Go type %T has no SQL type", v)
}

func parseType(text string) (types.Type, error) {
	n, err := parser.ParseType(text)
	if err != nil {
		return types.Type{}, err
	}
	return bind.Type(n, nil)
}

// readAs casts text to type t.
func readAs(text string, t types.Type) (*expr.Const, error) {
	if _, ok := kernel.NewCaster(types.TVarchar, t); !ok {
		return nil, fmt.Errorf("text does not cast to %s", t)
	}
	v := vec.New(t, 1)
	if why := kernel.ParseInto([]byte(text), t, time.UTC, v, 0); why != "" {
		return nil, fmt.Errorf("'%s': %s", text, why)
	}
	v.SetConst(1)
	return &expr.Const{V: v}, nil
}
