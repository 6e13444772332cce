package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// Assign gives the rows of n as values of fields, by position.
func (b *Binder) Assign(n logical.Node, fields []types.Field, pos int) (logical.Node, error) {
	cols := n.Cols()
	if len(cols) != len(fields) {
		return nil, sqlerr.At(sqlerr.Bind, pos, "%d columns are given, but %d are wanted", len(cols), len(fields))
	}
	p := &logical.Project{Input: n}
	for i, f := range fields {
		e, err := b.castFor(cols[i].Ref(), f.Type, pos, f.Name)
		if err != nil {
			return nil, err
		}
		p.Out, p.Values = append(p.Out, b.NewCol(f.Name, f.Type)), append(p.Values, e)
	}
	return p, nil
}

// Insert binds the rows of an INSERT as rows of table t: columns that are not given take their default. The word DEFAULT in VALUES counts
// as not given.
func (b *Binder) Insert(t *catalog.Table, s *ast.Insert) (logical.Node, error) {
	target, err := targets(t, s)
	if err != nil {
		return nil, err
	}
	var in logical.Node = &logical.Values{Rows: 1}
	if s.Query != nil {
		if v, ok := s.Query.Body.(*ast.Values); ok {
			if err := b.fillDefaults(v, t, target); err != nil {
				return nil, err
			}
		}
		if in, err = b.query(s.Query, nil); err != nil {
			return nil, err
		}
		if s.ByName {
			target = nil
			for _, c := range in.Cols() {
				target = append(target, c.Name)
			}
		}
	} else {
		target = nil
	}
	return b.insertInto(t, s, in, target)
}

// InsertRows binds the rows of n, whose columns are for those that s names, as rows of table t.
func (b *Binder) InsertRows(t *catalog.Table, s *ast.Insert, n logical.Node) (logical.Node, error) {
	target, err := targets(t, s)
	if err != nil {
		return nil, err
	}
	return b.insertInto(t, s, n, target)
}

// Read makes a node that reads the columns of a table that are not hidden.
func (b *Binder) Read(t storage.Table, name string) logical.Node {
	n, cols := b.scan(t, name)
	var out []logical.Col
	for _, c := range cols {
		if !c.hidden {
			out = append(out, c.Col)
		}
	}
	return only(n, out)
}

// insertInto gives the rows of n, whose columns are for those named target, as rows of t.
func (b *Binder) insertInto(t *catalog.Table, s *ast.Insert, n logical.Node, target []string) (logical.Node, error) {
	p := &logical.Project{Input: n}
	cols := n.Cols()
	if len(cols) != len(target) {
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "%d values are given for %d columns of %s", len(cols), len(target), t.Name)
	}
	given := map[string]int{}
	for i, name := range target {
		given[strings.ToLower(name)] = i
	}
	known := 0
	var err error
	for _, c := range t.AllColumns() {
		var e expr.Expr
		if i, ok := given[strings.ToLower(c.Name)]; ok {
			known++
			e = cols[i].Ref()
		} else if v := staticValue(s, c.Name); v != nil {
			if e, err = b.expr(v, &scope{noAgg: "PARTITION"}); err != nil {
				return nil, err
			}
		} else if e, err = b.defaultOf(c); err != nil {
			return nil, err
		}
		if e, err = b.castFor(e, c.Type, s.Pos, c.Name); err != nil {
			return nil, err
		}
		p.Out, p.Values = append(p.Out, b.NewCol(c.Name, c.Type)), append(p.Values, e)
	}
	if known < len(given) {
		for name := range given {
			if !hasColumn(t, name) || staticValue(s, name) != nil {
				return nil, sqlerr.At(sqlerr.NotFound, s.Pos, "table %s has no column %s", t.Name, name)
			}
		}
	}
	for name := range given {
		if g := generatedFrom(t, name); g != "" {
			return nil, sqlerr.At(sqlerr.Bind, s.Pos, "column %s is generated: it is always %s", name, g)
		}
	}
	return b.Generate(p, t)
}

func generatedFrom(t *catalog.Table, name string) string {
	for _, c := range t.AllColumns() {
		if strings.EqualFold(c.Name, name) {
			return c.Generated
		}
	}
	return ""
}

// staticValue gives the value that PARTITION (column = value) says, or nil.
func staticValue(s *ast.Insert, column string) ast.Expr {
	if s.Partition == nil {
		return nil
	}
	for _, i := range s.Partition.Items {
		if strings.EqualFold(i.Name.Text, column) {
			return i.Value
		}
	}
	return nil
}

func hasColumn(t *catalog.Table, name string) bool {
	for _, c := range t.AllColumns() {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}

// targets gives the names of the columns that the values are for.
func targets(t *catalog.Table, s *ast.Insert) ([]string, error) {
	var out, all []string
	for _, c := range t.AllColumns() {
		if staticValue(s, c.Name) == nil && c.Generated == "" {
			all = append(all, c.Name)
		}
	}
	if len(s.Columns) == 0 {
		return all, nil
	}
	seen := map[string]bool{}
	for _, n := range s.Columns {
		if !hasColumn(t, n.Text) {
			return nil, sqlerr.At(sqlerr.NotFound, n.Pos, "table %s has no column %s", t.Name, n.Text).WithHint("%s", sqlerr.DidYouMean(n.Text, all))
		}
		if g := generatedFrom(t, n.Text); g != "" {
			return nil, sqlerr.At(sqlerr.Bind, n.Pos, "column %s is generated: it is always %s", n.Text, g)
		}
		if staticValue(s, n.Text) != nil {
			return nil, sqlerr.At(sqlerr.Bind, n.Pos, "column %s has its value in PARTITION already", n.Text)
		}
		if seen[strings.ToLower(n.Text)] {
			return nil, sqlerr.At(sqlerr.Bind, n.Pos, "column %s is named twice", n.Text)
		}
		seen[strings.ToLower(n.Text)] = true
		out = append(out, n.Text)
	}
	return out, nil
}

// defaultOf gives a column's default, NULL when it has none.
func (b *Binder) defaultOf(c catalog.Column) (expr.Expr, error) {
	if c.Default == "" {
		return expr.NewNull(c.Type), nil
	}
	x, err := parser.ParseExpr(c.Default)
	if err != nil {
		return nil, err
	}
	return b.expr(x, &scope{noAgg: "DEFAULT"})
}

// fillDefaults puts columns' defaults in the place of the word DEFAULT.
func (b *Binder) fillDefaults(v *ast.Values, t *catalog.Table, target []string) error {
	for n, row := range v.Rows {
		for i, x := range row {
			if l, ok := x.(*ast.Literal); ok && l.Kind == ast.NullLit && n == 0 && i < len(target) {
				if err := typeNull(row, i, t, target[i]); err != nil {
					return err
				}
			}
			if _, ok := x.(*ast.Default); !ok || i >= len(target) {
				continue
			}
			row[i] = &ast.Literal{At: ast.At{Pos: x.Position()}, Kind: ast.NullLit}
			for _, c := range t.AllColumns() {
				if strings.EqualFold(c.Name, target[i]) && c.Default != "" {
					d, err := parser.ParseExpr(c.Default)
					if err != nil {
						return err
					}
					row[i] = d
				}
			}
		}
	}
	return nil
}

// typeNull gives the NULL in the first row of VALUES the type of its column: where all rows have NULL there, nothing else says it.
func typeNull(row []ast.Expr, i int, t *catalog.Table, column string) error {
	for _, c := range t.AllColumns() {
		if !strings.EqualFold(c.Name, column) || !c.Type.IsNested() && c.Type.Kind < types.Binary {
			continue
		}
		typ, err := parser.ParseType(c.Type.String())
		if err != nil {
			return err
		}
		row[i] = &ast.Cast{At: ast.At{Pos: row[i].Position()}, Expr: row[i], Type: typ}
	}
	return nil
}
