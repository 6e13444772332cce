package op

import (
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Filter keeps the rows where Cond is true. It is a flow.Stage.
type Filter struct {
	Cond flow.Program
}

// Local makes a worker's part.
func (f *Filter) Local(t *flow.Task) (flow.Transform, error) {
	return &filterLocal{m: f.Cond.Machine(t)}, nil
}

type filterLocal struct {
	m   flow.Machine
	sel []int32
	out vec.Batch
}

func (f *filterLocal) Push(b *vec.Batch, emit flow.Emit) error {
	f.sel = selection(f.sel, b)
	sel, err := f.m.Select(b, f.sel)
	if err != nil || len(sel) == 0 {
		return err
	}
	f.out = *b
	if f.out.Sel = sel; len(sel) == b.N {
		f.out.Sel = nil
	}
	return emit(&f.out)
}

func (f *filterLocal) Flush(flow.Emit) error { return nil }

// selection gives the selection of b as a list of its own that may be overwritten, in buf where it fits.
func selection(buf []int32, b *vec.Batch) []int32 {
	if b.Sel != nil {
		return append(buf[:0], b.Sel...)
	}
	return append(buf[:0], vec.Identity(b.N)...)
}

// rows gives the selection of b for reading.
func rows(b *vec.Batch) []int32 {
	if b.Sel != nil {
		return b.Sel
	}
	return vec.Identity(b.N)
}
