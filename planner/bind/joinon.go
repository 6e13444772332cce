package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// outerOn makes an outer join whose condition has subqueries that use both sides. The pairs that match are found by an inner join; rows are
// told apart by their number, so that those without a match can be added.
func (b *Binder) outerOn(j *logical.Join, cond expr.Expr) (logical.Node, error) {
	if j.Kind == logical.Right {
		return b.outerOn(&logical.Join{Kind: logical.Left, Left: j.Right, Right: j.Left, On: j.On}, cond)
	}
	left, right := b.numbered("left", j.Left), b.numbered("right", j.Right)
	l, lid, lmap := left.copy(b)
	r, rid, rmap := right.copy(b)
	with := map[expr.ID]expr.Expr{}
	for _, m := range []map[expr.ID]logical.Col{lmap, rmap} {
		for old, c := range m {
			with[old] = c.Ref()
		}
	}
	terms := append(append([]expr.Expr(nil), j.On...), cond)
	for i, e := range terms {
		terms[i] = expr.Replace(e, with)
	}
	var pairs logical.Node = &logical.Join{Kind: logical.Inner, Left: l, Right: r}
	pairs, err := b.filter(pairs, expr.AndAll(terms))
	if err != nil {
		return nil, err
	}
	match := &logical.SharedDef{Name: "matches", Plan: only(pairs, append([]logical.Col{lid, rid}, columnsOf(rmap, j.Right.Cols())...))}

	// the left rows with their matches, under the columns of both sides
	m, mcols := readShared(b, match)
	main, mainID := left.original()
	joined := &logical.Join{Kind: logical.Left, Left: main, Right: m, On: []expr.Expr{&expr.Compare{Op: kernel.Eq, L: mainID.Ref(), R: mcols[0].Ref()}}}
	out := &logical.Project{Input: joined}
	for _, c := range j.Left.Cols() {
		out.Out, out.Values = append(out.Out, c), append(out.Values, c.Ref())
	}
	for i, c := range j.Right.Cols() {
		out.Out, out.Values = append(out.Out, c), append(out.Values, mcols[2+i].Ref())
	}
	if j.Kind != logical.Full {
		return out, nil
	}
	m2, m2cols := readShared(b, match)
	alone, aloneID := right.original()
	anti := &logical.Join{Kind: logical.Anti, Left: alone, Right: m2, On: []expr.Expr{&expr.Compare{Op: kernel.Eq, L: aloneID.Ref(), R: m2cols[1].Ref()}}}
	rest := &logical.Project{Input: anti}
	union := &logical.SetOp{In: []logical.Node{out, rest}, Maps: make([][]expr.ID, 2), Out: out.Out}
	for i, c := range out.Out {
		e := expr.Expr(expr.NewNull(c.Type))
		if k := i - len(j.Left.Cols()); k >= 0 {
			e = j.Right.Cols()[k].Ref()
		}
		f := b.NewCol(c.Name, c.Type)
		rest.Out, rest.Values = append(rest.Out, f), append(rest.Values, e)
		union.Maps[0], union.Maps[1] = append(union.Maps[0], c.ID), append(union.Maps[1], f.ID)
	}
	return union, nil
}

// numberedRows is a plan whose rows are numbered, computed once.
type numberedRows struct {
	def  *logical.SharedDef
	cols []logical.Col // the plan's own
	id   logical.Col
}

func (b *Binder) numbered(name string, n logical.Node) *numberedRows {
	id := b.NewCol("row_number", types.TBigInt)
	w := &logical.Window{Input: n, Funcs: []*expr.Window{{Name: "row_number", T: types.TBigInt}}, Out: []logical.Col{id}}
	return &numberedRows{&logical.SharedDef{Name: name, Plan: w}, n.Cols(), id}
}

// original reads the rows under their own columns.
func (r *numberedRows) original() (logical.Node, logical.Col) {
	s := &logical.Shared{Def: r.def, Out: append(r.cols[:len(r.cols):len(r.cols)], r.id)}
	for _, c := range s.Out {
		s.Source = append(s.Source, c.ID)
	}
	return s, r.id
}

// copy reads the rows under fresh columns, and tells which stands for which.
func (r *numberedRows) copy(b *Binder) (logical.Node, logical.Col, map[expr.ID]logical.Col) {
	s, cols := readShared(b, r.def)
	m := map[expr.ID]logical.Col{}
	for i, c := range r.cols {
		m[c.ID] = cols[i]
	}
	return s, cols[len(cols)-1], m
}

// readShared reads a shared subplan under fresh columns.
func readShared(b *Binder, def *logical.SharedDef) (*logical.Shared, []logical.Col) {
	s := &logical.Shared{Def: def}
	for _, c := range def.Plan.Cols() {
		s.Out, s.Source = append(s.Out, b.NewCol(c.Name, c.Type)), append(s.Source, c.ID)
	}
	return s, s.Out
}

func columnsOf(m map[expr.ID]logical.Col, cols []logical.Col) []logical.Col {
	out := make([]logical.Col, len(cols))
	for i, c := range cols {
		out[i] = m[c.ID]
	}
	return out
}

// sideBySide is POSITIONAL JOIN: the first rows of both sides, the second ones, and so on; the shorter side is filled up with NULL.
func (b *Binder) sideBySide(j *ast.Join, l, r logical.Node) (logical.Node, error) {
	if isLateral(l, r) {
		return nil, sqlerr.At(sqlerr.Bind, j.Pos, "POSITIONAL JOIN cannot have a LATERAL right side")
	}
	number := func(n logical.Node) (logical.Node, logical.Col) {
		id := b.NewCol("row_number", types.TBigInt)
		return &logical.Window{Input: n, Funcs: []*expr.Window{{Name: "row_number", T: types.TBigInt}}, Out: []logical.Col{id}}, id
	}
	cols := append(append([]logical.Col(nil), l.Cols()...), r.Cols()...)
	l, lid := number(l)
	r, rid := number(r)
	both := &logical.Join{Kind: logical.Full, Left: l, Right: r, On: []expr.Expr{&expr.Compare{Op: kernel.Eq, L: lid.Ref(), R: rid.Ref()}}}
	id, err := b.coalesce([]expr.Expr{lid.Ref(), rid.Ref()}, j.Pos)
	if err != nil {
		return nil, err
	}
	return only(&logical.Sort{Input: both, Keys: []expr.SortKey{{Expr: id}}}, cols), nil
}
