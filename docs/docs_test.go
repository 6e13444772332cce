package docs_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// update makes the tests write what skep says into the pages.
var update = os.Getenv("SKEP_UPDATE") != ""

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skep-docs-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "skep")
	c := exec.Command("go", "build", "-o", binary, "../cmd/skep")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// bench is a folder to run examples in: it has the films under testdata/movies, as the repository has them, and in itself.
type bench struct {
	dir string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir()}
	const movies = "testdata/movies"
	if err := os.MkdirAll(filepath.Join(b.dir, movies), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"movies.csv", "ratings.csv.gz", "ratings.parquet", "job.sql"} {
		text, err := os.ReadFile(filepath.Join("..", movies, f))
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{filepath.Join(b.dir, f), filepath.Join(b.dir, movies, f)} {
			if err := os.WriteFile(to, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b
}

// shell runs a line as a user types it and gives what the user sees. $SQL is sql.
func (b *bench) shell(t *testing.T, line, sql string) string {
	t.Helper()
	c := exec.Command("sh", "-c", line)
	c.Dir = b.dir
	c.Env = append(os.Environ(), "SQL="+sql, "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	_ = c.Run() // an error that skep tells is part of what is compared
	return strings.TrimRight(out.String()+errs.String(), "\n")
}

// check compares a page with what it should be, or writes it.
func check(t *testing.T, path, text, want string) {
	t.Helper()
	if text == want {
		return
	}
	if update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	a, b := strings.Split(text, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s:%d: skep says something else; SKEP_UPDATE=1 writes it down\npage: %s\nskep: %s", path, i+1, strings.Join(a[i:min(i+12, len(a))], "\n"), strings.Join(b[min(i, len(b)):min(i+12, len(b))], "\n"))
		}
	}
	t.Fatalf("%s: skep says more than the page", path)
}

var example = regexp.MustCompile("(?s)```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?")

// TestDialect runs every example of dialect.md: a block of SQL, and what it gives.
func TestDialect(t *testing.T) { examples(t, "dialect.md", 40) }

// TestArchitecture runs those of ARCHITECTURE.md.
func TestArchitecture(t *testing.T) { examples(t, "../ARCHITECTURE.md", 2) }

// examples runs the examples of a page, of which there are at least least.
func examples(t *testing.T, path string, least int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, n := newBench(t), 0
	want := example.ReplaceAllStringFunc(string(text), func(block string) string {
		n++
		sql := example.FindStringSubmatch(block)[1]
		out := strings.ReplaceAll(b.shell(t, `skep --format box -c "$SQL"`, sql), b.dir+string(filepath.Separator), "")
		if out == "" {
			return fmt.Sprintf("```sql\n%s```\n", sql)
		}
		return fmt.Sprintf("```sql\n%s```\n\n```text\n%s\n```\n", sql, out)
	})
	if n < least {
		t.Errorf("only %d examples: the page or this test has changed its form", n)
	}
	check(t, path, string(text), want)
}

var (
	session = regexp.MustCompile("(?s)```console\n(.*?)```\n")
	command = regexp.MustCompile(`(^|\s)(go run \./cmd/skep|skep)( |$)`)
)

// TestReadme runs the sessions of README.md.
func TestReadme(t *testing.T) { sessions(t, "../README.md", 3) }

// TestCompared runs those of compared.md; what other systems say there is text.
func TestCompared(t *testing.T) { sessions(t, "compared.md", 10) }

// sessions runs the sessions of a page, of which there are at least least commands.
func sessions(t *testing.T, path string, least int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, n := newBench(t), 0
	want := session.ReplaceAllStringFunc(string(text), func(block string) string {
		lines := strings.Split(session.FindStringSubmatch(block)[1], "\n")
		var out strings.Builder
		out.WriteString("```console\n")
		for i, l := range lines {
			if !strings.HasPrefix(l, "$ ") {
				continue
			}
			for strings.Count(l, `"`)%2 == 1 && i+1 < len(lines) { // a quote that goes on
				i++
				l += "\n" + lines[i]
			}
			n++
			run := command.ReplaceAllString(l[2:], "${1}skep${3}")
			if !strings.Contains(run, "--format") {
				run = strings.Replace(run, "skep", "skep --format box", 1)
			}
			fmt.Fprintf(&out, "%s\n", l)
			if got := b.shell(t, run, ""); got != "" {
				fmt.Fprintf(&out, "%s\n", got)
			}
		}
		out.WriteString("```\n")
		return out.String()
	})
	if n < least {
		t.Errorf("only %d commands run", n)
	}
	check(t, path, string(text), want)
}

var name = regexp.MustCompile("(?m)^\\| `(.+?)` \\|.*\\| `(.*?)` \\|$")

// TestNames runs the expressions of dialect.md's table of names, and compares its last column.
func TestNames(t *testing.T) {
	text, err := os.ReadFile("dialect.md")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	rows := name.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 40 {
		t.Fatalf("only %d names", len(rows))
	}
	for _, r := range rows {
		expr := strings.ReplaceAll(r[1], `\|`, "|")
		got := b.shell(t, `skep --format line -c "$SQL"`, "SELECT coalesce(CAST(("+expr+") AS VARCHAR), '∅') AS v")
		if strings.HasPrefix(got, "ERROR: ") {
			got = "error"
		}
		if got = strings.TrimPrefix(got, "v = "); got == "∅" {
			got = "NULL"
		}
		if got != r[2] {
			t.Errorf("%s gives %q, the page says %q", expr, got, r[2])
		}
	}
}
