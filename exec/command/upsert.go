package command

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// INSERT … ON CONFLICT computes its rows first, once. DO NOTHING leaves those out whose keys are there and inserts the others; DO UPDATE is a
// MERGE of them.

// givenRows are the rows that ON CONFLICT is about.
const givenRows = "given rows"

// excluded is what SET calls a row that was not inserted.
const excluded = "excluded"

// upserting is an INSERT … ON CONFLICT at work.
type upserting struct {
	*run
	s    *ast.Insert
	t    *catalog.Table
	keys [][]string // the keys that may conflict
	rows *memory.Table
}

// insertOnConflict inserts the rows of plan, which are rows of t.
func (r *run) insertOnConflict(s *ast.Insert, t *catalog.Table, plan *planner.Plans) (*Result, error) {
	if s.Overwrite {
		return nil, sqlerr.At(sqlerr.Bind, s.OnConflict.Pos, "INSERT OVERWRITE has no ON CONFLICT: nothing is left that could conflict")
	}
	u := &upserting{run: r, s: s, t: t}
	if err := u.conflictKeys(); err != nil {
		return nil, err
	}
	if r.Dry {
		return &Result{}, nil
	}
	given := memory.NewAppender(t.Fields())
	res := r.Mem.Reserve()
	defer res.Free()
	sink := &op.TableWriter{Ordered: true, Write: func(b *vec.Batch) error {
		given.Write(b)
		return res.Resize(int64(given.Size()))
	}}
	for _, f := range t.Fields() {
		sink.Types = append(sink.Types, f.Type)
	}
	if err := exec.Drain(r.task(), plan.Physical, sink, nil); err != nil {
		return nil, err
	}
	u.rows = memory.New(t.Fields(), given.Chunks())
	if s.OnConflict.DoNothing {
		return u.skip()
	}
	return u.update()
}

// conflictKeys finds the keys that are meant.
func (u *upserting) conflictKeys() error {
	c := u.s.OnConflict
	names := texts(c.Columns)
	for i, n := range names {
		if !hasColumn(u.t.AllColumns(), n) {
			return sqlerr.At(sqlerr.NotFound, c.Columns[i].Pos, "table %s has no column %s", u.t.Name, n)
		}
	}
	for _, k := range u.t.Constraints {
		if (k.Kind == catalog.PrimaryKey || k.Kind == catalog.Unique) && (len(names) == 0 || sameNames(k.Columns, names)) {
			u.keys = append(u.keys, k.Columns)
		}
	}
	switch {
	case len(names) > 0 && len(u.keys) == 0:
		return sqlerr.At(sqlerr.Bind, c.Columns[0].Pos, "%s is no PRIMARY KEY or UNIQUE of table %s", nameList(names), u.t.Name)
	case len(names) > 0:
		u.keys = u.keys[:1]
	case c.DoNothing:
	case len(u.keys) == 0:
		return sqlerr.At(sqlerr.Bind, c.Pos, "table %s has no PRIMARY KEY or UNIQUE that could conflict", u.t.Name)
	case len(u.keys) > 1:
		return sqlerr.At(sqlerr.Bind, c.Pos, "table %s has %d keys: which one conflicts has to be said", u.t.Name, len(u.keys)).WithHint("ON CONFLICT %s DO UPDATE SET …", nameList(u.keys[0]))
	}
	return nil
}

// one leaves of the given rows that have the same key one: the first, or the last.
func one(from string, key []string, last bool) string {
	order := ` ORDER BY "row number"`
	if last {
		order += " DESC"
	}
	return "SELECT * FROM " + from + " QUALIFY row_number() OVER (PARTITION BY " + joined(key, "", ", ") + order + ") = 1 OR " + joined(key, " IS NULL", " OR ")
}

// numberedRows is the given rows with their numbers.
const numberedRows = `(SELECT *, row_number() OVER () AS "row number" FROM "` + givenRows + `")`

// repeated counts the given rows that have the key of another one.
func (u *upserting) repeated(key []string) ([]string, error) {
	cols := joined(key, "", ", ")
	return u.some(`SELECT `+cols+` FROM "`+givenRows+`" WHERE `+joined(key, " IS NOT NULL", " AND ")+` GROUP BY `+cols+` HAVING count(*) > 1`, 1)
}

// skip inserts the rows whose keys are not there.
func (u *upserting) skip() (*Result, error) {
	var plan *planner.Plans
	w := u.newWrite(u.t)
	w.back = returns(u.s.Returning, u.s.At, u.s.Table, u.s.Alias)
	err := u.overlay(map[string]storage.Table{givenRows: u.rows}, func() error {
		from := numberedRows
		for _, key := range u.keys {
			if len(u.keys) > 1 {
				// which rows are left would depend on the order in which keys are looked at
				if dup, err := u.repeated(key); err != nil || len(dup) > 0 {
					if err == nil {
						err = sqlerr.At(sqlerr.Unsupported, u.s.OnConflict.Pos, "several of the rows have %s = %s, and table %s has several keys", nameList(key), dup[0], u.t.Name).
							WithHint("ON CONFLICT %s DO NOTHING", nameList(key))
					}
					return err
				}
			}
			var on []string
			for _, c := range key {
				on = append(on, `"kept row".`+quoteName(c)+` = "given row".`+quoteName(c))
			}
			from = "(" + one(from, key, false) + ")"
			from = `(SELECT * FROM ` + from + ` AS "given row" WHERE NOT EXISTS (SELECT 1 FROM ` + joined(texts(u.s.Table), "", ".") + ` AS "kept row" WHERE ` + strings.Join(on, " AND ") + "))"
		}
		var names []string
		for _, c := range u.t.AllColumns() {
			names = append(names, c.Name)
		}
		q, err := parseQuery("SELECT " + joined(names, "", ", ") + " FROM " + from + ` ORDER BY "row number"`)
		if err != nil {
			return err
		}
		env := u.planEnv()
		b := env.Binder(u.ctx)
		var n logical.Node
		if n, err = b.Query(q); err != nil {
			return sqlerr.Move(err, sqlerr.NoPos)
		}
		if w.back != nil {
			n = inserted(b, n)
		}
		plan, err = planner.Finish(env, b, byPartition(u.t, n, w.inMemory()))
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.fill(plan.Physical); err != nil {
		return nil, err
	}
	return resultOf(w.back, w.rows), w.insert()
}

// update is DO UPDATE and INSERT OR REPLACE.
func (u *upserting) update() (res *Result, err error) {
	key, c := u.keys[0], u.s.OnConflict
	err = u.overlay(map[string]storage.Table{givenRows: u.rows}, func() error {
		q, err := parseQuery("SELECT * EXCLUDE (\"row number\") FROM (" + one(numberedRows, key, true) + ")")
		if err != nil {
			return err
		}
		if !c.Replace {
			dup, err := u.repeated(key)
			if err != nil {
				return err
			}
			if len(dup) > 0 {
				return sqlerr.At(sqlerr.Data, u.s.Pos, "several of the rows have %s = %s: DO UPDATE would change one row more than once", nameList(key), dup[0]).
					WithHint("SELECT DISTINCT ON %s …", nameList(key))
			}
		}
		name := ast.Name{At: c.At, Text: excluded, Quoted: true}
		m := &ast.Merge{At: u.s.At, Table: u.s.Table, Alias: u.s.Alias, Returning: u.s.Returning,
			Source: &ast.Subquery{At: c.At, Query: q, Alias: &name}}
		for _, k := range key {
			m.Using = append(m.Using, ast.Name{At: c.At, Text: k, Quoted: true})
		}
		when := ast.MergeWhen{At: c.At, Match: ast.Matched, Action: ast.MergeUpdate, Star: c.Replace, Set: c.Set, Cond: c.Where}
		m.Whens = []ast.MergeWhen{when, {At: c.At, Match: ast.NotMatched, Action: ast.MergeInsert, Star: true}}
		res, err = u.merge(m)
		return err
	})
	return res, err
}
