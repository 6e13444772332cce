package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// unnestColumns binds an item that is unnest(struct), whose fields become columns, or unnest(…, recursive := true), which goes down through
// lists and structs to the end. It gives nil for any other item.
func (c *selecting) unnestColumns(it ast.SelectItem) ([]item, error) {
	call, ok := it.Expr.(*ast.Call)
	if !ok || call.Over != nil || !strings.EqualFold(call.Name.Last(), "unnest") || len(call.Args) == 0 {
		return nil, nil
	}
	deep := false
	for _, a := range call.Args[1:] {
		if a.Name == nil || !strings.EqualFold(a.Name.Text, "recursive") {
			return nil, sqlerr.At(sqlerr.Bind, a.Value.Position(), "unnest takes one value, and recursive := true")
		}
		k, err := c.b.Scalar(a.Value)
		if err != nil {
			return nil, err
		}
		if k.V.Type.Kind != types.Boolean {
			return nil, sqlerr.At(sqlerr.Bind, a.Value.Position(), "recursive is true or false")
		}
		deep = expr.IsTrue(k)
	}
	if len(call.Args) == 1 {
		// most unnest a list: the general way
		if l, isLit := call.Args[0].Value.(*ast.ArrayLit); isLit && l != nil {
			return nil, nil
		}
	}
	e, err := c.b.expr(call.Args[0].Value, c.in)
	if err != nil {
		return nil, err
	}
	t := e.Type()
	if t.Kind != types.Struct && (!deep || t.Kind != types.Array) {
		if len(call.Args) == 1 {
			return nil, nil
		}
		if t.Kind != types.Array {
			return nil, sqlerr.At(sqlerr.Bind, call.Pos, "unnest takes a list or a struct, not %s", t)
		}
	}
	for deep && t.Kind == types.Array && t.Elems[0].Type.Kind == types.Array {
		if e, err = c.b.call("flatten", []expr.Expr{e}, call.Pos); err != nil {
			return nil, err
		}
		t = e.Type()
	}
	if t.Kind == types.Array {
		e = &unnestCall{e, t.Elems[0].Type}
	}
	if e.Type().Kind != types.Struct {
		return []item{{itemName(it), e, it.Expr}}, nil
	}
	return c.structColumns(e, deep, call.Pos)
}

// structColumns gives the fields of a struct as items; those of structs inside too, if deep.
func (c *selecting) structColumns(e expr.Expr, deep bool, pos int) ([]item, error) {
	var out []item
	for _, f := range e.Type().Elems {
		v, err := c.b.call("struct_extract", []expr.Expr{e, expr.NewString(f.Name)}, pos)
		if err != nil {
			return nil, err
		}
		if deep && f.Type.Kind == types.Struct {
			more, err := c.structColumns(v, deep, pos)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		out = append(out, item{name: f.Name, e: v})
	}
	return out, nil
}
