package parser

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// primary reads an operand.
func (p *parser) primary() ast.Expr {
	t := p.tok()
	at := ast.At{Pos: int(t.Pos)}
	switch t.Kind {
	case token.Int, token.Decimal, token.Float:
		return p.number()
	case token.String:
		return &ast.Literal{At: at, Kind: ast.StringLit, Text: p.strValue()}
	case token.Blob, token.Bit:
		p.next()
		v, _ := t.Value(p.src)
		k := ast.BlobLit
		if t.Kind == token.Bit {
			k = ast.BitLit
		}
		return &ast.Literal{At: at, Kind: k, Text: v}
	case token.Param:
		return p.dollarParam()
	case token.Question, token.Colon:
		return p.param()
	case token.LParen:
		return p.paren()
	case token.LBracket:
		return p.list()
	case token.LBrace:
		return p.structLit()
	case token.Hash:
		if p.atN(1, token.Int) {
			p.next()
			return &ast.Positional{At: at, Index: p.integer("a number")}
		}
	case token.Star:
		p.next()
		return p.starRest(&ast.Star{At: at})
	case token.Word:
		if t.Class&token.Special != 0 {
			if e := p.special(); e != nil {
				return e
			}
		}
		if t.Class&token.NoExpr != 0 && !p.valuesName(0) || t.Class&token.Infix != 0 && t.Class&token.NoTable != 0 && !p.atN(1, token.LParen) {
			break
		}
		return p.nameExpr()
	case token.Quoted:
		return p.nameExpr()
	}
	p.unexpected("an expression")
	return &ast.Literal{At: at}
}

func (p *parser) number() ast.Expr {
	t := p.next()
	s, _ := t.Value(p.src)
	l := &ast.Literal{At: ast.At{Pos: int(t.Pos)}, Kind: ast.IntLit + ast.LiteralKind(t.Kind-token.Int), Text: s}
	if hex := len(s) > 1 && (s[1] == 'x' || s[1] == 'X'); !hex {
		if n := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune("lLsSyYdDfFbB", r) }); n > 0 {
			l.Text, l.Suffix = s[:n], strings.ToUpper(s[n:])
		}
	}
	return l
}

func (p *parser) dollarParam() ast.Expr {
	t := p.next()
	at := ast.At{Pos: int(t.Pos)}
	s := t.Text(p.src)[1:]
	if s[0] < '0' || s[0] > '9' {
		return &ast.Param{At: at, Kind: ast.NamedParam, Name: s}
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || n > 65535 {
		p.failAt(at.Pos, "parameters are numbered from $1 to $65535")
	}
	return &ast.Param{At: at, Kind: ast.NumberedParam, Index: int(n)}
}

// param reads ?, ?1 and :name.
func (p *parser) param() ast.Expr {
	t, n := p.tok(), p.peek(1)
	at := ast.At{Pos: int(t.Pos)}
	adjacent := n.Pos == t.End
	if t.Kind == token.Colon {
		if !adjacent || n.Kind != token.Word && n.Kind != token.Quoted {
			p.unexpected("an expression")
			return &ast.Literal{At: at}
		}
		p.next()
		return &ast.Param{At: at, Kind: ast.NamedParam, Name: p.anyName("a parameter").Text}
	}
	p.next()
	if adjacent && n.Kind == token.Int {
		return &ast.Param{At: at, Kind: ast.NumberedParam, Index: p.integer("a number")}
	}
	p.anon++
	return &ast.Param{At: at, Kind: ast.AnonParam, Index: p.anon}
}

// startsQuery tells whether the parenthesis n tokens ahead holds a query.
func (p *parser) startsQuery(n int) bool {
	i := min(p.i+n, len(p.toks)-1)
	for ; p.toks[i].Kind == token.LParen; i++ {
		t := p.toks[i+1]
		if t.Kind == token.Word {
			switch {
			case t.Class&token.Starts == 0:
				return false
			case t.Class&token.NoExpr != 0 && t.Is(p.src, "VALUES"):
				k := p.toks[i+2].Kind
				return k != token.RParen && k != token.Comma && k != token.Dot && k != token.Cast
			case t.Class&token.NoExpr != 0:
				return true
			}
			// DESCRIBE, SHOW, SUMMARIZE, PIVOT: names, unless a name follows.
			f := p.toks[min(i+2, len(p.toks)-1)]
			return f.Kind == token.Word && f.Class&token.Infix == 0 || f.Kind == token.Quoted || f.Kind == token.String
		}
		if t.Kind != token.LParen {
			return false
		}
		// ((SELECT …) …: a query only if a set operation or its like follows the inner parenthesis.
		f := p.toks[min(p.closing(i+1)+1, len(p.toks)-1)]
		if f.Kind != token.RParen && !p.continuesQuery(f) {
			return false
		}
	}
	return false
}

func (p *parser) continuesQuery(t token.Token) bool {
	for _, w := range [...]string{"UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH", "SORT", "CLUSTER", "DISTRIBUTE"} {
		if t.Is(p.src, w) {
			return true
		}
	}
	return false
}

// parenQuery reads ( query ).
func (p *parser) parenQuery() *ast.Query {
	p.open()
	q := p.query()
	p.close()
	return q
}

// paren reads a subquery, a row or an expression in parentheses.
func (p *parser) paren() ast.Expr {
	at := p.here()
	if p.startsQuery(0) {
		return &ast.ScalarSubquery{At: at, Query: p.parenQuery()}
	}
	p.next()
	if p.at(token.RParen) { // ()
		p.next()
		return &ast.Row{At: at}
	}
	e := p.expr()
	if !p.at(token.Comma) {
		p.close()
		return e
	}
	r := &ast.Row{At: at, Items: []ast.Expr{e}}
	for p.comma() {
		if p.at(token.RParen) {
			break // (a,)
		}
		r.Items = append(r.Items, p.expr())
	}
	p.close()
	return r
}

// list reads [a, b] and [x FOR x IN list IF cond].
func (p *parser) list() ast.Expr {
	at := p.here()
	p.next()
	a := &ast.ArrayLit{At: at}
	if p.acceptOp(token.RBracket) {
		return a
	}
	e := p.expr()
	if p.accept("FOR") {
		c := &ast.ListComp{At: at, Item: e}
		c.Names = p.nameList("a name")
		p.expect("IN")
		c.List = p.expr()
		if p.accept("IF") {
			c.Cond = p.expr()
		}
		p.expectOp(token.RBracket, "]")
		return c
	}
	a.Items = append(a.Items, e)
	for p.comma() {
		if p.at(token.RBracket) {
			break
		}
		a.Items = append(a.Items, p.expr())
	}
	p.expectOp(token.RBracket, "]")
	return a
}

// structLit reads {'a': 1, b: 2}.
func (p *parser) structLit() ast.Expr {
	s := &ast.StructLit{At: p.here()}
	p.next()
	for !p.at(token.RBrace) && p.err == nil {
		f := ast.StructField{}
		if at := p.here(); p.at(token.String) {
			f.Name = ast.Name{At: at, Text: p.strValue(), Quoted: true}
		} else {
			f.Name = p.anyName("a field name")
		}
		p.expectOp(token.Colon, ":")
		f.Value = p.expr()
		s.Fields = append(s.Fields, f)
		if !p.comma() {
			break
		}
	}
	p.expectOp(token.RBrace, "}")
	return s
}

func (p *parser) mapLit() ast.Expr {
	m := &ast.MapLit{At: p.here()}
	p.next()
	p.next()
	for !p.at(token.RBrace) && p.err == nil {
		e := ast.MapEntry{Key: p.expr()}
		p.expectOp(token.Colon, ":")
		e.Value = p.expr()
		m.Entries = append(m.Entries, e)
		if !p.comma() {
			break
		}
	}
	p.expectOp(token.RBrace, "}")
	return m
}

// typedWords are the types that may stand before a string.
var typedWords = map[string]bool{
	"TIMESTAMPTZ": true, "TIMESTAMP_NTZ": true, "TIMESTAMP_LTZ": true, "TIMESTAMP_S": true, "TIMESTAMP_MS": true,
	"TIMESTAMP_NS": true, "TIMETZ": true, "DATETIME": true, "INT": true, "INTEGER": true, "BIGINT": true, "SMALLINT": true,
	"TINYINT": true, "DOUBLE": true, "REAL": true, "FLOAT": true, "DECIMAL": true, "NUMERIC": true, "VARCHAR": true,
	"TEXT": true, "JSON": true, "UUID": true, "BOOLEAN": true, "BOOL": true, "BLOB": true, "BYTEA": true, "HUGEINT": true,
	"TIMESTAMP_US": true, "BINARY": true, "STRING": true, "INT4": true, "INT8": true, "FLOAT8": true, "POINT": true,
}

// nameExpr reads a column, t.*, a typed literal or a call.
func (p *parser) nameExpr() ast.Expr {
	at := p.here()
	if p.at(token.Word) && p.atN(1, token.String) && typedWords[strings.ToUpper(p.tok().Text(p.src))] {
		t := p.typeName()
		return &ast.TypedLiteral{At: at, Type: t, Text: p.str("a string")}
	}
	path := ast.Path{p.anyName("a name")}
	for p.at(token.Dot) {
		p.next()
		if p.at(token.Star) {
			p.next()
			return p.starRest(&ast.Star{At: at, Qualifier: path})
		}
		path = append(path, p.anyName("a name after the dot"))
	}
	if p.at(token.LParen) {
		if len(path) > 1 && token.EqualFold(path.Last(), "COLUMNS") {
			s := p.columns(at)
			s.Qualifier = path[:len(path)-1]
			return s
		}
		return p.call(path, nil)
	}
	return &ast.ColumnRef{At: at, Parts: path}
}

// starRest reads EXCLUDE, REPLACE and RENAME after a star.
func (p *parser) starRest(s *ast.Star) ast.Expr {
	for {
		switch {
		case p.isAny("EXCLUDE", "EXCEPT") != "" && (p.atN(1, token.LParen) && !p.startsQuery(1) || p.is("EXCLUDE")):
			p.next()
			if p.acceptOp(token.LParen) {
				s.Exclude = append(s.Exclude, p.columnPath())
				for p.comma() {
					s.Exclude = append(s.Exclude, p.columnPath())
				}
				p.close()
			} else {
				s.Exclude = append(s.Exclude, p.columnPath())
			}
		case p.is("REPLACE"):
			p.next()
			paren := p.acceptOp(token.LParen)
			for {
				r := ast.ReplaceItem{Expr: p.expr()}
				p.accept("AS")
				r.Name = p.name("a column")
				s.Replace = append(s.Replace, r)
				if !paren || !p.comma() {
					break
				}
			}
			if paren {
				p.close()
			}
		case p.is("RENAME"):
			p.next()
			paren := p.acceptOp(token.LParen)
			for {
				old := p.columnPath()
				p.expect("AS")
				s.Rename = append(s.Rename, ast.RenameItem{Old: old[len(old)-1], New: p.name("a column")})
				if !paren || !p.comma() {
					break
				}
			}
			if paren {
				p.close()
			}
		case p.isAny("LIKE", "ILIKE", "SIMILAR", "GLOB") != "" || p.is("NOT") && p.predicateWord(1) != "":
			at, not := p.here(), p.accept("NOT")
			m, ok := p.predicate(&ast.Star{At: s.At}, not, at).(*ast.Match)
			if !ok {
				p.failAt(at.Pos, "expected LIKE after *")
				return s
			}
			s.Like = m
		default:
			return s
		}
	}
}

func (p *parser) columnPath() ast.Path {
	path := ast.Path{p.name("a column")}
	for p.acceptOp(token.Dot) {
		path = append(path, p.anyName("a column"))
	}
	return path
}
