package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// fromClause reads FROM refs and the lateral views behind them.
func (p *parser) fromClause() (list []ast.TableRef, views []ast.LateralView) {
	p.next()
	for {
		list = append(list, p.tableRef())
		for p.is("LATERAL", "VIEW") {
			views = append(views, p.lateralView())
		}
		if !p.comma() {
			return list, views
		}
	}
}

func (p *parser) lateralView() ast.LateralView {
	v := ast.LateralView{At: p.here()}
	p.accept("LATERAL", "VIEW")
	v.Outer = p.accept("OUTER")
	v.Call = p.tableCall()
	if n, ok := p.bareAlias(token.NoTable); ok {
		v.Alias = n
	}
	if p.accept("AS") {
		paren := p.acceptOp(token.LParen)
		v.Columns = p.nameList("a column")
		if paren {
			p.close()
		}
	}
	return v
}

// tableCall reads f(args) as it stands in FROM.
func (p *parser) tableCall() *ast.Call {
	path := p.path("a table function")
	c := &ast.Call{At: ast.At{Pos: path.Position()}, Name: path}
	p.open()
	p.args(c, true)
	p.close()
	c.Text = p.source(c.Pos)
	return c
}

// tableRef reads a table and the joins behind it.
func (p *parser) tableRef() ast.TableRef {
	if !p.enter() {
		p.leave()
		return &ast.FileRef{}
	}
	left := p.tablePrimary()
	for {
		j := p.joinWords()
		if j == nil {
			p.leave()
			return left
		}
		j.Left = left
		j.Right = p.tablePrimary()
		p.joinCondition(j)
		left = j
	}
}

// joinWords reads the words of a join, or gives nil.
func (p *parser) joinWords() *ast.Join {
	j := &ast.Join{At: p.here()}
	start := p.i
	j.Natural = p.accept("NATURAL")
	if p.is("ASOF") && p.clauseWord() {
		p.next()
		j.Asof = true
	}
	switch p.isAny("INNER", "LEFT", "RIGHT", "FULL", "CROSS", "SEMI", "ANTI", "POSITIONAL") {
	case "INNER":
		p.next()
	case "LEFT":
		p.next()
		j.Kind = ast.LeftJoin
		p.sideKind(j)
	case "RIGHT":
		p.next()
		j.Kind = ast.RightJoin
		p.sideKind(j)
	case "FULL":
		p.next()
		p.accept("OUTER")
		j.Kind = ast.FullJoin
	case "CROSS":
		p.next()
		j.Kind = ast.CrossJoin
	case "SEMI":
		p.next()
		j.Kind = ast.SemiJoin
	case "ANTI":
		p.next()
		j.Kind = ast.AntiJoin
	case "POSITIONAL":
		p.next()
		j.Kind = ast.PositionalJoin
	}
	if p.accept("JOIN") {
		return j
	}
	if p.i != start {
		p.unexpected("JOIN")
	}
	return nil
}

func (p *parser) sideKind(j *ast.Join) {
	right := j.Kind == ast.RightJoin
	switch p.acceptAny("OUTER", "SEMI", "ANTI") {
	case "SEMI":
		j.Kind, j.RightSide = ast.SemiJoin, right
	case "ANTI":
		j.Kind, j.RightSide = ast.AntiJoin, right
	}
}

// joinCondition reads ON or USING. a JOIN b JOIN c ON … ON … nests to the right, as in the standard.
func (p *parser) joinCondition(j *ast.Join) {
	if j.Natural || j.Kind == ast.CrossJoin && !p.is("ON") || j.Kind == ast.PositionalJoin {
		return
	}
	if p.isAny("ON", "USING") == "" {
		if n := p.nestedJoin(); n != nil {
			if !p.enter() {
				p.leave()
				return
			}
			n.Left = j.Right
			n.Right = p.tablePrimary()
			p.joinCondition(n)
			j.Right = n
			p.joinCondition(j)
			p.leave()
		}
		return
	}
	if p.accept("ON") {
		j.On = p.expr()
		return
	}
	if p.atN(1, token.LParen) {
		p.next()
		j.Using = p.names("a column")
	}
}

// maxScan bounds the work that a text without ON may cause.
const maxScan = 50_000_000

// nestedJoin reads the words of a join that stands where ON was expected, if its own ON and then another follow.
func (p *parser) nestedJoin() *ast.Join {
	if p.isAny("INNER", "LEFT", "RIGHT", "FULL", "JOIN") == "" {
		return nil
	}
	// Look for ON … ON at this level before the clause ends.
	level, ons, joins := 0, 0, 0
	for i := p.i; i < len(p.toks) && level >= 0 && p.scans < maxScan; i++ {
		p.scans++
		t := p.toks[i]
		switch t.Kind {
		case token.LParen:
			i = p.closing(i)
			continue
		case token.RParen, token.Semicolon, token.EOF, token.Comma:
			level = -1
		case token.Word:
			switch {
			case t.Is(p.src, "ON"), t.Is(p.src, "USING") && p.toks[i+1].Kind == token.LParen:
				ons++
			case t.Is(p.src, "JOIN"):
				joins++
			case t.Class&token.NoExpr != 0 && (t.Is(p.src, "WHERE") || t.Is(p.src, "GROUP") || t.Is(p.src, "ORDER") || t.Is(p.src, "UNION") || t.Is(p.src, "SELECT")):
				level = -1
			}
		}
		if ons > joins {
			return p.joinWords()
		}
	}
	return nil
}

// tablePrimary reads one table with its alias, sample and pivots.
func (p *parser) tablePrimary() ast.TableRef {
	ref := p.tableBase()
	for p.err == nil {
		switch {
		case p.is("PIVOT") && p.atN(1, token.LParen):
			ref = p.pivot(ref)
		case p.is("UNPIVOT") && (p.atN(1, token.LParen) || p.isN(1, "INCLUDE") || p.isN(1, "EXCLUDE")):
			ref = p.unpivot(ref)
		default:
			return ref
		}
	}
	return ref
}

func (p *parser) tableBase() ast.TableRef {
	at := p.here()
	lateral := false
	if p.is("LATERAL") && !p.isN(1, "VIEW") {
		p.next()
		lateral = true
	}
	t := p.tok()
	switch {
	case t.Kind == token.LParen:
		return p.parenTable(at, lateral)
	case t.Kind == token.String:
		f := &ast.FileRef{At: at, File: p.strValue()}
		f.Sample = p.sample()
		f.Alias, f.ColumnAliases = p.tableAlias()
		if f.Sample == nil {
			f.Sample = p.sample()
		}
		return f
	case p.is("VALUES"):
		v := p.values()
		s := &ast.Subquery{At: at, Query: &ast.Query{At: at, Body: v}}
		s.Alias, s.ColumnAliases = p.tableAlias()
		return s
	case p.is("TABLE") && p.atN(1, token.LParen):
		p.next()
		p.next()
		r := p.tableRef()
		p.close()
		p.realias(r)
		return r
	case p.is("ONLY") && (p.atN(1, token.LParen) || p.atN(1, token.Word)):
		p.next()
		paren := p.acceptOp(token.LParen)
		n := &ast.TableName{At: at, Only: true, Name: p.path("a table")}
		if paren {
			p.close()
		}
		n.Alias, n.ColumnAliases = p.tableAlias()
		return n
	case t.Kind == token.Word && p.isAny("PIVOT", "UNPIVOT") != "":
		return p.pivotStatement()
	}
	var prefix *ast.Name
	if (t.Kind == token.Word || t.Kind == token.Quoted) && p.atN(1, token.Colon) {
		n := p.anyName("an alias") // alias: table
		p.next()
		prefix = &n
	}
	if t.Kind == token.Word && t.Class&token.NoTable == token.NoTable && p.atN(1, token.LParen) && (p.isAny("LEFT", "RIGHT") == "") && t.Class&token.NoExpr == 0 {
		return p.namedTable(ast.Path{p.anyName("a table")}, at, lateral, prefix)
	}
	return p.namedTable(p.path("a table"), at, lateral, prefix)
}

// namedTable reads what follows a name: arguments, time travel, sample, alias.
func (p *parser) namedTable(path ast.Path, at ast.At, lateral bool, prefix *ast.Name) ast.TableRef {
	if p.at(token.LParen) {
		f := &ast.TableFunc{At: at, Lateral: lateral}
		f.Call = &ast.Call{At: ast.At{Pos: path.Position()}, Name: path}
		p.next()
		p.args(f.Call, true)
		p.close()
		f.Call.Text = p.source(at.Pos)
		f.WithOrdinality = p.accept("WITH", "ORDINALITY")
		f.Sample = p.sample()
		f.Alias, f.ColumnAliases, f.ColumnDefs = p.funcAlias()
		if prefix != nil {
			f.Alias = prefix
		}
		if f.Sample == nil {
			f.Sample = p.sample()
		}
		return f
	}
	n := &ast.TableName{At: at, Name: path}
	p.acceptOp(token.Star) // t * in PostgreSQL: with its children
	p.asOf(n)
	n.Sample = p.sample()
	n.Alias, n.ColumnAliases = p.tableAlias()
	if prefix != nil {
		n.Alias = prefix
	}
	if n.Sample == nil {
		n.Sample = p.sample()
	}
	return n
}

// asOf reads AT (VERSION => x), FOR VERSION AS OF x, TIMESTAMP AS OF x.
func (p *parser) asOf(n *ast.TableName) {
	if p.is("AT") && p.atN(1, token.LParen) {
		p.next()
		p.next()
		n.AsOfVersion = p.is("VERSION")
		n.AsOf = p.arg(false).Value
		p.close()
		return
	}
	k := 0
	if p.is("FOR") {
		k = 1
	}
	for _, w := range [...]string{"VERSION", "TIMESTAMP", "SYSTEM_VERSION", "SYSTEM_TIME"} {
		if p.isN(k, w) && p.isN(k+1, "AS") && p.isN(k+2, "OF") {
			for range k + 3 {
				p.next()
			}
			n.AsOfVersion = strings.HasSuffix(w, "VERSION")
			n.AsOf = p.exprPrec(precOther)
			return
		}
	}
}

// realias gives the table of TABLE(f(x)) AS t its alias.
func (p *parser) realias(r ast.TableRef) {
	switch r := r.(type) {
	case *ast.TableFunc:
		r.Alias, r.ColumnAliases, r.ColumnDefs = p.funcAlias()
	case *ast.TableName:
		r.Alias, r.ColumnAliases = p.tableAlias()
	}
}

// parenTable reads (query) and (table JOIN table).
func (p *parser) parenTable(at ast.At, lateral bool) ast.TableRef {
	if p.startsQuery(0) {
		s := &ast.Subquery{At: at, Lateral: lateral, Query: p.parenQuery()}
		s.Sample = p.sample()
		s.Alias, s.ColumnAliases = p.tableAlias()
		if s.Sample == nil {
			s.Sample = p.sample()
		}
		return s
	}
	p.next()
	ref := p.tableRef()
	p.close()
	if alias, cols := p.tableAlias(); alias != nil {
		return &ast.ParenRef{At: at, Ref: ref, Alias: alias, ColumnAliases: cols}
	}
	return ref
}

// tableAlias reads [AS] t [(a, b)].
func (p *parser) tableAlias() (*ast.Name, []ast.Name) {
	var n ast.Name
	ok := true
	switch {
	case p.is("AS") && !p.isN(1, "OF"):
		p.next()
		if p.at(token.String) {
			n = ast.Name{At: p.here(), Quoted: true}
			n.Text = p.strValue()
		} else {
			n = p.tableWord("an alias")
		}
	default:
		n, ok = p.bareAlias(token.NoTable)
	}
	if !ok {
		return nil, nil
	}
	if p.at(token.LParen) {
		return &n, p.names("a column")
	}
	return &n, nil
}

// funcAlias reads [AS] t (a, b), AS t (a INT, b TEXT), and Hive's AS a, b is left to LATERAL VIEW.
func (p *parser) funcAlias() (*ast.Name, []ast.Name, []ast.ColumnDef) {
	n := 0
	if p.is("AS") {
		n = 1
	}
	k := p.peek(n + 1).Kind
	first := p.peek(n)
	aliasable := first.Kind == token.Quoted || first.Kind == token.Word && first.Class&token.NoTable == 0 && !p.clauseWord()
	hasName := k == token.LParen && aliasable
	paren := n
	if hasName {
		paren++
	} else if n == 0 || p.peek(1).Kind != token.LParen {
		a, c := p.tableAlias()
		return a, c, nil
	}
	t := p.peek(paren + 2)
	if t.Kind == token.Comma || t.Kind == token.RParen {
		if hasName {
			a, c := p.tableAlias()
			return a, c, nil
		}
		p.next()
		return nil, p.names("a column"), nil
	}
	for range n {
		p.next()
	}
	var alias *ast.Name
	if hasName {
		a := p.tableWord("an alias")
		alias = &a
	}
	p.open()
	defs := p.columnDefs()
	p.close()
	return alias, nil, defs
}

// sample reads TABLESAMPLE.
func (p *parser) sample() *ast.Sample {
	if !p.is("TABLESAMPLE") {
		return nil
	}
	at := p.here()
	p.next()
	return p.sampleSize(at)
}

// sampleSize reads [method] (n PERCENT|ROWS) [REPEATABLE (seed)], n% (method, seed), (BUCKET x OUT OF y ON e).
func (p *parser) sampleSize(at ast.At) *ast.Sample {
	s := &ast.Sample{At: at}
	if p.at(token.Word) && p.atN(1, token.LParen) {
		s.Method = strings.ToUpper(p.anyName("a method").Text)
	}
	paren := p.acceptOp(token.LParen)
	if p.accept("BUCKET") {
		s.Unit = ast.SampleBucket
		s.Size = p.exprPrec(precAdd)
		p.expect("OUT", "OF")
		s.OutOf = p.exprPrec(precAdd)
		if p.accept("ON") {
			s.On = p.expr()
		}
	} else {
		s.Size = p.exprPrec(precAdd)
		switch {
		case p.acceptOp(token.Percent), p.accept("PERCENT"):
		case p.acceptAny("ROWS", "ROW") != "":
			s.Unit = ast.SampleRows
		case s.Method == "" && !paren, s.Method == "RESERVOIR":
			s.Unit = ast.SampleRows
		}
	}
	if paren {
		p.close()
	} else if p.acceptOp(token.LParen) {
		s.Method = strings.ToUpper(p.anyName("a method").Text)
		if p.comma() {
			s.Seed = p.expr()
		}
		p.close()
	}
	if p.isAny("REPEATABLE", "SEED") != "" && p.atN(1, token.LParen) {
		p.next()
		p.next()
		s.Seed = p.expr()
		p.close()
	}
	return s
}
