package bind

import (
	"regexp"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// columnsOf gives the columns that COLUMNS('regex'), COLUMNS(['a', 'b']) or COLUMNS(c -> condition on the name) stands for.
func (b *Binder) columnsOf(x *ast.Star, s *scope) ([]item, error) {
	keep, err := b.columnTest(x, s)
	if err != nil {
		return nil, err
	}
	var out []item
	for _, c := range s.cols {
		if c.hidden || c.merged {
			continue
		}
		ok, err := keep(c.Name)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, item{name: c.Name, e: c.Ref()})
		}
	}
	if len(out) == 0 {
		return nil, sqlerr.At(sqlerr.NotFound, x.Regex.Position(), "no column matches %s", ast.SQL(x.Regex))
	}
	return out, nil
}

// columnTest makes the test of names that stands in COLUMNS(…).
func (b *Binder) columnTest(x *ast.Star, s *scope) (func(string) (bool, error), error) {
	switch t := x.Regex.(type) {
	case *ast.Lambda:
		if len(t.Params) != 1 {
			return nil, sqlerr.At(sqlerr.Bind, t.Pos, "the lambda of COLUMNS takes one name")
		}
		return func(name string) (bool, error) {
			lit := &ast.Literal{At: t.At, Kind: ast.StringLit, Text: name}
			in := &scope{outer: s.constants(), noAgg: "COLUMNS", args: map[string]macroArg{lower(t.Params[0].Text): {lit, nil, 0}}}
			e, err := b.condition(t.Body, in)
			if err != nil {
				return false, err
			}
			c, err := b.Fold(e)
			return err == nil && expr.IsTrue(c), sqlerr.WithPos(err, t.Pos)
		}, nil
	case *ast.ArrayLit:
		return func(name string) (bool, error) {
			for _, i := range t.Items {
				if l, ok := i.(*ast.Literal); ok && lower(l.Text) == lower(name) {
					return true, nil
				}
			}
			return false, nil
		}, nil
	case *ast.Literal:
		re, err := regexp.Compile(t.Text)
		if err != nil || t.Kind != ast.StringLit {
			return nil, sqlerr.At(sqlerr.Data, t.Pos, "'%s' is not a regular expression", t.Text)
		}
		return func(name string) (bool, error) { return re.MatchString(name), nil }, nil
	}
	return nil, sqlerr.At(sqlerr.Unsupported, x.Pos, "COLUMNS takes a regular expression in quotes, a list of names, or a lambda over names")
}

// hasColumns tells whether COLUMNS stands inside the expression, which is then meant once for each column.
func hasColumns(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		if st, ok := x.(*ast.Star); ok && st.Columns {
			found = true
		}
		return !found
	})
	return found
}

// forColumns gives copies of e, one for each column that its COLUMNS(…) gives, and the columns' names. Several COLUMNS go side by side.
func (b *Binder) forColumns(e ast.Expr, s *scope) ([]ast.Expr, []string, error) {
	var err error
	var names []string
	at := map[ast.At][]column{}
	ast.Walk(e, func(x ast.Expr) bool {
		st, ok := x.(*ast.Star)
		if !ok || !st.Columns || err != nil {
			return err == nil
		}
		var items []item
		if items, err = b.star(st, s); err != nil {
			return false
		}
		var cols []column
		for _, it := range items {
			if c, ok := it.e.(*expr.Column); ok {
				for _, known := range s.cols {
					if known.ID == c.ID {
						cols = append(cols, known)
					}
				}
			}
		}
		switch {
		case len(cols) != len(items):
			err = sqlerr.At(sqlerr.Unsupported, st.Pos, "REPLACE does not go with COLUMNS inside an expression")
		case names == nil:
			for _, it := range items {
				names = append(names, it.name)
			}
		case len(names) != len(items):
			err = sqlerr.At(sqlerr.Bind, st.Pos, "one COLUMNS gives %d columns here, the other %d", len(names), len(items))
		}
		at[st.At] = cols
		return false
	})
	if err != nil {
		return nil, nil, err
	}
	var out []ast.Expr
	for i := range names {
		out = append(out, ast.Rewrite(e, func(x ast.Expr) ast.Expr {
			if st, ok := x.(*ast.Star); ok && st.Columns {
				return refTo(st.At, at[st.At][i])
			}
			return x
		}))
	}
	return out, names, nil
}

// eachColumn binds an item once for each column that its COLUMNS(…) gives.
func (b *Binder) eachColumn(it ast.SelectItem, s *scope) ([]item, error) {
	list, names, err := b.forColumns(it.Expr, s)
	if err != nil {
		return nil, err
	}
	var out []item
	for i, x := range list {
		e, err := b.expr(x, s)
		if err != nil {
			return nil, err
		}
		name := names[i]
		if it.Alias != nil {
			name = it.Alias.Text
		}
		out = append(out, item{name: name, e: e})
	}
	return out, nil
}
