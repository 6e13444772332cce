// Package parser turns SQL text into syntax trees: a recursive-descent parser with a precedence table over the
// tokens of a script. It knows words and places, never names or types. It reads one dialect, without switches.
//
// The first mistake is kept and moves the parser to the end of the text, so that every loop ends by itself; what was
// built until then is thrown away. Nesting is limited; long chains (AND, OR, operators, joins, set operations, lists)
// are loops.
package parser

import (
	"math"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

// MaxDepth is how deep expressions, queries and types may nest.
const MaxDepth = 1000

// Parse reads a script: statements separated by semicolons. Positions count from the start of sql.
func Parse(sql string) ([]ast.Statement, error) {
	p, err := newParser(sql)
	if err != nil {
		return nil, err
	}
	var stmts []ast.Statement
	for {
		for p.acceptOp(token.Semicolon) {
		}
		if p.err != nil {
			return nil, p.err
		}
		if p.at(token.EOF) {
			return stmts, nil
		}
		s := p.statement()
		if !p.at(token.Semicolon) && !p.at(token.EOF) {
			p.unexpected("end of statement")
		}
		if p.err != nil {
			return nil, p.err
		}
		stmts = append(stmts, s)
	}
}

// ParseOne reads exactly one statement; a semicolon may end it.
func ParseOne(sql string) (ast.Statement, error) {
	stmts, err := Parse(sql)
	switch {
	case err != nil:
		return nil, err
	case len(stmts) == 0:
		return nil, sqlerr.At(sqlerr.Syntax, len(sql), "expected a statement, found end of text")
	case len(stmts) > 1:
		return nil, sqlerr.At(sqlerr.Syntax, stmts[1].Position(), "expected one statement, found more")
	}
	return stmts[0], nil
}

// ParseExpr reads a text that is one expression.
func ParseExpr(sql string) (ast.Expr, error) {
	p, err := newParser(sql)
	if err != nil {
		return nil, err
	}
	e := p.expr()
	if !p.at(token.EOF) {
		p.unexpected("end of expression")
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// ParseType reads a text that is one type name.
func ParseType(sql string) (*ast.TypeName, error) {
	p, err := newParser(sql)
	if err != nil {
		return nil, err
	}
	t := p.typeName()
	if !p.at(token.EOF) {
		p.unexpected("end of type")
	}
	if p.err != nil {
		return nil, p.err
	}
	return t, nil
}

type parser struct {
	src   string
	toks  []token.Token
	i     int
	err   error
	depth int
	anon  int     // anonymous parameters so far
	match []int32 // for each ( its ), found on first need
	scans int     // tokens looked through for nested joins, which is limited
	inAlt bool    // inside the second reading of a lambda
}

func newParser(sql string) (*parser, error) {
	if len(sql) > math.MaxInt32-16 {
		return nil, sqlerr.New(sqlerr.Limit, "the text has %d bytes; 2 GiB is the most", len(sql))
	}
	return &parser{src: sql, toks: token.Lex(sql)}, nil
}

// tok is the current token; peek looks n tokens ahead.
func (p *parser) tok() token.Token { return p.toks[p.i] }

func (p *parser) peek(n int) token.Token {
	return p.toks[min(p.i+n, len(p.toks)-1)]
}

func (p *parser) next() token.Token {
	t := p.toks[p.i]
	if t.Kind != token.EOF {
		p.i++
	}
	return t
}

func (p *parser) pos() int     { return int(p.toks[p.i].Pos) }
func (p *parser) here() ast.At { return ast.At{Pos: p.pos()} }

// lastEnd is the end of the token before the current one.
func (p *parser) lastEnd() int {
	if p.i == 0 {
		return 0
	}
	return int(p.toks[p.i-1].End)
}

func (p *parser) at(k token.Kind) bool { return p.toks[p.i].Kind == k }

func (p *parser) atN(n int, k token.Kind) bool { return p.peek(n).Kind == k }

func (p *parser) acceptOp(k token.Kind) bool {
	if p.toks[p.i].Kind != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) expectOp(k token.Kind, what string) bool {
	if p.acceptOp(k) {
		return true
	}
	p.unexpected(what)
	return false
}

func (p *parser) open() bool  { return p.expectOp(token.LParen, "(") }
func (p *parser) close() bool { return p.expectOp(token.RParen, ")") }
func (p *parser) comma() bool { return p.acceptOp(token.Comma) }

// is tells whether the next tokens are the words ws, in upper case.
func (p *parser) is(ws ...string) bool {
	for n, w := range ws {
		if !p.peek(n).Is(p.src, w) {
			return false
		}
	}
	return true
}

func (p *parser) isN(n int, w string) bool { return p.peek(n).Is(p.src, w) }

// isAny gives the one of ws that is the current word, or "".
func (p *parser) isAny(ws ...string) string {
	for _, w := range ws {
		if p.tok().Is(p.src, w) {
			return w
		}
	}
	return ""
}

func (p *parser) accept(ws ...string) bool {
	if !p.is(ws...) {
		return false
	}
	for range ws {
		p.next()
	}
	return true
}

func (p *parser) acceptAny(ws ...string) string {
	w := p.isAny(ws...)
	if w != "" {
		p.next()
	}
	return w
}

func (p *parser) expect(ws ...string) bool {
	for _, w := range ws {
		if !p.accept(w) {
			p.unexpected(w)
			return false
		}
	}
	return true
}

// enter counts a level of nesting; every enter has its leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > MaxDepth {
		p.fail(sqlerr.At(sqlerr.Limit, p.pos(), "nested more than %d levels deep", MaxDepth).
			WithHint("write it with fewer parentheses, or in steps with WITH"))
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// fail keeps the first mistake and moves to the end of the text.
func (p *parser) fail(e *sqlerr.Error) {
	if p.err == nil {
		p.err = e
	}
	p.i = len(p.toks) - 1
}

func (p *parser) failAt(pos int, format string, args ...any) {
	p.fail(sqlerr.At(sqlerr.Syntax, pos, format, args...))
}

// unexpected fails at the current token.
func (p *parser) unexpected(want string) {
	if p.err != nil {
		return
	}
	t := p.tok()
	if t.Kind == token.Illegal {
		p.fail(illegal(t, p.src))
		return
	}
	e := sqlerr.At(sqlerr.Syntax, int(t.Pos), "expected %s, found %s", want, p.describe(t))
	e.Hint = p.hint(t, want)
	p.fail(e)
}

func (p *parser) describe(t token.Token) string {
	if t.Kind == token.EOF {
		return "end of text"
	}
	s := t.Text(p.src)
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// hint looks for a keyword that the found word, or the one before it (then taken for a name), may be a slip of.
func (p *parser) hint(t token.Token, want string) string {
	try := func(t token.Token, words []string) string {
		w := t.Text(p.src)
		if t.Kind != token.Word || len(w) < 4 {
			return ""
		}
		best := sqlerr.Nearest(w, words)
		if best == "" || token.EqualFold(w, best) {
			return ""
		}
		return "did you mean " + best + "?"
	}
	if want != "" && want == strings.ToUpper(want) && len(want) > 2 {
		if h := try(t, []string{want}); h != "" {
			return h
		}
	}
	if h := try(t, token.Keywords); h != "" {
		return h
	}
	if p.i > 0 {
		prev := p.toks[p.i-1]
		if h := try(prev, token.Keywords); h != "" {
			return strings.TrimSuffix(h, "?") + " instead of " + prev.Text(p.src) + "?"
		}
	}
	return ""
}

func illegal(t token.Token, src string) *sqlerr.Error {
	e := sqlerr.At(sqlerr.Syntax, int(t.Pos), "unexpected character %s", strconv.QuoteToGraphic(t.Text(src)))
	switch t.Flag {
	case token.OpenString:
		e.Msg = "this string has no closing quote"
		e.Hint = "a quote inside a string is written twice: 'it''s'"
	case token.OpenQuote:
		e.Msg = "this quoted name has no closing quote"
	case token.OpenComment:
		e.Msg = "this comment has no closing */"
	case token.OpenDollar:
		e.Msg = "this dollar-quoted string has no end"
	case token.BadNumber:
		e.Msg = "malformed number " + t.Text(src)
		e.Hint = "a name that begins with a digit needs quotes"
	case token.BadUTF8:
		e.Msg = "the text is not valid UTF-8"
	case token.BadBlob:
		e.Msg = "malformed X'…' or B'…' literal"
	case token.CurlyQuote:
		e.Hint = "write strings between straight quotes: '"
	}
	return e
}

// name reads an identifier: any word that is not reserved as a table or column name here, or a quoted one.
func (p *parser) name(what string) ast.Name {
	t := p.tok()
	if t.Kind == token.Word && (t.Class&token.NoExpr == 0 || p.valuesName(0)) || t.Kind == token.Quoted {
		return p.anyName(what)
	}
	p.unexpected(what)
	return ast.Name{}
}

// valuesName tells whether the word n tokens ahead is VALUES as a column's name: nothing to list follows.
func (p *parser) valuesName(n int) bool {
	if !p.isN(n, "VALUES") {
		return false
	}
	switch p.peek(n + 1).Kind {
	case token.RParen, token.Comma, token.Dot, token.Cast, token.EOF:
		return true
	}
	return false
}

// tableWord reads an identifier that may not be a word reserved for FROM.
func (p *parser) tableWord(what string) ast.Name {
	t := p.tok()
	if t.Kind == token.Word && t.Class&token.NoTable == 0 || t.Kind == token.Quoted {
		return p.anyName(what)
	}
	p.unexpected(what)
	return ast.Name{}
}

// anyName reads any word, reserved or not, or a quoted identifier.
func (p *parser) anyName(what string) ast.Name {
	t := p.tok()
	n := ast.Name{At: ast.At{Pos: int(t.Pos)}}
	switch t.Kind {
	case token.Word:
		n.Text = t.Text(p.src)
	case token.Quoted:
		n.Text, _ = t.Value(p.src)
		n.Quoted = true
		if n.Text == "" {
			p.failAt(n.Pos, "a quoted name may not be empty")
		}
	default:
		p.unexpected(what)
		return n
	}
	p.next()
	return n
}

// path reads a dotted name.
func (p *parser) path(what string) ast.Path {
	path := ast.Path{p.tableWord(what)}
	for p.acceptOp(token.Dot) {
		path = append(path, p.anyName("a name after the dot"))
	}
	return path
}

// names reads ( a, b, … ).
func (p *parser) names(what string) []ast.Name {
	if !p.open() {
		return nil
	}
	list := p.nameList(what)
	p.close()
	return list
}

func (p *parser) nameList(what string) []ast.Name {
	list := []ast.Name{p.name(what)}
	for p.comma() {
		list = append(list, p.name(what))
	}
	return list
}

// str reads a string literal and gives its text.
func (p *parser) str(what string) string {
	t := p.tok()
	if t.Kind != token.String {
		p.unexpected(what)
		return ""
	}
	return p.strValue()
}

// strValue decodes the current string token and moves on; neighbours join.
func (p *parser) strValue() string {
	s := ""
	for p.at(token.String) {
		t := p.next()
		v, ok := t.Value(p.src)
		if !ok {
			p.failAt(int(t.Pos), "malformed escape in this string")
		}
		if s == "" {
			s = v
		} else {
			s += v
		}
	}
	return s
}

// integer reads a whole number that fits an int.
func (p *parser) integer(what string) int {
	t := p.tok()
	if t.Kind != token.Int {
		p.unexpected(what)
		return 0
	}
	p.next()
	s, _ := t.Value(p.src)
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		p.failAt(int(t.Pos), "%s is not a number that fits here", s)
	}
	return int(n)
}

// source gives the text from start to the last token read.
func (p *parser) source(start int) string {
	end := p.lastEnd()
	if start >= end {
		return ""
	}
	return p.src[start:end]
}

// closing gives the index of the token that closes the parenthesis at token i, or of EOF.
func (p *parser) closing(i int) int {
	if p.match == nil {
		p.match = make([]int32, len(p.toks))
		var stack []int32
		for j, t := range p.toks {
			p.match[j] = int32(len(p.toks) - 1)
			switch t.Kind {
			case token.LParen:
				stack = append(stack, int32(j))
			case token.RParen:
				if n := len(stack); n > 0 {
					p.match[stack[n-1]] = int32(j)
					stack = stack[:n-1]
				}
			case token.Semicolon:
				stack = stack[:0]
			}
		}
	}
	return int(p.match[i])
}

// after gives the token that follows the parenthesis which opens n tokens ahead.
func (p *parser) after(n int) token.Token {
	i := min(p.i+n, len(p.toks)-1)
	return p.toks[min(p.closing(i)+1, len(p.toks)-1)]
}
