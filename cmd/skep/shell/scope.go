package shell

import (
	"strings"

	"github.com/skep-sql/skep/cmd/skep/editor"
	"github.com/skep-sql/skep/parser/token"
)

// ref is a table that a statement names.
type ref struct {
	source string // as DESCRIBE takes it: a name, 'a file', a call or a query
	alias  string // what its columns may be named by
}

// refs finds the tables of a statement that need not be complete: what follows FROM, JOIN, INTO and UPDATE, and commas after them.
func refs(stmt string) []ref {
	toks := token.Lex(stmt)
	with := withQueries(stmt, toks)
	var out []ref
	for i := 0; i < len(toks); i++ {
		if toks[i].Kind != token.Word {
			continue
		}
		switch strings.ToUpper(stmt[toks[i].Pos:toks[i].End]) {
		case "FROM", "JOIN", "INTO", "UPDATE", "TABLE":
			for i++; i < len(toks) && len(out) < 50; {
				r, next := source(stmt, toks, i, with)
				if r.source != "" {
					out = append(out, r)
				}
				if next >= len(toks) || toks[next].Kind != token.Comma {
					i = next - 1
					break
				}
				i = next + 1
			}
		}
	}
	return out
}

// source reads one table and its alias at token i, and gives where it ends.
func source(stmt string, toks []token.Token, i int, with map[string]string) (ref, int) {
	if i >= len(toks) {
		return ref{}, i
	}
	start, end := i, i+1
	var r ref
	switch toks[i].Kind {
	case token.LParen: // a query; what is inside is found by itself as well
		end = closing(toks, i)
		if end >= len(toks) {
			return ref{}, i + 1
		}
		r.source = stmt[toks[i].Pos+1 : toks[end].Pos]
		end++
	case token.String:
		r.source = stmt[toks[i].Pos:toks[i].End]
	case token.Word, token.Quoted:
		if w := strings.ToUpper(stmt[toks[i].Pos:toks[i].End]); toks[i].Kind == token.Word && (needsQuotes[w] || w == "SET") {
			return ref{}, i + 1
		}
		for end+1 < len(toks) && toks[end].Kind == token.Dot && (toks[end+1].Kind == token.Word || toks[end+1].Kind == token.Quoted) {
			end += 2
		}
		if end < len(toks) && toks[end].Kind == token.Dot { // its name is still being written
			return ref{}, end
		}
		r.alias = word(stmt, toks[end-1])
		if end < len(toks) && toks[end].Kind == token.LParen {
			end = closing(toks, end)
			if end >= len(toks) {
				return ref{}, end
			}
			end++
			r.source = "SELECT * FROM " + stmt[toks[start].Pos:toks[end-1].End]
		} else {
			r.source = stmt[toks[start].Pos:toks[end-1].End]
			if q, ok := with[strings.ToLower(r.source)]; ok {
				r.source = q
			}
		}
	default:
		return ref{}, i + 1
	}
	if end < len(toks) && toks[end].Kind == token.Word && strings.EqualFold(stmt[toks[end].Pos:toks[end].End], "AS") {
		end++
	}
	if end < len(toks) && (toks[end].Kind == token.Quoted || toks[end].Kind == token.Word && !isKeyword[strings.ToUpper(stmt[toks[end].Pos:toks[end].End])]) {
		r.alias = word(stmt, toks[end])
		end++
	}
	return r, end
}

// closing gives the index of the parenthesis that closes the one at i, or len(toks).
func closing(toks []token.Token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i].Kind {
		case token.LParen:
			depth++
		case token.RParen:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// withQueries gives the queries that WITH names, each behind those before it, which it may use.
func withQueries(stmt string, toks []token.Token) map[string]string {
	out := map[string]string{}
	if len(toks) == 0 || !strings.EqualFold(stmt[toks[0].Pos:toks[0].End], "WITH") {
		return out
	}
	for i := 1; i+2 < len(toks); {
		if strings.EqualFold(stmt[toks[i].Pos:toks[i].End], "RECURSIVE") {
			i++
			continue
		}
		name, open := toks[i], i+1
		if toks[open].Kind == token.LParen { // names of columns
			open = closing(toks, open) + 1
		}
		if open+1 >= len(toks) || !strings.EqualFold(stmt[toks[open].Pos:toks[open].End], "AS") || toks[open+1].Kind != token.LParen {
			break
		}
		end := closing(toks, open+1)
		if end >= len(toks) {
			break
		}
		out[strings.ToLower(word(stmt, name))] = stmt[toks[0].Pos:toks[end].End] + " SELECT * FROM " + stmt[name.Pos:name.End]
		if i = end + 1; i >= len(toks) || toks[i].Kind != token.Comma {
			break
		}
		i++
	}
	return out
}

// ctes gives the names that WITH defines.
func ctes(stmt string) []editor.Candidate {
	var out []editor.Candidate
	for n := range withQueries(stmt, token.Lex(stmt)) {
		out = append(out, editor.Candidate{Text: quoted(n), Kind: "with"})
	}
	return out
}
