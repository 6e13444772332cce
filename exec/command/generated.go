package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
)

// Generated columns are computed when a row is written, and kept; STORED and VIRTUAL are the same.

// generatedColumn resolves a declared column that is generated. Without a type it has that of the expression, which generatedTypes finds.
func (r *run) generatedColumn(c *catalog.Column, d *ast.ColumnDef) error {
	if d.Default != nil || d.AutoIncrement {
		return sqlerr.At(sqlerr.Bind, d.Pos, "column %s is generated, and has no default", d.Name.Text)
	}
	if d.Type != nil {
		t, err := bind.Type(d.Type, r.Session.Type)
		if err != nil {
			return err
		}
		c.Type = t
	}
	c.Generated = ast.SQL(d.Generated)
	return nil
}

// generatedTypes checks the generated columns of a new table.
func (r *run) generatedTypes(t *catalog.Table, s *ast.CreateTable) error {
	for i, c := range t.Columns {
		for k := range s.Columns {
			d := &s.Columns[k]
			if d.Generated == nil || !strings.EqualFold(d.Name.Text, c.Name) {
				continue
			}
			b := r.planEnv().Binder(r.ctx)
			typ, err := b.GeneratedType(t, i, d.Generated)
			if err != nil {
				return err
			}
			if d.Type == nil {
				t.Columns[i].Type = typed(typ)
			}
		}
	}
	for _, c := range t.Partitions {
		if c.Generated != "" {
			return sqlerr.At(sqlerr.Unsupported, s.Pos, "partition column %s cannot be generated", c.Name)
		}
	}
	return nil
}

// feeds refuses to change a column that others are generated from.
func feeds(t *catalog.Table, column string) error {
	for _, c := range t.Columns {
		if c.Generated == "" || strings.EqualFold(c.Name, column) {
			continue
		}
		x, err := parser.ParseExpr(c.Generated)
		if err != nil {
			return err
		}
		for _, n := range bind.Names(x) {
			if strings.EqualFold(n, column) {
				return sqlerr.New(sqlerr.Bind, "column %s cannot be changed: column %s is generated from it", column, c.Name).WithHint("drop column %s first", c.Name)
			}
		}
	}
	return nil
}

// generatedSet refuses SET of a generated column.
func generatedSet(t *catalog.Table, list []ast.Assignment) error {
	for _, a := range list {
		for _, n := range a.Columns {
			for _, c := range t.Columns {
				if _, word := a.Value.(*ast.Default); c.Generated != "" && strings.EqualFold(c.Name, n.Last()) && !word {
					return sqlerr.At(sqlerr.Bind, a.Pos, "column %s is generated: it is always %s", c.Name, c.Generated)
				}
			}
		}
	}
	return nil
}
