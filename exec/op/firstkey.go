package op

import (
	"math"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// firstKey turns values of the first key of an order into words in that order, not always different for different values: of two rows the
// one with the lesser word comes first.
type firstKey struct {
	desc, nullsFirst bool

	flat vec.Vector
	buf  []uint64
}

// of gives the words of the rows sel of v, by row; those of other rows are anything. They are valid until the next call.
func (f *firstKey) of(v *vec.Vector, sel []int32) []uint64 {
	if v.Form != vec.Flat {
		vec.Flatten(&f.flat, v, sel)
		v = &f.flat
	}
	if cap(f.buf) < v.Len {
		f.buf = make([]uint64, max(v.Len, vec.BatchSize))
	}
	words := f.buf[:v.Len]
	if v.Phys() == types.PView && len(sel) < v.Len { // there may be nothing behind the views of rows that are not selected
		f.strings(words, v, sel)
	} else {
		f.fill(words, v, 0)
	}
	return words
}

// fill sets words to those of the rows of v, a flat vector, from at on.
func (f *firstKey) fill(words []uint64, v *vec.Vector, at int) {
	o := ordinal{v: v, nulls: v.Valid != nil}
	o.fill(words, at)
	if f.desc {
		for k := range words {
			words[k] = ^words[k]
		}
	}
	if o.nulls {
		null := uint64(math.MaxUint64)
		if f.nullsFirst {
			null = 0
		}
		for k := range words {
			if v.IsNull(at + k) {
				words[k] = null
			}
		}
	}
}

// strings is fill for the strings of selected rows; words[i] is that of row i.
func (f *firstKey) strings(words []uint64, v *vec.Vector, sel []int32) {
	null, flip := uint64(math.MaxUint64), uint64(0)
	if f.nullsFirst {
		null = 0
	}
	if f.desc {
		flip = math.MaxUint64
	}
	for _, i := range sel {
		if v.IsNull(int(i)) {
			words[i] = null
		} else {
			words[i] = prefixWord(stringAt(v, int(i))) ^ flip
		}
	}
}
