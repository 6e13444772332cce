package command

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/multi"
)

// analyze is ANALYZE TABLE: it counts the rows of a table, and the values of its columns.
func (r *run) analyze(s *ast.Analyze) (*Result, error) {
	if s.Partition != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Partition.Pos, "statistics are kept of whole tables").WithHint("ANALYZE TABLE %s", s.Table.String())
	}
	if s.Table == nil {
		list, err := r.Session.Catalog.Tables(r.Session.Database)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if t.Kind != catalog.View {
				if err := r.analyzeTable(t, nil); err != nil {
					return nil, err
				}
			}
		}
		return &Result{}, nil
	}
	t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind == catalog.View {
		return nil, sqlerr.At(sqlerr.Bind, s.Table.Position(), "%s is a view: it has no statistics of its own", t.Name)
	}
	if s.NoScan { // sizes are always known
		return &Result{}, nil
	}
	return &Result{}, r.analyzeTable(t, s.Columns)
}

// ranged tells whether the smallest and the greatest value of a type are statistics.
func ranged(t types.Type) bool {
	switch t.Phys() {
	case types.PI32, types.PI64, types.PF64:
		return true
	}
	return t.Kind == types.Varchar
}

// analyzeTable looks at all rows of a table; names are the columns to look at, nil = all.
func (r *run) analyzeTable(t *catalog.Table, names []ast.Name) error {
	home := r.Session.Home(t.Temp)
	if r.Dry || t.Foreign != nil || t.Kind == catalog.Managed && home.InMemory(t) { // tables in memory always know
		return nil
	}
	st, err := r.Session.Open(r.ctx, t)
	if err != nil {
		return err
	}
	cols, err := columnsToAnalyze(t, st.Schema(), names)
	if err != nil {
		return err
	}
	found := &catalog.Analyzed{Time: time.Now().UTC(), Cols: map[string]catalog.ColumnStats{}}
	if found.Print, err = home.Print(r.Session.Env, t); err != nil { // before: if they change meanwhile, it does not hold
		return err
	}
	if t.Analyzed != nil && t.Analyzed.Print == found.Print {
		maps.Copy(found.Cols, t.Analyzed.Cols)
	}
	items := []string{"count(*)"}
	for _, c := range cols {
		name := quoteName(c.Name)
		items = append(items, "count("+name+")")
		if ranged(c.Type) {
			items = append(items, "approx_count_distinct("+name+")", "min("+name+")", "max("+name+")")
		}
	}
	q, err := parseQuery("SELECT " + strings.Join(items, ", ") + " FROM " + tableSQL(t))
	if err != nil {
		return err
	}
	_, b, err := r.collectQuery(q, 1)
	if err != nil {
		return sqlerr.Move(err, sqlerr.NoPos)
	}
	at := 0
	count := func() int64 {
		at++
		return vec.Values[int64](b.Cols[at-1])[0]
	}
	found.Rows = count()
	for _, c := range cols {
		k := catalog.ColumnStats{Nulls: found.Rows - count()}
		if ranged(c.Type) {
			k.Distinct = count()
			lo, hi := bound(c.Field, b.Cols[at]), bound(c.Field, b.Cols[at+1])
			at += 2
			k.SetRange(c.Type, lo, hi)
		}
		found.Cols[c.StoredName()] = k
	}
	own := *t
	own.Analyzed = found
	return home.Update(t, &own, func(now *catalog.Table) (*catalog.Table, error) {
		if now.Kind != t.Kind {
			return nil, nil
		}
		own := *now
		own.Analyzed = found
		return &own, nil
	})
}

// columnsToAnalyze gives the columns of those names, or all.
func columnsToAnalyze(t *catalog.Table, schema []storage.Column, names []ast.Name) ([]catalog.Column, error) {
	all := t.AllColumns()
	if len(t.Columns) == 0 { // those that the files have
		all = nil
		for _, c := range schema {
			if !c.Hidden {
				all = append(all, catalog.Column{Field: c.Field})
			}
		}
	}
	if names == nil {
		return all, nil
	}
	var out []catalog.Column
	for _, n := range names {
		k := -1
		var have []string
		for i := range all {
			if have = append(have, all[i].Name); strings.EqualFold(all[i].Name, n.Text) {
				k = i
			}
		}
		if k < 0 {
			return nil, sqlerr.At(sqlerr.NotFound, n.Pos, "table %s has no column %s", t.Name, n.Text).WithHint("%s", sqlerr.DidYouMean(n.Text, have))
		}
		out = append(out, all[k])
	}
	return out, nil
}

// bound gives the value of a vector of one row as a statistic, or nil.
func bound(f types.Field, v *vec.Vector) *storage.Bound {
	if v.IsNull(0) {
		return nil
	}
	text := string(kernel.AppendText(nil, v, 0))
	x, err := multi.ParseValue(f, &text)
	if err != nil || x.None {
		return nil
	}
	return &x.Bound
}

// describeStats lists what is known of the columns of a table.
func (r *run) describeStats(t *catalog.Table, schema []storage.Column, st *storage.Stats, add func(name, value, more string)) {
	first := true
	line := func(name, value, more string) {
		if first {
			add("# statistics", "", "")
		}
		first = false
		add(name, value, more)
	}
	if a := t.Analyzed; a != nil {
		about := ""
		if now, err := r.Session.Home(t.Temp).Print(r.Session.Env, t); err != nil || now != a.Print {
			about = "stale: the files have changed since"
		}
		line("analyzed", a.Time.In(r.Session.Location()).Format("2006-01-02 15:04:05"), about)
	}
	for i, c := range schema {
		if c.Hidden || i >= len(st.Cols) {
			continue
		}
		k := st.Cols[i]
		var known []string
		if k.Nulls >= 0 {
			known = append(known, fmt.Sprintf("%d NULLs", k.Nulls))
		}
		if k.Distinct >= 0 {
			known = append(known, fmt.Sprintf("%d distinct", k.Distinct))
		}
		span := ""
		if k.HasRange {
			span = boundText(c.Type, k.Min) + " … " + boundText(c.Type, k.Max)
		}
		if len(known) > 0 || span != "" {
			line(c.Name, strings.Join(known, ", "), span)
		}
	}
}

// boundText shows a statistic.
func boundText(t types.Type, b storage.Bound) string {
	v := vec.New(t, 1)
	switch t.Phys() {
	case types.PBool:
		vec.Values[uint8](v)[0] = uint8(b.I)
	case types.PI32:
		vec.Values[int32](v)[0] = int32(b.I)
	case types.PI64:
		vec.Values[int64](v)[0] = b.I
	case types.PF64:
		vec.Values[float64](v)[0] = b.F
	default:
		return b.S
	}
	return string(kernel.AppendText(nil, v, 0))
}
