package bind

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/memory"
)

// systemRows gives what makes a table that tells of the catalog: information_schema's views, and DuckDB's functions with those columns that mean
// something here. They are made when a query is bound, of its version of the catalog. What is in attached databases is not in them.
func systemRows(name string) func(*Binder) *memory.Rows {
	switch name {
	case "information_schema.schemata":
		return schemata
	case "information_schema.tables":
		return (*Binder).sqlTables
	case "information_schema.columns":
		return (*Binder).sqlColumns
	case "information_schema.views":
		return (*Binder).sqlViews
	case "duckdb_databases":
		return databases
	case "duckdb_schemas":
		return schemas
	case "duckdb_tables":
		return (*Binder).duckTables
	case "duckdb_views":
		return (*Binder).duckViews
	case "duckdb_columns":
		return (*Binder).duckColumns
	case "duckdb_functions":
		return functions
	case "duckdb_types":
		return duckTypes
	case "duckdb_sequences":
		return sequences
	case "duckdb_settings":
		return settings
	case "duckdb_variables":
		return variables
	}
	return nil
}

// systemTable gives a scan of a table that tells of the catalog, or nil. name has one part, or the last two of a path.
func (b *Binder) systemTable(name string) (logical.Node, []column) {
	if make := systemRows(name); make != nil {
		return b.scan(make(b).Table(), name[strings.IndexByte(name, '.')+1:])
	}
	return nil, nil
}

// systemPath gives what systemRows takes for a table's name, in any letters.
func systemPath(path ast.Path) string {
	list := path.Texts()
	return strings.ToLower(strings.Join(list[max(len(list)-2, 0):], "."))
}

var (
	tText  = types.TVarchar
	tTexts = types.NewArray(types.TVarchar)
	tBool  = types.TBoolean
	tBig   = types.TBigInt
)

// tempDatabase is what the tables call the place of temporary tables.
const tempDatabase = "temp"

// allTables gives the tables and views of all own databases, with the name of the database.
func (b *Binder) allTables(visit func(db string, t *catalog.Table)) {
	for _, db := range b.Session.Catalog.Databases() {
		list, err := b.Session.Catalog.Tables(db)
		for _, t := range list {
			if err == nil {
				visit(db, t)
			}
		}
	}
	for _, t := range b.Session.TempTables() {
		visit(tempDatabase, t)
	}
}

// columnsIn gives the columns of a table, or none where it cannot be read now.
func (b *Binder) columnsIn(t *catalog.Table) []catalog.Column {
	if t.Damage() != nil {
		return nil
	}
	if t.Kind == catalog.View {
		n, err := b.view(t.Name, t.Query, 0)
		if err != nil {
			return nil
		}
		var out []catalog.Column
		for i, c := range n.Cols() {
			k := catalog.Column{Field: types.Field{Name: c.Name, Type: c.Type}}
			if i < len(t.Columns) {
				k.Name, k.Comment = t.Columns[i].Name, t.Columns[i].Comment
			}
			out = append(out, k)
		}
		return out
	}
	if list := t.AllColumns(); len(list) > 0 {
		return list
	}
	st, err := b.Session.Open(b.Ctx, t)
	if err != nil {
		return nil
	}
	var out []catalog.Column
	for _, c := range st.Schema() {
		if !c.Hidden {
			out = append(out, catalog.Column{Field: c.Field})
		}
	}
	return out
}

// orNull gives NULL for an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func yes(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

func schemata(b *Binder) *memory.Rows {
	r := memory.NewRows("catalog_name", tText, "schema_name", tText, "schema_owner", tText)
	for _, db := range b.Session.Catalog.Databases() {
		r.Add(db, db, nil)
	}
	return r
}

func (b *Binder) sqlTables() *memory.Rows {
	r := memory.NewRows("table_catalog", tText, "table_schema", tText, "table_name", tText, "table_type", tText, "is_insertable_into", tText, "table_comment", tText)
	b.allTables(func(db string, t *catalog.Table) {
		kind := map[catalog.Kind]string{catalog.Managed: "BASE TABLE", catalog.External: "FOREIGN", catalog.View: "VIEW"}[t.Kind]
		if t.Temp && t.Kind == catalog.Managed {
			kind = "LOCAL TEMPORARY"
		}
		r.Add(db, db, t.Name, kind, yes(t.Kind == catalog.Managed), orNull(t.Comment))
	})
	return r
}

func (b *Binder) sqlViews() *memory.Rows {
	r := memory.NewRows("table_catalog", tText, "table_schema", tText, "table_name", tText, "view_definition", tText)
	b.allTables(func(db string, t *catalog.Table) {
		if t.Kind == catalog.View {
			r.Add(db, db, t.Name, t.Query)
		}
	})
	return r
}

// digits gives the precision and scale of a number, or NULLs: bits, or decimal digits of DECIMAL, and which of them, as the standard's radix.
func digits(t types.Type) (p, s, radix any) {
	switch {
	case t.IsHuge():
		return 128, 0, 2
	case t.Kind == types.Decimal:
		return int(t.P), int(t.S), 10
	case t.IsInteger():
		return 8 << ((t.Kind - types.TinyInt) % 4), 0, 2
	case t.Kind == types.Real:
		return 24, 0, 2
	case t.Kind == types.Double:
		return 53, 0, 2
	}
	return nil, nil, nil
}

func (b *Binder) sqlColumns() *memory.Rows {
	r := memory.NewRows("table_catalog", tText, "table_schema", tText, "table_name", tText, "column_name", tText, "ordinal_position", tBig, "column_default", tText,
		"is_nullable", tText, "data_type", tText, "numeric_precision", tBig, "numeric_precision_radix", tBig, "numeric_scale", tBig, "is_generated", tText, "generation_expression", tText, "column_comment", tText)
	b.allTables(func(db string, t *catalog.Table) {
		for i, c := range b.columnsIn(t) {
			p, s, radix := digits(c.Type)
			generated := "NEVER"
			if c.Generated != "" {
				generated = "ALWAYS"
			}
			r.Add(db, db, t.Name, c.Name, i+1, orNull(c.Default), yes(!c.NotNull), c.Type.String(), p, radix, s, generated, orNull(c.Generated), orNull(c.Comment))
		}
	})
	return r
}

func databases(b *Binder) *memory.Rows {
	r := memory.NewRows("database_name", tText, "internal", tBool, "type", tText)
	for _, db := range b.Session.Catalog.Databases() {
		r.Add(db, false, "skep")
	}
	for _, db := range b.Session.AttachedNames() {
		r.Add(db, false, "attached")
	}
	return r
}

func schemas(b *Binder) *memory.Rows {
	r := memory.NewRows("database_name", tText, "schema_name", tText, "internal", tBool)
	for _, db := range b.Session.Catalog.Databases() {
		r.Add(db, db, false)
	}
	return r
}

func (b *Binder) duckTables() *memory.Rows {
	r := memory.NewRows("database_name", tText, "schema_name", tText, "table_name", tText, "comment", tText, "internal", tBool, "temporary", tBool,
		"has_primary_key", tBool, "estimated_size", tBig, "column_count", tBig, "check_constraint_count", tBig)
	b.allTables(func(db string, t *catalog.Table) {
		if t.Kind == catalog.View {
			return
		}
		key, checks := false, 0
		for _, c := range t.Constraints {
			key = key || c.Kind == catalog.PrimaryKey
			if c.Kind == catalog.Check {
				checks++
			}
		}
		var size any
		if st, err := b.Session.Open(b.Ctx, t); err == nil && st.Stats().Rows >= 0 {
			size = st.Stats().Rows
		}
		r.Add(db, db, t.Name, orNull(t.Comment), false, t.Temp, key, size, len(b.columnsIn(t)), checks)
	})
	return r
}

func (b *Binder) duckViews() *memory.Rows {
	r := memory.NewRows("database_name", tText, "schema_name", tText, "view_name", tText, "comment", tText, "internal", tBool, "temporary", tBool, "column_count", tBig, "sql", tText)
	b.allTables(func(db string, t *catalog.Table) {
		if t.Kind == catalog.View {
			r.Add(db, db, t.Name, orNull(t.Comment), false, t.Temp, len(b.columnsIn(t)), "CREATE VIEW "+parser.QuoteName(t.Name)+" AS "+t.Query+";")
		}
	})
	return r
}

func (b *Binder) duckColumns() *memory.Rows {
	r := memory.NewRows("database_name", tText, "schema_name", tText, "table_name", tText, "column_name", tText, "column_index", tBig, "comment", tText, "internal", tBool,
		"column_default", tText, "is_nullable", tBool, "data_type", tText, "numeric_precision", tBig, "numeric_precision_radix", tBig, "numeric_scale", tBig)
	b.allTables(func(db string, t *catalog.Table) {
		for i, c := range b.columnsIn(t) {
			p, s, radix := digits(c.Type)
			r.Add(db, db, t.Name, c.Name, i+1, orNull(c.Comment), false, orNull(c.Default), !c.NotNull, c.Type.String(), p, radix, s)
		}
	})
	return r
}

func functions(b *Binder) *memory.Rows {
	r := memory.NewRows("function_name", tText, "alias_of", tText, "function_type", tText, "description", tText, "signatures", tTexts, "parameters", tTexts,
		"macro_definition", tText, "examples", tTexts, "categories", tTexts, "internal", tBool)
	for _, f := range b.Funcs.All() {
		kind := map[fn.Kind]string{fn.Scalar: "scalar", fn.Aggregate: "aggregate", fn.Window: "window"}[f.Kind]
		var examples []string
		for _, e := range f.Examples {
			examples = append(examples, e.SQL)
		}
		for i, n := range append([]string{f.Name}, f.Aliases...) {
			var of any
			if i > 0 {
				of = f.Name
			}
			r.Add(n, of, kind, f.Doc, f.SignatureList(), nil, nil, examples, []string{f.Category}, true)
		}
	}
	for _, m := range b.Session.Objects(catalog.MacroObject) {
		s, err := parser.ParseOne(m.Text)
		c, ok := s.(*ast.CreateMacro)
		if err != nil || !ok {
			continue
		}
		kind, names := "macro", []string{}
		if c.Table {
			kind = "table_macro"
		}
		for _, p := range c.Params {
			names = append(names, p.Name.Text)
		}
		r.Add(m.Name, nil, kind, nil, nil, names, c.Text, nil, nil, false)
	}
	return r
}

func duckTypes(b *Binder) *memory.Rows {
	r := memory.NewRows("type_name", tText, "logical_type", tText, "internal", tBool, "labels", tTexts)
	names := types.Names()
	slices.Sort(names)
	for _, n := range names {
		t, err := types.Parse(n)
		if err == nil {
			r.Add(strings.ToLower(n), t.Kind.String(), true, nil)
		}
	}
	for _, o := range b.Session.Objects(catalog.TypeObject) {
		if o.Type == nil {
			continue
		}
		var labels any
		if o.Type.Kind == types.Enum {
			list := []string{}
			for _, e := range o.Type.Elems {
				list = append(list, e.Name)
			}
			labels = list
		}
		r.Add(o.Name, o.Type.Kind.String(), false, labels)
	}
	return r
}

func sequences(b *Binder) *memory.Rows {
	r := memory.NewRows("sequence_name", tText, "start_value", tBig, "min_value", tBig, "max_value", tBig, "increment_by", tBig, "cycle", tBool, "last_value", tBig)
	for _, o := range b.Session.Objects(catalog.SequenceObject) {
		if c := o.Count; c != nil {
			var last any
			if c.Used {
				last = c.Last
			}
			r.Add(o.Name, c.Start, c.Min, c.Max, c.Step, c.Cycle, last)
		}
	}
	return r
}

func settings(b *Binder) *memory.Rows {
	r := memory.NewRows("name", tText, "value", tText, "description", tText)
	for _, s := range session.Settings {
		r.Add(s.Name, b.Session.Setting(s.Name), s.Doc)
	}
	return r
}

func variables(b *Binder) *memory.Rows {
	r := memory.NewRows("name", tText, "value", tText, "type", tText)
	for _, n := range b.Session.Variables() {
		r.Add(n, textOf(b.Session.Variable(n)), b.Session.Variable(n).Type.String())
	}
	return r
}

// textOf gives the text of a value, of a vector of one row.
func textOf(v *vec.Vector) any {
	if v.IsNull(0) {
		return nil
	}
	f, i := v.At(0)
	return string(kernel.AppendText(nil, f, i))
}
