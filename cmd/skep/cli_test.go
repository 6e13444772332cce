package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skep-cli-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "skep")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s\n%v\n", out, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// result is what a run of the command left.
type result struct {
	out, err string
	code     int
}

// runSkep runs the command in dir with stdin.
func runSkep(t *testing.T, dir, stdin string, args ...string) result {
	t.Helper()
	c := exec.Command(binary, args...)
	c.Dir, c.Stdin = dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func want(t *testing.T, got result, out, errs string, code int) {
	t.Helper()
	if got.out != out || got.err != errs || got.code != code {
		t.Errorf("got exit %d\nstdout:\n%s\nstderr:\n%s\nwant exit %d\nstdout:\n%s\nstderr:\n%s", got.code, got.out, got.err, code, out, errs)
	}
}

const sample = "SELECT 1 AS a, 'x,\"y' AS b, 1.50 AS c, NULL AS d UNION ALL SELECT 2, '', NULL, 7"

func TestFormats(t *testing.T) {
	for format, out := range map[string]string{
		"csv":      "a,b,c,d\n1,\"x,\"\"y\",1.50,\n2,\"\",,7\n",
		"tsv":      "a\tb\tc\td\n1\t\"x,\"\"y\"\t1.50\t\n2\t\"\"\t\t7\n",
		"json":     "[{\"a\":1,\"b\":\"x,\\\"y\",\"c\":1.50,\"d\":null},\n {\"a\":2,\"b\":\"\",\"c\":null,\"d\":7}]\n",
		"ndjson":   "{\"a\":1,\"b\":\"x,\\\"y\",\"c\":1.50,\"d\":null}\n{\"a\":2,\"b\":\"\",\"c\":null,\"d\":7}\n",
		"markdown": "| a | b | c | d |\n|---:|---|---:|---:|\n| 1 | x,\"y | 1.50 | NULL |\n| 2 |  | NULL | 7 |\n",
		"line":     "a = 1\nb = x,\"y\nc = 1.50\nd = NULL\n\na = 2\nb = \nc = NULL\nd = 7\n",
		"box": `┌─────────┬─────────┬──────────────┬─────────┐
│       a │ b       │            c │       d │
│ INTEGER │ VARCHAR │ DECIMAL(3,2) │ INTEGER │
├─────────┼─────────┼──────────────┼─────────┤
│       1 │ x,"y    │         1.50 │    NULL │
│       2 │         │         NULL │       7 │
└─────────┴─────────┴──────────────┴─────────┘
2 rows
`,
	} {
		t.Run(format, func(t *testing.T) { want(t, runSkep(t, "", "", "-c", sample, "--format", format), out, "", 0) })
	}
	t.Run("csv is the default off a terminal", func(t *testing.T) {
		want(t, runSkep(t, "", "SELECT 1 AS a"), "a\n1\n", "", 0)
	})
	t.Run("arrow", func(t *testing.T) {
		got := runSkep(t, "", "", "-c", sample, "--format=arrow")
		r, err := ipc.NewReader(strings.NewReader(got.out))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		var b []string
		for r.Next() {
			col := r.RecordBatch().Column(1).(*array.String)
			for i := range col.Len() {
				b = append(b, col.Value(i))
			}
		}
		if r.Err() != nil || !slices.Equal(b, []string{"x,\"y", ""}) {
			t.Errorf("%v %q", r.Err(), b)
		}
	})
	t.Run("parquet", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, "x.parquet", runSkep(t, dir, "", "-c", sample, "--format", "parquet").out)
		want(t, runSkep(t, dir, "", "x.parquet", "-c", "SELECT a, b, c FROM x"), "a,b,c\n1,\"x,\"\"y\",1.50\n2,\"\",\n", "", 0)
		if got := runSkep(t, dir, "", "-c", "SELECT 1; SELECT 2", "--format", "parquet"); got.code != 1 || !strings.Contains(got.err, "takes one result") {
			t.Errorf("%+v", got)
		}
	})
}

func TestCSVNulls(t *testing.T) {
	want(t, runSkep(t, "", "", "-c", `SELECT * FROM (VALUES (NULL), (''), ('\N'), ('a')) v(x)`), "x\n\\N\n\"\"\n\"\\N\"\na\n", "", 0)
	want(t, runSkep(t, "", "", "--set", "csv_null=-", "-c", "SELECT NULL AS x, '-' AS y, '' AS z"), "x,y,z\n-,\"-\",\"\"\n", "", 0)
	want(t, runSkep(t, "", "", "-c", "SELECT 'a\r\nb' AS \"x,y\""), "\"x,y\"\n\"a\r\nb\"\n", "", 0)
}

func TestOrderOfScripts(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.sql", "\ufeffINSERT INTO t VALUES (2);\nSELECT count(*) AS n FROM t")
	got := runSkep(t, dir, "", "-c", "CREATE TABLE t (a INT); INSERT INTO t VALUES (1)", "-f", "a.sql", "--timer", "-c", "SELECT sum(a) AS s FROM t")
	if got.out != "n\n2\ns\n3\n" || got.code != 0 || strings.Count(got.err, "TIME: ") != 5 {
		t.Errorf("%+v", got)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "m.csv", "name,year\nAlien,1979\n")
	write(t, dir, "bad.sql", "SELECT 1 AS one;\n\nSELECT '日本',\tnme\nFROM 'm.csv';\nSELECT 2;\n")
	cases := []struct {
		name string
		args []string
		out  string
		err  string
	}{
		{"bind", []string{"-c", "SELECT nme FROM 'm.csv'"}, "",
			"ERROR: column nme does not exist\nLINE 1: SELECT nme FROM 'm.csv'\n               ^\nHINT: did you mean name?\n"},
		{"file, tabs and wide characters", []string{"-f", "bad.sql"}, "one\n1\n",
			"bad.sql:3:14: ERROR: column nme does not exist\nLINE 3: SELECT '日本',\tnme\n                      \t^\nHINT: did you mean name?\n"},
		{"no such file", []string{"-c", "FROM 'n.csv'"}, "",
			"ERROR: file n.csv does not exist\nLINE 1: FROM 'n.csv'\n             ^\nHINT: did you mean m.csv?\n"},
		{"unset parameter", []string{"-c", "SELECT ${x}"}, "",
			"ERROR: no value is given for ${x}\nLINE 1: SELECT ${x}\n               ^\nHINT: --param x=…\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { want(t, runSkep(t, dir, "", c.args...), c.out, c.err, 1) })
	}
	for name, sql := range map[string]string{"syntax": "SELECT FROM WHERE", "data": "SELECT CAST('x' AS INT)", "open quote": "SELECT 'x", "unknown table": "SELECT * FROM nope"} {
		t.Run(name, func(t *testing.T) {
			got := runSkep(t, dir, "", "-c", sql, "-c", "SELECT 'not reached'")
			if got.code != 1 || got.out != "" || !strings.HasPrefix(got.err, "ERROR: ") || !strings.Contains(got.err, "\nLINE 1: "+sql+"\n") || !strings.Contains(got.err, "^\n") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--fromat", "csv"}, {"--format", "xls"}, {"-c"}, {"--param", "x"}, {"a", "b"}, {"--timer=1"}, {"--set", "thread=1", "-c", "SELECT 1"}} {
		if got := runSkep(t, t.TempDir(), "", args...); got.code != 2 || got.out != "" || got.err == "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
	if got := runSkep(t, "", "", "--fromat=csv"); !strings.Contains(got.err, "did you mean --format?") {
		t.Errorf("%+v", got)
	}
	got := runSkep(t, "", "", "--help")
	if got.code != 0 || strings.Count(got.out, "\n") > 40 || !strings.Contains(got.out, "Examples") {
		t.Errorf("%+v", got)
	}
	if got := runSkep(t, "", "", "--version"); got.code != 0 || !strings.HasPrefix(got.out, "skep ") {
		t.Errorf("%+v", got)
	}
}

func TestParams(t *testing.T) {
	got := runSkep(t, "", "", "--param", "n=41", "--param", "d=2024-02-29", "--param", "p=2.50", "--param", "s='7'", "--param", "T=a b", "--param", "id=007", "--param", "yes=true",
		"-c", "SELECT :n + 1 AS n, :d + 1 AS d, :p AS p, :s || '!' AS s, '${t}' AS t, :id AS id, NOT :yes AS y")
	want(t, got, "n,d,p,s,t,id,y\n42,2024-03-01,2.50,7!,a b,007,false\n", "", 0)
}

func TestWarehouse(t *testing.T) {
	dir := t.TempDir()
	want(t, runSkep(t, dir, "", "w", "-c", "CREATE TABLE t AS SELECT 7 AS a"), "", "", 0)
	want(t, runSkep(t, dir, "SELECT a FROM t", "w"), "a\n7\n", "", 0)
	write(t, dir, "my.data.csv", "a\n1\n")
	want(t, runSkep(t, dir, "SELECT a FROM my", "my.data.csv"), "a\n1\n", "", 0)
	for _, missing := range []string{"no.csv", "my.data"} {
		write(t, dir, "my.data", "x")
		if got := runSkep(t, dir, "SELECT 1", missing); got.code != 1 || !strings.HasPrefix(got.err, "ERROR: ") || strings.Contains(got.err, "LINE") {
			t.Errorf("%s: %+v", missing, got)
		}
	}
}

func TestReport(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "m.csv", "a\n1\n2\n")
	if got := runSkep(t, dir, "", "-c", "FROM 'm.csv';\n\nSELECT b FROM 'm.csv'; SELECT 1", "--report", "r.json"); got.code != 1 {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "r.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Statements) != 2 {
		t.Fatalf("%s", text)
	}
	ok, bad := r.Statements[0], r.Statements[1]
	if ok.Text != "FROM 'm.csv'" || ok.RowsOut != 2 || ok.RowsRead != 2 || ok.BytesRead == 0 || ok.Error != nil || ok.ElapsedMS <= 0 || ok.Start == "" {
		t.Errorf("%+v", ok)
	}
	if bad.Error == nil || bad.Error.Class != "not_found" || bad.Line != 3 || bad.Error.Line != 3 || bad.Error.Column != 8 {
		t.Errorf("%s", text)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".skep-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBrokenPipe(t *testing.T) {
	c := exec.Command(binary, "-c", "SELECT * FROM range(5000000)")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	if err := c.Wait(); err != nil || errs.Len() > 0 {
		t.Errorf("%v %s", err, errs.String())
	}
}

func TestInterrupt(t *testing.T) {
	interrupt(t, syscall.SIGINT, 130)
	interrupt(t, syscall.SIGTERM, 143)
}

func interrupt(t *testing.T, sig syscall.Signal, want int) {
	t.Helper()
	c := exec.Command(binary, "-c", "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range < 0")
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	start := time.Now()
	if err := c.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != want || errs.String() != "ERROR: the query was cancelled\n" || time.Since(start) > 3*time.Second {
		t.Errorf("exit %d after %v: %s", code, time.Since(start), errs.String())
	}
}

func TestSecondInterrupt(t *testing.T) { // a command that cannot stop, since nobody reads what it writes, ends at the second Ctrl-C
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := exec.Command(binary, "-c", "SELECT * FROM range(5000000)")
	c.Stdout = w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	for range 2 {
		time.Sleep(300 * time.Millisecond)
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit %d", code)
	}
}

func TestSetAside(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "bad.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n")
	got := runSkep(t, dir, "", "-c", "FROM read_csv('bad.csv', ignore_errors => true)", "--report", "r.json")
	if got.code != 0 || got.out != "a,b\n1,2\n7,8\n" || strings.Count(got.err, "NOTE: 2 rows of ") != 1 {
		t.Errorf("%+v", got)
	}
	got = runSkep(t, dir, "", "-c", "CREATE TABLE t AS FROM read_csv('bad.csv', ignore_errors => true); SELECT line, raw FROM skep_bad_records(); SELECT count(*) AS n FROM skep_bad_records()")
	if got.out != "line,raw\n3,3\n4,\"4,5,6\"\nn\n2\n" {
		t.Errorf("%+v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "r.json"))
	if err != nil || !strings.Contains(string(text), `"rows_set_aside": 2`) {
		t.Errorf("%v %s", err, text)
	}
}
