package parquet

import (
	"cmp"
	"math"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
)

// class says which part of a Bound a type uses.
type class uint8

const (
	classNone class = iota
	classInt
	classFloat
	classString
)

func classOf(l *leaf) class {
	switch {
	case l.conv == cI96 || l.typ.Kind == types.JSON:
		return classNone
	case l.typ.Phys() == types.PI32 || l.typ.Phys() == types.PI64 || l.typ.Phys() == types.PBool || l.conv == cU64to128:
		return classInt
	case l.typ.Phys() == types.PF64:
		return classFloat
	case l.conv == cBytes:
		return classString
	}
	return classNone
}

// bound reads a statistic's value.
func (l *leaf) bound(b []byte) (x storage.Bound, ok bool) {
	if l.width > 0 && len(b) != l.width && l.conv != cBytes {
		return x, false
	}
	switch l.conv {
	case cBool:
		x.I = int64(b[0] & 1)
	case cCopy:
		switch l.phys {
		case format.Int32:
			x.I = int64(int32(le.Uint32(b)))
		case format.Double:
			x.F = math.Float64frombits(le.Uint64(b))
		default:
			x.I = int64(le.Uint64(b))
		}
	case cI32to64:
		x.I = int64(int32(le.Uint32(b)))
	case cU32to64:
		x.I = int64(le.Uint32(b))
	case cMul32:
		x.I = int64(int32(le.Uint32(b))) * l.scale
	case cMul64:
		x.I = mulClamp(int64(le.Uint64(b)), l.scale)
	case cDiv64:
		x.I = floorDiv(int64(le.Uint64(b)), l.scale)
	case cU64to128:
		x.I = int64(le.Uint64(b))
		return x, x.I >= 0
	case cFloat:
		x.F = float64(math.Float32frombits(le.Uint32(b)))
	case cFloat16:
		x.F = float16(le.Uint16(b))
	case cDec64:
		if len(b) > 16 || len(b) == 0 {
			return x, false
		}
		x.I = int64(bigEndian(b).Lo)
	case cBytes:
		x.S = string(b)
	default:
		return x, false
	}
	return x, !math.IsNaN(x.F)
}

// valueRange is what statistics say of a column's values among some rows.
type valueRange struct {
	ok       bool
	tight    bool
	min, max storage.Bound
	nulls    int64 // -1: unknown
	rows     int64
}

func (c class) compare(a, b storage.Bound) int {
	switch c {
	case classInt:
		return cmp.Compare(a.I, b.I)
	case classFloat:
		return cmp.Compare(a.F, b.F)
	}
	return strings.Compare(a.S, b.S)
}

// rangeOf reads a chunk's statistics. Those in the older fields compare as signed numbers: they count only where values do.
func (t *table) rangeOf(l *leaf, m *chunkMeta, rows int64) valueRange {
	s := &m.stats
	r := valueRange{nulls: s.nulls, rows: rows}
	if l.def == 0 {
		r.nulls = 0
	}
	if r.nulls > m.values || r.nulls < -1 {
		r.nulls = -1
	}
	c := classOf(l)
	if c == classNone || m.encrypted {
		return r
	}
	lo, hi := s.min, s.max
	if lo == nil && hi == nil && l.signed && l.width > 0 && l.width <= 8 && l.phys != format.FixedLenByteArray {
		lo, hi = s.oldMin, s.oldMax
	} else if l.index < len(t.meta.orders) && !t.meta.orders[l.index] {
		return r
	}
	r.set(l, c, lo, hi)
	r.tight = r.ok && (c == classInt || c == classString && s.minExact && s.maxExact)
	return r
}

func (r *valueRange) set(l *leaf, c class, lo, hi []byte) {
	if lo == nil || hi == nil {
		return
	}
	a, ok1 := l.bound(lo)
	b, ok2 := l.bound(hi)
	if ok1 && ok2 && c.compare(a, b) <= 0 {
		r.ok, r.min, r.max = true, a, b
	}
}

// Stats gives the row count, and of each column without nesting what the row groups' statistics say together. Distinct counts
// come from the sizes of the first row group's dictionaries.
func (t *table) Stats() *storage.Stats {
	t.once.Do(t.makeStats)
	return &t.stats
}

func (t *table) makeStats() {
	s := &t.stats
	s.Rows, s.Exact, s.Bytes = t.meta.rows, true, t.size
	s.Cols = make([]storage.ColStats, len(t.columns))
	h, err := t.file.Open()
	if err == nil {
		defer h.Close()
	}
	for i, n := range t.root.kids {
		c := &s.Cols[i]
		*c = storage.ColStats{Nulls: -1, Distinct: -1, Width: n.typ.Phys().Width()}
		if n.shape != shapeLeaf || len(t.meta.groups) == 0 {
			continue
		}
		t.columnStats(n.leaf, c)
		if h != nil {
			c.Distinct = t.distinct(h, n.leaf, c)
		}
	}
}

func (t *table) columnStats(l *leaf, c *storage.ColStats) {
	kind := classOf(l)
	c.HasRange, c.Tight, c.Nulls = kind != classNone && kind != classFloat, true, 0 // NaN lies outside a float's range
	var bytes int64
	first := true
	for g := range t.meta.groups {
		m := &t.meta.groups[g].chunks[l.index]
		r := t.rangeOf(l, m, t.meta.groups[g].rows)
		bytes += m.uncompressed
		if r.nulls < 0 || c.Nulls < 0 {
			c.Nulls = -1
		} else {
			c.Nulls += r.nulls
		}
		switch {
		case r.rows == 0 || r.nulls == r.rows:
		case !r.ok:
			c.HasRange = false
		case first:
			c.Min, c.Max, c.Tight, first = r.min, r.max, r.tight, false
		default:
			if kind.compare(r.min, c.Min) < 0 {
				c.Min = r.min
			}
			if kind.compare(r.max, c.Max) > 0 {
				c.Max = r.max
			}
			c.Tight = c.Tight && r.tight
		}
	}
	c.HasRange = c.HasRange && !first
	c.Tight = c.Tight && c.HasRange
	if l.typ.Phys() == types.PView && t.meta.rows > 0 {
		c.Width = int(bytes / t.meta.rows)
		if c.HasRange { // of strings in a dictionary the file has few bytes
			c.Width = max(c.Width, (len(c.Min.S)+len(c.Max.S))/2)
		}
	}
}

// distinct estimates how many values a column has, from the dictionary of the first row group.
func (t *table) distinct(h *os.File, l *leaf, s *storage.ColStats) int64 {
	g := &t.meta.groups[0]
	m := &g.chunks[l.index]
	plain := m.encodings&(1<<uint(format.Plain)) != 0
	if g.rows == 0 || m.encrypted || !m.dictOnly && (plain || m.encodings == 0) {
		return -1
	}
	b := make([]byte, 64)
	if n, _ := h.ReadAt(b, m.start()); n < 8 || m.start() < 4 {
		return -1
	}
	p, _, _, ok := parsePageHeader(b)
	if !ok || p.typ != format.DictionaryPage || p.values < 0 || int64(p.values) > g.rows {
		return -1
	}
	d := int64(p.values)
	if part := t.clustered(l, m, g, s); part < 0.5 { // every row group has values of its own
		d = int64(float64(d) / part)
	} else if ratio := float64(d) / float64(g.rows); ratio > 0.3 { // more rows show more values
		d = int64(ratio * float64(t.meta.rows))
	}
	if s.HasRange && classOf(l) == classInt {
		if width := s.Max.I - s.Min.I; width >= 0 && width < d {
			d = width + 1
		}
	}
	return d
}

// clustered tells which part of the column's range one row group has: 1 if unknown.
func (t *table) clustered(l *leaf, m *chunkMeta, g *rowGroup, s *storage.ColStats) float64 {
	r := t.rangeOf(l, m, g.rows)
	if !s.HasRange || !r.ok || classOf(l) != classInt || s.Max.I <= s.Min.I {
		return 1
	}
	part := (float64(r.max.I) - float64(r.min.I) + 1) / (float64(s.Max.I) - float64(s.Min.I) + 1)
	return max(part, float64(g.rows)/float64(t.meta.rows))
}
