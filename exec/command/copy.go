package command

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/db"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// copy runs COPY … TO, which writes a file beside its place and renames it, and COPY … FROM.
func (r *run) copy(s *ast.Copy) (*Result, error) {
	if s.Std || s.Database || s.Target == nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "COPY needs the path of a file").WithHint("COPY … TO '/dev/stdout' (FORMAT csv)")
	}
	path, err := r.settingValue(s.Target)
	if err != nil {
		return nil, err
	}
	switch {
	case path == "-" && !s.From:
		path = "/dev/stdout"
	case path != "-" && !filepath.IsAbs(path):
		path = filepath.Join(r.Session.Env.Base, path)
	}
	opts := storage.Options{}
	var format storage.Format
	var folder *folderOptions
	for _, o := range s.Options {
		if !s.From {
			if taken, err := r.folderOption(&folder, o); err != nil || taken {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		v, err := r.optionText(o)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(o.Name.Text)
		if key == "format" {
			if format, err = r.Session.Catalog.Formats().Named(v); err != nil {
				return nil, sqlerr.WithPos(err, o.Name.Pos)
			}
			continue
		}
		opts[key] = storage.Option{Text: v, Pos: o.Name.Pos}
	}
	if format == nil && s.From && fs.IsStream(path, "") {
		if format, err = r.Session.FormatOf(path); err != nil {
			return nil, sqlerr.WithPos(err, s.Target.Position())
		}
	}
	if format == nil {
		if format = r.Session.Catalog.Formats().ForPath(path); format == nil {
			if format, err = r.Session.Catalog.Formats().Named("csv"); err != nil {
				return nil, err
			}
		}
	}
	if s.From {
		return r.copyFrom(s, format, path, opts)
	}
	if folder != nil {
		return r.copyToFolder(s, format, path, opts, folder)
	}
	return r.copyTo(s, format, path, opts)
}

// copyTo writes the rows of a query or table.
func (r *run) copyTo(s *ast.Copy, format storage.Format, path string, opts storage.Options) (*Result, error) {
	p, err := planner.Query(r.ctx, r.planEnv(), copied(s))
	if err != nil {
		return nil, err
	}
	if r.Dry {
		return &Result{}, nil
	}
	if _, ok := opts["compression"]; !ok && format.Name() != "parquet" {
		for end, codec := range map[string]string{".gz": "gzip", ".zst": "zstd"} {
			if strings.HasSuffix(path, end) {
				opts["compression"] = storage.Option{Text: codec, Pos: sqlerr.NoPos}
			}
		}
	}
	var fields []types.Field
	var ts []types.Type
	for _, c := range p.Physical.Cols() {
		fields, ts = append(fields, types.Field{Name: c.Name, Type: c.Type}), append(ts, c.Type)
	}
	var w storage.Writer
	var finish func() error
	abort := func() {}
	if strings.HasPrefix(path, "/dev/") {
		f := os.Stdout // opened by its path, a file would be written from its beginning again
		if path != "/dev/stdout" {
			if f, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
				return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot write %s", path)
			}
			defer f.Close()
		}
		if w, err = format.Create(f, r.Session.Env, fields, opts); err != nil {
			return nil, err
		}
		finish = w.Close
	} else {
		file, err := newFile(path, format, r.Session.Env, fields, opts)
		if err != nil {
			return nil, err
		}
		w, finish, abort = file.w, file.commit, file.abort
	}
	res := &Result{}
	sink := &op.TableWriter{Types: ts, Ordered: true, Write: func(b *vec.Batch) error {
		res.Changed += int64(b.Rows())
		return w.Write(b)
	}}
	if err := exec.Drain(r.task(), p.Physical, sink, nil); err != nil {
		abort()
		return nil, err
	}
	if err := finish(); err != nil {
		abort()
		return nil, err
	}
	return res, nil
}

// copied is the query whose rows COPY … TO writes.
func copied(s *ast.Copy) *ast.Query {
	if s.Query != nil {
		return s.Query
	}
	return &ast.Query{At: s.At, Body: selectFrom(s.Table, s.Columns)}
}

// selectFrom is SELECT columns FROM table.
func selectFrom(table ast.Path, cols []ast.Name) *ast.Select {
	sel := &ast.Select{At: ast.At{Pos: table.Position()}, From: []ast.TableRef{&ast.TableName{At: ast.At{Pos: table.Position()}, Name: table}}}
	for _, c := range cols {
		sel.Items = append(sel.Items, ast.SelectItem{At: c.At, Expr: &ast.ColumnRef{At: c.At, Parts: ast.Path{c}}, Text: c.Text})
	}
	if len(cols) == 0 {
		sel.Items = []ast.SelectItem{{Expr: &ast.Star{}}}
	}
	return sel
}

// copyFrom inserts the rows of files, read as the table's columns.
func (r *run) copyFrom(s *ast.Copy, format storage.Format, path string, opts storage.Options) (*Result, error) {
	env := r.planEnv()
	b := env.Binder(r.ctx)
	t, err := b.Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Foreign == nil && t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s is %s: only managed tables take COPY … FROM", t.Name, kindWord(t))
	}
	var fields []types.Field
	names := s.Columns
	for _, c := range t.AllColumns() {
		if len(s.Columns) == 0 && c.Generated == "" {
			fields = append(fields, c.Field)
			names = append(names, ast.Name{At: ast.At{Pos: s.Pos}, Text: c.Name})
		}
	}
	for _, n := range s.Columns {
		for _, c := range t.AllColumns() {
			if strings.EqualFold(c.Name, n.Text) {
				fields = append(fields, c.Field)
			}
		}
	}
	if name := format.Name(); name != "parquet" && name != "json" {
		for i := range fields { // their text, which is cast
			if fields[i].Type.IsNested() {
				fields[i].Type = types.TVarchar
			}
		}
	}
	if len(fields) != len(names) {
		return nil, sqlerr.At(sqlerr.NotFound, s.Pos, "a column named here is not one of table %s", t.Name)
	}
	src, err := multi.Open(r.ctx, r.Session.Env, multi.Source{Format: format, Path: path, Options: opts, Columns: fields})
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Target.Position())
	}
	n := b.Read(src, path)
	if t.Foreign != nil {
		return r.load(t, n, b, loadOf(t, db.Append, fields), s.Table.Position())
	}
	ins := &ast.Insert{At: s.At, Table: s.Table, Columns: names}
	if n, err = b.InsertRows(t, ins, n); err != nil {
		return nil, err
	}
	p, err := planner.Finish(env, b, byPartition(t, n, r.Session.Home(t.Temp).InMemory(t)))
	if err != nil {
		return nil, err
	}
	w := r.newWrite(t)
	if err := w.fill(p.Physical); err != nil {
		return nil, err
	}
	return &Result{Changed: w.rows}, w.insert()
}
