package catalog

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
)

// How versions are made.
//
// A commit of version N+1 upon version N writes and flushes, in this order: the data files, the chunks and manifests of the tables that it
// changes, and the root under a name of its own; each under a fresh name, in a folder that is flushed too. Then link(2) gives the root the
// name v/N+1.json. The link is the commit: before it nothing that anybody reads has changed, and after it everything is on the disk. It
// fails if the name exists, so of several writers that stand upon N one wins; the others read N+1 and try again on top of it.
//
// Names in v are never removed. A version that VACUUM takes is replaced, by a rename, with an empty file: a tombstone. So the numbers
// 1 … newest are all taken at any time, and a writer that slept through any number of commits and a VACUUM still cannot link its root under
// a number that was ever used: its link fails, and it starts over. Since there are no gaps, the newest version is found by doubling steps
// and halving them, without a list of the folder and without a pointer that could be stale. The newest is never a tombstone.
//
// A reader holds one version, whose files stay for the retention time of VACUUM after the version stopped being the newest.

// metaDir is the folder of the catalog's own files. Names with an underscore in front are not data.
const metaDir = "_skep"

// envelope is around everything that the catalog writes, so that a damaged file is known for one.
type envelope struct {
	CRC  string          `json:"crc"`
	Body json.RawMessage `json:"body"`
}

type rootBody struct {
	Format    int
	Version   int64
	Time      time.Time
	Operation string `json:",omitempty"`
	Databases []rootDatabase
	Objects   map[string]*Object `json:",omitempty"` // by kind and lower-case name
}

type rootDatabase struct {
	Database
	Tables []rootTable `json:",omitempty"`
}

type rootTable struct {
	Name     string
	Manifest string // in _skep/t
}

// OpenWarehouse reads the catalog in folder dir, which is made if it does not exist.
func OpenWarehouse(dir string, formats *storage.Registry) (*Catalog, error) {
	return OpenWarehouseOn(osDisk{}, dir, formats)
}

// OpenWarehouseOn is OpenWarehouse with other operations on files.
func OpenWarehouseOn(disk Disk, dir string, formats *storage.Registry) (*Catalog, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot open warehouse %s", dir)
	}
	s := &store{dir: abs, disk: disk}
	if _, err := os.Stat(s.versionPath(1)); err != nil {
		if !errors.Is(err, iofs.ErrNotExist) {
			return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot open warehouse %s", dir)
		}
		first := newState()
		first.version, first.time = 1, time.Now().UTC()
		first.dbs[DefaultDatabase] = &Database{Name: DefaultDatabase}
		if _, err := s.write(first); err != nil {
			return nil, err
		}
	}
	now, err := s.latest()
	if err != nil {
		return nil, err
	}
	return &Catalog{formats: formats, store: s, base: now, now: now}, nil
}

func (s *store) versionPath(n int64) string {
	return filepath.Join(s.dir, metaDir, "v", strconv.FormatInt(n, 10)+".json")
}

// FreshName gives a name that no other writer has: the time, so that names sort by it, and chance.
func FreshName() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%s-%x", strconv.FormatInt(time.Now().UnixMicro(), 36), b)
}

// NameBeside gives a fresh name that sorts with that of an older file, in the place of which the new one comes.
func NameBeside(old string) string {
	name := FreshName()
	when, _, ok := strings.Cut(strings.TrimPrefix(path.Base(old), "part-"), "-")
	if !ok || when == "" {
		return name
	}
	_, chance, _ := strings.Cut(name, "-")
	return when + "-" + chance
}

// seal puts the envelope around a body.
func seal(body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.Internal, err, "cannot write the catalog")
	}
	return json.Marshal(envelope{checksum(text), text})
}

func checksum(text []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)))
}

// opened takes the envelope off. One as seal writes it needs no parsing: lists of files are large.
func opened(text []byte) (e envelope, err error) {
	const head, middle = `{"crc":"`, `","body":`
	if body := len(head) + 8 + len(middle); len(text) > body && string(text[:len(head)]) == head && string(text[len(head)+8:body]) == middle && text[len(text)-1] == '}' {
		return envelope{string(text[len(head) : len(head)+8]), text[body : len(text)-1]}, nil
	}
	err = json.Unmarshal(text, &e)
	return e, err
}

// unseal reads a file of the catalog.
func unseal(path string, body any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, iofs.ErrNotExist) {
			return sqlerr.Wrap(sqlerr.NotFound, err, "a file of the catalog is gone")
		}
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read the catalog")
	}
	e, err := opened(text)
	if err != nil {
		return sqlerr.Wrap(sqlerr.Data, err, "%s is damaged", path)
	}
	if checksum(e.Body) != e.CRC {
		return sqlerr.New(sqlerr.Data, "%s is damaged: its checksum is wrong", path)
	}
	if err := json.Unmarshal(e.Body, body); err != nil {
		return sqlerr.Wrap(sqlerr.Data, err, "%s is damaged", path)
	}
	return nil
}

// write makes a version; false: the number is taken. With true, an error says that it stands but that a power failure may take it back.
func (s *store) write(next *state) (bool, error) {
	fail := func(err error) error { return sqlerr.Wrap(sqlerr.IO, err, "cannot write warehouse %s", s.dir) }
	if err := s.writeTables(next); err != nil {
		return false, err
	}
	text, err := seal(next.root())
	if err != nil {
		return false, err
	}
	temp := filepath.Join(s.dir, metaDir, "v", "tmp-"+FreshName())
	if err := writeNew(s.disk, temp, text); err != nil {
		return false, fail(err)
	}
	err = s.disk.Link(temp, s.versionPath(next.version))
	_ = s.disk.Remove(temp) // one that stays is taken by VACUUM
	switch {
	case errors.Is(err, iofs.ErrExist):
		return false, nil
	case err != nil:
		return false, fail(err)
	}
	if err := s.disk.SyncDir(filepath.Dir(temp)); err != nil {
		return true, sqlerr.Wrap(sqlerr.IO, err, "version %d stands, but could not be flushed to the disk", next.version)
	}
	return true, nil
}

// root gives what a version's file says.
func (s *state) root() rootBody {
	r := rootBody{Format: 1, Version: s.version, Time: s.time, Operation: s.operation, Objects: s.objects}
	for _, d := range s.dbs {
		rd := rootDatabase{Database: *d}
		for _, t := range d.tables {
			rd.Tables = append(rd.Tables, rootTable{t.Name, t.manifest})
		}
		slices.SortFunc(rd.Tables, func(a, b rootTable) int { return strings.Compare(a.Name, b.Name) })
		r.Databases = append(r.Databases, rd)
	}
	slices.SortFunc(r.Databases, func(a, b rootDatabase) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// writeTables writes the chunks and manifests that are not written yet.
func (s *store) writeTables(next *state) error {
	wrote := false
	dir := filepath.Join(s.dir, metaDir, "t")
	put := func(body any) (string, error) {
		text, err := seal(body)
		if err != nil {
			return "", err
		}
		name := FreshName() + ".json"
		if err := writeNew(s.disk, filepath.Join(dir, name), text); err != nil {
			return "", sqlerr.Wrap(sqlerr.IO, err, "cannot write warehouse %s", s.dir)
		}
		wrote = true
		return name, nil
	}
	for _, d := range next.dbs {
		for _, t := range d.tables {
			if t.manifest != "" {
				continue
			}
			var err error
			if err = t.Parts.store(put); err != nil {
				return err
			}
			if t.manifest, err = put(t); err != nil {
				return err
			}
		}
	}
	if !wrote {
		return nil
	}
	if err := s.disk.SyncDir(dir); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot write warehouse %s", s.dir)
	}
	return nil
}

// exists tells whether a version's number is taken.
func (s *store) exists(n int64) (bool, error) {
	_, err := os.Stat(s.versionPath(n))
	if err == nil || errors.Is(err, iofs.ErrNotExist) {
		return err == nil, nil
	}
	return false, sqlerr.Wrap(sqlerr.IO, err, "cannot read warehouse %s", s.dir)
}

// number finds the newest version from n on, which exists.
func (s *store) number(n int64) (int64, error) {
	step := int64(1)
	for { // n is taken
		ok, err := s.exists(n + step)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		n += step
		step *= 2
	}
	for step > 1 { // n is taken, n+step is not
		step /= 2
		ok, err := s.exists(n + step)
		if err != nil {
			return 0, err
		}
		if ok {
			n += step
		}
	}
	return n, nil
}

// read gives the newest version; the lock is held.
func (s *store) read() (*state, error) {
	from := int64(1)
	if s.newest != nil {
		from = s.newest.version
	}
	for {
		n, err := s.number(from)
		if err != nil {
			return nil, err
		}
		if s.newest != nil && n == s.newest.version {
			return s.newest, nil
		}
		st, err := s.load(n, s.newest)
		if err == nil {
			s.newest = st
			return st, nil
		}
		if newer, e := s.exists(n + 1); e != nil || !newer {
			if info, e := os.Stat(s.versionPath(n)); e == nil && info.Size() == 0 { // the newest is never a tombstone
				err = sqlerr.New(sqlerr.Data, "%s is damaged: it is empty", s.versionPath(n))
			}
			var e *sqlerr.Error
			if errors.As(err, &e) {
				return nil, e.WithHint("this is the newest version; if its file cannot be had back, removing it while nobody is at work makes version %d the newest", n-1)
			}
			return nil, err
		}
		from = n // pruned meanwhile
	}
}

// errPruned is the error of a version that VACUUM has taken.
func errPruned(n int64) error {
	return sqlerr.New(sqlerr.NotFound, "version %d is gone: VACUUM has taken it", n).WithHint("SHOW VERSIONS lists those that are there")
}

// load reads version n. Tables that like has already are taken from there.
func (s *store) load(n int64, like *state) (*state, error) {
	path := s.versionPath(n)
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return nil, errPruned(n)
	}
	var r rootBody
	if err := unseal(path, &r); err != nil {
		return nil, err
	}
	if r.Format != 1 || r.Version != n {
		return nil, sqlerr.New(sqlerr.Data, "%s is of another kind (format %d, version %d)", path, r.Format, r.Version).WithHint("a newer skep may have written it")
	}
	st := newState()
	st.version, st.time, st.operation = n, r.Time, r.Operation
	st.objects = r.Objects
	for i := range r.Databases {
		d := r.Databases[i].Database
		d.tables = map[string]*Table{}
		for _, t := range r.Databases[i].Tables {
			key := strings.ToLower(t.Name)
			if like != nil {
				if old := like.lookup(d.Name, t.Name); old != nil && old.manifest == t.Manifest {
					d.tables[key] = old
					continue
				}
			}
			d.tables[key] = s.loadTable(d.Name, t)
		}
		st.dbs[strings.ToLower(d.Name)] = &d
	}
	return st, nil
}

// loadTable reads a table's manifest. One that cannot be read spoils this table only.
func (s *store) loadTable(db string, r rootTable) *Table {
	t := &Table{}
	if err := unseal(filepath.Join(s.dir, metaDir, "t", r.Manifest), t); err != nil {
		var e *sqlerr.Error
		if errors.As(err, &e) {
			err = e.WithHint("ROLLBACK TABLE %s TO VERSION n makes an older version the newest; SHOW VERSIONS lists them", r.Name)
		}
		t = &Table{Database: db, Name: r.Name, damage: err}
	}
	t.manifest = r.Manifest
	t.Parts.dir = filepath.Join(s.dir, metaDir, "t")
	return t
}
