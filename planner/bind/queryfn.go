package bind

import (
	"regexp"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// queryText binds query('SELECT …'): a query whose text is a constant, which macros may put together.
func (b *Binder) queryText(c *ast.Call, s *scope) (logical.Node, error) {
	if len(c.Args) != 1 || c.Args[0].Name != nil {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "query takes the text of a query").WithHint("query('SELECT 1')")
	}
	arg := c.Args[0].Value
	e, err := b.expr(arg, s.constants())
	if err != nil {
		return nil, err
	}
	if k, err := b.Fold(e); err == nil {
		e = k
	}
	text, ok := expr.Text(e)
	if !ok {
		return nil, sqlerr.At(sqlerr.Bind, arg.Position(), "query takes a constant text, not %s", e.Type())
	}
	list, rest, _ := parser.Split(text)
	if rest.Text != "" {
		list = append(list, rest)
	}
	if len(list) != 1 {
		return nil, sqlerr.At(sqlerr.Bind, arg.Position(), "query takes one query, not %d", len(list))
	}
	stmt, err := parser.ParseOne(list[0].Text)
	if err != nil {
		return nil, sqlerr.WithPos(sqlerr.Move(err, sqlerr.NoPos), arg.Position())
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, sqlerr.At(sqlerr.Bind, arg.Position(), "query takes a SELECT, and nothing that changes something")
	}
	ast.Shift(stmt, b.Sources.Add("query", list[0].Text, arg.Position()))
	if len(b.views) > maxViews {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "queries in texts of queries are nested too deeply")
	}
	b.views = append(b.views, "query")
	defer func() { b.views = b.views[:len(b.views)-1] }()
	return b.query(q, nil)
}

// maxViews bounds how deep views, macros and queries in texts are opened.
const maxViews = 200

// plainPath matches a table's name with a database in front.
var plainPath = regexp.MustCompile(`^\w+\.\w+$`)

// queryTable binds query_table('t'), and query_table(['t', 'u'] [, by_name]): the rows of tables whose names are constants, one after the other.
func (b *Binder) queryTable(c *ast.Call, s *scope) (logical.Node, error) {
	if len(c.Args) == 0 || len(c.Args) > 2 || c.Args[0].Name != nil {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "query_table takes the name of a table, or a list of names").WithHint("query_table(['t', 'u'])")
	}
	o, err := b.option(c.Args[0].Value, s)
	if err != nil {
		return nil, err
	}
	byName := false
	if len(c.Args) == 2 {
		w, err := b.option(c.Args[1].Value, s)
		if err != nil {
			return nil, err
		}
		byName = strings.EqualFold(w.Text, "true")
	}
	names := o.List
	if o.Text != "" {
		names = append(names, o)
	}
	var body ast.QueryBody
	for _, n := range names {
		at := ast.At{Pos: n.Pos}
		if n.Text == "" {
			return nil, sqlerr.At(sqlerr.Bind, n.Pos, "query_table takes names of tables")
		}
		path := ast.Path{{At: at, Text: n.Text, Quoted: true}}
		if db, t, _ := strings.Cut(n.Text, "."); plainPath.MatchString(n.Text) {
			path = ast.Path{{At: at, Text: db}, {At: at, Text: t}}
		}
		var one ast.QueryBody = &ast.Select{At: at, Items: []ast.SelectItem{{At: at, Expr: &ast.Star{At: at}}}, From: []ast.TableRef{&ast.TableName{At: at, Name: path}}}
		if body != nil {
			one = &ast.SetOp{At: at, Op: ast.Union, All: true, ByName: byName, Left: body, Right: one}
		}
		body = one
	}
	if body == nil {
		return nil, sqlerr.At(sqlerr.Bind, c.Pos, "query_table takes at least one name")
	}
	return b.query(&ast.Query{At: c.At, Body: body}, nil)
}
