package catalog

import (
	"context"
	"path/filepath"

	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/memory"
	"github.com/skep-sql/skep/storage/multi"
)

// Open gives the rows of a table that is no view.
func (c *Catalog) Open(ctx context.Context, env *storage.Env, t *Table) (storage.Table, error) {
	if t.Kind == Managed {
		if c.dir == "" || t.Temp {
			if t.Rows == nil {
				return memory.New(t.Fields(), nil), nil
			}
			return t.Rows, nil
		}
		return c.openManaged(ctx, env, t)
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

func (c *Catalog) openManaged(ctx context.Context, env *storage.Env, t *Table) (storage.Table, error) {
	if len(t.Files) == 0 {
		return memory.New(t.Fields(), nil), nil
	}
	f, err := c.formats.Named("parquet")
	if err != nil {
		return nil, err
	}
	s := multi.Source{Format: f, Columns: t.Fields()}
	for _, name := range t.Files {
		file, err := fs.Stat(filepath.Join(c.TableDir(t), name))
		if err != nil {
			return nil, err
		}
		s.Files = append(s.Files, file)
	}
	return multi.Open(ctx, env, s)
}
