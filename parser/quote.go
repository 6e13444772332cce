package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
)

// QuoteName writes a name as SQL, in quotes where it needs them.
func QuoteName(s string) string {
	if x, err := ParseExpr(s); err == nil {
		if c, ok := x.(*ast.ColumnRef); ok && len(c.Parts) == 1 && c.Parts[0].Text == s {
			return s
		}
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
