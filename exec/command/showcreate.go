package command

import (
	"maps"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/db"
)

// showCreate writes a statement that would make the table again.
func (r *run) showCreate(s *ast.Show) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		return nil, err
	}
	statement := ""
	if f, ok := t.Foreign.(db.Table); ok {
		statement = foreignText(f.Describe())
	} else {
		statement = createText(t)
	}
	return table([]string{"statement"}, [][]string{{statement}}), nil
}

// createText is the statement that makes a table, without rows.
func createText(t *catalog.Table) string {
	temp := ""
	if t.Temp {
		temp = "TEMP "
	}
	if t.Kind == catalog.View {
		return "CREATE " + temp + "VIEW " + quoteName(t.Name) + comment(t.Comment) + " AS " + t.Query
	}
	var b strings.Builder
	b.WriteString("CREATE " + temp)
	if t.Kind == catalog.External {
		b.WriteString("EXTERNAL ")
	}
	b.WriteString("TABLE " + quoteName(t.Name))
	var lines []string
	for _, c := range t.Columns {
		lines = append(lines, columnText(&c))
	}
	for i := range t.Constraints {
		lines = append(lines, constraintText(&t.Constraints[i]))
	}
	if len(lines) > 0 {
		b.WriteString(" (\n  " + strings.Join(lines, ",\n  ") + "\n)")
	}
	if t.Comment != "" {
		b.WriteString("\nCOMMENT " + text(t.Comment))
	}
	if len(t.Partitions) > 0 {
		lines = nil
		for _, c := range t.Partitions {
			lines = append(lines, columnText(&c))
		}
		b.WriteString("\nPARTITIONED BY (" + strings.Join(lines, ", ") + ")")
	}
	if t.Kind == catalog.External {
		b.WriteString("\nSTORED AS " + strings.ToUpper(t.Format))
		if len(t.Options) > 0 {
			lines = nil
			for _, name := range slices.Sorted(maps.Keys(t.Options)) {
				lines = append(lines, quoteName(name)+" "+text(t.Options[name].Text))
			}
			b.WriteString("\nOPTIONS (" + strings.Join(lines, ", ") + ")")
		}
		b.WriteString("\nLOCATION " + text(t.Location))
	}
	if len(t.Properties) > 0 {
		lines = nil
		for _, name := range slices.Sorted(maps.Keys(t.Properties)) {
			lines = append(lines, text(name)+" = "+text(t.Properties[name]))
		}
		b.WriteString("\nTBLPROPERTIES (" + strings.Join(lines, ", ") + ")")
	}
	return b.String()
}

// text writes a string literal.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func comment(s string) string {
	if s == "" {
		return ""
	}
	return " COMMENT " + text(s)
}

func columnText(c *catalog.Column) string {
	s := quoteName(c.Name) + " "
	switch {
	case c.Serial && c.Type.Kind == types.BigInt:
		s += "BIGSERIAL"
	case c.Serial && c.Type.Kind == types.SmallInt:
		s += "SMALLSERIAL"
	case c.Serial:
		s += "SERIAL"
	default:
		s += c.Type.String()
		if c.NotNull {
			s += " NOT NULL"
		}
	}
	if c.Generated != "" {
		s += " GENERATED ALWAYS AS (" + c.Generated + ")"
	}
	if c.Default != "" {
		s += " DEFAULT " + c.Default
	}
	return s + comment(c.Comment)
}
