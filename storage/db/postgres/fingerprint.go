package postgres

import (
	"context"
	"strings"
)

// Fingerprint gives the number of rows of a table and which transactions wrote them: each change of a row gives it a new number. It reads the
// table's row headers.
func (d *database) Fingerprint(ctx context.Context, schema, name string) (string, error) {
	t, err := d.table(ctx, schema, name)
	if err != nil || t == nil || t.info.Kind != "base table" {
		return "", err
	}
	rows, err := d.query(ctx, `SELECT pg_relation_filenode($1::oid), count(*), sum(xmin::text::bigint), max(xmin::text::bigint) FROM `+t.fullName(), t.oid)
	if err != nil {
		return "", err
	}
	return t.oid + ":" + strings.Join(rows[0], ":"), nil
}
