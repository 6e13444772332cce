package ast

import (
	"strconv"
	"strings"
)

func (p *printer) call(c *Call) {
	p.w(c.Name.sql())
	if c.NoParens {
		return
	}
	p.w("(")
	if c.Distinct {
		p.w("DISTINCT ")
	}
	if c.Star {
		p.w("*")
	}
	for i, a := range c.Args {
		if i > 0 {
			p.w(", ")
		}
		if a.Name != nil {
			p.w(a.Name.sql(), " => ")
		}
		p.expr(a.Value)
	}
	p.orderBy(" ORDER BY ", c.OrderBy)
	p.w(")")
	if c.WithinGroup != nil {
		p.orderBy(" WITHIN GROUP (ORDER BY ", c.WithinGroup)
		p.w(")")
	}
	if c.Filter != nil {
		p.w(" FILTER (WHERE ")
		p.expr(c.Filter)
		p.w(")")
	}
	if c.IgnoreNulls {
		p.w(" IGNORE NULLS")
	}
	if c.Over != nil {
		p.window(c.Over)
	}
}

func (p *printer) orderBy(head string, items []OrderItem) {
	for i, o := range items {
		if i == 0 {
			p.w(head)
		} else {
			p.w(", ")
		}
		p.expr(o.Expr)
		if o.Desc {
			p.w(" DESC")
		}
		if o.NullsFirst {
			p.w(" NULLS FIRST")
		}
		if o.NullsLast {
			p.w(" NULLS LAST")
		}
	}
}

func (p *printer) window(w *Window) {
	p.w(" OVER ")
	if w.Bare {
		p.w(w.Name.sql())
		return
	}
	p.w("(")
	sep := ""
	if w.Name != nil {
		p.w(w.Name.sql())
		sep = " "
	}
	if w.PartitionBy != nil {
		p.w(sep, "PARTITION BY ")
		p.list(w.PartitionBy, ", ")
		sep = " "
	}
	if w.OrderBy != nil {
		p.orderBy(sep+"ORDER BY ", w.OrderBy)
		sep = " "
	}
	if f := w.Frame; f != nil {
		p.w(sep, [...]string{"ROWS", "RANGE", "GROUPS"}[f.Unit], " BETWEEN ")
		p.bound(f.Start)
		p.w(" AND ")
		p.bound(f.End)
		p.w([...]string{"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}[f.Exclude])
	}
	p.w(")")
}

func (p *printer) bound(b Bound) {
	switch b.Kind {
	case Preceding, Following:
		p.expr(b.Offset)
		p.w(" ")
	}
	p.w([...]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind])
}

func (p *printer) star(s *Star) {
	if s.Qualifier != nil {
		p.w(s.Qualifier.sql(), ".")
	}
	if s.Columns {
		p.w("COLUMNS(")
		if s.Regex != nil {
			p.expr(s.Regex)
		} else {
			p.w("*")
		}
	} else {
		p.w("*")
	}
	for i, x := range s.Exclude {
		p.w([2]string{" EXCLUDE (", ", "}[min(i, 1)], x.sql())
	}
	if s.Exclude != nil {
		p.w(")")
	}
	for i, x := range s.Replace {
		p.w([2]string{" REPLACE (", ", "}[min(i, 1)])
		p.expr(x.Expr)
		p.w(" AS ", x.Name.sql())
	}
	if s.Replace != nil {
		p.w(")")
	}
	for i, x := range s.Rename {
		p.w([2]string{" RENAME (", ", "}[min(i, 1)], x.Old.sql(), " AS ", x.New.sql())
	}
	if s.Rename != nil {
		p.w(")")
	}
	if s.Columns {
		p.w(")")
	}
}

// String is the parameter as SQL.
func (p *Param) String() string {
	switch p.Kind {
	case NumberedParam:
		return "$" + strconv.Itoa(p.Index)
	case NamedParam:
		return ":" + p.Name
	}
	return "?"
}

// String is the type as SQL.
func (t *TypeName) String() string {
	var b strings.Builder
	t.write(&b, 0)
	return b.String()
}

func (t *TypeName) write(b *strings.Builder, depth int) {
	if t == nil || depth > maxPrint {
		b.WriteString("…")
		return
	}
	if t.Name == "ARRAY" && t.Elem != nil {
		t.Elem.write(b, depth+1)
		b.WriteByte('[')
		if len(t.Params) > 0 {
			b.WriteString(strconv.Itoa(t.Params[0]))
		}
		b.WriteByte(']')
		return
	}
	b.WriteString(Name{Text: t.Name, Quoted: t.Quoted}.sql())
	if t.Unit != "" {
		b.WriteString(" " + t.Unit)
	}
	sep := "("
	next := func() {
		b.WriteString(sep)
		sep = ", "
	}
	for _, n := range t.Params {
		next()
		b.WriteString(strconv.Itoa(n))
	}
	for _, v := range t.Values {
		next()
		b.WriteString(quote(v))
	}
	for _, x := range []*TypeName{t.Key, t.Elem} {
		if x != nil {
			next()
			x.write(b, depth+1)
		}
	}
	for _, f := range t.Fields {
		next()
		if f.Name.Text != "" {
			b.WriteString(f.Name.sql() + " ")
		}
		f.Type.write(b, depth+1)
	}
	if sep != "(" {
		b.WriteByte(')')
	}
}
