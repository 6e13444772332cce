package parser_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

func readOr(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// TestExpr reads testdata/parse/expr.test: an expression, a tab, and how it is read, fully in parentheses.
func TestExpr(t *testing.T) {
	n := 0
	for i, line := range strings.Split(read(t, "../testdata/parse/expr.test"), "\n") {
		sql, want, ok := strings.Cut(line, "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		want = strings.TrimLeft(want, "\t")
		e, err := parser.ParseExpr(sql)
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else {
			got = ast.SQL(e)
		}
		if got != want {
			t.Errorf("line %d: %s\n  got  %s\n  want %s", i+1, sql, got, want)
		}
		if err != nil {
			continue
		}
		again, err := parser.ParseExpr(got)
		if strings.Contains(got, "…") {
			continue
		}
		if err != nil || ast.SQL(again) != got {
			t.Errorf("line %d: %s does not read back: %v", i+1, got, err)
		}
	}
	if n < 40 {
		t.Errorf("only %d cases", n)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		sql, at, msg, hint string // at: the text at which the error points
	}{
		{"SELEC * FROM t", "SELEC", "expected a statement, found SELEC", "did you mean SELECT?"},
		{"SELECT * FORM t", "FORM", "expected end of statement, found FORM", "did you mean FROM?"},
		{"SELECT a FORM t", "t", "expected end of statement, found t", "did you mean FROM instead of FORM?"},
		{"SELECT a FROM t WHRE a = 1", "a = 1", "expected end of statement, found a", "did you mean WHERE instead of WHRE?"},
		{"SELECT 1 +", "", "expected an expression, found end of text", ""},
		{"SELECT (a FROM t", "FROM", "expected ), found FROM", ""},
		{"SELECT 'abc FROM t", "'abc", "this string has no closing quote", "a quote inside a string is written twice: 'it''s'"},
		{"SELECT 1 /* x", "/*", "this comment has no closing */", ""},
		{"SELECT 12abc", "12abc", "malformed number 12abc", "a name that begins with a digit needs quotes"},
		{"SELECT ‘a’", "‘", "unexpected character \"‘\"", "write strings between straight quotes: '"},
		{"SELECT a,\n  b,\n  WHERE t", "WHERE", "expected an expression, found WHERE", ""},
		{"SELECT 1; SELECT a..b", ".b", "expected a name after the dot, found .", ""},
		{"CREATE TABLE t (a INT, b DECIMAL(x))", "(x", "expected ), found (", ""},
		{"SELECT CAST(a INT)", "INT", "expected AS, found INT", ""},
		{"SELECT * FROM a JOIN b ON", "", "expected an expression, found end of text", ""},
		{"INSERT t VALUES (1)", "t", "expected INTO or OVERWRITE, found t", ""},
	} {
		_, err := parser.Parse(c.sql)
		var e *sqlerr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if e.Class != sqlerr.Syntax || e.Msg != c.msg || !strings.HasPrefix(c.sql[e.Pos:], c.at) || c.at == "" && e.Pos != len(c.sql) {
			t.Errorf("%s: %q at %q", c.sql, e.Msg, c.sql[e.Pos:])
		}
		if e.Hint != c.hint {
			t.Errorf("%s: hint %q", c.sql, e.Hint)
		}
	}
}

func TestSplit(t *testing.T) {
	pieces, rest, open := parser.Split("select ';' ; -- a;\n /* ; */ select $$;$$;;\n select \";\" ")
	if len(pieces) != 2 || pieces[0].Text != "select ';'" || pieces[1].Text != "select $$;$$" || pieces[1].Offset != 28 ||
		rest.Text != `select ";"` || open {
		t.Errorf("%+v %+v %v", pieces, rest, open)
	}
	for sql, want := range map[string]bool{"select 'a": true, "select 1 /* x": true, "select $a$ ;": true, "select 1; \n-- x": false, `select "x`: true} {
		if _, _, open := parser.Split(sql); open != want {
			t.Errorf("%q: open %v", sql, open)
		}
	}
	if _, rest, _ := parser.Split("select 1; -- c\n"); rest.Text != "" {
		t.Errorf("rest %q", rest.Text)
	}
}

func TestDepth(t *testing.T) {
	for _, unit := range [][2]string{{"(", ")"}, {"- ", ""}, {"NOT ", ""}, {"[", "]"}, {"f(", ")"}, {"CASE WHEN ", " THEN 1 END"}, {"(SELECT ", ")"},
		{"x -> ", ""}, {"f(x -> 'a' || ", ")"}, {"((SELECT ", ") + 1)"}, {"{'a': ", "}"}, {"EXISTS (SELECT ", ")"}, {"1 + (", ")"}, {"a[", "]"}} {
		for _, n := range []int{200, 10000} {
			sql := "SELECT f(" + strings.Repeat(unit[0], n) + "1" + strings.Repeat(unit[1], n) + ")"
			start := time.Now()
			_, err := parser.Parse(sql)
			if n == 200 && err != nil || err != nil && sqlerr.ClassOf(err) != sqlerr.Limit {
				t.Errorf("%d × %s: %v", n, unit[0], err)
			}
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("%d × %s takes %v", n, unit[0], d)
			}
		}
	}
	for _, sql := range []string{
		"SELECT * FROM " + strings.Repeat("(", 10000) + "t" + strings.Repeat(")", 10000),
		strings.Repeat("(", 10000) + "SELECT 1" + strings.Repeat(")", 10000),
		"SELECT 1::" + strings.Repeat("ARRAY<", 10000) + "INT" + strings.Repeat(">", 10000),
		"SELECT 1 FROM t GROUP BY GROUPING SETS (" + strings.Repeat("ROLLUP (", 10000) + "a" + strings.Repeat(")", 10001),
		strings.Repeat("EXPLAIN ", 10000) + "SELECT 1",
		"SELECT * FROM a " + strings.Repeat("JOIN a ", 10000) + strings.Repeat("ON true ", 10000),
	} {
		if _, err := parser.Parse(sql); sqlerr.ClassOf(err) != sqlerr.Limit {
			t.Errorf("%.40s…: %v", sql, err)
		}
	}
}

// TestChains holds that long chains need no depth.
func TestChains(t *testing.T) {
	const n = 100000
	for _, sql := range []string{
		"SELECT 1" + strings.Repeat(" + 1", n), "SELECT true" + strings.Repeat(" OR a = 1", n), "SELECT true" + strings.Repeat(" AND a", n),
		"SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", n), "SELECT 1" + strings.Repeat(", 1", n), "SELECT a" + strings.Repeat("::int", n),
		"SELECT * FROM a" + strings.Repeat(" JOIN a USING (x)", 5000), "SELECT a IN (1" + strings.Repeat(", 1", n) + ")", "SELECT a" + strings.Repeat("[1]", n),
		"SELECT * FROM a" + strings.Repeat(" JOIN a", n), "SELECT * FROM a" + strings.Repeat(" JOIN a JOIN a ON x", n/2),
	} {
		stmts, err := parser.Parse(sql)
		if err != nil || len(stmts) != 1 {
			t.Errorf("%.40s…: %v", sql, err)
		}
	}
	e, err := parser.ParseExpr("1" + strings.Repeat(" + 1", n))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	ast.Walk(e, func(ast.Expr) bool { count++; return true })
	if count != 2*n+1 {
		t.Errorf("Walk saw %d nodes", count)
	}
}

// TestChildren holds that Children gives every expression a node holds, so that no field is forgotten.
func TestChildren(t *testing.T) {
	for _, sql := range []string{"a + b", "a AND b AND c", "a BETWEEN b AND c", "a IN (b, c)", "a LIKE b ESCAPE c", "a LIKE ANY (b, c)", "CASE a WHEN b THEN c ELSE d END",
		"f(a, b ORDER BY c) FILTER (WHERE d) OVER (PARTITION BY e ORDER BY g ROWS BETWEEN h PRECEDING AND i FOLLOWING)", "p(a) WITHIN GROUP (ORDER BY b)",
		"a = ANY (b)", "ROW(a, b)", "[a, b]", "{'x': a}", "MAP {a: b}", "a[b]", "a[b:c:d]", "(f(a)).b", "f(x -> x)", "a COLLATE c", "a AT TIME ZONE b", "[a FOR x IN b IF c]",
		"GROUPING(a, b)", "INTERVAL (a) DAY", "a IS DISTINCT FROM b", "CAST(a AS INT)", "NOT a", "* REPLACE (a AS b)", "COLUMNS(a)"} {
		e, err := parser.ParseExpr(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		want := columns(reflect.ValueOf(e), nil)
		var got []string
		ast.Walk(e, func(e ast.Expr) bool {
			if c, ok := e.(*ast.ColumnRef); ok {
				got = append(got, c.Parts.String())
			}
			return true
		})
		if len(got) != len(want) {
			t.Errorf("%s: Walk sees %v of %v", sql, got, want)
		}
	}
}

// columns finds the column references in a tree by reflection.
func columns(v reflect.Value, list []string) []string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return list
		}
		if c, ok := v.Interface().(*ast.ColumnRef); ok {
			return append(list, c.Parts.String())
		}
		return columns(v.Elem(), list)
	case reflect.Slice:
		for i := range v.Len() {
			list = columns(v.Index(i), list)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			list = columns(v.Field(i), list)
		}
	}
	return list
}

func BenchmarkInsert(b *testing.B) {
	row := "(123456, 'some text here', 3.25, NULL, '2024-01-01'),"
	sql := "INSERT INTO t VALUES " + strings.Repeat(row, 5<<20/len(row)) + "(1)"
	b.SetBytes(int64(len(sql)))
	for b.Loop() {
		if _, err := parser.Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}
