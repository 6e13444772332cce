// Package eval runs bound expressions over batches. Compile flattens expression trees into a list of nodes, each with its
// kernel, its argument nodes and a register a worker owns; equal subtrees that are always evaluated share a node. CASE, AND, OR
// and COALESCE run their branches on narrowed selections only, so an error that a guard excludes never fires.
//
// Dictionaries: a function of one dictionary-coded column and constants is computed once for the dictionary, not for the rows
// (lift.go); the result keeps the codes, so that the functions above it are lifted as well.
//
// Decimals: a DECIMAL of more than 18 digits is carried in 64 bits as long as a batch's values fit; results leave in the layout of their
// type unless the program was compiled for aggregate inputs.
//
// Memory: a Machine's results lie in its registers and are overwritten by the next call.
package eval

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
)

// kind tells what a node does.
type kind uint8

const (
	kColumn kind = iota
	kConst
	kCall
	kCast
	kCompare
	kNullSafe
	kLogic
	kNot
	kIsNull
	kCase
	kCoalesce
	kLambda
	kIn
)

// node is one step of a program.
type node struct {
	kind   kind
	t      types.Type
	args   []int32 // nodes; Case: cond, then, cond, then, …, else
	col    int
	konst  *vec.Vector
	fn     *fn.Overload
	run    fn.Eval
	caster *kernel.Caster
	op     kernel.CmpOp
	flag   bool // Logic: OR; IsNull, In: NOT; Cast: TRY
	set    *set
	lambda *lambda
	pos    int
	column string // Cast: what the value is for
	lift   bool   // a function of one argument that is not constant, and the same each time
}

// Program is compiled expressions. It is immutable and implements flow.Program.
type Program struct {
	nodes  []node
	roots  []int32
	narrow bool
}

// compiler builds a Program.
type compiler struct {
	p      *Program
	layout map[expr.ID]int
	shared map[string]int32
}

// Compile makes a program that computes exprs over batches whose column layout[id] holds column id.
func Compile(exprs []expr.Expr, layout map[expr.ID]int) (*Program, error) {
	return compile(exprs, layout, false)
}

// CompileInputs is Compile for the arguments of aggregates, which take decimals in 64 bits too.
func CompileInputs(exprs []expr.Expr, layout map[expr.ID]int) (*Program, error) {
	return compile(exprs, layout, true)
}

// Columns gives the columns that the expressions are, or nil when one is anything else.
func (p *Program) Columns() []int {
	out := make([]int, len(p.roots))
	for i, r := range p.roots {
		if p.nodes[r].kind != kColumn {
			return nil
		}
		out[i] = p.nodes[r].col
	}
	return out
}

func compile(exprs []expr.Expr, layout map[expr.ID]int, narrow bool) (*Program, error) {
	c := &compiler{p: &Program{narrow: narrow}, layout: layout, shared: map[string]int32{}}
	for _, e := range exprs {
		n, err := c.node(e, false)
		if err != nil {
			return nil, err
		}
		c.p.roots = append(c.p.roots, n)
	}
	return c.p, nil
}

// node compiles e. conditional tells that it may run for fewer rows than the whole selection: such nodes are not shared.
func (c *compiler) node(e expr.Expr, conditional bool) (int32, error) {
	key := ""
	switch e.(type) {
	case *expr.Const:
	case *expr.Column, *expr.Var:
		key = expr.Key(e)
	default:
		if !conditional && !expr.Volatile(e) {
			key = expr.Key(e)
		}
	}
	if key != "" {
		if n, ok := c.shared[key]; ok {
			return n, nil
		}
	}
	n := node{t: e.Type()}
	if err := c.fill(&n, e, conditional); err != nil {
		return 0, err
	}
	c.p.nodes = append(c.p.nodes, n)
	id := int32(len(c.p.nodes) - 1)
	if key != "" {
		c.shared[key] = id
	}
	return id, nil
}

func (c *compiler) fill(n *node, e expr.Expr, cond bool) error {
	switch e := e.(type) {
	case *expr.Column:
		col, ok := c.layout[e.ID]
		if !ok {
			return sqlerr.New(sqlerr.Internal, "column %s (#%d) is not in the input", e.Name, e.ID)
		}
		n.kind, n.col = kColumn, col
		return nil
	case *expr.Var:
		col, ok := c.layout[e.ID]
		if !ok {
			return sqlerr.New(sqlerr.Internal, "parameter %s is not in the input", e.Name)
		}
		n.kind, n.col = kColumn, col
		return nil
	case *expr.Lambda:
		return c.lambda(n, e, cond)
	case *expr.Const:
		n.kind, n.konst = kConst, e.V
		return nil
	case *expr.Call:
		return c.call(n, e, cond)
	case *expr.Cast:
		k, ok := kernel.NewCaster(e.Arg.Type(), e.T)
		if !ok {
			return sqlerr.At(sqlerr.Bind, e.Pos, "cannot cast %s to %s", e.Arg.Type(), e.T)
		}
		n.kind, n.caster, n.flag, n.pos, n.column = kCast, k, e.Try, e.Pos, e.For
		return c.strict(n, []expr.Expr{e.Arg}, cond)
	case *expr.Compare:
		n.kind, n.op = kCompare, e.Op
		if e.NullSafe {
			n.kind = kNullSafe
			return c.args(n, []expr.Expr{e.L, e.R}, cond, cond)
		}
		return c.strict(n, []expr.Expr{e.L, e.R}, cond)
	case *expr.InList:
		n.kind, n.flag = kIn, e.Not
		n.set = newSet(e.List, e.HasNull)
		return c.strict(n, []expr.Expr{e.Arg}, cond)
	case *expr.IsNull:
		n.kind, n.flag = kIsNull, e.Not
		return c.args(n, []expr.Expr{e.Arg}, cond, cond)
	case *expr.Not:
		n.kind = kNot
		return c.strict(n, []expr.Expr{e.Arg}, cond)
	case *expr.Logic:
		n.kind, n.flag = kLogic, e.Or
		return c.args(n, e.Terms, cond, true)
	case *expr.Case:
		n.kind = kCase
		return c.args(n, expr.Children(e), cond, true)
	case *expr.Coalesce:
		n.kind = kCoalesce
		return c.args(n, e.Args, cond, true)
	}
	return sqlerr.New(sqlerr.Internal, "cannot evaluate %T here", e)
}

// args compiles list: its first with condition first, the others with rest.
func (c *compiler) args(n *node, list []expr.Expr, first, rest bool) error {
	for i, a := range list {
		cond := rest
		if i == 0 {
			cond = first
		}
		id, err := c.node(a, cond)
		if err != nil {
			return err
		}
		n.args = append(n.args, id)
	}
	return nil
}

// strict compiles the arguments of a node that can be lifted to dictionaries.
func (c *compiler) strict(n *node, list []expr.Expr, cond bool) error {
	if err := c.args(n, list, cond, cond); err != nil {
		return err
	}
	vars := 0
	for _, a := range n.args {
		if c.p.nodes[a].kind != kConst {
			vars++
		}
	}
	n.lift = vars == 1
	return nil
}

func (c *compiler) call(n *node, e *expr.Call, cond bool) error {
	n.kind, n.fn, n.run, n.pos = kCall, e.Fn, e.Fn.Eval, e.Pos
	if e.Fn.Prepare != nil {
		args := make([]fn.Arg, len(e.Args))
		for i, a := range e.Args {
			args[i] = expr.ArgOf(a)
		}
		run, err := e.Fn.Prepare(args)
		if err != nil {
			return sqlerr.WithPos(err, e.Pos)
		}
		if run != nil {
			n.run = run
		}
	}
	if n.run == nil {
		return sqlerr.At(sqlerr.Internal, e.Pos, "function %s has no code", e.Fn.Func.Name)
	}
	if err := c.strict(n, e.Args, cond); err != nil {
		return err
	}
	n.lift = n.lift && !e.Fn.Volatile && !e.Fn.NullAware && !e.Fn.Result.IsNested()
	return nil
}

// Machine makes a worker's registers.
func (p *Program) Machine(t *flow.Task) flow.Machine {
	m := &machine{p: p, regs: make([]register, len(p.nodes))}
	if t != nil && t.Fn != nil {
		m.ctx = *t.Fn
	}
	m.ctx.Decimals = &kernel.Decimals{}
	m.out = make([]*vec.Vector, len(p.roots))
	m.wide = make([]vec.Vector, len(p.roots))
	return m
}
