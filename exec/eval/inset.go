package eval

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// set is the constants of IN.
type set struct {
	hasNull bool
	ints    []int64 // open addressing, a power of two; used tells which slots hold a value
	used    []bool
	shift   uint
	texts   map[string]struct{} // other layouts, by bytes or by text
	byBytes bool
}

func newSet(list *vec.Vector, hasNull bool) *set {
	s := &set{hasNull: hasNull}
	switch list.Phys() {
	case types.PBool, types.PI32, types.PI64:
		size := 8
		s.shift = 61
		for size < 2*list.Len {
			size *= 2
			s.shift--
		}
		s.ints, s.used = make([]int64, size), make([]bool, size)
		for i := range list.Len {
			x := int64(kernel.Int128At(list, i).Lo)
			k := s.slot(x)
			s.ints[k], s.used[k] = x, true
		}
		return s
	}
	s.byBytes = list.Phys() == types.PView
	s.texts = make(map[string]struct{}, list.Len)
	for i := range list.Len {
		s.texts[string(s.text(nil, list, i))] = struct{}{}
	}
	return s
}

func (s *set) text(buf []byte, v *vec.Vector, i int) []byte {
	if s.byBytes {
		return v.Bytes(i)
	}
	f, k := v.At(i)
	if f.Phys() == types.PF64 && vec.Values[float64](f)[k] == 0 {
		return append(buf, "0.0"...) // −0 equals 0
	}
	return kernel.AppendText(buf, f, k)
}

// slot gives the place of x: where it is, or where it would be.
func (s *set) slot(x int64) int {
	k := int(uint64(x) * 0x9E3779B97F4A7C15 >> s.shift)
	for s.used[k] && s.ints[k] != x {
		k = (k + 1) & (len(s.ints) - 1)
	}
	return k
}

// fill sets the rows sel of out to whether v is in the set (not: is not), NULL where it is not found and the set has a NULL.
func (s *set) fill(v *vec.Vector, sel []int32, not bool, out *vec.Vector) {
	dst := vec.Values[uint8](out)
	var yes, no uint8 = 1, 0
	if not {
		yes, no = 0, 1
	}
	var buf []byte
	for _, i := range sel {
		found := false
		if s.ints != nil {
			f, k := v.At(int(i))
			found = s.used[s.slot(int64(kernel.Int128At(f, k).Lo))]
		} else {
			buf = buf[:0]
			_, found = s.texts[string(s.text(buf, v, int(i)))]
		}
		dst[i] = no
		if found {
			dst[i] = yes
		} else if s.hasNull {
			out.SetNull(int(i))
		}
	}
}
