package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
)

// describeFunction says what a function or macro is; EXTENDED adds examples.
func (r *run) describeFunction(s *ast.Describe) (*Result, error) {
	name := s.Name.Last()
	head := []string{"property", "value"}
	if m := r.Session.Macro(name); m != nil {
		rows := [][]string{{"name", m.Name}, {"kind", "macro"}}
		if stmt, err := parser.ParseOne(m.Text); err == nil {
			if c, ok := stmt.(*ast.CreateMacro); ok {
				rows = append(rows, []string{"signatures", bind.MacroSignature(c)})
			}
		}
		return table(head, append(rows, []string{"text", m.Text})), nil
	}
	f := r.Funcs.Lookup(name)
	if f == nil {
		return nil, sqlerr.At(sqlerr.NotFound, s.Name.Position(), "function %s does not exist", name).
			WithHint("%s", sqlerr.DidYouMean(name, r.Funcs.Names()))
	}
	kind := map[fn.Kind]string{fn.Scalar: "scalar", fn.Aggregate: "aggregate", fn.Window: "window"}[f.Kind]
	rows := [][]string{{"name", f.Name}}
	if len(f.Aliases) > 0 {
		rows = append(rows, []string{"aliases", strings.Join(f.Aliases, ", ")})
	}
	rows = append(rows, []string{"kind", kind}, []string{"category", f.Category})
	for _, sig := range f.SignatureList() {
		rows = append(rows, []string{"signature", sig})
	}
	rows = append(rows, []string{"description", f.Doc})
	if s.Extended {
		for _, e := range f.Examples {
			rows = append(rows, []string{"example", e.SQL + " is " + e.Result})
		}
	}
	return table(head, rows), nil
}
