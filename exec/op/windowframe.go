package op

import (
	"sort"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// winFrame is the frames of the rows of a winPos: the positions s[k]…e[k]-1, less what is excluded.
type winFrame struct {
	pos     *winPos
	s, e    []int32
	exclude FrameExclude
}

// run is a range of positions.
type run struct{ s, e int32 }

// runs adds what the frame of row k consists of, in order.
func (f *winFrame) runs(dst []run, k int) []run {
	s, e, p := f.s[k], f.e[k], int32(f.pos.lo+k)
	xs, xe := p, p+1
	switch f.exclude {
	case ExcludeNone:
		xs, xe = e, e
	case ExcludeGroup, ExcludeTies:
		xs, xe = f.pos.gs[k], f.pos.ge[k]
	}
	if a := min(e, xs); s < a {
		dst = append(dst, run{s, a})
	}
	if f.exclude == ExcludeTies && s <= p && p < e {
		dst = append(dst, run{p, p + 1})
	}
	if a := max(s, xe); a < e {
		dst = append(dst, run{a, e})
	}
	return dst
}

// frames computes the frames of the rows of pos.
func (c *winCall) frames(pos *winPos) (*winFrame, error) {
	n := pos.hi - pos.lo
	buf := make([]int32, 2*n)
	f := &winFrame{pos: pos, s: buf[:n:n], e: buf[n:], exclude: c.f.Frame.Exclude}
	if err := c.bounds(f, c.f.Frame.Start.Kind, c.start, f.s, 0); err != nil {
		return nil, err
	}
	if err := c.bounds(f, c.f.Frame.End.Kind, c.end, f.e, 1); err != nil {
		return nil, err
	}
	for k, s := range f.s {
		f.e[k] = max(f.e[k], s)
	}
	return f, nil
}

// bounds sets out to one end of the frames: the first position (side 0) or the one after the last (side 1).
func (c *winCall) bounds(f *winFrame, kind BoundKind, offset *vec.Vector, out []int32, side int32) error {
	pos := f.pos
	switch kind {
	case UnboundedPreceding:
		copy(out, pos.ps)
	case UnboundedFollowing:
		copy(out, pos.pe)
	case CurrentRow:
		switch {
		case c.f.Frame.Unit != FrameRows && side == 0:
			copy(out, pos.gs)
		case c.f.Frame.Unit != FrameRows:
			copy(out, pos.ge)
		default:
			for k := range out {
				out[k] = int32(pos.lo+k) + side
			}
		}
	default:
		if c.f.Frame.Unit == FrameRange {
			return c.valueBounds(pos, kind, offset, out, side)
		}
		return c.countBounds(pos, kind, offset, out, side)
	}
	return nil
}

// countBounds is bounds for distances in rows or groups.
func (c *winCall) countBounds(pos *winPos, kind BoundKind, offset *vec.Vector, out []int32, side int32) error {
	perm := pos.r.perm[pos.lo:pos.hi]
	offs := vec.Values[int64](offset)
	for k := range out {
		row := int(perm[k])
		if offset.Form == vec.Const {
			row = 0
		}
		if offset.IsNull(row) || offs[row] < 0 {
			return sqlerr.New(sqlerr.Data, "the distance of a frame's end must not be negative or NULL")
		}
		d := min(offs[row], maxRows+1)
		if kind == Preceding {
			d = -d
		}
		if c.f.Frame.Unit == FrameRows {
			at := int64(pos.lo+k) + int64(side) + d
			out[k] = int32(min(max(at, int64(pos.ps[k])), int64(pos.pe[k])))
			continue
		}
		g := int64(pos.peer[k]) + int64(side) + d
		switch {
		case g < 0:
			out[k] = pos.ps[k]
		case g >= int64(len(pos.r.peers)):
			out[k] = pos.pe[k]
		default:
			out[k] = min(max(pos.r.peers[g], pos.ps[k]), pos.pe[k])
		}
	}
	return nil
}

// distances gives v, a frame's distances, as a constant if they are all the same.
func distances(v *vec.Vector) *vec.Vector {
	if v == nil || v.Len == 0 || v.Valid != nil || v.Phys() != types.PI64 {
		return v
	}
	vals := vec.Values[int64](v)
	for _, x := range vals {
		if x != vals[0] {
			return v
		}
	}
	out := vec.NewConst(v.Type, v.Len)
	vec.Values[int64](out)[0] = vals[0]
	return out
}

// valueBounds is bounds for the order key's values there, which limit holds by row. The frame of a NULL key ends with its peers.
func (c *winCall) valueBounds(pos *winPos, kind BoundKind, limit *vec.Vector, out []int32, side int32) error {
	perm := pos.r.perm
	sk := seeker{c: c, perm: perm, limit: limit, after: side == 1}
	last := int32(-1)
	for k := range out {
		p := pos.lo + k
		row := int(perm[p])
		if pos.ps[k] != last {
			last = pos.ps[k]
			sk.within(int(pos.ps[k]), int(pos.pe[k]))
		}
		switch {
		case c.key.IsNull(row) && side == 0:
			out[k] = pos.gs[k]
		case c.key.IsNull(row):
			out[k] = pos.ge[k]
		case limit.IsNull(row):
			out[k] = pos.pe[k] * (1 - side) // no frame
		default:
			x := key.Compare(limit, row, c.key, row)
			if c.desc {
				x = -x
			}
			if kind == Preceding && x > 0 || kind == Following && x < 0 {
				return sqlerr.New(sqlerr.Data, "the distance of a frame's end must not be negative")
			}
			out[k] = int32(sk.seek(row))
		}
	}
	return nil
}

// seeker finds where a value of the order key lies in a partition, from the place where the last one was found.
type seeker struct {
	c      *winCall
	perm   []int32
	limit  *vec.Vector
	after  bool // behind the keys that are equal
	lo, hi int  // the keys that are not NULL
	at     int
}

// within turns to the partition at s…e-1.
func (s *seeker) within(lo, hi int) {
	s.lo, s.hi = lo, hi
	if v := s.c.key; v.Valid != nil {
		if s.c.nullsFirst {
			s.lo += sort.Search(hi-lo, func(i int) bool { return !v.IsNull(int(s.perm[lo+i])) })
		} else {
			s.hi = lo + sort.Search(hi-lo, func(i int) bool { return v.IsNull(int(s.perm[lo+i])) })
		}
	}
	s.at = s.lo
}

// before tells whether the key at position p comes before the limit of row.
func (s *seeker) before(p, row int) bool {
	x := key.Compare(s.c.key, int(s.perm[p]), s.limit, row)
	if s.c.desc {
		x = -x
	}
	return x < 0 || x == 0 && s.after
}

// seek gives the first position that is not before the limit of row.
func (s *seeker) seek(row int) int {
	lo, hi := s.at, s.at
	for step := 1; lo > s.lo; step *= 2 {
		next := max(lo-step, s.lo)
		if s.before(next, row) {
			lo = next + 1
			break
		}
		lo, hi = next, next
	}
	if lo == s.at {
		for step := 1; ; step *= 2 {
			if hi = min(lo+step, s.hi); hi == lo || !s.before(hi-1, row) {
				hi = max(hi-1, lo)
				break
			}
			lo = hi
		}
	}
	s.at = lo + sort.Search(hi-lo, func(i int) bool { return !s.before(lo+i, row) })
	return s.at
}
