package session

import (
	"context"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/db"
)

// Attached is a database of another system under a name of the session's.
type Attached struct {
	Name     string
	System   string // postgres
	DB       db.Database
	ReadOnly bool
}

// Attach adds a database.
func (s *Session) Attach(a *Attached) { s.attached[strings.ToLower(a.Name)] = a }

// Detach forgets an attached database and closes its connections; the current database becomes the default one if it was that.
func (s *Session) Detach(a *Attached) error {
	if s.AttachedOf(s.Database) == a {
		s.Database = catalog.DefaultDatabase
	}
	delete(s.attached, strings.ToLower(a.Name))
	return a.DB.Close()
}

// DetachAll closes all attached databases.
func (s *Session) DetachAll() {
	for _, a := range s.attached {
		_ = a.DB.Close() // nothing is left to be written
	}
	clear(s.attached)
}

// AttachedNames gives the names of the attached databases, sorted.
func (s *Session) AttachedNames() []string {
	var out []string
	for _, a := range s.attached {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return out
}

// AttachedOf gives the attached database that a name of a database, with a schema behind it or not, means, or nil.
func (s *Session) AttachedOf(name string) *Attached {
	name, _, _ = strings.Cut(name, ".")
	if s.Catalog.HasDatabase(name) {
		return nil
	}
	return s.attached[strings.ToLower(name)]
}

// Split gives the attached database that the name of a table lies in, with the schema ("" if none is named) and the table's own name; nil if the
// name is none of theirs.
func (s *Session) Split(parts []string) (a *Attached, schema, name string) {
	if len(parts) == 0 || len(parts) > 3 {
		return nil, "", ""
	}
	name = parts[len(parts)-1]
	current := s.AttachedOf(s.Database)
	switch len(parts) {
	case 1:
		_, schema, _ = strings.Cut(s.Database, ".")
		return current, schema, name
	case 2:
		if a := s.AttachedOf(parts[0]); a != nil {
			return a, "", name
		}
		if current != nil && !s.Catalog.HasDatabase(parts[0]) && !strings.EqualFold(parts[0], "temp") {
			return current, parts[0], name
		}
		return nil, "", ""
	}
	return s.AttachedOf(parts[0]), parts[1], name
}

// Foreign finds a table of an attached database; nil if the name is none of theirs.
func (s *Session) Foreign(ctx context.Context, parts []string) (*catalog.Table, error) {
	if len(s.attached) == 0 {
		return nil, nil
	}
	a, schema, name := s.Split(parts)
	if a == nil || len(parts) == 1 && s.temp.Lookup(catalog.DefaultDatabase, name) != nil {
		return nil, nil
	}
	st, err := s.once("attached "+strings.Join([]string{a.Name, schema, name}, "\x00"), func() (storage.Table, error) {
		t, err := a.DB.Table(ctx, schema, name)
		if err != nil || t != nil {
			return t, err
		}
		return nil, a.missing(ctx, schema, name)
	})
	if err != nil {
		return nil, err
	}
	f := st.(db.Table)
	info := f.Describe()
	t := &catalog.Table{Database: a.Name, Name: info.Name, Kind: catalog.External, Format: a.System, Constraints: keys(info.Keys), Foreign: f}
	for _, c := range info.Columns {
		t.Columns = append(t.Columns, catalog.Column{Field: c.Field, Default: c.Default, Comment: c.Comment})
	}
	return t, nil
}

// ForeignQuery gives the rows of a query in the words of an attached database.
func (s *Session) ForeignQuery(ctx context.Context, database, sql string) (storage.Table, error) {
	a := s.attached[strings.ToLower(database)]
	if a == nil {
		return nil, sqlerr.New(sqlerr.NotFound, "no database is attached as %s", database).WithHint("%s", sqlerr.DidYouMean(database, s.AttachedNames()))
	}
	q, ok := a.DB.(db.Querier)
	if !ok {
		return nil, sqlerr.New(sqlerr.Unsupported, "%s takes no queries in its own words", a.System)
	}
	return s.once("query "+a.Name+"\x00"+sql, func() (storage.Table, error) { return q.Query(ctx, sql) })
}

// missing is the error of a table that does not exist.
func (a *Attached) missing(ctx context.Context, schema, name string) error {
	e := sqlerr.New(sqlerr.NotFound, "table %s does not exist in %s", strings.TrimPrefix(schema+"."+name, "."), a.Name)
	list, err := a.DB.Tables(ctx, schema)
	if err != nil {
		return e
	}
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	if hint := sqlerr.DidYouMean(name, names); hint != "" {
		return e.WithHint("%s", hint)
	}
	if schemas, err := a.DB.Schemas(ctx); schema != "" && err == nil && len(list) == 0 && !slices.ContainsFunc(schemas, func(s string) bool { return strings.EqualFold(s, schema) }) {
		return sqlerr.New(sqlerr.NotFound, "%s has no schema %s", a.Name, schema).WithHint("%s", sqlerr.DidYouMean(schema, schemas))
	}
	if schema == "" {
		return e.WithHint("SHOW TABLES IN %s lists those of its search path; others are %s.schema.table", a.Name, a.Name)
	}
	return e.WithHint("SHOW TABLES IN %s.%s lists those that there are", a.Name, schema)
}

// keys makes constraints of their SQL texts.
func keys(texts []string) (out []catalog.Constraint) {
	for _, t := range texts {
		k := catalog.Constraint{Text: t}
		for _, kind := range []catalog.ConstraintKind{catalog.PrimaryKey, catalog.Unique} {
			if list, ok := strings.CutPrefix(t, string(kind)+" ("); ok {
				k.Kind = kind
				for _, c := range strings.Split(strings.TrimSuffix(list, ")"), ",") {
					k.Columns = append(k.Columns, strings.Trim(strings.TrimSpace(c), `"`))
				}
			}
		}
		out = append(out, k)
	}
	return out
}
