package pipeline

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep"
)

// folder writes files and gives their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func asIs(s string) (string, error) { return s, nil }

// edges writes a graph as text, a node a line: name < needs.
func edges(t *testing.T, files map[string]string) string {
	t.Helper()
	g, err := Load(folder(t, files), asIs)
	if err != nil {
		return "ERROR " + err.Error()
	}
	var out []string
	for _, n := range g.Nodes {
		var needs []string
		for _, d := range n.Needs {
			needs = append(needs, d.Name)
		}
		out = append(out, strings.TrimSpace(n.Name+" < "+strings.Join(needs, ",")))
	}
	return strings.Join(out, "; ")
}

func TestGraph(t *testing.T) {
	for _, c := range []struct {
		name, want string
		files      map[string]string
	}{
		{"tables", "z <; m < z; a < m,z", map[string]string{
			"a.sql": "INSERT OVERWRITE t3 SELECT * FROM t2 JOIN T1 USING (x)", "m.sql": "CREATE TABLE t2 AS SELECT (SELECT max(x) FROM t1) m", "z.sql": "CREATE OR REPLACE TABLE t1 AS SELECT 1 x"}},
		{"a name of WITH is no table", "a <; b <", map[string]string{"a.sql": "CREATE TABLE q AS SELECT 1", "b.sql": "CREATE TABLE t AS WITH q AS (SELECT 2) SELECT * FROM q"}},
		{"a name of WITH reads the table of that name", "a <; b < a", map[string]string{"a.sql": "CREATE TABLE q AS SELECT 1", "b.sql": "CREATE TABLE t AS WITH q AS (SELECT * FROM q) SELECT * FROM q"}},
		{"files by pattern", "w <; r < w", map[string]string{"w.sql": "COPY (SELECT 1) TO 'out/x.parquet'", "r.sql": "CREATE TABLE t AS SELECT * FROM read_parquet(['out/*.parquet', 'b.csv'])"}},
		{"a temporary table is one's own", "a <; b <", map[string]string{"a.sql": "CREATE TEMP TABLE x AS SELECT 1; CREATE TABLE y AS FROM x", "b.sql": "CREATE TEMP TABLE x AS SELECT 2; CREATE TABLE z AS FROM x"}},
		{"what it made itself", "a <", map[string]string{"a.sql": "CREATE TABLE x AS SELECT 1; CREATE TABLE y AS FROM x"}},
		{"public or not", "w <; r < w", map[string]string{"w.sql": "INSERT OVERWRITE pg.public.t SELECT 1", "r.sql": "CREATE TABLE x AS FROM pg.t"}},
		{"USE", "w <; r < w", map[string]string{"w.sql": "USE d; CREATE TABLE t AS SELECT 1", "r.sql": "CREATE TABLE d.u AS FROM d.t"}},
		{"depends_on", "b <; a < b", map[string]string{"a.sql": "-- depends_on: b\nSELECT 1", "b.sql": "SELECT 2"}},
		{"unknown depends_on", "ERROR a depends on c, which is no script of this folder", map[string]string{"a.sql": "-- depends_on: c\nSELECT 1"}},
		{"a cycle", "ERROR the scripts wait for each other: a → c → b → a", map[string]string{
			"a.sql": "CREATE TABLE ta AS FROM tc", "b.sql": "CREATE TABLE tb AS FROM ta", "c.sql": "CREATE TABLE tc AS FROM tb"}},
		{"two writers", "ERROR b writes default.t, which a writes too", map[string]string{"a.sql": "CREATE TABLE t AS SELECT 1", "b.sql": "INSERT INTO t SELECT 2"}},
		{"setup is no node", "a <", map[string]string{"_setup.sql": "CREATE TABLE IF NOT EXISTS t (x INT)", "a.sql": "INSERT OVERWRITE t SELECT 1"}},
		{"syntax", "ERROR expected a statement, found SELEC", map[string]string{"a.sql": "SELEC 1"}},
	} {
		if got := edges(t, c.files); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// films is a pipeline of six nodes.
var films = map[string]string{
	"a.sql":  "CREATE OR REPLACE TABLE a AS SELECT * FROM 'in.csv' WHERE day <= :ds;",
	"b.sql":  "CREATE OR REPLACE TABLE b AS SELECT x * 2 AS x FROM a;",
	"c.sql":  "CREATE OR REPLACE TABLE c AS SELECT * FROM 'other.csv';",
	"d.sql":  "CREATE OR REPLACE TABLE d AS SELECT * FROM b CROSS JOIN c; ASSERT (SELECT count(*) FROM d) < 5;",
	"e.sql":  "COPY (SELECT * FROM d) TO 'out/d.parquet';",
	"f.sql":  "CREATE OR REPLACE TABLE f AS SELECT count(*) AS n FROM 'out/*.parquet';",
	"in.csv": "day,x\n2024-01-01,1\n2024-01-02,2\n", "other.csv": "y\n1\n", "out/.keep": "",
}

// launch runs a folder and gives the exit code and what became of each node.
func launch(t *testing.T, dir string, change func(o *Options)) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	o := &Options{Dir: dir, Warehouse: filepath.Join(dir, "w"), Params: map[string]string{"ds": "2024-01-02"}, Jobs: 3, Substitute: asIs, Out: &out, Err: &errs,
		Report: filepath.Join(dir, "report.json")}
	o.Args = func() []any { return []any{skep.Named("ds", o.Params["ds"])} }
	if change != nil {
		change(o)
	}
	code := Run(o)
	if code == ExitUsage {
		return code, strings.TrimSpace(errs.String())
	}
	var last Summary
	if err := json.Unmarshal(bytes.TrimSpace(out.Bytes()), &last); err != nil || last.Exit != code || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("stdout is %q, code %d, %v\n%s", out.String(), code, err, errs.String())
	}
	text, err := os.ReadFile(o.Report)
	if err != nil {
		t.Fatal(err)
	}
	var full Summary
	if err := json.Unmarshal(text, &full); err != nil {
		t.Fatal(err)
	}
	var nodes []string
	for _, n := range full.Nodes {
		nodes = append(nodes, n.Node+" "+n.Status)
	}
	return code, strings.Join(nodes, ", ")
}

func TestRun(t *testing.T) {
	dir := folder(t, films)
	expect := func(what string, code int, want string, change func(o *Options)) {
		t.Helper()
		if c, got := launch(t, dir, change); c != code || got != want {
			t.Errorf("%s: exit %d, want %d\n got %s\nwant %s", what, c, code, got, want)
		}
	}
	all := "a done, b done, c done, d done, e done, f done"
	same := strings.ReplaceAll(all, "done", "up_to_date")
	expect("first", 0, all, nil)
	expect("unchanged", ExitNothing, same, nil)
	expect("forced", 0, all, func(o *Options) { o.Force = true })
	put(t, filepath.Join(dir, "other.csv"), "y\n7\n")
	expect("an input changed", 0, "a up_to_date, b up_to_date, c done, d done, e done, f done", nil)
	expect("another parameter", 0, "a done, b done, c up_to_date, d done, e done, f done", func(o *Options) { o.Params["ds"] = "2024-01-01" })
	expect("one node", ExitNothing, "a not_selected, b not_selected, c up_to_date, d not_selected, e not_selected, f not_selected", func(o *Options) { o.Select = []string{"c"} })

	put(t, filepath.Join(dir, "in.csv"), "day,x\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n2024-01-02,4\n2024-01-02,5\n")
	expect("it fails at d", ExitFailed, "a done, b done, c up_to_date, d failed, e blocked, f blocked", nil)
	put(t, filepath.Join(dir, "d.sql"), strings.Replace(films["d.sql"], "< 5", "< 50", 1))
	expect("it goes on at d", 0, "a up_to_date, b up_to_date, c up_to_date, d done, e done, f done", func(o *Options) { o.Resume = true })
	expect("unchanged again", ExitNothing, same, nil)

	db, err := skep.Open(filepath.Join(dir, "w"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(t.Context(), "DROP TABLE c"); err != nil {
		t.Fatal(err)
	}
	expect("an output is gone", 0, "a up_to_date, b up_to_date, c done, d done, e done, f done", nil)
	if c, got := launch(t, dir, func(o *Options) { o.Select = []string{"cc"} }); c != ExitUsage || !strings.Contains(got, "there is no node cc") {
		t.Error(c, got)
	}
	expect("what depends on it", 0, "a not_selected, b not_selected, c not_selected, d done, e done, f done", func(o *Options) { o.Select, o.Force = []string{"d+"}, true })
	expect("what it depends on", 0, "a done, b done, c not_selected, d not_selected, e not_selected, f not_selected", func(o *Options) { o.Select, o.Force = []string{"+b"}, true })
}

func TestDAG(t *testing.T) {
	dir := folder(t, map[string]string{"one.sql": "CREATE TABLE a AS SELECT '${ds}'", "two-b.sql": "CREATE TABLE b AS FROM a"})
	for format, want := range map[string][]string{
		"airflow": {`task_one = Skep(task_id="one", bash_command="skep run `, `--param \"ds={{ ds }}\" --select two-b`, "[task_one] >> task_two_b", "\"skip_on_exit_code\": 99"},
		"cron":    {"0 5 * * * skep run ", `ds=$(date -d yesterday +\%F)`},
		"dot":     {`"one" -> "two-b";`},
		"mermaid": {`n0["one"]`, "n0 --> n1"},
	} {
		var out, errs bytes.Buffer
		if code := DAG(&DAGOptions{Dir: dir, Format: format, Substitute: asIs, Out: &out, Err: &errs}); code != 0 {
			t.Fatal(code, errs.String())
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s has no %q:\n%s", format, w, out.String())
			}
		}
	}
	var out, errs bytes.Buffer
	if code := DAG(&DAGOptions{Dir: dir, Format: "airflw", Substitute: asIs, Out: &out, Err: &errs}); code != ExitUsage || !strings.Contains(errs.String(), "did you mean airflow?") {
		t.Error(code, errs.String())
	}
}

// TestOwnTable runs a node that reads the table that it overwrites: its own writing is no change of its input.
func TestOwnTable(t *testing.T) {
	dir := folder(t, map[string]string{"_t.sql": "CREATE TABLE IF NOT EXISTS t (x INT, day DATE)", "in.csv": "x\n1\n2\n",
		"a.sql": "INSERT OVERWRITE t SELECT * FROM t WHERE day <> :ds UNION ALL SELECT x, DATE '2024-01-02' FROM 'in.csv'"})
	for i, want := range []string{"a done", "a up_to_date"} {
		if _, got := launch(t, dir, nil); got != want {
			t.Errorf("run %d: %s, want %s", i+1, got, want)
		}
	}
	put(t, filepath.Join(dir, "in.csv"), "x\n1\n2\n3\n")
	if _, got := launch(t, dir, nil); got != "a done" {
		t.Error(got)
	}
}

// TestTwoRuns keeps what each of two runs that overlap has done.
func TestTwoRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	a, b := loadState(path), loadState(path)
	a.keep("a", &nodeState{Script: "1"})
	b.keep("b", &nodeState{Script: "2"})
	b.forget("c")
	for _, s := range []*state{a, b, a} {
		if err := s.save(); err != nil {
			t.Fatal(err)
		}
	}
	if got := loadState(path).Nodes; len(got) != 2 || got["a"].Script != "1" || got["b"].Script != "2" {
		t.Error(got)
	}
}
