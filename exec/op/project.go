package op

import (
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
)

// Project replaces the columns by the values of Exprs. It is a flow.Stage.
type Project struct {
	Exprs flow.Program
}

// Local makes a worker's part.
func (p *Project) Local(t *flow.Task) (flow.Transform, error) {
	return &projectLocal{m: p.Exprs.Machine(t)}, nil
}

type projectLocal struct {
	m    flow.Machine
	cols []*vec.Vector
	out  vec.Batch
}

func (p *projectLocal) Push(b *vec.Batch, emit flow.Emit) error {
	cols, err := p.m.Eval(b)
	if err != nil {
		return err
	}
	p.out = *b
	p.cols = append(p.cols[:0], cols...)
	p.out.Cols = p.cols
	return emit(&p.out)
}

func (p *projectLocal) Flush(flow.Emit) error { return nil }

// Columns keeps the columns Keep, in that order, without computing anything. It is a flow.Stage.
type Columns struct {
	Keep []int
}

// Local makes a worker's part.
func (c *Columns) Local(*flow.Task) (flow.Transform, error) {
	return &columnsLocal{keep: c.Keep, cols: make([]*vec.Vector, len(c.Keep))}, nil
}

type columnsLocal struct {
	keep []int
	cols []*vec.Vector
	out  vec.Batch
}

func (c *columnsLocal) Push(b *vec.Batch, emit flow.Emit) error {
	for i, k := range c.keep {
		c.cols[i] = b.Cols[k]
	}
	c.out = *b
	c.out.Cols = c.cols
	return emit(&c.out)
}

func (c *columnsLocal) Flush(flow.Emit) error { return nil }
