package json

import (
	stdjson "encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skep-sql/skep/storage"
)

// same reads a file in all ways and demands the same rows, bad rows and errors of each.
func same(t *testing.T, path string, opts storage.Options, h how, size int) (result, error) {
	t.Helper()
	first, firstErr := read(path, opts, h)
	for _, w := range ways(size) {
		w.declared, w.cols = h.declared, h.cols
		got, err := read(path, opts, w)
		if fmt.Sprint(err) != fmt.Sprint(firstErr) {
			t.Fatalf("chunk %d workers %d: error %v, not %v", w.chunk, w.workers, err, firstErr)
		}
		if err == nil && (got.String() != first.String() || fmt.Sprint(got.bad) != fmt.Sprint(first.bad)) {
			t.Fatalf("chunk %d workers %d batch %d:\n%v%v\nnot\n%v%v", w.chunk, w.workers, w.batch, got, got.bad, first, first.bad)
		}
	}
	return first, firstErr
}

// cases are files and what is read of them: the columns and rows as result.String has them, or a part of the error.
var cases = []struct {
	name, text string
	opts       storage.Options
	want       string
	err        string
	bad        int
}{
	{name: "lines", text: `{"a":1,"b":"x"}` + "\n" + `{"b":"y","a":2}` + "\n", want: "a BIGINT|b VARCHAR|\n[\"1\" \"x\"]\n[\"2\" \"y\"]\n"},
	{name: "no line feed at the end", text: `{"a":1}` + "\n" + `{"a":2}`, want: "a BIGINT|\n[\"1\"]\n[\"2\"]\n"},
	{name: "bom, crlf, empty lines", text: "\xef\xbb\xbf" + `{"a":1}` + "\r\n\r\n  \r\n" + ` {"a" : 2 } ` + "\r\n", want: "a BIGINT|\n[\"1\"]\n[\"2\"]\n"},
	{name: "array", text: ` [ {"a":1} , {"a":2} ] ` + "\n", want: "a BIGINT|\n[\"1\"]\n[\"2\"]\n"},
	{name: "array over lines", text: "[\n {\n\"a\": [1,\n2]},\n {\"a\":\n[]}\n]\n", want: "a BIGINT[]|\n[\"[1, 2]\"]\n[\"[]\"]\n"},
	{name: "loose", text: "{\"a\":1}{\"a\":2} {\n\"a\":3\n}\n", want: "a BIGINT|\n[\"1\"]\n[\"2\"]\n[\"3\"]\n"},
	{name: "empty", text: "", want: "\n"},
	{name: "white space", text: " \n\t\n", want: "\n"},
	{name: "empty array", text: "[]", want: "\n"},
	{name: "missing and null", text: `{"a":1,"b":null}` + "\n" + `{"c":true}` + "\n", want: "a BIGINT|b VARCHAR|c BOOLEAN|\n[\"1\" \"<null>\" \"<null>\"]\n[\"<null>\" \"<null>\" \"true\"]\n"},
	{name: "the last of equal keys counts", text: `{"a":1,"a":2,"b":{"x":1,"x":2}}`, want: "a BIGINT|b STRUCT(x BIGINT)|\n[\"2\" \"{'x': 2}\"]\n"},
	{name: "keys that differ in case", text: `{"a":1,"A":2}`, want: "a BIGINT|A_1 BIGINT|\n[\"1\" \"2\"]\n"},
	{name: "escapes in keys", text: `{"a\u0062":1}` + "\n" + `{"ab":2}`, want: "ab BIGINT|\n[\"1\"]\n[\"2\"]\n"},
	{name: "escapes", text: `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}` + "\n" + `{"a":"\ud83dx\udead"}`, want: "a VARCHAR|\n[\"\\\"\\\\/\\b\\f\\n\\r\\té😀\"]\n[\"\ufffdx\ufffd\"]\n"},
	{name: "long strings with escapes", text: `{"a":"a long string with \u0041 in it"}`, want: "a VARCHAR|\n[\"a long string with A in it\"]\n"},
	{name: "numbers", text: `{"i":-1,"d":1.50,"e":1e3,"b":123456789012345678901234567890,"m":0.1234567890123456,"h":1e400}`,
		want: "i BIGINT|d DECIMAL(18,2)|e DOUBLE|b DECIMAL(38,0)|m DOUBLE|h VARCHAR|\n[\"-1\" \"1.50\" \"1000.0\" \"123456789012345678901234567890\" \"0.1234567890123456\" \"1e400\"]\n"},
	{name: "integers past 38 digits are text", text: `{"a":1}` + "\n" + `{"a":1234567890123456789012345678901234567890}`, want: "a VARCHAR|\n[\"1\"]\n[\"1234567890123456789012345678901234567890\"]\n"},
	{name: "no number", text: `{"a":1.5,"b":NaN}` + "\n" + `{"a":"NaN","b":-Infinity}`, want: "a DOUBLE|b DOUBLE|\n[\"1.5\" \"NaN\"]\n[\"NaN\" \"-Infinity\"]\n"},
	{name: "times", text: `{"d":"2024-02-29","t":"2024-02-29T12:00:01","z":"2024-02-29T12:00:00Z","n":"2024-02-30"}`,
		want: "d DATE|t TIMESTAMP|z TIMESTAMPTZ|n VARCHAR|\n[\"2024-02-29\" \"2024-02-29 12:00:01\" \"2024-02-29 12:00:00+00\" \"2024-02-30\"]\n"},
	{name: "mixed scalars", text: `{"a":1}` + "\n" + `{"a":"x"}` + "\n" + `{"a":true}`, want: "a VARCHAR|\n[\"1\"]\n[\"x\"]\n[\"true\"]\n"},
	{name: "mixed kinds are JSON", text: `{"a":"x"}` + "\n" + `{"a":{"b": 1}}` + "\n" + `{"a":[1]}`, want: "a JSON|\n[\"\\\"x\\\"\"]\n[\"{\\\"b\\\": 1}\"]\n[\"[1]\"]\n"},
	{name: "records that are values", text: "1\n2.5\n", want: "json DECIMAL(18,1)|\n[\"1.0\"]\n[\"2.5\"]\n"},
	{name: "records that are lists", text: "[1,2]\n[3]\n", want: "json BIGINT[]|\n[\"[1, 2]\"]\n[\"[3]\"]\n"},
	{name: "objects", text: "{\"a\":1}\n[2]\n", opts: opt("objects", "true"), want: "json JSON|\n[\"{\\\"a\\\":1}\"]\n[\"[2]\"]\n"},
	{name: "whole records", text: "{\"a\":1}\n", opts: opt("records", "false"), want: "json STRUCT(a BIGINT)|\n[\"{'a': 1}\"]\n"},
	{name: "depth", text: `{"a":{"b":{"c":1}}}`, opts: opt("maximum_depth", "1"), want: "a STRUCT(b JSON)|\n[\"{'b': '{\\\"c\\\":1}'}\"]\n"},
	{name: "declared", text: `{"A":"12","c":{"X":"7"},"l":[1,null]}` + "\n" + `{"z":1}`, opts: storage.Options{"columns": fields("a", "INTEGER", "b", "VARCHAR", "c", "STRUCT(x INTEGER)", "l", "SMALLINT[]")},
		want: "a INTEGER|b VARCHAR|c STRUCT(x INTEGER)|l SMALLINT[]|\n[\"12\" \"<null>\" \"{'x': 7}\" \"[1, NULL]\"]\n[\"<null>\" \"<null>\" \"<null>\" \"<null>\"]\n"},
	{name: "declared map", text: `{"m":{"a":1,"b":2,"a":3}}`, opts: storage.Options{"columns": fields("m", "MAP(VARCHAR, BIGINT)")}, want: "m MAP(VARCHAR, BIGINT)|\n[\"{b=2, a=3}\"]\n"},
	{name: "types", text: `{"a":1,"b":2}`, opts: storage.Options{"types": fields("b", "VARCHAR")}, want: "a BIGINT|b VARCHAR|\n[\"1\" \"2\"]\n"},
	{name: "a type without column", text: `{"abc":1}`, opts: storage.Options{"types": fields("abd", "VARCHAR")}, err: "has no column abd"},
	{name: "bad line", text: "{\"a\":1}\n{\"a\":1,}\n{\"a\":3}\n", err: "f.json, line 2, position 8: a key in quotes is missing"},
	{name: "bad line set aside", text: "{\"a\":1}\n{\"a\":1,}\n{\"a\":3\n5\n{\"a\":4}", opts: opt("ignore_errors", "true", "format", "nd", "records", "true"), want: "a BIGINT|\n[\"1\"]\n[\"4\"]\n", bad: 3},
	{name: "bad value", text: "{\"a\":1}\n{\"a\":\"x\"}\n", opts: storage.Options{"columns": fields("a", "INTEGER")}, err: `f.json, line 2, position 6: column a: "x" is no INTEGER: it is not a number`},
	{name: "bad value set aside", text: "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":2}", opts: storage.Options{"columns": fields("a", "INTEGER"), "ignore_errors": {Text: "true"}}, want: "a INTEGER|\n[\"1\"]\n[\"2\"]\n", bad: 1},
	{name: "bad nested value set aside", text: "{\"a\":[1]}\n{\"a\":[1,{}]}\n{\"a\":[2]}", opts: storage.Options{"columns": fields("a", "INTEGER[]"), "ignore_errors": {Text: "true"}}, want: "a INTEGER[]|\n[\"[1]\"]\n[\"[2]\"]\n", bad: 1},
	{name: "cut off", text: "{\"a\":1}\n{\"a\":", err: "line 2, position 6: the text ends within a value"},
	{name: "no end of an array", text: `[{"a":1},{"a":2}`, err: "the array is never closed"},
	{name: "a comma too many", text: `[{"a":1},]`, err: "a value is missing behind the last comma"},
	{name: "two commas", text: `[{"a":1},,{"a":1}]`, err: "there is no value here"},
	{name: "no comma", text: `[{"a":1} {"a":1}]`, err: "position 10: a comma or ] is missing"},
	{name: "something behind", text: "[{\"a\":1}]\n{\"a\":2}", err: "line 2: something stands behind the array"},
	{name: "a quote never closed", text: "{\"a\":\"x}\n{\"a\":1}\n", err: "line 1, position 9: the line ends within a value"},
	{name: "needless zero", text: `{"a":007}`, err: "needless zero"},
	{name: "control character", text: "{\"a\":\"x\x01\"}", err: "control character"},
	{name: "no UTF-8", text: "{\"a\":\"x\xff\"}", err: "column a: \"x\xff\" is no VARCHAR"},
	{name: "unknown escape", text: `{"a":"\x"}`, err: "unknown escape"},
	{name: "deep", text: `{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`, err: "nested too deep"},
	{name: "fairly deep", text: `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, want: "a JSON" + strings.Repeat("[]", 32) + "|\n[\"" + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\"]\n"},
	{name: "UTF-16", text: "\xff\xfe{\x00", err: "is UTF-16"},
	{name: "unknown option", text: "{}", opts: opt("ignore_error", "true"), err: "unknown option ignore_error for reading JSON"},
}

func TestFiles(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := same(t, write(t, "f.json", c.text), c.opts, how{}, len(c.text))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, not %s\n%v", err, c.err, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want {
				t.Errorf("got\n%v\nwant\n%v", got, c.want)
			}
			if len(got.bad) != c.bad {
				t.Errorf("%d records set aside: %v", len(got.bad), got.bad)
			}
		})
	}
}

// later makes a file whose samples do not show everything.
func later(tail string) string {
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, `{"id":%d,"o":{"n":%d},"s":"text %d"}`+"\n", i, i%10, i)
		if i == 31_234 {
			b.WriteString(tail + "\n")
		}
	}
	return b.String()
}

// TestRestart reads files where later values disprove the guess.
func TestRestart(t *testing.T) {
	for tail, want := range map[string]string{
		`{"id":1.5}`:                       "id DECIMAL(18,1)|o STRUCT(n BIGINT)|s VARCHAR|",
		`{"id":"x"}`:                       "id VARCHAR|o STRUCT(n BIGINT)|s VARCHAR|",
		`{"id":7,"more":1}`:                "id BIGINT|o STRUCT(n BIGINT)|s VARCHAR|more BIGINT|",
		`{"id":7,"o":{"n":1,"m":[1]}}`:     "id BIGINT|o STRUCT(n BIGINT, m BIGINT[])|s VARCHAR|",
		`{"id":7,"o":{"n":"x"}}`:           "id BIGINT|o STRUCT(n VARCHAR)|s VARCHAR|",
		`{"id":7,"o":5}`:                   "id BIGINT|o JSON|s VARCHAR|",
		`{"id":7,"s":{"a":1}}`:             "id BIGINT|o STRUCT(n BIGINT)|s JSON|",
		`{"id":92233720368547758070}`:      "id DECIMAL(38,0)|o STRUCT(n BIGINT)|s VARCHAR|",
		`{"id":0.12345678901234567890123}`: "id DECIMAL(38,23)|o STRUCT(n BIGINT)|s VARCHAR|",
		`{"id":1e-300}`:                    "id DOUBLE|o STRUCT(n BIGINT)|s VARCHAR|",
	} {
		path := write(t, "f.ndjson", later(tail))
		for _, h := range []how{{workers: 1}, {workers: 3, chunk: 50_000}} {
			got, err := read(path, nil, h)
			if err != nil {
				t.Fatal(tail, err)
			}
			if head, _, _ := strings.Cut(got.String(), "\n"); head != want || len(got.rows) != 60_001 || got.restarts == 0 || len(got.notes) != got.restarts {
				t.Errorf("%s: %s, %d rows, %d restarts, notes %q", tail, head, len(got.rows), got.restarts, got.notes)
			}
		}
	}
	path := write(t, "f.ndjson", later(`{"id":1.5}`))
	if got, err := read(path, opt("sample_size", "-1"), how{}); err != nil || got.restarts != 0 || got.types[0] != "DECIMAL(18,1)" {
		t.Error(got.types, got.restarts, err)
	}
	path = write(t, "f.ndjson", later(`{"id":7,"more":1}`))
	if got, err := read(path, nil, how{cols: []int{0}}); err != nil || got.restarts != 0 || len(got.rows) != 60_001 {
		t.Error("a key that nobody wants is no matter:", got.restarts, err)
	}
}

// TestMap reads objects with very many keys.
func TestMap(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, `{"id":%d,"m":{"k%d":%d,"j%d":1.5}}`+"\n", i, i, i, i)
	}
	got, err := same(t, write(t, "f.json", b.String()), nil, how{}, b.Len())
	if err != nil || got.types[1] != "MAP(VARCHAR, DECIMAL(18,1))" || got.rows[7][1] != "{k7=7.0, j7=1.5}" {
		t.Error(err, got.types, got.rows[7])
	}
}

// TestLong reads records that are longer than chunks, and one that is too long.
func TestLong(t *testing.T) {
	long := strings.Repeat("long ", 200_000)
	text := `{"a":1}` + "\n" + `{"a":2,"b":"` + long + `"}` + "\n" + `{"a":3}` + "\n"
	for _, text := range []string{text, "[" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",\n") + "]"} {
		path := write(t, "f.json", text)
		for _, h := range []how{{}, {chunk: 1000, workers: 2}, {chunk: 100_000, workers: 2}} {
			got, err := read(path, nil, h)
			if err != nil || len(got.rows) != 3 || got.rows[1][1] != long {
				t.Fatal(h, err, len(got.rows))
			}
			if _, err := read(path, opt("maximum_object_size", "1000"), how{chunk: 500}); err == nil || !strings.Contains(err.Error(), "line 2: a record is longer than 1000 bytes") {
				t.Error(err)
			}
		}
	}
}

// TestLimit reads the first rows.
func TestLimit(t *testing.T) {
	path := write(t, "f.json", later(""))
	got, err := read(path, nil, how{workers: 3, chunk: 1000, limit: 100})
	if err != nil || len(got.rows) < 100 || len(got.rows) > 30_000 || got.rows[99][0] != "99" {
		t.Error(err, len(got.rows))
	}
}

// random makes a JSON value.
func random(r *rand.Rand, depth int) any {
	switch n := r.IntN(9 + depth); n {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2, 3:
		return stdjson.Number(fmt.Sprint(r.Int64N(1 << r.IntN(62))))
	case 4:
		return stdjson.Number(fmt.Sprintf("-%d.%02d", r.IntN(1000), r.IntN(100)))
	case 5, 6, 7, 8:
		return strings.Repeat([]string{"é", "x", "\"", "\\", "\n", "2024-01-01"}[r.IntN(6)], r.IntN(20))
	case 9:
		l := []any{}
		for range r.IntN(4) {
			l = append(l, random(r, depth-1))
		}
		return l
	default:
		m := map[string]any{}
		for range r.IntN(4) {
			m[string(rune('a'+r.IntN(4)))] = random(r, depth-1)
		}
		return m
	}
}

// TestRandom compares with encoding/json: every record as JSON text, in every layout and compression of ways to read.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var texts []string
		for range 1 + r.IntN(40) {
			m := map[string]any{}
			for _, k := range []string{"a", "b", "c c", "\"d\""} {
				if r.IntN(5) > 0 {
					m[k] = random(r, 2)
				}
			}
			b, _ := stdjson.Marshal(m)
			texts = append(texts, string(b))
		}
		for _, text := range []string{strings.Join(texts, "\n"), "[" + strings.Join(texts, " ,\n") + "]", strings.Join(texts, "")} {
			path := write(t, "f.json", text)
			cols := storage.Options{"columns": fields("a", "JSON", "b", "VARCHAR", "c c", "JSON", `"d"`, "JSON")}
			got, err := same(t, path, cols, how{}, len(text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := same(t, path, nil, how{}, len(text)); err != nil {
				t.Fatal(err, text)
			}
			if len(got.rows) != len(texts) {
				t.Fatalf("%d rows, not %d", len(got.rows), len(texts))
			}
			for i, row := range got.rows {
				var m map[string]stdjson.RawMessage
				if err := stdjson.Unmarshal([]byte(texts[i]), &m); err != nil {
					t.Fatal(err)
				}
				for j, k := range []string{"a", "b", "c c", `"d"`} {
					want := null
					if raw, ok := m[k]; ok && string(raw) != "null" {
						want = string(raw)
						var s string
						if k == "b" && stdjson.Unmarshal(raw, &s) == nil {
							want = s
						}
					}
					if row[j] != want {
						t.Fatalf("row %d %s: %q, not %q", i, k, row[j], want)
					}
				}
			}
		}
	}
}

// FuzzChunks reads a file in one chunk and in many. What is accepted as a line encoding/json accepts too, but for NaN.
func FuzzChunks(f *testing.F) {
	for _, c := range cases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 5000 {
			return
		}
		path := write(t, "f.json", text)
		first, firstErr := read(path, nil, how{})
		for _, h := range []how{{chunk: 1, workers: 2}, {chunk: 7, workers: 2, batch: 3}, {chunk: 64, workers: 1, batch: 1}} {
			got, err := read(path, nil, h)
			if (err == nil) != (firstErr == nil) {
				t.Fatalf("chunk %d: error %v, not %v", h.chunk, err, firstErr)
			}
			if err == nil && got.String() != first.String() {
				t.Fatalf("chunk %d:\n%v\nnot\n%v", h.chunk, got, first)
			}
		}
		if _, err := read(path, opt("ignore_errors", "true", "format", "nd"), how{chunk: 50}); err != nil && strings.Contains(err.Error(), "internal") {
			t.Fatal(err)
		}
		if firstErr == nil && len(first.rows) == 1 && !strings.Contains(text, "N") && !strings.Contains(text, "I") {
			if whole, err := read(path, opt("objects", "true"), how{}); err == nil && len(whole.rows) == 1 && !stdjson.Valid([]byte(whole.rows[0][0])) {
				t.Fatalf("%q is not JSON", whole.rows[0][0])
			}
		}
	})
}
