package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage/db"
)

var loads atomic.Int64 // numbers staging tables

// loader is a load: one transaction on one connection, which copies rows to a table that nobody else sees yet, or to the target itself.
type loader struct {
	d      *database
	l      *db.Load
	target *table // nil for Create and Replace before the end
	conn   *pgconn.PgConn
	ctx    context.Context
	names  []string // columns in SQL
	enc    []encode
	stage  string // the table that is copied to, in SQL
	insert bool   // the stage's rows go to the target at the end
	rows   int64

	pipe *io.PipeWriter
	buf  []byte
	done chan error // the end of COPY
}

// Load begins a load.
func (d *database) Load(ctx context.Context, l *db.Load) (db.Loader, error) {
	if d.readOnly {
		return nil, sqlerr.New(sqlerr.Bind, "the database is attached READ ONLY").WithHint("DETACH it, and ATTACH it without READ ONLY")
	}
	w := &loader{d: d, l: l, ctx: ctx}
	if l.Mode != Create && l.Mode != Replace && (l.Mode != Apply || l.Typed) {
		t, err := d.table(ctx, l.Schema, l.Table)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, sqlerr.New(sqlerr.NotFound, "table %s does not exist", l.Table)
		}
		w.target = t
	}
	if l.Mode == Overwrite {
		if err := w.refuseReferenced(); err != nil {
			return nil, err
		}
	}
	create, err := w.plan()
	if err != nil {
		return nil, err
	}
	if w.conn, err = d.take(ctx); err != nil {
		return nil, err
	}
	if _, err := d.exec(ctx, w.conn, strings.TrimSuffix("BEGIN; "+create, "; ")); err != nil {
		w.Abort()
		return nil, err
	}
	w.copy()
	return w, nil
}

// Modes, under their names here.
const (
	Append    = db.Append
	Overwrite = db.Overwrite
	Create    = db.Create
	Replace   = db.Replace
	Apply     = db.Apply
)

// refuseReferenced refuses to empty a table that rows of others point to: TRUNCATE would take them along, and DELETE would fire their ON DELETE.
func (w *loader) refuseReferenced() error {
	rows, err := w.d.query(w.ctx, `SELECT conrelid::regclass, conname FROM pg_constraint
		WHERE confrelid = $1::oid AND conrelid <> confrelid AND contype = 'f' ORDER BY 1, 2`, w.target.oid)
	if err != nil || len(rows) == 0 {
		return err
	}
	return sqlerr.New(sqlerr.Unsupported, "%s cannot be overwritten: rows of %s refer to it (foreign key %s)", w.target.info.Name, rows[0][0], rows[0][1]).
		WithHint("MERGE INTO %s … WHEN MATCHED THEN UPDATE … WHEN NOT MATCHED THEN INSERT …, or INSERT … ON CONFLICT (key) DO UPDATE SET …, changes its rows in their place", w.target.info.Name)
}

// plan chooses the table that is copied to, and gives the SQL that makes it.
func (w *loader) plan() (create string, err error) {
	if w.target == nil {
		return w.planOwn()
	}
	plain := true
	var defs []string
	for _, f := range w.l.Columns {
		i, err := w.target.column(f.Name)
		if err != nil {
			return "", err
		}
		p := w.target.types[i]
		if p.open && f.Type.Kind == types.Decimal {
			p.t = f.Type
		}
		w.names, w.enc = append(w.names, quote(f.Name)), append(w.enc, p.encoder())
		def := quote(f.Name) + " " + w.target.info.Columns[i].Native
		if p.asText {
			plain = false
			def = quote(f.Name) + " text"
		}
		defs = append(defs, def)
	}
	if w.stage = w.target.fullName(); w.l.Mode == Append && plain {
		return "", nil
	}
	w.insert = true
	w.stage = quote(fmt.Sprintf("_skep_stage_%d", loads.Add(1)))
	// to make it LIKE the target would lock that: two loads would wait for each other at the end
	return "CREATE TEMP TABLE " + w.stage + " (" + strings.Join(defs, ", ") + ") ON COMMIT DROP", nil
}

// planOwn makes a table of the rows' own types.
func (w *loader) planOwn() (string, error) {
	var defs []string
	for _, f := range w.l.Columns {
		n := native(f.Type)
		if n == "" {
			return "", sqlerr.New(sqlerr.Unsupported, "column %s: Postgres has no type like %s", f.Name, f.Type).WithHint("to_json(%s) makes JSON of it", f.Name)
		}
		p := nativeType(f.Type)
		w.names, w.enc = append(w.names, quote(f.Name)), append(w.enc, p.encoder())
		if f.NotNull {
			n += " NOT NULL"
		}
		defs = append(defs, quote(f.Name)+" "+n)
	}
	list := " (" + strings.Join(defs, ", ") + ")"
	name := fmt.Sprintf("_skep_stage_%d", loads.Add(1))
	switch w.l.Mode {
	case Apply:
		w.stage = quote(name)
		return "CREATE TEMP TABLE " + w.stage + list + " ON COMMIT DROP", nil
	case Replace:
		w.stage = w.qualified(fmt.Sprintf("%s_%d", name, w.d.cfg.Port))
	default:
		w.stage = w.qualified(w.l.Table)
	}
	return "CREATE TABLE " + w.stage + list, nil
}

// qualified writes the name of a table in the load's schema.
func (w *loader) qualified(name string) string {
	if w.l.Schema == "" {
		return quote(name)
	}
	return quote(w.l.Schema) + "." + quote(name)
}

// nativeType is the type of native(t).
func nativeType(t types.Type) pgType {
	oids := map[types.Kind]uint32{
		types.Boolean: oidBool, types.TinyInt: oidInt2, types.SmallInt: oidInt2, types.UTinyInt: oidInt2, types.Null: oidInt4, types.Integer: oidInt4,
		types.USmallInt: oidInt4, types.BigInt: oidInt8, types.UInteger: oidInt8, types.UBigInt: oidNumeric, types.Decimal: oidNumeric, types.Real: oidFloat4,
		types.Double: oidFloat8, types.Varchar: oidText, types.Binary: oidBytea, types.Date: oidDate, types.Time: oidTime, types.Timestamp: oidTimestamp,
		types.TimestampTZ: oidTimestamptz, types.Interval: oidInterval, types.UUID: oidUUID, types.JSON: oidJSON,
		types.TimeTZ: oidTimetz, types.Bit: oidVarbit,
	}
	p := pgType{oid: oids[t.Kind], t: t}
	if t.Kind == types.Varchar && t.N > 0 {
		if p.oid = oidVarchar; t.Fixed {
			p.oid = oidBpchar
		}
	}
	if t.Kind == types.Array {
		e := nativeType(t.Elems[0].Type)
		p.elem = &e
	}
	return p
}

const copySignature = "PGCOPY\n\xff\r\n\x00"

// flushBytes is how much goes to the connection at a time.
const flushBytes = 1 << 18

// copy starts COPY.
func (w *loader) copy() {
	r, p := io.Pipe()
	w.pipe, w.done = p, make(chan error, 1)
	sql := "COPY " + w.stage + " (" + strings.Join(w.names, ", ") + ") FROM STDIN (FORMAT binary)"
	go func() {
		_, err := w.conn.CopyFrom(w.ctx, r, sql)
		if err == nil {
			err = io.EOF // later writes are too late
		}
		_ = r.CloseWithError(err)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		w.done <- err
	}()
	w.buf = append(w.buf, copySignature...)
	w.buf = append(w.buf, 0, 0, 0, 0, 0, 0, 0, 0)
}

// Write sends rows.
func (w *loader) Write(b *vec.Batch) error {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	var err error
	for _, i := range sel {
		w.buf = be2(w.buf, int64(len(w.enc)))
		for k, e := range w.enc {
			if w.buf, err = appendField(w.buf, e, b.Cols[k], int(i)); err != nil {
				return w.located(err, k)
			}
		}
		if len(w.buf) >= flushBytes {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	w.rows += int64(len(sel))
	return nil
}

func (w *loader) located(err error, k int) error {
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Msg = "column " + w.l.Columns[k].Name + ": " + e.Msg
	return &out
}

func (w *loader) flush() error {
	_, err := w.pipe.Write(w.buf)
	w.buf = w.buf[:0]
	return w.d.failed(err)
}

// Commit ends COPY, moves staged rows to their place and commits.
func (w *loader) Commit(ctx context.Context) (int64, error) {
	w.buf = append(w.buf, 0xff, 0xff)
	err := w.flush()
	_ = w.pipe.Close()
	if e := <-w.done; e != nil {
		err = w.d.failed(e)
	}
	w.done = nil
	if err == nil {
		err = w.finish(ctx)
	}
	if err != nil {
		w.Abort()
		return 0, err
	}
	if _, err = w.d.exec(ctx, w.conn, "COMMIT"); err != nil {
		lost := w.conn.IsClosed()
		w.Abort()
		if lost {
			return 0, sqlerr.Wrap(sqlerr.IO, err, "the connection broke at COMMIT: the load is there as a whole or not at all").WithHint("look which, before a load that adds rows runs again")
		}
		return 0, err
	}
	w.d.give(w.conn)
	w.conn = nil
	return w.rows, nil
}

// finish runs what follows COPY within the transaction.
func (w *loader) finish(ctx context.Context) error {
	var sql []string
	list := strings.Join(w.names, ", ")
	switch {
	case w.l.Mode == Apply:
		sql = append(sql, w.l.SQL(w.stage))
	case w.l.Mode == Replace:
		sql = append(sql, "DROP TABLE IF EXISTS "+w.qualified(w.l.Table), "ALTER TABLE "+w.stage+" RENAME TO "+quote(w.l.Table))
	case w.insert:
		if w.l.Mode == Overwrite {
			sql = append(sql, "TRUNCATE "+w.target.fullName())
		}
		var values []string
		for k, f := range w.l.Columns {
			v := w.names[k]
			if i, err := w.target.column(f.Name); err == nil && w.target.types[i].asText {
				v += "::" + w.target.info.Columns[i].Native
			}
			values = append(values, v)
		}
		sql = append(sql, "INSERT INTO "+w.target.fullName()+" ("+list+") SELECT "+strings.Join(values, ", ")+" FROM "+w.stage)
	}
	for _, s := range sql {
		n, err := w.d.exec(ctx, w.conn, s)
		if err != nil {
			return err
		}
		if w.l.Mode == Apply {
			w.rows = n
		}
	}
	return w.sequences(ctx)
}

// sequences moves the sequences of the columns that got values beyond those values, so that the next row of somebody else finds its number free.
func (w *loader) sequences(ctx context.Context) error {
	t := w.target
	if t == nil {
		return nil
	}
	for _, f := range w.l.Columns {
		i, err := t.column(f.Name)
		if err != nil || !t.identity[i] && !strings.HasPrefix(t.info.Columns[i].Default, "nextval(") {
			continue
		}
		rows, err := w.d.queryOn(ctx, w.conn, `SELECT s FROM pg_get_serial_sequence($1, $2) s WHERE s IS NOT NULL AND has_sequence_privilege(s, 'UPDATE')`, t.fullName(), f.Name)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		seq := rows[0][0] // quoted by Postgres
		sql := fmt.Sprintf("SELECT setval(%s, m) FROM (SELECT max(%s)::bigint AS m FROM %s) x, %s s WHERE m >= s.last_value", literal(seq), quote(f.Name), t.fullName(), seq)
		if _, err := w.d.exec(ctx, w.conn, sql); err != nil {
			return err
		}
	}
	return nil
}

// Abort gives the load up: nothing of it stays.
func (w *loader) Abort() {
	if w.conn == nil {
		return
	}
	if w.done != nil {
		_ = w.pipe.CloseWithError(errors.New("given up"))
		<-w.done
		w.done = nil
	}
	ctx := context.WithoutCancel(w.ctx)
	if !w.conn.IsClosed() {
		if _, err := w.d.exec(ctx, w.conn, "ROLLBACK"); err != nil {
			_ = w.conn.Close(ctx) // the server rolls back by itself
		}
	}
	w.d.give(w.conn)
	w.conn = nil
}
