package command

import (
	"context"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
)

// table makes a result of text rows.
func table(names []string, rows [][]string) *Result {
	b := &vec.Batch{N: len(rows)}
	var fields []types.Field
	for i, n := range names {
		col := vec.NewBuilder(types.TVarchar)
		for _, r := range rows {
			col.AppendBytes([]byte(r[i]))
		}
		b.Cols = append(b.Cols, col.Vector())
		fields = append(fields, types.Field{Name: n, Type: types.TVarchar})
	}
	return &Result{Rows: exec.Static(fields, b)}
}

// like tells whether a name matches a pattern of SHOW … LIKE: % and _ as in SQL, * and | as in Hive; without them it is the name.
func like(pattern, name string) bool {
	for _, p := range strings.Split(strings.ToLower(pattern), "|") {
		if wild(strings.ReplaceAll(p, "*", "%"), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

func wild(p, s string) bool {
	for i := 0; i < len(p); i++ {
		if p[i] == '%' {
			for k := 0; k <= len(s); k++ {
				if wild(p[i+1:], s[k:]) {
					return true
				}
			}
			return false
		}
		if s == "" || p[i] != '_' && p[i] != s[0] {
			return false
		}
		s = s[1:]
	}
	return s == ""
}

// show runs the SHOW forms.
func (r *run) show(s *ast.Show) (*Result, error) {
	keep := func(name string) bool { return !s.HasLike || like(s.Like, name) }
	switch s.Kind {
	case ast.ShowDatabases:
		list := r.Session.Databases()
		if len(s.In) > 0 {
			var err error
			if list, err = r.schemas(s.In); err != nil {
				return nil, err
			}
		}
		var rows [][]string
		for _, d := range list {
			if keep(d) {
				rows = append(rows, []string{d})
			}
		}
		return table([]string{"database"}, rows), nil
	case ast.ShowTables, ast.ShowViews:
		return r.showTables(s, keep)
	case ast.ShowColumns:
		return r.describeName(s.Name)
	case ast.ShowFunctions:
		var rows [][]string
		for _, f := range r.Funcs.All() {
			if keep(f.Name) {
				rows = append(rows, []string{f.Name, f.Category, strings.Join(f.SignatureList(), "; "), f.Doc})
			}
		}
		return table([]string{"name", "category", "signatures", "description"}, rows), nil
	case ast.ShowMacros:
		var rows [][]string
		for _, m := range r.Session.Objects(catalog.MacroObject) {
			if keep(m.Name) {
				rows = append(rows, []string{m.Name, m.Text})
			}
		}
		return table([]string{"name", "text"}, rows), nil
	case ast.ShowVariables:
		var rows [][]string
		for _, n := range r.Session.Variables() {
			if v := r.Session.Variable(n); keep(n) {
				rows = append(rows, []string{n, textAt(v, 0), v.Type.String()})
			}
		}
		return table([]string{"name", "value", "type"}, rows), nil
	case ast.ShowSettings, ast.ShowSetting:
		return r.showSettings(s, keep)
	case ast.ShowTblProperties:
		return r.showProperties(s)
	case ast.ShowVersions:
		return r.showVersions(s)
	case ast.ShowSecrets:
		return r.showSecrets(s, keep)
	case ast.ShowPartitions:
		return r.showPartitions(s)
	case ast.ShowCreateTable:
		return r.showCreate(s)
	}
	return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "this form of SHOW is not supported yet")
}

func (r *run) showTables(s *ast.Show, keep func(string) bool) (*Result, error) {
	db := r.Session.Database
	if len(s.In) > 0 {
		db = s.In.String()
	}
	if a := r.Session.AttachedOf(db); a != nil {
		return r.showForeign(s, a, db, keep)
	}
	list, err := r.Session.Catalog.Tables(db)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	if len(s.In) == 0 {
		list = append(list, r.Session.TempTables()...)
	}
	var rows [][]string
	for _, t := range list {
		if keep(t.Name) && (s.Kind != ast.ShowViews || t.Kind == catalog.View) {
			kind := strings.ToLower(t.Kind.String())
			if t.Temp {
				kind = "temporary " + kind
			}
			rows = append(rows, []string{t.Name, kind})
		}
	}
	return table([]string{"name", "kind"}, rows), nil
}

func (r *run) showSettings(s *ast.Show, keep func(string) bool) (*Result, error) {
	var rows [][]string
	name := s.Name.String()
	var names []string
	for _, d := range session.Settings {
		names = append(names, d.Name)
		if keep(d.Name) && (name == "" || strings.EqualFold(name, d.Name)) {
			rows = append(rows, []string{d.Name, r.Session.Setting(d.Name), d.Doc})
		}
	}
	if name != "" && len(rows) == 0 {
		if v := r.Session.Setting(name); v != "" {
			return table([]string{"name", "value", "description"}, [][]string{{name, v, "kept and ignored"}}), nil
		}
		return nil, sqlerr.At(sqlerr.NotFound, s.Pos, "unknown setting %s", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	return table([]string{"name", "value", "description"}, rows), nil
}

// describe gives the columns of a table, a file or a query.
func (r *run) describe(s *ast.Describe) (*Result, error) {
	if s.Kind == ast.FunctionObject {
		return r.describeFunction(s)
	}
	if s.Kind == ast.DatabaseObject {
		return r.describeDatabase(s)
	}
	if s.Kind != ast.TableObject {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "DESCRIBE %s is not supported yet", s.Kind)
	}
	q := s.Query
	switch {
	case s.File != "":
		q = &ast.Query{At: s.At, Body: &ast.Select{At: s.At, Items: []ast.SelectItem{{Expr: &ast.Star{}}}, From: []ast.TableRef{&ast.FileRef{At: s.At, File: s.File}}}}
	case q == nil && s.Call != nil:
		q = &ast.Query{At: s.At, Body: &ast.Select{At: s.At, Items: []ast.SelectItem{{Expr: &ast.Star{}}}, From: []ast.TableRef{&ast.TableFunc{At: s.At, Call: s.Call}}}}
	case q == nil && (s.Formatted || s.Extended):
		return r.describeFormatted(s)
	case q == nil:
		return r.describeName(s.Name)
	}
	return r.describeQuery(q)
}

func (r *run) describeQuery(q *ast.Query) (*Result, error) {
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, c := range p.Bound.Cols() {
		rows = append(rows, []string{c.Name, c.Type.String(), "YES", "", "", ""})
	}
	return nulls(table(describeColumns, rows)), nil
}

// describeColumns are DuckDB's; extra holds the comment. What a column has not is NULL.
var describeColumns = []string{"column_name", "column_type", "null", "key", "default", "extra"}

func (r *run) describeName(name ast.Path) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(name)
	if err != nil {
		return nil, err
	}
	if len(t.Columns) == 0 {
		return r.describeQuery(&ast.Query{At: ast.At{Pos: name.Position()}, Body: selectFrom(name, nil)})
	}
	var rows [][]string
	for _, c := range append(append([]catalog.Column(nil), t.Columns...), t.Partitions...) {
		null := "YES"
		if c.NotNull {
			null = "NO"
		}
		key := ""
		for _, k := range t.Constraints {
			if short := map[catalog.ConstraintKind]string{catalog.PrimaryKey: "PRI", catalog.Unique: "UNI"}[k.Kind]; short != "" && contains(k.Columns, c.Name) {
				key = short
			}
		}
		if c.Generated != "" {
			c.Default = "GENERATED ALWAYS AS (" + c.Generated + ")"
		}
		rows = append(rows, []string{c.Name, c.Type.String(), null, key, c.Default, c.Comment})
	}
	return nulls(table(describeColumns, rows)), nil
}

// contains tells whether a list of names has name.
func contains(list []string, name string) bool {
	for _, n := range list {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// nulls makes the empty texts of a result NULL.
func nulls(r *Result) *Result {
	b, _ := r.Rows.Next(context.Background()) // a batch in memory: no error, no wait
	for _, v := range b.Cols {
		for i := range v.Len {
			if len(v.Bytes(i)) == 0 {
				v.SetNull(i)
			}
		}
	}
	return &Result{Rows: exec.Static(r.Rows.Fields, b)}
}
