package catalog

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"

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
	s, err := c.source(t)
	if err != nil {
		return nil, err
	}
	s.Path, s.Without, s.Improve = t.Location, t.aside(), t.improver()
	return multi.Open(ctx, env, s)
}

// source gives how a table's files are read, without saying which they are.
func (c *Catalog) source(t *Table) (multi.Source, error) {
	format := t.Format
	if t.Kind == Managed {
		format = "parquet"
	}
	f, err := c.formats.Named(format)
	s := multi.Source{Format: f, Options: t.Options}
	for _, col := range t.Columns {
		s.Columns = append(s.Columns, types.Field{Name: col.StoredName(), Type: col.Type, NotNull: col.NotNull})
	}
	for _, col := range t.Partitions {
		s.Partitions = append(s.Partitions, col.Field)
	}
	return s, err
}

// InMemory tells whether the rows of a managed table lie in memory.
func (c *Catalog) InMemory(t *Table) bool { return c.store.dir == "" || t.Temp }

// fewFiles is how many files are opened at once, so that their own statistics are known.
const fewFiles = 16

// openParts gives a table of listed parts. Few files without partition columns are opened at once; else a scan opens those that it needs.
func (c *Catalog) openParts(ctx context.Context, env *storage.Env, t *Table) (storage.Table, error) {
	if len(t.Partitions) > 0 || t.Parts.Len() > fewFiles && t.Parts.Columns() != nil {
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
	s, err := c.source(t)
	if err != nil {
		return nil, err
	}
	s.Files = []fs.File{}
	aside := t.aside()
	for i := range parts {
		files, err := c.files(&parts[i], aside)
		if err != nil {
			return nil, t.hinted(err)
		}
		for range files {
			s.Values = append(s.Values, parts[i].Values)
		}
		s.Files = append(s.Files, files...)
	}
	if len(s.Files) == 0 {
		return memory.New(t.Fields(), nil), nil
	}
	st, err := open(ctx, env, s, t)
	return st, t.hinted(err)
}

// hinted says what to do about a file of a managed table that cannot be read.
func (t *Table) hinted(err error) error {
	var e *sqlerr.Error
	if class := sqlerr.ClassOf(err); t.Kind == Managed && errors.As(err, &e) && (class == sqlerr.NotFound || class == sqlerr.Data) {
		return e.WithHint("CHECK TABLE %s lists the files that cannot be read; REPAIR TABLE sets them aside, so that the rest can", t.Name)
	}
	return err
}

// open opens files under the table's names of their columns.
func open(ctx context.Context, env *storage.Env, s multi.Source, t *Table) (storage.Table, error) {
	st, err := multi.Open(ctx, env, s)
	if err != nil || !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Stored != "" }) {
		return st, err
	}
	return &renamedTable{st, t.Columns}, nil
}

// files lists the files of a part, without those that are set aside.
func (c *Catalog) files(p *Part, aside map[string]bool) ([]fs.File, error) {
	path := c.PartPath(p)
	if p.Folder && !filepath.IsAbs(p.Path) { // ADD PARTITION of a managed table: files that come are parts themselves
		return nil, nil
	}
	if p.Folder {
		files, err := fs.Below(path)
		if sqlerr.ClassOf(err) == sqlerr.NotFound { // a partition that has no file yet
			return nil, nil
		}
		return slices.DeleteFunc(files, func(f fs.File) bool { return aside[f.Path] }), err
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

// partitioned is a table whose files are opened by each scan: only those whose partition values and statistics meet its conditions.
type partitioned struct {
	c   *Catalog
	env *storage.Env
	t   *Table

	once  sync.Once
	stats *storage.Stats
}

// Schema gives the declared columns and, hidden, the name of the file.
func (p *partitioned) Schema() []storage.Column {
	var out []storage.Column
	for _, f := range p.t.Fields() {
		out = append(out, storage.Column{Field: f})
	}
	return append(out, storage.Column{Field: types.Field{Name: "filename", Type: types.TVarchar, NotNull: true}, Hidden: true})
}

// Stats gives what the lists of files say.
func (p *partitioned) Stats() *storage.Stats {
	p.once.Do(func() {
		p.stats = p.t.Stats(p.c.fresh(p.env, p.t))
		p.stats.Cols = append(p.stats.Cols, storage.ColStats{Nulls: 0, Distinct: int64(max(p.t.Parts.Len(), 1)), Width: 64})
	})
	return p.stats
}

// Pruned tells how many of the parts a scan with these conditions reads.
func (p *partitioned) Pruned(preds []storage.Pred) (read, all int) {
	list, err := p.t.Select(preds)
	if err != nil {
		return p.t.Parts.Len(), p.t.Parts.Len()
	}
	return len(list), p.t.Parts.Len()
}

// Scan opens the files that the conditions leave, and scans them.
func (p *partitioned) Scan(ctx context.Context, s *storage.Scan) (storage.Source, error) {
	list, err := p.t.Select(s.Prune)
	if err != nil {
		return nil, err
	}
	st, err := p.c.OpenFiles(ctx, p.env, p.t, list)
	if err != nil {
		return nil, err
	}
	return st.Scan(ctx, s)
}
