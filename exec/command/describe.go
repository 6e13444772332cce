package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/db"
)

// describeFormatted tells all that is known of a table: columns, then what is about the table as a whole.
func (r *run) describeFormatted(s *ast.Describe) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	add := func(name, value, more string) { rows = append(rows, []string{name, value, more}) }
	for _, c := range t.Columns {
		add(c.Name, c.Type.String(), c.Comment)
	}
	if len(t.Partitions) > 0 {
		add("# partition columns", "", "")
		for _, c := range t.Partitions {
			add(c.Name, c.Type.String(), c.Comment)
		}
	}
	add("# table", "", "")
	add("database", t.Database, "")
	add("kind", strings.ToLower(t.Kind.String()), "")
	if t.Comment != "" {
		add("comment", t.Comment, "")
	}
	if t.Kind == catalog.View {
		add("query", t.Query, "")
		return table([]string{"name", "value", "comment"}, rows), nil
	}
	home := r.Session.Home(t.Temp)
	format, location := t.Format, t.Location
	if t.Kind == catalog.Managed {
		if format, location = "parquet", home.PartPath(&catalog.Part{Path: t.Location}); home.InMemory(t) {
			format, location = "memory", ""
		}
	}
	add("format", format, "")
	if location != "" {
		add("location", location, "")
	}
	if t.Parts.Len() > 0 {
		add("files", strconv.Itoa(t.Parts.Len()), "")
		add("bytes", strconv.FormatInt(t.Parts.Bytes(), 10), "")
	}
	for i := range t.Aside {
		add("set aside", t.Aside[i].Path, t.Aside[i].Why)
	}
	st, err := r.Session.Open(r.ctx, t)
	if err != nil {
		return nil, err
	}
	stats := st.Stats()
	if stats.Rows >= 0 {
		about := "estimate"
		if stats.Exact {
			about = ""
		}
		add("rows", strconv.FormatInt(stats.Rows, 10), about)
	}
	r.describeStats(t, st.Schema(), stats, add)
	for i := range t.Constraints {
		add("constraint", constraintName(t, &t.Constraints[i]), constraintText(&t.Constraints[i]))
	}
	for _, k := range slices.Sorted(maps.Keys(t.Properties)) {
		add("property", k, t.Properties[k])
	}
	return table([]string{"name", "value", "comment"}, rows), nil
}

func (r *run) describeDatabase(s *ast.Describe) (*Result, error) {
	if a := r.Session.AttachedOf(s.Name.String()); a != nil && len(s.Name) == 1 {
		rows := [][]string{{"name", a.Name}, {"type", a.System}}
		if sw, ok := a.DB.(db.Switcher); ok {
			rows = append(rows, []string{"database", sw.Database()})
		}
		return table([]string{"name", "value"}, append(rows, []string{"read only", strconv.FormatBool(a.ReadOnly)})), nil
	}
	d := r.Session.Catalog.Database(s.Name.Last())
	if d == nil {
		return nil, r.noDatabase(s.Name)
	}
	rows := [][]string{{"name", d.Name}, {"comment", d.Comment}, {"location", d.Location}}
	for _, k := range slices.Sorted(maps.Keys(d.Properties)) {
		rows = append(rows, []string{k, d.Properties[k]})
	}
	return table([]string{"name", "value"}, rows), nil
}

func (r *run) noDatabase(name ast.Path) error {
	return sqlerr.At(sqlerr.NotFound, name.Position(), "database %s does not exist", name.Last()).
		WithHint("%s", sqlerr.DidYouMean(name.Last(), r.Session.Databases()))
}

// showProperties lists TBLPROPERTIES, or gives one.
func (r *run) showProperties(s *ast.Show) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, k := range slices.Sorted(maps.Keys(t.Properties)) {
		if s.Property == "" || s.Property == k {
			rows = append(rows, []string{k, t.Properties[k]})
		}
	}
	if s.Property != "" && len(rows) == 0 {
		return nil, sqlerr.At(sqlerr.NotFound, s.Name.Position(), "table %s has no property %s", t.Name, s.Property)
	}
	return table([]string{"property", "value"}, rows), nil
}

// alterDatabase changes what is known of a database.
func (r *run) alterDatabase(s *ast.AlterDatabase) (*Result, error) {
	old := r.Session.Catalog.Database(s.Name.Last())
	if old == nil {
		return nil, r.noDatabase(s.Name)
	}
	if s.Rename != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "databases cannot be renamed").WithHint("ALTER TABLE t RENAME TO other.t moves a table")
	}
	d := *old
	if s.Location != "" {
		d.Location = s.Location
	}
	var err error
	if d.Properties, err = r.properties(old.Properties, s.Properties); err != nil {
		return nil, err
	}
	return &Result{}, r.Session.Catalog.AlterDatabase(&d)
}

// comment is COMMENT ON.
func (r *run) comment(s *ast.Comment) (*Result, error) {
	switch s.Kind {
	case ast.DatabaseObject:
		old := r.Session.Catalog.Database(s.Name.Last())
		if old == nil {
			return nil, r.noDatabase(s.Name)
		}
		d := *old
		d.Comment = s.Text
		return &Result{}, r.Session.Catalog.AlterDatabase(&d)
	case ast.TableObject, ast.ViewObject, ast.ColumnObject:
	default:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "COMMENT ON %s is not supported", s.Kind)
	}
	name := s.Name
	if s.Kind == ast.ColumnObject {
		if len(name) < 2 {
			return nil, sqlerr.At(sqlerr.Bind, s.Pos, "COMMENT ON COLUMN wants table.column")
		}
		name = name[:len(name)-1]
	}
	old, err := r.planEnv().Binder(r.ctx).Table(name)
	if err != nil {
		return nil, err
	}
	t := *old
	if s.Kind == ast.ColumnObject {
		t.Columns, t.Partitions = slices.Clone(t.Columns), slices.Clone(t.Partitions)
		c, err := findColumn(&t, s.Name[len(s.Name)-1])
		if err != nil {
			return nil, err
		}
		c.Comment = s.Text
	} else {
		t.Comment = s.Text
	}
	return &Result{}, r.Session.Home(t.Temp).Update(old, &t, nil)
}
