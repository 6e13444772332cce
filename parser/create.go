package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// createFlags are the words between CREATE and the kind of thing.
type createFlags struct {
	replace, temp, external, unique, unlogged, materialized, recursive, persistent bool
}

func (p *parser) create(at ast.At) ast.Statement {
	p.next()
	var f createFlags
	f.replace = p.accept("OR", "REPLACE")
	for {
		switch p.acceptAny("TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "EXTERNAL", "UNIQUE", "UNLOGGED", "MATERIALIZED", "RECURSIVE", "PERSISTENT", "TRANSACTIONAL", "MANAGED") {
		case "TEMP", "TEMPORARY":
			f.temp = true
		case "EXTERNAL":
			f.external = true
		case "UNIQUE":
			f.unique = true
		case "UNLOGGED":
			f.unlogged = true
		case "MATERIALIZED":
			f.materialized = true
		case "RECURSIVE":
			f.recursive = true
		case "PERSISTENT":
			f.persistent = true
		case "":
			return p.createKind(at, f)
		}
	}
}

func (p *parser) createKind(at ast.At, f createFlags) ast.Statement {
	switch p.acceptAny("TABLE", "VIEW", "DATABASE", "SCHEMA", "NAMESPACE", "INDEX", "MACRO", "FUNCTION", "TYPE", "SEQUENCE", "SECRET") {
	case "TABLE":
		return p.createTable(at, f)
	case "VIEW":
		return p.createView(at, f)
	case "DATABASE", "SCHEMA", "NAMESPACE":
		return p.createDatabase(at, f)
	case "INDEX":
		return p.createIndex(at, f)
	case "MACRO", "FUNCTION":
		return p.createMacro(at, f)
	case "TYPE":
		return p.createType(at, f)
	case "SECRET":
		c := &ast.CreateSecret{At: at, OrReplace: f.replace, Persistent: f.persistent, IfNotExists: p.ifNotExists(), Name: p.name("a secret")}
		p.secretWords(c)
		return c
	case "SEQUENCE":
		return p.createSequence(at, f)
	}
	p.unexpected("TABLE, VIEW, DATABASE, INDEX or FUNCTION")
	return &ast.Command{At: at}
}

// secretWords reads (word [=] value, …): a colon begins a parameter there, and is no part of the word.
func (p *parser) secretWords(c *ast.CreateSecret) {
	p.open()
	for !p.at(token.RParen) && p.err == nil {
		o := ast.Option{Name: p.anyName("a word such as TYPE or HOST")}
		p.acceptOp(token.Eq)
		o.Value = p.optionValue()
		c.Options = append(c.Options, o)
		if !p.comma() {
			break
		}
	}
	p.close()
}

func (p *parser) ifNotExists() bool { return p.accept("IF", "NOT", "EXISTS") }

func (p *parser) createDatabase(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateDatabase{At: at, OrReplace: f.replace, IfNotExists: p.ifNotExists(), Name: p.path("a database")}
	for {
		switch {
		case p.accept("COMMENT"):
			c.Comment = p.str("a comment")
		case p.accept("LOCATION"), p.accept("MANAGEDLOCATION"):
			c.Location = p.str("a path")
		case p.accept("WITH", "DBPROPERTIES"), p.accept("WITH", "PROPERTIES"):
			c.Properties = append(c.Properties, p.options()...)
		default:
			return c
		}
	}
}

func (p *parser) createTable(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateTable{At: at, OrReplace: f.replace, Temp: f.temp, External: f.external, Unlogged: f.unlogged}
	c.IfNotExists = p.ifNotExists()
	c.Name = p.path("a table")
	if p.at(token.LParen) && !p.startsQuery(0) {
		p.tableElements(c)
	}
	if p.accept("LIKE") {
		p.likeSource(c)
	}
	for p.err == nil && p.tableClause(c) {
	}
	if p.accept("AS") || p.startsBareQuery() || p.at(token.LParen) && p.startsQuery(0) {
		if p.accept("EXECUTE") {
			p.failAt(p.pos(), "CREATE TABLE AS EXECUTE is not supported")
		}
		c.As = p.query()
		if p.is("WITH") && (p.isN(1, "NO") || p.isN(1, "DATA")) {
			p.next()
			c.WithNoData = p.accept("NO")
			p.expect("DATA")
		}
	}
	if c.Columns == nil && c.As == nil && c.Like == nil && c.LikeFile == "" && c.StoredAs == "" && c.Location == "" &&
		c.RowFormat == nil && c.StoredBy == "" && c.Properties == nil && c.ColumnNames == nil {
		p.unexpected("( or AS")
	}
	return c
}

// tableElements reads (columns and constraints).
func (p *parser) tableElements(c *ast.CreateTable) {
	p.next()
	if n := p.peek(1).Kind; n == token.Comma || n == token.RParen {
		if !p.is("LIKE") {
			c.ColumnNames = p.nameList("a column")
			p.close()
			return
		}
	}
	for {
		switch {
		case p.is("LIKE") && (p.atN(1, token.Word) || p.atN(1, token.Quoted)):
			p.next()
			p.likeSource(c)
		case p.constraintStarts():
			c.Constraints = append(c.Constraints, p.constraint())
		default:
			c.Columns = append(c.Columns, p.columnDef())
		}
		if !p.comma() || p.at(token.RParen) {
			break
		}
	}
	p.close()
}

func (p *parser) likeSource(c *ast.CreateTable) {
	if p.atN(1, token.String) && p.at(token.Word) { // LIKE PARQUET 'path'
		p.next()
		c.LikeFile = p.strValue()
		return
	}
	c.Like = p.path("a table")
	for p.acceptAny("INCLUDING", "EXCLUDING") != "" {
		p.anyName("what to include")
	}
}

func (p *parser) constraintStarts() bool {
	n := p.peek(1)
	switch p.isAny("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK") {
	case "CONSTRAINT":
		return n.Kind == token.Word || n.Kind == token.Quoted
	case "PRIMARY", "FOREIGN":
		return n.Is(p.src, "KEY")
	case "UNIQUE", "CHECK":
		return n.Kind == token.LParen
	}
	return false
}

func (p *parser) constraint() ast.Constraint {
	c := ast.Constraint{At: p.here()}
	if p.accept("CONSTRAINT") {
		c.Name = p.anyName("a constraint").Text
	}
	switch {
	case p.accept("PRIMARY", "KEY"):
		c.Columns = p.names("a column")
	case p.accept("UNIQUE"):
		c.Kind = ast.UniqueKey
		c.Columns = p.names("a column")
	case p.accept("FOREIGN", "KEY"):
		c.Kind = ast.ForeignKey
		c.Columns = p.names("a column")
		c.References = p.references()
	case p.is("CHECK"):
		c.Kind = ast.CheckConstraint
		ch := p.check(c.Name)
		c.Check = &ch
	default:
		p.unexpected("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK")
	}
	p.constraintWords()
	return c
}

// constraintWords skips Hive's and PostgreSQL's remarks on how a constraint is held.
func (p *parser) constraintWords() {
	for {
		switch p.isAny("DISABLE", "ENABLE", "NOVALIDATE", "VALIDATE", "RELY", "NORELY", "DEFERRABLE", "INITIALLY", "ENFORCED", "NOT") {
		case "":
			return
		case "INITIALLY":
			p.next()
			p.acceptAny("DEFERRED", "IMMEDIATE")
		case "NOT":
			if !p.isN(1, "DEFERRABLE") && !p.isN(1, "ENFORCED") && !p.isN(1, "VALID") {
				return
			}
			p.next()
			p.next()
		default:
			p.next()
		}
	}
}

func (p *parser) check(name string) ast.Check {
	c := ast.Check{At: p.here(), Name: name}
	p.expect("CHECK")
	p.open()
	start := p.pos()
	c.Expr = p.expr()
	c.Text = squeeze(p.source(start))
	p.close()
	return c
}

func (p *parser) references() *ast.References {
	r := &ast.References{At: p.here()}
	p.expect("REFERENCES")
	r.Table = p.path("a table")
	if p.at(token.LParen) {
		r.Columns = p.names("a column")
	}
	if p.accept("MATCH") {
		p.anyName("FULL, PARTIAL or SIMPLE")
	}
	for p.is("ON") {
		p.next()
		to := &r.OnDelete
		switch p.acceptAny("DELETE", "UPDATE") {
		case "UPDATE":
			to = &r.OnUpdate
		case "":
			p.unexpected("DELETE or UPDATE")
		}
		switch w := p.acceptAny("CASCADE", "RESTRICT", "SET", "NO"); w {
		case "SET":
			*to = "SET " + p.acceptAny("NULL", "DEFAULT")
		case "NO":
			p.expect("ACTION")
			*to = "NO ACTION"
		case "":
			p.unexpected("CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION")
		default:
			*to = w
		}
	}
	return r
}

func (p *parser) columnDefs() []ast.ColumnDef {
	list := []ast.ColumnDef{p.columnDef()}
	for p.comma() {
		list = append(list, p.columnDef())
	}
	return list
}

// columnDef reads name [type] and what is said of the column.
func (p *parser) columnDef() ast.ColumnDef {
	c := ast.ColumnDef{At: p.here(), Name: p.name("a column")}
	p.acceptOp(token.Colon)
	t := p.tok()
	if (t.Kind == token.Word && t.Class&token.NoExpr == 0 || t.Kind == token.Quoted) && p.columnWord() == "" {
		c.Type = p.typeName()
	}
	name := ""
	for p.err == nil {
		w := p.columnWord()
		switch w {
		case "":
			return c
		case "CONSTRAINT":
			p.next()
			name = p.anyName("a constraint").Text
			continue
		case "CHECK":
			c.Check = append(c.Check, p.check(name))
		case "REFERENCES":
			c.References = p.references()
		default:
			p.columnClause(&c, w)
		}
		p.constraintWords()
		name = ""
	}
	return c
}

// columnWord gives the word that begins a clause of a column definition here, or "".
func (p *parser) columnWord() string {
	w := p.isAny("NOT", "NULL", "PRIMARY", "UNIQUE", "DEFAULT", "CHECK", "REFERENCES", "CONSTRAINT", "COMMENT", "COLLATE",
		"GENERATED", "AS", "AUTO_INCREMENT", "AUTOINCREMENT", "USING", "ENCODING", "CODEC", "OPTIONS", "KEY")
	switch w {
	case "PRIMARY":
		if !p.isN(1, "KEY") {
			return ""
		}
	case "COMMENT":
		if !p.atN(1, token.String) {
			return ""
		}
	case "AS", "CHECK", "OPTIONS":
		if !p.atN(1, token.LParen) {
			return ""
		}
	case "USING":
		if !p.isN(1, "COMPRESSION") {
			return ""
		}
	case "NOT":
		if !p.isN(1, "NULL") {
			return ""
		}
	case "KEY":
		return ""
	}
	return w
}

func (p *parser) columnClause(c *ast.ColumnDef, w string) {
	p.next()
	switch w {
	case "NOT":
		p.expect("NULL")
		c.NotNull = true
	case "NULL":
		c.Null = true
	case "PRIMARY":
		p.expect("KEY")
		c.PrimaryKey = true
		p.acceptAny("ASC", "DESC")
	case "UNIQUE":
		c.Unique = true
	case "DEFAULT":
		c.Default = p.exprPrec(precOther)
	case "COMMENT":
		c.Comment = p.str("a comment")
	case "COLLATE":
		c.Collate = p.collation().String()
	case "AUTO_INCREMENT", "AUTOINCREMENT":
		c.AutoIncrement = true
	case "GENERATED":
		if !p.accept("ALWAYS") {
			p.expect("BY", "DEFAULT")
		}
		p.expect("AS")
		if p.accept("IDENTITY") {
			c.AutoIncrement = true
			if p.at(token.LParen) {
				p.skipParens()
			}
			return
		}
		p.generated(c)
	case "AS":
		p.generated(c)
	case "USING":
		p.next()
		c.Options = append(c.Options, ast.Option{Name: p.anyName("a compression")})
	default:
		if p.at(token.LParen) {
			p.skipParens()
		} else {
			c.Options = append(c.Options, ast.Option{Name: p.anyName("a value")})
		}
	}
}

func (p *parser) generated(c *ast.ColumnDef) {
	p.open()
	c.Generated = p.expr()
	p.close()
	p.acceptAny("STORED", "VIRTUAL")
}

// skipParens moves past a group in parentheses.
func (p *parser) skipParens() {
	end := p.closing(p.i)
	if p.toks[end].Kind != token.RParen {
		p.i = end
		p.unexpected(")")
		return
	}
	p.i = end + 1
}

func (p *parser) createView(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateView{At: at, OrReplace: f.replace, Temp: f.temp, Materialized: f.materialized, Recursive: f.recursive}
	c.IfNotExists = p.ifNotExists()
	c.Name = p.path("a view")
	if p.acceptOp(token.LParen) {
		for {
			c.Columns = append(c.Columns, p.name("a column"))
			if p.accept("COMMENT") {
				p.str("a comment")
			}
			if !p.comma() {
				break
			}
		}
		p.close()
	}
	for {
		switch {
		case p.accept("COMMENT"):
			c.Comment = p.str("a comment")
			continue
		case p.accept("TBLPROPERTIES"), p.is("WITH") && p.atN(1, token.LParen) && p.accept("WITH"):
			c.Properties = append(c.Properties, p.options()...)
			continue
		case p.accept("DEFAULT", "COLLATION"):
			p.name("a collation")
			continue
		case p.accept("WITH", "SCHEMA"):
			p.acceptAny("TYPE", "BINDING", "COMPENSATION", "EVOLUTION")
			p.acceptAny("EVOLUTION")
			continue
		case p.accept("USING"): // a temporary view over files
			p.dottedText()
			if p.accept("OPTIONS") {
				c.Properties = append(c.Properties, p.options()...)
			}
			p.failAt(p.pos(), "CREATE VIEW … USING is not supported; write CREATE VIEW … AS SELECT * FROM 'path'")
		}
		break
	}
	p.expect("AS")
	start := p.pos()
	c.Query = p.query()
	c.Text = strings.TrimSpace(p.source(start))
	return c
}

func (p *parser) createIndex(at ast.At, f createFlags) ast.Statement {
	c := &ast.CreateIndex{At: at, Unique: f.unique}
	p.accept("CONCURRENTLY")
	c.IfNotExists = p.ifNotExists()
	if !p.is("ON") {
		c.Name = p.path("an index")
	}
	p.expect("ON")
	c.Table = p.path("a table")
	if p.accept("USING") {
		p.name("a method")
	}
	p.open()
	c.Exprs, _ = p.orderItems()
	p.close()
	if p.accept("WITH") {
		p.options()
	}
	if p.accept("WHERE") {
		c.Where = p.expr()
	}
	return c
}
