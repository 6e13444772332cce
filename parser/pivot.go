package parser

import (
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// pivot reads PIVOT (aggregates FOR column IN (values) [GROUP BY …]) [AS t].
func (p *parser) pivot(src ast.TableRef) ast.TableRef {
	pv := &ast.Pivot{At: p.here(), Source: src}
	p.next()
	p.open()
	pv.Aggregates = p.items()
	p.expect("FOR")
	for {
		pv.On = append(pv.On, p.pivotOn())
		p.comma()
		if p.is("GROUP") || p.at(token.RParen) || p.err != nil {
			break
		}
	}
	if p.accept("GROUP", "BY") {
		pv.GroupBy = p.exprs()
	}
	p.close()
	pv.Alias, pv.ColAliases = p.tableAlias()
	return pv
}

// items reads expressions with optional aliases.
func (p *parser) items() []ast.SelectItem {
	list := []ast.SelectItem{p.selectItem()}
	for p.comma() {
		list = append(list, p.selectItem())
	}
	return list
}

// pivotOn reads column IN (values), (a, b) IN ((1, 2), …), or the column alone.
func (p *parser) pivotOn() ast.PivotOn {
	var on ast.PivotOn
	if p.at(token.LParen) && p.after(0).Is(p.src, "IN") {
		p.next()
		on.Exprs = p.exprs()
		p.close()
	} else {
		on.Exprs = []ast.Expr{p.exprPrec(precOther)}
	}
	if !p.accept("IN") {
		return on
	}
	switch {
	case p.startsQuery(0):
		on.Query = p.parenQuery()
	case p.acceptOp(token.LParen):
		on.Values = p.items()
		p.close()
	default:
		n := p.name("a type")
		on.Enum = &n
	}
	return on
}

// unpivot reads UNPIVOT [INCLUDE NULLS] (value FOR name IN (columns)) [AS t].
func (p *parser) unpivot(src ast.TableRef) ast.TableRef {
	u := &ast.Unpivot{At: p.here(), Source: src}
	p.next()
	u.IncludeNulls = p.accept("INCLUDE", "NULLS")
	p.accept("EXCLUDE", "NULLS")
	p.open()
	if p.at(token.LParen) {
		u.ValueNames = p.names("a column")
	} else {
		u.ValueNames = []ast.Name{p.name("a column")}
	}
	p.expect("FOR")
	u.NameName = p.name("a column")
	p.expect("IN")
	p.open()
	u.Columns = p.unpivotColumns()
	p.close()
	p.close()
	u.Alias, u.ColAliases = p.tableAlias()
	return u
}

func (p *parser) unpivotColumns() []ast.UnpivotColumn {
	var list []ast.UnpivotColumn
	for {
		var c ast.UnpivotColumn
		if p.at(token.LParen) {
			p.next()
			c.Exprs = p.exprs()
			p.close()
		} else {
			c.Exprs = []ast.Expr{p.expr()}
		}
		if p.accept("AS") {
			c.Alias = p.primary()
		} else if p.at(token.Word) && p.tok().Class&token.NoTable == 0 && p.isAny("INTO") == "" || p.at(token.Quoted) {
			c.Alias = p.nameExpr()
		}
		list = append(list, c)
		if !p.comma() {
			return list
		}
	}
}

// pivotStatement reads PIVOT t ON … USING … GROUP BY … and UNPIVOT t ON … INTO NAME n VALUE v.
func (p *parser) pivotStatement() ast.TableRef {
	at := p.here()
	if p.acceptAny("PIVOT", "PIVOT_WIDER") != "" {
		pv := &ast.Pivot{At: at, Statement: true, Source: p.tableRef()}
		if p.accept("ON") {
			for {
				pv.On = append(pv.On, p.pivotOn())
				if !p.comma() {
					break
				}
			}
		}
		if p.accept("USING") {
			pv.Aggregates = p.items()
		}
		if p.accept("GROUP", "BY") {
			pv.GroupBy = p.exprs()
		}
		return pv
	}
	p.next()
	u := &ast.Unpivot{At: at, Statement: true, Source: p.tableRef()}
	p.expect("ON")
	u.Columns = p.unpivotColumns()
	u.NameName = ast.Name{At: at, Text: "name"}
	u.ValueNames = []ast.Name{{At: at, Text: "value"}}
	if p.accept("INTO") {
		p.expect("NAME")
		u.NameName = p.name("a column")
		p.expect("VALUE")
		u.ValueNames = p.nameList("a column")
	}
	u.IncludeNulls = p.accept("INCLUDE", "NULLS")
	return u
}
