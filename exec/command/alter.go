package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
)

// alter runs the actions of ALTER TABLE and ALTER VIEW in order; all of them or none.
func (r *run) alter(s *ast.AlterTable) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		if s.IfExists && sqlerr.ClassOf(err) == sqlerr.NotFound {
			return &Result{}, nil
		}
		return nil, err
	}
	if isView := t.Kind == catalog.View; isView != (s.Kind == ast.ViewObject) {
		word := map[bool]string{true: "VIEW", false: "TABLE"}[isView]
		return nil, sqlerr.At(sqlerr.Bind, s.Name.Position(), "%s is a %s", t.Name, word).WithHint("ALTER %s %s …", word, t.Name)
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		now := r.Session.Home(t.Temp).Lookup(t.Database, t.Name)
		own := *now
		own.Columns, own.Partitions, own.Constraints = slices.Clone(now.Columns), slices.Clone(now.Partitions), slices.Clone(now.Constraints)
		if t, err = r.alterOne(now, &own, a); err != nil {
			return nil, sqlerr.WithPos(err, a.Pos)
		}
	}
	return &Result{}, nil
}

// alterOne runs an action on old, of which t is a copy to change. It gives the table afterwards.
func (r *run) alterOne(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	home := r.Session.Home(t.Temp)
	var err error
	switch a.Kind {
	case ast.RenameTable, ast.SetSchema:
		return r.renameTable(old, t, a)
	case ast.AddColumns, ast.DropColumns, ast.ReplaceColumns, ast.ChangeColumn, ast.AlterColumnType:
		return r.alterColumns(old, t, a)
	case ast.AddPartitions, ast.DropPartitions, ast.RenamePartition, ast.RecoverPartitions:
		return r.alterPartitions(old, t, a)
	case ast.SetProperties:
		t.Properties, err = r.properties(t.Properties, a.Properties)
	case ast.UnsetProperties:
		t.Properties = maps.Clone(t.Properties)
		for _, o := range a.Properties {
			if _, ok := t.Properties[o.Name.Text]; !ok && !a.IfExists {
				return nil, sqlerr.At(sqlerr.NotFound, o.Name.Pos, "table %s has no property %s", t.Name, o.Name.Text)
			}
			delete(t.Properties, o.Name.Text)
		}
	case ast.SetComment:
		t.Comment = a.Comment
	case ast.SetLocation:
		err = r.setLocation(t, a)
	case ast.SetFileFormat:
		if t.Kind != catalog.External {
			return nil, sqlerr.New(sqlerr.Unsupported, "the files of managed tables are Parquet")
		}
		if _, err = home.Formats().Named(strings.ToLower(a.Format)); err == nil {
			t.Format = strings.ToLower(a.Format)
		}
	case ast.AddConstraint:
		return r.addConstraint(old, t, a)
	case ast.DropConstraint:
		k := slices.IndexFunc(t.Constraints, func(k catalog.Constraint) bool { return strings.EqualFold(constraintName(t, &k), a.Names[0].Text) })
		if k < 0 {
			if a.IfExists {
				return old, nil
			}
			return nil, sqlerr.At(sqlerr.NotFound, a.Names[0].Pos, "table %s has no constraint %s", t.Name, a.Names[0].Text).WithHint("%s", sqlerr.DidYouMean(a.Names[0].Text, constraintNames(t)))
		}
		t.Constraints = slices.Delete(t.Constraints, k, k+1)
	case ast.AlterViewAs:
		return r.alterView(old, t, a)
	default:
		return r.alterColumn(old, t, a)
	}
	if err != nil {
		return nil, err
	}
	return t, home.Update(old, t, nil)
}

func (r *run) alterView(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	p, err := planner.Query(r.ctx, r.planEnv(), a.Query)
	if err != nil {
		return nil, err
	}
	t.Query, t.Columns = a.Text, nil
	for _, c := range p.Physical.Cols() {
		col := catalog.Column{}
		col.Name, col.Type = c.Name, c.Type
		t.Columns = append(t.Columns, col)
	}
	return t, r.Session.Home(t.Temp).Update(old, t, nil)
}

// renameTable gives a table another name, or database. Its files stay where they are.
func (r *run) renameTable(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	home := r.Session.Home(t.Temp)
	switch {
	case a.Kind == ast.SetSchema:
		t.Database = a.NewPath.Last()
	case len(a.NewPath) == 2:
		t.Database, t.Name = a.NewPath[0].Text, a.NewPath[1].Text
	default:
		t.Name = a.NewPath.Last()
	}
	if home.Lookup(t.Database, t.Name) != nil && !(strings.EqualFold(t.Name, old.Name) && strings.EqualFold(t.Database, old.Database)) {
		return nil, sqlerr.At(sqlerr.Exists, a.NewPath.Position(), "%s exists already", a.NewPath)
	}
	for _, x := range r.referrers(old) {
		child := home.Lookup(x.table.Database, x.table.Name)
		own := *child
		if child == old {
			own = *t
		}
		own.Constraints = slices.Clone(own.Constraints)
		for i := range own.Constraints {
			if k := &own.Constraints[i]; k.Kind == catalog.ForeignKey && strings.EqualFold(k.Table, old.Name) && strings.EqualFold(k.Database, old.Database) {
				k.Table, k.Database = t.Name, t.Database
			}
		}
		if child == old {
			t.Constraints = own.Constraints
			continue
		}
		if err := home.Update(child, &own, nil); err != nil {
			return nil, err
		}
	}
	if err := home.Drop(old.Database, old.Name); err != nil {
		return nil, err
	}
	return t, home.Create(t, false)
}

func (r *run) setLocation(t *catalog.Table, a *ast.AlterAction) error {
	switch {
	case t.Kind != catalog.External:
		return sqlerr.New(sqlerr.Unsupported, "the files of table %s lie in the warehouse", t.Name).
			WithHint("only external tables have a location of their own: COPY %s TO '…' writes its rows elsewhere", t.Name)
	case len(a.Partitions) > 0:
		return r.movePartition(t, a)
	}
	t.Location, t.Parts, t.Aside = r.absolute(a.Location), catalog.Parts{}, nil
	return nil
}

// movePartition gives a partition of an external table another folder.
func (r *run) movePartition(t *catalog.Table, a *ast.AlterAction) error {
	if err := r.listed(t); err != nil {
		return err
	}
	spec := &a.Partitions[0]
	values, err := r.partitionSpec(t, spec)
	if err != nil {
		return err
	}
	if _, err := fullValues(t, spec, values); err != nil {
		return err
	}
	old, err := partsOf(t, values)
	if err != nil {
		return err
	}
	if len(old) == 0 {
		return sqlerr.At(sqlerr.NotFound, spec.Pos, "table %s has no such partition", t.Name).WithHint("ALTER TABLE %s ADD PARTITION … LOCATION '…' adds it", t.Name)
	}
	t.Parts, _, err = t.Swap(old, []catalog.Part{{Values: old[0].Values, Folder: true, Path: r.absolute(a.Location)}})
	return err
}

// findColumn gives the column of that name.
func findColumn(t *catalog.Table, n ast.Name) (*catalog.Column, error) {
	var names []string
	for _, list := range [][]catalog.Column{t.Columns, t.Partitions} {
		for i := range list {
			if strings.EqualFold(list[i].Name, n.Text) {
				return &list[i], nil
			}
			names = append(names, list[i].Name)
		}
	}
	return nil, sqlerr.At(sqlerr.NotFound, n.Pos, "table %s has no column %s", t.Name, n.Text).WithHint("%s", sqlerr.DidYouMean(n.Text, names))
}

// alterColumn changes what is known of one column; no row changes.
func (r *run) alterColumn(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	if len(a.Names) == 0 {
		return nil, sqlerr.New(sqlerr.Unsupported, "this form of ALTER TABLE is not supported yet")
	}
	c, err := findColumn(t, a.Names[0])
	if err != nil {
		return nil, err
	}
	switch a.Kind {
	case ast.RenameColumn:
		if err := r.renameColumn(t, c, a.NewName); err != nil {
			return nil, err
		}
	case ast.SetDefault:
		c.Default = ast.SQL(a.Default)
	case ast.DropDefault:
		c.Default = ""
	case ast.AlterColumnComment:
		c.Comment = a.Comment
	case ast.DropNotNull:
		c.NotNull = false
	case ast.SetNotNull:
		if err := nothingAside(t); err != nil {
			return nil, err
		}
		rows, err := r.some("SELECT * FROM "+tableSQL(t)+" WHERE "+quoteName(c.Name)+" IS NULL", maxShown)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			return nil, sqlerr.New(sqlerr.Constraint, "column %s of table %s is NULL in rows %s", c.Name, t.Name, strings.Join(rows, ", "))
		}
		c.NotNull = true
	default:
		return nil, sqlerr.New(sqlerr.Unsupported, "this form of ALTER TABLE is not supported yet")
	}
	return t, r.Session.Home(t.Temp).Update(old, t, nil)
}

// tableSQL names a table in a query that the engine asks.
func tableSQL(t *catalog.Table) string {
	if t.Temp {
		return "temp." + quoteName(t.Name)
	}
	return quoteName(t.Database) + "." + quoteName(t.Name)
}

// renameColumn gives a column another name. Files keep the old one.
func (r *run) renameColumn(t *catalog.Table, c *catalog.Column, to ast.Name) error {
	if hasColumn(t.AllColumns(), to.Text) && !strings.EqualFold(c.Name, to.Text) {
		return sqlerr.At(sqlerr.Exists, to.Pos, "table %s has a column %s already", t.Name, to.Text)
	}
	if err := notChecked(t, c.Name); err != nil {
		return err
	}
	if len(r.referrers(t)) > 0 {
		return sqlerr.New(sqlerr.Unsupported, "columns of %s cannot be renamed: foreign keys refer to it", t.Name)
	}
	for i := range t.Constraints {
		k := &t.Constraints[i]
		k.Columns = slices.Clone(k.Columns)
		for j := range k.Columns {
			if strings.EqualFold(k.Columns[j], c.Name) {
				k.Columns[j] = to.Text
			}
		}
	}
	if t.Kind == catalog.External {
		if len(t.Columns) > 0 && r.byName(t) {
			return sqlerr.New(sqlerr.Unsupported, "the columns of external %s files are found by name", t.Format)
		}
	} else {
		c.Stored = c.StoredName()
	}
	c.Name = to.Text
	if t.Rows != nil {
		t.Rows = t.Rows.Renamed(t.Fields())
	}
	return nil
}

// byName tells whether a table's files name their columns.
func (r *run) byName(t *catalog.Table) bool { return t.Format == "parquet" || t.Format == "json" }

// notChecked refuses when a CHECK uses a column.
func notChecked(t *catalog.Table, column string) error {
	if err := feeds(t, column); err != nil {
		return err
	}
	for i := range t.Constraints {
		k := &t.Constraints[i]
		if k.Kind != catalog.Check {
			continue
		}
		x, err := parser.ParseExpr(k.Check)
		if err != nil {
			return err
		}
		used := false
		ast.Walk(x, func(n ast.Expr) bool {
			if c, ok := n.(*ast.ColumnRef); ok && strings.EqualFold(c.Parts.Last(), column) {
				used = true
			}
			return true
		})
		if used {
			return sqlerr.New(sqlerr.Bind, "%s uses column %s", constraintText(k), column).WithHint("ALTER TABLE %s DROP CONSTRAINT %s", t.Name, constraintName(t, k))
		}
	}
	return nil
}

// constraintName is the constraint's name: the one given, or the one that Postgres would give it.
func constraintName(t *catalog.Table, k *catalog.Constraint) string {
	if k.Name != "" {
		return k.Name
	}
	cols := strings.Join(k.Columns, "_")
	switch k.Kind {
	case catalog.PrimaryKey:
		return t.Name + "_pkey"
	case catalog.Unique:
		return t.Name + "_" + cols + "_key"
	case catalog.ForeignKey:
		return t.Name + "_" + cols + "_fkey"
	}
	n := 0
	for i := range t.Constraints { // several unnamed ones are numbered
		if o := &t.Constraints[i]; o.Kind == catalog.Check && o.Name == "" {
			if o.Check == k.Check {
				break
			}
			n++
		}
	}
	if n == 0 {
		return t.Name + "_check"
	}
	return t.Name + "_check" + strconv.Itoa(n)
}

func constraintNames(t *catalog.Table) []string {
	var out []string
	for i := range t.Constraints {
		out = append(out, constraintName(t, &t.Constraints[i]))
	}
	return out
}
