package bind

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// generators are Hive's functions that make rows of a value, beside explode.
var generators = map[string]bool{
	"posexplode": true, "posexplode_outer": true, "explode_outer": true, "inline": true, "inline_outer": true, "stack": true, "json_tuple": true,
}

// generator binds one of generators in FROM; s holds the columns to its left. Its one argument may be named.
func (b *Binder) generator(name string, call *ast.Call, s *scope) (logical.Node, error) {
	keep := s.noAgg
	s.noAgg = "FROM"
	defer func() { s.noAgg = keep }()
	plain := *call
	plain.Args = nil
	for _, a := range call.Args {
		if a.Name != nil && !strings.EqualFold(a.Name.Text, "collection") && !strings.EqualFold(a.Name.Text, "input") {
			return nil, sqlerr.At(sqlerr.Bind, a.Name.Pos, "%s has no argument %s", name, a.Name.Text)
		}
		plain.Args = append(plain.Args, ast.Arg{Value: a.Value})
	}
	base, outer := strings.CutSuffix(name, "_outer")
	u := &logical.Unnest{Input: &logical.Values{Rows: 1}, Outer: outer}
	switch base {
	case "stack":
		return b.stack(&plain, u, s)
	case "json_tuple":
		return b.jsonTuple(&plain, s)
	}
	l, err := b.listOf(&plain, s, base != "inline")
	if err != nil {
		return nil, err
	}
	if base == "inline" && l.Type().Elems[0].Type.Kind != types.Struct {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "%s takes a list of structs, not %s", name, l.Type())
	}
	addList(b, u, l)
	switch base {
	case "inline":
		return b.fieldsOf(u, call.Pos)
	case "posexplode":
		return b.positions(u, call.Pos)
	}
	if len(u.Out) == 1 {
		u.Out[0].Name = "col"
	}
	return u, nil
}

// positions puts the place of each element, from 0, in front of the elements.
func (b *Binder) positions(u *logical.Unnest, pos int) (logical.Node, error) {
	c := b.NewCol("ordinal", types.TBigInt)
	u.Ordinal = &c
	zero, err := b.call("-", []expr.Expr{c.Ref(), expr.NewInt(types.TBigInt, 1)}, pos)
	if err != nil {
		return nil, err
	}
	p := &logical.Project{Input: u, Out: []logical.Col{b.NewCol("pos", types.TBigInt)}, Values: []expr.Expr{zero}}
	for i, x := range u.Out {
		name := x.Name
		if len(u.Out) == 1 && i == 0 {
			name = "col"
		}
		p.Out, p.Values = append(p.Out, b.NewCol(name, x.Type)), append(p.Values, x.Ref())
	}
	return p, nil
}

// fieldsOf gives the fields of the structs that u yields as columns.
func (b *Binder) fieldsOf(u *logical.Unnest, pos int) (logical.Node, error) {
	p := &logical.Project{Input: u}
	for _, f := range u.Out[0].Type.Elems {
		e, err := b.fields(u.Out[0].Ref(), ast.Path{{At: ast.At{Pos: pos}, Text: f.Name}})
		if err != nil {
			return nil, err
		}
		p.Out, p.Values = append(p.Out, b.NewCol(f.Name, f.Type)), append(p.Values, e)
	}
	return p, nil
}

// stack binds stack(n, a, b, …): the values as n rows.
func (b *Binder) stack(call *ast.Call, u *logical.Unnest, s *scope) (logical.Node, error) {
	args, err := b.args(call, s)
	if err != nil {
		return nil, err
	}
	if len(args) < 2 || !args[0].Type().IsInteger() || !expr.IsConstant(args[0]) {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "stack takes a constant number of rows and values")
	}
	k, err := b.Fold(args[0])
	if err != nil {
		return nil, err
	}
	if k.V.IsNull(0) || intOf(k) < 1 || intOf(k) > int64(len(args)) {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "stack makes 1 to %d rows of %d values", len(args)-1, len(args)-1)
	}
	rows, vals := int(intOf(k)), args[1:]
	width := (len(vals) + rows - 1) / rows
	for c := range width { // a list a column, side by side
		var list []expr.Expr
		for r := range rows {
			if i := r*width + c; i < len(vals) {
				list = append(list, vals[i])
			} else {
				list = append(list, expr.NewNull(types.TNull))
			}
		}
		l, err := b.call("list_value", list, call.Pos)
		if err != nil {
			return nil, err
		}
		addList(b, u, l)
		u.Out[c].Name = "col" + strconv.Itoa(c)
	}
	return u, nil
}

// jsonTuple binds json_tuple(text, 'name', …): the fields of a JSON object as texts.
func (b *Binder) jsonTuple(call *ast.Call, s *scope) (logical.Node, error) {
	args, err := b.args(call, s)
	if err != nil {
		return nil, err
	}
	if len(args) < 2 {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "json_tuple takes a JSON text and the names of fields")
	}
	p := &logical.Project{Input: &logical.Values{Rows: 1}}
	for i, a := range args[1:] {
		e, err := b.call("json_extract_string", []expr.Expr{args[0], a}, call.Pos)
		if err != nil {
			return nil, err
		}
		p.Out, p.Values = append(p.Out, b.NewCol("c"+strconv.Itoa(i), types.TVarchar)), append(p.Values, e)
	}
	return p, nil
}
