package multi

import (
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// Stats adds up what the files know.
func (t *table) Stats() *storage.Stats {
	schema := t.Schema()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stats != nil {
		return t.stats
	}
	s := &storage.Stats{Exact: true, Cols: make([]storage.ColStats, len(schema))}
	for i := range t.parts {
		st := t.parts[i].t.Stats()
		s.Bytes += st.Bytes
		s.Exact = s.Exact && st.Exact
		if s.Rows < 0 || st.Rows < 0 {
			s.Rows = -1
			continue
		}
		s.Rows += st.Rows
	}
	for c := range schema {
		switch {
		case c < len(t.data):
			s.Cols[c] = t.column(c, s.Rows)
		case c < len(t.data)+len(t.keys):
			s.Cols[c] = t.keyStats(c - len(t.data))
		default:
			s.Cols[c] = storage.ColStats{Distinct: int64(len(t.parts)), Nulls: 0, Width: 64}
		}
	}
	if t.improve != nil {
		files := make([]fs.File, len(t.parts))
		for i := range t.parts {
			files[i] = t.parts[i].file
		}
		s = t.improve(files, schema, s)
	}
	t.stats = s
	return s
}

// column unites the statistics of a column.
func (t *table) column(c int, rows int64) storage.ColStats {
	out := storage.ColStats{HasRange: true, Tight: true}
	typ := t.data[c].Type
	var ranges []storage.ColStats
	var sum, most, weight, width int64
	for i := range t.parts {
		p := &t.parts[i]
		st := p.t.Stats()
		j := p.from[c]
		if j < 0 || j >= len(st.Cols) {
			if out.Nulls >= 0 && st.Rows >= 0 {
				out.Nulls += st.Rows
			}
			continue
		}
		cs := st.Cols[j]
		if out.Nulls < 0 || cs.Nulls < 0 {
			out.Nulls = -1
		} else {
			out.Nulls += cs.Nulls
		}
		if cs.Distinct < 0 || sum < 0 {
			sum = -1
		} else {
			sum, most = sum+cs.Distinct, max(most, cs.Distinct)
		}
		weight, width = weight+max(st.Rows, 1), width+max(st.Rows, 1)*int64(cs.Width)
		if st.Rows == 0 || st.Exact && cs.Nulls == st.Rows {
			continue
		}
		if !cs.HasRange || p.cast[c] != nil {
			out.HasRange = false
			continue
		}
		out.Tight = out.Tight && cs.Tight
		ranges = append(ranges, cs)
	}
	out.HasRange = out.HasRange && len(ranges) > 0
	if weight > 0 {
		out.Width = int(width / weight)
	}
	if out.HasRange {
		t.unitedRange(&out, typ, ranges)
	}
	out.Tight = out.Tight && out.HasRange
	if out.Distinct = sum; sum >= 0 && !(out.HasRange && apart(typ, ranges)) {
		out.Distinct = most
	}
	if rows >= 0 {
		out.Distinct = min(out.Distinct, max(rows, 1))
	}
	return out
}

func (t *table) unitedRange(out *storage.ColStats, typ types.Type, ranges []storage.ColStats) {
	out.Min, out.Max = ranges[0].Min, ranges[0].Max
	for _, r := range ranges[1:] {
		if compare(typ, r.Min, out.Min) < 0 {
			out.Min = r.Min
		}
		if compare(typ, r.Max, out.Max) > 0 {
			out.Max = r.Max
		}
	}
}

// apart tells whether no two ranges overlap: then the files have different values.
func apart(typ types.Type, ranges []storage.ColStats) bool {
	slices.SortFunc(ranges, func(a, b storage.ColStats) int { return compare(typ, a.Min, b.Min) })
	for i := 1; i < len(ranges); i++ {
		if compare(typ, ranges[i-1].Max, ranges[i].Min) >= 0 {
			return false
		}
	}
	return true
}

// keyStats gives the statistics of a partition column.
func (t *table) keyStats(k int) storage.ColStats {
	out := storage.ColStats{Tight: true}
	seen := map[storage.Bound]bool{}
	typ := t.keys[k].Type
	for i := range t.parts {
		key := &t.parts[i].keys[k]
		rows := t.parts[i].t.Stats().Rows
		if key.null {
			if rows < 0 {
				out.Nulls = -1
			} else if out.Nulls >= 0 {
				out.Nulls += rows
			}
			continue
		}
		b, ok := boundOf(key.v)
		if !ok {
			return storage.ColStats{Nulls: -1, Distinct: -1}
		}
		if !out.HasRange || compare(typ, b, out.Min) < 0 {
			out.Min = b
		}
		if !out.HasRange || compare(typ, b, out.Max) > 0 {
			out.Max = b
		}
		out.HasRange = true
		out.Tight = out.Tight && rows > 0
		seen[b] = true
		out.Width = max(out.Width, len(b.S), 8)
	}
	out.Distinct = int64(len(seen))
	out.Tight = out.Tight && out.HasRange
	return out
}
