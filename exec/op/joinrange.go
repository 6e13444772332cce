package op

import (
	"context"
	"sort"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// sortedRows are the build rows of a join with a range, sorted by keys and value, so that those of equal keys are a group; rows with a NULL are
// left out, for they have no partner. The join's table finds the first row of a group.
type sortedRows struct {
	perm  []int32     // row numbers in that order
	value *vec.Vector // in that order
	start []int32     // by row, for the first one of a group: its place
	end   []int32     // by place, for the first one of a group: behind its last
}

// sortRows sorts the build rows. list are those without a NULL; nil is all. It gives the first row of each group.
func (j *JoinBuild) sortRows(p flow.Parallel, workers int, list []int32) ([]int32, error) {
	by := append(j.keys[:len(j.keys):len(j.keys)], j.value)
	if list != nil {
		by = gathered(by, list)
	} else {
		list = numbers(0, j.n)
	}
	if err := j.set.res.Grow(int64(len(list)) * int64(16+16*len(by))); err != nil { // at most 16 bytes a value, text by reference
		return nil, err
	}
	flags := make([]bool, len(by))
	perm, err := (&sorter{n: len(list)}).sort(p, workers, by, flags, flags)
	if err != nil {
		return nil, err
	}
	by = gathered(by, perm)
	for k, r := range perm {
		perm[k] = list[r]
	}
	j.sorted = sortedRows{perm: perm, value: by[len(by)-1], start: make([]int32, j.n), end: make([]int32, len(perm))}
	first := []int32{} // not nil: nil is all rows
	for at, begin := 0, 0; at < len(perm); at++ {
		if at > begin && !sameKeys(by[:len(by)-1], begin, at) {
			begin = at
		}
		if at == begin {
			first = append(first, perm[at])
			j.sorted.start[perm[at]] = int32(at)
		}
		j.sorted.end[begin] = int32(at + 1)
	}
	return first, nil
}

func sameKeys(keys []*vec.Vector, a, b int) bool {
	for _, k := range keys {
		if kernel.CompareValues(k, a, k, b) != 0 {
			return false
		}
	}
	return true
}

func gathered(cols []*vec.Vector, at []int32) []*vec.Vector {
	out := make([]*vec.Vector, len(cols))
	for i, c := range cols {
		out[i] = &vec.Vector{}
		vec.Gather(out[i], c, at)
	}
	return out
}

// span gives the places, in the sorted rows, of the build rows that meet the bounds of probe row i, in the group that begins with row head.
func (j *JoinBuild) span(bounds []*vec.Vector, head int32, i int) (lo, hi int) {
	for _, k := range bounds {
		if k.IsNull(i) {
			return 0, 0
		}
	}
	first := int(j.sorted.start[head])
	n := int(j.sorted.end[first]) - first
	from, to := 0, n
	for k, op := range j.Range {
		at := sort.Search(n, func(at int) bool {
			c := kernel.CompareValues(j.sorted.value, first+at, bounds[k], i)
			return c > 0 || c == 0 && (op == kernel.Ge || op == kernel.Lt)
		})
		if op == kernel.Gt || op == kernel.Ge {
			from = at
		} else {
			to = at
		}
	}
	return first + from, first + max(from, to)
}

// ranged is each for a join with a range: the candidates of a probe row are found by a search in the group of its keys, and lie side by side. Outer kinds get a
// pair with a build row of −1 before the others of a probe row.
func (l *probeLocal) ranged(b *vec.Batch, sel, heads []int32, f func(b *vec.Batch, pass []int32) error) error {
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
	bounds := l.keys[len(j.KeyTypes):]
	for k, i := range sel {
		if l.ctx.Err() != nil {
			return sqlerr.Wrap(sqlerr.Cancelled, context.Cause(l.ctx), "the query was cancelled")
		}
		if j.probeOuter() {
			if err := add(i, -1); err != nil {
				return err
			}
		}
		head := int32(-1)
		if heads != nil {
			head = heads[k]
		} else if len(j.sorted.perm) > 0 {
			head = j.sorted.perm[0]
		}
		if head < 0 {
			continue
		}
		lo, end := j.span(bounds, head, int(i))
		for lo < end {
			n := min(l.size, end-lo)
			rows := j.sorted.perm[lo : lo+n]
			lo += n
			got := vec.Identity(n)
			if l.res != nil {
				var err error
				if got, err = l.rangeResidual(b, i, rows); err != nil {
					return err
				}
			}
			for _, k := range got {
				if err := add(i, rows[k]); err != nil {
					return err
				}
				if once {
					break
				}
			}
			if once && len(got) > 0 {
				break
			}
		}
	}
	return l.give(b, f)
}

// rangeResidual gives which of the build rows meet the residual with probe row i.
func (l *probeLocal) rangeResidual(b *vec.Batch, i int32, rows []int32) ([]int32, error) {
	j, n := l.j, len(rows)
	l.residualCols(func(c int) {
		constant(&l.resVecs[c], b.Cols[c], i, n)
		l.resBatch.Cols[c] = &l.resVecs[c]
	}, func(c int) { vec.Gather(&l.resVecs[len(j.ProbeTypes)+c], j.cols[c], rows) })
	l.resBatch.N, l.resBatch.Sel = n, nil
	l.cand = append(l.cand[:0], vec.Identity(n)...)
	return l.res.Select(&l.resBatch, l.cand)
}
