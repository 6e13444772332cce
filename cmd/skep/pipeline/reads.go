package pipeline

import (
	"path/filepath"
	"reflect"
	"strings"

	"github.com/skep-sql/skep/parser/ast"
)

// Thing is what a node reads or writes: a table, database.name in lower case, or files, the absolute path or pattern.
type Thing struct {
	Name string
	File bool
}

// String names the thing.
func (t Thing) String() string {
	if t.File {
		return "'" + t.Name + "'"
	}
	return t.Name
}

// uses collects what the statements of a script read and write, in their order.
type uses struct {
	dir      string
	database string
	own      map[string]bool // temporary tables and views, macros' tables: nobody else's
	reads    map[Thing]int   // the position of the first
	writes   map[Thing]int
	appends  map[Thing]bool // written by INSERT INTO, which a rerun repeats
	params   map[string]int // :name, and the position of the first
}

func newUses(dir string) *uses {
	return &uses{dir: dir, database: "default", own: map[string]bool{}, reads: map[Thing]int{}, writes: map[Thing]int{}, appends: map[Thing]bool{}, params: map[string]int{}}
}

// table gives the thing that a name means: a schema that is called public is left out, since names are written with it and without.
func (u *uses) table(p ast.Path) Thing {
	parts := p.Texts()
	if len(parts) == 1 {
		parts = append([]string{u.database}, parts...)
	}
	if len(parts) == 3 && strings.EqualFold(parts[1], "public") {
		parts = []string{parts[0], parts[2]}
	}
	return Thing{Name: strings.ToLower(strings.Join(parts, "."))}
}

func (u *uses) file(path string) Thing {
	if !filepath.IsAbs(path) && !strings.Contains(path, "://") {
		path = filepath.Join(u.dir, path)
	}
	return Thing{Name: path, File: true}
}

func (u *uses) read(t Thing, pos int) {
	if strings.HasPrefix(t.Name, "/dev/") || u.own[t.Name] {
		return
	}
	if _, ok := u.writes[t]; ok {
		return // of its own making
	}
	if _, ok := u.reads[t]; !ok {
		u.reads[t] = pos
	}
}

func (u *uses) write(t Thing, pos int) {
	if strings.HasPrefix(t.Name, "/dev/") || u.own[t.Name] {
		return
	}
	if _, ok := u.writes[t]; !ok {
		u.writes[t] = pos
	}
}

// statement adds what a statement reads and writes. base is where its text stands in the script.
func (u *uses) statement(s ast.Statement, base int) {
	switch x := s.(type) {
	case *ast.Use:
		u.database = x.Name.String()
		return
	case *ast.Attach, *ast.Detach, *ast.Show, *ast.Set, *ast.Drop:
		return
	case *ast.ExecuteIn:
		return // in another's words: -- depends_on: tells
	}
	u.walk(reflect.ValueOf(s), map[string]bool{}, base, 0)
	switch x := s.(type) {
	case *ast.Insert:
		if x.Directory != nil {
			u.write(u.file(x.Directory.Path), base+x.Pos)
			return
		}
		t := u.table(x.Table)
		u.write(t, base+x.Table.Position())
		if !x.Overwrite && x.OnConflict == nil {
			u.appends[t] = true
		}
	case *ast.MultiInsert:
		for _, i := range x.Inserts {
			u.write(u.table(i.Table), base+i.Pos)
		}
	case *ast.CreateTable:
		u.made(x.Name, x.Temp, base)
	case *ast.CreateView:
		u.made(x.Name, x.Temp, base)
	case *ast.Merge:
		u.write(u.table(x.Table), base+x.Table.Position())
	case *ast.Update:
		u.write(u.table(x.Table), base+x.Table.Position())
	case *ast.Delete:
		u.write(u.table(x.Table), base+x.Table.Position())
	case *ast.AlterTable:
		u.write(u.table(x.Name), base+x.Name.Position())
	case *ast.Truncate:
		for _, n := range x.Names {
			u.write(u.table(n), base+n.Position())
		}
	case *ast.Copy:
		u.copy(x, base)
	}
}

func (u *uses) made(name ast.Path, temp bool, base int) {
	t := u.table(name)
	if temp {
		u.own[t.Name] = true
		return
	}
	u.write(t, base+name.Position())
}

func (u *uses) copy(x *ast.Copy, base int) {
	lit, ok := x.Target.(*ast.Literal)
	switch {
	case x.From && ok:
		u.read(u.file(lit.Text), base+x.Pos)
		u.write(u.table(x.Table), base+x.Table.Position())
		u.appends[u.table(x.Table)] = true
	case !x.From:
		if len(x.Table) > 0 {
			u.read(u.table(x.Table), base+x.Table.Position())
		}
		if ok {
			u.write(u.file(lit.Text), base+x.Pos)
		}
	}
}

// maxDepth bounds the walk; the parser has bounded the tree before.
const maxDepth = 5000

// walk finds the tables and files that are read below a node. ctes are the names that WITH has given.
func (u *uses) walk(v reflect.Value, ctes map[string]bool, base, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if p, ok := v.Interface().(*ast.Param); ok && p.Kind == ast.NamedParam {
			if _, seen := u.params[strings.ToLower(p.Name)]; !seen {
				u.params[strings.ToLower(p.Name)] = base + p.Pos
			}
		}
		if v.Kind() == reflect.Pointer && u.source(v.Interface(), ctes, base) {
			return
		}
		u.walk(v.Elem(), ctes, base, depth+1)
	case reflect.Slice:
		for i := range v.Len() {
			u.walk(v.Index(i), ctes, base, depth+1)
		}
	case reflect.Struct:
		ctes = u.with(v, ctes, base, depth)
		for i := range v.NumField() {
			if n := v.Type().Field(i).Name; n != "With" && v.Type().Field(i).IsExported() {
				u.walk(v.Field(i), ctes, base, depth+1)
			}
		}
	}
}

// with walks the queries of a WITH, each of which sees the names before it, and gives the names that the rest sees.
func (u *uses) with(v reflect.Value, ctes map[string]bool, base, depth int) map[string]bool {
	f := v.FieldByName("With")
	if !f.IsValid() {
		return ctes
	}
	list, ok := f.Interface().([]ast.CTE)
	if !ok || len(list) == 0 {
		return ctes
	}
	seen := map[string]bool{}
	for k := range ctes {
		seen[k] = true
	}
	recursive := v.FieldByName("Recursive").IsValid() && v.FieldByName("Recursive").Bool()
	for _, c := range list {
		name := strings.ToLower(c.Name.Text)
		if recursive {
			seen[name] = true
		}
		u.walk(reflect.ValueOf(c.Query), seen, base, depth+1)
		seen[name] = true
	}
	return seen
}

// source adds a table or file of FROM, and tells whether that is all there is below it.
func (u *uses) source(node any, ctes map[string]bool, base int) bool {
	switch x := node.(type) {
	case *ast.TableName:
		if len(x.Name) == 1 && ctes[strings.ToLower(x.Name[0].Text)] {
			return true
		}
		if len(x.Name) == 1 && x.Name[0].Quoted && strings.ContainsAny(x.Name[0].Text, "./") {
			u.read(u.file(x.Name[0].Text), base+x.Pos)
			return true
		}
		u.read(u.table(x.Name), base+x.Pos)
		return true
	case *ast.FileRef:
		u.read(u.file(x.File), base+x.Pos)
		return true
	case *ast.TableFunc:
		name := strings.ToLower(x.Call.Name.Last())
		if (strings.HasPrefix(name, "read_") || name == "parquet_scan") && len(x.Call.Args) > 0 {
			u.paths(x.Call.Args[0].Value, base)
		}
		if name == "postgres_query" || name == "query" || name == "query_table" { // what it reads is not seen: the node runs every time
			u.read(Thing{Name: name + "://", File: true}, base+x.Pos)
		}
	}
	return false
}

// paths adds the files of a reader's first argument: a path or a list of them.
func (u *uses) paths(e ast.Expr, base int) {
	switch x := e.(type) {
	case *ast.Literal:
		u.read(u.file(x.Text), base+x.Pos)
	case *ast.ArrayLit:
		for _, i := range x.Items {
			u.paths(i, base)
		}
	}
}
