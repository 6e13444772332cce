package json

import (
	"context"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// maxPlaces bounds the values of a batch of very many columns.
const maxPlaces = 1 << 18

// field is a key that records may have.
type field struct {
	raw  []byte // as it stands in the file, with its quotes
	slot int    // where the place of its value goes, or -1
}

// cursor reads chunks for one worker.
type cursor struct {
	s      *source
	k      *chunk
	sc     jsonval.Scanner
	fields []field        // of the file's columns
	byKey  map[string]int // into fields
	loose  map[string]int // the same by lower-case keys; nil if keys must be exact
	slots  int
	spans  []jsonval.Span // of row r and slot s: r*slots+s
	starts []uint32       // of the rows' records
	cols   []*reader
	checks []*reader // of the columns with declared types, where bad rows are set aside
	refine []func(b *vec.Batch, sel []int32) ([]int32, error)
	vecs   []*vec.Vector
	out    vec.Batch
	sel    []int32
	tmp    []byte
	open   bool
	single bool  // gives one chunk only
	again  error // the guess of the columns is disproved
	late   error // of a record, to be told behind the rows before it
	err    error
}

func (s *source) Cursor() (storage.Cursor, error) { return s.cursor(), nil }

func (s *source) cursor() *cursor {
	c := &cursor{s: s, k: chunks.Get().(*chunk), byKey: map[string]int{}}
	c.k.res = nil
	if e := s.scan.Env; e != nil && e.Mem != nil {
		c.k.res = e.Mem.Reserve()
	}
	slots := map[int]int{}
	slot := func(col int) int {
		if _, ok := slots[col]; !ok {
			slots[col] = c.slots
			c.slots++
		}
		return slots[col]
	}
	for _, i := range s.scan.Columns {
		c.cols = append(c.cols, newReader(c, i, slot(i)))
	}
	for i, col := range s.cols {
		if s.t.conf.ignoreErrors && !col.guessed {
			c.checks = append(c.checks, newReader(c, i, slot(i)))
		}
		f := field{raw: jsonval.AppendString(nil, []byte(col.key)), slot: -1}
		if n, ok := slots[i]; ok {
			f.slot = n
		}
		c.fields = append(c.fields, f)
		c.byKey[col.key] = i
	}
	if s.t.conf.columns != nil {
		c.loose = map[string]int{}
		for i, col := range s.cols {
			c.loose[strings.ToLower(col.key)] = i
		}
	}
	for _, r := range s.scan.Refine {
		c.refine = append(c.refine, r.New())
	}
	c.vecs = make([]*vec.Vector, len(c.cols))
	c.out.Cols = c.vecs
	return c
}

// Next gives the next batch.
func (c *cursor) Next(ctx context.Context) (*vec.Batch, error) {
	if c.err != nil {
		return nil, c.err
	}
	b, err := c.advance(ctx)
	if err != nil {
		if !c.single && c.open {
			err = c.s.firstError(ctx, c.k.index, err)
		}
		c.err = err
	}
	return b, err
}

func (c *cursor) advance(ctx context.Context) (*vec.Batch, error) {
	most := min(c.s.batch, max(1, maxPlaces/max(c.slots, 1)))
	for {
		if err := ctx.Err(); err != nil {
			return nil, sqlerr.Wrap(sqlerr.Cancelled, err, "scan of %s", c.s.t.file.Path)
		}
		if c.late != nil {
			return nil, c.late
		}
		if !c.open {
			more, err := c.s.take(c.k)
			if !more || err != nil {
				return nil, err
			}
			c.open = true
			c.begin()
		}
		n, kept, err := c.records(most)
		if c.again != nil {
			return nil, c.again
		}
		if err != nil {
			c.late = err
		}
		if n == 0 && c.late == nil {
			if c.single {
				return nil, nil
			}
			c.s.count(c.k.index, c.k.rows)
			c.s.finished(c.k.index)
			c.open = false
			continue
		}
		if kept == 0 {
			continue
		}
		any, err := c.fill(kept)
		if err != nil {
			return nil, err
		}
		if any {
			return &c.out, nil
		}
	}
}

// begin starts on a chunk.
func (c *cursor) begin() {
	c.sc = jsonval.Scanner{Buf: c.k.buf, N: c.k.n, Line: c.s.t.layout == lines}
	c.out.Morsel, c.out.Seq = c.k.index, -1
	c.k.rows = 0
}

// records finds the places of the values of up to most records. n is how many there were, and kept how many are rows.
func (c *cursor) records(most int) (n, kept int, err error) {
	if l := c.s.scan.Limit; l > 0 {
		most = int(min(int64(most), l-c.k.rows))
	}
	if need := most * c.slots; cap(c.spans) < need {
		c.spans = make([]jsonval.Span, need)
	}
	c.starts = c.starts[:0]
	k, l := c.k, c.s.t.layout
	for kept < most {
		at, err := k.next(&c.sc, l)
		if err != nil {
			return n, kept, c.s.t.syntax(k, k.at, c.s.before(k), err.Error())
		}
		if at < 0 {
			break
		}
		n++
		row := c.spans[kept*c.slots : (kept+1)*c.slots]
		clear(row)
		why, bad := "", 0
		if k.at = c.record(at, row); k.at < 0 {
			why, bad = c.sc.Why, c.sc.Bad
		} else if why = k.behind(&c.sc, l); why != "" {
			bad = k.at
		}
		if why == "" {
			c.starts = append(c.starts, uint32(at))
			kept++
			continue
		}
		k.at = at
		if !c.s.t.conf.ignoreErrors || l != lines {
			return n, kept, c.s.t.syntax(k, bad, c.s.before(k), why)
		}
		c.s.setAside(storage.BadRecord{File: c.s.t.file.Path, Line: c.s.lineOf(k, at), Reason: why, Raw: cut(k.raw(l, at), 1<<10)})
		k.skipLine()
	}
	if len(c.checks) > 0 && kept > 0 {
		kept, err = c.check(kept)
	}
	return n, kept, err
}

// record steps over the record at i and notes the places of the wanted values.
func (c *cursor) record(i int, row []jsonval.Span) int {
	s, begin := &c.sc, i
	if c.s.t.whole || c.s.t.conf.objects {
		end, sp := s.Value(i, 0)
		for k := range row {
			row[k] = sp
		}
		return end
	}
	if s.Buf[i] != '{' {
		if end, _ := s.Value(i, 0); end < 0 {
			return -1
		}
		return s.Fail(i, "the record is no object")
	}
	if i = s.Space(i + 1); s.Buf[i] == '}' {
		return i + 1
	}
	for p := 0; ; {
		if s.Buf[i] != '"' {
			return s.Fail(i, "a key in quotes is missing")
		}
		slot := -1
		if p < len(c.fields) && jsonval.Match(s.Buf, i, c.fields[p].raw) {
			slot = c.fields[p].slot
			i += len(c.fields[p].raw)
			p++
		} else {
			at := i
			var sp jsonval.Span
			if i, sp = s.Text(i); i < 0 {
				return -1
			}
			f := c.lookup(sp)
			if f == badKey {
				return s.Fail(at, "a key is no UTF-8")
			}
			if f >= 0 {
				slot, p = c.fields[f].slot, f+1
			} else if c.s.watch && c.again == nil {
				c.newKey(begin, at, i)
			}
		}
		if i = s.Colon(i); i < 0 {
			return -1
		}
		var sp jsonval.Span
		if i, sp = s.Value(i, 1); i < 0 {
			return -1
		}
		if slot >= 0 {
			row[slot] = sp
		}
		if s.Buf[i] != ',' {
			if i = s.Space(i); s.Buf[i] == '}' {
				return i + 1
			}
			if s.Buf[i] != ',' {
				return s.Fail(i, "a comma or } is missing")
			}
		}
		if i++; s.Buf[i] != '"' {
			i = s.Space(i)
		}
	}
}

const badKey = -2

// lookup finds the field whose key stands at sp, or -1.
func (c *cursor) lookup(sp jsonval.Span) int {
	key, grown, ok := jsonval.Content(c.sc.Buf, sp, c.tmp)
	if c.tmp = grown; !ok {
		return badKey
	}
	if f, ok := c.byKey[string(key)]; ok {
		return f
	}
	if c.loose != nil {
		if f, ok := c.loose[strings.ToLower(string(key))]; ok {
			return f
		}
	}
	return -1
}

// fill makes the batch of the n rows found, and tells whether any is left of them.
func (c *cursor) fill(n int) (bool, error) {
	clear(c.vecs)
	b := &c.out
	b.N, b.Sel = n, nil
	for i := range c.refine {
		for _, j := range c.s.scan.Refine[i].Columns {
			if err := c.column(j, n); err != nil {
				return false, err
			}
		}
		if b.Sel == nil {
			if cap(c.sel) < n {
				c.sel = make([]int32, max(n, vec.BatchSize))
			}
			b.Sel = c.sel[:n]
			copy(b.Sel, vec.Identity(n))
		}
		sel, err := c.refine[i](b, b.Sel)
		if err != nil {
			return false, err
		}
		if b.Sel = sel; len(sel) == 0 {
			return false, nil
		}
	}
	if len(b.Sel) == n {
		b.Sel = nil
	}
	for j := range c.cols {
		if err := c.column(j, n); err != nil {
			return false, err
		}
	}
	b.Seq++
	return true, nil
}

func (c *cursor) column(j, n int) error {
	if c.vecs[j] != nil {
		return nil
	}
	sel := c.out.Sel
	if sel == nil {
		sel = vec.Identity(n)
	}
	r := c.cols[j]
	if err := r.read(n, sel); err != nil {
		return err
	}
	c.vecs[j] = &r.v
	return nil
}

// check sets the rows aside where a declared column has a value that does not convert, whatever columns are wanted.
func (c *cursor) check(n int) (int, error) {
	var bad []bool
	for _, r := range c.checks {
		r.bad = func(i int, why string, val []byte) {
			if bad == nil {
				bad = make([]bool, n)
			}
			if bad[i] {
				return
			}
			bad[i] = true
			at := int(c.starts[i])
			c.s.setAside(storage.BadRecord{
				File: c.s.t.file.Path, Line: c.s.lineOf(c.k, at), Column: r.name, Value: cut(val, 1<<10), Reason: why, Raw: cut(c.k.raw(c.s.t.layout, at), 1<<10),
			})
		}
		if err := r.read(n, vec.Identity(n)); err != nil {
			return 0, err
		}
	}
	if bad == nil {
		return n, nil
	}
	kept := 0
	for row, b := range bad {
		if b {
			continue
		}
		copy(c.spans[kept*c.slots:(kept+1)*c.slots], c.spans[row*c.slots:(row+1)*c.slots])
		c.starts[kept] = c.starts[row]
		kept++
	}
	c.k.rows -= int64(n - kept)
	return kept, nil
}

// newKey notes that the record has a key that is not among the columns.
func (c *cursor) newKey(record, start, end int) {
	key := cut(c.sc.Buf[start:end], 100)
	if len(c.fields) > manyKeys {
		line, col := c.k.where(start, c.s.before(c.k))
		c.again = dataError(c.s.t.file.Path, line, col, "key %s is one more than the %d columns before", key, len(c.fields)).
			WithHint("records => false reads each record as one value: a MAP; columns => {…} says which keys are wanted")
		return
	}
	c.again = c.disproved(record, start, "key "+key+" is not among those of the samples", "there is a key "+key+" that the samples did not have; it becomes a column", "")
}

// disproved is the error of a guess that a record disproves at some place in it: the rest of the chunk tells what is right.
func (c *cursor) disproved(record, at int, why, note, hint string) error {
	t, k := c.s.t, c.k
	root, seen := &shape{top: true}, sample{}
	rest := *k
	rest.at, rest.rows, rest.comma = record, 0, false
	_ = t.look(root, &seen, &rest, true) // what is wrong with it is told when it is read
	line, col := k.where(at, c.s.before(k))
	if hint == "" {
		hint = "sample_size => -1 looks at the whole file first"
	}
	err := dataError(t.file.Path, line, col, "%s", why).WithHint("%s", hint)
	err.Data = k.excerpt(at, line)
	return &storage.RestartError{
		Err:   err,
		Note:  t.file.Path + ", line " + itoa(line) + ": " + note,
		Apply: func() { t.learn(root) },
	}
}

// Close gives the cursor's memory back.
func (c *cursor) Close() error {
	if c.k != nil {
		c.k.res.Free()
		c.k.res = nil
		if cap(c.k.buf) <= maxPooled {
			chunks.Put(c.k)
		}
	}
	c.cols, c.k, c.open, c.late, c.again = nil, nil, false, nil, nil
	if c.err == nil {
		c.err = sqlerr.New(sqlerr.Internal, "the cursor is closed")
	}
	return nil
}
