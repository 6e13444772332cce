package catalog

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// VersionInfo is what is known of a version.
type VersionInfo struct {
	Version   int64
	Time      time.Time
	Operation string
	Tables    []string // those that it changed, as database.table
}

var errNoHistory = sqlerr.New(sqlerr.Unsupported, "a catalog in memory has no versions").WithHint("open a warehouse: skep FOLDER")

// at gives an earlier version.
func (s *store) at(n int64) (*state, error) {
	if s.dir == "" {
		return nil, errNoHistory
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	newest, err := s.read()
	if err != nil {
		return nil, err
	}
	if n < 1 || n > newest.version {
		return nil, sqlerr.New(sqlerr.NotFound, "there is no version %d: the newest is %d", n, newest.version)
	}
	return s.load(n, newest)
}

// LookupAt gives a table as it was in a version.
func (c *Catalog) LookupAt(db, name string, version int64) (*Table, error) {
	st, err := c.store.at(version)
	if err != nil {
		return nil, err
	}
	t := st.lookup(db, name)
	if t == nil {
		return nil, sqlerr.New(sqlerr.NotFound, "table %s does not exist in version %d", name, version)
	}
	return t, t.damage
}

// VersionAt gives the number of the version that was the newest at a time.
func (c *Catalog) VersionAt(when time.Time) (int64, error) {
	if c.store.dir == "" {
		return 0, errNoHistory
	}
	newest := c.Version()
	var failed error
	n := sort.Search(int(newest), func(i int) bool { // the first version that is later
		st, err := c.store.at(int64(i) + 1)
		if err != nil {
			if sqlerr.ClassOf(err) != sqlerr.NotFound {
				failed = err
			}
			return false // pruned: earlier than all that are left
		}
		return st.time.After(when)
	})
	if failed != nil {
		return 0, failed
	}
	if n == 0 {
		return 0, sqlerr.New(sqlerr.NotFound, "the warehouse did not exist at %s", when.Format(time.RFC3339))
	}
	return int64(n), nil
}

// Versions lists the versions that are left, the newest first, at most limit of them.
func (c *Catalog) Versions(limit int) ([]VersionInfo, error) {
	var out []VersionInfo
	cur, err := c.store.at(c.Version())
	if err != nil {
		return nil, err
	}
	for len(out) < limit {
		info := VersionInfo{Version: cur.version, Time: cur.time, Operation: cur.operation}
		prev := newState()
		if cur.version > 1 {
			if prev, err = c.store.at(cur.version - 1); err != nil {
				if sqlerr.ClassOf(err) == sqlerr.NotFound {
					return append(out, info), nil
				}
				return nil, err
			}
		}
		info.Tables = cur.differs(prev)
		out = append(out, info)
		if cur.version == 1 {
			break
		}
		cur = prev
	}
	return out, nil
}

// differs lists the tables that are not as in prev.
func (s *state) differs(prev *state) []string {
	var out []string
	for _, d := range s.dbs {
		for _, t := range d.tables {
			if !sameTable(prev.lookup(d.Name, t.Name), t) {
				out = append(out, d.Name+"."+t.Name)
			}
		}
	}
	for _, d := range prev.dbs {
		for _, t := range d.tables {
			if s.lookup(d.Name, t.Name) == nil {
				out = append(out, d.Name+"."+t.Name)
			}
		}
	}
	sort.Strings(out)
	return out
}

// Vacuum takes the versions that stopped being the newest longer than keep ago, and the files that no other version needs, if they are as
// old: a younger one may belong to a commit that is on its way. It gives the number of versions and files taken, and the files' bytes.
func (c *Catalog) Vacuum(keep time.Duration) (versions, files int, bytes int64, err error) {
	s := c.store
	if s.dir == "" {
		return 0, 0, 0, nil
	}
	s.mu.Lock()
	newest, err := s.read()
	s.mu.Unlock()
	if err != nil {
		return 0, 0, 0, err
	}
	limit := time.Now().Add(-keep)
	needed := map[string]bool{}
	if err := s.need(newest, needed); err != nil {
		return 0, 0, 0, err
	}
	var old []int64
	after := newest
	for n := newest.version - 1; n >= 1; n-- { // backwards, until the first tombstone
		st, err := s.load(n, after)
		if sqlerr.ClassOf(err) == sqlerr.NotFound && err != nil {
			break
		}
		if err != nil {
			return versions, files, bytes, err
		}
		if after.time.Before(limit) {
			old = append(old, n)
		} else if err := s.need(st, needed); err != nil {
			return versions, files, bytes, err
		}
		after = st
	}
	for i := len(old) - 1; i >= 0; i-- { // the oldest first: what a crash leaves is found by the next VACUUM
		if err := s.entomb(old[i]); err != nil {
			return versions, files, bytes, err
		}
		versions++
	}
	err = filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		rel, _ := filepath.Rel(s.dir, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() && needed[rel+"/"] {
			return filepath.SkipDir
		}
		if d.IsDir() || needed[rel] || !ours(rel) {
			return nil
		}
		info, err := d.Info()
		if err != nil || info.ModTime().After(limit) {
			return nil // gone, or young
		}
		if err := s.disk.Remove(path); err != nil {
			return err
		}
		files++
		bytes += info.Size()
		_ = os.Remove(filepath.Dir(path)) // if it is empty
		return nil
	})
	if err != nil {
		err = sqlerr.Wrap(sqlerr.IO, err, "cannot clean warehouse %s", s.dir)
	}
	return versions, files, bytes, err
}

// ours tells whether a file of the warehouse's folder is one that commits leave: manifests, unfinished versions, data files.
func ours(rel string) bool {
	if rest, ok := strings.CutPrefix(rel, metaDir+"/"); ok {
		return strings.HasPrefix(rest, "t/") || strings.HasPrefix(rest, "v/tmp-")
	}
	return strings.Count(rel, "/") >= 3 && strings.HasPrefix(filepath.Base(rel), "part-")
}

// need notes the files of a version.
func (s *store) need(st *state, needed map[string]bool) error {
	for _, d := range st.dbs {
		for _, t := range d.tables {
			name := metaDir + "/t/" + t.manifest
			if needed[name] {
				continue
			}
			needed[name] = true
			if t.damage != nil {
				return sqlerr.Wrap(sqlerr.Data, t.damage, "table %s cannot be read, and so not be told which files it needs", t.Name)
			}
			for _, c := range t.Parts.Chunks {
				if c.File != "" {
					needed[metaDir+"/t/"+c.File] = true
				}
			}
			parts, err := t.All()
			if err != nil {
				return err
			}
			for _, p := range parts {
				needed[p.Path] = true
			}
			for _, a := range t.Aside {
				needed[a.Path] = true
				if a.Chunk != nil { // nobody knows which files it lists: those of the folder that the first of them is in
					if w := strings.SplitN(a.Chunk.First.Path, "/", 4); len(w) == 4 {
						needed[strings.Join(w[:3], "/")+"/"] = true
					}
				}
			}
		}
	}
	return nil
}

// entomb puts an empty file in the place of a version, whose number stays taken for ever.
func (s *store) entomb(n int64) error {
	temp := filepath.Join(s.dir, metaDir, "v", "tmp-"+FreshName())
	err := writeNew(s.disk, temp, nil)
	if err == nil {
		err = s.disk.Rename(temp, s.versionPath(n))
	}
	if err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot clean warehouse %s", s.dir)
	}
	return nil
}
