// Package planner turns a query into a physical plan: bind, optimise, choose. Nothing else is here.
package planner

import (
	"context"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/eval"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/opt"
	"github.com/skep-sql/skep/planner/physical"
)

// Env is what a query is planned in.
type Env struct {
	Session *session.Session
	Funcs   *fn.Registry
	FnCtx   *fn.Ctx
	Params  func(p *ast.Param) *expr.Const                     // gives a parameter's value, or nil; may be nil
	Rows    func(n logical.Node, most int) (*vec.Batch, error) // runs a plan that decides what the query means
	Sources *sqlerr.Sources                                    // the texts of the statement; nil if errors need no places
}

// Plans are the stages of one query's plan.
type Plans struct {
	Bound     logical.Node
	Optimised logical.Node
	Physical  physical.Node
}

// Binder makes a binder for a statement.
func (e *Env) Binder(ctx context.Context) *bind.Binder {
	return bind.New(bind.Env{
		Ctx: ctx, Session: e.Session, Funcs: e.Funcs, FnCtx: e.FnCtx, Params: e.Params, Sources: e.Sources, Rows: e.Rows,
		Fold: func(x expr.Expr) (*expr.Const, error) { return eval.Constant(x, e.FnCtx) },
	})
}

// Query plans a query.
func Query(ctx context.Context, e *Env, q *ast.Query) (*Plans, error) {
	b := e.Binder(ctx)
	n, err := b.Query(q)
	if err != nil {
		return nil, err
	}
	return Finish(e, b, n)
}

// Finish optimises a bound plan and chooses its physical plan.
func Finish(e *Env, b *bind.Binder, n logical.Node) (*Plans, error) {
	p := &Plans{Bound: n}
	c := &opt.Context{Fn: e.FnCtx, Funcs: e.Funcs, NewCol: func(name string, like logical.Col) logical.Col { return b.NewCol(name, like.Type) }}
	var err error
	if p.Optimised, err = opt.Optimise(c, n, e.Session.Setting("optimizer") == "false"); err != nil {
		return nil, err
	}
	p.Physical, err = physical.Plan(p.Optimised)
	return p, err
}
