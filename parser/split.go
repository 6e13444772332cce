package parser

import (
	"strings"

	"github.com/skep-sql/skep/parser/token"
)

// Piece is the text of one statement and where it begins in the text it was cut from. Text begins at the first
// token: blanks and comments before it are left out.
type Piece struct {
	Text   string
	Offset int
}

// Split cuts a script at its semicolons, minding quotes and comments. stmts are the statements that a semicolon
// ends, without it, and without empty ones. rest is what follows the last semicolon; its Text is empty when
// nothing but blanks and comments is left. open tells that rest ends within a quote or comment.
func Split(sql string) (stmts []Piece, rest Piece, open bool) {
	lex := token.NewLexer(sql)
	start := -1
	for {
		t := lex.Next()
		switch {
		case t.Kind == token.EOF:
			if start < 0 {
				return stmts, Piece{Offset: len(sql)}, false
			}
			return stmts, Piece{strings.TrimRight(sql[start:], " \t\r\n"), start}, false
		case t.Open():
			if start < 0 {
				start = int(t.Pos)
			}
			return stmts, Piece{sql[start:], start}, true
		case t.Kind == token.Semicolon:
			if start >= 0 {
				stmts = append(stmts, Piece{strings.TrimRight(sql[start:t.Pos], " \t\r\n"), start})
			}
			start = -1
		case start < 0:
			start = int(t.Pos)
		}
	}
}
