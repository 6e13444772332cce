package parser

import (
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// call reads the parentheses of a function call and what follows them. self is x of x.f(…), or nil.
func (p *parser) call(name ast.Path, self ast.Expr) ast.Expr {
	c := &ast.Call{At: ast.At{Pos: name.Position()}, Name: name}
	if self != nil {
		c.Args = append(c.Args, ast.Arg{Value: self})
	}
	p.open()
	if p.at(token.Star) && p.atN(1, token.RParen) {
		p.next()
		c.Star = true
	} else {
		p.args(c, false)
	}
	p.close()
	return p.callRest(c)
}

// args reads the arguments of c and the clauses among them. With assign, name = value is a named argument.
func (p *parser) args(c *ast.Call, assign bool) {
	if p.accept("DISTINCT") {
		c.Distinct = true
	} else {
		p.accept("ALL")
	}
	if !p.at(token.RParen) && !p.is("ORDER") {
		c.Args = append(c.Args, p.arg(assign))
		for p.comma() {
			c.Args = append(c.Args, p.arg(assign))
		}
	}
	p.nullTreatment(c)
	if p.accept("ORDER", "BY") {
		c.OrderBy, _ = p.orderItems()
	}
	p.nullTreatment(c)
}

func (p *parser) nullTreatment(c *ast.Call) {
	if p.accept("IGNORE", "NULLS") {
		c.IgnoreNulls = true
	} else {
		p.accept("RESPECT", "NULLS")
	}
}

// callRest reads WITHIN GROUP, FILTER, IGNORE NULLS and OVER.
func (p *parser) callRest(c *ast.Call) ast.Expr {
	if p.at(token.Word) {
		if p.is("WITHIN", "GROUP") {
			p.accept("WITHIN", "GROUP")
			p.open()
			p.expect("ORDER", "BY")
			c.WithinGroup, _ = p.orderItems()
			p.close()
		}
		if p.is("FILTER") && p.atN(1, token.LParen) {
			p.next()
			p.next()
			p.accept("WHERE")
			c.Filter = p.expr()
			p.close()
		}
		p.nullTreatment(c)
		if p.is("OVER") && (p.atN(1, token.LParen) || p.atN(1, token.Word) || p.atN(1, token.Quoted)) {
			p.next()
			c.Over = p.over()
		}
	}
	c.Text = p.source(c.Pos)
	return c
}

// arg reads an argument: an expression, name => value, or a lambda.
func (p *parser) arg(assign bool) ast.Arg {
	t, n := p.tok(), p.peek(1)
	isName := t.Kind == token.Word || t.Kind == token.Quoted
	switch {
	case isName && (n.Kind == token.FatArrow || n.Kind == token.ColonEq || assign && n.Kind == token.Eq):
		name := p.anyName("a name")
		p.next()
		return ast.Arg{Name: &name, Value: p.arg(false).Value}
	case isName && n.Kind == token.Arrow && t.Class&token.NoExpr == 0:
		return ast.Arg{Value: p.lambda()}
	case t.Kind == token.LParen && p.lambdaParams():
		return ast.Arg{Value: p.lambda()}
	case p.is("TABLE") && (n.Kind == token.Word || n.Kind == token.Quoted || n.Kind == token.LParen), p.startsBareQuery():
		at := p.here()
		if n.Kind == token.LParen && p.is("TABLE") {
			p.next()
			p.next()
			e := ast.Expr(nil)
			if p.startsBareQuery() {
				e = &ast.ScalarSubquery{At: at, Query: p.query()}
			} else {
				e = p.expr()
			}
			p.close()
			return ast.Arg{Value: e}
		}
		return ast.Arg{Value: &ast.ScalarSubquery{At: at, Query: p.query()}}
	}
	e := p.expr()
	if p.accept("AS") { // struct(1 AS a)
		name := p.anyName("a name")
		return ast.Arg{Name: &name, Value: e}
	}
	return ast.Arg{Value: e}
}

// startsBareQuery tells whether a query without parentheses stands here.
func (p *parser) startsBareQuery() bool {
	t := p.tok()
	return t.Kind == token.Word && t.Class&token.Starts != 0 && t.Class&token.NoExpr != 0 && !p.is("TABLE") && !p.valuesName(0)
}

// lambdaParams tells whether (a, b) -> stands here.
func (p *parser) lambdaParams() bool {
	for n := 1; ; n += 2 {
		if k := p.peek(n).Kind; k != token.Word && k != token.Quoted {
			return false
		}
		switch p.peek(n + 1).Kind {
		case token.Comma:
		case token.RParen:
			return p.peek(n+2).Kind == token.Arrow
		default:
			return false
		}
	}
}

// lambda reads x -> body and (x, y) -> body. Where x -> 'key' may be the JSON operator, it reads that too.
func (p *parser) lambda() ast.Expr {
	l := &ast.Lambda{At: p.here()}
	start := p.i
	single := !p.at(token.LParen)
	if single {
		l.Params = []ast.Name{p.name("a parameter")}
	} else {
		l.Params = p.names("a parameter")
	}
	p.next() // ->
	k := p.tok().Kind
	l.Body = p.expr()
	if single && !p.inAlt && (k == token.String || k == token.Int) && p.err == nil {
		end, anon := p.i, p.anon
		p.inAlt = true
		p.i = start
		l.Arrow = p.expr()
		p.inAlt = false
		p.i, p.anon = end, anon
		if p.err != nil {
			p.i = len(p.toks) - 1
		}
	}
	return l
}

// lambdaWord reads lambda x, y: body.
func (p *parser) lambdaWord() ast.Expr {
	l := &ast.Lambda{At: p.here()}
	p.next()
	l.Params = p.nameList("a parameter")
	p.expectOp(token.Colon, ":")
	l.Body = p.expr()
	return l
}

// over reads the window after OVER.
func (p *parser) over() *ast.Window {
	if p.at(token.LParen) {
		return p.window()
	}
	w := &ast.Window{At: p.here(), Bare: true}
	n := p.anyName("a window")
	w.Name = &n
	return w
}

// window reads ([name] [PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) window() *ast.Window {
	w := &ast.Window{At: p.here()}
	p.open()
	t := p.tok()
	if (t.Kind == token.Word || t.Kind == token.Quoted) && p.isAny("PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS", "DISTRIBUTE", "SORT", "CLUSTER") == "" {
		n := p.anyName("a window")
		w.Name = &n
	}
	if p.isAny("PARTITION", "DISTRIBUTE") != "" {
		p.next()
		p.expect("BY")
		w.PartitionBy = p.exprs()
	}
	if p.isAny("ORDER", "SORT") != "" {
		p.next()
		p.expect("BY")
		w.OrderBy, _ = p.orderItems()
	}
	if p.accept("CLUSTER", "BY") {
		w.PartitionBy = p.exprs()
		for _, e := range w.PartitionBy {
			w.OrderBy = append(w.OrderBy, ast.OrderItem{At: ast.At{Pos: e.Position()}, Expr: e})
		}
	}
	if p.isAny("ROWS", "RANGE", "GROUPS") != "" {
		w.Frame = p.frame()
	}
	p.close()
	return w
}

func (p *parser) frame() *ast.Frame {
	f := &ast.Frame{At: p.here()}
	switch p.acceptAny("ROWS", "RANGE", "GROUPS") {
	case "RANGE":
		f.Unit = ast.FrameRange
	case "GROUPS":
		f.Unit = ast.FrameGroups
	}
	f.End.Kind = ast.CurrentRow
	if p.accept("BETWEEN") {
		f.Start = p.bound()
		p.expect("AND")
		f.End = p.bound()
	} else {
		f.Start = p.bound()
	}
	if p.accept("EXCLUDE") {
		switch p.acceptAny("CURRENT", "GROUP", "TIES", "NO") {
		case "CURRENT":
			p.expect("ROW")
			f.Exclude = ast.ExcludeCurrentRow
		case "GROUP":
			f.Exclude = ast.ExcludeGroup
		case "TIES":
			f.Exclude = ast.ExcludeTies
		case "NO":
			p.expect("OTHERS")
		default:
			p.unexpected("CURRENT ROW, GROUP, TIES or NO OTHERS")
		}
	}
	return f
}

func (p *parser) bound() ast.Bound {
	if p.accept("CURRENT", "ROW") {
		return ast.Bound{Kind: ast.CurrentRow}
	}
	b := ast.Bound{}
	unbounded := p.isAny("UNBOUNDED") != "" && (p.isN(1, "PRECEDING") || p.isN(1, "FOLLOWING"))
	if unbounded {
		p.next()
	} else {
		b.Offset = p.exprPrec(precOther)
	}
	switch p.acceptAny("PRECEDING", "FOLLOWING") {
	case "PRECEDING":
		b.Kind = ast.Preceding
		if unbounded {
			b.Kind = ast.UnboundedPreceding
		}
	case "FOLLOWING":
		b.Kind = ast.Following
		if unbounded {
			b.Kind = ast.UnboundedFollowing
		}
	default:
		p.unexpected("PRECEDING or FOLLOWING")
	}
	return b
}
