package csv

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep/storage"
)

var update = flag.Bool("update", false, "write the .want files of testdata/messy anew")

// TestMessy reads each export of testdata/messy in one chunk and in many, and holds schema, rows, rows set aside and errors against its
// .want file.
func TestMessy(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/messy/*")
	n := 0
	for _, f := range files {
		if ext := filepath.Ext(f); ext == ".want" || ext == ".options" {
			continue
		}
		n++
		t.Run(filepath.Base(f), func(t *testing.T) {
			opts := map[string]string{}
			if b, err := os.ReadFile(f + ".options"); err == nil {
				for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
					k, v, _ := strings.Cut(line, "=")
					opts[k] = v
				}
			}
			got, err := same(t, f, opts, how{})
			text := describe(got, err, filepath.Dir(f)+"/")
			if *update {
				if err := os.WriteFile(f+".want", []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(f + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
	if n < 40 {
		t.Errorf("only %d messy files", n)
	}
}

func describe(r result, err error, dir string) string {
	var b strings.Builder
	for _, n := range r.notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
		return clean(b.String(), dir)
	}
	for i := range r.names {
		fmt.Fprintf(&b, "column: %q %s\n", r.names[i], r.types[i])
	}
	for _, row := range r.rows {
		fmt.Fprintf(&b, "%q\n", row)
	}
	for _, x := range r.bad {
		fmt.Fprintf(&b, "bad: line %d %s%s: %s: %q\n", x.Line, x.Column, x.Value, x.Reason, x.Raw)
	}
	return clean(b.String(), dir)
}

func clean(s, dir string) string {
	abs, _ := filepath.Abs(dir)
	return strings.ReplaceAll(strings.ReplaceAll(s, abs+"/", ""), dir, "")
}

// TestHuge reads messy files too large to keep: wide, long, and with every kind of quoting, in one chunk and in many.
func TestHuge(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,text,n\r\n")
	for i := range 40_000 {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "%d,\"multi\r\nline %d, \"\"quoted\"\"\",%d\r\n", i, i, i)
		case 1:
			fmt.Fprintf(&b, "%d,plain %d,\r\n", i, i)
		case 2:
			fmt.Fprintf(&b, "%d,\"\",%d.5\r\n", i, i)
		case 3:
			fmt.Fprintf(&b, "%d,5\" pipe,%d\n", i, i)
		default:
			fmt.Fprintf(&b, "%d,\"%s\",\\N\r\n", i, strings.Repeat("x,\n", i%50))
		}
	}
	path := write(t, "huge.csv", b.String())
	rows, _ := naive(b.String(), '"', ',')
	for _, h := range []how{{workers: 1}, {workers: 2, chunk: 1000, batch: 100}, {workers: 2, chunk: 33_333}} {
		got, err := read(path, storage.Options{"all_varchar": {Text: "true"}, "quote": {Text: `"`}}, h)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.rows) != len(rows)-1 {
			t.Fatalf("%d rows, not %d", len(got.rows), len(rows)-1)
		}
		for i, r := range got.rows {
			for j, v := range r {
				if w := rows[i+1][j]; (w == nil) != (v == null) || w != nil && *w != v {
					t.Fatalf("row %d, column %d: %q", i, j, v)
				}
			}
		}
	}
	typed, err := read(path, opt("quote", `"`), how{workers: 2})
	if err != nil || strings.Join(typed.types, " ") != "BIGINT VARCHAR DECIMAL(18,1)" {
		t.Error(err, typed.types)
	}
}
