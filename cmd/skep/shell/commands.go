package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// isCommand tells whether a text being typed is a command of the shell, and nothing else.
func isCommand(text string) bool {
	return (startsCommand(text) || text == `\` || text == ".") && !strings.Contains(text, "\n")
}

// command runs a command of the shell and tells whether it was the one that leaves.
func (s *Shell) command(text string) (leave bool) {
	text = strings.TrimSpace(text)
	name, arg := text, ""
	if i := strings.IndexFunc(text, unicode.IsSpace); i > 0 {
		name, arg = text[:i], strings.TrimSpace(text[i:])
	}
	if !strings.HasPrefix(name, `\!`) {
		name = strings.TrimSuffix(name, ";")
	} else if len(name) > 2 { // \!ls
		name, arg = `\!`, strings.TrimSpace(text[2:])
	}
	c := find(name)
	if c == nil {
		fmt.Fprintf(s.Screen, "unknown command %s", name)
		if n := sqlerr.Nearest(name, commandNames()); n != "" {
			fmt.Fprintf(s.Screen, "; did you mean %s?", n)
		}
		fmt.Fprintln(s.Screen, ` \? lists them all`)
		return false
	}
	switch c.group0() {
	case "The catalog":
		s.catalog(c.names[0], strings.TrimSuffix(arg, ";"))
	case "Statements":
		s.statements(c.names[0], arg)
	case "Results":
		if err := s.results(c.names[0], name, strings.TrimSuffix(arg, ";")); err != nil {
			fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
		}
	default:
		return s.own(c.names[0], arg)
	}
	return false
}

// group0 gives the group that a command stands in.
func (c *command) group0() string {
	group := ""
	for i := range commands {
		if commands[i].group != "" {
			group = commands[i].group
		}
		if &commands[i] == c {
			break
		}
	}
	return group
}

// like makes the LIKE of SHOW from a pattern with * or %.
func like(pattern string) string {
	if pattern == "" {
		return ""
	}
	if !strings.ContainsAny(pattern, "*%") {
		pattern += "*"
	}
	return " LIKE '" + strings.ReplaceAll(pattern, "'", "''") + "'"
}

func (s *Shell) catalog(id, arg string) {
	switch id {
	case `\d`:
		if arg == "" {
			s.run("SHOW TABLES")
		} else {
			s.run("DESCRIBE " + arg)
		}
	case `\d+`:
		if arg == "" {
			s.run("SHOW TABLES")
		} else if s.run("DESCRIBE "+arg) == nil && !strings.HasPrefix(arg, "'") {
			for _, r := range s.Ask("SHOW CREATE TABLE " + arg) {
				fmt.Fprintln(s.Screen, r[0])
			}
		}
	case `\dt`:
		s.run("SHOW TABLES" + like(arg))
	case `\dv`:
		s.run("SHOW VIEWS" + like(arg))
	case `\l`:
		s.run("SHOW DATABASES" + like(arg))
	case `\df`:
		s.run("SHOW FUNCTIONS" + like(arg))
	case ".schema":
		names := []string{arg}
		if arg == "" {
			names = nil
			for _, r := range s.Ask("SHOW TABLES") {
				names = append(names, quoted(r[0]))
			}
		}
		for _, n := range names {
			rows := s.Ask("SHOW CREATE TABLE " + n)
			if len(rows) == 0 {
				s.run("SHOW CREATE TABLE " + n) // which says what is wrong
			}
			for _, r := range rows {
				fmt.Fprintln(s.Screen, r[0]+";")
			}
		}
	case `\c`:
		if arg == "" {
			s.conninfo()
		} else {
			s.run("USE " + arg)
		}
	case `\conninfo`:
		s.conninfo()
	}
}

func (s *Shell) conninfo() {
	where := "tables live in memory until you leave"
	if s.Warehouse != "" {
		where = "warehouse " + s.Warehouse
	}
	fmt.Fprintf(s.Screen, "database %s, %s; skep %s\n", s.Database(), where, s.Version)
}

func (s *Shell) statements(id, arg string) {
	switch id {
	case `\g`, `\gx`, `\watch`:
		if s.last == "" {
			fmt.Fprintln(s.Screen, "there is no statement yet")
			return
		}
		s.meta(s.last, id, arg)
	case `\e`:
		text := s.last
		if arg != "" {
			b, err := os.ReadFile(unquote(arg))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
				return
			}
			text = string(b)
		}
		text, err := external(text, unquote(arg))
		if err != nil {
			fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
			return
		}
		s.initial = strings.TrimRight(text, "\n")
	case `\p`:
		fmt.Fprintln(s.Screen, s.last)
	case `\s`:
		for _, e := range s.history.Entries() {
			if arg == "" || strings.Contains(strings.ToLower(e), strings.ToLower(arg)) {
				fmt.Fprintln(s.Screen, e)
			}
		}
	case `\i`:
		s.read(unquote(strings.TrimSuffix(arg, ";")))
	case `\copy`:
		s.run("COPY " + strings.TrimSuffix(arg, ";"))
	case ".import":
		s.importFile(arg)
	}
}

// importFile is .import FILE TABLE.
func (s *Shell) importFile(arg string) {
	i := strings.LastIndexAny(arg, " \t")
	if i < 0 {
		fmt.Fprintln(s.Screen, ".import FILE TABLE")
		return
	}
	file, table := strings.ReplaceAll(unquote(arg[:i]), "'", "''"), arg[i+1:]
	if len(s.Ask("DESCRIBE "+table)) > 0 {
		s.run("INSERT INTO " + table + " SELECT * FROM '" + file + "'")
		return
	}
	s.run("CREATE TABLE " + table + " AS SELECT * FROM '" + file + "'")
}

// meta runs a statement as \g, \gx or \watch say.
func (s *Shell) meta(sql, id, arg string) {
	switch id {
	case `\gx`:
		old := s.State.Expanded
		s.State.Expanded = "on"
		s.run(sql)
		s.State.Expanded = old
	case `\watch`:
		s.watch(sql, arg)
	default:
		if arg != "" {
			if err := s.State.Redirect(arg); err != nil {
				fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
				return
			}
			defer s.closeOut()
		}
		s.run(sql)
	}
}

func (s *Shell) closeOut() {
	if err := s.State.CloseOut(); err != nil {
		fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
	}
}

// watch runs a statement every few seconds until Ctrl-C or an error.
func (s *Shell) watch(sql, arg string) {
	arg = strings.TrimPrefix(arg, "i=")
	seconds := 2.0
	if arg != "" {
		var err error
		if seconds, err = strconv.ParseFloat(strings.TrimSuffix(arg, ";"), 64); err != nil || seconds < 0.1 || seconds > 1e6 {
			fmt.Fprintf(s.Screen, "'%s' is no number of seconds\n", arg)
			return
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	pager := s.State.Pager
	s.State.Pager = "off"
	defer func() { s.State.Pager = pager }()
	for ctx.Err() == nil {
		fmt.Fprintf(s.Screen, "%s (every %gs)\n", time.Now().Format("2006-01-02 15:04:05"), seconds)
		if s.run(sql) != nil {
			return
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(s.Screen)
		case <-time.After(time.Duration(seconds * float64(time.Second))):
		}
	}
}

// external edits a text in the user's editor: a file of its own, or the one named.
func external(text, path string) (string, error) {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		for _, e := range []string{"sensible-editor", "vim", "vi", "nano", "notepad"} {
			if _, err := exec.LookPath(e); err == nil {
				editor = e
				break
			}
		}
	}
	if editor == "" {
		return "", errors.New("there is no editor: set EDITOR")
	}
	if path == "" {
		f, err := os.CreateTemp("", "skep-*.sql")
		if err != nil {
			return "", err
		}
		defer os.Remove(f.Name())
		_, err = f.WriteString(text + "\n")
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return "", err
		}
		path = f.Name()
	}
	c := shellCommand(editor + " '" + strings.ReplaceAll(path, "'", `'\''`) + "'")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", editor, err)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}
