package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// insert reads INSERT up to its query.
func (p *parser) insert(at ast.At) *ast.Insert {
	ins := &ast.Insert{At: at}
	if p.accept("REPLACE") {
		ins.OnConflict = &ast.OnConflict{At: at, Replace: true}
	} else {
		p.next()
	}
	if p.is("OR", "REPLACE") || p.is("OR", "IGNORE") {
		ins.OnConflict = &ast.OnConflict{At: p.here(), Replace: p.isN(1, "REPLACE"), DoNothing: p.isN(1, "IGNORE")}
		p.next()
		p.next()
	}
	switch p.acceptAny("INTO", "OVERWRITE") {
	case "":
		p.unexpected("INTO or OVERWRITE")
		return ins
	case "OVERWRITE":
		ins.Overwrite = true
		p.accept("INTO")
		if p.is("DIRECTORY") && (p.atN(1, token.String) || p.isN(1, "USING")) || p.is("LOCAL", "DIRECTORY") {
			ins.Directory = p.directory()
			return ins
		}
	}
	if p.is("TABLE") {
		p.next()
	}
	ins.Table = p.path("a table")
	ins.Partition = p.partition()
	ins.IfNotExists = p.ifNotExists()
	if p.accept("AS") {
		n := p.tableWord("an alias")
		ins.Alias = &n
	}
	ins.ByName = p.accept("BY", "NAME")
	p.accept("BY", "POSITION")
	if p.at(token.LParen) && !p.startsQuery(0) {
		p.next()
		for {
			c := p.columnPath()
			ins.Columns = append(ins.Columns, c[len(c)-1])
			if !p.comma() {
				break
			}
		}
		p.close()
	}
	ins.ByName = p.accept("BY", "NAME") || ins.ByName
	if p.accept("OVERRIDING") {
		p.acceptAny("SYSTEM", "USER")
		p.expect("VALUE")
	}
	return ins
}

func (p *parser) directory() *ast.Directory {
	d := &ast.Directory{At: p.here(), Local: p.accept("LOCAL")}
	p.expect("DIRECTORY")
	if p.at(token.String) {
		d.Path = p.strValue()
	}
	for {
		switch {
		case p.is("ROW", "FORMAT"):
			d.RowFormat = p.rowFormat()
		case p.accept("STORED", "AS"), p.accept("USING"):
			d.StoredAs = p.formatWord()
		case p.accept("OPTIONS"):
			d.Options = p.options()
		default:
			return d
		}
	}
}

// insertTail reads what stands behind the query.
func (p *parser) insertTail(ins *ast.Insert) {
	if p.is("ON", "CONFLICT") {
		ins.OnConflict = p.onConflict()
	}
	if p.accept("RETURNING") {
		ins.Returning = p.items()
	}
}

func (p *parser) onConflict() *ast.OnConflict {
	c := &ast.OnConflict{At: p.here()}
	p.accept("ON", "CONFLICT")
	if p.at(token.LParen) {
		c.Columns = p.names("a column")
	}
	p.expect("DO")
	if p.accept("NOTHING") {
		c.DoNothing = true
		return c
	}
	p.expect("UPDATE", "SET")
	c.Set = p.assignments()
	if p.accept("WHERE") {
		c.Where = p.expr()
	}
	return c
}

// multiInsert reads INSERT … SELECT … one after the other, over one source.
func (p *parser) multiInsert(from []ast.TableRef, views []ast.LateralView) []*ast.Insert {
	var list []*ast.Insert
	for p.is("INSERT") {
		ins := p.insert(p.here())
		at := p.here()
		if !p.is("SELECT") {
			p.unexpected("SELECT")
			return list
		}
		ins.Query = &ast.Query{At: at, Body: p.selectBody(from, views, at)}
		p.queryTail(ins.Query)
		list = append(list, ins)
	}
	return list
}

// assignments reads a = 1, (b, c) = (2, 3).
func (p *parser) assignments() []ast.Assignment {
	var list []ast.Assignment
	for {
		a := ast.Assignment{At: p.here()}
		if p.acceptOp(token.LParen) {
			a.Columns = append(a.Columns, p.columnPath())
			for p.comma() {
				a.Columns = append(a.Columns, p.columnPath())
			}
			p.close()
		} else {
			a.Columns = []ast.Path{p.columnPath()}
		}
		p.expectOp(token.Eq, "=")
		a.Value = p.expr()
		list = append(list, a)
		if !p.comma() {
			return list
		}
	}
}

// target reads a table that is written to, with its alias.
func (p *parser) target() (ast.Path, *ast.Name) {
	path := p.path("a table")
	if p.accept("AS") {
		n := p.tableWord("an alias")
		return path, &n
	}
	if n, ok := p.bareAlias(token.NoTable); ok {
		return path, &n
	}
	return path, nil
}

func (p *parser) update(at ast.At) *ast.Update {
	p.next()
	u := &ast.Update{At: at}
	u.Table, u.Alias = p.target()
	p.expect("SET")
	u.Set = p.assignments()
	if p.is("FROM") {
		u.From, _ = p.fromClause()
	}
	if p.accept("WHERE") {
		u.Where = p.expr()
	}
	if p.accept("RETURNING") {
		u.Returning = p.items()
	}
	return u
}

func (p *parser) delete(at ast.At) *ast.Delete {
	p.next()
	p.expect("FROM")
	d := &ast.Delete{At: at}
	d.Table, d.Alias = p.target()
	if p.is("USING") {
		d.Using, _ = p.fromClause()
	}
	if p.accept("WHERE") {
		d.Where = p.expr()
	}
	if p.accept("RETURNING") {
		d.Returning = p.items()
	}
	return d
}

func (p *parser) merge(at ast.At) *ast.Merge {
	p.next()
	p.accept("WITH", "SCHEMA", "EVOLUTION")
	p.expect("INTO")
	m := &ast.Merge{At: at}
	m.Table, m.Alias = p.target()
	p.expect("USING")
	m.Source = p.tablePrimary()
	if p.is("USING") {
		p.next()
		m.Using = p.names("a column")
	} else {
		p.expect("ON")
		m.On = p.expr()
	}
	if !p.is("WHEN") {
		p.unexpected("WHEN")
	}
	for p.is("WHEN") {
		m.Whens = append(m.Whens, p.mergeWhen())
	}
	if p.accept("RETURNING") {
		m.Returning = p.items()
	}
	return m
}

func (p *parser) mergeWhen() ast.MergeWhen {
	w := ast.MergeWhen{At: p.here()}
	p.next()
	if p.accept("NOT") {
		w.Match = ast.NotMatched
	}
	p.expect("MATCHED")
	if p.accept("BY") {
		if p.acceptAny("SOURCE", "TARGET") == "SOURCE" {
			w.Match = ast.NotMatchedBySource
		}
	}
	if p.accept("AND") {
		w.Cond = p.expr()
	}
	p.expect("THEN")
	switch p.acceptAny("UPDATE", "DELETE", "INSERT", "DO", "ERROR") {
	case "UPDATE":
		if w.ByName = p.accept("BY", "NAME"); w.ByName || p.isAny("WHEN", "RETURNING") != "" || p.ended() {
			w.Star = true
			break
		}
		p.expect("SET")
		if w.Star = p.acceptOp(token.Star); !w.Star {
			w.Set = p.assignments()
		}
	case "DELETE":
		w.Action = ast.MergeDelete
	case "DO":
		p.expect("NOTHING")
		w.Action = ast.MergeNothing
	case "INSERT":
		w.Action = ast.MergeInsert
		p.mergeInsert(&w)
	case "ERROR":
		w.Action = ast.MergeError
		if p.isAny("WHEN", "RETURNING") == "" && !p.ended() {
			w.Values = []ast.Expr{p.expr()}
		}
	default:
		p.unexpected("UPDATE, DELETE, INSERT, ERROR or DO NOTHING")
	}
	return w
}

func (p *parser) mergeInsert(w *ast.MergeWhen) {
	w.ByName = p.accept("BY", "NAME")
	if w.Star = p.acceptOp(token.Star); w.Star {
		return
	}
	if p.accept("DEFAULT", "VALUES") {
		return
	}
	if p.at(token.LParen) {
		p.next()
		for {
			c := p.columnPath()
			w.Columns = append(w.Columns, c[len(c)-1])
			if !p.comma() {
				break
			}
		}
		p.close()
	}
	if !p.is("VALUES") {
		w.Star = w.Columns == nil
		return
	}
	p.next()
	p.open()
	w.Values = p.exprs()
	p.close()
}

func (p *parser) loadData(at ast.At) ast.Statement {
	p.next()
	p.next()
	l := &ast.LoadData{At: at, Local: p.accept("LOCAL")}
	p.expect("INPATH")
	l.Path = p.str("a path")
	l.Overwrite = p.accept("OVERWRITE")
	p.expect("INTO", "TABLE")
	l.Table = p.path("a table")
	l.Partition = p.partition()
	return l
}

// copy reads COPY t (a, b) FROM 'path' (options) and COPY (query) TO 'path' WITH CSV HEADER ….
func (p *parser) copy(at ast.At) ast.Statement {
	p.next()
	c := &ast.Copy{At: at}
	switch {
	case p.is("FROM", "DATABASE"):
		p.next()
		p.next()
		c.Database = true
		c.Table = p.path("a database")
		p.expect("TO")
		n := p.path("a database")
		c.Target = &ast.ColumnRef{At: ast.At{Pos: n.Position()}, Parts: n}
		if p.at(token.LParen) {
			c.Options = p.options()
		}
		return c
	case p.at(token.LParen):
		c.Query = p.parenStatementQuery()
	default:
		c.Table = p.path("a table")
		if p.at(token.LParen) {
			c.Columns = p.names("a column")
		}
	}
	switch p.acceptAny("FROM", "TO") {
	case "FROM":
		c.From = true
	case "":
		p.unexpected("FROM or TO")
	}
	switch {
	case p.acceptAny("STDIN", "STDOUT") != "":
		c.Std = true
	case p.at(token.Word) && !p.atN(1, token.LParen) && p.isAny("GETENV") == "":
		n := p.anyName("a path")
		c.Target = &ast.ColumnRef{At: n.At, Parts: ast.Path{n}}
	default:
		c.Target = p.exprPrec(precOther)
	}
	p.copyOptions(c)
	return c
}

// parenStatementQuery reads ( query ) or ( DESCRIBE … ).
func (p *parser) parenStatementQuery() *ast.Query {
	p.open()
	q := p.query()
	p.close()
	return q
}

// copyOptions reads (FORMAT csv, HEADER) and psql's CSV HEADER DELIMITER ',' words.
func (p *parser) copyOptions(c *ast.Copy) {
	p.accept("WITH")
	if p.at(token.LParen) {
		c.Options = p.options()
		return
	}
	add := func(n ast.Name, v ast.Expr) { c.Options = append(c.Options, ast.Option{Name: n, Value: v}) }
	for p.err == nil && p.at(token.Word) {
		n := p.anyName("an option")
		switch strings.ToUpper(n.Text) {
		case "CSV", "BINARY", "TEXT", "PARQUET", "JSON":
			add(ast.Name{At: n.At, Text: "FORMAT"}, &ast.ColumnRef{At: n.At, Parts: ast.Path{n}})
		case "HEADER", "FREEZE", "OIDS":
			add(n, nil)
		case "DELIMITER", "DELIMITERS", "NULL", "QUOTE", "ESCAPE", "ENCODING", "FORMAT", "COMPRESSION":
			p.accept("AS")
			if p.at(token.String) {
				at := p.here()
				add(n, &ast.Literal{At: at, Kind: ast.StringLit, Text: p.strValue()})
			} else {
				v := p.anyName("a value")
				add(n, &ast.ColumnRef{At: v.At, Parts: ast.Path{v}})
			}
		case "FORCE":
			p.accept("NOT")
			p.acceptAny("QUOTE", "NULL")
			if !p.acceptOp(token.Star) {
				p.nameList("a column")
			}
		default:
			p.failAt(n.Pos, "unknown option %s of COPY", n.Text)
		}
	}
}
