package op

import (
	"context"
	"sync/atomic"

	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// unknown makes the mark NULL for the rows of sel that have no partner but a build row which, where the aware keys that are NULL
// on either side are left out, would be one.
func (l *probeLocal) unknown(b *vec.Batch, sel []int32, keys []*vec.Vector) error {
	j := l.j
	all := []int32(nil)
	found := make([]bool, b.N)
	note := func(_ *vec.Batch, pass []int32) error {
		for _, k := range pass {
			found[l.prow[k]] = true
		}
		return nil
	}
	l.prow, l.brow = l.prow[:0], l.brow[:0]
	for _, i := range sel {
		if l.hit[i] {
			continue
		}
		list := j.nulls
		for c, v := range keys {
			if j.nullAware(c) && v.IsNull(int(i)) {
				if all == nil {
					all = numbers(0, j.n)
				}
				list = all
			}
		}
		for _, r := range list {
			if found[i] {
				break
			}
			if l.compatible(keys, i, r) {
				if err := l.candidate(b, i, r, note); err != nil {
					return err
				}
			}
		}
	}
	if err := l.block(b, note); err != nil {
		return err
	}
	for _, i := range sel {
		if found[i] {
			l.mark.SetNull(int(i))
		}
	}
	return nil
}

// compatible tells whether no key of probe row i and build row r differs for sure.
func (l *probeLocal) compatible(keys []*vec.Vector, i, r int32) bool {
	j := l.j
	for c, v := range keys {
		pn, bn := v.IsNull(int(i)), j.keys[c].IsNull(int(r))
		switch {
		case pn || bn:
			if !j.nullAware(c) && !(pn && bn && j.nullEqual(c)) {
				return false
			}
		case key.Compare(v, int(i), j.keys[c], int(r)) != 0:
			return false
		}
	}
	return true
}

// JoinRest gives build rows after the probe: for BuildOuter and FullOuter those without a partner, after NULLs for the probe
// columns; for BuildSemi those with, for BuildAnti those without a partner. Its pipeline comes after all that probe Build. It is
// a flow.Source.
type JoinRest struct {
	Build *JoinBuild

	idx  []int32
	next atomic.Int64
}

// Open finds the rows.
func (r *JoinRest) Open(*flow.Task) error {
	j := r.Build
	want := j.Kind == BuildSemi
	for w := range j.matched {
		x := j.matched[w].Load()
		for i := w << 6; i < min(j.n, (w+1)<<6); i++ {
			if x>>(uint(i)&63)&1 != 0 == want {
				r.idx = append(r.idx, int32(i))
			}
		}
	}
	return nil
}

// MaxCursors is the number of morsels.
func (r *JoinRest) MaxCursors() int { return (len(r.idx) + permMorsel - 1) / permMorsel }

// Close does nothing: the rows belong to Build.
func (r *JoinRest) Close() error { return nil }

// Cursor makes a worker's cursor.
func (r *JoinRest) Cursor(t *flow.Task) (flow.Cursor, error) {
	j := r.Build
	c := &restCursor{r: r, size: batchSize(t)}
	if j.Kind == BuildOuter || j.Kind == FullOuter {
		for _, p := range j.ProbeCols {
			c.batch.Cols = append(c.batch.Cols, vec.NewNull(j.ProbeTypes[p], 0))
		}
	}
	c.nulls = len(c.batch.Cols)
	for range j.BuildCols {
		c.batch.Cols = append(c.batch.Cols, &vec.Vector{})
	}
	return c, nil
}

type restCursor struct {
	r       *JoinRest
	size    int
	nulls   int // columns that are NULL
	at, end int
	batch   vec.Batch
}

func (c *restCursor) Next(context.Context) (*vec.Batch, error) {
	if c.at >= c.end {
		m := c.r.next.Add(1) - 1
		if int(m)*permMorsel >= len(c.r.idx) {
			return nil, nil
		}
		c.at = int(m) * permMorsel
		c.end = min(c.at+permMorsel, len(c.r.idx))
		c.batch.Morsel, c.batch.Seq = m, -1
	}
	n := min(c.size, c.end-c.at)
	for _, v := range c.batch.Cols[:c.nulls] {
		v.SetConst(n)
	}
	j := c.r.Build
	for i, col := range j.BuildCols {
		vec.Gather(c.batch.Cols[c.nulls+i], j.cols[col], c.r.idx[c.at:c.at+n])
	}
	c.at += n
	c.batch.N = n
	c.batch.Seq++
	return &c.batch, nil
}

func (c *restCursor) Close() error { return nil }
