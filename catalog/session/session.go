// Package session is one user's state in a database: the current database, settings, variables, temporary tables and views. A
// Session belongs to one goroutine at a time.
package session

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/secret"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// Session is the state of one connection.
type Session struct {
	Catalog  *catalog.Catalog
	Database string // current
	Env      *storage.Env
	temp     *catalog.Catalog // temporary tables and views
	settings map[string]string
	prepared map[string]string // name → statement text
	// variables are those of SET VARIABLE: vectors of one row
	variables map[string]*vec.Vector
	declared  map[string]Declared // those of DECLARE
	given     map[string]int64    // numbers of sequences
	// opened keeps the file tables of the running statement, so that one planned again after a RestartError finds the table
	// that it widened.
	opened map[string]storage.Table
	bad    badRecords
	// attached are databases of other systems, by name in lower case
	attached map[string]*Attached
	Secrets  *secret.Store
	Transaction
}

// New opens a session in the default database.
func New(c *catalog.Catalog, env *storage.Env) *Session {
	s := &Session{
		Catalog: c, Database: catalog.DefaultDatabase, Env: env,
		temp: catalog.NewMemory(c.Formats()), settings: map[string]string{}, prepared: map[string]string{},
		variables: map[string]*vec.Vector{}, declared: map[string]Declared{}, given: map[string]int64{}, attached: map[string]*Attached{},
		Secrets: secret.NewStore(secret.Dir()),
	}
	env.Setting, env.Bad = s.Setting, s.bad.add
	return s
}

// Beside gives a session that sees what s sees, for a look that leaves no trace: nobody hears its notes, and nothing is counted.
func (s *Session) Beside() *Session {
	env := *s.Env
	env.Note, env.Reads, env.Bad = nil, nil, nil
	return &Session{Catalog: s.Catalog.Beside(), Database: s.Database, Env: &env, temp: s.temp.Beside(), settings: s.settings, prepared: s.prepared,
		variables: s.variables, declared: s.declared, given: s.given, attached: s.attached, Secrets: s.Secrets}
}

// StartStatement forgets the file tables of the statement before.
func (s *Session) StartStatement() {
	s.opened = map[string]storage.Table{}
	s.bad.start()
}

// Lookup finds a table by its name, with or without a database in front: temporary ones first. The error names the likeliest name.
func (s *Session) Lookup(db, name string) (*catalog.Table, error) {
	if db == "" {
		if t := s.temp.Lookup(catalog.DefaultDatabase, name); t != nil {
			return t, nil
		}
		db = s.Database
	} else if strings.EqualFold(db, "temp") {
		if t := s.temp.Lookup(catalog.DefaultDatabase, name); t != nil {
			return t, nil
		}
	}
	db = s.Named(db)
	if t := s.Catalog.Lookup(db, name); t != nil {
		return t, t.Damage()
	}
	if !s.Catalog.HasDatabase(db) {
		return nil, sqlerr.New(sqlerr.NotFound, "database %s does not exist", db).WithHint("%s", sqlerr.DidYouMean(db, s.Catalog.Databases()))
	}
	return nil, sqlerr.New(sqlerr.NotFound, "table %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, s.names(db)))
}

// Named gives the database that a name means: public is the current one, main the one that is there from the start.
func (s *Session) Named(db string) string {
	switch {
	case s.Catalog.HasDatabase(db):
	case strings.EqualFold(db, "public"):
		return s.Database
	case strings.EqualFold(db, "main"):
		return catalog.DefaultDatabase
	}
	return db
}

func (s *Session) names(db string) []string {
	var out []string
	own, _ := s.Catalog.Tables(db)
	temp, _ := s.temp.Tables(catalog.DefaultDatabase)
	for _, t := range append(own, temp...) {
		out = append(out, t.Name)
	}
	return out
}

// Home gives the catalog that a table of this kind belongs to.
func (s *Session) Home(temp bool) *catalog.Catalog {
	if temp {
		return s.temp
	}
	return s.Catalog
}

// Open gives the rows of a table.
func (s *Session) Open(ctx context.Context, t *catalog.Table) (storage.Table, error) {
	if t.Foreign != nil {
		return t.Foreign, nil
	}
	if t.Kind == catalog.Managed {
		return s.Home(t.Temp).Open(ctx, s.Env, t)
	}
	return s.once("table "+t.Database+"."+t.Name, func() (storage.Table, error) { return s.Home(t.Temp).Open(ctx, s.Env, t) })
}

// OpenFile gives the rows of the files that path names. format is nil to tell it by the path's ending.
func (s *Session) OpenFile(ctx context.Context, format storage.Format, path string, opts storage.Options, key string) (storage.Table, error) {
	if format == nil {
		var err error
		if format, err = s.FormatOf(path); err != nil {
			return nil, err
		}
	}
	return s.once(format.Name()+" "+path+" "+key, func() (storage.Table, error) {
		return multi.Open(ctx, s.Env, multi.Source{Format: format, Path: path, Options: opts})
	})
}

// FormatOf tells the format of the files that path names by the path's ending, that of a stream by its first bytes.
func (s *Session) FormatOf(path string) (storage.Format, error) {
	if f := s.Catalog.Formats().ForPath(path); f != nil {
		return f, nil
	}
	if fs.IsStream(path, s.Env.Base) {
		file, err := s.Env.Stream(path)
		if err != nil {
			return nil, err
		}
		head, err := file.Head(512)
		if err != nil {
			return nil, err
		}
		return s.Catalog.Formats().ForHead(head), nil
	}
	return nil, sqlerr.New(sqlerr.NotFound, "the ending of '%s' names no file format", path).
		WithHint("say which: read_csv('%s'), read_json('%s'), read_parquet('%s')", path, path, path)
}

func (s *Session) once(key string, open func() (storage.Table, error)) (storage.Table, error) {
	if t := s.opened[key]; t != nil {
		return t, nil
	}
	t, err := open()
	if err == nil && s.opened != nil {
		s.opened[key] = t
	}
	return t, err
}

// Location gives the session's time zone.
func (s *Session) Location() *time.Location {
	if l, err := time.LoadLocation(s.Setting("timezone")); err == nil {
		return l
	}
	return time.UTC
}

// Prepared gives the text of a prepared statement.
func (s *Session) Prepared(name string) (string, bool) {
	t, ok := s.prepared[strings.ToLower(name)]
	return t, ok
}

// SetPrepared keeps a prepared statement; an empty text forgets it.
func (s *Session) SetPrepared(name, text string) {
	if text == "" {
		delete(s.prepared, strings.ToLower(name))
		return
	}
	s.prepared[strings.ToLower(name)] = text
}

// ForgetPrepared forgets all prepared statements.
func (s *Session) ForgetPrepared() { clear(s.prepared) }

// Databases gives all databases, the attached ones last.
func (s *Session) Databases() []string { return append(s.Catalog.Databases(), s.AttachedNames()...) }

// TempTables gives the temporary tables and views.
func (s *Session) TempTables() []*catalog.Table {
	t, _ := s.temp.Tables(catalog.DefaultDatabase)
	return slices.Clone(t)
}
