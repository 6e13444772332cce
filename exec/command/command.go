// Package command runs statements: it tells a query from a change of the catalog or the session, and does what each says. A
// statement's kind is one file here, under the name that it has in parser/ast.
package command

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/db"
)

// Env is what statements of a session run with.
type Env struct {
	Session *session.Session
	Funcs   *fn.Registry
	Mem     *mem.Budget
	Workers int // of the database; the setting threads goes before it
	Drivers []db.Driver
	Dry     bool // plan queries and writes, and run none; the catalog must be a Clone
}

// Result is what a statement gives: rows, or the number of rows that it changed.
type Result struct {
	Rows    *exec.Rows // nil for a statement without a result
	Changed int64
}

// run is one statement at work.
type run struct {
	*Env
	ctx    context.Context
	text   string
	params func(*ast.Param) *expr.Const
	fnCtx  *fn.Ctx
	// sources are the texts that errors may lie in
	sources *sqlerr.Sources

	following int // how deep foreign keys are being followed
}

// Run runs one statement, which was parsed from text. The rows of a query are read after Run has returned.
func Run(ctx context.Context, env *Env, text string, stmt ast.Statement, params func(*ast.Param) *expr.Const) (result *Result, err error) {
	defer func() { // workers have a guard of their own; this is for the phases before
		if p := recover(); p != nil {
			result, err = nil, sqlerr.Wrap(sqlerr.Internal, &flow.PanicError{Value: p, Stack: debug.Stack()}, "defect in planning this statement")
		}
	}()
	r := &run{Env: env, ctx: ctx, text: text, params: params}
	r.sources = sqlerr.NewSources(text)
	r.fnCtx = &fn.Ctx{NowMicros: time.Now().UnixMicro(), Location: env.Session.Location(), Setting: env.Session.Setting}
	if t, ok := stmt.(*ast.Transaction); ok {
		return r.transaction(t)
	}
	if env.Session.Failed() {
		return nil, sqlerr.New(sqlerr.Conflict, "a statement of this transaction failed: its end is all that is left").WithHint("ROLLBACK, or ROLLBACK TO a savepoint")
	}
	restarts, races := 0, 0
	for {
		var res *Result
		err := env.Session.Statement(text, func() (err error) {
			seq := &sequences{r: r, held: map[string]*held{}}
			r.fnCtx.Sequences = seq
			if res, err = r.statement(stmt); err == nil {
				err = seq.keep()
			}
			return err
		})
		var again *storage.RestartError
		switch {
		case err == nil:
			if res != nil && res.Rows != nil {
				res.Rows.OnError(r.sources.Resolve)
			}
			return res, nil
		case errors.As(err, &again) && restarts < maxRestarts:
			restarts++
			again.Apply()
			r.Session.StartOver()
			r.Session.Env.Notef(again.Note)
		case sqlerr.ClassOf(err) == sqlerr.Conflict && repeats(stmt) && !env.Session.InTransaction() && races < maxRaces:
			races++
			time.Sleep(time.Duration(rand.Int64N(int64(races) * int64(time.Millisecond))))
		default:
			return nil, r.sources.Resolve(err)
		}
	}
}

// repeats tells whether a statement that lost a race may simply run again upon what the other one left: one that
// only adds rows, changes none, or makes what is not there.
func repeats(stmt ast.Statement) bool {
	switch s := stmt.(type) {
	case *ast.Insert, *ast.MultiInsert, *ast.Copy, *ast.LoadData, *ast.Optimize, *ast.CheckTable:
		return true
	case *ast.CreateTable:
		return s.IfNotExists
	case *ast.CreateView:
		return s.IfNotExists
	case *ast.CreateDatabase:
		return s.IfNotExists
	}
	return false
}

// maxRaces bounds how often a statement runs again because another one was faster.
const maxRaces = 1000

// maxRestarts bounds how often a statement starts over; each time the type of at least one column has been widened.
const maxRestarts = 10000

func (r *run) statement(stmt ast.Statement) (*Result, error) {
	if res, err := r.foreign(stmt); res != nil || err != nil {
		return res, err
	}
	switch s := stmt.(type) {
	case *ast.Query:
		return r.query(s)
	case *ast.Summarize:
		return r.query(&ast.Query{At: s.At, Body: &ast.StatementBody{At: s.At, Statement: s}})
	case *ast.Assert:
		return r.assert(s)
	case *ast.Insert:
		return r.insert(s)
	case *ast.MultiInsert:
		return r.multiInsert(s)
	case *ast.Merge:
		return r.merge(s)
	case *ast.LoadData:
		return r.loadData(s)
	case *ast.Delete:
		return r.delete(s)
	case *ast.Update:
		return r.update(s)
	case *ast.Truncate:
		return r.truncate(s)
	case *ast.Copy:
		return r.copy(s)
	case *ast.Show:
		return r.show(s)
	case *ast.Describe:
		return r.describe(s)
	case *ast.Explain:
		return r.explain(s)
	case *ast.Execute:
		return r.execute(s)
	case *ast.ExecuteImmediate:
		return r.executeImmediate(s)
	case *ast.ExecuteIn:
		return r.executeIn(s)
	}
	return r.definition(stmt)
}

// definition runs the statements that change the catalog or the session, and no rows.
func (r *run) definition(stmt ast.Statement) (*Result, error) {
	switch s := stmt.(type) {
	case *ast.Set:
		return r.set(s)
	case *ast.Declare:
		return r.declareVariables(s)
	case *ast.CreateView:
		return r.createView(s)
	case *ast.CreateTable:
		return r.createTable(s)
	case *ast.CreateMacro:
		return r.createMacro(s)
	case *ast.CreateType:
		return r.createType(s)
	case *ast.CreateSequence:
		return r.createSequence(s)
	case *ast.CreateDatabase:
		return r.createDatabase(s)
	case *ast.CreateIndex: // accepted, without effect: files have no indexes but their own
		return &Result{}, nil
	case *ast.Drop:
		return r.drop(s)
	case *ast.AlterTable:
		return r.alter(s)
	case *ast.Command:
		return r.command(s)
	case *ast.RollbackTable:
		return r.rollbackTable(s)
	case *ast.Optimize:
		return r.optimize(s)
	case *ast.Analyze:
		return r.analyze(s)
	case *ast.CheckTable:
		return r.checkTable(s)
	case *ast.AlterDatabase:
		return r.alterDatabase(s)
	case *ast.Comment:
		return r.comment(s)
	case *ast.Msck:
		return r.msck(s)
	case *ast.Use:
		return r.use(s)
	case *ast.Reset:
		return r.reset(s)
	case *ast.Prepare:
		return r.prepare(s)
	case *ast.Deallocate:
		return r.deallocate(s)
	case *ast.Attach:
		return r.attach(s)
	case *ast.Detach:
		return r.detach(s)
	case *ast.CreateSecret:
		return r.createSecret(s)
	}
	return nil, sqlerr.At(sqlerr.Unsupported, stmt.Position(), "this statement is not supported yet")
}

func (r *run) planEnv() *planner.Env {
	return &planner.Env{Session: r.Session, Funcs: r.Funcs, FnCtx: r.fnCtx, Params: r.params, Sources: r.sources, Rows: r.collectBound}
}

// task makes the task that a plan runs as.
func (r *run) task() *flow.Task {
	return &flow.Task{
		Ctx: r.ctx, Mem: r.Mem, Workers: r.threads(), BatchSize: r.batchSize(), Fn: r.fnCtx, Env: r.Session.Env,
	}
}

func (r *run) query(q *ast.Query) (*Result, error) {
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	if err != nil {
		return nil, err
	}
	if r.Dry {
		return &Result{}, nil
	}
	if takesNumbers(p.Bound) { // how far the sequences come has to be known when the statement ends
		fields, b, err := r.collect(p.Physical, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		return &Result{Rows: exec.Static(fields, b)}, nil
	}
	rows, err := exec.Run(r.task(), p.Physical, nil)
	if err != nil {
		return nil, err
	}
	if err := rows.Peek(r.ctx); err != nil { // so that a restart happens before the caller knows the columns
		_ = rows.Close()
		return nil, err
	}
	return &Result{Rows: rows}, nil
}
