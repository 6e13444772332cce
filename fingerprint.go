package skep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"

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
	text, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, _ = h.Write(text) // a hash takes all
	err = filepath.WalkDir(sess.Catalog.TableDir(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			fmt.Fprintf(h, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		return "", nil // another run is changing it: it is not known
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
