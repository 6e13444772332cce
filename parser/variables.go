package parser

import (
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// setVariables reads what stands after SET VARIABLE: a = 1, b = 2 or (a, b) = (query).
func (p *parser) setVariables(at ast.At) *ast.Set {
	s := &ast.Set{At: at, Kind: ast.SetVariable}
	if p.acceptOp(token.LParen) {
		s.Names = append(s.Names, p.path("a variable"))
		for p.comma() {
			s.Names = append(s.Names, p.path("a variable"))
		}
		p.close()
		p.expectOp(token.Eq, "=")
		s.Query = p.parenQuery()
		s.Name = s.Names[0]
		return s
	}
	p.setVariable(s)
	for p.comma() {
		more := &ast.Set{At: p.here(), Kind: ast.SetVariable}
		p.setVariable(more)
		s.More = append(s.More, more)
	}
	return s
}

func (p *parser) setVariable(s *ast.Set) {
	s.Name = ast.Path{p.anyName("a variable")}
	for p.acceptOp(token.Dot) {
		s.Name = append(s.Name, p.anyName("a variable"))
	}
	if !p.accept("TO") && !p.acceptOp(token.ColonEq) {
		p.expectOp(token.Eq, "= or TO")
	}
	if p.is("DEFAULT") && (p.atN(1, token.EOF) || p.atN(1, token.Semicolon) || p.atN(1, token.Comma)) {
		p.next()
		s.Default = true
		return
	}
	s.Value = p.expr()
}

// declare reads DECLARE [OR REPLACE] [VARIABLE] a, b [type] [DEFAULT value].
func (p *parser) declare(at ast.At) ast.Statement {
	p.next()
	d := &ast.Declare{At: at, Replace: p.accept("OR", "REPLACE")}
	if p.isAny("VARIABLE", "VAR") != "" && p.nameFollows() {
		p.next()
	}
	d.Names = append(d.Names, p.path("a variable"))
	for p.comma() {
		d.Names = append(d.Names, p.path("a variable"))
	}
	if !p.ended() && !p.is("DEFAULT") && !p.at(token.Eq) {
		d.Type = p.typeName()
	}
	if p.accept("DEFAULT") || p.acceptOp(token.Eq) {
		start := p.pos()
		d.Default = p.expr()
		d.Text = p.source(start)
	}
	return d
}

// executeImmediate reads what stands after EXECUTE IMMEDIATE.
func (p *parser) executeImmediate(at ast.At) ast.Statement {
	e := &ast.ExecuteImmediate{At: at, Text: p.expr()}
	if p.accept("INTO") {
		e.Into = append(e.Into, p.path("a variable"))
		for p.comma() {
			e.Into = append(e.Into, p.path("a variable"))
		}
	}
	if !p.accept("USING") {
		return e
	}
	paren := p.acceptOp(token.LParen)
	for {
		e.Args = append(e.Args, p.arg(false))
		if !p.comma() {
			break
		}
	}
	if paren {
		p.close()
	}
	return e
}
