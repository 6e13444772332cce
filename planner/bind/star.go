package bind

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// star gives the columns that * stands for.
func (b *Binder) star(x *ast.Star, s *scope) ([]item, error) {
	if x.Columns && x.Regex != nil {
		return b.columnsOf(x, s)
	}
	rel, db := "", ""
	if n := len(x.Qualifier); n > 0 {
		rel = x.Qualifier.Last()
		if n > 1 {
			db = x.Qualifier[n-2].Text
		}
	}
	if rel == "" && len(s.cols) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "* needs a FROM")
	}
	known := map[string]bool{}
	var out []item
	found := false
	for _, c := range s.cols {
		if rel != "" && !strings.EqualFold(c.rel, rel) || db != "" && !strings.EqualFold(c.db, db) {
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
		if err := b.changed(x, &it, s); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	if rel != "" && !found {
		return b.starAround(x, s)
	}
	return out, knowsAll(x, known)
}

// changed gives an item of a star what REPLACE and RENAME say.
func (b *Binder) changed(x *ast.Star, it *item, s *scope) error {
	name := it.name
	for _, r := range x.Replace {
		if strings.EqualFold(r.Name.Text, name) {
			e, err := b.expr(r.Expr, s)
			if err != nil {
				return err
			}
			it.e = e
		}
	}
	for _, r := range x.Rename {
		if strings.EqualFold(r.Old.Text, name) {
			it.name = r.New.Text
		}
	}
	return nil
}

// knowsAll tells which name after EXCLUDE or REPLACE is none of those known.
func knowsAll(x *ast.Star, known map[string]bool) error {
	twice := map[string]bool{}
	for _, e := range x.Exclude {
		name := strings.ToLower(e.String())
		if twice[name] {
			return sqlerr.At(sqlerr.Bind, e.Position(), "EXCLUDE names column %s twice", e)
		}
		twice[name] = true
		if !known[strings.ToLower(e.Last())] {
			return sqlerr.At(sqlerr.NotFound, e.Position(), "EXCLUDE names column %s, which does not exist", e)
		}
	}
	for _, r := range x.Replace {
		if !known[strings.ToLower(r.Name.Text)] {
			return sqlerr.At(sqlerr.NotFound, r.Name.Pos, "REPLACE names column %s, which does not exist", r.Name.Text)
		}
	}
	return nil
}

func excluded(x *ast.Star, c column) bool {
	for _, e := range x.Exclude {
		if strings.EqualFold(e.Last(), c.Name) && (len(e) == 1 || strings.EqualFold(e[len(e)-2].Text, c.rel)) {
			return true
		}
	}
	return false
}

// starAround gives the columns of a relation of the query around, as a subquery may use them, or the fields of a struct.
func (b *Binder) starAround(x *ast.Star, s *scope) ([]item, error) {
	rel := x.Qualifier.Last()
	for in := s.outer; in != nil && len(x.Qualifier) == 1; in = in.outer {
		if slices.ContainsFunc(in.cols, func(c column) bool { return strings.EqualFold(c.rel, rel) }) {
			return b.star(x, in)
		}
	}
	return b.starOfStruct(x, s)
}

// starOfStruct gives the fields of a STRUCT column: s.*.
func (b *Binder) starOfStruct(x *ast.Star, s *scope) ([]item, error) {
	e, err := b.columnRef(&ast.ColumnRef{At: x.At, Parts: x.Qualifier}, s)
	if err != nil {
		return nil, sqlerr.At(sqlerr.NotFound, x.Qualifier.Position(), "table %s is not in FROM", x.Qualifier)
	}
	var out []item
	known := map[string]bool{}
	for _, f := range e.Type().Elems {
		known[strings.ToLower(f.Name)] = true
		if excluded(x, column{Col: logical.Col{Name: f.Name}}) {
			continue
		}
		v, err := b.fields(e, ast.Path{{At: x.At, Text: f.Name}})
		if err != nil {
			return nil, err
		}
		it := item{name: f.Name, e: v}
		if err := b.changed(x, &it, s); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, knowsAll(x, known)
}

// positional gives column #n of FROM.
func (b *Binder) positional(x *ast.Positional, s *scope) (expr.Expr, error) {
	n := 0
	for _, c := range s.cols {
		if c.hidden || c.merged {
			continue
		}
		if n++; n == x.Index {
			return c.Ref(), nil
		}
	}
	return nil, sqlerr.At(sqlerr.Bind, x.Pos, "there is no column #%d: FROM has %d columns", x.Index, n)
}
