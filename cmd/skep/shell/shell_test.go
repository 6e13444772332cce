package shell

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorder is a Shell that writes down what it would run.
func recorder() (*Shell, *[]string, *bytes.Buffer) {
	var ran []string
	var screen bytes.Buffer
	format, timer := "box", false
	return &Shell{
		Screen: &screen, Database: func() string { return "default" }, Format: &format, Timer: &timer,
		Run: func(file, text string) error { ran = append(ran, file+"<"+strings.TrimSpace(text)+">"); return nil },
		KnownForm: func(f string) error {
			if !slices.Contains([]string{"box", "csv", "arrow"}, f) {
				return fmt.Errorf("unknown")
			}
			return nil
		},
	}, &ran, &screen
}

func TestTake(t *testing.T) {
	for _, c := range []struct{ text, ran, rest string }{
		{"select 1\n", "", "select 1\n"},
		{"select 1;\n", "<select 1;>", ""},
		{"select 1; select\n", "<select 1;>", "select\n"},
		{"select ';\n", "", "select ';\n"},
		{"select 1; -- the end\n", "<select 1; -- the end>", ""},
		{"-- nothing\n", "", ""},
		{"\n", "", ""},
		{"a; b; c;\n", "<a; b; c;>", ""},
		{"select 'a\n;b';\n", "<select 'a\n;b';>", ""},
	} {
		s, ran, _ := recorder()
		if rest := s.take(c.text); rest != c.rest || strings.Join(*ran, "") != c.ran {
			t.Errorf("%q: ran %q, rest %q", c.text, *ran, rest)
		}
	}
}

func TestCommands(t *testing.T) {
	script := filepath.Join(t.TempDir(), "a.sql")
	if err := os.WriteFile(script, []byte("\ufeffselect 1"), 0o644); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`\d`: "<SHOW TABLES>", `\d t`: "<DESCRIBE t>", `\dt`: "<SHOW TABLES>", ".tables": "<SHOW TABLES>", ".schema t": "<SHOW CREATE TABLE t>",
		`\c x`: "<USE x>", `\c x;`: "<USE x>", `\l`: "<SHOW DATABASES>", `\i ` + script: script + "<select 1>", ".read " + script: script + "<select 1>",
		".read nope": "", ".help": "", `\nope`: "",
	} {
		s, ran, screen := recorder()
		if s.command(text) {
			t.Errorf("%s leaves", text)
		}
		if got := strings.Join(*ran, ""); got != want || got == "" && screen.Len() == 0 {
			t.Errorf("%s: ran %q, said %q", text, got, screen)
		}
	}
	s, _, _ := recorder()
	for _, q := range []string{`\q`, ".quit", ".exit"} {
		if !s.command(q) {
			t.Errorf("%s stays", q)
		}
	}
	s.command(".mode csv")
	s.command(".mode xls")
	s.command(".mode arrow")
	s.command(`\timing`)
	if *s.Format != "csv" || !*s.Timer {
		t.Error(*s.Format, *s.Timer)
	}
	s.command(".timer off")
	if *s.Timer {
		t.Error("timer is on")
	}
}

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	if got := historyFile(); got != filepath.Join(dir, "skep", "history") {
		t.Error(got)
	}
	if got := oneLine([]string{"select 1,", "  2;"}); got != "select 1,   2;" {
		t.Error(got)
	}
	if got := oneLine([]string{"select 1 -- one", "+ 2;"}); got != "+ 2;" {
		t.Error(got)
	}
}
