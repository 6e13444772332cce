package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// special reads the operands that have a grammar of their own, or gives nil when the word is a plain name here.
func (p *parser) special() ast.Expr {
	at := p.here()
	call := p.atN(1, token.LParen)
	switch w := strings.ToUpper(p.tok().Text(p.src)); w {
	case "NULL":
		p.next()
		return &ast.Literal{At: at}
	case "TRUE", "FALSE":
		p.next()
		return &ast.Literal{At: at, Kind: ast.BoolLit, Text: strings.ToLower(w)}
	case "DEFAULT":
		if call || p.atN(1, token.Dot) {
			return nil
		}
		p.next()
		return &ast.Default{At: at}
	case "CASE":
		return p.caseExpr()
	case "INTERVAL":
		return p.interval()
	case "DATE", "TIME", "TIMESTAMP":
		if p.atN(1, token.String) || p.isN(1, "WITH") && p.isN(2, "TIME") || p.isN(1, "WITHOUT") && p.isN(2, "TIME") {
			t := p.typeName()
			return &ast.TypedLiteral{At: at, Type: t, Text: p.str("a string")}
		}
		return nil
	case "ARRAY":
		return p.array(at, call)
	case "MAP":
		if p.atN(1, token.LBrace) {
			return p.mapLit()
		}
		return nil
	case "LAMBDA":
		if n := p.peek(1); (n.Kind == token.Word || n.Kind == token.Quoted) && (p.atN(2, token.Comma) || p.atN(2, token.Colon)) {
			return p.lambdaWord()
		}
		return nil
	case "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER",
		"SESSION_USER", "CURRENT_SCHEMA", "CURRENT_CATALOG", "CURRENT_DATABASE":
		if call || p.atN(1, token.Dot) {
			return nil
		}
		n := p.anyName("a function")
		return &ast.Call{At: at, Name: ast.Path{n}, NoParens: true, Text: n.Text}
	default:
		if !call {
			return nil
		}
		return p.specialCall(w, at)
	}
}

// specialCall reads the calls with words between their arguments.
func (p *parser) specialCall(w string, at ast.At) ast.Expr {
	switch w {
	case "EXISTS":
		if !p.startsQuery(1) {
			return nil
		}
		p.next()
		return &ast.Exists{At: at, Query: p.parenQuery()}
	case "CAST", "TRY_CAST":
		return p.cast(at, w == "TRY_CAST")
	case "ROW":
		p.next()
		p.next()
		r := &ast.Row{At: at}
		if !p.at(token.RParen) {
			r.Items = p.exprs()
		}
		p.close()
		return r
	case "GROUPING", "GROUPING_ID":
		p.next()
		p.next()
		g := &ast.Grouping{At: at}
		if !p.at(token.RParen) {
			g.Args = p.exprs()
		}
		p.close()
		return g
	case "COLUMNS":
		p.next()
		return p.columns(at)
	case "EXTRACT":
		return p.extract(at)
	case "POSITION", "SUBSTRING", "SUBSTR", "OVERLAY", "TRIM", "CEIL", "CEILING", "FLOOR":
		return p.wordCall(w, at)
	}
	return nil
}

func (p *parser) cast(at ast.At, try bool) ast.Expr {
	p.next()
	p.next()
	c := &ast.Cast{At: at, Try: try, Expr: p.expr()}
	p.expect("AS")
	c.Type = p.typeName()
	p.close()
	return c
}

// columns reads the arguments of COLUMNS.
func (p *parser) columns(at ast.At) *ast.Star {
	s := &ast.Star{At: at, Columns: true}
	p.open()
	if p.at(token.Star) {
		p.next()
		p.starRest(s)
	} else {
		s.Regex = p.arg(false).Value
		if inner, ok := s.Regex.(*ast.Star); ok && !inner.Columns {
			inner.Columns, inner.At = true, at
			s = inner
		}
	}
	p.close()
	return s
}

// extract reads EXTRACT(unit FROM x); anything else in the parentheses is a plain call.
func (p *parser) extract(at ast.At) ast.Expr {
	n := p.peek(2)
	if !p.isN(3, "FROM") || n.Kind != token.Word && n.Kind != token.String && n.Kind != token.Quoted {
		return nil
	}
	name := p.anyName("a function")
	p.next()
	unit := &ast.Literal{At: p.here(), Kind: ast.StringLit}
	if p.at(token.String) {
		unit.Text = p.strValue()
	} else {
		unit.Text = p.anyName("a unit").Text
	}
	p.expect("FROM")
	c := &ast.Call{At: at, Name: ast.Path{name}, Args: []ast.Arg{{Value: unit}, {Value: p.expr()}}}
	p.close()
	c.Text = p.source(at.Pos)
	return c
}

// wordCall reads the functions whose arguments may be parted by words; with commas they are plain calls.
func (p *parser) wordCall(w string, at ast.At) ast.Expr {
	name := p.anyName("a function")
	p.next()
	c := &ast.Call{At: at, Name: ast.Path{name}}
	add := func(e ast.Expr) { c.Args = append(c.Args, ast.Arg{Value: e}) }
	if w == "TRIM" {
		switch side := p.acceptAny("BOTH", "LEADING", "TRAILING"); side {
		case "LEADING":
			c.Name = ast.Path{{At: at, Text: "ltrim"}}
		case "TRAILING":
			c.Name = ast.Path{{At: at, Text: "rtrim"}}
		}
		if p.accept("FROM") {
			add(p.expr())
			p.close()
			c.Text = p.source(at.Pos)
			return c
		}
	}
	if p.at(token.RParen) {
		p.next()
		return p.callRest(c)
	}
	first := p.exprPrec(precOther) // so that IN is left alone
	if w != "POSITION" || !p.is("IN") {
		first = p.continueExpr(first)
	}
	switch {
	case w == "POSITION" && p.accept("IN"):
		add(first)
		add(p.exprPrec(precOther))
	case w == "TRIM" && p.accept("FROM"):
		add(p.expr())
		add(first)
	case (w == "SUBSTRING" || w == "SUBSTR") && p.accept("FROM"):
		add(first)
		add(p.expr())
		if p.accept("FOR") {
			add(p.expr())
		}
	case (w == "SUBSTRING" || w == "SUBSTR") && p.accept("FOR"):
		add(first)
		length := p.expr()
		start := ast.Expr(&ast.Literal{At: at, Kind: ast.IntLit, Text: "1"})
		if p.accept("FROM") {
			start = p.expr()
		}
		add(start)
		add(length)
	case w == "OVERLAY" && p.accept("PLACING"):
		add(first)
		add(p.expr())
		p.expect("FROM")
		add(p.expr())
		if p.accept("FOR") {
			add(p.expr())
		}
	case p.is("TO"):
		p.next()
		add(first)
		unit := &ast.Literal{At: p.here(), Kind: ast.StringLit}
		unit.Text = p.anyName("a unit").Text
		add(unit)
	default:
		add(first)
		for p.comma() {
			c.Args = append(c.Args, p.arg(false))
		}
	}
	p.close()
	return p.callRest(c)
}

// continueExpr reads on after an operand, with all operators.
func (p *parser) continueExpr(left ast.Expr) ast.Expr {
	for p.at(token.Word) && p.tok().Class&token.Infix != 0 || int(p.tok().Kind) < len(infixes) && infixes[p.tok().Kind].prec == precCompare {
		var e ast.Expr
		if t := p.tok(); t.Kind == token.Word {
			e = p.wordInfix(left, precOr)
		} else {
			e = p.signInfix(left, t, infixes[t.Kind])
		}
		if e == nil {
			break
		}
		left = e
	}
	return left
}

func (p *parser) array(at ast.At, call bool) ast.Expr {
	if p.atN(1, token.LBracket) {
		p.next()
		e := p.list()
		if a, ok := e.(*ast.ArrayLit); ok {
			a.At = at
		}
		return e
	}
	if call && p.startsQuery(1) {
		p.next()
		return &ast.ArraySubquery{At: at, Query: p.parenQuery()}
	}
	return nil
}

func (p *parser) caseExpr() ast.Expr {
	c := &ast.Case{At: p.here()}
	p.next()
	if !p.is("WHEN") {
		c.Operand = p.expr()
	}
	for p.accept("WHEN") {
		w := ast.When{Cond: p.expr()}
		p.expect("THEN")
		w.Then = p.expr()
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		p.unexpected("WHEN")
	}
	if p.accept("ELSE") {
		c.Else = p.expr()
	}
	p.expect("END")
	return c
}

// units are the units of intervals, in the singular.
var units = map[string]bool{
	"YEAR": true, "MONTH": true, "QUARTER": true, "WEEK": true, "DAY": true, "HOUR": true, "MINUTE": true, "SECOND": true,
	"MILLISECOND": true, "MICROSECOND": true, "NANOSECOND": true, "DECADE": true, "CENTURY": true, "MILLENNIUM": true,
}

// unitAt gives the unit that the word n tokens ahead names, or "".
func (p *parser) unitAt(n int) string {
	t := p.peek(n)
	if t.Kind != token.Word {
		return ""
	}
	u := strings.ToUpper(t.Text(p.src))
	switch u {
	case "CENTURIES":
		return "CENTURY"
	case "MILLENNIA":
		return "MILLENNIUM"
	}
	if units[u] {
		return u
	}
	if u = strings.TrimSuffix(u, "S"); units[u] {
		return u
	}
	return ""
}

// interval reads INTERVAL '1' DAY, INTERVAL 1 DAY, INTERVAL '1 day', INTERVAL (x) DAY, INTERVAL x DAY.
func (p *parser) interval() ast.Expr {
	iv := &ast.Interval{At: p.here()}
	switch t := p.peek(1); {
	case t.Kind == token.String, t.Kind == token.Int, t.Kind == token.Decimal, t.Kind == token.Param, t.Kind == token.Question:
	case t.Kind == token.Float:
	case t.Kind == token.Colon && p.peek(2).Kind == token.Word:
	case (t.Kind == token.Minus || t.Kind == token.Plus) && (p.atN(2, token.Int) || p.atN(2, token.String) || p.atN(2, token.Decimal)) && p.unitAt(3) != "":
	case t.Kind == token.LParen && p.unitOf(p.after(1)):
	case (t.Kind == token.Word || t.Kind == token.Quoted) && p.unitAt(2) != "":
	case (t.Kind == token.Word || t.Kind == token.Quoted) && p.atN(2, token.Dot) && p.unitAt(4) != "":
	default:
		return nil
	}
	p.next()
	if at := p.here(); p.atN(1, token.String) && p.at(token.Minus) { // -'1-1' YEAR TO MONTH: the whole, not a number
		p.next()
		p.intervalPart(iv)
		return &ast.Unary{At: at, Op: ast.OpNeg, Expr: iv}
	}
	if p.at(token.Plus) && p.atN(1, token.String) {
		p.next()
	}
	p.intervalPart(iv)
	last := iv
	for last.Unit != "" && p.intervalGoesOn() {
		part := &ast.Interval{At: p.here()}
		p.intervalPart(part)
		last.Next, last = part, part
	}
	return iv
}

func (p *parser) unitOf(t token.Token) bool {
	u := strings.ToUpper(t.Text(p.src))
	return t.Kind == token.Word && (units[u] || units[strings.TrimSuffix(u, "S")])
}

func (p *parser) intervalGoesOn() bool {
	n := 0
	if p.at(token.Minus) && (p.atN(1, token.Int) || p.atN(1, token.Decimal)) { // 1 DAY -2 HOURS: no number can be taken from an interval
		n = 1
	}
	k := p.peek(n).Kind
	return (k == token.Int || k == token.String || k == token.Decimal) && p.unitAt(n+1) != ""
}

func (p *parser) intervalPart(iv *ast.Interval) {
	iv.Value = p.intervalValue()
	u := p.unitAt(0)
	if u == "" {
		if l, ok := iv.Value.(*ast.Literal); !ok || l.Kind != ast.StringLit {
			if _, ok := iv.Value.(*ast.Param); !ok {
				p.unexpected("a unit such as DAY")
			}
		}
		return
	}
	p.next()
	iv.Unit = u
	p.precision()
	if p.is("TO") && p.unitAt(1) != "" {
		p.next()
		iv.Unit += " TO " + p.unitAt(0)
		p.next()
		p.precision()
	}
}

func (p *parser) intervalValue() ast.Expr {
	if at := p.here(); p.at(token.Minus) || p.at(token.Plus) {
		op := ast.OpPos
		if p.next().Kind == token.Minus {
			op = ast.OpNeg
		}
		return &ast.Unary{At: at, Op: op, Expr: p.primary()}
	}
	if p.at(token.String) { // neighbours do not join: '1' YEAR '2' MONTH
		t := p.next()
		v, ok := t.Value(p.src)
		if !ok {
			p.failAt(int(t.Pos), "malformed escape in this string")
		}
		return &ast.Literal{At: ast.At{Pos: int(t.Pos)}, Kind: ast.StringLit, Text: v}
	}
	return p.primary()
}

// precision skips (n), which changes nothing here: SECOND(3).
func (p *parser) precision() {
	if p.at(token.LParen) && p.atN(1, token.Int) && p.atN(2, token.RParen) {
		p.next()
		p.next()
		p.next()
	}
}
