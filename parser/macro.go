package parser

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

func (p *parser) createMacro(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateMacro{At: at, OrReplace: f.replace, Temp: f.temp}
	c.IfNotExists = p.ifNotExists()
	c.Name = p.path("a function")
	if !p.at(token.LParen) && p.accept("AS") { // Hive: CREATE FUNCTION f AS 'class'
		c.Class = p.str("a class")
		p.rest()
		return c
	}
	p.open()
	for !p.at(token.RParen) && p.err == nil {
		m := ast.MacroParam{Name: p.name("a parameter")}
		if t := p.tok(); (t.Kind == token.Word || t.Kind == token.Quoted) && !p.is("DEFAULT") && !p.is("COMMENT") {
			m.Type = p.typeName()
		}
		if p.acceptOp(token.ColonEq) || p.accept("DEFAULT") || p.acceptOp(token.Eq) {
			m.Default = p.expr()
		}
		if p.accept("COMMENT") {
			p.str("a comment")
		}
		c.Params = append(c.Params, m)
		if !p.comma() {
			break
		}
	}
	p.close()
	if p.accept("RETURNS") {
		if p.accept("TABLE") {
			c.Table = true
			if p.acceptOp(token.LParen) {
				p.columnDefs()
				p.close()
			}
		} else {
			c.Returns = p.typeName()
		}
	}
	p.macroTraits()
	p.macroBody(c)
	p.macroTraits()
	if p.comma() { // DuckDB's overloads: more bodies are refused with a reason
		p.failAt(p.pos(), "a macro has one body; create each overload by a name of its own")
	}
	return c
}

func (p *parser) macroBody(c *ast.CreateMacro) {
	if p.acceptAny("AS", "RETURN") == "" {
		p.unexpected("AS or RETURN")
		return
	}
	start := p.pos()
	switch {
	case p.at(token.String) && p.tok().Flag == token.Dollar:
		p.macroText(c)
	case p.is("TABLE") && !p.atN(1, token.Dot):
		p.next()
		c.Table = true
		start = p.pos()
		c.Query = p.query()
	case p.startsBareQuery():
		c.Query = p.query()
	default:
		c.Expr = p.expr()
	}
	c.Text = strings.TrimSpace(p.source(start))
}

// macroTraits reads what Spark and Postgres let one say of a function: it changes nothing.
func (p *parser) macroTraits() {
	for p.isAny("LANGUAGE", "DETERMINISTIC", "NOT", "COMMENT", "CONTAINS", "READS", "IMMUTABLE", "STABLE", "VOLATILE", "SQL", "STRICT") != "" {
		switch strings.ToUpper(p.next().Text(p.src)) {
		case "COMMENT":
			p.str("a comment")
		case "LANGUAGE":
			p.anyName("a language")
		case "READS":
			p.expect("SQL", "DATA")
		}
	}
}

// macroText reads Postgres' AS $$ SELECT … $$. Places in the text count from the start of the statement.
func (p *parser) macroText(c *ast.CreateMacro) {
	at, src := p.pos(), p.tok().Text(p.src)
	text := p.strValue()
	at += strings.Index(src, text)
	stmt, err := ParseOne(text)
	if err != nil {
		pos := at
		if e, ok := err.(*sqlerr.Error); ok && e.Pos >= 0 {
			pos += e.Pos
		}
		p.failAt(pos, "%s", err.Error())
		return
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		p.failAt(at, "the body of a function must be a query")
		return
	}
	ast.Shift(q, at)
	c.Query = q
}
