package shell

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skep-sql/skep/cmd/skep/editor"
)

// recorder is a Shell that writes down what it would run.
func recorder() (*Shell, *[]string, *bytes.Buffer) {
	var ran []string
	var screen bytes.Buffer
	state := NewState()
	state.Format = "box"
	s := &Shell{
		Screen: &screen, State: state, Database: func() string { return "default" }, history: editor.OpenHistory(""),
		Run: func(file, text string) error {
			ran = append(ran, file+"<"+strings.TrimSpace(text)+">")
			if strings.Contains(text, "fail") {
				return os.ErrInvalid
			}
			return nil
		},
		Ask: func(sql string) [][]string {
			return map[string][][]string{
				"SHOW TABLES": {{"orders", "base table"}, {"old view", "view"}}, "SHOW DATABASES": {{"default"}, {"shop"}},
				"SHOW TABLES IN shop": {{"items", "base table"}}, "DESCRIBE orders": {{"id", "INTEGER"}, {"name", "VARCHAR"}, {"total sum", "DOUBLE"}},
				"DESCRIBE 'm.csv'": {{"year", "BIGINT"}}, "DESCRIBE SELECT * FROM range(3)": {{"range", "BIGINT"}},
				"DESCRIBE WITH c AS (SELECT 1 AS one) SELECT * FROM c": {{"one", "INTEGER"}},
				"SHOW FUNCTIONS": {{"now", "time"}, {"nullif", "other"}, {"read_csv", "table"}, {"||", "text"}}, "SHOW CREATE TABLE orders": {{"CREATE TABLE orders (id INTEGER)"}},
			}[sql]
		},
	}
	s.names.ask = s.Ask
	return s, &ran, &screen
}

func TestFinished(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "select 1": false, "select 1;": true, "select 1; select": false, "select ';": false, "select 1; -- the end": true, "-- nothing": true,
		"select 'a\n;b';": true, "select 1 /* ;": false, `\d`: true, ".mode csv": true, "select 1 \\g": true, "select '\\g'": false, "select 1\n\\gx": true,
		".5": false, "select 1;\n.mode csv": true, ".mode csv\nselect 1": false, ".mode csv\nselect 1;": true, "select a\n.b": false,
	} {
		if got := finished(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestEnter(t *testing.T) {
	for _, c := range []struct{ text, ran, rest string }{
		{"select 1;", "<select 1;>", ""},
		{"a; b;\n", "<a; b;>", ""},
		{"select 1\\g", "<select 1>", ""},
		{"a; b \\g\nc;", "<a; b><c;>", ""},
		{"a;\n\\dt\nb;\n.tables", "<a;><SHOW TABLES><b;><SHOW TABLES>", ""},
		{".mode csv\nselect 1;", "<select 1;>", ""},
		{"select a,\n\\dt\nb;", "<SHOW TABLES>", "select a,\nb;"},
		{"fail;\n\\dt", "<fail;>", ""},
	} {
		s, ran, _ := recorder()
		s.enter(c.text)
		if got := strings.Join(*ran, ""); got != c.ran || s.initial != c.rest {
			t.Errorf("%q: ran %q, rest %q", c.text, got, s.initial)
		}
	}
}

func TestCommands(t *testing.T) {
	script := filepath.Join(t.TempDir(), "a.sql")
	if err := os.WriteFile(script, []byte("\ufeffselect 1"), 0o644); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`\d`: "<SHOW TABLES>", `\d t`: "<DESCRIBE t>", `\dt`: "<SHOW TABLES>", ".tables": "<SHOW TABLES>", ".tab": "<SHOW TABLES>", `\dt o*`: "<SHOW TABLES LIKE 'o*'>",
		`\dv`: "<SHOW VIEWS>", `\dn`: "<SHOW DATABASES>", `\df lower`: "<SHOW FUNCTIONS LIKE 'lower*'>", `\d+ orders`: "<DESCRIBE orders>", ".schema orders": "",
		`\c x`: "<USE x>", `\c x;`: "<USE x>", `\l`: "<SHOW DATABASES>", `\i ` + script: script + "<select 1>", ".read '" + script + "'": script + "<select 1>",
		`\copy t FROM 'x.csv' DELIMITER ',' CSV HEADER`: "<COPY t FROM 'x.csv' DELIMITER ',' CSV HEADER>", ".import x.csv orders": "<INSERT INTO orders SELECT * FROM 'x.csv'>",
		".import x.csv new": "<CREATE TABLE new AS SELECT * FROM 'x.csv'>", ".set threads 4": "<SET threads = '4'>",
		".read nope": "", ".help": "", `\?`: "", `\nope`: "", `\h select`: "", `\conninfo`: "", ".show": "", `\echo hi`: "", `\g`: "", `\!echo 1 >&2; false`: "",
	} {
		s, ran, screen := recorder()
		if s.command(text) {
			t.Errorf("%s leaves", text)
		}
		if got := strings.Join(*ran, ""); got != want || got == "" && screen.Len() == 0 {
			t.Errorf("%s: ran %q, said %q", text, got, screen)
		}
	}
	s, _, screen := recorder()
	for _, q := range []string{`\q`, ".quit", ".exit", ".q"} {
		if !s.command(q) {
			t.Errorf("%s stays", q)
		}
	}
	for _, c := range []string{".mode csv", ".mode xls", ".mode arrow", `\timing`, `\x auto`, ".headers off", ".nullvalue -", ".maxrows 10", ".width 70", ".pager off", `\set Day '2020-01-01'`} {
		s.command(c)
	}
	if st := s.State; st.Format != "csv" || !st.Timer || st.Expanded != "auto" || st.Headers || st.Null != "-" || st.MaxRows != 10 || st.Width != 70 || st.Pager != "off" || st.Vars["day"] != "'2020-01-01'" {
		t.Errorf("%+v", st)
	}
	s.command(".timer off")
	if s.State.Timer {
		t.Error("timer is on")
	}
	if s.command(`\tming`); !strings.Contains(screen.String(), `did you mean \timing?`) {
		t.Error(screen)
	}
}

func TestRedirect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	st := NewState()
	if err := st.Redirect(path); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(st.Out, "x")
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is there before its end")
	}
	if err := st.Redirect(""); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "x" {
		t.Errorf("%q %v", b, err)
	}
	if st.Redirect(filepath.Join(path, "nope")) == nil || st.Out != nil {
		t.Error("a path below a file")
	}
}

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, f := range []string{"m.csv", "movies.parquet", ".hidden"} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("data", 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"sel|": "select", "SEL|": "SELECT", "select * from o|": "orders \"old view\"", "select * from shop.|": "items", "select n| from orders": "name not now( null nullif( nulls natural",
		"select | from orders": "id name \"total sum\"", "select o.t| from orders o": "\"total sum\"", "select orders.| from orders": "id name \"total sum\"",
		"select y| from 'm.csv'": "year", "select ra| from range(3) where r": "range",
		"WITH c AS (SELECT 1 AS one) SELECT on| FROM c": "one on", "select * from 'm|": "m.csv' movies.parquet'", "select * from 'd|": "data/", "select * from 'm|'": "m.csv movies.parquet",
		"set thr|": "threads", "use s|": "shop", `\i m|`: "m.csv movies.parquet", `\tim|`: `\timing`, ".mo|": ".mode", ".mode js|": "json", `\d ord|`: "orders",
		"select 1; sel|": "select", "select 'a|": "", "-- sel|": "", "select * from orders where na|": "name natural", "select * from re|": "read_csv( read_json( read_parquet(",
		"update orders set na|": "name natural",
	} {
		pos := strings.Index(text, "|")
		plain := strings.Replace(text, "|", "", 1)
		s, _, _ := recorder()
		from, list := s.names.complete(plain, pos)
		var got []string
		for _, c := range list {
			got = append(got, c.Text)
		}
		wantList := strings.Fields(want)
		g := strings.Fields(strings.Join(got, " "))
		slices.Sort(g)
		slices.Sort(wantList)
		if !slices.Equal(g, wantList) {
			t.Errorf("%q from %d: got %q, want %q", text, from, got, want)
		}
	}
}

func TestHighlight(t *testing.T) {
	h := &highlighter{}
	show := func(text string, pos int) string {
		var b strings.Builder
		at := 0
		for _, s := range h.spansOf(text, pos) {
			b.WriteString(text[at:s.From] + "<" + text[s.From:s.To] + ">")
			at = s.To
		}
		return b.String() + text[at:]
	}
	for _, c := range []struct {
		text string
		pos  int
		want string
	}{
		{"select a, 'x', 1.5 from t -- c", 0, "<select> a, <'x'>, <1.5> <from> t <-- c>"},
		{"select max(a)", 0, "<select> <max>(a)"},
		{"select max(a)", 13, "<select> <max><(>a<)>"},
		{"select ((a)", 11, "<select> (<(>a<)>"},
		{"select a)", 9, "<select> a<)>"},
		{"select 'open", 0, "<select> <'open>"},
		{"select 1 /* open", 0, "<select> <1> </* open>"},
		{`\d t`, 0, `<\d> t`},
		{"select t.date", 0, "<select> t.date"},
	} {
		if got := show(c.text, c.pos); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestHistoryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	if got := HistoryFile(""); got != filepath.Join(dir, "skep", "history", "memory") {
		t.Error(got)
	}
	if a, b := HistoryFile("/x/shop.skep"), HistoryFile("/y/shop.skep"); a == b || !strings.Contains(a, "shop.skep-") {
		t.Error(a, b)
	}
}
