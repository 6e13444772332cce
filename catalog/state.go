package catalog

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// state is everything that is known at a version. It never changes once others see it.
type state struct {
	version   int64
	time      time.Time
	operation string
	dbs       map[string]*Database // by lower-case name
	objects   map[string]*Object   // by kind and lower-case name
}

func newState() *state { return &state{dbs: map[string]*Database{}} }

func (s *state) names() []string {
	var out []string
	for _, d := range s.dbs {
		out = append(out, d.Name)
	}
	slices.Sort(out)
	return out
}

func (s *state) database(name string) (*Database, error) {
	if d := s.dbs[strings.ToLower(name)]; d != nil {
		return d, nil
	}
	return nil, sqlerr.New(sqlerr.NotFound, "database %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, s.names()))
}

func (s *state) lookup(db, name string) *Table {
	if d := s.dbs[strings.ToLower(db)]; d != nil {
		return d.tables[strings.ToLower(name)]
	}
	return nil
}

// change is one change of a table, or where name is "" of a database. A nil old was not there, a nil new is there no more.
type change struct {
	db, name     string
	old, new     *Table
	oldDB, newDB *Database

	object               string // a change of this object, and of nothing else
	oldObject, newObject *Object

	rebase func(now *Table) (*Table, error)
}

func (x *change) same(y *change) bool {
	return strings.EqualFold(x.db, y.db) && strings.EqualFold(x.name, y.name)
}

// with gives the state after a change.
func (s *state) with(x *change) (*state, error) {
	out := *s
	if x.object != "" {
		out.objects = maps.Clone(s.objects)
		if out.objects == nil {
			out.objects = map[string]*Object{}
		}
		out.objects[x.object] = x.newObject
		if x.newObject == nil {
			delete(out.objects, x.object)
		}
		return &out, nil
	}
	out.dbs = maps.Clone(s.dbs)
	key := strings.ToLower(x.db)
	if x.name == "" {
		if x.newDB == nil {
			delete(out.dbs, key)
			return &out, nil
		}
		d := *x.newDB
		d.tables = map[string]*Table{}
		if was := s.dbs[key]; was != nil {
			d.tables = was.tables
		}
		out.dbs[key] = &d
		return &out, nil
	}
	was, err := s.database(x.db)
	if err != nil {
		return nil, err
	}
	d := *was
	d.tables = maps.Clone(was.tables)
	if x.new == nil {
		delete(d.tables, strings.ToLower(x.name))
	} else {
		d.tables[strings.ToLower(x.name)] = x.new
	}
	out.dbs[key] = &d
	return &out, nil
}

// unchanged tells whether s still has what the change found.
func (s *state) unchanged(x *change) bool {
	if x.object != "" {
		return s.objects[x.object].equal(x.oldObject)
	}
	if x.name == "" {
		d := s.dbs[strings.ToLower(x.db)]
		if d == nil || x.oldDB == nil {
			return d == nil && x.oldDB == nil
		}
		if x.newDB != nil {
			return true // its own fields only; its tables have changes of their own
		}
		return maps.EqualFunc(d.tables, x.oldDB.tables, sameTable)
	}
	return sameTable(s.lookup(x.db, x.name), x.old)
}

// sameTable tells whether two are the same version of a table.
func sameTable(a, b *Table) bool {
	return a == b || a != nil && b != nil && a.manifest != "" && a.manifest == b.manifest
}
