package shell

import (
	"strings"

	"github.com/skep-sql/skep/cmd/skep/render"
)

// takes says what a command takes, for completion.
type takes uint8

const (
	takesNothing takes = iota
	takesFile
	takesTable
	takesDatabase
	takesFunction
	takesSetting
	takesCopy
	takesWord
)

// command is a command of the shell. Its first name says in do what it does; the others are the same under another tongue.
type command struct {
	group string
	names []string
	args  string
	doc   string
	takes takes
	words []string
}

func (c *command) short() string {
	if len(c.doc) > 36 {
		return strings.TrimSpace(c.doc[:strings.LastIndexByte(c.doc[:36], ' ')]) + "…"
	}
	return c.doc
}

var onOff = []string{"on", "off"}

// commands are all of them, as \? shows them.
var commands = []command{
	{"The catalog", strings.Fields(`\d`), "[TABLE]", "tables and views, or the columns of one", takesTable, nil},
	{"", strings.Fields(`\d+`), "TABLE", "columns, and the statement that makes the table", takesTable, nil},
	{"", strings.Fields(`\dt .tables`), "[PATTERN]", "tables", takesTable, nil},
	{"", strings.Fields(`\dv .views`), "[PATTERN]", "views", takesTable, nil},
	{"", strings.Fields(`\l \dn .databases .schemas`), "[PATTERN]", "databases", takesDatabase, nil},
	{"", strings.Fields(`\df .functions`), "[PATTERN]", "functions, with what they take and do", takesFunction, nil},
	{"", strings.Fields(`.schema \sv`), "[TABLE]", "the statements that make the tables", takesTable, nil},
	{"", strings.Fields(`\c \connect .use`), "DATABASE", "change the current database", takesDatabase, nil},
	{"", strings.Fields(`\conninfo`), "", "where you are", takesNothing, nil},
	{"Statements", strings.Fields(`\g .go`), "[FILE | '|' COMMAND]", "run the statement, or the last again; its rows to a file or command", takesFile, nil},
	{"", strings.Fields(`\gx \G`), "", "the same, one value a line", takesNothing, nil},
	{"", strings.Fields(`\watch .watch`), "[SECONDS]", "run it again and again, until Ctrl-C", takesWord, nil},
	{"", strings.Fields(`\e \edit .edit`), "[FILE]", "edit the last statement, or a file, in $EDITOR", takesFile, nil},
	{"", strings.Fields(`\p \print`), "", "show the last statement", takesNothing, nil},
	{"", strings.Fields(`\s .history`), "[TEXT]", "the history, or what of it holds a text", takesNothing, nil},
	{"", strings.Fields(`\i \include .read`), "FILE", "run a script", takesFile, nil},
	{"", strings.Fields(`\copy`), "TABLE|(QUERY) FROM|TO 'FILE' …", "COPY, in psql's words or ours", takesCopy, nil},
	{"", strings.Fields(`.import`), "FILE TABLE", "rows of a file into a table, which is made if need be", takesFile, nil},
	{"Results", strings.Fields(`.mode \format`), "FORMAT", strings.Join(render.Formats[:7], ", "), takesWord, render.Formats[:7]},
	{"", strings.Fields(`\x .expanded`), "[on|off|auto]", "one value a line; auto: where a row is too wide", takesWord, []string{"on", "off", "auto"}},
	{"", strings.Fields(`\o \out .output`), "[FILE | '|' COMMAND]", "results to a file or command; without, to the screen", takesFile, nil},
	{"", strings.Fields(`.once`), "FILE", "the next result to a file", takesFile, nil},
	{"", strings.Fields(`\pager .pager`), "[on|off]", "results taller than the screen in $PAGER; off: head and tail", takesWord, onOff},
	{"", strings.Fields(`.maxrows`), "N", "rows of a result that is cut to head and tail", takesWord, nil},
	{"", strings.Fields(`.width`), "N", "columns of the screen to use; 0: all", takesWord, nil},
	{"", strings.Fields(`.nullvalue`), "TEXT", "how NULL is shown", takesWord, nil},
	{"", strings.Fields(`.headers \t`), "[on|off]", "the names of columns above results", takesWord, onOff},
	{"", strings.Fields(`\timing .timer`), "[on|off]", "each statement's time and memory", takesWord, onOff},
	{"", strings.Fields(`.progress`), "[on|off]", "a bar while long statements run", takesWord, onOff},
	{"", strings.Fields(`\pset`), "[NAME [VALUE]]", "any of these: format, null, expanded, pager, border …", takesWord, strings.Fields("format null expanded pager tuples_only columns")},
	{"The shell", strings.Fields(`\set .parameter`), "[NAME [VALUE]]", "a variable: ${NAME} is its text, :NAME its value", takesWord, nil},
	{"", strings.Fields(`\unset`), "NAME", "forget a variable", takesWord, nil},
	{"", strings.Fields(`.set`), "[NAME VALUE]", "a setting of the engine", takesSetting, nil},
	{"", strings.Fields(`.show`), "", "how everything is set", takesNothing, nil},
	{"", strings.Fields(`\echo \qecho .print`), "TEXT", "write a text", takesWord, nil},
	{"", strings.Fields(`.echo`), "[on|off]", "show statements of scripts before they run", takesWord, onOff},
	{"", strings.Fields(`\! .shell .system`), "[COMMAND]", "a command of the system", takesFile, nil},
	{"", strings.Fields(`\cd .cd`), "[FOLDER]", "the folder that names of files in these commands start from", takesFile, nil},
	{"", strings.Fields(`\h \help`), "[STATEMENT]", "the shape of SQL statements", takesWord, starters},
	{"", strings.Fields(`\? .help`), "", "this page", takesNothing, nil},
	{"", strings.Fields(`\q \quit .quit .exit`), "", "leave (also Ctrl-D)", takesNothing, nil},
}

// find gives the command of a name. Dot commands may be cut short as long as they stay one.
func find(name string) *command {
	var found *command
	for i := range commands {
		for _, n := range commands[i].names {
			if n == name {
				return &commands[i]
			}
			if name[0] == '.' && len(name) > 1 && strings.HasPrefix(n, strings.ToLower(name)) {
				if found != nil && found != &commands[i] {
					found = &command{}
				} else {
					found = &commands[i]
				}
			}
		}
	}
	if found == nil || len(found.names) == 0 {
		return nil
	}
	return found
}

// commandNames are all names, for hints.
func commandNames() []string {
	var out []string
	for _, c := range commands {
		out = append(out, c.names...)
	}
	return out
}

// help is the page of \?.
func help() string {
	var b strings.Builder
	b.WriteString(`A statement ends with a semicolon and Enter, and may take many lines. Alt-Enter makes a new line anywhere.
Up, Down: history, whole statements   Ctrl-R: search it      Tab: complete          Ctrl-_: undo
Ctrl-C: drop the text, stop a query   Ctrl-X Ctrl-E: $EDITOR   Ctrl-W/U/K: kill, Ctrl-Y: yank back
`)
	for _, c := range commands {
		if c.group != "" {
			b.WriteString("\n" + c.group + "\n")
		}
		left := strings.Join(c.names, " ") + " " + c.args
		b.WriteString("  " + left + strings.Repeat(" ", max(38-len([]rune(left)), 1)) + " " + c.doc + "\n")
	}
	return b.String()
}
