package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// tableClause reads one clause behind the columns of CREATE TABLE, in any order.
func (p *parser) tableClause(c *ast.CreateTable) bool {
	switch p.isAny("COMMENT", "PARTITIONED", "PARTITION", "CLUSTERED", "CLUSTER", "SKEWED", "ROW", "STORED", "USING", "LOCATION", "TBLPROPERTIES",
		"OPTIONS", "WITH", "DEFAULT", "SORTED") {
	case "COMMENT":
		p.next()
		c.Comment = p.str("a comment")
	case "PARTITIONED", "PARTITION":
		p.next()
		p.expect("BY")
		c.PartitionedBy = p.partitionColumns()
	case "CLUSTERED", "SORTED":
		c.Bucketing = p.bucketing()
	case "CLUSTER":
		p.next()
		p.expect("BY")
		c.Bucketing = &ast.Bucketing{At: p.here(), Columns: p.names("a column")}
	case "SKEWED":
		p.next()
		p.expect("BY")
		p.skipParens()
		p.expect("ON")
		p.skipParens()
		p.accept("STORED", "AS", "DIRECTORIES")
	case "ROW":
		c.RowFormat = p.rowFormat()
	case "STORED":
		p.stored(c)
	case "USING":
		p.next()
		c.StoredAs = strings.ToUpper(p.dottedText())
	case "LOCATION":
		p.next()
		c.Location = p.str("a path")
	case "TBLPROPERTIES":
		p.next()
		c.Properties = append(c.Properties, p.options()...)
	case "OPTIONS":
		p.next()
		c.Options = append(c.Options, p.options()...)
	case "WITH":
		switch {
		case p.atN(1, token.LParen):
			p.next()
			c.Options = append(c.Options, p.options()...)
		case p.isN(1, "SERDEPROPERTIES"):
			p.next()
			p.next()
			if c.RowFormat == nil {
				c.RowFormat = &ast.RowFormat{At: p.here()}
			}
			c.RowFormat.Properties = append(c.RowFormat.Properties, p.options()...)
		default:
			return false
		}
	case "DEFAULT":
		if !p.accept("DEFAULT", "COLLATION") {
			return false
		}
		p.name("a collation")
	default:
		return false
	}
	return true
}

// partitionColumns reads (dt STRING, region) and transforms such as (years(ts)).
func (p *parser) partitionColumns() []ast.ColumnDef {
	p.open()
	var list []ast.ColumnDef
	for {
		if p.atN(1, token.LParen) {
			at := p.here()
			list = append(list, ast.ColumnDef{At: at, Generated: p.expr()})
		} else {
			list = append(list, p.columnDef())
		}
		if !p.comma() {
			break
		}
	}
	p.close()
	return list
}

func (p *parser) bucketing() *ast.Bucketing {
	b := &ast.Bucketing{At: p.here()}
	if p.accept("CLUSTERED") {
		p.expect("BY")
		b.Columns = p.names("a column")
	}
	if p.accept("SORTED") {
		p.expect("BY")
		p.open()
		b.Sorted, _ = p.orderItems()
		p.close()
	}
	if p.accept("INTO") {
		b.Buckets = p.integer("a number")
		p.expect("BUCKETS")
	}
	return b
}

// rowFormat reads ROW FORMAT DELIMITED … and ROW FORMAT SERDE ….
func (p *parser) rowFormat() *ast.RowFormat {
	f := &ast.RowFormat{At: p.here()}
	p.expect("ROW", "FORMAT")
	if p.accept("SERDE") {
		f.SerDe = p.str("a class")
		if p.accept("WITH", "SERDEPROPERTIES") {
			f.Properties = p.options()
		}
		return f
	}
	p.expect("DELIMITED")
	f.Delimited = true
	text := func() *string {
		s := p.str("a string")
		return &s
	}
	for {
		switch {
		case p.accept("FIELDS", "TERMINATED", "BY"):
			f.Fields = text()
			if p.accept("ESCAPED", "BY") {
				f.Escaped = text()
			}
		case p.accept("ESCAPED", "BY"):
			f.Escaped = text()
		case p.accept("COLLECTION", "ITEMS", "TERMINATED", "BY"):
			f.Items = text()
		case p.accept("MAP", "KEYS", "TERMINATED", "BY"):
			f.Keys = text()
		case p.accept("LINES", "TERMINATED", "BY"):
			f.Lines = text()
		case p.accept("NULL", "DEFINED", "AS"):
			f.Null = text()
		default:
			return f
		}
	}
}

// stored reads STORED AS format and STORED BY 'class'.
func (p *parser) stored(c *ast.CreateTable) {
	p.next()
	if p.accept("BY") {
		c.StoredBy = p.formatWord()
		if p.accept("WITH", "SERDEPROPERTIES") {
			c.Properties = append(c.Properties, p.options()...)
		}
		return
	}
	p.expect("AS")
	if p.accept("INPUTFORMAT") {
		c.InputFormat = p.str("a class")
		p.expect("OUTPUTFORMAT")
		c.OutputFormat = p.str("a class")
		return
	}
	c.StoredAs = p.formatWord()
}

// options reads (name value, 'name' = value, name). Names may be dotted; values may be words, lists or expressions.
func (p *parser) options() []ast.Option {
	var list []ast.Option
	p.open()
	for !p.at(token.RParen) && p.err == nil {
		list = append(list, p.option())
		if !p.comma() {
			break
		}
	}
	p.close()
	return list
}

func (p *parser) option() ast.Option {
	o := ast.Option{Name: ast.Name{At: p.here()}}
	if p.at(token.String) {
		o.Name.Text, o.Name.Quoted = p.strValue(), true
	} else {
		o.Name.Text = p.dottedText()
	}
	eq := p.acceptOp(token.Eq) || p.acceptOp(token.FatArrow) || p.acceptOp(token.ColonEq)
	if !eq && (p.at(token.Comma) || p.at(token.RParen)) {
		return o
	}
	o.Value = p.optionValue()
	return o
}

// optionValue reads a value; reserved words (NULL, ON, *) stand for themselves.
func (p *parser) optionValue() ast.Expr {
	at := p.here()
	t, n := p.tok(), p.peek(1).Kind
	ends := n == token.Comma || n == token.RParen || n == token.EOF || n == token.Semicolon
	if t.Kind == token.Word && ends {
		if t.Class&token.Special != 0 && (t.Is(p.src, "TRUE") || t.Is(p.src, "FALSE") || t.Is(p.src, "NULL")) {
			return p.primary()
		}
		return &ast.ColumnRef{At: at, Parts: ast.Path{p.anyName("a value")}}
	}
	return p.expr()
}

// partition reads PARTITION (a = 1, b), or gives nil.
func (p *parser) partition() *ast.PartitionSpec {
	if !p.is("PARTITION") || !p.atN(1, token.LParen) {
		return nil
	}
	s := &ast.PartitionSpec{At: p.here()}
	p.next()
	p.next()
	for p.err == nil {
		it := ast.PartitionItem{Name: p.name("a partition column"), Op: ast.OpEq}
		if in := p.tok(); int(in.Kind) < len(infixes) && infixes[in.Kind].prec == precCompare {
			p.next()
			it.Op = infixes[in.Kind].op
			it.Value = p.exprPrec(precOther)
		}
		s.Items = append(s.Items, it)
		if !p.comma() {
			break
		}
	}
	p.close()
	return s
}
