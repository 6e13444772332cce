package op

import (
	"context"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// JoinProbe joins the rows of a pipeline, which comes after the one that ends in Build, with the rows of Build. Rows stay in the
// order of the probe side, and the partners of a row in that of the build side. It is a flow.Stage.
type JoinProbe struct {
	Build *JoinBuild
}

// Stopped tells that no probe row can leave a trace.
func (p *JoinProbe) Stopped() bool { return p.Build.done && p.Build.n == 0 && p.Build.dropsProbe() }

// Local makes a worker's part.
func (p *JoinProbe) Local(t *flow.Task) (flow.Transform, error) {
	j := p.Build
	l := &probeLocal{j: j, ctx: t.Ctx, size: batchSize(t), find: newProber(&j.table)}
	if len(j.KeyTypes) > 0 || j.Range != nil {
		l.m = j.ProbeKeys.Machine(t)
	}
	n := len(j.ProbeTypes) + len(j.BuildTypes)
	if j.Residual != nil {
		l.res = j.Residual.Machine(t)
		l.resVecs = make([]vec.Vector, n)
		l.resBatch.Cols = make([]*vec.Vector, n)
	}
	l.outVecs = make([]vec.Vector, len(j.ProbeCols)+len(j.BuildCols)+1)
	return l, nil
}

// probeLocal is a worker's part of a JoinProbe.
type probeLocal struct {
	j    *JoinBuild
	ctx  context.Context
	m    flow.Machine
	res  flow.Machine
	find *prober
	keys []*vec.Vector // of the batch, with Range
	size int

	at       []int32 // by probe row: its build row, or −1
	hit      []bool  // by probe row
	sel, tmp []int32
	cand     []int32
	resVecs  []vec.Vector
	resBatch vec.Batch
	outVecs  []vec.Vector
	out      vec.Batch

	prow, brow []int32 // candidate pairs; a build row of −1 stands for a probe row without candidates
	outP, outB []int32
	mark       vec.Vector
}

func (l *probeLocal) Flush(flow.Emit) error { return nil }

func (l *probeLocal) Push(b *vec.Batch, emit flow.Emit) error {
	j := l.j
	if j.n == 0 && j.dropsProbe() {
		return flow.ErrStop
	}
	sel := rows(b)
	var keys []*vec.Vector
	var heads []int32
	if l.m != nil {
		var err error
		if keys, err = l.m.Eval(b); err != nil {
			return err
		}
		l.keys = keys
		if len(j.KeyTypes) > 0 {
			heads = l.find.find(keys[:len(j.KeyTypes)], sel)
		}
	}
	if cap(l.at) < b.N {
		l.at, l.hit = make([]int32, max(b.N, vec.BatchSize)), make([]bool, max(b.N, vec.BatchSize))
	}
	l.at, l.hit = l.at[:b.N], l.hit[:b.N]
	var err error
	switch {
	case l.m != nil && j.Range == nil && j.table.next == nil:
		err = l.unique(b, sel, heads, emit)
	case j.pairs():
		err = l.pairs(b, sel, heads, emit)
	default:
		clear(l.hit)
		if err = l.each(b, sel, heads, l.note); err == nil {
			l.sel = l.sel[:0]
			for _, i := range sel {
				if l.hit[i] {
					l.sel = append(l.sel, i)
				}
			}
		}
	}
	if err != nil || j.pairs() {
		return err
	}
	return l.emitRows(b, sel, keys, emit)
}

// unique handles keys that occur once on the build side: at most one candidate a probe row. It leaves the rows with a partner
// in l.sel and their partners in l.at, and emits what there is to emit for kinds that give pairs.
func (l *probeLocal) unique(b *vec.Batch, sel, heads []int32, emit flow.Emit) error {
	j := l.j
	if cap(l.sel) < len(sel) {
		l.sel = make([]int32, max(len(sel), vec.BatchSize))
	}
	out, n := l.sel[:len(sel)], 0
	for k, i := range sel {
		h := heads[k]
		l.at[i] = h
		out[n] = i
		if h >= 0 {
			n++
		}
	}
	out = out[:n]
	if l.res != nil && n > 0 {
		l.residualCols(func(c int) { l.resBatch.Cols[c] = b.Cols[c] }, func(c int) {
			vec.GatherAt(&l.resVecs[len(j.ProbeTypes)+c], j.cols[c], l.at, out, b.N)
		})
		l.resBatch.N, l.resBatch.Sel = b.N, out
		l.tmp = append(l.tmp[:0], out...)
		got, err := l.res.Select(&l.resBatch, l.tmp)
		if err != nil {
			return err
		}
		if j.probeOuter() && len(got) < n {
			clear(l.hit)
			for _, i := range got {
				l.hit[i] = true
			}
			for _, i := range out {
				if !l.hit[i] {
					l.at[i] = -1
				}
			}
		}
		out = append(out[:0], got...)
	}
	l.sel = out
	if j.marksBuild() {
		for _, i := range out {
			j.mark(l.at[i])
		}
	}
	if !j.pairs() {
		return nil
	}
	if j.probeOuter() {
		out = sel
	}
	if len(out) == 0 {
		return nil
	}
	l.out = vec.Batch{Cols: l.out.Cols[:0], N: b.N, Morsel: b.Morsel, Seq: b.Seq}
	if len(out) < b.N {
		l.out.Sel = out
	}
	for _, c := range j.ProbeCols {
		l.out.Cols = append(l.out.Cols, b.Cols[c])
	}
	for i, c := range j.BuildCols {
		v := &l.outVecs[len(j.ProbeCols)+i]
		vec.GatherAt(v, j.cols[c], l.at, out, b.N)
		l.out.Cols = append(l.out.Cols, v)
	}
	return emit(&l.out)
}

// residualCols prepares the batch for the residual: probe and build set the columns that it reads.
func (l *probeLocal) residualCols(probe, build func(c int)) {
	j := l.j
	if j.ResidualProbe == nil {
		for c := range j.ProbeTypes {
			probe(c)
		}
	}
	for _, c := range j.ResidualProbe {
		probe(c)
	}
	for c, v := range j.cols {
		if v != nil {
			build(c)
			l.resBatch.Cols[len(j.ProbeTypes)+c] = &l.resVecs[len(j.ProbeTypes)+c]
		}
	}
}

// each calls f with the candidate pairs in l.prow and l.brow that pass the residual, block by block and in order. Kinds that
// only ask whether there is a partner leave out further candidates of rows that have one.
func (l *probeLocal) each(b *vec.Batch, sel, heads []int32, f func(b *vec.Batch, pass []int32) error) error {
	j := l.j
	if j.Range != nil {
		return l.ranged(b, sel, heads, f)
	}
	if heads == nil && l.res != nil && j.n >= nestedMin {
		return l.nested(b, sel, f)
	}
	l.prow, l.brow = l.prow[:0], l.brow[:0]
	once := j.Kind == Semi || j.Kind == Anti || j.Kind == Mark
	for k, i := range sel {
		r := int32(0)
		if heads != nil {
			r = heads[k]
		} else if j.n == 0 {
			r = -1
		}
		if r < 0 {
			if j.probeOuter() {
				if err := l.candidate(b, i, -1, f); err != nil {
					return err
				}
			}
			continue
		}
		for r >= 0 {
			if err := l.candidate(b, i, r, f); err != nil {
				return err
			}
			if once && (l.res == nil || l.hit[i]) {
				break
			}
			switch {
			case heads == nil && int(r)+1 < j.n:
				r++
			case heads == nil:
				r = -1
			case j.table.next == nil:
				r = -1
			default:
				r = j.table.next[r] - 1
			}
		}
	}
	return l.block(b, f)
}

func (l *probeLocal) candidate(b *vec.Batch, i, r int32, f func(b *vec.Batch, pass []int32) error) error {
	l.prow, l.brow = append(l.prow, i), append(l.brow, r)
	if len(l.prow) >= l.size {
		return l.block(b, f)
	}
	return nil
}

// block runs the residual over the candidates and passes the numbers of those that meet it, and of rows without any, to f.
func (l *probeLocal) block(b *vec.Batch, f func(b *vec.Batch, pass []int32) error) error {
	n := len(l.prow)
	if n == 0 {
		return nil
	}
	pass := vec.Identity(n)
	if l.res != nil {
		var err error
		if pass, err = l.residual(b); err != nil {
			return err
		}
	}
	err := f(b, pass)
	l.prow, l.brow = l.prow[:0], l.brow[:0]
	return err
}

// residual gives the numbers of the candidates that meet the residual.
func (l *probeLocal) residual(b *vec.Batch) ([]int32, error) {
	j := l.j
	l.residualCols(func(c int) {
		vec.Gather(&l.resVecs[c], b.Cols[c], l.prow)
		l.resBatch.Cols[c] = &l.resVecs[c]
	}, func(c int) { vec.Gather(&l.resVecs[len(j.ProbeTypes)+c], j.cols[c], l.brow) })
	l.resBatch.N, l.resBatch.Sel = len(l.prow), nil
	l.tmp = l.tmp[:0]
	for k, r := range l.brow {
		if r >= 0 {
			l.tmp = append(l.tmp, int32(k))
		}
	}
	if len(l.tmp) < len(l.prow) {
		l.resBatch.Sel = l.tmp
	}
	l.cand = append(l.cand[:0], l.tmp...)
	return l.res.Select(&l.resBatch, l.cand)
}

// note marks the probe and build rows that have found a partner.
func (l *probeLocal) note(_ *vec.Batch, pass []int32) error {
	marks := l.j.marksBuild()
	for _, k := range pass {
		l.hit[l.prow[k]] = true
		if marks {
			l.j.mark(l.brow[k])
		}
	}
	return nil
}

// pairs gives a row for each pair, and for outer kinds the rows without any where they belong.
func (l *probeLocal) pairs(b *vec.Batch, sel, heads []int32, emit flow.Emit) error {
	outer, marks, single := l.j.probeOuter(), l.j.marksBuild(), l.j.Kind == Single
	l.outP, l.outB = l.outP[:0], l.outB[:0]
	open, hit := int32(-1), false // the probe row whose candidates are being read
	put := func(i, r int32) error {
		l.outP, l.outB = append(l.outP, i), append(l.outB, r)
		if len(l.outP) >= l.size {
			return l.emitPairs(b, emit)
		}
		return nil
	}
	finish := func() error {
		if outer && open >= 0 && !hit {
			return put(open, -1)
		}
		return nil
	}
	err := l.each(b, sel, heads, func(_ *vec.Batch, pass []int32) error {
		m := 0
		for k, i := range l.prow {
			if i != open {
				if err := finish(); err != nil {
					return err
				}
				open, hit = i, false
			}
			if m >= len(pass) || pass[m] != int32(k) {
				continue
			}
			m++
			r := l.brow[k]
			if r < 0 {
				continue
			}
			if single && hit {
				return errManyRows()
			}
			hit = true
			if marks {
				l.j.mark(r)
			}
			if err := put(i, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := finish(); err != nil {
		return err
	}
	return l.emitPairs(b, emit)
}

// emitPairs gathers and emits the pairs in l.outP and l.outB.
func (l *probeLocal) emitPairs(b *vec.Batch, emit flow.Emit) error {
	n := len(l.outP)
	if n == 0 {
		return nil
	}
	j := l.j
	l.out = vec.Batch{Cols: l.out.Cols[:0], N: n, Morsel: b.Morsel, Seq: b.Seq}
	for i, c := range j.ProbeCols {
		vec.Gather(&l.outVecs[i], b.Cols[c], l.outP)
		l.out.Cols = append(l.out.Cols, &l.outVecs[i])
	}
	for i, c := range j.BuildCols {
		v := &l.outVecs[len(j.ProbeCols)+i]
		vec.Gather(v, j.cols[c], l.outB)
		l.out.Cols = append(l.out.Cols, v)
	}
	l.outP, l.outB = l.outP[:0], l.outB[:0]
	return emit(&l.out)
}

// emitRows gives the probe rows of the kinds that give each row once at most; l.sel are those with a partner.
func (l *probeLocal) emitRows(b *vec.Batch, sel []int32, keys []*vec.Vector, emit flow.Emit) error {
	j := l.j
	out := l.sel
	switch j.Kind {
	case BuildSemi, BuildAnti:
		return nil
	case Anti, Mark:
		clear(l.hit)
		for _, i := range l.sel {
			l.hit[i] = true
		}
		if err := l.setMark(b, sel, keys); err != nil {
			return err
		}
		out = sel
		if j.Kind == Anti {
			l.tmp = l.tmp[:0]
			for _, i := range sel {
				if !l.hit[i] && !l.mark.IsNull(int(i)) {
					l.tmp = append(l.tmp, i)
				}
			}
			out = l.tmp
		}
	}
	if len(out) == 0 {
		return nil
	}
	l.out = vec.Batch{Cols: l.out.Cols[:0], N: b.N, Morsel: b.Morsel, Seq: b.Seq}
	if len(out) < b.N {
		l.out.Sel = out
	}
	for _, c := range j.ProbeCols {
		l.out.Cols = append(l.out.Cols, b.Cols[c])
	}
	if j.Kind == Mark {
		l.out.Cols = append(l.out.Cols, &l.mark)
	}
	return emit(&l.out)
}

// setMark computes the mark of the rows sel from l.hit: NULL where there is no partner but an unknown comparison.
func (l *probeLocal) setMark(b *vec.Batch, sel []int32, keys []*vec.Vector) error {
	j := l.j
	l.mark.Reset(types.TBoolean, b.N)
	vals := vec.Values[uint8](&l.mark)
	for _, i := range sel {
		vals[i] = 0
		if l.hit[i] {
			vals[i] = 1
		}
	}
	if !j.anyAware() || j.total == 0 {
		return nil
	}
	if len(keys) == 1 && j.Residual == nil {
		for _, i := range sel {
			if !l.hit[i] && (len(j.nulls) > 0 || keys[0].IsNull(int(i))) {
				l.mark.SetNull(int(i))
			}
		}
		return nil
	}
	return l.unknown(b, sel, keys)
}
