package multi

import (
	"errors"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// mapper makes batches of the united columns out of a file's. It belongs to one worker.
type mapper struct {
	s     *source
	r     *run
	out   vec.Batch
	fixed []*vec.Vector // by position: what is the same in all rows
	cast  []vec.Vector  // by position: the converted column
}

func (s *source) mapper(r *run) *mapper {
	n := len(s.scan.Columns)
	m := &mapper{s: s, r: r, fixed: make([]*vec.Vector, n), cast: make([]vec.Vector, n)}
	m.out.Cols = make([]*vec.Vector, n)
	for j, c := range s.scan.Columns {
		if r.inner[j] < 0 {
			m.fixed[j] = s.fixed(r.p, c, 0)
		}
	}
	return m
}

// fill sets all columns for the rows sel (nil: all) of b.
func (m *mapper) fill(b *vec.Batch, sel []int32) error {
	m.out.N = b.N
	for j := range m.out.Cols {
		if err := m.column(b, j, sel); err != nil {
			return err
		}
	}
	return nil
}

// some sets the columns at the positions cols only.
func (m *mapper) some(b *vec.Batch, cols []int, sel []int32) error {
	m.out.N = b.N
	clear(m.out.Cols)
	for _, j := range cols {
		if err := m.column(b, j, sel); err != nil {
			return err
		}
	}
	return nil
}

func (m *mapper) column(b *vec.Batch, j int, sel []int32) error {
	if f := m.fixed[j]; f != nil {
		f.Len = b.N
		m.out.Cols[j] = f
		return nil
	}
	src := b.Cols[m.r.inner[j]]
	c := m.s.scan.Columns[j]
	caster := m.r.p.cast[c]
	if caster == nil {
		m.out.Cols[j] = src
		return nil
	}
	out := &m.cast[j]
	out.Reset(caster.To, b.N)
	if src.Form == vec.Dict {
		flat := &vec.Vector{}
		vec.Flatten(flat, src, sel)
		src = flat
	}
	if src.Valid != nil {
		rows := sel
		if rows == nil {
			rows = vec.Identity(b.N)
		}
		for _, i := range rows {
			if src.IsNull(int(i)) {
				out.SetNull(int(i))
			}
		}
	}
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	if err := caster.Run(src, kernel.ValidRows(src, sel), out, false, m.s.loc); err != nil {
		var e *sqlerr.Error
		if errors.As(err, &e) && e.Class == sqlerr.Data {
			where := *e
			where.Msg = m.r.p.file.Path + ", column " + m.s.schema[c].Name + ": " + e.Msg
			return &where
		}
		return err
	}
	m.out.Cols[j] = out
	return nil
}
