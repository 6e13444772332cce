package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestStdin reads data from stdin, whose format is told by its first bytes.
func TestStdin(t *testing.T) {
	dir := t.TempDir()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte("a,b\n1,x\n2,y\n")); err != nil {
		t.Fatal(err)
	}
	z.Close()
	want(t, runSkep(t, dir, "", "-c", "COPY (SELECT * FROM (VALUES (1, 'x'), (2, 'y')) v(a, b)) TO 'x.parquet'"), "", "", 0)
	parquet, err := os.ReadFile(filepath.Join(dir, "x.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"a,b\n1,x\n2,y\n", zipped.String(), string(parquet), `{"a":1,"b":"x"}` + "\n" + `{"a":2,"b":"y"}`, ` [{"a":1,"b":"x"},{"a":2,"b":"y"}]`} {
		want(t, runSkep(t, dir, in, "-c", "SELECT count(*) AS n, sum(a) AS s FROM '-'"), "n,s\n2,3\n", "", 0)
		want(t, runSkep(t, dir, in, "-c", "SELECT a FROM '-' WHERE b = 'y'", "-c", "SELECT count(*) AS n FROM '/dev/stdin' x JOIN '-' y USING (a)"), "a\n2\nn\n2\n", "", 0)
	}
	csv := "a;b\n1;x\n"
	want(t, runSkep(t, dir, csv, "-c", "SELECT * FROM read_csv('-', delim => ';')"), "a,b\n1,x\n", "", 0)
	want(t, runSkep(t, dir, `{"a":7}`, "-c", "SELECT * FROM read_json('/dev/stdin', columns => {'a': 'VARCHAR'})"), "a\n7\n", "", 0)
	want(t, runSkep(t, dir, string(parquet), "-c", "SELECT b FROM read_parquet('-')"), "b\nx\ny\n", "", 0)
	want(t, runSkep(t, dir, csv, "-c", "CREATE TABLE t (a INT, b VARCHAR)", "-c", "COPY t FROM '-'", "-c", "SELECT * FROM t"), "a,b\n1,x\n", "", 0)
}

// TestStdinErrors holds what is said where stdin is no data.
func TestStdinErrors(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{nil, {"-f", "-"}} {
		got := runSkep(t, dir, "SELECT * FROM '-'", args...)
		if got.code != 1 || got.out != "" || !strings.Contains(got.err, "stdin cannot be read as data: the script comes from there") || !strings.Contains(got.err, "-c or -f") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := runSkep(t, dir, "", "-c", "SELECT * FROM '-'"); got.code != 1 || !strings.Contains(got.err, "stdin is empty") {
		t.Errorf("%+v", got)
	}
}

// TestSpool looks that no copy of stdin is left, and that it goes where the setting says.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	spool := filepath.Join(dir, "spool")
	if err := os.Mkdir(spool, 0o755); err != nil {
		t.Fatal(err)
	}
	want(t, runSkep(t, dir, "a\n1\n", "--set", "temp_directory="+spool, "-c", "SELECT a FROM '-'"), "a\n1\n", "", 0)
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Error(err, left)
	}
	got := runSkep(t, dir, "a\n1\n", "--set", "temp_directory="+filepath.Join(dir, "none"), "-c", "SELECT a FROM '-'")
	if got.code != 1 || !strings.Contains(got.err, "temp_directory") {
		t.Errorf("%+v", got)
	}
}

// TestPipes reads what a shell's <(…) gives.
func TestPipes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no pipes with names")
	}
	dir := t.TempDir()
	for cmd, out := range map[string]string{
		`printf 'a\n1\n' | "$SKEP" -c "SELECT x.a FROM read_csv('/dev/fd/0') x, '-' y"`:                           "a\n1\n",
		`exec 7<<X; "$SKEP" -c "SELECT * FROM '/dev/fd/7'"` + "\n{\"a\":5}\nX\n":                                  "a\n5\n",
		`mkfifo p.csv; printf 'a\n3\n' > p.csv & "$SKEP" -c "SELECT x.a FROM 'p.csv' x JOIN 'p.csv' y USING (a)"`: "a\n3\n",
	} {
		c := exec.Command("sh", "-c", cmd)
		c.Dir, c.Env = dir, append(os.Environ(), "SKEP="+binary)
		got, err := c.CombinedOutput()
		if err != nil || string(got) != out {
			t.Errorf("%s: %v\n%s", cmd, err, got)
		}
	}
}
