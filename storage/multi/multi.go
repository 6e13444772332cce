// Package multi makes one table of several files: it finds them, unites their columns by name, adds the columns that their
// folders' names stand for, and skips the files that a condition rules out.
//
// What it knows: the files' own tables and how each one's columns map to the united ones. It owns no rows: batches are those of the
// files, with vectors put in for columns that a file lacks, has as another type, or has in its path.
package multi

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// Source says which files make a table.
type Source struct {
	Format storage.Format
	Path   string    // a file, folder or glob; {a,b} names several
	Files  []fs.File // instead of Path: just these
	// Without are absolute paths of files that Path names, but that are left out.
	Without map[string]bool
	// Improve, if it is not nil, makes statistics of the files better.
	Improve func([]fs.File, []storage.Column, *storage.Stats) *storage.Stats
	// Options are the reader's, by lower-case name. filename, union_by_name and hive_partitioning are taken here.
	Options storage.Options
	// Columns are the declared columns; nil = the files' own.
	Columns []types.Field
	// Partitions are the declared columns whose values stand in k=v folders; they come last.
	Partitions []types.Field
	// Values, with Files and Partitions, are the values of each file's partition columns as text, nil for NULL, where they are known apart
	// from its path.
	Values [][]*string
}

// settings are the options that concern several files.
type settings struct {
	filename, byName, hive bool
}

// found is a file and its path from where the search began.
type found struct {
	fs.File
	rel string
}

// Open makes the table.
func Open(ctx context.Context, env *storage.Env, s Source) (storage.Table, error) {
	if env == nil {
		env = &storage.Env{}
	}
	set := settings{byName: true, hive: true}
	opts, err := set.take(s.Options)
	if err != nil {
		return nil, err
	}
	files, err := find(env, s)
	if err != nil {
		return nil, err
	}
	if some := len(files); s.Without != nil {
		files = slices.DeleteFunc(files, func(f found) bool { return s.Without[f.Path] })
		if some > 0 && len(files) == 0 && s.Columns == nil {
			return nil, sqlerr.New(sqlerr.NotFound, "all files of %s are set aside", s.Path).WithHint("REPAIR TABLE … RESTORE takes them back")
		}
	}
	t := &table{env: env, set: set, improve: s.Improve, declared: s.Columns != nil, parts: make([]part, len(files))}
	for i, f := range files {
		t.parts[i].file = f.File
	}
	keys, err := t.partitions(s, files)
	if err != nil {
		return nil, err
	}
	if err := t.open(ctx, s, opts, keys); err != nil {
		return nil, err
	}
	if err := t.unite(s.Columns); err != nil {
		return nil, err
	}
	if len(t.data) == 0 && len(t.keys) == 0 && len(files) > 0 {
		return nil, sqlerr.New(sqlerr.Data, "%s is empty: it has no columns", files[0].Path).WithHint("columns => {'a': 'INTEGER'} says what it would have")
	}
	t.noteDrift()
	return t, nil
}

// take picks its own options and gives the others.
func (set *settings) take(opts storage.Options) (storage.Options, error) {
	rest := storage.Options{}
	for name, o := range opts {
		var to *bool
		switch name {
		case "filename":
			to = &set.filename
		case "union_by_name":
			to = &set.byName
		case "hive_partitioning":
			to = &set.hive
		default:
			rest[name] = o
			continue
		}
		switch strings.ToLower(o.Text) {
		case "true", "1", "on", "":
			*to = true
		case "false", "0", "off":
			*to = false
		default:
			return nil, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is true or false, not %s", name, o.Text)
		}
	}
	return rest, nil
}

// Find lists the files that the path of a source names, sorted by name within each pattern.
func Find(env *storage.Env, s Source) ([]fs.File, error) {
	list, err := find(env, s)
	var out []fs.File
	for _, f := range list {
		out = append(out, f.File)
	}
	return out, err
}

// find lists the files, sorted by name within each pattern.
func find(env *storage.Env, s Source) ([]found, error) {
	var out []found
	if s.Files != nil {
		for _, f := range s.Files {
			out = append(out, found{f, f.Path})
		}
		return out, nil
	}
	for _, p := range alternatives(s.Path) {
		if fs.IsStream(p, env.Base) {
			f, err := env.Stream(p)
			if err != nil {
				return nil, err
			}
			out = append(out, found{f, f.Path})
			continue
		}
		files, err := fs.Glob(p, env.Base)
		if err != nil {
			if s.Columns != nil && sqlerr.ClassOf(err) == sqlerr.NotFound && isFolder(p, env.Base) {
				return nil, nil // a table whose folder has no data yet
			}
			return nil, err
		}
		root := fs.Root(p, env.Base)
		for _, f := range files {
			rel, err := filepath.Rel(root, f.Path)
			if err != nil {
				rel = f.Path
			}
			out = append(out, found{f, rel})
		}
	}
	return out, nil
}

func isFolder(path, base string) bool {
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// alternatives splits a path that is {a,b,…} as a whole.
func alternatives(path string) []string {
	if !strings.HasPrefix(path, "{") || !strings.HasSuffix(path, "}") {
		return []string{path}
	}
	var out []string
	depth, from := 0, 1
	for i := 1; i < len(path)-1; i++ {
		switch path[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return []string{path}
			}
		case ',':
			if depth == 0 {
				out = append(out, path[from:i])
				from = i + 1
			}
		}
	}
	return append(out, path[from:len(path)-1])
}

// open opens the files' tables.
func (t *table) open(ctx context.Context, s Source, opts storage.Options, keys [][]key) error {
	declarer, positional := s.Format.(storage.Declarer)
	positional = positional && s.Columns != nil
	var (
		wg   sync.WaitGroup
		gate = make(chan struct{}, min(runtime.GOMAXPROCS(0)*2, 16))
		errs = make([]error, len(t.parts))
	)
	for i := range t.parts {
		if ctx.Err() != nil {
			break
		}
		gate <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() {
				if x := recover(); x != nil {
					errs[i] = sqlerr.New(sqlerr.Internal, "opening %s: %v", t.parts[i].file.Path, x)
				}
				<-gate
				wg.Done()
			}()
			p := &t.parts[i]
			if positional {
				p.t, errs[i] = declarer.OpenDeclared(ctx, t.env, p.file, opts, s.Columns)
			} else {
				p.t, errs[i] = s.Format.Open(ctx, t.env, p.file, opts)
			}
		}()
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return sqlerr.Wrap(sqlerr.Cancelled, err, "opening files")
	}
	for i, err := range errs {
		if err != nil {
			return err
		}
		t.parts[i].keys = keys[i]
	}
	return nil
}

// table is several files.
type table struct {
	env      *storage.Env
	set      settings
	declared bool
	improve  func([]fs.File, []storage.Column, *storage.Stats) *storage.Stats
	keys     []types.Field // partition columns

	mu    sync.Mutex
	err   error // why the files no longer fit together
	data  []types.Field
	parts []part
	drift []string
	stats *storage.Stats
}

// part is one file.
type part struct {
	file fs.File
	t    storage.Table
	from []int            // by united column: the file's, or -1
	cast []*kernel.Caster // by united column: nil where the types are the same
	keys []key            // values of the partition columns
	cols []storage.Column // the file's
}

// Schema gives the united columns, those of the folders' names, and filename, hidden unless the option asked for it.
func (t *table) Schema() []storage.Column {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []storage.Column
	for _, f := range t.data {
		out = append(out, storage.Column{Field: f})
	}
	for _, f := range t.keys {
		out = append(out, storage.Column{Field: f})
	}
	if !slices.ContainsFunc(out, func(c storage.Column) bool { return strings.EqualFold(c.Name, fileColumn) }) {
		out = append(out, storage.Column{Field: types.Field{Name: fileColumn, Type: types.TVarchar, NotNull: true}, Hidden: !t.set.filename})
	}
	return out
}

const fileColumn = "filename"
