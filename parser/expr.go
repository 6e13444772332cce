package parser

import (
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// The precedences, from loose to tight; they are PostgreSQL's.
const (
	precNone = iota
	precOr
	precAnd
	precNot
	precIs
	precCompare
	precLike // BETWEEN, IN, LIKE and its kin
	precOther
	precAdd
	precMul
	precPow
	precAt
	precCollate
	precSign
)

type infix struct {
	prec uint8
	op   ast.Op
}

// infixes holds the operators that are signs.
var infixes = [...]infix{
	token.Plus: {precAdd, ast.OpAdd}, token.Minus: {precAdd, ast.OpSub}, token.Star: {precMul, ast.OpMul},
	token.Slash: {precMul, ast.OpDiv}, token.SlashSlash: {precMul, ast.OpIntDiv}, token.Percent: {precMul, ast.OpMod},
	token.Caret: {precPow, ast.OpPow}, token.StarStar: {precPow, ast.OpPow}, token.Amp: {precOther, ast.OpBitAnd},
	token.Pipe: {precOther, ast.OpBitOr}, token.Hash: {precOther, ast.OpBitXor}, token.Shl: {precOther, ast.OpShl},
	token.PipePipe: {precOther, ast.OpConcat}, token.Arrow: {precOther, ast.OpArrow},
	token.ArrowText: {precOther, ast.OpArrowText}, token.HashGt: {precOther, ast.OpPath},
	token.HashGtText: {precOther, ast.OpPathText}, token.AtGt: {precOther, ast.OpContains},
	token.LtAt: {precOther, ast.OpContained}, token.AmpAmp: {precOther, ast.OpOverlap},
	token.CaretAt: {precOther, ast.OpStarts},
	token.Eq:      {precCompare, ast.OpEq}, token.Ne: {precCompare, ast.OpNe}, token.Lt: {precCompare, ast.OpLt},
	token.Le: {precCompare, ast.OpLe}, token.Gt: {precCompare, ast.OpGt}, token.Ge: {precCompare, ast.OpGe},
	token.NullEq: {precCompare, ast.OpNullEq},
	token.Tilde:  {precOther, 0}, token.TildeStar: {precOther, 0}, token.NotTilde: {precOther, 0},
	token.NotTildeStr: {precOther, 0}, token.LikeOp: {precOther, 0}, token.ILikeOp: {precOther, 0},
	token.NotLikeOp: {precOther, 0}, token.NotILikeOp: {precOther, 0},
}

// expr reads an expression.
func (p *parser) expr() ast.Expr { return p.exprPrec(precOr) }

// exprs reads expr, expr, ….
func (p *parser) exprs() []ast.Expr {
	list := []ast.Expr{p.expr()}
	for p.comma() {
		if p.at(token.RParen) || p.at(token.RBracket) {
			break // a comma too many at the end, as DuckDB takes it
		}
		list = append(list, p.expr())
	}
	return list
}

// exprPrec reads an expression whose operators bind at least as tightly as least.
func (p *parser) exprPrec(least int) ast.Expr {
	if !p.enter() {
		p.leave()
		return &ast.Literal{}
	}
	left := p.prefix()
	for {
		t := p.tok()
		if t.Kind == token.Word {
			if t.Class&token.Infix == 0 {
				break
			}
			e := p.wordInfix(left, least)
			if e == nil {
				break
			}
			left = e
			continue
		}
		if t.Kind == token.Bang && least <= precLike && p.predicateWord(1) != "" { // Spark: x ! IN (1, 2)
			at := p.here()
			p.next()
			left = p.predicate(left, true, at)
			continue
		}
		if int(t.Kind) >= len(infixes) || int(infixes[t.Kind].prec) < least || infixes[t.Kind].prec == precNone {
			break
		}
		in := infixes[t.Kind]
		if t.Kind == token.Gt && p.peek(1).Kind == token.Gt && p.peek(1).Pos == t.End {
			if precOther < least {
				break
			}
			in = infix{precOther, ast.OpShr}
			p.next()
		}
		if t.Kind == token.Percent && !p.startsExpr(p.peek(1)) {
			break // LIMIT 10%
		}
		left = p.signInfix(left, t, in)
	}
	p.leave()
	return left
}

// signInfix reads the right side of an operator that is a sign; the current token is its last sign.
func (p *parser) signInfix(left ast.Expr, t token.Token, in infix) ast.Expr {
	p.next()
	at := ast.At{Pos: int(t.Pos)}
	if in.op == ast.OpInvalid {
		return p.matchSign(left, t, at)
	}
	quantified := false
	if w := p.isAny("ANY", "ALL", "SOME"); w != "" && p.atN(1, token.LParen) && in.op.IsComparison() {
		quantified = true
	}
	if quantified {
		return p.quantified(left, in.op, at)
	}
	right := p.exprPrec(int(in.prec) + 1)
	if in.op.IsComparison() {
		return &ast.Compare{At: at, Op: in.op, Left: left, Right: right}
	}
	return &ast.Binary{At: at, Op: in.op, Left: left, Right: right}
}

func (p *parser) quantified(left ast.Expr, op ast.Op, at ast.At) ast.Expr {
	q := &ast.Quantified{At: at, Op: op, Left: left, All: p.is("ALL")}
	p.next()
	if p.startsQuery(0) {
		q.Query = p.parenQuery()
		return q
	}
	p.open()
	q.Array = p.expr()
	if p.comma() { // ANY (1, 2)
		q.Array = &ast.ArrayLit{At: at, Items: append([]ast.Expr{q.Array}, p.exprs()...)}
	}
	p.close()
	return q
}

func (p *parser) matchSign(left ast.Expr, t token.Token, at ast.At) ast.Expr {
	m := &ast.Match{At: at, Expr: left}
	switch t.Kind {
	case token.Tilde, token.NotTilde:
		m.Kind = ast.RLike
	case token.TildeStar, token.NotTildeStr:
		m.Kind = ast.IRLike
	case token.ILikeOp, token.NotILikeOp:
		m.Kind = ast.ILike
	}
	switch t.Kind {
	case token.NotTilde, token.NotTildeStr, token.NotLikeOp, token.NotILikeOp:
		m.Not = true
	}
	m.Pattern = p.exprPrec(precOther + 1)
	return m
}

// wordInfix reads an operator that is a word, or gives nil when the word is none here or binds too loosely.
func (p *parser) wordInfix(left ast.Expr, least int) ast.Expr {
	at := p.here()
	switch w := p.isAny("AND", "OR", "IS", "NOT", "IN", "LIKE", "BETWEEN", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "GLOB",
		"DIV", "MOD", "COLLATE", "AT", "ISNULL", "NOTNULL", "OVERLAPS"); w {
	case "AND":
		if least > precAnd {
			return nil
		}
		return &ast.And{At: ast.At{Pos: left.Position()}, Terms: p.terms(left, w, precAnd+1)}
	case "OR":
		if least > precOr {
			return nil
		}
		return &ast.Or{At: ast.At{Pos: left.Position()}, Terms: p.terms(left, w, precOr+1)}
	case "IS", "ISNULL", "NOTNULL":
		if least > precIs {
			return nil
		}
		return p.isTest(left, w, at)
	case "NOT":
		if least > precLike || p.predicateWord(1) == "" {
			return nil
		}
		p.next()
		return p.predicate(left, true, at)
	case "IN", "LIKE", "BETWEEN", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "GLOB":
		if least > precLike || p.predicateWord(0) == "" {
			return nil
		}
		return p.predicate(left, false, at)
	case "DIV", "MOD", "OVERLAPS":
		return p.wordOperator(left, w, least, at)
	case "COLLATE":
		if least > precCollate {
			return nil
		}
		p.next()
		return &ast.Collate{At: at, Expr: left, Name: p.collation()}
	case "AT":
		if least > precAt || !p.is("AT", "TIME", "ZONE") {
			return nil
		}
		p.accept("AT", "TIME", "ZONE")
		return &ast.AtTimeZone{At: at, Expr: left, Zone: p.exprPrec(precAt + 1)}
	}
	return nil
}

// terms reads the terms of a conjunction or disjunction after the first.
func (p *parser) terms(left ast.Expr, w string, prec int) []ast.Expr {
	list := []ast.Expr{left}
	for p.accept(w) {
		list = append(list, p.exprPrec(prec))
	}
	return list
}

func (p *parser) collation() ast.Path {
	if p.at(token.String) {
		at := p.here()
		return ast.Path{{At: at, Text: p.strValue(), Quoted: true}}
	}
	return p.path("a collation")
}

func (p *parser) wordOperator(left ast.Expr, w string, least int, at ast.At) ast.Expr {
	prec, op := precMul, ast.OpIntDiv
	switch w {
	case "MOD":
		op = ast.OpMod
	case "OVERLAPS":
		prec, op = precOther, ast.OpOverlaps
	}
	if least > prec || !p.startsExpr(p.peek(1)) {
		return nil
	}
	p.next()
	return &ast.Binary{At: at, Op: op, Left: left, Right: p.exprPrec(prec + 1)}
}

// predicateWord gives the word of a predicate that stands n tokens ahead, or "".
func (p *parser) predicateWord(n int) string {
	for _, w := range [...]string{"IN", "LIKE", "BETWEEN", "ILIKE", "RLIKE", "REGEXP", "GLOB"} {
		if p.isN(n, w) {
			if w != "IN" && w != "BETWEEN" && !p.startsExpr(p.peek(n+1)) && !p.isN(n+1, "ANY") && !p.isN(n+1, "ALL") &&
				!p.isN(n+1, "SOME") && !(w == "LIKE" && n == 0) {
				return "" // an alias
			}
			return w
		}
	}
	if p.isN(n, "SIMILAR") && p.isN(n+1, "TO") {
		return "SIMILAR"
	}
	return ""
}

// predicate reads IN, BETWEEN, LIKE and its kin.
func (p *parser) predicate(left ast.Expr, not bool, at ast.At) ast.Expr {
	w := p.predicateWord(0)
	p.next()
	switch w {
	case "BETWEEN":
		b := &ast.Between{At: at, Not: not, Expr: left}
		b.Symmetric = p.accept("SYMMETRIC")
		p.accept("ASYMMETRIC")
		b.Low = p.exprPrec(precOther)
		p.expect("AND")
		b.High = p.exprPrec(precOther)
		return b
	case "IN":
		return p.in(left, not, at)
	case "SIMILAR":
		p.next()
	}
	m := &ast.Match{At: at, Not: not, Expr: left}
	switch w {
	case "ILIKE":
		m.Kind = ast.ILike
	case "RLIKE", "REGEXP":
		m.Kind = ast.RLike
	case "SIMILAR":
		m.Kind = ast.Similar
	case "GLOB":
		m.Kind = ast.Glob
	}
	if q := p.isAny("ANY", "ALL", "SOME"); q != "" && p.atN(1, token.LParen) {
		p.next()
		m.All, m.Any = q == "ALL", q != "ALL"
		p.open()
		m.List = p.exprs()
		p.close()
		return m
	}
	m.Pattern = p.exprPrec(precOther)
	if p.accept("ESCAPE") {
		m.Escape = p.exprPrec(precOther)
	}
	return m
}

func (p *parser) in(left ast.Expr, not bool, at ast.At) ast.Expr {
	in := &ast.In{At: at, Not: not, Expr: left}
	if !p.at(token.LParen) {
		in.Bare = true
		in.List = []ast.Expr{p.exprPrec(precOther)}
		return in
	}
	if p.startsQuery(0) {
		in.Query = p.parenQuery()
		return in
	}
	p.open()
	in.List = p.exprs()
	p.close()
	return in
}

// isTest reads what stands after IS.
func (p *parser) isTest(left ast.Expr, w string, at ast.At) ast.Expr {
	p.next()
	if w != "IS" {
		return &ast.Is{At: at, Not: w == "NOTNULL", Expr: left}
	}
	not := p.accept("NOT") || p.acceptOp(token.Bang)
	is := &ast.Is{At: at, Not: not, Expr: left}
	switch p.acceptAny("NULL", "TRUE", "FALSE", "UNKNOWN", "NAN", "DISTINCT") {
	case "NULL":
	case "TRUE":
		is.Kind = ast.IsTrue
	case "FALSE":
		is.Kind = ast.IsFalse
	case "UNKNOWN":
		is.Kind = ast.IsUnknown
	case "NAN":
		is.Kind = ast.IsNaN
	case "DISTINCT":
		p.expect("FROM")
		return &ast.IsDistinct{At: at, Not: not, Left: left, Right: p.exprPrec(precIs + 1)}
	default:
		p.unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM")
	}
	return is
}

// prefix reads the operators before an operand, and the operand with what is tied to it.
func (p *parser) prefix() ast.Expr {
	at := p.here()
	switch p.tok().Kind {
	case token.Minus:
		return p.unary(at, ast.OpNeg, precSign)
	case token.Plus:
		return p.unary(at, ast.OpPos, precSign)
	case token.Tilde:
		return p.unary(at, ast.OpBitNot, precAdd)
	case token.Bang:
		return p.unary(at, ast.OpNot, precSign)
	case token.Word:
		if p.is("NOT") {
			return p.unary(at, ast.OpNot, precIs)
		}
	}
	return p.postfix(p.primary())
}

func (p *parser) unary(at ast.At, op ast.Op, prec int) ast.Expr {
	p.next()
	return &ast.Unary{At: at, Op: op, Expr: p.exprPrec(prec)}
}

// startsExpr tells whether t may begin an expression.
func (p *parser) startsExpr(t token.Token) bool {
	switch t.Kind {
	case token.Word:
		return t.Class&(token.NoExpr) == 0 && (t.Class&token.Infix == 0 || t.Class&token.Special != 0)
	case token.Quoted, token.String, token.Blob, token.Bit, token.Int, token.Decimal, token.Float, token.Param,
		token.LParen, token.LBracket, token.LBrace, token.Question, token.Colon, token.Plus, token.Minus, token.Tilde,
		token.Bang:
		return true
	}
	return false
}

// postfix reads what is tied to an operand: ::type, [i], .field.
func (p *parser) postfix(e ast.Expr) ast.Expr {
	for {
		at := p.here()
		switch p.tok().Kind {
		case token.Cast:
			p.next()
			e = &ast.Cast{At: at, Expr: e, Type: p.typeName()}
		case token.LBracket:
			e = p.subscript(e)
		case token.Dot:
			p.next()
			if p.at(token.Star) {
				p.next()
				e = &ast.Call{At: at, Name: ast.Path{{At: at, Text: "unnest"}}, Args: []ast.Arg{{Value: e}}}
				continue
			}
			n := p.anyName("a field name")
			if p.at(token.LParen) {
				e = p.call(ast.Path{n}, e)
				continue
			}
			e = &ast.FieldAccess{At: at, Expr: e, Name: n}
		default:
			return e
		}
	}
}

// subscript reads [i] and [low:high:step].
func (p *parser) subscript(e ast.Expr) ast.Expr {
	at := p.here()
	p.next()
	s := &ast.Slice{At: at, Expr: e}
	if p.acceptOp(token.Cast) { // [::step]
		s.Step = p.expr()
		p.expectOp(token.RBracket, "]")
		return s
	}
	if !p.at(token.Colon) {
		s.Low = p.expr()
		if p.acceptOp(token.RBracket) {
			return &ast.Index{At: at, Expr: e, Index: s.Low}
		}
	}
	p.expectOp(token.Colon, "] or :")
	if p.at(token.Minus) && (p.atN(1, token.Colon) || p.atN(1, token.RBracket)) {
		p.next() // [low:-:step]
	} else if !p.at(token.Colon) && !p.at(token.RBracket) {
		s.High = p.expr()
	}
	if p.acceptOp(token.Colon) && !p.at(token.RBracket) {
		s.Step = p.expr()
	}
	p.expectOp(token.RBracket, "]")
	return s
}
