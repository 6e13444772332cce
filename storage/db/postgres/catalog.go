package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage/db"
)

// Schemas gives the schemas of the search path first, then the others, without Postgres' own.
func (d *database) Schemas(ctx context.Context) ([]string, error) {
	rows, err := d.query(ctx, `SELECT nspname FROM pg_namespace
		WHERE nspname !~ '^pg_(toast|temp_|catalog)' AND nspname <> 'information_schema'
		ORDER BY coalesce(array_position(current_schemas(false), nspname), 1000), nspname`)
	var out []string
	for _, r := range rows {
		out = append(out, r[0])
	}
	return out, err
}

const tableKinds = `'r', 'p', 'v', 'm', 'f'`

// Tables gives the tables and views of a schema.
func (d *database) Tables(ctx context.Context, schema string) ([]db.Entry, error) {
	rows, err := d.query(ctx, `SELECT n.nspname, c.relname, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'base table' END
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN (`+tableKinds+`) AND CASE WHEN $1 = '' THEN pg_table_is_visible(c.oid) AND n.nspname <> 'pg_catalog' ELSE lower(n.nspname) = lower($1) END
		ORDER BY 2`, schema)
	var out []db.Entry
	for _, r := range rows {
		out = append(out, db.Entry{Schema: r[0], Name: r[1], Kind: r[2]})
	}
	return out, err
}

// Table gives a table or view.
func (d *database) Table(ctx context.Context, schema, name string) (db.Table, error) {
	t, err := d.table(ctx, schema, name)
	if err != nil || t == nil {
		return nil, err
	}
	return t, nil
}

// table looks a table up: the name as written goes before one that differs in case.
func (d *database) table(ctx context.Context, schema, name string) (*table, error) {
	c, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	defer d.give(c)
	rows, err := d.queryOn(ctx, c, `SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint,
			CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END, current_setting('block_size')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN (`+tableKinds+`) AND lower(c.relname) = lower($2) AND CASE WHEN $1 = '' THEN pg_table_is_visible(c.oid) ELSE lower(n.nspname) = lower($1) END
		ORDER BY n.nspname <> $1, c.relname <> $2, c.relname LIMIT 1`, schema, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	t := &table{d: d, oid: r[0]}
	t.info.Entry = db.Entry{Schema: r[1], Name: r[2], Kind: map[string]string{"v": "view", "m": "materialized view", "f": "foreign table"}[r[3]]}
	if t.info.Kind == "" {
		t.info.Kind = "base table"
	}
	t.rows, t.bytes, t.block = number(r[4]), number(r[5]), max(number(r[6]), 1)
	cols, err := d.queryOn(ctx, c, columnsQuery, t.oid)
	if err != nil {
		return nil, err
	}
	for _, r := range cols {
		t.addColumn(r)
	}
	keys, err := d.queryOn(ctx, c, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype = 'p' DESC, conname`, t.oid)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		t.info.Keys = append(t.info.Keys, k[0])
	}
	return t, nil
}

// columnsQuery gives a row a column; of a domain, the type below it.
const columnsQuery = `SELECT a.attname, b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, a.attnotnull,
		format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum),
		a.attgenerated <> '' OR a.attidentity = 'a', b.typtype = 'e',
		CASE WHEN b.typcategory = 'A' AND b.typlen = -1 THEN b.typelem ELSE 0 END, coalesce(e.typtype = 'e', false), a.attidentity <> '',
		EXISTS (SELECT FROM pg_collation WHERE oid = a.attcollation AND NOT collisdeterministic)
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
		LEFT JOIN pg_type e ON e.oid = b.typelem LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

func (t *table) addColumn(r []string) {
	p := newType(uint32(number(r[1])), int(number(r[2])), r[8] == "t", uint32(number(r[9])), r[10] == "t")
	p.loose = r[12] == "t"
	c := db.Column{Field: types.Field{Name: r[0], Type: p.t, NotNull: r[3] == "t"}, Native: r[4], Default: r[5], Comment: r[6], Generated: r[7] == "t", AnyScale: p.open}
	if c.Generated {
		c.Default = "" // of a generated column it is the expression
	}
	t.types = append(t.types, p)
	t.identity = append(t.identity, r[11] == "t")
	t.info.Columns = append(t.info.Columns, c)
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// column gives the position of a column.
func (t *table) column(name string) (int, error) {
	var names []string
	for i, c := range t.info.Columns {
		if c.Name == name {
			return i, nil
		}
		names = append(names, c.Name)
	}
	return 0, sqlerr.New(sqlerr.NotFound, "table %s has no column %s", t.info.Name, name).WithHint("%s", sqlerr.DidYouMean(name, names))
}

// fullName is the table's name in SQL.
func (t *table) fullName() string {
	return fmt.Sprintf("%s.%s", quote(t.info.Schema), quote(t.info.Name))
}
