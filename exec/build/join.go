package build

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/physical"
)

var joinKinds = map[physical.JoinKind]op.JoinKind{
	physical.Inner: op.Inner, physical.ProbeOuter: op.ProbeOuter, physical.BuildOuter: op.BuildOuter, physical.FullOuter: op.FullOuter,
	physical.Semi: op.Semi, physical.Anti: op.Anti, physical.BuildSemi: op.BuildSemi, physical.BuildAnti: op.BuildAnti,
	physical.Mark: op.Mark, physical.Single: op.Single,
}

// join ends the build side in a table and puts the probe on the other side; where build rows are given out later, they are another branch.
func (b *builder) join(x *physical.Join) (*stream, error) {
	bs, err := b.node(x.Build)
	if err != nil {
		return nil, err
	}
	jb := &op.JoinBuild{JoinSpec: op.JoinSpec{Kind: joinKinds[x.Kind], BuildTypes: bs.types(), NullEqual: x.NullEqual, NullAware: x.NullAware, Range: x.Range}}
	jb.KeyTypes = typesOf(x.BuildKeys)
	if x.Range != nil {
		last := len(jb.KeyTypes) - 1
		jb.KeyTypes, jb.RangeType = jb.KeyTypes[:last], jb.KeyTypes[last]
	}
	if len(x.BuildKeys) > 0 {
		if jb.BuildKeys, err = eval.Compile(x.BuildKeys, bs.layout()); err != nil {
			return nil, err
		}
	}
	built := b.end(bs, jb, nil)
	b.joins[x] = &joinBuild{jb, built} // the probe side's scans take filters from it
	ps, err := b.node(x.Probe)
	if err != nil {
		return nil, err
	}
	jb.ProbeTypes = ps.types()
	if len(x.ProbeKeys) > 0 {
		if jb.ProbeKeys, err = eval.Compile(x.ProbeKeys, ps.layout()); err != nil {
			return nil, err
		}
	}
	if err := b.residual(x, jb, ps, bs); err != nil {
		return nil, err
	}
	var out []logical.Col
	want := map[expr.ID]bool{}
	for _, c := range x.Out {
		want[c.ID] = true
	}
	mark := x.Kind == physical.Mark
	if x.Kind != physical.BuildSemi && x.Kind != physical.BuildAnti {
		for i, c := range ps.cols {
			if want[c.ID] {
				jb.ProbeCols = append(jb.ProbeCols, i)
				out = append(out, c)
			}
		}
	}
	if x.Kind != physical.Semi && x.Kind != physical.Anti && !mark {
		for i, c := range bs.cols {
			if want[c.ID] {
				jb.BuildCols = append(jb.BuildCols, i)
				out = append(out, c)
			}
		}
	}
	if mark {
		out = append(out, x.Out[len(x.Out)-1])
	}
	for _, p := range ps.pipes {
		p.After = append(p.After[:len(p.After):len(p.After)], built...)
	}
	b.stage(x, ps, &op.JoinProbe{Build: jb})
	ps.cols = out
	switch x.Kind {
	case physical.BuildOuter, physical.FullOuter, physical.BuildSemi, physical.BuildAnti:
		probes := append([]*flow.Pipeline(nil), ps.pipes...)
		rest := b.source(x, "join rest", &op.JoinRest{Build: jb}, out, append(probes, built...))
		ps.pipes = append(ps.pipes, rest.pipes...)
	}
	return ps, nil
}

// residual compiles the conditions that are no keys, over the columns of both sides.
func (b *builder) residual(x *physical.Join, jb *op.JoinBuild, ps, bs *stream) error {
	if len(x.Residual) == 0 {
		return nil
	}
	at := map[expr.ID]int{}
	for i, c := range ps.cols {
		at[c.ID] = i
	}
	used := map[expr.ID]bool{}
	for _, e := range x.Residual {
		expr.Columns(e, used)
	}
	jb.ResidualBuild = []int{}
	for i, c := range bs.cols {
		at[c.ID] = len(ps.cols) + i
		if used[c.ID] {
			jb.ResidualBuild = append(jb.ResidualBuild, i)
		}
	}
	p, err := eval.Compile([]expr.Expr{expr.AndAll(x.Residual)}, at)
	jb.Residual = p
	return err
}

func typesOf(list []expr.Expr) []types.Type {
	ts := make([]types.Type, len(list))
	for i, e := range list {
		ts[i] = e.Type()
	}
	return ts
}
