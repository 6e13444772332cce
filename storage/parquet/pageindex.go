package parquet

import (
	"slices"

	"github.com/skep-sql/skep/storage"
)

// pageIndex is what a chunk's column index and offset index say of its pages.
type pageIndex struct {
	first []int64 // first row of each page, and the row behind the last
	pages []valueRange
}

// mergeGap is the most rows between two ranges that are read all the same: skipping them would cost more.
const mergeGap = 1024

// maxIndex bounds the size of a page index.
const maxIndex = 1 << 26

// spans gives the ranges of the rows of row group g that may meet all preds.
func (p *pruner) spans(g int, preds []storage.Pred) []rows {
	all := []rows{{0, p.t.meta.groups[g].rows}}
	out := all
	for i := range preds {
		out = intersect(out, p.ranges(&preds[i], all))
	}
	merged := out[:0]
	for _, r := range out {
		if k := len(merged); k > 0 && r.from-merged[k-1].to < mergeGap {
			merged[k-1].to = r.to
		} else {
			merged = append(merged, r)
		}
	}
	return slices.Clone(merged)
}

func (p *pruner) ranges(x *storage.Pred, all []rows) []rows {
	switch x.Op {
	case storage.And:
		out := all
		for i := range x.Kids {
			out = intersect(out, p.ranges(&x.Kids[i], all))
		}
		return out
	case storage.Or:
		var out []rows
		for i := range x.Kids {
			out = union(out, p.ranges(&x.Kids[i], all))
		}
		return out
	}
	l := p.leafOf(x.Col)
	if l == nil {
		return all
	}
	ix := p.index(l)
	if ix == nil {
		return all
	}
	var out []rows
	for i := range ix.pages {
		if ix.pages[i].may(x, classOf(l)) {
			out = union(out, []rows{{ix.first[i], ix.first[i+1]}})
		}
	}
	return out
}

func intersect(a, b []rows) []rows {
	var out []rows
	for i, j := 0, 0; i < len(a) && j < len(b); {
		r := rows{max(a[i].from, b[j].from), min(a[i].to, b[j].to)}
		if r.from < r.to {
			out = append(out, r)
		}
		if a[i].to < b[j].to {
			i++
		} else {
			j++
		}
	}
	return out
}

func union(a, b []rows) []rows {
	all := append(slices.Clone(a), b...)
	slices.SortFunc(all, func(x, y rows) int { return int(x.from - y.from) })
	out := all[:0]
	for _, r := range all {
		if k := len(out); k > 0 && r.from <= out[k-1].to {
			out[k-1].to = max(out[k-1].to, r.to)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// index reads the page index of a leaf in the current row group; nil if there is none that makes sense.
func (p *pruner) index(l *leaf) *pageIndex {
	if ix, ok := p.indexes[l.index]; ok {
		return ix
	}
	g := &p.t.meta.groups[p.group]
	ix := p.readIndex(l, &g.chunks[l.index], g.rows)
	p.indexes[l.index] = ix
	return ix
}

func (p *pruner) section(s span) *thriftReader {
	if s.off < 4 || s.n <= 0 || s.n > maxIndex || s.off > p.t.size || s.n > p.t.size-s.off {
		return nil
	}
	b := make([]byte, s.n)
	if _, err := p.h.ReadAt(b, s.off); err != nil {
		return nil
	}
	return &thriftReader{b: b}
}

func (p *pruner) readIndex(l *leaf, m *chunkMeta, total int64) *pageIndex {
	if m.encrypted || l.index < len(p.t.meta.orders) && !p.t.meta.orders[l.index] {
		return nil
	}
	offsets, columns := p.section(m.offsetIndex), p.section(m.columnIndex)
	if offsets == nil || columns == nil {
		return nil
	}
	ix := &pageIndex{first: firstRows(offsets)}
	n := len(ix.first)
	if offsets.bad || n == 0 || ix.first[0] != 0 {
		return nil
	}
	ix.first = append(ix.first, total)
	for i := range n {
		if ix.first[i] >= ix.first[i+1] {
			return nil
		}
	}
	var nullPages []bool
	var lo, hi [][]byte
	var nulls []int64
	r := columns
	r.fields(tStruct, func(id int, t byte) bool {
		switch id {
		case 1:
			r.list(t, func(byte) { nullPages = append(nullPages, r.byte() == 1) })
		case 2:
			r.list(t, func(t byte) { lo = append(lo, r.bytes(t)) })
		case 3:
			r.list(t, func(t byte) { hi = append(hi, r.bytes(t)) })
		case 5:
			r.list(t, func(t byte) { nulls = append(nulls, r.i64(t)) })
		default:
			return false
		}
		return true
	})
	if r.bad || len(nullPages) != n || len(lo) != n || len(hi) != n || nulls != nil && len(nulls) != n {
		return nil
	}
	for i := range n {
		v := valueRange{nulls: -1, rows: ix.first[i+1] - ix.first[i]}
		switch {
		case nullPages[i]:
			v.nulls = v.rows
		case nulls != nil:
			v.nulls = nulls[i]
			v.set(l, classOf(l), lo[i], hi[i])
		default:
			v.set(l, classOf(l), lo[i], hi[i])
		}
		ix.pages = append(ix.pages, v)
	}
	return ix
}

// firstRows reads the first row of each page from an offset index.
func firstRows(r *thriftReader) (out []int64) {
	r.fields(tStruct, func(id int, t byte) bool {
		if id != 1 {
			return false
		}
		r.list(t, func(t byte) {
			row := int64(-1)
			r.fields(t, func(id int, t byte) bool {
				if id == 3 {
					row = r.i64(t)
				}
				return id == 3
			})
			out = append(out, row)
		})
		return true
	})
	return out
}
