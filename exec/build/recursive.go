package build

import (
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/physical"
)

// round is the rows of a recursion's last round.
type round struct {
	cols []*vec.Vector
	n    int
}

// recursive ends the first rows in the operator that runs the recursion; the step is built anew for every round, over the rows of the round
// before.
func (b *builder) recursive(x *physical.Recursive) (*stream, error) {
	s, err := b.branch(x.First, x.Maps[0])
	if err != nil {
		return nil, err
	}
	sink := &op.Recursive{Types: s.types(), All: x.All}
	outer := b.working
	sink.Step = func(t *flow.Task, last []*vec.Vector, n int, emit func(*vec.Batch) error) error {
		inner := &builder{t: t, shared: map[*physical.SharedDef]*sharedBuild{}, joins: map[*physical.Join]*joinBuild{}, working: map[*logical.RecursiveDef]round{x.Def: {last, n}}}
		for d, r := range outer {
			inner.working[d] = r
		}
		st, err := inner.branch(x.Step, x.Maps[1])
		if err != nil {
			return err
		}
		inner.end(st, &op.TableWriter{Types: sink.Types, Ordered: true, Write: emit}, nil)
		return flow.Run(t, inner.done)
	}
	pipes := b.end(s, sink, x)
	return b.source(x, "recursive "+x.Def.Name, sink.Source(), x.Out, pipes), nil
}
