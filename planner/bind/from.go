package bind

import (
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// from binds a FROM list: a cross product, from left to right.
func (b *Binder) from(list []ast.TableRef, s *scope) (logical.Node, []column, error) {
	if len(list) == 0 {
		return &logical.Values{Rows: 1}, nil, nil
	}
	n, cols, err := b.table(list[0], s, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range list[1:] {
		r, rcols, err := b.table(ref, s, cols)
		if err != nil {
			return nil, nil, err
		}
		n = &logical.Join{Kind: logical.Inner, Left: n, Right: r, Lateral: isLateral(n, r)}
		cols = append(cols[:len(cols):len(cols)], rcols...)
	}
	return n, cols, nil
}

// isLateral tells whether r uses columns of l.
func isLateral(l, r logical.Node) bool {
	free := logical.Free(r)
	for _, c := range l.Cols() {
		if free[c.ID] {
			return true
		}
	}
	return false
}

// table binds one item of FROM. left are the columns that stand before it, for LATERAL.
func (b *Binder) table(ref ast.TableRef, s *scope, left []column) (logical.Node, []column, error) {
	if err := b.enter(ref.Position()); err != nil {
		return nil, nil, err
	}
	defer b.leave()
	if p := sampleOf(ref); p != nil {
		return b.sampled(ref, p, s, left)
	}
	return b.tableItself(ref, s, left)
}

// tableItself binds an item of FROM without its sample.
func (b *Binder) tableItself(ref ast.TableRef, s *scope, left []column) (logical.Node, []column, error) {
	switch r := ref.(type) {
	case *ast.TableName:
		return b.tableName(r, s)
	case *ast.FileRef:
		t, err := b.Session.OpenFile(b.Ctx, nil, r.File, nil, "")
		if err != nil {
			return nil, nil, sqlerr.WithPos(err, r.Pos)
		}
		n, cols := b.scan(t, r.File)
		return b.named(n, cols, fileAlias(r.File), r.Alias, r.ColumnAliases)
	case *ast.Subquery:
		in := s
		if left != nil {
			in = &scope{outer: s, cols: left}
		}
		n, err := b.query(r.Query, in)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, plainColumns(n), "", r.Alias, r.ColumnAliases)
	case *ast.TableFunc:
		if len(r.ColumnDefs) > 0 {
			return nil, nil, sqlerr.At(sqlerr.Unsupported, r.Pos, "columns with types behind a function in FROM are not supported; read_csv takes columns => {…}")
		}
		return b.tableFunc(r, &scope{outer: s, cols: left})
	case *ast.ParenRef:
		n, cols, err := b.table(r.Ref, s, left)
		if err != nil || r.Alias == nil {
			return n, cols, err
		}
		return b.named(n, cols, "", r.Alias, r.ColumnAliases)
	case *ast.Join:
		return b.join(r, s, left)
	case *ast.Pivot:
		return b.pivot(r, s, left)
	case *ast.Unpivot:
		return b.unpivot(r, s, left)
	}
	return nil, nil, sqlerr.At(sqlerr.Unsupported, ref.Position(), "this form of table is not supported yet")
}

// sampleOf gives an item's TABLESAMPLE, or nil.
func sampleOf(ref ast.TableRef) *ast.Sample {
	switch r := ref.(type) {
	case *ast.TableName:
		return r.Sample
	case *ast.FileRef:
		return r.Sample
	case *ast.Subquery:
		return r.Sample
	case *ast.TableFunc:
		return r.Sample
	}
	return nil
}

func plainColumns(n logical.Node) []column {
	var out []column
	for _, c := range n.Cols() {
		out = append(out, column{Col: c})
	}
	return out
}

// named gives the columns of a relation their relation's name, and its column aliases.
func (b *Binder) named(n logical.Node, cols []column, name string, alias *ast.Name, names []ast.Name) (logical.Node, []column, error) {
	if alias != nil {
		name = alias.Text
	}
	k := 0
	out := make([]column, 0, len(cols))
	for _, c := range cols {
		if c.merged && alias != nil || c.second && len(names) > 0 {
			continue
		}
		if name != "" {
			c.rel = name
			if alias != nil {
				c.db = ""
			}
		}
		if !c.hidden && k < len(names) {
			c.Name = names[k].Text
			k++
		}
		out = append(out, c)
	}
	if k < len(names) {
		return nil, nil, sqlerr.At(sqlerr.Bind, names[k].Pos, "%s has %d columns, but %d names are given", name, k, len(names))
	}
	return n, out, nil
}

// fileAlias is the name that a file goes by: its name up to the first dot.
func fileAlias(path string) string {
	base := path[strings.LastIndexAny(path, "/\\")+1:]
	if base == "-" {
		return "stdin"
	}
	if i := strings.IndexByte(base, '.'); i > 0 {
		base = base[:i]
	}
	return base
}

// scan makes a node that reads all columns of a table.
func (b *Binder) scan(t storage.Table, name string) (logical.Node, []column) {
	n := &logical.Scan{Table: t, Name: name}
	var cols []column
	for i, c := range t.Schema() {
		col := b.NewCol(c.Name, c.Type)
		n.Out = append(n.Out, col)
		n.Source = append(n.Source, i)
		cols = append(cols, column{Col: col, hidden: c.Hidden})
	}
	return n, cols
}

// tableName binds a CTE, a view or a table.
func (b *Binder) tableName(r *ast.TableName, s *scope) (logical.Node, []column, error) {
	if len(r.Name) == 1 && r.AsOf == nil {
		if c := s.findCTE(r.Name[0].Text); c != nil && !c.busy {
			n, err := b.cte(c)
			if err != nil {
				return nil, nil, err
			}
			return b.named(n, plainColumns(n), c.ast.Name.Text, r.Alias, r.ColumnAliases)
		}
	}
	t, err := b.Table(r.Name)
	if r.AsOf != nil {
		db, name := b.Session.Database, r.Name.Last()
		switch {
		case err == nil:
			db, name = t.Database, t.Name
		case len(r.Name) == 2:
			db = r.Name[0].Text
		}
		t, err = b.TableAt(db, name, r.AsOf, r.AsOfVersion)
	}
	if err != nil {
		if n, cols, ok := b.fileByName(r); ok {
			return b.named(n, cols, fileAlias(r.Name.Last()), r.Alias, r.ColumnAliases)
		}
		if n, cols := b.systemTable(systemPath(r.Name)); n != nil && r.AsOf == nil {
			return b.named(n, cols, r.Name.Last(), r.Alias, r.ColumnAliases)
		}
		if strings.HasPrefix(systemPath(r.Name), "information_schema.") && !b.Session.Catalog.HasDatabase("information_schema") {
			return nil, nil, sqlerr.At(sqlerr.NotFound, r.Pos, "information_schema has no table %s", r.Name.Last()).WithHint("it has schemata, tables, columns and views")
		}
		return nil, nil, err
	}
	if t.Kind == catalog.View {
		n, err := b.view(t.Name, t.Query, r.Pos)
		if err != nil {
			return nil, nil, err
		}
		cols := plainColumns(n)
		for i, c := range t.Columns {
			if i < len(cols) {
				cols[i].Name = c.Name
			}
		}
		return b.named(n, cols, t.Name, r.Alias, r.ColumnAliases)
	}
	st, err := b.Session.Open(b.Ctx, t)
	if err != nil {
		return nil, nil, sqlerr.WithPos(err, r.Pos)
	}
	n, cols := b.scan(st, t.Name)
	for i := range cols {
		cols[i].db = t.Database
	}
	return b.named(n, cols, t.Name, r.Alias, r.ColumnAliases)
}

// fileByName takes a quoted name that is a path, as DuckDB does: "dir/x.csv".
func (b *Binder) fileByName(r *ast.TableName) (logical.Node, []column, bool) {
	if len(r.Name) != 1 || !r.Name[0].Quoted || b.Session.Catalog.Formats().ForPath(r.Name[0].Text) == nil {
		return nil, nil, false
	}
	t, err := b.Session.OpenFile(b.Ctx, nil, r.Name[0].Text, nil, "")
	if err != nil {
		return nil, nil, false
	}
	n, cols := b.scan(t, r.Name[0].Text)
	return n, cols, true
}

// Table finds a table or view of the catalog.
func (b *Binder) Table(path ast.Path) (*catalog.Table, error) {
	if t, err := b.Session.Foreign(b.Ctx, path.Texts()); err != nil || t != nil {
		return t, sqlerr.WithPos(err, path.Position())
	}
	db, name := "", path.Last()
	switch len(path) {
	case 1:
	case 2:
		db = path[0].Text
	default:
		return nil, sqlerr.At(sqlerr.NotFound, path.Position(), "%s: names have at most two parts, database.table", path)
	}
	t, err := b.Session.Lookup(db, name)
	if err != nil {
		return nil, sqlerr.WithPos(err, path.Position())
	}
	return t, nil
}

// TableAt finds a table as it was in a version, or at a time.
func (b *Binder) TableAt(db, name string, asOf ast.Expr, isVersion bool) (*catalog.Table, error) {
	to := types.TTimestampTZ
	if isVersion {
		to = types.TBigInt
	}
	typ, err := parser.ParseType(to.String())
	if err != nil {
		return nil, err
	}
	c, err := b.Scalar(&ast.Cast{At: ast.At{Pos: asOf.Position()}, Expr: asOf, Type: typ})
	if err != nil {
		return nil, err
	}
	if c.V.IsNull(0) {
		return nil, sqlerr.At(sqlerr.Bind, asOf.Position(), "no version is NULL")
	}
	v, i := c.V.At(0)
	n := vec.Values[int64](v)[i]
	if !isVersion {
		if n, err = b.Session.Catalog.VersionAt(time.UnixMicro(n)); err != nil {
			return nil, sqlerr.WithPos(err, asOf.Position())
		}
	}
	t, err := b.Session.Catalog.LookupAt(db, name, n)
	return t, sqlerr.WithPos(err, asOf.Position())
}

// cte gives a reader of a WITH query, which is bound at its first use.
func (b *Binder) cte(c *cte) (logical.Node, error) {
	if c.work != nil {
		return c.work.read(b), nil
	}
	if len(c.ast.UsingKey) > 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, c.ast.UsingKey[0].Position(), "USING KEY of the query %s is not supported", c.ast.Name.Text).
			WithHint("leave it out, and keep one row a key where %s is read: SELECT DISTINCT ON (key) …, or max_by", c.ast.Name.Text)
	}
	if c.def == nil {
		c.busy = true
		bind := b.query
		if c.recursive {
			bind = func(*ast.Query, *scope) (logical.Node, error) { return b.recursive(c) }
		}
		n, err := bind(c.ast.Query, c.scope)
		c.busy = false
		if err != nil {
			return nil, err
		}
		cols := n.Cols()
		if len(c.ast.Columns) > len(cols) {
			return nil, sqlerr.At(sqlerr.Bind, c.ast.Columns[len(cols)].Pos, "%s has %d columns, but %d names are given", c.ast.Name.Text, len(cols), len(c.ast.Columns))
		}
		c.names = nil
		for i, col := range cols {
			name := col.Name
			if i < len(c.ast.Columns) {
				name = c.ast.Columns[i].Text
			}
			c.names = append(c.names, name)
		}
		c.def = &logical.SharedDef{Name: c.ast.Name.Text, Plan: n}
	}
	def := c.def
	if len(logical.Free(def.Plan)) > 0 { // correlated: every use gets its own
		c.def = nil
		return b.rename(def.Plan, c.names), nil
	}
	sh := &logical.Shared{Def: def}
	for i, col := range def.Plan.Cols() {
		sh.Out = append(sh.Out, b.NewCol(c.names[i], col.Type))
		sh.Source = append(sh.Source, col.ID)
	}
	return sh, nil
}

// rename gives n with fresh column IDs and other names.
func (b *Binder) rename(n logical.Node, names []string) logical.Node {
	p := &logical.Project{Input: n}
	for i, c := range n.Cols() {
		p.Out = append(p.Out, b.NewCol(names[i], c.Type))
		p.Values = append(p.Values, c.Ref())
	}
	return p
}

// tableFunc binds a function in FROM.
func (b *Binder) tableFunc(r *ast.TableFunc, s *scope) (logical.Node, []column, error) {
	name := strings.ToLower(r.Call.Name.Last())
	alias := name
	if r.WithOrdinality && name != "unnest" && name != "explode" && name != "flatten" {
		return nil, nil, sqlerr.At(sqlerr.Unsupported, r.Pos, "WITH ORDINALITY behind %s is not supported yet", name)
	}
	if m := b.Session.Macro(name); m != nil && len(r.Call.Name) <= 2 {
		n, err := b.tableMacro(m, r.Call, s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, plainColumns(n), alias, r.Alias, r.ColumnAliases)
	}
	if generators[name] {
		n, err := b.generator(name, r.Call, s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, plainColumns(n), alias, r.Alias, r.ColumnAliases)
	}
	switch name {
	case "read_csv", "read_csv_auto", "read_parquet", "parquet_scan", "read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto",
		"read_ndjson", "read_ndjson_auto", "read_ndjson_objects":
		n, cols, file, err := b.readFiles(r.Call, strings.Split(name, "_"), s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, cols, fileAlias(file), r.Alias, r.ColumnAliases)
	case "unnest", "explode", "flatten":
		return b.unnest(r, s)
	case "generate_series", "range":
		n, cols, err := b.series(r.Call, name == "range", s)
		if err != nil {
			return nil, nil, err
		}
		if name == "range" { // Spark's name of the column
			id := cols[0]
			id.Name, id.hidden, id.second = "id", true, true
			cols = append(cols, id)
		}
		return b.named(n, cols, alias, r.Alias, r.ColumnAliases)
	case "query", "query_table":
		bound := b.queryText
		if name == "query_table" {
			bound = b.queryTable
		}
		n, err := bound(r.Call, s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, plainColumns(n), alias, r.Alias, r.ColumnAliases)
	case "postgres_query":
		n, cols, err := b.foreignQuery(r.Call, s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, cols, alias, r.Alias, r.ColumnAliases)
	case "skep_bad_records":
		n, cols := b.badRecords()
		return b.named(n, cols, alias, r.Alias, r.ColumnAliases)
	case "glob", "read_text", "read_blob", "parquet_schema", "parquet_metadata", "parquet_file_metadata":
		n, cols, err := b.fileFunc(name, r.Call, s)
		if err != nil {
			return nil, nil, err
		}
		return b.named(n, cols, alias, r.Alias, r.ColumnAliases)
	}
	if n, cols := b.systemTable(name); n != nil {
		if len(r.Call.Args) > 0 {
			return nil, nil, sqlerr.At(sqlerr.Bind, r.Pos, "%s takes no arguments", name)
		}
		return b.named(n, cols, alias, r.Alias, r.ColumnAliases)
	}
	return nil, nil, sqlerr.At(sqlerr.NotFound, r.Pos, "table function %s does not exist", name).
		WithHint("%s", sqlerr.DidYouMean(name, []string{"read_csv", "read_parquet", "read_json", "unnest", "generate_series", "range", "explode", "posexplode", "inline", "stack", "json_tuple", "query", "query_table", "postgres_query", "glob", "read_text", "read_blob", "parquet_schema", "parquet_metadata", "parquet_file_metadata",
			"duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_functions", "duckdb_types", "duckdb_sequences", "duckdb_settings", "duckdb_schemas", "duckdb_databases"}))
}

// readFiles binds read_csv, read_parquet and their kin.
func (b *Binder) readFiles(c *ast.Call, words []string, s *scope) (logical.Node, []column, string, error) {
	format := words[1]
	if words[0] == "parquet" {
		format = "parquet"
	}
	f, err := b.Session.Catalog.Formats().Named(format)
	if err != nil {
		return nil, nil, "", sqlerr.WithPos(err, c.Pos)
	}
	path := ""
	opts := storage.Options{}
	var key strings.Builder
	if format == "ndjson" {
		opts["format"] = storage.Option{Text: "newline_delimited", Pos: c.Pos}
		key.WriteString("lines;")
	}
	if slices.Contains(words, "objects") {
		opts["objects"] = storage.Option{Text: "true", Pos: c.Pos}
		key.WriteString("objects;")
	}
	for i, a := range c.Args {
		o, err := b.option(a.Value, s)
		if err != nil {
			return nil, nil, "", err
		}
		if a.Name == nil && i == 0 {
			path = pathOf(o)
			continue
		}
		if a.Name == nil {
			return nil, nil, "", sqlerr.At(sqlerr.Bind, a.Value.Position(), "options are written name => value")
		}
		opts[strings.ToLower(a.Name.Text)] = o
		key.WriteString(a.Name.Text + "=" + optionKey(o) + ";")
	}
	if path == "" {
		return nil, nil, "", sqlerr.At(sqlerr.Bind, c.Pos, "%s needs a path", c.Name).WithHint("read_csv('file.csv')")
	}
	t, err := b.Session.OpenFile(b.Ctx, f, path, opts, key.String())
	if err != nil {
		return nil, nil, "", sqlerr.WithPos(err, c.Pos)
	}
	n, cols := b.scan(t, path)
	return n, cols, path, nil
}

// foreignQuery binds postgres_query('pg', 'SELECT …'), whose query an attached database runs.
func (b *Binder) foreignQuery(c *ast.Call, s *scope) (logical.Node, []column, error) {
	if len(c.Args) != 2 || c.Args[0].Name != nil || c.Args[1].Name != nil {
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Pos, "postgres_query takes the name of an attached database and a query").WithHint("postgres_query('pg', 'SELECT …')")
	}
	var texts [2]string
	for i, a := range c.Args {
		o, err := b.option(a.Value, s)
		if err != nil {
			return nil, nil, err
		}
		texts[i] = o.Text
	}
	t, err := b.Session.ForeignQuery(b.Ctx, texts[0], texts[1])
	if err != nil {
		return nil, nil, sqlerr.WithPos(err, c.Args[1].Value.Position())
	}
	n, cols := b.scan(t, "postgres_query")
	return n, cols, nil
}

func optionKey(o storage.Option) string {
	k := o.Text + strings.Join(o.Keys, ",")
	for _, x := range o.List {
		k += "[" + optionKey(x) + "]"
	}
	return k
}

// option reads the value of a reader's option: a literal, a list or a struct of them.
func (b *Binder) option(e ast.Expr, s *scope) (storage.Option, error) {
	o := storage.Option{Pos: e.Position()}
	switch x := e.(type) {
	case *ast.Literal:
		o.Text = x.Text
		return o, nil
	case *ast.ColumnRef:
		if a, ok := s.arg(x.Parts); ok && len(x.Parts) == 1 {
			return b.option(a.e, a.scope)
		}
		o.Text = x.Parts.String()
		return o, nil
	case *ast.ArrayLit:
		for _, i := range x.Items {
			v, err := b.option(i, s)
			if err != nil {
				return o, err
			}
			o.List = append(o.List, v)
		}
		return o, nil
	case *ast.StructLit:
		for _, f := range x.Fields {
			v, err := b.option(f.Value, s)
			if err != nil {
				return o, err
			}
			o.Keys, o.List = append(o.Keys, f.Name.Text), append(o.List, v)
		}
		return o, nil
	case *ast.MapLit:
		for _, m := range x.Entries {
			k, err := b.option(m.Key, s)
			if err != nil {
				return o, err
			}
			v, err := b.option(m.Value, s)
			if err != nil {
				return o, err
			}
			o.Keys, o.List = append(o.Keys, k.Text), append(o.List, v)
		}
		return o, nil
	}
	v, err := b.expr(e, s.constants())
	if err != nil {
		return o, err
	}
	if v, err = b.cast(v, types.TVarchar, e.Position()); err != nil {
		return o, err
	}
	c, err := b.Fold(v)
	if err != nil {
		return o, err
	}
	o.Text, _ = expr.Text(c)
	return o, nil
}
