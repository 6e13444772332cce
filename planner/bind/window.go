package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// windowArgs are the window functions that are no aggregates, with the fewest and the most arguments of each.
var windowArgs = map[string][2]int{
	"row_number": {0, 0}, "rank": {0, 0}, "dense_rank": {0, 0}, "percent_rank": {0, 0}, "cume_dist": {0, 0}, "ntile": {1, 1},
	"lag": {1, 3}, "lead": {1, 3}, "first_value": {1, 1}, "last_value": {1, 1}, "nth_value": {2, 2}, "fill": {1, 1},
}

// aliasWindow are other names of window functions.
var aliasWindow = map[string]string{"first": "first_value", "last": "last_value"}

// window binds a call with OVER.
func (b *Binder) window(x *ast.Call, s *scope) (expr.Expr, error) {
	if s.noAgg != "" {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "a window function may not stand in %s", s.noAgg).WithHint("QUALIFY filters by window functions")
	}
	keep := s.inWindow
	if keep {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "window functions cannot be nested")
	}
	s.inWindow = true
	defer func() { s.inWindow = keep }()
	w := &expr.Window{Distinct: x.Distinct, IgnoreNulls: x.IgnoreNulls}
	name := strings.ToLower(x.Name.Last())
	if a := aliasWindow[name]; a != "" {
		name = a
	}
	args, err := b.args(x, s)
	if err != nil {
		return nil, err
	}
	spec, err := b.windowSpec(x.Over, s, 0)
	if err != nil {
		return nil, err
	}
	if err := b.windowKeys(w, spec, s); err != nil {
		return nil, err
	}
	if err := b.frame(w, spec, s); err != nil {
		return nil, err
	}
	inside, err := b.orderInside(w, name, spec, x.OrderBy, s)
	if err != nil {
		return nil, err
	}
	if n, ok := windowArgs[name]; ok {
		if len(x.OrderBy) > 0 && !inside {
			return nil, sqlerr.At(sqlerr.Unsupported, x.Pos, "ORDER BY inside %s is not supported yet", name).WithHint("the ORDER BY of the window orders the rows")
		}
		if len(args) < n[0] || len(args) > n[1] {
			return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s takes %d to %d arguments, not %d", name, n[0], n[1], len(args))
		}
		w.Name, w.Args = name, args
		return w, b.windowType(w, x)
	}
	f := b.Funcs.Lookup(name)
	if f == nil || f.Kind != fn.Aggregate {
		var names []string
		for n := range windowArgs {
			names = append(names, n)
		}
		return nil, sqlerr.At(sqlerr.NotFound, x.Pos, "%s is no window function and no aggregate", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	a, err := b.aggCall(f, args, x.Pos)
	if err != nil {
		return nil, err
	}
	if len(x.OrderBy) > 0 && a.Fn.OrderMatters && !inside {
		return nil, sqlerr.At(sqlerr.Unsupported, x.Pos, "ORDER BY inside %s is not supported over a window yet", name).WithHint("the ORDER BY of the window orders the rows")
	}
	w.Fn, w.Args, w.T = a.Fn, a.Args, a.Fn.Result
	w.Distinct = w.Distinct && !a.Fn.IgnoresDuplicates
	if x.Filter != nil {
		if w.Filter, err = b.condition(x.Filter, s); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// orderInside takes an ORDER BY inside the function for that of the window, where that has none, and no frame: the function then sees the whole
// partition in that order. fill does not look at the frame, and goes by its own order in any window.
func (b *Binder) orderInside(w *expr.Window, name string, spec *ast.Window, order []ast.OrderItem, s *scope) (bool, error) {
	if len(order) == 0 || name != "fill" && (len(spec.OrderBy) > 0 || spec.Frame != nil) {
		return false, nil
	}
	w.Order = nil
	for _, o := range order {
		if o.Expr == nil {
			return false, sqlerr.At(sqlerr.Unsupported, o.Pos, "ORDER BY ALL cannot stand in a window")
		}
		e, err := b.expr(o.Expr, s)
		if err != nil {
			return false, err
		}
		w.Order = append(w.Order, b.sortKey(e, o))
	}
	return true, nil
}

// windowType sets the type of a function that is no aggregate, and casts its arguments.
func (b *Binder) windowType(w *expr.Window, x *ast.Call) error {
	var err error
	big := func(i int) {
		if err == nil && len(w.Args) > i {
			w.Args[i], err = b.cast(w.Args[i], types.TBigInt, x.Pos)
		}
	}
	switch w.Name {
	case "percent_rank", "cume_dist":
		w.T = types.TDouble
	case "lag", "lead":
		w.T = w.Args[0].Type()
		if w.T.Kind == types.Null {
			w.T = types.TInteger
			w.Args[0] = expr.NewNull(w.T)
		}
		big(1)
		if err == nil && len(w.Args) > 2 {
			var both []expr.Expr
			if both, w.T, err = b.unifyAll([]expr.Expr{w.Args[0], w.Args[2]}, x.Pos, w.Name); err == nil {
				w.Args[0], w.Args[2] = both[0], both[1]
			}
		}
	case "fill":
		return b.fill(w, x)
	case "first_value", "last_value", "nth_value":
		w.T = w.Args[0].Type()
		big(1)
	default:
		w.T = types.TBigInt
		big(0)
	}
	return err
}

// windowSpec gives the definition that OVER means, named windows put in.
func (b *Binder) windowSpec(o *ast.Window, s *scope, depth int) (*ast.Window, error) {
	if o.Name == nil {
		return o, nil
	}
	if depth > 100 {
		return nil, sqlerr.At(sqlerr.Bind, o.Pos, "window %s is defined by itself", o.Name.Text)
	}
	var names []string
	for _, w := range s.windows {
		names = append(names, w.Name.Text)
		if !strings.EqualFold(w.Name.Text, o.Name.Text) {
			continue
		}
		base, err := b.windowSpec(w.Window, s, depth+1)
		if err != nil || o.Bare {
			return base, err
		}
		out := *o
		out.PartitionBy = base.PartitionBy
		if len(base.OrderBy) > 0 {
			out.OrderBy = base.OrderBy
		}
		if out.Frame == nil {
			out.Frame = base.Frame
		}
		return &out, nil
	}
	return nil, sqlerr.At(sqlerr.NotFound, o.Name.Pos, "window %s does not exist", o.Name.Text).WithHint("%s", sqlerr.DidYouMean(o.Name.Text, names))
}

func (b *Binder) windowKeys(w *expr.Window, spec *ast.Window, s *scope) error {
	for _, p := range spec.PartitionBy {
		e, err := b.expr(p, s)
		if err != nil {
			return err
		}
		if !expr.IsConstant(e) {
			w.Partition = append(w.Partition, e)
		}
	}
	for _, o := range spec.OrderBy {
		if o.Expr == nil {
			return sqlerr.At(sqlerr.Unsupported, o.Pos, "ORDER BY ALL cannot stand in a window")
		}
		e, err := b.expr(o.Expr, s)
		if err != nil {
			return err
		}
		w.Order = append(w.Order, b.sortKey(e, o))
	}
	return nil
}

// frame binds the frame. Without one it is all rows up to the current row's peers, or the whole partition where there is no order.
func (b *Binder) frame(w *expr.Window, spec *ast.Window, s *scope) error {
	f := spec.Frame
	if f == nil {
		w.Frame = expr.Frame{Unit: uint8(ast.FrameRange), Start: expr.Bound{Kind: uint8(ast.UnboundedPreceding)}, End: expr.Bound{Kind: uint8(ast.CurrentRow)}}
		if len(w.Order) == 0 {
			w.Frame.End.Kind = uint8(ast.UnboundedFollowing)
		}
		return nil
	}
	w.Frame = expr.Frame{Unit: uint8(f.Unit), Exclude: uint8(f.Exclude), Start: expr.Bound{Kind: uint8(f.Start.Kind)}, End: expr.Bound{Kind: uint8(f.End.Kind)}}
	if f.Start.Kind == ast.UnboundedFollowing || f.End.Kind == ast.UnboundedPreceding || f.Start.Kind > f.End.Kind && f.Start.Kind != ast.Following && f.End.Kind != ast.Preceding {
		return sqlerr.At(sqlerr.Bind, f.Pos, "the frame ends before it starts")
	}
	if f.Unit == ast.FrameGroups && len(w.Order) == 0 {
		return sqlerr.At(sqlerr.Bind, f.Pos, "GROUPS needs an ORDER BY")
	}
	var err error
	if w.Frame.Start.Offset, err = b.frameOffset(w, f.Unit, f.Start, s); err != nil {
		return err
	}
	w.Frame.End.Offset, err = b.frameOffset(w, f.Unit, f.End, s)
	return err
}

// frameOffset binds the distance of a frame's end. For RANGE it is the order key's value there.
func (b *Binder) frameOffset(w *expr.Window, unit ast.FrameUnit, o ast.Bound, s *scope) (expr.Expr, error) {
	if o.Offset == nil {
		return nil, nil
	}
	pos := o.Offset.Position()
	e, err := b.expr(o.Offset, s)
	if err != nil {
		return nil, err
	}
	if c, ok := e.(*expr.Const); ok && !c.V.IsNull(0) && e.Type().IsExact() && intOf(c) < 0 {
		return nil, sqlerr.At(sqlerr.Data, pos, "the distance of a frame's end must not be negative")
	}
	if unit != ast.FrameRange {
		return b.cast(e, types.TBigInt, pos)
	}
	if len(w.Order) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, pos, "RANGE with a distance needs one ORDER BY key, not %d", len(w.Order))
	}
	op := "-"
	if (o.Kind == ast.Following) != w.Order[0].Desc {
		op = "+"
	}
	v, err := b.call(op, []expr.Expr{w.Order[0].Expr, e}, pos)
	if err != nil {
		return nil, err
	}
	// key and bound are compared: bring both to one type
	key, v, err := b.unify(w.Order[0].Expr, v, pos)
	if err != nil {
		return nil, err
	}
	if !key.Type().Equal(v.Type()) {
		if key, err = b.cast(key, v.Type(), pos); err != nil {
			return nil, err
		}
	}
	w.Order[0].Expr = key
	return v, nil
}

// windows cuts the window functions out of the select's expressions and puts Window nodes below them, one for each partitioning and order.
func (c *selecting) windows() error {
	nodes := map[string]*logical.Window{}
	var list []*logical.Window
	cols := map[string]logical.Col{}
	cut := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
			w, ok := x.(*expr.Window)
			if !ok {
				return x
			}
			key := expr.Key(w)
			if col, ok := cols[key]; ok {
				return col.Ref()
			}
			spec := w.Sameness()
			n := nodes[spec]
			if n == nil {
				n = &logical.Window{}
				nodes[spec] = n
				list = append(list, n)
			}
			name := w.Name
			if w.Fn != nil {
				name = w.Fn.Func.Name
			}
			col := c.b.NewCol(name, w.T)
			n.Funcs, n.Out, cols[key] = append(n.Funcs, w), append(n.Out, col), col
			return col.Ref()
		})
	}
	for i := range c.items {
		c.items[i].e = cut(c.items[i].e)
	}
	for i := range c.order {
		c.order[i].Expr = cut(c.order[i].Expr)
	}
	for i := range c.on {
		c.on[i] = cut(c.on[i])
	}
	if c.qualify != nil {
		c.qualify = cut(c.qualify)
	}
	for _, n := range list {
		for i, f := range n.Funcs { // subqueries in arguments and keys are computed below
			kids := f.Children()
			for k := range kids {
				m, e, err := c.b.flatten(c.plan, kids[k])
				if err != nil {
					return err
				}
				c.plan, kids[k] = m, e
			}
			n.Funcs[i] = f.WithChildren(kids).(*expr.Window)
		}
		n.Input = c.plan
		c.plan = n
	}
	return nil
}

// fill gives the function its place on the line as a second argument: what the rows are ordered by.
func (b *Binder) fill(w *expr.Window, x *ast.Call) error {
	if len(w.Order) != 1 {
		return sqlerr.At(sqlerr.Bind, x.Pos, "fill goes by one ORDER BY, not %d", len(w.Order)).WithHint("fill(value) OVER (ORDER BY time)")
	}
	fits := func(t types.Type) bool {
		p := t.Phys()
		return (t.IsNumeric() || t.IsTemporal()) && (p == types.PI32 || p == types.PI64 || p == types.PF64)
	}
	if w.T = w.Args[0].Type(); w.T.Kind == types.Null {
		w.T, w.Args[0] = types.TInteger, expr.NewNull(types.TInteger)
	}
	if !fits(w.T) {
		return sqlerr.At(sqlerr.Bind, x.Args[0].Value.Position(), "fill takes numbers of up to 18 digits and times, not %s", w.T)
	}
	place := w.Order[0].Expr
	if place.Type().IsNumeric() {
		var err error
		if place, err = b.cast(place, types.TDouble, x.Pos); err != nil {
			return err
		}
	}
	if !fits(place.Type()) {
		return sqlerr.At(sqlerr.Bind, x.Pos, "fill goes by numbers or times, not %s", place.Type())
	}
	w.Args = append(w.Args, place)
	return nil
}
