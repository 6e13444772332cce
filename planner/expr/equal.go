package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// castCanFail tells whether a value of the argument's type may not convert.
func castCanFail(c *Cast) bool {
	k, ok := kernel.NewCaster(c.Arg.Type(), c.T)
	return !ok || k.CanFail
}

// Equal tells whether a and b are the same expression.
func Equal(a, b Expr) bool { return a == b || Key(a) == Key(b) }

// Key gives a text that is the same for the same expressions only.
func Key(e Expr) string {
	var b strings.Builder
	writeKey(&b, e)
	return b.String()
}

func writeKey(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *Column:
		b.WriteString("#" + strconv.Itoa(int(e.ID)))
		return
	case *Var:
		b.WriteString("@" + strconv.Itoa(int(e.ID)))
		return
	case *Lambda:
		fmt.Fprintf(b, "lambda%d %d %v", e.Kind, e.Params[0].ID, e.Init != nil)
	case *Const:
		b.WriteString("'" + e.V.Type.String() + ":")
		if e.V.IsNull(0) {
			b.WriteString("null")
		} else {
			t := kernel.AppendText(nil, e.V, 0)
			b.WriteString(strconv.Itoa(len(t)) + ":")
			b.Write(t)
		}
		return
	case *Call:
		b.WriteString(e.Fn.Func.Name + ":" + e.Fn.Result.String())
		if e.Fn.Volatile {
			b.WriteString(strconv.Itoa(e.Pos))
		}
	case *Compare:
		b.WriteString(e.Op.String())
		if e.NullSafe {
			b.WriteString("!")
		}
	case *Logic:
		if e.Or {
			b.WriteString("or")
		} else {
			b.WriteString("and")
		}
	case *Not:
		b.WriteString("not")
	case *IsNull:
		b.WriteString("isnull" + strconv.FormatBool(e.Not))
	case *Case:
		b.WriteString("case" + strconv.Itoa(len(e.Whens)))
	case *Coalesce:
		b.WriteString("coalesce")
	case *Cast:
		b.WriteString("cast" + strconv.FormatBool(e.Try) + e.T.String() + e.For)
	case *InList:
		b.WriteString("in" + strconv.FormatBool(e.Not) + strconv.FormatBool(e.HasNull))
		for i := range e.List.Len {
			t := kernel.AppendText(nil, e.List, i)
			b.WriteString(strconv.Itoa(len(t)) + ":")
			b.Write(t)
		}
	case *Agg:
		b.WriteString("agg" + e.Fn.Func.Name + e.Fn.Result.String() + strconv.FormatBool(e.Distinct) + strconv.FormatBool(e.Filter != nil))
		for _, k := range e.OrderBy {
			b.WriteString(strconv.FormatBool(k.Desc) + strconv.FormatBool(k.NullsFirst))
		}
	case *Window:
		b.WriteString(e.spec())
	default:
		fmt.Fprintf(b, "?%p", e)
	}
	b.WriteByte('(')
	for i, k := range Children(e) {
		if i > 0 {
			b.WriteByte(',')
		}
		writeKey(b, k)
	}
	b.WriteByte(')')
}

// String shows e for EXPLAIN.
func String(e Expr) string {
	var b strings.Builder
	write(&b, e)
	return b.String()
}

func write(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *Column:
		b.WriteString(e.Name)
	case *Var:
		b.WriteString(e.Name)
	case *Lambda:
		b.WriteString([...]string{"list_transform", "list_filter", "list_reduce"}[e.Kind] + "(")
		write(b, e.List)
		b.WriteString(", " + e.Params[0].Name + " -> ")
		write(b, e.Body)
		b.WriteString(")")
	case *Const:
		writeConst(b, e.V, 0)
	case *Call:
		if len(e.Args) == 2 && infix[e.Fn.Func.Name] != "" {
			writeList(b, e.Args, " "+infix[e.Fn.Func.Name]+" ")
			return
		}
		b.WriteString(e.Fn.Func.Name)
		writeList(b, e.Args, ", ")
	case *Compare:
		write(b, e.L)
		if e.NullSafe {
			b.WriteString(" IS NOT DISTINCT FROM ")
		} else {
			b.WriteString(" " + e.Op.String() + " ")
		}
		write(b, e.R)
	case *Logic:
		if e.Or {
			writeList(b, e.Terms, " OR ")
		} else {
			writeList(b, e.Terms, " AND ")
		}
	case *Not:
		b.WriteString("NOT ")
		write(b, e.Arg)
	case *IsNull:
		write(b, e.Arg)
		if e.Not {
			b.WriteString(" IS NOT NULL")
		} else {
			b.WriteString(" IS NULL")
		}
	case *Case:
		writeCase(b, e)
	case *Coalesce:
		b.WriteString("coalesce")
		writeList(b, e.Args, ", ")
	case *Cast:
		if e.Try {
			b.WriteString("TRY_")
		}
		b.WriteString("CAST(")
		write(b, e.Arg)
		b.WriteString(" AS " + e.T.String() + ")")
	case *InList:
		writeIn(b, e)
	case *Agg:
		b.WriteString(e.Fn.Func.Name)
		if e.Distinct {
			b.WriteString(" DISTINCT ")
		}
		writeList(b, e.Args, ", ")
		if e.Filter != nil {
			b.WriteString(" FILTER ")
			write(b, e.Filter)
		}
	case *Window:
		name := e.Name
		if e.Fn != nil {
			name = e.Fn.Func.Name
		}
		b.WriteString(name)
		writeList(b, e.Args, ", ")
	default:
		b.WriteString("<subquery>")
	}
}

var infix = map[string]string{"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "concat_op": "||", "like": "LIKE"}

func writeCase(b *strings.Builder, e *Case) {
	b.WriteString("CASE")
	for _, w := range e.Whens {
		b.WriteString(" WHEN ")
		write(b, w.Cond)
		b.WriteString(" THEN ")
		write(b, w.Then)
	}
	if e.Else != nil {
		b.WriteString(" ELSE ")
		write(b, e.Else)
	}
	b.WriteString(" END")
}

func writeIn(b *strings.Builder, e *InList) {
	write(b, e.Arg)
	if e.Not {
		b.WriteString(" NOT")
	}
	b.WriteString(" IN (")
	for i := range min(e.List.Len, 10) {
		if i > 0 {
			b.WriteString(", ")
		}
		writeConst(b, e.List, i)
	}
	if e.List.Len > 10 {
		b.WriteString(", … " + strconv.Itoa(e.List.Len))
	}
	b.WriteByte(')')
}

func writeList(b *strings.Builder, l []Expr, sep string) {
	b.WriteByte('(')
	for i, x := range l {
		if i > 0 {
			b.WriteString(sep)
		}
		write(b, x)
	}
	b.WriteByte(')')
}

func writeConst(b *strings.Builder, v *vec.Vector, i int) {
	if v.IsNull(i) {
		b.WriteString("NULL")
		return
	}
	quote := v.Type.Kind >= types.Varchar && !v.Type.IsNested()
	if quote {
		b.WriteByte('\'')
	}
	b.Write(kernel.AppendText(nil, v, i))
	if quote {
		b.WriteByte('\'')
	}
}
