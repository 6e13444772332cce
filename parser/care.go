package parser

import (
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// optimize reads OPTIMIZE [TABLE] name [PARTITION (…)] [[WITH] (options)].
func (p *parser) optimize(at ast.At) ast.Statement {
	p.next()
	p.accept("TABLE")
	o := &ast.Optimize{At: at, Table: p.path("a table"), Partition: p.partition()}
	if p.accept("WITH") || p.at(token.LParen) {
		o.Options = p.options()
	}
	return o
}

// checkTable reads CHECK TABLE name [PARTITION (…)].
func (p *parser) checkTable(at ast.At) ast.Statement {
	p.next()
	p.expect("TABLE")
	return &ast.CheckTable{At: at, Table: p.path("a table"), Partition: p.partition()}
}

// repairTable reads REPAIR TABLE name [PARTITION (…)] [RESTORE], and Spark's short form of MSCK REPAIR TABLE, which says what becomes of
// PARTITIONS.
func (p *parser) repairTable(at ast.At) ast.Statement {
	p.next()
	p.expect("TABLE")
	c := &ast.CheckTable{At: at, Repair: true, Table: p.path("a table"), Partition: p.partition()}
	if mode := p.acceptAny("ADD", "DROP", "SYNC"); mode != "" {
		p.expect("PARTITIONS")
		return &ast.Msck{At: at, Repair: true, Name: c.Table, Mode: mode}
	}
	c.Restore = p.accept("RESTORE")
	return c
}
