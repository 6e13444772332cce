package command

import (
	"math"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// RETURNING is a query over the rows that a statement adds, changes or removes. They are set aside while they are written: the plan has a
// column more that says what becomes of each row, or NULL of one that stays as it is. So the rows are those that were written, even where
// random() or a sequence made them.

// returnedRows are the rows that a statement changes.
const returnedRows = "returned rows"

// actionColumn says what became of a row.
const actionColumn = "merge_action"

// What becomes of rows.
const (
	wasInserted = "INSERT"
	wasUpdated  = "UPDATE"
	wasDeleted  = "DELETE"
)

// returning is the clause RETURNING of a statement at work.
type returning struct {
	items []ast.SelectItem
	name  ast.Name // what the statement calls the table
	at    ast.At
	kept  *memory.Appender
	out   *exec.Rows
}

// returns makes the clause, or nil where there is none.
func returns(items []ast.SelectItem, at ast.At, table ast.Path, alias *ast.Name) *returning {
	if len(items) == 0 {
		return nil
	}
	b := &returning{items: items, at: at, name: ast.Name{At: at, Text: table.Last(), Quoted: true}}
	if alias != nil {
		b.name = *alias
	}
	return b
}

// fields are those of the table and the action.
func (b *returning) fields(t *catalog.Table) []types.Field {
	return append(t.Fields(), types.Field{Name: actionColumn, Type: types.TVarchar})
}

// start begins to set rows aside.
func (b *returning) start(t *catalog.Table) { b.kept = memory.NewAppender(b.fields(t)) }

// result runs the clause over the rows that were set aside.
func (b *returning) result(r *run, t *catalog.Table) (*exec.Rows, error) {
	if b.kept == nil {
		b.start(t)
	}
	rows := hiddenAction{memory.New(b.fields(t), b.kept.Chunks())}
	var out *exec.Rows
	err := r.overlay(map[string]storage.Table{returnedRows: rows}, func() error {
		from := &ast.TableName{At: b.at, Name: ast.Path{{At: b.at, Text: returnedRows, Quoted: true}}, Alias: &b.name}
		q := &ast.Query{At: b.at, Body: &ast.Select{At: b.at, Items: b.items, From: []ast.TableRef{from}}}
		p, err := planner.Query(r.ctx, r.planEnv(), q)
		if err != nil {
			return err
		}
		if grouped(p.Bound) {
			return sqlerr.At(sqlerr.Bind, b.items[0].Pos, "an aggregate or window function may not stand in RETURNING")
		}
		if r.Dry {
			return nil
		}
		fields, batch, err := r.collect(p.Physical, math.MaxInt32)
		if err == nil {
			out = exec.Static(fields, batch)
		}
		return err
	})
	return out, err
}

// grouped tells whether a query computes aggregates or window functions. Subqueries of it stand on the right of joins.
func grouped(n logical.Node) bool {
	switch n.(type) {
	case *logical.Aggregate, *logical.Window:
		return true
	}
	in := n.Inputs()
	return len(in) > 0 && grouped(in[0])
}

// hiddenAction is rows whose action only those see who name it.
type hiddenAction struct{ *memory.Table }

// Schema gives the columns.
func (h hiddenAction) Schema() []storage.Column {
	cols := append([]storage.Column(nil), h.Table.Schema()...)
	cols[len(cols)-1].Hidden = true
	return cols
}

// inserted adds the action to rows that are all new.
func inserted(b *bind.Binder, n logical.Node) logical.Node {
	p := &logical.Project{Input: n}
	for _, c := range n.Cols() {
		p.Out, p.Values = append(p.Out, b.NewCol(c.Name, c.Type)), append(p.Values, c.Ref())
	}
	p.Out, p.Values = append(p.Out, b.NewCol(actionColumn, types.TVarchar)), append(p.Values, expr.NewString(wasInserted))
	return p
}

// fields are the columns that a plan has to give: those of the table, and the action where it is wanted.
func (w *tableWrite) fields() []types.Field {
	if w.back != nil {
		return w.back.fields(w.table)
	}
	return w.table.Fields()
}

// actionItem is the action of the rows for which the condition holds; nil holds for all.
func actionItem(at ast.At, where ast.Expr, action string) ast.SelectItem {
	var x ast.Expr = &ast.Literal{At: at, Kind: ast.StringLit, Text: action}
	if where != nil {
		x = &ast.Case{At: at, Whens: []ast.When{{Cond: where, Then: x}}}
	}
	return ast.SelectItem{At: at, Expr: x, Alias: &ast.Name{At: at, Text: actionColumn}}
}

// split gives the rows of a batch that are written, and those that RETURNING gets, by the action in its last column.
func split(b *vec.Batch) (written, returned []int32) {
	written, returned = []int32{}, []int32{} // nil would be all rows
	action := b.Cols[len(b.Cols)-1]
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel {
		if action.IsNull(int(i)) {
			written = append(written, i)
			continue
		}
		returned = append(returned, i)
		if v, k := action.At(int(i)); string(v.Bytes(k)) != wasDeleted {
			written = append(written, i)
		}
	}
	return written, returned
}

// write sets rows aside and gives put those that stay.
func (b *returning) write(in *vec.Batch, put func(*vec.Batch) (*vec.Batch, error)) error {
	written, returned := split(in)
	n := len(in.Cols) - 1
	all := &vec.Batch{Cols: append([]*vec.Vector(nil), in.Cols...), N: in.N, Sel: returned}
	if len(written) > 0 {
		out, err := put(&vec.Batch{Cols: in.Cols[:n:n], N: in.N, Sel: written, Morsel: in.Morsel, Seq: in.Seq})
		if err != nil {
			return err
		}
		copy(all.Cols, out.Cols) // numbers of SERIAL columns are in there
	}
	b.kept.Write(all)
	return nil
}

// finish runs the clause, over no rows where the statement found none to change.
func (b *returning) finish(r *run, t *catalog.Table) (err error) {
	if b != nil {
		b.out, err = b.result(r, t)
	}
	return err
}

// resultOf is the result of a statement that changed rows: those of RETURNING, if there is one.
func resultOf(b *returning, changed int64) *Result {
	if b == nil {
		return &Result{Changed: changed}
	}
	return &Result{Changed: changed, Rows: b.out}
}
