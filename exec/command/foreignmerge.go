package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/db"
)

func sqlName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func sqlNames(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, sqlName(n))
	}
	return strings.Join(out, ", ")
}

func foreignName(t *catalog.Table) string {
	info := t.Foreign.(db.Table).Describe()
	return sqlName(info.Schema) + "." + sqlName(info.Name)
}

// upsert writes INSERT … ON CONFLICT from a staging table.
func upsert(t *catalog.Table, s *ast.Insert, fields []types.Field) (func(string) string, error) {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	c := s.OnConflict
	var b strings.Builder
	b.WriteString(" ON CONFLICT")
	if len(c.Columns) > 0 {
		var keys []string
		for _, k := range c.Columns {
			keys = append(keys, k.Text)
		}
		b.WriteString(" (" + sqlNames(foreignNames(t, keys)) + ")")
	}
	if c.DoNothing {
		b.WriteString(" DO NOTHING")
	} else {
		set, err := foreignSet(t, c.Set)
		if err != nil {
			return nil, err
		}
		b.WriteString(" DO UPDATE SET " + set)
		if c.Where != nil {
			b.WriteString(" WHERE " + ast.SQL(c.Where))
		}
	}
	alias := ""
	if s.Alias != nil {
		alias = " AS " + sqlName(s.Alias.Text)
	}
	return func(stage string) string {
		list := sqlNames(names)
		return "INSERT INTO " + foreignName(t) + alias + " (" + list + ") SELECT " + list + " FROM " + stage + b.String()
	}, nil
}

// foreignNames gives names the case that the table's columns have.
func foreignNames(t *catalog.Table, names []string) []string {
	out := append([]string(nil), names...)
	for i, n := range out {
		for _, c := range t.Columns {
			if strings.EqualFold(c.Name, n) {
				out[i] = c.Name
			}
		}
	}
	return out
}

func foreignSet(t *catalog.Table, set []ast.Assignment) (string, error) {
	var out []string
	for _, a := range set {
		if len(a.Columns) != 1 {
			return "", sqlerr.At(sqlerr.Unsupported, a.Pos, "SET of several columns at once is not supported for attached databases").WithHint("write one assignment a column")
		}
		out = append(out, sqlNames(foreignNames(t, []string{a.Columns[0].Last()}))+" = "+ast.SQL(a.Value))
	}
	return strings.Join(out, ", "), nil
}

// mergeForeign runs MERGE INTO a table of an attached database: the source's rows go to a staging table there, and MERGE runs where the target is.
func (r *run) mergeForeign(s *ast.Merge) (*Result, error) {
	if _, _, _, err := r.attachedFor(s.Table); err != nil {
		return nil, err
	}
	if len(s.Returning) > 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "RETURNING is not supported for attached databases")
	}
	b := r.planEnv().Binder(r.ctx)
	t, err := b.Table(s.Table)
	if err != nil {
		return nil, err
	}
	sel := &ast.Select{At: s.At, Items: []ast.SelectItem{{Expr: &ast.Star{}}}, From: []ast.TableRef{s.Source}}
	n, err := b.Query(&ast.Query{At: s.At, With: s.With, Recursive: s.Recursive, Body: sel})
	if err != nil {
		return nil, err
	}
	l := loadOf(t, db.Apply, nil)
	for _, c := range n.Cols() {
		l.Columns = append(l.Columns, types.Field{Name: c.Name, Type: c.Type})
	}
	if l.SQL, err = mergeSQL(t, s, l.Columns); err != nil {
		return nil, err
	}
	return r.load(t, n, b, l, s.Table.Position())
}

// mergeSQL writes MERGE with a staging table for its source.
func mergeSQL(t *catalog.Table, s *ast.Merge, source []types.Field) (func(string) string, error) {
	target := t.Name
	if s.Alias != nil {
		target = s.Alias.Text
	}
	from := foreignSource(s.Source)
	on := ""
	if s.On != nil {
		on = ast.SQL(s.On)
	}
	for _, u := range s.Using {
		if on != "" {
			on += " AND "
		}
		on += sqlName(target) + "." + sqlNames(foreignNames(t, []string{u.Text})) + " = " + sqlName(from) + "." + sqlName(u.Text)
	}
	var whens strings.Builder
	for i := range s.Whens {
		w, err := mergeWhen(t, &s.Whens[i], from, source)
		if err != nil {
			return nil, err
		}
		whens.WriteString(w)
	}
	return func(stage string) string {
		return "MERGE INTO " + foreignName(t) + " AS " + sqlName(target) + " USING " + stage + " AS " + sqlName(from) + " ON " + on + whens.String()
	}, nil
}

// foreignSource is the name that the source's columns go by.
func foreignSource(ref ast.TableRef) string {
	name := "source"
	var alias *ast.Name
	switch x := ref.(type) {
	case *ast.TableName:
		name, alias = x.Name.Last(), x.Alias
	case *ast.Subquery:
		alias = x.Alias
	case *ast.FileRef:
		alias = x.Alias
		name = x.File[strings.LastIndexAny(x.File, "/\\")+1:]
		name, _, _ = strings.Cut(name, ".")
	case *ast.TableFunc:
		name, alias = x.Call.Name.Last(), x.Alias
	}
	if alias != nil {
		name = alias.Text
	}
	return name
}

func mergeWhen(t *catalog.Table, w *ast.MergeWhen, from string, source []types.Field) (string, error) {
	out := " WHEN MATCHED"
	switch w.Match {
	case ast.NotMatched:
		out = " WHEN NOT MATCHED"
	case ast.NotMatchedBySource:
		return "", sqlerr.At(sqlerr.Unsupported, w.Pos, "WHEN NOT MATCHED BY SOURCE is not supported for attached databases").WithHint("EXECUTE IN … $$ DELETE … $$ takes such rows out")
	}
	if w.Cond != nil {
		out += " AND " + ast.SQL(w.Cond)
	}
	out += " THEN "
	var names []string
	for _, f := range source {
		names = append(names, f.Name)
	}
	switch {
	case w.Action == ast.MergeDelete:
		return out + "DELETE", nil
	case w.Action == ast.MergeNothing:
		return out + "DO NOTHING", nil
	case w.Action == ast.MergeUpdate && w.Star:
		var set []string
		for i, n := range foreignNames(t, names) {
			set = append(set, sqlName(n)+" = "+sqlName(from)+"."+sqlName(names[i]))
		}
		return out + "UPDATE SET " + strings.Join(set, ", "), nil
	case w.Action == ast.MergeUpdate:
		set, err := foreignSet(t, w.Set)
		return out + "UPDATE SET " + set, err
	}
	out += "INSERT"
	var columns, values []string
	for _, c := range w.Columns {
		columns = append(columns, c.Text)
	}
	for _, v := range w.Values {
		values = append(values, ast.SQL(v))
	}
	if w.Star {
		columns, values = names, nil
		for _, n := range names {
			values = append(values, sqlName(from)+"."+sqlName(n))
		}
	}
	if len(columns) > 0 {
		out += " (" + sqlNames(foreignNames(t, columns)) + ")"
	}
	if values == nil {
		return out + " DEFAULT VALUES", nil
	}
	return out + " VALUES (" + strings.Join(values, ", ") + ")", nil
}
