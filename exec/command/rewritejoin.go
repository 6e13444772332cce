package command

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// UPDATE … FROM and DELETE … USING number the rows of the table, find the numbers of those that meet a row of the other tables, and put
// what they find beside the rows. In a warehouse they look first which files have such rows, and then do it with the rows of these only.

// rewriting is a table whose rows are joined with others to be changed.
type rewriting struct {
	at    ast.At
	table ast.Path
	alias *ast.Name
	other []ast.TableRef
	where ast.Expr
	some  bool // of the table the rows of touchedRows only
	back  bool // the query gives the rows that go, too, and a column that says what becomes of each
}

// rowName is the name of the column of row numbers.
const rowName = "row number"

// fileName is that of the column of the rows' files.
const fileName = "row file"

func (w *rewriting) name(text string) ast.Name {
	return ast.Name{At: w.at, Text: text, Quoted: true}
}

func (w *rewriting) ref(rel, col string) ast.Expr {
	return &ast.ColumnRef{At: w.at, Parts: ast.Path{w.name(rel), w.name(col)}}
}

// target is what the statement calls the table.
func (w *rewriting) target() string {
	if w.alias != nil {
		return w.alias.Text
	}
	return w.table.Last()
}

// found is the query for the number of rows that meet a row of the other tables; with byFile, of each file that has such.
func (w *rewriting) found(byFile bool) (*ast.Query, error) {
	text := `SELECT count(*) FROM (SELECT DISTINCT "row number" FROM x)`
	if byFile {
		text = `SELECT count(*), "row file" FROM (SELECT DISTINCT "row number", "row file" FROM x) GROUP BY "row file"`
	}
	q, err := parseQuery(text)
	if err != nil {
		return nil, err
	}
	numbered := w.numbered()
	if byFile {
		sel, name := numbered.(*ast.Subquery).Query.Body.(*ast.Select), w.name(fileName)
		sel.Items = append(sel.Items, ast.SelectItem{At: w.at, Alias: &name, Expr: &ast.ColumnRef{At: w.at, Parts: ast.Path{w.name("filename")}}})
	}
	inner := q.Body.(*ast.Select).From[0].(*ast.Subquery).Query.Body.(*ast.Select)
	inner.From, inner.Where = append([]ast.TableRef{numbered}, w.other...), w.where
	return q, nil
}

// numbered is the table with the numbers of its rows.
func (w *rewriting) numbered() ast.TableRef {
	table := w.table
	if w.some {
		table = ast.Path{w.name(touchedRows)}
	}
	sel := selectFrom(table, nil)
	number := w.name(rowName)
	sel.Items = append(sel.Items, ast.SelectItem{At: w.at, Alias: &number, Expr: &ast.Call{At: w.at, Name: ast.Path{w.name("row_number")}, Over: &ast.Window{At: w.at}}})
	name := w.name(w.target())
	return &ast.Subquery{At: w.at, Query: &ast.Query{At: w.at, Body: sel}, Alias: &name}
}

// joined is the table beside the row that each of its rows has met, the first of several: the new values, and the number.
func (w *rewriting) joined(values []ast.SelectItem) ast.TableRef {
	row := w.ref(w.target(), rowName)
	number, matches := w.name(rowName), w.name("matches")
	sel := &ast.Select{At: w.at, DistinctOn: []ast.Expr{row}, Where: w.where}
	sel.Items = append([]ast.SelectItem{{At: w.at, Expr: row, Alias: &number}}, values...)
	sel.From = append([]ast.TableRef{w.numbered()}, w.other...)
	return &ast.Join{At: w.at, Kind: ast.LeftJoin, Left: w.numbered(),
		Right: &ast.Subquery{At: w.at, Query: &ast.Query{At: w.at, Body: sel}, Alias: &matches},
		On:    &ast.Compare{At: w.at, Op: ast.OpEq, Left: row, Right: w.ref("matches", rowName)}}
}

// matched tells whether a row has met one.
func (w *rewriting) matched(not bool) ast.Expr {
	return &ast.Is{At: w.at, Kind: ast.IsNull, Not: !not, Expr: w.ref("matches", rowName)}
}

// deleted are the rows that meet no row of the other tables.
func (w *rewriting) deleted(t *catalog.Table) *ast.Select {
	sel := &ast.Select{At: w.at, From: []ast.TableRef{w.joined(nil)}}
	for _, c := range t.AllColumns() {
		sel.Items = append(sel.Items, ast.SelectItem{At: w.at, Expr: w.ref(w.target(), c.Name), Text: c.Name})
	}
	if w.back {
		sel.Items = append(sel.Items, actionItem(w.at, w.matched(false), wasDeleted))
	} else {
		sel.Where = w.matched(true)
	}
	return sel
}

// updated gives the rows that meet a row of the other tables their new values.
func (w *rewriting) updated(t *catalog.Table, values map[string]ast.Expr) (*ast.Select, error) {
	sel := &ast.Select{At: w.at}
	var found []ast.SelectItem
	for _, c := range t.AllColumns() {
		old := w.ref(w.target(), c.Name)
		it := ast.SelectItem{At: w.at, Expr: old, Text: c.Name}
		if v, ok := values[strings.ToLower(c.Name)]; ok {
			delete(values, strings.ToLower(c.Name))
			v, err := orDefault(v, &c)
			if err != nil {
				return nil, err
			}
			typ, err := parser.ParseType(c.Type.String())
			if err != nil {
				return nil, err
			}
			alias := w.name(c.Name)
			found = append(found, ast.SelectItem{At: w.at, Expr: &ast.Cast{At: ast.At{Pos: v.Position()}, Expr: v, Type: typ}, Alias: &alias})
			it.Expr = &ast.Case{At: w.at, Whens: []ast.When{{Cond: w.matched(false), Then: w.ref("matches", c.Name)}}, Else: old}
		}
		sel.Items = append(sel.Items, it)
	}
	if w.back {
		sel.Items = append(sel.Items, actionItem(w.at, w.matched(false), wasUpdated))
	}
	sel.From = []ast.TableRef{w.joined(found)}
	return sel, nil
}

// assignments gives the new value of each column of SET, by its name in lower case. Of several for one column the last counts.
func assignments(list []ast.Assignment) (map[string]ast.Expr, error) {
	values := map[string]ast.Expr{}
	for _, a := range list {
		items := []ast.Expr{a.Value}
		if len(a.Columns) > 1 {
			if row, ok := a.Value.(*ast.Row); ok {
				items = row.Items
			} else if _, sub := a.Value.(*ast.ScalarSubquery); sub {
				return nil, sqlerr.At(sqlerr.Unsupported, a.Pos, "SET (a, b) = (SELECT …) is not supported").WithHint("UPDATE … SET a = s.x, b = s.y FROM (SELECT …) AS s")
			} else { // one value for all of them
				items = slices.Repeat(items, len(a.Columns))
			}
			if len(items) != len(a.Columns) {
				return nil, sqlerr.At(sqlerr.Bind, a.Pos, "%d values are given for %d columns", len(items), len(a.Columns))
			}
		}
		for i, c := range a.Columns {
			values[strings.ToLower(c.Last())] = items[i]
		}
	}
	return values, nil
}
