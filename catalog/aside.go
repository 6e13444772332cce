package catalog

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// Aside is a file that REPAIR TABLE took out of a table, or a list of files that could not be read. It stays where it is.
type Aside struct {
	Part
	Why   string
	Chunk *Chunk `json:",omitempty"` // the list
}

// aside gives the absolute paths of the files of an external table that are set aside.
func (t *Table) aside() map[string]bool {
	if t.Kind == Managed || len(t.Aside) == 0 {
		return nil
	}
	out := map[string]bool{}
	for i := range t.Aside {
		out[t.Aside[i].Path] = true
	}
	return out
}

// Readable gives all parts of a table whose lists can be read, and the lists that cannot.
func (t *Table) Readable() ([]Part, []Aside) {
	var out []Part
	var bad []Aside
	for _, c := range t.Parts.Chunks {
		list, err := c.parts(t.Parts.dir, t.Partitions)
		if err != nil {
			bad = append(bad, Aside{Part: Part{Path: path.Join(metaDir, "t", c.File), Rows: c.Rows, Bytes: c.Bytes}, Why: err.Error(), Chunk: c})
			continue
		}
		out = append(out, list...)
	}
	return out, bad
}

// Without gives a copy of the table that has some files and lists set aside.
func (t *Table) Without(list []Aside) (*Table, error) {
	out := *t
	out.Aside = append(slices.Clone(t.Aside), list...)
	if t.Kind != Managed {
		return &out, nil
	}
	var gone []Part
	out.Parts.Chunks = slices.Clone(t.Parts.Chunks)
	for _, a := range list {
		if a.Chunk == nil {
			gone = append(gone, a.Part)
			continue
		}
		out.Parts.Chunks = slices.DeleteFunc(out.Parts.Chunks, func(c *Chunk) bool { return c == a.Chunk })
	}
	var err error
	out.Parts, _, err = out.Swap(gone, nil)
	return &out, err
}

// Restored gives a copy of a table that has what was set aside again, and these parts.
func (c *Catalog) Restored(t *Table) (*Table, []Part, error) {
	out := *t
	out.Aside = nil
	if t.Kind != Managed {
		return &out, nil, nil
	}
	var back []Part
	for _, a := range t.Aside {
		if a.Chunk == nil {
			back = append(back, a.Part)
			continue
		}
		list, err := a.Chunk.parts(filepath.Join(c.store.dir, metaDir, "t"), t.Partitions)
		if err != nil {
			return nil, nil, err
		}
		back = append(back, list...)
	}
	var err error
	out.Parts, err = t.Edit(nil, nil, back)
	return &out, back, err
}

// DataFile is a file that rows of a table lie in.
type DataFile struct {
	Part            // with its own path; Rows and Bytes are 0 where the catalog does not know them
	Missing bool    // it is not there
	file    fs.File // as found
	byPath  bool    // the values of the partition columns are read off the path
}

// DataFiles lists the files of a table, of which parts are the parts, in case they are listed. A file that is missing is one of them.
func (c *Catalog) DataFiles(env *storage.Env, t *Table, parts []Part) ([]DataFile, error) {
	aside := t.aside()
	var out []DataFile
	if t.Kind != Managed && t.Parts.Len() == 0 {
		s, err := c.source(t)
		if err != nil {
			return nil, err
		}
		s.Path = t.Location
		files, err := multi.Find(env, s)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if aside[f.Path] {
				continue
			}
			d := DataFile{Part: Part{Path: f.Path}, file: f, byPath: true}
			d.Values, _, _ = multi.FolderValues(f.Path, partitionNames(t))
			out = append(out, d)
		}
		return out, nil
	}
	for i := range parts {
		files, err := c.files(&parts[i], aside)
		if sqlerr.ClassOf(err) == sqlerr.NotFound {
			out = append(out, DataFile{Part: parts[i], Missing: true})
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			p := parts[i]
			if p.Folder {
				p = Part{Path: f.Path, Values: p.Values}
			}
			out = append(out, DataFile{Part: p, file: f})
		}
	}
	return out, nil
}

func partitionNames(t *Table) []string {
	var out []string
	for _, c := range t.Partitions {
		out = append(out, c.Name)
	}
	return out
}

// OpenFile gives the rows of one file of a table.
func (c *Catalog) OpenFile(ctx context.Context, env *storage.Env, t *Table, d *DataFile) (storage.Table, error) {
	s, err := c.source(t)
	if err != nil {
		return nil, err
	}
	s.Files = []fs.File{d.file}
	if !d.byPath {
		s.Values = [][]*string{d.Values}
	}
	return open(ctx, env, s, t)
}
