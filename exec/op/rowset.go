package op

import (
	"cmp"
	"slices"
	"sync"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
)

// rowSet collects rows from many workers and joins them to contiguous columns in input order.
type rowSet struct {
	types []types.Type
	res   *mem.Reservation

	mu      sync.Mutex
	keepers []*keeper

	cols []*vec.Vector // after finish
	n    int
}

// maxRows is the most rows that can be numbered.
const maxRows = 1<<31 - 2

// segment is a run of rows of one morsel.
type segment struct {
	morsel   int64
	k        *keeper
	start, n int
}

// keeper is a worker's part of a rowSet.
type keeper struct {
	cols []*vec.Builder
	segs []segment
	n    int
	size int
	res  *mem.Reservation
}

func newRowSet(t *flow.Task, ts []types.Type) *rowSet {
	return &rowSet{types: ts, res: t.Mem.Reserve()}
}

func (s *rowSet) local() *keeper {
	k := &keeper{res: s.res}
	for _, t := range s.types {
		k.cols = append(k.cols, vec.NewBuilder(t))
	}
	s.mu.Lock()
	s.keepers = append(s.keepers, k)
	s.mu.Unlock()
	return k
}

// add copies the rows of b from cols, which are b's columns or computed from them.
func (k *keeper) add(b *vec.Batch, cols []*vec.Vector, sel []int32) error {
	n := b.Rows()
	if sel != nil {
		n = len(sel)
	}
	if n == 0 {
		return nil
	}
	size := 0
	for i, c := range k.cols {
		c.Append(cols[i], sel)
		size += c.Size()
	}
	if last := len(k.segs) - 1; last >= 0 && k.segs[last].morsel == b.Morsel {
		k.segs[last].n += n
	} else {
		k.segs = append(k.segs, segment{b.Morsel, k, k.n, n})
	}
	if k.n += n; k.n > maxRows {
		return tooMany()
	}
	grown := size - k.size
	k.size = size
	return k.res.Grow(int64(grown))
}

func tooMany() error {
	return sqlerr.New(sqlerr.Limit, "an operator cannot hold more than %d rows", maxRows)
}

// finish joins the rows. A single keeper's rows are not copied.
func (s *rowSet) finish(p flow.Parallel) error {
	var segs []segment
	for _, k := range s.keepers {
		s.n += k.n
		segs = append(segs, k.segs...)
	}
	if s.n > maxRows {
		return tooMany()
	}
	s.cols = make([]*vec.Vector, len(s.types))
	var filled []*keeper
	for _, k := range s.keepers {
		if k.n > 0 {
			filled = append(filled, k)
		}
	}
	if len(filled) <= 1 {
		for i, t := range s.types {
			if len(filled) == 0 {
				s.cols[i] = vec.New(t, 0)
			} else {
				s.cols[i] = filled[0].cols[i].Vector()
			}
		}
		return nil
	}
	slices.SortStableFunc(segs, func(a, b segment) int { return cmp.Compare(a.morsel, b.morsel) })
	err := p.For(len(s.types), func(i int) error {
		var size int64
		for _, k := range filled {
			size += int64(k.cols[i].Size())
		}
		if err := s.res.Grow(size); err != nil {
			return err
		}
		s.cols[i] = joinColumn(s.types[i], i, s.n, segs, filled)
		for _, k := range filled {
			k.cols[i] = nil
		}
		_ = s.res.Grow(-size) // less is always granted
		return nil
	})
	s.keepers = nil
	return err
}

// joinColumn makes one vector of column i of all segments.
func joinColumn(t types.Type, i, n int, segs []segment, keepers []*keeper) *vec.Vector {
	if t.Phys() >= types.PList {
		b := vec.NewBuilder(t)
		for _, s := range segs {
			b.Append(s.k.cols[i].Vector(), numbers(s.start, s.n))
		}
		return b.Vector()
	}
	out := vec.New(t, n)
	base := make(map[*keeper]uint32, len(keepers))
	nulls := false
	for _, k := range keepers {
		v := k.cols[i].Vector()
		base[k] = uint32(len(out.Bufs))
		out.Bufs = append(out.Bufs, v.Bufs...)
		nulls = nulls || v.Valid != nil
	}
	w := t.Phys().Width()
	dst := vec.Values[uint8](out)
	at := 0
	for _, s := range segs {
		v := s.k.cols[i].Vector()
		copy(dst[at*w:], vec.Values[uint8](v)[s.start*w:(s.start+s.n)*w])
		if d := base[s.k]; d != 0 && t.Phys() == types.PView {
			views := vec.Values[vec.View](out)[at : at+s.n]
			for j := range views {
				if views[j].Len > vec.InlineMax {
					views[j].Buf += d
				}
			}
		}
		if nulls && v.Valid != nil {
			valid := out.MakeValid()
			for j := range s.n {
				if !v.Valid.Get(s.start + j) {
					valid.Clear(at + j)
				}
			}
		}
		at += s.n
	}
	return out
}

func numbers(start, n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(start + i)
	}
	return out
}

// close gives up the rows.
func (s *rowSet) close() {
	if s != nil {
		s.keepers, s.cols = nil, nil
		s.res.Free()
	}
}
