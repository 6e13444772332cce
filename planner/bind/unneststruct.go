package bind

import (
	"math"
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
	depth, err := c.unnestDepth(call)
	if err != nil {
		return nil, err
	}
	deep := depth > 1
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
	for ; depth > 1 && t.Kind == types.Array && t.Elems[0].Type.Kind == types.Array; depth-- {
		if e, err = c.b.call("flatten", []expr.Expr{e}, call.Pos); err != nil {
			return nil, err
		}
		t = e.Type()
	}
	if t.Kind == types.Array {
		e = &unnestCall{e, t.Elems[0].Type}
	}
	if e.Type().Kind != types.Struct || t.Kind == types.Array && depth < 2 {
		return []item{{itemName(it), e, it.Expr}}, nil
	}
	if t.Kind == types.Array {
		depth--
	}
	return c.structColumns(e, depth, call.Pos)
}

// unnestDepth gives how many levels of lists and structs unnest takes apart: one, max_depth := n, or with recursive := true all.
func (c *selecting) unnestDepth(call *ast.Call) (int64, error) {
	depth := int64(1)
	for _, a := range call.Args[1:] {
		name := ""
		if a.Name != nil {
			name = strings.ToLower(a.Name.Text)
		}
		if name != "recursive" && name != "max_depth" {
			return 0, sqlerr.At(sqlerr.Bind, a.Value.Position(), "unnest takes one value, and recursive := true or max_depth := n")
		}
		k, err := c.b.Scalar(a.Value)
		if err != nil {
			return 0, err
		}
		switch {
		case name == "max_depth" && k.V.Type.IsInteger() && !k.V.IsNull(0) && intOf(k) > 0:
			depth = max(depth, intOf(k))
		case name == "max_depth":
			return 0, sqlerr.At(sqlerr.Bind, a.Value.Position(), "max_depth is a number from 1")
		case k.V.Type.Kind != types.Boolean:
			return 0, sqlerr.At(sqlerr.Bind, a.Value.Position(), "recursive is true or false")
		case expr.IsTrue(k):
			depth = math.MaxInt64
		}
	}
	return depth, nil
}

// structColumns gives the fields of a struct as items; of structs inside too, so many levels deep.
func (c *selecting) structColumns(e expr.Expr, depth int64, pos int) ([]item, error) {
	var out []item
	for _, f := range e.Type().Elems {
		v, err := c.b.call("struct_extract", []expr.Expr{e, expr.NewString(f.Name)}, pos)
		if err != nil {
			return nil, err
		}
		if depth > 1 && f.Type.Kind == types.Struct {
			more, err := c.structColumns(v, depth-1, pos)
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
