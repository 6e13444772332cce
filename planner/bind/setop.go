package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

func colOf(c *expr.Column) logical.Col { return logical.Col{ID: c.ID, Name: c.Name, Type: c.T} }

// setOp binds a chain of set operations, from left to right.
func (b *Binder) setOp(x *ast.SetOp, s *scope) (logical.Node, error) {
	chain := []*ast.SetOp{x}
	for {
		l, ok := chain[len(chain)-1].Left.(*ast.SetOp)
		if !ok {
			break
		}
		chain = append(chain, l)
	}
	n, err := b.body(chain[len(chain)-1].Left, s)
	if err != nil {
		return nil, err
	}
	for i := len(chain) - 1; i >= 0; i-- {
		op := chain[i]
		in := []logical.Node{n}
		for { // UNION ALL of many branches is one node
			r, err := b.body(op.Right, s)
			if err != nil {
				return nil, err
			}
			in = append(in, r)
			if op.Op != ast.Union || i == 0 || chain[i-1].Op != op.Op || chain[i-1].All != op.All || chain[i-1].ByName != op.ByName {
				break
			}
			i--
			op = chain[i]
		}
		if n, err = b.combine(op, in); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// combine makes the node of one set operation.
func (b *Binder) combine(op *ast.SetOp, in []logical.Node) (logical.Node, error) {
	maps, names, err := lineUp(op, in)
	if err != nil {
		return nil, err
	}
	ts := make([]types.Type, len(names))
	for i := range names {
		for k, n := range in {
			c, ok := columnAt(n, maps[k][i])
			if !ok {
				continue
			}
			t, ok := types.Common(ts[i], c.Type)
			if !ok {
				t, ok = textWins(ts[i], c.Type)
			}
			if !ok {
				return nil, sqlerr.At(sqlerr.Bind, op.Pos, "column %d (%s) of the %s is %s on one side and %s on the other", i+1, names[i], op.Op, ts[i], c.Type).WithHint("write a CAST")
			}
			ts[i] = t
		}
	}
	out := &logical.SetOp{}
	for i, n := range in {
		p := &logical.Project{Input: n}
		ids := make([]expr.ID, len(names))
		changed := len(n.Cols()) != len(names)
		for k := range names {
			e, err := b.branchValue(n, maps[i][k], ts[k], op.Pos)
			if err != nil {
				return nil, err
			}
			col, same := e.(*expr.Column)
			if !same {
				changed = true
				p.Out = append(p.Out, b.NewCol(names[k], ts[k]))
			} else {
				p.Out = append(p.Out, colOf(col))
			}
			p.Values = append(p.Values, e)
			ids[k] = p.Out[k].ID
		}
		if changed {
			n = p
		}
		out.In, out.Maps = append(out.In, n), append(out.Maps, ids)
	}
	for k, name := range names {
		out.Out = append(out.Out, b.NewCol(name, ts[k]))
	}
	switch {
	case op.Op == ast.Union && op.All:
		return out, nil
	case op.Op == ast.Union:
		return b.distinct(out), nil
	case op.Op == ast.Intersect:
		out.Kind = logical.Intersect
	default:
		out.Kind = logical.Except
	}
	if op.All {
		out.Kind++
	}
	return out, nil
}

// textWins lets text meet a number or date in a set operation: the result is text.
func textWins(a, b types.Type) (types.Type, bool) {
	if a.Kind == types.Varchar && !b.IsNested() || b.Kind == types.Varchar && !a.IsNested() {
		return types.TVarchar, true
	}
	return a, false
}

func (b *Binder) branchValue(n logical.Node, at int, t types.Type, pos int) (expr.Expr, error) {
	c, ok := columnAt(n, at)
	if !ok {
		return expr.NewNull(t), nil
	}
	return b.cast(c.Ref(), t, pos)
}

func columnAt(n logical.Node, i int) (logical.Col, bool) {
	cols := n.Cols()
	if i < 0 || i >= len(cols) {
		return logical.Col{}, false
	}
	return cols[i], true
}

// lineUp gives, for each input, which of its columns stands in each column of the result (-1: none), and the result's names.
func lineUp(op *ast.SetOp, in []logical.Node) ([][]int, []string, error) {
	maps := make([][]int, len(in))
	var names []string
	if !op.ByName {
		for _, c := range in[0].Cols() {
			names = append(names, c.Name)
		}
		for k, n := range in {
			if len(n.Cols()) != len(names) {
				return nil, nil, sqlerr.At(sqlerr.Bind, op.Pos, "the sides of %s have %d and %d columns", op.Op, len(names), len(n.Cols()))
			}
			for i := range names {
				maps[k] = append(maps[k], i)
			}
		}
		return maps, names, nil
	}
	at := map[string]int{}
	for _, n := range in {
		for _, c := range n.Cols() {
			if _, ok := at[strings.ToLower(c.Name)]; !ok {
				at[strings.ToLower(c.Name)] = len(names)
				names = append(names, c.Name)
			}
		}
	}
	for k, n := range in {
		m := make([]int, len(names))
		for i := range m {
			m[i] = -1
		}
		for i, c := range n.Cols() {
			m[at[strings.ToLower(c.Name)]] = i
		}
		maps[k] = m
	}
	return maps, names, nil
}

// values binds VALUES: constant rows are computed at once, others become a UNION ALL of one-row projections.
func (b *Binder) values(x *ast.Values, s *scope) (logical.Node, error) {
	if len(x.Rows) == 0 {
		return nil, sqlerr.At(sqlerr.Syntax, x.Pos, "VALUES has no rows")
	}
	width := len(x.Rows[0])
	rows := make([][]expr.Expr, len(x.Rows))
	ts := make([]types.Type, width)
	constant := true
	in := &scope{outer: s, noAgg: "VALUES"}
	for i, r := range x.Rows {
		if len(r) != width {
			return nil, sqlerr.At(sqlerr.Bind, r[0].Position(), "row %d of VALUES has %d items, the first has %d", i+1, len(r), width)
		}
		for k, it := range r {
			e, err := b.expr(it, in)
			if err != nil {
				return nil, err
			}
			t, ok := types.Common(ts[k], e.Type())
			if !ok {
				if t, ok = textWins(ts[k], e.Type()); !ok {
					return nil, sqlerr.At(sqlerr.Bind, it.Position(), "column %d of VALUES mixes %s and %s", k+1, ts[k], e.Type())
				}
			}
			ts[k] = t
			constant = constant && expr.IsConstant(e)
			rows[i] = append(rows[i], e)
		}
	}
	if constant {
		return b.constRows(x, rows, ts)
	}
	out := &logical.SetOp{}
	for i, r := range rows {
		var n logical.Node = &logical.Values{Rows: 1}
		p := &logical.Project{}
		var ids []expr.ID
		for k, e := range r {
			e, err := b.cast(e, ts[k], x.Rows[i][k].Position())
			if err != nil {
				return nil, err
			}
			if n, e, err = b.flatten(n, e); err != nil {
				return nil, err
			}
			c := b.NewCol(colName(k), ts[k])
			p.Out, p.Values, ids = append(p.Out, c), append(p.Values, e), append(ids, c.ID)
		}
		p.Input = n
		out.In, out.Maps = append(out.In, p), append(out.Maps, ids)
	}
	for k, t := range ts {
		out.Out = append(out.Out, b.NewCol(colName(k), t))
	}
	if len(out.In) == 1 {
		return out.In[0], nil
	}
	return out, nil
}

func colName(k int) string {
	digits := ""
	for n := k + 1; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return "col" + digits
}

func (b *Binder) constRows(x *ast.Values, rows [][]expr.Expr, ts []types.Type) (logical.Node, error) {
	n := &logical.Values{Rows: len(rows)}
	for k, t := range ts {
		if t.Kind == types.Null {
			t = types.TInteger
		}
		col := vec.NewBuilder(t)
		for i := range rows {
			e, err := b.cast(rows[i][k], t, x.Rows[i][k].Position())
			if err != nil {
				return nil, err
			}
			c, err := b.Fold(e)
			if err != nil {
				return nil, sqlerr.WithPos(err, x.Rows[i][k].Position())
			}
			col.Append(c.V, vec.Identity(1))
		}
		n.Out, n.Data = append(n.Out, b.NewCol(colName(k), t)), append(n.Data, col.Vector())
	}
	return n, nil
}
