package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// ended tells whether the statement ends here.
func (p *parser) ended() bool {
	return p.at(token.EOF) || p.at(token.Semicolon) || p.at(token.RParen)
}

func (p *parser) describeStmt(at ast.At) ast.Statement {
	p.next()
	d := &ast.Describe{At: at}
	p.acceptAny("QUERY")
	switch {
	case p.ended():
		return &ast.Show{At: at, Kind: ast.ShowTables, All: true}
	case p.isAny("DATABASE", "SCHEMA", "NAMESPACE") != "" && p.nameFollows():
		p.next()
		d.Kind = ast.DatabaseObject
		d.Extended = p.accept("EXTENDED")
		d.Name = p.path("a database")
		return d
	case p.is("FUNCTION") && p.nameFollows():
		p.next()
		d.Kind = ast.FunctionObject
		d.Extended = p.accept("EXTENDED")
		if t := p.tok(); t.Kind == token.Word || t.Kind == token.Quoted {
			n := p.anyName("a function")
			d.Name = ast.Path{n}
			for p.acceptOp(token.Dot) {
				d.Name = append(d.Name, p.anyName("a function"))
			}
			return d
		}
		d.Name = ast.Path{{At: p.here(), Text: p.next().Text(p.src)}} // an operator
		return d
	}
	if p.is("TABLE") && p.nameFollows() {
		p.next()
	}
	switch {
	case p.is("EXTENDED") && p.nameFollows():
		p.next()
		d.Extended = true
	case p.is("FORMATTED") && p.nameFollows():
		p.next()
		d.Formatted = true
	}
	t := p.tok()
	switch {
	case t.Kind == token.String:
		d.File = p.strValue()
	case p.startsBareQuery(), p.is("TABLE"), t.Kind == token.LParen, p.isAny("PIVOT", "UNPIVOT", "SHOW", "SUMMARIZE") != "" && p.nameFollows():
		d.Query = p.query()
	default:
		d.Name = p.path("a table")
		if p.at(token.LParen) {
			d.Call = p.call(d.Name, nil).(*ast.Call)
			d.Name = nil
			return d
		}
		d.Partition = p.partition()
		if t := p.tok(); t.Kind == token.Word || t.Kind == token.Quoted {
			c := p.columnPath()
			d.Column = &c[len(c)-1]
		}
	}
	return d
}

// nameFollows tells whether the token after the current one may begin a name or text.
func (p *parser) nameFollows() bool {
	k := p.peek(1).Kind
	return k == token.Word || k == token.Quoted || k == token.String
}

func (p *parser) summarize(at ast.At) ast.Statement {
	p.next()
	s := &ast.Summarize{At: at}
	switch {
	case p.at(token.String):
		s.File = p.strValue()
	case p.startsBareQuery(), p.is("TABLE"), p.at(token.LParen):
		s.Query = p.query()
	default:
		s.Name = p.path("a table")
		if p.at(token.LParen) { // a table function
			f := p.namedTable(s.Name, at, false, nil)
			s.Name, s.Query = nil, &ast.Query{At: at, Body: p.starFrom(f, at)}
		}
	}
	return s
}

// showWords are the SHOW forms of one word.
var showWords = map[string]ast.ShowKind{
	"SETTINGS": ast.ShowSettings, "DATABASES": ast.ShowDatabases, "SCHEMAS": ast.ShowDatabases, "NAMESPACES": ast.ShowDatabases,
	"TABLES": ast.ShowTables, "VIEWS": ast.ShowViews, "COLUMNS": ast.ShowColumns, "PARTITIONS": ast.ShowPartitions,
	"FUNCTIONS": ast.ShowFunctions, "TBLPROPERTIES": ast.ShowTblProperties, "VARIABLES": ast.ShowVariables,
	"INDEXES": ast.ShowIndexes, "MACROS": ast.ShowMacros, "LOCKS": ast.ShowLocks, "TYPES": ast.ShowTypes, "FORMATS": ast.ShowFormats,
	"VERSIONS": ast.ShowVersions, "SECRETS": ast.ShowSecrets,
}

func (p *parser) show(at ast.At) ast.Statement {
	p.next()
	s := &ast.Show{At: at}
	if p.ended() {
		s.Kind = ast.ShowTables
		return s
	}
	if p.isAny("ALL", "USER", "SYSTEM") != "" && p.atN(1, token.Word) {
		s.All = p.is("ALL")
		p.next()
	}
	t := p.tok()
	w := strings.ToUpper(t.Text(p.src))
	kind, ok := showWords[w]
	switch {
	case t.Kind != token.Word:
		if t.Kind == token.Quoted {
			s.Name = p.path("a setting")
			return s
		}
		p.unexpected("what to show")
	case w == "ALL":
		p.next()
		s.All = true
	case w == "CREATE" && p.atN(1, token.Word):
		p.next()
		s.Kind = ast.ShowCreateTable
		s.View = p.acceptAny("TABLE", "VIEW", "DATABASE", "SCHEMA") == "VIEW"
		s.Name = p.path("a table")
		p.accept("AS", "SERDE")
	case w == "TABLE" && p.isN(1, "EXTENDED"):
		p.next()
		p.next()
		s.Kind = ast.ShowTableExtended
		p.showTail(s)
		s.Partition = p.partition()
	case ok:
		p.next()
		s.Kind = kind
		p.showTail(s)
	default:
		for { // SHOW a.b.c, SHOW TIME ZONE
			s.Name = append(s.Name, p.anyName("a setting"))
			if !p.acceptOp(token.Dot) && !(p.is("ZONE") && w == "TIME") {
				break
			}
		}
		if p.acceptAny("FROM") != "" {
			s.In = p.path("a database")
		}
	}
	return s
}

// showTail reads [FROM|IN name] [LIKE 'pattern'] and the name that some forms begin with.
func (p *parser) showTail(s *ast.Show) {
	if s.Kind == ast.ShowVersions {
		p.acceptAny("OF", "IN", "FROM")
		if !p.ended() {
			s.Name = p.path("a table")
		}
		return
	}
	if s.Kind == ast.ShowPartitions || s.Kind == ast.ShowTblProperties {
		s.Name = p.path("a table")
		s.Partition = p.partition()
		if p.at(token.LParen) {
			p.next()
			if p.at(token.String) {
				s.Property = p.strValue()
			} else {
				s.Property = p.dottedText()
			}
			p.close()
		}
		return
	}
	if p.acceptAny("FROM", "IN") != "" {
		name := p.path("a name")
		if s.Kind == ast.ShowColumns || s.Kind == ast.ShowIndexes {
			s.Name = name
			if p.acceptAny("FROM", "IN") != "" {
				s.In = p.path("a database")
			}
		} else {
			s.In = name
		}
	}
	if p.accept("LIKE") || p.at(token.String) {
		s.HasLike = true
		s.Like = p.str("a pattern")
		return
	}
	if s.Kind == ast.ShowFunctions && (p.at(token.Word) || p.at(token.Quoted)) {
		s.HasLike, s.Like = true, p.path("a function").String()
	}
}

// dottedText reads a.b.c as text.
func (p *parser) dottedText() string {
	s := p.anyName("a name").Text
	for p.at(token.Dot) || p.at(token.Minus) || p.at(token.Colon) {
		s += p.next().Text(p.src) + p.anyName("a name").Text
	}
	return s
}

func (p *parser) set(at ast.At) ast.Statement {
	p.next()
	s := &ast.Set{At: at}
	switch {
	case p.ended(), p.acceptOp(token.Minus):
		p.accept("V")
		s.Kind = ast.SetShow
		return s
	case p.is("TIME", "ZONE"):
		p.accept("TIME", "ZONE")
		s.Kind = ast.SetTimeZone
		s.Value = p.expr()
		return s
	case p.isAny("VARIABLE", "VAR") != "" && (p.nameFollows() || p.atN(1, token.LParen)):
		p.next()
		return p.setVariables(at)
	case p.isAny("SESSION", "LOCAL", "GLOBAL") != "" && p.nameFollows():
		s.Scope = strings.ToUpper(p.next().Text(p.src))
	}
	n := p.anyName("a setting")
	s.Name = ast.Path{n}
	for p.err == nil && (p.at(token.Dot) || p.at(token.Colon) || p.at(token.Minus)) {
		if k := p.next().Kind; k == token.Dot {
			s.Name = append(s.Name, p.anyName("a setting"))
		} else {
			last := &s.Name[len(s.Name)-1]
			sep := p.toks[p.i-1].Text(p.src)
			last.Text += sep + p.anyName("a setting").Text
		}
	}
	if p.ended() && s.Kind == ast.SetSetting {
		s.Kind = ast.SetShow
		return s
	}
	if !p.accept("TO") && !p.acceptOp(token.ColonEq) {
		p.expectOp(token.Eq, "= or TO")
	}
	p.setValue(s)
	return s
}

// setValue reads the value of a setting: expressions if it reads as such, else its raw text.
func (p *parser) setValue(s *ast.Set) {
	if p.is("DEFAULT") && (p.atN(1, token.EOF) || p.atN(1, token.Semicolon)) {
		p.next()
		s.Default = true
		return
	}
	if p.err != nil {
		return
	}
	at, start, depth := p.here(), p.i, p.depth
	list := p.exprs()
	if p.err == nil && p.ended() {
		s.Value, s.Values = list[0], list
		return
	}
	p.err, p.i, p.depth = nil, start, depth
	s.Value = &ast.Literal{At: at, Kind: ast.StringLit, Text: p.rest()}
	s.Values = []ast.Expr{s.Value}
}

func (p *parser) reset(at ast.At) ast.Statement {
	p.next()
	r := &ast.Reset{At: at}
	p.acceptAny("SESSION", "LOCAL", "GLOBAL")
	switch {
	case p.accept("ALL"), p.ended():
		r.All = true
		return r
	case p.is("VARIABLE") && p.nameFollows():
		p.next()
		r.Variable = true
	}
	r.Name = ast.Path{p.anyName("a setting")}
	for p.acceptOp(token.Dot) {
		r.Name = append(r.Name, p.anyName("a setting"))
	}
	return r
}
