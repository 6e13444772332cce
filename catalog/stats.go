package catalog

import (
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/multi"
)

const (
	// maxStatsColumns is how many columns of a file statistics are kept of.
	maxStatsColumns = 32
	// maxEdge is the longest text that is kept as the smallest or greatest value.
	maxEdge = 64
)

// Edge is the smallest or greatest value of a column, as a storage.Bound: one of the three is set.
type Edge struct {
	I *int64   `json:",omitempty"`
	F *float64 `json:",omitempty"`
	S *string  `json:",omitempty"`
}

// ColumnStats is what is known of a column in a file, or in several.
type ColumnStats struct {
	Nulls    int64 `json:",omitempty"` // -1: not known
	Distinct int64 `json:",omitempty"` // 0: not known
	Width    int   `json:",omitempty"`
	Min, Max *Edge `json:",omitempty"` // nil: not known, or only NULLs
	Tight    bool  `json:",omitempty"` // both occur
}

// edgeOf gives a bound of a type as an edge, or nil where it cannot be kept.
func edgeOf(t types.Type, b storage.Bound) *Edge {
	switch t.Phys() {
	case types.PBool, types.PI32, types.PI64:
		return &Edge{I: &b.I}
	case types.PF64:
		if !math.IsInf(b.F, 0) && !math.IsNaN(b.F) {
			return &Edge{F: &b.F}
		}
	case types.PView:
		if len(b.S) <= maxEdge && utf8.ValidString(b.S) {
			return &Edge{S: &b.S}
		}
	}
	return nil
}

func (e *Edge) bound() (b storage.Bound) {
	if e.I != nil {
		b.I = *e.I
	}
	if e.F != nil {
		b.F = *e.F
	}
	if e.S != nil {
		b.S = *e.S
	}
	return b
}

// fits tells whether the edge is a value of the type's layout.
func (e *Edge) fits(t types.Type) bool {
	switch t.Phys() {
	case types.PView:
		return e.S != nil
	case types.PF64:
		return e.F != nil
	case types.PBool, types.PI32, types.PI64:
		return e.I != nil
	}
	return false
}

// StatsOf gives what is kept of a file's statistics.
func StatsOf(fields []types.Field, st *storage.Stats) FileStats {
	out := map[string]ColumnStats{}
	for i, f := range fields {
		if i == maxStatsColumns || i >= len(st.Cols) {
			break
		}
		c := st.Cols[i]
		k := ColumnStats{Nulls: c.Nulls, Distinct: max(c.Distinct, 0), Width: c.Width}
		if c.HasRange {
			k.SetRange(f.Type, &c.Min, &c.Max)
			k.Tight = c.Tight && k.Min != nil
		}
		out[f.Name] = k
	}
	return pack(out)
}

// FileStats is what is known of the columns of a file, by their names in it, as a text: a list of thousands of files is read for one of them, and
// the others' need no parsing. Columns are separated by ";", and what is known of one by ",": the name, NULLs, different values, width, whether the edges
// occur, and these with the letter of their kind.
type FileStats string

func pack(cols map[string]ColumnStats) FileStats {
	var out []byte
	edge := func(e *Edge) {
		out = append(out, ',')
		switch {
		case e == nil:
		case e.I != nil:
			out = strconv.AppendInt(append(out, 'i'), *e.I, 10)
		case e.F != nil:
			out = strconv.AppendFloat(append(out, 'f'), *e.F, 'g', -1, 64)
		default:
			out = append(append(out, 's'), url.QueryEscape(*e.S)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cols)) {
		c := cols[name]
		if len(out) > 0 {
			out = append(out, ';')
		}
		out = append(out, url.QueryEscape(name)...)
		for _, n := range []int64{c.Nulls, c.Distinct, int64(c.Width)} {
			out = strconv.AppendInt(append(out, ','), n, 10)
		}
		if out = append(out, ','); c.Tight {
			out = append(out, 't')
		}
		edge(c.Min)
		edge(c.Max)
	}
	return FileStats(out)
}

// columns takes the text apart. One that cannot be read says nothing.
func (f FileStats) columns() map[string]ColumnStats {
	if f == "" {
		return nil
	}
	out := map[string]ColumnStats{}
	for text := range strings.SplitSeq(string(f), ";") {
		w := strings.Split(text, ",")
		if len(w) != 7 {
			return nil
		}
		name, err := url.QueryUnescape(w[0])
		var n [3]int64
		for i := range n {
			if err == nil {
				n[i], err = strconv.ParseInt(w[1+i], 10, 64)
			}
		}
		c := ColumnStats{Nulls: n[0], Distinct: n[1], Width: int(n[2]), Tight: w[4] == "t"}
		if err == nil {
			c.Min, err = parseEdge(w[5])
		}
		if err == nil {
			c.Max, err = parseEdge(w[6])
		}
		if err != nil {
			return nil
		}
		out[name] = c
	}
	return out
}

func parseEdge(text string) (*Edge, error) {
	if text == "" {
		return nil, nil
	}
	switch rest := text[1:]; text[0] {
	case 'i':
		n, err := strconv.ParseInt(rest, 10, 64)
		return &Edge{I: &n}, err
	case 'f':
		x, err := strconv.ParseFloat(rest, 64)
		return &Edge{F: &x}, err
	default:
		s, err := url.QueryUnescape(rest)
		return &Edge{S: &s}, err
	}
}

// SetRange notes the smallest and the greatest value, if both are known.
func (c *ColumnStats) SetRange(t types.Type, lo, hi *storage.Bound) {
	if lo == nil || hi == nil {
		return
	}
	if c.Min, c.Max = edgeOf(t, *lo), edgeOf(t, *hi); c.Min == nil || c.Max == nil {
		c.Min, c.Max = nil, nil
	}
}

// stats gives the statistics of a column of a type.
func (c *ColumnStats) stats(t types.Type) storage.ColStats {
	out := storage.ColStats{Nulls: c.Nulls, Distinct: -1, Width: c.Width}
	if c.Distinct > 0 {
		out.Distinct = c.Distinct
	}
	if c.Min != nil && c.Max != nil && c.Min.fits(t) && c.Max.fits(t) {
		out.HasRange, out.Tight, out.Min, out.Max = true, c.Tight, c.Min.bound(), c.Max.bound()
	}
	return out
}

// piece is some rows of a table, and what is known of their columns.
type piece struct {
	rows int64
	cols map[string]ColumnStats
}

// unite gives what is known of all columns of several pieces together: those of which each piece knows something.
func unite(pieces []piece) map[string]ColumnStats {
	if len(pieces) == 0 {
		return nil
	}
	out := map[string]ColumnStats{}
	for name := range pieces[0].cols {
		if c, ok := uniteColumn(pieces, name); ok {
			out[name] = c
		}
	}
	return out
}

func uniteColumn(pieces []piece, name string) (out ColumnStats, ok bool) {
	var width, rows float64
	var sum, most int64
	ranged, known, apart := true, true, true
	seen := map[storage.Bound]bool{} // the edges: so many values at least
	for _, p := range pieces {
		c, ok := p.cols[name]
		if !ok {
			return out, false
		}
		if out.Nulls < 0 || c.Nulls < 0 {
			out.Nulls = -1
		} else {
			out.Nulls += c.Nulls
		}
		known = known && (c.Distinct > 0 || c.Nulls == p.rows)
		sum, most = sum+c.Distinct, max(most, c.Distinct)
		width, rows = width+float64(c.Width)*float64(p.rows), rows+float64(p.rows)
		if c.Min != nil && c.Max != nil {
			seen[c.Min.bound()], seen[c.Max.bound()] = c.Tight, c.Tight
		}
		switch {
		case c.Nulls == p.rows: // there is no value
		case c.Min == nil || c.Max == nil:
			ranged = false
		case out.Min == nil:
			out.Min, out.Max, out.Tight = c.Min, c.Max, c.Tight
		default:
			apart = apart && (before(out.Max, c.Min) || before(c.Max, out.Min))
			if before(c.Min, out.Min) {
				out.Min = c.Min
			}
			if before(out.Max, c.Max) {
				out.Max = c.Max
			}
			out.Tight = out.Tight && c.Tight
		}
	}
	if !ranged {
		out.Min, out.Max, out.Tight = nil, nil, false
	}
	if known {
		maps.DeleteFunc(seen, func(_ storage.Bound, occurs bool) bool { return !occurs })
		if out.Distinct = max(most, min(int64(len(seen)), sum)); ranged && apart { // the pieces have different values
			out.Distinct = sum
		}
	}
	if rows > 0 {
		out.Width = int(width / rows)
	}
	return out, true
}

// before tells whether a is less than b; both are of one column.
func before(a, b *Edge) bool {
	switch {
	case a.I != nil && b.I != nil:
		return *a.I < *b.I
	case a.F != nil && b.F != nil:
		return *a.F < *b.F
	case a.S != nil && b.S != nil:
		return *a.S < *b.S
	}
	return false
}

// statsOf unites the statistics of parts.
func statsOf(list []Part) map[string]ColumnStats {
	pieces := make([]piece, len(list))
	for i := range list {
		if pieces[i] = (piece{list[i].Rows, list[i].Cols.columns()}); pieces[i].cols == nil {
			return nil
		}
	}
	return unite(pieces)
}

// Columns gives what is known of the columns of all parts, by their names in files.
func (p *Parts) Columns() map[string]ColumnStats {
	var pieces []piece
	for _, c := range p.Chunks {
		if c.Cols == nil {
			return nil
		}
		pieces = append(pieces, piece{c.Rows, c.Cols})
	}
	return unite(pieces)
}

// reach is what some rows may have in each data column, for multi.MayMeet.
type reach struct {
	lo, hi []multi.Value
	nulls  []bool
}

// reachOf gives what statistics say of a table's data columns.
func reachOf(cols []Column, rows int64, stats map[string]ColumnStats) reach {
	r := reach{make([]multi.Value, len(cols)), make([]multi.Value, len(cols)), make([]bool, len(cols))}
	for i := range cols {
		c, ok := stats[cols[i].StoredName()]
		r.nulls[i] = !ok || c.Nulls != 0
		switch {
		case ok && rows > 0 && c.Nulls == rows:
			r.lo[i].Null, r.hi[i].Null = true, true
		case ok && c.Min != nil && c.Max != nil && c.Min.fits(cols[i].Type) && c.Max.fits(cols[i].Type):
			r.lo[i].Bound, r.hi[i].Bound = c.Min.bound(), c.Max.bound()
		default:
			r.lo[i].None, r.hi[i].None = true, true
		}
	}
	return r
}

// mayMeet tells whether rows of which some statistics are known may meet all conditions on the data columns.
func (t *Table) mayMeet(preds []storage.Pred, ts []types.Type, rows int64, stats map[string]ColumnStats) bool {
	if stats == nil || len(preds) == 0 {
		return true
	}
	r := reachOf(t.Columns, rows, stats)
	return multi.MayMeet(preds, 0, ts, r.lo, r.hi, r.nulls)
}

// Stats gives what the lists of a table's files say of its columns, partition columns included; fresh tells whether what ANALYZE TABLE found
// still holds.
func (t *Table) Stats(fresh bool) *storage.Stats {
	s := &storage.Stats{Rows: t.Parts.Rows(), Bytes: t.Parts.Bytes(), Exact: t.Kind == Managed}
	if t.Kind != Managed {
		s.Rows = -1
	}
	known := t.Parts.Columns()
	for i := range t.Columns {
		c, ok := known[t.Columns[i].StoredName()]
		if !ok {
			s.Cols = append(s.Cols, storage.ColStats{Nulls: -1, Distinct: -1})
			continue
		}
		s.Cols = append(s.Cols, c.stats(t.Columns[i].Type))
	}
	for k := range t.Partitions {
		s.Cols = append(s.Cols, t.partitionStats(k))
	}
	return t.Analyzed.improve(s, t.AllColumns(), fresh)
}

// partitionStats gives what the lists of parts say of a partition column.
func (t *Table) partitionStats(k int) storage.ColStats {
	out := storage.ColStats{Nulls: -1, Distinct: int64(max(t.Parts.Len(), 1)), Width: t.Partitions[k].Type.Phys().Width()}
	var lo, hi multi.Value
	first := true
	for _, c := range t.Parts.Chunks {
		if len(c.Keys) != len(t.Partitions) {
			return out
		}
		a, err1 := multi.ParseValue(t.Partitions[k].Field, c.Keys[k].Min)
		b, err2 := multi.ParseValue(t.Partitions[k].Field, c.Keys[k].Max)
		if err1 != nil || err2 != nil || a.None || b.None {
			return out
		}
		if a.Null {
			continue
		}
		if first || multi.CompareValues(t.Partitions[k].Type, a, lo) < 0 {
			lo = a
		}
		if first || multi.CompareValues(t.Partitions[k].Type, b, hi) > 0 {
			hi = b
		}
		first = false
	}
	if first {
		return out
	}
	out.HasRange, out.Tight, out.Min, out.Max = true, true, lo.Bound, hi.Bound
	switch t.Partitions[k].Type.Phys() {
	case types.PBool, types.PI32, types.PI64:
		if span := hi.I - lo.I; span >= 0 && span < out.Distinct {
			out.Distinct = span + 1
		}
	}
	return out
}
