package csv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// table1 makes a batch of texts; the empty pointer is NULL.
func batchOf(t testing.TB, cols []types.Field, rows [][]string) *vec.Batch {
	b := &vec.Batch{N: len(rows)}
	for j, c := range cols {
		v := vec.New(c.Type, len(rows))
		for i, r := range rows {
			if r[j] == null {
				v.SetNull(i)
			} else if why := kernel.ParseInto([]byte(r[j]), c.Type, nil, v, i); why != "" {
				t.Fatal(r[j], why)
			}
		}
		b.Cols = append(b.Cols, v)
	}
	return b
}

func writeAll(t testing.TB, f storage.Format, env *storage.Env, cols []types.Field, opts storage.Options, rows [][]string) (string, error) {
	t.Helper()
	var buf bytes.Buffer
	w, err := f.Create(&buf, env, cols, opts)
	if err != nil {
		return "", err
	}
	if err := w.Write(batchOf(t, cols, rows)); err != nil {
		return "", err
	}
	err = w.Close()
	return buf.String(), err
}

var allTypes = []types.Field{
	{Name: "b", Type: types.TBoolean}, {Name: "i", Type: types.TInteger}, {Name: "n", Type: types.TBigInt}, {Name: "d", Type: types.NewDecimal(10, 3)},
	{Name: "e", Type: types.NewDecimal(38, 2)}, {Name: "f", Type: types.TDouble}, {Name: "s", Type: types.TVarchar}, {Name: "day", Type: types.TDate},
	{Name: "ts", Type: types.TTimestamp}, {Name: "tz", Type: types.TTimestampTZ}, {Name: "t", Type: types.TTime},
}

func TestWriter(t *testing.T) {
	rows := [][]string{
		{"true", "-5", "9223372036854775807", "-0.125", "12345678901234567890.12", "1e300", "plain", "2024-02-29", "2024-02-29 01:02:03.5", "2024-02-29 01:02:03+00", "23:59:59"},
		{null, null, null, null, null, null, null, null, null, null, null},
		{"false", "0", "-1", "7", "0.01", "0.1", "", "1900-01-01", "1969-12-31 23:59:59", "1970-01-01 00:00:00+00", "00:00:00.000001"},
		{"false", "0", "-1", "7", "0.01", "-2.5", "a,\"b\"\r\nc", "1900-01-01", "1969-12-31 23:59:59", "1970-01-01 00:00:00+00", "00:00:00"},
		{"false", "0", "-1", "7", "0.01", "NaN", `\N`, "0001-01-01", "1969-12-31 23:59:59", "1970-01-01 00:00:00+00", "00:00:00"},
	}
	for _, opts := range []storage.Options{nil, opt("delim", "|"), opt("delim", "tab", "quote", "'"), opt("quote", `"`, "escape", `\`), opt("force_quote", "*"), opt("null", "NA"), opt("delim", "-"), opt("delim", ".")} {
		text, err := writeAll(t, New(), nil, allTypes, opts, rows)
		if err != nil {
			t.Fatal(err)
		}
		back := storage.Options{"header": {Text: "true"}}
		for k, v := range opts {
			if k != "force_quote" {
				back[k] = v
			}
		}
		got, err := read(write(t, "w.csv", text), back, how{declared: allTypes, workers: 2, chunk: 50})
		if err != nil {
			t.Fatal(opts, err, text)
		}
		want := rowsOf(batchOf(t, allTypes, rows))
		if fmt.Sprint(got.rows) != fmt.Sprint(want) {
			t.Errorf("%v\n%s\n%q\nnot\n%q", opts, text, got.rows, want)
		}
	}
	text, _ := writeAll(t, New(), nil, []types.Field{{Name: "a", Type: types.TVarchar}}, nil, [][]string{{null}, {""}, {"x"}})
	if text != "a\n\\N\n\"\"\nx\n" {
		t.Errorf("%q", text)
	}
	env := &storage.Env{Setting: func(n string) string {
		if n == "csv_null" {
			return "NULL"
		}
		return ""
	}}
	text, _ = writeAll(t, New(), env, []types.Field{{Name: "a", Type: types.TVarchar}, {Name: "b", Type: types.TInteger}}, opt("header", "false"), [][]string{{null, null}, {"NULL", "1"}})
	if text != "NULL,NULL\n\"NULL\",1\n" {
		t.Errorf("%q", text)
	}
	text, err := writeAll(t, NewText(), nil, allTypes[:2], nil, [][]string{{"true", "1"}, {null, null}})
	if text != "true\x011\n\\N\x01\\N\n" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	if _, err = writeAll(t, NewText(), nil, allTypes[6:7], nil, [][]string{{"a\nb"}}); err == nil {
		t.Error("a line end in a text file without escapes")
	}
	if _, err = writeAll(t, New(), nil, allTypes[:1], opt("compresion", "gzip"), nil); err == nil || !strings.Contains(fmt.Sprintf("%+v", err), "compresion") {
		t.Error(err)
	}
}

func TestRandomRoundTrip(t *testing.T) {
	cols := []types.Field{{Name: "a", Type: types.TVarchar}, {Name: "b", Type: types.TVarchar}}
	rng := rand.New(rand.NewPCG(5, 6))
	value := func() string {
		if rng.IntN(5) == 0 {
			return null
		}
		b := make([]byte, rng.IntN(20))
		for i := range b {
			b[i] = "ab,\"\n\r\\N'; \t"[rng.IntN(12)]
		}
		return string(b)
	}
	for range 200 {
		var rows [][]string
		for range 1 + rng.IntN(20) {
			rows = append(rows, []string{value(), value()})
		}
		text, err := writeAll(t, New(), nil, cols, nil, rows)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(write(t, "r.csv", text), opt("header", "true", "auto_detect", "false"), how{declared: cols, chunk: 1 + rng.IntN(64), workers: 2})
		if err != nil || fmt.Sprintf("%q", got.rows) != fmt.Sprintf("%q", rows) {
			t.Fatalf("%v\n%q\n%q\nnot\n%q", err, text, got.rows, rows)
		}
	}
}

func TestCompressed(t *testing.T) {
	var plain strings.Builder
	plain.WriteString("id,text\n")
	for i := range 50_000 {
		fmt.Fprintf(&plain, "%d,\"line %d\nof, text\"\n", i, i)
	}
	want, err := read(write(t, "p.csv", plain.String()), nil, how{})
	if err != nil {
		t.Fatal(err)
	}
	compress := map[string]func(w io.Writer) io.WriteCloser{
		"gz":  func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zst": func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z },
	}
	for ext, c := range compress {
		var buf bytes.Buffer
		z := c(&buf)
		io.WriteString(z, plain.String())
		z.Close()
		path := write(t, "p.csv."+ext, buf.String())
		for _, chunk := range []int{0, 1000, 7} {
			for _, workers := range []int{1, 3} {
				got, err := read(path, nil, how{chunk: chunk, workers: workers})
				if err != nil || got.String() != want.String() {
					for i := range got.rows {
						if i < len(want.rows) && fmt.Sprint(got.rows[i]) != fmt.Sprint(want.rows[i]) {
							t.Logf("row %d: %q, not %q", i, got.rows[i], want.rows[i])
							break
						}
					}
					t.Fatal(ext, chunk, workers, err, len(got.rows), len(want.rows), got.types, want.types, got.names)
				}
			}
		}
		cutOff := write(t, "cut.csv."+ext, buf.String()[:buf.Len()/2])
		if _, err := read(cutOff, nil, how{workers: 2}); err == nil || !strings.Contains(err.Error(), cutOff) {
			t.Errorf("%s, half a file: %v", ext, err)
		}
	}
	for _, name := range []string{"gzip", "zstd"} {
		text, err := writeAll(t, New(), nil, allTypes[1:2], opt("compression", name), [][]string{{"7"}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(write(t, "c", text), nil, how{})
		expect(t, got, err, "i", "BIGINT", "7")
	}
	late := strings.Replace(plain.String(), "\n40000,", "\nx40000,", 1)
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	io.WriteString(z, late)
	z.Close()
	got, err := read(write(t, "late.csv.gz", buf.String()), nil, how{workers: 2})
	if err != nil || got.restarts != 1 || got.rows[40_000][0] != "x40000" || !strings.Contains(got.notes[0], "line 80002") {
		t.Error(err, got.restarts, got.notes)
	}
}

func TestEncodings(t *testing.T) {
	got, err := read(write(t, "l.csv", "name,n\nM\xfcller,1\n"), opt("encoding", "latin-1"), how{})
	expect(t, got, err, "name,n", "VARCHAR BIGINT", "Müller|1")
	var le, be []byte
	for _, r := range "name,n\nMüller,1\n" {
		le, be = append(le, byte(r), byte(r>>8)), append(be, byte(r>>8), byte(r))
	}
	for _, b := range []string{"\xff\xfe" + string(le), "\xfe\xff" + string(be)} {
		got, err = read(write(t, "u.csv", b), nil, how{})
		expect(t, got, err, "name,n", "VARCHAR BIGINT", "Müller|1")
	}
}

func BenchmarkWrite(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	cols := []types.Field{{Name: "i", Type: types.TBigInt}, {Name: "d", Type: types.NewDecimal(15, 2)}, {Name: "day", Type: types.TDate}, {Name: "s", Type: types.TVarchar}}
	const n = 500_000
	batch := &vec.Batch{N: n}
	for _, c := range cols {
		v := vec.New(c.Type, n)
		for i := range n {
			switch c.Type.Phys() {
			case types.PI64:
				vec.Values[int64](v)[i] = rng.Int64N(1e9)
			case types.PI32:
				vec.Values[int32](v)[i] = int32(rng.IntN(20_000))
			default:
				v.SetBytes(i, []byte("some words of text here")[:rng.IntN(22)+1])
			}
		}
		batch.Cols = append(batch.Cols, v)
	}
	size := &counting{}
	for b.Loop() {
		size.n = 0
		w, _ := New().Create(size, nil, cols, nil)
		if err := w.Write(batch); err != nil {
			b.Fatal(err)
		}
		w.Close()
	}
	b.SetBytes(size.n)
}

type counting struct{ n int64 }

func (c *counting) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

// BenchmarkScan reads every column of 600,000 generated rows.
func BenchmarkScan(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 10))
	var text bytes.Buffer
	text.WriteString("id,price,day,name,score\n")
	for i := range 600_000 {
		fmt.Fprintf(&text, "%d,%d.%02d,20%02d-%02d-%02d,\"name %d, the %dth\",%.4f\n", i, rng.IntN(10000), rng.IntN(100), rng.IntN(30), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(1e6), i, rng.Float64())
	}
	path := filepath.Join(b.TempDir(), "s.csv")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		f := storageFile(b, path)
		tab, err := New().Open(context.Background(), &storage.Env{}, f, nil)
		if err != nil {
			b.Fatal(err)
		}
		src, err := tab.Scan(context.Background(), &storage.Scan{Columns: []int{0, 1, 2, 3, 4}, Env: &storage.Env{}})
		if err != nil {
			b.Fatal(err)
		}
		cur, _ := src.Cursor()
		rows := 0
		for {
			batch, err := cur.Next(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			if batch == nil {
				break
			}
			rows += batch.Rows()
		}
		cur.Close()
		src.Close()
		if rows != 600_000 {
			b.Fatal(rows)
		}
	}
}
