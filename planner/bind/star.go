package bind

import (
	"regexp"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

// star gives the columns that * stands for.
func (b *Binder) star(x *ast.Star, s *scope) ([]item, error) {
	if x.Columns && x.Regex != nil {
		return b.columnsOf(x, s)
	}
	rel := ""
	if len(x.Qualifier) > 0 {
		rel = x.Qualifier.Last()
	}
	if rel == "" && len(s.cols) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "* needs a FROM")
	}
	known := map[string]bool{}
	var out []item
	found := false
	for _, c := range s.cols {
		if rel != "" && !strings.EqualFold(c.rel, rel) {
			continue
		}
		found = true
		if c.hidden || c.merged && rel == "" {
			continue
		}
		known[strings.ToLower(c.Name)] = true
		if excluded(x, c) {
			continue
		}
		it := item{name: c.Name, e: c.Ref()}
		for _, r := range x.Replace {
			if strings.EqualFold(r.Name.Text, c.Name) {
				e, err := b.expr(r.Expr, s)
				if err != nil {
					return nil, err
				}
				it.e = e
			}
		}
		for _, r := range x.Rename {
			if strings.EqualFold(r.Old.Text, c.Name) {
				it.name = r.New.Text
			}
		}
		out = append(out, it)
	}
	if rel != "" && !found {
		return b.starOfStruct(x, s)
	}
	for _, e := range x.Exclude {
		if !known[strings.ToLower(e.Last())] {
			return nil, sqlerr.At(sqlerr.NotFound, e.Position(), "EXCLUDE names column %s, which does not exist", e)
		}
	}
	for _, r := range x.Replace {
		if !known[strings.ToLower(r.Name.Text)] {
			return nil, sqlerr.At(sqlerr.NotFound, r.Name.Pos, "REPLACE names column %s, which does not exist", r.Name.Text)
		}
	}
	return out, nil
}

func excluded(x *ast.Star, c column) bool {
	for _, e := range x.Exclude {
		if strings.EqualFold(e.Last(), c.Name) && (len(e) == 1 || strings.EqualFold(e[len(e)-2].Text, c.rel)) {
			return true
		}
	}
	return false
}

// starOfStruct gives the fields of a STRUCT column: s.*.
func (b *Binder) starOfStruct(x *ast.Star, s *scope) ([]item, error) {
	e, err := b.columnRef(&ast.ColumnRef{At: x.At, Parts: x.Qualifier}, s)
	if err != nil {
		return nil, sqlerr.At(sqlerr.NotFound, x.Qualifier.Position(), "table %s is not in FROM", x.Qualifier)
	}
	var out []item
	for _, f := range e.Type().Elems {
		v, err := b.fields(e, ast.Path{{At: x.At, Text: f.Name}})
		if err != nil {
			return nil, err
		}
		out = append(out, item{name: f.Name, e: v})
	}
	return out, nil
}

// columnsOf gives the columns whose names match COLUMNS('regex').
func (b *Binder) columnsOf(x *ast.Star, s *scope) ([]item, error) {
	l, ok := x.Regex.(*ast.Literal)
	if !ok || l.Kind != ast.StringLit {
		return nil, sqlerr.At(sqlerr.Unsupported, x.Pos, "COLUMNS takes a regular expression in quotes")
	}
	re, err := regexp.Compile(l.Text)
	if err != nil {
		return nil, sqlerr.At(sqlerr.Data, l.Pos, "'%s' is not a regular expression: %v", l.Text, err)
	}
	var out []item
	for _, c := range s.cols {
		if !c.hidden && !c.merged && re.MatchString(c.Name) {
			out = append(out, item{name: c.Name, e: c.Ref()})
		}
	}
	if len(out) == 0 {
		return nil, sqlerr.At(sqlerr.NotFound, l.Pos, "no column matches '%s'", l.Text)
	}
	return out, nil
}

// hasColumns tells whether a star or COLUMNS stands inside the expression, which is then meant once for each column.
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

// eachColumn binds an item once for each column that its COLUMNS(…) gives.
func (b *Binder) eachColumn(it ast.SelectItem, s *scope) ([]item, error) {
	call, ok := it.Expr.(*ast.Call)
	if !ok || len(call.Args) == 0 {
		return nil, sqlerr.At(sqlerr.Unsupported, it.Pos, "COLUMNS may stand alone or as an argument of a function")
	}
	st, ok := call.Args[0].Value.(*ast.Star)
	if !ok {
		return nil, sqlerr.At(sqlerr.Unsupported, it.Pos, "COLUMNS may stand alone or as an argument of a function")
	}
	cols, err := b.star(st, s)
	if err != nil {
		return nil, err
	}
	var out []item
	for _, c := range cols {
		col, ok := c.e.(*expr.Column)
		if !ok {
			continue
		}
		in := &scope{outer: s, cols: []column{{Col: colOf(col)}}}
		one := *call
		one.Args = append([]ast.Arg{{Value: &ast.ColumnRef{At: st.At, Parts: ast.Path{{At: st.At, Text: col.Name, Quoted: true}}}}}, call.Args[1:]...)
		e, err := b.expr(&one, in)
		if err != nil {
			return nil, err
		}
		name := c.name
		if it.Alias != nil {
			name = it.Alias.Text
		}
		out = append(out, item{name: name, e: e})
	}
	return out, nil
}
