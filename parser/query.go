package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// query reads a whole query.
func (p *parser) query() *ast.Query {
	if !p.enter() {
		p.leave()
		return &ast.Query{Body: &ast.Values{}}
	}
	q := &ast.Query{At: p.here()}
	if p.is("WITH") {
		q.With, q.Recursive = p.with()
	}
	q.Body = p.body()
	p.queryTail(q)
	p.leave()
	if inner, ok := q.Body.(*ast.Query); ok && plain(q) {
		inner.Pos = q.Pos
		return inner
	}
	return q
}

// plain tells whether q adds nothing to its body.
func plain(q *ast.Query) bool {
	return q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil && q.DistributeBy == nil && q.SortBy == nil
}

// with reads WITH [RECURSIVE] a AS (…), ….
func (p *parser) with() (list []ast.CTE, recursive bool) {
	p.next()
	recursive = p.accept("RECURSIVE")
	for {
		c := ast.CTE{Name: p.name("a name for the query")}
		if p.at(token.LParen) {
			c.Columns = p.names("a column")
		}
		if p.accept("USING", "KEY") {
			p.open()
			c.UsingKey = p.exprs()
			p.close()
		}
		if !p.at(token.LParen) || c.Columns == nil {
			p.expect("AS")
		} else {
			p.accept("AS")
		}
		switch {
		case p.accept("MATERIALIZED"):
			c.Materialized = "MATERIALIZED"
		case p.accept("NOT", "MATERIALIZED"):
			c.Materialized = "NOT MATERIALIZED"
		}
		c.Query = p.parenQuery()
		list = append(list, c)
		if !p.comma() {
			return list, recursive
		}
	}
}

// body reads terms joined by set operations.
func (p *parser) body() ast.QueryBody { return p.bodyFrom(p.bodyTerm()) }

// bodyFrom reads on after the first term.
func (p *parser) bodyFrom(term ast.QueryBody) ast.QueryBody {
	left := p.intersection(term)
	for {
		op := ast.Union
		at := p.here()
		switch w := p.isAny("UNION", "EXCEPT", "MINUS"); w {
		case "":
			return left
		case "EXCEPT", "MINUS":
			op = ast.Except
		}
		p.next()
		s := p.setOp(op, left, at)
		s.Right = p.intersection(p.bodyTerm())
		left = s
	}
}

func (p *parser) intersection(left ast.QueryBody) ast.QueryBody {
	for p.is("INTERSECT") {
		at := p.here()
		p.next()
		s := p.setOp(ast.Intersect, left, at)
		s.Right = p.bodyTerm()
		left = s
	}
	return left
}

func (p *parser) setOp(op ast.SetOpKind, left ast.QueryBody, at ast.At) *ast.SetOp {
	s := &ast.SetOp{At: at, Op: op, Left: left}
	if p.accept("ALL") {
		s.All = true
	} else {
		p.accept("DISTINCT")
	}
	s.ByName = p.accept("BY", "NAME")
	return s
}

func (p *parser) bodyTerm() ast.QueryBody {
	at := p.here()
	switch {
	case p.at(token.LParen):
		p.next()
		q := p.query()
		p.close()
		q.Paren = true
		return q
	case p.is("SELECT"):
		return p.selectBody(nil, nil, at)
	case p.is("VALUES"):
		v := p.values()
		if alias, cols := p.tableAlias(); alias != nil { // Spark: VALUES (1) AS t(a)
			return p.starFrom(&ast.Subquery{At: at, Query: &ast.Query{At: at, Body: v}, Alias: alias, ColumnAliases: cols}, at)
		}
		return v
	case p.is("TABLE"):
		p.next()
		return &ast.TableBody{At: at, Name: p.path("a table")}
	case p.is("FROM"):
		from, views := p.fromClause()
		return p.selectBody(from, views, at)
	case p.isAny("PIVOT", "UNPIVOT") != "":
		return p.starFrom(p.pivotStatement(), at)
	case p.isAny("DESCRIBE", "SUMMARIZE", "SHOW") != "":
		return &ast.StatementBody{At: at, Statement: p.statement()}
	}
	p.unexpected("SELECT, VALUES or another query")
	return &ast.Values{At: at}
}

// starFrom is SELECT * FROM ref.
func (p *parser) starFrom(ref ast.TableRef, at ast.At) *ast.Select {
	return &ast.Select{At: at, Items: []ast.SelectItem{{At: at, Expr: &ast.Star{At: at}, Text: "*"}}, From: []ast.TableRef{ref}}
}

// values reads VALUES (1, 2), (3, 4) and VALUES 1, 2.
func (p *parser) values() *ast.Values {
	v := &ast.Values{At: p.here()}
	p.next()
	for {
		v.Rows = append(v.Rows, p.valuesRow())
		if !p.comma() || p.endsList() {
			return v
		}
	}
}

func (p *parser) valuesRow() []ast.Expr {
	if !p.at(token.LParen) || p.startsQuery(0) || !p.endsRow(p.after(0)) {
		e := p.expr()
		return []ast.Expr{e}
	}
	p.next()
	row := p.exprs()
	p.close()
	return row
}

// endsRow tells whether t may follow a row of VALUES; after anything else the parenthesis began an expression.
func (p *parser) endsRow(t token.Token) bool {
	return t.Kind != token.Word && !p.startsInfix(t) || t.Kind == token.Word && t.Class&token.Infix == 0
}

func (p *parser) startsInfix(t token.Token) bool {
	return int(t.Kind) < len(infixes) && infixes[t.Kind].prec != precNone || t.Kind == token.Cast || t.Kind == token.LBracket || t.Kind == token.Dot
}

// queryTail reads what stands behind the body.
func (p *parser) queryTail(q *ast.Query) {
	for p.err == nil {
		switch {
		case p.is("ORDER"):
			p.next()
			p.expect("BY")
			q.OrderBy, q.OrderAll = p.orderItems()
		case p.accept("SORT", "BY"):
			q.SortBy, _ = p.orderItems()
		case p.accept("DISTRIBUTE", "BY"):
			q.DistributeBy = p.exprs()
		case p.accept("CLUSTER", "BY"):
			q.DistributeBy = p.exprs()
			for _, e := range q.DistributeBy {
				q.SortBy = append(q.SortBy, ast.OrderItem{At: ast.At{Pos: e.Position()}, Expr: e})
			}
		case p.is("LIMIT") && q.Limit == nil:
			p.limit(q)
		case p.is("OFFSET") && q.Offset == nil:
			p.next()
			q.Offset = p.expr()
			p.acceptAny("ROWS", "ROW")
		case p.is("FETCH") && (p.isN(1, "FIRST") || p.isN(1, "NEXT")) && q.Limit == nil:
			p.fetch(q)
		case p.is("FOR") && (p.isN(1, "UPDATE") || p.isN(1, "SHARE")):
			p.next()
			p.next()
		default:
			return
		}
	}
}

func (p *parser) limit(q *ast.Query) {
	p.next()
	if p.accept("ALL") {
		return
	}
	q.Limit = p.expr()
	switch {
	case p.acceptOp(token.Percent), p.accept("PERCENT"):
		q.LimitPercent = true
	case p.comma(): // LIMIT offset, count
		q.Offset = q.Limit
		q.Limit = p.expr()
	}
}

func (p *parser) fetch(q *ast.Query) {
	at := p.here()
	p.next()
	p.next()
	q.Limit = &ast.Literal{At: at, Kind: ast.IntLit, Text: "1"}
	if p.isAny("ROW", "ROWS") == "" {
		q.Limit = p.exprPrec(precAdd)
		if p.acceptOp(token.Percent) || p.accept("PERCENT") {
			q.LimitPercent = true
		}
	}
	if p.acceptAny("ROW", "ROWS") == "" {
		p.unexpected("ROWS")
	}
	if p.accept("WITH", "TIES") {
		q.WithTies = true
	} else {
		p.expect("ONLY")
	}
}

// orderItems reads the keys of ORDER BY; all is ORDER BY ALL.
func (p *parser) orderItems() (list []ast.OrderItem, all bool) {
	for {
		o := ast.OrderItem{At: p.here()}
		if p.is("ALL") && !p.atN(1, token.LParen) {
			p.next()
			all = true
		} else {
			o.Expr = p.expr()
		}
		switch p.acceptAny("ASC", "DESC") {
		case "ASC":
			o.Asc = true
		case "DESC":
			o.Desc = true
		}
		if p.accept("NULLS") {
			switch p.acceptAny("FIRST", "LAST") {
			case "FIRST":
				o.NullsFirst = true
			case "LAST":
				o.NullsLast = true
			default:
				p.unexpected("FIRST or LAST")
			}
		}
		list = append(list, o)
		if !p.comma() {
			return list, all
		}
	}
}

// selectBody reads SELECT …, or what follows FROM t. from is what stood before SELECT, or nil.
func (p *parser) selectBody(from []ast.TableRef, views []ast.LateralView, at ast.At) ast.QueryBody {
	s := &ast.Select{At: at, From: from, LateralViews: views}
	if p.accept("SELECT") {
		p.selectList(s)
	} else {
		s.Items = []ast.SelectItem{{At: at, Expr: &ast.Star{At: at}, Text: "*"}}
	}
	if from == nil && p.is("FROM") {
		s.From, s.LateralViews = p.fromClause()
	}
	if p.accept("WHERE") {
		s.Where = p.expr()
	}
	if p.accept("GROUP") {
		p.expect("BY")
		s.GroupBy = p.groupBy()
	}
	if p.accept("HAVING") {
		s.Having = p.expr()
	}
	for p.is("WINDOW") || p.is("QUALIFY") {
		if p.accept("QUALIFY") {
			s.Qualify = p.expr()
			continue
		}
		p.next()
		for {
			w := ast.NamedWindow{Name: p.name("a window")}
			p.expect("AS")
			w.Window = p.over()
			s.Windows = append(s.Windows, w)
			if !p.comma() {
				break
			}
		}
	}
	if p.is("USING", "SAMPLE") {
		p.accept("USING", "SAMPLE")
		s.Sample = p.sampleSize(p.here())
	}
	return s
}

func (p *parser) selectList(s *ast.Select) {
	switch {
	case p.accept("DISTINCT"):
		s.Distinct = true
		if p.is("ON") && p.atN(1, token.LParen) {
			p.next()
			p.next()
			s.DistinctOn = p.exprs()
			p.close()
		}
	case p.is("ALL"):
		p.next()
	}
	if p.is("TRANSFORM") && p.atN(1, token.LParen) {
		if f := p.after(1); f.Is(p.src, "USING") || f.Is(p.src, "ROW") {
			s.Transform = p.transform()
			return
		}
	}
	for {
		s.Items = append(s.Items, p.selectItem())
		if !p.comma() || p.endsList() {
			return
		}
	}
}

// endsList tells whether a list ends here, after a comma too many: DuckDB takes SELECT a, b, FROM t.
func (p *parser) endsList() bool {
	t := p.tok()
	return t.Kind == token.EOF || t.Kind == token.Semicolon || t.Kind == token.RParen || p.is("FROM") || p.isAny("ON", "RETURNING") != "" && !p.atN(1, token.LParen)
}

// selectItem reads an item of a select list.
func (p *parser) selectItem() ast.SelectItem {
	it := ast.SelectItem{At: p.here()}
	// NOT :x is no alias: that colon is a parameter's
	if t, c := p.tok(), p.peek(1); (t.Kind == token.Word || t.Kind == token.Quoted) && c.Kind == token.Colon && t.Class&token.NoExpr == 0 &&
		(t.End == c.Pos || c.End != p.peek(2).Pos) {
		n := p.anyName("an alias") // alias: expr
		p.next()
		it.Alias = &n
	}
	start := p.pos()
	it.Expr = p.expr()
	it.Text = squeeze(p.source(start))
	if it.Alias != nil {
		return it
	}
	if _, ok := it.Expr.(*ast.Star); ok && !p.is("AS") {
		return it
	}
	if p.accept("AS") {
		at := p.here()
		switch p.tok().Kind {
		case token.String:
			it.Alias = &ast.Name{At: at, Text: p.strValue(), Quoted: true}
		case token.LParen:
			it.Aliases = p.names("an alias")
		default:
			n := p.anyName("an alias")
			it.Alias = &n
		}
		return it
	}
	if n, ok := p.bareAlias(token.NoAlias); ok {
		it.Alias = &n
	}
	return it
}

// bareAlias reads an alias without AS, if one stands here. no is the class of words that are none.
func (p *parser) bareAlias(no token.Class) (ast.Name, bool) {
	t := p.tok()
	if t.Kind == token.Quoted {
		return p.anyName("an alias"), true
	}
	if t.Kind != token.Word || t.Class&no != 0 || p.clauseWord() {
		return ast.Name{}, false
	}
	return p.anyName("an alias"), true
}

// clauseWord tells whether a word that is a name elsewhere begins a clause here.
func (p *parser) clauseWord() bool {
	n := p.peek(1)
	switch p.isAny("SORT", "DISTRIBUTE", "CLUSTER", "WINDOW", "FETCH", "SEMI", "ANTI", "ASOF", "POSITIONAL", "PIVOT", "UNPIVOT",
		"INSERT", "TIMESTAMP", "VERSION", "AT") {
	case "SORT", "DISTRIBUTE", "CLUSTER":
		return n.Is(p.src, "BY")
	case "WINDOW":
		return p.isN(2, "AS")
	case "FETCH":
		return n.Is(p.src, "FIRST") || n.Is(p.src, "NEXT")
	case "SEMI", "ANTI", "POSITIONAL":
		return n.Is(p.src, "JOIN")
	case "ASOF":
		return n.Is(p.src, "JOIN") || n.Is(p.src, "LEFT") || n.Is(p.src, "RIGHT") || n.Is(p.src, "FULL") || n.Is(p.src, "INNER") || n.Is(p.src, "SEMI") || n.Is(p.src, "ANTI")
	case "INSERT":
		return n.Is(p.src, "INTO") || n.Is(p.src, "OVERWRITE")
	case "TIMESTAMP", "VERSION":
		return n.Is(p.src, "AS") && p.isN(2, "OF")
	case "AT":
		return n.Kind == token.LParen
	}
	return false
}

// squeeze turns every run of white space outside quotes into one blank.
func squeeze(s string) string {
	if !strings.ContainsAny(s, "\n\t\r") && !strings.Contains(s, "  ") {
		return s
	}
	var b strings.Builder
	quote, blank := byte(0), false
	for i := range len(s) {
		c := s[i]
		if quote == 0 && (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteByte(c)
		switch {
		case quote == c:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"' || c == '`'):
			quote = c
		}
	}
	return b.String()
}

// transform reads TRANSFORM (…) USING 'script' [AS (…)].
func (p *parser) transform() *ast.Transform {
	t := &ast.Transform{At: p.here()}
	p.next()
	p.open()
	t.Args = p.exprs()
	p.close()
	if p.is("ROW") {
		p.rowFormat()
	}
	p.expect("USING")
	t.Script = p.str("a script")
	if p.accept("AS") {
		if p.acceptOp(token.LParen) {
			p.columnDefs()
			p.close()
		} else {
			p.nameList("a column")
		}
	}
	if p.is("ROW", "FORMAT") {
		p.rowFormat()
	}
	return t
}

// groupBy reads what stands after GROUP BY.
func (p *parser) groupBy() *ast.GroupBy {
	g := &ast.GroupBy{At: p.here()}
	if p.is("ALL") && !p.atN(1, token.LParen) {
		p.next()
		g.All = true
		return g
	}
	p.accept("DISTINCT")
	for {
		g.Items = append(g.Items, p.groupItem(false))
		if !p.comma() {
			break
		}
	}
	at := p.here()
	switch {
	case p.is("WITH") && (p.isN(1, "ROLLUP") || p.isN(1, "CUBE")):
		kind := ast.Rollup
		if p.isN(1, "CUBE") {
			kind = ast.Cube
		}
		p.next()
		p.next()
		g.Items = []ast.GroupItem{{At: at, Kind: kind, Sets: g.Items}}
	case p.is("GROUPING", "SETS"): // Hive: GROUP BY a, b GROUPING SETS (…)
		g.Items = []ast.GroupItem{p.groupItem(false)}
	}
	return g
}

// groupItem reads an item; inside sets, parentheses make a tuple.
func (p *parser) groupItem(inside bool) ast.GroupItem {
	g := ast.GroupItem{At: p.here()}
	if !p.enter() {
		p.leave()
		return g
	}
	defer p.leave()
	switch {
	case p.is("GROUPING", "SETS"):
		g.Kind = ast.GroupSets
		p.next()
	case p.is("ROLLUP") && p.atN(1, token.LParen):
		g.Kind = ast.Rollup
	case p.is("CUBE") && p.atN(1, token.LParen):
		g.Kind = ast.Cube
	case p.at(token.LParen) && (p.atN(1, token.RParen) || inside && !p.startsQuery(0)):
		g.Kind = ast.GroupTuple
		p.next()
		if !p.at(token.RParen) {
			g.Exprs = p.exprs()
		}
		p.close()
		return g
	default:
		g.Exprs = []ast.Expr{p.expr()}
		return g
	}
	p.next()
	p.open()
	if !p.at(token.RParen) {
		for {
			g.Sets = append(g.Sets, p.groupItem(true))
			if !p.comma() {
				break
			}
		}
	}
	p.close()
	return g
}
