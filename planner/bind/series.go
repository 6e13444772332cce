package bind

import (
	"math"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/memory"
)

// series binds generate_series(start, stop, step) and range, which leaves out the stop: over integers, and over dates and timestamps with an
// interval as step. The values are made as they are read.
func (b *Binder) series(c *ast.Call, open bool, s *scope) (logical.Node, []column, error) {
	var args []expr.Expr
	for _, a := range c.Args {
		e, err := b.expr(a.Value, s)
		if err != nil {
			return nil, nil, err
		}
		args = append(args, e)
	}
	constant := true
	for _, e := range args {
		constant = constant && expr.IsConstant(e)
	}
	name := strings.ToLower(c.Name.Last())
	switch {
	case len(args) == 0 || len(args) > 3:
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s takes 1 to 3 values", name)
	case !constant: // of the rows to the left: a list for each, taken apart
		l, err := b.call(name, args, c.Pos)
		if err != nil {
			return nil, nil, err
		}
		u := &logical.Unnest{Input: &logical.Values{Rows: 1}}
		addList(b, u, l)
		u.Out[0].Name = name
		return u, plainColumns(u), nil
	case args[0].Type().IsTemporal() || len(args) == 3 && args[2].Type().Kind == types.Interval:
		return b.timeSeries(c, args, open)
	}
	var v []int64
	for i, e := range args {
		e, err := b.cast(e, types.TBigInt, c.Args[i].Value.Position())
		if err != nil {
			return nil, nil, err
		}
		k, err := b.Fold(e)
		if err != nil {
			return nil, nil, sqlerr.WithPos(err, c.Args[i].Value.Position())
		}
		if k.V.IsNull(0) { // no series
			n, cols := b.scan(&memory.Series{Name: name, Step: 1}, name)
			return n, cols, nil
		}
		v = append(v, intOf(k))
	}
	start, step, stop := int64(0), int64(1), v[0]
	if len(v) > 1 {
		start, stop = v[0], v[1]
	}
	if len(v) > 2 {
		step = v[2]
	}
	if step == 0 {
		return nil, nil, sqlerr.At(sqlerr.Data, c.Pos, "the step of %s must not be 0", c.Name)
	}
	n, cols := b.scan(&memory.Series{Name: name, First: start, Step: step, Count: seriesCount(start, stop, step, open)}, name)
	return n, cols, nil
}

// seriesCount gives the number of values from start by step up to stop, which is left out when open.
func seriesCount(start, stop, step int64, open bool) int64 {
	if step < 0 {
		start, stop = ^start, ^stop // order turned round, without overflow
		if step == math.MinInt64 {
			step++
		}
		step = -step
	}
	if start > stop || open && start == stop {
		return 0
	}
	span := uint64(stop) - uint64(start) // fits, whatever the signs
	if open {
		span--
	}
	return int64(min(span/uint64(step), math.MaxInt64-1)) + 1
}

// maxTimes is the most values of a series of times.
const maxTimes = 1 << 40

// timeSeries is start + k × step for k = 0, 1, …; how many there are is found by trying.
func (b *Binder) timeSeries(c *ast.Call, args []expr.Expr, open bool) (logical.Node, []column, error) {
	if len(args) != 3 || args[2].Type().Kind != types.Interval {
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s of times takes start, stop and an interval", c.Name.Last()).
			WithHint("%s(DATE '2024-01-01', DATE '2024-02-01', INTERVAL 1 DAY)", c.Name.Last())
	}
	nth := func(k expr.Expr) (expr.Expr, error) {
		step, err := b.call("*", []expr.Expr{args[2], k}, c.Pos)
		if err != nil {
			return nil, err
		}
		return b.call("+", []expr.Expr{args[0], step}, c.Pos)
	}
	holds := func(op kernel.CmpOp, l, r expr.Expr) (bool, error) {
		e, err := b.compare(op, l, r, c.Pos)
		if err != nil {
			return false, err
		}
		k, err := b.Fold(e)
		return err == nil && expr.IsTrue(k), sqlerr.WithPos(err, c.Pos)
	}
	second, err := nth(expr.NewInt(types.TBigInt, 1))
	if err != nil {
		return nil, nil, err
	}
	if same, err := holds(kernel.Eq, second, args[0]); err != nil || same {
		return nil, nil, sqlerr.At(sqlerr.Data, c.Pos, "the step of %s must not be 0", c.Name.Last())
	}
	up, err := holds(kernel.Gt, second, args[0])
	if err != nil {
		return nil, nil, err
	}
	op := kernel.Le
	switch {
	case up && open:
		op = kernel.Lt
	case !up && open:
		op = kernel.Gt
	case !up:
		op = kernel.Ge
	}
	inside := func(k int64) bool {
		e, err := nth(expr.NewInt(types.TBigInt, k))
		if err != nil {
			return false
		}
		ok, err := holds(op, e, args[1])
		return err == nil && ok // beyond the last time there is: past the end
	}
	count := int64(0)
	for step := int64(maxTimes); step > 0; step /= 2 {
		if inside(count + step - 1) {
			count += step
		}
	}
	name := strings.ToLower(c.Name.Last())
	n, cols := b.scan(&memory.Series{Name: name, Step: 1, Count: count}, name)
	e, err := nth(cols[0].Ref())
	if err != nil {
		return nil, nil, err
	}
	out := &logical.Project{Input: n, Out: []logical.Col{b.NewCol(name, e.Type())}, Values: []expr.Expr{e}}
	return out, plainColumns(out), nil
}
