// Package shell is the interactive prompt: it reads statements with an editor, or line by line where there is no terminal to edit on,
// keeps a history, and knows the commands of psql, which begin with a backslash, and those of SQLite and DuckDB, which begin with a dot.
package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/skep-sql/skep/cmd/skep/editor"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/token"
	"github.com/skep-sql/skep/storage/db"
)

// Shell is the prompt. Run runs a script and prints its errors itself; Ask gives the rows of a statement that only looks, silently.
type Shell struct {
	In      *os.File
	Out     *os.File  // the terminal to edit on
	Screen  io.Writer // takes what the shell itself says
	Version string
	// Warehouse is its folder; "" = in memory.
	Warehouse   string
	HistoryPath string
	Config      string // a file of commands to begin with; "" = none
	Color       bool
	State       *State
	Database    func() string
	Run         func(file, text string) error
	Ask         func(sql string) [][]string
	Rebase      func(dir string) // says that relative paths start from dir now; may be nil

	history *editor.History
	names   completer
	marks   highlighter
	last    string // the statements run last
	initial string // what the next text begins as
	reading int    // how deep scripts read scripts
}

// Loop reads and runs until the end of the input, and gives the exit code.
func (s *Shell) Loop() (code int, err error) {
	s.history = editor.OpenHistory(s.HistoryPath)
	s.names.ask = s.Ask
	defer s.closeOut()
	if s.Config != "" {
		if text, err := os.ReadFile(s.Config); err == nil && s.enter(string(text)) {
			return 0, nil
		}
		s.last = ""
	}
	read := s.plain()
	if editor.Supported(s.In, s.Out) {
		e := &editor.Editor{
			In: s.In, Out: s.Out, Color: s.Color, History: s.history, Done: finished, Highlight: s.marks.spansOf, Complete: s.names.complete,
			External: func(text string) (string, error) { return external(text, "") },
		}
		read = e.Read
	}
	fmt.Fprintf(s.Screen, "skep %s. \\? helps, \\q leaves.\n", s.Version)
	for interrupts := 0; ; {
		initial := s.initial
		s.initial = ""
		text, err := read(s.prompt(false), s.prompt(true), initial)
		switch {
		case errors.Is(err, editor.ErrCleared):
			interrupts = 0
			continue
		case errors.Is(err, editor.ErrInterrupted):
			if interrupts++; interrupts > 1 {
				return 130, nil
			}
			fmt.Fprintln(s.Screen, "Ctrl-C again leaves")
			continue
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 1, err
		}
		interrupts = 0
		s.history.Add(db.Redact(text))
		if s.enter(text) {
			return 0, nil
		}
	}
}

func (s *Shell) prompt(more bool) string {
	db := s.Database()
	if more {
		return strings.Repeat(" ", len([]rune(db))) + "-> "
	}
	return db + "=> "
}

// startsCommand tells whether a text begins with a command of the shell.
func startsCommand(t string) bool {
	return len(t) > 1 && (t[0] == '\\' || t[0] == '.' && unicode.IsLetter(rune(t[1])))
}

// commandAt gives the place of the first command within a text: a backslash outside of quotes and comments, or a dot where a
// statement would begin; or -1.
func commandAt(text string) int {
	at := -1
	first := true // of a statement
	for lex := token.NewLexer(text); ; {
		t := lex.Next()
		switch {
		case t.Kind == token.EOF || t.Open():
			return at
		case t.Kind == token.Illegal && text[t.Pos] == '\\':
			return int(t.Pos)
		case t.Kind == token.Dot && first && startsCommand(text[t.Pos:]):
			return int(t.Pos)
		}
		first = t.Kind == token.Semicolon
	}
}

// finished tells whether Enter ends a text: every statement has its semicolon, or a command comes last.
func finished(text string) bool {
	for {
		text = strings.TrimSpace(text)
		if text == "" {
			return true
		}
		at := 0
		if !startsCommand(text) {
			if at = commandAt(text); at < 0 {
				_, rest, open := parser.Split(text)
				return rest.Text == "" && !open
			}
		}
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return true
		}
		text = text[at+i:]
	}
}

// enter runs a text of statements and commands, up to the first error, and tells whether a command was to leave.
func (s *Shell) enter(text string) (leave bool) {
	defer s.names.forget()
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return false
		}
		if startsCommand(text) {
			line, rest, _ := strings.Cut(text, "\n")
			if s.command(line) {
				return true
			}
			text = rest
			continue
		}
		at := commandAt(text)
		if at < 0 {
			s.last = strings.TrimSpace(text)
			s.run(text)
			return false
		}
		sql := strings.TrimSpace(text[:at])
		line, rest, _ := strings.Cut(text[at:], "\n")
		name, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		c := find(strings.TrimSuffix(name, ";"))
		switch _, open, _ := parser.Split(sql); {
		case c != nil && (c.names[0] == `\g` || c.names[0] == `\gx` || c.names[0] == `\watch`):
			s.last = sql
			s.meta(sql, c.names[0], strings.TrimSpace(arg))
			text = rest
		case c != nil && c.names[0] == `\e`:
			s.last = sql
			text = text[at:]
		case open.Text != "":
			s.command(line)
			s.initial = sql + "\n" + rest // it goes on after the command
			return false
		default:
			s.last = sql
			if s.run(sql) != nil {
				return false
			}
			text = text[at:]
		}
	}
}

// run runs SQL.
func (s *Shell) run(sql string) error {
	s.names.forget()
	err := s.Run("", sql)
	if s.State.Once {
		s.closeOut()
	}
	return err
}

// maxScripts bounds how deep scripts read scripts.
const maxScripts = 20

// read runs a script: SQL with its file's name in errors, and commands.
func (s *Shell) read(path string) {
	b, err := os.ReadFile(path)
	if err == nil && s.reading >= maxScripts {
		err = errors.New("scripts read scripts too deep")
	}
	if err != nil {
		fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
		return
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	s.reading++
	defer func() { s.reading-- }()
	if !startsCommand(strings.TrimSpace(text)) && commandAt(text) < 0 {
		_ = s.Run(path, text) // it has printed its error
		return
	}
	s.enter(text)
}

// page shows a text, in the pager if it is taller than the screen.
func (s *Shell) page(text string) {
	out, ok := s.Screen.(*os.File)
	if !ok || s.State.Pager == "off" || !term.IsTerminal(int(out.Fd())) {
		fmt.Fprint(s.Screen, text)
		return
	}
	_, height, err := term.GetSize(int(out.Fd()))
	if err != nil {
		height = 24
	}
	p := &Paged{Screen: s.Screen, Height: height}
	_, _ = p.Write([]byte(text))
	_ = p.Close()
}
