package ast

import (
	"strconv"
	"strings"
)

// maxPrint is how deep SQL follows an expression before it writes an ellipsis.
const maxPrint = 200

// SQL writes an expression as SQL, fully in parentheses: for messages, plans and tests. Subqueries are written (…).
func SQL(e Expr) string {
	p := printer{}
	p.expr(e)
	return p.b.String()
}

type printer struct {
	b     strings.Builder
	depth int
}

func (p *printer) w(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

func (p *printer) list(es []Expr, sep string) {
	for i, e := range es {
		if i > 0 {
			p.w(sep)
		}
		p.expr(e)
	}
}

func (p *printer) infix(l Expr, op string, r Expr) {
	p.w("(")
	p.expr(l)
	p.w(" ", op, " ")
	p.expr(r)
	p.w(")")
}

func (p *printer) post(e Expr, not bool, words string) {
	p.w("(")
	p.expr(e)
	if not {
		words = strings.Replace(words, "IS ", "IS NOT ", 1)
	}
	p.w(" ", words, ")")
}

func not(n bool) string {
	if n {
		return "NOT "
	}
	return ""
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (n Name) sql() string {
	if n.Quoted {
		return `"` + strings.ReplaceAll(n.Text, `"`, `""`) + `"`
	}
	return n.Text
}

func (p Path) sql() string {
	parts := make([]string, len(p))
	for i, n := range p {
		parts[i] = n.sql()
	}
	return strings.Join(parts, ".")
}

func (p *printer) expr(e Expr) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxPrint {
		p.w("…")
		return
	}
	switch e := e.(type) {
	case nil:
	case *ColumnRef:
		p.w(e.Parts.sql())
	case *Literal:
		p.literal(e)
	case *TypedLiteral:
		p.w(e.Type.String(), " ", quote(e.Text))
	case *Param:
		p.w(e.String())
	case *Unary:
		p.w("(", e.Op.String())
		if e.Op == OpNot {
			p.w(" ")
		}
		p.expr(e.Expr)
		p.w(")")
	case *Binary:
		p.infix(e.Left, e.Op.String(), e.Right)
	case *Compare:
		p.infix(e.Left, e.Op.String(), e.Right)
	case *And:
		p.w("(")
		p.list(e.Terms, " AND ")
		p.w(")")
	case *Or:
		p.w("(")
		p.list(e.Terms, " OR ")
		p.w(")")
	case *IsDistinct:
		p.infix(e.Left, "IS "+not(e.Not)+"DISTINCT FROM", e.Right)
	case *Is:
		p.post(e.Expr, e.Not, [...]string{"IS NULL", "IS TRUE", "IS FALSE", "IS UNKNOWN", "IS NAN"}[e.Kind])
	case *Cast:
		p.w(map[bool]string{true: "TRY_"}[e.Try], "CAST(")
		p.expr(e.Expr)
		p.w(" AS ", e.Type.String(), ")")
	case *Call:
		p.call(e)
	default:
		p.predicate(e)
	}
}

func (p *printer) literal(l *Literal) {
	switch l.Kind {
	case NullLit:
		p.w("NULL")
	case BoolLit:
		p.w(strings.ToUpper(l.Text))
	case StringLit:
		p.w(quote(l.Text))
	case BlobLit:
		const hex = "0123456789ABCDEF"
		p.w("X'")
		for i := range len(l.Text) {
			p.b.WriteByte(hex[l.Text[i]>>4])
			p.b.WriteByte(hex[l.Text[i]&15])
		}
		p.w("'")
	case BitLit:
		p.w("B'", l.Text, "'")
	default:
		p.w(l.Text, l.Suffix)
	}
}

func (p *printer) predicate(e Expr) {
	switch e := e.(type) {
	case *Between:
		p.w("(")
		p.expr(e.Expr)
		p.w(" ", not(e.Not), "BETWEEN ")
		if e.Symmetric {
			p.w("SYMMETRIC ")
		}
		p.expr(e.Low)
		p.w(" AND ")
		p.expr(e.High)
		p.w(")")
	case *In:
		p.w("(")
		p.expr(e.Expr)
		p.w(" ", not(e.Not), "IN ")
		switch {
		case e.Query != nil:
			p.w("(…)")
		case e.Bare:
			p.list(e.List, ", ")
		default:
			p.w("(")
			p.list(e.List, ", ")
			p.w(")")
		}
		p.w(")")
	case *Match:
		p.match(e)
	case *Case:
		p.w("CASE")
		if e.Operand != nil {
			p.w(" ")
			p.expr(e.Operand)
		}
		for _, w := range e.Whens {
			p.w(" WHEN ")
			p.expr(w.Cond)
			p.w(" THEN ")
			p.expr(w.Then)
		}
		if e.Else != nil {
			p.w(" ELSE ")
			p.expr(e.Else)
		}
		p.w(" END")
	case *Interval:
		p.w("INTERVAL")
		for ; e != nil; e = e.Next {
			p.w(" ")
			p.expr(e.Value)
			if e.Unit != "" {
				p.w(" ", e.Unit)
			}
		}
	case *Exists:
		p.w("EXISTS (…)")
	case *ScalarSubquery:
		p.w("(…)")
	case *ArraySubquery:
		p.w("ARRAY(…)")
	case *Quantified:
		p.w("(")
		p.expr(e.Left)
		p.w(" ", e.Op.String(), map[bool]string{true: " ALL (", false: " ANY ("}[e.All])
		if e.Query != nil {
			p.w("…")
		}
		p.expr(e.Array)
		p.w("))")
	default:
		p.nested(e)
	}
}

func (p *printer) nested(e Expr) {
	switch e := e.(type) {
	case *Row:
		p.w("(")
		p.list(e.Items, ", ")
		p.w(")")
	case *ArrayLit:
		p.w("[")
		p.list(e.Items, ", ")
		p.w("]")
	case *StructLit:
		p.w("{")
		for i, f := range e.Fields {
			if i > 0 {
				p.w(", ")
			}
			p.w(quote(f.Name.Text), ": ")
			p.expr(f.Value)
		}
		p.w("}")
	case *MapLit:
		p.w("MAP {")
		for i, f := range e.Entries {
			if i > 0 {
				p.w(", ")
			}
			p.expr(f.Key)
			p.w(": ")
			p.expr(f.Value)
		}
		p.w("}")
	case *Index:
		p.expr(e.Expr)
		p.w("[")
		p.expr(e.Index)
		p.w("]")
	case *Slice:
		p.expr(e.Expr)
		p.w("[")
		p.expr(e.Low)
		p.w(":")
		p.expr(e.High)
		if e.Step != nil {
			p.w(":")
			p.expr(e.Step)
		}
		p.w("]")
	case *FieldAccess:
		p.w("(")
		p.expr(e.Expr)
		p.w(").", e.Name.sql())
	case *Lambda:
		p.w("(")
		for i, n := range e.Params {
			if i > 0 {
				p.w(", ")
			}
			p.w(n.sql())
		}
		p.w(") -> ")
		p.expr(e.Body)
	default:
		p.rare(e)
	}
}

func (p *printer) rare(e Expr) {
	switch e := e.(type) {
	case *Collate:
		p.expr(e.Expr)
		p.w(" COLLATE ", e.Name.sql())
	case *AtTimeZone:
		p.infix(e.Expr, "AT TIME ZONE", e.Zone)
	case *Grouping:
		p.w("GROUPING(")
		p.list(e.Args, ", ")
		p.w(")")
	case *Positional:
		p.w("#", strconv.Itoa(e.Index))
	case *Default:
		p.w("DEFAULT")
	case *Star:
		p.star(e)
	case *ListComp:
		p.w("[")
		p.expr(e.Item)
		p.w(" FOR ")
		for i, n := range e.Names {
			if i > 0 {
				p.w(", ")
			}
			p.w(n.sql())
		}
		p.w(" IN ")
		p.expr(e.List)
		if e.Cond != nil {
			p.w(" IF ")
			p.expr(e.Cond)
		}
		p.w("]")
	}
}

func (p *printer) match(e *Match) {
	p.w("(")
	p.expr(e.Expr)
	op := not(e.Not) + [...]string{"LIKE", "ILIKE", "RLIKE", "~*", "SIMILAR TO", "GLOB"}[e.Kind]
	if e.Kind == IRLike && e.Not {
		op = "!~*"
	}
	p.w(" ", op, " ")
	if e.Any || e.All {
		p.w(map[bool]string{true: "ALL", false: "ANY"}[e.All], " (")
		p.list(e.List, ", ")
		p.w(")")
	}
	p.expr(e.Pattern)
	if e.Escape != nil {
		p.w(" ESCAPE ")
		p.expr(e.Escape)
	}
	p.w(")")
}
