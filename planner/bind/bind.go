// Package bind turns syntax into meaning: names become columns with IDs, calls become overloads, every expression gets a type,
// and a statement's query becomes a logical plan. Subqueries in expressions become joins that may be Lateral; the optimiser takes
// those apart.
//
// A select is bound in the order of its meaning: FROM, WHERE, then all expressions of the select list, HAVING and ORDER BY
// over the columns of FROM, with aggregates left in the trees as expr.Agg; then the aggregates and group keys are cut out of
// the trees (group.go), and nodes are stacked up.
package bind

import (
	"context"
	"strings"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// maxDepth bounds the recursion over nested expressions, queries and views.
const maxDepth = 3000

// Env is what a statement is bound in.
type Env struct {
	Ctx     context.Context
	Session *session.Session
	Funcs   *fn.Registry
	FnCtx   *fn.Ctx
	// Params gives the value of a parameter, or nil.
	Params  func(p *ast.Param) *expr.Const
	Sources *sqlerr.Sources // the texts of the statement
	// Rows runs a plan whose rows decide what a statement means, such as the columns of a PIVOT.
	Rows func(n logical.Node, most int) (*vec.Batch, error)
	// Fold computes a constant expression.
	Fold func(e expr.Expr) (*expr.Const, error)
}

// Binder binds one statement.
type Binder struct {
	Env
	next  expr.ID
	depth int
	views []string // names of the views and macros being opened, outermost first
}

// New makes a binder.
func New(env Env) *Binder {
	if env.Sources == nil {
		env.Sources = sqlerr.NewSources("")
	}
	return &Binder{Env: env}
}

// Query binds a query and gives its plan, whose columns are the result's.
func (b *Binder) Query(q *ast.Query) (logical.Node, error) { return b.query(q, nil) }

// NewCol makes a column with a fresh ID.
func (b *Binder) NewCol(name string, t types.Type) logical.Col {
	b.next++
	return logical.Col{ID: b.next, Name: name, Type: t}
}

func (b *Binder) enter(pos int) error {
	if b.depth++; b.depth > maxDepth {
		return sqlerr.At(sqlerr.Limit, pos, "the statement is nested more than %d levels deep", maxDepth)
	}
	return nil
}

func (b *Binder) leave() { b.depth-- }

// column is a column that expressions can name.
type column struct {
	logical.Col
	rel    string // the name of its relation, as written
	db     string
	hidden bool      // not in *
	second bool      // another name of a column, which stands back where a column has it
	param  expr.Expr // a parameter of a lambda, or what stands for one
	merged bool      // another column of a USING stands for it: needs its relation's name
}

// scope is what names mean at some place: the columns there, then those of the query around it.
type scope struct {
	outer   *scope
	cols    []column
	ctes    map[string]*cte
	aliases map[string]*aliased // of the select list; nil where they cannot be used
	preferA bool                // ORDER BY: an alias wins over a column
	noAgg   string              // a clause in which aggregates may not stand, or ""
	windows []ast.NamedWindow   // of the WINDOW clause
	args    map[string]macroArg // of the macro whose body is being bound
	// inWindow tells that the arguments or keys of a window function are being bound
	inWindow bool
}

// aliased is a named item of a select list.
type aliased struct {
	e    ast.Expr
	busy bool // being bound: an alias that uses itself means the column
}

// cte is a name of WITH.
type cte struct {
	ast   *ast.CTE
	scope *scope // where its query is bound
	def   *logical.SharedDef
	names []string
	busy  bool
	// recursive tells that the query reads itself; work is set where it does so
	recursive bool
	work      *working
}

func lower(s string) string { return strings.ToLower(s) }

func (s *scope) findCTE(name string) *cte {
	for ; s != nil; s = s.outer {
		if c := s.ctes[strings.ToLower(name)]; c != nil {
			return c
		}
	}
	return nil
}

// sub makes a scope inside s, for a subquery.
func (s *scope) sub() *scope { return &scope{outer: s} }

// withScope makes a scope inside s for each name of WITH, as each may use those before it.
func withScope(q *ast.Query, s *scope) (*scope, error) {
	seen := map[string]bool{}
	for i := range q.With {
		w := &q.With[i]
		name := lower(w.Name.Text)
		if seen[name] {
			return nil, sqlerr.At(sqlerr.Bind, w.Name.Pos, "WITH names %s twice", w.Name.Text)
		}
		seen[name] = true
		s = &scope{outer: s, ctes: map[string]*cte{name: {ast: w, scope: s, recursive: q.Recursive && mentions(w.Query, w.Name.Text)}}}
	}
	return s, nil
}

// query binds a whole query inside outer.
func (b *Binder) query(q *ast.Query, outer *scope) (logical.Node, error) {
	if err := b.enter(q.Pos); err != nil {
		return nil, err
	}
	defer b.leave()
	s, err := withScope(q, outer)
	if err != nil {
		return nil, err
	}
	switch body := q.Body.(type) {
	case *ast.Select:
		return b.selectQuery(body, q, s)
	case *ast.Query:
		n, err := b.query(body, s)
		if err != nil {
			return nil, err
		}
		return b.tail(n, q, s)
	}
	n, err := b.body(q.Body, s)
	if err != nil {
		return nil, err
	}
	return b.tail(n, q, s)
}

// body binds what stands between WITH and ORDER BY.
func (b *Binder) body(body ast.QueryBody, s *scope) (logical.Node, error) {
	switch x := body.(type) {
	case *ast.Select:
		return b.selectQuery(x, &ast.Query{At: x.At}, s)
	case *ast.Query:
		return b.query(x, s)
	case *ast.SetOp:
		return b.setOp(x, s)
	case *ast.Values:
		return b.values(x, s)
	case *ast.StatementBody:
		if x, ok := x.Statement.(*ast.Summarize); ok {
			return b.summarize(x, s)
		}
	case *ast.TableBody:
		n, _, err := b.tableName(&ast.TableName{At: x.At, Name: x.Name}, s)
		return n, err
	}
	return nil, sqlerr.At(sqlerr.Unsupported, body.Position(), "this form of query is not supported")
}

// tail puts ORDER BY and LIMIT on a query whose columns are all there is to order by.
func (b *Binder) tail(n logical.Node, q *ast.Query, s *scope) (logical.Node, error) {
	if len(q.OrderBy) > 0 {
		in := &scope{outer: s, noAgg: "ORDER BY"}
		for _, c := range n.Cols() {
			in.cols = append(in.cols, column{Col: c})
		}
		var keys []expr.SortKey
		for _, o := range q.OrderBy {
			if o.Expr == nil { // ALL
				for _, c := range n.Cols() {
					keys = append(keys, b.sortKey(c.Ref(), o))
				}
				continue
			}
			if i, ok := position(o.Expr); ok {
				c, err := pick(n.Cols(), i, o.Expr.Position(), "ORDER BY")
				if err != nil {
					return nil, err
				}
				keys = append(keys, b.sortKey(c.Ref(), o))
				continue
			}
			e, err := b.expr(o.Expr, in)
			if err != nil {
				return nil, err
			}
			if n, e, err = b.flatten(n, e); err != nil {
				return nil, err
			}
			keys = append(keys, b.sortKey(e, o))
		}
		n = &logical.Sort{Input: n, Keys: keys}
	}
	return b.limit(n, q, s)
}

// sortKey makes a key of e with the direction that o says.
func (b *Binder) sortKey(e expr.Expr, o ast.OrderItem) expr.SortKey {
	k := expr.SortKey{Expr: e, Desc: o.Desc, NullsFirst: o.NullsFirst}
	if !o.NullsFirst && !o.NullsLast {
		switch b.Session.Setting("default_null_order") {
		case "nulls_first":
			k.NullsFirst = true
		case "nulls_first_on_asc_last_on_desc":
			k.NullsFirst = !o.Desc
		case "nulls_last_on_asc_first_on_desc":
			k.NullsFirst = o.Desc
		}
	}
	return k
}

// position gives the number of a column written as a plain integer.
func position(e ast.Expr) (int, bool) {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLit || len(l.Text) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range l.Text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func pick(cols []logical.Col, i, pos int, clause string) (logical.Col, error) {
	if i < 1 || i > len(cols) {
		return logical.Col{}, sqlerr.At(sqlerr.Bind, pos, "%s position %d is not in the select list, which has %d columns", clause, i, len(cols))
	}
	return cols[i-1], nil
}

// limit puts LIMIT and OFFSET on n.
func (b *Binder) limit(n logical.Node, q *ast.Query, s *scope) (logical.Node, error) {
	if q.Limit == nil && q.Offset == nil {
		return n, nil
	}
	if q.LimitPercent || q.WithTies {
		return b.rareLimit(n, q, s)
	}
	out := &logical.Limit{Input: n, Count: -1}
	var err error
	if q.Limit != nil {
		if out.Count, err = b.count(q.Limit, s, "LIMIT", -1); err != nil {
			return nil, err
		}
	}
	if q.Offset != nil {
		if out.Offset, err = b.count(q.Offset, s, "OFFSET", 0); err != nil {
			return nil, err
		}
	}
	if sort, ok := n.(*logical.Sort); ok && out.Count >= 0 && out.Offset+out.Count > 0 {
		n = &logical.Sort{Input: sort.Input, Keys: sort.Keys, Limit: out.Offset + out.Count}
		out.Input = n
	}
	return out, nil
}

// count computes a row count; NULL means none.
func (b *Binder) count(e ast.Expr, s *scope, clause string, none int64) (int64, error) {
	x, err := b.expr(e, s.constants())
	if err != nil {
		return 0, err
	}
	if !expr.IsConstant(x) {
		return 0, sqlerr.At(sqlerr.Bind, e.Position(), "%s must be a constant number of rows", clause)
	}
	if x, err = b.cast(x, types.TBigInt, e.Position()); err != nil {
		return 0, err
	}
	c, err := b.Fold(x)
	if err != nil {
		return 0, err
	}
	if c.V.IsNull(0) {
		return none, nil
	}
	n := int64(intOf(c))
	if n < 0 {
		return 0, sqlerr.At(sqlerr.Data, e.Position(), "%s must not be negative", clause)
	}
	return n, nil
}

// view binds the text of a view.
func (b *Binder) view(name, text string, pos int) (logical.Node, error) {
	for _, v := range b.views {
		if v == name {
			return nil, sqlerr.At(sqlerr.Bind, pos, "view %s uses itself", name)
		}
	}
	stmt, err := parser.ParseOne(text)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.Bind, err, "view %s cannot be read", name)
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, sqlerr.At(sqlerr.Bind, pos, "view %s is not a query", name)
	}
	ast.Shift(q, b.Sources.Add("view "+name, text, pos))
	b.views = append(b.views, name)
	n, err := b.query(q, nil)
	b.views = b.views[:len(b.views)-1]
	return n, err
}

// Scalar binds and computes an expression without columns.
func (b *Binder) Scalar(e ast.Expr) (*expr.Const, error) {
	x, err := b.expr(e, &scope{noAgg: "this expression"})
	if err != nil {
		return nil, err
	}
	if !expr.IsConstant(x) {
		return nil, sqlerr.At(sqlerr.Bind, e.Position(), "a constant is wanted here")
	}
	c, err := b.Fold(x)
	return c, sqlerr.WithPos(err, e.Position())
}
