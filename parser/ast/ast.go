// Package ast is the syntax tree of a statement: plain data, as written, without any knowledge of catalogs,
// types or functions. Every node carries the byte offset of its first token in the parsed text. Trees own
// their memory, but their strings may share the source text. Chains that users write long (AND, OR, set
// operations, left-deep operators) are lists or left-deep, so that walks need not recurse along them.
package ast

// Node is anything with a place in the source text.
type Node interface {
	// Position is the byte offset of the node in the parsed text.
	Position() int
}

// Expr is a value expression.
type Expr interface {
	Node
	exprNode()
}

// Statement is one statement of a script.
type Statement interface {
	Node
	stmtNode()
}

// TableRef is an item of FROM.
type TableRef interface {
	Node
	tableNode()
}

// QueryBody is what stands between WITH and ORDER BY: *Select, *SetOp, *Values, *Query (in parentheses) or
// *TableBody (TABLE t).
type QueryBody interface {
	Node
	bodyNode()
}

// At is embedded in every node and is its position.
type At struct {
	Pos int
}

// Position is the byte offset of the node in the parsed text.
func (a At) Position() int { return a.Pos }

// Name is one identifier as written, without its quotes.
type Name struct {
	At
	Text   string
	Quoted bool
}

// Path is a dotted name: table, database.table, catalog.database.table. Never empty in a parsed tree where a
// name is required; nil where it is optional and absent.
type Path []Name

// Position is the place of the first part, or 0.
func (p Path) Position() int {
	if len(p) == 0 {
		return 0
	}
	return p[0].Pos
}

// Last is the text of the last part, or "".
func (p Path) Last() string {
	if len(p) == 0 {
		return ""
	}
	return p[len(p)-1].Text
}

// Texts gives the texts of the parts.
func (p Path) Texts() []string {
	out := make([]string, len(p))
	for i := range p {
		out[i] = p[i].Text
	}
	return out
}

// String joins the parts with dots, unquoted.
func (p Path) String() string {
	switch len(p) {
	case 0:
		return ""
	case 1:
		return p[0].Text
	}
	n := len(p) - 1
	for i := range p {
		n += len(p[i].Text)
	}
	b := make([]byte, 0, n)
	for i := range p {
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, p[i].Text...)
	}
	return string(b)
}

// Option is a named setting of a statement or clause: (FORMAT csv, HEADER), TBLPROPERTIES('a'='b').
// Value is nil when the option stands alone (HEADER).
type Option struct {
	Name  Name
	Value Expr
}
