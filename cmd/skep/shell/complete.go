package shell

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/cmd/skep/editor"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/token"
)

// completer answers Tab. What it has asked of the catalog it keeps until a statement runs.
type completer struct {
	ask   func(sql string) [][]string // rows of SHOW and DESCRIBE; none on an error
	cache map[string][][]string
}

// maxCandidates bounds the menu.
const maxCandidates = 500

func (c *completer) rows(sql string) [][]string {
	if r, ok := c.cache[sql]; ok {
		return r
	}
	if c.cache == nil {
		c.cache = map[string][][]string{}
	}
	r := c.ask(sql)
	c.cache[sql] = r
	return r
}

// forget is called after a statement, which may have changed the catalog.
func (c *completer) forget() { c.cache = nil }

// complete gives the candidates for the word before pos and where it begins.
func (c *completer) complete(text string, pos int) (int, []editor.Candidate) {
	if isCommand(text) {
		return c.command(text[:pos])
	}
	toks := token.Lex(text[:pos])
	for len(toks) > 0 && toks[len(toks)-1].Kind == token.EOF {
		toks = toks[:len(toks)-1]
	}
	start, end := pos, 0
	if n := len(toks); n > 0 {
		end = int(toks[n-1].End)
	}
	if gap := text[min(end, pos):pos]; strings.Contains(gap[strings.LastIndexByte(gap, '\n')+1:], "--") {
		return pos, nil // a comment
	}
	if n := len(toks); n > 0 {
		t := toks[n-1]
		switch {
		case t.Open() && t.Flag == token.OpenString:
			return c.file(text, int(t.Pos)+1, pos)
		case t.Open() && t.Flag == token.OpenComment:
			return pos, nil
		case t.Open() && t.Flag == token.OpenQuote, t.Kind == token.Word && int(t.End) == pos:
			start = int(t.Pos)
			toks = toks[:n-1]
		}
	}
	prefix := text[start:pos]
	prefix = strings.Trim(prefix, "\"`")
	begin := 0 // of the statement
	for i := len(toks) - 1; i >= 0; i-- {
		if toks[i].Kind == token.Semicolon {
			begin = i + 1
			break
		}
	}
	toks = toks[begin:]
	stmt := statementAt(text, start)
	var list []editor.Candidate
	if n := len(toks); n > 0 && toks[n-1].Kind == token.Dot {
		switch {
		case n > 3 && toks[n-3].Kind == token.Dot: // database.schema.
			list = c.tablesIn(quoted(word(text, toks[n-4])) + "." + quoted(word(text, toks[n-2])))
		case n > 1:
			list = c.dotted(stmt, word(text, toks[n-2]))
		}
		return start, match(list, prefix)
	}
	list = c.byPlace(stmt, text, toks, prefix)
	return start, match(list, prefix)
}

// statementAt gives the text of the statement around an offset.
func statementAt(text string, at int) string {
	stmts, rest, _ := parser.Split(text)
	for _, p := range append(stmts, rest) {
		if at <= p.Offset+len(p.Text) {
			return p.Text
		}
	}
	return rest.Text
}

func word(text string, t token.Token) string { return strings.Trim(text[t.Pos:t.End], "\"`") }

// byPlace gives what may stand after tokens.
func (c *completer) byPlace(stmt, text string, toks []token.Token, prefix string) []editor.Candidate {
	if len(toks) == 0 {
		return words(starters, prefix)
	}
	last := toks[len(toks)-1]
	before, first := strings.ToUpper(word(text, last)), strings.ToUpper(word(text, toks[0]))
	if last.Kind != token.Word {
		before = ""
	}
	clause := before
	if last.Kind == token.Comma || before == "" {
		clause = clauseOf(text, toks)
	}
	switch before {
	case "SET", "RESET":
		if len(toks) == 1 {
			return settings()
		}
	case "USE":
		return c.names("SHOW DATABASES", "database")
	case "SHOW":
		return words(strings.Fields("TABLES VIEWS DATABASES COLUMNS FUNCTIONS SETTINGS CREATE"), prefix)
	case "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "DESCRIBE", "DESC", "SUMMARIZE", "VIEW", "OVERWRITE", "COPY", "TRUNCATE":
		list := append(c.tables(), ctes(stmt)...)
		list = append(list, c.functions("table")...)
		switch before {
		case "INTO", "OVERWRITE":
			list = append(list, words([]string{"TABLE"}, prefix)...)
		case "DESCRIBE", "SUMMARIZE", "DESC":
			list = append(list, words([]string{"SELECT"}, prefix)...)
		}
		return list
	}
	if last.Kind == token.Comma && (clause == "FROM" || clause == "JOIN") {
		return append(c.tables(), ctes(stmt)...)
	}
	list := c.scope(stmt)
	if prefix == "" && len(list) > 0 {
		return list
	}
	if first == "EXPLAIN" || first == "DESCRIBE" || first == "CREATE" || prefix != "" || len(list) == 0 {
		list = append(list, words(keywords, prefix)...)
	}
	if prefix != "" {
		list = append(list, c.functions("")...)
	}
	return list
}

// clauseOf gives the word that begins the clause that toks end in, in the same parentheses.
func clauseOf(text string, toks []token.Token) string {
	depth := 0
	for i := len(toks) - 1; i >= 0; i-- {
		switch toks[i].Kind {
		case token.RParen:
			depth++
		case token.LParen:
			if depth--; depth < 0 {
				return ""
			}
		case token.Word:
			if depth == 0 {
				switch w := strings.ToUpper(word(text, toks[i])); w {
				case "FROM", "JOIN", "SELECT", "WHERE", "ON", "USING", "GROUP", "ORDER", "HAVING", "SET", "VALUES", "LIMIT", "QUALIFY":
					return w
				}
			}
		}
	}
	return ""
}

// words makes candidates of keywords in the case that the user types in.
func words(list []string, prefix string) []editor.Candidate {
	low := prefix != "" && prefix == strings.ToLower(prefix)
	var out []editor.Candidate
	for _, w := range list {
		if low {
			w = strings.ToLower(w)
		}
		out = append(out, editor.Candidate{Text: w})
	}
	return out
}

func settings() []editor.Candidate {
	var out []editor.Candidate
	for _, s := range session.Settings {
		out = append(out, editor.Candidate{Text: s.Name, Kind: "setting"})
	}
	return out
}

func (c *completer) names(sql, kind string) []editor.Candidate {
	var out []editor.Candidate
	for _, r := range c.rows(sql) {
		out = append(out, editor.Candidate{Text: quoted(r[0]), Kind: kind})
	}
	return out
}

func (c *completer) tables() []editor.Candidate {
	var out []editor.Candidate
	for _, r := range c.rows("SHOW TABLES") {
		kind := "table"
		if strings.Contains(r[1], "view") {
			kind = "view"
		}
		out = append(out, editor.Candidate{Text: quoted(r[0]), Kind: kind})
	}
	for _, r := range c.rows("SHOW DATABASES") {
		out = append(out, editor.Candidate{Text: quoted(r[0]) + ".", Kind: "database", Open: true})
	}
	return out
}

// functions gives the functions, or those of a category.
func (c *completer) functions(category string) []editor.Candidate {
	var out []editor.Candidate
	for _, r := range c.rows("SHOW FUNCTIONS") {
		if len(r) > 1 && isName(r[0]) && (category == "" || strings.Contains(strings.ToLower(r[1]), category)) {
			out = append(out, editor.Candidate{Text: r[0] + "(", Kind: r[1], Open: true})
		}
	}
	if category == "table" {
		for _, f := range []string{"read_csv(", "read_json(", "read_parquet(", "range(", "generate_series(", "unnest("} {
			if !slices.ContainsFunc(out, func(x editor.Candidate) bool { return x.Text == f }) {
				out = append(out, editor.Candidate{Text: f, Kind: "table function", Open: true})
			}
		}
	}
	return out
}

// dotted gives what may stand after "name.".
func (c *completer) dotted(stmt, name string) []editor.Candidate {
	for _, r := range refs(stmt) {
		if strings.EqualFold(r.alias, name) {
			return c.columns(r.source)
		}
	}
	for _, r := range c.rows("SHOW DATABASES") {
		if strings.EqualFold(r[0], name) {
			out := c.tablesIn(quoted(r[0]))
			for _, s := range c.rows("SHOW SCHEMAS IN " + quoted(r[0])) { // of an attached database
				out = append(out, editor.Candidate{Text: quoted(s[0]) + ".", Kind: "schema", Open: true})
			}
			return out
		}
	}
	return c.columns(quoted(name))
}

func (c *completer) tablesIn(database string) []editor.Candidate {
	var out []editor.Candidate
	for _, t := range c.rows("SHOW TABLES IN " + database) {
		kind := "table"
		if strings.Contains(t[1], "view") {
			kind = "view"
		}
		out = append(out, editor.Candidate{Text: quoted(t[0]), Kind: kind})
	}
	return out
}

func (c *completer) columns(source string) []editor.Candidate {
	var out []editor.Candidate
	for _, r := range c.rows("DESCRIBE " + source) {
		out = append(out, editor.Candidate{Text: quoted(r[0]), Kind: strings.ToLower(r[1])})
	}
	return out
}

// scope gives the columns of all tables of a statement, and the names of the tables.
func (c *completer) scope(stmt string) []editor.Candidate {
	var out, aliases []editor.Candidate
	seen := map[string]bool{}
	for _, r := range refs(stmt) {
		for _, x := range c.columns(r.source) {
			if !seen[strings.ToLower(x.Text)] {
				seen[strings.ToLower(x.Text)] = true
				out = append(out, x)
			}
		}
		if isName(r.alias) {
			aliases = append(aliases, editor.Candidate{Text: r.alias + ".", Kind: "table", Open: true})
		}
	}
	if len(aliases) > 1 {
		out = append(out, aliases...)
	}
	return out
}

// file completes a path in quotes that begins at from.
func (c *completer) file(text string, from, pos int) (int, []editor.Candidate) {
	closing := "'"
	if pos < len(text) && text[pos] == '\'' {
		closing = ""
	}
	return from, files(text[from:pos], closing)
}

// files gives the paths that begin as typed; closing is put behind those of files.
func files(typed, closing string) []editor.Candidate {
	dir, base := filepath.Split(typed)
	read := dir
	if read == "" {
		read = "."
	}
	if strings.HasPrefix(read, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			read = filepath.Join(home, read[2:])
		}
	}
	entries, err := os.ReadDir(read)
	if err != nil {
		return nil
	}
	var out []editor.Candidate
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".") || strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		info, err := os.Stat(filepath.Join(read, name))
		if err == nil && info.IsDir() {
			out = append(out, editor.Candidate{Text: dir + name + "/", Open: true})
			continue
		}
		out = append(out, editor.Candidate{Text: dir + name + closing, Open: closing == ""})
		if len(out) >= maxCandidates {
			break
		}
	}
	return out
}

// match keeps the candidates that begin as typed, each once; without any, those that hold it.
func match(list []editor.Candidate, prefix string) []editor.Candidate {
	low := strings.ToLower(prefix)
	var out []editor.Candidate
	seen := map[string]bool{}
	keep := func(fits func(s string) bool) {
		for _, c := range list {
			if t := strings.ToLower(c.Text); fits(strings.Trim(t, `"`)) && !seen[t] && len(out) < maxCandidates {
				seen[t] = true
				out = append(out, c)
			}
		}
	}
	keep(func(s string) bool { return strings.HasPrefix(s, low) })
	if len(out) == 0 && len(low) > 2 {
		keep(func(s string) bool { return strings.Contains(s, low) })
	}
	return out
}

// command completes a command of the shell: its name, then what it takes.
func (c *completer) command(text string) (int, []editor.Candidate) {
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		var list []editor.Candidate
		for _, x := range commands {
			for _, n := range x.names {
				if n[0] == text[0] {
					list = append(list, editor.Candidate{Text: n, Kind: x.short()})
				}
			}
		}
		sort.Slice(list, func(a, b int) bool { return list[a].Text < list[b].Text })
		out := list[:0]
		for _, x := range list {
			if strings.HasPrefix(x.Text, text) {
				out = append(out, x)
			}
		}
		return 0, out
	}
	cmd := find(text[:i])
	if cmd == nil {
		return len(text), nil
	}
	from := strings.LastIndexFunc(text, unicode.IsSpace) + 1
	typed := text[from:]
	var list []editor.Candidate
	switch cmd.takes {
	case takesFile:
		open := strings.TrimLeft(typed, "'")
		return len(text) - len(open), files(open, "")
	case takesTable:
		list = c.tables()
	case takesDatabase:
		list = c.names("SHOW DATABASES", "database")
	case takesFunction:
		list = c.functions("")
		for i := range list {
			list[i].Text, list[i].Open = strings.TrimSuffix(list[i].Text, "("), false
		}
	case takesSetting:
		list = settings()
	case takesCopy:
		if q := strings.LastIndexByte(text, '\''); strings.Count(text, "'")%2 == 1 {
			return q + 1, files(text[q+1:], "'")
		}
		list = append(c.tables(), words([]string{"FROM", "TO"}, typed)...)
	default:
		for _, w := range cmd.words {
			list = append(list, editor.Candidate{Text: w})
		}
	}
	return from, match(list, typed)
}

// isName tells names that need no quotes.
func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// quoted puts quotes around a name that needs them.
func quoted(s string) string {
	if isName(s) && !needsQuotes[strings.ToUpper(s)] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// needsQuotes are the keywords that cannot stand for a column as they are.
var needsQuotes = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`ALL AND ANY AS BETWEEN BY CASE CAST CREATE CROSS DISTINCT ELSE END EXCEPT EXISTS FALSE FROM FULL GROUP HAVING IN
INNER INTERSECT INTO IS JOIN LATERAL LEFT LIKE LIMIT NATURAL NOT NULL ON OR ORDER QUALIFY RIGHT SELECT TABLE THEN TRUE UNION USING VALUES WHEN WHERE WITH`) {
		m[w] = true
	}
	return m
}()
