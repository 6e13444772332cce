// Package optest runs operators in tests: sources that give rows in every form a batch may have, a sink that collects them,
// and programs made of Go functions. Rows are []any: nil, bool, int64, float64, string, or []any for a list or struct.
package optest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
)

// Row is one row.
type Row = []any

// Task makes a task without a memory limit.
func Task(workers, batch int) *flow.Task {
	return &flow.Task{Ctx: context.Background(), Mem: mem.NewBudget(0), Workers: workers, BatchSize: batch, Fn: &fn.Ctx{}}
}

// Vector makes a flat vector.
func Vector(t types.Type, vals []any) *vec.Vector {
	b := vec.NewBuilder(t)
	for _, x := range vals {
		Append(b, t, x)
	}
	return b.Vector()
}

// Append adds a value to a builder.
func Append(b *vec.Builder, t types.Type, x any) {
	if x == nil {
		b.AppendNull()
		return
	}
	switch t.Phys() {
	case types.PBool:
		v := uint8(0)
		if x.(bool) {
			v = 1
		}
		vec.AppendValue(b, v)
	case types.PI32:
		vec.AppendValue(b, int32(x.(int64)))
	case types.PI64:
		vec.AppendValue(b, x.(int64))
	case types.PI128:
		vec.AppendValue(b, vec.Int128{Lo: uint64(x.(int64)), Hi: x.(int64) >> 63})
	case types.PF64:
		vec.AppendValue(b, x.(float64))
	case types.PView:
		b.AppendBytes([]byte(x.(string)))
	case types.PInterval:
		vec.AppendValue(b, vec.IntervalValue{Days: int32(x.(int64))})
	case types.PList:
		vec.AppendValue(b, vec.ListEntry{Off: uint32(b.Kid(0).Len())})
		for _, e := range x.([]any) {
			Append(b.Kid(0), vec.ChildType(t, 0), e)
		}
		b.ListLen()
	case types.PStruct:
		for i, e := range x.([]any) {
			Append(b.Kid(i), vec.ChildType(t, i), e)
		}
		b.EndStruct()
	}
}

// Cell gives the value of a row.
func Cell(v *vec.Vector, i int) any {
	if v.IsNull(i) {
		return nil
	}
	f, k := v.At(i)
	switch f.Phys() {
	case types.PBool:
		return vec.Values[uint8](f)[k] != 0
	case types.PI32:
		return int64(vec.Values[int32](f)[k])
	case types.PI64:
		return vec.Values[int64](f)[k]
	case types.PI128:
		return int64(vec.Values[vec.Int128](f)[k].Lo)
	case types.PF64:
		return vec.Values[float64](f)[k]
	case types.PView:
		return string(v.Bytes(i))
	case types.PInterval:
		return int64(vec.Values[vec.IntervalValue](f)[k].Days)
	case types.PList:
		out := []any{}
		e := vec.Values[vec.ListEntry](f)[k]
		for j := range e.Len {
			out = append(out, Cell(f.Kids[0], int(e.Off+j)))
		}
		return out
	}
	out := []any{}
	for _, kid := range f.Kids {
		out = append(out, Cell(kid, k))
	}
	return out
}

// BatchRow gives row i of a batch; columns that are not there are nil.
func BatchRow(b *vec.Batch, i int) Row {
	r := make(Row, len(b.Cols))
	for c, v := range b.Cols {
		if v != nil {
			r[c] = Cell(v, i)
		}
	}
	return r
}

// Source gives Rows in morsels, batches, forms and selections chosen at random.
type Source struct {
	Types []types.Type
	Rows  []Row
	Seed  uint64
	Fail  error // comes after the last row

	dicts   []*vec.Dictionary
	codes   []map[any]int32
	morsels [][]Row
	next    atomic.Int64
	Opened  int
}

// Open cuts the morsels.
func (s *Source) Open(*flow.Task) error {
	s.Opened++
	s.next.Store(0)
	s.morsels = nil
	rng := rand.New(rand.NewPCG(s.Seed, 1))
	for at := 0; at < len(s.Rows); {
		n := min(1+rng.IntN(1+rng.IntN(200)), len(s.Rows)-at)
		s.morsels = append(s.morsels, s.Rows[at:at+n])
		at += n
	}
	for c, t := range s.Types {
		s.dicts, s.codes = append(s.dicts, nil), append(s.codes, nil)
		if t.IsNested() || rng.IntN(2) == 0 {
			continue
		}
		codes := map[any]int32{}
		b := vec.NewBuilder(t)
		for _, r := range s.Rows {
			x := r[c]
			if _, ok := codes[x]; !ok && x != nil && x == x {
				codes[x] = int32(len(codes))
				Append(b, t, x)
			}
		}
		if len(codes) > 0 {
			s.dicts[c], s.codes[c] = vec.NewDictionary(b.Vector()), codes
		}
	}
	return nil
}

// Close does nothing.
func (s *Source) Close() error { return nil }

// Cursor makes a cursor.
func (s *Source) Cursor(t *flow.Task) (flow.Cursor, error) {
	size := t.BatchSize
	if size <= 0 {
		size = vec.BatchSize
	}
	return &cursor{s: s, size: size}, nil
}

type cursor struct {
	s      *Source
	size   int
	rows   []Row
	morsel int64
	seq    int32
	rng    *rand.Rand
}

func (c *cursor) Close() error { return nil }

func (c *cursor) Next(context.Context) (*vec.Batch, error) {
	if len(c.rows) == 0 {
		c.morsel = c.s.next.Add(1) - 1
		if int(c.morsel) >= len(c.s.morsels) {
			return nil, c.s.Fail
		}
		c.rows, c.seq = c.s.morsels[c.morsel], 0
		c.rng = rand.New(rand.NewPCG(c.s.Seed, uint64(c.morsel)))
	}
	n := min(c.size, len(c.rows))
	rows := c.rows[:n]
	c.rows = c.rows[n:]
	b := &vec.Batch{Morsel: c.morsel, Seq: c.seq}
	c.seq++
	if c.rng.IntN(2) == 0 { // dead rows among the living
		var all []Row
		b.Sel = []int32{}
		for _, r := range rows {
			for c.rng.IntN(3) == 0 {
				all = append(all, c.s.Rows[c.rng.IntN(len(c.s.Rows))])
			}
			b.Sel = append(b.Sel, int32(len(all)))
			all = append(all, r)
		}
		rows = all
	}
	b.N = len(rows)
	for i, t := range c.s.Types {
		vals := make([]any, len(rows))
		for k, r := range rows {
			vals[k] = r[i]
		}
		b.Cols = append(b.Cols, c.form(i, t, vals))
		spoil(b.Cols[i], b.Sel)
	}
	return b, nil
}

// spoil points the strings of dead rows to nowhere, as readers leave them that have not decoded those rows.
func spoil(v *vec.Vector, sel []int32) {
	if sel == nil || v.Form != vec.Flat || v.Phys() != types.PView {
		return
	}
	views := vec.Values[vec.View](v)
	for i, k := 0, 0; i < v.Len; i++ {
		if k < len(sel) && int(sel[k]) == i {
			k++
			continue
		}
		views[i] = vec.View{Len: 1 << 20, Buf: 1 << 20, Off: 1 << 20}
	}
}

// form makes a vector in a form that suits the values.
func (c *cursor) form(i int, t types.Type, vals []any) *vec.Vector {
	same := !t.IsNested()
	for _, x := range vals {
		same = same && x == vals[0]
	}
	if same && c.rng.IntN(2) == 0 {
		v := Vector(t, vals[:1])
		v.SetConst(len(vals))
		return v
	}
	codes := c.s.codes[i]
	if codes == nil || c.rng.IntN(3) == 0 {
		return Vector(t, vals)
	}
	v := &vec.Vector{}
	v.ResetDict(t, c.s.dicts[i], len(vals))
	for k, x := range vals {
		v.Codes()[k] = codes[x]
	}
	for k, x := range vals {
		if x != nil {
			if _, ok := codes[x]; !ok {
				return Vector(t, vals) // NaN is in no map
			}
			continue
		}
		v.SetNull(k)
	}
	return v
}

// Collect is a sink that keeps rows.
type Collect struct {
	mu       sync.Mutex
	batches  []collected
	Finished bool
	Closed   int
}

type collected struct {
	morsel int64
	rows   []Row
}

// Local makes a worker's part.
func (c *Collect) Local(*flow.Task) (flow.LocalSink, error) { return &collectLocal{c}, nil }

// Finish notes that it was called.
func (c *Collect) Finish(*flow.Task, flow.Parallel) error { c.Finished = true; return nil }

// Close counts its calls.
func (c *Collect) Close() error { c.Closed++; return nil }

type collectLocal struct{ c *Collect }

func (l *collectLocal) Push(b *vec.Batch) error {
	k := collected{morsel: b.Morsel}
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel {
		k.rows = append(k.rows, BatchRow(b, int(i)))
	}
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	l.c.batches = append(l.c.batches, k)
	return nil
}

func (l *collectLocal) Combine() error { return nil }

// Rows gives the rows in input order.
func (c *Collect) Rows() []Row {
	sort.SliceStable(c.batches, func(i, j int) bool { return c.batches[i].morsel < c.batches[j].morsel })
	var out []Row
	for _, b := range c.batches {
		out = append(out, b.rows...)
	}
	return out
}

// Text writes rows one to a line.
func Text(rows []Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprint(r...)
		parts := make([]string, len(r))
		for k, x := range r {
			parts[k] = fmt.Sprintf("%v", x)
		}
		out[i] = strings.Join(parts, "|")
	}
	return out
}

// Sorted writes rows one to a line, in the order of the text.
func Sorted(rows []Row) []string {
	out := Text(rows)
	sort.Strings(out)
	return out
}

// Diff tells the first difference of two lists of lines, or "".
func Diff(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "(none)", "(none)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("line %d of %d (want %d): got %s, want %s", i, len(got), len(want), g, w)
		}
	}
	return ""
}
