// Package shell is the interactive prompt: it reads statements over several lines up to a semicolon, keeps a history, and knows a few
// commands that begin with \ or a dot.
package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/chzyer/readline"

	"github.com/skep-sql/skep/parser"
)

// Shell is the prompt. Run runs a script and prints its errors itself.
type Shell struct {
	Out       io.Writer
	Version   string
	Database  func() string
	Run       func(file, text string) error
	Format    *string
	Timer     *bool
	KnownForm func(format string) error
	// Input and Screen are the terminal; nil = the process's own.
	Input  io.ReadCloser
	Screen io.Writer
}

// help is one screen.
const help = `Statements end with a semicolon and may take several lines. Ctrl-C stops a query or drops the input, Ctrl-D leaves.

  \q  .quit            leave
  \d [TABLE]           tables, or the columns of one      .schema [TABLE]
  \dt  .tables         tables
  \c DATABASE          change the current database
  \i FILE  .read FILE  run a script
  \timing  .timer [on|off]   tell each statement's time
  .mode FORMAT         box, csv, tsv, json, ndjson, markdown, line
  \?  .help            this page
`

// Loop reads and runs until the end of the input.
func (s *Shell) Loop() error {
	if s.Screen == nil {
		s.Screen = os.Stderr
	}
	rl, err := readline.NewEx(&readline.Config{
		Prompt: s.prompt(false), HistoryFile: historyFile(), HistoryLimit: 10000, DisableAutoSaveHistory: true,
		Stdin: s.Input, Stdout: s.Screen, Stderr: s.Screen, InterruptPrompt: "^C",
	})
	if err != nil {
		return err
	}
	defer rl.Close()
	fmt.Fprintf(s.Screen, "skep %s. \\? helps, \\q leaves.\n", s.Version)
	text := ""
	var typed []string // the lines since the last prompt for a new statement
	for {
		rl.SetPrompt(s.prompt(text != ""))
		line, err := rl.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			text, typed = "", nil
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if t := strings.TrimSpace(line); text == "" && (strings.HasPrefix(t, `\`) || strings.HasPrefix(t, ".")) {
			_ = rl.SaveHistory(t) // a history that cannot be written is no reason to stop
			if s.command(t) {
				return nil
			}
			continue
		}
		typed = append(typed, line)
		if text = s.take(text + line + "\n"); text == "" {
			_ = rl.SaveHistory(oneLine(typed))
			typed = nil
		}
	}
}

// oneLine joins lines for the history, which keeps one line an entry. Lines with a comment, which would hide what follows, are kept apart.
func oneLine(lines []string) string {
	text := strings.TrimSpace(strings.Join(lines, " "))
	if strings.Contains(text, "--") {
		return strings.TrimSpace(lines[len(lines)-1])
	}
	return text
}

// take runs the statements of text that are complete and gives the rest.
func (s *Shell) take(text string) string {
	stmts, rest, _ := parser.Split(text)
	if len(stmts) == 0 {
		if rest.Text == "" {
			return ""
		}
		return text
	}
	end := len(text)
	if rest.Text != "" {
		end = rest.Offset
	}
	_ = s.Run("", text[:end]) // it has printed its error
	if rest.Text == "" {
		return ""
	}
	return text[end:]
}

func (s *Shell) prompt(more bool) string {
	db := s.Database()
	if more {
		return strings.Repeat(" ", len(db)) + "-> "
	}
	return db + "=> "
}

// command runs a command of the shell and tells whether it was the one that leaves.
func (s *Shell) command(text string) bool {
	text = strings.TrimSuffix(text, ";")
	word, arg, _ := strings.Cut(text, " ")
	arg = strings.TrimSpace(arg)
	switch word {
	case `\q`, ".quit", ".exit", ".q":
		return true
	case `\?`, `\h`, ".help":
		fmt.Fprint(s.Screen, help)
	case `\d`, `\d+`, ".schema":
		switch {
		case arg == "":
			_ = s.Run("", "SHOW TABLES")
		case word == ".schema":
			_ = s.Run("", "SHOW CREATE TABLE "+arg)
		default:
			_ = s.Run("", "DESCRIBE "+arg)
		}
	case `\dt`, ".tables":
		_ = s.Run("", "SHOW TABLES")
	case `\l`, ".databases":
		_ = s.Run("", "SHOW DATABASES")
	case `\c`, ".use":
		if arg != "" {
			_ = s.Run("", "USE "+arg)
		}
	case `\i`, ".read":
		s.read(arg)
	case `\timing`, ".timer":
		s.timing(arg)
	case ".mode", `\format`:
		if err := s.KnownForm(arg); err != nil || arg == "arrow" || arg == "parquet" {
			fmt.Fprintln(s.Screen, "formats are box, csv, tsv, json, ndjson, markdown, line")
			break
		}
		*s.Format = arg
	default:
		fmt.Fprintf(s.Screen, "unknown command %s; \\? helps\n", word)
	}
	return false
}

func (s *Shell) timing(arg string) {
	switch strings.ToLower(arg) {
	case "on":
		*s.Timer = true
	case "off":
		*s.Timer = false
	case "":
		*s.Timer = !*s.Timer
	}
	state := "off"
	if *s.Timer {
		state = "on"
	}
	fmt.Fprintln(s.Screen, "timer "+state)
}

func (s *Shell) read(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(s.Screen, err)
		return
	}
	_ = s.Run(path, strings.TrimPrefix(string(text), "\ufeff"))
}

// historyFile gives the place of the history, or "" where there is none.
func historyFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	dir = filepath.Join(dir, "skep")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return filepath.Join(dir, "history")
}
