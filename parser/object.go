package parser

import (
	"strconv"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// createType reads CREATE TYPE name AS type, AS ENUM (query).
func (p *parser) createType(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateType{At: at, OrReplace: f.replace, Temp: f.temp, IfNotExists: p.ifNotExists(), Name: p.path("a type")}
	p.expect("AS")
	if p.is("ENUM") && p.atN(1, token.LParen) && p.startsQuery(1) {
		p.next()
		p.open()
		c.Query = p.query()
		p.close()
		return c
	}
	c.Type = p.typeName()
	return c
}

// createSequence reads CREATE SEQUENCE name and its options in any order.
func (p *parser) createSequence(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateSequence{At: at, OrReplace: f.replace, Temp: f.temp, IfNotExists: p.ifNotExists(), Name: p.path("a sequence")}
	set := func(to **int64) {
		if *to != nil {
			p.failAt(p.pos(), "this option stands there twice")
		}
		n := p.signed()
		*to = &n
	}
	for p.err == nil {
		switch p.acceptAny("START", "INCREMENT", "MINVALUE", "MAXVALUE", "NO", "CYCLE", "CACHE", "OWNED", "AS") {
		case "START":
			p.accept("WITH")
			set(&c.Start)
		case "INCREMENT":
			p.accept("BY")
			set(&c.Step)
		case "MINVALUE":
			set(&c.Min)
		case "MAXVALUE":
			set(&c.Max)
		case "CYCLE":
			c.Cycle = true
		case "NO":
			if p.acceptAny("MINVALUE", "MAXVALUE", "CYCLE") == "" {
				p.unexpected("MINVALUE, MAXVALUE or CYCLE")
			}
		case "CACHE": // of no use here: numbers are taken as many at a time as a statement needs
			p.signed()
		case "AS":
			p.typeName()
		case "OWNED":
			p.expect("BY")
			p.path("a column")
		default:
			return c
		}
	}
	return c
}

// signed reads an integer that may have a sign.
func (p *parser) signed() int64 {
	sign := ""
	if p.acceptOp(token.Minus) {
		sign = "-"
	} else {
		p.acceptOp(token.Plus)
	}
	t := p.tok()
	if t.Kind != token.Int {
		p.unexpected("a number")
		return 0
	}
	p.next()
	text, _ := t.Value(p.src)
	n, err := strconv.ParseInt(sign+text, 10, 64)
	if err != nil {
		p.failAt(int(t.Pos), "%s does not fit BIGINT", sign+text)
	}
	return n
}
