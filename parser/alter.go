package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

func (p *parser) drop(at ast.At) ast.Statement {
	p.next()
	d := &ast.Drop{At: at, Temp: p.acceptAny("TEMP", "TEMPORARY", "PERSISTENT") != ""}
	d.Kind = p.objectKind()
	d.IfExists = p.accept("IF", "EXISTS")
	d.Names = []ast.Path{p.path("a name")}
	for p.comma() {
		d.Names = append(d.Names, p.path("a name"))
	}
	for {
		switch p.acceptAny("CASCADE", "RESTRICT", "PURGE") {
		case "CASCADE":
			d.Cascade = true
		case "PURGE":
			d.Purge = true
		case "":
			return d
		}
	}
}

func (p *parser) objectKind() ast.ObjectKind {
	switch p.acceptAny("TABLE", "VIEW", "MATERIALIZED", "DATABASE", "SCHEMA", "NAMESPACE", "INDEX", "FUNCTION", "MACRO", "TYPE", "SEQUENCE", "COLUMN", "VARIABLE", "SECRET") {
	case "TABLE":
		return ast.TableObject
	case "VIEW":
		return ast.ViewObject
	case "MATERIALIZED":
		p.expect("VIEW")
		return ast.MaterializedViewObject
	case "DATABASE", "SCHEMA", "NAMESPACE":
		return ast.DatabaseObject
	case "INDEX":
		return ast.IndexObject
	case "FUNCTION", "MACRO":
		p.acceptAny("TABLE")
		return ast.FunctionObject
	case "TYPE":
		return ast.TypeObject
	case "SEQUENCE":
		return ast.SequenceObject
	case "COLUMN":
		return ast.ColumnObject
	case "VARIABLE":
		return ast.VariableObject
	case "SECRET":
		return ast.SecretObject
	}
	p.unexpected("TABLE, VIEW, DATABASE, INDEX or FUNCTION")
	return 0
}

func (p *parser) alter(at ast.At) ast.Statement {
	p.next()
	kind := p.objectKind()
	if kind == ast.DatabaseObject {
		return p.alterDatabase(at)
	}
	a := &ast.AlterTable{At: at, Kind: kind, IfExists: p.accept("IF", "EXISTS")}
	p.accept("ONLY")
	a.Name = p.path("a table")
	spec := p.partition()
	for {
		act := ast.AlterAction{At: p.here()}
		if spec != nil {
			act.Partitions = []ast.PartitionSpec{*spec}
		}
		p.alterAction(&act)
		a.Actions = append(a.Actions, act)
		if !p.comma() {
			return a
		}
	}
}

func (p *parser) alterDatabase(at ast.At) ast.Statement {
	a := &ast.AlterDatabase{At: at, Name: p.path("a database")}
	switch {
	case p.accept("RENAME", "TO"):
		n := p.name("a database")
		a.Rename = &n
	case p.is("SET") && (p.isN(1, "DBPROPERTIES") || p.isN(1, "PROPERTIES")):
		p.next()
		p.next()
		a.Properties = p.options()
	case p.accept("SET", "LOCATION"):
		a.Location = p.str("a path")
	default:
		p.unexpected("RENAME TO, SET LOCATION or SET DBPROPERTIES")
	}
	return a
}

func (p *parser) alterAction(a *ast.AlterAction) {
	switch w := p.acceptAny("ADD", "DROP", "RENAME", "ALTER", "CHANGE", "REPLACE", "SET", "UNSET", "RECOVER", "AS", "EXCHANGE"); w {
	case "ADD":
		p.alterAdd(a)
	case "DROP":
		p.alterDrop(a)
	case "RENAME":
		p.alterRename(a)
	case "ALTER":
		p.alterColumn(a)
	case "CHANGE":
		p.accept("COLUMN")
		a.Kind = ast.ChangeColumn
		a.Names = []ast.Name{p.name("a column")}
		if p.is("COMMENT") || p.is("TYPE") || p.isAny("FIRST", "AFTER") != "" {
			a.Columns = []ast.ColumnDef{{At: a.At, Name: a.Names[0]}}
			if p.accept("TYPE") {
				a.Columns[0].Type = p.typeName()
			}
			if p.accept("COMMENT") {
				a.Columns[0].Comment = p.str("a comment")
			}
		} else {
			a.Columns = []ast.ColumnDef{p.columnDef()}
		}
		p.columnPlace()
		p.acceptAny("CASCADE", "RESTRICT")
	case "REPLACE":
		p.expect("COLUMNS")
		a.Kind = ast.ReplaceColumns
		p.open()
		a.Columns = p.columnDefs()
		p.close()
		p.acceptAny("CASCADE", "RESTRICT")
	case "SET":
		p.alterSet(a)
	case "UNSET":
		p.acceptAny("TBLPROPERTIES", "SERDEPROPERTIES")
		a.Kind = ast.UnsetProperties
		a.IfExists = p.accept("IF", "EXISTS")
		a.Properties = p.options()
	case "RECOVER":
		p.expect("PARTITIONS")
		a.Kind = ast.RecoverPartitions
	case "AS":
		a.Kind = ast.AlterViewAs
		start := p.pos()
		a.Query = p.query()
		a.Text = strings.TrimSpace(p.source(start))
	default:
		p.unexpected("ADD, DROP, RENAME, ALTER, CHANGE, REPLACE or SET")
	}
}

// columnPlace skips Hive's and MySQL's FIRST and AFTER column: columns of files have no place.
func (p *parser) columnPlace() {
	if p.accept("AFTER") {
		p.name("a column")
		return
	}
	p.accept("FIRST")
}

func (p *parser) alterAdd(a *ast.AlterAction) {
	if p.constraintStarts() {
		c := p.constraint()
		a.Kind, a.Constraint = ast.AddConstraint, &c
		return
	}
	column := p.acceptAny("COLUMN", "COLUMNS") != ""
	a.IfNotExists = p.ifNotExists()
	if p.is("PARTITION") && p.atN(1, token.LParen) {
		a.Kind = ast.AddPartitions
		for p.is("PARTITION") {
			s := p.partition()
			if s == nil {
				p.unexpected("(")
				return
			}
			if p.accept("LOCATION") {
				s.Location = p.str("a path")
			}
			a.Partitions = append(a.Partitions, *s)
			if p.at(token.Comma) && p.isN(1, "PARTITION") {
				p.next()
			}
		}
		return
	}
	a.Kind = ast.AddColumns
	if p.acceptOp(token.LParen) {
		a.Columns = p.columnDefs()
		p.close()
		p.acceptAny("CASCADE", "RESTRICT")
		return
	}
	a.Columns = []ast.ColumnDef{p.columnDef()}
	if a.Columns[0].Type == nil && a.Columns[0].Generated == nil && a.Columns[0].Default == nil || !column && p.err != nil {
		p.unexpected("a type")
	}
	p.columnPlace()
	for p.at(token.Comma) && (p.peek(1).Kind == token.Word || p.peek(1).Kind == token.Quoted) && p.alterWordAt(1) == "" {
		p.next()
		a.Columns = append(a.Columns, p.columnDef())
	}
}

// alterWordAt gives the word of a new action that stands n tokens ahead, or "".
func (p *parser) alterWordAt(n int) string {
	for _, w := range [...]string{"ADD", "DROP", "RENAME", "ALTER", "CHANGE", "SET"} {
		if p.isN(n, w) {
			return w
		}
	}
	return ""
}

func (p *parser) alterDrop(a *ast.AlterAction) {
	if p.accept("CONSTRAINT") {
		a.Kind = ast.DropConstraint
		a.IfExists = p.accept("IF", "EXISTS")
		a.Names = []ast.Name{p.name("a constraint")}
		a.Cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
		return
	}
	p.acceptAny("COLUMN", "COLUMNS")
	a.IfExists = p.accept("IF", "EXISTS")
	if p.is("PARTITION") && p.atN(1, token.LParen) {
		a.Kind = ast.DropPartitions
		for p.is("PARTITION") {
			s := p.partition()
			if s == nil {
				p.unexpected("(")
				return
			}
			a.Partitions = append(a.Partitions, *s)
			if p.at(token.Comma) && p.isN(1, "PARTITION") {
				p.next()
			}
		}
		a.Purge = p.accept("PURGE")
		return
	}
	a.Kind = ast.DropColumns
	if p.at(token.LParen) {
		a.Names = p.names("a column")
	} else {
		path := p.columnPath()
		a.Names = path[len(path)-1:]
	}
	a.Cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
}

func (p *parser) alterRename(a *ast.AlterAction) {
	switch {
	case p.accept("TO"):
		if spec := p.partition(); spec != nil {
			a.Kind, a.NewPartition = ast.RenamePartition, spec
			return
		}
		a.Kind = ast.RenameTable
		a.NewPath = p.path("a table")
	default:
		p.accept("COLUMN")
		a.Kind = ast.RenameColumn
		path := p.columnPath()
		a.Names = path[len(path)-1:]
		p.expect("TO")
		a.NewName = p.name("a column")
	}
}

// alterColumn reads ALTER [COLUMN] c ….
func (p *parser) alterColumn(a *ast.AlterAction) {
	p.accept("COLUMN")
	path := p.columnPath()
	a.Names = path[len(path)-1:]
	switch {
	case p.accept("SET", "DEFAULT"):
		a.Kind = ast.SetDefault
		a.Default = p.expr()
	case p.accept("DROP", "DEFAULT"):
		a.Kind = ast.DropDefault
	case p.accept("SET", "NOT", "NULL"):
		a.Kind = ast.SetNotNull
	case p.accept("DROP", "NOT", "NULL"):
		a.Kind = ast.DropNotNull
	case p.accept("COMMENT"):
		a.Kind = ast.AlterColumnComment
		a.Comment = p.str("a comment")
	case p.accept("SET", "DATA", "TYPE"), p.accept("SET", "TYPE"), p.accept("TYPE"):
		a.Kind = ast.AlterColumnType
		if !p.is("USING") {
			a.Type = p.typeName()
		}
		if p.accept("COLLATE") {
			p.collation()
		}
		if p.accept("USING") {
			a.Using = p.expr()
		}
	default:
		p.unexpected("TYPE, SET, DROP or COMMENT")
	}
}

func (p *parser) alterSet(a *ast.AlterAction) {
	switch {
	case p.accept("TBLPROPERTIES"):
		a.Kind = ast.SetProperties
		a.Properties = p.options()
	case p.accept("LOCATION"):
		a.Kind = ast.SetLocation
		a.Location = p.str("a path")
	case p.accept("FILEFORMAT"):
		a.Kind = ast.SetFileFormat
		a.Format = p.formatWord()
	case p.accept("SERDEPROPERTIES"):
		a.Kind = ast.SetSerDe
		a.RowFormat = &ast.RowFormat{At: a.At, Properties: p.options()}
	case p.accept("SERDE"):
		a.Kind = ast.SetSerDe
		a.RowFormat = &ast.RowFormat{At: a.At, SerDe: p.str("a class")}
		if p.accept("WITH", "SERDEPROPERTIES") {
			a.RowFormat.Properties = p.options()
		}
	case p.accept("SCHEMA"):
		a.Kind = ast.SetSchema
		a.NewPath = p.path("a database")
	case p.accept("COMMENT"):
		a.Kind = ast.SetComment
		a.Comment = p.str("a comment")
	default:
		p.unexpected("TBLPROPERTIES, LOCATION, FILEFORMAT or SERDE")
	}
}

func (p *parser) commentOn(at ast.At) ast.Statement {
	p.next()
	p.expect("ON")
	c := &ast.Comment{At: at, Kind: p.objectKind(), Name: p.path("a name")}
	p.expect("IS")
	if p.accept("NULL") {
		c.Null = true
	} else {
		c.Text = p.str("a comment")
	}
	return c
}

func (p *parser) truncate(at ast.At) ast.Statement {
	p.next()
	p.accept("TABLE")
	t := &ast.Truncate{At: at, IfExists: p.accept("IF", "EXISTS")}
	t.Names = []ast.Path{p.path("a table")}
	for p.comma() {
		t.Names = append(t.Names, p.path("a table"))
	}
	t.Partition = p.partition()
	p.acceptAny("CASCADE", "RESTRICT")
	return t
}

func (p *parser) msck(at ast.At) ast.Statement {
	p.next()
	m := &ast.Msck{At: at, Repair: p.accept("REPAIR")}
	p.expect("TABLE")
	m.Name = p.path("a table")
	if m.Mode = p.acceptAny("ADD", "DROP", "SYNC"); m.Mode != "" {
		p.expect("PARTITIONS")
	}
	return m
}

func (p *parser) analyze(at ast.At) ast.Statement {
	p.next()
	a := &ast.Analyze{At: at}
	p.accept("VERBOSE")
	if p.ended() {
		return a
	}
	if p.accept("TABLES") {
		if p.acceptAny("IN", "FROM") != "" {
			p.path("a database")
		}
	} else {
		p.accept("TABLE")
		a.Table = p.path("a table")
	}
	a.Partition = p.partition()
	if p.at(token.LParen) {
		a.Columns = p.names("a column")
	}
	if !p.accept("COMPUTE", "STATISTICS") {
		return a
	}
	switch {
	case p.accept("NOSCAN"), p.accept("PARTIALSCAN"):
		a.NoScan = true
	case p.accept("FOR", "ALL", "COLUMNS"):
		a.AllColumns = true
	case p.accept("FOR", "COLUMNS"):
		if p.ended() {
			a.AllColumns = true
			break
		}
		a.Columns = p.nameList("a column")
	}
	return a
}
