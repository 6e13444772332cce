// Package build makes pipelines of a physical plan: the only room that sees plans and operators. Each kind of node has a function that
// gives a stream: one or more pipelines under construction (UNION ALL and outer joins have several branches) and the place of every
// column in their batches. A node that needs all its input first, such as an aggregate, ends the stream in a sink and starts a new
// one from what the sink holds.
package build

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/physical"
)

// Build makes the pipelines of plan, ending in sink, whose columns are those of plan in order. observe, if not nil, gives the counters of
// each node, for EXPLAIN ANALYZE.
func Build(t *flow.Task, plan physical.Node, sink flow.Sink, observe func(physical.Node) *flow.OpStats) ([]*flow.Pipeline, error) {
	b := &builder{t: t, observe: observe, shared: map[*physical.SharedDef]*sharedBuild{}, joins: map[*physical.Join]*joinBuild{},
		tops: map[*physical.Scan]topScan{}}
	s, err := b.node(plan)
	if err != nil {
		return nil, err
	}
	if err := s.reorder(plan.Cols()); err != nil {
		return nil, err
	}
	b.end(s, sink, nil)
	return b.done, nil
}

type builder struct {
	t       *flow.Task
	observe func(physical.Node) *flow.OpStats
	shared  map[*physical.SharedDef]*sharedBuild
	joins   map[*physical.Join]*joinBuild
	tops    map[*physical.Scan]topScan
	done    []*flow.Pipeline
	working map[*logical.RecursiveDef]round // the last rounds of the recursions that this plan is a step of
}

type sharedBuild struct {
	buf   *op.Buffer
	cols  []logical.Col
	pipes []*flow.Pipeline
}

// joinBuild is a join's build side and the pipelines that fill it.
type joinBuild struct {
	sink  *op.JoinBuild
	pipes []*flow.Pipeline
}

// stream is pipelines under construction: they lack their sink.
type stream struct {
	pipes []*flow.Pipeline
	cols  []logical.Col // the columns of their batches
}

func (s *stream) layout() map[expr.ID]int {
	m := make(map[expr.ID]int, len(s.cols))
	for i, c := range s.cols {
		m[c.ID] = i
	}
	return m
}

func (s *stream) types() []types.Type {
	ts := make([]types.Type, len(s.cols))
	for i, c := range s.cols {
		ts[i] = c.Type
	}
	return ts
}

// add puts a stage on every branch. Branches share it.
func (s *stream) add(st flow.Stage) {
	for _, p := range s.pipes {
		p.Stages = append(p.Stages, st)
	}
}

// reorder brings the batches' columns into the order of cols.
func (s *stream) reorder(cols []logical.Col) error {
	at := s.layout()
	keep := make([]int, len(cols))
	same := len(cols) == len(s.cols)
	for i, c := range cols {
		k, ok := at[c.ID]
		if !ok {
			return sqlerr.New(sqlerr.Internal, "column %s (#%d) is not in the input", c.Name, c.ID)
		}
		keep[i] = k
		same = same && k == i
	}
	if !same {
		s.add(&op.Columns{Keep: keep})
		s.cols = cols
	}
	return nil
}

func (b *builder) stats(n physical.Node) *flow.OpStats {
	if b.observe == nil {
		return nil
	}
	return b.observe(n)
}

// source starts a stream of node n.
func (b *builder) source(n physical.Node, name string, src flow.Source, cols []logical.Col, after []*flow.Pipeline) *stream {
	if st := b.stats(n); st != nil {
		src = flow.ObserveSource(src, st)
	}
	return &stream{pipes: []*flow.Pipeline{{Name: name, Source: src, After: after}}, cols: cols}
}

// stage puts node n's stage on s.
func (b *builder) stage(n physical.Node, s *stream, st flow.Stage) {
	if o := b.stats(n); o != nil {
		st = flow.ObserveStage(st, o)
	}
	s.add(st)
}

// end closes the stream's pipelines with node n's sink (n may be nil), and gives them.
func (b *builder) end(s *stream, sink flow.Sink, n physical.Node) []*flow.Pipeline {
	if n != nil {
		if o := b.stats(n); o != nil {
			sink = flow.ObserveSink(sink, o)
		}
	}
	for _, p := range s.pipes {
		p.Sink = sink
	}
	b.done = append(b.done, s.pipes...)
	return s.pipes
}

func (b *builder) node(n physical.Node) (*stream, error) {
	switch x := n.(type) {
	case *physical.Scan:
		return b.scan(x)
	case *physical.Values:
		return b.source(x, "values", &op.Values{Cols: x.Data, N: x.N}, x.Out, nil), nil
	case *physical.Filter:
		s, err := b.node(x.Input)
		if err != nil {
			return nil, err
		}
		p, err := eval.Compile([]expr.Expr{expr.AndAll(x.Preds)}, s.layout())
		if err != nil {
			return nil, err
		}
		b.stage(x, s, &op.Filter{Cond: p})
		return s, nil
	case *physical.Project:
		s, err := b.node(x.Input)
		if err != nil {
			return nil, err
		}
		p, err := eval.Compile(x.Values, s.layout())
		if err != nil {
			return nil, err
		}
		b.stage(x, s, &op.Project{Exprs: p})
		s.cols = x.Out
		return s, nil
	case *physical.Join:
		return b.join(x)
	case *physical.Aggregate:
		return b.aggregate(x)
	case *physical.Sort:
		return b.sort(x)
	case *physical.Limit:
		s, err := b.node(x.Input)
		if err != nil {
			return nil, err
		}
		b.stage(x, s, &op.Limit{Offset: x.Offset, Count: x.Count, Ordered: true})
		return s, nil
	case *physical.Window:
		return b.window(x)
	case *physical.Recursive:
		return b.recursive(x)
	case *physical.Working:
		w := b.working[x.Def]
		return b.source(x, "last rows of "+x.Def.Name, &op.Values{Cols: w.cols, N: w.n}, x.Out, nil), nil
	case *physical.Unnest:
		s, err := b.node(x.Input)
		if err != nil {
			return nil, err
		}
		p, err := eval.Compile(x.Lists, s.layout())
		if err != nil {
			return nil, err
		}
		b.stage(x, s, &op.Unnest{Lists: p, Types: typesOf(x.Lists), Ordinal: x.Ordinal, Outer: x.Outer})
		s.cols = append(s.cols[:len(s.cols):len(s.cols)], x.Out[len(x.Input.Cols()):]...)
		return s, nil
	case *physical.SetOp:
		return b.setOp(x)
	case *physical.Shared:
		return b.sharedRead(x)
	}
	return nil, sqlerr.New(sqlerr.Internal, "no operator for %T", n)
}

func (b *builder) sharedRead(x *physical.Shared) (*stream, error) {
	d := b.shared[x.Def]
	if d == nil {
		s, err := b.node(x.Def.Plan)
		if err != nil {
			return nil, err
		}
		d = &sharedBuild{buf: &op.Buffer{Types: s.types()}, cols: s.cols}
		d.pipes = b.end(s, d.buf, nil)
		b.shared[x.Def] = d
	}
	at := map[expr.ID]int{}
	for i, c := range d.cols {
		at[c.ID] = i
	}
	keep := make([]int, len(x.Out))
	for i, id := range x.Source {
		k, ok := at[id]
		if !ok {
			return nil, sqlerr.New(sqlerr.Internal, "column #%d is not in the shared subplan %s", id, x.Def.Name)
		}
		keep[i] = k
	}
	s := b.source(x, x.Def.Name, d.buf.Source(), x.Out, d.pipes)
	s.add(&op.Columns{Keep: keep})
	return s, nil
}

func (b *builder) setOp(x *physical.SetOp) (*stream, error) {
	if x.Kind == logical.UnionAll {
		out := &stream{cols: x.Out}
		for i, in := range x.In {
			s, err := b.branch(in, x.Maps[i])
			if err != nil {
				return nil, err
			}
			out.pipes = append(out.pipes, s.pipes...)
		}
		return out, nil
	}
	sink := &op.SetOp{Except: x.Kind == logical.Except || x.Kind == logical.ExceptAll, All: x.Kind == logical.IntersectAll || x.Kind == logical.ExceptAll}
	for _, c := range x.Out {
		sink.Types = append(sink.Types, c.Type)
	}
	var after []*flow.Pipeline
	for i, in := range x.In {
		s, err := b.branch(in, x.Maps[i])
		if err != nil {
			return nil, err
		}
		after = append(after, b.end(s, sink.Side(i), nil)...)
	}
	return b.source(x, "set operation", sink.Source(), x.Out, after), nil
}

// branch gives input in with the columns ids in order.
func (b *builder) branch(in physical.Node, ids []expr.ID) (*stream, error) {
	s, err := b.node(in)
	if err != nil {
		return nil, err
	}
	byID := map[expr.ID]logical.Col{}
	for _, c := range s.cols {
		byID[c.ID] = c
	}
	cols := make([]logical.Col, len(ids))
	for i, id := range ids {
		cols[i] = byID[id]
	}
	return s, s.reorder(cols)
}
