package skep_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/skep-sql/skep"

// imports says which packages of the project each package may import, in its product code. A package that is not listed may import none.
// The arrows run one way: what a query passes later may know what it passed before, and never the other way round; storage does not know the
// catalog; only exec/build sees plans and operators.
var imports = map[string][]string{
	"catalog/sqlerr":   {},
	"catalog/types":    {},
	"exec/vec":         {"catalog/types"},
	"exec/mem":         {"catalog/sqlerr"},
	"exec/kernel":      {"catalog/sqlerr", "catalog/types", "exec/vec"},
	"exec/jsonval":     {"catalog/types", "exec/kernel", "exec/vec"},
	"exec/key":         {"catalog/types", "exec/kernel", "exec/vec"},
	"exec/fn":          {"catalog/sqlerr", "catalog/types", "exec/kernel", "exec/vec"},
	"exec/fn/scalar":   {"catalog/sqlerr", "catalog/types", "exec/fn", "exec/jsonval", "exec/kernel", "exec/key", "exec/vec"},
	"exec/fn/agg":      {"catalog/sqlerr", "catalog/types", "exec/fn", "exec/kernel", "exec/key", "exec/vec"},
	"exec/fn/listagg":  {"catalog/sqlerr", "catalog/types", "exec/fn", "exec/fn/agg", "exec/kernel", "exec/vec"},
	"exec/fn/builtin":  {"exec/fn", "exec/fn/agg", "exec/fn/listagg", "exec/fn/scalar"},
	"storage":          {"catalog/sqlerr", "catalog/types", "exec/mem", "exec/vec", "storage/fs"},
	"storage/fs":       {"catalog/sqlerr"},
	"storage/memory":   {"catalog/types", "exec/kernel", "exec/vec", "storage"},
	"storage/parquet":  {"catalog/sqlerr", "catalog/types", "exec/kernel", "exec/mem", "exec/vec", "storage", "storage/fs", "storage/memory"},
	"storage/textval":  {"catalog/types", "exec/kernel"},
	"storage/csv":      {"catalog/sqlerr", "catalog/types", "exec/kernel", "exec/mem", "exec/vec", "storage", "storage/fs", "storage/textval"},
	"storage/json":     {"catalog/sqlerr", "catalog/types", "exec/jsonval", "exec/kernel", "exec/mem", "exec/vec", "storage", "storage/fs", "storage/textval"},
	"storage/files":    {"catalog/sqlerr", "catalog/types", "exec/mem", "exec/vec", "storage", "storage/fs", "storage/memory"},
	"storage/multi":    {"catalog/sqlerr", "catalog/types", "exec/kernel", "exec/mem", "exec/vec", "storage", "storage/fs"},
	"catalog":          {"catalog/sqlerr", "catalog/types", "storage", "storage/fs", "storage/memory", "storage/multi"},
	"catalog/secret":   {"catalog/sqlerr", "storage/fs"},
	"catalog/session":  {"catalog", "catalog/secret", "catalog/sqlerr", "catalog/types", "exec/vec", "storage", "storage/db", "storage/files", "storage/fs", "storage/memory", "storage/multi"},
	"parser/token":     {"catalog/sqlerr"},
	"parser/ast":       {},
	"parser":           {"catalog/sqlerr", "parser/ast", "parser/token"},
	"planner/expr":     {"catalog/types", "exec/fn", "exec/kernel", "exec/vec"},
	"planner/logical":  {"catalog/types", "exec/kernel", "exec/vec", "planner/expr", "storage"},
	"planner/bind":     {"catalog", "catalog/session", "catalog/sqlerr", "catalog/types", "exec/fn", "exec/kernel", "exec/vec", "parser", "parser/ast", "planner/expr", "planner/logical", "storage", "storage/memory"},
	"planner/stats":    {"catalog/types", "exec/kernel", "exec/vec", "planner/expr", "planner/logical", "storage"},
	"planner/opt":      {"catalog/sqlerr", "catalog/types", "exec/eval", "exec/fn", "exec/kernel", "exec/vec", "planner/expr", "planner/logical", "planner/stats"},
	"planner/physical": {"catalog/sqlerr", "catalog/types", "exec/flow", "exec/kernel", "exec/vec", "planner/expr", "planner/logical", "planner/stats", "storage"},
	"planner":          {"catalog/session", "catalog/sqlerr", "exec/eval", "exec/fn", "exec/vec", "parser/ast", "planner/bind", "planner/expr", "planner/logical", "planner/opt", "planner/physical"},
	"exec/flow":        {"catalog/sqlerr", "exec/fn", "exec/mem", "exec/vec", "storage"},
	"exec/eval":        {"catalog/sqlerr", "catalog/types", "exec/flow", "exec/fn", "exec/kernel", "exec/vec", "planner/expr"},
	"exec/op":          {"catalog/sqlerr", "catalog/types", "exec/flow", "exec/fn", "exec/kernel", "exec/key", "exec/mem", "exec/vec", "storage"},
	"exec/optest":      {"catalog/sqlerr", "catalog/types", "exec/flow", "exec/fn", "exec/kernel", "exec/key", "exec/mem", "exec/vec", "storage"},
	"exec/build":       {"catalog/sqlerr", "catalog/types", "exec/eval", "exec/flow", "exec/op", "exec/vec", "planner/expr", "planner/logical", "planner/physical", "storage"},
	"exec":             {"catalog/sqlerr", "catalog/types", "exec/build", "exec/flow", "exec/op", "exec/vec", "planner/logical", "planner/physical"},
	"exec/command":     {"catalog", "catalog/secret", "catalog/session", "catalog/sqlerr", "catalog/types", "exec", "exec/flow", "exec/fn", "exec/kernel", "exec/mem", "exec/op", "exec/vec", "parser", "parser/ast", "parser/token", "planner", "planner/bind", "planner/expr", "planner/logical", "planner/physical", "storage", "storage/db", "storage/fs", "storage/memory", "storage/multi"},
	"":                 {"catalog", "catalog/session", "catalog/sqlerr", "catalog/types", "exec", "exec/command", "exec/fn", "exec/fn/builtin", "exec/kernel", "exec/mem", "exec/vec", "parser", "parser/ast", "parser/token", "planner/bind", "planner/expr", "storage", "storage/csv", "storage/db", "storage/db/postgres", "storage/fs", "storage/json", "storage/memory", "storage/parquet"},

	"storage/db":          {"catalog/types", "exec/vec", "storage"},
	"storage/db/postgres": {"catalog/sqlerr", "catalog/types", "exec/kernel", "exec/vec", "storage", "storage/db"},
}

// open packages may import anything of the project: commands, tools and test runners.
var open = []string{"cmd/", "bench/", "docs/", "testdata/"}

// Budgets that keep rooms livable.
const (
	maxFile      = 600
	maxFunction  = 80
	maxInterface = 5
)

// exceptions are what may pass a budget, each with its reason.
var exceptions = map[string]string{}

// sources calls f for every Go file of the project.
func sources(t *testing.T, f func(path, pkg string, src []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			pkg = ""
		}
		f(filepath.ToSlash(path), pkg, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestImports holds the import arrows.
func TestImports(t *testing.T) {
	seen := 0
	sources(t, func(path, pkg string, src []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		anything := slices.ContainsFunc(open, func(p string) bool { return strings.HasPrefix(pkg+"/", p) })
		for _, i := range file.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			if name == "testing" && pkg != "exec/optest" {
				t.Errorf("%s imports testing", path)
			}
			if name != module && !strings.HasPrefix(name, module+"/") {
				continue
			}
			seen++
			to := strings.TrimPrefix(strings.TrimPrefix(name, module), "/")
			if !anything && !slices.Contains(imports[pkg], to) {
				t.Errorf("%s: %s may not import %s", path, pkg, to)
			}
		}
	})
	if seen < 100 {
		t.Errorf("only %d imports seen: the test looks at the wrong files", seen)
	}
}

// TestBudgets holds the sizes of files, functions and interfaces.
func TestBudgets(t *testing.T) {
	sources(t, func(path, _ string, src []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		if n := strings.Count(string(src), "\n"); n > maxFile && exceptions[path] == "" {
			t.Errorf("%s has %d lines; %d are allowed", path, n, maxFile)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncDecl:
				lines := set.Position(x.End()).Line - set.Position(x.Pos()).Line + 1
				if name := path + ":" + x.Name.Name; lines > maxFunction && exceptions[name] == "" {
					t.Errorf("%s has %d lines; %d are allowed", name, lines, maxFunction)
				}
			case *ast.TypeSpec:
				if i, ok := x.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxInterface && exceptions[path+":"+x.Name.Name] == "" {
					t.Errorf("%s: interface %s has %d methods; %d are allowed", path, x.Name.Name, i.Methods.NumFields(), maxInterface)
				}
			}
			return true
		})
	})
}
