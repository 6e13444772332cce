package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// statement reads one statement, without its semicolon.
func (p *parser) statement() ast.Statement {
	if !p.enter() {
		p.leave()
		return &ast.Command{}
	}
	defer p.leave()
	at := p.here()
	if p.at(token.LParen) {
		return p.query()
	}
	if p.at(token.Word) {
		if s := p.byFirstWord(at); s != nil {
			return s
		}
	}
	p.unexpected("a statement")
	return &ast.Command{At: at}
}

func (p *parser) byFirstWord(at ast.At) ast.Statement {
	switch w := strings.ToUpper(p.tok().Text(p.src)); w {
	case "SELECT", "VALUES", "TABLE", "PIVOT", "UNPIVOT":
		return p.query()
	case "WITH", "FROM", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE":
		return p.withOrFrom(at)
	case "CREATE":
		return p.create(at)
	case "DROP":
		return p.drop(at)
	case "ALTER":
		return p.alter(at)
	case "COPY":
		return p.copy(at)
	case "EXPLAIN":
		return p.explain(at)
	case "DESCRIBE", "DESC":
		return p.describeStmt(at)
	case "SUMMARIZE":
		return p.summarize(at)
	case "SHOW":
		return p.show(at)
	case "SET":
		return p.set(at)
	case "RESET":
		return p.reset(at)
	case "USE":
		p.next()
		p.acceptAny("DATABASE", "SCHEMA", "CATALOG", "NAMESPACE")
		return &ast.Use{At: at, Name: p.path("a database")}
	case "TRUNCATE":
		return p.truncate(at)
	case "LOAD":
		if p.isN(1, "DATA") {
			return p.loadData(at)
		}
		return p.command(at)
	case "MSCK":
		return p.msck(at)
	case "ANALYZE", "ANALYSE":
		return p.analyze(at)
	case "OPTIMIZE":
		return p.optimize(at)
	case "CHECK":
		return p.checkTable(at)
	case "REPAIR":
		return p.repairTable(at)
	case "COMMENT":
		return p.commentOn(at)
	case "ATTACH":
		return p.attach(at)
	case "DETACH":
		return p.detach(at)
	case "CALL", "PRAGMA", "VACUUM", "CHECKPOINT", "INSTALL", "CACHE", "UNCACHE", "REFRESH", "CLEAR", "ADD", "EXPORT",
		"IMPORT", "FORCE", "LIST", "GRANT", "REVOKE", "LOCK", "UNLOCK", "KILL", "REINDEX":
		return p.command(at)
	default:
		return p.sessionWord(w, at)
	}
}

// sessionWord reads the statements about the session: prepared ones and transactions.
func (p *parser) sessionWord(w string, at ast.At) ast.Statement {
	switch w {
	case "PREPARE":
		return p.prepare(at)
	case "EXECUTE", "EXEC":
		return p.execute(at)
	case "DEALLOCATE":
		p.next()
		p.accept("PREPARE")
		if p.accept("ALL") {
			return &ast.Deallocate{At: at, All: true}
		}
		return &ast.Deallocate{At: at, Name: p.name("a statement")}
	case "DECLARE":
		return p.declare(at)
	case "ASSERT":
		return p.assert(at)
	case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
		return p.transaction(w, at)
	}
	return nil
}

// withOrFrom reads the statements that WITH may precede, and those that begin with FROM.
func (p *parser) withOrFrom(at ast.At) ast.Statement {
	var with []ast.CTE
	recursive := false
	if p.is("WITH") {
		with, recursive = p.with()
	}
	switch p.isAny("INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "FROM") {
	case "INSERT", "REPLACE":
		ins := p.insert(at)
		ins.With, ins.Recursive = with, recursive
		if p.accept("DEFAULT", "VALUES") {
			ins.DefaultValues = true
		} else {
			ins.Query = p.query()
		}
		p.insertTail(ins)
		return ins
	case "UPDATE":
		u := p.update(at)
		u.With, u.Recursive = with, recursive
		return u
	case "DELETE":
		d := p.delete(at)
		d.With, d.Recursive = with, recursive
		return d
	case "MERGE":
		m := p.merge(at)
		m.With, m.Recursive = with, recursive
		return m
	case "FROM":
		fromAt := p.here()
		from, views := p.fromClause()
		if p.is("INSERT") {
			return &ast.MultiInsert{At: at, With: with, Recursive: recursive, From: from, Views: views, Inserts: p.multiInsert(from, views)}
		}
		q := &ast.Query{At: at, With: with, Recursive: recursive}
		q.Body = p.bodyFrom(p.selectBody(from, views, fromAt))
		p.queryTail(q)
		return q
	}
	q := p.query()
	if q.With != nil || q.Paren {
		q = &ast.Query{Body: q}
	}
	q.At, q.With, q.Recursive = at, with, recursive
	return q
}

func (p *parser) explain(at ast.At) ast.Statement {
	e := &ast.Explain{At: at}
	p.next()
	if p.at(token.LParen) && !p.startsQuery(0) {
		p.next()
		for p.err == nil {
			switch w := strings.ToUpper(p.anyName("an option").Text); w {
			case "ANALYZE", "ANALYSE":
				e.Analyze = p.onOff()
			case "VERBOSE":
				e.Verbose = p.onOff()
			case "FORMAT":
				e.Format = p.formatWord()
			default:
				p.onOff() // COSTS, BUFFERS, TIMING …
			}
			if !p.comma() {
				break
			}
		}
		p.close()
	}
	for p.err == nil {
		switch w := p.isAny("ANALYZE", "ANALYSE", "VERBOSE", "FORMAT", "EXTENDED", "FORMATTED", "CODEGEN", "COST", "LOGICAL", "PLAN",
			"DEPENDENCY", "AUTHORIZATION", "LOCKS", "VECTORIZATION", "AST", "CBO"); w {
		case "":
			e.Statement = p.statement()
			return e
		case "ANALYZE", "ANALYSE":
			if p.isN(1, "TABLE") {
				e.Statement = p.statement()
				return e
			}
			p.next()
			e.Analyze = true
		case "VERBOSE":
			p.next()
			e.Verbose = true
		case "FORMAT":
			p.next()
			p.acceptOp(token.Eq)
			e.Format = p.formatWord()
		case "PLAN":
			p.next()
			p.accept("FOR")
		default:
			p.next()
			e.Mode = w
		}
	}
	return e
}

func (p *parser) formatWord() string {
	if p.at(token.String) {
		return strings.ToUpper(p.strValue())
	}
	return strings.ToUpper(p.anyName("a format").Text)
}

// onOff reads the optional truth value of an option.
func (p *parser) onOff() bool {
	switch p.acceptAny("TRUE", "ON", "FALSE", "OFF", "NONE") {
	case "FALSE", "OFF":
		return false
	}
	if p.at(token.Int) {
		return p.integer("a number") != 0
	}
	return true
}

func (p *parser) prepare(at ast.At) ast.Statement {
	p.next()
	s := &ast.Prepare{At: at, Name: p.name("a name for the statement")}
	if p.acceptOp(token.LParen) {
		s.Types = []*ast.TypeName{p.typeName()}
		for p.comma() {
			s.Types = append(s.Types, p.typeName())
		}
		p.close()
	}
	if p.accept("FROM") {
		text := p.here()
		inner, err := ParseOne(p.str("a statement"))
		if err != nil {
			p.failAt(text.Pos, "the text to prepare: %s", err)
		}
		s.Statement = inner
		return s
	}
	p.expect("AS")
	s.Statement = p.statement()
	return s
}

func (p *parser) execute(at ast.At) ast.Statement {
	p.next()
	if p.accept("IMMEDIATE") {
		return p.executeImmediate(at)
	}
	if p.is("IN") {
		p.next()
		in := &ast.ExecuteIn{At: at, Database: p.name("an attached database")}
		in.SQLPos = p.pos()
		in.SQL = p.str("the statement between $$ and $$, or in quotes")
		return in
	}
	s := &ast.Execute{At: at, Name: p.name("a statement")}
	if p.acceptOp(token.LParen) {
		if !p.at(token.RParen) {
			s.Args = append(s.Args, p.arg(true))
			for p.comma() {
				s.Args = append(s.Args, p.arg(true))
			}
		}
		p.close()
	}
	if p.accept("USING") {
		for {
			s.Args = append(s.Args, p.arg(true))
			if !p.comma() {
				break
			}
		}
	}
	return s
}

func (p *parser) assert(at ast.At) ast.Statement {
	p.next()
	a := &ast.Assert{At: at}
	start := p.pos()
	a.Expr = p.expr()
	a.Text = squeeze(p.source(start))
	if p.comma() || p.accept("AS") || p.accept("ELSE") {
		a.Message = p.expr()
	}
	return a
}

func (p *parser) transaction(w string, at ast.At) ast.Statement {
	p.next()
	t := &ast.Transaction{At: at}
	switch w {
	case "COMMIT", "END":
		t.Kind = ast.Commit
	case "ROLLBACK", "ABORT":
		t.Kind = ast.Rollback
	case "SAVEPOINT":
		t.Kind = ast.Savepoint
		t.Name = p.name("a savepoint")
		return t
	case "RELEASE":
		t.Kind = ast.Release
		p.accept("SAVEPOINT")
		t.Name = p.name("a savepoint")
		return t
	case "START":
		if !p.is("TRANSACTION") {
			p.unexpected("TRANSACTION")
		}
	}
	if t.Kind == ast.Rollback && p.is("TABLE") {
		p.next()
		r := &ast.RollbackTable{At: at, Table: p.path("a table")}
		p.expect("TO")
		r.Version = p.acceptAny("VERSION", "TIMESTAMP") == "VERSION"
		r.AsOf = p.expr()
		return r
	}
	p.acceptAny("TRANSACTION", "WORK")
	if t.Kind == ast.Rollback && p.accept("TO") {
		p.accept("SAVEPOINT")
		t.Kind = ast.RollbackTo
		t.Name = p.name("a savepoint")
		return t
	}
	if t.Kind == ast.Begin && p.isAny("ISOLATION", "READ", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "CONCURRENT") != "" {
		t.Modes = p.rest()
	}
	return t
}

// rest takes the text up to the end of the statement as it is.
func (p *parser) rest() string {
	start := p.pos()
	for !p.at(token.EOF) && !p.at(token.Semicolon) {
		if p.tok().Open() {
			p.unexpected("")
			return ""
		}
		p.next()
	}
	return strings.TrimSpace(p.source(start))
}

// command reads a statement that the engine looks up by its first word.
func (p *parser) command(at ast.At) ast.Statement {
	c := &ast.Command{At: at, Word: strings.ToUpper(p.next().Text(p.src))}
	if c.Word != "CALL" && c.Word != "PRAGMA" {
		c.Rest = p.rest()
		return c
	}
	c.Name = p.path("a name")
	if p.acceptOp(token.Eq) {
		c.Value = p.expr()
		return c
	}
	if p.acceptOp(token.LParen) {
		call := &ast.Call{}
		p.args(call, true)
		c.Args = call.Args
		p.close()
	}
	return c
}

func (p *parser) attach(at ast.At) ast.Statement {
	p.next()
	a := &ast.Attach{At: at}
	a.OrReplace = p.accept("OR", "REPLACE")
	p.accept("DATABASE")
	a.IfNotExists = p.accept("IF", "NOT", "EXISTS")
	a.Source = p.expr()
	if p.accept("AS") {
		n := p.name("a name")
		a.Name = &n
	}
	for p.err == nil {
		word := ast.Name{At: p.here()}
		switch {
		case p.accept("READ", "ONLY"), p.accept("READ_ONLY"):
			word.Text = "read_only"
			a.Options = append(a.Options, ast.Option{Name: word})
		case p.accept("TYPE"):
			word.Text = "type"
			a.Options = append(a.Options, ast.Option{Name: word, Value: p.optionValue()})
		case p.accept("SECRET"):
			word.Text = "secret"
			a.Options = append(a.Options, ast.Option{Name: word, Value: p.optionValue()})
		case p.at(token.LParen):
			a.Options = append(a.Options, p.options()...)
		default:
			return a
		}
	}
	return a
}

func (p *parser) detach(at ast.At) ast.Statement {
	p.next()
	p.accept("DATABASE")
	d := &ast.Detach{At: at, IfExists: p.accept("IF", "EXISTS")}
	d.Name = p.name("a database")
	return d
}
