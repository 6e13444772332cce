package eval

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
)

// lambda is the code of a function over the elements of a list: its body is a program of its own, over batches of elements whose columns are
// the parameters, then the columns of the row that the body uses.
type lambda struct {
	kind   expr.LambdaKind
	body   *Program
	params []types.Type
	init   bool
}

// lambda compiles the list, the beginning, the columns that the body captures, and the body.
func (c *compiler) lambda(n *node, e *expr.Lambda, cond bool) error {
	n.kind, n.lambda = kLambda, &lambda{kind: e.Kind, init: e.Init != nil}
	layout := map[expr.ID]int{}
	for i, p := range e.Params {
		layout[p.ID] = i
		n.lambda.params = append(n.lambda.params, p.T)
	}
	args := []expr.Expr{e.List}
	if e.Init != nil {
		args = append(args, e.Init)
	}
	at := len(e.Params)
	expr.Walk(e.Body, func(x expr.Expr) bool {
		var id expr.ID
		switch y := x.(type) {
		case *expr.Column:
			id = y.ID
		case *expr.Var: // of a lambda around this one
			id = y.ID
		default:
			return true
		}
		if _, ok := layout[id]; !ok && (c.has(id)) {
			layout[id] = at
			at++
			args = append(args, x)
		}
		return true
	})
	if err := c.args(n, args, cond, cond); err != nil {
		return err
	}
	var err error
	n.lambda.body, err = Compile([]expr.Expr{e.Body}, layout)
	return err
}

// has tells whether a column is in the program's input.
func (c *compiler) has(id expr.ID) bool {
	_, ok := c.layout[id]
	return ok
}

// elements are the elements of the lists of some rows: for each its place in the list's child, its row, and its position from 1.
type elements struct{ at, row, pos []int32 }

func (m *machine) lambda(n *node, r *register, sel []int32) (*vec.Vector, error) {
	args := make([]*vec.Vector, len(n.args))
	for i, a := range n.args {
		v, err := m.eval(a, sel)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	if r.body == nil {
		r.body = n.lambda.body.Machine(&flow.Task{Fn: &m.ctx})
	}
	if n.lambda.kind == expr.Reduce {
		return m.reduce(n, r, args, sel)
	}
	list := args[0]
	var el elements
	for _, i := range sel {
		if list.IsNull(int(i)) {
			continue
		}
		e := vec.ValueAt[vec.ListEntry](list, int(i))
		for k := range e.Len {
			el.at, el.row, el.pos = append(el.at, int32(e.Off+k)), append(el.row, i), append(el.pos, int32(k+1))
		}
	}
	b := m.elementBatch(n.lambda, list, el, args[1:])
	vals, err := r.body.Eval(b)
	if err != nil {
		return nil, err
	}
	return collect(n, list, sel, el, b.Cols[0], vals[0], m.b.N), nil
}

// elementBatch makes the batch that the body runs over.
func (m *machine) elementBatch(l *lambda, list *vec.Vector, el elements, captured []*vec.Vector) *vec.Batch {
	b := &vec.Batch{N: len(el.at)}
	elem := &vec.Vector{}
	vec.Gather(elem, list.Kids[0], el.at)
	b.Cols = append(b.Cols, elem)
	if len(l.params) > 1 {
		pos := vec.New(types.TBigInt, len(el.pos))
		for i, p := range el.pos {
			vec.Values[int64](pos)[i] = int64(p)
		}
		b.Cols = append(b.Cols, pos)
	}
	for _, c := range captured {
		v := &vec.Vector{}
		vec.Gather(v, c, el.row)
		b.Cols = append(b.Cols, v)
	}
	return b
}

// collect makes the lists of the results.
func collect(n *node, list *vec.Vector, sel []int32, el elements, elem, vals *vec.Vector, rows int) *vec.Vector {
	src, pick := vals, []int32(nil)
	if n.lambda.kind == expr.Keep {
		src = elem
		pick = []int32{}
	}
	counts := make(map[int32]uint32, len(sel))
	for k, row := range el.row {
		if pick == nil {
			counts[row]++
		} else if !vals.IsNull(k) && vec.ValueAt[uint8](vals, k) != 0 {
			pick = append(pick, int32(k))
			counts[row]++
		}
	}
	kid := vec.NewBuilder(n.t.Elems[0].Type)
	kid.Append(src, pick)
	out := vec.New(n.t, rows)
	entries := vec.Values[vec.ListEntry](out)
	clear(entries)
	off := uint32(0)
	for _, i := range sel {
		if list.IsNull(int(i)) {
			out.SetNull(int(i))
			continue
		}
		entries[i] = vec.ListEntry{Off: off, Len: counts[i]}
		off += counts[i]
	}
	out.Kids = []*vec.Vector{kid.Vector()}
	return out
}

// reduce folds all lists at once, position by position.
func (m *machine) reduce(n *node, r *register, args []*vec.Vector, sel []int32) (*vec.Vector, error) {
	list, captured, first := args[0], args[1:], uint32(1)
	acc := vec.NewBuilder(n.t)
	live := make([]int32, 0, len(sel)) // rows still being folded, and the place of each one's accumulator
	place := make([]int32, m.b.N)
	for i := range place {
		place[i] = -1
	}
	if n.lambda.init {
		captured, first = args[2:], 0
	}
	for _, i := range sel {
		if list.IsNull(int(i)) {
			continue
		}
		e := vec.ValueAt[vec.ListEntry](list, int(i))
		switch {
		case n.lambda.init:
			acc.Append(args[1], []int32{i})
		case e.Len == 0:
			return nil, sqlerr.New(sqlerr.Data, "an empty list cannot be reduced without a first value").WithHint("give one as the third argument")
		default:
			acc.Append(list.Kids[0], []int32{int32(e.Off)})
		}
		place[i] = int32(acc.Len() - 1)
		live = append(live, i)
	}
	for k := first; ; k++ {
		var el elements
		var from []int32
		for _, i := range live {
			if e := vec.ValueAt[vec.ListEntry](list, int(i)); k < e.Len {
				el.at, el.row, from = append(el.at, int32(e.Off+k)), append(el.row, i), append(from, place[i])
			}
		}
		if len(el.at) == 0 {
			break
		}
		b := &vec.Batch{N: len(el.at), Cols: []*vec.Vector{{}, {}}}
		vec.Gather(b.Cols[0], acc.Vector(), from)
		vec.Gather(b.Cols[1], list.Kids[0], el.at)
		if len(n.lambda.params) > 2 {
			pos := vec.New(types.TBigInt, b.N)
			for j := range vec.Values[int64](pos) {
				vec.Values[int64](pos)[j] = int64(k) + 1
			}
			b.Cols = append(b.Cols, pos)
		}
		for _, c := range captured {
			v := &vec.Vector{}
			vec.Gather(v, c, el.row)
			b.Cols = append(b.Cols, v)
		}
		vals, err := r.body.Eval(b)
		if err != nil {
			return nil, err
		}
		base := int32(acc.Len())
		acc.Append(vals[0], vec.Identity(b.N))
		for j, i := range el.row {
			place[i] = base + int32(j)
		}
	}
	out := &vec.Vector{}
	vec.Gather(out, acc.Vector(), place)
	out.Type = n.t
	return out, nil
}
