package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// typeName reads a type.
func (p *parser) typeName() *ast.TypeName {
	if !p.enter() {
		p.leave()
		return &ast.TypeName{}
	}
	t := p.typeBase()
	for p.err == nil {
		at := t.At
		switch {
		case p.at(token.LBracket):
			p.next()
			a := &ast.TypeName{At: at, Name: "ARRAY", Elem: t}
			if p.at(token.Int) {
				a.Params = []int{p.integer("a size")}
			}
			p.expectOp(token.RBracket, "]")
			t = a
		case p.is("ARRAY") && !p.atN(1, token.LParen):
			p.next()
			t = &ast.TypeName{At: at, Name: "ARRAY", Elem: t}
			if p.at(token.LBracket) && p.atN(1, token.Int) {
				p.next()
				t.Params = []int{p.integer("a size")}
				p.expectOp(token.RBracket, "]")
			}
		default:
			p.leave()
			return t
		}
	}
	p.leave()
	return t
}

func (p *parser) typeBase() *ast.TypeName {
	var n ast.Name
	if p.is("UNION") && p.atN(1, token.LParen) {
		n = p.anyName("a type")
	} else {
		n = p.name("a type")
	}
	t := &ast.TypeName{At: n.At, Name: n.Text, Quoted: n.Quoted}
	for p.at(token.Dot) && p.err == nil { // schema.type
		p.next()
		t.Name += "." + p.anyName("a type").Text
	}
	if t.Quoted {
		return t
	}
	t.Name = strings.ToUpper(t.Name)
	switch t.Name {
	case "ARRAY", "LIST", "MAP", "STRUCT", "ROW", "UNION", "UNIONTYPE", "ENUM":
		if p.nestedType(t) {
			return t
		}
	case "DOUBLE":
		if p.accept("PRECISION") {
			t.Name = "DOUBLE PRECISION"
		}
	case "CHARACTER", "CHAR", "NCHAR", "BIT":
		if p.accept("VARYING") {
			t.Name += " VARYING"
		}
	case "NATIONAL":
		if w := p.acceptAny("CHAR", "CHARACTER"); w != "" {
			t.Name = w
			if p.accept("VARYING") {
				t.Name += " VARYING"
			}
		}
	case "LONG":
		if p.accept("VARCHAR") {
			t.Name = "VARCHAR"
		}
	case "INTERVAL":
		if u := p.unitAt(0); u != "" {
			p.next()
			t.Unit = u
			p.precision()
			if p.accept("TO") {
				t.Unit += " TO " + p.unitAt(0)
				p.next()
				p.precision()
			}
		}
	}
	p.typeParams(t)
	p.timeZone(t)
	if p.is("COLLATE") && (t.Name == "STRING" || t.Name == "VARCHAR" || t.Name == "CHAR" || t.Name == "TEXT") && t.Collate == "" {
		p.next()
		t.Collate = p.collation().String()
	}
	if p.is("UNSIGNED") {
		p.next()
		t.Name = "U" + t.Name
	}
	return t
}

func (p *parser) typeParams(t *ast.TypeName) {
	if !p.at(token.LParen) || !p.atN(1, token.Int) && !p.atN(1, token.Minus) && !p.isN(1, "MAX") && !p.isN(1, "ANY") {
		if p.at(token.LParen) && p.atN(1, token.RParen) {
			p.next()
			p.next()
		}
		return
	}
	p.next()
	for {
		if p.acceptAny("MAX", "ANY") != "" {
			break
		}
		sign := 1
		if p.acceptOp(token.Minus) {
			sign = -1
		}
		t.Params = append(t.Params, sign*p.integer("a number"))
		if !p.comma() {
			break
		}
	}
	p.close()
}

// timeZone reads WITH [LOCAL] TIME ZONE and WITHOUT TIME ZONE.
func (p *parser) timeZone(t *ast.TypeName) {
	if t.Name != "TIMESTAMP" && t.Name != "TIME" {
		return
	}
	switch {
	case p.accept("WITH", "TIME", "ZONE"), p.accept("WITH", "LOCAL", "TIME", "ZONE"):
		t.Name += "TZ"
	case p.accept("WITHOUT", "TIME", "ZONE"):
	}
}

// nestedType reads the parameters of a nested type; without any, the word is a plain type name.
func (p *parser) nestedType(t *ast.TypeName) bool {
	end := token.RParen
	switch {
	case p.at(token.Lt):
		end = token.Gt
	case p.at(token.Ne) && t.Name == "STRUCT": // STRUCT<>
		p.next()
		return true
	case !p.at(token.LParen):
		return false
	}
	p.next()
	switch t.Name {
	case "ARRAY", "LIST":
		t.Name = "ARRAY"
		t.Elem = p.typeName()
	case "MAP":
		t.Key = p.typeName()
		p.expectOp(token.Comma, ",")
		t.Elem = p.typeName()
	case "ENUM":
		for {
			t.Values = append(t.Values, p.str("a string"))
			if !p.comma() {
				break
			}
		}
	case "UNIONTYPE":
		t.Name = "UNION"
		for {
			t.Fields = append(t.Fields, ast.TypeField{Type: p.typeName()})
			if !p.comma() {
				break
			}
		}
	default:
		if t.Name == "ROW" {
			t.Name = "STRUCT"
		}
		for !p.at(end) && p.err == nil {
			t.Fields = append(t.Fields, p.typeField())
			if !p.comma() {
				break
			}
		}
	}
	if end == token.Gt {
		p.expectOp(end, ">")
	} else {
		p.close()
	}
	return true
}

func (p *parser) typeField() ast.TypeField {
	f := ast.TypeField{Name: p.anyName("a field name")}
	p.acceptOp(token.Colon)
	f.Type = p.typeName()
	f.NotNull = p.accept("NOT", "NULL")
	if p.accept("COMMENT") {
		f.Comment = p.str("a comment")
	}
	return f
}
