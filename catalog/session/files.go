package session

import (
	"context"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/files"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// Find lists the files that a path names, which may be none.
func (s *Session) Find(path string) ([]fs.File, error) {
	list, err := multi.Find(s.Env, multi.Source{Path: path})
	if sqlerr.ClassOf(err) == sqlerr.NotFound {
		return nil, nil
	}
	return list, err
}

// Contents gives a table of the files that a path names with their contents, as text or as bytes.
func (s *Session) Contents(path string, text bool) (storage.Table, error) {
	list, err := multi.Find(s.Env, multi.Source{Path: path})
	if err != nil {
		return nil, err
	}
	return files.New(list, text), nil
}

// Inspect gives a table of what Parquet files say of themselves.
func (s *Session) Inspect(ctx context.Context, what, path string) (storage.Table, error) {
	f, err := s.Catalog.Formats().Named("parquet")
	if err != nil {
		return nil, err
	}
	list, err := multi.Find(s.Env, multi.Source{Path: path})
	if err != nil {
		return nil, err
	}
	in, ok := f.(storage.Inspector)
	if !ok {
		return nil, sqlerr.New(sqlerr.Unsupported, "files of format %s tell nothing of themselves", f.Name())
	}
	return in.Inspect(ctx, what, list)
}
