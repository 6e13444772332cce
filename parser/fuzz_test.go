package parser_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/parser/token"
)

func seeds(f *testing.F) {
	list, _ := filepath.Glob("../../shared/suites/dialect/*/*.sql")
	for i, path := range list {
		if i%2 == 0 {
			f.Add(readOr(path))
		}
	}
	for _, s := range []string{"select 1", "((select 1)) union values (1)", "select E'\\u00e9' || $$x$$ from t where a -> 'b' = 1",
		"select f(x -> 'a' || f(y -> 'b'))", "create table t (a map<int, array<struct<b:int>>>)", "set a.b=/x:y", "select [x for x in l if x > 1][1:2:3]",
		"merge into t using s on a when not matched then insert *", "pivot t on a using sum(b)", "select interval '1' year '2' month", "select \"", "U&'\\+00"} {
		f.Add(s)
	}
}

func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, sql string) {
		end := int32(0)
		for _, tok := range token.Lex(sql) {
			if tok.Pos < end || tok.End < tok.Pos || int(tok.End) > len(sql) {
				t.Fatalf("token %v of %q", tok, sql)
			}
			end = tok.End
			if tok.Kind != token.Illegal {
				tok.Value(sql)
			}
		}
		if int(end) != len(sql) {
			t.Fatalf("%q is read up to %d only", sql, end)
		}
	})
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, sql string) {
		stmts, err := parser.Parse(sql)
		if err != nil {
			checkError(t, sql, err)
		}
		for _, s := range stmts {
			checkPositions(t, reflect.ValueOf(s), len(sql))
		}
		pieces, rest, _ := parser.Split(sql)
		for _, p := range append(pieces, rest) {
			if !strings.HasPrefix(sql[p.Offset:], p.Text) {
				t.Fatalf("piece %v is not a part of %q", p, sql)
			}
		}
		if e, err := parser.ParseExpr(sql); err == nil {
			ast.SQL(e)
			ast.Walk(e, func(ast.Expr) bool { return true })
		}
	})
}

func checkError(t *testing.T, sql string, err error) {
	t.Helper()
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Pos < 0 || e.Pos > len(sql) || e.Class != sqlerr.Syntax && e.Class != sqlerr.Limit {
		t.Fatalf("%q: bad error %#v", sql, err)
	}
}

// checkPositions looks at every position in a tree.
func checkPositions(t *testing.T, v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkPositions(t, v.Elem(), n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkPositions(t, v.Index(i), n)
		}
	case reflect.Struct:
		if at, ok := v.Interface().(ast.At); ok && (at.Pos < 0 || at.Pos > n) {
			t.Fatalf("position %d of %d", at.Pos, n)
		}
		for i := range v.NumField() {
			checkPositions(t, v.Field(i), n)
		}
	}
}
