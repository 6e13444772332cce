package bind

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// unitFirst are the functions whose first argument may be the bare name of a unit: date_add(MONTH, 1, d).
var unitFirst = map[string]bool{
	"date_add": true, "dateadd": true, "timestampadd": true, "date_diff": true, "datediff": true, "timestampdiff": true, "timediff": true, "date_sub": true, "date_part": true, "datepart": true,
	"date_trunc": true,
}

// unitWord makes a text of a unit that stands for itself as the first argument, where no column has its name.
func (b *Binder) unitWord(name string, x *ast.Call, s *scope) *ast.Call {
	if !unitFirst[name] || len(x.Args) < 2 {
		return x
	}
	c, ok := x.Args[0].Value.(*ast.ColumnRef)
	if !ok || len(c.Parts) != 1 || c.Parts[0].Quoted {
		return x
	}
	if _, unit := kernel.MakeInterval(kernel.I128(1e6), c.Parts[0].Text); !unit && !strings.EqualFold(c.Parts[0].Text, "dayofyear") {
		return x
	}
	for in := s; in != nil; in = in.outer {
		if col, err := in.find(c.Parts); col != nil || err != nil {
			return x
		}
	}
	y := *x
	y.Args = append([]ast.Arg{{Value: &ast.Literal{At: c.At, Kind: ast.StringLit, Text: c.Parts[0].Text}}}, x.Args[1:]...)
	return &y
}

// lambdaArity is how many parameters the lambdas of Spark's functions have.
var lambdaArity = map[string]int{
	"transform": 1, "filter": 1, "exists": 1, "forall": 1, "zip_with": 2, "transform_values": 2, "transform_keys": 2, "map_filter": 2, "map_zip_with": 3, "aggregate": 2, "reduce": 2,
}

// constantLambda makes a lambda of a last argument that is a constant, or any value of the row, as Spark does: transform(l, 0).
func (b *Binder) constantLambda(name string, x *ast.Call) *ast.Call {
	n, ok := lambdaArity[name]
	if !ok || hasLambda(x) || len(x.Args) < 2 || b.Funcs.Lookup(name) != nil {
		return x
	}
	last := x.Args[len(x.Args)-1].Value
	at := ast.At{Pos: last.Position()}
	l := &ast.Lambda{At: at, Body: last}
	for _, p := range []string{"lambda a", "lambda b", "lambda c"}[:n] {
		l.Params = append(l.Params, ast.Name{At: at, Text: p})
	}
	y := *x
	y.Args = append(append([]ast.Arg(nil), x.Args[:len(x.Args)-1]...), ast.Arg{Value: l})
	return &y
}

// pmod makes pmod of numbers that are not both integers: the remainder, and where that is negative the remainder of it and the divisor.
func (b *Binder) pmod(args []expr.Expr, pos int) (expr.Expr, error) {
	for i, a := range args {
		if a.Type().Kind == types.Varchar {
			var err error
			if args[i], err = b.cast(a, types.TDouble, pos); err != nil {
				return nil, err
			}
		}
	}
	r, err := b.call("%", args, pos)
	if err != nil {
		return nil, err
	}
	sum, err := b.call("+", []expr.Expr{r, args[1]}, pos)
	if err != nil {
		return nil, err
	}
	again, err := b.call("%", []expr.Expr{sum, args[1]}, pos)
	if err != nil {
		return nil, err
	}
	if again, err = b.cast(again, r.Type(), pos); err != nil {
		return nil, err
	}
	neg, err := b.compare(kernel.Lt, r, expr.NewInt(types.TInteger, 0), pos)
	if err != nil {
		return nil, err
	}
	return &expr.Case{T: r.Type(), Whens: []expr.When{{Cond: neg, Then: again}}, Else: r}, nil
}

// structCall binds Spark's struct(a, 1 AS b, …): fields have the names of columns, those given, or col1, col2, ….
func (b *Binder) structCall(x *ast.Call, s *scope) (expr.Expr, error) {
	var args []expr.Expr
	seen := map[string]bool{}
	for i, a := range x.Args {
		if st, ok := a.Value.(*ast.Star); ok && a.Name == nil {
			items, err := b.star(st, s)
			if err != nil {
				return nil, err
			}
			for _, it := range items {
				seen[strings.ToLower(it.name)] = true
				args = append(args, expr.NewString(it.name), it.e)
			}
			continue
		}
		name := "col" + strconv.Itoa(i+1)
		switch v := a.Value.(type) {
		case *ast.ColumnRef:
			name = v.Parts.Last()
		case *ast.FieldAccess:
			name = v.Name.Text
		}
		if a.Name != nil {
			name = a.Name.Text
		}
		if seen[strings.ToLower(name)] && a.Name == nil {
			name = "col" + strconv.Itoa(i+1)
		}
		seen[strings.ToLower(name)] = true
		e, err := b.expr(a.Value, s)
		if err != nil {
			return nil, err
		}
		args = append(args, expr.NewString(name), e)
	}
	return b.call("named_struct", args, x.Pos)
}
