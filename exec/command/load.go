package command

import (
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/storage/multi"
)

// multiInsert is FROM source INSERT … INSERT …: all of them or none.
func (r *run) multiInsert(s *ast.MultiInsert) (*Result, error) {
	out := &Result{}
	for _, i := range s.Inserts {
		one := *i
		one.With, one.Recursive = append(append([]ast.CTE(nil), s.With...), i.With...), s.Recursive || i.Recursive
		res, err := r.insert(&one)
		if err != nil {
			return nil, err
		}
		out.Changed += res.Changed
	}
	return out, nil
}

// loadData is LOAD DATA INPATH: it reads the rows of files into a managed table. The files stay where they are, with LOCAL and without.
func (r *run) loadData(s *ast.LoadData) (*Result, error) {
	env := r.planEnv()
	b := env.Binder(r.ctx)
	t, err := b.Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s is %s: LOAD DATA is for managed tables", t.Name, kindWord(t)).WithHint("put the files into its folder")
	}
	var values []partitionValue
	if s.Partition != nil {
		if values, err = r.partitionSpec(t, s.Partition); err != nil {
			return nil, err
		}
	}
	format, err := r.Session.FormatOf(s.Path)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	ins := &ast.Insert{At: s.At, Table: s.Table, Partition: s.Partition}
	src := multi.Source{Format: format, Path: r.absolute(s.Path)}
	for k, c := range t.AllColumns() {
		static := false
		for _, v := range values {
			static = static || v.col == k-len(t.Columns)
		}
		if !static && c.Generated == "" {
			src.Columns = append(src.Columns, c.Field)
			ins.Columns = append(ins.Columns, ast.Name{At: s.At, Text: c.Name})
		}
	}
	rows, err := multi.Open(r.ctx, r.Session.Env, src)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	n, err := b.InsertRows(t, ins, b.Read(rows, s.Path))
	if err != nil {
		return nil, err
	}
	p, err := planner.Finish(env, b, byPartition(t, n, r.Session.Home(t.Temp).InMemory(t)))
	if err != nil {
		return nil, err
	}
	w := r.newWrite(t)
	w.fresh = s.Overwrite
	if err := w.fill(p.Physical); err != nil {
		return nil, err
	}
	if s.Overwrite {
		return &Result{Changed: w.rows}, w.overwrite(values)
	}
	return &Result{Changed: w.rows}, w.insert()
}
