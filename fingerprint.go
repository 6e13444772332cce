package skep

import (
	"context"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage/db"
)

// Fingerprint gives a text that is another one once the rows of a table have changed: of a table of the warehouse, or of an attached database. It is
// "" if that cannot be told, as of a view or of a table in memory, and "none" if there is no such table.
func (s *Session) Fingerprint(ctx context.Context, name ...string) (string, error) {
	if len(name) == 0 {
		return "", sqlerr.New(sqlerr.Bind, "a table needs a name")
	}
	sess := s.cmd.Session
	if a, schema, table := sess.Split(name); a != nil {
		f, ok := a.DB.(db.Fingerprinter)
		if !ok {
			return "", nil
		}
		t, err := a.DB.Table(ctx, schema, table)
		if err != nil {
			return "", err
		}
		if t == nil {
			return "none", nil
		}
		return f.Fingerprint(ctx, schema, table)
	}
	if err := sess.Catalog.Refresh(); err != nil {
		return "", err
	}
	database := ""
	if len(name) > 1 {
		database = name[len(name)-2]
	}
	t, err := sess.Lookup(database, name[len(name)-1])
	if sqlerr.ClassOf(err) == sqlerr.NotFound {
		return "none", nil
	}
	if err != nil || t.Kind != catalog.Managed || t.Temp || sess.Catalog.Dir() == "" {
		return "", err
	}
	return t.Manifest(), nil
}
