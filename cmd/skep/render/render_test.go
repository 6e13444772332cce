package render

import (
	"bufio"
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// column is a column of test data; a nil value is NULL.
type column struct {
	name   string
	t      types.Type
	values []any
}

func batchOf(cols ...column) ([]types.Field, *vec.Batch) {
	b := &vec.Batch{}
	var fields []types.Field
	for _, c := range cols {
		bld := vec.NewBuilder(c.t)
		for _, v := range c.values {
			switch x := v.(type) {
			case nil:
				bld.AppendNull()
			case string:
				bld.AppendBytes([]byte(x))
			case int:
				vec.AppendValue(bld, int64(x))
			case float64:
				vec.AppendValue(bld, x)
			}
		}
		fields = append(fields, types.Field{Name: c.name, Type: c.t})
		b.Cols, b.N = append(b.Cols, bld.Vector()), len(c.values)
	}
	return fields, b
}

func rendered(t *testing.T, format string, o Options, fields []types.Field, batches ...*vec.Batch) string {
	t.Helper()
	var out bytes.Buffer
	buf := bufio.NewWriter(&out)
	w, err := New(format, buf, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(fields); err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Batch(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	if err := buf.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBoxCells(t *testing.T) {
	fields, b := batchOf(
		column{"名前", types.TVarchar, []any{"東京", "a\nb\x1b[31m", "NULL", nil, "e\xff😀", "\u202eabc"}},
		column{"n", types.TBigInt, []any{1, 22, -333, nil, 0, 7}})
	equal(t, rendered(t, "box", Options{}, fields, b), `┌──────────────┬────────┐
│ 名前         │      n │
│ VARCHAR      │ BIGINT │
├──────────────┼────────┤
│ 東京         │      1 │
│ a\nb\x1B[31m │     22 │
│ 'NULL'       │   -333 │
│ NULL         │   NULL │
│ e\xFF😀      │      0 │
│ \u{202E}abc  │      7 │
└──────────────┴────────┘
6 rows
`)
}

func TestBoxLong(t *testing.T) {
	var batches []*vec.Batch
	var fields []types.Field
	for i := 0; i < 1000; i += 100 {
		var v []any
		for k := range 100 {
			v = append(v, i+k)
		}
		f, b := batchOf(column{"i", types.TBigInt, v})
		fields, batches = f, append(batches, b)
	}
	equal(t, rendered(t, "box", Options{MaxRows: 5}, fields, batches...), `┌────────┐
│      i │
│ BIGINT │
├────────┤
│      0 │
│      1 │
│      2 │
│      ⋮ │
│    998 │
│    999 │
└────────┘
1,000 rows, 5 shown
`)
	whole := rendered(t, "box", Options{MaxRows: 1000}, fields, batches...)
	if strings.Contains(whole, "⋮") || !strings.HasSuffix(whole, "\n1,000 rows\n") || strings.Count(whole, "\n") != 1006 {
		t.Errorf("%.300s", whole)
	}
}

func TestBoxRingOrder(t *testing.T) { // the last rows come in order from batches of any size
	var batches []*vec.Batch
	var fields []types.Field
	next := 0
	for _, n := range []int{1, 3, 7, 2, 1, 1, 6, 2} {
		var v []any
		for range n {
			v = append(v, next)
			next++
		}
		f, b := batchOf(column{"i", types.TBigInt, v})
		fields, batches = f, append(batches, b)
	}
	got := rendered(t, "box", Options{MaxRows: 8}, fields, batches...)
	var shown []string
	for _, l := range strings.Split(got, "\n")[4:] {
		if strings.HasPrefix(l, "│") {
			shown = append(shown, strings.Trim(l, "│ "))
		}
	}
	if s := strings.Join(shown, " "); s != "0 1 2 3 ⋮ 19 20 21 22" {
		t.Error(s)
	}
}

func TestBoxWidth(t *testing.T) {
	var cols []column
	for i := range 12 {
		cols = append(cols, column{fmt.Sprintf("col%d", i), types.TVarchar, []any{strings.Repeat("日本", 10+i)}})
	}
	fields, b := batchOf(cols...)
	for width := 30; width < 300; width += 7 {
		got := rendered(t, "box", Options{Width: width}, fields, b)
		for _, l := range strings.Split(got, "\n") {
			if strings.HasPrefix(l, "│") && runewidth.StringWidth(l) > width {
				t.Errorf("width %d: line of %d: %s", width, runewidth.StringWidth(l), l)
			}
		}
		if shown := strings.Count(got, "VARCHAR"); shown < 12 && !strings.Contains(got, fmt.Sprintf("%d of 12 columns not shown: ", 12-shown)) {
			t.Errorf("width %d: %d columns shown, others not named\n%s", width, shown, got)
		}
	}
	fields, b = batchOf(cols[0], cols[1], column{"n", types.TBigInt, []any{5}})
	equal(t, rendered(t, "box", Options{Width: 40}, fields, b), `┌──────────────┬──────────────┬────────┐
│ col0         │ col1         │      n │
│ VARCHAR      │ VARCHAR      │ BIGINT │
├──────────────┼──────────────┼────────┤
│ 日本日本日…  │ 日本日本日…  │      5 │
└──────────────┴──────────────┴────────┘
1 row
`)
}

func TestBoxEmpty(t *testing.T) {
	fields, b := batchOf(column{"a", types.TBigInt, nil})
	equal(t, rendered(t, "box", Options{}, fields, b), "┌────────┐\n│      a │\n│ BIGINT │\n├────────┤\n└────────┘\n0 rows\n")
	equal(t, rendered(t, "json", Options{}, fields), "[]\n")
	equal(t, rendered(t, "csv", Options{}, fields), "a\n")
}

func TestSelection(t *testing.T) {
	fields, b := batchOf(column{"a", types.TBigInt, []any{1, 2, nil, 4}}, column{"s", types.TVarchar, []any{"x", "y", "z", "w"}})
	b.Sel = []int32{1, 2}
	equal(t, rendered(t, "csv", Options{}, fields, b), "a,s\n2,y\n,z\n")
	equal(t, rendered(t, "ndjson", Options{}, fields, b), "{\"a\":2,\"s\":\"y\"}\n{\"a\":null,\"s\":\"z\"}\n")
}

func TestJSONValues(t *testing.T) {
	fields, b := batchOf(
		column{"f", types.TDouble, []any{1.5, math.NaN(), math.Inf(-1), 1e300}},
		column{"s", types.TVarchar, []any{"a\"\\\n\x01é", "b\xff", "\u2028", "</script>"}},
		column{"j", types.TJSON, []any{`{"k": [1]}`, "not json", "1", nil}})
	list := types.NewArray(types.NewStruct(types.Field{Name: "x", Type: types.TBigInt}, types.Field{Name: "y", Type: types.TVarchar}))
	bld := vec.NewBuilder(list)
	bld.AppendNull()
	for n := range 3 {
		vec.AppendValue(bld, vec.ListEntry{Off: uint32(bld.Kid(0).Len())})
		for k := range n {
			vec.AppendValue(bld.Kid(0).Kid(0), int64(k))
			bld.Kid(0).Kid(1).AppendNull()
			bld.Kid(0).EndStruct()
		}
		bld.ListLen()
	}
	fields, b.Cols = append(fields, types.Field{Name: "l", Type: list}), append(b.Cols, bld.Vector())
	got := rendered(t, "json", Options{}, fields, b)
	var rows []map[string]any
	if err := stdjson.Unmarshal([]byte(got), &rows); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	for i, want := range []string{
		`map[f:1.5 j:map[k:[1]] l:<nil> s:a"\` + "\n\x01é]",
		"map[f:NaN j:not json l:[] s:b\ufffd]",
		"map[f:-Infinity j:1 l:[map[x:0 y:<nil>]] s:\u2028]",
		"map[f:1e+300 j:<nil> l:[map[x:0 y:<nil>] map[x:1 y:<nil>]] s:</script>]",
	} {
		equal(t, fmt.Sprint(rows[i]), want)
	}
}

func TestMarkdownEscapes(t *testing.T) {
	fields, b := batchOf(column{"a|b", types.TVarchar, []any{"x|y\nz"}})
	equal(t, rendered(t, "markdown", Options{}, fields, b), "| a\\|b |\n|---|\n| x\\|y<br>z |\n")
}

func TestPrintError(t *testing.T) {
	long := "SELECT " + strings.Repeat("x, ", 100) + "oops, " + strings.Repeat("y, ", 100) + "z"
	for _, c := range []struct {
		name string
		src  Source
		pos  int
		want string
	}{
		{"no place", Source{Text: "SELECT 1"}, sqlerr.NoPos, "ERROR: m\nHINT: h\n"},
		{"offset of the statement", Source{Text: "SELECT 1;\nSELECT x", Offset: 10}, 7, "ERROR: m\nLINE 2: SELECT x\n               ^\nHINT: h\n"},
		{"file", Source{File: "a.sql", Text: "é x"}, 3, "a.sql:1:3: ERROR: m\nLINE 1: é x\n          ^\nHINT: h\n"},
		{"end of text", Source{Text: "SELECT"}, 6, "ERROR: m\nLINE 1: SELECT\n              ^\nHINT: h\n"},
		{"tab", Source{Text: "\tSELECT\tx"}, 8, "ERROR: m\nLINE 1: \tSELECT\tx\n        \t      \t^\nHINT: h\n"},
		{"beyond the text", Source{Text: "ab"}, 99, "ERROR: m\nLINE 1: ab\n          ^\nHINT: h\n"},
		{"escape sequences", Source{Text: "\x1b[31m x"}, 6, "ERROR: m\nLINE 1: \\x1B[31m x\n                 ^\nHINT: h\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			PrintError(&out, sqlerr.At(sqlerr.Bind, c.pos, "m").WithHint("h"), c.src)
			equal(t, out.String(), c.want)
		})
	}
	var out bytes.Buffer
	PrintError(&out, sqlerr.At(sqlerr.Bind, strings.Index(long, "oops"), "m"), Source{Text: long})
	lines := strings.Split(out.String(), "\n")
	at := len([]rune(lines[2])) - 1
	if r := []rune(lines[1]); len(r) > 170 || string(r[at:at+4]) != "oops" {
		t.Errorf("%s", out.String())
	}
}

func TestPrintErrorInside(t *testing.T) {
	err := sqlerr.At(sqlerr.Bind, 7, "m").WithHint("h")
	err.Inside = []sqlerr.Inside{{Name: "macro g", Text: "x +\n y", Pos: 5}, {Name: "view v", Text: "g(1)", Pos: 0}}
	var out bytes.Buffer
	PrintError(&out, err, Source{Text: "SELECT v"})
	equal(t, out.String(), "ERROR: m\nIN macro g, LINE 2:  y\n                     ^\nIN view v, LINE 1: g(1)\n                   ^\nUSED IN LINE 1: SELECT v\n                       ^\nHINT: h\n")
}
