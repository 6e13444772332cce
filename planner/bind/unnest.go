package bind

import (
	"math"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage/memory"
)

// unnest binds UNNEST(list) in FROM; s holds the columns to its left.
func (b *Binder) unnest(r *ast.TableFunc, s *scope) (logical.Node, []column, error) {
	return nil, nil, sqlerr.At(sqlerr.Unsupported, r.Pos, "%s in FROM is not supported yet", r.Call.Name)
}

// lateralView binds LATERAL VIEW explode(list) t AS c.
func (b *Binder) lateralView(v ast.LateralView, _ logical.Node, _ []column, _ *scope) (logical.Node, []column, error) {
	return nil, nil, sqlerr.At(sqlerr.Unsupported, v.Pos, "LATERAL VIEW is not supported yet")
}

// series binds generate_series(start, stop, step) and range, which leaves out the stop, over integers. The values are made as they are read.
func (b *Binder) series(c *ast.Call, open bool, _ *scope) (logical.Node, []column, error) {
	var v []int64
	for _, a := range c.Args {
		e, err := b.expr(a.Value, &scope{})
		if err != nil {
			return nil, nil, err
		}
		if e, err = b.cast(e, types.TBigInt, a.Value.Position()); err != nil {
			return nil, nil, err
		}
		k, err := b.Fold(e)
		if err != nil {
			return nil, nil, err
		}
		v = append(v, intOf(k))
	}
	start, step := int64(0), int64(1)
	var stop int64
	switch len(v) {
	case 1:
		stop = v[0]
	case 2:
		start, stop = v[0], v[1]
	case 3:
		start, stop, step = v[0], v[1], v[2]
	default:
		return nil, nil, sqlerr.At(sqlerr.Bind, c.Pos, "%s takes 1 to 3 integers", c.Name)
	}
	if step == 0 {
		return nil, nil, sqlerr.At(sqlerr.Data, c.Pos, "the step of %s must not be 0", c.Name)
	}
	name := strings.ToLower(c.Name.Last())
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

// mentions tells whether a query reads a table of that name.
func mentions(q *ast.Query, name string) bool {
	found := false
	var ref func(r ast.TableRef)
	var body func(x ast.QueryBody)
	ref = func(r ast.TableRef) {
		switch x := r.(type) {
		case *ast.TableName:
			found = found || len(x.Name) == 1 && strings.EqualFold(x.Name[0].Text, name)
		case *ast.Join:
			ref(x.Left)
			ref(x.Right)
		case *ast.ParenRef:
			ref(x.Ref)
		case *ast.Subquery:
			body(x.Query)
		}
	}
	body = func(x ast.QueryBody) {
		switch x := x.(type) {
		case *ast.Select:
			for _, r := range x.From {
				ref(r)
			}
		case *ast.SetOp:
			body(x.Left)
			body(x.Right)
		case *ast.Query:
			body(x.Body)
		}
	}
	body(q)
	return found
}

// astHasAgg tells whether an aggregate call stands in e, outside subqueries.
func (b *Binder) astHasAgg(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Call); ok && c.Over == nil {
			f := b.Funcs.Lookup(c.Name.Last())
			found = found || f != nil && f.Kind == fn.Aggregate
		}
		return !found
	})
	return found
}
