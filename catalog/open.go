package catalog

import (
	"context"
	"path/filepath"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/memory"
	"github.com/skep-sql/skep/storage/multi"
)

// Open gives the rows of a table that is no view.
func (c *Catalog) Open(ctx context.Context, env *storage.Env, t *Table) (storage.Table, error) {
	switch {
	case t.damage != nil:
		return nil, t.damage
	case t.Source != nil:
		return t.Source, nil
	case t.Kind == Managed && c.InMemory(t):
		if t.Rows == nil {
			return memory.New(t.Fields(), nil), nil
		}
		return t.Rows, nil
	case t.Kind == Managed || t.Parts.Len() > 0:
		return c.openParts(ctx, env, t)
	}
	f, err := c.formats.Named(t.Format)
	if err != nil {
		return nil, err
	}
	s := multi.Source{Format: f, Path: t.Location, Options: t.Options}
	for _, col := range t.Columns {
		s.Columns = append(s.Columns, col.Field)
	}
	for _, col := range t.Partitions {
		s.Partitions = append(s.Partitions, col.Field)
	}
	return multi.Open(ctx, env, s)
}

// InMemory tells whether the rows of a managed table lie in memory.
func (c *Catalog) InMemory(t *Table) bool { return c.store.dir == "" || t.Temp }

// openParts gives a table of listed parts. Without partition columns its files are opened at once; with them a scan opens those that it needs.
func (c *Catalog) openParts(ctx context.Context, env *storage.Env, t *Table) (storage.Table, error) {
	if len(t.Partitions) > 0 {
		return &partitioned{c: c, env: env, t: t}, nil
	}
	all, err := t.All()
	if err != nil {
		return nil, err
	}
	return c.OpenFiles(ctx, env, t, all)
}

// OpenFiles gives the rows of some of a table's parts.
func (c *Catalog) OpenFiles(ctx context.Context, env *storage.Env, t *Table, parts []Part) (storage.Table, error) {
	if len(parts) == 0 {
		return memory.New(t.Fields(), nil), nil
	}
	format := t.Format
	if t.Kind == Managed {
		format = "parquet"
	}
	f, err := c.formats.Named(format)
	if err != nil {
		return nil, err
	}
	s := multi.Source{Format: f, Options: t.Options, Files: []fs.File{}}
	renamed := false
	for _, col := range t.Columns {
		renamed = renamed || col.Stored != ""
		s.Columns = append(s.Columns, types.Field{Name: col.StoredName(), Type: col.Type, NotNull: col.NotNull})
	}
	for _, col := range t.Partitions {
		s.Partitions = append(s.Partitions, col.Field)
	}
	for i := range parts {
		files, err := c.files(&parts[i])
		if err != nil {
			return nil, err
		}
		for range files {
			s.Values = append(s.Values, parts[i].Values)
		}
		s.Files = append(s.Files, files...)
	}
	if len(s.Files) == 0 {
		return memory.New(t.Fields(), nil), nil
	}
	st, err := multi.Open(ctx, env, s)
	if err != nil || !renamed {
		return st, err
	}
	return &renamedTable{st, t.Columns}, nil
}

// files lists the files of a part.
func (c *Catalog) files(p *Part) ([]fs.File, error) {
	path := c.PartPath(p)
	if p.Folder {
		files, err := fs.Below(path)
		if sqlerr.ClassOf(err) == sqlerr.NotFound { // a partition that has no file yet
			return nil, nil
		}
		return files, err
	}
	f, err := fs.Stat(path)
	return []fs.File{f}, err
}

// PartPath gives the absolute path of a part.
func (c *Catalog) PartPath(p *Part) string {
	if filepath.IsAbs(p.Path) {
		return p.Path
	}
	return filepath.Join(c.store.dir, filepath.FromSlash(p.Path))
}

// LinkPart gives the file of a part a second name, that of another part.
func (c *Catalog) LinkPart(from, to *Part) error {
	dir := filepath.Dir(c.PartPath(to))
	err := makeDirs(dir)
	if err == nil {
		err = c.store.disk.Link(c.PartPath(from), c.PartPath(to))
	}
	if err == nil {
		err = c.store.disk.SyncDir(dir)
	}
	if err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot write warehouse %s", c.store.dir)
	}
	return nil
}

// renamedTable is a table whose files have other names for its columns.
type renamedTable struct {
	storage.Table
	cols []Column
}

// Schema gives the columns under the table's names.
func (r *renamedTable) Schema() []storage.Column {
	out := append([]storage.Column(nil), r.Table.Schema()...)
	for i, c := range r.cols {
		out[i].Name = c.Name
	}
	return out
}

// partitioned is a table whose files are opened by each scan: only those whose partition values meet its conditions.
type partitioned struct {
	c   *Catalog
	env *storage.Env
	t   *Table
}

// Schema gives the declared columns and, hidden, the name of the file.
func (p *partitioned) Schema() []storage.Column {
	var out []storage.Column
	for _, f := range p.t.Fields() {
		out = append(out, storage.Column{Field: f})
	}
	return append(out, storage.Column{Field: types.Field{Name: "filename", Type: types.TVarchar, NotNull: true}, Hidden: true})
}

// Stats gives the number of rows, and the ranges of the partition columns.
func (p *partitioned) Stats() *storage.Stats {
	n := len(p.t.Columns) + len(p.t.Partitions) + 1
	s := &storage.Stats{Rows: p.t.Parts.Rows(), Bytes: p.t.Parts.Bytes(), Exact: p.t.Kind == Managed, Cols: make([]storage.ColStats, n)}
	if p.t.Kind != Managed {
		s.Rows = -1
	}
	for i := range s.Cols {
		s.Cols[i] = storage.ColStats{Nulls: -1, Distinct: -1}
	}
	return s
}

// Pruned tells how many of the parts a scan with these conditions reads.
func (p *partitioned) Pruned(preds []storage.Pred) (read, all int) {
	list, err := p.t.Select(preds, len(p.t.Columns))
	if err != nil {
		return p.t.Parts.Len(), p.t.Parts.Len()
	}
	return len(list), p.t.Parts.Len()
}

// Scan opens the files that the conditions leave, and scans them.
func (p *partitioned) Scan(ctx context.Context, s *storage.Scan) (storage.Source, error) {
	list, err := p.t.Select(s.Prune, len(p.t.Columns))
	if err != nil {
		return nil, err
	}
	st, err := p.c.OpenFiles(ctx, p.env, p.t, list)
	if err != nil {
		return nil, err
	}
	return st.Scan(ctx, s)
}
