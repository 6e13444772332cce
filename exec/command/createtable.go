package command

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// createTable makes a managed or external table, empty or from a query.
func (r *run) createTable(s *ast.CreateTable) (*Result, error) {
	db, name, err := r.target(s.Name)
	if err != nil {
		return nil, err
	}
	home := r.Session.Home(s.Temp)
	if s.Temp {
		db = catalog.DefaultDatabase
	}
	if old := home.Lookup(db, name); old != nil {
		if s.IfNotExists {
			return &Result{}, nil
		}
		if !s.OrReplace {
			return nil, sqlerr.At(sqlerr.Exists, s.Name.Position(), "table %s exists already", name).
				WithHint("CREATE TABLE IF NOT EXISTS leaves it, CREATE OR REPLACE TABLE replaces it")
		}
	}
	t := &catalog.Table{Database: db, Name: name, Temp: s.Temp, Comment: s.Comment, Created: time.UnixMicro(r.fnCtx.NowMicros).UTC()}
	if err := r.declare(t, s); err != nil {
		return nil, err
	}
	if err := r.checkRules(t); err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	if s.External || s.Location != "" {
		return r.createExternal(t, s)
	}
	t.Location = newLocation(t)
	if s.As != nil {
		return r.createAs(t, s)
	}
	if len(t.Columns) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "table %s has no columns", name)
	}
	return &Result{}, sqlerr.WithPos(home.Create(t, s.OrReplace), s.Name.Position())
}

// declare takes columns, partitions, constraints and properties from the statement.
func (r *run) declare(t *catalog.Table, s *ast.CreateTable) error {
	if s.Like != nil {
		src, err := r.planEnv().Binder(r.ctx).Table(s.Like)
		if err != nil {
			return err
		}
		t.Columns, t.Partitions = slices.Clone(src.Columns), slices.Clone(src.Partitions)
		for i := range t.Columns {
			t.Columns[i].Stored = ""
		}
	}
	seen := map[string]bool{}
	for i := range s.Columns {
		c, err := r.column(&s.Columns[i])
		if err != nil {
			return err
		}
		if seen[strings.ToLower(c.Name)] {
			return sqlerr.At(sqlerr.Bind, s.Columns[i].Pos, "column %s is declared twice", c.Name)
		}
		seen[strings.ToLower(c.Name)] = true
		t.Columns = append(t.Columns, c)
	}
	for i := range s.PartitionedBy {
		p := &s.PartitionedBy[i]
		if p.Type == nil { // a column of the list, or of the query
			if s.As == nil && !hasColumn(t.Columns, p.Name.Text) {
				return sqlerr.At(sqlerr.NotFound, p.Pos, "partition column %s is not among the columns, and has no type", p.Name.Text)
			}
			for k, c := range t.Columns {
				if strings.EqualFold(c.Name, p.Name.Text) {
					t.Partitions = append(t.Partitions, c)
					t.Columns = append(t.Columns[:k:k], t.Columns[k+1:]...)
					break
				}
			}
			continue
		}
		c, err := r.column(p)
		if err != nil {
			return err
		}
		if seen[strings.ToLower(c.Name)] {
			return sqlerr.At(sqlerr.Bind, p.Pos, "column %s is declared twice", c.Name)
		}
		seen[strings.ToLower(c.Name)] = true
		if c.Type.IsNested() || c.Serial {
			return sqlerr.At(sqlerr.Bind, p.Pos, "a partition column cannot be %s", p.Type.Name)
		}
		t.Partitions = append(t.Partitions, c)
	}
	var err error
	if t.Properties, err = r.properties(nil, s.Properties); err != nil {
		return err
	}
	t.Constraints = r.constraints(t, s)
	return r.generatedTypes(t, s)
}

// properties adds options to properties.
func (r *run) properties(old map[string]string, more []ast.Option) (map[string]string, error) {
	out := maps.Clone(old)
	for _, o := range more {
		v, err := r.optionText(o)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string]string{}
		}
		out[o.Name.Text] = v
	}
	return out, nil
}

// column resolves a declared column.
func (r *run) column(d *ast.ColumnDef) (catalog.Column, error) {
	c := catalog.Column{Field: types.Field{Name: d.Name.Text, NotNull: d.NotNull || d.PrimaryKey}, Comment: d.Comment}
	if d.Generated != nil {
		return c, r.generatedColumn(&c, d)
	}
	if d.Type == nil {
		return c, sqlerr.At(sqlerr.Bind, d.Pos, "column %s has no type", d.Name.Text)
	}
	var err error
	if c.Type, err = bind.Type(d.Type, r.Session.Type); err != nil {
		return c, err
	}
	if !c.Type.Equal(typed(c.Type)) {
		return c, sqlerr.At(sqlerr.Bind, d.Type.Pos, "NULL is no type that a column can have")
	}
	if d.Default != nil {
		c.Default = ast.SQL(d.Default)
	}
	c.Serial = d.AutoIncrement || strings.Contains(strings.ToUpper(d.Type.Name), "SERIAL")
	if c.Serial {
		c.NotNull = true
	}
	return c, nil
}

// typed gives what has no type but NULL one that a column can have.
func typed(t types.Type) types.Type {
	if t.Kind == types.Null {
		return types.TInteger
	}
	if !t.IsNested() {
		return t
	}
	elems := slices.Clone(t.Elems)
	for i := range elems {
		elems[i].Type = typed(elems[i].Type)
	}
	t.Elems = elems
	return t
}

// createExternal makes a table of files that somebody else owns.
func (r *run) createExternal(t *catalog.Table, s *ast.CreateTable) (*Result, error) {
	if s.As != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "CREATE EXTERNAL TABLE … AS is not supported").
			WithHint("COPY (query) TO 'file' writes files")
	}
	if s.Location == "" {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "an external table needs a LOCATION").WithHint("LOCATION 'folder', 'file.csv' or 'dir/*.parquet'")
	}
	t.Kind = catalog.External
	t.Location = s.Location
	if !filepath.IsAbs(t.Location) {
		t.Location = filepath.Join(r.Session.Env.Base, t.Location)
	}
	if err := r.externalFormat(t, s); err != nil {
		return nil, err
	}
	if len(t.Columns) == 0 { // the files' own schema: see that there is one
		if _, err := r.Session.Open(r.ctx, t); err != nil {
			return nil, sqlerr.WithPos(err, s.Pos)
		}
	}
	return &Result{}, sqlerr.WithPos(r.Session.Home(t.Temp).Create(t, s.OrReplace), s.Name.Position())
}

// externalFormat finds the format and the reader's options.
func (r *run) externalFormat(t *catalog.Table, s *ast.CreateTable) error {
	t.Options = storage.Options{}
	name := strings.ToLower(s.StoredAs)
	if name == "" && strings.Contains(strings.ToLower(s.InputFormat), "parquet") {
		name = "parquet"
	}
	if name == "" {
		if f := r.Session.Catalog.Formats().ForPath(s.Location); f != nil {
			name = f.Name()
		} else {
			name = "textfile" // Hive's default
		}
	}
	if _, err := r.Session.Catalog.Formats().Named(name); err != nil {
		return sqlerr.WithPos(err, s.Pos)
	}
	t.Format = name
	if f := s.RowFormat; f != nil {
		if f.SerDe != "" && strings.Contains(strings.ToLower(f.SerDe), "opencsv") {
			t.Format = "csv"
		}
		if strings.Contains(strings.ToLower(f.SerDe), "json") {
			t.Format = "json"
		}
		set := func(key string, v *string) {
			if v != nil {
				t.Options[key] = storage.Option{Text: *v, Pos: f.Pos}
			}
		}
		set("delim", f.Fields)
		set("escape", f.Escaped)
		set("nullstr", f.Null)
		for _, o := range f.Properties {
			v, err := r.optionText(o)
			if err != nil {
				return err
			}
			key := map[string]string{"separatorchar": "delim", "quotechar": "quote", "escapechar": "escape", "field.delim": "delim"}[strings.ToLower(o.Name.Text)]
			if key != "" {
				t.Options[key] = storage.Option{Text: v, Pos: o.Name.Pos}
			}
		}
	}
	for _, o := range s.Options {
		v, err := r.optionText(o)
		if err != nil {
			return err
		}
		t.Options[strings.ToLower(o.Name.Text)] = storage.Option{Text: v, Pos: o.Name.Pos}
	}
	if n := t.Properties["skip.header.line.count"]; n == "1" {
		t.Options["header"] = storage.Option{Text: "true", Pos: sqlerr.NoPos}
	}
	return nil
}

// optionText computes an option's value as text; one without a value is true.
func (r *run) optionText(o ast.Option) (string, error) {
	if o.Value == nil {
		return "true", nil
	}
	return r.settingValue(o.Value)
}

// partitionLast makes the columns that PARTITIONED BY names partition columns, which come last.
func partitionLast(b *bind.Binder, t *catalog.Table, n logical.Node, s *ast.CreateTable) (logical.Node, error) {
	if len(s.PartitionedBy) == 0 {
		return n, nil
	}
	t.Partitions = nil
	cols, all := n.Cols(), t.Columns
	var last []logical.Col
	for _, p := range s.PartitionedBy {
		k := slices.IndexFunc(all, func(c catalog.Column) bool { return strings.EqualFold(c.Name, p.Name.Text) })
		if k < 0 {
			return nil, sqlerr.At(sqlerr.NotFound, p.Pos, "the query gives no column %s", p.Name.Text)
		}
		t.Partitions, last = append(t.Partitions, all[k]), append(last, cols[k])
	}
	out := &logical.Project{Input: n}
	t.Columns = nil
	take := func(c logical.Col) {
		out.Out, out.Values = append(out.Out, b.NewCol(c.Name, c.Type)), append(out.Values, c.Ref())
	}
	for i, c := range cols {
		if !slices.ContainsFunc(last, func(l logical.Col) bool { return l.ID == c.ID }) {
			t.Columns = append(t.Columns, all[i])
			take(c)
		}
	}
	for _, c := range last {
		take(c)
	}
	return out, nil
}

// createAs makes a table of a query's rows.
func (r *run) createAs(t *catalog.Table, s *ast.CreateTable) (*Result, error) {
	env := r.planEnv()
	b := env.Binder(r.ctx)
	n, err := b.Query(s.As)
	if err != nil {
		return nil, err
	}
	if len(t.Columns) > 0 {
		return nil, sqlerr.At(sqlerr.Bind, s.Columns[0].Pos, "CREATE TABLE … AS takes names only, no types").WithHint("cast in the query")
	}
	cols := n.Cols()
	if len(s.ColumnNames) > 0 && len(s.ColumnNames) != len(cols) {
		return nil, sqlerr.At(sqlerr.Bind, s.ColumnNames[0].Pos, "the query gives %d columns, but %d names are given", len(cols), len(s.ColumnNames))
	}
	seen := map[string]bool{}
	for i, c := range cols {
		name := c.Name
		if len(s.ColumnNames) > 0 {
			name = s.ColumnNames[i].Text
		}
		if seen[strings.ToLower(name)] {
			return nil, sqlerr.At(sqlerr.Bind, s.As.Pos, "the query gives two columns named %s", name).WithHint("rename one: … AS other")
		}
		seen[strings.ToLower(name)] = true
		t.Columns = append(t.Columns, catalog.Column{Field: types.Field{Name: name, Type: typed(c.Type)}})
	}
	if n, err = partitionLast(b, t, n, s); err != nil {
		return nil, err
	}
	if n, err = b.Assign(n, t.Fields(), s.As.Pos); err != nil {
		return nil, err
	}
	p, err := planner.Finish(env, b, byPartition(t, n, r.Session.Home(t.Temp).InMemory(t)))
	if err != nil {
		return nil, err
	}
	if s.WithNoData {
		return &Result{}, r.Session.Home(t.Temp).Create(t, s.OrReplace)
	}
	w := r.newWrite(t)
	if err := w.fill(p.Physical); err != nil {
		return nil, err
	}
	return &Result{Changed: w.rows}, w.create(s.OrReplace)
}
