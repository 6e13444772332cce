package command

import (
	"slices"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/physical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
)

// tableWrite writes rows for a managed table: to chunks in memory, or to new Parquet files, which nobody knows before the catalog takes them.
type tableWrite struct {
	*run
	home  *catalog.Catalog
	table *catalog.Table
	rows  int64

	mem   []memory.Chunk
	files *partWriter
	next  int64 // SERIAL: the next number
	fresh bool  // files go into a new folder
	tidy  *compaction

	beside string // the file that the new ones come in the place of, or ""
	effect
}

// effect is what a write means beside the rows that it writes.
type effect struct {
	updates bool          // the rows that go are replaced by changed ones
	deletes bool          // the rows written were all there before
	moved   *memory.Table // with updates: the keys that others follow, before and after; nil = none do
	back    *returning    // nil without RETURNING; the plan has the action as one more column
}

func (r *run) newWrite(t *catalog.Table) *tableWrite {
	return &tableWrite{run: r, home: r.Session.Home(t.Temp), table: t}
}

func (w *tableWrite) inMemory() bool { return w.home.InMemory(w.table) }

// fill runs plan and writes its rows.
func (w *tableWrite) fill(plan physical.Node) error {
	fields := w.table.Fields()
	w.next = max(w.table.NextSerial, 1)
	if w.Dry {
		return nil
	}
	var put func(*vec.Batch) error
	if w.inMemory() {
		if !w.mustCheck() && w.back == nil {
			return w.fillMemory(plan)
		}
		rows := memory.NewAppender(fields)
		defer func() { w.mem = rows.Chunks() }()
		res := w.Mem.Reserve()
		defer res.Free()
		put = func(b *vec.Batch) error {
			rows.Write(b)
			return res.Resize(int64(rows.Size()))
		}
	} else {
		w.files = &partWriter{home: w.home, env: w.Session.Env, table: w.table, folder: w.table.Location, beside: w.beside}
		if w.fresh {
			w.files.folder = newLocation(w.table)
		}
		put = w.files.write
	}
	ts := make([]types.Type, len(fields))
	for i, f := range fields {
		ts[i] = f.Type
	}
	write := func(b *vec.Batch) (*vec.Batch, error) {
		out, err := w.check(b)
		if err != nil {
			return nil, err
		}
		w.rows += int64(b.Rows())
		return out, put(out)
	}
	sink := &op.TableWriter{Types: ts, Ordered: true, Write: func(b *vec.Batch) error {
		_, err := write(b)
		return err
	}}
	if w.back != nil {
		w.back.start(w.table)
		sink.Types = append(ts, types.TVarchar)
		sink.Write = func(b *vec.Batch) error { return w.back.write(b, write) }
	}
	err := exec.Drain(w.task(), plan, sink, nil)
	if err == nil && w.files != nil {
		err = w.files.close()
	}
	if err == nil {
		err = w.back.finish(w.run, w.table)
	}
	if err != nil {
		w.discard()
	}
	return err
}

// mustCheck tells whether check has to see the rows, in order.
func (w *tableWrite) mustCheck() bool {
	return slices.ContainsFunc(w.table.AllColumns(), func(c catalog.Column) bool { return c.NotNull || c.Serial })
}

// discard removes what was written.
func (w *tableWrite) discard() {
	if w.files != nil {
		w.files.discard()
	}
}

// check numbers SERIAL columns and refuses NULL where it may not be.
func (w *tableWrite) check(b *vec.Batch) (*vec.Batch, error) {
	out := *b
	for i, c := range w.table.AllColumns() {
		if !c.NotNull && !c.Serial {
			continue
		}
		v := b.Cols[i]
		if v.Valid == nil && v.Form != vec.Dict && !c.Serial {
			continue
		}
		sel := b.Sel
		if sel == nil {
			sel = vec.Identity(b.N)
		}
		var flat *vec.Vector
		if c.Serial {
			bld := vec.NewBuilder(v.Type)
			bld.Append(v, nil)
			flat = bld.Vector()
			out.Cols = slices.Clone(out.Cols)
			out.Cols[i] = flat
		}
		for _, k := range sel {
			if !v.IsNull(int(k)) {
				continue
			}
			if !c.Serial {
				return nil, sqlerr.New(sqlerr.Constraint, "column %s of table %s must not be NULL: row %s", c.Name, w.table.Name, rowText(b.Cols, int(k)))
			}
			if flat.Phys() == types.PI32 {
				vec.Values[int32](flat)[k] = int32(w.next)
			} else {
				vec.Values[int64](flat)[k] = w.next
			}
			flat.Valid.Set(int(k))
			w.next++
		}
	}
	return &out, nil
}

// create puts the new table, with its rows, into the catalog.
func (w *tableWrite) create(replace bool) error {
	if err := w.apply(w.table); err != nil {
		return err
	}
	if err := w.home.Create(w.table, replace); err != nil {
		return err
	}
	return w.verify(w.table, nil)
}

// insert adds the rows to the table.
func (w *tableWrite) insert() error {
	t := *w.table
	if err := w.apply(&t); err != nil {
		return err
	}
	if w.files != nil && !w.Dry {
		var err error
		if w.tidy, err = w.tidied(); err != nil {
			w.discard()
			return err
		}
		if t.Parts, _, err = w.tidy.on(&t); err != nil {
			return err
		}
	}
	var rebase func(*catalog.Table) (*catalog.Table, error)
	if len(t.Constraints) == 0 && t.NextSerial == w.table.NextSerial && w.files != nil {
		rebase = w.onTop
	}
	if err := w.home.Update(w.table, &t, rebase); err != nil || len(t.Constraints) == 0 || w.Dry {
		return err
	}
	kept, err := w.home.Open(w.ctx, w.Session.Env, w.table)
	if err != nil {
		return err
	}
	return w.verify(&t, kept)
}

// onTop adds the files to a table that others have added rows to meanwhile.
func (w *tableWrite) onTop(now *catalog.Table) (*catalog.Table, error) {
	if now.Kind != w.table.Kind || !slices.EqualFunc(now.AllColumns(), w.table.AllColumns(), sameColumn) || len(now.Constraints) > 0 || now.Location != w.table.Location {
		return nil, nil
	}
	t := *now
	var err error
	if t.Parts, err = t.Edit(nil, nil, w.files.parts); err != nil {
		return nil, err
	}
	if parts, ok, err := w.tidy.on(&t); err != nil || ok {
		t.Parts = parts
		return &t, err
	}
	return &t, nil // others have put the small files together already
}

// sameColumn tells whether files written for a fit b.
func sameColumn(a, b catalog.Column) bool {
	return a.Name == b.Name && a.Type.Equal(b.Type) && a.NotNull == b.NotNull && a.StoredName() == b.StoredName()
}

// replace puts the rows in the place of all those that the table has, or in a warehouse of those in the parts for which drop says so.
func (w *tableWrite) replace(drop func(*catalog.Part) bool) error {
	if w.Dry {
		return nil
	}
	t := *w.table
	var kept storage.Table
	switch {
	case w.inMemory():
		t.Rows = nil
	case drop == nil:
		t.Parts = catalog.Parts{}
		t.Location = w.files.folder
	default:
		var err error
		if t.Parts, err = t.Edit(drop, nil, nil); err != nil {
			return err
		}
		if len(t.Constraints) > 0 {
			if kept, err = w.home.Open(w.ctx, w.Session.Env, &t); err != nil {
				return err
			}
		}
	}
	if err := w.apply(&t); err != nil {
		return err
	}
	if err := w.home.Update(w.table, &t, nil); err != nil {
		return err
	}
	if !w.deletes {
		if err := w.verify(&t, kept); err != nil {
			return err
		}
	}
	return w.followKeys(&t)
}

// apply adds what was written to t.
func (w *tableWrite) apply(t *catalog.Table) (err error) {
	if w.next > 1 {
		t.NextSerial = w.next
	}
	if w.files != nil {
		t.Parts, err = t.Edit(nil, nil, w.files.parts)
		return err
	}
	if t.Rows == nil {
		t.Rows = memory.New(t.Fields(), nil)
	}
	t.Rows = t.Rows.Append(w.mem)
	return nil
}

// rowText shows a row in an error.
func rowText(cols []*vec.Vector, i int) string {
	out := "("
	for k, v := range cols {
		if k > 0 {
			out += ", "
		}
		if v.IsNull(i) {
			out += "NULL"
			continue
		}
		text := []rune(string(kernel.AppendText(nil, v, i)))
		if len(text) > 40 {
			text = append(text[:39], '…')
		}
		out += string(text)
	}
	return out + ")"
}
