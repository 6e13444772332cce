package command

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/physical"
)

// collect runs a plan and gives its first rows, at most as many as most, in a batch of its own.
func (r *run) collect(p physical.Node, most int) ([]types.Field, *vec.Batch, error) {
	rows, err := exec.Run(r.task(), p, nil)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	out := &vec.Batch{}
	cols := make([]*vec.Builder, len(rows.Fields))
	for i, f := range rows.Fields {
		cols[i] = vec.NewBuilder(f.Type)
	}
	for out.N < most {
		b, err := rows.Next(r.ctx)
		if err != nil {
			return nil, nil, err
		}
		if b == nil {
			break
		}
		sel := b.Sel
		if sel == nil {
			sel = vec.Identity(b.N)
		}
		sel = sel[:min(len(sel), most-out.N)]
		for i, v := range b.Cols {
			cols[i].Append(v, sel)
		}
		out.N += len(sel)
	}
	for _, c := range cols {
		out.Cols = append(out.Cols, c.Vector())
	}
	return rows.Fields, out, nil
}

// collectQuery runs a query.
func (r *run) collectQuery(q *ast.Query, most int) ([]types.Field, *vec.Batch, error) {
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	if err != nil {
		return nil, nil, err
	}
	if r.Dry {
		return nil, &vec.Batch{}, nil
	}
	return r.collect(p.Physical, most)
}

// collectBound runs a plan that a binder needs the rows of before it can go on.
func (r *run) collectBound(n logical.Node, most int) (*vec.Batch, error) {
	if r.Dry {
		return &vec.Batch{}, nil
	}
	p, err := planner.Finish(r.planEnv(), r.planEnv().Binder(r.ctx), n)
	if err != nil {
		return nil, err
	}
	_, b, err := r.collect(p.Physical, most)
	return b, err
}

// value computes expressions, which may have subqueries: one row.
func (r *run) value(list ...ast.Expr) (*vec.Batch, error) {
	sel := &ast.Select{At: ast.At{Pos: list[0].Position()}}
	for _, e := range list {
		sel.Items = append(sel.Items, ast.SelectItem{At: sel.At, Expr: e})
	}
	_, b, err := r.collectQuery(&ast.Query{At: sel.At, Body: sel}, 1)
	return b, err
}
