package command

import (
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
)

// insert adds the rows of a query to a managed table.
func (r *run) insert(s *ast.Insert) (*Result, error) {
	switch {
	case s.Directory != nil:
		return r.insertDirectory(s)
	}
	env := r.planEnv()
	b := env.Binder(r.ctx)
	t, err := b.Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s is %s: only managed tables take INSERT", t.Name, kindWord(t))
	}
	if s.Query != nil && len(s.With) > 0 {
		q := *s.Query
		q.With, q.Recursive = append(append([]ast.CTE(nil), s.With...), q.With...), s.Recursive || q.Recursive
		s.Query = &q
	}
	var values []partitionValue
	if s.Partition != nil {
		if values, err = r.partitionSpec(t, s.Partition); err != nil {
			return nil, err
		}
	}
	n, err := b.Insert(t, s)
	if err != nil {
		return nil, err
	}
	if s.OnConflict != nil {
		p, err := planner.Finish(env, b, n)
		if err != nil {
			return nil, err
		}
		return r.insertOnConflict(s, t, p)
	}
	w := r.newWrite(t)
	w.fresh = s.Overwrite
	if w.back = returns(s.Returning, s.At, s.Table, s.Alias); w.back != nil {
		n = inserted(b, n)
	}
	p, err := planner.Finish(env, b, byPartition(t, n, r.Session.Home(t.Temp).InMemory(t)))
	if err != nil {
		return nil, err
	}
	if err := w.fill(p.Physical); err != nil {
		return nil, err
	}
	if s.Overwrite {
		return resultOf(w.back, w.rows), w.overwrite(values)
	}
	return resultOf(w.back, w.rows), w.insert()
}

func kindWord(t *catalog.Table) string {
	if t.Kind == catalog.View {
		return "a view"
	}
	return "an external table"
}
