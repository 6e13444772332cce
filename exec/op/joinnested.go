package op

import (
	"context"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/vec"
)

// nestedMin is from how many build rows on a join without keys takes them in blocks.
const nestedMin = 32

// nested is each for a join without keys but with a residual: the residual runs over one probe row, as constants, and a block of
// build rows that are not copied. Outer kinds get a pair with a build row of −1 before the others of a probe row.
func (l *probeLocal) nested(b *vec.Batch, sel []int32, f func(b *vec.Batch, pass []int32) error) error {
	j := l.j
	once := j.Kind == Semi || j.Kind == Anti || j.Kind == Mark
	l.prow, l.brow = l.prow[:0], l.brow[:0]
	add := func(i, r int32) error {
		l.prow, l.brow = append(l.prow, i), append(l.brow, r)
		if len(l.prow) < l.size {
			return nil
		}
		return l.give(b, f)
	}
	for _, i := range sel {
		if l.ctx.Err() != nil {
			return sqlerr.Wrap(sqlerr.Cancelled, context.Cause(l.ctx), "the query was cancelled")
		}
		if j.probeOuter() {
			if err := add(i, -1); err != nil {
				return err
			}
		}
		for lo := 0; lo < j.n; lo += l.size {
			n := min(l.size, j.n-lo)
			l.residualCols(func(c int) {
				constant(&l.resVecs[c], b.Cols[c], i, n)
				l.resBatch.Cols[c] = &l.resVecs[c]
			}, func(c int) { l.resVecs[len(j.ProbeTypes)+c].Slice(j.cols[c], lo, n) })
			l.resBatch.N, l.resBatch.Sel = n, nil
			l.cand = append(l.cand[:0], vec.Identity(n)...)
			got, err := l.res.Select(&l.resBatch, l.cand)
			if err != nil {
				return err
			}
			for _, k := range got {
				if err := add(i, int32(lo)+k); err != nil {
					return err
				}
			}
			if once && len(got) > 0 {
				break
			}
		}
	}
	return l.give(b, f)
}

// give passes the pairs on, all of which have met the residual.
func (l *probeLocal) give(b *vec.Batch, f func(b *vec.Batch, pass []int32) error) error {
	if len(l.prow) == 0 {
		return nil
	}
	err := f(b, vec.Identity(len(l.prow)))
	l.prow, l.brow = l.prow[:0], l.brow[:0]
	return err
}

// constant makes dst a constant of n rows with the value of row i of src.
func constant(dst, src *vec.Vector, i int32, n int) {
	null := src.IsNull(int(i))
	if src.Form == vec.Const {
		dst.Ref(src)
		dst.Len = n
		return
	}
	at := [1]int32{i}
	if src.Form == vec.Dict {
		if at[0] = src.Codes()[i]; null {
			at[0] = -1
		}
		vec.Gather(dst, src.Dict.Values, at[:])
		dst.Type = src.Type
	} else {
		vec.Gather(dst, src, at[:])
	}
	dst.SetConst(n)
}
