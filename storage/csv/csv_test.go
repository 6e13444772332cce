package csv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// same reads a file in all ways and demands the same rows, bad rows and errors of each.
func same(t *testing.T, path string, opts map[string]string, h how) (result, error) {
	t.Helper()
	var kv []string
	for k, v := range opts {
		kv = append(kv, k, v)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	first, firstErr := read(path, opt(kv...), h)
	for _, w := range ways(int(info.Size())) {
		w.text, w.declared, w.cols = h.text, h.declared, h.cols
		got, err := read(path, opt(kv...), w)
		if fmt.Sprint(err) != fmt.Sprint(firstErr) {
			t.Fatalf("chunk %d workers %d: error %v, not %v", w.chunk, w.workers, err, firstErr)
		}
		if err == nil && (got.String() != first.String() || fmt.Sprint(got.bad) != fmt.Sprint(first.bad)) {
			t.Fatalf("chunk %d workers %d batch %d:\n%v%v\nnot\n%v%v", w.chunk, w.workers, w.batch, got, got.bad, first, first.bad)
		}
	}
	return first, firstErr
}

// newline gives the line end of a file.
func newline(path string) string {
	if b, _ := os.ReadFile(path); bytes.Contains(b, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

func suites() string {
	if d := os.Getenv("SKEP_SUITES"); d != "" {
		return d
	}
	return "../../../shared/suites"
}

func TestSpectrum(t *testing.T) {
	dir := filepath.Join(suites(), "csv-spectrum")
	files, _ := filepath.Glob(filepath.Join(dir, "csvs", "*.csv"))
	if len(files) == 0 {
		t.Skip("csv-spectrum is not here")
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".csv")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want []map[string]string
			if err := json.Unmarshal(raw, &want); err != nil {
				want = make([]map[string]string, 1) // a single object
				if err := json.Unmarshal(raw, &want[0]); err != nil {
					t.Fatal(err)
				}
			}
			got, err := same(t, f, map[string]string{"all_varchar": "true", "header": "true"}, how{})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.rows) != len(want) {
				t.Fatalf("%d rows, not %d", len(got.rows), len(want))
			}
			for i, row := range got.rows {
				for j, n := range got.names {
					if n == "Contact Phone Number" {
						continue // the suite's own answer has another number than its file
					}
					if w := want[i][n]; row[j] != strings.ReplaceAll(w, "\r\n", newline(f)) && !(row[j] == null && w == "") {
						t.Errorf("row %d, %s: %q, not %q", i, n, row[j], w)
					}
				}
			}
			if _, err := same(t, f, nil, how{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// naive cuts text into fields by the standard's rules, with quotes inside unquoted fields as plain characters: the oracle of
// the fuzz tests. A nil field is NULL. ok is false for text that ends within quotes.
func naive(s string, quote, delim byte) (rows [][]*string, ok bool) {
	type field struct {
		text   []byte
		quoted bool
	}
	var row []field
	cur := field{}
	started := false
	end := func() {
		row = append(row, cur)
		cur, started = field{}, false
	}
	line := func() {
		end()
		if n := len(row) - 1; !row[n].quoted || len(row[n].text) > 0 {
			row[n].text = []byte(strings.TrimSuffix(string(row[n].text), "\r"))
		}
		if len(row) > 1 || row[0].quoted || len(row[0].text) > 0 {
			var out []*string
			for _, f := range row {
				if !f.quoted && (len(f.text) == 0 || string(f.text) == `\N`) {
					out = append(out, nil)
					continue
				}
				v := string(f.text)
				out = append(out, &v)
			}
			rows = append(rows, out)
		}
		row = nil
	}
	i := 0
	for i < len(s) {
		c := s[i]
		switch {
		case c == quote && !started:
			cur.quoted, started = true, true
			i++
			closed := false
			for i < len(s) {
				if s[i] != quote {
					cur.text = append(cur.text, s[i])
				} else if i+1 < len(s) && s[i+1] == quote {
					cur.text = append(cur.text, quote)
					i++
				} else {
					i++
					closed = true
					break
				}
				i++
			}
			if !closed {
				return rows, false
			}
		case c == delim:
			end()
			i++
		case c == '\n':
			line()
			i++
		default:
			cur.text, started = append(cur.text, c), true
			i++
		}
	}
	if started || len(row) > 0 {
		line()
	}
	return rows, true
}

// checkChunks holds the reader against the oracle.
func checkChunks(t *testing.T, text string, chunk int) {
	t.Helper()
	rows, ok := naive(text, '"', ',')
	width := 0
	regular := true
	for _, r := range rows {
		if width == 0 {
			width = len(r)
		}
		regular = regular && len(r) == width
	}
	if width == 0 || strings.HasPrefix(text, "\xef\xbb\xbf") {
		return
	}
	var cols []types.Field
	for i := range width {
		cols = append(cols, types.Field{Name: fmt.Sprint("c", i), Type: types.TVarchar})
	}
	path := write(t, "x.csv", text)
	o := opt("header", "false", "auto_detect", "false", "compression", "none")
	got, err := read(path, o, how{chunk: chunk, workers: 2, batch: 5, declared: cols})
	if !ok || !regular {
		if err == nil {
			t.Fatalf("%q: no error, rows %q", text, got.rows)
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var want [][]string
	for _, r := range rows {
		var row []string
		for _, f := range r {
			if f == nil {
				row = append(row, null)
			} else {
				row = append(row, *f)
			}
		}
		want = append(want, row)
	}
	if fmt.Sprintf("%q", got.rows) != fmt.Sprintf("%q", want) {
		t.Fatalf("%q in chunks of %d:\n%q\nnot\n%q", text, chunk, got.rows, want)
	}
}

func FuzzChunks(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"b\",\"c\nd\"\n,\n", "5\" pipe,\"x\"y\"\n\"\"\"\",\r\n", "\"a\nb\"", "a\r\n\r\nb", "\"a\"\r\n"} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, chunk uint8) {
		if len(s) > 2000 || strings.ContainsAny(s, "\x00") || strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") || !strings.Contains(s, "\n") && strings.Contains(s, "\r") {
			return
		}
		checkChunks(t, s, int(chunk)+1)
	})
}

func TestChunksRandom(t *testing.T) {
	parts := []string{"a", "bc", ",", ",", "\n", "\n", "\"", "\"", "\"\"", "\r\n", "\",\"", "\"\n", "word word word word", " "}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		s := b.String()
		if !strings.Contains(s, "\n") {
			continue
		}
		checkChunks(t, s, 1+rng.IntN(100))
	}
}

func TestGenericBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d := &dialect{delim: ',', quote: '"', newline: '\n'}
	buf := make([]byte, 64*50)
	for i := range buf {
		buf[i] = ",\"\nab\x00\xff,-"[rng.IntN(9)]
	}
	a, b := make([]block, 50), make([]block, 50)
	classify(buf, d, a)
	classifyWords(buf, d, b)
	if !slices.Equal(a, b) {
		t.Fatal("the fast and the plain classification differ")
	}
	words := make([]uint64, 50)
	n := 0
	for i := range words {
		words[i] = rng.Uint64() & rng.Uint64()
		if i%7 == 0 {
			words[i] = ^uint64(0)
		}
	}
	for _, w := range words {
		for ; w != 0; w &= w - 1 {
			n++
		}
	}
	p, q := make([]uint32, n+64), make([]uint32, n+64)
	writePlaces(words, 10, p)
	writePlacesWords(words, 10, q)
	if !slices.Equal(p[:n], q[:n]) {
		t.Fatal("the fast and the plain places differ")
	}
}

func expect(t *testing.T, got result, err error, names, typs string, rows ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Join(got.names, ","); n != names {
		t.Errorf("names %s, not %s", n, names)
	}
	if s := strings.Join(got.types, " "); typs != "" && s != typs {
		t.Errorf("types %s, not %s", s, typs)
	}
	var have []string
	for _, r := range got.rows {
		have = append(have, strings.Join(r, "|"))
	}
	if !slices.Equal(have, rows) {
		t.Errorf("rows %q, not %q", have, rows)
	}
}

func TestWidening(t *testing.T) {
	var b strings.Builder
	b.WriteString("n,d,t\n")
	for i := range 60_000 {
		fmt.Fprintf(&b, "%d,2024-01-01,%d.5\n", i, i)
	}
	for _, c := range []struct{ line, typs, row string }{
		{"1.25,2024-01-01,1.5", "DECIMAL(18,2) DATE DECIMAL(18,1)", "1.25|2024-01-01|1.5"},
		{"007,2024-01-01,1.5", "VARCHAR DATE DECIMAL(18,1)", "007|2024-01-01|1.5"},
		{"99999999999999999999,2024-01-01,1.5", "VARCHAR DATE DECIMAL(18,1)", "99999999999999999999|2024-01-01|1.5"},
		{"1e3,2024-01-01,1.5", "DOUBLE DATE DECIMAL(18,1)", "1000.0|2024-01-01|1.5"},
		{"1,2024-01-01 10:00:00,1.5", "BIGINT TIMESTAMP DECIMAL(18,1)", "1|2024-01-01 10:00:00|1.5"},
		{"1,soon,1.5", "BIGINT VARCHAR DECIMAL(18,1)", "1|soon|1.5"},
		{"1,2024-01-01,1e-3", "BIGINT DATE DOUBLE", "1|2024-01-01|0.001"},
		{"1,2024-01-01,0.12345678901234567", "BIGINT DATE DECIMAL(18,17)", "1|2024-01-01|0.12345678901234567"},
	} {
		text := b.String()[:strings.LastIndex(b.String()[:700_000], "\n")+1] + c.line + "\n" + b.String()[700_000+20:][strings.Index(b.String()[700_000+20:], "\n")+1:]
		path := write(t, "w.csv", text)
		for _, h := range []how{{workers: 1}, {workers: 2, chunk: 30_000}} {
			got, err := read(path, nil, h)
			if err != nil {
				t.Fatal(c.line, err)
			}
			if got.restarts == 0 || len(got.notes) == 0 || !strings.Contains(got.notes[0], path) || !strings.Contains(got.notes[0], ", line ") {
				t.Errorf("%s: notes %q", c.line, got.notes)
			}
			if s := strings.Join(got.types, " "); s != c.typs && !strings.HasPrefix(c.line, "1,2024-01-01,0.123") {
				t.Errorf("%s: types %s, not %s", c.line, s, c.typs)
			}
			found := false
			for _, r := range got.rows {
				found = found || strings.Join(r, "|") == c.row
			}
			if !found {
				t.Errorf("%s: no row %s", c.line, c.row)
			}
		}
	}
}

func TestDeclared(t *testing.T) {
	cols := []types.Field{{Name: "a", Type: types.TInteger}, {Name: "b", Type: types.NewDecimal(5, 2)}, {Name: "c", Type: types.TDate}}
	got, err := same(t, write(t, "d.csv", "1,2.5,2024-02-29\n,,\n-007, 3 ,2024-1-5\n"), nil, how{declared: cols})
	expect(t, got, err, "a,b,c", "INTEGER DECIMAL(5,2) DATE", "1|2.50|2024-02-29", null+"|"+null+"|"+null, "-7|3.00|2024-01-05")
	got, err = same(t, write(t, "d.csv", "A,B,C\n1,2.5,2024-02-29\n"), nil, how{declared: cols})
	expect(t, got, err, "a,b,c", "", "1|2.50|2024-02-29")
	got, err = same(t, write(t, "d.tbl", "1|2.5|2024-02-29|\n2|3.5|2024-02-28|\n"), nil, how{declared: cols})
	expect(t, got, err, "a,b,c", "", "1|2.50|2024-02-29", "2|3.50|2024-02-28")

	got, err = read(write(t, "d.csv", "N/A\n1\n"), nil, how{declared: cols[:1]})
	if err == nil || !strings.Contains(err.Error(), "'N/A' is no INTEGER") {
		t.Error(err, got)
	}
	got, err = read(write(t, "d.csv", "number\n1\n"), nil, how{declared: cols[:1]})
	expect(t, got, err, "a", "INTEGER", "1")
	if len(got.notes) != 1 {
		t.Error(got.notes)
	}
	got, err = read(write(t, "d.csv", "N/A\n1\n"), nil, how{})
	expect(t, got, err, "column0", "VARCHAR", "N/A", "1")

	path := write(t, "e.csv", "1,2,2024-01-01\n2,x,2024-01-01\n3,4\n99999999999,1,2024-01-01\n5,6,2024-01-01\n")
	_, err = same(t, path, map[string]string{"header": "false"}, how{declared: cols})
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Class != sqlerr.Data || !strings.Contains(e.Msg, path+", line 2") && !strings.Contains(e.Msg, path+", line 3") || !strings.Contains(e.Hint, "ignore_errors") {
		t.Errorf("error %v", err)
	}
	for _, cs := range [][]int{{0}, {1}, {}, {2, 0}} {
		got, err = same(t, path, map[string]string{"header": "false", "ignore_errors": "true"}, how{declared: cols, cols: cs})
		if err != nil || len(got.bad) != 3 || len(got.rows) != 2 {
			t.Errorf("%v: %v, bad %+v, rows %v", cs, err, got.bad, got.rows)
			continue
		}
		if got.bad[0].Line != 2 || got.bad[0].Column != "b" || got.bad[0].Value != "x" || got.bad[1].Line != 3 || got.bad[1].Raw != "3,4" || got.bad[2].Column != "a" {
			t.Errorf("bad %+v", got.bad)
		}
	}
	_, err = same(t, path, map[string]string{"header": "false"}, how{declared: cols, cols: []int{2}})
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a line with too few fields must fail whatever is read: %v", err)
	}
}

func TestTextfile(t *testing.T) {
	cols := []types.Field{{Name: "a", Type: types.TInteger}, {Name: "b", Type: types.TVarchar}, {Name: "c", Type: types.TVarchar}}
	got, err := same(t, write(t, "000000_0", "1\x01x\x01\n\\N\x01\\N\x01\"q\"\n3\n4\x01y\x01z\x01surplus\n"), nil, how{declared: cols, text: true})
	expect(t, got, err, "a,b,c", "", "1|x|", null+"|"+null+"|\"q\"", "3|"+null+"|"+null, "4|y|z")
	got, err = same(t, write(t, "x.txt", "1,a\\,b,c\\\\d\n"), map[string]string{"field.delim": ",", "escape.delim": `\`}, how{declared: cols, text: true})
	expect(t, got, err, "a,b,c", "", `1|a,b|c\d`)
}

func TestLineEndings(t *testing.T) {
	for _, nl := range []string{"\n", "\r\n", "\r"} {
		for _, last := range []string{"", nl} {
			text := "\xef\xbb\xbfid,name" + nl + "1,\"a" + nl + "b\"" + nl + "2,c" + last
			got, err := same(t, write(t, "n.csv", text), nil, how{})
			expect(t, got, err, "id,name", "BIGINT VARCHAR", "1|a"+nl+"b", "2|c")
		}
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	got, err := read(write(t, "l.csv", "a,b\n1,"+long+"\n2,y\n"), nil, how{workers: 2, chunk: 64 << 10})
	if err != nil || len(got.rows) != 2 || got.rows[0][1] != long || got.rows[1][1] != "y" {
		t.Fatal("a long line", err, len(got.rows))
	}
	for _, chunk := range []int{0, 100, 5000} {
		_, err = read(write(t, "l.csv", "a,b\n1,z\n2,"+long+"\n2,y\n"), opt("max_line_size", "100000", "delim", ","), how{workers: 2, chunk: chunk})
		if sqlerr.ClassOf(err) != sqlerr.Limit || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("chunk %d: %v", chunk, err)
		}
	}
	wide := strings.Repeat("1,", 99_999) + "1\n"
	got, err = read(write(t, "w.csv", wide+wide+wide), opt("header", "false"), how{workers: 2, cols: []int{99_999, 5}})
	if err != nil || len(got.rows) != 3 || got.rows[2][1] != "1" {
		t.Error(err, got.rows)
	}
}

func TestUnclosedQuote(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%d,x\n", i)
	}
	b.WriteString("100,\"oops\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%d,x\n", i)
	}
	path := write(t, "u.csv", b.String())
	_, err := same(t, path, map[string]string{"quote": `"`}, how{})
	if sqlerr.ClassOf(err) != sqlerr.Data || !strings.Contains(err.Error(), "line 102") {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	path := write(t, "o.csv", "# made today\nskip me\na;b;c\n'x;y';NA;01\n'it''s';5;02\n")
	o := opt("comment", "#", "skip", "2", "nullstr", "NA")
	got, err := read(path, o, how{})
	expect(t, got, err, "a,b,c", "VARCHAR BIGINT VARCHAR", "x;y|"+null+"|01", "it's|5|02")
	o["types"] = fields("b", "DOUBLE", "c", "INTEGER")
	got, err = read(path, o, how{})
	expect(t, got, err, "a,b,c", "VARCHAR DOUBLE INTEGER", "x;y|"+null+"|1", "it's|5.0|2")
	_, err = read(path, opt("delimitr", ","), how{})
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Class != sqlerr.Bind || !strings.Contains(e.Hint, "delimiter") {
		t.Error(err)
	}
	got, err = read(write(t, "f.csv", "d,t\n31.12.2024,12/31/2024 11:59:01 PM\n1.2.2023,1/2/2023 1:00:00 AM\n"), opt("dateformat", "%d.%m.%Y", "timestampformat", "%m/%d/%Y %I:%M:%S %p"), how{})
	expect(t, got, err, "d,t", "DATE TIMESTAMP", "2024-12-31|2024-12-31 23:59:01", "2023-02-01|2023-01-02 01:00:00")
	got, err = read(write(t, "c.csv", "1,x\n"), map1("columns", fields("n", "INT", "s", "VARCHAR(10)")), how{})
	expect(t, got, err, "n,s", "INTEGER VARCHAR(10)", "1|x")
	got, err = read(write(t, "c.csv", "a,b\n1,\"\"\n2,\n"), opt("allow_quoted_nulls", "true"), how{})
	expect(t, got, err, "a,b", "", "1|"+null, "2|"+null)
	got, err = read(write(t, "p.csv", "a,b,c\n1\n1,2\n1,2,3\n"), opt("null_padding", "true", "delim", ",", "header", "true"), how{})
	expect(t, got, err, "a,b,c", "", "1|"+null+"|"+null, "1|2|"+null, "1|2|3")
	got, err = read(write(t, "g.csv", "a;b\n1,50;x\n2;y\n1.000,5;z\n"), opt("decimal_separator", ","), how{})
	expect(t, got, err, "a,b", "VARCHAR VARCHAR", "1,50|x", "2|y", "1.000,5|z")
	got, err = read(write(t, "g.csv", "a;b\n1,50;x\n2;y\n"), opt("decimal_separator", ","), how{})
	expect(t, got, err, "a,b", "DECIMAL(18,2) VARCHAR", "1.50|x", "2.00|y")
	got, err = read(write(t, "g.csv", "a;b\n1,50;1\n1.000;2\n"), opt("decimal_separator", ","), how{})
	expect(t, got, err, "a,b", "VARCHAR BIGINT", "1,50|1", "1.000|2")
	got, err = read(write(t, "s.csv", "a\n"+strings.Repeat("1\n", 200_000)+"x\n"+strings.Repeat("1\n", 200_000)), opt("sample_size", "-1"), how{})
	if err != nil || got.restarts != 0 || got.types[0] != "VARCHAR" {
		t.Error(err, got.restarts, got.types)
	}
}

func TestLimit(t *testing.T) {
	path := write(t, "l.csv", "a\n"+strings.Repeat("1\n", 100_000))
	bad, err := read(write(t, "b.csv", strings.Repeat("x\n", 1000)+strings.Repeat("1\n", 1000)), opt("ignore_errors", "true", "header", "false"),
		how{limit: 10, chunk: 100, declared: []types.Field{{Name: "a", Type: types.TInteger}}})
	if err != nil || len(bad.rows) < 10 {
		t.Error(err, len(bad.rows))
	}
	got, err := read(path, nil, how{limit: 10, chunk: 1000})
	if err != nil || len(got.rows) < 10 || len(got.rows) > 600 {
		t.Error(err, len(got.rows))
	}
}
