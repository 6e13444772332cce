package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// fileFunc binds glob('*.csv'), the names of files, and read_text and read_blob, which give their contents as well,
// and parquet_schema, parquet_metadata and parquet_file_metadata, what Parquet files say of themselves.
func (b *Binder) fileFunc(name string, c *ast.Call, s *scope) (logical.Node, []column, error) {
	if len(c.Args) != 1 || c.Args[0].Name != nil {
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s takes a path, or a list of paths", name).WithHint("%s('folder/*.txt')", name)
	}
	path, err := b.paths(c.Args[0].Value, s)
	if err != nil {
		return nil, nil, err
	}
	if path == "" {
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Args[0].Value.Position(), "%s takes a path that is no empty text", name)
	}
	if name != "glob" {
		var t storage.Table
		if what, ok := strings.CutPrefix(name, "parquet_"); ok {
			t, err = b.Session.Inspect(b.Ctx, what, path)
		} else {
			t, err = b.Session.Contents(path, name == "read_text")
		}
		if err != nil {
			return nil, nil, sqlerr.WithPos(err, c.Args[0].Value.Position())
		}
		n, cols := b.scan(t, name)
		return n, cols, nil
	}
	list, err := b.Session.Find(path)
	if err != nil {
		return nil, nil, sqlerr.WithPos(err, c.Args[0].Value.Position())
	}
	t := memory.NewRows("file", types.TVarchar)
	for _, f := range list {
		t.Add(f.Path)
	}
	n, cols := b.scan(t.Table(), name)
	return n, cols, nil
}

// paths reads a path; several become one in braces.
func (b *Binder) paths(e ast.Expr, s *scope) (string, error) {
	o, err := b.option(e, s)
	if err != nil {
		return "", err
	}
	return pathOf(o), nil
}

func pathOf(o storage.Option) string {
	switch len(o.List) {
	case 0:
		return o.Text
	case 1:
		return o.List[0].Text
	}
	var parts []string
	for _, x := range o.List {
		parts = append(parts, x.Text)
	}
	return "{" + strings.Join(parts, ",") + "}"
}
