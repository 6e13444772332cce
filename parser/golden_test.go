package parser_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// TestStatements reads testdata/parse/stmt.test: a statement, a line ----, its tree, and a blank line.
// SKEP_UPDATE=1 writes the trees anew.
func TestStatements(t *testing.T) {
	const path = "../testdata/parse/stmt.test"
	var out []string
	for _, c := range strings.Split(strings.TrimSpace(read(t, path)), "\n\n") {
		sql, want, _ := strings.Cut(c, "\n----\n")
		stmt, err := parser.ParseOne(sql)
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else {
			got = tree(reflect.ValueOf(stmt))
		}
		if got != want && os.Getenv("SKEP_UPDATE") == "" {
			t.Errorf("%s\n  got  %s\n  want %s", sql, got, want)
		}
		out = append(out, sql+"\n----\n"+got)
	}
	if os.Getenv("SKEP_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// tree writes a node on one line: its kind and the fields that are set; expressions as SQL.
func tree(v reflect.Value) string {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "nil"
		}
		if e, ok := v.Interface().(ast.Expr); ok {
			return "`" + ast.SQL(e) + "`"
		}
		if ty, ok := v.Interface().(*ast.TypeName); ok {
			return ty.String()
		}
		return tree(v.Elem())
	}
	switch x := v.Interface().(type) {
	case ast.Path:
		return x.String()
	case ast.Name:
		return x.Text
	}
	switch v.Kind() {
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, tree(v.Index(i)))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if v.Field(i).IsZero() || f.Name == "At" || f.Name == "Text" {
				continue
			}
			if v.Field(i).Kind() == reflect.Bool {
				parts = append(parts, f.Name)
				continue
			}
			parts = append(parts, f.Name+"="+tree(v.Field(i)))
		}
		return v.Type().Name() + "{" + strings.Join(parts, " ") + "}"
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprint(v.Interface())
}
