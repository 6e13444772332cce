// Package multi makes one table of several files.
package multi

import (
	"context"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// Source says which files make a table.
type Source struct {
	Format storage.Format
	Path   string    // a file, folder or glob
	Files  []fs.File // instead of Path: just these
	// Options are the reader's, by lower-case name.
	Options storage.Options
	// Columns are the declared columns; nil = the files' own.
	Columns []types.Field
	// Partitions are the declared columns whose values stand in k=v folders; they come last.
	Partitions []types.Field
}

// Open makes the table.
func Open(ctx context.Context, env *storage.Env, s Source) (storage.Table, error) {
	files := s.Files
	if files == nil {
		var err error
		if files, err = fs.Glob(s.Path, env.Base); err != nil {
			return nil, err
		}
	}
	if len(files) != 1 {
		return nil, sqlerr.New(sqlerr.Unsupported, "several files")
	}
	return s.Format.Open(ctx, env, files[0], s.Options)
}
