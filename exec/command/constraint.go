package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// constraints gives the rules of a new table.
func (r *run) constraints(t *catalog.Table, s *ast.CreateTable) []catalog.Constraint {
	var out []catalog.Constraint
	for _, c := range s.Columns {
		own := []string{c.Name.Text}
		if c.PrimaryKey {
			out = append(out, catalog.Constraint{Kind: catalog.PrimaryKey, Columns: own})
		}
		if c.Unique {
			out = append(out, catalog.Constraint{Kind: catalog.Unique, Columns: own})
		}
		if c.References != nil {
			out = append(out, r.foreignKey("", own, c.References))
		}
		for _, k := range c.Check {
			out = append(out, catalog.Constraint{Name: k.Name, Kind: catalog.Check, Check: k.Text})
		}
	}
	for i := range s.Constraints {
		out = append(out, r.constraint(&s.Constraints[i]))
	}
	for _, k := range out {
		if k.Kind == catalog.PrimaryKey {
			for i := range t.Columns {
				for _, name := range k.Columns {
					if strings.EqualFold(t.Columns[i].Name, name) {
						t.Columns[i].NotNull = true
					}
				}
			}
		}
	}
	return out
}

// constraint gives a constraint of a table.
func (r *run) constraint(c *ast.Constraint) catalog.Constraint {
	switch c.Kind {
	case ast.PrimaryKey:
		return catalog.Constraint{Name: c.Name, Kind: catalog.PrimaryKey, Columns: texts(c.Columns)}
	case ast.UniqueKey:
		return catalog.Constraint{Name: c.Name, Kind: catalog.Unique, Columns: texts(c.Columns)}
	case ast.ForeignKey:
		return r.foreignKey(c.Name, texts(c.Columns), c.References)
	}
	return catalog.Constraint{Name: c.Name, Kind: catalog.Check, Check: c.Check.Text}
}

func (r *run) foreignKey(name string, cols []string, to *ast.References) catalog.Constraint {
	k := catalog.Constraint{Name: name, Kind: catalog.ForeignKey, Columns: cols, Table: to.Table.Last(), References: texts(to.Columns), OnDelete: to.OnDelete, OnUpdate: to.OnUpdate}
	if k.Database = r.Session.Database; len(to.Table) > 1 {
		k.Database = to.Table[0].Text
	}
	return k
}

func texts(l []ast.Name) []string {
	var out []string
	for _, n := range l {
		out = append(out, n.Text)
	}
	return out
}

// constraintText is a constraint as SQL.
func constraintText(k *catalog.Constraint) string {
	if k.Text != "" {
		return k.Text
	}
	s := ""
	if k.Name != "" {
		s = "CONSTRAINT " + quoteName(k.Name) + " "
	}
	if k.Kind == catalog.Check {
		return s + "CHECK (" + k.Check + ")"
	}
	s += string(k.Kind) + " " + nameList(k.Columns)
	if k.Kind != catalog.ForeignKey {
		return s
	}
	s += " REFERENCES " + quoteName(k.Table)
	if len(k.References) > 0 {
		s += nameList(k.References)
	}
	if k.OnDelete != "" {
		s += " ON DELETE " + k.OnDelete
	}
	if k.OnUpdate != "" {
		s += " ON UPDATE " + k.OnUpdate
	}
	return s
}

func nameList(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, quoteName(n))
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// quoteName writes a name as SQL, in quotes where it needs them.
func quoteName(s string) string { return parser.QuoteName(s) }
