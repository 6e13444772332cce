package op

import (
	"sync"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// JoinBuild keeps the build side of a join and makes it searchable. It is a flow.Sink; JoinProbe and JoinRest use it.
type JoinBuild struct {
	JoinSpec

	open    sync.Once
	set     *rowSet
	store   []int // the build columns kept
	done    bool
	n       int           // rows kept
	total   int64         // rows seen, those with NULL keys included
	cols    []*vec.Vector // by build column; nil: not kept
	keys    []*vec.Vector
	value   *vec.Vector // with Range
	table   joinTable
	sorted  sortedRows      // with Range, in place of table
	matched []atomic.Uint64 // bitmap of the rows that have found a partner
	nulls   []int32         // rows with NULL in an aware key
	seen    atomic.Int64
}

func (j *JoinBuild) init(t *flow.Task) {
	j.open.Do(func() {
		j.store = j.kept()
		var ts []types.Type
		for _, c := range j.store {
			ts = append(ts, j.BuildTypes[c])
		}
		ts = append(ts, j.KeyTypes...)
		if j.Range != nil {
			ts = append(ts, j.RangeType)
		}
		j.set = newRowSet(t, ts)
	})
}

// keepsNulls tells whether rows with a NULL key are kept although they equal nothing.
func (j *JoinBuild) keepsNulls() bool {
	return j.Kind == BuildOuter || j.Kind == FullOuter || j.Kind == BuildAnti || j.anyAware()
}

// Local makes a worker's part.
func (j *JoinBuild) Local(t *flow.Task) (flow.LocalSink, error) {
	j.init(t)
	l := &buildLocal{j: j, k: j.set.local()}
	if len(j.KeyTypes) > 0 || j.Range != nil {
		l.m = j.BuildKeys.Machine(t)
	}
	return l, nil
}

type buildLocal struct {
	j    *JoinBuild
	m    flow.Machine
	k    *keeper
	cols []*vec.Vector
	sel  []int32
}

func (l *buildLocal) Push(b *vec.Batch) error {
	l.cols = l.cols[:0]
	for _, c := range l.j.store {
		l.cols = append(l.cols, b.Cols[c])
	}
	sel := rows(b)
	l.j.seen.Add(int64(len(sel)))
	if l.m != nil {
		keys, err := l.m.Eval(b)
		if err != nil {
			return err
		}
		l.cols = append(l.cols, keys...)
		if !l.j.keepsNulls() {
			for i, v := range keys {
				if v.Valid != nil && !l.j.nullEqual(i) {
					l.sel = notNull(l.sel, v, sel)
					sel = l.sel
				}
			}
		}
	}
	return l.k.add(b, l.cols, sel)
}

// notNull gives the rows of sel where v is not NULL, in buf, which may be sel.
func notNull(buf []int32, v *vec.Vector, sel []int32) []int32 {
	if cap(buf) < len(sel) {
		buf = make([]int32, max(len(sel), vec.BatchSize))
	}
	buf = buf[:len(sel)]
	n := 0
	for _, i := range sel {
		buf[n] = i
		if !v.IsNull(int(i)) {
			n++
		}
	}
	return buf[:n]
}

func (l *buildLocal) Combine() error { return nil }

// Finish joins the workers' rows and builds the table.
func (j *JoinBuild) Finish(t *flow.Task, p flow.Parallel) error {
	j.init(t)
	if err := j.set.finish(p); err != nil {
		return err
	}
	j.n, j.total = j.set.n, j.seen.Load()
	j.cols = make([]*vec.Vector, len(j.BuildTypes))
	for i, c := range j.store {
		j.cols[c] = j.set.cols[i]
	}
	j.keys = j.set.cols[len(j.store):]
	if j.marksBuild() {
		j.matched = make([]atomic.Uint64, vec.Words(j.n))
	}
	var searchable []int32     // nil: all
	for i, v := range j.keys { // the value of a range is one of them here
		if v.Valid == nil || j.nullEqual(i) {
			continue
		}
		if searchable == nil {
			searchable = numbers(0, j.n)
		}
		for _, r := range searchable {
			if j.nullAware(i) && v.IsNull(int(r)) {
				j.nulls = append(j.nulls, r)
			}
		}
		searchable = notNull(searchable, v, searchable)
	}
	if j.anyAware() && j.nulls != nil {
		j.nulls = j.awareNulls()
	}
	if j.Range != nil {
		j.keys, j.value = j.keys[:len(j.KeyTypes)], j.keys[len(j.KeyTypes)]
		var err error
		if searchable, err = j.sortRows(p, max(t.Workers, 1), searchable); err != nil {
			return err
		}
	}
	exists := (j.Kind == Semi || j.Kind == Anti || j.Kind == Mark) && j.Residual == nil && j.Range == nil
	if err := j.table.build(j, p, searchable, exists); err != nil {
		return err
	}
	j.done = true
	return j.set.res.Grow(j.table.size() + int64(8*len(j.matched)))
}

// awareNulls gives every row with a NULL in an aware key.
func (j *JoinBuild) awareNulls() []int32 {
	var out []int32
	for r := range j.n {
		for i, v := range j.keys {
			if j.nullAware(i) && v.IsNull(r) {
				out = append(out, int32(r))
				break
			}
		}
	}
	return out
}

// mark notes that build row r has found a partner.
func (j *JoinBuild) mark(r int32) {
	w, bit := &j.matched[r>>6], uint64(1)<<(uint(r)&63)
	if w.Load()&bit == 0 {
		w.Or(bit)
	}
}

// Held gives the bytes reserved.
func (j *JoinBuild) Held() int64 { return j.set.res.Held() }

// Close gives up the rows.
func (j *JoinBuild) Close() error {
	j.cols, j.keys, j.value, j.matched, j.table, j.sorted = nil, nil, nil, nil, joinTable{}, sortedRows{}
	j.set.close()
	return nil
}
