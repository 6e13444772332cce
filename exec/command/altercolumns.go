package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/storage"
)

// alterColumns adds, drops, replaces or retypes columns. In a warehouse an added column is NULL in the files that lack it, and a dropped one
// stays in them unread; what needs other values than that writes the rows anew.
func (r *run) alterColumns(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	values := map[string]string{} // by column of t: the expression for its rows, where that is not the column itself
	rewrite := false
	var err error
	switch a.Kind {
	case ast.AddColumns:
		rewrite, err = r.addColumns(t, a, values)
	case ast.DropColumns:
		err = r.dropColumns(t, a)
	case ast.ReplaceColumns:
		rewrite, err = r.replaceColumns(t, a, values)
	case ast.ChangeColumn:
		rewrite, err = r.changeColumn(t, a, values)
	case ast.AlterColumnType:
		var c *catalog.Column
		if c, err = findColumn(t, a.Names[0]); err == nil {
			rewrite, err = r.retype(t, c, a.Type, a.Using, values)
		}
	}
	if err != nil {
		return nil, err
	}
	home := r.Session.Home(t.Temp)
	if t.Kind == catalog.External || !rewrite && !home.InMemory(t) {
		return t, home.Update(old, t, nil)
	}
	return r.reshape(old, t, values)
}

// freshStored gives a new column a name in files that no older file has.
func freshStored(t *catalog.Table, c *catalog.Column) {
	taken := func(name string) bool {
		return slices.ContainsFunc(t.Gone, func(g string) bool { return strings.EqualFold(g, name) }) ||
			slices.ContainsFunc(t.AllColumns(), func(o catalog.Column) bool { return strings.EqualFold(o.StoredName(), name) })
	}
	name := c.Name
	for n := 2; taken(name); n++ {
		name = c.Name + "_" + strconv.Itoa(n)
	}
	if c.Stored = ""; name != c.Name {
		c.Stored = name
	}
}

func (r *run) addColumns(t *catalog.Table, a *ast.AlterAction, values map[string]string) (rewrite bool, err error) {
	for i := range a.Columns {
		d := &a.Columns[i]
		if hasColumn(t.AllColumns(), d.Name.Text) {
			if a.IfNotExists {
				continue
			}
			return false, sqlerr.At(sqlerr.Exists, d.Pos, "table %s has a column %s already", t.Name, d.Name.Text)
		}
		if d.PrimaryKey || d.Unique || len(d.Check) > 0 || d.References != nil {
			return false, sqlerr.At(sqlerr.Unsupported, d.Pos, "a column is added without its constraints").WithHint("ALTER TABLE %s ADD CONSTRAINT … afterwards", t.Name)
		}
		c, err := r.column(d)
		if err != nil {
			return false, err
		}
		freshStored(t, &c)
		values[c.Name] = "CAST(NULL AS " + c.Type.String() + ")"
		if c.Default != "" {
			values[c.Name] = "CAST(" + c.Default + " AS " + c.Type.String() + ")"
		}
		rewrite = rewrite || c.Default != "" || c.NotNull || c.Serial || c.Generated != ""
		t.Columns = append(t.Columns, c)
		if c.Generated != "" {
			own := &t.Columns[len(t.Columns)-1]
			typ, err := r.planEnv().Binder(r.ctx).GeneratedType(t, len(t.Columns)-1, d.Generated)
			if err != nil {
				return false, err
			}
			if d.Type == nil {
				own.Type = typed(typ)
			}
			values[c.Name] = "CAST((" + c.Generated + ") AS " + own.Type.String() + ")"
		}
	}
	return rewrite, nil
}

func (r *run) dropColumns(t *catalog.Table, a *ast.AlterAction) error {
	for _, n := range a.Names {
		c, err := findColumn(t, n)
		if err != nil {
			if a.IfExists {
				continue
			}
			return err
		}
		if hasColumn(t.Partitions, c.Name) {
			return sqlerr.At(sqlerr.Bind, n.Pos, "%s is a partition column", c.Name)
		}
		if len(t.Columns) == 1 {
			return sqlerr.At(sqlerr.Bind, n.Pos, "%s is the only column of table %s", c.Name, t.Name)
		}
		if err := notChecked(t, c.Name); err != nil {
			return err
		}
		for i := range t.Constraints {
			if k := &t.Constraints[i]; contains(k.Columns, c.Name) {
				return sqlerr.At(sqlerr.Bind, n.Pos, "%s uses column %s", constraintText(k), c.Name).WithHint("ALTER TABLE %s DROP CONSTRAINT %s", t.Name, constraintName(t, k))
			}
		}
		t.Gone = append(slices.Clone(t.Gone), c.StoredName())
		t.Columns = slices.DeleteFunc(t.Columns, func(o catalog.Column) bool { return strings.EqualFold(o.Name, n.Text) })
	}
	return nil
}

// replaceColumns is Hive's REPLACE COLUMNS: columns that keep their names keep their values.
func (r *run) replaceColumns(t *catalog.Table, a *ast.AlterAction, values map[string]string) (rewrite bool, err error) {
	if len(t.Constraints) > 0 {
		return false, sqlerr.New(sqlerr.Unsupported, "REPLACE COLUMNS is not for tables with constraints")
	}
	was := t.Columns
	t.Columns = nil
	for _, o := range was {
		t.Gone = append(slices.Clone(t.Gone), o.StoredName())
	}
	for i := range a.Columns {
		c, err := r.column(&a.Columns[i])
		if err != nil {
			return false, err
		}
		if hasColumn(t.AllColumns(), c.Name) {
			return false, sqlerr.At(sqlerr.Bind, a.Columns[i].Pos, "column %s is declared twice", c.Name)
		}
		k := slices.IndexFunc(was, func(o catalog.Column) bool { return strings.EqualFold(o.Name, c.Name) })
		if k >= 0 {
			c.Stored = was[k].StoredName()
			if c.Stored == c.Name {
				c.Stored = ""
			}
			if !c.Type.Equal(was[k].Type) {
				rewrite = true
				values[c.Name] = "CAST(" + quoteName(c.Name) + " AS " + c.Type.String() + ")"
			}
		} else {
			freshStored(t, &c)
			values[c.Name] = "CAST(NULL AS " + c.Type.String() + ")"
		}
		t.Columns = append(t.Columns, c)
	}
	return rewrite, nil
}

// changeColumn is Hive's CHANGE old new type COMMENT ….
func (r *run) changeColumn(t *catalog.Table, a *ast.AlterAction, values map[string]string) (rewrite bool, err error) {
	c, err := findColumn(t, a.Names[0])
	if err != nil {
		return false, err
	}
	d := &a.Columns[0]
	was := c.Name
	if rewrite, err = r.retype(t, c, d.Type, nil, values); err != nil {
		return false, err
	}
	if d.Comment != "" {
		c.Comment = d.Comment
	}
	if strings.EqualFold(was, d.Name.Text) {
		return rewrite, nil
	}
	text, ok := values[was]
	if err := r.renameColumn(t, c, d.Name); err != nil {
		return false, err
	}
	delete(values, was)
	if values[c.Name] = quoteName(was); ok {
		values[c.Name] = text
	}
	return rewrite, nil
}

// retype gives a column another type.
func (r *run) retype(t *catalog.Table, c *catalog.Column, to *ast.TypeName, using ast.Expr, values map[string]string) (rewrite bool, err error) {
	if to == nil {
		if using == nil { // a comment alone
			return false, nil
		}
	}
	var typ types.Type
	if to == nil {
		typ, err = r.planEnv().Binder(r.ctx).TypeOver(t, using)
	} else {
		typ, err = bind.Type(to, r.Session.Type)
	}
	typ = typed(typ)
	if err == nil {
		err = feeds(t, c.Name)
	}
	if err != nil {
		return false, err
	}
	if c.Generated != "" && using != nil {
		return false, sqlerr.At(sqlerr.Bind, using.Position(), "column %s is generated: it is always %s", c.Name, c.Generated)
	}
	if typ.Equal(c.Type) && using == nil {
		return false, nil
	}
	if hasColumn(t.Partitions, c.Name) {
		return false, sqlerr.New(sqlerr.Unsupported, "partition column %s cannot have another type", c.Name)
	}
	from := quoteName(c.Name)
	if using != nil {
		from = ast.SQL(using)
	}
	values[c.Name] = "CAST(" + from + " AS " + typ.String() + ")"
	c.Type = typ
	return true, nil
}

// reshape writes the rows of old anew as rows of t. Columns are those of the same name unless values has an expression.
func (r *run) reshape(old, t *catalog.Table, values map[string]string) (*catalog.Table, error) {
	if err := nothingAside(t); err != nil {
		return nil, err
	}
	home := r.Session.Home(t.Temp)
	rows, err := home.Open(r.ctx, r.Session.Env, old)
	if err != nil {
		return nil, err
	}
	shape := *t
	shape.Rows, shape.Parts, shape.Location = nil, catalog.Parts{}, newLocation(t)
	for i := range shape.Columns { // all files are new
		shape.Columns[i].Stored = ""
	}
	shape.Gone = nil
	var items []string
	for _, c := range shape.AllColumns() {
		if v, ok := values[c.Name]; ok {
			items = append(items, v+" AS "+quoteName(c.Name))
		} else {
			items = append(items, quoteName(c.Name))
		}
	}
	w := r.newWrite(&shape)
	err = r.overlay(map[string]storage.Table{keptRows: rows}, func() error {
		stmt, err := parseQuery("SELECT " + strings.Join(items, ", ") + ` FROM "` + keptRows + `"`)
		if err != nil {
			return err
		}
		env := r.planEnv()
		b := env.Binder(r.ctx)
		n, err := b.Query(stmt)
		if err != nil {
			return sqlerr.Move(err, sqlerr.NoPos)
		}
		if n, err = b.Assign(n, shape.Fields(), sqlerr.NoPos); err != nil {
			return err
		}
		p, err := planner.Finish(env, b, byPartition(&shape, n, home.InMemory(t)))
		if err != nil {
			return err
		}
		return sqlerr.Move(w.fill(p.Physical), sqlerr.NoPos)
	})
	if err != nil {
		return nil, err
	}
	if w.Dry {
		return &shape, home.Update(old, &shape, nil)
	}
	if err := w.apply(&shape); err != nil {
		return nil, err
	}
	if err := home.Update(old, &shape, nil); err != nil {
		return nil, err
	}
	return &shape, w.verify(&shape, nil)
}

// addConstraint adds a constraint that all rows must keep.
func (r *run) addConstraint(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	k := r.constraint(a.Constraint)
	t.Constraints = append(t.Constraints, k)
	if k.Kind == catalog.PrimaryKey {
		for _, o := range old.Constraints {
			if o.Kind == catalog.PrimaryKey {
				return nil, sqlerr.New(sqlerr.Exists, "table %s has a primary key already", t.Name)
			}
		}
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.New(sqlerr.Unsupported, "constraints are for managed tables")
	}
	if err := r.checkRules(t); err != nil {
		return nil, err
	}
	home := r.Session.Home(t.Temp)
	rows, err := home.Open(r.ctx, r.Session.Env, old)
	if err != nil {
		return nil, err
	}
	if k.Kind == catalog.PrimaryKey {
		for _, name := range k.Columns {
			c, err := findColumn(t, ast.Name{Text: name})
			if err != nil {
				return nil, err
			}
			c.NotNull = true
			nulls, err := r.some("SELECT * FROM "+tableSQL(t)+" WHERE "+quoteName(name)+" IS NULL", maxShown)
			if err != nil {
				return nil, err
			}
			if len(nulls) > 0 {
				return nil, sqlerr.New(sqlerr.Constraint, "column %s of table %s is NULL in rows %s", name, t.Name, strings.Join(nulls, ", "))
			}
		}
	}
	if err := home.Update(old, t, nil); err != nil {
		return nil, err
	}
	w := r.newWrite(t)
	return t, r.overlay(map[string]storage.Table{newRows: rows}, func() error {
		return w.verifyOne(t, &t.Constraints[len(t.Constraints)-1], false)
	})
}
