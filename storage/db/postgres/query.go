package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/skep-sql/skep/storage/db"
)

// Query gives the rows of a query in Postgres' own words. It is described here and runs when it is read.
func (d *database) Query(ctx context.Context, sql string) (db.Table, error) {
	t := &table{d: d, query: strings.TrimRight(strings.TrimSpace(sql), "; \t\r\n")}
	t.info.Entry = db.Entry{Name: "postgres_query", Kind: "query"}
	c, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	defer d.give(c)
	desc, err := c.Prepare(ctx, "", "SELECT * FROM "+t.from(), nil)
	if err != nil {
		return nil, d.failed(err)
	}
	var rows []string
	for i, f := range desc.Fields {
		rows = append(rows, fmt.Sprintf("(%d, %s, %d::oid, %d)", i, literal(f.Name), f.DataTypeOID, f.TypeModifier))
	}
	if len(rows) == 0 {
		return t, nil
	}
	// in the place of a table's columns, with no defaults and comments
	cols, err := d.queryOn(ctx, c, `SELECT a.attname, b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, false, format_type(t.oid, a.atttypmod), NULL, NULL, false, b.typtype = 'e',
			CASE WHEN b.typcategory = 'A' AND b.typlen = -1 THEN b.typelem ELSE 0 END, coalesce(e.typtype = 'e', false), false, true
		FROM (VALUES `+strings.Join(rows, ", ")+`) a(n, attname, atttypid, atttypmod) JOIN pg_type t ON t.oid = a.atttypid
			JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END LEFT JOIN pg_type e ON e.oid = b.typelem ORDER BY a.n`)
	if err != nil {
		return nil, err
	}
	for _, r := range cols {
		t.addColumn(r)
	}
	return t, nil
}

// from is what stands behind FROM to read the table.
func (t *table) from() string {
	if t.query != "" {
		return "(" + t.query + "\n) AS q" // the query may end in a comment
	}
	return t.fullName()
}
