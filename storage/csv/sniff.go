package csv

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/textval"
)

// maxSampleRecords bounds what of the head is looked at for types.
const maxSampleRecords = 20_000

// sniffer is the work of finding out what a file is like.
type sniffer struct {
	t       *table
	s       *samples
	env     *storage.Env
	recs    [][][]byte // of the head
	starts  []int
	at      int // where the first record begins
	fields  int
	guesses []textval.Guess
	hashes  [][]uint64 // of the values of each column, unit by unit
	ends    [][]int    // where the units end there
	nulls   []int
	widths  []int
	rows    int
	bytes   int
	text    []byte
}

// sniff fills the table from the samples.
func (t *table) sniff(env *storage.Env, s *samples) error {
	w := &sniffer{t: t, s: s, env: env}
	if bytes.HasPrefix(s.head, []byte("\xef\xbb\xbf")) {
		w.at = 3
	}
	if bytes.IndexByte(s.head, '\n') < 0 && bytes.IndexByte(s.head, '\r') >= 0 {
		t.d.newline = '\r'
	}
	for range t.conf.skip {
		i := bytes.IndexByte(s.head[w.at:], t.d.newline)
		if i < 0 {
			i = len(s.head) - w.at - 1
		}
		w.at += i + 1
	}
	if !t.conf.delimSet || !t.conf.quoteSet || !t.conf.escapeSet {
		t.d = t.conf.detect(t.d, w.rest(), s.whole).d
	}
	w.read()
	if err := w.columns(); err != nil {
		return err
	}
	skipped := w.preamble()
	if skipped > 0 {
		env.Notef(t.file.Path + ": " + plural(int64(skipped), "line") + " before the table left out")
	}
	if t.conf.columns != nil {
		w.declared()
	} else if err := w.inferred(); err != nil {
		return err
	}
	t.start, t.line = int64(w.at), int64(bytes.Count(s.head[:w.at], []byte{t.d.newline}))
	w.measure()
	if t.conf.sample < 0 && t.conf.columns == nil && !t.conf.allVarchar {
		return t.inferAll()
	}
	return nil
}

func (w *sniffer) rest() []byte { return w.s.head[w.at:] }

// read cuts the head into records.
func (w *sniffer) read() {
	sp := splitter{d: &w.t.d, buf: w.rest(), eof: w.s.whole}
	for len(w.recs) < maxSampleRecords && sp.next() {
		w.recs = append(w.recs, slices.Clone(sp.fields))
		w.starts = append(w.starts, w.at+sp.start)
	}
}

// columns finds the number of fields of most records, and whether each ends with a delimiter.
func (w *sniffer) columns() error {
	counts := map[int]int{}
	for i, r := range w.recs {
		if i > 0 || len(w.recs) == 1 || w.t.conf.headerSet && !w.t.conf.header {
			counts[len(r)]++
		}
	}
	best := 0
	for n, k := range counts {
		if k > best || k == best && n > w.fields {
			w.fields, best = n, k
		}
	}
	c := w.t.conf
	if n := len(c.columns); n > 0 {
		w.t.trailing = !w.t.d.text && w.fields == n+1 && w.emptyLast()
		w.fields = n
		return nil
	}
	if w.fields > 1 && len(w.recs) > 0 && len(c.names) != w.fields && w.emptyLast() {
		w.t.trailing = true
		w.fields--
	}
	return nil
}

// emptyLast tells whether the last field is empty in every record, the header included (where it may be absent).
func (w *sniffer) emptyLast() bool {
	for i, r := range w.recs {
		if i == 0 && len(r) == w.fields-1 && (w.t.conf.header || !w.t.conf.headerSet) {
			continue
		}
		if len(r) != w.fields || len(r[len(r)-1]) > 0 {
			return false
		}
	}
	return true
}

// preamble leaves out lines of one field before the table, when all that follows is regular.
func (w *sniffer) preamble() int {
	c := w.t.conf
	if c.skipSet || c.columns != nil || w.fields < 2 || c.headerSet && !c.header || c.noDetect || c.nullPadding {
		return 0
	}
	n := 0
	for n < len(w.recs) && len(w.recs[n]) == 1 {
		n++
	}
	if n == 0 || n > 20 || len(w.recs) < n+2 {
		return 0
	}
	want := w.fields
	if w.t.trailing {
		want++
	}
	for _, r := range w.recs[n:] {
		if len(r) != want {
			return 0
		}
	}
	w.at = w.starts[n]
	w.recs, w.starts = w.recs[n:], w.starts[n:]
	return n
}

// dropHeader moves the start of the data behind the first record.
func (w *sniffer) dropHeader() [][]byte {
	head := w.recs[0]
	w.recs, w.starts = w.recs[1:], w.starts[1:]
	if len(w.starts) > 0 {
		w.at = w.starts[0]
	} else {
		sp := splitter{d: &w.t.d, buf: w.rest(), eof: w.s.whole}
		sp.next()
		w.at += sp.at
	}
	return head
}

// plain gives a field's text and whether it is NULL.
func (w *sniffer) plain(f []byte) ([]byte, bool) {
	var quoted bool
	w.text, quoted = w.t.d.plain(w.text[:0], f)
	null := len(w.text) == 0 && !w.t.d.text || string(f) == `\N`
	for _, n := range w.t.conf.nulls {
		null = null || bytes.Equal(w.text, n)
	}
	return w.text, null && (!quoted || w.t.conf.quotedNulls)
}

// declared is for columns whose types are known.
func (w *sniffer) declared() {
	t, c := w.t, w.t.conf
	for _, f := range c.columns {
		t.cols = append(t.cols, column{Field: f})
	}
	w.guessAll(0)
	if len(w.recs) > 0 && (c.headerSet && c.header || !c.headerSet && w.looksDeclared(w.recs[0])) {
		w.dropHeader()
	}
}

// looksDeclared tells whether a record has the names of the declared columns, or only text where another type is declared.
func (w *sniffer) looksDeclared(rec [][]byte) bool {
	names, misfits, typed := 0, 0, 0
	for i, f := range w.t.conf.columns {
		if i >= len(rec) {
			return false
		}
		b, _ := w.plain(rec[i])
		b = bytes.TrimSpace(b)
		if strings.EqualFold(string(b), f.Name) {
			names++
		}
		if f.Type.IsNumeric() || f.Type.IsTemporal() {
			typed++
			if can, _, _ := classOf(b, w.t.conf); can == textval.IsText && len(b) > 0 && !isPlaceholder(b) {
				misfits++
			}
		}
	}
	if names*2 > len(rec) {
		return true
	}
	if typed == 0 || misfits < typed || len(w.recs) < 2 {
		return false
	}
	w.env.Notef(w.t.file.Path + ": the first line is taken for a header; header => false says it is none")
	return true
}

// placeholders are texts for a value that is not there: no names of columns.
var placeholders = []string{"na", "n/a", "null", "none", "nil", "nan", "-", "--", "?", ".", "#n/a"}

func isPlaceholder(b []byte) bool { return slices.Contains(placeholders, strings.ToLower(string(b))) }

// guessAll looks at the values of the head's records from one on, and of the windows.
func (w *sniffer) guessAll(from int) {
	w.guesses, w.hashes, w.ends = make([]textval.Guess, w.fields), make([][]uint64, w.fields), make([][]int, w.fields)
	w.nulls, w.widths, w.rows, w.bytes = make([]int, w.fields), make([]int, w.fields), 0, 0
	for _, r := range w.recs[min(from, len(w.recs)):] {
		w.add(r)
	}
	w.endUnit()
	for _, b := range w.s.others {
		i := bytes.IndexByte(b, w.t.d.newline)
		sp := splitter{d: &w.t.d, buf: b[i+1:]}
		var recs [][][]byte
		for odd := 0; i >= 0 && sp.next(); {
			recs = append(recs, slices.Clone(sp.fields))
			if n := sp.quirks + sp.stray; n > odd { // the part may have begun within quotes: all so far is doubtful
				odd, recs = n, recs[:0]
			}
		}
		for _, r := range recs {
			w.add(r)
		}
		w.endUnit()
	}
}

func (w *sniffer) endUnit() {
	for i, h := range w.hashes {
		w.ends[i] = append(w.ends[i], len(h))
	}
}

func (w *sniffer) add(rec [][]byte) {
	want := w.fields
	if w.t.trailing {
		want++
	}
	if len(rec) != want && len(rec) != w.fields {
		return
	}
	w.rows++
	w.bytes += len(rec)
	for i, f := range rec[:w.fields] {
		w.bytes += len(f)
		b, null := w.plain(f)
		if null {
			w.nulls[i]++
			continue
		}
		w.guesses[i].Merge(guessOf(b, w.t.conf))
		w.widths[i] += len(b)
		w.hashes[i] = append(w.hashes[i], hash(b))
	}
}

func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// inferred is for files that say themselves what they are.
func (w *sniffer) inferred() error {
	t, c := w.t, w.t.conf
	if len(w.recs) == 0 {
		return nil
	}
	var names []string
	header := c.header
	w.guessAll(1)
	if !c.headerSet {
		header = w.isHeader(w.recs[0])
	}
	names = make([]string, w.fields)
	if header {
		for i, f := range w.dropHeader() {
			if i < len(names) {
				b, _ := w.plain(f)
				names[i] = string(bytes.TrimSpace(b))
			}
		}
	} else {
		w.guessAll(0)
	}
	if len(c.names) > w.fields {
		return sqlerr.New(sqlerr.Bind, "%d names for the %d columns of %s", len(c.names), w.fields, t.file.Path)
	}
	copy(names, c.names)
	for i, n := range uniqueNames(names) {
		col := column{Field: types.Field{Name: n, Type: w.guesses[i].Type()}, guessed: true, unseen: !w.guesses[i].Seen}
		if c.allVarchar || t.d.text {
			col.Type, col.guessed = types.TVarchar, false
		}
		t.cols = append(t.cols, col)
	}
	return w.typed()
}

// typed applies the types option.
func (w *sniffer) typed() error {
	t, c := w.t, w.t.conf
	if len(c.typeList) > len(t.cols) {
		return sqlerr.New(sqlerr.Bind, "%d types for the %d columns of %s", len(c.typeList), len(t.cols), t.file.Path)
	}
	for i, typ := range c.typeList {
		t.cols[i].Type, t.cols[i].guessed = typ, false
	}
	var names []string
	for i := range t.cols {
		names = append(names, t.cols[i].Name)
	}
	for name, typ := range c.typed {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return sqlerr.New(sqlerr.NotFound, "types: %s has no column %s", t.file.Path, name).WithHint("%s", sqlerr.DidYouMean(name, names))
		}
		t.cols[i].Type, t.cols[i].guessed = typ, false
	}
	return nil
}

// isHeader tells whether the first record names the columns: it has text where the others have something narrower, or
// everything is text and the names are different.
func (w *sniffer) isHeader(rec [][]byte) bool {
	if len(rec) < w.fields || w.t.d.text {
		return false
	}
	misfits, fits, empty, unnamed := 0, 0, 0, 0
	seen := map[string]bool{}
	unique, short := true, true
	for i, f := range rec[:w.fields] {
		b, null := w.plain(f)
		name := string(b)
		if null || len(bytes.TrimSpace(b)) == 0 {
			if empty++; w.guesses[i].Seen && w.nulls[i] == 0 {
				unnamed++ // the index of a data frame: a column without a name, but never without a value
			}
			continue
		}
		unique = unique && !seen[strings.ToLower(name)]
		seen[strings.ToLower(name)] = true
		short = short && len(name) <= 64 && !strings.ContainsAny(name, "\r\n")
		can, _, _ := classOf(b, w.t.conf)
		g := w.guesses[i]
		switch {
		case can != textval.IsText && !isYear(b):
			fits++
		case g.Seen && g.Can != textval.IsText && g.Can&can == textval.IsText && !isPlaceholder(b):
			misfits++
		case isPlaceholder(b):
			fits++
		}
	}
	if misfits > 0 {
		return fits == 0 || misfits > fits
	}
	if fits > 0 || empty > 0 {
		return fits == 0 && unnamed == empty && len(seen) > 0 && unique && short
	}
	return unique && short || short && w.newNames(rec)
}

// isYear tells whether b may be the name of a column of figures of a year.
func isYear(b []byte) bool {
	return len(b) == 4 && textval.CountDigits(b) == 4 && (b[0] == '1' || b[0] == '2')
}

// newNames tells whether none of the first record's texts stands below it in its column.
func (w *sniffer) newNames(rec [][]byte) bool {
	for i := range w.fields {
		b, _ := w.plain(rec[i])
		if slices.Contains(w.hashes[i], hash(b)) {
			return false
		}
	}
	return w.rows > 0
}

// uniqueNames fills in names that are missing and numbers those that occur twice, whatever their case.
func uniqueNames(names []string) []string {
	out := make([]string, len(names))
	used := map[string]bool{}
	for _, n := range names {
		used[strings.ToLower(n)] = true
	}
	seen := map[string]bool{}
	for i, n := range names {
		if n == "" {
			n = "column" + itoa(int64(i))
		}
		name := n
		for k := int64(1); seen[strings.ToLower(name)]; k++ {
			if name = n + "_" + itoa(k); used[strings.ToLower(name)] {
				continue
			}
		}
		seen[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// measure makes the estimates.
func (w *sniffer) measure() {
	t := w.t
	st := &t.stats
	st.Bytes = t.file.Size
	st.Cols = make([]storage.ColStats, len(t.cols))
	if w.rows > 0 && w.bytes > 0 {
		st.Rows = max((w.s.size-t.start)*int64(w.rows)/int64(w.bytes), int64(min(w.rows, 1)))
	}
	if w.s.whole {
		st.Rows = int64(len(w.recs))
	}
	for i := range st.Cols {
		c := &st.Cols[i]
		c.Nulls, c.Distinct = -1, -1
		if i >= len(w.hashes) || w.rows == 0 {
			continue
		}
		c.Nulls = st.Rows * int64(w.nulls[i]) / int64(w.rows)
		if n := len(w.hashes[i]); n > 0 {
			c.Width = (w.widths[i] + n - 1) / n
			c.Distinct = distinct(w.hashes[i], w.ends[i], st.Rows-c.Nulls)
		}
	}
}

// distinct estimates the number of distinct values among rows from those of a sample. units are the ends of the sample's parts: values
// that occur in one part only stand for others unseen (Chao's estimator), and so do clustered ones.
func distinct(h []uint64, units []int, rows int64) int64 {
	if len(units) == 1 { // a single part: each value is a part
		units = make([]int, len(h))
		for i := range units {
			units[i] = i + 1
		}
	}
	type seen struct{ unit, times int }
	m := make(map[uint64]seen, len(h)/4)
	unit := 0
	for i, x := range h {
		for i >= units[unit] {
			unit++
		}
		if s := m[x]; s.times == 0 || s.unit != unit {
			m[x] = seen{unit, s.times + 1}
		}
	}
	once, twice := 0, 0
	for _, s := range m {
		switch s.times {
		case 1:
			once++
		case 2:
			twice++
		}
	}
	d := int64(len(m))
	most := max(rows*d/int64(len(h)), d, 1) // as if the rest of the file had as many new values as the sample
	if once == len(m) {
		return most
	}
	// The form without bias: a single value that occurs once, such as a header's, changes nothing.
	return min(d+int64(once)*int64(once-1)/int64(2*(twice+1)), most)
}

// inferAll guesses the types from every row of the file.
func (t *table) inferAll() error {
	cols, _ := t.snapshot()
	ctx := context.Background()
	scan := &storage.Scan{}
	for i := range t.cols {
		if t.cols[i].guessed {
			t.cols[i].Type = types.TVarchar
			scan.Columns = append(scan.Columns, i)
		}
	}
	guesses := make([]textval.Guess, len(scan.Columns))
	src, err := t.Scan(ctx, scan)
	if err != nil {
		return err
	}
	defer src.Close()
	cur, err := src.Cursor()
	if err != nil {
		return err
	}
	defer cur.Close()
	for {
		b, err := cur.Next(ctx)
		if err != nil || b == nil {
			for j, i := range scan.Columns {
				t.cols[i].Type = cols[i].Type
				if err == nil {
					t.cols[i].Type, t.cols[i].unseen = guesses[j].Type(), !guesses[j].Seen
				}
			}
			return err
		}
		for j, v := range b.Cols {
			s := vec.StrsOf(v)
			for i := range v.Len {
				if !v.IsNull(i) {
					guesses[j].Merge(guessOf(s.At(int32(i)), t.conf))
				}
			}
		}
	}
}
